"""One template of a survey: read, described, and translated to see what that costs; nothing is written.

Whatever is wrong with a template ends in what is said of it: a survey goes on.
"""

from __future__ import annotations

import hashlib
import os

from bakelift.translator.audit.model import Script, Template
from bakelift.translator.diagnostics import Diagnostic, Diagnostics, TemplateError, fail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bakelift.arguments import Parsed
    from bakelift.loading import Loaded
    from bakelift.sessions import Session
    from bakelift.translation import Result
    from bakelift.translator.audit.model import ImageFacts, Verdict
    from bakelift.translator.plan.images import Image
    from bakelift.translator.plan.model import Plan

#: As if outputs went to a folder: then whatever bakelift.toml says of scripts can be done. Nothing is written.
_OUT = "audit/"
_IMAGE_BUILDER = ("arm", "bicep")
#: A template with more bytes is not surveyed. Azure Resource Manager takes templates of 4 MB.
LARGEST = 4 * 1024 * 1024
_AUTO = (".auto.pkrvars.hcl", ".auto.pkrvars.json")
_VARIABLES = (".pkrvars.hcl", ".pkrvars.json", ".parameters.json", ".bicepparam")


class Options:
    """What holds for all templates. ``day``: today, as ISO writes it. ``used``: the names of -var that some have."""

    def __init__(self, parsed: Parsed, to: str, day: str) -> None:
        self.to = to
        self.day = day
        self.roots = parsed.texts("root")
        self.variables = parsed.texts("var")
        self.var_files = parsed.texts("var-file")
        self.words = ["-to", to, "-out", _OUT, "-missing-files", "placeholder"]
        for name in ("only", "except"):
            self.words += [word for text in parsed.texts(name) for word in (f"-{name}", text)]
        version = parsed.text("api-version")
        self.words += ["-api-version", version] if version is not None else []
        self.used: set[str] = set()


def surveyed(path: str, top: str, options: Options) -> Template | str:
    """What is to be said of the template at ``path``, found below the folder ``top``.

    A text: it holds nothing that could be translated, for this one of the reasons of the discovery.
    """
    survey = _Surveying(path, top, options)
    try:
        return survey.template()
    except TemplateError as error:
        return survey.stopped(error.diagnostics, error.missing)
    except OSError as problem:
        summary = f"{problem.filename or path} cannot be read: {problem.strerror or problem}"
        return survey.stopped([Diagnostic("error", "files/unreadable", summary)])
    except Exception as problem:  # a defect of ours must not hide what the other templates are
        if os.environ.get("BAKELIFT_DEBUG"):
            raise
        summary = f"bakelift itself failed ({type(problem).__name__})"
        detail = "This is a defect of bakelift, not of the template. BAKELIFT_DEBUG=1 shows where; please report it."
        return survey.stopped([Diagnostic("error", "audit/internal", summary, detail)])


