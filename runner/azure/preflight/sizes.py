"""What the name of a VM size says: its series and its vCPUs.

Source: learn.microsoft.com/azure/virtual-machines/vm-naming-conventions; the older series count otherwise.
"""

from __future__ import annotations

import re

_NAME = re.compile(
    r"(?i)(?:Standard|Basic)_(?P<family>[A-Z]+?)(?P<number>[0-9]+)(?:-(?P<few>[0-9]+))?(?P<rest>[a-z]*)(?P<version>_v[0-9]+)?"
)
#: Old sizes whose number is no count of vCPUs.
_STEPS = {"1": 1, "2": 2, "3": 4, "4": 8, "5": 16, "11": 2, "12": 4, "13": 8, "14": 16, "15": 20}
_A = {"0": 1, "1": 1, "2": 2, "3": 4, "4": 8, "5": 2, "6": 4, "7": 8}
#: What the service builds on when the template names no size (image-builder-json, ``vmProfile``).
DEFAULTS = {"V1": "Standard_D1_v2", "V2": "Standard_D2ds_v4"}
PROXY = "Standard_A1_v2"


def cores(size: str) -> int | None:
    """vCPUs of a size; None where its name does not tell."""
    found = _NAME.fullmatch(size)
    if found is None:
        return None
    family, number, version = found["family"].upper(), found["number"], (found["version"] or "").lower()
    if family in ("D", "DS") and not found["rest"] and version in ("", "_v2"):
        return _STEPS.get(number)
    if family == "A" and not version:
        return _A.get(number)
    return int(found["few"] or number)


def series(size: str) -> str:
    """``Standard_D4s_v5`` is of the series ``Dsv5``: what quotas are given for."""
    found = _NAME.fullmatch(size)
    if found is None:
        return size
    return f"{found['family'].upper()}{found['rest'].lower()}{(found['version'] or '').replace('_', '').lower()}"


def is_arm(size: str) -> bool:
    """Whether the size has an Arm64 processor."""
    found = _NAME.fullmatch(size)
    return found is not None and "p" in found["rest"].lower() and found["family"].upper() in ("B", "D", "E")
