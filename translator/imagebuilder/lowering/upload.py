r"""file steps: a customizer that holds what it writes.

A file is a heredoc where it is text, else base64; a directory is one tar. Owner, modes and failures are those of
Packer's scp: the login user writes; a new file gets the local permission bits under the user's umask, an existing one
keeps its own; the destination's directory must exist. ``src/`` means a directory's contents, ``src`` itself.
On Windows PowerShell writes text or bytes, and makes missing directories as WinRM's upload does.
"""

from __future__ import annotations

import re

from bakelift.translator.diagnostics import fail
from bakelift.translator.imagebuilder.customizers import PowerShell, Shell
from bakelift.translator.imagebuilder.lowering import text as t
from bakelift.translator.imagebuilder.lowering.context import CannotLower, Lowered
from bakelift.translator.imagebuilder.lowering.names import last_part
from bakelift.translator.imagebuilder.lowering.scripts import find, missing, script_paths
from bakelift.translator.plan.expressions import Literal
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bakelift.translator.diagnostics import Span
    from bakelift.translator.imagebuilder.customizers import Customizer
    from bakelift.translator.imagebuilder.lowering.staging import Staged
    from bakelift.translator.imagebuilder.lowering.step_reader import StepReader
    from bakelift.translator.report import Class

#: What a whole resource of a deployment may hold is 1 MB; half of it is left to the rest of the template.
MAX_BYTES = 500_000

OPTIONS: dict[str, tuple[Class, str, str]] = {
    "source": ("adapted", "aib/file", "what it uploads stands in the customizer"),
    "sources": ("adapted", "aib/file", "what they upload stands in the customizers"),
    "content": ("adapted", "aib/file", "the text stands in the customizer"),
    "destination": ("adapted", "aib/file", "the customizer writes there"),
    "direction": ("adapted", "aib/file", "an upload"),
    "generated": ("adapted", "aib/file-generated", "read when translating"),
    "max_retries": ("adapted", "aib/retries", "the customizer writes to its own machine, which needs no second try"),
    "timeout": ("adapted", "aib/timeout", "the customizer writes to its own machine, which takes no time"),
    "pause_before": ("adapted", "aib/pause", "sleep in the customizer's text"),
}


class Member(Record):
    """One thing to write. ``data`` None: a directory. ``mode``: executable or not; 0o600 for ``content``."""

    path: str
    data: bytes | None
    mode: int
    staged: Staged | None = None


class Upload(Record):
    """One customizer's work: a file to a path, or a tree into a directory.

    ``folder``: the name of the directory that is uploaded, None when only its contents are. ``archive``: where the tar
    of a tree is fetched from.
    """

    destination: str
    members: tuple[Member, ...]
    tree: bool
    folder: str | None = None
    facts: Mapping[str, object] = {}
    archive: Staged | None = None

    @property
    def staged(self) -> tuple[Staged, ...]:
        """What is fetched for it, each once."""
        found = [self.archive, *(member.staged for member in self.members)]
        return tuple(dict.fromkeys(item for item in found if item is not None))


def lower_file(reader: StepReader, _last: bool) -> list[Lowered]:
    """The customizers of a file step, one for each source."""
    reader.say_options(OPTIONS)
    direction = reader.text("direction") or "upload"
    if direction == "download":
        raise CannotLower(
            "aib/file-download",
            "Image Builder brings no file back from the build VM",
            "Let a shell step upload it, for example to a storage account that the build VM's identity may write.",
            reader.span("direction"),
        )
    if reader.text("destination") is None:
        raise fail("packer/no-destination", "Destination must be specified.", span=reader.step.span)
    kind = PowerShell if reader.context.windows else Shell
    absent = None if reader.flag("generated") else missing(reader)
    if absent is not None:
        return [Lowered(kind(inline=absent, leaves=reader.leaves()), reader.step.name)]
    made: list[Lowered] = []
    for upload in read_uploads(reader):
        lines = windows_lines(upload) if reader.context.windows else shell_lines(upload)
        inline = tuple(Literal(line) for line in lines)
        customizer: Customizer = kind(inline=inline, leaves=reader.leaves())
        if upload.staged:
            from bakelift.translator.imagebuilder.lowering.staging import fetches

            made += fetches(reader, upload.staged)
            for name in ("source", "sources"):
                if reader.expr(name) is not None:
                    reader.say(name, "adapted", "aib/staged", "fetched by its address, and put there by the customizer")
        made.append(Lowered(customizer, reader.step.name, f"upload {_shown(upload)}"))
    return made


def _shown(upload: Upload) -> str:
    """What is uploaded, in a name: the last part of its path."""
    path = str(upload.facts.get("source", upload.destination))
    return last_part(path) or path


