"""Steps that have no customizer: what is said of them, by type."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.imagebuilder.lowering.context import Lowered
    from bakelift.translator.imagebuilder.lowering.step_reader import StepReader
    from bakelift.translator.report import Class

_HOST = "It runs on the machine that runs Packer. Run it before the deployment, in the pipeline that makes the image."
_ROLE = "Install the tool on the build VM in a shell step and run it there against localhost, or keep Packer here."

#: type: (class, code, what it means, the way out)
STEPS: dict[str, tuple[Class, str, str, str]] = {
    "breakpoint": ("dropped", "aib/breakpoint", "a breakpoint pauses Packer and leaves the image as it is", ""),
    "shell-local": ("unsupported", "aib/shell-local", "Image Builder runs nothing on the caller's machine", _HOST),
    "inspec": (
        "unsupported",
        "aib/inspec",
        "Image Builder has no InSpec customizer",
        "Run it in a shell step, or as an in-VM validator of the image template.",
    ),
    "hcp-sbom": ("dropped", "aib/hcp-sbom", "an SBOM for HCP Packer does not change the image", ""),
}
for _tool, _code in (
    ("chef-client", "aib/chef-client"),
    ("converge", "aib/converge"),
    ("puppet-server", "aib/puppet-server"),
    ("azure-dtlartifact", "aib/azure-dtlartifact"),
):
    STEPS[_tool] = ("unsupported", _code, f"Image Builder has no {_tool} customizer", _ROLE)


def lower_other(reader: StepReader, _last: bool) -> list[Lowered]:
    """Accounts for a step that makes no customizer."""
    from bakelift.translator.imagebuilder.lowering.context import CannotLower

    kind = reader.step.type
    row = STEPS.get(kind)
    if row is None:
        summary = f"bakelift does not know provisioner {kind}, so it cannot be lowered"
        raise CannotLower("aib/unknown-provisioner", summary, "Replace it by a shell or powershell step.")
    group, code, summary, advice = row
    if group == "unsupported":
        raise CannotLower(code, summary, advice)
    reader.say_rest(group, code, summary)
    return []
