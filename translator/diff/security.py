"""Which changes a reviewer must not miss: each names what was given up."""

from __future__ import annotations

import re

from bakelift.translator.diff.shown import shown_line
from bakelift.translator.plan.expressions import Expr, ListExpr, Literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bakelift.translator.diff.model import Change

_HTTP = re.compile(r"http://(?!(localhost|127\.0\.0\.1|169\.254\.169\.254)\b)[\w.-]+")
_CHECKSUM = re.compile(r"sha(256|512|1)sum|--checksum|Get-FileHash|sha256Checksum|gpg --verify", re.IGNORECASE)
_UNCHECKED = re.compile(r"(curl|wget)\b[^|\n]*(\s-k\b|--insecure|--no-check-certificate)|\|\s*(sudo\s+)?(ba)?sh\b")


def judged(changes: Iterable[Change]) -> Iterator[Change]:
    """The changes; those that weaken an image become of class security, with a code of their own."""
    for change in changes:
        found = _finding(change)
        if found is None:
            yield change
            continue
        code, detail = found
        yield change.but(code=code, kind_of="security", severity="high", detail=detail)


def _finding(change: Change) -> tuple[str, str] | None:
    if change.kind_of == "cosmetic":
        return None
    name = change.summary.rpartition(": ")[2]
    before, after = _text(change.before), _text(change.after)
    return (
        _of_source(name, before, after)
        or _of_step(name, change, before, after)
        or _of_network(name, change, after)
        or _of_identity(name, change)
        or _of_secret(name, change, after)
        or _in_lines(change)
        or _in_value(after, before)
    )


def _of_source(name: str, before: str | None, after: str | None) -> tuple[str, str] | None:
    floats = after in (None, "latest") and before not in (None, "", "latest")
    if name.endswith("image_version") and "_destination" not in name and floats:
        return "diff/unpinned", "The source image was pinned to one version; now each build takes the latest."
    return None


def _of_step(name: str, change: Change, before: str | None, after: str | None) -> tuple[str, str] | None:
    if name in ("elevated_user", "run_as_system") and after is not None and after != before:
        if after.upper() == "TRUE" or "SYSTEM" in after.upper():
            return "diff/elevated", "The script now runs as SYSTEM."
    elif (name.endswith("sha256_checksum") or "sha256Checksum" in change.path) and after is None and before is not None:
        return "diff/checksum-removed", "What is downloaded is no longer compared with a checksum."
    return None


def _of_network(name: str, change: Change, after: str | None) -> tuple[str, str] | None:
    if name in ("virtual_network_name", "subnet_id") and change.kind == "removed":
        return "diff/public-network", "The build machine leaves its virtual network and gets a public address."
    if name == "private_virtual_network_with_public_ip" and after == "true":
        return "diff/public-network", "The build machine gets a public address."
    if name == "allowed_inbound_ip_addresses" and change.kind == "removed":
        return "diff/public-network", "The build machine can be reached from everywhere."
    return None


def _of_identity(name: str, change: Change) -> tuple[str, str] | None:
    if name.startswith(("user_assigned_managed_identities", "template_identity")) and change.kind != "removed":
        old = _items(change.before)
        if any(item not in old for item in _items(change.after)):
            return "diff/wider-identity", "The build gets an identity that it did not have."
    return None


def _of_secret(name: str, change: Change, after: str | None) -> tuple[str, str] | None:
    variable = change.summary.startswith("variable ")
    if variable and name == "sensitive" and after == "false":
        return "diff/secret-shown", "The variable is no longer sensitive: its value shows in logs and templates."
    inlined = isinstance(change.after, Literal) and not isinstance(change.before, Literal) and bool(after)
    if change.secret and inlined and not variable:
        return "diff/secret-inlined", "A secret stands in the template itself."
    return None


def _in_lines(change: Change) -> tuple[str, str] | None:
    """What the changed lines of a script give up."""
    added = [line[1:] for hunk in change.hunks for line in hunk.lines if line.startswith("+")]
    removed = [line[1:] for hunk in change.hunks for line in hunk.lines if line.startswith("-")]
    if not added and not removed:
        return None
    checked = any(_CHECKSUM.search(line) for line in removed) and change.kind == "changed"
    if checked and not any(_CHECKSUM.search(line) for line in added):
        return "diff/checksum-removed", "A line that compared a checksum or signature is gone."
    old = " ".join(removed)
    for line in added:
        http = _HTTP.search(line)
        if http is not None and http.group() not in old:
            return "diff/http", f"{http.group()} is fetched without encryption: anyone between can change what arrives."
        unchecked = _UNCHECKED.search(line)
        if unchecked is not None and not _UNCHECKED.search(old):
            return "diff/unchecked-download", "Something is downloaded and run without a check of what arrived."
    return None


def _in_value(after: str | None, before: str | None) -> tuple[str, str] | None:
    http = _HTTP.search(after) if after else None
    if http is not None and http.group() not in (before or ""):
        return "diff/http", f"{http.group()} is used without encryption: anyone between can change what arrives."
    return None


def _items(value: Expr | str | None) -> list[object]:
    if isinstance(value, ListExpr):
        return list(value.items)
    return [] if value is None else [value]


def _text(value: Expr | str | None) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Literal):
        if isinstance(value.value, bool):
            return "true" if value.value else "false"
        return None if value.value is None else str(value.value)
    return shown_line(value)
