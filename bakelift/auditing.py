"""``bakelift audit``: finds the templates below what a command line names, and surveys them one after the other."""

from __future__ import annotations

import os

from bakelift.auditing_template import Options, surveyed
from bakelift.discovery import REASONS, Seen, inventory
from bakelift.translator.audit.model import Left, Survey
from bakelift.translator.diagnostics import Diagnostic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from bakelift.arguments import Parsed
    from bakelift.translator.audit.model import Template

    Progress = Callable[[int, int, str], None]

#: So many paths are shown of what was not inventoried.
_EXAMPLES = 5


def survey(parsed: Parsed, to: str, day: str, progress: Progress) -> tuple[Survey, list[Diagnostic]]:
    """The survey, and what is to be told beside it: errors for paths that cannot be read.

    ``progress``: called before each template with its number from 1, how many there are, and its path.
    """
    told: list[Diagnostic] = []
    _check(parsed)
    options = Options(parsed, to, day)
    left = _Left()
    found = list(_found(parsed.positionals, left, told))
    templates: list[Template] = []
    for number, (path, top) in enumerate(found, 1):
        progress(number, len(found), path)
        said = surveyed(path, top, options)
        if isinstance(said, str):
            left.add(path, said)
        else:
            templates.append(said)
    told += _unused(options)
    return Survey(to, tuple(parsed.positionals), tuple(templates), left.all()), told


def _check(parsed: Parsed) -> None:
    """Raises TemplateError for what no template could be translated with."""
    from bakelift.loading import read_source

    version = parsed.text("api-version")
    if version is not None:
        from bakelift.translator.imagebuilder.writer import check_version

        check_version(version)
    for name in parsed.texts("var-file"):
        read_source(name)


def _unused(options: Options) -> list[Diagnostic]:
    names = dict.fromkeys(text.partition("=")[0] for text in options.variables)
    detail = "It changes nothing. Correct its name, or leave it out."
    return [
        Diagnostic("warning", "packer/undeclared-variable", f"no template has the variable {name} of -var", detail)
        for name in names
        if name not in options.used
    ]


class _Left:
    """What is no template, by reason: how many, and the first few."""

    def __init__(self) -> None:
        self.found: dict[str, tuple[int, list[str]]] = {}

    def add(self, path: str, reason: str) -> None:
        number, examples = self.found.get(reason, (0, []))
        if len(examples) < _EXAMPLES:
            examples.append(path)
        self.found[reason] = (number + 1, examples)

    def all(self) -> tuple[Left, ...]:
        """In the order of the reasons."""
        return tuple(
            Left(reason, number, tuple(examples))
            for reason in REASONS
            for number, examples in [self.found.get(reason, (0, []))]
            if number
        )


def _found(paths: Iterable[str], left: _Left, told: list[Diagnostic]) -> Iterator[tuple[str, str]]:
    """(template, folder below which it was found), each once. A file that is named is taken for a template."""
    known: set[str] = set()
    for path in paths:
        if os.path.isdir(path):
            seen: Iterable[Seen] = inventory(path)
            top = path
        elif os.path.exists(path):
            seen, top = [Seen(os.path.basename(path))], os.path.dirname(path) or "."
        else:
            told.append(Diagnostic("error", "files/missing", f"there is no file or folder {path}"))
            continue
        for item in seen:
            place = os.path.normpath(os.path.join(top, item.path))
            real = os.path.realpath(place) if item.reason is None else os.path.abspath(place)
            if real in known:
                continue
            known.add(real)
            if item.reason is not None:
                left.add(place, item.reason)
            else:
                yield place, top
