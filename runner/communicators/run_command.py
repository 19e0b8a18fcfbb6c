"""Commands and files through Azure's managed Run Command: for machines that no connection reaches.

Each command is a resource below the machine, which its agent runs, and which is removed again. Facts: the service keeps
the last 4 KB of each stream and the exit status; on Linux, protected parameters with names are environment variables of
the script (github.com/Azure/run-command-handler-linux), so that what is run does not stand in the resource, where
everybody who may read it would see it.
"""

from __future__ import annotations

import asyncio
import base64
import os
import posixpath
import shlex

from bakelift.runner.communicators import shell_files
from bakelift.runner.errors import BuildError, CommunicatorError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from typing import Any

    from bakelift.runner.communicators import Listener
    from bakelift.translator.files import Entry

    #: Runs a command resource of this name, body first; gives its instance view. Raises BuildError.
    Runner = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]

#: Bytes of a file in one command. A variable of Linux's environment holds 128 KiB, and base64 takes four thirds.
PIECE = 64 * 1024

#: Of each stream, the service keeps this much.
KEPT = 4096

#: Seconds that a command may take: the service's own limit for what it waits for.
LIMIT = 5400

CUT = f"(only the last {KEPT} bytes of the output come over Run Command)\n".encode()

#: Run as root; the user whose machine it is runs what is sent, where there is such a user.
_LINUX = """f=$(mktemp) && printf %s "$BAKELIFT" | base64 -d > "$f" || exit 1
unset BAKELIFT
u={user}
if [ -n "$u" ] && [ "$(id -u)" = 0 ] && id "$u" >/dev/null 2>&1; then
  chown "$u" "$f" && runuser -l "$u" -c "bash $f"
else
  cd && bash "$f"
fi
s=$?
rm -f "$f"
exit $s
"""

#: cmd runs the command as over ssh: what stands between the outermost quotes is the command.
_WINDOWS = """$c = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('{command}'))
$i = New-Object Diagnostics.ProcessStartInfo 'cmd.exe', ('/d /s /c "' + $c + '"')
$i.UseShellExecute = $false
$i.RedirectStandardInput = $true
$p = [Diagnostics.Process]::Start($i)
$b = [Convert]::FromBase64String('{stdin}')
$p.StandardInput.BaseStream.Write($b, 0, $b.Length)
$p.StandardInput.Close()
$p.WaitForExit()
exit $p.ExitCode
"""

_WINDOWS_FILE = """$p = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('{path}'))
$f = [IO.File]::Open($p, '{mode}')
$b = [Convert]::FromBase64String('{data}')
$f.Write($b, 0, $b.Length)
$f.Close()
"""


