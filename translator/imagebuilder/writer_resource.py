"""One image as one image template resource, with expressions still at its leaves."""

from __future__ import annotations

from bakelift.translator.imagebuilder.names import REGIONS, region, slug
from bakelift.translator.imagebuilder.parameters import LOCATION_DEFAULT
from bakelift.translator.imagebuilder.rest import REST, fields, rest
from bakelift.translator.imagebuilder.table import row
from bakelift.translator.imagebuilder.table_customizers import BY_RECORD
from bakelift.translator.imagebuilder.versions import MANAGED_RESOURCE_TAGS, has
from bakelift.translator.imagebuilder.writer_machine import write_data_disks, write_machine
from bakelift.translator.imagebuilder.writer_outputs import write_outputs
from bakelift.translator.imagebuilder.writer_source import write_source
from bakelift.translator.imagebuilder.writer_tags import sayable_tags
from bakelift.translator.languages.arm import kind_of
from bakelift.translator.plan.expressions import (
    Call,
    Expr,
    For,
    ListExpr,
    Literal,
    ObjectExpr,
    Ref,
    Template,
)
from bakelift.translator.plan.types import STRING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from bakelift.translator.imagebuilder.customizers import Customizer
    from bakelift.translator.imagebuilder.deployment import Draft
    from bakelift.translator.imagebuilder.vhd import Vhd
    from bakelift.translator.imagebuilder.writer import Job
    from bakelift.translator.imagebuilder.writer_leaves import Leaves
    from bakelift.translator.imagebuilder.writer_options import WriteOptions
    from bakelift.translator.plan.model import Setting

_PLAN_INFO = ("plan_info.plan_name", "plan_info.plan_product", "plan_info.plan_publisher")
_HOME = "whether the build's region is among the image's regions"


