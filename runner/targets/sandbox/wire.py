"""What is said over the sockets between a build, its keeper and what runs inside its sandbox: short framed messages."""

from __future__ import annotations

import socket
import struct

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Length of the payload, the request's number, the kind.
_HEADER = struct.Struct("!IIc")
_FD = struct.Struct("i")

#: To the keeper: a view of the layers (its bubblewrap options; the socket to talk to what runs inside).
VIEW = b"V"

#: To the inside: run a program; write standard input into a file; kill what a request started; say what runs; kill all.
RUN, WRITE, KILL, WHO, END = b"R", b"W", b"K", b"P", b"E"

#: From the inside: the view is there (the process that serves it); it or a command could not be started (why); a
#: command has ended (its wait status); names of what runs; nothing runs any more (the mounts stay until the build lets
#: go of the socket).
READY, FAILED, ENDED, NAMES, QUIET = b"r", b"f", b"e", b"n", b"q"


class Message(Record):
    """``words``: the payload's, as they were given; ``fds``: files that came along."""

    kind: bytes
    number: int
    words: tuple[bytes, ...]
    fds: tuple[int, ...] = ()


def send(channel: socket.socket, kind: bytes, number: int, words: Sequence[bytes], fds: Sequence[int] = ()) -> None:
    """Words hold no NUL. Raises OSError, ValueError."""
    payload = b"\0".join(words)
    if payload.count(b"\0") != max(0, len(words) - 1):
        raise ValueError("a NUL byte in a command")
    header = _HEADER.pack(len(payload), number, kind)
    if fds:
        socket.send_fds(channel, [header], fds)
        channel.sendall(payload)
    else:
        channel.sendall(header + payload)


def receive(channel: socket.socket) -> Message | None:
    """Waits for a message; None when the other side has gone."""
    # Not socket.recv_fds: it forgets the flag, and what a command starts with must be its own three files only.
    header, extra, _, _ = channel.recvmsg(_HEADER.size, socket.CMSG_LEN(3 * _FD.size), socket.MSG_CMSG_CLOEXEC)
    fds = [fd for _, _, data in extra for (fd,) in _FD.iter_unpack(data)]
    while len(header) < _HEADER.size:
        more = channel.recv(_HEADER.size - len(header))
        if not more:
            return None
        header += more
    length, number, kind = _HEADER.unpack(header)
    payload = bytearray()
    while len(payload) < length:
        more = channel.recv(min(1 << 16, length - len(payload)))
        if not more:
            return None
        payload += more
    return Message(kind, number, tuple(bytes(payload).split(b"\0")), tuple(fds))


class Parser:
    """Messages out of a stream of bytes, for a side that must not wait."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[Message]:
        self._rest += data
        while len(self._rest) >= _HEADER.size:
            length, number, kind = _HEADER.unpack_from(self._rest)
            end = _HEADER.size + length
            if len(self._rest) < end:
                return
            payload, self._rest = self._rest[_HEADER.size : end], self._rest[end:]
            yield Message(kind, number, tuple(payload.split(b"\0")))
