"""How implementations of operations say that they cannot."""

from __future__ import annotations


class OperationError(Exception):
    """The call fails; the message has no full stop, as HCL embeds it in a sentence."""


class ArgumentError(OperationError):
    """One argument (counted from 0) is not acceptable."""

    def __init__(self, index: int, message: str) -> None:
        super().__init__(message)
        self.index = index


class NotKnownError(Exception):
    """The result depends on what is not known: the call stays symbolic."""
