"""PowerShell, restart, update and batch steps."""

from __future__ import annotations

import re

import pytest

from bakelift.translator.imagebuilder.customizers import PowerShell, WindowsRestart, WindowsUpdate
from bakelift.translator.imagebuilder.lowering.generalizing import tell_generalizing
from bakelift.translator.imagebuilder.lowering.gotext import parse_command
from bakelift.translator.imagebuilder.lowering.text import (
    WRITTEN_TEXT,
    from_written_text,
    powershell_single,
    written_text,
)
from bakelift.translator.plan.expressions import TRUE, Call, ListExpr, Literal, Ref, Template


def lines(customizer) -> list[str]:
    return [line.value for line in customizer.inline]


def test_plain_lines_stay_as_they_are(world, step) -> None:
    w = world(windows=True)
    (made,) = w.lower(step("powershell", inline=["Write-Output 1"], valid_exit_codes=[0, 3010]))
    assert lines(made) == ["Write-Output 1"]
    assert made.valid_exit_codes == ListExpr((Literal(0), Literal(3010)))
    assert made.run_elevated is None
    assert {w.said(o).kind for o in ("inline", "valid_exit_codes")} == {"exact"}


def test_environment_is_a_prelude(world, step, template) -> None:
    w = world(windows=True, symbolic=("tier",))
    (made,) = w.lower(
        step(
            "powershell",
            inline=["x"],
            environment_vars=["B=it's $x", template("A=", Ref("input", "tier"))],
            env={"c-d": 1},
        )
    )
    assert made.inline[0] == Literal('# bakelift: {"environment_vars":["B","A"],"env":["c-d"],"prelude":3}')
    value = Template((Ref("input", "tier"),))
    for quote in "'\u2018\u2019\u201a\u201b":  # PowerShell takes each of them for an apostrophe
        value = Call("replace", (value, Literal(quote), Literal(quote * 2)))
    assert made.inline[1] == Template(
        (
            Literal("$env:A = '"),
            value,
            Literal("'"),
        )
    )
    assert made.inline[2:] == (Literal("$env:B = 'it''s $x'"), Literal("${env:c-d} = '1'"), Literal("x"))


def test_script_keeps_what_its_text_does_not_show(world, step) -> None:
    w = world({"s/a.ps1": b"\xef\xbb\xbfWrite-Output 1\r\nexit 0"}, windows=True)
    (made,) = w.lower(step("powershell", script="s/a.ps1"))
    assert lines(made) == [
        '# bakelift: {"script":"s/a.ps1","bom":true,"line_ends":"CRLF","final_newline":false,"prelude":0}',
        "Write-Output 1",
        "exit 0",
    ]
    assert made.name == Literal("a.ps1")


def test_param_stands_first_in_a_block(world, step) -> None:
    w = world({"a.ps1": b"param($x = 1)\nWrite-Output $x\n"}, windows=True)
    (made,) = w.lower(step("powershell", script="a.ps1", environment_vars=["A=1"]))
    assert lines(made)[1:] == ["$env:A = '1'", "& {", "param($x = 1)", "Write-Output $x", "}"]


@pytest.mark.parametrize(
    ("script", "block"),
    [
        ("[CmdletBinding()]\nparam(\n  $x\n)\n$x", True),
        ("# it's\n\n  Param ($x)\n$x", True),
        ("function f {\n  param($x)\n  $x\n}\nf 1", False),
        ("$text = @'\nparam($x)\n'@", False),
    ],
)
def test_parameters_of_functions_need_no_block(world, step, script, block) -> None:
    (made,) = world({"a.ps1": script.encode()}, windows=True).lower(step("powershell", script="a.ps1"))
    assert ("& {" in lines(made)) is block


@pytest.mark.parametrize(
    ("user", "elevated", "system", "kind"),
    [
        ("SYSTEM", TRUE, TRUE, "adapted"),
        ("NT AUTHORITY\\SYSTEM", TRUE, TRUE, "adapted"),
        (Ref("build", "User"), TRUE, TRUE, "approximated"),
        ("Administrator", TRUE, TRUE, "approximated"),
    ],
)
def test_elevation(world, step, user, elevated, system, kind) -> None:
    w = world(windows=True)
    password = Ref("build", "Password")
    (made,) = w.lower(step("powershell", inline=["x"], elevated_user=user, elevated_password=password))
    assert (made.run_elevated, made.run_as_system) == (elevated, system)
    assert w.said("elevated_user").kind == kind
    assert w.said("elevated_password").kind == "adapted"


