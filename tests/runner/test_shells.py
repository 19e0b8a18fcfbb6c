"""A person at a terminal, after a step failed: a shell in the machine, and back to the question."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time

#: Seconds that a build gets to answer.
LIMIT = 30


class Person:
    """Types when something has been shown. ``shown``: all of it."""

    def __init__(self, command, folder):
        self._own, other = pty.openpty()
        environment = {**os.environ, "TERM": "xterm", "PACKER_NO_COLOR": "1"}
        self._process = subprocess.Popen(
            command, cwd=folder, stdin=other, stdout=other, stderr=other, env=environment, start_new_session=True
        )
        os.close(other)
        self.shown = ""
        self._seen = 0

    def after(self, pattern, typed=None):
        """Waits for a text after the one before, then types."""
        deadline = time.monotonic() + LIMIT
        while not (found := re.search(pattern, self.shown[self._seen :])):
            assert time.monotonic() < deadline, self.shown
            if select.select([self._own], [], [], 0.2)[0]:
                try:
                    data = os.read(self._own, 65536)
                except OSError:
                    data = b""
                assert data, self.shown
                self.shown += data.decode("utf-8", "replace")
        self._seen += found.end()
        if typed is not None:
            os.write(self._own, typed.encode())

    def leave(self):
        self._process.wait(LIMIT)
        os.close(self._own)
        return self._process.returncode


def test_a_shell_in_the_machine_after_a_failure(server, write_json, tmp_path):
    host = {"ssh_host": "127.0.0.1", "ssh_port": server.port, "ssh_username": "root"}
    write_json(
        "t.json",
        {
            "builders": [{"type": "null", **host, "ssh_private_key_file": str(server.key)}],
            "provisioners": [{"type": "shell", "inline": ["exit 3"]}],
        },
    )
    person = Person([sys.executable, "-m", "bakelift", "build", "-on-error=ask", "t.json"], tmp_path)
    person.after(r"\[s\] opens a shell in the machine(.|\r|\n)*succeeds\)\? ", "s\n")
    person.after(r"leave it with exit", "echo it is $((40 + 2)); tty\n")
    person.after(r"it is 42(.|\r|\n)*/dev/pts/\d+", "exit\n")
    person.after(r"succeeds\)\? ", "c\n")
    person.after(r"no artifacts were created")
    assert person.leave() == 1
