"""Where staged files go (``-scripts``), the manifest that lists them, and finding them again beside a template."""

from __future__ import annotations

import json
import os

from bakelift.translator.diagnostics import TemplateError, fail
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.disk import DiskFiles
    from bakelift.packer_output import OutputFile
    from bakelift.repository import Repository
    from bakelift.translator.diagnostics import Diagnostics, Span
    from bakelift.translator.imagebuilder.lowering.staging import Staged
    from bakelift.translator.imagebuilder.raising.staged import StagedFile


class Entry(Record):
    """A file of a manifest. ``path``: where it is here, from the manifest's folder; ``source``: as the template says.

    ``size``: in bytes.
    """

    path: str
    uri: str
    sha256: str
    size: int
    source: str


class Manifest(Record):
    """``base``: the address that the addresses of the files begin with; None: they are where nobody uploads to."""

    base: str | None
    files: tuple[Entry, ...]

    def text(self) -> str:
        entries = [{name: getattr(entry, name) for name in Entry._fields} for entry in self.files]
        data = {"version": 1, **({"base": self.base} if self.base is not None else {}), "files": entries}
        return json.dumps(data, indent=2, ensure_ascii=True) + "\n"


class ByUrl:
    """Files below a base address, each at one that its content decides: another content never takes its place."""

    def __init__(self, base: str) -> None:
        self.base = checked_base(base)
        self._found: dict[str, tuple[Staged, bytes, str]] = {}

    def place(self, data: bytes, name: str, origin: str | None, source: str, span: Span | None) -> Staged | None:
        from urllib.parse import quote

        from bakelift.translator.imagebuilder.lowering.staging import Staged, sha256

        digest = sha256(data)
        staged = Staged(f"{self.base}/{digest[:16]}/{quote(name)}", digest, name)
        self._found.setdefault(staged.uri, (staged, data, source))
        return staged

    def files(self) -> dict[str, bytes]:
        """Bytes by their addresses."""
        return {uri: data for uri, (_, data, _) in self._found.items()}

    def outcome(self, path: str, folder: str) -> tuple[Manifest, tuple[OutputFile, ...]]:
        """The manifest that is to stand at ``path``, and the files that it lists, in ``folder`` beside it."""
        from bakelift.packer_output import OutputFile

        entries, files = [], []
        for staged, data, source in self._found.values():
            own = f"{folder}/{staged.file}"
            entries.append(Entry(own, staged.uri, staged.sha256, len(data), source))
            files.append(OutputFile(own, data))
        return Manifest(self.base, tuple(sorted(entries, key=lambda entry: entry.path))), tuple(files)


class ByGit:
    """Files at their addresses in the commit that is checked out; what it has not is told in ``diagnostics``."""

    def __init__(self, repository: Repository, diagnostics: Diagnostics) -> None:
        self.repository = repository
        self.diagnostics = diagnostics
        self._found: dict[str, Entry] = {}

    def place(self, data: bytes, name: str, origin: str | None, source: str, span: Span | None) -> Staged | None:
        from bakelift.translator.imagebuilder.lowering.staging import Staged, sha256

        if origin is None:
            self._inline(source, "it is a folder, and a repository serves files", span)
            return None
        file = os.path.relpath(os.path.realpath(origin), self.repository.root).replace(os.sep, "/")
        if file.startswith("../"):
            self._inline(source, "it is outside of the repository", span)
            return None
        committed = self.repository.blob(file)
        with open(origin, "rb") as opened:
            here = opened.read()
        if committed is None:
            self.diagnostics.error("git/untracked", f"{file} is not in the commit", _COMMIT, span)
            return None
        if committed != here:
            pointer = committed.startswith(b"version https://git-lfs.github.com/")
            said = f"{file} is kept in Git LFS, which serves a pointer" if pointer else f"{file} was changed since"
            self.diagnostics.error("git/changed", said, _LFS if pointer else _COMMIT, span)
            return None
        if committed != data:
            self._inline(source, "what runs is not the file byte by byte (line ends, or its last lines)", span)
            return None
        staged = Staged(self.repository.raw(file), sha256(data), name)
        if not self._found:
            host = staged.uri.split("/")[2]
            self.diagnostics.note("git/public", f"Image Builder fetches from {host} without login", _PUBLIC)
        self._found[staged.uri] = Entry(os.path.realpath(origin), staged.uri, staged.sha256, len(data), source)
        return staged

    def _inline(self, source: str, why: str, span: Span | None) -> None:
        self.diagnostics.note("git/inline", f"{source} stands in the template: {why}", "", span)

    def outcome(self, path: str, folder: str) -> tuple[Manifest, tuple[OutputFile, ...]]:
        """The manifest that is to stand at ``path``. Nothing is copied: its paths lead to the files of the tree."""
        at = os.path.realpath(os.path.dirname(path) or ".")
        entries = [
            entry.but(path=os.path.relpath(entry.path, at).replace(os.sep, "/")) for entry in self._found.values()
        ]
        return Manifest(None, tuple(sorted(entries, key=lambda entry: entry.uri))), ()


