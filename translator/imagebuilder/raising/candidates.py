"""What a lowered text may have been: a step made from its marker line and its lines, to be checked by lowering it."""

from __future__ import annotations

import re

from bakelift.translator.files import Entry
from bakelift.translator.imagebuilder.customizers import PowerShell, Shell, WindowsRestart, WindowsUpdate
from bakelift.translator.imagebuilder.lowering import text as t
from bakelift.translator.imagebuilder.lowering.deprovision import OVERRIDE, overridden
from bakelift.translator.imagebuilder.lowering.gotext import parse_command, parse_path
from bakelift.translator.imagebuilder.lowering.pause import SLEEP
from bakelift.translator.imagebuilder.lowering.restart import RESTART
from bakelift.translator.imagebuilder.lowering.vault import read_facts, secret_inputs
from bakelift.translator.imagebuilder.raising.plain import service_step
from bakelift.translator.plan.expressions import Expr, ListExpr, Literal, ObjectExpr, template
from bakelift.translator.plan.model import Setting, Step
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from bakelift.translator.imagebuilder.customizers import Customizer

    Facts = Mapping[str, object]


class Candidate(Record):
    """A step, the files that it names (bytes by path; trees by folder), and what lowering has to know besides.

    Paths are as the marker lines show them. ``last``: the step's text lost its generalization, so it was the image's
    last; ``number``: 0, or the number that names of left-behind files were made from. ``secrets``: the inputs that are
    secrets of ``vault``, fetched by ``identity``. ``own``: elevation is said in the service's way, not in Packer's.
    """

    step: Step
    files: dict[str, bytes] = {}
    folders: dict[str, tuple[Entry, ...]] = {}
    executable: frozenset[str] = frozenset()
    build_name: str = ""
    builder_type: str = ""
    last: bool = False
    number: int = 0
    vault: str | None = None
    identity: str | None = None
    secrets: tuple[str, ...] = ()
    own: bool = True


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


#: Options of a restart that the customizer after it says.
_OF_RESTARTS = ("check_registry", "registry_keys")


def candidate(group: Sequence[Customizer], facts: Facts, windows: bool) -> Candidate | None:
    """The step that these customizers may have been lowered from; None when they are of no lowered shape."""
    try:
        of_service = next((item for item in group if isinstance(item, (WindowsRestart, WindowsUpdate))), None)
        if of_service is not None:
            step = service_step(of_service)
            own = {**facts, **facts_of(group[-1])}
            values = {name: literal(own[name]) for name in ("pause_before", *_OF_RESTARTS) if name in own}
            return Candidate(step.but(settings={**step.settings, **settings(values)}))
        if OVERRIDE in facts_of(group[-1]) and len(group) > 1:
            return candidate(group[:-1], facts, windows)  # which writes again what the last one does
        if OVERRIDE in facts:
            return _override(group[0], facts)
        if RESTART in facts:
            values = {"inline": ListExpr((Literal("sudo reboot"),)), "expect_disconnect": Literal(True)}
            return Candidate(Step("shell", settings(values)))
        if SLEEP in facts:
            return Candidate(Step("sleep", settings({"duration": literal(facts[SLEEP]), **options(facts)})))
        if "destination" in facts:
            from bakelift.translator.imagebuilder.raising.uploads import upload_candidate

            return upload_candidate(group, facts, windows)
        if isinstance(group[0], Shell):
            return _shell(group, facts)
        if "windows-shell" in facts or (isinstance(group[-1], PowerShell) and "windows-shell" in facts_of(group[-1])):
            from bakelift.translator.imagebuilder.raising.batch import batch_candidate

            return batch_candidate(group)
        if isinstance(group[0], PowerShell):
            from bakelift.translator.imagebuilder.raising.powershell import powershell_candidate

            return powershell_candidate(group, facts)
    except Unreadable:
        pass
    return None


def _override(customizer: Customizer, facts: Facts) -> Candidate:
    """A step that only generalizes, in its own way."""
    windows = isinstance(customizer, PowerShell)
    lines = overridden(getattr(customizer, "inline", None) or (), windows)
    if lines is None:
        raise Unreadable
    values: dict[str, Expr | None] = {**options(facts)}
    values["inline"] = ListExpr(tuple(Literal(item) for item in _items(lines, facts)))
    if isinstance(customizer, PowerShell):
        from bakelift.translator.imagebuilder.raising.plain import elevation

        values.update({k: v for k, v in elevation(customizer).items() if v is not None})
    return Candidate(Step("powershell" if windows else "shell", settings(values)), last=True)


