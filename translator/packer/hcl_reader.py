"""Packer's HCL2 templates to a Plan.

Everything that is wrong is told, in HashiCorp's words where those say it; then nothing is returned. Codes:
``packer/unknown-option``, ``packer/needs-block``, ``packer/needs-attribute``, ``packer/wrong-type``,
``packer/bad-duration``, ``packer/duplicate-{variable,local,source,data,block,argument}``, ``packer/unknown-source``,
``packer/bad-source-reference``, ``packer/no-source``, ``packer/unknown-name``, ``packer/unknown-function``,
``packer/default``, ``packer/default-type``, ``packer/validation``, ``packer/local-circle``, ``packer/labels``,
``packer/bad-name``, ``packer/bad-dynamic``, ``packer/not-constant``, ``packer/missing-argument``,
``packer/only-and-except``, ``packer/required-plugins``; warnings ``packer/unknown-component``, ``packer/text-kept``,
``packer/no-build``, ``packer/build-name``; and those of the HCL and Go template parsers.
"""

from __future__ import annotations

import re

from bakelift.translator.diagnostics import Diagnostics, TemplateError
from bakelift.translator.languages.hcl import nodes
from bakelift.translator.languages.hcl.parser import parse_file
from bakelift.translator.packer import tables
from bakelift.translator.packer.hcl_reader_build import BuildReader, opaque_block
from bakelift.translator.packer.hcl_reader_fields import Fields
from bakelift.translator.packer.hcl_reader_state import Reading, comments_of
from bakelift.translator.packer.hcl_reader_variables import (
    check_circles,
    declare,
    label,
    no_blocks,
    read_local,
    read_locals,
    read_variable,
    read_variables,
)
from bakelift.translator.plan.expressions import Literal, ObjectExpr
from bakelift.translator.plan.model import Block, Body, Origin, Plan, Requirement, Source
from bakelift.translator.plan.suggest import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from bakelift.translator.diagnostics import SourceFile
    from bakelift.translator.packer.hcl_reader_state import InputValues
    from bakelift.translator.plan.model import BuildGroup, DataSource, Leaf

_BLOCKS = (
    "build",
    "communicator",
    "data",
    "hcp_packer_registry",
    "local",
    "locals",
    "packer",
    "source",
    "variable",
    "variables",
)
_IDENTIFIER = r"[^\W\d][\w-]*"


def read_hcl(
    files: Sequence[SourceFile],
    path: str,
    directory: str,
    diagnostics: Diagnostics | None = None,
    input_values: InputValues | None = None,
    carried: Collection[str] = (),
) -> Plan:
    """The Plan of a template: all its files, in the order in which Packer reads them.

    ``path``: as given on the command line; ``directory``: path.root. ``diagnostics`` gets warnings too; without it they
    are lost. ``input_values``: gives values of variables when the shape of the template depends on them (``sources``,
    dynamic blocks of steps); without it, defaults serve. ``carried``: codes of errors that leave a Plan all the same.
    Raises TemplateError with all errors of all files.
    """
    own = diagnostics if diagnostics is not None else Diagnostics()
    found = Diagnostics()
    reading = Reading(_parsed(files, found), path, directory, found)
    reading.input_values = input_values
    try:
        plan = _TemplateReader(reading).read()
    except TemplateError as error:
        found.extend(error.diagnostics)
    except RecursionError:
        found.error("packer/too-deep", "The template is nested too deeply", "Name parts of it as locals.")
    own.extend(found)
    found.stop_if_failed(carried)
    return plan


def _parsed(files: Sequence[SourceFile], diagnostics: Diagnostics) -> list[nodes.File]:
    """The trees of the files; what cannot be parsed is told, and nothing is read then."""
    trees = []
    for file in files:
        try:
            if file.path.endswith(".json"):
                from bakelift.translator.packer.hcl_reader_json import parse_json_file

                trees.append(parse_json_file(file))
            else:
                trees.append(parse_file(file))
        except TemplateError as error:
            diagnostics.extend(error.diagnostics)
    diagnostics.stop_if_failed()
    return trees


