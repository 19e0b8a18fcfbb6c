"""Which plugin a component comes with: what Packer 1.10 and later want in ``required_plugins``.

Source: the plugins' own repositories (github.com/hashicorp/packer-plugin-NAME, github.com/rgl/packer-plugin-windows-
update), and the components that stayed in Packer (github.com/hashicorp/packer, command/execute.go).
"""

from __future__ import annotations

from bakelift.translator.plan.model import Requirement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.model import Plan

#: Plugins with the components that are called ``NAME`` or ``NAME-…``, and the version that is asked for.
_HASHICORP: dict[str, str] = {
    "azure": "~> 2",
    "amazon": "~> 1",
    "ansible": "~> 1",
    "chef": "~> 1",
    "cloudstack": "~> 1",
    "docker": "~> 1",
    "googlecompute": "~> 1",
    "hyperv": "~> 1",
    "inspec": "~> 1",
    "lxc": "~> 1",
    "lxd": "~> 1",
    "nutanix": "~> 0",
    "openstack": "~> 1",
    "oracle": "~> 1",
    "parallels": "~> 1",
    "proxmox": "~> 1",
    "puppet": "~> 1",
    "qemu": "~> 1",
    "vagrant": "~> 1",
    "virtualbox": "~> 1",
    "vmware": "~> 1",
    "vsphere": "~> 1",
}

#: Components that are called otherwise than their plugin, and plugins of others.
_OTHERS: dict[str, Requirement] = {
    "salt-masterless": Requirement("salt", "github.com/hashicorp/salt", "~> 1"),
    "windows-update": Requirement("windows-update", "github.com/rgl/windows-update", ">= 0.14.0"),
    "digitalocean": Requirement("digitalocean", "github.com/digitalocean/digitalocean", "~> 1"),
    "vsphere-template": Requirement("vsphere", "github.com/hashicorp/vsphere", "~> 1"),
}


def plugin_of(type: str) -> Requirement | None:
    """The plugin of a builder, provisioner, post-processor or data source; None for Packer's own and unknown ones."""
    if type in _OTHERS:
        return _OTHERS[type]
    name = type.partition("-")[0]
    version = _HASHICORP.get(name)
    return None if version is None else Requirement(name, f"github.com/hashicorp/{name}", version)


def with_requirements(plan: Plan) -> Plan:
    """The Plan with every plugin that its components need among its required ones."""
    required = list(plan.required_plugins)
    known = {item.source for item in required} | {item.name for item in required}
    for type in _types(plan):
        found = plugin_of(type)
        if found is not None and found.name not in known and found.source not in known:
            known.add(found.name)
            required.append(found)
    return plan.but(required_plugins=tuple(required))


def _types(plan: Plan) -> list[str]:
    types = [source.type for source in plan.sources] + [data.type for data in plan.data]
    for group in plan.groups:
        types += [step.type for step in group.steps]
        types += [post.type for chain in group.post_processors for post in chain]
    return types
