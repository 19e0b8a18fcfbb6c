"""asyncssh, imported when a build first needs it, without what no build needs.

Its import takes longer than all else that a short build does. Left out of it: X.509 certificates, and the search
for the native libraries liboqs and nettle (a key exchange and a MAC more), which runs the linker and the compiler.
asyncssh itself does without each of them where it is not installed.
"""

from __future__ import annotations

import ctypes.util
import gc
import sys

_LEFT_OUT = ("asyncssh.crypto.x509", "asyncssh.crypto.umac")


def _none(name: str) -> str | None:  # noqa: ARG001
    return None


_find = ctypes.util.find_library
_collects = gc.isenabled()
_absent = [name for name in _LEFT_OUT if name not in sys.modules]
if "asyncssh" not in sys.modules:
    ctypes.util.find_library = _none
    sys.modules.update(dict.fromkeys(_absent))  # type: ignore[arg-type]
    gc.disable()  # what is imported stays: looking for garbage among it only takes time, now and at the end
try:
    import asyncssh
finally:
    ctypes.util.find_library = _find
    gc.freeze()
    if _collects:
        gc.enable()
    for _name in _absent:
        if sys.modules.get(_name, ctypes) is None:
            del sys.modules[_name]

__all__ = ["asyncssh"]
