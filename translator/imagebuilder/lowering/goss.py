"""goss: its tests run as in-VM validations, or in a customizer where the API version has none.

Source: packer-plugin-goss (YaleUniversity), its README and the options that it declares.
"""

from __future__ import annotations

from bakelift.translator.imagebuilder.lowering.context import CannotLower
from bakelift.translator.imagebuilder.lowering.names import last_part
from bakelift.translator.imagebuilder.lowering.parts import Parts, joined, listed, plain
from bakelift.translator.imagebuilder.lowering.text import path_word, single

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.imagebuilder.lowering.step_reader import StepReader
    from bakelift.translator.plan.model import Step
    from bakelift.translator.report import Class

OPTIONS: dict[str, tuple[Class, str, str]] = {
    **dict.fromkeys(
        listed(
            "arch download_path format format_options goss_file remote_folder remote_path retry_timeout "
            "skip_download skip_install skip_ssl sleep tests url use_sudo vars_env vars_file vars_inline version "
            "target_os"
        ),
        (
            "approximated",
            "aib/goss",
            "validate.inVMValidations: the tests run on a VM of the customized image, after all customizers",
        ),
    ),
    "inspect": ("approximated", "aib/goss", "the tests run and their result is printed, whatever it is"),
    **dict.fromkeys(
        ("username", "password"),
        ("unsupported", "aib/goss-credentials", "everybody who may read the template could read them"),
    ),
}

_VERSION = "0.4.9"


def expand(reader: StepReader) -> list[Step]:
    """The steps of goss on Linux."""
    tests = reader.items("tests")
    if not tests:
        raise CannotLower(
            "packer/no-tests", "tests must be specified", "Name the files of the tests.", reader.step.span
        )
    parts = Parts(reader)
    folder = reader.text("remote_folder") or "/tmp"
    place = reader.text("remote_path") or f"{folder.rstrip('/')}/goss"
    parts.folder(place)
    for item in tests:
        path = reader.text_of(item, "tests")
        found = reader.context.files.find(path, reader.span("tests"))
        if found is not None and found.directory:
            parts.upload_tree(item, f"{place}/{last_part(path)}", "tests")
        else:
            parts.upload(item, f"{place}/{last_part(path)}", "tests")
    variables = parts.file("vars_file", f"{place}/{last_part(reader.text('vars_file') or '')}")
    version, arch = reader.text("version") or _VERSION, reader.text("arch") or "amd64"
    program = reader.text("download_path") or f"/tmp/goss-{version}-linux-{arch}"
    if not (reader.flag("skip_install") or reader.flag("skip_download")):
        address = reader.text("url") or (
            f"https://github.com/goss-org/goss/releases/download/v{version}/goss-linux-{arch}"
        )
        insecure = "--insecure" if reader.flag("skip_ssl") else None
        fetch = joined("curl -fsSL", insecure, "-o", path_word(program), single(address))
        parts.run("install", fetch, f"chmod 0555 {path_word(program)}")
    parts.run(
        "validate",
        f"cd {path_word(place)}",
        _validate(reader, program, last_part(reader.text_of(tests[0], "tests")), variables),
    )
    return parts.done()


def _validate(reader: StepReader, program: str, first: str, variables: str | None) -> str:
    import json

    environment = [f"{name}={single(reader.text_of(value, 'vars_env'))}" for name, value in reader.entries("vars_env")]
    inline = reader.value("vars_inline")
    shown = single(json.dumps(plain(inline), sort_keys=True, default=str)) if inline is not None else None
    sudo = "sudo " + ("-E " if environment else "") if reader.flag("use_sudo") else ""
    return joined(
        *environment,
        f"{sudo}{path_word(program)} -g {path_word(reader.text('goss_file') or first)}",
        f"--vars {path_word(variables)}" if variables else None,
        f"--vars-inline {shown}" if shown else None,
        f"validate --retry-timeout {reader.text('retry_timeout') or '0s'} --sleep {reader.text('sleep') or '1s'}",
        f"-f {reader.text('format')}" if reader.text("format") else None,
        f"-o {reader.text('format_options')}" if reader.text("format_options") else None,
        "|| true" if reader.flag("inspect") else None,
    )
