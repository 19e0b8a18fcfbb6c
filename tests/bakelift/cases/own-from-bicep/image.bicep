param identityId string
param proxySize string = 'Standard_A1_v2'

resource imageTemplate 'Microsoft.VirtualMachineImages/imageTemplates@2025-10-01' = {
  name: 'web'
  location: 'westeurope'
  tags: {
    team: 'web'
  }
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    buildTimeoutInMinutes: 120
    source: {
      type: 'PlatformImage'
      publisher: 'canonical'
      offer: 'ubuntu-24_04-lts'
      sku: 'server'
      version: 'latest'
    }
    customize: [
      {
        type: 'Shell'
        name: 'install'
        scriptUri: 'https://images.blob.core.windows.net/scripts/install.sh'
        sha256Checksum: '186ea20da38447cf0c59fa62a9dfaea3bdcca431517b83d3a9c00ebc2044e95a'
      }
      {
        type: 'File'
        name: 'configuration'
        sourceUri: 'https://images.blob.core.windows.net/files/web.conf'
        sha256Checksum: 'cdfa0c5939f8944b7864a388080c74806b0edfefceabf2b1dd705e86c5facb17'
        destination: '/tmp/web.conf'
      }
      {
        type: 'Shell'
        name: 'configure'
        inline: [
          'sudo install -m 0644 /tmp/web.conf /etc/web.conf'
        ]
      }
    ]
    optimize: {
      vmBoot: {
        state: 'Enabled'
      }
      workload: {
        state: 'Enabled'
        scriptUri: 'https://images.blob.core.windows.net/scripts/workload.sh'
        sha256Checksum: 'da928f3151e652944550c2539de08057b2bbb2f6eae370158a8fd9f564fb7619'
      }
    }
    validate: {
      continueDistributeOnFailure: false
      sourceValidationOnly: false
      inVMValidations: [
        {
          type: 'Shell'
          name: 'nginx answers'
          inline: [
            'curl -fsS localhost'
          ]
        }
        {
          type: 'Shell'
          name: 'baseline'
          scriptUri: 'https://images.blob.core.windows.net/scripts/baseline.sh'
          sha256Checksum: 'edd9d4835069be64f97eaa2066ed3cc258b762fab66653cda2b984f264e5cca4'
        }
        {
          type: 'File'
          name: 'expectations'
          sha256Checksum: 'edd9d4835069be64f97eaa2066ed3cc258b762fab66653cda2b984f264e5cca4'
          sourceUri: 'https://images.blob.core.windows.net/files/expected.txt'
          destination: '/tmp/expected.txt'
        }
      ]
    }
    distribute: [
      {
        type: 'SharedImage'
        runOutputName: 'web-gallery'
        galleryImageId: '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/galleries/providers/Microsoft.Compute/galleries/shared/images/web'
        excludeFromLatest: true
        artifactTags: {
          team: 'web'
        }
        versioning: {
          scheme: 'Latest'
          major: 1
        }
        replicationMode: 'Full'
        targetRegions: [
          {
            name: 'westeurope'
            replicaCount: 2
            storageAccountType: 'Standard_ZRS'
          }
          {
            name: 'northeurope'
            replicaCount: 1
            storageAccountType: 'Premium_LRS'
          }
        ]
      }
      {
        type: 'SharedImage'
        runOutputName: 'web-source-version'
        galleryImageId: '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/galleries/providers/Microsoft.Compute/galleries/shared/images/web-by-source'
        versioning: {
          scheme: 'Source'
        }
        replicationRegions: [
          'westeurope'
        ]
        storageAccountType: 'Standard_LRS'
      }
      {
        type: 'VHD'
        runOutputName: 'web-vhd'
        uri: 'https://goldenimages.blob.core.windows.net/vhds/web.vhd'
      }
    ]
    errorHandling: {
      onCustomizerError: 'abort'
      onValidationError: 'cleanup'
    }
    vmProfile: {
      vmSize: 'Standard_D2s_v5'
      osDiskSizeGB: 64
      userAssignedIdentities: [
        identityId
      ]
      vnetConfig: {
        subnetId: '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/network/providers/Microsoft.Network/virtualNetworks/build/subnets/packer'
        proxyVmSize: proxySize
      }
    }
    stagingResourceGroup: '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/web-staging'
    autoRun: {
      state: 'Enabled'
    }
    additionalDataDisks: [
      {
        sizeGB: 64
      }
    ]
    managedResourceTags: {
      cost: 'web'
    }
  }
}

