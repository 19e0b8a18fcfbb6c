"""Lowered steps against the real Packer: the same files, modes, output and exit status, by the same user.

The original runs in a null builder over an sshd on loopback, the lowered text as one /bin/sh -e script by that sshd's
user, as Image Builder does. Needs root (for the account), packer and sshd; the account is removed afterwards.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bakelift.translator.diagnostics import Span
from bakelift.translator.files import DictFiles, Entry, Found
from bakelift.translator.imagebuilder.customizers import Shell
from bakelift.translator.imagebuilder.lowering.gotext import parse_command
from bakelift.translator.imagebuilder.lowering.staging import Staged, sha256

# An account for each worker of a parallel run.
USER = "bakelift-" + os.environ.get("PYTEST_XDIST_WORKER", "test")
HOME = Path("/home") / USER


class Host:
    """The loopback host, and the two ways of running a step on it."""

    def __init__(self, port: int, key: Path, work: Path) -> None:
        self.port = port
        self.key = key
        self.work = work
        self.runs = 0

    def reset(self) -> None:
        subprocess.run(["find", str(HOME), "-mindepth", "1", "-not", "-path", f"{HOME}/.ssh*", "-delete"], check=True)
        for path in self.left():
            path.unlink()

    def left(self) -> list[Path]:
        """The account's own scripts in /tmp; those of others are none of the test's business."""
        user = HOME.stat().st_uid
        found = [*Path("/tmp").glob("script_*.sh"), *Path("/tmp").glob("varfile_*.sh")]
        return sorted(path for path in found if path.exists() and path.stat().st_uid == user)

    def ssh(self, command: str) -> subprocess.CompletedProcess[bytes]:
        base = ["ssh", "-i", str(self.key), "-p", str(self.port), "-o", "StrictHostKeyChecking=no"]
        base += ["-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", f"{USER}@127.0.0.1", command]
        return subprocess.run(base, capture_output=True, timeout=60, stdin=subprocess.DEVNULL, check=False)

    def files(self) -> dict[str, tuple[str, bytes]]:
        """Mode and bytes of all that the home folder holds, and of the scripts that were left behind."""
        found = {}
        for path in [*sorted(HOME.rglob("*")), *self.left()]:
            if ".ssh" in path.parts or path.name in ("outer.sh",):
                continue
            name = re.sub(r"(script|varfile)_\d+", r"\1_N", str(path))
            owner = path.owner()
            found[name] = (f"{path.stat().st_mode:o} {owner}", b"" if path.is_dir() else path.read_bytes())
        return found

    def packer(self, provisioners: list[dict[str, object]], files: dict[str, bytes]) -> Outcome:
        """As Packer runs it. Packer 1.6.6 stalls now and then over loopback: a limit, and more than one try."""
        for _ in range(6):
            self.reset()
            self.runs += 1
            folder = self.work / f"run{self.runs}"
            folder.mkdir()
            for name, data in files.items():
                place = folder / name
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(data)
                place.chmod(0o755 if name.endswith("tool") else 0o644)
            builder = {
                "type": "null",
                "name": "image",
                "ssh_host": "127.0.0.1",
                "ssh_port": self.port,
                "ssh_username": USER,
                "ssh_private_key_file": str(self.key),
            }
            (folder / "t.json").write_text(json.dumps({"builders": [builder], "provisioners": provisioners}))
            environment = {
                **os.environ,
                "PACKER_CACHE_DIR": str(folder),
                "CHECKPOINT_DISABLE": "1",
                "HOME": str(folder),
            }
            process = subprocess.Popen(
                ["packer", "build", "-color=false", "t.json"],
                cwd=folder,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
            try:
                out, _ = process.communicate(timeout=15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
                continue
            log = out.decode()
            if "Timeout" in log or "handshake" in log:
                continue
            lines = [line for line in log.split("\n") if line.startswith(("    image:", "==> image:"))]
            stdout = [line[11:] for line in lines if line.startswith("    image:")]
            said = [line[11:] for line in lines if line.startswith("==> image:") and not _SAID.match(line[11:])]
            found = re.search(r"non-zero exit status: (\d+)", log)
            status = int(found[1]) if found and process.returncode else 0
            status = status or min(process.returncode, 1)
            return Outcome(stdout, said, status, self.files())
        pytest.skip("Packer stalled six times")

    def lowered(self, texts: list[str]) -> Outcome:
        """As Image Builder runs it: each customizer one /bin/sh -e script, until one fails."""
        self.reset()
        out: list[str] = []
        err: list[str] = []
        status = 0
        for text in texts:
            outer = HOME / "outer.sh"
            outer.write_text(text + "\n")
            done = self.ssh("exec /bin/sh -e ./outer.sh")
            out += _lines(done.stdout)
            err += _lines(done.stderr)
            status = done.returncode
            outer.unlink(missing_ok=True)
            if status:
                break
        return Outcome(out, err, status, self.files())


_SAID = re.compile(
    r"(?:Using ssh|Waiting for SSH|Connected to SSH|Provisioning with shell|Provisioning step had|Uploading|Pausing \d"
    r"|Setting a|Provisioner failed|retry limit|Cancelling provisioner|Upload failed)"
)


def _lines(data: bytes) -> list[str]:
    text = data.decode()
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    # Packer shows what follows the last CR of a line, without white space at its end.
    return [line.rstrip().rsplit("\r", 1)[-1] for line in lines]


class Outcome:
    """What a run did, its temporary names masked."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, out: list[str], err: list[str], status: int, files: dict[str, tuple[str, bytes]]) -> None:
        self.out = [_mask(line) for line in out]
        self.err = [_mask(line) for line in err]
        self.status = status
        self.files = {name: (mode, _mask_bytes(data)) for name, (mode, data) in files.items()}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Outcome) and vars(self) == vars(other)

    def __repr__(self) -> str:
        return f"\n out {self.out}\n err {self.err}\n status {self.status}\n files {self.files}\n"


