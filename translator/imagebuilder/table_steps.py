"""The rows of provisioners and post-processors: what becomes of every option, by the type that has it.

What is said of a provisioner's options stands beside its lowering, which says it of a template's leaves.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from bakelift.translator.imagebuilder.table import Row
    from bakelift.translator.report import Class

    Said = tuple[Class, str, str]

#: What every provisioner takes, where its own lowering says nothing of it.
META: dict[str, Said] = {
    "name": ("exact", "aib/step", "in the name of the customizer"),
    "only": ("adapted", "aib/step-selection", "decided when translating"),
    "except": ("adapted", "aib/step-selection", "decided when translating"),
    "override": ("adapted", "aib/step-selection", "laid over the step's options when translating"),
    "pause_before": ("adapted", "aib/pause", "a pause in the customizer's text"),
    "max_retries": ("approximated", "aib/step-retries", "Image Builder runs the step once"),
    "timeout": ("dropped", "aib/step-timeout", "Image Builder limits the whole build, not one step"),
    "continue_on_error": ("unsupported", "aib/continue-on-error", "Image Builder ends the build at a step that fails"),
}

_LOCAL = "an Azure image is no local file that it could work on"
_ELSEWHERE = "for images of another platform; an Azure image is none"

POST_PROCESSORS: dict[str, Said] = {
    "manifest": (
        "dropped",
        "aib/manifest",
        "Image Builder keeps the ids of what it made in the template's runOutputs",
    ),
    "shell-local": (
        "unsupported",
        "aib/post-shell-local",
        "Image Builder runs nothing on your machine: run the command in the pipeline after the build",
    ),
    "checksum": ("dropped", "aib/post-checksum", _LOCAL),
    "artifice": ("dropped", "aib/post-artifice", "there are no local files to make an artifact of"),
    "compress": ("dropped", "aib/post-local-file", _LOCAL),
    "provenance": ("unsupported", "aib/post-provenance", "Image Builder signs nothing: attest the version afterwards"),
    **dict.fromkeys(
        (
            "amazon-import",
            "docker-import",
            "docker-push",
            "docker-save",
            "docker-tag",
            "googlecompute-export",
            "googlecompute-import",
            "vagrant",
            "vagrant-cloud",
            "vagrant-registry",
            "vsphere",
            "vsphere-template",
        ),
        ("unsupported", "aib/post-other-platform", _ELSEWHERE),
    ),
}
_OTHER: Said = (
    "unsupported",
    "aib/post-processor",
    "Image Builder has no post-processors: do this in the pipeline after the build",
)


def post_processor(type: str) -> Said:
    """What becomes of a post-processor, with all its options."""
    return POST_PROCESSORS.get(type, _OTHER)


def provisioner_rows(type: str) -> dict[str, Row]:
    """The rows of a provisioner's options, those that every provisioner takes included."""
    from bakelift.translator.imagebuilder.lowering.others import STEPS
    from bakelift.translator.packer.tables import component

    own = _options(type)
    whole = STEPS.get(type)
    if whole is not None:
        known = component("provisioner", type)
        kind, code, meaning, way_out = whole
        said: Said = (kind, code, f"{meaning}. {way_out}".strip() if way_out else meaning)
        own = dict.fromkeys((*META, *(known.options if known is not None else ())), said)
    return {name: _row(type, name, *said) for name, said in {**META, **own}.items()}


def post_processor_rows(type: str) -> dict[str, Row]:
    """The rows of a post-processor's options."""
    from bakelift.translator.packer.tables import component, meta

    known = component("post-processor", type)
    names = [*meta("post-processor"), *(known.options if known is not None else ())]
    return {name: _row(type, name, *post_processor(type)) for name in names}


def _options(type: str) -> Mapping[str, Said]:
    from bakelift.translator.imagebuilder.lowering import pause, powershell, shell, tools, upload, windows

    found: dict[str, Mapping[str, Said]] = {
        "shell": shell.OPTIONS,
        "powershell": powershell.OPTIONS,
        "file": upload.OPTIONS,
        "sleep": pause.OPTIONS,
        "windows-restart": windows.RESTART,
        "windows-update": windows.UPDATE,
        "windows-shell": windows.SHELL,
    }
    if type in found:
        return found[type]
    return {**tools.META, **tools.of(type)[0]} if type in tools.TYPES else {}


def _row(type: str, option: str, kind: Class, code: str, advice: str) -> Row:
    from bakelift.translator.imagebuilder.table import Row

    return Row(f"{type}.{option}", kind, code, advice)
