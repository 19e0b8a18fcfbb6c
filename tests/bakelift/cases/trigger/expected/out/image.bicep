@description('Name of the image template.')
@metadata({
  source: 'azure-arm.web'
})
param imageTemplateName string = 'web'

@description('Resource id of the user-assigned managed identity that Image Builder works with.')
param identityId string

resource imageTemplate 'Microsoft.VirtualMachineImages/imageTemplates@2024-02-01' = {
  name: imageTemplateName
  location: 'westeurope'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    source: {
      type: 'PlatformImage'
      publisher: 'Canonical'
      offer: 'ubuntu-24_04-lts'
      sku: 'server'
      version: 'latest'
    }
    customize: [
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
        galleryImageId: resourceId('images', 'Microsoft.Compute/galleries/images', 'golden', 'web')
        targetRegions: [
          {
            name: 'westeurope'
          }
        ]
      }
    ]
    vmProfile: {
      vmSize: 'Standard_D2s_v5'
    }
  }
}

resource sourceTrigger 'Microsoft.VirtualMachineImages/imageTemplates/triggers@2024-02-01' = {
  name: '${imageTemplateName}/source'
  properties: {
    kind: 'SourceImage'
  }
  dependsOn: [
    imageTemplate
  ]
}

// Written by bakelift 0.1.0, 31fad88fb07ba394
