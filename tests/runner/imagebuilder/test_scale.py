"""Many templates at once, and a large log: what they cost in memory and time. As processes, measured.

``BAKELIFT_LOG_MEGABYTES=1024 pytest -s … -k log`` follows a log of a gigabyte, and prints how far behind it was.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fake_arm
import fake_blob
import fake_runs
import pytest
from measured import Measured
from service_templates import IDENTITY, TEMPLATE

Azure = tuple[fake_arm.Arm, fake_blob.Store]
WORDS = [sys.executable, "-m", "bakelift", "build", "-on", "imagebuilder", "-identity", IDENTITY, "-color=false"]
MEGABYTE = 1024 * 1024


class Throttle:
    """One request in so many is told to come back a second later, on machines of any speed."""

    def __init__(self, every: int) -> None:
        self.every = every
        self.refused = 0
        self._count = 0
        self._lock = threading.Lock()

    def __call__(self, handler: Any, path: str) -> bool:
        with self._lock:
            self._count += 1
            if self._count % self.every:
                return False
            self.refused += 1
        handler.refuse(429, "TooManyRequests", "too many requests", Retry_After="1")
        return True


@pytest.mark.slow
def test_two_hundred_templates_at_once(azure: Azure, tmp_path: Path) -> None:
    arm, store = azure
    throttle = Throttle(25)
    arm.before = throttle
    fake_runs.Runs(arm, store, arm.blob)
    names = [f"image{number:03}" for number in range(200)]
    paths = []
    for name in names:
        paths.append(tmp_path / f"{name}.pkr.hcl")
        paths[-1].write_text(TEMPLATE.replace("NAME", name))
    with (tmp_path / "out").open("wb") as out, (tmp_path / "err").open("wb") as err:
        words = [*WORDS, "-delete", *map(str, paths)]
        process = Measured(words, tmp_path / "told", stdout=out, stderr=err, cwd=tmp_path)
        peak = process.peak()
    text = (tmp_path / "out").read_text()
    assert process.returncode == 0, text[-2000:] + (tmp_path / "err").read_text()[-2000:]
    assert throttle.refused > 50, "it was throttled"
    assert 2 <= arm.busiest <= 16, "several at a time, and no more, where nobody says how many"
    assert peak < 300 * 1024, "KB"
    assert "==> 200 builds in Image Builder: 200 succeeded, 0 failed" in text
    summary = text.split("The artifacts of successful builds are:")[1]
    assert re.findall(r"^--> (image\d+): ", summary, re.MULTILINE) == names or set(
        re.findall(r"^--> (image\d+): ", summary, re.MULTILINE)
    ) == set(names)
    assert not [key for key in arm.resources if fake_arm.TEMPLATES in key]


class Growing(fake_blob.Handler):
    """A log that grows by so many bytes a second: each line tells its number, so when it came is known."""

    line = b"[1] PACKER 2025/03/18 20:42:48 ui:     azure-arm: line %012d of a log that is long" + b"." * 60 + b"\n"
    length = len(line % 0)
    rate = 6 * MEGABYTE
    whole = int(os.environ.get("BAKELIFT_LOG_MEGABYTES", "256")) * MEGABYTE
    begun = 0.0

    @classmethod
    def size(cls) -> int:
        """Whole lines that are there by now, in bytes."""
        if not cls.begun:
            return 0
        grown = min(int((time.monotonic() - cls.begun) * cls.rate), cls.whole)
        return grown - grown % cls.length

    def read(self, data: bytes, **headers: str) -> int:
        if not Growing.begun:
            Growing.begun = time.monotonic()
        size = self.size()
        wanted = re.match(r"bytes=(\d+)-(\d*)", self.headers.get("x-ms-range") or self.headers.get("Range") or "")
        if self.command == "HEAD" or wanted is None:
            self.answer(200, b"", size, **headers)
            return 0
        start, end = int(wanted.group(1)), min(int(wanted.group(2) or size - 1), size - 1)
        first = start // self.length
        lines = b"".join(self.line % number for number in range(first, end // self.length + 1))
        piece = lines[start - first * self.length : end + 1 - first * self.length]
        self.answer(206, piece, Content_Range=f"bytes {start}-{end}/{size}", **headers)
        return len(piece)


@pytest.mark.slow
def test_a_large_log_is_followed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Growing, "begun", 0.0)
    with fake_arm.serving() as (arm, address), fake_blob.serving(Growing) as (store, blobs):
        arm.blob = blobs
        store.blobs["packerlogs", "1/customization.log"] = bytearray(b"x")
        arm.looks = 1
        for name, value in (
            ("BAKELIFT_ARM_ENDPOINT", address),
            ("BAKELIFT_ARM_TOKEN", fake_arm.TOKEN),
            ("BAKELIFT_POLL_SECONDS", "2"),
            ("XDG_STATE_HOME", str(tmp_path)),
        ):
            monkeypatch.setenv(name, value)
        (tmp_path / "web.pkr.hcl").write_text(TEMPLATE.replace("NAME", "web"))
        start = arm.start

        def lasting(finish: Callable[[], dict[str, str] | None], style: str, looks: int | None = None) -> str:
            """The run goes on until the log is whole."""
            number = start(finish, style, looks)
            if len(arm.operations) == 2:
                operation = arm.operations[number]
                look = operation.look
                operation.look = lambda: look() if Growing.size() + Growing.length > Growing.whole else None  # type: ignore[method-assign]
            return number

        arm.start = lasting  # type: ignore[method-assign]
        pipe = subprocess.PIPE
        words = [*WORDS, str(tmp_path / "web.pkr.hcl")]
        process = Measured(words, tmp_path / "told", stdout=pipe, stderr=pipe, cwd=tmp_path)
        assert process.stdout is not None
        latest, count, early, rest = 0.0, 0, 0, b""
        while data := process.stdout.read1(4 * MEGABYTE):
            text = rest + data
            rest = text[text.rfind(b"\n") + 1 :]
            count += text.count(b": line ") - rest.count(b": line ")
            for found in re.findall(rb": line (\d{12})", text)[::10_000]:
                came = Growing.begun + (int(found) + 1) * Growing.length / Growing.rate
                latest = max(latest, time.monotonic() - came)
            if not early and count * Growing.length > 50 * MEGABYTE:
                early = process.peak_so_far()
        peak = process.peak()
        assert process.stderr is not None
        said = process.stderr.read()
        process.stderr.close()
        process.stdout.close()
    assert process.returncode == 0, said[-1000:]
    print(f"{latest:.1f} s behind at most, {peak / 1024:.0f} MB of memory")
    assert count == Growing.whole // Growing.length, "every line, once"
    assert latest < 10, "seconds; on a machine with nothing else to do it is one"
    assert peak < 200 * 1024, "KB"
    assert peak - early < 64 * 1024, "what 50 MB cost is what the whole costs"
    assert store.largest <= 4 * MEGABYTE
