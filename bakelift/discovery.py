"""Finds the templates in a tree of files: Packer's and Image Builder's, each once; and says what the rest is."""

from __future__ import annotations

import os
import re
import stat

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: Folders that hold no templates of one's own.
_SKIPPED = frozenset({".git", ".hg", ".svn", "node_modules", ".terraform", ".venv", "__pycache__"})
#: More of a file than this is not looked at to see what it is.
_LOOK = 4 * 1024 * 1024
_BUILDERS = re.compile(rb'"builders"\s*:\s*\[')
_IMAGES = re.compile(rb"microsoft\.virtualmachineimages(/imagetemplates)?", re.IGNORECASE)
_BARE = re.compile(rb'"distribute"\s*:')

#: Why something was seen and is no template: a stable word, and what it says.
REASONS = {
    "variables": "variable files, read with the template they belong to or with -var-file",
    "terraform": "Terraform",
    "hcl": "HCL that is not called .pkr.hcl",
    "json": "JSON that is neither a Packer template nor an image template",
    "bicep": "Bicep without an image template",
    "generated": "templates of templates: what is made of them can be surveyed",
    "link": "symbolic links",
    "special": "neither files nor folders",
    "unreadable": "files and folders that cannot be opened",
    "folder": "folders of tools",
    "no-build": "HCL without a build block",
    "not-selected": "templates of which -only and -except leave nothing",
    "other": "other files",
}
_VARIABLES = (".pkrvars.hcl", ".pkrvars.json", ".parameters.json", ".bicepparam")
_ENDINGS = (
    ((".tf", ".tf.json", ".tfvars", ".tfvars.json"), "terraform"),
    ((".hcl",), "hcl"),
    ((".json",), "json"),
    ((".bicep",), "bicep"),
)
_GENERATED = re.compile(r"\.(hcl|json|bicep)\.(tmpl|tpl|tftpl|j2|jinja2?|erb|in)\Z")


class Seen(Record):
    """Something in the tree. ``path``: relative to its top; ``reason``: None for a template, else of ``REASONS``."""

    path: str
    reason: str | None = None


def templates(top: str) -> Iterator[str]:
    """Paths of templates below a folder, sorted, relative to it: files, and folders of HCL that are one template."""
    return (found.path for found in inventory(top) if found.reason is None)


def inventory(top: str) -> Iterator[Seen]:
    """All that stands below a folder, sorted within each of its folders; what is no template has its reason.

    Nothing is followed that is a symbolic link. No file is read whole: what it is shows in its beginning.
    """
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        here = os.path.relpath(folder, top)
        try:
            with os.scandir(folder) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            yield Seen(here, "unreadable")
            continue
        below: list[str] = []
        files: list[str] = []
        for entry in listed:
            if not entry.is_dir():
                files.append(entry.name)
            elif entry.name in _SKIPPED or entry.is_symlink():
                yield Seen(_below(here, entry.name), "folder" if entry.name in _SKIPPED else "link")
            else:
                below.append(os.path.join(folder, entry.name))
        yield from _files(folder, here, files)
        waiting += reversed(below)


def _files(folder: str, here: str, files: list[str]) -> Iterator[Seen]:
    """What the files of one folder are, and the folder itself where they are one template."""
    named = (name for name in files if name.endswith((".pkr.hcl", ".pkr.json")))
    hcl = [name for name in named if os.path.isfile(f"{folder}/{name}")]
    whole = _is_whole(folder, files, hcl)
    if whole:
        yield Seen(here)
    for name in files:
        if not (whole and name in hcl):
            yield Seen(_below(here, name), _reason(os.path.join(folder, name), name))


def _below(here: str, name: str) -> str:
    return name if here == "." else f"{here}/{name}"


def _is_whole(folder: str, files: list[str], hcl: list[str]) -> bool:
    """Whether a folder is one template: of several files, or of one whose variable files are read by themselves."""
    if len(hcl) > 1:
        return _one_template([os.path.join(folder, name) for name in hcl])
    return bool(hcl) and any(name.endswith((".auto.pkrvars.hcl", ".auto.pkrvars.json")) for name in files)


def _reason(path: str, name: str) -> str | None:
    """Why a file is no template; None for one that is."""
    if name.endswith(_VARIABLES):
        return "variables"
    if _GENERATED.search(name):
        return "generated"
    kind = next((reason for endings, reason in _ENDINGS if name.endswith(endings)), "other")
    if kind == "other":
        return kind
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return "unreadable"
    if not stat.S_ISREG(mode):
        return "link" if stat.S_ISLNK(mode) else "special"
    if name.endswith((".pkr.hcl", ".pkr.json")):
        return None
    if kind not in ("json", "bicep"):
        return kind
    data = _beginning(path)
    if data is None:
        return "unreadable"
    return None if _is_template(data, kind) else kind


def _is_template(data: bytes, kind: str) -> bool:
    """Whether it is a legacy JSON template, or an Image Builder template."""
    if kind == "bicep":
        return _IMAGES.search(data) is not None
    if _BUILDERS.search(data):
        return True
    return _IMAGES.search(data) is not None and _BARE.search(data) is not None


def _one_template(paths: list[str]) -> bool:
    """Whether the HCL files of a folder belong together: no two of them define the same thing."""
    seen: set[bytes] = set()
    for path in paths:
        text = _beginning(path) or b""
        blocks = re.findall(rb'^(variable|source|data)[ \t]+("[^"\n]*"(?:[ \t]+"[^"\n]*")?)', text, re.MULTILINE)
        own = {b" ".join(b" ".join(block).split()) for block in blocks}
        if own & seen:
            return False
        seen |= own
    return True


def _beginning(path: str) -> bytes | None:
    """The first bytes of a regular file; None when it cannot be opened."""
    try:
        if not os.path.isfile(path):
            return None
        with open(path, "rb") as file:
            return file.read(_LOOK)
    except OSError:
        return None
