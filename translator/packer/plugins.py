"""Which plugin a component comes with: what Packer 1.10 and later want in ``required_plugins``.

Source: the list of plugins of Packer's documentation, and the components that stayed in Packer
(github.com/hashicorp/packer, command/execute.go).
"""

from __future__ import annotations

from bakelift.translator.plan.model import Requirement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.model import Plan

#: Plugins with the components that are called ``NAME`` or ``NAME-…``: who publishes them, and the version to ask for.
#: Source: website/data/plugins-manifest.json of Packer, and the plugins' own releases.
_PLUGINS = """
    hashicorp/alicloud ~> 1
    hashicorp/amazon ~> 1
    hashicorp/ansible ~> 1
    hashicorp/azure ~> 2
    hashicorp/chef ~> 1
    hashicorp/cloudstack >= 0.0.1
    hashicorp/converge >= 0.0.1
    hashicorp/docker ~> 1
    hashicorp/googlecompute ~> 1
    hashicorp/hyperone >= 0.0.1
    hashicorp/hyperv ~> 1
    hashicorp/inspec ~> 1
    hashicorp/jdcloud >= 0.0.1
    hashicorp/lxc >= 0.0.1
    hashicorp/lxd >= 0.0.1
    hashicorp/ncloud >= 0.0.1
    hashicorp/oneandone >= 0.0.1
    hashicorp/openstack ~> 1
    hashicorp/oracle ~> 1
    hashicorp/profitbricks >= 0.0.1
    hashicorp/proxmox ~> 1
    hashicorp/puppet ~> 1
    hashicorp/qemu ~> 1
    hashicorp/tencentcloud ~> 1
    hashicorp/triton >= 0.0.1
    hashicorp/ucloud >= 0.0.1
    hashicorp/vagrant ~> 1
    hashicorp/virtualbox ~> 1
    hashicorp/vmware ~> 1
    hashicorp/vsphere ~> 1
    hashicorp/yandex ~> 1
    Parallels/parallels ~> 1
    UpCloudLtd/upcloud >= 0.0.1
    YaleUniversity/goss >= 3.1.0
    cirruslabs/tart >= 0.0.1
    digitalocean/digitalocean ~> 1
    ethanmdavidson/git >= 0.0.1
    exoscale/exoscale >= 0.0.1
    gridscale/gridscale >= 0.0.1
    hetznercloud/hcloud ~> 1
    huaweicloud/huaweicloud ~> 1
    ivoronin/sshkey >= 0.0.1
    joomcode/external >= 0.0.1
    kamatera/kamatera >= 0.0.1
    linode/linode ~> 1
    mondoohq/mondoo >= 0.0.1
    naveenrajm7/utm >= 0.0.1
    nutanix-cloud-native/nutanix >= 0.8.0
    outscale/outscale ~> 1
    oxidecomputer/oxide >= 0.0.1
    ppc64le-cloud/powervs >= 0.0.1
    rgl/windows-update >= 0.14.0
    scaleway/scaleway ~> 1
    stromweld/host-info >= 0.0.1
    thomasklein94/libvirt >= 0.0.1
    volcengine/volcengine >= 0.0.1
    vultr/vultr ~> 2
"""

#: Components that are called otherwise than their plugin.
_CALLED_OTHERWISE = {"bsusurrogate": "outscale", "salt-masterless": "salt", "veertu-anka": "anka"}
_OTHERS = {
    "salt": Requirement("salt", "github.com/hashicorp/salt", ">= 0.0.1"),
    "anka": Requirement("veertu-anka", "github.com/veertuinc/veertu-anka", ">= 0.0.1"),
}


def plugin_of(type: str) -> Requirement | None:
    """The plugin of a builder, provisioner, post-processor or data source; None for Packer's own and unknown ones.

    A plugin's name may hold a dash itself, so the longest beginning of the type that is one decides.
    """
    words = type.split("-")
    for count in range(len(words), 0, -1):
        name = "-".join(words[:count])
        called = _CALLED_OTHERWISE.get(name)
        if called is not None and called in _OTHERS:
            return _OTHERS[called]
        found = _known().get(called or name)
        if found is not None:
            return found
    return None


def _known() -> dict[str, Requirement]:
    if not _BY_NAME:
        for line in _PLUGINS.strip().splitlines():
            address, version = line.split(maxsplit=1)
            name = address.partition("/")[2]
            _BY_NAME[name] = Requirement(name, f"github.com/{address}", version)
    return _BY_NAME


_BY_NAME: dict[str, Requirement] = {}


def with_requirements(plan: Plan) -> Plan:
    """The Plan with every plugin that its components need among its required ones."""
    known = {item.source for item in plan.required_plugins} | {item.name for item in plan.required_plugins}
    found = {item.name: item for item in map(plugin_of, _types(plan)) if item is not None}
    added = [found[name] for name in sorted(found) if name not in known and found[name].source not in known]
    return plan.but(required_plugins=(*plan.required_plugins, *added))


def without_plugin(plan: Plan) -> list[str]:
    """Types of components that are neither Packer's own nor of a plugin that is known here."""
    own = _packers_own()
    return sorted({type for type in _types(plan) if type not in own and plugin_of(type) is None})


def _packers_own() -> frozenset[str]:
    """Components of Packer itself (command/execute.go)."""
    return frozenset(_OWN.split())


_OWN = """
    file null breakpoint hcp-sbom powershell shell shell-local sleep windows-restart windows-shell
    artifice checksum compress manifest provenance
    hcp-packer-artifact hcp-packer-image hcp-packer-iteration hcp-packer-version http
"""


def _types(plan: Plan) -> list[str]:
    types = [source.type for source in plan.sources] + [data.type for data in plan.data]
    for group in plan.groups:
        types += [step.type for step in group.steps]
        types += [post.type for chain in group.post_processors for post in chain]
    return types
