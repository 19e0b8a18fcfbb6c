"""``bakelift stage``: uploads what a staging manifest lists, so that Image Builder can fetch it."""

from __future__ import annotations

import os
import sys

from bakelift.arguments import Command, Option, Usage
from bakelift.translator.diagnostics import fail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.arguments import Parsed
    from bakelift.staging import Entry, Manifest
    from bakelift.uploading import Target

COMMAND = Command(
    "stage",
    "Upload the files that a translation with -scripts URL names by address, as its staging.json lists them.",
    "MANIFEST|DIR/",
    (
        Option("to", "a container's address, with folders in it as they are wanted; or a local folder", "URL|DIR"),
        Option("check", "upload nothing; status 3 when something is missing there"),
    ),
    "bakelift stage image/ -to https://images.blob.core.windows.net/scripts",
)


def run(parsed: Parsed) -> int:
    """0: all is there; 1: something could not be; 3: with -check, something is missing."""
    from bakelift.staging import bytes_of, read_manifest
    from bakelift.uploading import target_of

    to = parsed.text("to")
    if to is None:
        raise Usage("-to says where: the address that the template was translated with, or a folder")
    path = parsed.positionals[0]
    if os.path.isdir(path):
        path = os.path.join(path, "staging.json")
    manifest = read_manifest(path)
    if manifest.base is None and manifest.files:
        raise fail(
            "stage/nothing",
            f"{path} lists files that are fetched from a repository",
            "They are there once the commit is pushed. -scripts URL makes templates whose files are uploaded.",
        )
    checked = [(entry, bytes_of(entry, path)) for entry in manifest.files]
    target = target_of(to)
    if "://" in to and manifest.base is not None and to.rstrip("/") != manifest.base:
        sys.stderr.write(f"The template fetches from {manifest.base}: what is uploaded here has to be found there.\n")
    return _upload(checked, manifest, target, parsed.flag("check"))


def _upload(checked: list[tuple[Entry, bytes]], manifest: Manifest, target: Target, only_check: bool) -> int:
    from bakelift.staging import below

    done = missing = 0
    for entry, data in checked:
        name = below(entry, manifest)
        if target.has(name, entry.sha256, len(data)):
            continue
        if only_check:
            missing += 1
            sys.stdout.write(f"missing: {target.shown(name)}\n")
            continue
        target.put(name, data, entry.sha256)
        done += 1
        sys.stdout.write(f"{entry.source} → {target.shown(name)}\n")
    there = len(checked) - done - missing
    told = f"{missing} missing" if only_check else f"{done} uploaded"
    sys.stderr.write(f"{told}, {there} already there\n")
    return 3 if missing else 0
