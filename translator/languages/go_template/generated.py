"""What a running build gives to its steps: ``build.ID``, {{build `ID`}}, ``{{ .ID }}``.

Facts: packer/provisioner.go (every builder's), the builders' own generated data (packer-plugin-azure
builder/azure/arm), packer-plugin-sdk communicator (the keys of ssh).
"""

from __future__ import annotations

_COMMON = """
    ID Host Port User Password ConnType PackerRunUUID PackerHTTPIP PackerHTTPPort PackerHTTPAddr
    SSHPublicKey SSHPrivateKey SSHPrivateKeyFile SSHAgentAuth WinRMPassword
"""
_AZURE = """
    SourceImageName TenantID SubscriptionID TempDeploymentName TempComputeName TempNicName TempOSDiskName
    TempDataDiskName TempResourceGroupName TempNsgName TempKeyVaultName TempSubnetName TempVirtualNetworkName
    TempPublicIPAddressName
"""
COMMON = frozenset(_COMMON.split())
#: By builder, for those of which it is known; others may give more than COMMON.
GENERATED_BY = {"null": COMMON, "file": COMMON, "azure-arm": COMMON | frozenset(_AZURE.split())}
_ELSEWHERE = """
    BuildRegion SourceAMI SourceAMICreationDate SourceAMIName SourceAMIOwner SourceAMIOwnerName ImageSha256
"""
#: Everything that is known of any builder. Other names, such as ``{{.BuildName}}`` of a post-processor or ``{{.Name}}``
#: of a boot command, are bound by single options and exist only as Go templates.
GENERATED = frozenset().union(*GENERATED_BY.values(), _ELSEWHERE.split())
