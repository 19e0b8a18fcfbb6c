"""A Plan as JSON (``inspect -json``), by ``schemas/plan.schema.json``.

An expression is ``{"kind", "hcl"}``: what it is, and its text in HCL's syntax (null where HCL has no words for it); a
literal has its ``value`` too. Names in it are Packer's: ``var.x``, ``local.x``, ``source.name``, ``build.ID``. What is
sensitive is ``{"kind", "hcl": null, "sensitive": true}``: its text stands nowhere.
"""

from __future__ import annotations

from bakelift.translator.plan.expressions import Expr, Literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bakelift.sessions import Session
    from bakelift.translator.diagnostics import Span
    from bakelift.translator.plan.images import Image
    from bakelift.translator.plan.model import (
        Body,
        BuildGroup,
        DataSource,
        Input,
        NamedValue,
        PostProcessor,
        Setting,
        Source,
        SourceUse,
        Step,
    )

    Json = dict[str, object]

_KINDS = {
    "Literal": "literal",
    "ListExpr": "list",
    "ObjectExpr": "object",
    "Template": "template",
    "Ref": "reference",
    "Index": "index",
    "Splat": "splat",
    "Call": "call",
    "Conditional": "conditional",
    "For": "for",
    "JoinedFor": "for",
    "Opaque": "text",
}


def plan_json(session: Session, images: Iterable[Image]) -> Json:
    """The whole Plan, and the images that were chosen."""
    plan = session.plan
    assert plan.origin is not None
    return {
        "version": 1,
        "origin": {"format": plan.origin.format, "path": plan.origin.path},
        "description": plan.description,
        "required_version": plan.required_version,
        "required_plugins": [{"name": r.name, "source": r.source, "version": r.version} for r in plan.required_plugins],
        "inputs": [_input(item, session) for item in plan.inputs],
        "named": [_named(item) for item in plan.named],
        "data": [_data(item) for item in plan.data],
        "sources": [_source(item) for item in plan.sources],
        "groups": [_group(item) for item in plan.groups],
        "images": [_image(image, session) for image in images],
        "diagnostics": [d.as_json() for d in session.diagnostics],
    }


def expression(expr: Expr, secret: bool = False) -> Json:
    from bakelift.translator.diagnostics import TemplateError
    from bakelift.translator.languages.hcl.printer import print_expr

    kind = _KINDS[type(expr).__name__]
    if secret and any(isinstance(node, Literal) and node.value not in ("", None) for node in expr.walk()):
        return {"kind": kind, "hcl": None, "sensitive": True}
    try:
        text: str | None = print_expr(expr, plugin_field=True)
    except TemplateError:
        text = None
    found: Json = {"kind": kind, "hcl": text}
    if isinstance(expr, Literal):
        value = expr.value
        found["value"] = value if value is None or isinstance(value, (str, bool, int)) else str(value)
    return found


def _settings(settings: Mapping[str, Setting], secrets: frozenset[str] = frozenset()) -> Json:
    return {name: expression(setting.value, name in secrets) for name, setting in settings.items()}


def _secrets(kind: str, type: str) -> frozenset[str]:
    """The options of a component whose values are not for showing."""
    from bakelift.translator.packer.checks_template import known_component

    known = known_component(kind, type)
    options = known.options.values() if known is not None else ()
    return frozenset(option.setting for option in options if option.secret or _sounds_secret(option.name))


def _sounds_secret(name: str) -> bool:
    return name.endswith(("password", "secret", "_token", "_jwt", "secret_key", "access_key"))


def _input(item: Input, session: Session) -> Json:
    from bakelift.translator.plan.json_text import value_to_json_text
    from bakelift.translator.plan.type_constraints import type_to_text

    found: Json = {
        "name": item.name,
        "type": type_to_text(item.type) if item.type is not None else None,
        "required": item.default is None,
        "default": expression(item.default, item.sensitive) if item.default is not None else None,
        "description": item.description,
        "sensitive": item.sensitive,
        "allowed": expression(item.allowed) if item.allowed is not None else None,
        "validations": [
            {"condition": expression(v.condition.value), "error_message": expression(v.error_message.value)}
            for v in item.validations
        ],
        "span": _span(item.span),
    }
    value = session.bindings.values.get(item.name)
    if value is not None:
        found["from"] = session.bindings.came_from.get(item.name, "default")
        if not (item.sensitive or value.sensitive) and value.wholly_known():
            import json

            try:
                found["value"] = json.loads(value_to_json_text(value))
            except ValueError:
                found["value"] = None  # infinity, which JSON has no word for
    return found


def _named(item: NamedValue) -> Json:
    value = expression(item.value, item.sensitive)
    return {"name": item.name, "value": value, "sensitive": item.sensitive, "span": _span(item.span)}


def _data(item: DataSource) -> Json:
    return {"type": item.type, "name": item.name, "body": _body(item.body), "span": _span(item.span)}


def _source(item: Source) -> Json:
    return {
        "type": item.type,
        "name": item.name,
        "settings": _settings(item.settings, _secrets("builder", item.type)),
        "opaque": _body(item.opaque),
        "span": _span(item.span),
    }


