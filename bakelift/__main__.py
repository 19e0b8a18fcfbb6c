"""The front door: finds the command and runs it; whatever goes wrong ends in a message and an exit status."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

#: name → what it does, in the order of the help. Each is a module of ``bakelift.commands``.
COMMANDS = {
    "translate": "a Packer template to Image Builder, or back",
    "validate": "check a template, offline",
    "inspect": "variables, images, steps",
    "diff": "what changes in the image between two templates",
    "audit": "survey a tree of templates: what a migration costs, and where to begin",
    "build": "run a template: in a sandbox, a VM, over ssh, in Azure, by Image Builder",
    "preflight": "what Azure has to have before a template is built, and what it costs",
    "clean": "remove what builds keep on this machine, or left in Azure",
    "console": "evaluate expressions",
    "fmt": "rewrite HCL in canonical form",
    "stage": "upload the scripts that a translated template fetches",
    "inventory": "a script that collects what is on a machine, for diff",
    "explain": "what a message's code means, and the way out",
}
#: Commands that Packer has keep its statuses: misuse is 1 there and 2 elsewhere.
_LIKE_PACKER = {"build", "validate", "inspect", "console", "fmt"}

HELP = """Usage: bakelift COMMAND [options] [arguments]

bakelift translates Packer templates into Azure VM Image Builder templates and back,
and runs them with a build log that reads like Packer's.

Commands:
{commands}
  version     print the version

bakelift COMMAND -help shows the options of a command.

Example:
  bakelift translate web.pkr.hcl -out image/web.json -report image/web.md
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command line (default: this process's) and gives its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that cannot show a character is no failure
    try:
        return _dispatch(words)
    except BrokenPipeError:
        # The reader of our output has gone; there is nobody to tell.
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
        return 141
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted.\n")
        return 130


def run() -> None:
    """The console script. A command that is over in an instant leaves the tidying up of its memory to the system."""
    import gc

    brief = sys.argv[1:2] not in (["build"], ["console"], ["audit"])
    if brief:
        # What a translation holds is one tree until its end: 1000 provisioners are 34 MB.
        gc.disable()
    status = main()
    if not brief:
        sys.exit(status)
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        status = 141
    os._exit(status)


def _dispatch(words: list[str]) -> int:
    if not words or words[0] in ("-help", "--help", "-h", "help"):
        sys.stdout.write(HELP.format(commands="\n".join(f"  {n:<11} {s}" for n, s in COMMANDS.items())))
        return 0 if words else 1
    name = words[0]
    if name in ("version", "-version", "--version", "-v"):
        from bakelift import __version__

        print(f"bakelift {__version__}")
        return 0
    if name not in COMMANDS:
        from difflib import get_close_matches

        near = get_close_matches(name, COMMANDS, 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        sys.stderr.write(f"bakelift: there is no command {name!r}.{hint}\nbakelift -help lists them.\n")
        return 2
    return _run(name, words[1:])


def _run(name: str, words: list[str]) -> int:
    from bakelift.arguments import Usage, parse, parser
    from bakelift.translator.diagnostics import TemplateError

    module = _command(name)
    if any(word in ("-help", "--help", "-h") for word in words):
        sys.stdout.write(parser(module.COMMAND).format_help())
        return 0
    try:
        return int(module.run(parse(module.COMMAND, words)))
    except Usage as problem:
        sys.stderr.write(f"bakelift {name}: {problem}\n{parser(module.COMMAND).format_usage()}")
        sys.stderr.write(f"bakelift {name} -help says more.\n")
        return 1 if name in _LIKE_PACKER else 2
    except TemplateError as problem:
        from bakelift import terminal

        terminal.show(problem.diagnostics)
        return 1
    except OSError as problem:
        sys.stderr.write(f"Error: {problem.filename or name}: {problem.strerror or problem}\n")
        return 1
    except Exception as problem:  # a defect of ours: say so, and how to see it whole
        if os.environ.get("BAKELIFT_DEBUG"):
            raise
        sys.stderr.write(
            f"Error: bakelift itself failed ({type(problem).__name__}: {problem}) [internal]\n"
            "This is a defect of bakelift, not of your template. BAKELIFT_DEBUG=1 shows where; please report it.\n"
        )
        return 1


def _command(name: str) -> ModuleType:
    module = f"bakelift.commands.{name}"
    __import__(module)
    return sys.modules[module]


if __name__ == "__main__":
    run()
