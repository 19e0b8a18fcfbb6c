"""Builds full of secrets: nothing that anybody else can read shows one, while they run or afterwards."""

from __future__ import annotations

import base64
import os
import threading
import urllib.parse
from pathlib import Path

import pytest

#: What is looked for. The values hold what makes quoting differ, but not inside of this.
MARK = "zq7Hunter2zq7"
SECRETS = {
    "plain": f"{MARK}-plain",
    "quoted": f'it\'s {MARK} "q" $x `y` \\ z & <é>/+=',
    "lines": f"first {MARK}\nsecond {MARK}\n",
    "listed": [f"{MARK}-one", {"two": f"{MARK}-two"}],
}
TEMPLATE = """
variable "plain" {{
  type      = string
  sensitive = true
}}
variable "quoted" {{
  type      = string
  sensitive = true
}}
variable "lines" {{
  type      = string
  sensitive = true
}}
variable "listed" {{
  type      = any
  sensitive = true
}}
locals {{
  derived = "x-${{var.plain}}-y"
}}
source "null" "n" {{
  {source}
}}
build {{
  sources = ["source.null.n"]
  provisioner "shell" {{
    env    = {{ A = var.plain, B = var.quoted, C = var.lines }}
    inline = [
      "set -x",
      "echo \\"$A\\" \\"$B\\"; echo \\"$C\\"; echo \\"$B\\" >&2",
      "printf %s \\"$A and more of it, so that it breaks over lines, $A and more $A\\" | base64",
      "printf %s \\"$B$B\\" | base64 -w0; echo; printf %s \\"$A\\" | od -An -tx1 | tr -d ' '; echo",
      "printf %s \\"$A\\" | fold -w 7; echo",
      "printf %s \\"$A\\" | while read -r -n 1 c 2>/dev/null; do printf %s \\"$c\\"; sleep 0.01; done; echo",
      "sleep 0.3",
    ]
  }}
  provisioner "shell" {{
    environment_vars = ["A=${{var.plain}}"]
    use_env_var_file = true
    inline           = ["echo $A ${{local.derived}} ${{var.listed[0]}} ${{var.listed[1].two}}", "sleep 0.2"]
  }}
  provisioner "shell" {{
    environment_vars = ["A=${{var.plain}}"]
    execute_command  = "chmod +x {{{{.Path}}}}; echo '${{var.plain}}' | env {{{{.Vars}}}} sh -c 'cat; {{{{.Path}}}}'"
    inline           = ["echo then", "sleep 0.2"]
  }}
  provisioner "file" {{
    content     = var.plain
    destination = "/tmp/secret-content"
  }}
  provisioner "shell" {{
    inline = ["cat /tmp/secret-content; rm /tmp/secret-content", "exit {status}"]
  }}
}}
"""


def shapes() -> list[str]:
    """The mark in plain, and what it is when encoded at each offset."""
    found = [MARK, MARK.encode().hex(), urllib.parse.quote(MARK, safe="")]
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + MARK.encode()).decode()
        found.append(encoded[4:-4])
    return found


class Watch:
    """Looks at the arguments of all processes, as fast as it can."""

    def __init__(self) -> None:
        self.found: set[str] = set()
        self.looks = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.is_set():
            self.looks += 1
            for name in os.listdir("/proc"):
                if name.isdigit():
                    try:
                        data = Path(f"/proc/{name}/cmdline").read_bytes()
                    except OSError:
                        continue
                    if MARK.encode() in data and b" env " not in b" " + data.replace(b"\0", b" "):
                        self.found.add(data.decode("utf-8", "replace"))
            self._over.wait(0.005)


FORMATS = {
    "text": {"color": False, "log_style": "classic"},
    "colour": {"timestamp_ui": True},
    "records": {"machine_readable": True},
    "events": {"json_events": True, "timing": True},
}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("status", [0, 3])
def test_a_build_over_ssh_shows_no_secret(run_template, server, tmp_path, monkeypatch, name, status):
    source = (
        f'ssh_host = "127.0.0.1"\n  ssh_port = {server.port}\n  ssh_username = "root"\n'
        f'  ssh_private_key_file = "{server.key}"'
    )
    watched(run_template, tmp_path, monkeypatch, source, status, FORMATS[name])


@pytest.mark.parametrize("name", ["text", "events"])
def test_a_build_in_a_sandbox_shows_no_secret(run_template, tmp_path, monkeypatch, name):
    from bakelift.runner.errors import BuildError
    from bakelift.runner.targets.sandbox.engine import find_bwrap

    try:
        find_bwrap()
    except BuildError as error:
        pytest.skip(str(error))
    if os.geteuid() != 0:
        pytest.skip("another test builds as an ordinary user")
    options = {**FORMATS[name], "on": "sandbox", "base": "host"}
    watched(run_template, tmp_path, monkeypatch, 'communicator = "none"', 0, options)


def watched(run_template, folder, monkeypatch, source, status, options):
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    monkeypatch.setenv("TMPDIR", str(folder))
    (folder / "t.pkr.hcl").write_text(TEMPLATE.format(source=source, status=status))
    trace = folder / "packer.log"
    with Watch() as watch:
        ended, text = run_template(
            "t.pkr.hcl", SECRETS, environment={"PACKER_LOG_PATH": str(trace)}, out=str(folder / "out"), **options
        )
    assert ended == (1 if status else 0), text
    assert watch.looks > 10
    assert not watch.found
    assert "<sensitive>" in text
    for shape in shapes():
        assert shape not in text
        for path in folder.rglob("*"):
            # What a step wrote into its machine is in the layer of that step, which is the machine's content.
            if path.is_file() and path.name not in {"t.pkr.hcl", "secret-content"}:
                assert shape.encode() not in path.read_bytes(), path