class RunCommand:
    """``user``: on Linux, as whom commands run; "": root."""

    #: Seconds that it may take to see whether the machine is there: Azure takes half a minute for the least command.
    look = 180.0

    def __init__(self, runner: Runner, location: str, windows: bool, user: str = "") -> None:
        self._runner = runner
        self._location = location
        self.windows = windows
        self._linux = _LINUX.format(user=shlex.quote(user))
        #: Hears of large files on their way: what, bytes so far, bytes in all.
        self.progress: Callable[[str, int, int], None] | None = None

    async def run(
        self,
        command: str,
        stdout: Listener | None = None,
        stderr: Listener | None = None,
        stdin: bytes | None = None,
    ) -> int:
        if self.windows:
            script = _WINDOWS.format(command=_base64(command.encode()), stdin=_base64(stdin or b""))
            view = await self._ran(script, None)
        else:
            text = await self._with_input(command, stdin)
            view = await self._ran(self._linux, text)
        for listener, said in ((stdout, view.get("output")), (stderr, view.get("error"))):
            data = str(said or "").encode("utf-8", "surrogateescape")
            if listener is None or not data:
                continue
            if len(data) >= KEPT:
                listener(CUT)
            listener(data if data.endswith(b"\n") else data + b"\n")
        state = str(view.get("executionState", ""))
        if state in ("Succeeded", "Failed") and view.get("exitCode") is not None:
            return int(view["exitCode"])
        said = str(view.get("executionMessage") or view.get("error") or state or "it did not say how it ended")
        raise CommunicatorError(f"the command was not run: {' '.join(said.split())}")

    async def _with_input(self, command: str, stdin: bytes | None) -> str:
        """A script that runs the command as a login shell does, with its input, if any."""
        if stdin is None:
            return f"exec </dev/null\n{command}\n"
        path = f"/tmp/bakelift-{os.urandom(6).hex()}"
        await self.upload(stdin, path, 0o600)
        return f"exec <{path}\nrm -f {path}\n{command}\n"

    async def _ran(self, script: str, hidden: str | None) -> dict[str, Any]:
        properties: dict[str, Any] = {"source": {"script": script}, "timeoutInSeconds": LIMIT, "asyncExecution": False}
        if hidden is not None:
            value = _base64(hidden.encode("utf-8", "surrogateescape"))
            if len(value) > 120 * 1024:
                raise CommunicatorError("the command is too long for Run Command; put it into a script")
            properties["protectedParameters"] = [{"name": "BAKELIFT", "value": value}]
        try:
            return await self._runner(
                f"bakelift-{os.urandom(6).hex()}", {"location": self._location, "properties": properties}
            )
        except BuildError as problem:
            raise CommunicatorError(str(problem)) from problem

    async def upload(self, data: bytes, path: str, mode: int = 0o644) -> None:
        for start in range(0, max(len(data), 1), PIECE):
            piece = data[start : start + PIECE]
            if self.windows:
                how = "Append" if start else "Create"
                script = _WINDOWS_FILE.format(path=_base64(path.encode()), mode=how, data=_base64(piece))
                status, said = await self._piece(script, None)
            else:
                status, said = await self._piece(self._linux, _written(path, piece, mode, append=start > 0))
            if status:
                raise CommunicatorError(f"scp: {path}: {said or 'it could not be written'}")
            if self.progress is not None and len(data) > PIECE:
                self.progress(posixpath.basename(path), min(start + PIECE, len(data)), len(data))

    async def _piece(self, script: str, hidden: str | None) -> tuple[int, str]:
        view = await self._ran(script, hidden)
        return int(view.get("exitCode") or 0), str(view.get("error") or "").strip()

    async def upload_tree(self, entries: Sequence[Entry], directory: str) -> None:
        if not self.windows:
            return await shell_files.upload_tree(self, entries, directory)
        for entry in entries:
            path = f"{directory}/{entry.name}"
            if entry.data is not None:
                await self.upload(entry.data, path, entry.mode)
            else:
                local = path.replace("/", "\\")
                await self.run(f'if not exist "{local}" mkdir "{local}"')
        return None

    async def download(self, path: str) -> tuple[bytes, int]:
        """A file, in pieces that fit into the output. Raises CommunicatorError."""
        if self.windows:
            raise CommunicatorError("files cannot be downloaded from Windows over Run Command")
        place = shlex.quote(path)
        size, mode = (await self._said(f"test -f {place} && stat -L -c '%s %a' {place}", path)).split()
        data = bytearray()
        step = KEPT * 3 // 4 - 96
        while len(data) < int(size):
            read = f"tail -c +{len(data) + 1} {place} | head -c {step} | base64 -w 0"
            piece = base64.b64decode(await self._said(read, path))
            if not piece:
                raise CommunicatorError(f"scp: {path}: it became shorter while it was read")
            data += piece
        return bytes(data), int(mode, 8)

    async def _said(self, command: str, path: str) -> str:
        out, err = bytearray(), bytearray()
        if await self.run(command, out.extend, err.extend):
            said = err.decode("utf-8", "replace").strip()
            raise CommunicatorError(f"scp: {path}: {said or 'No such file or directory'}")
        return out.decode("utf-8", "replace").strip()

    async def download_tree(self, directory: str) -> list[Entry]:
        if self.windows:
            raise CommunicatorError("files cannot be downloaded from Windows over Run Command")
        from bakelift.runner.communicators import archive

        path = f"/tmp/bakelift-{os.urandom(6).hex()}"
        await self._said(f"tar -C {shlex.quote(directory)} -cf {path} .", directory)
        data, _ = await self.download(path)
        await self.run(f"rm -f {path}")
        return archive.unpack(data)

    async def close(self) -> None:
        """There is nothing to let go of."""
        await asyncio.sleep(0)


def _written(path: str, data: bytes, mode: int, append: bool) -> str:
    place, sign = shlex.quote(path), ">>" if append else ">"
    if path.startswith("~/"):
        place = f"~/{shlex.quote(path[2:])}"
    first = "" if append else "umask 077; "
    return f"{first}printf %s '{_base64(data)}' | base64 -d {sign} {place} && chmod {mode:04o} {place}\n"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
