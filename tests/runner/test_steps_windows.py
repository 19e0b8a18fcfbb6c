"""Steps of Windows, on a machine that only remembers what it was told: the texts that Packer would send."""

from __future__ import annotations

import asyncio
import re

import pytest

from bakelift.runner.communicators import DISCONNECTED
from bakelift.runner.errors import BuildError, CommunicatorError
from bakelift.runner.steps import powershell, windows_restart
from bakelift.translator.diagnostics import TemplateError

from .test_steps import Machine, perform


class Windows(Machine):
    windows = True

    def __init__(self, *statuses):
        super().__init__(*statuses)
        self.removed = []

    async def remove(self, path):
        self.removed.append(path)
        return True


QUIET = (
    "if (Test-Path variable:global:ProgressPreference)"
    "{set-variable -name variable:global:ProgressPreference -value 'SilentlyContinue'}"
)


def test_a_powershell_script_sees_its_environment_through_a_file():
    machine = Windows()
    lines = perform(
        "powershell",
        machine,
        files={"a.ps1": b"Write-Output 1\r\n"},
        script="a.ps1",
        environment_vars=["A=it's $5"],
        remote_path="c:/a.ps1",
        remote_env_var_path="c:/v.ps1",
    )
    assert lines[:2] == ["say Provisioning with Powershell...", "say Provisioning with powershell script: a.ps1"]
    assert machine.files == {
        "c:/a.ps1": (b"Write-Output 1\r\n", 0o644),
        "c:/v.ps1": (
            b'$env:A="it`\'s `$5"; $env:PACKER_BUILDER_TYPE="null"; $env:PACKER_BUILD_NAME="n"; ',
            0o600,
        ),
    }
    assert machine.commands == [
        f"powershell -executionpolicy bypass \"& {{ {QUIET};. c:/v.ps1; &'c:/a.ps1'; exit $LastExitCode }}\""
    ]
    assert machine.removed == ["c:/a.ps1", "c:/v.ps1"]


def test_inline_powershell_stops_at_the_first_error():
    machine = Windows()
    perform("powershell", machine, inline=["one", "two"], remote_path="c:/a.ps1")
    ((data, _),) = machine.files.values()
    text = data.decode()
    assert text.index("try {") < text.index("$env:PACKER_BUILDER_TYPE") < text.index("one\n\ttwo") < text.index("catch")
    assert text.endswith("exit $exitCode\n")
    assert machine.commands == ["powershell -executionpolicy bypass -file c:/a.ps1"]


@pytest.mark.parametrize(
    ("options", "command"),
    [
        ({"use_pwsh": True}, "pwsh -executionpolicy bypass -file c:/a.ps1"),
        ({"execution_policy": "none"}, "powershell -file c:/a.ps1"),
        ({"execution_policy": "remotesigned"}, "powershell -executionpolicy remotesigned -file c:/a.ps1"),
        ({"execute_command": "run {{.Path}}"}, "run c:/a.ps1"),
    ],
)
def test_how_powershell_is_started(options, command):
    machine = Windows()
    perform("powershell", machine, inline=["x"], remote_path="c:/a.ps1", **options)
    assert machine.commands == [command]


def test_powershell_elsewhere_is_pwsh():
    machine = Machine()
    perform("powershell", machine, files={"a.ps1": b"1"}, script="a.ps1", skip_clean=True)
    assert all(path.startswith("/tmp/") for path in machine.files)
    assert re.fullmatch(r"pwsh -executionpolicy bypass -command '& \{.*LastExitCode \}'", machine.commands[0])


def test_powershell_exit_codes():
    perform("powershell", Windows(3010), inline=["x"], valid_exit_codes=[0, 3010])
    with pytest.raises(BuildError, match="status: 3010"):
        perform("powershell", Windows(3010), inline=["x"])
    with pytest.raises(BuildError, match="disconnected unexpectedly"):
        perform("powershell", Windows(DISCONNECTED), inline=["x"])


def test_text_that_is_not_ascii_has_a_mark():
    machine = Windows()
    perform("powershell", machine, files={"a.ps1": "é".encode()}, script="a.ps1", remote_path="c:/a")
    assert machine.files["c:/a"][0] == b"\xef\xbb\xbf\xc3\xa9"


def test_elevated_powershell_is_a_task_whose_password_is_in_no_command():
    machine = Windows()
    perform(
        "powershell", machine, inline=["x"], elevated_user="admin", elevated_password="it's 100%", remote_path="c:/a"
    )
    (path,) = (path for path in machine.files if "elevated" in path)
    text = machine.files[path][0].decode("utf-8-sig")
    assert "-User 'admin' -Password 'it''s 100%' -RunLevel Highest" in text
    assert "'powershell -executionpolicy bypass -file c:/a'" in text
    assert machine.commands == [f'powershell -executionpolicy bypass -file "{path}"']
    assert path in machine.removed


