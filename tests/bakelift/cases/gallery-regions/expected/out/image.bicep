@description('Name of the image template.')
@metadata({
  source: 'azure-arm.web'
})
param imageTemplateName string = 'web'

@description('Resource id of the user-assigned managed identity that Image Builder works with.')
param identityId string

@metadata({
  type: 'list(string)'
})
param regions array = [
  'East US'
  'west europe'
]

param location string = 'West Europe'

resource imageTemplate 'Microsoft.VirtualMachineImages/imageTemplates@2024-02-01' = {
  name: imageTemplateName
  location: location
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
      // What runs first.
      {
        type: 'Shell'
        name: '01-shell'
        inline: [
          'sudo apt-get update'
        ]
      }
    ]
    distribute: [
      {
        type: 'SharedImage'
        runOutputName: 'web-gallery'
        galleryImageId: resourceId('galleries', 'Microsoft.Compute/galleries/images/versions', 'shared', 'web', '1.0.0')
        targetRegions: map(union(map(concat(regions, [location]), region => toLower(replace(region, ' ', ''))), []), region => { name: region })
      }
    ]
    vmProfile: {
      vmSize: 'Standard_D2s_v5'
    }
  }
}

// Written by bakelift 0.1.0, 89296461b271aca7
