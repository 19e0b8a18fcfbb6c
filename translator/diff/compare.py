"""What changes in the images between two Plans of one format."""

from __future__ import annotations

from bakelift.translator.diff.classes import of_setting
from bakelift.translator.diff.matching import match
from bakelift.translator.diff.model import Change
from bakelift.translator.diff.steps import StepsComparer
from bakelift.translator.diff.symbols import SymbolsComparer, Use, symbols_of
from bakelift.translator.diff.values import Context, Meaning, SettingsComparer
from bakelift.translator.imagebuilder.consequences import of_setting as consequence_of
from bakelift.translator.plan.expressions import Literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bakelift.translator.diagnostics import Span
    from bakelift.translator.diff.sides import Side
    from bakelift.translator.packer.tables.rows import Option
    from bakelift.translator.plan.model import BuildGroup, Setting, Source, SourceUse


def compare(a: Side, b: Side) -> tuple[Change, ...]:
    """Every change between two sides, in the order of the new template; what weakens an image says so."""
    from bakelift.translator.diff.by_leaf import by_leaf
    from bakelift.translator.diff.security import judged

    return by_leaf(judged(_Comparer(a, b).run()))


class _Comparer:
    def __init__(self, a: Side, b: Side) -> None:
        self.a = a
        self.b = b
        self.settings = SettingsComparer(a, b)
        self.steps = StepsComparer(a, b, self.settings, "provisioner")
        self.posts = StepsComparer(a, b, self.settings, "post-processor")

    def run(self) -> Iterator[Change]:
        yield from SymbolsComparer(self.a, self.b, uses_of).compare()
        if not self.settings.lifted:
            yield from self.template()
        yield from self.data()
        yield from self.sources()
        yield from self.groups()

    def template(self) -> Iterator[Change]:
        """What the template says of itself."""
        old, new = self.a.plan, self.b.plan
        facts = {
            "description": (old.description, new.description),
            "required_version": (old.required_version, new.required_version),
            "required_plugins": (_plugins(self.a), _plugins(self.b)),
        }
        for name, (before, after) in facts.items():
            if before != after:
                yield Change(
                    kind="changed" if before and after else "added" if after else "removed",
                    code="diff/template",
                    kind_of="cosmetic" if name == "description" else "metadata",
                    severity="info" if name == "description" else "low",
                    consequence="none",
                    path=name if name == "description" else f"packer.{name}",
                    summary=name.replace("_", " "),
                    before=before,
                    after=after,
                    span=_template_span(self.b if after else self.a, name),
                    old_span=_template_span(self.a, name),
                )

    # -- sources ------------------------------------------------------------------------------------------------------

    def sources(self) -> Iterator[Change]:
        old, new = self.a.plan.sources, self.b.plan.sources
        found = match(old, new, (lambda s: s.id,), lambda s: s.type)
        for index in found.removed:
            yield self.whole_source("removed", old[index], self.a)
        partner = {second: first for first, second in found.pairs}
        for index, source in enumerate(new):
            if index not in partner:
                yield self.whole_source("added", source, self.b)
                continue
            before = old[partner[index]]
            context = source_context(source, before)
            if before.name != source.name and not self.settings.lifted and _named_by_author(self.b):
                yield self.renamed(before, source)
            yield from self.settings.compare(before.settings, source.settings, context)
            from bakelift.translator.diff.bodies import compare_bodies

            yield from compare_bodies(before.opaque, source.opaque, self.settings, context)

    def whole_source(self, kind: str, source: Source, side: Side) -> Change:
        added = kind == "added"
        first = next((s.leaves for s in source.settings.values() if s.leaves), ())
        place = side.place(source.leaves or first, source.span, f"source.{source.id}")
        return Change(
            kind="added" if added else "removed",
            code="diff/source-added" if added else "diff/source-removed",
            kind_of="source",
            severity="high",
            consequence="re-create",
            path=f"source.{source.id}",
            summary=f"source {source.id}",
            before=None if added else source.id,
            after=source.id if added else None,
            span=source.span if side.whence is None else place.span,
            old_span=None if added else source.span,
        )

    def renamed(self, old: Source, new: Source) -> Change:
        place = self.b.place((), new.span, f"source.{new.id}")
        return Change(
            kind="renamed",
            code="diff/renamed",
            kind_of="metadata",
            severity="low",
            consequence="none",
            path=f"source.{new.id}",
            summary=f"source {new.id}: name",
            before=Literal(old.name),
            after=Literal(new.name),
            span=place.span,
            old_span=old.span,
        )

    # -- builds -------------------------------------------------------------------------------------------------------

    def groups(self) -> Iterator[Change]:
        old, new = self.a.plan.groups, self.b.plan.groups
        keys = (
            lambda g: (g.name, tuple(sorted(use.id for use in g.sources))),
            lambda g: g.name,
            lambda g: tuple(sorted(use.id for use in g.sources)),
        )
        found = match(old, new, keys, lambda _: "")
        for index in found.removed:
            yield self.whole_group("removed", old[index], index, self.a)
        partner = {second: first for first, second in found.pairs}
        for index, group in enumerate(new):
            if index in partner:
                yield from self.group(old[partner[index]], group, f"build[{index}]")
            else:
                yield self.whole_group("added", group, index, self.b)

    def whole_group(self, kind: str, group: BuildGroup, index: int, side: Side) -> Change:
        added = kind == "added"
        name = group.name or ", ".join(use.id for use in group.sources)
        return Change(
            kind="added" if added else "removed",
            code="diff/build-added" if added else "diff/build-removed",
            kind_of="source",
            severity="high",
            consequence="re-create",
            path=f"build[{index}]",
            summary=f"build {name}, with {len(group.steps)} steps",
            before=None if added else name,
            after=name if added else None,
            span=group.span if side.whence is None else None,
        )

    def group(self, old: BuildGroup, new: BuildGroup, path: str) -> Iterator[Change]:
        facts = (("name", old.name, new.name), ("description", old.description, new.description))
        for name, before, after in facts:
            if before != after:
                place = self.b.place([leaf for leaf in new.leaves if leaf.path.endswith(f".{name}")], new.span, path)
                yield Change(
                    kind="changed" if before and after else "added" if after else "removed",
                    code="diff/changed",
                    kind_of="metadata" if name == "name" else "cosmetic",
                    severity="low" if name == "name" else "info",
                    consequence="none",
                    path=place.path if place.path != path else f"{path}.{name}",
                    summary=f"build: {name}",
                    before=_literal(before),
                    after=_literal(after),
                    span=place.span,
                    old_span=old.span,
                )
        yield from self.uses(old, new, path)
        yield from self.steps.compare(old.steps, new.steps, f"{path}.provisioner")
        yield from self.cleanup(old, new, path)
        yield from self.chains(old, new, path)
        from bakelift.translator.diff.bodies import compare_bodies

        yield from compare_bodies(old.opaque, new.opaque, self.settings, build_context(path, old, new))

    def uses(self, old: BuildGroup, new: BuildGroup, path: str) -> Iterator[Change]:
        """Which sources a build builds, and what it sets of them."""
        found = match(
            old.sources, new.sources, (lambda u: (u.id, u.source), lambda u: u.id, lambda u: u.source), lambda u: u.type
        )
        for index in found.removed:
            yield self.whole_use("removed", old.sources[index], old, path, self.a)
        partner = {second: first for first, second in found.pairs}
        for index, use in enumerate(new.sources):
            if index not in partner:
                yield self.whole_use("added", use, new, path, self.b)
                continue
            before = old.sources[partner[index]]
            source = self.b.plan.source(use.type, use.source)
            context = source_context(source, None) if source is not None else build_context(path, old, new)
            context = context.but(path=f"{path}.source.{use.id}", old_span=before.span, new_span=use.span)
            yield from self.settings.compare(before.settings, use.settings, context)

    def whole_use(self, kind: str, use: SourceUse, group: BuildGroup, path: str, side: Side) -> Change:
        added = kind == "added"
        place = side.place([leaf for leaf in group.leaves if leaf.path.endswith(".sources")], use.span, path)
        return Change(
            kind="added" if added else "removed",
            code="diff/image-added" if added else "diff/image-removed",
            kind_of="source",
            severity="high",
            consequence="re-create",
            path=place.path,
            summary=f"image {use.id}",
            before=None if added else use.id,
            after=use.id if added else None,
            span=(use.span or group.span or place.span) if side.whence is None else place.span,
        )

    def cleanup(self, old: BuildGroup, new: BuildGroup, path: str) -> Iterator[Change]:
        before = (old.error_cleanup,) if old.error_cleanup is not None else ()
        after = (new.error_cleanup,) if new.error_cleanup is not None else ()
        for change in self.steps.compare(before, after, f"{path}.error-cleanup-provisioner"):
            # It runs when a build has failed: nothing of an image comes from it.
            yield change.but(kind_of="metadata", severity="low", consequence="none")

    def chains(self, old: BuildGroup, new: BuildGroup, path: str) -> Iterator[Change]:
        found = match(
            old.post_processors,
            new.post_processors,
            (lambda chain: tuple((p.type, p.name) for p in chain),),
            lambda _: "",
        )
        partner = {second: first for first, second in found.pairs}
        for index in found.removed:
            yield from self.posts.compare(old.post_processors[index], (), f"{path}.post-processors[{index}]")
        for index, chain in enumerate(new.post_processors):
            before = old.post_processors[partner[index]] if index in partner else ()
            yield from self.posts.compare(before, chain, f"{path}.post-processors[{index}]")

    # -- data sources -------------------------------------------------------------------------------------------------

    def data(self) -> Iterator[Change]:
        from bakelift.translator.diff.bodies import compare_bodies

        old = {(item.type, item.name): item for item in self.a.plan.data}
        new = {(item.type, item.name): item for item in self.b.plan.data}
        for key in {**old, **new}:
            before, after = old.get(key), new.get(key)
            name = ".".join(key)
            context = Context(f"data.{name}", f"data source {name}", _of_data, {})
            if before is not None and after is not None:
                context = context.but(old_span=before.span, new_span=after.span)
                yield from compare_bodies(before.body, after.body, self.settings, context)
                continue
            item = after or before
            assert item is not None
            yield Change(
                kind="added" if before is None else "removed",
                code="diff/data",
                kind_of="source",
                severity="medium",
                consequence="re-create",
                path=f"data.{name}",
                summary=f"data source {name}",
                before=None if before is None else name,
                after=None if after is None else name,
                span=item.span,
            )


