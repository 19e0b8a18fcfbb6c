"""The command line in Packer's habits: long options with one dash, before or after the template; ``-flag=false``."""

from __future__ import annotations

import argparse

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn


class Option(Record):
    """One option. ``takes`` None: a flag; else what its value is called in the help. ``many``: may be repeated."""

    name: str
    help: str
    takes: str | None = None
    many: bool = False
    default: str | bool | None = None
    choices: tuple[str, ...] = ()


class Command(Record):
    """One command: what it does in a line, its positionals (``positional`` names them), its options, an example."""

    name: str
    summary: str
    positional: str
    options: tuple[Option, ...]
    example: str
    minimum: int = 1
    maximum: int = 1


class Usage(Exception):
    """The command line is wrong; the text says how."""


class Parsed:
    """Option values by name, and the positionals."""

    def __init__(self, positionals: list[str], values: dict[str, object]) -> None:
        self.positionals = positionals
        self.values = values

    def flag(self, name: str) -> bool:
        return bool(self.values[name])

    def text(self, name: str) -> str | None:
        value = self.values[name]
        return value if isinstance(value, str) else None

    def texts(self, name: str) -> list[str]:
        value = self.values[name]
        return list(value) if isinstance(value, list) else []

    def names(self, name: str) -> list[str]:
        """Values of a repeatable option whose values are comma separated lists."""
        return [part for text in self.texts(name) for part in text.split(",") if part]


#: Shared by every command that reads templates.
VARIABLES = (
    Option("var", "set a variable; the last one wins", "NAME=VALUE", many=True),
    Option("var-file", "variable values from a file (.pkrvars.hcl, .json)", "FILE", many=True),
    Option("only", "only the builds whose names match (comma separated, globs)", "NAMES", many=True),
    Option("except", "all but the builds and post-processors whose names match", "NAMES", many=True),
    Option("root", "files may be read below this folder (repeatable)", "DIR", many=True),
)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise Usage(message)


def parser(command: Command) -> argparse.ArgumentParser:
    """The argparse parser of a command."""
    made = _Parser(
        prog=f"bakelift {command.name}",
        usage=f"bakelift {command.name} [options] {command.positional}".rstrip(),
        description=command.summary,
        epilog=f"example:\n  {command.example}",
        formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, max_help_position=30, width=110),
        allow_abbrev=False,
        add_help=False,
    )
    made.add_argument("positionals", nargs="*", help=argparse.SUPPRESS)
    group = made.add_argument_group("options")
    for option in command.options:
        name = f"-{option.name}"
        help = option.help + (f" [{option.default}]" if isinstance(option.default, str) and option.default else "")
        if option.takes is None:
            # Flags arrive as -flag=true (see _spelled_out), so that a flag never swallows the template after it.
            group.add_argument(name, type=_truth, default=bool(option.default), help=help, metavar="")
        elif option.many:
            group.add_argument(name, action="append", default=[], metavar=option.takes, help=help)
        else:
            group.add_argument(
                name, default=option.default, choices=option.choices or None, metavar=option.takes, help=help
            )
    return made


def _truth(text: str) -> bool:
    if text.lower() in ("true", "t", "1"):
        return True
    if text.lower() in ("false", "f", "0"):
        return False
    raise argparse.ArgumentTypeError(f"a flag is true or false, not {text!r}")


def _spelled_out(command: Command, arguments: Sequence[str]) -> list[str]:
    """``--name`` becomes ``-name``, ``-flag`` ``-flag=true``, ``-name value`` one word (it may begin with a dash)."""
    options = {option.name: option for option in command.options}
    words = list(arguments)
    made: list[str] = []
    while words:
        word = words.pop(0)
        if word == "--":
            return [*made, word, *words]
        if not word.startswith("-") or word == "-":
            made.append(word)
            continue
        name, equals, _ = word.lstrip("-").partition("=")
        option = options.get(name)
        if option is None:
            from difflib import get_close_matches

            near = get_close_matches(name, options, 1)
            raise Usage(f"unknown option {word.partition('=')[0]}" + (f"; did you mean -{near[0]}?" if near else ""))
        if equals:
            made.append(f"-{word.lstrip('-')}")
        elif option.takes is None:
            made.append(f"-{name}=true")
        elif words:
            made.append(f"-{name}={words.pop(0)}")
        else:
            raise Usage(f"-{name} needs a value: -{name} {option.takes}")
    return made


def parse(command: Command, arguments: Sequence[str]) -> Parsed:
    """Raises :class:`Usage`. Flags become bool, options text, repeatable options lists of text."""
    found = vars(parser(command).parse_intermixed_args(_spelled_out(command, arguments)))
    positionals = found.pop("positionals")
    if not command.minimum <= len(positionals) <= command.maximum:
        wanted = command.positional or "no argument"
        raise Usage(f"{command.name} takes {wanted}" + (f", not: {' '.join(positionals)}" if positionals else ""))
    return Parsed(positionals, {name.replace("_", "-"): value for name, value in found.items()})
