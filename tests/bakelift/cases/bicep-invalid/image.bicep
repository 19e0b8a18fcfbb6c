// The image of the shop's servers.

targetScope = 'resourceGroup'

@description('Region of the template')
param location string = resourceGroup().location

// Whose turn it is.
@allowed([
  'canary'
  'broad'
])
param ring string = 'canary'

@minValue(30)
param diskSize int = 64

var packages = [
  'nginx'
  'certbot'
]
var version = '1.0.${ring == 'broad' ? '1' : '0'}'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: 'image-builder'
}

resource gallery 'Microsoft.Compute/galleries@2023-07-03' existing = {
  name: 'shop'
  scope: resourceGroup('images')

  resource definition 'images' existing = {
    name: 'server'
  }
}

// Every week.
resource image 'Microsoft.VirtualMachineImages/imageTemplates@2024-02-01' = {
  name: 'shop server'
  location: location
  tags: {
    ring: ring
    'cost center': '42'
  }
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
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
    vmProfile: {
      vmSize: 'Standard_D2s_v5'
      osDiskSizeGB: diskSize
    }
    customize: [
      {
        type: 'Shell'
        name: 'packages'
        inline: [for package in packages: 'sudo apt-get install -y ${package}']
      }
    ]
    distribute: [
      {
        type: 'SharedImage'
        runOutputName: 'shop server'
        galleryImageId: '${gallery::definition.id}/versions/${version}'
        targetRegions: [
          {
            name: location
          }
        ]
      }
    ]
  }
}

output id string = image.id