# -- what a setting means --------------------------------------------------------------------------------------------


def source_context(source: Source, old: Source | None) -> Context:
    """The context of a source's settings."""
    azure = source.type == "azure-arm"

    def meaning(name: str, removed: bool) -> Meaning:
        if not azure and source.type != "null":
            return Meaning("source", "medium", "none")
        kind, severity = of_setting(name)
        return Meaning(kind, severity, consequence_of(name, removed) if azure else "none")

    return Context(
        path=f"source.{source.id}",
        title=source.id,
        meaning=meaning,
        options=_options(source.type),
        old_span=old.span if old is not None else None,
        new_span=source.span,
    )


def build_context(path: str, old: BuildGroup, new: BuildGroup) -> Context:
    return Context(path, "build", lambda *_: Meaning("metadata", "low", "none"), {}, old.span, new.span)


def _of_data(_name: str, _removed: bool) -> Meaning:
    return Meaning("source", "medium", "re-create")


def _options(type: str) -> Mapping[str, Option]:
    from bakelift.translator.packer.tables import component

    known = component("builder", type)
    return {option.setting: option for option in known.options.values()} if known is not None else {}


def uses_of(side: Side) -> dict[tuple[str, str], list[Use]]:
    """What takes its value from each variable and named value, through named values too."""
    found: dict[tuple[str, str], list[Use]] = {}
    through: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for item in side.plan.named:
        for symbol in symbols_of(item.value):
            through.setdefault(symbol, set()).add(("named", item.name))
    for use, setting in _all_settings(side):
        for symbol in symbols_of(setting.value):
            found.setdefault(symbol, []).append(use)
    whole: dict[tuple[str, str], list[Use]] = {}
    names = [("input", item.name) for item in side.plan.inputs] + [("named", item.name) for item in side.plan.named]
    for symbol in names:
        seen = {symbol}
        waiting = [symbol]
        while waiting:
            new = through.get(waiting.pop(), set()) - seen
            seen |= new
            waiting += new
        uses = {use: None for one in sorted(seen) for use in found.get(one, ())}
        if uses:
            whole[symbol] = list(uses)
    return whole


