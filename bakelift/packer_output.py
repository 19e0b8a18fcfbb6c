"""A Plan as Packer's files: the template, and beside it the scripts that its steps name."""

from __future__ import annotations

import os

from bakelift.translator.diagnostics import Diagnostic, Diagnostics
from bakelift.translator.plan.expressions import Expr, ListExpr, Literal, Ref, Template, template
from bakelift.translator.plan.model import Setting
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.aside import Told
    from bakelift.translator.files import DictFiles, Files
    from bakelift.translator.plan.binding_record import Bindings
    from bakelift.translator.plan.model import Plan, Step
    from bakelift.translator.plan.scope import Scope
    from bakelift.translator.report import Report

#: Settings that hold paths of files on the machine that runs Packer.
_PATHS = ("script", "scripts", "source", "sources")


class OutputFile(Record):
    """One file to write: its path below the output folder, its bytes, and its mode where that matters."""

    path: str
    data: bytes
    mode: int | None = None


class PackerOutput(Record):
    """``text``: the template; ``beside``: what has to lie beside it."""

    text: str
    report: Report
    beside: tuple[OutputFile, ...]


def write_packer(
    plan: Plan,
    format: str,
    path: str,
    scripts: DictFiles | None,
    diagnostics: Diagnostics,
    alone: bool = False,
    bindings: Bindings | None = None,
    files: Files | None = None,
) -> PackerOutput:
    """The Plan as ``hcl`` or ``json``. ``alone``: nothing can lie beside the template, so scripts become inline text.

    ``bindings`` and ``files``: what legacy JSON has no words for, is worked out with them; without them, with the
    defaults of variables.

    What the format cannot say is left out, and told in ``diagnostics`` and the report. Raises TemplateError.
    """
    from bakelift.rereading import account_by_reading
    from bakelift.translator.aside import put_back, set_aside

    beside: tuple[OutputFile, ...] = ()
    if scripts is not None:
        plan, beside = _with_scripts(plan, scripts, diagnostics, alone)
    aside = set_aside(plan, as_comment=format == "json")
    told = [*aside.told, *_refused(plan, diagnostics, format)]
    if format == "hcl":
        from bakelift.translator.packer.hcl_account import told_of_hcl
        from bakelift.translator.packer.hcl_words import in_hcl_words
        from bakelift.translator.packer.hcl_writer import write_hcl

        said, others = in_hcl_words(aside.plan)
        meant = put_back(said)
        told += [*told_of_hcl(aside.plan, said), *others]
        text = write_hcl(_required(said, diagnostics))
    else:
        from bakelift.translator.packer.json_shape import legacy_shape
        from bakelift.translator.packer.json_writer import write_json

        shaped, more = legacy_shape(aside.plan, known_scope(aside.plan, bindings, files))
        told += more
        meant = put_back(shaped)
        found = Diagnostics()
        text = write_json(shaped, found)
        diagnostics.extend(_warning(item) for item in found)
    _tell(told, diagnostics)
    report = account_by_reading(plan, text, path, diagnostics, format, tuple(told), meant)
    return PackerOutput(text, report, beside)


def known_scope(plan: Plan, bindings: Bindings | None, files: Files | None) -> Scope:
    """What can be worked out while translating: not with the time, nor with what is sensitive."""
    from bakelift.translator.plan.binding import default_values, scope_of

    values = default_values(plan.inputs) if bindings is None else bindings.values
    secret = {item.name for item in plan.inputs if item.sensitive}
    return scope_of(plan, {name: value for name, value in values.items() if name not in secret}, files)


def _refused(plan: Plan, diagnostics: Diagnostics, format: str) -> list[Told]:
    """Places of the input that Packer refuses."""
    if not diagnostics.failed:
        return []
    from bakelift.translator.packer.refused import carried

    return carried(plan, diagnostics, format)


def _required(plan: Plan, diagnostics: Diagnostics) -> Plan:
    """With the plugins that Packer wants to hear of, where the input's format has no place for them."""
    if plan.origin is not None and plan.origin.format == "hcl":
        return plan
    from bakelift.translator.packer.plugins import with_requirements, without_plugin

    whole = with_requirements(plan)
    unknown = without_plugin(plan)
    if unknown:
        diagnostics.warning(
            "packer/unknown-plugin",
            f"It is not known which plugin has {', '.join(unknown)}",
            "Packer wants its source in required_plugins (since 1.10), where it has to be added by hand: "
            'NAME = { source = "github.com/OWNER/NAME", version = ">= …" }.',
        )
    added = whole.required_plugins[len(plan.required_plugins) :]
    if added:
        names = ", ".join(f"{item.source} {item.version}" for item in added)
        diagnostics.note(
            "packer/required-plugins",
            f"The template requires {names}",
            "Packer has had no plugins of its own since 1.10; packer init installs those that a template requires.",
        )
    return whole


def _warning(item: Diagnostic) -> Diagnostic:
    return item.but(severity="warning") if item.severity == "error" else item


def _tell(told: list[Told], diagnostics: Diagnostics) -> None:
    said = {item.code for item in diagnostics if item.severity in ("error", "warning")}  # with more words
    for item in told:
        if item.kind in ("unsupported", "approximated") and item.code not in said:
            span = item.leaves[0].span if item.leaves else None
            diagnostics.warning(item.code, item.summary[:1].upper() + item.summary[1:], "", span)


# -- scripts ----------------------------------------------------------------------------------------------------------


