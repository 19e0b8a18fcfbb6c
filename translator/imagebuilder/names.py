"""Names: of templates and run outputs, of parameters, and of Azure's regions."""

from __future__ import annotations

import re

#: Names of image templates and run outputs (schema): 1 to 64 of these.
NAME = re.compile(r"[A-Za-z0-9\-_.]{1,64}")

#: Regions where Image Builder runs (learn.microsoft.com/azure/virtual-machines/image-builder-overview, 2026-05).
_REGIONS = (
    "eastus eastus2 westcentralus westus westus2 westus3 southcentralus northeurope westeurope southeastasia "
    "australiasoutheast australiaeast uksouth ukwest brazilsouth canadacentral centralindia centralus francecentral "
    "germanywestcentral japaneast northcentralus norwayeast switzerlandnorth jioindiawest uaenorth eastasia "
    "koreacentral southafricanorth qatarcentral usgovarizona usgovvirginia chinanorth3 swedencentral polandcentral "
    "italynorth israelcentral newzealandnorth taiwannorthwest"
)
REGIONS = frozenset(_REGIONS.split())


def region(text: str) -> str:
    """A region's name as Azure's own answers spell it: ``East US 2`` → ``eastus2``."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


def slug(*words: str | None, longest: int = 64) -> str:
    """A name for a template or run output made of words; never empty."""
    text = "-".join(word for word in words if word)
    text = re.sub(r"[^A-Za-z0-9\-_.]+", "-", text).strip("-._")
    return text[:longest].strip("-._") or "image"


def words(text: str) -> str:
    """Words of a slug in camel case: ``web-server.prod`` → ``WebServerProd``."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", text) if word)


class Names:
    """Gives names that are unique whatever their case, as ARM compares them.

    ``identifiers``: names are Bicep's, which are letters, digits and ``_``, and no words of the language.
    """

    def __init__(self, identifiers: bool = False) -> None:
        self._taken: set[str] = {"true", "false", "null"} if identifiers else set()
        self._others = re.compile(r"[^A-Za-z0-9_]" if identifiers else r"[^A-Za-z0-9_\-]")

    def give(self, wanted: str) -> str:
        """The name itself, or with a number; characters that a parameter may not have become ``_``."""
        base = self._others.sub("_", wanted)
        if base[:1].isdigit() or not base:
            base = "_" + base
        name, number = base, 2
        while name.lower() in self._taken:
            name = f"{base}{number}"
            number += 1
        self._taken.add(name.lower())
        return name

    def free(self, name: str) -> bool:
        return name.lower() not in self._taken