def read_uploads(reader: StepReader) -> list[Upload]:
    """What the step uploads, with the facts that tell how it was written."""
    destination = reader.text("destination") or ""
    pause = reader.duration("pause_before")
    facts: dict[str, object] = {}
    if pause and pause > 0:
        facts["pause_before"] = reader.text("pause_before")
    for name in ("timeout", "direction"):
        if reader.expr(name) is not None:
            facts[name] = reader.text(name)
    if reader.expr("max_retries") is not None:
        facts["max_retries"] = reader.number_of("max_retries")
    if reader.expr("generated") is not None:
        facts["generated"] = reader.flag("generated")
    content = reader.text("content")
    if content is not None:
        member = Member(destination, content.encode(), 0o600)
        return [Upload(destination, (member,), False, None, {"content": True, "destination": destination, **facts})]
    paths = script_paths(reader)
    if not paths:
        raise fail("packer/no-source", "a file step needs source, sources or content", span=reader.step.span)
    plural = reader.expr("sources") is not None
    found = []
    for index, (path, written, span) in enumerate(paths):
        own: dict[str, object] = {"source": written, "destination": destination, **facts}
        if plural:
            own["part"] = f"{index + 1}/{len(paths)}"
        if index:
            own.pop("pause_before", None)
        found.append(_upload(reader, path, destination, own, span))
    return found


def _upload(reader: StepReader, path: str, destination: str, facts: Mapping[str, object], span: Span | None) -> Upload:
    place = find(reader, path, span)
    if place is None and reader.flag("generated"):
        raise CannotLower(
            "aib/file-generated",
            f"{path} is made while Packer runs, so its bytes are not known when translating",
            "Make the file before translating, or let a step on the build VM make or download it.",
            span,
        )
    if place is None:
        raise fail("files/missing", f"no such file: {path}", "Paths are tried as Packer does, then below -root.", span)
    files = reader.context.files
    base = last_part(path)
    if not place.directory:
        data = files.read(path, span)
        ends = destination.endswith(("/", "\\") if reader.context.windows else "/")
        target = destination + base if ends else destination
        member = Member(target, data, 0o755 if place.executable else 0o644)
        upload = Upload(target, (member,), False, None, facts)
    else:
        members = []
        for entry in files.tree(path, span):
            data_of = entry.data
            mode = 0o755 if entry.mode & 0o111 else 0o644
            if entry.link is not None:
                # scp follows links, and sends a link's own mode bits (0777) with the file it points to.
                data_of, mode = files.read(f"{path.rstrip('/')}/{entry.name}", span), 0o777
            members.append(Member(entry.name, data_of, 0o755 if data_of is None else mode))
        upload = Upload(destination, tuple(members), True, None if path.endswith("/") else base, facts)
    if reader.context.options.staging is not None:
        upload = _staged(reader, upload, place.path, base, span)
    size = sum(len(m.data or b"") for m in upload.members if m.staged is None and upload.archive is None)
    if size > MAX_BYTES and (not upload.tree or len(tar_of(upload.members)) > MAX_BYTES):
        raise CannotLower(
            "aib/file-too-large",
            f"{path} has {size} bytes, too many to stand in a template",
            "Keep it outside of the template: -scripts URL names it by address, and bakelift stage uploads it.",
            span,
        )
    return upload


def _staged(reader: StepReader, upload: Upload, origin: str, base: str, span: Span | None) -> Upload:
    """With places for what it writes: one file, on Linux one archive of a tree, on Windows each file of a tree."""
    from bakelift.translator.imagebuilder.lowering.staging import place

    source = str(upload.facts["source"])
    if upload.tree and not reader.context.windows:
        archive = place(reader, tar_of(upload.members), f"{base}.tar.gz", None, source, span)
        if archive is None:
            return upload
        return upload.but(archive=archive, facts={**upload.facts, "staged": 1})
    members = []
    for member in upload.members:
        name = member.path.replace("\\", "/").rsplit("/", 1)[-1] if upload.tree else base
        own = f"{source.rstrip('/')}/{member.path}" if upload.tree else source
        real = f"{origin.rstrip('/')}/{member.path}" if upload.tree else origin
        found = place(reader, member.data, name, real, own, span) if member.data is not None else None
        members.append(member.but(staged=found))
    made = upload.but(members=tuple(members))
    return made.but(facts={**upload.facts, "staged": len(made.staged)}) if made.staged else made


def shell_lines(upload: Upload) -> list[str]:
    """The text that writes it on Linux."""
    lines = [t.marker(upload.facts), *_pause(upload, "sleep {}")]
    if upload.tree:
        lines.append(f"into={t.path_word(upload.destination)}")
        if upload.folder is not None:
            # scp makes the folder inside a destination that exists, else it makes the destination itself.
            lines.append(f'[ ! -d "$into" ] || into="$into"/{t.path_word(upload.folder)}')
            lines.append('[ -d "$into" ] || mkdir "$into"')
        if upload.archive is not None:
            path = upload.archive.path(False)
            return [*lines, f"{_UNPACK} {path}", f"rm -f {path}"]
        return [*lines, *encoded_tree(tar_of(upload.members))]
    (member,) = upload.members
    word = t.path_word(member.path)
    change = {0o755: "chmod +x", 0o600: "chmod 0600"}.get(member.mode)
    if change:
        lines.append(f"[ -e {word} ] || {{ : > {word}; {change} {word}; }}")
    if member.staged is not None:
        path = member.staged.path(False)
        return [*lines, f"cat {path} > {word}", f"rm -f {path}"]
    return [*lines, *t.upload(member.data or b"", word)]


