"""What a template holds, in Packer's words: the text of ``packer inspect``, as calls of a user interface."""

from __future__ import annotations

from bakelift.printing import SENSITIVE, variables_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.runner.ui import Ui
    from bakelift.sessions import Session
    from bakelift.translator.plan.model import Input, Plan

_NOTE = (
    "\nNote: If your build names contain user variables or template\n"
    "functions such as 'timestamp', these are processed at build time,\n"
    "and therefore only show in their raw form here."
)


def inspect_hcl(session: Session, ui: Ui) -> None:
    ui.say("Packer Inspect: HCL2 mode\n")
    ui.say(variables_text(session.plan, session.scope()))
    ui.say(builds_text(session.plan))


def builds_text(plan: Plan) -> str:
    """The build blocks with their sources, steps and chains of post-processors."""
    text = "> builds:\n"
    for number, group in enumerate(plan.groups):
        text += f"\n  > {group.name or f'<unnamed build {number}>'}:\n"
        if group.description:
            text += f"\n  > Description: {group.description}\n"
        text += "\n    sources:\n"
        # A source that the build renames keeps its own name here.
        text += "".join(f"\n      {use.type}.{use.source}\n" for use in group.sources) or "\n      <no source>\n"
        text += "\n    provisioners:\n\n"
        steps = [f"      {step.type}{f'.{step.name}' if step.name else ''}\n" for step in group.steps]
        text += "".join(steps) or "      <no provisioner>\n"
        text += "\n    post-processors:\n"
        for place, chain in enumerate(group.post_processors):
            text += f"\n      {place}:\n"
            text += "".join(f"        {post.type}{f'.{post.name}' if post.name else ''}\n" for post in chain)
        if not group.post_processors:
            text += "\n      <no post-processor>\n"
    return text


def inspect_json(plan: Plan, ui: Ui) -> None:
    ui.say("Packer Inspect: JSON mode")
    if plan.description:
        ui.say("Description:\n")
        ui.say(f"{plan.description}\n")
    _variables(plan, ui)
    ui.say("")
    _builders(plan, ui)
    ui.say("")
    ui.say("Provisioners:\n")
    steps = [step for group in plan.groups for step in group.steps]
    for step in steps:
        ui.machine("template-provisioner", step.type)
        ui.say(f"  {step.type}")
    if not steps:
        ui.say("  <No provisioners>")
    ui.say(_NOTE)


def _variables(plan: Plan, ui: Ui) -> None:
    if not plan.inputs:
        ui.say("Variables:\n")
        ui.say("  <No variables>")
        return
    required = sorted(item.name for item in plan.inputs if item.default is None)
    if required:
        ui.say("Required variables:\n")
        for name in required:
            ui.machine("template-variable", name, "", "1")
            ui.say(f"  {name}")
        ui.say("")
    ui.say("Optional variables and their defaults:\n")
    width = max(len(item.name) for item in plan.inputs)
    # What equals a secret is as secret.
    secrets = {_default(item) for item in plan.inputs if item.sensitive and item.default is not None}
    for item in sorted(plan.inputs, key=lambda item: item.name):
        if item.default is None:
            continue
        default = _default(item)
        text = SENSITIVE if default in secrets else default
        ui.machine("template-variable", item.name, text, "0")
        ui.say(f"  {item.name:<{width}} = {text}")


def _default(item: Input) -> str:
    """A default as it is written."""
    import json

    from bakelift.translator.languages.go_template.printer import Unprintable, print_template

    assert item.default is not None
    written = next((leaf.span.text for leaf in item.leaves if leaf.span is not None), "")
    try:
        # The leaf is the member: "name": "text".
        return str(next(iter(json.loads("{" + written + "}").values())))
    except (ValueError, StopIteration):
        try:
            return print_template(item.default)
        except Unprintable:
            return ""


def _builders(plan: Plan, ui: Ui) -> None:
    ui.say("Builders:\n")
    width = max((len(source.name) for source in plan.sources), default=0)
    for source in sorted(plan.sources, key=lambda source: source.name):
        ui.machine("template-builder", source.name, source.type)
        padded = f"  {source.name:<{width}}"
        ui.say(f"{padded} ({source.type})" if source.name != source.type else padded)
    if not plan.sources:
        ui.say("  <No builders>")


def inspect_image_builder(session: Session, ui: Ui) -> None:
    """An Image Builder template, in the manner of Packer's text."""
    plan = session.plan
    ui.say("Image Builder template\n")
    ui.say(variables_text(plan, session.scope()))
    text = "> images:\n"
    for group in plan.groups:
        for use in group.sources:
            text += f"\n  > {use.local_name}:\n\n    customizers:\n\n"
            steps = [f"      {step.type}{f'.{step.name}' if step.name else ''}\n" for step in group.steps]
            text += "".join(steps) or "      <no customizer>\n"
    ui.say(text)
