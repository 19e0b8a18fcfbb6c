"""Keys of steps: two steps with the same key do the same to the same machine.

A key is an HMAC, with a secret of this machine's cache, over the key before it and all that a step says: the values of
its options, the bytes of its scripts and files, Packer's own variables. So what was sensitive in them is in no key.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os

from bakelift.translator.plan.values import Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bakelift.runner.settings import Settings
    from bakelift.translator.files import Files, Found
    from bakelift.translator.plan.values import Value

#: Options that say when and how often a step runs, not what it does.
TIMING = frozenset({"pause_before", "pause_after", "timeout", "max_retries", "start_retry_timeout"})

#: Options that name files and folders which a step takes along.
FILES = ("script", "scripts", "source", "sources")

#: Steps that only take time.
NO_TRACE = frozenset({"sleep"})


def runs_always(type: str, settings: Settings, inside: bool) -> bool:
    """Whether a step does something apart from the machine, and nothing to it: it must run although the machine's
    state is known. What it leaves here is in the keys of the steps that take it along. ``inside``: shell-local runs on
    the machine.
    """
    if type == "file":
        return settings.text("direction", "upload") == "download"
    return type == "breakpoint" or (type == "shell-local" and not inside)


class Keys:
    """Makes keys. ``secret``: the cache's; ``environment``: Packer's own variables, and what else is the same for all
    steps of a build; ``inside``: shell-local runs on the machine.
    """

    def __init__(self, secret: bytes, files: Files, environment: Mapping[str, str], inside: bool = False) -> None:
        self._secret = secret
        self._inside = inside
        self._files = files
        self._environment = environment

    def after(self, before: str, type: str, settings: Settings) -> str:
        """The key of the state after a step. Raises TemplateError for files that are not there."""
        if type in NO_TRACE or runs_always(type, settings, self._inside):
            return before
        values = settings.evaluated()
        said = {
            "before": before,
            "type": type,
            "options": {name: _plain(value) for name, value in sorted(values.items()) if name not in TIMING},
            "files": [each for name in FILES if name in values for each in self._contents(settings.texts(name))],
            "environment": sorted(self._environment.items()),
        }
        return hmac.new(self._secret, json.dumps(said).encode(), "sha256").hexdigest()

    def of_text(self, text: str) -> str:
        """The key of a machine that has a name and no state of its own."""
        return hmac.new(self._secret, text.encode("utf-8", "surrogateescape"), "sha256").hexdigest()

    def _contents(self, paths: list[str]) -> Iterator[list[object]]:
        for path in paths:
            found = self._files.find(path)
            if found is not None and found.directory:
                for entry in self._files.tree(path):
                    yield [path, entry.name, entry.mode, entry.link, _digest(entry.data)]
            else:
                yield [path, _mode(found), _digest(self._files.read(path))]


def _mode(found: Found | None) -> int | bool:
    """The permissions of a file, where it is one of this machine's."""
    if found is None:
        return False
    try:
        return os.stat(found.path).st_mode & 0o777
    except OSError:
        return found.executable


def _digest(data: bytes | None) -> str | None:
    return None if data is None else hashlib.sha256(data).hexdigest()


def _plain(value: Value) -> object:
    """A value as JSON can say it; an expression that has no value yet (a hole of a command) as it is written."""
    raw = value.raw
    if isinstance(raw, Unknown):
        return {"unknown": repr(raw.residual)}
    if isinstance(raw, tuple):
        return [_plain(each) for each in raw]
    if isinstance(raw, dict):
        return {"map": [[name, _plain(each)] for name, each in raw.items()]}
    return raw if raw is None or isinstance(raw, (str, bool, int)) else str(raw)
