"""Reads a legacy Packer JSON template (https://developer.hashicorp.com/packer/docs/templates/legacy_json_templates)."""

from __future__ import annotations

import re

from bakelift.translator.diagnostics import Diagnostics, TemplateError, fail
from bakelift.translator.languages.json.nodes import Member, Object, Scalar
from bakelift.translator.languages.json.parser import parse_json
from bakelift.translator.packer.json_reader_parts import Parts
from bakelift.translator.packer.json_reader_state import Reading, expected, text_of
from bakelift.translator.packer.json_variables import read_inputs
from bakelift.translator.plan.expressions import Literal
from bakelift.translator.plan.model import BuildGroup, Input, Origin, Plan
from bakelift.translator.plan.suggest import did_you_mean
from bakelift.translator.plan.types import STRING
from bakelift.translator.plan.usage import leaves_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bakelift.translator.diagnostics import SourceFile
    from bakelift.translator.languages.json.nodes import Node
    from bakelift.translator.plan.values import Value

    InputValues = Callable[[tuple[Input, ...]], Mapping[str, Value]]

#: Root keys and what they hold. ``comments`` is a field of Packer's decoder that nothing reads.
ROOT_KEYS = {
    "builders": "slice",
    "comments": "",
    "description": "string",
    "error-cleanup-provisioner": "map",
    "min_packer_version": "string",
    "post-processors": "slice",
    "provisioners": "slice",
    "push": "map",
    "sensitive-variables": "slice",
    "variables": "map",
}
_VERSION = re.compile(r"v?[0-9]+(\.[0-9]+)*(-[0-9A-Za-z.~-]+)?(\+[0-9A-Za-z.~-]+)?")


def read_json(
    file: SourceFile,
    path: str,
    directory: str,
    diagnostics: Diagnostics | None = None,
    input_values: InputValues | None = None,
) -> Plan:
    """The Plan of a legacy JSON template.

    ``path`` and ``directory`` are the template's, as given and as ``path.root``. ``diagnostics`` collects what is wrong
    but leaves a Plan that says something; without it, errors of that kind are raised too, all together.
    ``input_values`` gives the values of variables for builder names that depend on them (else defaults serve).

    Raises TemplateError when there is no Plan: ``json/syntax``, ``json/duplicate-field``, ``json/not-a-template``.
    """
    collected = diagnostics if diagnostics is not None else Diagnostics()
    root = parse_json(file)
    if not isinstance(root, Object):
        detail = "A legacy template is an object with builders, and perhaps provisioners and variables."
        raise fail("json/not-a-template", f"'' expected a map, got '{root.kind}'", detail, root.span)
    reading = Reading(_lower_root(root), collected)
    plan = _Root(reading, input_values).plan().but(origin=Origin("json", path, directory, reading.leaves))
    if diagnostics is None:
        collected.stop_if_failed()
    return plan


def _lower_root(root: Object) -> Object:
    """The root with its known keys in Packer's spelling, since their case does not matter."""
    members = tuple(
        Member(m.key.lower(), m.key_start, m.key_end, m.value) if m.key.lower() in ROOT_KEYS else m for m in root
    )
    return Object(root.file, root.start, root.end, members)


