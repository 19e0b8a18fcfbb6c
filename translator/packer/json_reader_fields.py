"""Options of components in a legacy JSON template: to settings by the option tables, or to opaque bodies."""

from __future__ import annotations

from bakelift.translator.diagnostics import TemplateError
from bakelift.translator.languages.go_template.functions import ANY, AZURE_FIELDS, FIELDS, OTHER_FIELDS
from bakelift.translator.languages.go_template.reading import COMMAND_HOLES, parse_template
from bakelift.translator.languages.hcl.strings import is_identifier
from bakelift.translator.languages.json.nodes import Array, Member, Node, Object, Scalar
from bakelift.translator.packer.json_reader_state import places
from bakelift.translator.packer.json_reader_types import decoded
from bakelift.translator.packer.json_variables import undeclared
from bakelift.translator.plan.expressions import Expr, ListExpr, Literal, ObjectExpr, Opaque
from bakelift.translator.plan.model import Attribute, Block, Body, Setting
from bakelift.translator.plan.suggest import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from bakelift.translator.packer.json_reader_state import Reading
    from bakelift.translator.packer.tables.rows import Component, Option

#: Options that are templates of a command or file, and what ``{{.X}}`` names in them.
HOLES: Mapping[str, Collection[str]] = {
    "execute_command": COMMAND_HOLES,
    "elevated_execute_command": COMMAND_HOLES,
    "inventory_file_template": ("HostAlias", "Host", "User", "Port"),
}

#: Keys that ``packer fix`` renames, by their old names; Packer itself refuses them.
RENAMED = {
    "iso_md5": "iso_checksum",
    "ssh_key_path": "ssh_private_key_file",
    "ssh_wait_timeout": "ssh_timeout",
    "shared_gallery_image_version_replica_count": "shared_image_gallery_replica_count",
}


def rendered_again(name: str, option: Option | None) -> bool:
    """Whether Packer renders an option until nothing changes: execute commands, and what its row says."""
    return HOLES.get(name) is COMMAND_HOLES or (option is not None and option.rendered_again)


