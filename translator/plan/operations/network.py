"""Address ranges."""

from __future__ import annotations

from bakelift.translator.plan.operations.failure import ArgumentError, OperationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

    Network = IPv4Network | IPv6Network


def network(prefix: str) -> Network | None:
    """The network of ``address/length``; host bits may be set. None when it is none."""
    from ipaddress import ip_network

    address, slash, length = prefix.partition("/")
    if not slash or not (length.isascii() and length.isdigit()) or "%" in address:
        return None
    try:
        return ip_network(f"{address}/{length}", strict=False)
    except ValueError:
        return None


def _network(prefix: str) -> Network:
    found = network(prefix)
    if found is None:
        raise OperationError(f"invalid CIDR expression: invalid CIDR address: {prefix}")
    return found


def _whole(number: int, what: str = "value") -> int:
    if not isinstance(number, int):
        raise OperationError(f"{what} must be a whole number")
    return number


def cidr_host(prefix: str, hostnum: int) -> str:
    of, number = _network(prefix), _whole(hostnum)
    if number >= of.num_addresses or -number > of.num_addresses:
        message = f"prefix of {of.prefixlen} does not accommodate a host numbered {number}"
        raise OperationError(message)
    return str(of[number])


def cidr_netmask(prefix: str) -> str:
    of = _network(prefix)
    return str(of.netmask)


def cidr_subnet(prefix: str, newbits: int, netnum: int) -> str:
    of = _network(prefix)
    if _whole(newbits) > 32 and of.version == 4:
        raise OperationError("may not extend prefix by more than 32 bits")
    length = of.prefixlen + newbits
    if length > of.max_prefixlen:
        message = f"insufficient address space to extend prefix of {of.prefixlen} by {newbits}"
        raise OperationError(message)
    if not 0 <= _whole(netnum) < 1 << newbits:
        message = f"prefix extension of {newbits} does not accommodate a subnet numbered {netnum}"
        raise OperationError(message)
    return _subnet(of, length, int(of.network_address) + (netnum << (of.max_prefixlen - length)))


def cidr_subnets(prefix: str, *newbits: int) -> list[str]:
    of = network(prefix)
    if of is None:
        raise ArgumentError(0, f"invalid CIDR expression: invalid CIDR address: {prefix}")
    if newbits and not isinstance(newbits[0], int):
        raise ArgumentError(1, "value must be a whole number")
    found: list[str] = []
    following = int(of.network_address)
    for position, bits in enumerate(newbits, 1):
        if not isinstance(bits, int):
            raise ArgumentError(position, "value must be a whole number")
        if bits < 1:
            raise ArgumentError(position, "must extend prefix by at least one bit")
        if bits > 32:
            raise ArgumentError(position, "may not extend prefix by more than 32 bits")
        length = of.prefixlen + bits
        if length > of.max_prefixlen:
            protocol = "IPv4" if of.version == 4 else "IPv6"
            message = f"would extend prefix to {length} bits, which is too long for an {protocol} address"
            raise ArgumentError(position, message)
        size = 1 << (of.max_prefixlen - length)
        start = -(-following // size) * size
        if start + size > int(of.broadcast_address) + 1:
            message = f"not enough remaining address space for a subnet with a prefix of {length} bits"
            raise ArgumentError(position, f"{message} after {found[-1] if found else of}")
        found.append(_subnet(of, length, start))
        following = start + size
    return found


def _subnet(of: Network, length: int, start: int) -> str:
    return f"{type(of.network_address)(start)}/{length}"
