"""What an image template lacks, or says twice: told where it stands, since what is read of it would be something else.

Source: Microsoft.VirtualMachineImages schemas, and the service's own error codes (NoCustomizerScript, BadSourceType).
"""

from __future__ import annotations

from bakelift.translator.languages.json.nodes import Array, Object, Scalar
from bakelift.translator.plan.suggest import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.diagnostics import Diagnostics
    from bakelift.translator.imagebuilder.reader_parameters import Parameters

#: Types of a source, with the properties that it cannot do without.
_SOURCES = {
    "PlatformImage": ("publisher", "offer", "sku"),
    "ManagedImage": ("imageId",),
    "SharedImageVersion": ("imageVersionId",),
    "ISO": ("sourceUri",),
}


def check_image(resource: Object, diagnostics: Diagnostics) -> None:
    """Adds an error for each part that an image template must have and has not, or has too many of."""
    properties = resource.get("properties")
    if not isinstance(properties, Object):
        diagnostics.error("arm/source", "The image template has no properties", "", resource.span)
        return
    source = properties.get("source")
    if source is None:
        detail = "source says which image to begin with: a PlatformImage, a ManagedImage or a SharedImageVersion."
        diagnostics.error("arm/source", "The image template has no source", detail, properties.span)
    elif isinstance(source, Object):
        _source(source, diagnostics)
    outputs = properties.get("distribute")
    if outputs is None or (isinstance(outputs, Array) and not outputs.items):
        detail = "distribute says where the image goes: Image Builder wants one destination at least."
        span = properties.span if outputs is None else outputs.span
        diagnostics.error("arm/no-distribution", "The image template distributes its image to nowhere", detail, span)
    customizers = properties.get("customize")
    for item in customizers if isinstance(customizers, Array) else ():
        if isinstance(item, Object):
            _customizer(item, diagnostics)


def _source(source: Object, diagnostics: Diagnostics) -> None:
    type = source.get("type")
    said = type.value if isinstance(type, Scalar) else None
    if type is None or (isinstance(said, str) and said not in _SOURCES and not said.startswith("[")):
        what = "The source has no type" if type is None else f"{said!r} is no type of source"
        detail = f"The types are {', '.join(list(_SOURCES)[:3])}." + did_you_mean(str(said or ""), _SOURCES)
        diagnostics.error("arm/source", what, detail, source.span if type is None else type.span)
        return
    for name in _SOURCES.get(str(said), ()):
        if source.get(name) is None:
            diagnostics.error("arm/source", f"A source of type {said} needs {name}", "", source.span)


def _customizer(item: Object, diagnostics: Diagnostics) -> None:
    type = item.get("type")
    said = type.value if isinstance(type, Scalar) else None
    if said in ("Shell", "PowerShell"):
        inline, uri = item.member("inline"), item.member("scriptUri")
        if inline is not None and uri is not None:
            detail = "Image Builder takes one of them: the lines themselves, or the address of a script."
            diagnostics.error("arm/script", f"A {said} customizer has inline and scriptUri", detail, uri.span)
        elif inline is None and uri is None:
            detail = "It needs inline, the lines of a script, or scriptUri, the address of one."
            diagnostics.error("arm/script", f"A {said} customizer has no script", detail, item.span)
    elif said == "File":
        for name in ("sourceUri", "destination"):
            if item.get(name) is None:
                diagnostics.error("arm/script", f"A File customizer needs {name}", "", item.span)


def check_names(parameters: Parameters, diagnostics: Diagnostics) -> None:
    """Adds an error for each parameter or variable that an expression names and the template does not declare."""
    declared = {kind: [name for k, name in parameters.spelling.items() if k[0] == kind] for kind in ("input", "named")}
    for node in parameters.unknown:
        word = "parameter" if node.kind == "input" else "variable"
        detail = "Azure would refuse the deployment." + did_you_mean(node.name, declared[node.kind])
        diagnostics.error("arm/undeclared", f"The template declares no {word} {node.name}", detail, node.span)
