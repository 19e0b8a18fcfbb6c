"""Files of the controller that Ansible's arguments and environment name: they are brought along, or told of.

Packer runs ansible-playbook where Packer runs, so that ``-e @vars.yml`` or ``ANSIBLE_ROLES_PATH=roles`` mean files
there. The playbook of an image template runs on the build VM. Sources: the options of ansible-playbook and Ansible's
configuration settings.
"""

from __future__ import annotations

import posixpath
import re

from bakelift.translator.diagnostics import TemplateError
from bakelift.translator.plan.expressions import Literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.diagnostics import Span
    from bakelift.translator.imagebuilder.lowering.parts import Parts
    from bakelift.translator.imagebuilder.lowering.step_reader import StepReader

#: Variables of the environment that hold paths, several with colons between them.
_PATHS = re.compile(
    r"ANSIBLE_(CONFIG|ROLES_PATH|COLLECTIONS_PATHS?|LIBRARY|MODULE_UTILS|INVENTORY|VAULT_PASSWORD_FILE|\w+_PLUGINS)"
)
_VARIABLES_FILE = re.compile(r"(?P<before>(?:-e ?|--extra-vars[= ])?[\"']?@)(?P<path>[^\"']+)(?P<after>[\"']?)")
#: Options that name a file by themselves; its content is a secret, or says how hosts are reached.
_NAMES_FILE = ("--vault-password-file", "--vault-id", "--vault-pass-file", "-i", "--inventory", "--inventory-file")


class ControllerFiles:
    """What the step brings of them. ``staging``: the folder of the step on the build VM."""

    def __init__(self, reader: StepReader, parts: Parts, staging: str) -> None:
        self.reader = reader
        self.parts = parts
        self.staging = staging

    def variable(self, name: str, value: str, span: Span | None) -> str:
        """The value of a variable of ``ansible_env_vars``, with paths as they are on the build VM."""
        if not _PATHS.fullmatch(name):
            return value
        secret = "PASSWORD" in name
        return ":".join(self._path(path, "ansible_env_vars", span, secret) for path in value.split(":") if path)

    def arguments(self, said: list[tuple[str, Span | None]]) -> list[str]:
        """The arguments of ``extra_arguments``, with paths as they are on the build VM."""
        found: list[str] = []
        names_file = False
        for text, span in said:
            option, equals, path = text.partition("=")
            variables = _VARIABLES_FILE.fullmatch(text)
            if names_file:
                self._tell(text.rpartition("@")[2], "extra_arguments", span)
            elif option in _NAMES_FILE and equals:
                self._tell(path.rpartition("@")[2], "extra_arguments", span)
            names_file = text in _NAMES_FILE
            if variables is None:
                found.append(text)
            else:
                place = self._path(variables["path"], "extra_arguments", span)
                found.append(f"{variables['before']}{place}{variables['after']}")
        return found

    def _path(self, path: str, option: str, span: Span | None, secret: bool = False) -> str:
        """Where a path is on the build VM; what cannot be brought there stays as it is."""
        if re.match(r"~|/usr/|/etc/", path):  # of the system, there as here
            return path
        beside = self.parts.uploaded(path)
        if beside is not None:
            return beside
        try:
            place = None if secret else self.reader.context.files.find(path, span)
        except TemplateError:
            if not path.startswith("/"):
                raise
            place = None
        if place is None:
            self._tell(path, option, span, missing=not secret)
            return path
        target = self._target(posixpath.basename(posixpath.normpath(path)))
        if place.directory:
            self.parts.upload_tree(Literal(path), target, option)
        else:
            self.parts.upload(Literal(path), target, option)
        return target

    def _target(self, name: str) -> str:
        target, number = f"{self.staging}/{name}", 2
        while self.parts.made(target):
            target, number = f"{self.staging}/{number}-{name}", number + 1
        return target

    def _tell(self, path: str, option: str, span: Span | None, missing: bool = False) -> None:
        if path.endswith(",") or not path:  # a list of hosts
            return
        self.reader.say(option, "unsupported", "aib/ansible-controller-file", f"{path} is not brought to the build VM")
        advice = "Put it beside the playbook (roles, group_vars, vars), bring it with a file step, or let the "
        advice += "playbook fetch it."
        if missing:
            advice = "Make it before translating, or name what is to be installed in galaxy_file. " + advice
        self.reader.context.diagnostics.warning(
            "aib/ansible-controller-file",
            f"{option} names {path}, which is " + ("not found" if missing else "on the machine that runs Packer"),
            f"The playbook runs on the build VM, which does not have it. {advice}",
            span or self.reader.span(option),
        )