class Fields:
    """Reads the options of one component. ``component`` None or opaque: all goes to the opaque body, in order."""

    def __init__(self, reading: Reading, component: Component | None, kind: str) -> None:
        self.reading = reading
        self.component = component
        self.known = component is not None and not component.opaque
        azure = component is not None and component.kind == "builder" and component.type.startswith("azure")
        if self.known:
            self.functions = AZURE_FIELDS if azure else FIELDS
        else:
            self.functions = OTHER_FIELDS
        self.kind = kind

    def read(self, node: Object, skip: Collection[str]) -> tuple[dict[str, Setting], Body]:
        """Settings by their Plan names, and what the tables do not know. ``skip``: keys that were read apart."""
        members = [m for m in node if m.key not in skip and not m.key.startswith("packer_")]
        if not self.known:
            return {}, self.opaque(members)
        settings: dict[str, Setting] = {}
        strangers: list[Member] = []
        self._into(settings, strangers, members, "")
        return settings, self.opaque(strangers)

    def read_override(self, node: Object) -> dict[str, Setting]:
        """The settings of one override; those of an unknown component go by their own names."""
        if self.known:
            return self.read(node, ())[0]
        return {m.key: Setting(self.value(m.value, m.key, None), self.reading.leaves_of(m.value)) for m in node}

    # Known components

    def _into(
        self, settings: dict[str, Setting], strangers: list[Member], members: Collection[Member], prefix: str
    ) -> None:
        assert self.component is not None
        options = self.component.nested(prefix.rstrip("."))
        by_lower = {name.lower(): option for name, option in options.items()}
        for member in members:
            option = options.get(member.key) or by_lower.get(member.key.lower())
            if option is None:
                self._unknown(member, options)
                strangers.append(member)
            elif option.form == "block":
                self._block(settings, member, option)
            else:
                value = self.value(member.value, option.name, option)
                settings[option.setting] = Setting(value, self.reading.leaves_of(member.value))

    def _block(self, settings: dict[str, Setting], member: Member, option: Option) -> None:
        node = member.value
        if isinstance(node, Array) and len(node.items) == 1 and isinstance(node.items[0], Object):
            node = node.items[0]
        if isinstance(node, Object) and node.members:
            self._into(settings, [], node.members, option.name + ".")
            return
        if not (isinstance(node, (Object, Scalar)) and node.data() in ({}, None)):
            self.wrong(member.key, f"'{member.key}' expected a map, got '{node.kind}'", node)
        settings[option.setting] = Setting(self.raw(node, option.name, False), self.reading.leaves_of(member.value))

    def _unknown(self, member: Member, options: Mapping[str, Option]) -> None:
        newer = RENAMED.get(member.key)
        if newer is not None and newer in options:
            summary = f"Deprecated configuration key: '{member.key}'"
            detail = f"It is called {newer} now; `packer fix` rewrites it."
            self.reading.error("json/deprecated-option", summary, detail, member.key_span)
            return
        assert self.component is not None
        detail = f"The {self.component.type} {self.kind} has no such option."
        if member.key.startswith("_"):
            detail += " Keys with an underscore are comments only at the top of the template."
        detail += did_you_mean(member.key, options)
        summary = f'unknown configuration key: "{member.key}"'
        self.reading.error("json/unknown-option", summary, detail, member.key_span)

    # Values

    def value(self, node: Node, name: str, option: Option | None) -> Expr:
        """The value of an option: Go templates read, constants in the option's type."""
        if option is not None and option.form == "blocks":
            return self._blocks(node, option)
        expr = self.raw(node, name, rendered_again(name, option))
        if option is None:
            return expr

        def tell(problem: str, where: Expr) -> None:
            if self.known:
                span = where.span or node.span
                code = "json/bad-duration" if problem.startswith("time:") else "json/wrong-type"
                detail = "A duration has a unit: 30s, 5m, 1h30m." if problem.startswith("time:") else ""
                self.reading.error(code, f"error decoding '{name}': {problem}", detail, span)

        return decoded(expr, option, tell)

    def _blocks(self, node: Node, option: Option) -> Expr:
        """Repeated blocks: a list of objects; one object is a list of one."""
        items = node.items if isinstance(node, Array) else (node,)
        found: list[Expr] = []
        for item in items:
            if isinstance(item, Object):
                found.append(self._object(item, option.name + "."))
            elif not (isinstance(item, Scalar) and item.value is None):
                self.wrong(option.name, f"'{option.name}' expected a map, got '{item.kind}'", item)
        return ListExpr(tuple(found), node.span)

    def _object(self, node: Object, prefix: str) -> ObjectExpr:
        assert self.component is not None
        options = self.component.nested(prefix.rstrip("."))
        by_lower = {name.lower(): (name, option) for name, option in options.items()}
        entries: list[tuple[Expr, Expr]] = []
        for member in node:
            name, option = by_lower.get(member.key.lower(), (member.key, None))
            if option is None and self.known:
                self._unknown(member, options)
            if option is not None and option.form == "block" and isinstance(member.value, Object):
                value: Expr = self._object(member.value, option.name + ".")
            else:
                value = self.value(member.value, name, option)
            entries.append((Literal(name, member.key_span), value))
        return ObjectExpr(tuple(entries), node.span)

    def raw(self, node: Node, name: str, again: bool) -> Expr:
        """A value with its templates read, in the types of JSON."""
        if isinstance(node, Scalar):
            return self.rendered(node, name, again) if isinstance(node.value, str) else Literal(node.value, node.span)
        if isinstance(node, Array):
            return ListExpr(tuple(self.raw(item, name, again) for item in node), node.span)
        assert isinstance(node, Object)
        entries = tuple((Literal(m.key, m.key_span), self.raw(m.value, name, again)) for m in node)
        return ObjectExpr(entries, node.span)

    def rendered(self, node: Scalar, name: str, again: bool) -> Expr:
        """A string as the template that it is. An unknown component's text stays as it is when it is none."""
        assert isinstance(node.value, str)
        holes = HOLES.get(name, ())
        try:
            expr = parse_template(
                node.value, self.functions, holes=holes, again=again, span=node.span, place=places(node)
            )
        except TemplateError as error:
            if not self.known:
                first = error.diagnostics[0]
                self.reading.warning(
                    "packer/text-kept", f"{name} is kept as text: {first.summary}", first.detail, first.span
                )
                return Literal(node.value, node.span)
            self.reading.diagnostics.extend(error.diagnostics)
            expr = self.refused(node, holes, again)
        for ref in undeclared(expr, self.reading.declared):
            self.reading.implied.setdefault(ref.name, ref.span)
        return expr

    def refused(self, node: Scalar, holes: Collection[str], again: bool) -> Expr:
        """What a text means that Packer refuses here: as if every function worked, else as it stands."""
        text = str(node.value)
        try:
            return parse_template(text, ANY, holes=holes, again=again, span=node.span, place=places(node))
        except TemplateError:
            return Opaque("go", text, node.span)

    def wrong(self, name: str, problem: str, node: Node) -> None:
        if self.known:
            self.reading.error("json/wrong-type", f"error decoding {problem}", "", node.span)

    # Opaque bodies

    def opaque(self, members: Collection[Member], prefix: str = "") -> Body:
        """Options as they stand: objects and lists of objects as blocks, unless the option is known to be a map."""
        options = self.component.nested(prefix.rstrip(".")) if self.component is not None else {}
        entries: list[Attribute | Block] = []
        for member in members:
            entries += self._entries(member, options.get(member.key), f"{prefix}{member.key}.")
        return Body(tuple(entries))

    def _entries(self, member: Member, option: Option | None, prefix: str) -> list[Attribute | Block]:
        node = member.value
        if option is None or option.form != "attribute":
            if isinstance(node, Object) and node.members and not (option is None and _like_a_map(member.key, node)):
                return [Block(member.key, (), self.opaque(node.members, prefix), span=member.span)]
            if isinstance(node, Array) and node.items and all(isinstance(item, Object) for item in node):
                return [
                    Block(member.key, (), self.opaque(item.members, prefix), span=item.span)
                    for item in node
                    if isinstance(item, Object)
                ]
        setting = Setting(self.value(node, member.key, option), self.reading.leaves_of(node))
        return [Attribute(member.key, setting)]


#: How options are called that hold maps of text, whatever the plugin.
_MAPS = ("tags", "labels", "metadata", "annotations", "filters", "properties", "headers", "env", "data", "vars")


def _like_a_map(name: str, node: Object) -> bool:
    """Whether an object of an unknown option is rather a map than a block, whose arguments have plain names."""
    return name.lower().endswith(_MAPS) or not all(is_identifier(m.key) for m in node)
