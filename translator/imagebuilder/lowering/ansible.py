"""ansible-local and ansible: the playbook runs on the build VM, against itself.

Source: packer-plugin-ansible, provisioner/ansible-local and provisioner/ansible. The one runs on the machine anyway;
the other runs on the controller, and here only its connection changes: ``-c local``.
"""

from __future__ import annotations

from bakelift.translator.imagebuilder.lowering.ansible_files import ControllerFiles
from bakelift.translator.imagebuilder.lowering.context import CannotLower
from bakelift.translator.imagebuilder.lowering.names import last_part
from bakelift.translator.imagebuilder.lowering.parts import Parts, joined, listed
from bakelift.translator.imagebuilder.lowering.text import in_double, path_word, single
from bakelift.translator.plan.expressions import Literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.imagebuilder.lowering.step_reader import StepReader
    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.plan.model import Step
    from bakelift.translator.report import Class

_STEPS: tuple[Class, str, str] = (
    "approximated",
    "aib/ansible-local",
    "file steps and the same command, in a staging folder of its own name; the image comes back as these steps",
)
_REMOTE: tuple[Class, str, str] = (
    "approximated",
    "aib/ansible",
    "the playbook and the folders beside it are uploaded; it runs on the build VM (connection local), not on the "
    "machine that ran Packer",
)
_CONNECTION: tuple[Class, str, str] = (
    "dropped",
    "aib/ansible-connection",
    "about how the controller reaches the machine; the playbook runs on the machine itself",
)

LOCAL: dict[str, tuple[Class, str, str]] = dict.fromkeys(
    listed(
        "playbook_file playbook_files playbook_dir playbook_paths role_paths collection_paths group_vars "
        "host_vars extra_arguments command staging_directory clean_staging_directory inventory_file "
        "inventory_groups galaxy_file galaxy_command galaxy_roles_path galaxy_collections_path "
        "galaxy_force_install"
    ),
    _STEPS,
)
REMOTE: dict[str, tuple[Class, str, str]] = {
    **dict.fromkeys(
        listed(
            "playbook_file command extra_arguments ansible_env_vars groups empty_groups host_alias limit "
            "roles_path collections_path galaxy_file galaxy_command galaxy_force_install galaxy_force_with_deps "
            "inventory_file inventory_directory"
        ),
        _REMOTE,
    ),
    **dict.fromkeys(
        listed(
            "user local_port ssh_host_key_file ssh_authorized_key_file ansible_proxy_key_type sftp_command "
            "use_sftp skip_version_check keep_inventory_file use_proxy ansible_winrm_use_http "
            "ansible_ssh_extra_args"
        ),
        _CONNECTION,
    ),
    "inventory_file_template": (
        "unsupported",
        "aib/ansible-inventory",
        "a template for the controller's inventory; on the build VM the inventory is the machine itself",
    ),
}


_COMMAND = "ANSIBLE_FORCE_COLOR=1 PYTHONUNBUFFERED=1 ansible-playbook"


