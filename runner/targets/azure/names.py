"""Names and passwords that are made for one build, as Packer's azure-arm builder makes them.

All names of a build end in the same random text, so that what belongs together is seen in the portal.
"""

from __future__ import annotations

import string

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import random

_PREFIX = "pkr"
_LOWER = string.ascii_lowercase + string.digits
_ANY = string.ascii_letters + string.digits


class Names(Record):
    """What the resources of a build are called."""

    compute: str
    deployment: str
    key_vault: str
    os_disk: str
    data_disk: str
    nic: str
    subnet: str
    public_ip: str
    virtual_network: str
    nsg: str
    resource_group: str

    @property
    def key_vault_deployment(self) -> str:
        return f"kv{self.deployment}"


def make_names(chance: random.Random, prefix: str = "") -> Names:
    """Ten random letters after ``pkr``, five after a prefix of the template's."""
    start = prefix or _PREFIX
    end = text(chance, 5 if prefix else 10, _LOWER)
    return Names(
        compute=f"{start}vm{end}",
        deployment=f"{start}dp{end}",
        key_vault=f"{start}kv{end}",
        os_disk=f"{start}os{end}",
        data_disk=f"{start}dd{end}",
        nic=f"{start}ni{end}",
        subnet=f"{start}sn{end}",
        public_ip=f"{start}ip{end}",
        virtual_network=f"{start}vn{end}",
        nsg=f"{start}sg{end}",
        resource_group=f"{start}-Resource-Group-{end}",
    )


def password(chance: random.Random) -> str:
    """32 letters and digits with a capital, a small letter and a digit among them, which Azure asks for."""
    while True:
        made = text(chance, 32)
        if any(map(str.isdigit, made)) and any(map(str.islower, made)) and any(map(str.isupper, made)):
            return made


def text(chance: random.Random, length: int, letters: str = _ANY) -> str:
    return "".join(chance.choice(letters) for _ in range(length))