class _TemplateReader:
    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.sources: dict[tuple[str, str], Source] = {}
        self.data: dict[tuple[str, str], DataSource] = {}
        self.required_version: str | None = None
        self.plugins: list[Requirement] = []
        self.leaves: list[Leaf] = []
        self.opaque: list[Block] = []

    def read(self) -> Plan:
        reading = self.reading
        declare(reading)
        blocks = [block for file in reading.files for block in file.body.blocks]
        for file in reading.files:
            for attribute in file.body.attributes.values():
                detail = f'An argument named "{attribute.name}" is not expected here.'
                if attribute.name in _BLOCKS:
                    detail += f' Did you mean to define a block of type "{attribute.name}"?'
                reading.error("packer/unknown-option", "Unsupported argument", detail, attribute.name_span)
        for file in reading.files:
            for span in file.ambiguous_keys:
                detail = (
                    "If this expression is intended to be a reference, wrap it in parentheses. If it's instead "
                    "intended as a literal name containing periods, wrap it in quotes to create a string literal."
                )
                reading.error("hcl/ambiguous-key", "Ambiguous attribute key", detail, span)
        for block in blocks:
            self.first(block)
        for block in blocks:
            if block.type == "source":
                self.source(block)
            elif block.type == "data":
                from bakelift.translator.packer.hcl_reader_data import read_data

                read_data(reading, block, self.data)
            elif block.type in ("hcp_packer_registry", "communicator"):
                self.opaque.append(opaque_block(reading, block))
        check_circles(reading, self.data.values())
        groups: list[BuildGroup] = []
        for block in blocks:
            if block.type == "build":
                label(reading, block)
                groups.append(BuildReader(reading, self.sources).read(block))
        used = {(use.type, use.source) for group in groups for use in group.sources}
        for block in blocks:
            if groups and block.type == "source" and len(block.labels) == 2 and tuple(block.label_texts) not in used:
                reading.diagnostics.soften(block.body.span)  # Packer looks into those that a build uses
        if not groups:
            detail = "Without a build block the template declares things and builds nothing."
            reading.diagnostics.warning("packer/no-build", "Missing build block", detail)
        return Plan(
            inputs=tuple(reading.inputs),
            named=tuple(reading.named),
            sources=tuple(self.sources.values()),
            groups=tuple(groups),
            data=tuple(self.data.values()),
            required_version=self.required_version,
            required_plugins=tuple(self.plugins),
            opaque=Body(tuple(self.opaque)),
            comments=(
                # a file's heading stands before its first block, which often is one that has no place in a Plan
                *(text for block in blocks if block.type == "packer" for text in comments_of(block)),
                *(comment.text for file in reading.files for comment in file.body.comments),
            ),
            leaves=tuple(self.leaves),
            origin=self.origin(),
        )

    def origin(self) -> Origin:
        reading = self.reading
        origin = Origin("hcl", reading.path, reading.directory, reading.leaves)
        origin.decided = tuple(reading.decided)
        return origin

    def first(self, block: nodes.Block) -> None:
        """What other blocks may refer to."""
        reading = self.reading
        if block.type == "variable":
            read_variable(reading, block)
        elif block.type == "variables":
            read_variables(reading, block)
        elif block.type == "locals":
            read_locals(reading, block)
        elif block.type == "local":
            read_local(reading, block)
        elif block.type == "packer":
            self.packer(block)
        elif block.type not in _BLOCKS:
            detail = f'Blocks of type "{block.type}" are not expected here.' + did_you_mean(block.type, _BLOCKS)
            reading.error("packer/unknown-block", "Unsupported block type", detail, block.type_span)

    # packer { … }

    def packer(self, block: nodes.Block) -> None:
        label(self.reading, block)
        for item in block.body.items:
            if isinstance(item, nodes.Attribute) and item.name == "required_version":
                self.leaves.append(self.reading.leaf(item))
                if isinstance(item.expr, Literal) and isinstance(item.expr.value, str):
                    self.required_version = item.expr.value
                else:
                    detail = 'Inappropriate value for attribute "required_version": a string constant is required.'
                    self.wrong(item, "Incorrect attribute value type", detail)
            elif isinstance(item, nodes.Block) and item.type == "required_plugins":
                no_blocks(self.reading, item)
                for plugin in item.body.attributes.values():
                    self.plugin(plugin)
            elif isinstance(item, nodes.Attribute):
                detail = f'An argument named "{item.name}" is not expected here.'
                detail += did_you_mean(item.name, ("required_version",))
                if item.name == "required_plugins":
                    detail += ' Did you mean to define a block of type "required_plugins"?'
                self.reading.error("packer/unknown-option", "Unsupported argument", detail, item.name_span)
            else:
                detail = f'Blocks of type "{item.type}" are not expected here.'
                detail += did_you_mean(item.type, ("required_plugins",))
                self.reading.error("packer/unknown-option", "Unsupported block type", detail, item.type_span)

    def wrong(self, item: nodes.Attribute, summary: str, detail: str) -> None:
        self.reading.error("packer/required-plugins", summary, detail, item.value_span)

    def plugin(self, item: nodes.Attribute) -> None:
        """``azure = { source = "…", version = "…" }``, both of them."""
        self.leaves.append(self.reading.leaf(item))
        said: dict[str, str] = {}
        if not isinstance(item.expr, ObjectExpr):
            detail = f'Write {item.name} = {{ source = "github.com/hashicorp/{item.name}", version = ">= 1.0.0" }}.'
            self.wrong(item, "Invalid plugin requirement", detail)
            return
        for key, value in item.expr.entries:
            name = str(key.value) if isinstance(key, Literal) else ""
            if name not in ("source", "version"):
                detail = f'A plugin has a source and a version, no "{name}".'
                self.wrong(item, "Invalid required_plugins object", detail)
            elif isinstance(value, Literal) and isinstance(value.value, str):
                said[name] = value.value
            else:
                self.wrong(item, f"Invalid {name} for plugin {item.name}", "It must be a string constant.")
                return
        for name, example in (("version", ">= 1.2.0, < 2.0.0"), ("source", "github.com/hashicorp/azure")):
            if name not in said:
                what = "version constraint" if name == "version" else "source"
                self.wrong(item, f"No {what} was set", f'Write {name} = "{example}".')
                return
        from bakelift.translator.packer.checks_versions import wrong_requirement

        problem = wrong_requirement(said["source"], said["version"])
        if problem is not None:
            self.wrong(item, *problem)
        self.plugins.append(Requirement(item.name, said["source"], said["version"]))

    # Sources

    def source(self, block: nodes.Block) -> None:
        reading = self.reading
        if not label(reading, block, "type", "name"):
            return
        type, name = block.label_texts
        for text in block.labels:
            if not re.fullmatch(_IDENTIFIER, text.text):
                detail = (
                    "No build can refer to it: a name starts with a letter and contains only letters, digits, "
                    "underscores, and dashes."
                )
                reading.diagnostics.warning("packer/bad-name", f"Invalid source label {text.text!r}", detail, text.span)
        earlier = self.sources.get((type, name))
        if earlier is not None:
            detail = (
                "This source block has the same builder type and name as a previous block declared at "
                f"{earlier.span}. Each source must have a unique name per builder type."
            )
            reading.error("packer/duplicate-source", "Duplicate source block", detail, block.header_span)
            return
        component = tables.component("builder", type)
        settings, opaque = Fields(reading, component, without=("build",)).read(block.body)
        self.sources[type, name] = Source(type, name, settings, opaque, block.header_span, comments_of(block))
