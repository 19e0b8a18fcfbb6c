"""A base that is made from the Plan's source: a release of Debian or Ubuntu, put together of packages once.

It is kept in the cache by its suite and packages until ``clean -all``; the next build begins at once.
"""

from __future__ import annotations

import os
import subprocess
import time

from bakelift.runner import suites
from bakelift.runner.errors import BuildError
from bakelift.runner.targets.sandbox import cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from bakelift.runner.suites import Suite

#: What scripts find on a marketplace image beside a minimal system. Recommended packages are left out.
PACKAGES = (
    *("apt-utils", "ca-certificates", "curl", "gnupg", "iproute2", "kmod", "less", "lsb-release", "openssh-client"),
    *("procps", "python3", "sudo", "systemd-sysv", "udev", "wget"),
)

#: What a disk needs to boot.
KERNELS = {"debian": ("linux-image-cloud-amd64", "initramfs-tools"), "ubuntu": ("linux-virtual", "initramfs-tools")}

#: Seconds between looks whether to give up.
PAUSE = 0.1


def kept(suite: Suite, bootable: bool) -> str | None:
    """The tree of a suite that was made before. ``bootable``: with a kernel."""
    place = os.path.join(cache.cache_folder(), cache.SUITES, _key(suite, bootable))
    return place if os.path.isdir(place) else None


def name_of(suite: Suite, place: str) -> str:
    """What tells this making of a suite from others."""
    made = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(os.stat(place).st_mtime))
    return f"{suite}, made {made}"


def problem(suite: Suite) -> str | None:
    """What keeps this user from making a suite on this machine; None: nothing."""
    missing = suites.missing(suite)
    if missing:
        return f"making {suite} needs the package{'s' if len(missing) > 1 else ''} {', '.join(missing)}"
    if os.geteuid() != 0 and not _has_ids():
        return f"making {suite} needs root, or newuidmap and a range of ids for this user in /etc/subuid"
    return None


def make(suite: Suite, bootable: bool, stopped: Callable[[], bool]) -> str:
    """The tree of a suite, made if it is not kept. Raises BuildError, InterruptedError when it shall stop."""
    key, packages = _key(suite, bootable), _packages(suite, bootable)
    return cache.keyed(cache.SUITES, key, lambda folder: _make(suite, packages, folder, stopped))


def _packages(suite: Suite, bootable: bool) -> tuple[str, ...]:
    return (*PACKAGES, *KERNELS[suite.distribution]) if bootable else PACKAGES


def _make(suite: Suite, packages: tuple[str, ...], folder: str, stopped: Callable[[], bool]) -> None:
    command = [
        *("mmdebstrap", "--quiet", "--format=tar", "--variant=minbase", f"--include={','.join(packages)}"),
        *("--aptopt=Apt::Install-Recommends false", "--aptopt=Acquire::Languages none"),
        *(f"--mode={'root' if os.geteuid() == 0 else 'unshare'}", suite.name, "-", *suites.sources(suite)),
    ]
    unpack = ["tar", "--extract", "--numeric-owner", "--preserve-permissions", f"--directory={folder}"]
    unpack += ["--exclude=./dev/*", *(("--same-owner", "--xattrs", "--xattrs-include=*") if not os.geteuid() else ())]
    environment = suites.environment(os.environ)
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as making:
        assert making.stdout is not None and making.stderr is not None
        with subprocess.Popen(unpack, stdin=making.stdout, stderr=subprocess.PIPE, env=environment) as unpacking:
            making.stdout.close()
            while unpacking.poll() is None:
                if stopped():
                    making.terminate()  # it takes away what it mounted
                    making.wait()
                    raise InterruptedError("stopped")
                time.sleep(PAUSE)
            said = making.stderr.read().decode("utf-8", "replace").strip().splitlines()
            if making.wait() or unpacking.returncode:
                raise BuildError(f"mmdebstrap could not make {suite}: {said[-1] if said else 'tar failed'}")


def _has_ids() -> bool:
    import pwd
    import shutil

    if shutil.which("newuidmap") is None:
        return False
    try:
        name = pwd.getpwuid(os.geteuid()).pw_name
        with open("/etc/subuid", encoding="utf-8") as file:
            return any(line.split(":")[0] in (name, str(os.geteuid())) for line in file)
    except (KeyError, OSError):
        return False


def _key(suite: Suite, bootable: bool) -> str:
    import hashlib

    said = " ".join((suite.name, "root" if os.geteuid() == 0 else "user", *_packages(suite, bootable)))
    return f"{suite.name}-{hashlib.sha256(said.encode()).hexdigest()[:12]}"
