"""``translate -fetch``: what an image template names by address is fetched, and lies beside the Packer template.

Image Builder fetches scripts and files when a template is submitted; without this option the Packer steps fetch them at
each build. Only https is asked (http on loopback addresses, for tests), and a checksum that the template says is held
against what came.
"""

from __future__ import annotations

from bakelift.translator.diagnostics import TemplateError, fail
from bakelift.translator.files import DictFiles
from bakelift.translator.imagebuilder.customizers import File, PowerShell, Shell
from bakelift.translator.imagebuilder.lowering.download import recognised
from bakelift.translator.imagebuilder.lowering.gotext import parse_command
from bakelift.translator.plan.expressions import ListExpr, Literal, Ref, template
from bakelift.translator.plan.model import Setting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from urllib.request import OpenerDirector

    from bakelift.sessions import Session
    from bakelift.translator.diagnostics import Diagnostics, Span
    from bakelift.translator.imagebuilder.customizers import Customizer
    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.plan.model import Step

#: Seconds to wait for an answer, and how long it may be.
TIMEOUT = 60
LARGEST = 64 * 1024 * 1024

#: As Image Builder runs a script that it fetched: as root, with the script's own shebang.
_AS_ROOT = "chmod +x {{.Path}}; {{.Vars}} sudo -E {{.Path}}"


def fetch(session: Session) -> None:
    """Gives the session's Plan the files themselves, in the place of steps that download them.

    What cannot be fetched is an error among the session's diagnostics: ``fetch/failed``, ``fetch/address``,
    ``fetch/checksum``. An address that is not known yet (``fetch/not-known``, a warning) stays with the build.
    """
    work = _Fetcher(session.diagnostics)
    plan = session.plan
    groups = [group.but(steps=tuple(work.step(step) for step in group.steps)) for group in plan.groups]
    session.loaded.plan = plan.but(groups=tuple(groups))
    before = session.loaded.scripts
    if work.files:
        session.loaded.scripts = DictFiles(
            {**(before.files if before is not None else {}), **work.files},
            folders=before.folders if before is not None else None,
            executable=before.executable if before is not None else frozenset(),
        )


class _Fetcher:
    def __init__(self, diagnostics: Diagnostics) -> None:
        self.diagnostics = diagnostics
        self.files: dict[str, bytes] = {}
        self._opener: OpenerDirector | None = None

    def step(self, step: Step) -> Step:
        inline = step.settings.get("inline")
        if inline is None or not isinstance(inline.value, ListExpr) or step.type not in ("shell", "powershell"):
            return step
        found = recognised(inline.value.items, step.type == "powershell")
        address = _address(found)
        if found is None or address is None:
            return step
        span = inline.span or step.span
        if not isinstance(address, Literal):
            self.diagnostics.warning(
                "fetch/not-known",
                f"The address of {step.name or 'a file'} is not known when translating",
                "The step fetches it at each build. Give the value with -var to have it beside the template.",
                span,
            )
            return step
        try:
            data = self.get(str(address.value), span)
            self.check(found, data, span)
        except TemplateError as problem:
            self.diagnostics.extend(problem.diagnostics)
            return step
        return self.rewritten(step, found, str(address.value), data, inline)

    def rewritten(self, step: Step, found: Customizer, address: str, data: bytes, inline: Setting) -> Step:
        """The step with the file that was fetched."""
        rest = {name: setting for name, setting in step.settings.items() if name != "inline"}
        place = self.place(address, data, "files" if isinstance(found, File) else "scripts")
        where = template([Ref("path", "root"), Literal(f"/{place}")])
        path = Setting(where, inline.leaves, (f"From {_shown(address)}",))
        if isinstance(found, File):
            assert found.destination is not None
            return step.but(type="file", settings={"source": path, "destination": Setting(found.destination)})
        if isinstance(found, Shell):
            rest["execute_command"] = Setting(parse_command(_AS_ROOT))
        return step.but(settings={"script": path, **rest})

    def place(self, address: str, data: bytes, folder: str) -> str:
        """Where a file lies: under its name in the address, numbered where another has that name."""
        from urllib.parse import unquote, urlsplit

        base = unquote(urlsplit(address).path).rstrip("/").rpartition("/")[2].replace("\\", "_")
        base = "".join(c if c.isalnum() or c in "._-+ " else "_" for c in base).strip(". ") or "file"
        name, number = f"{folder}/{base}", 2
        while self.files.get(name, data) != data:
            name, number = f"{folder}/{number}-{base}", number + 1
        self.files[name] = data
        return name

    def check(self, found: Customizer, data: bytes, span: Span | None) -> None:
        from hashlib import sha256

        wanted = getattr(found, "sha256_checksum", None)
        if isinstance(wanted, Literal) and str(wanted.value).lower() != sha256(data).hexdigest():
            detail = f"The template says sha256 {wanted.value}, and what came has {sha256(data).hexdigest()}."
            raise fail("fetch/checksum", "What was fetched is not what the template means", detail, span)

    def get(self, address: str, span: Span | None) -> bytes:
        from http.client import HTTPException
        from urllib.error import HTTPError

        if not _may_ask(address):
            detail = "Only https addresses are fetched. Make the file available there, or put it beside the template."
            raise fail("fetch/address", f"{_shown(address)} is not fetched", detail, span)
        try:
            with self.opener().open(address, timeout=TIMEOUT) as answer:
                data: bytes = answer.read(LARGEST + 1)
        except HTTPError as problem:
            detail = f"The server answers {problem.code}."
            raise fail("fetch/failed", f"{_shown(address)} cannot be fetched", detail, span) from None
        except (OSError, HTTPException, ValueError) as problem:
            reason = str(getattr(problem, "reason", None) or problem).replace(address, "it")
            raise fail("fetch/failed", f"{_shown(address)} cannot be fetched", f"{reason}.", span) from None
        if len(data) > LARGEST:
            detail = f"It has more than {LARGEST} bytes."
            raise fail("fetch/failed", f"{_shown(address)} is too large", detail, span)
        return data

    def opener(self) -> OpenerDirector:
        if self._opener is None:
            from urllib.request import HTTPRedirectHandler, build_opener

            class Redirects(HTTPRedirectHandler):
                """Follows a redirection to where the address itself might have pointed, and nowhere else."""

                def redirect_request(self, req, fp, code, msg, headers, newurl):  # type: ignore[no-untyped-def]
                    if not _may_ask(newurl):
                        raise ValueError(f"it redirects to {_shown(newurl)}")
                    return super().redirect_request(req, fp, code, msg, headers, newurl)

            self._opener = build_opener(Redirects())
        return self._opener


def _address(found: Customizer | None) -> Expr | None:
    if isinstance(found, (Shell, PowerShell)):
        return found.script_uri
    return found.source_uri if isinstance(found, File) else None


def _may_ask(address: str) -> bool:
    """https anywhere, http on this machine."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (
        parts.scheme == "https" or (parts.scheme == "http" and host in ("localhost", "127.0.0.1", "::1"))
    )


def _shown(address: str) -> str:
    """An address without its query and its user, which may hold a key."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(address)
        return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"
    except ValueError:
        return "the address"
