"""A base that is a tar file: unpacked once, kept by the sha256 of the file."""

from __future__ import annotations

import os

from bakelift.runner.errors import BuildError
from bakelift.runner.targets.sandbox import cache


def unpacked(path: str) -> tuple[str, str]:
    """The tree of a tar file (plain, or compressed as tar can tell), and the file's sha256 in hex."""
    digest = _digest(path)

    def unpack(folder: str) -> None:
        import subprocess

        command = ["tar", "--extract", "--numeric-owner", "--preserve-permissions", f"--directory={folder}"]
        command += ["--exclude=./dev/*", "--exclude=dev/*", "--exclude=./proc/*", "--exclude=./sys/*"]
        if os.geteuid() == 0:
            command += ["--same-owner", "--xattrs", "--xattrs-include=security.capability"]
        try:
            done = subprocess.run([*command, f"--file={path}"], capture_output=True, text=True, check=False)
        except FileNotFoundError as error:
            raise BuildError(f"The base {path} cannot be unpacked: there is no tar program") from error
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["tar failed"]
            raise BuildError(f"The base {path} cannot be unpacked: {lines[0]}")

    return cache.keyed(cache.TARS, digest, unpack), digest


def _digest(path: str) -> str:
    """The sha256 of a file; remembered for as long as its inode, size and times are the same."""
    import hashlib

    status = os.stat(path)
    known = f"{status.st_dev}-{status.st_ino}-{status.st_size}-{status.st_mtime_ns}-{status.st_ctime_ns}"
    note = os.path.join(cache.ensure(cache.TARS), hashlib.sha256(known.encode()).hexdigest()[:32] + ".sum")
    try:
        with open(note) as file:
            return file.read()
    except FileNotFoundError:
        pass
    with open(path, "rb") as data:
        digest = hashlib.file_digest(data, "sha256").hexdigest()
    part = f"{note}.{os.getpid()}"
    with open(part, "w") as file:
        file.write(digest)
    os.replace(part, note)
    return digest