def _with_scripts(
    plan: Plan, scripts: DictFiles, diagnostics: Diagnostics, alone: bool
) -> tuple[Plan, tuple[OutputFile, ...]]:
    if alone:
        return _each_step(plan, lambda step: _inlined(step, scripts, diagnostics)), ()
    placed = _places(scripts)
    moved = {old: new for old, new in placed.items() if old != new}
    if moved:
        plan = _each_step(plan, lambda step: (_moved(step, moved),))
    if any(not isinstance(name, Template) for name in _names(plan, scripts)):
        diagnostics.note(
            "packer/run-in-folder",
            "Some steps name their scripts by relative paths, as they were said",
            "Packer looks for them from the current folder: run it in the folder of the template.",
        )
    return plan, tuple(_files(scripts, placed))


def _each_step(plan: Plan, change: object) -> Plan:
    groups = [group.but(steps=tuple(new for step in group.steps for new in change(step))) for group in plan.groups]  # type: ignore[operator]
    return plan.but(groups=tuple(groups))


def _places(scripts: DictFiles) -> dict[str, str]:
    """Where each file or folder is put, below the template's folder: as it is called, when that lies there."""
    placed: dict[str, str] = {}
    tops = [*scripts.folders, *scripts.files]
    taken = {name for name in tops if _below(name)}
    for name in tops:
        if _below(name):
            placed[name] = name
            continue
        base = os.path.basename(name.replace("\\", "/").rstrip("/")) or "file"
        new, number = f"scripts/{base}", 2
        while new in taken:
            new, number = f"scripts/{number}-{base}", number + 1
        taken.add(new)
        placed[name] = new
    return placed


def _below(path: str) -> bool:
    parts = path.replace("\\", "/").split("/")
    return not path.startswith(("/", "~", "$")) and ".." not in parts and ":" not in parts[0] and path not in ("", ".")


def _files(scripts: DictFiles, placed: dict[str, str]) -> list[OutputFile]:
    found: list[OutputFile] = []
    for name, entries in scripts.folders.items():
        for entry in entries:
            if entry.data is not None and _below(entry.name):
                found.append(OutputFile(f"{placed[name]}/{entry.name}", entry.data, entry.mode))
    inside = {f"{name}/{entry.name}" for name, entries in scripts.folders.items() for entry in entries}
    for name, data in scripts.files.items():
        if name not in inside:
            found.append(OutputFile(placed[name], data, 0o755 if name in scripts.executable else None))
    return found


def _names(plan: Plan, scripts: DictFiles) -> list[Expr]:
    """The paths of files that stood in the template, as the steps say them."""
    return [
        path
        for group in plan.groups
        for step in group.steps
        for name in _PATHS
        if name in step.settings
        for path in _items(step.settings[name].value)
        if scripts.find(_key(path) or "") is not None
    ]


def _items(value: Expr) -> tuple[Expr, ...]:
    return value.items if isinstance(value, ListExpr) else (value,)


def _key(path: Expr) -> str | None:
    """What a path is called among the scripts."""
    parts = path.parts if isinstance(path, Template) else (path,)
    text = ""
    for number, part in enumerate(parts):
        if isinstance(part, Literal) and isinstance(part.value, str):
            text += part.value
        elif not (number == 0 and isinstance(part, Ref) and part.kind == "path"):
            return None
    return text.removeprefix("/").removeprefix("./") if len(parts) > 1 else text.removeprefix("./")


def _moved(step: Step, moved: dict[str, str]) -> Step:
    """The step with the paths of files that could not be put where they were called."""

    def there(path: Expr) -> Expr:
        new = moved.get((_key(path) or "").rstrip("/"))
        if new is None:
            return path
        slash = "/" if (_key(path) or "").endswith("/") else ""
        return template([Ref("path", "root"), Literal(f"/{new}{slash}")], path.span)

    changes = {}
    for name in _PATHS:
        setting = step.settings.get(name)
        if setting is not None:
            value = setting.value
            new = value.but(items=tuple(there(i) for i in value.items)) if isinstance(value, ListExpr) else there(value)
            changes[name] = setting.but(value=new)
    return step.but(settings={**step.settings, **changes})


def _inlined(step: Step, scripts: DictFiles, diagnostics: Diagnostics) -> tuple[Step, ...]:
    """The step with its scripts as inline text, one step for each."""
    name = next((n for n in _PATHS if n in step.settings), None)
    if name is None:
        return (step,)
    texts = [_text(path, scripts) for path in _items(step.settings[name].value)]
    if any(text is None for text in texts) or (name.startswith("source") and len(texts) != 1):
        known = [p for p in _items(step.settings[name].value) if scripts.find(_key(p) or "") is not None]
        if known:
            diagnostics.warning(
                "packer/files-beside",
                f"The files of this {step.type} step cannot be said on standard output",
                "They stood in the input. Write to a folder to have them beside the template: -out DIR/.",
                step.span or (step.leaves[0].span if step.leaves else None),
            )
        return (step,)
    rest = {key: setting for key, setting in step.settings.items() if key != name}
    leaves = step.settings[name].leaves
    made = []
    for text in texts:
        assert text is not None
        own = dict(rest)
        if name.startswith("source"):
            own["content"] = Setting(Literal(text), leaves)
        else:
            first, _, body = text.partition("\n")
            own_shebang = step.type == "shell" and first.startswith("#!")
            if own_shebang:
                own["inline_shebang"] = Setting(Literal(first[2:].strip()), leaves)
            lines = (body if own_shebang else text).removesuffix("\n").split("\n")
            own["inline"] = Setting(ListExpr(tuple(Literal(line) for line in lines)), leaves)
        made.append(step.but(settings=own))
    return tuple(made)


def _text(path: Expr, scripts: DictFiles) -> str | None:
    key = _key(path)
    found = scripts.find(key) if key is not None else None
    if key is None or found is None or found.directory:
        return None
    try:
        return scripts.read(key).decode()
    except UnicodeDecodeError:
        return None
