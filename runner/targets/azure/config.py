"""What a build in Azure is told, decoded and with defaults: the options of Packer's azure-arm builder.

Made by :func:`bakelift.runner.targets.azure.options.read_config`, a pure function. What only Azure can say is filled
in with :meth:`~bakelift.translator.plan.record.Record.but` while the build runs: fields that say "found later" are ""
or empty until then. Texts that are not said are ""; times are seconds. The defaults are those of packer-plugin-azure
2.6 (``builder/azure/arm/config.go``).
"""

from __future__ import annotations

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    from bakelift.runner.azure.credentials import Login
    from bakelift.runner.targets.azure.names import Names
    from bakelift.runner.targets.ssh import SshOptions

    OsType = Literal["Linux", "Windows"]
    CommunicatorKind = Literal["ssh", "winrm", "none"]


class Account(Record):
    """As whom, in which cloud and subscription. ``cloud``: ``cloud_environment_name`` as written.

    ``subscription``, ``tenant``, ``object_id``: found later where "".
    """

    login: Login
    cloud: str = "Public"
    subscription: str = ""
    tenant: str = ""
    object_id: str = ""


class MarketplaceSource(Record):
    publisher: str
    offer: str
    sku: str
    version: str = "latest"


class ManagedImageSource(Record):
    """``id``: found later, by name and group."""

    name: str
    resource_group: str
    id: str = ""


class GallerySource(Record):
    """An image of a compute gallery. ``version`` "": the latest. ``id``: of the version, or of the definition."""

    subscription: str
    resource_group: str
    gallery: str
    image: str
    version: str
    id: str


class SharedGallerySource(Record):
    """An image of a gallery that is shared with the community, or directly with the subscription or tenant."""

    id: str
    kind: Literal["community", "direct"]


class VhdSource(Record):
    uri: str


if TYPE_CHECKING:
    Source = MarketplaceSource | ManagedImageSource | GallerySource | SharedGallerySource | VhdSource


class ManagedImage(Record):
    """A managed image to make. Snapshots are made where they have names (of data disks: the prefix and 0, 1, …)."""

    name: str
    resource_group: str
    zone_resilient: bool = False
    os_disk_snapshot: str = ""
    data_disk_snapshot_prefix: str = ""


class TargetRegion(Record):
    """``name``: lower case, without spaces. ``replicas`` 0: not said."""

    name: str
    replicas: int = 0
    disk_encryption_set: str = ""


class GalleryImage(Record):
    """A version of a gallery's image to publish.

    ``subscription``: "" for that of the build. ``replication_regions`` (names as written, without the build's own) and
    ``target_regions``: one of them at most; :func:`target_regions` says what comes of them. ``storage_account_type``:
    "" is Azure's own default. ``end_of_life``: RFC 3339.
    """

    resource_group: str
    gallery: str
    image: str
    version: str
    subscription: str = ""
    replication_regions: tuple[str, ...] = ()
    target_regions: tuple[TargetRegion, ...] = ()
    storage_account_type: str = ""
    specialized: bool = False
    shallow: bool = False
    confidential_encryption: str = ""
    replicas: int = 0
    end_of_life: str = ""
    exclude_from_latest: bool = False
    timeout: float = 3600.0


class Vhd(Record):
    """A VHD blob to write. ``blob_endpoint``: of the account, with a slash at its end; found later.

    ``sas_duration``: how long the disk may be read for the copy.
    """

    storage_account: str
    resource_group: str
    container: str
    name_prefix: str = ""
    sas_duration: float = 86400.0
    blob_endpoint: str = ""


class Plan(Record):
    """The plan of a paid marketplace image."""

    name: str
    product: str
    publisher: str
    promotion_code: str = ""


class Disks(Record):
    """``os_size_gb`` 0: the image's. ``luns``: of the data disks; empty: the first free ones.

    ``storage_account_type``: of managed disks, the source's kind permitting.
    """

    os_size_gb: int = 0
    data_sizes_gb: tuple[int, ...] = ()
    luns: tuple[int, ...] = ()
    caching: str = "ReadWrite"
    controller: str = ""
    encryption_set: str = ""
    storage_account_type: str = "Standard_LRS"
    keep_os_disk: bool = False


class Network(Record):
    """``virtual_network`` "": one is made. Its ``subnet`` and ``resource_group``: found later where "".

    ``public_ip``: the VM gets a public address though the network exists. ``public_ip_sku``: Basic or Standard.
    ``accelerated`` None: Azure decides.
    """

    virtual_network: str = ""
    subnet: str = ""
    resource_group: str = ""
    public_ip: bool = False
    public_ip_sku: str = "Standard"
    allowed_addresses: tuple[str, ...] = ()
    accelerated: bool | None = None


class Security(Record):
    """``type`` and ``encryption``: "" where not said (``encryption`` has a default for confidential VMs)."""

    secure_boot: bool = False
    vtpm: bool = False
    type: str = ""
    encryption: str = ""
    encryption_at_host: bool | None = None


