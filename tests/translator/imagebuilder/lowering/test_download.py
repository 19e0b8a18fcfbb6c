"""What Image Builder fetches by address, as lines that fetch it on the build VM; and the way back."""

from __future__ import annotations

import pytest

from bakelift.translator.imagebuilder.customizers import Customizer, File, PowerShell, Shell
from bakelift.translator.imagebuilder.lowering.download import powershell_lines, recognised, shell_lines
from bakelift.translator.plan.expressions import Literal, Ref

URI = Literal("https://example.com/it's.ps1")
SUM = Literal("0" * 64)


def test_a_script_runs_in_a_process_of_its_own_and_is_removed() -> None:
    lines = [line.value for line in powershell_lines(PowerShell(script_uri=URI, sha256_checksum=SUM))]
    path = "C:\\Windows\\Temp\\bakelift-script.ps1"
    assert lines[3:] == [
        f"Invoke-WebRequest -UseBasicParsing -Uri 'https://example.com/it''s.ps1' -OutFile '{path}'",
        f"if ((Get-FileHash '{path}').Hash -ne '{SUM.value}') {{ throw 'checksum mismatch' }}",
        f"powershell -executionpolicy bypass -command '& ''{path}''; exit $LASTEXITCODE'",
        f"Remove-Item -Force '{path}'",
        "exit $LASTEXITCODE",
    ]
    assert "-bor 3072" in lines[2]


@pytest.mark.parametrize(
    "customizer",
    [
        PowerShell(script_uri=URI),
        PowerShell(script_uri=Ref("input", "uri"), sha256_checksum=SUM),
        File(source_uri=URI, destination=Literal("C:\\it's\\a.zip"), sha256_checksum=Ref("input", "sum")),
    ],
)
def test_lines_for_windows_come_back(customizer: PowerShell | File) -> None:
    lines = powershell_lines(customizer)
    assert recognised(lines, windows=True) == customizer
    assert recognised((*lines, Literal("exit 1")), windows=True) is None


@pytest.mark.parametrize("customizer", [Shell(script_uri=URI), File(source_uri=URI, destination=Literal("/tmp/a b"))])
def test_lines_for_linux_come_back(customizer: Customizer) -> None:
    assert isinstance(customizer, (Shell, File))
    assert recognised(shell_lines(customizer), windows=False) == customizer
