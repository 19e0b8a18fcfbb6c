"""Operations that only Packer's Go templates have (rows as in :mod:`.table`)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.operations.table import Row

OPERATIONS: dict[str, Row] = {}
