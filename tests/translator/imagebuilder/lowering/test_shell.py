"""Shell steps: their shape, their names, and what is said of each option."""

from __future__ import annotations

import pytest

from bakelift.translator.diagnostics import TemplateError
from bakelift.translator.imagebuilder.customizers import Shell
from bakelift.translator.imagebuilder.lowering.emptying import tell_emptying
from bakelift.translator.imagebuilder.lowering.gotext import parse_command
from bakelift.translator.imagebuilder.lowering.staging import Staged, sha256
from bakelift.translator.plan.expressions import Literal, Ref, Template

SUDO = parse_command("chmod +x {{.Path}}; {{.Vars}} sudo -E sh '{{.Path}}'")


def lines(customizer) -> list[str]:
    return [line.value for line in customizer.inline]


def test_plain_lines_stay_as_they_are(world, step) -> None:
    w = world()
    (made,) = w.lower(step("shell", inline=["sudo apt-get update", "echo done"]))
    assert lines(made) == ["sudo apt-get update", "echo done"]
    assert w.said("inline").kind == "exact"
    assert made.name == Literal("01-shell")
    assert [leaf.path for leaf in made.leaves] == ["step.inline"]


def test_script_shape(world, step) -> None:
    w = world({"s/setup.sh": b"#!/bin/bash\r\necho hi"})
    (made,) = w.lower(step("shell", script="s/setup.sh", environment_vars=["A=it's"], execute_command=SUDO))
    assert lines(made) == [
        '# bakelift: {"script":"s/setup.sh","execute_command":"chmod +x {{.Path}}; {{.Vars}} sudo -E sh \'{{.Path}}\'",'
        '"line_ends":["CRLF"],"final_newline":[false],"environment_vars":["A"]}',
        "cat > /tmp/script_10000.sh <<'BAKELIFT'",
        "#!/bin/bash",
        "echo hi",
        "BAKELIFT",
        "chmod 0755 /tmp/script_10000.sh",
        "\"${SHELL:-/bin/sh}\" -c \"chmod +x /tmp/script_10000.sh; A='it'\\\"'\\\"'s' PACKER_BUILDER_TYPE='azure-arm' "
        "PACKER_BUILD_NAME='image'  sudo -E sh '/tmp/script_10000.sh'\"",
        "rm -f /tmp/script_10000.sh",
    ]
    assert {w.said(o).kind for o in ("script", "environment_vars", "execute_command")} == {"adapted"}
    assert made.name == Literal("setup.sh")


def test_parameter_stays_a_parameter_in_the_prelude(world, step, template) -> None:
    w = world(symbolic=("tier",))
    (made,) = w.lower(step("shell", inline=["echo $TIER"], environment_vars=[template("TIER=", Ref("input", "tier"))]))
    assert isinstance(made.inline[1], Template)
    assert made.inline[2] == Literal("echo $TIER")
    assert not w.binder.frozen


def test_script_text_binds_inputs(world, step, template) -> None:
    w = world(inputs={"tier": "gold"})
    (made,) = w.lower(step("shell", inline=[template("echo ", Ref("input", "tier"))]))
    assert lines(made) == ["echo gold"]
    assert [f.name for f in w.binder.frozen] == ["tier"]


def test_script_text_of_an_input_without_value_is_missing(world, step, template) -> None:
    w = world(symbolic=("tier",))
    assert w.lower(step("shell", inline=[template("echo ", Ref("input", "tier"))])) == []
    with pytest.raises(TemplateError, match="tier"):
        w.binder.stop_if_missing()


@pytest.mark.parametrize("option", ["inline", "environment_vars"])
def test_secrets_are_refused(world, step, template, option) -> None:
    w = world(inputs={"password": "hunter2"}, sensitive=("password",))
    settings = {"inline": ["echo x"], option: [template("A=", Ref("input", "password"))]}
    assert w.lower(step("shell", **settings)) == []
    assert w.said(option).kind == "unsupported"
    assert "hunter2" not in " ".join(f"{d}" for d in w.diagnostics)
    assert [d.code for d in w.diagnostics] == ["aib/secret-in-text"]


def test_secret_parameter_where_allowed(world, step, template) -> None:
    w = world(sensitive=("password",), allow_secrets=True)
    (made,) = w.lower(step("shell", inline=["echo x"], environment_vars=[template("A=", Ref("input", "password"))]))
    assert isinstance(made.inline[1], Template)


def test_build_user_is_asked_at_run_time(world, step, template) -> None:
    w = world()
    (made,) = w.lower(step("shell", inline=[template("sudo chown ", Ref("build", "User"), " /opt/x")]))
    assert lines(made) == ["sudo chown $(id -un) /opt/x"]


