"""Cold starts, whole processes, side by side with the real Packer in the same run.

    python bench/cold_start.py [RUNS]

Prints the median of each command and the ratio to ``packer version``. Needs the installed console script beside this
interpreter; Packer's line is left out, and said so, where it is not installed.
"""

from __future__ import annotations

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


def template(lines: int) -> str:
    """A template of about so many lines."""
    steps = max(1, (lines - HEAD.count("\n") - 1) // STEP.count("\n"))
    return HEAD + "".join(STEP.format(number) for number in range(steps)) + "}\n"


def interleaved(commands: dict[str, list[str]], runs: int) -> dict[str, list[float]]:
    """Wall seconds of every run, the commands taking turns so that they share the machine's noise."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs + 1):
        for name, command in commands.items():
            start = time.perf_counter()
            done = subprocess.run(command, capture_output=True, check=False)
            if done.returncode:
                raise SystemExit(f"{name} ended with {done.returncode}: {done.stderr.decode()[-2000:]}")
            times[name].append(time.perf_counter() - start)
    return {name: seconds[1:] for name, seconds in times.items()}


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    bakelift = str(Path(sys.executable).parent / "bakelift")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "image.pkr.hcl"
        path.write_text(template(200))
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "bakelift translate, 200 lines": [bakelift, "translate", str(path)],
        }
        packer = shutil.which("packer")
        if packer:
            commands["packer version"] = [packer, "version"]
        else:
            print("packer is not installed: its line is left out")
        times = interleaved(commands, runs)
    base = statistics.median(times["packer version"]) if packer else None
    for name, seconds in times.items():
        ratio = f"  {statistics.median(seconds) / base:5.2f} x packer version" if base else ""
        print(f"{name:32} median {statistics.median(seconds) * 1000:7.1f} ms  min {min(seconds) * 1000:7.1f} ms{ratio}")


if __name__ == "__main__":
    main()
