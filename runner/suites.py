"""Releases of Debian and Ubuntu: which one a marketplace image is, and where this machine gets its packages."""

from __future__ import annotations

import os
import re

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Code names by version. Of images, the offer or the sku has the version, as debian-12 or 22_04-lts-gen2.
RELEASES = {
    "debian": {"10": "buster", "11": "bullseye", "12": "bookworm", "13": "trixie"},
    "ubuntu": {"18.04": "bionic", "20.04": "focal", "22.04": "jammy", "24.04": "noble", "25.04": "plucky"},
}

#: Who publishes the distributions' own images in the marketplace.
PUBLISHERS = {"debian": "debian", "canonical": "ubuntu"}

KEYRINGS = {
    "debian": ("/usr/share/keyrings/debian-archive-keyring.gpg", "debian-archive-keyring"),
    "ubuntu": ("/usr/share/keyrings/ubuntu-archive-keyring.gpg", "ubuntu-keyring"),
}

#: Parts of the archive that the distributions' images use.
COMPONENTS = {"debian": "main", "ubuntu": "main universe"}


class Suite(Record):
    """``distribution``: debian or ubuntu; ``name``: the release's code name."""

    distribution: str
    version: str
    name: str

    def __str__(self) -> str:
        return f"{self.distribution.title()} {self.version} ({self.name})"


def of_image(publisher: str, offer: str, sku: str) -> Suite | None:
    """The release of a marketplace image; None: it is another's, or one that is not known."""
    distribution = PUBLISHERS.get(publisher.lower())
    if distribution is None:
        return None
    said = f"{offer} {sku}".lower().replace("_", ".")
    for version, name in RELEASES[distribution].items():
        number = rf"(?<![\d.]){re.escape(version)}(?![\d])"
        if re.search(rf"\b{name}\b", said) or re.search(number, said):
            return Suite(distribution, version, name)
    return None


def mirror(suite: Suite, folder: str = "/etc/apt") -> str | None:
    """Where this machine gets packages of the same distribution from; None: it is of another."""
    for uri in _uris(folder):
        if uri.rstrip("/").endswith(f"/{suite.distribution}"):
            return uri
    return None


def missing(suite: Suite) -> list[str]:
    """Debian packages without which the suite cannot be put together on this machine."""
    import shutil

    keyring, package = KEYRINGS[suite.distribution]
    found = [] if shutil.which("mmdebstrap") else ["mmdebstrap"]
    return found if os.path.exists(keyring) else [*found, package]


def sources(suite: Suite) -> list[str]:
    """What mmdebstrap is told of archives: this machine's own mirror, else nothing, and it takes the default."""
    uri = mirror(suite)
    return [] if uri is None else [f"deb {uri} {suite.name} {COMPONENTS[suite.distribution]}"]


def _uris(folder: str) -> Iterator[str]:
    """The addresses in apt's lists, in both of their formats."""
    for path in (os.path.join(folder, "sources.list"), *_listed(os.path.join(folder, "sources.list.d"))):
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                lines = file.read().splitlines()
        except OSError:
            continue
        for line in lines:
            found = re.match(r"(?:deb\s+(?:\[[^\]]*\]\s+)?|URIs:\s*)(\S+)", line)
            if found:
                yield found[1]


def _listed(folder: str) -> list[str]:
    try:
        return [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
    except OSError:
        return []


def environment(surroundings: Mapping[str, str]) -> dict[str, str]:
    """For programs of the system, which a user's PATH may leave out."""
    return {**surroundings, "PATH": f"{surroundings.get('PATH', '')}:/usr/sbin:/sbin", "LC_ALL": "C.UTF-8"}
