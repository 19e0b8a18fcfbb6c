// Images of the shop. They are built every week.

@description('Name of the image template.')
@metadata({
  source: 'azure-arm.web'
  build: 'shop'
  block: 'base'
})
param imageTemplateNameShopWeb string = 'shop-web'

@description('Name of the image template.')
@metadata({
  source: 'azure-arm.jobs'
  build: 'shop'
  block: 'base'
})
param imageTemplateNameShopJobs string = 'shop-jobs'

@description('Resource id of the user-assigned managed identity that Image Builder works with.')
param identityId string

// Where everything lives.
@description('Region of the builds')
param location string = 'westeurope'

@description('Whose turn it is')
@metadata({
  packerName: 'release-ring'
})
@allowed([
  'canary'
  'broad'
])
param release_ring string = 'canary'

param length int = 30

@description('When the template was deployed. Packer asks the clock at each build.')
param buildTime string = utcNow('yyyy-MM-ddTHH:mm:ssZ')

// As Packer's documentation names images.
var image_name = 'shop-${release_ring}-${dateTimeAdd(buildTime, 'PT0S', 'yyyyMMdd')}'

// The base of both.
// client_id: of the pipeline
resource imageTemplateShopWeb 'Microsoft.VirtualMachineImages/imageTemplates@2024-02-01' = {
  name: imageTemplateNameShopWeb
  location: location
  tags: {
    'cost center': '42'
    note: 'it\'s Z\u{fc}rich\'s: \${x}'
    ring: release_ring
  }
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    source: {
      type: 'PlatformImage'
      publisher: 'canonical'
      offer: 'ubuntu-24_04-lts'
      sku: 'server'
      version: 'latest'
    }
    customize: [
      // Packages first: they change least.
      {
        type: 'Shell'
        name: '01-shell'
        inline: [
          '# bakelift: {"prelude":2}'
          'export PACKER_BUILDER_TYPE=\'azure-arm\''
          'export PACKER_BUILD_NAME=\'base\''
          'sudo apt-get update'
          'sudo apt-get install -y nginx'
          '''echo 'it'"'"'s done' | sed -e 's/\(done\)/\1!/''''
        ]
      }
    ]
    distribute: [
      {
        type: 'ManagedImage'
        runOutputName: 'shop-web-managed'
        imageId: resourceId('images', 'Microsoft.Compute/images', '${image_name}-web')
        location: location
        artifactTags: {
          'cost center': '42'
          note: 'it\'s Z\u{fc}rich\'s: \${x}'
          ring: release_ring
        }
      }
    ]
    vmProfile: {
      // two cores are enough
      vmSize: 'Standard_D2s_v5'
      osDiskSizeGB: length
    }
    managedResourceTags: {
      'cost center': '42'
      note: 'it\'s Z\u{fc}rich\'s: \${x}'
      ring: release_ring
    }
  }
}

// The base of both.
// client_id: of the pipeline
resource imageTemplateShopJobs 'Microsoft.VirtualMachineImages/imageTemplates@2024-02-01' = {
  name: imageTemplateNameShopJobs
  location: location
  tags: {
    'cost center': '42'
    note: 'it\'s Z\u{fc}rich\'s: \${x}'
    ring: release_ring
  }
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    source: {
      type: 'PlatformImage'
      publisher: 'canonical'
      offer: 'ubuntu-24_04-lts'
      sku: 'server'
      version: 'latest'
    }
    customize: [
      // Packages first: they change least.
      {
        type: 'Shell'
        name: '01-shell'
        inline: [
          '# bakelift: {"prelude":2}'
          'export PACKER_BUILDER_TYPE=\'azure-arm\''
          'export PACKER_BUILD_NAME=\'base\''
          'sudo apt-get update'
          'sudo apt-get install -y nginx'
          '''echo 'it'"'"'s done' | sed -e 's/\(done\)/\1!/''''
        ]
      }
      {
        type: 'Shell'
        name: '02-shell'
        inline: [
          '# bakelift: {"environment_vars":["RING"],"prelude":1}'
          'export RING=\'${replace(release_ring, '\'', '\'"\'"\'')}\''
          'echo "$RING" | sudo tee /etc/ring'
        ]
      }
    ]
    distribute: [
      {
        type: 'ManagedImage'
        runOutputName: 'shop-jobs-managed'
        imageId: resourceId('images', 'Microsoft.Compute/images', '${image_name}-jobs')
        location: location
        artifactTags: {
          'cost center': '42'
          note: 'it\'s Z\u{fc}rich\'s: \${x}'
          ring: release_ring
        }
      }
    ]
    vmProfile: {
      // two cores are enough
      vmSize: 'Standard_D2s_v5'
      osDiskSizeGB: length
    }
    managedResourceTags: {
      'cost center': '42'
      note: 'it\'s Z\u{fc}rich\'s: \${x}'
      ring: release_ring
    }
  }
}

// Written by bakelift 0.1.0, 32cc613ec603580d