class _Surveying:
    """Takes a template through its stages; what is known of it so far is there wherever it stops."""

    def __init__(self, path: str, top: str, options: Options) -> None:
        self.path = path
        self.options = options
        self.roots = options.roots or _roots(path, top)
        self.told = Diagnostics()
        self.format = ""
        self.images: tuple[ImageFacts, ...] = ()
        self.session: Session | None = None
        self.seen: Mapping[str, bytes] = {}

    def template(self) -> Template | str:
        session, parsed = self.opened()
        chosen: tuple[Image, ...] = ()
        try:
            chosen = session.images(parsed)
            self.describe(session, chosen)
        except TemplateError:
            if self.options.to in _IMAGE_BUILDER and self.format in ("hcl", "json"):
                raise  # between Packer's formats it need not be known which steps an image has
        else:
            if not chosen:
                return "not-selected" if session.plan.groups and self.selecting else "no-build"
        verdict = self.aside(chosen)
        return self.translated(session, parsed, chosen) if verdict is None else self.said(verdict)

    @property
    def selecting(self) -> bool:
        return "-only" in self.options.words or "-except" in self.options.words

    # -- stages -----------------------------------------------------------------------------------------------

    def opened(self) -> tuple[Session, Parsed]:
        """The template with its values, and the command line of its translation."""
        from bakelift.loading import load_template
        from bakelift.locking import Recorder
        from bakelift.sessions import Session, bind, configuration_of

        _refuse_strays(self.path, self.roots)
        _refuse_huge(self.path)
        loaded = load_template(self.path, self.told, self.roots, self.options.var_files)
        self.format = loaded.plan.origin.format if loaded.plan.origin is not None else ""
        self.told.stop_if_failed(self.carried() if self.format == "json" else ())
        parsed = self.parsed(loaded)
        shared = configuration_of(loaded)
        bindings = bind(loaded, parsed, self.told, None, False, None, shared)
        recorder = Recorder(loaded.files)
        loaded.files, self.seen = recorder, recorder.seen
        self.session = Session(loaded, bindings, self.told, None, None, shared)
        return self.session, parsed

    def carried(self) -> frozenset[str]:
        """Errors that do not keep a legacy template from being translated to this format."""
        from bakelift.translator.packer.refused import CARRIED

        return CARRIED if self.options.to in ("hcl", "json") else frozenset()

    def parsed(self, loaded: Loaded) -> Parsed:
        """The command line of the translation: a value goes to the templates that have the variable."""
        from bakelift.arguments import parse
        from bakelift.commands.translate import COMMAND

        names = {item.name for item in loaded.plan.inputs}
        words = list(self.options.words)
        for text in self.options.variables:
            name = text.partition("=")[0]
            if name in names:
                self.options.used.add(name)
            if name in names or self.format == "json":  # legacy templates may use what they do not declare
                words += ["-var", text]
        for file in self.options.var_files:
            if self.format != "json" or file.endswith(".json"):
                words += ["-var-file", file]
        for root in self.roots:
            words += ["-root", root]
        return parse(COMMAND, [*words, "--", self.path])

    def describe(self, session: Session, chosen: Sequence[Image]) -> None:
        from bakelift.translator.audit.facts import image_facts

        hide = _hiding(session)
        self.images = image_facts(session.plan, session.bindings, session.loaded.files, chosen, hide)

    def aside(self, chosen: Sequence[Image]) -> Verdict | None:
        """The verdict of a template that has no part in the migration."""
        azure = self.options.to in _IMAGE_BUILDER
        if (self.format not in ("hcl", "json")) if azure else self.format == self.options.to:
            return "there"
        return "out-of-scope" if azure and not any(image.type == "azure-arm" for image in chosen) else None

    def translated(self, session: Session, parsed: Parsed, chosen: Sequence[Image]) -> Template:
        from bakelift.arguments import Usage
        from bakelift.translation import translated
        from bakelift.translator.audit import weighing

        try:
            result = translated(session, parsed)
        except Usage as problem:  # bakelift.toml says what does not go together
            raise fail("audit/options", f"the options do not go together: {problem}") from None
        waived = self.waived(session, result)
        report, written = result.report, result.files is not None
        of = weighing.image_counts(report, waived, chosen)
        azure = self.options.to in _IMAGE_BUILDER
        self.images = tuple(
            image.but(counts=counts) if not azure or image.type == "azure-arm" else image
            for image, counts in zip(self.images, of, strict=False)
        )
        return self.said(
            weighing.verdict(report, waived, written),
            [d for d in result.diagnostics if d.severity == "error"],
            written=written,
            counts=weighing.counts(report, waived),
            obstacles=weighing.obstacles(report, waived, result.diagnostics),
            missing_files=weighing.missing_files(report),
        )

    def waived(self, session: Session, result: Result) -> set[int]:
        from bakelift.waivers import waived

        return waived(result.report, session.configuration, self.options.day, Diagnostics())

    # -- what is said -----------------------------------------------------------------------------------------

    def stopped(self, diagnostics: Sequence[Diagnostic], missing: tuple[str, ...] = ()) -> Template:
        """A template of which an error keeps us from saying more. ``missing``: inputs whose values would help."""
        from bakelift.translator.audit.weighing import obstacles

        errors = [d for d in diagnostics if d.severity == "error"]
        if any(d.code == "arm/structure" for d in errors):
            # Read so far that it is an image template, whose parts are not decided here.
            self.format = "bicep" if self.path.endswith(".bicep") else "arm"
            if self.options.to in _IMAGE_BUILDER:
                return self.said("there", errors)
        verdict: Verdict = "needs-values" if missing else "unreadable"
        return self.said(verdict, errors, missing=missing, obstacles=obstacles(None, (), errors))

    def said(self, verdict: Verdict, errors: Sequence[Diagnostic] = (), **more: object) -> Template:
        session = self.session
        hide = _hiding(session) if session is not None else str
        scripts = _scripts(self.seen, os.path.isabs(self.path))
        read, other = _variable_files(self.path, self.format)
        return Template(
            path=self.path,
            verdict=verdict,
            format=self.format,
            images=self.images,
            read_files=read,
            other_files=other,
            scripts=scripts,
            diagnostics=tuple(d.but(summary=hide(d.summary), detail=hide(d.detail)) for d in errors),
            digest=_digest(session.plan, scripts) if session is not None else None,
        ).but(**more)


