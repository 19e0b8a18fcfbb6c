"""Steps of other tools: the same uploads and commands, as Image Builder runs them, with stand-ins for the tools."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bakelift.translator.imagebuilder.customizers import Customizer

#: Says how it was called, and what it finds where it was called.
STAND_IN = """#!/bin/sh
printf '%s\\n' "$@"
echo "in $(pwd)"
env | grep ^FACTER | sort
exit ${STATUS:-0}
"""


def executed(customizers: list[Customizer], text: Callable[[Customizer], str], folder: Path) -> str:
    """Each customizer as Image Builder runs it; the stand-ins of the tools are found first."""
    out = ""
    for customizer in customizers:
        done = subprocess.run(
            ["/bin/sh", "-e", "-c", text(customizer)],
            env={"PATH": f"{folder}/bin:/usr/bin:/bin", "HOME": str(folder), "SHELL": "/bin/sh"},
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 0, f"{customizer.name}: {done.stderr}"
        out += done.stdout
    return out


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder with a stand-in for each tool, where sudo only runs what it is given."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("ansible-playbook", "ansible-galaxy", "chef-solo", "puppet", "salt-call", "goss"):
        (folder / name).write_text(STAND_IN)
    (folder / "sudo").write_text('#!/bin/sh\n[ "$1" != -E ] || shift\nexec "$@"\n')
    for path in folder.iterdir():
        path.chmod(0o755)
    return tmp_path


def names(customizers: list[Customizer]) -> list[str]:
    return [str(getattr(customizer.name, "value", "")) for customizer in customizers]


def test_ansible_local(world, step, text, tools: Path) -> None:  # type: ignore[no-untyped-def]
    files = {
        "ansible/site.yml": b"- hosts: all\n",
        "roles/web/tasks/main.yml": b"[]\n",
        "requirements.yml": b"roles:\n  - src: one\ncollections:\n  - two\n",
    }
    staging = tools / "staging"
    made = world(files).lower(
        step(
            "ansible-local",
            playbook_file="ansible/site.yml",
            role_paths=["roles/web"],
            galaxy_file="requirements.yml",
            extra_arguments=["-v", "--tags", "web"],
            inventory_groups=["web", "db"],
            staging_directory=str(staging),
        )
    )
    assert names(made)[0] == "ansible-local: folders"
    assert names(made)[-1] == "ansible-local: run site.yml"
    out = executed(made, text, tools).split("\n")
    assert (staging / "site.yml").read_bytes() == files["ansible/site.yml"]
    assert (staging / "roles/web/tasks/main.yml").read_bytes() == b"[]\n"
    assert (staging / "inventory").read_text() == "[web]\n127.0.0.1\n[db]\n127.0.0.1\n"
    assert out[:5] == ["role", "install", "-r", f"{staging}/requirements.yml", "-p"]
    assert "collection" in out
    told = "packer_build_name=image packer_builder_type=azure-arm packer_http_addr="
    at = out.index(f"{staging}/site.yml")
    assert out[at : at + 9] == [
        f"{staging}/site.yml",
        "--extra-vars",
        told,
        "-v",
        "--tags",
        "web",
        "-c",
        "local",
        "-i",
    ]
    assert f"in {staging}" in out


def test_playbooks_of_a_directory_are_uploaded_once(world, step, text, tools: Path) -> None:  # type: ignore[no-untyped-def]
    files = {"play/a.yml": b"a\n", "play/sub/b.yml": b"b\n", "c.yml": b"c\n"}
    staging = tools / "staging"
    made = world(files).lower(
        step(
            "ansible-local",
            playbook_dir="play",
            playbook_files=["play/sub/b.yml", "c.yml"],
            staging_directory=str(staging),
            clean_staging_directory=True,
        )
    )
    out = executed(made, text, tools)
    assert f"{staging}/sub/b.yml" in out
    assert f"{staging}/c.yml" in out
    assert not staging.exists()


def test_ansible_runs_on_the_machine_itself(world, step, text, tools: Path) -> None:  # type: ignore[no-untyped-def]
    files = {"ansible/site.yml": b"- hosts: web\n", "ansible/roles/web/tasks/main.yml": b"[]\n", "secret.txt": b"x"}
    seen = world(files)
    made = seen.lower(
        step(
            "ansible",
            playbook_file="ansible/site.yml",
            groups=["web"],
            user="ubuntu",
            extra_arguments=["--extra-vars", "a='b c' d=$HOME"],
            ansible_env_vars=["ANSIBLE_NOCOLOR=True"],
        )
    )
    whole = "\n".join(text(customizer) for customizer in made)
    assert "secret" not in whole
    out = executed(made, text, tools).split("\n")
    assert out[:6] == [
        "-e",
        "packer_build_name=image",
        "-e",
        "packer_builder_type=azure-arm",
        "--extra-vars",
        "a='b c' d=$HOME",
    ]
    assert out[6:9] == ["-c", "local", "-i"]
    assert seen.said("playbook_file").kind == "approximated"
    assert seen.said("user").kind == "dropped"


def test_ansible_over_winrm_has_a_way_out(world, step) -> None:  # type: ignore[no-untyped-def]
    seen = world({"site.yml": b""}, windows=True)
    assert seen.lower(step("ansible", playbook_file="site.yml")) == []
    assert [d.code for d in seen.diagnostics] == ["aib/ansible-winrm"]


def test_chef_solo(world, step, text, tools: Path) -> None:  # type: ignore[no-untyped-def]
    staging = tools / "chef"
    made = world({"cookbooks/base/recipes/default.rb": b"log 'x'\n"}).lower(
        step(
            "chef-solo",
            cookbook_paths=["cookbooks"],
            remote_cookbook_paths=["/srv/cookbooks"],
            run_list=["recipe[base]"],
            json={"a": {"b": 1}},
            skip_install=True,
            staging_directory=str(staging),
        )
    )
    out = executed(made, text, tools).split("\n")
    assert out[:5] == ["--no-color", "-c", f"{staging}/solo.rb", "-j", f"{staging}/node.json"]
    assert (staging / "solo.rb").read_text() == f'cookbook_path ["/srv/cookbooks","{staging}/cookbooks-0"]\n'
    assert json.loads((staging / "node.json").read_text()) == {"a": {"b": 1}, "run_list": ["recipe[base]"]}
    assert (staging / "cookbooks-0/base/recipes/default.rb").exists()


def test_chef_is_installed_as_packer_does(world, step, text) -> None:  # type: ignore[no-untyped-def]
    made = world({}).lower(step("chef-solo", run_list=["recipe[x]"], version="17.1", prevent_sudo=True))
    assert "curl -L https://omnitruck.chef.io/install.sh | bash -s -- -v 17.1" in text(made[1])
    assert text(made[-1]).endswith(
        "chef-solo --no-color -c /tmp/packer-chef-solo/solo.rb -j /tmp/packer-chef-solo/node.json"
    )


def test_puppet_masterless(world, step, text, tools: Path) -> None:  # type: ignore[no-untyped-def]
    staging = tools / "puppet"
    files = {"site.pp": b"node default {}\n", "modules/web/manifests/init.pp": b"class web {}\n"}
    made = world(files).lower(
        step(
            "puppet-masterless",
            manifest_file="site.pp",
            module_paths=["modules"],
            facter={"role": "it works"},
            extra_arguments=["--verbose"],
            staging_directory=str(staging),
        )
    )
    out = executed(made, text, tools).split("\n")
    assert out[:5] == [
        "apply",
        "--detailed-exitcodes",
        f"--modulepath={staging}/module-0",
        "--verbose",
        f"{staging}/manifests/site.pp",
    ]
    assert "FACTER_role=it works" in out
    assert "0|2)" in text(made[-1])


def test_salt_masterless(world, step, text) -> None:  # type: ignore[no-untyped-def]
    made = world({"salt/top.sls": b"base: {}\n", "minion": b"x: y\n"}).lower(
        step("salt-masterless", local_state_tree="salt", minion_config="minion", skip_bootstrap=True, log_level="debug")
    )
    assert text(made[-1]) == "sudo salt-call --local state.highstate --retcode-passthrough -l debug"
    assert "sudo mv /tmp/salt/minion /etc/salt/minion" in text(made[-2])
    assert "sudo mv /tmp/salt/states /srv/salt" in text(made[-2])


def test_goss_validates_the_image(world, step, text, tools: Path) -> None:  # type: ignore[no-untyped-def]
    place = tools / "goss"
    seen = world({"goss/goss.yaml": b"file: {}\n", "vars.yaml": b"a: b\n"})
    made = seen.lower(
        step(
            "goss",
            tests=["goss/goss.yaml"],
            vars_file="vars.yaml",
            vars_env={"TIER": "it's"},
            remote_path=str(place),
            download_path=str(tools / "bin/goss"),
            skip_install=True,
            retry_timeout="30s",
        )
    )
    assert made == []
    validators = [lowered.customizer for lowered in seen.context.validators]
    out = executed(validators, text, tools).split("\n")
    assert out[:9] == [
        "-g",
        "goss.yaml",
        "--vars",
        f"{place}/vars.yaml",
        "validate",
        "--retry-timeout",
        "30s",
        "--sleep",
        "1s",
    ]
    assert f"in {place}" in out
    assert seen.said("tests").kind == "approximated"


def test_goss_is_a_customizer_where_there_are_no_validators(world, step) -> None:  # type: ignore[no-untyped-def]
    seen = world({"goss.yaml": b""}, validators=False)
    assert names(seen.lower(step("goss", tests=["goss.yaml"], skip_install=True)))[-1] == "goss: validate"


@pytest.mark.parametrize("type", ["chef-solo", "puppet-masterless", "salt-masterless", "goss", "ansible-local"])
def test_tools_on_windows_have_a_way_out(type: str, world, step) -> None:  # type: ignore[no-untyped-def]
    seen = world({}, windows=True)
    assert seen.lower(step(type)) == []
    (told,) = seen.diagnostics
    assert told.code == f"aib/{type}"
    assert "powershell step" in told.detail
