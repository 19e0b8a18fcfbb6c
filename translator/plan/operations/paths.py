"""Parts of paths, as Go's path/filepath finds them on Linux."""

from __future__ import annotations

from bakelift.translator.plan.operations.failure import NotKnownError, OperationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.scope import Scope


def clean(path: str) -> str:
    """The shortest equal path: no ``.``, no doubled slashes, ``..`` resolved by name."""
    rooted = path.startswith("/")
    parts: list[str] = []
    for part in path.split("/"):
        if part in {"", "."}:
            continue
        if part == "..":
            if parts and parts[-1] != "..":
                parts.pop()
                continue
            if rooted:
                continue
        parts.append(part)
    return ("/" if rooted else "") + "/".join(parts) or "."


def base_name(path: str) -> str:
    if not path:
        return "."
    stripped = path.rstrip("/")
    return stripped.rsplit("/", 1)[-1] if stripped else "/"


def directory_name(path: str) -> str:
    return clean(path[: path.rfind("/") + 1])


def absolute(scope: Scope, path: str) -> str:
    return clean(path if path.startswith("/") else f"{scope.files.cwd}/{path}")


def expand(scope: Scope, path: str) -> str:
    """``~`` is the home of who runs it: known only where the environment is."""
    if not path.startswith("~"):
        return path
    if path not in {"~"} and not path.startswith("~/"):
        raise OperationError("cannot expand user-specific home dir")
    if scope.environment is None or not scope.environment.get("HOME"):
        raise NotKnownError
    return clean(scope.environment["HOME"] + path[1:])
