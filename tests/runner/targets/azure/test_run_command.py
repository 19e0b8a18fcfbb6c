"""Steps over Run Command: Windows, and Linux where no network leads to the machine."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from azure_cloud import GROUPS, Cloud, masked, shell

from bakelift.runner.communicators.run_command import KEPT, PIECE, RunCommand
from bakelift.runner.errors import BuildError, CommunicatorError
from bakelift.runner.targets.azure import account
from bakelift.translator.files import Entry

Build = Callable[..., tuple[int, str]]
WINDOWS = {
    "os_type": "Windows",
    "communicator": "winrm",
    "image_publisher": "MicrosoftWindowsServer",
    "image_offer": "WindowsServer",
    "image_sku": "2022-datacenter-g2",
    "ssh_port": None,
}


class WindowsAgent:
    """Reads what is sent as a Windows machine's agent would: it writes files, and notes what commands it was given."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.commands: list[str] = []

    def __call__(self, script: str, hidden: str) -> tuple[int, str, str]:
        assert hidden == ""
        words = [base64.b64decode(text) for text in re.findall(r"FromBase64String\('([^']*)'\)", script)]
        if "[IO.File]::Open" in script:
            path, data = words[0].decode(), words[1]
            self.files[path] = (self.files[path] if "'Append'" in script else b"") + data
            return 0, "", ""
        self.commands.append(words[0].decode())
        return 0, f"ran {len(self.commands)}\r\n", ""


def test_windows_goes_over_run_command(cloud: Cloud, build: Build) -> None:
    agent = cloud.arm.shell = WindowsAgent()
    step = '  provisioner "powershell" { inline = ["Write-Output hello"] }\n'
    status, out = build(cloud.template(steps=step, **WINDOWS))
    assert status == 0, out
    assert "WinRM is not spoken here: steps go over Azure's Run Command, which runs them as SYSTEM." in out
    assert "Skipping build keyvault creation..." in out
    assert "==> azure-arm.web: ran 1" in out
    (script,) = [data.decode() for path, data in agent.files.items() if path.endswith(".ps1") and b"hello" in data]
    assert "Write-Output hello" in script
    assert agent.commands[0].startswith("powershell -executionpolicy bypass -file c:/Windows/Temp/script-")
    assert agent.commands[-1].startswith('del /f /q "c:/Windows/Temp/')
    order = ["Connected", "Querying the machine's properties", "Powering off machine"]
    assert [line for line in order if line in out] == order[1:]
    assert out.index("Provisioning with Powershell") < out.index("Querying the machine's properties")
    assert cloud.arm.ours() == []
    parameters = cloud.body("PUT", "/deployments/")["properties"]["parameters"]
    assert parameters["adminPassword"]["value"] not in out


def test_windows_restarts(cloud: Cloud, build: Build) -> None:
    agent = cloud.arm.shell = WindowsAgent()
    status, out = build(cloud.template(steps='  provisioner "windows-restart" {}\n', **WINDOWS))
    assert status == 0, out
    assert "Machine successfully restarted, moving on" in out
    assert agent.commands[0].startswith("shutdown /r")