def _roots(path: str, top: str) -> list[str]:
    """Below what files may be read: the git work tree that holds the template, else the tree that is surveyed."""
    from bakelift.disk import default_root

    root = default_root(path if os.path.isdir(path) else os.path.dirname(path) or ".")
    return [root if os.path.exists(os.path.join(root, ".git")) else top]


def _refuse_strays(path: str, roots: Sequence[str]) -> None:
    """Raises TemplateError for a folder whose templates or variable files are links that lead out of the roots."""
    if not os.path.isdir(path):
        return
    inside = [os.path.realpath(root).rstrip(os.sep) + os.sep for root in roots]
    for name in sorted(os.listdir(path)):
        place = os.path.join(path, name)
        if not name.endswith((".pkr.hcl", ".pkr.json", *_AUTO)) or not os.path.islink(place):
            continue
        if not os.path.realpath(place).startswith(tuple(inside)):
            raise fail("files/outside-root", f"{place} leads out of the root", "A link is no file of the template.")


def _refuse_huge(path: str) -> None:
    """Raises TemplateError for a template that would hold up all others: it may as well be data of something else."""
    files = [path]
    if os.path.isdir(path):
        files = [os.path.join(path, n) for n in os.listdir(path) if n.endswith((".pkr.hcl", ".pkr.json"))]
    size = sum(os.path.getsize(file) for file in files if os.path.isfile(file))
    if size > LARGEST:
        summary = f"{path} has {size} bytes; a survey reads templates of up to {LARGEST}"
        raise fail("files/too-large", summary, "bakelift translate takes it alone.")


def _hiding(session: Session) -> Callable[[str], str]:
    from bakelift.diffing import Template as Side
    from bakelift.two_templates import hiding

    return hiding([Side(session.loaded, session.bindings)])


def _variable_files(path: str, format: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Variable files beside a template: those that are read by themselves, and those that -var-file has to name."""
    folder = path if os.path.isdir(path) else os.path.dirname(path)
    stem = os.path.splitext(os.path.basename(path))[0]
    read: list[str] = []
    other: list[str] = []
    for name in sorted(os.listdir(folder or ".")):
        if not name.endswith(_VARIABLES):
            continue
        packers = name.endswith((".pkrvars.hcl", ".pkrvars.json"))
        if packers != (format in ("hcl", "json", "")):
            continue
        own = name in (f"{stem}.parameters.json", f"{stem}.bicepparam")
        (read if own or (os.path.isdir(path) and name.endswith(_AUTO)) else other).append(os.path.join(folder, name))
    return tuple(read), tuple(other)


def _scripts(seen: Mapping[str, bytes], absolute: bool) -> tuple[Script, ...]:
    """The files that were read, as they can be opened from here. Files that stood in the template are its own."""
    return tuple(
        Script(path if absolute else os.path.relpath(path), hashlib.sha256(data).hexdigest(), len(data))
        for path, data in sorted(seen.items())
        if os.path.isabs(path) and data
    )


def _digest(plan: Plan, scripts: Sequence[Script]) -> str:
    """The same for templates with the same text and the same scripts, whatever they and their folders are called."""
    leaves = plan.origin.leaves if plan.origin is not None else ()
    files = {id(leaf.span.file): leaf.span.file.text for leaf in leaves if leaf.span is not None}
    texts = sorted("\n".join(line.rstrip() for line in text.splitlines()).strip() for text in files.values())
    parts = [*texts, *sorted(script.sha256 for script in scripts)]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