_PUBLIC = "Files of a private repository it cannot fetch: for those, -scripts URL and bakelift stage."
_COMMIT = "Image Builder would fetch what is at the remote. Commit and push, and translate again."
_LFS = "Use -scripts URL, and bakelift stage to upload it."


def checked_base(url: str) -> str:
    """A base address without its last slash. Raises TemplateError for one that Image Builder cannot or must not use."""
    from urllib.parse import urlsplit

    split = urlsplit(url)
    if split.query or split.fragment or split.password:
        raise fail(
            "stage/secret-address",
            "The base address carries more than an address",
            "What stands in a template can be read by all who may read it: leave out SAS tokens and passwords. The "
            "template's identity can read a container (Storage Blob Data Reader).",
        )
    plain = split.scheme == "http" and is_loopback(split.hostname or "")
    if not (split.scheme == "https" or plain) or not split.hostname:
        raise fail(
            "stage/address",
            f"{url} is no address of files",
            "Give one that begins with https:// (plain http goes to this machine only), or git, or inline.",
        )
    return url.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: a loopback address, or localhost."""
    from ipaddress import ip_address

    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def read_manifest(path: str) -> Manifest:
    """A manifest from disk. Raises TemplateError for what is none."""
    from bakelift.loading import read_source

    file = read_source(path)
    try:
        data = json.loads(file.text)
        if data["version"] != 1:
            raise ValueError(f"version {data['version']!r} is none that this version reads")
        base = data.get("base")
        if base is not None and not isinstance(base, str):
            raise TypeError("base is no text")
        return Manifest(base, tuple(_entry(item) for item in data["files"]))
    except (ValueError, KeyError, TypeError) as problem:
        reason = f"{problem} is missing" if isinstance(problem, KeyError) else str(problem)
        raise fail("stage/manifest", f"{path} is no staging manifest", f"{reason}.") from None


def _entry(item: dict[str, object]) -> Entry:
    for name, kind in (("path", str), ("uri", str), ("sha256", str), ("size", int), ("source", str)):
        if not isinstance(item[name], kind):
            raise TypeError(f"{name} is {item[name]!r}")
    return Entry(**{name: item[name] for name in Entry._fields})  # type: ignore[arg-type]


def below(entry: Entry, manifest: Manifest) -> str:
    """The path of a file below the base address."""
    from urllib.parse import unquote

    base = f"{manifest.base}/"
    name = unquote(entry.uri.removeprefix(base))
    if not entry.uri.startswith(base) or not name or any(part in ("", ".", "..") for part in name.split("/")):
        raise fail("stage/manifest", f"{entry.uri} is not below {manifest.base}", "Translate again to write it anew.")
    return name


def bytes_of(entry: Entry, manifest: str) -> bytes:
    """The bytes of a file, which have to be those that the template was written for."""
    from bakelift.translator.imagebuilder.lowering.staging import sha256

    folder = os.path.realpath(os.path.dirname(manifest) or ".")
    place = os.path.realpath(os.path.join(folder, entry.path))
    if not place.startswith(folder.rstrip(os.sep) + os.sep):
        raise fail("stage/manifest", f"{entry.path} is outside of the manifest's folder", "Nothing else is uploaded.")
    if not os.path.isfile(place):
        raise fail("files/missing", f"{entry.path} is not there", "Translate again to write it anew.")
    with open(place, "rb") as file:
        data = file.read()
    if sha256(data) != entry.sha256:
        raise fail(
            "stage/changed",
            f"{entry.path} is not the file that the template was written for",
            "Its sha256 is another one, and Image Builder would refuse it. Translate again.",
        )
    return data


def beside(template: str) -> str | None:
    """The manifest that belongs to a template: its own, or that of its folder; None when neither is there."""
    folder, name = os.path.split(template)
    for candidate in (f"{os.path.splitext(name)[0]}.staging.json", "staging.json"):
        path = os.path.join(folder, candidate)
        if os.path.isfile(path):
            return path
    return None


class AtHand:
    """What a manifest beside a template says of addresses: files below the roots, and only with the bytes it says."""

    def __init__(self, path: str, files: DiskFiles) -> None:
        self.manifest = read_manifest(path)
        self.folder = os.path.dirname(os.path.abspath(path))
        self.files = files

    def find(self, uri: str, sha256: str) -> StagedFile | None:
        from bakelift.translator.imagebuilder.lowering.staging import sha256 as digest
        from bakelift.translator.imagebuilder.raising.staged import StagedFile

        for entry in self.manifest.files:
            if entry.uri == uri and entry.sha256 == sha256:
                try:
                    data = self.files.read(os.path.join(self.folder, entry.path))
                except TemplateError as problem:
                    if all(told.code == "files/missing" for told in problem.diagnostics):
                        return None
                    raise
                return StagedFile(data, entry.source) if digest(data) == sha256 else None
        return None
