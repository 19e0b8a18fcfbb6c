"""What the marker line of a lowered text says: its facts, as the options that they repeat."""

from __future__ import annotations

import re

from bakelift.translator.imagebuilder.lowering import text as t
from bakelift.translator.imagebuilder.lowering.gotext import parse_command
from bakelift.translator.plan.expressions import Expr, ListExpr, Literal, ObjectExpr, template
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bakelift.translator.imagebuilder.customizers import Customizer

    Facts = Mapping[str, object]


class Unreadable(Exception):
    """The text is not of the shape that its marker line promises."""


#: Facts that are options as they stand, of any kind of step.
_OPTIONS = (
    "inline_shebang",
    "env_var_format",
    "elevated_env_var_format",
    "remote_folder",
    "remote_file",
    "remote_path",
    "remote_env_var_path",
    "execution_policy",
    "timeout",
    "pause_before",
    "pause_after",
    "start_retry_timeout",
    "binary",
    "skip_clean",
    "use_env_var_file",
    "use_pwsh",
    "expect_disconnect",
    "continue_on_error",
    "max_retries",
    "debug_mode",
    "valid_exit_codes",
    "direction",
    "generated",
)


def marked(customizer: Customizer) -> Facts | None:
    """The facts of a customizer's marker line; None where it has none."""
    inline = getattr(customizer, "inline", None)
    first = inline[0] if inline else None
    return t.read_marker(first.value) if isinstance(first, Literal) and isinstance(first.value, str) else None


def facts_of(customizer: Customizer) -> Facts:
    """As :func:`marked`; no facts where there is no marker line."""
    return marked(customizer) or {}


def as_list(value: object) -> list[object]:
    """A fact that is a list; nothing where it is missing or something else."""
    return value if isinstance(value, list) else []


def options(facts: Facts) -> dict[str, Expr]:
    """The options that a marker line repeats."""
    found = {name: literal(facts[name]) for name in _OPTIONS if name in facts}
    for name in ("execute_command", "elevated_execute_command"):
        if isinstance(facts.get(name), str):
            found[name] = parse_command(str(facts[name]))
    return found


def literal(value: object) -> Expr:
    """A fact as an expression. Raises Unreadable for what no option can be."""
    if isinstance(value, list):
        return ListExpr(tuple(literal(item) for item in value))
    if isinstance(value, (str, bool, int)):
        return Literal(value)
    raise Unreadable


def items(lines: list[str], facts: Facts) -> list[str]:
    """Lines as the items of an option that they were, where some had several."""
    counts = facts.get("items")
    if not isinstance(counts, list):
        return lines
    found, at = [], 0
    for count in counts:
        if not isinstance(count, int):
            raise Unreadable
        found.append("\n".join(lines[at : at + count]))
        at += count
    return found


def environment(variables: Mapping[str, Expr], facts: Facts) -> dict[str, Expr]:
    """environment_vars and env as they were written: their names and order stand in the marker line."""
    found: dict[str, Expr] = {}
    own = []
    for item in as_list(facts.get("environment_vars")):
        name, whole, _ = str(item).partition("=")
        if whole:
            own.append(Literal(str(item)))
        elif name in variables:
            own.append(template([Literal(f"{name}="), variables[name]]))  # type: ignore[arg-type]
        else:
            raise Unreadable
    if own:
        found["environment_vars"] = ListExpr(tuple(own))
    entries = []
    for item in as_list(facts.get("env")):
        name, whole, value = str(item).partition("=")
        if not whole and name not in variables:
            raise Unreadable
        entries.append((Literal(name), Literal(value) if whole else variables[name]))
    if entries:
        found["env"] = ObjectExpr(tuple(entries))
    return found


class Generalization(Record):
    """The lines at the end of a step that were left to Image Builder. ``script``: they are a script of their own.

    ``facts``: of its bytes (:mod:`bakelift.translator.imagebuilder.lowering.script_text`).
    """

    lines: tuple[str, ...]
    script: str | None = None
    facts: Facts = {}


def generalization(facts: Facts) -> Generalization | None:
    """What a step's marker line says of it. Raises Unreadable for what it never says."""
    said = facts.get("deprovision")
    if not said:
        return None
    own = said if isinstance(said, dict) else {"lines": said}
    lines, script = own.get("lines"), own.get("script")
    if not isinstance(lines, list) or not (script is None or isinstance(script, str)):
        raise Unreadable
    return Generalization(tuple(str(line) for line in lines), script, own)


def inline_of(lines: Sequence[Expr], facts: Facts) -> ListExpr:
    """The items of an inline from its lines, with those at its end that were left to Image Builder."""
    taken = generalization(facts)
    own = taken.lines if taken is not None else ()
    if "items" not in facts:
        return ListExpr((*lines, *(Literal(line) for line in own)))
    found = t.from_lines(lines)
    if found is None or found[1]:
        raise Unreadable
    return ListExpr(tuple(Literal(item) for item in items([*found[0].split("\n"), *own], facts)))


# -- what stands below the marker line --------------------------------------------------------------------------------


def read(customizer: Customizer) -> tuple[str, list[Expr]]:
    """The text of a customizer, and the symbolic values in it."""
    return _text(getattr(customizer, "inline", None) or ())


def prelude(customizer: Customizer, facts: Facts) -> tuple[tuple[str, list[Expr]], Sequence[Expr]]:
    """The lines before those of the step, as :func:`read` has a text; and the step's own lines."""
    count, inline = facts.get("prelude"), getattr(customizer, "inline", None) or ()
    if not isinstance(count, int) or len(inline) < count + 1:
        raise Unreadable
    return _text(inline[1 : count + 1]), inline[count + 1 :]


def _text(lines: Sequence[Expr]) -> tuple[str, list[Expr]]:
    found = t.from_lines(lines)
    if found is None:
        raise Unreadable
    return found


def from_base64(text: str) -> bytes:
    """The bytes of base64, whose lines may be quoted."""
    try:
        return t.from_written_bytes(text)
    except ValueError:
        raise Unreadable from None


def written(text: str) -> list[bytes]:
    """The bytes of the files that a text writes on Windows, in order."""
    pattern = rf"^\[IO\.File\]::WriteAll(?:Bytes{t.WRITTEN_BYTES}|Text\(\$path, {t.WRITTEN_TEXT})$"
    return [
        from_base64(found[1]) if found[1] is not None else t.from_written_text(*found.group(2, 3, 4))
        for found in re.finditer(pattern, text, re.MULTILINE | re.DOTALL)
    ]


def lines_of(data: bytes) -> list[str]:
    """The lines of a file that was made for inline ones, each of which ends."""
    try:
        return data.decode().split("\n")[:-1]
    except UnicodeDecodeError:
        raise Unreadable from None
