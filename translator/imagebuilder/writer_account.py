"""The account of what is around the images: variables, locals, post-processors, the packer block, other builds."""

from __future__ import annotations

import re

from bakelift.translator.imagebuilder.parameters import allowed_values
from bakelift.translator.imagebuilder.writer_clock import AT_DEPLOYMENT, reads_clock
from bakelift.translator.plan.binding import default_environment
from bakelift.translator.plan.expressions import Expr, Ref, value_name
from bakelift.translator.plan.model import Setting
from bakelift.translator.plan.usage import (
    all_leaves,
    held,
    leaves_left_out,
    leaves_of,
    leaves_without_image,
    referenced_inputs,
    used_by,
)
from bakelift.translator.report import CLASSES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bakelift.translator.diagnostics import Diagnostics
    from bakelift.translator.imagebuilder.writer import Written
    from bakelift.translator.plan.images import Image
    from bakelift.translator.plan.model import DataSource, Input, Leaf, Plan, PostProcessor
    from bakelift.translator.plan.values import Value
    from bakelift.translator.report import Accounting, Class

#: What the service does itself: a variable that only these use is not wanted any more.
_SERVICE = frozenset({"aib/credentials", "aib/communicator"})

#: Leaves that belong to no component, by path: class, code, summary. The first that matches counts.
_PLACES: tuple[tuple[str, Class, str, str], ...] = (
    (r"build(\[\d+\])?\.sources?(\b.*)?", "exact", "aib/builder", "as image templates"),
    (r"packer\b.*|min_packer_version", "dropped", "aib/packer-version", "about the Packer that reads the template"),
    (r"sensitive-variables.*", "exact", "aib/sensitive", "as secure parameters"),
    (r"builders\[\d+\]\.(type|name)", "exact", "aib/builder", "as the image template and its name"),
    (r"(provisioners|post-processors)\[.*\.(type|name)", "exact", "aib/step", ""),
    (
        r"build(\[\d+\])?\.(.+\.)?dynamic\.[\w-]+\.(for_each|labels|iterator)",
        "adapted",
        "aib/block",
        "the blocks were made when translating",
    ),
    (r"build(\[\d+\])?\.name", "exact", "aib/builder", "in the name of the image template"),
    (
        r"(build(\[\d+\])?\.)?description|(.*\.)?hcp_packer_registry\b.*",
        "dropped",
        "aib/description",
        "says nothing of images",
    ),
    (r"_.*|.*\._comment.*", "dropped", "aib/comment", "a comment"),
    (r"post-processors|provisioners|variables", "dropped", "aib/empty", "there is nothing in it"),
)

#: Leaves of a template that is Image Builder's already, which its reader needs no setting for.
_ENVELOPE = (
    r"\$schema|contentVersion|languageVersion|metadata\._generator\..*"
    r"|(resources(\[\d+\]|\.\w+)\.)?(type|apiVersion|dependsOn|identity\.type|properties\.source\.(type|version)"
    r"|properties\.distribute\[\d+\]\.(type|location))"
)


def account_rest(
    plan: Plan,
    selected: Sequence[Image],
    translated: Sequence[Image],
    written: Written,
    frozen: Sequence[str],
    inputs: Mapping[str, Value],
    accounting: Accounting,
    diagnostics: Diagnostics,
) -> None:
    """Says of every leaf that no image's writer spoke of, what becomes of it.

    ``selected``: the images that the command line chose; ``translated``: those of them that were written.
    """
    returned = plan.origin.returned if plan.origin is not None else ()
    accounting.say(returned, "exact", "aib/kept", "it kept what Packer has no word for, which has its own place again")
    rest = _Rest(plan, written, set(frozen), accounting, diagnostics)
    names = {id(image) for image in translated}
    others = [image for image in selected if id(image) not in names]
    accounting.leave_out(leaves_left_out(plan, selected, inputs))
    for image in translated:
        rest.image(image)
    rest.overridden()
    rest.other_builders(others, translated)
    if rest.unwritten():
        rest.users(translated)
    for item in plan.inputs:
        rest.input(item)
    for named in plan.named:
        rest.named(named.name, named.leaves)
    rest.envelope()
    rest.places()
    for data in plan.data:
        rest.data(data)
    if any(accounting.said(leaf) is None for leaf in all_leaves(plan)):
        without = [leaf for leaf in leaves_without_image(plan, inputs) if accounting.said(leaf) is None]
        accounting.say(without, "dropped", "aib/no-image", "no image uses it")