class ResourceWriter:
    """Writes one image. ``fill_in``: names of the placeholders that a bare resource was given."""

    def __init__(
        self,
        job: Job,
        leaves: Leaves,
        options: WriteOptions,
        fill_in: list[str],
    ) -> None:
        self.image = image = job.image
        self.leaves = leaves
        self.customizers = job.customizers
        self.validators = job.validators
        self.options = options
        self.fill_in = fill_in
        self.slug = slug(image.image.group_name, image.image.local_name)
        if options.template_name != "{name}":
            self.slug = slug(options.template_name.replace("{name}", self.slug))
        #: What an image template said that no setting does; None: the image is not one of Image Builder's.
        self.rest = rest(image.rest)
        #: Where the image is made of a VHD: for whoever writes the deployment.
        self.vhd: Vhd | None = None
        self.location: Expr | None = None
        self.home: str | None = None

    @property
    def symbolic(self) -> bool:
        return not self.leaves.bind_all

    def body(self) -> dict[str, Draft]:
        """Location, tags, identity and properties."""
        self.location = self.where()
        tags = self.tags()
        image, leaves = self.image, self.leaves
        source = write_source(self)
        distribute = write_outputs(self, tags)
        properties: dict[str, Draft] = {
            "buildTimeoutInMinutes": self.own_setting("build_timeout_minutes"),
            "source": source,
            "customize": [self.customizer(c, f"/properties/customize/{i}") for i, c in enumerate(self.customizers)]
            or None,
            "optimize": self.own_setting("optimize"),
            "validate": self.validation(),
            "distribute": distribute,
            "errorHandling": self.own_setting("error_handling"),
            "vmProfile": write_machine(self),
            "stagingResourceGroup": self.own_setting("staging_resource_group"),
            "autoRun": self.own_setting("auto_run"),
            "additionalDataDisks": write_data_disks(self),
        }
        everywhere = tags if self.rest is None else None  # Packer's tags are on all that it makes
        managed = everywhere if has(leaves.version, MANAGED_RESOURCE_TAGS) else None
        properties["managedResourceTags"] = managed
        if image.tags is not None:
            outputs = [f"/properties/distribute/{i}/artifactTags" for i in range(len(image.outputs))]
            places = [*outputs, *(["/tags"] if everywhere is not None else [])]
            places += ["/properties/managedResourceTags"] if managed is not None else []
            leaves.say(image.tags, "azure_tags", *places)
        leaves.say(image.os_type_setting, "os_type")
        leaves.say(image.rest.get(REST), REST, "")
        identity = self.identity()
        self.others()
        draft = {"location": self.location, "tags": everywhere, "identity": identity, "properties": properties}
        if self.rest is None:
            return draft
        from bakelift.translator.imagebuilder.writer_rest import overlaid

        return overlaid(draft, fields(self.of_version(REST, "")), lambda expr: leaves.expr(expr, REST))

    # -- asking -------------------------------------------------------------------------------------------------------

    def ask(self, key: str, default: Expr | None = None, **facts: str) -> Expr:
        """What the template has to be told: a parameter, or in a bare resource a placeholder."""
        if self.symbolic:
            return self.leaves.symbols.ask(key, default, **facts)
        if key not in self.fill_in:
            self.fill_in.append(key)
        return Literal(f"<{key}>")

    def subscription(self) -> Expr | None:
        """Of the image's own resources: in a deployment its own, in a bare resource what the template says."""
        if self.symbolic:
            return None
        setting = self.image.rest.get("subscription_id")
        if setting is not None:
            value = self.leaves.binder.value(setting.value, "subscription_id, in resource ids of a bare resource")
            if isinstance(value.raw, str) and value.raw and not value.sensitive:
                return Literal(value.raw)
            if value.known or not self.leaves.binder.present(setting):
                return self.ask("subscriptionId")
            return Literal("")
        return self.ask("subscriptionId")

    def own_setting(self, name: str) -> Expr | None:
        """A setting that only Image Builder has, where its row says."""
        setting = self.image.rest.get(name)
        found = row(name)
        if setting is None or found is None:
            return None
        if found.since and not has(self.leaves.version, found.since):
            self.leaves.newer(setting, name, found.since)
            return None
        self.leaves.say(setting, name, found.to)
        if isinstance(setting.value, ObjectExpr):
            return self.leaves.expr(self.of_version(name, found.to), name, setting.span)
        return self.leaves.number(setting, name) if name.endswith("_minutes") else self.leaves.given(setting, name)

    def of_version(self, name: str, to: str) -> Expr:
        """A setting that says a part of the image template, without what is newer than the version; that is told."""
        from bakelift.translator.imagebuilder.older_versions import leaves_at, without_newer

        setting = self.image.rest[name]
        left, newer = without_newer(setting.value, to.strip("/").replace("/", "."), self.leaves.version, to)
        for pointer, since in newer:
            part = setting.but(leaves=leaves_at(pointer, setting.leaves))
            self.leaves.newer(part, pointer.strip("/").replace("/", "."), since)
        return left

    # -- parts --------------------------------------------------------------------------------------------------------

    def where(self) -> Expr:
        setting = self.image.location
        if setting is None:
            return self.ask("location", default=LOCATION_DEFAULT)
        self.leaves.say(setting, "location", "/location")
        if self.asks_home() and self.leaves.bindable(setting.value):
            self.home = self.leaves.binder.text(setting.value, _HOME)
        expr = self.leaves.given(setting, "location")
        if isinstance(expr, Literal) and isinstance(expr.value, str):
            name = region(expr.value)
            if name not in REGIONS and not expr.value.startswith("<"):
                self.leaves.diagnostics.warning(
                    "aib/region",
                    f"Image Builder is not known to run in {expr.value}",
                    "The list of its regions is in its overview; deploy the template in one of them, and let the "
                    "image be distributed to where it is wanted.",
                    setting.span,
                )
            return Literal(name, expr.span) if self.rest is None else expr
        return expr if expr is not None else self.ask("location", default=LOCATION_DEFAULT)

    def asks_home(self) -> bool:
        """Whether it matters if the build's region is among others."""
        from bakelift.translator.plan.azure import GalleryOutput

        regions = [o.regions or o.target_regions for o in self.image.outputs if isinstance(o, GalleryOutput)]
        listed = [r.value for r in regions if r is not None]
        return any(self.leaves.bind_all or isinstance(self.leaves.binder.fold(r), ListExpr) for r in listed)

    def identity(self) -> Draft:
        setting = self.image.rest.get("template_identity")
        expr = self.leaves.given(setting, "template_identity")
        if expr is not None:
            self.leaves.say(setting, "template_identity", "/identity")
        elif self.options.identity is not None and not self.symbolic:
            expr = Literal(self.options.identity)
        else:
            expr = self.ask("identityId")
        identities = ObjectExpr(((expr, ObjectExpr(())),))
        return {"type": Literal("UserAssigned"), "userAssignedIdentities": identities}

    def tags(self) -> Expr | None:
        """Tags as a map of text: Packer converts numbers and bools, Azure does not."""
        setting = None if self.image.tags is None else sayable_tags(self.image.tags, self.leaves)
        expr = self.leaves.given(setting, "azure_tags")
        if expr is None or expr == ObjectExpr(()):
            return None
        return self._texts(_collection(expr))

    def _texts(self, expr: Expr) -> Expr:
        """A map with text as values."""
        if isinstance(expr, ObjectExpr):
            return ObjectExpr(tuple((k, self._text(v)) for k, v in expr.entries), expr.span)
        if isinstance(expr, Call) and expr.operation == "merge":
            return expr.but(args=tuple(self._texts(arg) for arg in expr.args))
        value = self.leaves.symbols.variables.get(expr.name) if isinstance(expr, Ref) and expr.kind == "named" else None
        if value is None:
            return expr
        texts = self._texts(value)
        return expr if texts == value else texts

    def _text(self, value: Expr) -> Expr:
        if isinstance(value, Literal):
            raw = value.value
            if isinstance(raw, bool):
                return Literal("true" if raw else "false", value.span)
            return Literal("" if raw is None else str(raw), value.span)
        known = kind_of(value, self.leaves.symbols.symbols)
        return Template((value,), value.span) if known != STRING and not isinstance(value, Template) else value

    def validation(self) -> Draft:
        """What validates the image: tests of the template's own, or as an Image Builder template said it."""
        if not self.validators:
            own = self.own_setting("validate")
            if own is None:
                return None
            from bakelift.translator.imagebuilder.writer_validators import in_usual_order

            return in_usual_order(own)
        return {"inVMValidations": self.listed("/properties/validate/inVMValidations", self.validators)}

    def listed(self, base: str, customizers: Sequence[Customizer]) -> list[dict[str, Draft]]:
        return [self.customizer(customizer, f"{base}/{index}") for index, customizer in enumerate(customizers)]

    def customizer(self, customizer: Customizer, base: str) -> dict[str, Draft]:
        kind = BY_RECORD[type(customizer)]
        found: dict[str, Draft] = {"type": Literal(kind.type)}
        for field, name in kind.properties:
            value = getattr(customizer, field)
            if isinstance(value, tuple):
                found[name] = [self.line(line, base) for line in value]
            elif value is not None:
                found[name] = self.leaves.expr(value, f"{kind.type} {name}")
        for name, value in fields(customizer.extra).items():
            found[name] = value if isinstance(value, Literal) else self.leaves.expr(value, f"{kind.type} {name}")
        leaves = getattr(customizer, "leaves", ())
        self.leaves.accounting.say(leaves, "exact", "aib/step", to=[self.leaves.base + base])
        return found

    def line(self, line: Expr, base: str) -> Expr:
        if isinstance(line, Literal):
            return line
        return self.leaves.expr(line, f"a line of {base}") or Literal("")

    def others(self) -> None:
        """Settings that no part above has written."""
        for name in _PLAN_INFO:
            setting = self.image.rest.get(name)
            if setting is not None:
                text = "only a marketplace source has planInfo; that of a gallery image is in its definition"
                found = row(name)
                assert found is not None
                unsure = found.but(evidence="unverified")
                self.leaves.account(setting.leaves, "approximated", "aib/plan-info-source", text, unsure, ())
        taken = {"disk_additional_size"}
        for name, setting in self.image.rest.items():
            if name in taken or all(self.leaves.accounting.said(leaf) is not None for leaf in setting.leaves):
                continue
            found = row(name)
            if found is not None and found.to and found.kind != "unsupported":
                leaves = setting.leaves
                text = "says nothing with this source and these destinations"
                self.leaves.account(leaves, "dropped", "aib/no-effect", text, found, ())
                continue
            if self.is_off(name, setting):
                self.leaves.accounting.say(setting.leaves, "adapted", "aib/unset", f"{name} is off, here as there")
                continue
            self.leaves.say(setting, name)
            self.warn(name, setting.span)
        for name, setting in self.image.unset.items():
            self.leaves.accounting.say(setting.leaves, "exact", "aib/unset", f"{name} is not set, here as there")

    def is_off(self, name: str, setting: Setting) -> bool:
        """Whether an option without counterpart is switched off, as it is where nobody says it."""
        found = row(name)
        if found is None or found.kind != "unsupported" or self.leaves.binder.unset(setting.value):
            return False
        return self.leaves.binder.value(setting.value, f"whether {name} is on").raw in (False, "false")

    def warn(self, name: str, span: Any) -> None:
        """Tells of an option that matters and has no counterpart."""
        found = row(name)
        if found is not None and found.kind == "unsupported":
            self.leaves.diagnostics.warning(found.code, f"Image Builder has no {name}", _sentence(found.advice), span)


def _collection(expr: Expr) -> Expr:
    """A loop that makes a map of a map's own keys and values (a dynamic block for each tag) is that map."""
    if isinstance(expr, For) and expr.condition is None and not expr.group and expr.key_name is not None:
        own = expr.key == Ref("bound", expr.key_name) and expr.value == Ref("bound", expr.value_name)
        return expr.collection if own else expr
    return expr


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."
