"""What a base shows at a path, without mounting it."""

from __future__ import annotations

from bakelift.runner.targets.sandbox import overlays

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.runner.targets.sandbox.base import Mount
    from bakelift.runner.targets.sandbox.overlays import Node


class BaseView:
    """Read access to a base. Paths are relative, without a leading slash; ``""`` is the root."""

    def __init__(self, mounts: Sequence[Mount]) -> None:
        self._mounts = sorted(mounts, key=lambda mount: len(mount.path), reverse=True)

    def find(self, path: str) -> Node | None:
        """What stands at a path; None when nothing does, or it is hidden."""
        folders = self._folders_or_node(path)
        return folders[0] if folders else None

    def names(self, path: str) -> list[str]:
        """The names in a folder, sorted; none when there is no such folder."""
        folders = [n.path for n in reversed(self._folders_or_node(path)) if n.folder]
        below = f"{path}/" if path else ""
        return [name for name in overlays.names(folders) if self.find(below + name) is not None]

    def _folders_or_node(self, path: str) -> list[Node]:
        mount = next(m for m in self._mounts if not m.path or path == m.path or path.startswith(m.path + "/"))
        inner = path[len(mount.path) :].lstrip("/")
        if inner:
            return overlays.visible(inner, mount.lowers)[0]
        return [n for n in map(overlays.node, reversed(mount.lowers)) if n is not None]