def expand_local(reader: StepReader) -> list[Step]:
    """The steps of ansible-local."""
    parts = Parts(reader)
    staging = reader.text("staging_directory") or f"/tmp/packer-provisioner-ansible-local/{reader.number:02d}"
    parts.folder(staging)
    parts.tree("playbook_dir", staging)
    playbooks = _playbooks(reader, parts, staging)
    inventory = parts.file("inventory_file", f"{staging}/{_base(reader, 'inventory_file')}")
    galaxy = parts.file("galaxy_file", f"{staging}/{_base(reader, 'galaxy_file')}")
    if inventory is None:
        inventory = f"{staging}/inventory"
        groups = [reader.text_of(item, "inventory_groups") for item in reader.items("inventory_groups")]
        parts.write("".join(f"[{group}]\n127.0.0.1\n" for group in groups) or "127.0.0.1", inventory)
    parts.tree("group_vars", f"{staging}/group_vars")
    parts.tree("host_vars", f"{staging}/host_vars")
    for option, folder in (
        ("role_paths", "roles"),
        ("collection_paths", "collections"),
        ("playbook_paths", "playbooks"),
    ):
        for item in reader.items(option):
            name = last_part(reader.text_of(item, option))
            parts.upload_tree(item, f"{staging}/{folder}/{name}", option)
    if galaxy is not None:
        roles = reader.text("galaxy_roles_path") or f"{staging}/roles"
        collections = reader.text("galaxy_collections_path") or f"{staging}/collections"
        parts.run("galaxy", f"cd {path_word(staging)}", *_galaxy(reader, galaxy, roles, collections))
    context = reader.context
    told = f"packer_build_name={context.build_name} packer_builder_type={context.builder_type} packer_http_addr="
    extra = [reader.text_of(item, "extra_arguments") for item in reader.items("extra_arguments")]
    command = reader.text("command") or _COMMAND
    for playbook in playbooks:
        line = joined(
            command,
            path_word(playbook),
            f'--extra-vars "{in_double(told)}"',
            *extra,
            f"-c local -i {path_word(inventory)}",
        )
        parts.run(f"run {last_part(playbook)}", f"cd {path_word(staging)}", line)
    if reader.flag("clean_staging_directory"):
        parts.run("clean", f"rm -rf {path_word(staging)}")
    return parts.done()


def _base(reader: StepReader, option: str) -> str:
    return last_part(reader.text(option) or "")


def _playbooks(reader: StepReader, parts: Parts, staging: str) -> list[str]:
    """Uploads the playbooks that are not in the playbook directory; gives where they are."""
    whole = (reader.text("playbook_dir") or "").rstrip("/")
    found = []
    for option in ("playbook_file", "playbook_files"):
        for item in reader.items(option):
            path = reader.text_of(item, option)
            if option == "playbook_files" and whole and path.startswith(whole + "/"):
                found.append(f"{staging}/{path[len(whole) + 1 :]}")
                continue
            found.append(f"{staging}/{last_part(path)}")
            parts.upload(item, found[-1], option)
    return found


def _galaxy(reader: StepReader, file: str, roles: str, collections: str) -> list[str]:
    """The commands that install what a requirements file lists."""
    command = reader.text("galaxy_command") or "ansible-galaxy"
    force = "--force" if reader.flag("galaxy_force_install") else None
    force = "--force-with-deps" if reader.flag("galaxy_force_with_deps") else force
    lines = [joined(command, "role install -r", path_word(file), "-p", path_word(roles), force)]
    listed = _requirements(reader)
    if "collections:" in listed:
        lines.append(joined(command, "collection install -r", path_word(file), "-p", path_word(collections), force))
        if "roles:" not in listed:
            lines.pop(0)
    return lines


def _requirements(reader: StepReader) -> str:
    """The text of the requirements file, "" when it is not there."""
    path = reader.text("galaxy_file")
    if path is None or reader.context.files.find(path, reader.span("galaxy_file")) is None:
        return ""
    return reader.context.files.read(path, reader.span("galaxy_file")).decode("utf-8", "replace")


def expand_remote(reader: StepReader) -> list[Step]:
    """The steps of ansible, which Packer runs from outside."""
    if reader.context.windows:
        raise CannotLower(
            "aib/ansible-winrm",
            "Ansible reaches Windows over WinRM from a controller, and Image Builder has none",
            "Run what the playbook does as PowerShell, or build this image with Packer.",
            reader.step.span,
        )
    expr = reader.expr("playbook_file")
    if expr is None:
        raise CannotLower("packer/no-playbook", "playbook_file must be specified", "Name it.", reader.step.span)
    parts = Parts(reader)
    staging = f"/tmp/bakelift-ansible-{reader.number:02d}"
    parts.folder(staging)
    playbook = _with_neighbours(reader, parts, expr, staging)
    roles = parts.tree("roles_path", f"{staging}/roles")
    collections = parts.tree("collections_path", f"{staging}/collections")
    galaxy = parts.file("galaxy_file", f"{staging}/{_base(reader, 'galaxy_file')}")
    inventory = parts.tree("inventory_directory", f"{staging}/inventory.d")
    hosts = f"{inventory or staging}/hosts"
    given = parts.file("inventory_file", hosts)
    if given is None:
        parts.write(_inventory(reader), hosts)
    brought = ControllerFiles(reader, parts, staging)
    said = [(reader.text_of(item, "extra_arguments"), item.span) for item in reader.items("extra_arguments")]
    arguments = brought.arguments(said)
    lines = [f"cd {path_word(staging)}", *_INSTALL]
    folders = (roles or f"{staging}/roles", collections or f"{staging}/collections")
    for name, value in _environment(reader, brought, *folders):
        lines.append(f"export {name}={single(value)}")
    if galaxy is not None:
        lines += _galaxy(reader, galaxy, roles or f"{staging}/roles", collections or f"{staging}/collections")
    lines.append(_playbook_command(reader, playbook, inventory or hosts, arguments))
    parts.run(f"run {last_part(playbook)}", *lines)
    parts.run("clean", f"rm -rf {path_word(staging)}")
    return parts.done()


