"""salt-masterless: states and pillars are uploaded, Salt is installed and called.

Source: provisioner/salt-masterless.
"""

from __future__ import annotations

from bakelift.translator.imagebuilder.lowering.context import CannotLower
from bakelift.translator.imagebuilder.lowering.parts import Parts, joined, listed
from bakelift.translator.imagebuilder.lowering.text import path_word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.imagebuilder.lowering.step_reader import StepReader
    from bakelift.translator.plan.model import Step
    from bakelift.translator.report import Class

OPTIONS: dict[str, tuple[Class, str, str]] = {
    **dict.fromkeys(
        listed(
            "bootstrap_args custom_state disable_sudo grains_file guest_os_type local_pillar_roots "
            "local_state_tree log_level minion_config no_exit_on_failure remote_pillar_roots remote_state_tree "
            "salt_bin_dir salt_call_args skip_bootstrap temp_config_dir"
        ),
        (
            "approximated",
            "aib/salt-masterless",
            "file steps and the same commands; the image comes back as these steps",
        ),
    ),
    "formulas": (
        "unsupported",
        "aib/salt-formulas",
        "Packer fetches them on its own machine before the upload; put them into local_state_tree",
    ),
}

_FETCH = (
    "curl -L https://bootstrap.saltstack.com -o /tmp/install_salt.sh"
    " || wget -O /tmp/install_salt.sh https://bootstrap.saltstack.com"
)


def expand(reader: StepReader) -> list[Step]:
    """The steps of salt-masterless on Linux."""
    if reader.expr("local_state_tree") is None:
        raise CannotLower("packer/no-state-tree", "local_state_tree must be specified", "Name it.", reader.step.span)
    parts = Parts(reader)
    sudo = "" if reader.flag("disable_sudo") else "sudo "
    temporary = reader.text("temp_config_dir") or "/tmp/salt"
    if not reader.flag("skip_bootstrap"):
        parts.run("bootstrap", _FETCH, joined(f"{sudo}sh /tmp/install_salt.sh", reader.text("bootstrap_args")))
    parts.folder(temporary)
    moves: list[str] = []
    for option, name in (("minion_config", "minion"), ("grains_file", "grains")):
        where = parts.file(option, f"{temporary}/{name}")
        if where is not None:
            moves += [f"{sudo}mkdir -p /etc/salt", f"{sudo}mv {path_word(where)} /etc/salt/{name}"]
    for option, name, remote, default in (
        ("local_state_tree", "states", "remote_state_tree", "/srv/salt"),
        ("local_pillar_roots", "pillar", "remote_pillar_roots", "/srv/pillar"),
    ):
        where = parts.tree(option, f"{temporary}/{name}")
        if where is not None:
            target = path_word(reader.text(remote) or default)
            moves += [
                f"{sudo}rm -rf {target}",
                f"{sudo}mkdir -p $(dirname {target})",
                f"{sudo}mv {path_word(where)} {target}",
            ]
    parts.run("move", *moves)
    parts.run("call", sudo + _call(reader))
    return parts.done()


def _call(reader: StepReader) -> str:
    folder = reader.text("salt_bin_dir")
    state = reader.text("custom_state")
    roots = (
        []
        if reader.expr("minion_config") is not None
        else [
            f"--file-root={reader.text('remote_state_tree') or '/srv/salt'}",
            f"--pillar-root={reader.text('remote_pillar_roots') or '/srv/pillar'}",
        ]
    )
    return joined(
        f"{folder.rstrip('/')}/salt-call" if folder else "salt-call",
        "--local",
        f"state.sls {state}" if state else "state.highstate",
        *roots,
        None if reader.flag("no_exit_on_failure") else "--retcode-passthrough",
        f"-l {reader.text('log_level') or 'info'}",
        reader.text("salt_call_args"),
    )
