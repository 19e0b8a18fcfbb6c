"""The facts of a build that Azure runs directly, as azure-arm does: of an image's options."""

from __future__ import annotations

from bakelift.runner.azure.preflight.facts import (
    GROUP,
    OWN,
    SUBSCRIPTION,
    Destination,
    Facts,
    Replica,
    Source,
    is_plain,
    region,
)
from bakelift.translator.plan.azure import (
    GalleryOutput,
    GallerySource,
    ManagedImageOutput,
    ManagedImageSource,
    PlatformImage,
    VhdSource,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from bakelift.translator.plan.azure import AzureImage
    from bakelift.translator.plan.binder import ValueBinder
    from bakelift.translator.plan.model import Setting

_SNAPSHOTS = ("managed_image_os_disk_snapshot_name", "managed_image_data_disk_snapshot_prefix")
_COMPUTE = "providers/Microsoft.Compute"
#: The build VM of azure-arm where the template names none (its documentation, ``vm_size``).
SIZE = "Standard_A1"


def facts(image: AzureImage, binder: ValueBinder, subscription: str, run_command: bool = False) -> Facts:
    """``subscription``: "" where nobody says one. ``run_command``: steps are to go over Run Command."""
    return _Reader(image, binder, subscription or SUBSCRIPTION).read(run_command)


class _Reader:
    def __init__(self, image: AzureImage, binder: ValueBinder, subscription: str) -> None:
        self.image = image
        self.binder = binder
        self.subscription = subscription
        self.unknown: list[str] = []
        self.bad: list[str] = []

    def raw(self, setting: Setting | None, what: str = "") -> Any:
        """The value of a setting; None where it has none, or not yet (``what`` is then noted)."""
        if setting is None:
            return None
        value = self.binder.value(setting.value, what or "preflight")
        if not value.known or value.sensitive:  # what is secret is no name that may be printed
            self.unknown += [what] if what else []
            return None
        return value.raw

    def text(self, setting: Setting | None, what: str = "") -> str:
        found = self.raw(setting, what)
        text = "" if found is None else str(found)
        if not is_plain(text):
            self.bad.append(f"{what or 'a value'} ({text[:80]!r})")
            return ""
        return text

    def region(self, setting: Setting | None, what: str = "") -> str:
        """A region, which may be written as people do."""
        return region(str(self.raw(setting, what) or ""))

    def rest(self, name: str) -> str:
        return self.text(self.image.rest.get(name))

    def flag(self, name: str) -> bool:
        return self.rest(name).lower() == "true"

    def id(self, group: str, path: str, subscription: str = "") -> str:
        return f"/subscriptions/{subscription or self.subscription}/resourceGroups/{group or GROUP}/{path}"

    def read(self, run_command: bool) -> Facts:
        image = self.image
        group, temporary = self.rest("build_resource_group_name"), self.rest("temp_resource_group_name")
        communicator = self.rest("communicator") or "ssh"
        certificate = image.os_type == "Windows" and communicator == "ssh"
        run_command = run_command or communicator == "winrm"
        certificate = certificate and not run_command and not self.flag("skip_create_build_key_vault")
        network = image.network
        subnet = ""
        if network is not None:
            inside, name = self.text(network.resource_group), self.text(network.virtual_network, "the network")
            subnet = self.id(
                inside, f"providers/Microsoft.Network/virtualNetworks/{name}/subnets/{self.text(network.subnet)}"
            )
        return Facts(
            image=image.image.local_name,
            way="azure",
            subscription=self.subscription,
            group=group or temporary or "pkr-Resource-Group-*",
            os=image.os_type,
            source=self.source(),
            destinations=tuple(self.destination(output) for output in image.outputs),
            location=self.region(image.location, "the region of the build"),
            machine_identities=tuple(
                str(one.raw) for one in self.raw(image.identities) or () if one.known and is_plain(str(one.raw))
            ),
            vm_size=self.text(image.vm_size, "the size of the build VM") or SIZE,
            disk_gb=int(self.text(image.os_disk_size_gb) or 0),
            subnet=subnet,
            temporary=not group,
            security=self.rest("security_type"),
            spot=any(name.startswith("spot.") for name in image.rest),
            run_command=run_command,
            vault=(self.rest("build_key_vault_name") or OWN) if certificate else "",
            snapshots=any(name.startswith(_SNAPSHOTS) and self.rest(name) for name in image.rest),
            data_disks="disk_additional_size" in image.rest,
            public_ip=network is None or self.flag("private_virtual_network_with_public_ip"),
            unknown=tuple(dict.fromkeys(self.unknown)),
            bad=tuple(dict.fromkeys(self.bad)),
        )

    def source(self) -> Source:
        source = self.image.source
        if isinstance(source, PlatformImage):
            parts = (source.publisher, source.offer, source.sku)
            publisher, offer, sku = (self.text(part, "the source image") for part in parts)
            plan = source.plan
            words = (self.text(plan.name), self.text(plan.product), self.text(plan.publisher)) if plan else None
            return Source("platform", "", publisher, offer, sku, self.text(source.version) or "latest", words)
        if isinstance(source, ManagedImageSource):
            group, name = self.text(source.resource_group), self.text(source.name, "the source image")
            return Source("managed", self.text(source.id) or self.id(group, f"{_COMPUTE}/images/{name}"))
        if isinstance(source, GallerySource):
            return self.gallery(source)
        return Source("vhd", self.text(source.uri) if isinstance(source, VhdSource) else "")

    def gallery(self, source: GallerySource) -> Source:
        shared = self.text(source.community_id) or self.text(source.direct_shared_id)
        if shared:
            return Source("shared", shared)
        if source.id is not None:
            return Source("gallery", self.text(source.id, "the source image"))
        names = f"galleries/{self.text(source.gallery)}/images/{self.text(source.definition)}"
        version = self.text(source.version) or "latest"
        path = f"{_COMPUTE}/{names}/versions/{version}"
        return Source("gallery", self.id(self.text(source.resource_group), path, self.text(source.subscription)))

    def destination(self, output: Any) -> Destination:
        if isinstance(output, ManagedImageOutput):
            group, name = self.text(output.resource_group), self.text(output.name, "the managed image")
            place = self.region(self.image.location)
            id = self.text(output.id) or self.id(group, f"{_COMPUTE}/images/{name}")
            return Destination("managed", id, "", (Replica(place),))
        if isinstance(output, GalleryOutput):
            names = f"galleries/{self.text(output.gallery)}/images/{self.text(output.definition)}"
            path = f"{_COMPUTE}/{names}/versions/{self.text(output.version, 'the version of the gallery image')}"
            id = self.text(output.id) or self.id(self.text(output.resource_group), path, self.text(output.subscription))
            return Destination("gallery", id, "", tuple(self.replicas(output)))
        account = self.text(output.storage_account)
        uri = self.text(output.uri) or f"https://{account}.blob.core.windows.net/{self.text(output.container)}"
        path = f"providers/Microsoft.Storage/storageAccounts/{account}"
        return Destination("vhd", self.id(self.text(output.resource_group), path), uri)

    def replicas(self, output: GalleryOutput) -> list[Replica]:
        count = int(self.text(output.replica_count) or 1)
        storage = self.text(output.storage_account_type) or "Standard_LRS"
        found = [Replica(region(str(one.raw)), count, storage) for one in self.raw(output.regions) or () if one.known]
        for target in self.raw(output.target_regions) or ():
            data = target.raw if target.known and isinstance(target.raw, dict) else {}
            name, copies = data.get("name"), data.get("replicas")
            if name is not None and name.known:
                number = int(copies.raw) if copies is not None and copies.known and copies.raw else count
                found.append(Replica(region(str(name.raw)), number, storage))
        return found
