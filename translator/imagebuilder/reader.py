"""Reads Image Builder templates into a Plan: ARM deployment templates and bare resources."""

from __future__ import annotations

from bakelift.translator.diagnostics import fail
from bakelift.translator.imagebuilder.reader_checks import check_names
from bakelift.translator.imagebuilder.reader_envelope import Envelope
from bakelift.translator.imagebuilder.reader_images import Images, is_image_template
from bakelift.translator.imagebuilder.reader_leaves import LeafTable
from bakelift.translator.imagebuilder.reader_parameters import Parameters
from bakelift.translator.imagebuilder.reader_resource import ResourceReader
from bakelift.translator.imagebuilder.rest import REST
from bakelift.translator.languages.json.nodes import Computed, Object
from bakelift.translator.languages.json.parser import parse_json
from bakelift.translator.plan.model import Body, BuildGroup, Input, Origin, Plan
from bakelift.translator.plan.record import Record
from bakelift.translator.plan.types import STRING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bakelift.translator.diagnostics import Diagnostics, SourceFile
    from bakelift.translator.files import Entry
    from bakelift.translator.imagebuilder.customizers import Customizer
    from bakelift.translator.imagebuilder.raising.staged import StagedFiles
    from bakelift.translator.imagebuilder.reader_resource import ReadImage
    from bakelift.translator.languages.json.nodes import Node
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


def read_arm(file: SourceFile, path: str, diagnostics: Diagnostics) -> Plan:
    """The Plan of an Image Builder template; see :func:`read_template`."""
    return read_template(file, path, diagnostics).plan


def read_template(
    file: SourceFile,
    path: str,
    diagnostics: Diagnostics,
    parameters_files: Sequence[SourceFile] = (),
    staged: StagedFiles | None = None,
) -> TemplateRead:
    """The Plan of a deployment template or a bare resource, and the scripts that were in it.

    Comments, trailing commas and a byte order mark are accepted. ``parameters_files``: their values decide
    what parts the images have, where parameters do. ``staged``: what stands at the addresses of its files, as far as it
    is at hand.
    Raises TemplateError (``json/…``, ``arm/…``).
    """
    root = _body(parse_json(file, lenient=True))
    if not isinstance(root, Object):
        raise fail("arm/no-template", "The file holds no Image Builder template", span=root.span)
    deployment = root.get("resources") is not None or root.get("$schema") is not None
    return read_document(root, "arm" if deployment else "resource", path, diagnostics, parameters_files, staged)


def read_document(
    root: Object,
    format: str,
    path: str,
    diagnostics: Diagnostics,
    parameters_files: Sequence[SourceFile] = (),
    staged: StagedFiles | None = None,
) -> TemplateRead:
    """As :func:`read_template`, for a document. ``format``: ``arm``, ``bicep`` (both are deployments), ``resource``."""
    deployment = format != "resource"
    leaves = LeafTable(root)
    given = {name: node for file in parameters_files for name, node in values(file).items()}
    found = Images(root, deployment, leaves, diagnostics, given)
    whole = found.template()
    resources = found.found()
    parameters = Parameters(whole if deployment else Object(root.file, 0, 0, ()), leaves)
    managed = found.managed_images()
    images = [
        ResourceReader(image.resource, parameters, leaves, deployment, diagnostics, staged, managed).read()
        for image in resources
    ]
    check_names(parameters, diagnostics)
    read = _shared(_named_apart(images))
    opaque = (
        Envelope(root, [i.came_from for i in resources], [i.beside for i in images], parameters, leaves).body()
        if deployment
        else Body()
    )
    directory = path.replace("\\", "/").rpartition("/")[0] or "."
    plan = Plan(
        inputs=(*parameters.inputs, *parameters.placeholders.inputs.values(), *_in_vaults(read, parameters)),
        named=tuple(parameters.named),
        sources=tuple({(image.source.type, image.source.name): image.source for image in read}.values()),
        groups=_groups(read),
        opaque=opaque,
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


def _body(root: Node) -> Node:
    """The template of an example request of the service's API, which stands among the request's parameters."""
    request = root.get("parameters") if isinstance(root, Object) else None
    for member in request if isinstance(request, Object) else ():
        if isinstance(member.value, Object) and is_image_template(member.value):
            return member.value
    return root


def _named_apart(read: list[ReadImage]) -> list[ReadImage]:
    """Image templates of others, whose names may be known at deployment only, each with a source name of its own."""
    taken: set[str] = set()
    found = []
    for image in read:
        name, number = image.source.name, 2
        while REST in image.source.settings and name in taken:
            name, number = f"{image.source.name}-{number}", number + 1
        taken.add(name)
        if name != image.source.name:
            image = image.but(source=image.source.but(name=name), use=image.use.but(source=name))  # noqa: PLW2901
        found.append(image)
    return found


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


def values(file: SourceFile) -> dict[str, Node]:
    """The values of a parameters file, of ARM's or of Bicep's; references to a key vault are none."""
    if file.path.endswith(".bicepparam"):
        from bakelift.translator.languages.bicep.parameters import given_values

        return {name: Computed.of(value, span) for name, value, span in given_values(file)}
    root = parse_json(file, lenient=True)
    listed = root.get("parameters") if isinstance(root, Object) else None
    found = {}
    for member in listed if isinstance(listed, Object) else ():
        value = member.value.get("value") if isinstance(member.value, Object) else None
        if value is not None:
            found[member.key] = value
    return found
