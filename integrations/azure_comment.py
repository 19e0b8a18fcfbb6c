"""Writes a thread on a pull request of Azure DevOps, or updates the one that an earlier run wrote.

Usage: ``azure_comment.py FILE.md``, in a pipeline with SYSTEM_ACCESSTOKEN; the other values are the pipeline's own
(SYSTEM_COLLECTIONURI, SYSTEM_TEAMPROJECTID, BUILD_REPOSITORY_ID, SYSTEM_PULLREQUEST_PULLREQUESTID). The REST API is
git/pullRequestThreads of Azure DevOps, version 7.1.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from pathlib import Path
from typing import Any

VERSION = "api-version=7.1"


def call(method: str, url: str, body: object = None) -> Any:
    data = json.dumps(body).encode() if body is not None else None
    headers = {"Authorization": f"Bearer {os.environ['SYSTEM_ACCESSTOKEN']}", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=30) as answer:
        return json.load(answer)


def main(path: str) -> int:
    text = Path(path).read_text(encoding="utf-8")
    anchor = text.splitlines()[0]
    place = "{SYSTEM_COLLECTIONURI}{SYSTEM_TEAMPROJECTID}/_apis/git/repositories/{BUILD_REPOSITORY_ID}"
    base = f"{place}/pullRequests/{{SYSTEM_PULLREQUEST_PULLREQUESTID}}/threads".format(**os.environ)
    for thread in call("GET", f"{base}?{VERSION}")["value"]:
        for comment in thread["comments"]:
            if str(comment.get("content", "")).startswith(anchor):
                call("PATCH", f"{base}/{thread['id']}/comments/{comment['id']}?{VERSION}", {"content": text})
                return 0
    thread = {"comments": [{"parentCommentId": 0, "content": text, "commentType": "text"}], "status": "closed"}
    call("POST", f"{base}?{VERSION}", thread)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
