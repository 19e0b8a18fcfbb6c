"""Finds the templates in a tree of files: Packer's and Image Builder's, each once."""

from __future__ import annotations

import os
import re

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


def templates(top: str) -> Iterator[str]:
    """Paths of templates below a folder, sorted, relative to it: files, and folders of HCL that are one template."""
    for folder, names, files in os.walk(top):
        names[:] = sorted(name for name in names if name not in _SKIPPED and not os.path.islink(f"{folder}/{name}"))
        here = os.path.relpath(folder, top)
        hcl = [name for name in files if name.endswith((".pkr.hcl", ".pkr.json"))]
        if len(hcl) > 1 and _one_template([os.path.join(folder, name) for name in hcl]):
            yield here
            hcl = []
        for name in sorted(files):
            path = os.path.join(folder, name)
            if (name in hcl or _is_template(path, name)) and not os.path.islink(path):
                yield name if here == "." else f"{here}/{name}"


def _is_template(path: str, name: str) -> bool:
    """Whether a file is a legacy JSON template, or an Image Builder template."""
    if name.endswith((".pkr.json", ".pkrvars.json", ".parameters.json")) or not name.endswith((".json", ".bicep")):
        return False
    data = _beginning(path)
    if name.endswith(".bicep"):
        return _IMAGES.search(data) is not None
    if _BUILDERS.search(data):
        return True
    return _IMAGES.search(data) is not None and _BARE.search(data) is not None


def _one_template(paths: list[str]) -> bool:
    """Whether the HCL files of a folder belong together: no two of them define the same thing."""
    seen: set[bytes] = set()
    for path in paths:
        text = _beginning(path)
        blocks = re.findall(rb'^(variable|source|data)[ \t]+("[^"\n]*"(?:[ \t]+"[^"\n]*")?)', text, re.MULTILINE)
        own = {b" ".join(b" ".join(block).split()) for block in blocks}
        if own & seen:
            return False
        seen |= own
    return True


def _beginning(path: str) -> bytes:
    try:
        if not os.path.isfile(path):
            return b""
        with open(path, "rb") as file:
            return file.read(_LOOK)
    except OSError:
        return b""
