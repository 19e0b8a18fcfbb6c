"""How commands enter a view, as the build tells the process that starts them."""

from __future__ import annotations

import json

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class Entry(Record):
    """``environment``: of a login; ``max_bytes``: of a file, 0 for any; ``network``: the machine's."""

    uid: int
    gid: int
    groups: tuple[int, ...]
    environment: Mapping[str, str]
    network: bool
    max_bytes: int

    def text(self) -> str:
        return json.dumps([self.uid, self.gid, self.groups, dict(self.environment), self.network, self.max_bytes])

    @classmethod
    def read(cls, text: bytes) -> Entry:
        uid, gid, groups, environment, network, max_bytes = json.loads(text)
        return cls(uid, gid, tuple(groups), environment, network, max_bytes)