class _Root:
    def __init__(self, reading: Reading, input_values: InputValues | None) -> None:
        self.reading = reading
        self.input_values = input_values
        self.inputs: list[Input] = []

    def plan(self) -> Plan:
        reading = self.reading
        comments = self.comments()
        self.unknown_keys()
        self.inputs = read_inputs(reading)
        parts = Parts(reading, self.builder_name)
        builders = parts.read_builders()
        group = BuildGroup(
            None,
            tuple(builder.use for builder in builders),
            parts.read_steps(),
            parts.read_cleanup(),
            parts.read_chains(),
        )
        self.imply_inputs()
        description = self.text("description")
        version = self.version()
        plan = Plan(
            inputs=tuple(self.inputs),
            sources=tuple(builder.source for builder in builders),
            groups=(group,),
            required_version=version,
            description=description,
            comments=comments,
        )
        held = {id(leaf) for leaf in leaves_of(plan)}
        return plan.but(leaves=tuple(leaf for leaf in reading.leaves if id(leaf) not in held))

    def comments(self) -> tuple[str, ...]:
        found = []
        for member in self.reading.root:
            if member.key.startswith("_") and member.key != "_generator":
                text = text_of(member.value)
                if text is None:
                    summary = f'Failed to cast root level comment value in comment "{member.key}" to string.'
                    detail = "A comment is one text; write several keys for several lines."
                    self.reading.error("json/comment-type", summary, detail, member.value.span)
                else:
                    about = member.key.strip("_")
                    plain = about == "bakelift" or about.lower().startswith(("comment", "note"))
                    found.append(text if plain else f"{about}: {text}")
        return tuple(found)

    def unknown_keys(self) -> None:
        for member in self.reading.root:
            if not member.key.startswith("_") and member.key not in ROOT_KEYS:
                detail = "The parts of a template are builders, provisioners, post-processors and variables."
                detail += did_you_mean(member.key, ROOT_KEYS)
                summary = f"Unknown root level key in template: '{member.key}'"
                self.reading.error("json/unknown-root-key", summary, detail, member.key_span)
            elif member.key == "push":
                detail = "Packer reads it and does nothing with it."
                self.reading.warning("json/push-ignored", "push has no effect", detail, member.key_span)

    def text(self, key: str) -> str | None:
        node = self.reading.root.get(key)
        if node is None or node.kind == "null":
            return None
        text = text_of(node)
        if text is None:
            self.reading.error("json/wrong-type", expected(key, "string", node), "", node.span)
        return text

    def version(self) -> str | None:
        """min_packer_version as a version constraint."""
        text = self.text("min_packer_version")
        if not text:
            return None
        if not _VERSION.fullmatch(text):
            member = self.reading.root.member("min_packer_version")
            span = member.span if member else None
            summary = f"min_packer_version: malformed version: {text}"
            self.reading.error("json/bad-version", summary, "Write a version such as 1.4.0.", span)
        return f">= {text}"

    def builder_name(self, node: Scalar) -> str:
        """The name of a builder whose text holds variables; as written where these are not known."""
        from bakelift.translator.languages.go_template.functions import FIELDS
        from bakelift.translator.languages.go_template.reading import parse_template
        from bakelift.translator.packer.json_reader_state import places
        from bakelift.translator.plan.evaluate import evaluate
        from bakelift.translator.plan.scope import Scope

        text = str(node.value)
        try:
            expr = parse_template(text, FIELDS, span=node.span, place=places(node))
            value = evaluate(expr, Scope(inputs=self.values()))
        except TemplateError as error:
            self.reading.diagnostics.extend(error.diagnostics)
            return text
        if value.wholly_known() and isinstance(value.raw, str) and value.raw:
            return value.raw
        detail = "It depends on a variable that has no value yet; give one with -var."
        self.reading.warning(
            "json/builder-name", f"the name of a builder is kept as written: {text}", detail, node.span
        )
        return text

    def values(self) -> Mapping[str, Value]:
        inputs = tuple(self.inputs)
        if self.input_values is not None:
            return self.input_values(inputs)
        return default_values(inputs)

    def imply_inputs(self) -> None:
        """Variables that are used and not declared: -var may set them. Else they are empty, or where the value of
        another variable uses them, missing.
        """
        for name, span in self.reading.required.items():
            summary = f"the variable {name} is not declared, so it must be given"
            detail = "Packer treats all variables that the value of another variable uses as required. Declare it in "
            detail += f'"variables", or give it: -var {name}=VALUE.'
            self.reading.warning("json/undeclared-variable", summary, detail, span)
            self.inputs.append(Input(name, STRING, None, span=span))
        for name, span in self.reading.implied.items():
            if name in self.reading.required:
                continue
            summary = f"the variable {name} is not declared, so it is empty"
            detail = 'Packer says nothing of it. Declare it in "variables", or give it with -var.'
            self.reading.warning("json/undeclared-variable", summary, detail, span)
            self.inputs.append(Input(name, STRING, Literal("", span), span=span))


def default_values(inputs: tuple[Input, ...]) -> dict[str, Value]:
    """The defaults of inputs that are known without anything from outside, through each other in any order."""
    from bakelift.translator.plan.evaluate import evaluate
    from bakelift.translator.plan.scope import Scope

    values: dict[str, Value] = {}
    waiting = [item for item in inputs if item.default is not None]
    while waiting:
        left = []
        for item in waiting:
            assert item.default is not None
            value = evaluate(item.default, Scope(inputs=values))
            if value.wholly_known():
                values[item.name] = value
            else:
                left.append(item)
        if len(left) == len(waiting):
            break
        waiting = left
    return values


def is_template(root: Node) -> bool:
    """Whether JSON looks like a legacy Packer template rather than something else."""
    return isinstance(root, Object) and any(m.key.lower() in ("builders", "provisioners") for m in root)
