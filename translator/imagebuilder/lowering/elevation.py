"""Elevated powershell steps: runElevated and runAsSystem.

The service's own build user, elevated alone, stops responding on several images (learn.microsoft.com/azure/
virtual-desktop/image-builder: "use the following settings, or the build will stop responding"). So whoever Packer
elevates, here it is Local System; what that changes is said.
"""

from __future__ import annotations

import re

from bakelift.translator.plan.expressions import Expr, Literal, Ref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.imagebuilder.lowering.step_reader import StepReader

#: The fact of the customizer whose step was the build user's.
ELEVATED_USER = "elevated_user"
BUILD_USER = "build.User"

_ADMINISTRATORS = r"(?i)\blocalgroup\s+[\"']?administrators\b|\bAdd-LocalGroupMember\b.*\bAdministrators\b"


def is_build_user(user: Expr) -> bool:
    return isinstance(user, Ref) and (user.kind, user.name) in (("build", "User"), ("build", "WinRMUser"))


def say_elevated(reader: StepReader, user: Expr) -> None:
    """Says what runs as Local System, and what was somebody else's."""
    name = "" if is_build_user(user) else reader.text("elevated_user") or ""
    if name.upper().rsplit("\\", 1)[-1] == "SYSTEM":
        return
    if not name or _has_build_password(reader):
        summary = "as Local System: Image Builder's build user, elevated, stops responding on several images"
        reader.say("elevated_user", "approximated", "aib/elevated-user", summary)
        return
    purpose = ", an administrator that the template makes" if _is_made(reader, name) else ""
    summary = f"as Local System, not as {name}{purpose}"
    reader.say("elevated_user", "approximated", "aib/elevated-user", summary)
    if name.lower() in reader.context.elevated:
        return
    reader.context.elevated.add(name.lower())
    reader.context.diagnostics.warning(
        "aib/elevated-user",
        f"Steps that Packer runs as {name} run as Local System",
        f"{name} is an administrator that the template makes; System has these rights too. "
        if purpose
        else "System has all rights on the machine, and none in a network. "
        f"What a script keeps in the profile or the registry hive (HKCU) of {name} is System's then.",
        reader.span("elevated_user"),
    )


def _has_build_password(reader: StepReader) -> bool:
    """Whether the user that is named is the build's, as its password says."""
    password = reader.expr("elevated_password")
    return isinstance(password, Ref) and (password.kind, password.name) in reader.context.credentials


def _is_made(reader: StepReader, name: str) -> bool:
    """Whether a step of the image puts the user into the group of administrators."""
    for step in reader.context.steps:
        setting = step.settings.get("inline")
        if setting is None:
            continue
        folded = reader.context.binder.fold(setting.value)
        texts = [str(node.value) for node in folded.walk() if isinstance(node, Literal)]
        if any(re.search(_ADMINISTRATORS, text) and name.lower() in text.lower() for text in texts):
            return True
    return False