def _parts(image: Image, seen: set[int]) -> tuple[object, ...]:
    """What an image is made of, without what images before it have shown: ``seen`` has the ids of those."""
    own = (image.settings, image.opaque, *image.steps, image.error_cleanup, *image.post_processors)
    parts = {id(part): part for part in (*own, image.source, image.use, image.group)}
    new = tuple(part for key, part in parts.items() if key not in seen)
    seen.update(parts)
    return new


class _Rest:
    def __init__(
        self, plan: Plan, written: Written, frozen: set[str], accounting: Accounting, diagnostics: Diagnostics
    ) -> None:
        self.plan = plan
        self.diagnostics = diagnostics
        #: The post-processors that were told of.
        self.told: set[int] = set()
        self.written = written
        self.frozen = frozen
        self.accounting = accounting
        self.classes: dict[tuple[str, str], Class] = {}
        self.wanted: set[tuple[str, str]] = set()
        self.values = plan.values()
        # Defaults that are made of other inputs.
        self.composed = {
            i.name: i.default for i in plan.inputs if i.default is not None and referenced_inputs(i.default, {})
        }

    def unsaid(self, part: object) -> list[Leaf]:
        return [leaf for leaf in leaves_of(part) if self.accounting.said(leaf) is None]

    def say(self, part: object, kind: Class, code: str, summary: str) -> None:
        self.accounting.say(self.unsaid(part), kind, code, summary)

    def overridden(self) -> None:
        """Of settings that each image has others for."""
        for step in (step for group in self.plan.groups for step in group.steps if step.override):
            for name, setting in step.settings.items():
                if any(name in over for over in step.override.values()):
                    self.say(setting.leaves, "dropped", "aib/step-selection", "an override takes its place")

    def image(self, image: Image) -> None:
        for chain in image.post_processors:
            for post in chain:
                self.post_processor(post)
        if image.error_cleanup is not None:
            text = "runs on a VM that is thrown away"
            self.say(image.error_cleanup, "dropped", "aib/error-cleanup", text)
        for part in (image.source, image.use, image.steps, image.post_processors, image.group.leaves):
            for leaf in self.unsaid(part):
                self.place(leaf)
        self.say(image.opaque, "unsupported", "aib/unknown-option", "not an option that bakelift knows")
        self.say(image.source, "dropped", "aib/overridden", "set anew where the build uses the source")
        for step in image.steps:
            self.say(step, "dropped", "aib/overridden", "set anew for this image by override")
        for chain in image.group.post_processors:
            for post in chain:
                self.say(post, "dropped", "aib/no-image", "only and except leave it to no image that is written")

    def post_processor(self, post: PostProcessor) -> None:
        """What becomes of a post-processor; once for all images, one that matters is told of."""
        from bakelift.translator.imagebuilder.table_steps import post_processor

        kind, code, text = post_processor(post.type)
        self.say(post, kind, code, text)
        if kind == "unsupported" and id(post) not in self.told:
            self.told.add(id(post))
            summary = f"Image Builder has no post-processor {post.type}"
            self.diagnostics.warning(code, summary, text[:1].upper() + text[1:] + ".", post.span)

    def other_builders(self, others: Sequence[Image], translated: Sequence[Image]) -> None:
        if not others:
            return
        mine = used_by(self.plan, translated).leaves if translated else frozenset()
        seen: set[int] = set()
        for image in others:
            text = f"of a {image.type} build, which Image Builder has no form of"
            leaves = [leaf for leaf in leaves_of(_parts(image, seen)) if id(leaf) not in mine]
            leaves = [leaf for leaf in leaves if self.accounting.said(leaf) is None]
            self.accounting.say(leaves, "out_of_scope", "aib/other-builder", text)
        theirs = used_by(self.plan, others).leaves
        left = [leaf for part in (self.plan.inputs, self.plan.named, self.plan.data) for leaf in leaves_of(part)]
        left = [leaf for leaf in left if id(leaf) in theirs and id(leaf) not in mine]
        self.accounting.say(left, "out_of_scope", "aib/other-builder", "used by other builders only")

    # -- variables ----------------------------------------------------------------------------------------------------

    def unwritten(self) -> bool:
        """Whether the output lacks a name of the template, so that it matters who uses it."""
        named = [item.name for item in self.plan.named if item.name not in self.written.named]
        inputs = [item.name for item in self.plan.inputs if item.name not in self.written.inputs]
        return bool(named or inputs or self.plan.data)

    def users(self, translated: Sequence[Image]) -> None:
        """For each input and named value: the class of the best that uses it."""
        seen: set[int] = set()
        for setting in held(tuple(_parts(image, seen) for image in translated), Setting):
            said = [item for leaf in setting.leaves if (item := self.accounting.said(leaf)) is not None]
            for item in said[:1]:
                own = item.code in _SERVICE
                self._used(setting.value, item.kind, own, ())

    def _used(self, expr: Expr, kind: Class, service: bool, inside: tuple[str, ...]) -> None:
        for node in expr.walk():
            if isinstance(node, Ref) and node.kind in ("input", "named", "data"):
                key = (node.kind, node.name)
                before = self.classes.get(key)
                if before is None or CLASSES.index(before) > CLASSES.index(kind):
                    self.classes[key] = kind
                if not service:
                    self.wanted.add(key)
                if node.kind == "input" and node.name in self.composed and f"var.{node.name}" not in inside:
                    self._used(self.composed[node.name], kind, service, (*inside, f"var.{node.name}"))
                name = value_name(node)
                if name is not None and name in self.values and name not in inside:
                    self._used(self.values[name], kind, service, (*inside, name))

    def input(self, item: Input) -> None:
        name = self.written.inputs.get(item.name)
        if name is None:
            self._unwritten(("input", item.name), item.leaves, "a value that was bound when translating")
            self._validations(item, "")
            return
        base = f"/parameters/{name}"
        for leaf in item.leaves:
            part = leaf.path.rpartition(".")[2]
            if ".validation[" in leaf.path or part == "validation":
                continue
            if part == "description":
                self.accounting.say([leaf], "exact", "aib/parameter", "", to=[f"{base}/metadata/description"])
            elif part in ("type", "sensitive"):
                self.accounting.say([leaf], "exact", "aib/parameter", "", to=[f"{base}/type"])
            elif default_environment(item) is not None:
                text = "a deployment sees no environment: the parameter is required, and says the variable's name"
                self.accounting.say([leaf], "adapted", "aib/environment-default", text, to=[base])
            elif item.name in self.written.expected:
                text = "nothing can be built with this default, so the parameter is required"
                self.accounting.say([leaf], "adapted", "aib/empty-default", text, to=[base])
            elif item.sensitive:
                text = "a secure parameter keeps no default in the template: give the value when deploying"
                self.accounting.say([leaf], "adapted", "aib/secure-default", text, to=[base])
            else:
                self._default(item, leaf, f"{base}/defaultValue")
        self._validations(item, base)

    def _default(self, item: Input, leaf: Leaf, to: str) -> None:
        if item.name in self.written.bound:
            text = "made of other variables, whose values were bound when translating"
            self.accounting.say([leaf], "adapted", "aib/bound", text, to=[to])
        elif item.name in self.written.without_default:
            text = "its default cannot be said in a deployment, so the parameter is required"
            self.accounting.say([leaf], "approximated", "aib/empty-default", text, to=[to.rpartition("/")[0]])
        elif item.default is not None and reads_clock(item.default):
            self.accounting.say([leaf], "approximated", "aib/deploy-time", AT_DEPLOYMENT, to=[to])
        else:
            self.accounting.say([leaf], "exact", "aib/parameter", "", to=[to])

    def _validations(self, item: Input, base: str) -> None:
        allowed = allowed_values(item) is not None and base != ""
        for rule in item.validations:
            if allowed:
                self.accounting.say(leaves_of(rule), "exact", "aib/parameter", "", to=[f"{base}/allowedValues"])
            else:
                text = "checked when translating; a deployment does not check it"
                self.accounting.say(leaves_of(rule), "dropped", "aib/validation", text)

    def named(self, name: str, leaves: tuple[Leaf, ...]) -> None:
        variable = self.written.named.get(name)
        if variable is not None:
            self.accounting.say(leaves, "exact", "aib/variable", "", to=[f"/variables/{variable}"])
        else:
            self._unwritten(("named", name), leaves, "put in place where it is used")

    def data(self, data: DataSource) -> None:
        if data.value is None:
            advice = "what a data source finds is not asked for when translating (-allow-network asks one of type http)"
            self.accounting.say(leaves_of(data), "unsupported", "aib/data-source", advice)
        else:
            key = ("data", f"{data.type}.{data.name}")
            self._unwritten(key, tuple(leaves_of(data)), "what it gives is put in place where it is used")

    def _unwritten(self, key: tuple[str, str], leaves: tuple[Leaf, ...], text: str) -> None:
        left = [leaf for leaf in leaves if self.accounting.said(leaf) is None]
        kind = self.classes.get(key)
        if kind == "adapted" and key not in self.wanted:
            self.accounting.say(left, "adapted", "aib/not-needed", "used only by what Image Builder does itself")
        elif (key[1] in self.frozen and key[0] == "input") or kind in ("exact", "adapted", "approximated"):
            self.accounting.say(left, "adapted", "aib/bound", text)
        elif kind == "unsupported":
            self.accounting.say(left, "unsupported", "aib/unused", "used only by what Image Builder has no form of")
        else:
            self.accounting.say(left, "dropped", "aib/unused", "nothing that is written uses it")

    def envelope(self) -> None:
        """What an image template says around its settings; it is said again."""
        origin = self.plan.origin
        if origin is None or origin.format in ("hcl", "json"):
            return
        left = [leaf for leaf in origin.leaves if self.accounting.said(leaf) is None]
        left = [leaf for leaf in left if re.fullmatch(_ENVELOPE, leaf.path)]
        self.accounting.say(left, "exact", "aib/envelope", "said again by the output's own")

    def place(self, leaf: Leaf) -> None:
        if self.accounting.is_left_out(leaf):
            return
        for pattern, kind, code, text in _PLACES:
            if re.fullmatch(pattern, leaf.path):
                self.accounting.say([leaf], kind, code, text)
                return

    def places(self) -> None:
        """Leaves that no component holds."""
        places = [self.plan.leaves, *(group.leaves for group in self.plan.groups)]
        rest = [leaf for part in places for leaf in part]
        if self.plan.origin is not None:
            rest += self.plan.origin.leaves
        for leaf in rest:
            if self.accounting.said(leaf) is None:
                self.place(leaf)
        for group in self.plan.groups:
            self.say(group.opaque, "unsupported", "aib/unknown-option", "not a part of a build that bakelift knows")
        for leaf in self.unsaid(self.plan.opaque):
            self.place(leaf)
        self.say(self.plan.opaque, "dropped", "aib/unknown-block", "not a part of a template that bakelift knows")