def _items(lines: list[str], facts: Facts) -> list[str]:
    """Lines as the items that they were, where some had several."""
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


def settings(values: Mapping[str, Expr | None]) -> dict[str, Setting]:
    """Expressions as the settings of a step; those that are None are not said."""
    return {name: Setting(value) for name, value in values.items() if value is not None}


def read(customizer: Customizer) -> tuple[str, list[Expr]]:
    """The text of a customizer, and the symbolic values in it."""
    found = t.from_lines(getattr(customizer, "inline", None) or ())
    if found is None:
        raise Unreadable
    return found


# -- shell ----------------------------------------------------------------------------------------------------------


def _shell(group: Sequence[Customizer], facts: Facts) -> Candidate:
    text, holes = read(group[0])
    shown = t.from_double(text)
    build = {
        name: _first(rf"\b{name}=[\"']([^\"'\n]*)", shown) for name in ("PACKER_BUILD_NAME", "PACKER_BUILDER_TYPE")
    }
    values = options(facts)
    files: dict[str, bytes] = {}
    if "prelude" in facts:
        count = facts["prelude"]
        inline = getattr(group[0], "inline", ())
        if not isinstance(count, int) or len(inline) < count + 1:
            raise Unreadable
        prelude = t.from_lines(inline[1 : count + 1])
        if prelude is None:
            raise Unreadable
        variables = _exported(*prelude)
        values["inline"] = inline_of(inline[count + 1 :], facts)
    elif any(name in facts for name in ("script", "scripts")):
        scripts = _scripts(group, facts)
        files = dict(scripts)
        if any(files[path] != data for path, data in scripts):
            raise Unreadable
        if isinstance(facts.get("script"), str) and "part" not in facts and len(scripts) == 1:
            values["script"] = parse_path(str(facts["script"]))
        else:
            values["scripts"] = ListExpr(tuple(parse_path(path) for path, _ in scripts))
        variables = _passed(text, holes, facts)
    else:
        values["inline"] = inline_of([Literal(line) for line in _inline_lines(text, facts)], facts)
        variables = _passed(text, holes, facts)
    variables.update(read_facts(facts.get("secrets")))
    values.update(environment(variables, facts))
    left = _first(r"/(?:script|varfile)_1(\d{4})\.sh", text)
    return Candidate(
        Step("shell", settings(values)),
        files,
        build_name=build["PACKER_BUILD_NAME"],
        builder_type=build["PACKER_BUILDER_TYPE"],
        last=generalization(facts) is not None,
        number=int(left or 0),
        **vault_of(facts),
    )


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


def vault_of(facts: Facts) -> dict[str, Any]:
    """What a candidate has to know of the vault that its secrets are in."""
    vault, identity = facts.get("vault"), facts.get("identity")
    return {
        "vault": vault if isinstance(vault, str) else None,
        "identity": identity if isinstance(identity, str) else None,
        "secrets": tuple(secret_inputs(facts.get("secrets"))),
    }


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    return found[1] if found else ""


def facts_of(customizer: Customizer) -> Facts:
    """The facts of a customizer's marker line; nothing where it has none."""
    inline = getattr(customizer, "inline", None) or ()
    first = inline[0] if inline else None
    return (t.read_marker(str(first.value)) if isinstance(first, Literal) else None) or {}


def _exported(text: str, holes: Sequence[Expr]) -> dict[str, Expr]:
    """The variables of ``export K='…'`` lines."""
    found: dict[str, Expr] = {}
    for name, value in re.findall(r"^export (\w+)='((?:[^']|'\"'\"')*)'$", text, re.MULTILINE):
        found[name] = _unquoted(value, holes, 1)
    return found


def _unquoted(value: str, holes: Sequence[Expr], times: int) -> Expr:
    """A value from between single quotes: text, or one symbolic value."""
    hole = re.fullmatch("\0([0-9]+)\0", value)
    if hole is not None:
        inner = t.unquoted_at_deployment(holes[int(hole[1])], times)
        if inner is None:
            raise Unreadable
        return t.bare(inner)
    if "\0" in value:
        raise Unreadable
    for _ in range(times):
        value = value.replace(t.APOSTROPHE, "'")
    return Literal(value)


