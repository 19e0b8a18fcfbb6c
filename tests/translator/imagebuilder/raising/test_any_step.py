"""Random shell steps: lowering what was raised gives the customizers again."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bakelift.translator.diagnostics import Diagnostics
from bakelift.translator.files import DictFiles
from bakelift.translator.imagebuilder.customizers import Customizer
from bakelift.translator.imagebuilder.lowering import LoweringOptions, lower_all
from bakelift.translator.imagebuilder.lowering.context import Context
from bakelift.translator.imagebuilder.lowering.gotext import parse_command
from bakelift.translator.imagebuilder.lowering.shell import line_ends
from bakelift.translator.imagebuilder.lowering.staging import Staged, sha256
from bakelift.translator.imagebuilder.raising import RaisingOptions, raise_steps
from bakelift.translator.imagebuilder.raising.check import AsWritten
from bakelift.translator.imagebuilder.raising.staged import StagedFile
from bakelift.translator.plan.expressions import Expr, ListExpr, Literal, Ref, Template
from bakelift.translator.plan.model import Setting, Step
from bakelift.translator.report import Accounting

TEXT = st.text(st.sampled_from("ab '\"$\\`{}=\n\t#é!BAKELIFT"), max_size=12)
NAMES = st.sampled_from(["A", "B", "LONG_NAME", "PATH", "a-b", "PACKER_BUILD_NAME"])
COMMANDS = [
    "chmod +x {{.Path}}; {{.Vars}} {{.Path}}",
    "echo 'x' | {{.Vars}} sudo -S -E sh -eux '{{.Path}}'",
    'sudo sh -c "{{.Vars}} {{.Path}}" \\$x `y`',
    "{{.Path}}\n",
]


def variable(pair: tuple[str, str | None]) -> Expr:
    name, value = pair
    if value is None:
        return Template((Literal(f"{name}="), Ref("input", "p")))
    return Literal(f"{name}={value}")


VARIABLES = st.lists(st.tuples(NAMES, st.none() | TEXT), max_size=4, unique_by=lambda pair: pair[0]).map(
    lambda pairs: ListExpr(tuple(variable(pair) for pair in pairs))
)
LINES = st.lists(TEXT.filter(lambda text: not text.startswith("#!")), min_size=1, max_size=4).map(
    lambda lines: ListExpr(tuple(Literal(line) for line in lines))
)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "environment_vars": VARIABLES.filter(lambda found: bool(found.items)),
        "inline_shebang": st.sampled_from(["/bin/sh", "/bin/sh -x", "/bin/sh -eu", "/bin/bash -e"]).map(Literal),
        "execute_command": st.sampled_from(COMMANDS).map(parse_command),
        "use_env_var_file": st.booleans().map(Literal),
        "skip_clean": st.booleans().map(Literal),
        "max_retries": st.integers(0, 2).map(Literal),
        "pause_before": st.sampled_from(["1s", "1m30s"]).map(Literal),
        "pause_after": st.sampled_from(["1s", "0s"]).map(Literal),
        "valid_exit_codes": st.lists(st.integers(0, 3), min_size=1, max_size=3).map(
            lambda codes: ListExpr(tuple(Literal(code) for code in codes))
        ),
        "remote_folder": st.sampled_from(["/var/tmp", "~", "/a b"]).map(Literal),
    },
)


def lower(steps: tuple[Step, ...], files: dict[str, bytes], store: Store | None = None) -> list[Customizer]:
    options = LoweringOptions(staging=store)
    context = Context(AsWritten(), DictFiles(files), Accounting(), Diagnostics(), options, "image", "azure-arm", False)
    return lower_all(steps, context)


def readable(options: dict[str, Expr]) -> bool:
    """Whether the text shows every value: a parameter shows only where the command passes the variables on."""
    command = options.get("execute_command")
    return (
        command is None
        or options.get("use_env_var_file") == Literal(True)
        or any(node == Ref("command", "Vars") for node in command.walk())
        or not any(node == Ref("input", "p") for node in options.get("environment_vars", ListExpr(())).walk())
    )


@given(LINES, OPTIONS)
@settings(max_examples=80, deadline=None)
def test_inline(inline: Expr, options: dict[str, Expr]) -> None:
    assume(readable(options))
    step = Step("shell", {name: Setting(value) for name, value in {"inline": inline, **options}.items()})
    made = lower((step,), {})
    raised = raise_steps(made, Diagnostics(), RaisingOptions(generalize=False))
    assert lower(raised.steps, raised.files) == made
    assert raised.steps == (step,)


class Store:
    """Keeps files at addresses, and knows what stands there."""

    def __init__(self) -> None:
        self.files: dict[str, StagedFile] = {}

    def place(self, data: bytes, name: str, origin: str | None, source: str, span: object) -> Staged:
        uri = f"https://files.example.com/{sha256(data)[:16]}/{name}"
        self.files[uri] = StagedFile(data, source)
        return Staged(uri, sha256(data), name)

    def find(self, uri: str, digest: str) -> StagedFile | None:
        return self.files.get(uri)


@given(
    st.lists(st.binary(max_size=30) | TEXT.map(str.encode), min_size=1, max_size=3),
    OPTIONS,
    st.booleans(),
    st.booleans(),
)
@settings(max_examples=120, deadline=None)
def test_scripts(texts: list[bytes], options: dict[str, Expr], binary: bool, staged: bool) -> None:
    store = Store() if staged else None
    files = {f"s/{index}.sh": data for index, data in enumerate(texts)}
    assume(readable(options) and (binary or all(line_ends(data) != "mixed" for data in texts)))
    values = {"scripts": ListExpr(tuple(Literal(path) for path in files)), **options, "binary": Literal(binary)}
    values.pop("inline_shebang", None)
    step = Step("shell", {name: Setting(value) for name, value in values.items()})
    made = lower((step,), files, store)
    raised = raise_steps(made, Diagnostics(), RaisingOptions(generalize=False, staged=store))
    assert lower(raised.steps, raised.files, store) == made
    assert raised.steps == (step,)
