"""Rules of the post-processors of Packer's core."""

from __future__ import annotations

from bakelift.translator.packer import checks_steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from bakelift.translator.packer.checks import Check, Rule

CHECKSUMS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")


def checksum_types(check: Check) -> None:
    for name in check.options.texts("checksum_types"):
        if name not in CHECKSUMS:
            detail = f"They are {', '.join(CHECKSUMS)}."
            check.error("packer/bad-checksum-type", f"Unrecognized checksum type: {name}", detail, "checksum_types")


def artifice_files(check: Check) -> None:
    if not check.options.given("files"):
        check.error("packer/no-files", "No files specified in artifice configuration")


RULES: Mapping[str, tuple[Rule, ...]] = {
    "checksum": (checksum_types,),
    "artifice": (artifice_files,),
    "shell-local": checks_steps.SHELL_LOCAL,
}
