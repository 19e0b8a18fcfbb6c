"""What is known of one image build from its template alone. A text that only Azure knows is ""."""

from __future__ import annotations

import re

from bakelift.translator.plan.record import Record

#: What stands for an id or a name that the template does not say.
SUBSCRIPTION = "<subscription-id>"
GROUP = "<resource-group>"
IDENTITY = "<identity-id>"

OWN = "*"

#: Letters of any script, which resource groups may have, and signs that names, ids and addresses consist of.
_PLAIN = re.compile(r"[\w.()/:@%+=,~-]*")
_ID = re.compile(r"(?i)/subscriptions/([^/]+)/resourceGroups/([^/]+)")


class Source(Record):
    """``kind``: platform, managed, gallery, shared (community or direct shared), vhd, or "" when it is not known.

    ``id``: of the managed image or of the gallery's version; ``plan``: name, product and publisher of a purchase plan.
    """

    kind: str
    id: str = ""
    publisher: str = ""
    offer: str = ""
    sku: str = ""
    version: str = ""
    plan: tuple[str, str, str] | None = None

    @property
    def urn(self) -> str:
        return ":".join((self.publisher, self.offer, self.sku, self.version or "latest"))


class Replica(Record):
    """A region that a version is replicated to: copies, and the kind of storage that holds them."""

    region: str
    count: int = 1
    storage: str = "Standard_LRS"


class Destination(Record):
    """``kind``: managed, gallery, vhd. ``id``: of the image, or of the definition or version of a gallery.

    ``uri``: where a VHD goes; "" for the storage account of the staging group.
    """

    kind: str
    id: str = ""
    uri: str = ""
    regions: tuple[Replica, ...] = ()


class Facts(Record):
    """One image build. ``way``: imagebuilder or azure. ``group``: of the image template, or of the build's resources.

    ``temporary``: the group is made for the build and goes with it. ``identity``: the template's;
    ``machine_identities``: of the build VM. ``disk_gb``: 0 when it is as large as the source's. ``fetched``: addresses
    in Azure Storage that the service fetches scripts and files from; ``uploads``: that they are uploaded to before.
    ``vhd_to``: where VHDs are copied that the service keeps for the image template. ``accounts``: storage accounts that
    the command line names, as Azure answers: the address of the blobs, and the resource id, of each.
    ``deployment``: the template is handed over as a
    deployment. ``security``: security type, where one is asked for. ``iso``: the template of the preview built from an
    installation ISO. ``run_command``: steps go over Azure's Run Command. ``vault``: that the certificate of a Windows
    machine goes into, :data:`OWN` for one that is made and removed. ``snapshots``: of the disks are kept beside a
    managed image. ``data_disks``: the machine gets more disks. ``unknown``: what the template leaves to the deployment;
    ``bad``: what is no name that Azure knows.
    """

    image: str
    way: str
    subscription: str
    group: str
    os: str
    source: Source
    destinations: tuple[Destination, ...]
    location: str = ""
    api_version: str = ""
    identity: str = ""
    machine_identities: tuple[str, ...] = ()
    vm_size: str = ""
    disk_gb: int = 0
    subnet: str = ""
    container_subnet: str = ""
    staging: str = ""
    temporary: bool = False
    fetched: tuple[str, ...] = ()
    uploads: tuple[str, ...] = ()
    vhd_to: str = ""
    accounts: tuple[tuple[str, str], ...] = ()
    deployment: bool = False
    security: str = ""
    spot: bool = False
    run_command: bool = False
    vault: str = ""
    snapshots: bool = False
    data_disks: bool = False
    public_ip: bool = True
    iso: bool = False
    unknown: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()

    @property
    def template_id(self) -> str:
        """Of the image template, for Image Builder."""
        return f"{self.group_id}/providers/Microsoft.VirtualMachineImages/imageTemplates/{self.image}"

    @property
    def keeps_vhd(self) -> bool:
        """Whether the service keeps a VHD in its staging group, with which it goes."""
        return self.way == "imagebuilder" and any(d.kind == "vhd" and not d.uri for d in self.destinations)

    @property
    def copies_vhd(self) -> bool:
        """Whether a VHD is copied out before it goes."""
        return bool(self.vhd_to) and self.keeps_vhd

    @property
    def group_id(self) -> str:
        return group_id(self.subscription, self.group)


def is_plain(text: str) -> bool:
    """Whether a text can be a name, an id, or an address in Azure. It comes from a template, and goes into lines that
    somebody runs: whatever means more than itself to a shell is no name.
    """
    for placeholder in (SUBSCRIPTION, GROUP, IDENTITY):
        text = text.replace(placeholder, "")
    return _PLAIN.fullmatch(text) is not None


def group_id(subscription: str, group: str) -> str:
    return f"/subscriptions/{subscription}/resourceGroups/{group}"


def group_of(id: str) -> str:
    """The id of the resource group that a resource is in; "" for what is no such id."""
    found = _ID.match(id)
    return group_id(found[1], found[2]) if found is not None else ""


def subscription_of(id: str) -> str:
    found = _ID.match(id)
    return found[1] if found is not None else ""


def name_of(id: str) -> str:
    """The last name of an id."""
    return id.rstrip("/").rpartition("/")[2]


def parts(id: str) -> dict[str, str]:
    """The names of an id by the kind that stands before each, in lower case: ``{"galleries": "g", …}``."""
    words = id.strip("/").split("/")
    return {words[at].lower(): words[at + 1] for at in range(0, len(words) - 1, 2)}


def definition_of(id: str) -> str:
    """Of a version's or a definition's id that of the definition."""
    return re.sub(r"(?i)/versions/[^/]*$", "", id)


def region(text: str) -> str:
    """A region's name as Azure's answers spell it: ``East US 2`` is ``eastus2``."""
    return re.sub(r"[^a-z0-9]", "", text.lower())
