"""Customizers without a lowered shape, as the Packer steps that say the same."""

from __future__ import annotations

from bakelift.translator.imagebuilder.customizers import File, PowerShell, Shell, WindowsRestart, WindowsUpdate
from bakelift.translator.imagebuilder.lowering import download
from bakelift.translator.imagebuilder.lowering.deprovision import USUAL, USUAL_LINE
from bakelift.translator.imagebuilder.lowering.gotext import parse_command
from bakelift.translator.plan.expressions import EMPTY, ListExpr, Literal, Ref
from bakelift.translator.plan.model import Setting, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.imagebuilder.customizers import Customizer
    from bakelift.translator.plan.expressions import Expr


def plain_step(customizer: Customizer, windows: bool) -> Step:
    """The step of one customizer; its texts stay as they are, expressions included."""
    if isinstance(customizer, Shell):
        lines = customizer.inline if customizer.inline is not None else download.shell_lines(customizer)
        return _step("shell", {"inline": ListExpr(lines)})
    if isinstance(customizer, PowerShell):
        lines = customizer.inline if customizer.inline is not None else download.powershell_lines(customizer)
        return _step("powershell", {"inline": ListExpr(lines), **elevation(customizer)})
    if isinstance(customizer, File):
        if windows:
            return _step("powershell", {"inline": ListExpr(download.powershell_lines(customizer))})
        return _step("shell", {"inline": ListExpr(download.shell_lines(customizer))})
    return service_step(customizer)


def described_step(customizer: Customizer) -> Step:
    """The step of one customizer in the service's own words: an address stays one. For comparing, not for writing."""
    from bakelift.translator.imagebuilder.table_customizers import BY_RECORD

    fields = {
        field: Setting(value, tuple(leaf for leaf in customizer.leaves if leaf.path.endswith(f".{name}")))
        for field, name in BY_RECORD[type(customizer)].properties
        if field not in ("name", "run_elevated", "run_as_system")
        and (value := _expr(getattr(customizer, field))) is not None
    }
    if isinstance(customizer, PowerShell):
        fields.update({name: Setting(value) for name, value in elevation(customizer).items() if value is not None})
    name = customizer.name.value if isinstance(customizer.name, Literal) else None
    return Step(_TYPES[type(customizer)], fields, name if isinstance(name, str) else None, leaves=customizer.leaves)


_TYPES: dict[type[Customizer], str] = {
    Shell: "shell",
    PowerShell: "powershell",
    File: "file",
    WindowsRestart: "windows-restart",
    WindowsUpdate: "windows-update",
}


def _expr(value: object) -> Expr | None:
    return ListExpr(value) if isinstance(value, tuple) else value  # type: ignore[return-value]


def service_step(customizer: Customizer) -> Step:
    """The step of a WindowsRestart or WindowsUpdate customizer."""
    if isinstance(customizer, WindowsRestart):
        return _step(
            "windows-restart",
            {
                "restart_command": customizer.restart_command,
                "restart_check_command": customizer.restart_check_command,
                "restart_timeout": customizer.restart_timeout,
            },
        )
    assert isinstance(customizer, WindowsUpdate)
    return _step(
        "windows-update",
        {
            "search_criteria": customizer.search_criteria,
            "filters": customizer.filters,
            "update_limit": customizer.update_limit,
        },
    )


def elevation(customizer: PowerShell) -> dict[str, Expr | None]:
    """The options of a powershell step that are fields of the customizer."""
    found: dict[str, Expr | None] = {}
    if _is_true(customizer.run_as_system):
        found = {"elevated_user": Literal("SYSTEM"), "elevated_password": EMPTY}
    elif _is_true(customizer.run_elevated):
        found = {"elevated_user": Ref("build", "User"), "elevated_password": Ref("build", "Password")}
    found["valid_exit_codes"] = customizer.valid_exit_codes
    return found


def _is_true(expr: Expr | None) -> bool:
    return isinstance(expr, Literal) and expr.value is True


def _step(type: str, settings: dict[str, Expr | None]) -> Step:
    return Step(type, {name: Setting(value) for name, value in settings.items() if value is not None})


#: As the documentation of Packer's Azure plugin writes them.
_WINDOWS = (
    "while ((Get-Service RdAgent).Status -ne 'Running') { Start-Sleep -s 5 }",
    "while ((Get-Service WindowsAzureGuestAgent).Status -ne 'Running') { Start-Sleep -s 5 }",
    "& $env:SystemRoot\\System32\\Sysprep\\Sysprep.exe /oobe /generalize /quiet /quit",
    "while ($true) { $imageState = (Get-ItemProperty HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Setup\\State)"
    ".ImageState; Write-Output $imageState; if ($imageState -eq 'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE') { break }; "
    "Start-Sleep -s 10 }",
)


def generalizing_step(windows: bool) -> Step:
    """What Image Builder does at its end by itself, and a Packer template does in its last step."""
    if windows:
        return _step("powershell", {"inline": ListExpr(tuple(Literal(line) for line in _WINDOWS))})
    return _step(
        "shell",
        {
            "execute_command": parse_command(USUAL["execute_command"]),
            "inline": ListExpr((Literal(USUAL_LINE),)),
            "inline_shebang": Literal(USUAL["inline_shebang"]),
        },
    )
