"""Checks the syntax of PowerShell scripts where pwsh is installed. Nothing of a script is run."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile

#: Seconds that a check may take: pwsh takes one to start.
LIMIT = 60

#: Prints ``LINE:COLUMN: MESSAGE`` for each error of a file. The file's name comes through the environment, not as text
#: of the program.
_PROGRAM = """$tokens = $null; $errors = $null
[void][System.Management.Automation.Language.Parser]::ParseFile($env:BAKELIFT_SCRIPT, [ref]$tokens, [ref]$errors)
$errors | ForEach-Object { '{0}:{1}: {2}' -f $_.Extent.StartLineNumber, $_.Extent.StartColumnNumber, $_.Message }
"""


def available() -> bool:
    return shutil.which("pwsh") is not None


def problems(text: bytes) -> list[str]:
    """The errors of a script, ``LINE:COLUMN: MESSAGE`` each. Raises OSError when pwsh does not work."""
    with tempfile.TemporaryDirectory(prefix="bakelift-") as folder:
        path = os.path.join(folder, "script.ps1")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(text)
        command = ["pwsh", "-NoProfile", "-NonInteractive", "-Command", _PROGRAM]
        environment = {**os.environ, "BAKELIFT_SCRIPT": path, "POWERSHELL_TELEMETRY_OPTOUT": "1"}
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=LIMIT, env=environment, check=False, cwd=folder
            )
        except subprocess.TimeoutExpired as error:
            raise OSError(f"pwsh did not answer within {LIMIT} seconds") from error
        if done.returncode:
            raise OSError(f"pwsh failed: {done.stderr.strip()}")
        return [line.strip() for line in done.stdout.splitlines() if line.strip()]