class Spot(Record):
    """``max_price``: dollars an hour, -1 for no limit."""

    eviction_policy: str
    max_price: float = -1.0


class Machine(Record):
    """The build VM. ``custom_data`` and ``user_data``: Base64. ``plan``: see :class:`Plan`."""

    size: str = "Standard_A1"
    disks: Disks = Disks()
    network: Network = Network()
    security: Security = Security()
    spot: Spot | None = None
    plan: Plan | None = None
    identities: tuple[str, ...] = ()
    custom_data: str = ""
    user_data: str = ""
    custom_script: str = ""
    boot_diagnostics_account: str = ""
    license_type: str = ""


class KeyVault(Record):
    """Of Windows builds. ``name``: of an existing one, else "" and :attr:`Names.key_vault` is made.

    ``skip``: none at all. ``expiration``: seconds until the secret expires, 0 for never. ``certificate_url``: found
    later.
    """

    name: str = ""
    secret_name: str = "packerKeyVaultSecret"
    sku: str = "standard"
    skip: bool = False
    expiration: float = 0.0
    certificate_url: str = ""


class WinRm(Record):
    """Options of the WinRM communicator; who logs in is :attr:`AzureConfig.user` with its password.

    ``port``: the one that the template says, else 5985, over TLS 5986. ``proxy``: the environment's proxy is used.
    """

    port: int = 5985
    timeout: float = 1800.0
    ssl: bool = False
    insecure: bool = False
    ntlm: bool = True
    proxy: bool = True


class AzureConfig(Record):
    """All that a build is told. ``location``: as written; found later where the resource group exists already.

    ``resource_group``: the one to build in; ``own_group``: it is made for this build and deleted with it.
    ``password``: of ``user`` on the VM, who may log in with it over ssh where ``ssh`` has it too.
    ``certificate_password``: of the certificate's PFX. ``ssh``: its host is found later where the template says none;
    so are its key, and with it ``ssh_public_key``, a line of authorized_keys (see ``keys``).
    ``source_data_disk_luns``: of the source image's data disks; found later, and asked for where there are more disks.
    ``without_effect``: options that are said and do nothing.
    """

    account: Account
    names: Names
    os_type: OsType
    communicator: CommunicatorKind
    source: Source
    location: str
    resource_group: str
    own_group: bool
    user: str
    password: str
    certificate_password: str
    ssh: SshOptions
    winrm: WinRm = WinRm()
    ssh_public_key: str = ""
    ssh_clear_authorized_keys: bool = False
    managed_image: ManagedImage | None = None
    gallery_image: GalleryImage | None = None
    vhd: Vhd | None = None
    machine: Machine = Machine()
    source_data_disk_luns: tuple[int, ...] = ()
    key_vault: KeyVault = KeyVault()
    tags: Mapping[str, str] = {}
    skip_create_image: bool = False
    delete_group_later: bool = False
    polling_timeout: float = 900.0
    without_effect: tuple[str, ...] = ()

    @property
    def port(self) -> int:
        """Of the communicator, on the VM; 0 without one."""
        return {"ssh": self.ssh.login.port, "winrm": self.winrm.port}.get(self.communicator, 0)

    @property
    def key_vault_name(self) -> str:
        """The vault with the certificate of a Windows build: an existing one, or the one that is made."""
        return self.key_vault.name or self.names.key_vault

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no log may show."""
        login = self.account.login
        found = (
            self.password,
            self.certificate_password,
            self.ssh.login.password,
            self.ssh.login.key,
            login.secret,
            login.certificate_password,
            login.assertion,
            login.request_token,
        )
        bastion = self.ssh.bastion
        more = (bastion.password, bastion.key) if bastion is not None else ()
        return tuple(dict.fromkeys(text for text in (*found, *more) if text))


def region(name: str) -> str:
    """The name of a region as Azure writes it: ``West Europe`` is ``westeurope``."""
    return name.lower().replace(" ", "")


def target_regions(config: AzureConfig) -> tuple[TargetRegion, ...]:
    """Where the version of a gallery's image goes to. ``location`` must be known.

    Those of ``target_region``, or the names of ``replication_regions`` with the build's own region (at the end where it
    is not among them), or the build's own alone. A region's own disk encryption set is that of its ``target_region``;
    else the build's region has that of the VM's disks.
    """
    image = config.gallery_image
    if image is None:
        return ()
    if image.target_regions:
        return image.target_regions
    here = region(config.location)
    own = TargetRegion(here, image.replicas, config.machine.disks.encryption_set)
    names = [region(name) for name in image.replication_regions]
    found = [own if name == here else TargetRegion(name, image.replicas) for name in names]
    return tuple(found) if here in names else (*found, own)


def replicas(config: AzureConfig) -> int:
    """The count of a gallery image's version as a whole: that of the build's own region where it has one."""
    image = config.gallery_image
    if image is None:
        return 0
    here = region(config.location)
    own = [each.replicas for each in image.target_regions if each.name == here and each.replicas]
    return own[-1] if own else image.replicas
