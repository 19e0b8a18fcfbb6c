"""A view of the layers from the build's side: commands and files, asked for over a socket."""

from __future__ import annotations

import asyncio
import contextlib
import os
from itertools import count

from bakelift.runner.communicators import DISCONNECTED
from bakelift.runner.errors import CommunicatorError
from bakelift.runner.targets.sandbox import wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from bakelift.runner.communicators import Listener

#: Bytes of output handed on at a time.
PIECE = 1 << 16

#: Seconds without output after which a command that has ended is over, although something that it left in the
#: background keeps its output open.
LINGER = 1.0


class View:
    """Serves one event loop. ``channel``: the socket to what runs inside (see :mod:`.inside`)."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._parser = wire.Parser()
        self._numbers = count(1)
        self._ready: asyncio.Future[int] | None = None
        self._pending: dict[int, asyncio.Future[int]] = {}
        self._asked: dict[int, asyncio.Future[list[str]]] = {}
        self._streams: set[_Stream] = set()
        self._closed: asyncio.Future[None] | None = None
        self._process: int | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing can run in it any more."""
        return self._closed is not None and self._closed.done()

    async def ready(self) -> None:
        """Waits until commands can run. Raises CommunicatorError."""
        if self._ready is None:
            loop = asyncio.get_running_loop()
            self._ready, self._closed = loop.create_future(), loop.create_future()
            loop.add_reader(self._channel, self._hear)
        await asyncio.shield(self._ready)

    async def run(
        self,
        kind: bytes,
        words: Sequence[str],
        stdout: Listener | None = None,
        stderr: Listener | None = None,
        stdin: bytes | None = None,
    ) -> int:
        """A request of :mod:`.wire`; the exit status, 128 + N after signal N, DISCONNECTED when all inside ended."""
        await self.ready()
        loop = asyncio.get_running_loop()
        number = next(self._numbers)
        ended = self._pending[number] = loop.create_future()
        streams = self._ask(loop, kind, number, words, stdout, stderr, stdin)
        try:
            status: int = await ended
            await _rest(streams)
        except asyncio.CancelledError:
            with contextlib.suppress(OSError):
                wire.send(self._channel, wire.KILL, number, [])
            if not ended.done():
                await asyncio.wait([ended])
            raise
        finally:
            del self._pending[number]
            for stream in streams:
                stream.listener = None
        return status

    async def running(self) -> list[str]:
        """The names of the programs that run inside."""
        await self.ready()
        number = next(self._numbers)
        answer: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
        self._asked[number] = answer
        try:
            wire.send(self._channel, wire.WHO, number, [])
            return await answer
        except OSError:
            return []
        finally:
            del self._asked[number]

    def _ask(
        self,
        loop: asyncio.AbstractEventLoop,
        kind: bytes,
        number: int,
        words: Sequence[str],
        stdout: Listener | None,
        stderr: Listener | None,
        stdin: bytes | None,
    ) -> list[_Stream]:
        out, out_end = os.pipe()
        err, err_end = os.pipe()
        data = _input(stdin)
        try:
            wire.send(self._channel, kind, number, [os.fsencode(word) for word in words], (data, out_end, err_end))
        except (OSError, ValueError) as error:
            os.close(out)
            os.close(err)
            del self._pending[number]
            raise CommunicatorError(_no_command(error)) from error
        finally:
            for fd in (data, out_end, err_end):
                os.close(fd)
        streams = [_Stream(loop, out, stdout, self._streams), _Stream(loop, err, stderr, self._streams)]
        self._streams.update(streams)
        return streams

    async def end(self) -> None:
        """Kills all inside; returns when nothing runs any more. Its mounts stay until :meth:`leave`."""
        with contextlib.suppress(CommunicatorError):
            await self.ready()
            if not self.ended:
                with contextlib.suppress(OSError):
                    wire.send(self._channel, wire.END, 0, [])
        assert self._closed is not None
        await asyncio.shield(self._closed)
        for stream in tuple(self._streams):
            stream.close()

    async def leave(self) -> None:
        """Lets its mounts go, after :meth:`end`; returns when the process that had them has ended."""
        fd, self._process = self._process, None
        self.let_go()
        if fd is not None:
            loop = asyncio.get_running_loop()
            left = loop.create_future()
            loop.add_reader(fd, _settle, left)
            try:
                await left
            finally:
                loop.remove_reader(fd)
                os.close(fd)

    def let_go(self) -> None:
        """The same, without waiting."""
        self._lost()
        if self._process is not None:
            os.close(self._process)
            self._process = None

    def _hear(self) -> None:
        import socket

        try:
            data = self._channel.recv(PIECE, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        for message in self._parser.feed(data):
            self._take(message)
        if not data:
            self._lost()

    def _take(self, message: wire.Message) -> None:
        assert self._ready is not None
        if message.kind == wire.READY:
            with contextlib.suppress(OSError):  # it has ended already
                self._process = os.pidfd_open(int(message.words[0]))
            self._ready.set_result(0)
            return
        if message.kind == wire.QUIET:
            self._quiet()
            return
        if message.kind == wire.NAMES:
            asked = self._asked.get(message.number)
            if asked is not None and not asked.done():
                asked.set_result([word.decode("utf-8", "replace") for word in message.words if word])
            return
        waiting = self._pending.get(message.number) if message.number else self._ready
        if waiting is None or waiting.done():
            return
        if message.kind == wire.ENDED:
            status = os.waitstatus_to_exitcode(int(message.words[0]))
            waiting.set_result(status if status >= 0 else 128 - status)
        else:
            reason = message.words[0].decode("utf-8", "replace")
            waiting.set_exception(CommunicatorError(_no_command(reason) if message.number else reason))

    def _lost(self) -> None:
        """The socket is of no more use."""
        if self._channel.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._channel)
            self._channel.close()
        self._quiet()

    def _quiet(self) -> None:
        """Nothing runs inside any more."""
        assert self._ready is not None and self._closed is not None
        if not self._ready.done():
            self._ready.set_exception(CommunicatorError("The sandbox could not be started: it ended at once"))
        for waiting in self._pending.values():
            if not waiting.done():
                waiting.set_result(DISCONNECTED)
        for asked in self._asked.values():
            if not asked.done():
                asked.set_result([])
        _settle(self._closed)


