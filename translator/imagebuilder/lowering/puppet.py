"""puppet-masterless: manifests and modules are uploaded, and applied. Source: provisioner/puppet-masterless."""

from __future__ import annotations

from bakelift.translator.imagebuilder.lowering.context import CannotLower
from bakelift.translator.imagebuilder.lowering.names import last_part
from bakelift.translator.imagebuilder.lowering.parts import Parts, filled, listed
from bakelift.translator.imagebuilder.lowering.text import path_word
from bakelift.translator.languages.go_template.reading import parse_template
from bakelift.translator.plan.expressions import TRUE, ListExpr, Literal, template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.imagebuilder.lowering.step_reader import StepReader
    from bakelift.translator.plan.model import Step
    from bakelift.translator.report import Class

OPTIONS: dict[str, tuple[Class, str, str]] = {
    **dict.fromkeys(
        listed(
            "clean_staging_directory execute_command extra_arguments facter guest_os_type hiera_config_path "
            "ignore_exit_codes manifest_dir manifest_file module_paths prevent_sudo puppet_bin_dir "
            "staging_directory working_directory"
        ),
        (
            "approximated",
            "aib/puppet-masterless",
            "file steps and the same command; the image comes back as these steps",
        ),
    ),
    **dict.fromkeys(
        ("elevated_user", "elevated_password"),
        ("dropped", "aib/no-effect", "about Windows, and the machine is Linux"),
    ),
}

_RUN = (
    'cd {{.WorkingDir}} && {{if ne .FacterVars ""}}{{.FacterVars}} {{end}}{{if .Sudo}}sudo -E {{end}}'
    '{{if ne .PuppetBinDir ""}}{{.PuppetBinDir}}/{{end}}puppet apply --detailed-exitcodes '
    "{{if .Debug}}--debug {{end}}"
    """{{if ne .ModulePath ""}}--modulepath='{{.ModulePath}}' {{end}}"""
    """{{if ne .HieraConfigPath ""}}--hiera_config='{{.HieraConfigPath}}' {{end}}"""
    """{{if ne .ManifestDir ""}}--manifestdir='{{.ManifestDir}}' {{end}}"""
    '{{if ne .ExtraArguments ""}}{{.ExtraArguments}} {{end}}{{.ManifestFile}}'
)


def expand(reader: StepReader) -> list[Step]:
    """The steps of puppet-masterless on Linux."""
    manifest = reader.expr("manifest_file")
    if manifest is None:
        raise CannotLower("packer/no-manifest", "A manifest_file must be specified", "Name it.", reader.step.span)
    parts = Parts(reader)
    staging = reader.text("staging_directory") or "/tmp/packer-puppet-masterless"
    parts.folder(staging)
    hiera = parts.file("hiera_config_path", f"{staging}/hiera.yaml")
    manifests = f"{staging}/manifests"
    parts.folder(manifests)
    folder = parts.tree("manifest_dir", manifests)
    modules = []
    for index, item in enumerate(reader.items("module_paths")):
        modules.append(f"{staging}/module-{index}")
        parts.upload_tree(item, modules[-1], "module_paths")
    path = reader.text_of(manifest, "manifest_file")
    place = reader.context.files.find(path, reader.span("manifest_file"))
    if place is not None and place.directory:
        target = manifests
        parts.upload_tree(manifest, target, "manifest_file")
    else:
        target = f"{manifests}/{last_part(path)}"
        parts.upload(manifest, target, "manifest_file")
    values: dict[str, str | bool] = {
        "WorkingDir": reader.text("working_directory") or staging,
        "FacterVars": _facts(reader),
        "Sudo": not reader.flag("prevent_sudo"),
        "PuppetBinDir": reader.text("puppet_bin_dir") or "",
        "Debug": False,
        "ModulePath": ":".join(modules),
        "ModulePathJoiner": ":",
        "HieraConfigPath": hiera or "",
        "ManifestDir": folder or "",
        "ManifestFile": target,
    }
    given = template([part for item in reader.items("extra_arguments") for part in (item, Literal(" "))])
    values["ExtraArguments"] = filled(reader, "", given, values).strip()
    command = filled(reader, "execute_command", parse_template(_RUN), values)
    if reader.flag("ignore_exit_codes"):
        parts.run("apply", command, continue_on_error=TRUE)
    else:
        # 2 says that there were changes.
        parts.run("apply", command, valid_exit_codes=ListExpr((Literal(0), Literal(2))))
    if reader.flag("clean_staging_directory"):
        parts.run("clean", f"{'' if reader.flag('prevent_sudo') else 'sudo '}rm -rf {path_word(staging)}")
    return parts.done()


def _facts(reader: StepReader) -> str:
    given = {name: reader.text_of(value, "facter") for name, value in reader.entries("facter")}
    context = reader.context
    given |= {"packer_build_name": context.build_name, "packer_builder_type": context.builder_type}
    return " ".join(f"FACTER_{name}='{given[name]}'" for name in sorted(given))
