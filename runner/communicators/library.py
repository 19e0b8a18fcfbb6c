"""asyncssh, imported when a build first needs it.

While it is imported, the search for two native libraries (liboqs, nettle: an extra key exchange, an extra MAC) is
switched off: it runs the linker and the compiler, which takes a third of the import's time, and no server needs them.
"""

from __future__ import annotations

import ctypes.util


def _none(name: str) -> str | None:  # noqa: ARG001
    return None


_find = ctypes.util.find_library
ctypes.util.find_library = _none
try:
    import asyncssh
finally:
    ctypes.util.find_library = _find

__all__ = ["asyncssh"]