@pytest.mark.parametrize("windows", [False, True])
def test_steps_of_the_other_system_make_no_customizer(world, step, windows) -> None:
    w = world(windows=windows)
    types = ["shell"] if windows else ["powershell", "windows-shell", "windows-restart", "windows-update"]
    assert w.lower(*(step(type, inline=["x"]) for type in types)) == []
    assert {w.said("inline", index).code for index in range(len(types))} == {"aib/other-system"}
    assert [d.code for d in w.diagnostics if d.severity == "warning"] == ["aib/other-system"] * len(types)


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ([], "as Local System, not as installer"),
        (["net localgroup Administrators installer /add"], "an administrator that the template makes"),
    ],
)
def test_whose_steps_run_as_system_is_said_once(world, step, before, said) -> None:
    w = world(windows=True)
    elevated = step("powershell", inline=["x"], elevated_user="installer", elevated_password="p")
    w.lower(*([step("windows-shell", inline=before)] if before else []), elevated, elevated)
    assert said in w.said("elevated_user", -1).summary
    assert [d.code for d in w.diagnostics].count("aib/elevated-user") == 1


@pytest.mark.parametrize(
    ("options", "option", "kind"),
    [
        ({"execution_policy": "bypass"}, "execution_policy", "adapted"),
        ({"execution_policy": "remotesigned"}, "execution_policy", "adapted"),
        ({"execution_policy": "none"}, "execution_policy", "approximated"),
        ({"execution_policy": "none", "max_retries": 1}, "execution_policy", "adapted"),
        ({"use_pwsh": True}, "use_pwsh", "adapted"),
        ({"max_retries": 3}, "max_retries", "adapted"),
        ({"max_retries": 0}, "max_retries", "adapted"),
        ({"continue_on_error": True}, "continue_on_error", "adapted"),
        ({"skip_clean": True}, "skip_clean", "adapted"),
        ({"elevated_execute_command": "x"}, "elevated_execute_command", "dropped"),
        ({"elevated_user": "SYSTEM", "execute_command": "x"}, "execute_command", "dropped"),
        ({"elevated_user": "SYSTEM", "env_var_format": "x"}, "env_var_format", "dropped"),
        ({"execute_command": "x", "use_pwsh": True}, "use_pwsh", "dropped"),
        ({"execute_command": "x", "execution_policy": "restricted"}, "execution_policy", "dropped"),
        ({"timeout": "1h"}, "timeout", "dropped"),
        ({"debug_mode": 1}, "debug_mode", "adapted"),
        (
            {"execute_command": parse_command("powershell -executionpolicy bypass -file {{.Path}}")},
            "execute_command",
            "adapted",
        ),
        ({"execute_command": parse_command("pwsh -f {{.Path}}")}, "execute_command", "adapted"),
        ({"execute_command": "echo no"}, "execute_command", "adapted"),
        ({"execute_command": "echo a\necho b"}, "execute_command", "unsupported"),
        ({"execute_command": parse_command("{{.WinRMPassword}}")}, "execute_command", "unsupported"),
    ],
)
def test_classes(world, step, options, option, kind) -> None:
    w = world(windows=True)
    w.lower(step("powershell", inline=["x"], **options))
    assert w.said(option).kind == kind


@pytest.mark.parametrize(
    "options",
    [
        {"max_retries": 0},
        {"use_pwsh": False},
        {"skip_clean": False},
        {"remote_path": "C:/x.ps1"},
        {"env_var_format": ""},
    ],
)
def test_options_that_change_nothing_leave_the_lines_alone(world, step, options) -> None:
    (made,) = world(windows=True).lower(step("powershell", inline=["x"], environment_vars=["A=1"], **options))
    assert lines(made)[1:] == ["$env:A = '1'", "x"]


@pytest.mark.parametrize("pwsh", [False, True])
def test_the_services_own_command_goes_before_the_shell_that_is_wished(world, step, pwsh) -> None:
    w = world(windows=True)
    own = parse_command("powershell -executionpolicy bypass -file {{.Path}}")
    (made,) = w.lower(step("powershell", inline=["x"], execute_command=own, use_pwsh=pwsh))
    assert lines(made) == ["x"]
    assert w.said("use_pwsh").kind == "dropped"