def test_linux_goes_there_when_asked(cloud: Cloud, build: Build, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("one\n")
    steps = f"""  provisioner "file" {{
    source      = "{tmp_path}/list.txt"
    destination = "/tmp/list.txt"
  }}
  provisioner "shell" {{
    environment_vars = ["WORD=secret-of-the-test"]
    inline           = ["cat tmp/list.txt", "echo to the other >&2", "test -n $WORD"]
  }}
"""
    status, out = build(cloud.template(steps=steps), "-run-command")
    assert status == 0, out
    assert "Steps go over Azure's Run Command." in out
    assert "==> azure-arm.web: one" in out
    assert "==> azure-arm.web: to the other" in out
    assert cloud.host.users == []
    commands = [body for method, path, _, body in cloud.arm.bodies if method == "PUT" and "/runCommands/" in path]
    assert len(commands) > 3
    assert "secret-of-the-test" not in json.dumps([body["properties"]["source"] for body in commands])
    asked = [masked(line) for line in cloud.requests() if "/runCommands/" in line]
    assert {line.split()[0] for line in asked} == {"PUT", "GET", "DELETE"}
    assert cloud.arm.ours() == []


def test_a_step_that_fails_there(cloud: Cloud, build: Build) -> None:
    steps = '  provisioner "shell" { inline = ["echo before; exit 7"] }\n'
    status, out = build(cloud.template(steps=steps), "-run-command")
    assert status == 1
    assert "Script exited with non-zero exit status: 7" in out


def test_windows_over_ssh_gets_a_certificate(cloud: Cloud, build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "_claims", lambda token: {"oid": "me", "tid": "tenant"})
    options = {**WINDOWS, "communicator": "ssh", "ssh_port": cloud.host.port}
    status, out = build(cloud.template(steps="", **options))
    assert status == 0, out
    said = masked(out)
    assert " -> DeploymentName    : 'kvpkrdpxxxxxxxxxx'" in said
    assert " -> Certificate URL       : 'https://pkrkvxxxxxxxxxx.vault/s/1'" in said
    assert "Deleted -> Microsoft.KeyVault/vaults : 'pkrkvxxxxxxxxxx'" in said
    parameters = cloud.body("PUT", "/deployments/kv")["properties"]["parameters"]
    assert parameters["objectId"]["value"] == "me"
    assert parameters["keyVaultSecretValue"]["value"] not in out
    resources = cloud.body("PUT", "/deployments/pkr")["properties"]["template"]["resources"]
    machine = next(item for item in resources if item["type"].endswith("virtualMachines"))
    (secret,) = machine["properties"]["osProfile"]["secrets"]
    assert secret["vaultCertificates"][0]["certificateUrl"].endswith(".vault/s/1")
    assert cloud.arm.ours() == []


def test_a_vault_that_exists(cloud: Cloud, build: Build) -> None:
    vault = f"{GROUPS}/builds/providers/Microsoft.KeyVault/vaults/ours"
    cloud.arm.add(vault)
    cloud.arm.add(f"{vault}/secrets/packerKeyVaultSecret")
    more = {"location": None, "build_resource_group_name": "builds", "build_key_vault_name": "ours"}
    options = {**WINDOWS, "communicator": "ssh", "ssh_port": cloud.host.port}
    status, out = build(cloud.template(steps="", **options, **more))
    assert status == 0, out
    assert "Setting the certificate in the KeyVault..." in out
    assert " -> Certificate URL       : 'https://ours.vault/s/2'" in out
    assert vault.lower() in cloud.arm.resources


# -- the communicator by itself ---------------------------------------------------------------------------------------


def machine(folder: Path) -> tuple[RunCommand, list[dict[str, Any]]]:
    """A machine of Linux, and the bodies that are sent to it."""
    sent: list[dict[str, Any]] = []
    run = shell(folder)
    (folder / "tmp").mkdir()

    async def runner(name: str, body: dict[str, Any]) -> dict[str, Any]:
        sent.append(body)
        (hidden,) = [entry["value"] for entry in body["properties"]["protectedParameters"]]
        status, out, err = run(body["properties"]["source"]["script"], hidden)
        return {"executionState": "Succeeded", "exitCode": status, "output": out[-KEPT:], "error": err[-KEPT:]}

    return RunCommand(runner, "westeurope", False, "packer"), sent


def test_files_go_in_pieces_and_come_back(tmp_path: Path) -> None:
    there, sent = machine(tmp_path)
    data = bytes(range(256)) * 300 + b"end"
    moved: list[tuple[str, int, int]] = []
    there.progress = lambda *how: moved.append(how)

    async def go() -> None:
        await there.upload(data, "/tmp/it's", 0o640)
        assert (tmp_path / "tmp" / "it's").read_bytes() == data
        assert (tmp_path / "tmp" / "it's").stat().st_mode & 0o777 == 0o640
        assert len(sent) == len(data) // PIECE + 1
        small = b"0123456789" * 500
        await there.upload(small, "/tmp/small", 0o600)
        assert await there.download("/tmp/small") == (small, 0o600)
        with pytest.raises(CommunicatorError, match="No such file"):
            await there.download("/tmp/none")

    asyncio.run(go())
    assert moved == [("it's", PIECE, len(data)), ("it's", len(data), len(data))]


def test_trees(tmp_path: Path) -> None:
    there, _ = machine(tmp_path)

    async def go() -> None:
        await there.run("mkdir /tmp/tree")
        await there.upload_tree([Entry("a", None, 0o755), Entry("a/b", b"text", 0o644)], "/tmp/tree")
        assert (tmp_path / "tmp/tree/a/b").read_text() == "text"
        found = await there.download_tree("/tmp/tree")
        assert [(entry.name, entry.data) for entry in found] == [("a", None), ("a/b", b"text")]

    asyncio.run(go())


def test_output_that_was_cut_is_said(tmp_path: Path) -> None:
    there, _ = machine(tmp_path)
    out, err = bytearray(), bytearray()
    assert asyncio.run(there.run("seq 1 3000; echo short >&2; exit 4", out.extend, err.extend)) == 4
    assert out.startswith(b"(only the last 4096 bytes of the output come over Run Command)\n")
    assert out.endswith(b"2999\n3000\n")
    assert err == b"short\n"


def test_input_is_read(tmp_path: Path) -> None:
    there, _ = machine(tmp_path)
    out = bytearray()
    assert asyncio.run(there.run('eval "$(cat)"', out.extend, stdin=b"echo from stdin")) == 0
    assert out == b"from stdin\n"
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_command_that_azure_does_not_run(tmp_path: Path) -> None:
    async def refusing(name: str, body: dict[str, Any]) -> dict[str, Any]:
        raise BuildError("OperationNotAllowed: the agent is not ready")

    async def silent(name: str, body: dict[str, Any]) -> dict[str, Any]:
        return {"executionState": "TimedOut", "executionMessage": "it took\ntoo long"}

    with pytest.raises(CommunicatorError, match="the agent is not ready"):
        asyncio.run(RunCommand(refusing, "x", False).run("true"))
    with pytest.raises(CommunicatorError, match="the command was not run: it took too long"):
        asyncio.run(RunCommand(silent, "x", True).run("dir"))
    with pytest.raises(CommunicatorError, match="too long for Run Command"):
        asyncio.run(RunCommand(silent, "x", False).run("x" * 100_000))
