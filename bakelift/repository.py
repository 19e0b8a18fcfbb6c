"""A git work tree, as far as a translation asks it: which bytes its commit has, and where those are on the web.

Only commands that read are run, with what a work tree's own configuration could make them run switched off.
"""

from __future__ import annotations

import os

from bakelift.translator.diagnostics import fail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

#: How a host serves a file of a commit without login: from host, path of the repository, commit, path of the file.
_RAW: dict[str, Callable[[str, str, str], str]] = {
    "github.com": lambda path, commit, file: f"https://raw.githubusercontent.com/{path}/{commit}/{file}",
    "gitlab.com": lambda path, commit, file: f"https://gitlab.com/{path}/-/raw/{commit}/{file}",
    "bitbucket.org": lambda path, commit, file: f"https://bitbucket.org/{path}/raw/{commit}/{file}",
    "codeberg.org": lambda path, commit, file: f"https://codeberg.org/{path}/raw/commit/{commit}/{file}",
}

_ELSEWHERE = (
    "Image Builder fetches without login. Files of these hosts it can: "
    + ", ".join(_RAW)
    + ". For others, and for private repositories: -scripts URL, and bakelift stage to upload them."
)


class Repository:
    """The work tree that holds a folder. Raises TemplateError (``git/…``) where it cannot serve files."""

    def __init__(self, folder: str) -> None:
        self.root = os.path.realpath(self._run(folder, "rev-parse", "--show-toplevel").decode().strip())
        try:
            self.commit = self._run(self.root, "rev-parse", "--verify", "HEAD^{commit}").decode().strip()
        except _Refused as problem:
            raise fail(
                "git/no-commit", "The work tree has no commit yet", "Commit, push, translate again."
            ) from problem
        self.host, self.path = self._remote()
        if not self._run(self.root, "for-each-ref", "--count=1", "--contains", self.commit, "refs/remotes").strip():
            raise fail(
                "git/unpushed",
                f"The commit {self.commit[:12]} is not at the remote, so nothing can be fetched from there",
                "Push it, and translate again.",
            )

    def raw(self, file: str) -> str:
        """The address of a file of the commit. ``file``: its path below the root, with slashes."""
        from urllib.parse import quote

        return _RAW[self.host](quote(self.path), self.commit, quote(file))

    def blob(self, file: str) -> bytes | None:
        """The bytes that the commit has; None for a path that is no file of it."""
        try:
            return self._run(self.root, "cat-file", "blob", f"{self.commit}:{file}")
        except _Refused:
            return None

    def _remote(self) -> tuple[str, str]:
        names = self._run(self.root, "remote").decode().split()
        if not names:
            raise fail("git/no-remote", "The work tree has no remote, so no address either", _ELSEWHERE)
        name = "origin" if "origin" in names else names[0]
        url = self._run(self.root, "config", "--get", f"remote.{name}.url").decode().strip()
        host, path = _parts(url)
        if host not in _RAW:
            shown = f"{host}" if host else "a local folder"
            raise fail("git/no-address", f"The remote {name} is {shown}, which serves no files by address", _ELSEWHERE)
        return host, path

    def _run(self, folder: str, *arguments: str) -> bytes:
        import subprocess

        command = ["git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"]
        command += ["-c", "protocol.allow=never", "--no-pager", "-C", folder]  # what is not here is not fetched
        environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
        try:
            done = subprocess.run(
                [*command, *arguments], capture_output=True, check=False, env=environment, stdin=subprocess.DEVNULL
            )
        except FileNotFoundError:
            raise fail("git/missing", "git cannot be run", "-scripts git asks it what is committed.") from None
        if done.returncode == 0:
            return done.stdout
        said = done.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ")
        if arguments[0] in ("cat-file",) or "--verify" in arguments:
            raise _Refused(said)
        raise fail("git/failed", f"git {arguments[0]} failed: {said}", "-scripts git wants a git work tree.")


class _Refused(Exception):
    """git has no such thing."""


def _parts(url: str) -> tuple[str, str]:
    """Host and path of a remote's address; a password in it goes no further. ("", "") for a folder."""
    from urllib.parse import urlsplit

    if "://" in url:
        split = urlsplit(url)
        host, path = split.hostname or "", split.path
    elif ":" in url and not url.startswith(("/", ".")):
        host, _, path = url.partition(":")
        host = host.rpartition("@")[2]
    else:
        return "", ""
    host = host.lower().removeprefix("www.").removeprefix("ssh.")
    return host, path.strip("/").removesuffix(".git")