def test_retries_are_a_loop_around_the_command(world, step) -> None:
    w = world({"a.ps1": b"exit 5\n", "b.ps1": b"\xff\n"}, windows=True)
    options = {"max_retries": 2, "valid_exit_codes": [0, 3010], "pause_before": "5s", "environment_vars": ["A=it's"]}
    (made,) = w.lower(step("powershell", scripts=["a.ps1", "b.ps1"], elevated_user="SYSTEM", **options))
    path = "c:/Windows/Temp/script-10000.ps1"
    silent = "$ProgressPreference = ''SilentlyContinue''"
    run = [
        f"$command = 'powershell -executionpolicy bypass -command \"{silent}; & ''{path}''; exit $LastExitCode\"'",
        'cmd.exe /s /c " $command"',
        "Remove-Item -Force -ErrorAction Ignore $path",
    ]
    assert lines(made)[1:] == [
        "$env:A = 'it''s'",
        "$ErrorActionPreference = 'Stop'",
        "foreach ($tries_left in 2, 1, 0) {",
        "Start-Sleep -Seconds 5",
        f"$path = '{path}'",
        "[IO.File]::WriteAllText($path, (@(",
        "  'exit 5'",
        ') -join "`n") + "`n")',
        *run,
        "if ($LASTEXITCODE -notin 0, 3010) { continue }",
        f"$path = '{path}'",
        "[IO.File]::WriteAllBytes($path, [Convert]::FromBase64String((@(",
        "  '/wo='",
        ") -join '')))",
        *run,
        "if ($LASTEXITCODE -in 0, 3010) { break }",
        "}",
        "exit $LASTEXITCODE",
    ]
    assert (made.run_elevated, made.valid_exit_codes) == (TRUE, ListExpr((Literal(0), Literal(3010))))


def test_an_inline_in_a_process_is_the_script_that_packer_makes(world, step, text) -> None:
    (made,) = world(windows=True).lower(step("powershell", inline=["throw 'x'"], use_pwsh=True, continue_on_error=True))
    shown = text(made)
    assert "\n".join(["  'try {'", "  'throw ''x'''", "  '$status = 0'", "  '} catch {'"]) in shown
    assert "$command = 'pwsh -executionpolicy bypass -file c:/Windows/Temp/script-10000.ps1'" in shown
    assert shown.endswith("exit 0")


def test_a_format_of_variables_is_written_for_the_command(world, step, text) -> None:
    w = world({"a.ps1": b"x\n"}, windows=True)
    format = '[Environment]::SetEnvironmentVariable("%s", "%s", "Machine"); '
    (made,) = w.lower(step("powershell", script="a.ps1", environment_vars=["A=it's $x"], env_var_format=format))
    assert '  \'[Environment]::SetEnvironmentVariable("A", "it`\'\'s `$x", "Machine"); ' in text(made)
    assert "; . c:/Windows/Temp/packer-ps-env-vars-10000.ps1; & ''" in text(made)
    assert "$env:A" not in text(made)


def test_a_format_with_a_parameter_is_said_to_differ(world, step, template) -> None:
    w = world(windows=True, symbolic=("x",))
    (made,) = w.lower(
        step("powershell", inline=["x"], environment_vars=[template("A=", Ref("input", "x"))], env_var_format="%s-%s")
    )
    assert w.said("env_var_format").kind == "approximated"
    assert made.inline[1].parts[0] == Literal("$env:A = '")


@pytest.mark.parametrize("script", [b"Get-Item $PSScriptRoot\n", b"Get-Item C:/t/own.ps1\n"])
def test_a_script_that_looks_at_its_own_path_lies_there(world, step, text, script) -> None:
    w = world({"a.ps1": script}, windows=True)
    (made,) = w.lower(step("powershell", script="a.ps1", remote_path="C:/t/own.ps1"))
    assert "$path = 'C:/t/own.ps1'" in text(made)


def test_using_stands_first_in_a_script_of_its_own(world, step, text) -> None:
    w = world({"a.ps1": b"using namespace System.IO\n[Path]\n"}, windows=True)
    (made,) = w.lower(step("powershell", script="a.ps1", environment_vars=["A=1"]))
    assert "(@(\n  'using namespace System.IO'\n" in text(made)
    assert not list(w.diagnostics)