#: Ansible where there is none yet, in a folder that is removed again.
_INSTALL = (
    "if ! command -v ansible-playbook > /dev/null; then",
    "  if ! python3 -m venv venv; then",
    "    sudo apt-get update -q",
    "    sudo apt-get install -q -y python3-venv",
    "    python3 -m venv venv",
    "  fi",
    "  venv/bin/pip install -q ansible",
    '  PATH="$PWD/venv/bin:$PATH"',
    "fi",
)


#: What Ansible looks for beside a playbook.
_NEIGHBOURS = listed(
    "collections files filter_plugins group_vars handlers host_vars library module_utils roles tasks templates vars"
)


def _with_neighbours(reader: StepReader, parts: Parts, expr: Expr, staging: str) -> str:
    """Uploads the playbook, and the folders beside it in which roles, templates and variables are found."""
    path = reader.text_of(expr, "playbook_file").replace("\\", "/")
    folder, slash, name = path.rpartition("/")
    target = f"{staging}/{name}"
    parts.upload(expr, target, "playbook_file")
    files, span = reader.context.files, reader.span("playbook_file")
    for neighbour in _NEIGHBOURS:
        beside = f"{folder}{slash}{neighbour}"
        place = files.find(beside, span)
        if place is not None and place.directory:
            parts.upload_tree(Literal(beside), f"{staging}/{neighbour}", "playbook_file")
    configuration = f"{folder}{slash}ansible.cfg"
    if files.find(configuration, span) is not None:
        parts.upload(Literal(configuration), f"{staging}/ansible.cfg", "playbook_file")
    return target


def _inventory(reader: StepReader) -> str:
    host = reader.text("host_alias") or "default"
    text = f"{host} ansible_connection=local\n"
    for option, members in (("groups", f"{host} ansible_connection=local\n"), ("empty_groups", "")):
        for item in reader.items(option):
            text += f"[{reader.text_of(item, option)}]\n{members}"
    return text


def _environment(reader: StepReader, brought: ControllerFiles, roles: str, collections: str) -> list[tuple[str, str]]:
    found = [("ANSIBLE_FORCE_COLOR", "1"), ("PYTHONUNBUFFERED", "1")]
    if reader.expr("roles_path") is not None or reader.expr("galaxy_file") is not None:
        found.append(("ANSIBLE_ROLES_PATH", roles))
        found.append(("ANSIBLE_COLLECTIONS_PATH", collections))
    for item in reader.items("ansible_env_vars"):
        name, _, value = reader.text_of(item, "ansible_env_vars").partition("=")
        found.append((name, brought.variable(name, value, item.span)))
    return found


def _playbook_command(reader: StepReader, playbook: str, inventory: str, arguments: list[str]) -> str:
    context = reader.context
    limit = reader.text("limit")
    return joined(
        reader.text("command") or "ansible-playbook",
        f"-e packer_build_name={single(context.build_name)} -e packer_builder_type={context.builder_type}",
        f"--limit {single(limit)}" if limit else None,
        *(single(argument) for argument in arguments),
        f"-c local -i {path_word(inventory)} {path_word(playbook)}",
    )
