"""The sandbox holds: root inside is not root outside, and sees nothing of the machine's people."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

FORBIDDEN = {
    "sys_module": 16,
    "sys_rawio": 17,
    "sys_ptrace": 19,
    "sys_admin": 21,
    "sys_boot": 22,
    "sys_time": 25,
    "mknod": 27,
    "net_admin": 12,
    "syslog": 34,
    "mac_admin": 33,
    "perfmon": 38,
    "bpf": 39,
}


def state(path: str) -> tuple[object, ...]:
    status = os.lstat(path)
    return status.st_mode, status.st_uid, status.st_size, status.st_mtime_ns, status.st_ino


def test_the_hosts_etc_and_usr_stay_as_they_are(each_lab: Any) -> None:
    watched = ["/etc/passwd", "/etc/hosts", "/etc", "/usr", "/usr/bin", "/usr/bin/env", "/usr/share"]
    before = {path: state(path) for path in watched}
    (first, said), (_, seen) = each_lab.shell(
        "echo changed >/etc/hosts && rm /etc/passwd && rm -r /usr/share/misc; echo x >/usr/share/new &&"
        "rm /usr/bin/env && echo '#!/bin/sh' >/usr/bin/env && chmod 700 /usr/bin/env",
        "cat /etc/hosts; ls /etc/passwd /usr/share/misc; cat /usr/bin/env /usr/share/new",
    )
    assert first == 0, said
    assert "changed\n" in seen and "#!/bin/sh" in seen and "x\n" in seen
    assert "/etc/passwd': No such" in seen and "/usr/share/misc': No such" in seen
    assert {path: state(path) for path in watched} == before


def test_no_devices_can_be_made(each_lab: Any) -> None:
    ((status, said),) = each_lab.shell("mknod /dev/x b 8 0; mknod /etc/x c 1 3; ls /dev/x /etc/x; ls /dev")
    assert status == 0
    assert said.count("Operation not permitted") + said.count("Permission denied") >= 2
    assert said.count("No such file") == 2
    assert not {"sda", "vda", "mem", "kmsg", "kvm", "loop0"} & set(said.split())


def test_nothing_can_be_mounted(each_lab: Any) -> None:
    ((_, said),) = each_lab.shell(
        "mount -t tmpfs none /mnt && echo MOUNTED; mount --bind /etc /mnt && echo MOUNTED;"
        "umount /proc/sys && echo UNMOUNTED; mount -o remount,rw /proc/sys && echo REMOUNTED;"
        "unshare -m true && echo UNSHARED; unshare -U true && echo UNSHARED;"
        "unshare -Ur mount -t proc p /mnt && echo DONE"
    )
    assert not {"MOUNTED", "UNMOUNTED", "REMOUNTED", "UNSHARED", "DONE"} & set(said.split())


def test_kernel_settings_stay(each_lab: Any) -> None:
    swappiness = Path("/proc/sys/vm/swappiness").read_text()
    other = "13" if swappiness.strip() != "13" else "14"
    name = os.uname().nodename
    ((_, said),) = each_lab.shell(
        f"echo {other} >/proc/sys/vm/swappiness && echo WRITTEN;"
        "echo 1000 >/proc/sys/user/max_user_namespaces && echo WRITTEN;"
        "echo s >/proc/sysrq-trigger && echo WRITTEN; echo x >/proc/sys/kernel/core_pattern && echo WRITTEN;"
        "head -c1 /proc/kcore && echo READ; date -s @0 && echo SET; hostname other && echo NAMED; dmesg && echo READ"
    )
    assert Path("/proc/sys/vm/swappiness").read_text() == swappiness
    assert "WRITTEN" not in said and "SET\n" not in said
    assert os.uname().nodename == name


def test_capabilities_are_dropped_for_good(each_lab: Any) -> None:
    ((_, said),) = each_lab.shell("cat /proc/self/status; setpriv --inh-caps +sys_admin true && echo GAINED")
    sets = dict(line.split(":\t") for line in said.splitlines() if line.startswith(("Cap", "NoNewPrivs")))
    assert sets["NoNewPrivs"] == "1" and "GAINED" not in said
    for each in ("CapPrm", "CapEff", "CapBnd", "CapInh", "CapAmb"):
        held = [name for name, bit in FORBIDDEN.items() if int(sets[each], 16) >> bit & 1]
        assert not held, each


def test_people_and_secrets_are_not_visible(each_lab: Any, checkout: Path) -> None:
    parent = checkout.parent
    ((_, said),) = each_lab.shell(
        "ls -A /home /root; echo --; cat /etc/shadow* /etc/gshadow* /var/backups/*shadow* 2>&1; echo --;"
        "ls /etc/ssh; echo --;"
        f"ls -A {parent} 2>&1; ls {checkout} 2>&1; echo --; env; cat /proc/*/environ | tr '\\0' '\\n'; echo --; ls /"
    )
    homes, hashes, ssh, place, environment, tops = said.split("--\n")
    assert homes.split() == ["/home:", "/root:"]
    entries = [line.split(":") for line in hashes.splitlines() if line.count(":") > 2 and "No such" not in line]
    assert all(entry[1] in {"*", "!", ""} for entry in entries)
    assert "$6$" not in hashes and "$y$" not in hashes
    assert "ssh_host_" not in ssh
    if str(parent) not in {"/", "/tmp"}:
        assert place.count("No such file") == 2 or not (set(os.listdir(parent)) & set(place.split()))
    assert "CALLERS_SECRET" not in environment and "hunter2" not in environment
    names = {line.split("=")[0] for line in environment.splitlines() if line}
    # The command itself comes by its shell's environment, which only its user can read.
    assert names <= {"BAKELIFT_COMMAND", "HOME", "LOGNAME", "PATH", "PWD", "SHELL", "USER", "OLDPWD", "_", "SHLVL"}
    assert set(tops.split()) <= {
        "bin",
        "boot",
        "dev",
        "etc",
        "home",
        "lib",
        "lib32",
        "lib64",
        "libx32",
        "media",
        "mnt",
        "opt",
        "proc",
        "root",
        "run",
        "sbin",
        "srv",
        "sys",
        "tmp",
        "usr",
        "var",
    }


def test_files_that_only_root_may_read_are_not_visible(lab: Any) -> None:
    """A private file of the machine below a folder that is shown."""
    if os.geteuid() != 0:
        return
    folder = Path("/var/lib") / f"bakelift-test-{os.getpid()}"
    folder.mkdir(mode=0o755)
    try:
        (folder / "public").write_text("public")
        (folder / "secret").write_text("secret")
        (folder / "secret").chmod(0o640)
        (folder / "vault").mkdir(mode=0o700)
        (folder / "vault" / "key").write_text("secret")
        ((_, said),) = lab.shell(
            f"cd {folder}; ls -R; cat public secret vault/key; echo new >vault/new && cat vault/new"
        )
        assert "public" in said and "new" in said
        assert "secret\n" not in said.replace("cat: secret", "") and "key\n" not in said.replace("vault/key", "")
        assert not (folder / "vault" / "new").exists()
    finally:
        subprocess.run(["rm", "-r", str(folder)], check=True)


def test_other_processes_are_not_visible(each_lab: Any) -> None:
    ((_, said),) = each_lab.shell(f"ls /proc | grep -c '^[0-9]'; kill -0 {os.getpid()} && echo SEEN; exit 0")
    assert int(said.split()[0]) < 10
    assert os.getpid() < 20 or "SEEN" not in said


def test_a_command_has_its_own_three_files_and_nothing_of_the_build(each_lab: Any) -> None:
    """No socket to the build; and while a command starts, nobody inside can read what the build's memory held."""
    watcher = "while :; do cat /proc/[0-9]*/cmdline; cat /proc/[0-9]*/environ; done 2>/dev/null | tr '\\0' '\\n'"
    (_, files), _, (_, seen) = each_lab.shell(
        f"ls /proc/self/fd; ({watcher} >/tmp/seen) & for n in $(seq 300); do true; done",
        ":; " * 50,
        "cat /tmp/seen | sort -u",
    )
    assert files.split() == ["0", "1", "2", "3"]  # 3: the folder that ls lists
    assert "CALLERS_SECRET" not in seen and "pytest" not in seen


