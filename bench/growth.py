"""How reading, evaluating and translating grow with the template, and the memory of a large one.

    python bench/growth.py [RUNS]

For templates of 10, 100 and 1000 locals (each made of the one before it, in chains of five), and of as many sources:
the least CPU time of each stage over the runs, and how much more 1000 take than 100 (10: linear). Then whole processes
on a template of 1 MB, with their peak memory. Status 1 when a stage that takes time is more than twice as much as
linear, or a process needs 150 MB.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bakelift.translator.diagnostics import SourceFile
from bakelift.translator.files import DictFiles
from bakelift.translator.imagebuilder.translate import TranslateOptions, translate
from bakelift.translator.packer.hcl_reader import read_hcl
from bakelift.translator.packer.variables import bind_inputs
from bakelift.translator.plan.binding import scope_of
from bakelift.translator.plan.evaluate import evaluate
from bakelift.translator.plan.expressions import Ref
from bakelift.translator.plan.images import images

SIZES = (10, 100, 1000)
#: Growth from 100 to 1000 that is still called linear, on a machine that is never quite quiet.
MOST_GROWTH = 20.0
MOST_MEMORY = 150
#: Stages that are over sooner than this (seconds, at 1000) say nothing about growth.
NOTHING = 0.02
SOURCE = """source "azure-arm" "s{0}" {{
  os_type                           = "Linux"
  image_publisher                   = "canonical"
  image_offer                       = "ubuntu-24_04-lts"
  image_sku                         = "server"
  location                          = "westeurope"
  vm_size                           = "Standard_D2s_v5"
  managed_image_name                = "${{local.l{1}}}-{0}"
  managed_image_resource_group_name = "images"
}}
"""


def template(named: int, sources: int) -> str:
    parts = ['variable "prefix" {\n  type    = string\n  default = "web"\n}\nlocals {\n']
    for n in range(named):
        before = f"local.l{n - 1}" if n % 5 else "var.prefix"
        parts.append(f'  l{n} = "${{{before}}}-{n}"\n')
    parts.append("}\n")
    parts += [SOURCE.format(n, n % named) for n in range(sources)]
    parts.append("build {\n  sources = [\n")
    parts += [f'    "source.azure-arm.s{n}",\n' for n in range(sources)]
    parts.append('  ]\n  provisioner "shell" {\n    inline = ["echo ${source.name} ${local.l0}"]\n  }\n}\n')
    return "".join(parts)


def stages(text: str) -> dict[str, float]:
    """CPU seconds of each stage."""
    took: dict[str, float] = {}

    def timed(name: str, work: Callable[[], object]) -> object:
        start = time.process_time()
        made = work()
        took[name] = time.process_time() - start
        return made

    plan = read_hcl([SourceFile("t.pkr.hcl", text)], "t.pkr.hcl", ".")
    timed("read", lambda: read_hcl([SourceFile("t.pkr.hcl", text)], "t.pkr.hcl", "."))
    bound = bind_inputs(plan)
    scope = scope_of(plan, bound.values)
    timed("evaluate", lambda: [evaluate(Ref("named", item.name), scope) for item in plan.named])
    timed("images", lambda: images(plan, inputs=bound.values))
    timed("translate", lambda: translate(plan, bound, DictFiles({}), TranslateOptions(identity="/i")))
    return took


def growth(runs: int) -> bool:
    """Prints the table; whether every stage is linear."""
    linear = True
    for what in ("locals", "sources"):
        least: dict[str, list[float]] = {}
        for size in SIZES:
            text = template(size if what == "locals" else 10, size if what == "sources" else 1)
            every = [stages(text) for _ in range(runs)]
            for name in every[0]:
                least.setdefault(name, []).append(min(took[name] for took in every))
        for name, times in least.items():
            factor = times[-1] / max(times[-2], 1e-6)
            shown = "  ".join(f"{seconds * 1000:8.1f} ms" for seconds in times)
            print(f"{what:8} {name:10} {shown}   1000 : 100 = {factor:5.1f}")
            linear = linear and (factor <= MOST_GROWTH or times[-1] < NOTHING)
    return linear


def memory() -> bool:
    """Whole processes on a template of 1 MB; whether they stay below the limit."""
    text = template(1000, 1)
    count = (1_000_000 - len(text)) // 100
    step = (
        '  provisioner "shell" {{\n    inline = ["echo step {0:06}", "install -d /opt/{0:06}/${{local.l{1}}}"]\n  }}\n'
    )
    text = text.rstrip().removesuffix("}") + "".join(step.format(n, n % 1000) for n in range(count))
    text = text[: text.rindex("  provisioner", 0, 1_000_000)] + "}\n"
    small = True
    bakelift = str(Path(sys.executable).parent / "bakelift")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.pkr.hcl"
        path.write_text(text)
        for words in (["validate", "-syntax-only"], ["validate"], ["inspect"], ["fmt", "-check"], ["translate"]):
            start = time.perf_counter()
            process = subprocess.Popen(
                [bakelift, *words, str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            _, _, usage = os.wait4(process.pid, 0)
            process.returncode = 0
            size = usage.ru_maxrss / 1024
            took = time.perf_counter() - start
            print(f"{' '.join(words):24} {len(text) / 1e6:.2f} MB  {took:6.2f} s  peak {size:6.1f} MB")
            small = small and size < MOST_MEMORY
    return small


def main() -> int:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    linear = growth(runs)
    return 0 if memory() and linear else 1


if __name__ == "__main__":
    sys.exit(main())
