"""chef-solo: cookbooks and configuration are uploaded, Chef is installed and run. Source: provisioner/chef-solo."""

from __future__ import annotations

from bakelift.translator.imagebuilder.lowering.parts import Parts, filled, listed, plain
from bakelift.translator.languages.go_template.reading import parse_template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.imagebuilder.lowering.step_reader import StepReader
    from bakelift.translator.plan.model import Step
    from bakelift.translator.report import Class

_STEPS: tuple[Class, str, str] = (
    "approximated",
    "aib/chef-solo",
    "file steps and the same commands; the image comes back as these steps",
)

OPTIONS: dict[str, tuple[Class, str, str]] = dict.fromkeys(
    listed(
        "chef_environment chef_license config_template cookbook_paths data_bags_path "
        "encrypted_data_bag_secret_path environments_path execute_command guest_os_type install_command json "
        "json_string prevent_sudo remote_cookbook_paths roles_path run_list skip_install staging_directory "
        "version"
    ),
    _STEPS,
)

_INSTALL = (
    "curl -L https://omnitruck.chef.io/install.sh | "
    "{{if .Sudo}}sudo {{end}}bash -s --{{if .Version}} -v {{.Version}}{{end}}"
)
_SECRET = "encrypted_data_bag_secret_path"
_RUN = "{{if .Sudo}}sudo {{end}}chef-solo --no-color -c {{.ConfigPath}} -j {{.JsonPath}}"


def expand(reader: StepReader) -> list[Step]:
    """The steps of chef-solo on Linux."""
    parts = Parts(reader)
    staging = reader.text("staging_directory") or "/tmp/packer-chef-solo"
    sudo = not reader.flag("prevent_sudo")
    version = reader.text("version") or ""
    if not reader.flag("skip_install"):
        line = filled(reader, "install_command", parse_template(_INSTALL), {"Sudo": sudo, "Version": version})
        parts.run("install", line)
    parts.folder(staging)
    cookbooks = [reader.text_of(item, "remote_cookbook_paths") for item in reader.items("remote_cookbook_paths")]
    for index, item in enumerate(reader.items("cookbook_paths")):
        cookbooks.append(f"{staging}/cookbooks-{index}")
        parts.upload_tree(item, cookbooks[-1], "cookbook_paths")
    found = {
        "role_path": parts.tree("roles_path", f"{staging}/roles"),
        "data_bag_path": parts.tree("data_bags_path", f"{staging}/data_bags"),
        "encrypted_data_bag_secret": parts.file(
            "encrypted_data_bag_secret_path", f"{staging}/encrypted_data_bag_secret"
        ),
        "environment_path": parts.tree("environments_path", f"{staging}/environments"),
        "environment": reader.text("chef_environment"),
        "chef_license": reader.text("chef_license") or (None if reader.flag("skip_install") else "accept-silent"),
    }
    config = f"{staging}/solo.rb"
    parts.write(_configuration(reader, cookbooks, found), config)
    node = f"{staging}/node.json"
    parts.write(_attributes(reader), node)
    values: dict[str, str | bool] = {"Sudo": sudo, "ConfigPath": config, "JsonPath": node}
    parts.run("run", filled(reader, "execute_command", parse_template(_RUN), values))
    return parts.done()


def _configuration(reader: StepReader, cookbooks: list[str], found: dict[str, str | None]) -> str:
    """solo.rb: Packer's own, or the text of ``config_template`` filled in."""
    listed = ",".join(f'"{path}"' for path in cookbooks)
    if reader.expr("config_template") is None:
        lines = [f"cookbook_path [{listed}]"]
        lines += [f'{name} "{value}"' for name, value in found.items() if value]
        return "\n".join(lines) + "\n"
    path = reader.text("config_template") or ""
    span = reader.span("config_template")
    text = reader.context.files.read(path, span).decode("utf-8") if reader.context.files.find(path, span) else ""
    values: dict[str, str | bool] = {
        "CookbookPaths": listed,
        "RolesPath": found["role_path"] or "",
        "DataBagsPath": found["data_bag_path"] or "",
        "EncryptedDataBagSecretPath": found["encrypted_data_bag_secret"] or "",
        "EnvironmentsPath": found["environment_path"] or "",
        "ChefEnvironment": found["environment"] or "",
        "ChefLicense": found["chef_license"] or "",
    }
    values |= {f"Has{name}": bool(values[name]) for name in list(values) if name.endswith("Path")}
    return filled(reader, "", parse_template(text), values)


def _attributes(reader: StepReader) -> str:
    """node.json: the attributes with the run list among them, as Go spells them: keys sorted, two blanks."""
    import json

    given: object = {}
    for option in ("json", "json_string"):
        value = reader.value(option)
        if value is not None:
            data = plain(value)
            given = json.loads(data) if isinstance(data, str) else data
    attributes = dict(given) if isinstance(given, dict) else {}
    run_list = [reader.text_of(item, "run_list") for item in reader.items("run_list")]
    if run_list:
        attributes["run_list"] = run_list
    return json.dumps(attributes, indent=2, sort_keys=True, default=float)
