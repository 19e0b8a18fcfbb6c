"""The rows of customizers: which property says which field, and since which API version.

Source: Microsoft.VirtualMachineImages schemas; the correspondence of types to provisioners is that of the SDK's own
documentation of its models.
"""

from __future__ import annotations

from bakelift.translator.imagebuilder.customizers import (
    Customizer,
    File,
    PowerShell,
    Shell,
    WindowsRestart,
    WindowsUpdate,
)
from bakelift.translator.plan.record import Record


class CustomizerKind(Record):
    """``properties``: (field of the record, JSON property), in the order in which they are written."""

    record: type[Customizer]
    type: str
    properties: tuple[tuple[str, str], ...]
    since: str = ""
    windows: bool | None = None


_NAME = ("name", "name")
_SCRIPT = (("inline", "inline"), ("script_uri", "scriptUri"), ("sha256_checksum", "sha256Checksum"))

KINDS = (
    CustomizerKind(Shell, "Shell", (_NAME, *_SCRIPT), windows=False),
    CustomizerKind(
        PowerShell,
        "PowerShell",
        (
            _NAME,
            ("run_elevated", "runElevated"),
            ("run_as_system", "runAsSystem"),
            ("valid_exit_codes", "validExitCodes"),
            *_SCRIPT,
        ),
        windows=True,
    ),
    CustomizerKind(
        File,
        "File",
        (_NAME, ("source_uri", "sourceUri"), ("sha256_checksum", "sha256Checksum"), ("destination", "destination")),
    ),
    CustomizerKind(
        WindowsRestart,
        "WindowsRestart",
        (
            _NAME,
            ("restart_command", "restartCommand"),
            ("restart_check_command", "restartCheckCommand"),
            ("restart_timeout", "restartTimeout"),
        ),
        windows=True,
    ),
    CustomizerKind(
        WindowsUpdate,
        "WindowsUpdate",
        (
            _NAME,
            ("search_criteria", "searchCriteria"),
            ("filters", "filters"),
            ("update_limit", "updateLimit"),
        ),
        windows=True,
    ),
)

BY_RECORD = {kind.record: kind for kind in KINDS}
BY_TYPE = {kind.type: kind for kind in KINDS}