def test_a_view_has_fresh_temporary_folders(each_lab: Any) -> None:
    ((_, said),) = each_lab.shell("stat -c '%a %n' /tmp /var/tmp /root /dev/shm; ls -A /tmp /var/tmp /run; id -u; pwd")
    assert "1777 /tmp\n1777 /var/tmp\n700 /root\n1777 /dev/shm\n" in said
    assert said.endswith("/tmp:\n\n/var/tmp:\n0\n/root\n") or "/run:\nlock\n" in said


def test_a_killed_build_leaves_no_process_and_no_mount(each_lab: Any) -> None:
    """``kill -9`` of the building process: the kernel ends all; ``clean`` takes the files away."""
    from bakelift.runner.targets.sandbox import cleaning, machine

    mark = f"{os.getpid()}{time.monotonic_ns()}"[-9:]

    def build() -> None:
        import asyncio

        async def work() -> None:
            sandbox = machine.Sandbox.open("host")
            (each_lab.folder / "ready").write_text(sandbox.folder.path)
            await sandbox.communicator.run(f"(setsid sleep 1{mark} &) ; echo x >/etc/left; sleep 1{mark}")

        asyncio.run(work())

    pid = os.fork()
    if pid == 0:
        each_lab.call(build)
        os._exit(0)
    deadline = time.monotonic() + 30
    while sleeping(mark) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert sleeping(mark) == 2
    (builder,) = children(pid)
    os.kill(builder, signal.SIGKILL)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    while sleeping(mark) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert sleeping(mark) == 0
    assert str(each_lab.cache) not in Path("/proc/self/mountinfo").read_text()
    left = Path((each_lab.folder / "ready").read_text())
    assert left.exists()
    assert str(left) in each_lab.call(lambda: cleaning.clean().all())
    assert not left.exists()


def sleeping(mark: str) -> int:
    """How many processes sleep for the marked time."""
    found = 0
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                words = Path(f"/proc/{entry}/cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            found += words[:2] == [b"sleep", f"1{mark}".encode()]
    return found


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
