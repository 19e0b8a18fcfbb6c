"""The options of a translation, from the command line, and where that says nothing from ``bakelift.toml``."""

from __future__ import annotations

from bakelift.arguments import Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.arguments import Parsed
    from bakelift.configuration import Configuration
    from bakelift.sessions import Session
    from bakelift.staging import ByGit, ByUrl
    from bakelift.translator.imagebuilder.arranging import Arrangement


def said(session: Session, parsed: Parsed, name: str) -> str | None:
    """A text option: of the command line, else of the table ``image-builder``."""
    given = parsed.text(name)
    if given is None and session.configuration is not None:
        return session.configuration.image_builder(name)
    return given


def template_name(session: Session, parsed: Parsed) -> str:
    """What image templates are called: ``{name}`` stands for the name that they would have."""
    shared = session.configuration.image_builder("template-name") if session.configuration is not None else None
    name = shared or "{name}"
    if "{name}" not in name:
        from bakelift.translator.diagnostics import fail

        raise fail("config/type", f"template-name is {name!r}", "It has to have {name} in it, or all had one name.")
    if not parsed.flag("parallel-run"):
        return name
    from bakelift.translator.imagebuilder.arranging import PARALLEL_SUFFIX

    return name + PARALLEL_SUFFIX


def arrangement(session: Session, parsed: Parsed) -> Arrangement | None:
    """Other galleries and regions, whether both pipelines run, and whether versions are counted up; None where nothing
    of it is said.
    """
    shared = session.configuration
    parallel, numbered = parsed.flag("parallel-run"), parsed.flag("trigger")
    if not parallel and not numbered and not _maps(shared):
        return None
    from bakelift.translator.imagebuilder.arranging import Arrangement, Gallery
    from bakelift.translator.imagebuilder.names import region

    data = shared.data if shared is not None else {}
    galleries = {
        name: Gallery(other["name"], other.get("resource-group"), other.get("subscription"))
        for name, other in data.get("galleries", {}).items()
    }
    regions = {region(name): region(other) for name, other in data.get("regions", {}).items()}
    return Arrangement(galleries, regions, parallel, numbered)


def _maps(shared: Configuration | None) -> bool:
    return shared is not None and bool(shared.data.get("galleries") or shared.data.get("regions"))


def vault(session: Session, parsed: Parsed) -> str | None:
    """The Key Vault of -secrets."""
    text = parsed.text("secrets") if parsed.flag("allow-secrets-inline") else said(session, parsed, "secrets")
    if text is None:
        return None
    from bakelift.translator.imagebuilder.lowering.vault import NAME

    kind, _, name = text.partition(":")
    if kind != "keyvault" or not NAME.fullmatch(name):
        raise Usage(f"-secrets takes keyvault:NAME, with the name of a Key Vault, not {text}")
    if parsed.flag("allow-secrets-inline"):
        raise Usage("-secrets and -allow-secrets-inline say different things of the same values: choose one")
    return name


def staging(session: Session, parsed: Parsed, uploads: bool = False) -> ByUrl | ByGit | None:
    """Where scripts and uploads go, as -scripts says. ``uploads``: the command uploads them itself."""
    where = said(session, parsed, "scripts") or "inline"
    if where == "inline":
        return None
    from bakelift.staging import ByGit, ByUrl

    if where == "git":
        from bakelift.repository import Repository

        return ByGit(Repository(_directory(session)), session.diagnostics)
    if "://" not in where:
        raise Usage(f"-scripts takes inline, git or an address, not {where}")
    if not uploads and parsed.text("out") is None:
        raise Usage("-scripts URL writes the files that are to be uploaded: -out DIR/ or -out FILE.json says where")
    return ByUrl(where)


def _directory(session: Session) -> str:
    origin = session.plan.origin
    return origin.directory if origin is not None and origin.directory else "."