def _all_settings(side: Side) -> Iterator[tuple[Use, Setting]]:
    from bakelift.translator.diff.classes import of_step_setting
    from bakelift.translator.plan.model import Setting as Said
    from bakelift.translator.plan.usage import held

    for source in side.plan.sources:
        context = source_context(source, None)
        for name, setting in source.settings.items():
            meaning = context.meaning(name, False)
            path = side.place_of(setting, f"source.{source.id}.{name}").path
            yield Use(path, meaning.kind, meaning.severity, meaning.consequence), setting
        for setting in held(source.opaque, Said):
            yield Use(side.place_of(setting, f"source.{source.id}").path, "source", "medium", "none"), setting
    for index, group in enumerate(side.plan.groups):
        for number, step in enumerate(group.steps):
            for name, setting in step.settings.items():
                kind, severity = of_step_setting(name)
                place = side.place(setting.leaves or step.leaves, None, f"build[{index}].provisioner[{number}].{name}")
                yield Use(place.path, kind, severity, "re-create"), setting
        parts = (group.post_processors, group.error_cleanup, [use.settings for use in group.sources])
        for part in parts:
            for setting in held(tuple(part) if isinstance(part, list) else part, Said):
                yield Use(side.place_of(setting, f"build[{index}]").path, "metadata", "low", "none"), setting


def _named_by_author(side: Side) -> bool:
    """Whether sources have names: those of an image template are made up from what it makes."""
    origin = side.plan.origin
    return origin is None or origin.format in ("hcl", "json")


def _plugins(side: Side) -> str:
    return ", ".join(
        " ".join(part for part in (item.source or item.name, item.version) if part)
        for item in sorted(side.plan.required_plugins, key=lambda item: item.name)
    )


def _template_span(side: Side, name: str) -> Span | None:
    return next((leaf.span for leaf in side.plan.leaves if name in leaf.path), None)


def _literal(text: str | None) -> Literal | None:
    return None if text is None else Literal(text)