def _mask(text: str) -> str:
    text = re.sub(r"(script|varfile)_\d+", r"\1_N", text)
    text = re.sub(r"PACKER_BUILDER_TYPE='?[a-z-]+'?", "PACKER_BUILDER_TYPE=T", text)
    # How deep shells are nested, and the line of a script that a message names, are not the step's.
    text = re.sub(r"SHLVL=\d+|^_=.*|SSH_[A-Z]+=.*", "-", text)
    return re.sub(r"^\S*(?:sh|outer\.sh|bash|command|string): (?:\d+: |line \d+: )?", "SHELL: ", text)


def _mask_bytes(data: bytes) -> bytes:
    return "\n".join(_mask(line) for line in data.decode("latin-1").split("\n")).encode("latin-1")


@pytest.fixture(scope="module", params=["/bin/sh", "/bin/bash"])
def host(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    if os.geteuid() != 0 or not all(shutil.which(tool) for tool in ("packer", "sshd", "ssh", "sudo", "useradd")):
        pytest.skip("needs root, packer, ssh, sshd, sudo and useradd")
    work = tmp_path_factory.mktemp("lowering")
    for folder in (work, *work.parents):
        if folder != Path("/tmp") and str(folder).startswith("/tmp/"):
            folder.chmod(0o755)
    key = work / "id_rsa"
    subprocess.run(["ssh-keygen", "-q", "-t", "rsa", "-m", "PEM", "-N", "", "-f", str(key)], check=True)
    subprocess.run(["userdel", "-r", USER], capture_output=True, check=False)
    subprocess.run(["useradd", "-m", "-s", request.param, USER], check=True)
    server = None
    sudoers = Path("/etc/sudoers.d") / USER
    try:
        subprocess.run(["usermod", "-p", "*", USER], check=True)
        sudoers.write_text(f"{USER} ALL=(ALL) NOPASSWD:ALL\n")
        sudoers.chmod(0o440)
        ssh = HOME / ".ssh"
        ssh.mkdir(mode=0o700)
        shutil.copy(work / "id_rsa.pub", ssh / "authorized_keys")
        subprocess.run(["chown", "-R", f"{USER}:{USER}", str(HOME)], check=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        config = work / "sshd_config"
        config.write_text(
            f"Port {port}\nListenAddress 127.0.0.1\nHostKey {key}\nPidFile none\nUsePAM no\nStrictModes no\n"
            "MaxStartups 200\nMaxSessions 200\nPubkeyAcceptedAlgorithms +ssh-rsa\nHostKeyAlgorithms +ssh-rsa\n"
            "Subsystem sftp /usr/lib/openssh/sftp-server\n"
        )
        Path("/run/sshd").mkdir(exist_ok=True)
        server = subprocess.Popen(["/usr/sbin/sshd", "-D", "-f", str(config)], stderr=subprocess.DEVNULL)
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield Host(port, key, work)
    finally:
        if server is not None:
            server.terminate()
            server.wait()
        sudoers.unlink(missing_ok=True)
        subprocess.run(["userdel", "-r", USER], capture_output=True, check=False)


SHOW = b"#!/bin/sh\nid -un\nprintf '[%s]\\n' \"$FOO\"\nenv | grep -E '^(PACKER|FOO|BAR)' | sort\npwd\necho err >&2\n"

NASTY = 'it\'s "$HOME" `id` \\ !x & ; | é 中\ttab'

FAST: dict[str, dict[str, object]] = {
    "plain": {"inline": ["cd /tmp", "pwd", "x=1", "echo $x; touch ~/made; false || echo or"]},
    "environment": {
        "inline": ["printf '%s\\n' \"$FOO\" > ~/out", "env | grep PACKER"],
        "environment_vars": [f"FOO={NASTY}"],
    },
    "failure": {"inline": ["echo before", "touch ~/before", "exit 7", "echo after"]},
    "sudo script": {
        "script": "show.sh",
        "environment_vars": ["FOO=a b", "BAR=it's"],
        "execute_command": "chmod +x {{ .Path }}; {{ .Vars }} sudo -E sh '{{ .Path }}'",
    },
    "trace": {
        "inline": ["false", 'echo "$FOO"', "ls /nonexistent"],
        "inline_shebang": "/bin/sh -x",
        "environment_vars": ["FOO=1"],
    },
    "codes": {"inline": ["exit 2"], "valid_exit_codes": [0, 2]},
}

_COMMANDS = [
    "echo 'secret' | {{ .Vars }} sudo -S -E sh '{{ .Path }}'",
    "chmod +x {{ .Path }}; {{ .Vars }} sudo -E bash '{{ .Path }}'",
    "{{ .Vars }} sudo -E su - " + USER + " -c \"bash -eu '{{ .Path }}'\"",
    "sudo sh -c '{{ .Vars }} {{ .Path }}'",
    "sudo -S sh -c '{{ .Vars }} {{ .Path }}'",
    "sudo -S bash -c '{{ .Vars }} {{ .Path }}'",
    'if [[ "${ENABLE_DISK_PACKING}" == *"true"* ]]; then chmod +x {{ .Path }}; sudo {{ .Path }}; fi',
    "echo 'secret' | sudo -E -S sh '{{ .Path }}'",
    "echo 'override'",
    'BUILD_NAME=flatcar; if [[ "${BUILD_NAME}" == *"flatcar"* ]]; then sudo {{.Vars}} -S -E bash \'{{.Path}}\'; fi',
    "/bin/sh -c '{{ .Vars }} {{ .Path }}'",
    "chmod +x {{.Path}}; {{.Vars}} {{.Path}} 2>&1 | tee ~/log",
    "chmod +x {{ .Path }}; sudo {{ .Vars }} {{ .Path }}",
    "chmod +x {{ .Path }}; sudo {{ .Vars }} {{ .Path }} ",
    "chmod +x {{ .Path }}; sudo {{ .Vars }} {{ .Path }};",
    "echo 'packer' | sudo -S env {{ .Vars }} {{ .Path }}",
    "sudo -S true <<< 'secret' ; chmod +x {{ .Path }}; {{ .Vars }} sudo -E bash '{{ .Path }}'",
    "sudo sh -c '{{ .Vars }} pwsh -f {{ .Path }}'",
    "{{.Vars}} bash -eu {{.Path}}",
    "cd /tmp && {{.Vars}} nice -n 5 {{.Path}}; exit $?",
]

SLOW: dict[str, dict[str, object]] = {
    **{
        f"command {c}": {"script": "show.sh", "environment_vars": ["FOO=a", "BAR=b"], "execute_command": c}
        for c in _COMMANDS
    },
    "spaces in a sudo sh -c": {
        "script": "show.sh",
        "environment_vars": ["FOO=a b"],
        "execute_command": "sudo sh -c '{{ .Vars }} {{ .Path }}'",
    },
    "traces of root": {
        "script": "read.sh",
        "execute_command": "echo 'vagrant' | {{.Vars}} sudo -S -E sh -eux '{{.Path}}'",
    },
    "newline value": {"inline": ["printf '<%s>' \"$FOO\" > ~/out"], "environment_vars": ["FOO=a\nb\n\nc"]},
    "nasty to a script": {"script": "show.sh", "environment_vars": [f"FOO={NASTY}", "BAR=x\ny"]},
    "environment file": {"script": "show.sh", "environment_vars": [f"FOO={NASTY}", "BAR=2"], "use_env_var_file": True},
    "environment file of root": {
        "inline": ["env | grep FOO", "ls -l /tmp/varfile_*.sh | cut -c1-10"],
        "environment_vars": ["FOO=1"],
        "use_env_var_file": True,
        "execute_command": "chmod +x {{.Path}}; . {{.EnvVarFile}} && sudo -E {{.Path}}",
    },
    "format": {"script": "show.sh", "environment_vars": ["FOO=1"], "env_var_format": 'export %s="%s"; '},
    "crlf": {"script": "crlf.sh"},
    "no shebang": {"script": "bare.sh"},
    "no final newline": {"script": "short.sh", "skip_clean": True},
    "binary": {"script": "true.bin", "binary": True, "skip_clean": True},
    "bytes": {"script": "latin.sh", "skip_clean": True},
    "heredoc word": {"script": "word.sh", "skip_clean": True},
    "status of a script": {"script": "status.sh"},
    "kept after failure": {"script": "status.sh", "environment_vars": ["FOO=9"]},
    "zero not accepted": {"inline": ["echo hi"], "valid_exit_codes": [2]},
    "other status": {"inline": ["exit 5"], "valid_exit_codes": [0, 2]},
    "bash shebang": {"inline": ["shopt -s nullglob", "a=(1 2); echo ${#a[@]}"], "inline_shebang": "/bin/bash -e"},
    "bash traces": {"inline": ["echo hi"], "inline_shebang": "/bin/bash -x"},
    "no -e": {"inline": ["false", "echo on"], "inline_shebang": "/bin/sh"},
    "unset fails": {"inline": ["echo $NOT_SET", "echo on"], "inline_shebang": "/bin/sh -eu"},
    "remote path": {"script": "show.sh", "remote_path": "here.sh", "skip_clean": True},
    "remote folder": {"inline": ["echo $0; ls -l $0 | cut -c1-10"], "remote_folder": f"{HOME}", "remote_file": "f.sh"},
    "retries": {"inline": ["echo x >> ~/tries", "test $(wc -l < ~/tries) -ge 3"], "max_retries": 5},
    "retries that fail": {"inline": ["echo x >> ~/tries", "exit 4"], "max_retries": 1},
    "scripts": {"scripts": ["show.sh", "bare.sh"], "environment_vars": ["FOO=1"]},
    "scripts until one fails": {"scripts": ["bare.sh", "status.sh", "show.sh"]},
    "pause": {"inline": ["echo hi"], "pause_before": "1s"},
    "standard input": {"inline": ["cat; echo end", "read x || echo none"]},
    "standard input of a script": {"script": "read.sh"},
    "special names": {"script": "show.sh", "environment_vars": ["IFS=x", "PATH=/usr/bin:/bin:/sbin", "FOO=axb"]},
    "invalid name": {"inline": ["echo hi"], "environment_vars": ["a-b=1"]},
    "many lines in an item": {
        "inline": ["cat > ~/doc <<EOF\none\n  two $HOME\nEOF\n", "if true; then", "echo yes", "fi"]
    },
    "exit early": {"inline": ["exit 0", "this ( is no shell"]},
    "ended by a signal": {"inline": ["echo hi; kill -TERM $$"], "valid_exit_codes": [0, 143]},
    "highest status": {"inline": ["exit 254"]},
    "words of every language": {
        "inline": ["printf '%s\\n' 'gr\u00fc\u00df dich \u4e16\u754c' \"$FOO\" | tee ~/words"],
        "environment_vars": ["FOO=\u00e9t\u00e9 \U0001f680"],
    },
    "dollars and quotes": {
        "script": "show.sh",
        "environment_vars": ["FOO=$(id) ${HOME} \\$x ''\"\" \\\\", "BAR="],
        "execute_command": "{{ .Vars }} sudo -E sh '{{ .Path }}'",
    },
    "equals in a value": {"script": "show.sh", "environment_vars": ["FOO=a=b=c", "BAR==="]},
    "the last of a name": {"script": "show.sh", "environment_vars": ["FOO=1", "BAR=2", "FOO=3"]},
    "pause after": {"inline": ["echo hi"], "pause_after": "1s"},
    "functions and traps": {"inline": ["f() { echo in f; }", "trap 'echo bye' EXIT", "f", "false", "echo not here"]},
}

FILES = {
    "show.sh": SHOW,
    "crlf.sh": b"#!/bin/sh -e\r\necho one\r\nprintf 'two\\r\\n'\r\n",
    "bare.sh": b'echo bare\necho "$FOO"\n',
    "short.sh": b"#!/bin/sh\necho short",
    "true.bin": Path("/bin/true").read_bytes() if Path("/bin/true").exists() else b"",
    "latin.sh": b"#!/bin/sh\nprintf '\xe9\xff' > ~/latin\n",
    "word.sh": b"#!/bin/sh\ncat <<BAKELIFT\nhi $USER\nBAKELIFT\n",
    "status.sh": b"#!/bin/bash\necho out; echo err >&2; exit ${FOO:-3}\n",
    "read.sh": b"#!/bin/sh\ncat\nread x && echo got || echo none\n",
}


UPLOADS: dict[str, dict[str, object]] = {
    "text": {"source": "conf/app.ini", "destination": f"{HOME}/app.ini"},
    "bytes": {"source": "conf/logo.png", "destination": f"{HOME}/logo.png"},
    "executable": {"source": "conf/tool", "destination": f"{HOME}/tool"},
    "into a folder": {"source": "conf/app.ini", "destination": f"{HOME}/"},
    "home": {"source": "conf/app.ini", "destination": "~/here"},
    "contents": {"source": "conf/", "destination": f"{HOME}"},
    "folder": {"source": "conf", "destination": f"{HOME}"},
    "several": {"sources": ["conf/app.ini", "conf/sub/two"], "destination": f"{HOME}/"},
    "no folder": {"source": "conf/app.ini", "destination": "/nonexistent/app.ini"},
    "not allowed": {"source": "conf/app.ini", "destination": f"/etc/{USER}"},
    "folder to no folder": {"source": "conf", "destination": f"{HOME}/new"},
}
UPLOADED = {
    "conf/app.ini": b"[a]\r\nb = 1",
    "conf/logo.png": bytes(range(256)),
    "conf/tool": b"#!/bin/sh\n",
    "conf/sub/two": b"2\n",
    "conf/empty": b"",
}


class Modes(DictFiles):
    """The files with a mode bit and the folder that a mapping of bytes does not hold."""

    def find(self, path: str, span: Span | None = None) -> Found | None:
        found = super().find(path, span)
        return found and found.but(executable=path.endswith("tool"))

    def tree(self, path: str, span: Span | None = None) -> list[Entry]:
        found = [e.but(mode=0o755 if e.name == "tool" else 0o644) for e in super().tree(path, span)]
        return sorted([*found, Entry("sub", None, 0o755)], key=lambda e: e.name)


@pytest.mark.slow
@pytest.mark.parametrize("host", ["/bin/sh"], indirect=True)
@pytest.mark.parametrize("case", UPLOADS)
def test_uploads_as_packer(case: str, host: Host, world: object, step: object, text: object) -> None:
    w = world()  # type: ignore[operator]
    w.context.files = Modes(UPLOADED)
    texts = [text(c) for c in w.lower(step("file", **UPLOADS[case]))]  # type: ignore[operator]
    original = host.packer([{"type": "file", **UPLOADS[case]}], UPLOADED)
    lowered = host.lowered(texts)
    assert lowered.files == original.files
    assert bool(lowered.status) == bool(original.status)


def _compare(host: Host, settings: dict[str, object], world: object, step: object, text: object) -> None:
    named = dict(settings)
    if isinstance(named.get("execute_command"), str):
        named["execute_command"] = parse_command(str(named["execute_command"]))
    lowering = world(FILES)  # type: ignore[operator]
    texts = [text(c) for c in lowering.lower(step("shell", **named))]  # type: ignore[operator]
    used = {n: FILES[n] for n in [settings.get("script"), *(settings.get("scripts") or [])] if n}  # type: ignore[misc]
    original = host.packer([{"type": "shell", **settings}], used)  # type: ignore[arg-type]
    if "script_1" not in texts[-1]:
        # A plain text is the script that Image Builder itself uploads, and leaves when it fails.
        original.files = {name: file for name, file in original.files.items() if not name.startswith("/tmp/")}
    found = host.lowered(texts)
    if settings is SLOW["ended by a signal"] and not original.err:
        # bash becomes the script, whose end sshd sees in silence; here the shell around sees it, and says so.
        found.err = [line for line in found.err if line != "Terminated"]
    assert found == original, "\n".join(texts)


class Fetching:
    """Stages files, and brings them to the host as Image Builder does: as the login user's, with no mode bit."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def place(self, data: bytes, name: str, origin: str | None, source: str, span: Span | None) -> Staged:
        staged = Staged(f"https://files.example.com/{name}", sha256(data), name)
        self.files[staged.path(False)] = data
        return staged

    def bring(self) -> list[Path]:
        for path, data in self.files.items():
            Path(path).write_bytes(data)
            shutil.chown(path, USER, USER)
        return [Path(path) for path in self.files]


STAGED = {name: case for name, case in {**FAST, **SLOW}.items() if "script" in case or "scripts" in case}


@pytest.mark.slow
@pytest.mark.parametrize("host", ["/bin/sh"], indirect=True)
@pytest.mark.parametrize("case", [*STAGED, *UPLOADS])
def test_staged_files_as_packer(case: str, host: Host, world: object, step: object, text: object) -> None:
    kind, settings = ("shell", STAGED[case]) if case in STAGED else ("file", UPLOADS[case])
    fetching = Fetching()
    lowering = world(FILES)  # type: ignore[operator]
    lowering.context.options = lowering.context.options.but(staging=fetching)
    if kind == "file":
        lowering.context.files = Modes(UPLOADED)
    named = dict(settings)
    if isinstance(named.get("execute_command"), str):
        named["execute_command"] = parse_command(str(named["execute_command"]))
    made = lowering.lower(step(kind, **named))  # type: ignore[operator]
    texts = [text(item) for item in made if isinstance(item, Shell)]  # type: ignore[operator]
    assert len(texts) < len(made)
    original = host.packer([{"type": kind, **settings}], {**FILES, **UPLOADED})
    brought = fetching.bring()
    try:
        lowered = host.lowered(texts)
        left = [path for path in brought if path.exists()]
    finally:
        for path in brought:
            path.unlink(missing_ok=True)
    if kind == "shell":
        assert lowered == original, "\n".join(texts)
    else:
        assert (lowered.files, bool(lowered.status)) == (original.files, bool(original.status))
    assert lowered.status or not left


@pytest.mark.parametrize("host", ["/bin/sh"], indirect=True)
@pytest.mark.parametrize("case", FAST)
def test_same_as_packer(case: str, host: Host, world: object, step: object, text: object) -> None:
    _compare(host, FAST[case], world, step, text)


@pytest.mark.slow
@pytest.mark.parametrize("case", [*FAST, *SLOW])
def test_same_as_packer_in_every_shape(case: str, host: Host, world: object, step: object, text: object) -> None:
    _compare(host, {**FAST, **SLOW}[case], world, step, text)