def _passed(text: str, holes: Sequence[Expr], facts: Facts) -> dict[str, Expr]:
    """The variables in an execute command or an environment file, by the names of the marker line."""
    quoted = dict(re.findall(r"^(quoted_[0-9]+)='(\0[0-9]+\0)'$", text, re.MULTILINE))
    names = [str(n).partition("=")[0] for option in ("environment_vars", "env") for n in as_list(facts.get(option))]
    found: dict[str, Expr] = {}
    shown = t.from_double(re.sub(r"(?<!\\)\$\{(quoted_[0-9]+)\}", "\1\\1\2", text))
    for name in names:
        match = re.search(rf"(?<![\w]){re.escape(name)}='((?:[^']|'\"'\"')*)'(?: |\n)", shown)
        if match is None:
            continue
        by_name = re.fullmatch("\1(quoted_[0-9]+)\2", match[1])
        if by_name is not None:
            found[name] = _unquoted(quoted.get(by_name[1], ""), holes, 2)
        else:
            found[name] = _unquoted(match[1], holes, 1)
    return found


def as_list(value: object) -> list[object]:
    """A fact that is a list; nothing where it is missing or something else."""
    return value if isinstance(value, list) else []


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


_UPLOAD = re.compile(
    r"^(?:(?P<tool>cat|base64 -d|head -c -1) > (?P<path>\S+|'[^\n]*') <<'(?P<end>BAKELIFT(?:_\d+)?)'\n"
    r"(?P<body>.*?)^(?P=end)"
    r"|: > (?P<empty>\S+|'[^\n]*'))\nchmod 0755 ",
    re.MULTILINE | re.DOTALL,
)


def uploads(text: str) -> list[bytes]:
    """The bytes of the scripts that a text writes, in order."""
    import base64

    found = []
    for match in _UPLOAD.finditer(text):
        body = match["body"] or ""
        if match["tool"] == "base64 -d":
            try:
                found.append(base64.b64decode(body, validate=False))
            except ValueError:
                raise Unreadable from None
        elif match["tool"] == "head -c -1":
            found.append(body.removesuffix("\n").encode())
        else:
            found.append(body.encode())
    return found


def _scripts(group: Sequence[Customizer], facts: Facts) -> list[tuple[str, bytes]]:
    """The scripts of a step: path and bytes."""
    named = as_list(facts.get("scripts"))
    bodies: list[bytes] = []
    for item in group:
        bodies += uploads(read(item)[0])
    paths = named or [facts_of(item).get("script") for item in group]
    if len(paths) != len(bodies) or not bodies:
        raise Unreadable
    taken = generalization(facts)
    if taken is not None:
        lines = "".join(line + "\n" for line in taken.lines).encode()
        if taken.script is not None:
            paths, bodies = [*paths, taken.script], [*bodies, lines]
        else:
            bodies[-1] += lines
    found = []
    ends, kinds = as_list(facts.get("final_newline")), as_list(facts.get("line_ends"))
    for index, (path, data) in enumerate(zip(paths, bodies, strict=True)):
        whole = data
        crlf = index < len(kinds) and kinds[index] == "CRLF"
        if crlf:
            whole = whole.replace(b"\n", b"\r\n")
        if index < len(ends) and ends[index] is False:
            whole = whole.removesuffix(b"\r\n" if crlf else b"\n")
        found.append((str(path), whole))
    return found


def _inline_lines(text: str, facts: Facts) -> list[str]:
    """The inline lines of a file that was made for them."""
    bodies = uploads(text)
    if len(bodies) != 1:
        raise Unreadable
    try:
        lines = bodies[0].decode().split("\n")[:-1]
    except UnicodeDecodeError:
        raise Unreadable from None
    if "inline_shebang" in facts or (lines and lines[0] == "#!/bin/sh -e"):
        lines = lines[1:]
    return lines


def inline_of(lines: Sequence[Expr], facts: Facts) -> ListExpr:
    """The items of an inline from its lines, with those at its end that were left to Image Builder."""
    taken = generalization(facts)
    own = taken.lines if taken is not None else ()
    if "items" not in facts:
        return ListExpr((*lines, *(Literal(line) for line in own)))
    found = t.from_lines(lines)
    if found is None or found[1]:
        raise Unreadable
    return ListExpr(tuple(Literal(item) for item in _items([*found[0].split("\n"), *own], facts)))