SYSPREP = "& $env:SystemRoot\\System32\\Sysprep\\Sysprep.exe /oobe /generalize /quiet /quit"
WAIT = (
    "while($true) { $imageState = Get-ItemProperty HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Setup\\State | "
    "Select ImageState; if($imageState.ImageState -ne 'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE') "
    "{ Write-Output $imageState.ImageState; Start-Sleep -s 10 } else { break } }"
)
UNATTEND = (
    "if( Test-Path $Env:SystemRoot\\windows\\system32\\Sysprep\\unattend.xml )"
    "{ rm $Env:SystemRoot\\windows\\system32\\Sysprep\\unattend.xml -Force}"
)


@pytest.mark.parametrize(
    ("inline", "kind"),
    [
        ([SYSPREP, WAIT], "adapted"),
        ([UNATTEND, SYSPREP, WAIT], "adapted"),
        (
            [
                "# If Guest Agent services are installed",
                "while ((Get-Service RdAgent).Status -ne 'Running') { Start-Sleep -s 5 }",
                SYSPREP,
                WAIT,
            ],
            "adapted",
        ),
        ([SYSPREP.replace("/quit", "/shutdown")], "adapted"),
    ],
)
def test_sysprep_is_left_to_the_service(world, step, inline, kind) -> None:
    w = world(windows=True)
    assert len(w.lower(step("powershell", inline=["x"]), step("powershell", inline=inline))) == 1
    assert w.said("inline", 1).kind == kind


@pytest.mark.parametrize("before", [[], ["Write-Output ' -> Sysprepping VM ...'"]])
def test_other_flags_are_image_builders_own_script(world, step, text, before) -> None:
    w = world(windows=True)
    (made,) = w.lower(step("powershell", inline=[*before, f"{SYSPREP} /mode:vm", WAIT]))
    shown = text(made).split("\n")
    assert shown[1] == "[IO.File]::WriteAllText('c:\\DeprovisioningScript.ps1', (@("
    assert shown[2].startswith("  'while ((Get-Service RdAgent)")  # the service's own waits, where the step has none
    own = [*before, f"{SYSPREP} /mode:vm", WAIT]
    assert shown[4 : 4 + len(own)] == [f"  {powershell_single(line)}" for line in own]
    assert shown[-1] == ') -join "`n") + "`n")'
    assert w.said("inline").kind == "adapted"
    assert not list(w.diagnostics)


def test_a_machine_that_shuts_itself_down_is_waited_for(world, step, text) -> None:
    flags = SYSPREP.replace("/quit", "/shutdown") + " /unattend:c:\\scripts\\unattend.xml"
    (made,) = world(windows=True).lower(step("powershell", inline=[flags]))
    assert "/shutdown" not in text(made)
    assert "/quit /unattend:c:\\scripts\\unattend.xml" in text(made)
    assert "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE" in text(made)


def test_work_before_sysprep_stays(world, step) -> None:
    w = world(windows=True)
    (made,) = w.lower(step("powershell", inline=["Write-Output 'work'", "Remove-Item C:\\x", UNATTEND, SYSPREP, WAIT]))
    assert lines(made)[1:] == ["Write-Output 'work'", "Remove-Item C:\\x"]


@pytest.mark.parametrize(
    "call",
    [
        f"{SYSPREP.replace('/quit', '/shutdown')};",
        "cmd /c C:\\Windows\\System32\\Sysprep\\sysprep.exe /oobe /generalize /quiet /quit",
        'Start-Process -FilePath "$env:SystemRoot\\System32\\Sysprep\\Sysprep.exe" '
        '-ArgumentList "/oobe /generalize /quiet /quit" -Wait',
        "Start-Process C:\\Windows\\System32\\Sysprep\\Sysprep.exe -Args @('/oobe', '/generalize','/quiet','/quit')",
    ],
)
def test_sysprep_however_it_is_called(world, step, call) -> None:
    w = world(windows=True)
    assert w.lower(step("powershell", inline=[call, "exit 0"])) == []
    assert w.said("inline").code == "aib/sysprep"


def test_a_process_with_other_flags_is_image_builders_own_script(world, step, text) -> None:
    call = "Start-Process C:\\Windows\\System32\\Sysprep\\Sysprep.exe -ArgumentList '/generalize','/shutdown' -Wait"
    (made,) = world(windows=True).lower(step("powershell", inline=[call]))
    assert "''/generalize'',''/quit'' -Wait" in text(made)


