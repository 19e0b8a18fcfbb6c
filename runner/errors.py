"""What can go wrong while a build runs."""

from __future__ import annotations


class BuildError(Exception):
    """Ends one build; its text is what the log says after ``errored after``. Other builds go on."""


class CommunicatorError(BuildError):
    """The machine could not be reached, or refused a file or the start of a command."""


class CleanupError(BuildError):
    """The error-cleanup-provisioner failed too."""
