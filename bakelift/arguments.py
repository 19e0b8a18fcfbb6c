"""The command line in Packer's habits: long options with one dash, before or after the template; ``-flag=false``."""

from __future__ import annotations

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence


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
    Option("var-file", "variable values from a file (.pkrvars.hcl, .json, .bicepparam)", "FILE", many=True),
    Option("only", "only the builds whose names match (comma separated, globs)", "NAMES", many=True),
    Option("except", "all but the builds and post-processors whose names match", "NAMES", many=True),
    Option("root", "files may be read below this folder (repeatable)", "DIR", many=True),
    Option("allow-network", "ask http data sources for what they give"),
)
SEED = Option("seed", "a time, or any text: timestamp() and uuids are made of it", "SEED")


def parser(command: Command) -> argparse.ArgumentParser:
    """The argparse parser of a command, for its help: loading it takes longer than reading a command line."""
    import argparse

    made = argparse.ArgumentParser(
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
        help = option.help + (f" [{option.default}]" if isinstance(option.default, str) and option.default else "")
        metavar = option.takes if option.takes is not None else ""
        group.add_argument(f"-{option.name}", choices=option.choices or None, metavar=metavar, help=help)
    return made


def parse(command: Command, arguments: Sequence[str]) -> Parsed:
    """Raises :class:`Usage`. Flags become bool, options text, repeatable options lists of text.

    ``--name`` is ``-name``; a value is the next word, even one that begins with a dash, or stands after ``=``; after
    ``--`` everything is positional. A flag never swallows the template after it.
    """
    options = {option.name: option for option in command.options}
    values: dict[str, object] = {o.name: _default(o) for o in command.options}
    positionals: list[str] = []
    words = list(arguments)
    while words:
        word = words.pop(0)
        if word == "--":
            positionals += words
            break
        if not word.startswith("-") or word == "-":
            positionals.append(word)
            continue
        name, equals, text = word.lstrip("-").partition("=")
        option = options.get(name)
        if option is None:
            raise _unknown(word, options)
        if option.takes is None:
            values[name] = _truth(name, text) if equals else True
            continue
        if not equals:
            if not words:
                raise Usage(f"-{name} needs a value: -{name} {option.takes}")
            text = words.pop(0)
        if option.choices and text not in option.choices:
            raise Usage(f"-{name} takes one of {', '.join(option.choices)}, not {text}")
        before = values[name]
        values[name] = [*before, text] if isinstance(before, list) else text
    if not command.minimum <= len(positionals) <= command.maximum:
        wanted = command.positional or "no argument"
        raise Usage(f"{command.name} takes {wanted}" + (f", not: {' '.join(positionals)}" if positionals else ""))
    return Parsed(positionals, values)


def _default(option: Option) -> object:
    if option.takes is None:
        return bool(option.default)
    return [] if option.many else option.default


def _truth(name: str, text: str) -> bool:
    if text.lower() in ("true", "t", "1"):
        return True
    if text.lower() in ("false", "f", "0"):
        return False
    raise Usage(f"-{name}: a flag is true or false, not {text!r}")


def _unknown(word: str, options: dict[str, Option]) -> Usage:
    from difflib import get_close_matches

    given = word.partition("=")[0]
    near = get_close_matches(given.lstrip("-"), options, 1)
    return Usage(f"unknown option {given}" + (f"; did you mean -{near[0]}?" if near else ""))
