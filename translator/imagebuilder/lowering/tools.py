"""Steps of other tools: what becomes of their options, and the steps that they stand for."""

from __future__ import annotations

from bakelift.translator.imagebuilder.lowering.context import CannotLower
from bakelift.translator.imagebuilder.versions import VALIDATORS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bakelift.translator.imagebuilder.lowering.step_reader import StepReader
    from bakelift.translator.plan.model import Step
    from bakelift.translator.report import Class

    Expand = Callable[[StepReader], list[Step]]
    Options = Mapping[str, tuple[Class, str, str]]

#: The tools whose steps stand for uploads and commands.
TYPES = frozenset({"ansible", "ansible-local", "chef-solo", "goss", "puppet-masterless", "salt-masterless"})

_NO_VALIDATORS = f"customizers, in which a test that fails ends the build: API version {VALIDATORS} brought validators"

_WINDOWS = {
    "ansible-local": "aib/ansible-local",
    "chef-solo": "aib/chef-solo",
    "goss": "aib/goss",
    "puppet-masterless": "aib/puppet-masterless",
    "salt-masterless": "aib/salt-masterless",
}

#: Of every step: read where its parts are made.
META: Options = {
    "pause_before": ("adapted", "aib/pause", "sleep in the text of the first customizer"),
    "max_retries": ("approximated", "aib/retries", "a loop around the last command; what precedes it is done once"),
    "timeout": ("approximated", "aib/timeout", "timeout(1) ends the last command"),
}


def expanded(reader: StepReader) -> list[Step]:
    """The file and shell steps that a step of another tool stands for; says what becomes of its options."""
    type = reader.step.type
    code = _WINDOWS.get(type)
    if reader.context.windows and code is not None:
        raise CannotLower(
            code,
            f"{type} is lowered for Linux only",
            "Upload what it needs with file steps, and run it in a powershell step.",
            reader.step.span,
        )
    options, expand = of(type)
    for name in reader.step.settings:
        if name in options:
            reader.say(name, *options[name])
            if options[name][1] == "aib/goss" and not reader.context.options.validators:
                reader.say(name, "approximated", "aib/newer-version", _NO_VALIDATORS)
            if options[name][0] == "unsupported":
                reader.warn(name)
        elif name in META:
            reader.say(name, *META[name])
    return expand(reader)


def of(type: str) -> tuple[Options, Expand]:
    """The table of a tool's options, and what makes its steps."""
    if type in ("ansible", "ansible-local"):
        from bakelift.translator.imagebuilder.lowering import ansible

        return (ansible.REMOTE, ansible.expand_remote) if type == "ansible" else (ansible.LOCAL, ansible.expand_local)
    if type == "chef-solo":
        from bakelift.translator.imagebuilder.lowering import chef

        return chef.OPTIONS, chef.expand
    if type == "puppet-masterless":
        from bakelift.translator.imagebuilder.lowering import puppet

        return puppet.OPTIONS, puppet.expand
    if type == "salt-masterless":
        from bakelift.translator.imagebuilder.lowering import salt

        return salt.OPTIONS, salt.expand
    from bakelift.translator.imagebuilder.lowering import goss

    return goss.OPTIONS, goss.expand