def _use(use: SourceUse) -> Json:
    return {
        "id": use.id,
        "type": use.type,
        "source": use.source,
        "name": use.local_name,
        "settings": _settings(use.settings, _secrets("builder", use.type)),
        "opaque": _body(use.opaque),
    }


def _group(group: BuildGroup) -> Json:
    return {
        "name": group.name,
        "description": group.description,
        "sources": [_use(use) for use in group.sources],
        "steps": [_step(step) for step in group.steps],
        "error_cleanup": _step(group.error_cleanup) if group.error_cleanup is not None else None,
        "post_processors": [[_post(post) for post in chain] for chain in group.post_processors],
        "opaque": _body(group.opaque),
        "span": _span(group.span),
    }


def _step(step: Step) -> Json:
    secrets = _secrets("provisioner", step.type)
    return {
        "type": step.type,
        "name": step.name,
        "only": _value(step.only),
        "except": _value(step.excepted),
        "override": {name: _settings(over, secrets) for name, over in step.override.items()},
        "settings": _settings(step.settings, secrets),
        "opaque": _body(step.opaque),
        "span": _span(step.span),
    }


def _post(post: PostProcessor) -> Json:
    return {
        "type": post.type,
        "name": post.name,
        "only": _value(post.only),
        "except": _value(post.excepted),
        "keep_input_artifact": _value(post.keep_input_artifact),
        "settings": _settings(post.settings, _secrets("post-processor", post.type)),
        "opaque": _body(post.opaque),
        "span": _span(post.span),
    }


def _body(body: Body) -> list[Json]:
    """What no table knows: attributes and blocks, in order."""
    from bakelift.translator.plan.model import Attribute

    found: list[Json] = []
    for entry in body.entries:
        if isinstance(entry, Attribute):
            value = expression(entry.setting.value, _sounds_secret(entry.name))
            found.append({"attribute": entry.name, "value": value})
        else:
            block: Json = {"block": entry.type, "labels": list(entry.labels), "body": _body(entry.body)}
            if entry.dynamic is not None:
                block["dynamic"] = _settings(entry.dynamic)
            found.append(block)
    return found


def _image(image: Image, session: Session) -> Json:
    return {
        "name": image.name,
        "id": image.id,
        "type": image.type,
        "source": image.source_name,
        "settings": _settings(image.settings, _secrets("builder", image.type)),
        "steps": [_step(step) for step in image.steps],
        "error_cleanup": _step(image.error_cleanup) if image.error_cleanup is not None else None,
        "post_processors": [[_post(post) for post in chain] for chain in image.post_processors],
        "needs": _needs(image, session),
    }


def _needs(image: Image, session: Session) -> Json:
    """What the image cannot be built without: values, files of this machine, and of Azure."""
    from bakelift.translator.plan.usage import inputs_used

    found: Json = {"inputs": list(inputs_used(session.plan, [image])), "files": _files(image, session), "azure": None}
    if image.type == "azure-arm":
        found["azure"] = _azure(image, session)
    return found


def _files(image: Image, session: Session) -> list[str]:
    """Paths that steps name, where they are known."""
    from bakelift.runner.settings import Settings
    from bakelift.translator.diagnostics import TemplateError
    from bakelift.translator.packer.checks_template import known_component

    scope = session.scope()
    found: dict[str, None] = {}
    for step in image.steps:
        known = known_component("provisioner", step.type)
        settings = Settings(step.settings, scope)
        for option in known.options.values() if known is not None else ():
            if option.file and settings.has(option.setting):
                try:
                    found.update(dict.fromkeys(settings.texts(option.setting)))
                except TemplateError:
                    continue  # it depends on what nobody knows yet
    return [path for path in found if path]


def _azure(image: Image, session: Session) -> Json:
    from bakelift.translator.diagnostics import Diagnostics, TemplateError
    from bakelift.translator.plan.azure_view import azure_image
    from bakelift.translator.plan.binding import StructureBinder

    told = Diagnostics()
    try:
        view = azure_image(image, StructureBinder(session.plan, session.bindings, image, session.loaded.files), told)
    except TemplateError as error:
        told.extend(error.diagnostics)
        return {"problems": [d.as_json() for d in told]}
    kinds = {
        "PlatformImage": "marketplace",
        "ManagedImageSource": "managed-image",
        "GallerySource": "gallery",
        "VhdSource": "vhd",
        "ManagedImageOutput": "managed-image",
        "GalleryOutput": "gallery",
        "VhdOutput": "vhd",
    }
    return {
        "os_type": view.os_type,
        "source": kinds[type(view.source).__name__] if view.source is not None else None,
        "destinations": [kinds[type(output).__name__] for output in view.outputs],
        "location": _value(view.location),
        "vm_size": _value(view.vm_size),
        "own_network": view.network is not None,
        "problems": [d.as_json() for d in told],
    }


def _value(setting: Setting | None) -> Json | None:
    return expression(setting.value) if setting is not None else None


def _span(span: Span | None) -> Json | None:
    return span.as_json() if span is not None else None
