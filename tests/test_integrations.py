"""What CI systems run: the comment on a pull request is written once, and updated in place."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
import yaml

from bakelift.commands import diff as command

NAMES = ["-c", "user.name=Someone", "-c", "user.email=someone@example.com"]


@pytest.fixture
def repository(checkout: Path, tmp_path: Path) -> Path:
    """A repository whose second commit changes its template."""
    top = tmp_path / "repository"
    shutil.copytree(checkout / "fixtures" / "web-server", top)
    git = ["git", "-C", str(top)]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    for old, new in (("", ""), ("Standard_D2s_v5", "Standard_D4s_v5")):
        template = top / "web.pkr.hcl"
        template.write_text(template.read_text().replace(old, new) if old else template.read_text())
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, *NAMES, "commit", "-q", "--allow-empty", "-m", "a commit"], check=True)
    return top


def run(script: Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    words = {**os.environ, **environment, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    return subprocess.run(["bash", str(script)], cwd=cwd, env=words, capture_output=True, text=True, check=False)


def compared(checkout: Path, repository: Path, work: Path, fail_on: str) -> subprocess.CompletedProcess[str]:
    work.mkdir()
    return run(
        checkout / "integrations" / "github-diff.sh",
        repository,
        BASE="HEAD~1",
        HEAD="HEAD",
        PATHS="",
        ANNOTATE="true",
        SARIF=str(work / "diff.sarif"),
        FAIL_ON=fail_on,
        RUNNER_TEMP=str(work),
        GITHUB_STEP_SUMMARY=str(work / "summary"),
        GITHUB_OUTPUT=str(work / "output"),
    )


def test_a_github_workflow(checkout: Path, repository: Path, tmp_path: Path) -> None:
    done = compared(checkout, repository, tmp_path / "work", "none")
    assert done.returncode == 0, done.stderr
    assert "::warning file=web.pkr.hcl,line=57," in done.stdout
    output = (tmp_path / "work" / "output").read_text().splitlines()
    assert "changes=1" in output and "severity=medium" in output
    assert "Standard_D4s_v5" in (tmp_path / "work" / "summary").read_text()
    assert json.loads((tmp_path / "work" / "diff.sarif").read_text())["version"] == "2.1.0"
    assert compared(checkout, repository, tmp_path / "other", "medium").returncode == 1
    assert compared(checkout, repository, tmp_path / "third", "high").returncode == 0


def test_a_comment_on_github(checkout: Path, tmp_path: Path) -> None:
    """The first run posts; when a comment with the anchor is there, it is changed."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "gh").write_text(
        '#!/bin/sh\necho "$@" >> "$CALLS"\ncase "$*" in *--paginate*) printf "%s" "$KNOWN";; esac\n'
    )
    (tools / "gh").chmod(0o755)
    comment = tmp_path / "comment.md"
    comment.write_text("<!-- bakelift:diff -->\ntext\n")
    for known, method in (("", "POST repos/o/r/issues/7/comments"), ("41\n", "PATCH repos/o/r/issues/comments/41")):
        calls = tmp_path / f"calls{len(known)}"
        script = checkout / "integrations" / "github-comment.sh"
        environment = {"CALLS": str(calls), "KNOWN": known, "COMMENT": str(comment), "NUMBER": "7", "REPOSITORY": "o/r"}
        path = f"{tools}:{os.environ['PATH']}"
        done = subprocess.run(["bash", str(script)], env={**os.environ, **environment, "PATH": path}, check=False)
        assert done.returncode == 0
        assert method in calls.read_text().splitlines()[-1]


class Threads(BaseHTTPRequestHandler):
    """The threads of one pull request of Azure DevOps."""

    threads: ClassVar[list[dict[str, object]]] = []
    calls: ClassVar[list[tuple[str, str]]] = []

    def answer(self, data: object) -> None:
        text = json.dumps(data).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def body(self) -> dict[str, object]:
        self.calls.append((self.command, self.path.partition("?")[0]))
        assert self.headers["Authorization"] == "Bearer token" and "api-version=7.1" in self.path
        data: dict[str, object] = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        return data

    def do_GET(self) -> None:
        self.body()
        self.answer({"value": self.threads})

    def do_POST(self) -> None:
        comment = self.body()["comments"][0]  # type: ignore[index]
        self.threads.append({"id": 5, "comments": [{"id": 1, **comment}]})
        self.answer({})

    def do_PATCH(self) -> None:
        self.threads[0]["comments"][0].update(self.body())  # type: ignore[index]
        self.answer({})

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def devops() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Threads)
    Threads.threads, Threads.calls = [], []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/organisation/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_comment_on_azure_devops(
    checkout: Path, devops: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (
        ("SYSTEM_COLLECTIONURI", devops),
        ("SYSTEM_TEAMPROJECTID", "project"),
        ("BUILD_REPOSITORY_ID", "repository"),
        ("SYSTEM_PULLREQUEST_PULLREQUESTID", "12"),
        ("SYSTEM_ACCESSTOKEN", "token"),
    ):
        monkeypatch.setenv(name, value)
    spec = importlib.util.spec_from_file_location("azure_comment", checkout / "integrations" / "azure_comment.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    comment = tmp_path / "comment.md"
    for text in ("first", "second"):
        comment.write_text(f"<!-- bakelift:diff -->\n{text}\n")
        assert module.main(str(comment)) == 0
    place = "/organisation/project/_apis/git/repositories/repository/pullRequests/12/threads"
    assert Threads.calls == [("GET", place), ("POST", place), ("GET", place), ("PATCH", f"{place}/5/comments/1")]
    assert [thread["comments"][0]["content"] for thread in Threads.threads] == ["<!-- bakelift:diff -->\nsecond\n"]  # type: ignore[index]


def test_files_of_the_integrations_name_what_there_is(checkout: Path) -> None:
    action = yaml.safe_load((checkout / "action.yml").read_text())
    scripts = [
        word for step in action["runs"]["steps"] for word in step.get("run", "").split() if "integrations/" in word
    ]
    assert scripts
    for word in scripts:
        assert (checkout / word.strip('"').removeprefix("$GITHUB_ACTION_PATH/")).is_file()
    hooks = yaml.safe_load((checkout / ".pre-commit-hooks.yaml").read_text())
    assert {hook["id"] for hook in hooks} == {"bakelift-fmt", "bakelift-validate", "bakelift-check"}
    assert yaml.safe_load((checkout / "integrations" / "azure-pipelines-diff.yml").read_text())["steps"]
    assert command.COMMAND.name == "diff"