class _Stream:
    """One output of a command. What comes after the command is over is read and dropped, so that it stops nothing."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, fd: int, listener: Listener | None, among: set[_Stream]
    ) -> None:
        self.listener = listener
        self.bytes = 0
        self.over: asyncio.Future[None] = loop.create_future()
        self._loop = loop
        self._fd = fd
        self._among = among
        os.set_blocking(fd, False)
        loop.add_reader(fd, self._read)

    def _read(self) -> None:
        try:
            data = os.read(self._fd, PIECE)
        except BlockingIOError:
            return
        if not data:
            self.close()
            return
        self.bytes += len(data)
        if self.listener is not None:
            self.listener(data)

    def close(self) -> None:
        if not self.over.done():
            self._loop.remove_reader(self._fd)
            os.close(self._fd)
            self._among.discard(self)
            self.over.set_result(None)


async def _rest(streams: Sequence[_Stream]) -> None:
    """Waits for what is still to come of a command that has ended."""
    heard = -1
    while (left := [stream.over for stream in streams if not stream.over.done()]) and heard != sum(
        stream.bytes for stream in streams
    ):
        heard = sum(stream.bytes for stream in streams)
        await asyncio.wait(left, timeout=LINGER, return_when=asyncio.ALL_COMPLETED)


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _input(data: bytes | None) -> int:
    """A file to read standard input from."""
    if data is None:
        return os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    fd = os.memfd_create("input", os.MFD_CLOEXEC)
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def _no_command(reason: object) -> str:
    return f"The sandbox could not start a command: {reason}"
