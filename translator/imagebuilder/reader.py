"""Reads Image Builder templates into a Plan: ARM deployment templates and bare resources."""

from __future__ import annotations

from bakelift.translator.diagnostics import fail
from bakelift.translator.imagebuilder.reader_leaves import LeafTable
from bakelift.translator.imagebuilder.reader_parameters import Parameters
from bakelift.translator.imagebuilder.reader_resource import read_resource
from bakelift.translator.imagebuilder.writer_resource import TYPE
from bakelift.translator.languages.json.nodes import Array, Object, Scalar
from bakelift.translator.languages.json.parser import parse_json
from bakelift.translator.plan.model import BuildGroup, Input, Origin, Plan
from bakelift.translator.plan.record import Record
from bakelift.translator.plan.types import STRING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from bakelift.translator.diagnostics import Diagnostics, SourceFile
    from bakelift.translator.files import Entry
    from bakelift.translator.imagebuilder.customizers import Customizer
    from bakelift.translator.imagebuilder.raising.staged import StagedFiles
    from bakelift.translator.imagebuilder.reader_resource import ReadImage
    from bakelift.translator.plan.expressions import Expr


class TemplateRead(Record):
    """``files``: scripts that the steps of the Plan name, by path: they stood in the template.

    ``folders``, ``executable``: as in :class:`~.raising.Raised`; ``covers``: the customizers of each step, by its id.
    """

    plan: Plan
    files: dict[str, bytes]
    folders: dict[str, tuple[Entry, ...]] = {}
    executable: frozenset[str] = frozenset()
    covers: Mapping[int, tuple[Customizer, ...]] = {}


def read_arm(file: SourceFile, path: str, diagnostics: Diagnostics, parameters_file: SourceFile | None = None) -> Plan:
    """The Plan of an Image Builder template; see :func:`read_template`."""
    return read_template(file, path, diagnostics, parameters_file).plan


def read_template(
    file: SourceFile,
    path: str,
    diagnostics: Diagnostics,
    parameters_file: SourceFile | None = None,
    staged: StagedFiles | None = None,
) -> TemplateRead:
    """The Plan of a deployment template or a bare resource, and the scripts that were in it.

    Comments, trailing commas and a byte order mark are accepted. ``parameters_file``: its values become the defaults of
    the inputs. ``staged``: what stands at the addresses of its files, as far as it is at hand.
    Raises TemplateError (``json/…``, ``arm/…``).
    """
    root = parse_json(file, lenient=True)
    if not isinstance(root, Object):
        raise fail("arm/no-template", "The file holds no Image Builder template", span=root.span)
    deployment = root.get("resources") is not None or root.get("$schema") is not None
    return read_document(root, "arm" if deployment else "resource", path, diagnostics, parameters_file, staged)


def read_document(
    root: Object,
    format: str,
    path: str,
    diagnostics: Diagnostics,
    parameters_file: SourceFile | None = None,
    staged: StagedFiles | None = None,
) -> TemplateRead:
    """As :func:`read_template`, for a document. ``format``: ``arm``, ``bicep`` (both are deployments), ``resource``."""
    resources = _resources(root)
    deployment = format != "resource"
    leaves = LeafTable(root)
    parameters = Parameters(root if deployment else Object(root.file, 0, 0, ()), leaves)
    if parameters_file is not None:
        _give_values(parameters, parameters_file)
    images = [read_resource(resource, parameters, leaves, deployment, diagnostics, staged) for resource in resources]
    read = _shared(images)
    directory = path.replace("\\", "/").rpartition("/")[0] or "."
    plan = Plan(
        inputs=(*parameters.inputs, *_in_vaults(read, parameters)),
        named=tuple(parameters.named),
        sources=tuple({(image.source.type, image.source.name): image.source for image in read}.values()),
        groups=_groups(read),
        origin=Origin(format, path, directory, leaves.all),
    )
    files: dict[str, bytes] = {}
    folders: dict[str, tuple[Entry, ...]] = {}
    for image in read:
        files.update(image.raised.files)
        folders.update(image.raised.folders)
    executable: frozenset[str] = frozenset().union(*(image.raised.executable for image in read))
    covers = {id(step): own for i in read for step, own in zip(i.raised.steps, i.raised.covers, strict=False)}
    return TemplateRead(plan, files, folders, executable, covers)


def _in_vaults(read: list[ReadImage], parameters: Parameters) -> list[Input]:
    """The variables whose values the template has in a vault instead of a parameter."""
    known = {item.name for item in parameters.inputs}
    names = sorted(frozenset().union(*(image.raised.secrets for image in read)) - known)
    return [Input(name, STRING, sensitive=True) for name in names]


def _resources(root: Object) -> list[Object]:
    """The image templates of a file."""
    listed = root.get("resources")
    if isinstance(listed, Object):
        candidates = [member.value for member in listed]
    elif isinstance(listed, Array):
        candidates = list(listed)
    else:
        candidates = [root]
    found = [node for node in candidates if isinstance(node, Object) and _is_template(node)]
    if not found:
        detail = f"None of its resources is of type {TYPE}."
        raise fail("arm/no-template", "The file holds no Image Builder template", detail, root.span)
    return found


def _is_template(node: Object) -> bool:
    type = node.get("type")
    if isinstance(type, Scalar) and isinstance(type.value, str):
        return type.value.lower() in (TYPE.lower(), TYPE.lower().partition("/")[0])
    properties = node.get("properties")
    return isinstance(properties, Object) and properties.get("source") is not None


def _shared(read: list[ReadImage]) -> list[ReadImage]:
    """Images of one source share it; where they differ, each use of it says what is its own."""
    by_name: dict[str, list[ReadImage]] = {}
    for image in read:
        by_name.setdefault(image.source.name, []).append(image)
    return [_sharing(image, by_name[image.source.name]) for image in read]


def _sharing(image: ReadImage, users: list[ReadImage]) -> ReadImage:
    first = users[0].source
    if len(users) == 1:
        return image
    common = {
        name: setting
        for name, setting in first.settings.items()
        if all(_says(user, name) == setting.value for user in users)
    }
    own = {name: setting for name, setting in image.source.settings.items() if name not in common}
    return image.but(source=first.but(settings=common), use=image.use.but(settings={**image.use.settings, **own}))


def _says(image: ReadImage, name: str) -> Expr | None:
    setting = image.source.settings.get(name)
    return None if setting is None else setting.value


def _groups(read: list[ReadImage]) -> tuple[BuildGroup, ...]:
    """Build groups: images of one build with the same steps share one."""
    groups: list[BuildGroup] = []
    for image in read:
        for index, group in enumerate(groups):
            if group.name == image.build and group.steps == image.raised.steps:
                groups[index] = group.but(sources=(*group.sources, image.use))
                break
        else:
            groups.append(BuildGroup(image.build, (image.use,), image.raised.steps))
    return tuple(groups)


def _give_values(parameters: Parameters, file: SourceFile) -> None:
    """Values of a parameters file become defaults; references to a key vault stay what they are."""
    from bakelift.translator.languages.arm import value_to_expr

    root = parse_json(file, lenient=True)
    values = root.get("parameters") if isinstance(root, Object) else None
    for index, item in enumerate(parameters.inputs):
        for member in values if isinstance(values, Object) else ():
            if member.key.lower() == item.name.lower() and isinstance(member.value, Object):
                value = member.value.get("value")
                if value is not None:
                    parameters.inputs[index] = item.but(default=value_to_expr(value, expressions=False))