@pytest.mark.parametrize(
    "inline",
    [
        ["if ($env:X) {", SYSPREP, "}"],
        ["Write-Output a", "if ($env:X) {", "Write-Output b", SYSPREP, WAIT, "} else {", "Write-Output c", "}"],
        ["$script = @'", SYSPREP, "'@", "Write-Output c"],
    ],
)
def test_what_a_block_decides_is_not_cut_out_of_it(world, step, inline) -> None:
    w = world(windows=True)
    (made,) = w.lower(step("powershell", inline=inline))
    assert "\n".join(lines(made)).endswith("\n".join(inline))
    tell_generalizing(w.context)
    assert w.said("inline").code == "aib/generalized-twice"
    assert [d.code for d in w.diagnostics] == ["aib/generalized-twice"]


def test_a_script_that_generalizes_at_its_end_keeps_the_rest(world, step) -> None:
    script = "\r\n".join(["Install-WindowsFeature Web-Server", UNATTEND, SYSPREP, WAIT, ""]).encode()
    w = world({"a.ps1": script}, windows=True)
    (made,) = w.lower(step("powershell", script="a.ps1"))
    assert lines(made)[1:] == ["Install-WindowsFeature Web-Server"]
    assert w.said("script").code == "aib/sysprep"


def test_doubled_separators_are_read_too(world, step) -> None:
    text = "Install-Thing\n" + SYSPREP.replace("\\", "\\\\") + f"\n{WAIT}\n"
    (made,) = world({"agent.ps1": text.encode()}, windows=True).lower(step("powershell", script="agent.ps1"))
    assert lines(made)[1:] == ["Install-Thing"]


def test_batch_of_sysprep_is_left_to_the_service(world, step, text) -> None:
    call = "c:\\windows\\system32\\sysprep\\sysprep /generalize /quiet /oobe"
    w = world(windows=True)
    assert w.lower(step("windows-shell", inline=[f"{call} /quit"])) == []
    assert w.said("inline").kind == "adapted"
    (made,) = w.lower(step("windows-shell", inline=[f"{call} /shutdown /unattend:c:\\scripts\\unattend.xml"]))
    assert f"{call} /quit /unattend:c:\\scripts\\unattend.xml'\n" in text(made)
    assert w.said("inline").kind == "adapted"
    (made,) = w.lower(step("windows-shell", inline=["%SystemRoot%\\system32\\sysprep\\sysprep /generalize /oobe"]))
    assert "windows-shell" in text(made)


def test_strings_stay_in_one_item(world, step) -> None:
    """Packer indents the items of an inline, which would end no here-string."""
    script = b"param($x)\nSet-Content a @'\nb\n'@\nWrite-Output c"
    (made,) = world({"a.ps1": script}, windows=True).lower(step("powershell", script="a.ps1"))
    assert lines(made)[1:] == ["& {", "param($x)", "Set-Content a @'\nb\n'@", "Write-Output c", "}"]
    (made,) = world(windows=True).lower(step("powershell", inline=["Set-Content a @'", "b", "'@", "c"]))
    assert lines(made) == ['# bakelift: {"items":[1,1,1,1],"prelude":0}', "Set-Content a @'\nb\n'@", "c"]


def test_restart(world, step) -> None:
    w = world(windows=True, symbolic=("limit",))
    made, wait = w.lower(step("windows-restart", restart_timeout=Ref("input", "limit"), check_registry=True))
    assert made == WindowsRestart(Literal("01-windows-restart"), restart_timeout=Ref("input", "limit"))
    assert w.said("restart_timeout").kind == "exact"
    assert w.said("check_registry").kind == "adapted"
    assert "while ($keys | Where-Object { Test-Path $_ }) {" in lines(wait)


def test_update(world, step) -> None:
    w = world(windows=True)
    (made,) = w.lower(step("windows-update", filters=["include:$true"], update_limit=25, restart_timeout="4h"))
    assert made == WindowsUpdate(
        Literal("01-windows-update"), filters=ListExpr((Literal("include:$true"),)), update_limit=Literal(25)
    )
    assert w.said("restart_timeout").kind == "approximated"


def test_batch_file(world, step) -> None:
    w = world(windows=True)
    (made,) = w.lower(step("windows-shell", inline=["echo %A%"], environment_vars=["A=it's"]))
    assert lines(made) == [
        '# bakelift: {"windows-shell":"inline","environment_vars":["A=it\'s"]}',
        "$ErrorActionPreference = 'Stop'",
        "$path = 'c:/Windows/Temp/script.bat'",
        "[IO.File]::WriteAllText($path, (@(",
        "  'echo %A%'",
        ') -join "`n") + "`n")',
        """$command = 'set "A=it''s" && set "PACKER_BUILDER_TYPE=azure-arm" && set "PACKER_BUILD_NAME=image" && """
        """"c:/Windows/Temp/script.bat"'""",
        'cmd.exe /s /c " $command"',
        "exit $LASTEXITCODE",
    ]
    assert isinstance(made, PowerShell)


