"""What a preflight says."""

from __future__ import annotations

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Pages that findings refer to.
DOCS = "https://learn.microsoft.com/azure/virtual-machines"
OVERVIEW = f"{DOCS}/image-builder-overview"
TEMPLATE = f"{DOCS}/linux/image-builder-json"
PERMISSIONS = f"{DOCS}/linux/image-builder-permissions-cli"
NETWORKING = f"{DOCS}/linux/image-builder-networking"
TROUBLES = f"{DOCS}/linux/image-builder-troubleshoot"
TRIGGERS = f"{DOCS}/image-builder-triggers-how-to"
NEWS = f"{DOCS}/image-builder-api-update-release-notes"
PREVIEW = "https://github.com/danielsollondon/azvmimagebuilder (README, archived)"
PLUGIN = "https://github.com/hashicorp/packer-plugin-azure (builder/azure/arm)"


class Finding(Record):
    """``severity``: error (the build will not go), warning (it may not), note. ``source``: a page, or what was seen.

    ``way_out``: what to do, as a sentence; ``commands``: lines of ``az`` that do it. ``image``: "" when it is about all
    of them. ``asked``: Azure said so.
    """

    severity: str
    code: str
    summary: str
    source: str
    way_out: str
    image: str = ""
    commands: tuple[str, ...] = ()
    asked: bool = False

    def as_json(self) -> dict[str, Any]:
        return {
            "severity": self.severity,
            "code": self.code,
            "image": self.image,
            "summary": self.summary,
            "source": self.source,
            "way_out": self.way_out,
            "commands": list(self.commands),
            "asked": self.asked,
        }


def for_shell(line: str) -> str:
    """The line with quotes around words that have parentheses, as names of resource groups may."""
    if line.startswith("curl"):
        return line
    words = line.split(" ")
    return " ".join(f"'{word}'" if "(" in word and "$(" not in word and "'" not in word else word for word in words)


#: The worst first.
SEVERITIES = ("error", "warning", "note")
