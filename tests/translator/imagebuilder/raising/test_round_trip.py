"""Steps that are lowered and raised are the same steps again, and lowering them gives the same customizers."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable

import pytest

from bakelift.translator.diagnostics import Diagnostics
from bakelift.translator.files import DictFiles, Entry
from bakelift.translator.imagebuilder.customizers import Customizer, File, PowerShell, Shell, WindowsRestart
from bakelift.translator.imagebuilder.lowering import LoweringOptions, lower_all
from bakelift.translator.imagebuilder.lowering.context import Context
from bakelift.translator.imagebuilder.lowering.gotext import parse_command
from bakelift.translator.imagebuilder.lowering.staging import Staged, sha256
from bakelift.translator.imagebuilder.raising import RaisingOptions, raise_steps
from bakelift.translator.imagebuilder.raising.check import AsWritten
from bakelift.translator.imagebuilder.raising.staged import StagedFile
from bakelift.translator.plan.expressions import Expr, ListExpr, Literal, ObjectExpr, Ref, Template
from bakelift.translator.plan.model import Setting, Step
from bakelift.translator.report import Accounting

SUDO = parse_command("chmod +x {{.Path}}; {{.Vars}} sudo -E sh '{{.Path}}'")
SYSPREP = "& $env:SystemRoot\\System32\\Sysprep\\Sysprep.exe /oobe /generalize /quiet /quit"
TIER = Template((Literal("TIER="), Ref("input", "tier")))
FILES = {
    "scripts/setup.sh": b"#!/bin/bash\nset -e\necho hi\n",
    "${path.root}/scripts/setup.sh": b"#!/bin/bash\nset -e\necho hi\n",
    "scripts/crlf.sh": b"#!/bin/sh\r\necho hi\r\n",
    "scripts/short.sh": b"echo no newline",
    "scripts/bytes.sh": b"#!/bin/sh\nprintf '\xff'\n",
    "scripts/word.sh": b"cat <<BAKELIFT\nx\nBAKELIFT\n",
    "scripts/empty.sh": b"",
    "a.ps1": b"\xef\xbb\xbfWrite-Output 'hi'\r\nexit 0\r\n",
    "p.ps1": b"param($x)\nWrite-Output 2\n",
    "h.ps1": b"param($x)\nSet-Content a @'\n  b\n'@\n",
    "s.ps1": f"Install-WindowsFeature Web-Server\n{SYSPREP}\nStart-Sleep 5\n\n".encode(),
    "s-dos.ps1": f"\ufeffnet user a /add\r\n{SYSPREP} /mode:vm\r\nexit 0".encode(),
    "y.bat": b"dir\r\n",
    "x.bat": b"@echo off\r\nver\r\n",
    "${path.root}/b.ps1": b"Write-Output 3\n",
    "b.ps1": b"Write-Output 2\n",
    "conf/app.ini": b"[a]\nb = 1\n",
    "conf/logo.png": bytes(range(256)),
    "conf/open.txt": b"x\ny",
    "conf/empty.txt": b"",
    "conf/dos.ini": b"[a]\r\nb = 1\r\n",
    "conf/open-dos.ini": b"[a]\r\nb = 1",
    "conf/menu.txt": b"caf\xc3\xa9\n",
    "tree/one": b"1\n",
    "tree/sub/two": b"2\n",
}


def expression(data: object) -> Expr:
    if isinstance(data, Expr):
        return data
    if isinstance(data, (list, tuple)):
        return ListExpr(tuple(expression(item) for item in data))
    if isinstance(data, dict):
        return ObjectExpr(tuple((Literal(k), expression(v)) for k, v in data.items()))
    return Literal(data)  # type: ignore[arg-type]


def make(type: str, name: str | None = None, **settings: object) -> Step:
    return Step(type, {k: Setting(expression(v)) for k, v in settings.items()}, name)


class Store:
    """Keeps files at addresses, and knows what stands there."""

    def __init__(self) -> None:
        self.files: dict[str, StagedFile] = {}

    def place(self, data: bytes, name: str, origin: str | None, source: str, span: object) -> Staged:
        digest = sha256(data)
        uri = f"https://files.example.com/{digest[:16]}/{name}"
        self.files[uri] = StagedFile(data, source)
        return Staged(uri, digest, name)

    def find(self, uri: str, digest: str) -> StagedFile | None:
        found = self.files.get(uri)
        return found if found is not None and sha256(found.data) == digest else None


def lower(
    steps: tuple[Step, ...], files: dict[str, bytes], windows: bool, store: Store | None = None, own: bool = False
) -> list[Customizer]:
    options = LoweringOptions(staging=store)
    context = Context(AsWritten(), Tree(files), Accounting(), Diagnostics(), options, "image", "azure-arm", windows)
    return lower_all(steps, context, own)


class Tree(DictFiles):
    """Files of a mapping, with the folders in a tree that a disk would list."""

    def tree(self, path: str, span: object = None) -> list[Entry]:
        found = super().tree(path)
        folders = {e.name.rsplit("/", 1)[0] for e in found if "/" in e.name}
        return sorted([*found, *(Entry(f, None, 0o755) for f in folders)], key=lambda e: e.name)


SHELL = [
    make("shell", inline=["echo one", "echo two"]),
    make("shell", "Named", inline=["echo one"]),
    make("shell", inline=["# First words", "cat > x <<EOF\na\n\nEOF"]),
    make("shell", inline=["env"]),
    make("shell", inline=["echo $A"], environment_vars=["B=it's", 'A=$HOME `x` "q" \\', "C=a\nb"]),
    make("shell", inline=["echo $A"], environment_vars=[TIER, "A=1"]),
    make("shell", inline=["echo $A"], env={"Z": "1", "A": Ref("input", "tier")}),
    make("shell", inline=["false"], inline_shebang="/bin/sh -x"),
    make("shell", inline=["a=(1)"], inline_shebang="/bin/bash -e"),
    make("shell", inline=["#!/bin/bash", "echo own"]),
    make("shell", inline=["echo a\necho b", "echo c"], execute_command=SUDO),
    make("shell", inline=['# bakelift: {"script":"x"}', "echo c"]),
    make("shell", script="scripts/setup.sh"),
    make("shell", script="scripts/setup.sh", environment_vars=[TIER, 'A=it\'s ${x} \\ `b` "c"'], execute_command=SUDO),
    make("shell", scripts=["scripts/setup.sh", "scripts/crlf.sh"], env={"A": "1"}),
    make("shell", scripts=["scripts/setup.sh"]),
    make("shell", script="scripts/crlf.sh"),
    make("shell", scripts=[Template((Ref("path", "root"), Literal("/scripts/setup.sh")))]),
    make("shell", script="scripts/short.sh", skip_clean=True),
    make("shell", script="scripts/short.sh", binary=True),
    make("shell", script="scripts/bytes.sh", remote_folder="/var/tmp"),
    make("shell", script="scripts/word.sh", remote_path="~/w.sh", remote_file="z"),
    make("shell", script="scripts/empty.sh"),
    make("shell", scripts=["scripts/setup.sh", "scripts/word.sh"], max_retries=2, pause_before="10s", timeout="5m"),
    make("shell", inline=["exit 2"], valid_exit_codes=[0, 2], pause_after="1s", start_retry_timeout="1m"),
    make("shell", inline=["x"], use_env_var_file=True, environment_vars=[TIER, "B=it's"], continue_on_error=True),
    make("shell", inline=["x"], env_var_format='export %s="%s"; ', environment_vars=["B=it's"], expect_disconnect=True),
    make("shell", inline=["echo hi", "sleep 3"], pause_before="90s"),
    make("sleep", duration="30s"),
    make("sleep", duration="1m", pause_before="5s"),
    make("file", source="conf/app.ini", destination="/tmp/app.ini"),
    make("file", source="conf/logo.png", destination="/tmp/"),
    make("file", source="conf/open.txt", destination="/tmp/"),
    make("file", sources=["conf/dos.ini", "conf/open-dos.ini", "conf/menu.txt"], destination="/tmp/"),
    make("file", source="tree", destination="/tmp"),
    make("file", source="tree/", destination="/tmp/x", direction="upload"),
    make("file", sources=["conf/app.ini", "tree/one"], destination="~/", generated=False),
    make("file", content="a\nb\n", destination="/tmp/c"),
]

POWERSHELL = [
    make("powershell", inline=["Write-Output 1"]),
    make("powershell", inline=["# Install", "x"], environment_vars=["A=it's", TIER], valid_exit_codes=[0, 3010]),
    make("powershell", script="a.ps1", elevated_user="SYSTEM", elevated_password=""),
    make("powershell", scripts=["a.ps1", "b.ps1"], env={"A": "1"}, pause_before="1s", pause_after="2s"),
    make(
        "powershell",
        inline=["x"],
        elevated_user=Ref("build", "User"),
        elevated_password=Ref("build", "Password"),
        execution_policy="bypass",
    ),
    make("sleep", duration="30s"),
    make("powershell", script="a.ps1", elevated_user=Ref("build", "User"), elevated_password=Ref("build", "Password")),
    make("windows-restart", restart_timeout="30m"),
    make("windows-restart", restart_command="shutdown /r", pause_before="1m"),
    make("windows-restart", check_registry=True),
    make("windows-restart", check_registry=True, registry_keys=["HKLM:X\\Y", "HKCU:Z"], pause_before="1m"),
    make("windows-update", filters=["include:$true"], update_limit=20, search_criteria="IsInstalled=0"),
    make("powershell", scripts=["b.ps1"]),
    make("powershell", script="p.ps1", environment_vars=["A=1"]),
    make("powershell", inline=["Set-Content a @'", "b", "'@", 'c "', 'd"', "e\nf"], environment_vars=["A=1"]),
    make("powershell", script="h.ps1"),
    make("powershell", script="h.ps1", environment_vars=["A=1"]),
    make("powershell", script="s.ps1", environment_vars=["A=1"]),
    make("powershell", scripts=["a.ps1", "s-dos.ps1"]),
    make("powershell", inline=["x", SYSPREP]),
    make("powershell", inline=["x", "y\nz"], max_retries=3, environment_vars=[TIER, "B=it's"], pause_before="1m"),
    make("powershell", inline=["x", SYSPREP], max_retries=3, valid_exit_codes=[0, 3010]),
    make("powershell", scripts=["a.ps1", "b.ps1"], max_retries=2, env={"A": "1"}, pause_after="2s"),
    make("powershell", script="a.ps1", execute_command=parse_command("pwsh -f {{.Path}} -Vars {{.Vars}}")),
    make("powershell", script="s-dos.ps1", use_pwsh=True, skip_clean=True, remote_path="C:/x/", debug_mode=1),
    make("powershell", scripts=["s.ps1"], continue_on_error=True, execution_policy="allsigned"),
    make("powershell", scripts=["a.ps1", "h.ps1"], skip_clean=True, elevated_user="SYSTEM", elevated_password=""),
    make(
        "powershell",
        inline=["x"],
        elevated_user=Ref("build", "User"),
        elevated_password=Ref("build", "Password"),
        elevated_execute_command=parse_command("powershell {{.Path}}"),
        elevated_env_var_format="setx %s '%s';",
        environment_vars=["A=it's", "B=a=b"],
    ),
    make("windows-shell", inline=["echo hi", "dir\nver"], environment_vars=["A=1"], valid_exit_codes=[0, 1]),
    make("windows-shell", scripts=["x.bat", "y.bat"], max_retries=2, pause_before="1s", valid_exit_codes=[0, 3010]),
    make("windows-shell", inline=["ver", "dir"], continue_on_error=True, max_retries=1, environment_vars=["A=1"]),
    make("windows-shell", scripts=["x.bat", "y.bat"], continue_on_error=True, pause_before="1s"),
    make("windows-shell", scripts=["x.bat"], pause_before="1s", execute_command=parse_command("cmd /c {{.Path}}")),
    make("powershell", script=Template((Ref("path", "root"), Literal("/b.ps1")))),
    make("file", source="conf/app.ini", destination="C:\\conf\\"),
    make("file", sources=["conf/open.txt", "conf/dos.ini", "conf/open-dos.ini"], destination="C:\\conf\\"),
    make("file", sources=["conf/menu.txt", "conf/logo.png", "conf/empty.txt"], destination="C:\\conf\\"),
    make("file", content="a\nb", destination="C:\\c"),
    make("file", source="tree", destination="C:/x"),
    make("file", source="tree/", destination="$env:TEMP\\x"),
]


def check(step: Step, windows: bool, store: Store | None = None) -> None:
    made = lower((step,), FILES, windows, store)
    assert made
    diagnostics = Diagnostics()
    options = RaisingOptions(windows=windows, generalize=False, staged=store)
    raised = raise_steps(made, diagnostics, options)
    assert raised.steps == (step,)
    assert not list(diagnostics)
    for path, data in raised.files.items():
        assert data in (FILES[path], FILES.get("${path.root}/" + path))
    assert lower(raised.steps, {**FILES, **raised.files}, windows, store) == made


def is_build_users(step: Step) -> bool:
    """Its script is fetched and run as Local System, without a text that could say whose it was."""
    return "elevated_user" in step.settings and step.settings["elevated_user"].value == Ref("build", "User")


def names_files(step: Step) -> bool:
    return bool({"script", "scripts", "source", "sources"} & set(step.settings)) and not is_build_users(step)


@pytest.mark.parametrize("step", list(filter(names_files, SHELL)), ids=lambda s: str(list(s.settings)))
def test_staged_linux_step_comes_back(step: Step) -> None:
    check(step, False, Store())


@pytest.mark.parametrize("step", list(filter(names_files, POWERSHELL)), ids=lambda s: f"{s.type} {list(s.settings)}")
def test_staged_windows_step_comes_back(step: Step) -> None:
    check(step, True, Store())


@pytest.mark.parametrize("windows", [False, True])
@pytest.mark.parametrize("several", [False, True])
def test_secrets_of_a_vault_come_back(windows: bool, several: bool) -> None:
    kind = "powershell" if windows else "shell"
    value = Template((Literal("URL=it's ${x} "), Ref("input", "token"), Literal("@"), Ref("input", "tier")))
    steps = (
        make(kind, inline=["echo x"], environment_vars=[value, "A=1"]),
        make(kind, script="b.ps1" if windows else "scripts/setup.sh", env={"B": Ref("input", "token"), "C": "2"}),
    )
    identities = ListExpr((Literal("/a"), Literal("/b")) if several else (Literal("/a"),))
    options = LoweringOptions(vault="vault", sensitive=frozenset({("input", "token")}))
    context = Context(
        AsWritten(),
        Tree(FILES),
        Accounting(),
        Diagnostics(),
        options,
        "image",
        "azure-arm",
        windows,
        identities=identities,
    )
    made = lower_all(steps, context)
    diagnostics = Diagnostics()
    raised = raise_steps(made, diagnostics, RaisingOptions(windows=windows, generalize=False))
    assert raised.steps == steps and not list(diagnostics)
    assert raised.secrets == {"token"}


def test_all_staged_together_keep_their_order_and_names() -> None:
    store = Store()
    made = lower(tuple(SHELL), FILES, False, store)
    raised = raise_steps(made, Diagnostics(), RaisingOptions(generalize=False, staged=store))
    assert raised.steps == tuple(SHELL)
    texts = [line for c in made for line in getattr(c, "inline", None) or ()]
    assert not any("printf '\\xff'" in str(line) or "b = 1" in str(line) for line in texts), "files stand in texts"
    for number, item in enumerate(made):
        if isinstance(item, File):
            assert isinstance(made[number + 1], (File, Shell))
            assert item.sha256_checksum is not None and str(item.destination).find("/tmp/") >= 0


def test_a_staged_step_without_its_files_downloads_them() -> None:
    made = lower((make("shell", "Named", script="scripts/setup.sh"),), FILES, False, Store())
    diagnostics = Diagnostics()
    raised = raise_steps(made, diagnostics, RaisingOptions(generalize=False))
    assert {d.code for d in diagnostics} == {"aib/staged-missing", "aib/edited-text"}
    assert [step.type for step in raised.steps] == ["shell", "shell"]
    assert "curl -fsSL" in str(raised.steps[0].settings["inline"].value)


def test_other_bytes_at_hand_are_not_taken() -> None:
    store = Store()
    made = lower((make("shell", script="scripts/setup.sh"),), FILES, False, store)
    for uri, file in store.files.items():
        store.files[uri] = file.but(data=b"other\n")
    diagnostics = Diagnostics()
    raise_steps(made, diagnostics, RaisingOptions(generalize=False, staged=store))
    assert "aib/staged-missing" in {d.code for d in diagnostics}


def test_a_script_is_named_by_address_alone_only_where_that_is_the_same() -> None:
    store = Store()
    (bare,) = lower((make("powershell", script="b.ps1"),), FILES, True, store)
    assert isinstance(bare, PowerShell) and bare.inline is None and bare.script_uri is not None
    for other in (
        make("powershell", script="b.ps1", env={"A": "1"}),
        make("powershell", script="b.ps1", pause_before="1s"),
        make("powershell", "Named", scripts=["b.ps1", "a.ps1"]),
    ):
        made = lower((other,), FILES, True, store)
        assert all(getattr(item, "script_uri", None) is None for item in made)
    listed = lower((make("powershell", scripts=["b.ps1", "a.ps1"]),), FILES, True, store)
    assert [item.name for item in listed] == [Literal("b.ps1 (1/2)"), Literal("a.ps1 (2/2)")]
    assert all(isinstance(item, PowerShell) and item.inline is None for item in listed)
    made = lower((make("shell", script="scripts/setup.sh"),), FILES, False, store)
    assert all(getattr(item, "script_uri", None) is None for item in made)


def test_scripts_of_a_list_that_lost_one_are_steps_of_their_own() -> None:
    store = Store()
    first, _ = lower((make("powershell", scripts=["b.ps1", "a.ps1"]),), FILES, True, store)
    raised = raise_steps([first], Diagnostics(), RaisingOptions(windows=True, generalize=False, staged=store))
    assert raised.steps == (make("powershell", "b.ps1 (1/2)", script="b.ps1"),)


@pytest.mark.parametrize("step", SHELL, ids=lambda s: str(list(s.settings)))
def test_linux_step_comes_back(step: Step) -> None:
    check(step, windows=False)


@pytest.mark.parametrize("step", POWERSHELL, ids=lambda s: f"{s.type} {list(s.settings)}")
def test_windows_step_comes_back(step: Step) -> None:
    check(step, windows=True)


def test_all_together_keep_their_order_and_names() -> None:
    steps = tuple(SHELL)
    made = lower(steps, FILES, windows=False)
    raised = raise_steps(made, Diagnostics(), RaisingOptions(generalize=False))
    assert raised.steps == steps
    assert len({c.name for c in made}) == len(made)


def test_edited_text_is_a_plain_step_and_that_is_said() -> None:
    (made,) = lower((make("shell", script="scripts/setup.sh"),), FILES, windows=False)
    assert isinstance(made, Shell) and made.inline
    edited = made.but(inline=(*made.inline, Literal("echo more")))
    diagnostics = Diagnostics()
    raised = raise_steps([edited], diagnostics, RaisingOptions(generalize=False))
    assert raised.steps[0].settings["inline"].value == ListExpr(edited.inline)
    assert [d.code for d in diagnostics] == ["aib/edited-text"]


WRITES_BYTES = "[IO.File]::WriteAllBytes($path, [Convert]::FromBase64String((@("


@pytest.mark.parametrize(
    ("facts", "lines"),
    [
        ('{"destination":"/tmp/x","source":"x"}', ["base64 -d > /tmp/x <<'BAKELIFT'", "YWJjZ", "BAKELIFT"]),
        (
            '{"destination":"c:/x","source":"x"}',
            ["$path = [IO.Path]::GetFullPath('c:\\x')", "[void]x", WRITES_BYTES, "  'YWJjZ'", ") -join '')))"],
        ),
        ('{"windows-shell":"x.bat"}', [WRITES_BYTES, "  'YWJjZ'", ") -join '')))"]),
        ('{"windows-shell":"inline","items":["x"]}', [WRITES_BYTES, "  'YWJj'", ") -join '')))"]),
    ],
    ids=["file", "windows-file", "batch", "items"],
)
def test_bytes_that_were_cut_make_a_plain_step(facts: str, lines: list[str]) -> None:
    windows = WRITES_BYTES in lines
    texts = tuple(Literal(line) for line in [f"# bakelift: {facts}", *lines])
    diagnostics = Diagnostics()
    kind = PowerShell if windows else Shell
    found = raise_steps([kind(inline=texts)], diagnostics, RaisingOptions(windows=windows, generalize=False))
    assert [step.settings["inline"].value for step in found.steps] == [ListExpr(texts)]
    assert [d.code for d in diagnostics] == ["aib/edited-text"]


def test_edited_environment_is_read_from_the_text() -> None:
    (made,) = lower((make("shell", inline=["echo $A"], environment_vars=["A=1"]),), FILES, windows=False)
    assert made.inline is not None  # type: ignore[attr-defined]
    lines = tuple(Literal("export A='2'") if line == Literal("export A='1'") else line for line in made.inline)  # type: ignore[attr-defined]
    raised = raise_steps([made.but(inline=lines)], Diagnostics(), RaisingOptions(generalize=False))
    assert raised.steps[0].settings["environment_vars"].value == expression(["A=2"])


@pytest.mark.parametrize(
    ("customizer", "windows"),
    [
        (Shell(Literal("a"), script_uri=Literal("https://example.com/it's.sh"), sha256_checksum=Literal("ab")), False),
        (Shell(Literal("a"), script_uri=Ref("input", "uri")), False),
        (File(Literal("a"), Literal("https://example.com/x"), Literal("/tmp/x"), Literal("cd")), False),
        (File(Literal("a"), Ref("input", "uri"), Literal("C:\\x")), True),
        (PowerShell(Literal("a"), script_uri=Literal("https://example.com/x"), run_elevated=Literal(True)), True),
        (
            PowerShell(Literal("a"), inline=(Literal("x"),), run_elevated=Literal(True), run_as_system=Literal(True)),
            True,
        ),
        (WindowsRestart(Literal("a"), restart_timeout=Literal("5m")), True),
        (Shell(Literal("a"), inline=(Literal("echo"), Template((Literal("x "), Ref("input", "v"))))), False),
    ],
)
def test_service_customizers_come_back(customizer: Customizer, windows: bool) -> None:
    raised = raise_steps([customizer], Diagnostics(), RaisingOptions(windows=windows, generalize=False))
    if isinstance(customizer, Shell) and customizer.inline:
        return  # a parameter in a script's own line is structure when lowered; writers bind it
    assert lower(raised.steps, {}, windows, own=True) == [customizer]


@pytest.mark.parametrize("windows", [False, True])
def test_generalizing_step_is_left_to_the_service_again(windows: bool) -> None:
    raised = raise_steps([], Diagnostics(), RaisingOptions(windows=windows))
    assert len(raised.steps) == 1
    assert lower(raised.steps, {}, windows) == []


OWN_SYSPREP = "& $env:SystemRoot\\System32\\Sysprep\\Sysprep.exe /oobe /generalize /quiet /quit /mode:vm"


@pytest.mark.parametrize(
    ("step", "windows"),
    [
        (make("shell", inline=["waagent -force -deprovision", "sync"]), False),
        (make("shell", inline=["echo x", "waagent -force -deprovision"]), False),
        (make("shell", inline=["waagent -force -deprovision"], execute_command=SUDO), False),
        (make("shell", inline=["echo a\necho b", "waagent -force -deprovision"], inline_shebang="/bin/bash -e"), False),
        (make("powershell", inline=[OWN_SYSPREP]), True),
        (make("powershell", inline=["Remove-Item x", OWN_SYSPREP], execution_policy="bypass"), True),
        (make("powershell", inline=[OWN_SYSPREP.replace("/quit", "/shutdown")]), True),
        (make("powershell", inline=["Remove-Item x\n" + OWN_SYSPREP.replace("/quit", "/shutdown") + ";"]), True),
        (make("windows-shell", inline=["c:\\windows\\system32\\sysprep\\sysprep /generalize /oobe /shutdown"]), True),
        (make("windows-shell", inline=["echo x\nc:\\windows\\system32\\sysprep\\sysprep /generalize /oobe"]), True),
    ],
)
def test_own_ways_to_generalize_come_back(step: Step, windows: bool) -> None:
    made = lower((step,), {}, windows)
    assert raise_steps(made, Diagnostics(), RaisingOptions(windows=windows)).steps == (step,)


def test_generalization_at_the_end_of_a_step_comes_back() -> None:
    step = make("shell", inline=["echo x", "/usr/sbin/waagent -force -deprovision+user && export HISTSIZE=0 && sync"])
    made = lower((step,), {}, windows=False)
    assert raise_steps(made, Diagnostics()).steps == (step,)


def test_a_folder_comes_back_whoever_packed_it() -> None:
    step = make("file", source="tree", destination="/opt/tree")
    (made,) = lower((step,), FILES, windows=False)
    lines = _text_lines(made)
    start = next(i for i, line in enumerate(lines) if line.startswith("base64 -d")) + 1
    end = lines.index("BAKELIFT")
    tar = gzip.decompress(base64.b64decode("".join(lines[start:end])))
    packed = base64.encodebytes(gzip.compress(tar, 1, mtime=0)).decode().splitlines()
    assert packed != lines[start:end]
    assert isinstance(made, Shell) and made.inline
    marker = made.inline[: len(made.inline) - len(lines)]
    again = [*marker, *(Literal(line) for line in [*lines[:start], *packed, *lines[end:]])]
    diagnostics = Diagnostics()
    raised = raise_steps([made.but(inline=tuple(again))], diagnostics, RaisingOptions(generalize=False))
    assert (raised.steps, list(diagnostics)) == ((step,), [])
    other = base64.encodebytes(gzip.compress(tar.replace(b"1\n", b"3\n"), 1, mtime=0)).decode().splitlines()
    edited = [*marker, *(Literal(line) for line in [*lines[:start], *other, *lines[end:]])]
    raised = raise_steps([made.but(inline=tuple(edited))], diagnostics, RaisingOptions(generalize=False))
    assert next(iter(raised.folders.values()))[0].data == b"3\n"


def test_an_archive_that_unpacks_to_very_much_is_a_plain_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bakelift.translator.imagebuilder.lowering.upload._MOST_UNPACKED", 1_000_000)
    (made,) = lower((make("file", source="tree", destination="/opt/tree"),), FILES, windows=False)
    lines = _text_lines(made)
    start = next(i for i, line in enumerate(lines) if line.startswith("base64 -d")) + 1
    huge = gzip.compress(bytes(2_000_000), 9, mtime=0)
    packed = base64.encodebytes(huge).decode().splitlines()
    assert isinstance(made, Shell) and made.inline
    marker = made.inline[: len(made.inline) - len(lines)]
    again = [*marker, *(Literal(line) for line in [*lines[:start], *packed, "BAKELIFT"])]
    diagnostics = Diagnostics()
    raised = raise_steps([made.but(inline=tuple(again))], diagnostics, RaisingOptions(generalize=False))
    assert [step.type for step in raised.steps] == ["shell"]
    assert [item.code for item in diagnostics] == ["aib/edited-text"]


WORK = b"#!/bin/bash\necho work\n"
WAAGENT = b"/usr/sbin/waagent -force -deprovision+user && export HISTSIZE=0 && sync"
CLEAN = b"Write-Output 'caf\xc3\xa9'\nforeach ($k in 1, 2) {\n  Remove-Item $k\n}\n\n"
SYSPREP = (
    b"& $env:SystemRoot\\System32\\Sysprep\\Sysprep.exe /oobe /generalize /quiet /quit\n"
    b"while($true) {\n"
    b"  $imageState = Get-ItemProperty HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Setup\\State\n"
    b"  if($imageState.ImageState -ne 'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE') {\n"
    b"    Start-Sleep -s 10\n  } else {\n    break\n  }\n}"
)


def _files_of(windows: bool, change: Callable[[bytes], bytes]) -> dict[str, bytes]:
    first, last = (CLEAN, SYSPREP) if windows else (WORK, WAAGENT)
    return {"long": change(first + last), "work": change(first), "last": change(last)}


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "ended": lambda data: data + b"\n",
    "open": lambda data: data,
    "dos": lambda data: (data + b"\n").replace(b"\n", b"\r\n"),
    "open-dos": lambda data: data.replace(b"\n", b"\r\n"),
}
OF_POWERSHELL: dict[str, Callable[[bytes], bytes]] = {
    "marked": lambda data: b"\xef\xbb\xbf" + data,
    "utf-16": lambda data: data.decode().encode("utf-16"),
    "utf-16-be": lambda data: b"\xfe\xff" + data.decode().encode("utf-16-be"),
}


@pytest.mark.parametrize("staged", [False, True])
@pytest.mark.parametrize("options", [{"script": "long"}, {"scripts": ["work", "long"]}, {"scripts": ["work", "last"]}])
@pytest.mark.parametrize(
    ("windows", "change"), [(False, name) for name in CHANGES] + [(True, name) for name in CHANGES | OF_POWERSHELL]
)
def test_scripts_that_generalize_at_their_end_come_back(
    windows: bool, change: str, options: dict[str, object], staged: bool
) -> None:
    files = _files_of(windows, (CHANGES | OF_POWERSHELL)[change])
    store = Store() if staged else None
    step = make("powershell" if windows else "shell", **options)
    made = lower((step,), files, windows, store)
    held = [line for customizer in made for line in _text_lines(customizer)]
    fetched = [file.data for file in store.files.values()] if store is not None else []
    assert not any("waagent" in line or "Sysprep.exe" in line for line in held)
    assert not any(b"waagent" in data or b"Sysprep.exe" in data for data in fetched)
    diagnostics = Diagnostics()
    raised = raise_steps(made, diagnostics, RaisingOptions(windows=windows, staged=store))
    assert list(diagnostics) == []
    assert raised.steps == (step,)
    used = [options["script"]] if "script" in options else options["scripts"]
    assert raised.files == {path: files[path] for path in used}  # type: ignore[attr-defined]


ITEMS = [
    ["a\nb", "c"],
    ["a\n\n", "# Words\nb"],
    ["a\n", ""],
]


@pytest.mark.parametrize("items", ITEMS)
@pytest.mark.parametrize("ends", [None, "in the last item", "in one item", "in items"])
@pytest.mark.parametrize(
    ("type", "options"),
    [
        ("shell", {}),
        ("shell", {"environment_vars": ["A=1"]}),
        ("shell", {"execute_command": SUDO}),
        ("shell", {"inline_shebang": "/bin/bash -e"}),
        ("powershell", {}),
        ("powershell", {"environment_vars": ["A=1"], "elevated_user": "me"}),
        ("powershell", {"env": {"A": TIER}}),
        ("windows-shell", {}),
    ],
)
def test_items_of_several_lines_come_back(
    type: str, options: dict[str, object], ends: str | None, items: list[str]
) -> None:
    """They are lines of JSON in between, but where a string of PowerShell goes over several."""
    windows = type != "shell"
    own = (SYSPREP if windows else WAAGENT).decode()
    inline = {
        None: items,
        "in the last item": [*items[:-1], f"{items[-1]}\n{own}"],
        "in one item": [*items, f"{own}\n"],
        "in items": [*items, *own.split("\n")],
    }[ends]
    if type == "windows-shell" and ends is not None:
        inline = items
    step = make(type, inline=inline, **options)
    made = lower((step,), {}, windows)
    assert ends is None or windows or not any("waagent" in line for line in _text_lines(made[0]))
    assert not any("\n" in line for line in _text_lines(made[0]))
    raised = raise_steps(made, Diagnostics(), RaisingOptions(windows=windows, generalize=False))
    assert len(raised.steps) == 1
    assert raised.steps[0].settings["inline"] == step.settings["inline"]


def test_a_string_of_several_lines_comes_back() -> None:
    for items in (["Set-Content a @'", "x", "'@", "b"], ["Set-Content a @'\nx\n'@\nb"], ["a", "$x = '\n'; b"]):
        step = make("powershell", inline=[*items, *SYSPREP.decode().split("\n")])
        made = lower((step,), {}, windows=True)
        assert any("\n" in line for line in _text_lines(made[0]))
        assert raise_steps(made, Diagnostics(), RaisingOptions(windows=True)).steps == (step,)


def _text_lines(customizer: Customizer) -> list[str]:
    inline = getattr(customizer, "inline", None) or ()
    return [
        str(line.value) for line in inline if isinstance(line, Literal) and not str(line.value).startswith("# bake")
    ]


def test_generalization_in_a_block_of_the_script_stays() -> None:
    text = b"if ($env:GENERALIZE) {\n  Remove-Item x\n  " + SYSPREP.replace(b"\n", b"\n  ") + b"\n}\n"
    made = lower((make("powershell", script="one.ps1"),), {"one.ps1": text}, windows=True)
    assert any("Sysprep.exe" in line for line in _text_lines(made[0]))


def test_a_script_that_stays_keeps_its_name_elsewhere() -> None:
    steps = (make("powershell", inline=["x"]), make("powershell", scripts=["a.ps1", "b.ps1"], skip_clean=True))
    made = lower(steps, FILES, windows=True)
    diagnostics = Diagnostics()
    raised = raise_steps(made[1:], diagnostics, RaisingOptions(windows=True, generalize=False))
    assert raised.steps == steps[1:]
    assert not list(diagnostics)


def test_strings_over_several_items_are_a_file_for_packer() -> None:
    """Packer would indent each item, and so end no here-string."""
    lines = ("Set-Content a @'", "b", "'@")
    given = PowerShell(name=Literal("here"), inline=tuple(Literal(line) for line in lines))
    raised = raise_steps([given], Diagnostics(), RaisingOptions(windows=True, generalize=False, all_names=True))
    assert list(raised.files.items()) == [("scripts/here.ps1", b"Set-Content a @'\nb\n'@\n")]
    assert raised.steps[0].settings["script"].value == Template((Ref("path", "root"), Literal("/scripts/here.ps1")))


@pytest.mark.parametrize("name", ["agents", "windows server"])
def test_a_batch_file_knows_its_builds_name(name: str) -> None:
    step = make("windows-shell", inline=["ver"])
    context = Context(
        AsWritten(), Tree(FILES), Accounting(), Diagnostics(), LoweringOptions(), name, "azure-arm", windows=True
    )
    made = lower_all((step,), context)
    diagnostics = Diagnostics()
    assert raise_steps(made, diagnostics, RaisingOptions(windows=True, generalize=False)).steps == (step,)
    assert not list(diagnostics)