def test_elevated_as_the_system():
    machine = Windows()
    perform("powershell", machine, inline=["x"], elevated_user="SYSTEM", elevated_password="")
    text = next(data for path, (data, _) in machine.files.items() if "elevated" in path).decode("utf-8-sig")
    assert "-UserId 'SYSTEM' -LogonType ServiceAccount" in text
    with pytest.raises(BuildError, match="needs a machine with Windows"):
        perform("powershell", Machine(), inline=["x"], elevated_user="SYSTEM")


def test_values_of_powershell_variables():
    assert powershell.escaped("a\"b'c`d$e") == "a`\"b`'c``d`$e"


def test_windows_shell():
    machine = Windows()
    lines = perform("windows-shell", machine, inline=["echo 1", "echo 2"], environment_vars=["A=b c"])
    assert lines[0] == "say Provisioning with windows-shell..."
    assert machine.files == {"c:/Windows/Temp/script.bat": (b"echo 1\r\necho 2\r\n", 0o644)}
    assert machine.commands == [
        'set "A=b c" && set "PACKER_BUILDER_TYPE=null" && set "PACKER_BUILD_NAME=n" && "c:/Windows/Temp/script.bat"'
    ]
    assert machine.removed == []


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(windows_restart, "PAUSE", 0.01)


@pytest.mark.usefixtures("quick")
def test_windows_restart_waits_until_windows_is_back():
    machine = Windows(0, 1115, DISCONNECTED, CommunicatorError("gone"), 0, 0, 0)
    lines = perform("windows-restart", machine)
    assert lines[0] == "say Restarting Machine"
    assert lines[-1] == "say Machine successfully restarted, moving on"
    assert machine.commands[0] == 'shutdown /r /f /t 0 /c "packer restart"'
    assert machine.commands.count('shutdown /r /f /t 60 /c "packer restart test"') == 4
    assert machine.commands[-2] == "shutdown /a"
    assert machine.commands[-1].startswith("powershell -noprofile -encodedcommand ")


@pytest.mark.usefixtures("quick")
def test_windows_restart_as_it_was_asked_for():
    machine = Windows(0, 0, 0, 1, 0)
    perform("windows-restart", machine, restart_command="again", restart_check_command="look", check_registry=True)
    assert machine.commands[0] == "again"
    assert machine.commands.count("look") >= 1


@pytest.mark.usefixtures("quick")
def test_windows_restart_that_fails():
    with pytest.raises(BuildError, match="non-zero exit status: 5"):
        perform("windows-restart", Windows(5))
    with pytest.raises(BuildError, match="Timeout waiting for machine to restart"):
        perform("windows-restart", Windows(0, *[CommunicatorError("gone")] * 99), restart_timeout="100ms")
    with pytest.raises(BuildError, match="needs a machine with Windows"):
        perform("windows-restart", Machine())


@pytest.mark.usefixtures("quick")
def test_windows_update_goes_on_until_nothing_is_left():
    machine = Windows(101, 0, 0, 0, 0, 0, 0)
    lines = perform(
        "windows-update",
        machine,
        filters=["exclude:$_.Title -like '*Preview*'", "include:$true"],
        update_limit=25,
        search_criteria="IsInstalled=0 and Type='Software'",
    )
    said = [line.removeprefix("say ") for line in lines if line.startswith("say ")]
    assert said == [
        "Uploading the Windows update script...",
        "Running Windows update...",
        "Restarting the machine...",
        "Waiting for machine to become available...",
        "Restart complete",
        "Running Windows update...",
    ]
    data = next(data for p, (data, _) in machine.files.items() if "windows-update" in p)
    text = data.decode("utf-8-sig")
    assert "@{ Take = $false; If = { $_.Title -like '*Preview*' } }, @{ Take = $true; If = { $true } }" in text
    assert ".Search('IsInstalled=0 and Type=''Software''')" in text
    assert "$wanted.Count -ge 25" in text
    task = next(f.decode("utf-8-sig") for p, (f, _) in machine.files.items() if "elevated" in p)
    assert "-UserId 'SYSTEM'" in task
    assert set(machine.removed) == set(machine.files)


@pytest.mark.usefixtures("quick")
def test_windows_update_that_fails():
    with pytest.raises(BuildError, match="exited with status 1"):
        perform("windows-update", Windows(*[1, 0, 0, 0, 0, 0] * 3), update_max_retries=1)
    with pytest.raises(TemplateError, match="include:EXPRESSION or exclude:EXPRESSION"):
        perform("windows-update", Windows(), filters=["only:$true"])


def test_the_machine_is_asked_whether_it_is_windows():
    from bakelift.runner.communicators.ssh import SshCommunicator

    class Connection:
        def __init__(self, version):
            self.version = version

        def get_extra_info(self, name, default=None):
            return self.version

    async def connect():
        return None

    async def main():
        return [SshCommunicator(connect, Connection(v)).windows for v in ("OpenSSH_9.5", "OpenSSH_for_Windows_9.5")]

    assert asyncio.run(main()) == [False, True]
