"""Resource ids as text. Without the subscription or group that a deployment adds, the call stays symbolic."""

from __future__ import annotations

from bakelift.translator.plan.operations.failure import NotKnownError, OperationError


def _path(names: tuple[str, ...], leading: int) -> tuple[tuple[str, ...], str]:
    """What stands before the resource type (at most ``leading`` names), and ``/providers/TYPE/NAME/…`` interleaved."""
    at = next((i for i, name in enumerate(names) if "/" in name), None)
    if at is None or at > leading:
        raise OperationError("the resource type, with a slash in it, is missing")
    provider, *kinds = names[at].rstrip("/").split("/")
    rest = names[at + 1 :]
    if len(rest) != len(kinds):
        message = f"the type {names[at]} has {len(kinds)} segments after the provider, and {len(rest)} names are given"
        raise OperationError(message)
    segments = "".join(f"/{kind}/{name}" for kind, name in zip(kinds, rest, strict=True))
    return names[:at], f"/providers/{provider}{segments}"


def resource_id(*names: str) -> str:
    before, path = _path(names, 2)
    if len(before) < 2:
        raise NotKnownError
    return f"/subscriptions/{before[0]}/resourceGroups/{before[1]}{path}"


def subscription_id(*names: str) -> str:
    before, path = _path(names, 1)
    if not before:
        raise NotKnownError
    return f"/subscriptions/{before[0]}{path}"


def tenant_id(*names: str) -> str:
    return _path(names, 0)[1]


def management_group_id(*names: str) -> str:
    before, path = _path(names, 1)
    if not before:
        raise NotKnownError
    return f"/providers/Microsoft.Management/managementGroups/{before[0]}{path}"


def extension_id(base: str, *names: str) -> str:
    return base + _path(names, 0)[1]
