"""Whole processes, from cold, side by side with the real Packer in the same run: a start, and how work grows.

    python bench/cold_start.py [RUNS]

Prints for each command the median and least wall time, its peak memory, and its ratio to Packer's command: ``packer
version`` for a template of 200 lines, ``packer hcl2_upgrade`` of the same legacy template, ``packer validate
-syntax-only`` of the same template for 10, 100 and 1000 provisioners, and the whole ``packer validate`` for 200, which
takes it so long that it runs three times only.
Needs the installed console script beside this interpreter; Packer's lines are left out, and said so, where it is not
installed or refuses the template.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

STEP = """
  provisioner "shell" {{
    environment_vars = ["NAME=${{var.name}}", "NUMBER={0}"]
    execute_command  = "chmod +x {{{{ .Path }}}}; {{{{ .Vars }}}} sudo -E sh '{{{{ .Path }}}}'"
    inline           = ["echo step {0}", "mkdir -p /opt/step-{0}"]
  }}
"""
HEAD = """variable "name" {
  type    = string
  default = "web"
}

source "azure-arm" "image" {
  os_type                           = "Linux"
  image_publisher                   = "canonical"
  image_offer                       = "ubuntu-24_04-lts"
  image_sku                         = "server"
  location                          = "westeurope"
  vm_size                           = "Standard_D2s_v5"
  managed_image_name                = "${var.name}-image"
  managed_image_resource_group_name = "images"
}

build {
  sources = ["source.azure-arm.image"]
"""


def legacy(count: int) -> str:
    """The same in legacy JSON."""
    step = {
        "type": "shell",
        "environment_vars": ["NAME={{user `name`}}"],
        "execute_command": "chmod +x {{ .Path }}; {{ .Vars }} sudo -E sh '{{ .Path }}'",
    }
    builder = {
        "type": "azure-arm",
        "os_type": "Linux",
        "image_publisher": "canonical",
        "image_offer": "ubuntu-24_04-lts",
        "image_sku": "server",
        "location": "westeurope",
        "vm_size": "Standard_D2s_v5",
        "managed_image_name": "{{user `name`}}-image",
        "managed_image_resource_group_name": "images",
    }
    steps = [{**step, "inline": [f"echo step {n}", f"mkdir -p /opt/step-{n}"]} for n in range(count)]
    template = {"variables": {"name": "web"}, "builders": [builder], "provisioners": steps}
    return json.dumps(template, indent=2) + "\n"


#: Provisioners of the templates that show how work grows.
SIZES = (10, 100, 1000)
#: Provisioners of the template that Packer validates as a whole, plugins and all.
WHOLE = 200


class Command:
    """A command, and what its runs took. ``against``: the name of the command that it is compared with; ``most``: runs
    that are enough.
    """

    def __init__(self, name: str, words: list[str], against: str = "", most: int = 1000) -> None:
        self.name = name
        self.words = words
        self.against = against
        self.most = most
        self.seconds: list[float] = []
        self.memory = 0

    def run(self) -> None:
        """One run; SystemExit with its message when it fails."""
        start = time.perf_counter()
        process = subprocess.Popen(self.words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        assert process.stderr is not None
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        took = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{self.name} ended with {process.returncode}: {said[-2000:]}")
        self.seconds.append(took)
        self.memory = max(self.memory, usage.ru_maxrss)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def template(lines: int) -> str:
    """A template of about so many lines."""
    return provisioners(max(1, (lines - HEAD.count("\n") - 1) // STEP.count("\n")))


def provisioners(count: int) -> str:
    """A template of so many shell provisioners."""
    return HEAD + "".join(STEP.format(number) for number in range(count)) + "}\n"


def commands(folder: Path, bakelift: str, packer: str | None) -> list[Command]:
    """All commands, with their templates written to the folder."""
    found = [Command("python -c pass", [sys.executable, "-c", "pass"], "packer version")]
    if packer:
        found.append(Command("packer version", [packer, "version"]))
    path = folder / "image.pkr.hcl"
    path.write_text(template(200))
    found.append(Command("translate, 200 lines", [bakelift, "translate", str(path)], "packer version"))
    path = folder / "legacy.json"
    path.write_text(legacy(20))
    upgrade = "packer hcl2_upgrade"
    if packer:
        found.append(Command(upgrade, [packer, "hcl2_upgrade", f"-output-file={folder}/upgraded.pkr.hcl", str(path)]))
    translate = [bakelift, "translate", str(path), "-to", "hcl", "-force", "-out", f"{folder}/translated.pkr.hcl"]
    found.append(Command("translate, legacy to HCL", translate, upgrade))
    for count in SIZES:
        path = folder / f"{count}.pkr.hcl"
        path.write_text(provisioners(count))
        other = f"packer validate, {count} steps"
        if packer:
            validate = [packer, "validate", "-syntax-only", str(path)]
            if subprocess.run(validate, capture_output=True, check=False).returncode == 0:
                found.append(Command(other, validate))
            else:
                print(f"{other} is left out: this Packer refuses the template")
        found.append(Command(f"translate, {count} steps", [bakelift, "translate", str(path)], other))
    path = folder / f"{WHOLE}.pkr.hcl"
    path.write_text(provisioners(WHOLE))
    other = f"packer validate, {WHOLE} steps, whole"
    if packer and subprocess.run([packer, "validate", str(path)], capture_output=True, check=False).returncode == 0:
        found.append(Command(other, [packer, "validate", str(path)], most=3))
    found.append(Command(f"translate, {WHOLE} steps", [bakelift, "translate", str(path)], other))
    return found


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    packer = shutil.which("packer")
    if packer is None:
        print("packer is not installed: its lines are left out")
    with tempfile.TemporaryDirectory() as folder:
        every = commands(Path(folder), str(Path(sys.executable).parent / "bakelift"), packer)
        for command in every:  # once unmeasured, so that nobody pays for cold files
            if command.most >= runs:
                command.run()
                command.seconds.clear()
        for run in range(runs):  # taking turns, so that they share the machine's noise
            for command in every:
                if run < command.most:
                    command.run()
    by_name = {command.name: command for command in every}
    for command in every:
        base = by_name.get(command.against)
        ratio = f"  {command.median / base.median:5.2f} x {base.name}" if base else ""
        print(
            f"{command.name:28} median {command.median * 1000:7.1f} ms  min {min(command.seconds) * 1000:7.1f} ms"
            f"  {command.memory / 1024:6.1f} MB{ratio}"
        )


if __name__ == "__main__":
    main()
