"""What a build in Azure would make, as far as the template says it: nothing is asked."""

from __future__ import annotations

from bakelift.runner.targets.azure import config as options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bakelift.runner.targets.azure.config import AzureConfig
    from bakelift.runner.ui import Ui


def show(config: AzureConfig, kind: str, ui: Ui) -> None:
    """``kind``: of the way into the machine."""
    ui.say("Would be made in Azure (nothing is asked, and nothing is made):")
    for name, value in _facts(config, kind):
        ui.say(f" -> {name:<15}: {value}")


def _facts(config: AzureConfig, kind: str) -> Iterator[tuple[str, str]]:
    machine, network = config.machine, config.machine.network
    yield "from", _source(config)
    group = config.resource_group
    yield "resource group", f"{group} in {config.location}, for this build" if config.own_group else f"{group} (exists)"
    spot = f", spot ({machine.spot.eviction_policy})" if machine.spot is not None else ""
    yield "machine", f"{config.names.compute}: {machine.size}, {config.os_type}{spot}"
    if network.virtual_network:
        subnet = f", subnet {network.subnet}" if network.subnet else ""
        yield "network", f"{network.virtual_network} (exists){subnet}{', with a public address' * network.public_ip}"
    else:
        yield "network", "one of its own, with a public address"
    yield "way in", {"run-command": "Run Command", "none": "none"}.get(kind, f"{kind}, port {config.port}")
    if config.skip_create_image:
        yield "image", "none (skip_create_image)"
        return
    image, version, vhd = config.managed_image, config.gallery_image, config.vhd
    if image is not None:
        yield "managed image", f"{image.name} in {image.resource_group}"
    if version is not None:
        names = ", ".join(region.name for region in options.target_regions(config)) if config.location else ""
        yield (
            "gallery version",
            f"{version.gallery}/{version.image}/{version.version}{f', in {names}' if names else ''}",
        )
    if vhd is not None:
        yield "VHD", f"{vhd.storage_account}/{vhd.container}/{vhd.name_prefix}{config.names.os_disk}.vhd"


def _source(config: AzureConfig) -> str:
    source = config.source
    if isinstance(source, options.MarketplaceSource):
        return f"{source.publisher}:{source.offer}:{source.sku}:{source.version}"
    if isinstance(source, options.ManagedImageSource):
        return f"managed image {source.name} in {source.resource_group}"
    if isinstance(source, options.VhdSource):
        return source.uri
    return source.id