def test_batch_files_that_are_tried_again(world, step) -> None:
    w = world({"a.cmd": b"a\n", "b.cmd": b"b\n"}, windows=True)
    (made,) = w.lower(step("windows-shell", scripts=["a.cmd", "b.cmd"], max_retries=1, valid_exit_codes=[0, 3010]))
    shown = [line for line in lines(made)[1:] if not line.startswith(("$command", "[IO.File]", "  '", ") -join"))]
    assert shown == [
        "$ErrorActionPreference = 'Stop'",
        "foreach ($tries_left in 1, 0) {",
        "$path = 'c:/Windows/Temp/script.bat'",
        'cmd.exe /s /c " $command"',
        "if ($LASTEXITCODE -notin 0, 3010) { continue }",
        "$path = 'c:/Windows/Temp/script.bat'",
        'cmd.exe /s /c " $command"',
        "if ($LASTEXITCODE -in 0, 3010) { break }",
        "}",
        "exit $LASTEXITCODE",
    ]
    assert w.said("max_retries").kind == "adapted"


def test_a_failing_batch_file_does_not_end_the_build_where_it_may_not(world, step) -> None:
    w = world({"a.cmd": b"a\n", "b.cmd": b"b\n"}, windows=True)
    (made,) = w.lower(step("windows-shell", scripts=["a.cmd", "b.cmd"], continue_on_error=True))
    assert "if ($LASTEXITCODE -notin 0) { exit 0 }" in lines(made)
    assert lines(made)[-1] == "exit 0"


def test_a_format_for_cmd_has_no_other_verbs(world, step) -> None:
    w = world(windows=True)
    assert w.lower(step("windows-shell", inline=["x"], environment_vars=["A=1"], env_var_format="%d")) == []
    assert w.said("env_var_format").code == "aib/windows-shell-command"


def test_batch_file_with_a_parameter_is_unsupported(world, step, template) -> None:
    w = world(windows=True, symbolic=("x",))
    assert w.lower(step("windows-shell", inline=["x"], environment_vars=[template("A=", Ref("input", "x"))])) == []
    assert w.said("inline").kind == "unsupported"


def test_upload(world, step) -> None:
    w = world({"conf/app.ini": b"x\n"}, windows=True)
    (made,) = w.lower(step("file", source="conf/app.ini", destination="C:\\it's\\"))
    assert lines(made) == [
        '# bakelift: {"source":"conf/app.ini","destination":"C:\\\\it\'s\\\\"}',
        "$ErrorActionPreference = 'Stop'",
        "$path = [IO.Path]::GetFullPath('C:\\it''s\\app.ini')",
        "[void][IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($path))",
        "[IO.File]::WriteAllText($path, (@(",
        "  'x'",
        ') -join "`n") + "`n")',
    ]


@pytest.mark.parametrize(
    ("data", "end"),
    [
        (b"a\n'@ it's\n", ') -join "`n") + "`n")'),
        (b"a\n'@ it's", ') -join "`n"))'),
        (b"a\r\n'@ it's\r\n", ') -join "`r`n") + "`r`n")'),
        (b"a\r\n'@ it's", ') -join "`r`n"))'),
    ],
)
def test_text_stands_line_by_line(data: bytes, end: str) -> None:
    made = written_text(data)
    assert made == ["[IO.File]::WriteAllText($path, (@(", "  'a'", "  '''@ it''s'", end]


@pytest.mark.parametrize("data", [b"\n", b"\n\n", b"a\n\n", b"a", b"\r\n", b') -join "`n"))\n', b"'\n'"])
def test_text_comes_back(data: bytes) -> None:
    made = "\n".join(written_text(data) or ())
    found = re.fullmatch(rf"\[IO\.File\]::WriteAllText\(\$path, {WRITTEN_TEXT}", made, re.DOTALL)
    assert found is not None
    assert from_written_text(*found.groups("")) == data


@pytest.mark.parametrize("data", [b"", b"caf\xc3\xa9\n", b"a\r\nb\n", b"a\rb\n", b"a\0b\n", b"\xef\xbb\xbfx\n"])
def test_what_is_no_plain_text_is_base64(data: bytes) -> None:
    assert written_text(data) is None