_UNPACK = 'tar -C "$into" -xzm --no-same-owner --no-overwrite-dir -f'


def encoded_tree(archive: bytes) -> list[str]:
    """The lines that unpack an archive which stands in them."""
    import base64

    encoded = base64.encodebytes(archive).decode("ascii").splitlines()
    return [_ARCHIVE, *encoded, "BAKELIFT"]


_ARCHIVE = f"base64 -d <<'BAKELIFT' | {_UNPACK} -"


def with_contents(lines: Sequence[str]) -> list[object]:
    """Lines, where an archive stands in them what it holds: libraries compress the same bytes in different ways."""
    import base64

    if _ARCHIVE not in lines:
        return list(lines)
    start = lines.index(_ARCHIVE) + 1
    end = lines.index("BAKELIFT", start) if "BAKELIFT" in lines[start:] else len(lines)
    try:
        members = members_of(base64.b64decode("".join(lines[start:end])))
    except ValueError:
        return list(lines)
    return [*lines[:start], members, *lines[end:]]


def windows_lines(upload: Upload) -> list[str]:
    """The text that writes it on Windows. A failure ends the script with status 1."""
    lines = [t.marker(upload.facts), *_pause(upload, "Start-Sleep -Seconds {}"), "$ErrorActionPreference = 'Stop'"]
    folders = [] if upload.folder is None else [Member("", None, 0o755)]
    base = upload.destination.rstrip("/\\") + "\\" + (upload.folder or "")
    for member in (*folders, *upload.members):
        path = member.path if not upload.tree else (base.rstrip("\\") + "\\" + member.path).rstrip("\\")
        name = "$path = [IO.Path]::GetFullPath(" + windows_path(path.replace("/", "\\")) + ")"
        if member.data is None:
            lines += [name, "[void][IO.Directory]::CreateDirectory($path)"]
            continue
        lines += [name, "[void][IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($path))"]
        if member.staged is not None:
            lines.append(f"[IO.File]::WriteAllBytes($path, [IO.File]::ReadAllBytes('{member.staged.path(True)}'))")
        else:
            lines += t.written_text(member.data) or t.written_bytes(member.data)
    return lines + [f"Remove-Item -Force '{item.path(True)}'" for item in upload.staged]


def windows_path(path: str) -> str:
    """A path as a PowerShell string; ``$env:X`` in it is expanded, as in Packer's upload."""
    if re.search(r"\$env:\w", path, re.IGNORECASE):
        return '"' + path.replace("`", "``").replace('"', '`"') + '"'
    return t.powershell_single(path)


def _pause(upload: Upload, command: str) -> list[str]:
    from bakelift.translator.imagebuilder.lowering.gotext import plain_number, seconds

    text = upload.facts.get("pause_before")
    pause = seconds(text) if isinstance(text, str) else None
    return [command.format(plain_number(pause))] if pause else []


def tar_of(members: tuple[Member, ...]) -> bytes:
    """A gzipped tar, the same bytes for the same members: sorted, no times, no owners."""
    import gzip
    import io
    import tarfile

    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for member in sorted(members, key=lambda m: m.path):
            info = tarfile.TarInfo(member.path)
            info.mode = member.mode
            if member.data is None:
                info.type = tarfile.DIRTYPE
                archive.addfile(info)
            else:
                info.size = len(member.data)
                archive.addfile(info, io.BytesIO(member.data))
    made = gzip.compress(out.getvalue(), 9, mtime=0)
    return made[:9] + b"\xff" + made[10:]  # of no system: versions of Python say different ones


#: Bytes. What is packed in a template has a few megabytes (ARM's limit of the template is 4 MB, and of a gzip 1:1000).
_MOST_UNPACKED = 256 * 1024 * 1024


def members_of(data: bytes) -> tuple[Member, ...]:
    """The reverse of :func:`tar_of`. Raises ValueError for what is not such an archive, or holds too much."""
    import io
    import tarfile
    import zlib

    found = []
    try:
        stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
        whole = stream.decompress(data, _MOST_UNPACKED)
        if not stream.eof:
            raise ValueError("the archive is cut off, or unpacks to more than a template is made of")
        with tarfile.open(fileobj=io.BytesIO(whole)) as archive:
            for info in archive:
                file = archive.extractfile(info) if info.isfile() else None
                found.append(Member(info.name, file.read() if file else None, info.mode))
    except (tarfile.TarError, OSError, EOFError, zlib.error) as problem:
        raise ValueError(f"no gzip archive: {problem}") from None
    return tuple(found)