def test_other_build_data_is_unsupported(world, step, template) -> None:
    w = world()
    assert w.lower(step("shell", inline=[template("echo ", Ref("build", "ID"))])) == []
    assert w.said("inline").kind == "unsupported"
    assert [d.code for d in w.diagnostics] == ["aib/build-data"]


def test_execute_command_in_a_variable(world, step) -> None:
    w = world({"x.sh": b"echo\n"}, inputs={"command": "sudo {{ .Vars }} {{ .Path }}"})
    (made,) = w.lower(step("shell", script="x.sh", execute_command=Ref("input", "command")))
    assert lines(made)[5].endswith(
        "-c \"sudo PACKER_BUILDER_TYPE='azure-arm' PACKER_BUILD_NAME='image'  /tmp/script_10000.sh\""
    )


def test_names(world, step) -> None:
    w = world({"a/x.sh": b"1\n", "b/x.sh": b"2\n"})
    made = w.lower(
        step("shell", inline=["# Install nginx", "x"]),
        step("shell", script="a/x.sh"),
        step("shell", scripts=["b/x.sh", "a/x.sh"]),
        step("shell", "Own", inline=["x"]),
        step("shell", inline=["x"]),
    )
    assert [c.name.value for c in made] == ["Install nginx", "x.sh", "x.sh-2", "x.sh-3", "Own", "01-shell"]


def test_names_stay_when_a_step_is_put_before(world, step) -> None:
    steps = [
        step("shell", inline=["x"]),
        step("file", content="x", destination="/tmp/app.conf"),
        step("shell", script="a.sh"),
        step("shell", inline=["# Say hello", "y"]),
    ]
    more = [step("shell", script="b.sh"), step("file", content="y", destination="/tmp/y"), step("sleep", duration="5s")]
    files = {"a.sh": b"1\n", "b.sh": b"2\n"}
    before = [c.name.value for c in world(files).lower(*steps)]
    after = [c.name.value for c in world(files).lower(*more, *steps)]
    assert before == ["01-shell", "upload app.conf", "a.sh", "Say hello"]
    assert after == ["b.sh", "upload y", "sleep 5s", *before]


def test_retries_keep_the_scripts_together(world, step) -> None:
    w = world({"a.sh": b"1\n", "b.sh": b"2\n"})
    (made,) = w.lower(step("shell", scripts=["a.sh", "b.sh"], max_retries=2))
    assert "for tries_left in 2 1 0; do" in lines(made)
    assert w.said("max_retries").kind == "adapted"


def test_timeout_and_restart_are_approximated(world, step) -> None:
    w = world()
    w.lower(step("shell", inline=["sudo reboot && true"], expect_disconnect=True, timeout="5m"))
    assert w.said("timeout").kind == "approximated"
    assert w.said("expect_disconnect").kind == "approximated"


def test_unknown_option_is_unsupported(world, step) -> None:
    w = world()
    w.lower(step("shell", inline=["x"], tty=True))
    assert w.said("tty").kind == "unsupported"
    assert w.said("inline").kind == "exact"


def test_missing_file(world, step) -> None:
    with pytest.raises(TemplateError, match=r"no such file: gone\.sh"):
        world().lower(step("shell", script="gone.sh"))
    w = world(missing_files="placeholder")
    (made,) = w.lower(step("shell", script="gone.sh"))
    assert lines(made)[-1] == "exit 1"
    assert w.said("script").kind == "unsupported"


@pytest.mark.parametrize("value", ["10 minutes", "soon"])
def test_bad_duration(world, step, value) -> None:
    with pytest.raises(TemplateError, match="pause_before"):
        world().lower(step("shell", inline=["x"], pause_before=value))


def test_pause_replaces_the_timeout_in_legacy_json(world, step) -> None:
    w = world(pause_replaces_timeout=True)
    (made,) = w.lower(step("shell", inline=["x"], pause_before="1s", timeout="5m"))
    assert lines(made)[1:] == ["sleep 1", "x"]
    assert w.said("timeout").kind == "dropped"


WAAGENT = "/usr/sbin/waagent -force -deprovision+user && export HISTSIZE=0 && sync"


@pytest.mark.parametrize(
    "inline",
    [
        [WAAGENT],
        ["sleep 30", WAAGENT],
        ["# Generalize", "sudo waagent -deprovision+user -force"],
        [f"sudo {WAAGENT}", "sync", ""],
        ["export HISTSIZE=0; waagent -force -deprovision+user; sync"],
        [f"sleep 5\n{WAAGENT}\n"],
    ],
)
def test_generalization_is_left_to_the_service(world, step, inline) -> None:
    w = world()
    made = w.lower(step("shell", inline=["x"]), step("shell", inline=inline, execute_command=SUDO), step("breakpoint"))
    assert [lines(c) for c in made] == [["x"]]
    assert w.said("inline", 1).kind == "adapted"
    assert w.said("execute_command", 1).kind == "adapted"


