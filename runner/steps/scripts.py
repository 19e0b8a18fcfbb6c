"""What shell and shell-local share: where the script comes from, its environment, its exit status."""

from __future__ import annotations

import re

from bakelift.runner.errors import BuildError
from bakelift.runner.settings import text_value
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bakelift.runner.settings import Settings
    from bakelift.translator.plan.values import Value

SHEBANG = "/bin/sh -e"


class Script(Record):
    """A script to run. ``path``: as the log shows it; ``data``: its bytes as they are in the template or the file."""

    path: str
    data: bytes
    inline: bool = False


def script_paths(settings: Settings) -> list[str]:
    if settings.given("script"):
        return [settings.text("script")]
    return settings.texts("scripts")


def inline_text(settings: Settings, lines: Iterable[str], own_shebang: bool) -> bytes:
    """The file of inline commands. ``own_shebang``: a text that begins with ``#!`` needs none (since Packer 1.13)."""
    body = "".join(f"{line}\n" for line in lines)
    if own_shebang and not settings.given("inline_shebang") and body.startswith("#!"):
        return body.encode("utf-8", "surrogateescape")
    return f"#!{settings.text('inline_shebang', SHEBANG)}\n{body}".encode("utf-8", "surrogateescape")


def unix_lines(data: bytes) -> bytes:
    """CRLF becomes LF, and the last line gets its end."""
    data = data.replace(b"\r\n", b"\n")
    return data if not data or data.endswith(b"\n") else data + b"\n"


def environment(settings: Settings, own: Mapping[str, str]) -> dict[str, str]:
    """Packer's own variables, the template's over them; ``env`` wins over ``environment_vars``. Sorted by name."""
    variables = dict(own)
    for pair in settings.texts("environment_vars"):
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise settings.failure(
                "build/bad-environment-variable",
                f"Environment variable not in format 'key=value': {pair}",
                name="environment_vars",
            )
        variables[name] = value
    variables.update(settings.mapping("env"))
    return dict(sorted(variables.items()))


def flatten(variables: Mapping[str, str], pattern: str) -> str:
    """The variables as shell text by ``env_var_format``; a single quote inside a value ends and reopens the quoting."""
    return "".join(formatted(pattern, name, value.replace("'", "'\"'\"'")) for name, value in variables.items())


def formatted(pattern: str, *words: str) -> str:
    """Go's ``fmt.Sprintf`` for a pattern of ``%s`` and ``%%``."""
    rest = iter(words)
    return re.sub(r"%([s%])", lambda m: "%" if m.group(1) == "%" else next(rest, "%!s(MISSING)"), pattern)


def check_status(settings: Settings, status: int, pattern: str) -> None:
    """Raises when a script's exit status is not among ``valid_exit_codes``."""
    valid = settings.integers("valid_exit_codes") or [0]
    if status not in valid:
        raise BuildError(pattern.format(status, " ".join(map(str, valid))))


def command_symbols(**holes: str) -> dict[tuple[str, str], Value]:
    """The holes of an execute command, bound."""
    return {("command", name): text_value(value) for name, value in holes.items()}
