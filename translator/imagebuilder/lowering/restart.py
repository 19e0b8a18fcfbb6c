"""Shell steps that restart the machine at their end, where Packer expects to be cut off.

Image Builder's own Packer does not expect it: a script that is cut off fails the build. So the restart waits until the
script has ended, and then cuts every connection before it begins: the next step connects again, for as long as Packer
tries to start a script (5 minutes), and finds the machine only when it is back.
"""

from __future__ import annotations

import re

from bakelift.translator.imagebuilder.lowering import text as t

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.translator.imagebuilder.lowering.shell_spec import ShellSpec

_RESTART = re.compile(
    r"(?:sudo\s+(?:-\S+\s+)*)?(?:/usr/s?bin/|/s?bin/)?"
    r"(?:reboot(?:\s+(?:-\w+|now))*|shutdown\s+-r\s+(?:now|\+?0)(?:\s+[^;&|]*)?|systemctl\s+reboot|init\s+6)\s*[;&]?"
)
_IDLE = re.compile(r"sleep\s+[0-9.]+[smh]?;?|exit\s+0|true|#.*|")

#: The fact of the customizer that restarts.
RESTART = "restart"

LINES = (
    t.marker({RESTART: True}),
    "# The machine restarts when this script has ended. Nobody stays connected, so that the next step waits for it.",
    "cat > /tmp/bakelift_restart.sh <<'BAKELIFT'",
    'rm -f "$0"',
    'while kill -0 "$1" 2> /dev/null; do sleep 0.1; done',
    "systemctl stop ssh.socket sshd.socket ssh sshd 2> /dev/null",
    "pkill -f '^sshd'",
    "systemctl reboot || reboot",
    "BAKELIFT",
    "sudo nohup setsid sh /tmp/bakelift_restart.sh $$ > /dev/null 2>&1 < /dev/null &",
)


def without_restart(spec: ShellSpec) -> ShellSpec | None:
    """The step without the restart at its end; None where it does not end in one.

    Its ``inline`` may be empty then; a script that is nothing else is left out.
    """
    if spec.retries or spec.carry_on:
        return None
    if spec.inline is not None:
        before = _before("\n".join(spec.inline).split("\n"))
        return None if before is None else spec.but(inline=tuple(before))
    if not spec.scripts:
        return None
    script = spec.scripts[-1]
    try:
        before = _before(script.data.decode().splitlines())
    except UnicodeDecodeError:
        return None
    if before is None:
        return None
    if all(_IDLE.fullmatch(line.strip()) for line in before):
        return spec.but(scripts=spec.scripts[:-1])
    shortened = script.but(data="".join(line + "\n" for line in before).encode())
    return spec.but(scripts=(*spec.scripts[:-1], shortened))


def _before(lines: Sequence[str]) -> list[str] | None:
    end = len(lines)
    while end and _IDLE.fullmatch(lines[end - 1].strip()):
        end -= 1
    if not end or _RESTART.fullmatch(lines[end - 1].strip()) is None:
        return None
    return list(lines[: end - 1])