def test_generalization_elsewhere_stays(world, step) -> None:
    made = world().lower(step("shell", inline=[WAAGENT]), step("shell", inline=["x"]))
    assert lines(made[0]) == [WAAGENT]


def test_rest_of_the_last_step_stays(world, step) -> None:
    w = world({"x.sh": f"#!/bin/sh\necho work\n{WAAGENT}\n".encode()})
    (made,) = w.lower(step("shell", inline=["echo work", WAAGENT]))
    assert lines(made)[1:] == ["echo work"]
    (made,) = w.lower(step("shell", script="x.sh"))
    assert WAAGENT not in lines(made)
    assert "echo work" in lines(made)


def test_other_flags_are_image_builders_own_script(world, step, text) -> None:
    w = world()
    (made,) = w.lower(step("shell", inline=["waagent -force -deprovision", "sync"], inline_shebang="/bin/sh -x"))
    assert made.name.value == "DeprovisioningScript.sh"
    assert text(made).split("\n") == [
        '# bakelift: {"inline_shebang":"/bin/sh -x","deprovisioning":true}',
        "sudo tee /tmp/DeprovisioningScript.sh > /dev/null <<'BAKELIFT'",
        "waagent -force -deprovision",
        "sync",
        "BAKELIFT",
        "sudo chmod 0755 /tmp/DeprovisioningScript.sh",
    ]
    assert w.said("inline").kind == "adapted"
    assert not list(w.diagnostics)


def test_a_step_is_cut_where_it_deprovisions_in_its_own_way(world, step, text) -> None:
    work, own = world().lower(step("shell", inline=["apt-get clean", "waagent -force -deprovision"]))
    assert text(work).endswith("\napt-get clean")
    assert "waagent -force -deprovision\n" in text(own)


@pytest.mark.parametrize(
    ("type", "kind"),
    [
        ("breakpoint", "dropped"),
        ("hcp-sbom", "dropped"),
        ("shell-local", "unsupported"),
        ("inspec", "unsupported"),
        ("chef-client", "unsupported"),
        ("puppet-server", "unsupported"),
        ("my-own", "unsupported"),
    ],
)
def test_steps_without_a_customizer(world, step, type, kind) -> None:
    w = world()
    assert w.lower(step(type, some_option="x")) == []
    assert w.said("some_option").kind == kind
    assert bool(list(w.diagnostics)) == (kind == "unsupported")


def test_customizers_are_shells(world, step) -> None:
    (made,) = world().lower(step("shell", inline=["x"]))
    assert isinstance(made, Shell)


@pytest.mark.parametrize("line", ["sudo rm -rf /tmp/*", "rm -fr /var/tmp/* /tmp", "rm -r /tmp/ && sync"])
def test_where_a_step_empties_tmp_the_services_script_is_written_again(world, step, line) -> None:
    w = world({"clean.sh": f"#!/bin/bash\n{line}\n".encode()})
    for steps in ([step("shell", inline=[line]), step("shell", inline=["x"])], [step("shell", script="clean.sh")]):
        *_, last = w.lower(*steps)
        assert lines(last)[1] == "sudo tee /tmp/DeprovisioningScript.sh > /dev/null <<'BAKELIFT'"
    tell_emptying(w.context)
    assert list(w.diagnostics) == []


def test_where_a_step_generalizes_too_early_it_is_told_that_another_empties_tmp(world, step) -> None:
    w = world()
    w.lower(step("shell", inline=["sudo waagent -deprovision", "rm -rf /tmp/*"]), step("shell", inline=["x"]))
    tell_emptying(w.context)
    assert [d.code for d in w.diagnostics] == ["aib/empties-folder"]
    assert w.said("inline").code == "aib/empties-folder"


@pytest.mark.parametrize("line", ["rm -rf /tmp/build", "rm -f /tmp/x.sh", "echo rm -rf /var/tmp"])
def test_a_step_that_removes_its_own_is_not(world, step, line) -> None:
    w = world()
    w.lower(step("shell", inline=[line]))
    assert w.context.emptying == []


def test_a_script_that_is_fetched_is_looked_into_too(world, step) -> None:
    class Everywhere:
        def place(self, data: bytes, name: str, origin: str | None, source: str, span: object) -> Staged:
            return Staged(f"https://files.example.com/{name}", sha256(data), name)

    w = world({"clean.sh": b"#!/bin/bash\nrm -rf /tmp/*\n"}, staging=Everywhere())
    made = w.lower(step("shell", script="clean.sh"))
    assert not any("rm -rf" in line for item in made for line in map(str, getattr(item, "inline", None) or ()))
    assert "/tmp/DeprovisioningScript.sh" in str(made[-1].inline)
