"""One question to Azure's resource manager after the other, and what comes of those that may not be asked."""

from __future__ import annotations

from urllib.parse import quote

from bakelift.runner.azure.preflight.findings import Finding
from bakelift.runner.errors import BuildError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from bakelift.runner.azure.session import Session

AUTHORIZATION = "https://learn.microsoft.com/azure/role-based-access-control/troubleshooting"


#: A question is asked four times at most: somebody waits, and what is not answered can be asked again later.
_PATIENCE = {"retry_total": 3, "retry_status": 3, "retry_connect": 2, "retry_read": 2, "retry_backoff_max": 5}
_EMPTY: dict[str, Any] = {}


class Absent(Exception):
    """There is no such thing."""


class Asker:
    """``findings``: what came of the questions. ``settled``: (code, image) of offline findings that they replace."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, Any] = {}
        self.findings: list[Finding] = []
        self.settled: set[tuple[str, str]] = set()

    def get(self, path: str, version: str, query: str = "", absent: Any = Absent) -> dict[str, Any] | None:
        """The answer; None where nobody may say, which is then among the findings. Raises BuildError, and Absent where
        there is no such thing, unless ``absent`` is given, which is the answer then.
        """
        key = quote(f"{path}?api-version={version}{query}", safe="/?&=$'()")
        if key not in self._known:
            self._known[key] = self._asked(path, key)
        found = self._known[key]
        if found is Absent and absent is Absent:
            raise Absent(path)
        return absent if found is Absent else found  # type: ignore[no-any-return]

    def wanted(self, path: str, version: str, missing: Finding) -> dict[str, Any] | None:
        """The answer; None where nobody may say, or there is no such thing, which is a finding: ``missing``.

        Raises BuildError.
        """
        try:
            return self.get(path, version)
        except Absent:
            self.findings.append(missing.but(asked=True))
            return None

    def listed(self, path: str, version: str, query: str = "", absent: Any = _EMPTY) -> list[dict[str, Any]] | None:
        """All pages of a list, which is empty where there is no such thing; None as for :meth:`get`."""
        data = self.get(path, version, query, absent)
        found: list[dict[str, Any]] = []
        while data is not None:
            found += data.get("value") or []
            more = str(data.get("nextLink") or "")
            if not more:
                return found
            data = self._asked(path, self._session.below(more))
            data = data if isinstance(data, dict) else None
        return None

    def _asked(self, path: str, url: str) -> Any:
        from bakelift.runner.azure.session import explained

        client = self._session.resources()  # says what to install where Azure's packages are missing
        from azure.core.exceptions import AzureError, ClientAuthenticationError, ServiceRequestError
        from azure.core.rest import HttpRequest

        try:
            answer = client.send_request(HttpRequest("GET", url), **_PATIENCE)
        except ClientAuthenticationError as problem:
            raise BuildError(f"Nobody is logged in to Azure: {explained(problem)}") from None
        except ServiceRequestError as problem:  # no connection: no other question would fare better
            raise BuildError(f"Azure does not answer: {explained(problem)}") from None
        except AzureError as problem:
            self._unanswered(path, explained(problem))
            return None
        if answer.status_code == 404:
            return Absent
        if answer.status_code in (401, 403):
            self.tell(
                "warning",
                "preflight/not-allowed",
                f"Azure does not let this login look at {path}",
                AUTHORIZATION,
                "Let somebody who may look run it, or take what the template alone tells.",
            )
            return None
        if answer.status_code != 200:
            self._unanswered(path, f"status {answer.status_code}: {_message(answer)}")
            return None
        return answer.json()

    def _unanswered(self, path: str, why: str) -> None:
        self.tell(
            "warning",
            "preflight/not-answered",
            f"Azure gave no answer for {path}: {why}",
            "Azure's answer",
            "Ask again later; what is said of it is what the template alone tells.",
        )

    def tell(
        self,
        severity: str,
        code: str,
        summary: str,
        source: str,
        way_out: str,
        image: str = "",
        commands: tuple[str, ...] = (),
    ) -> None:
        """Adds a finding that comes of an answer."""
        self.findings.append(Finding(severity, code, summary, source, way_out, image, commands, asked=True))

    def settle(self, code: str, image: str = "") -> None:
        """What the template alone told of this is known better now."""
        self.settled.add((code, image))

    def settle_if_all(self, answers: Sequence[bool], code: str) -> None:
        """The same, if each of some questions was answered, and there were any."""
        if answers and all(answers):
            self.settle(code)


def _message(answer: Any) -> str:
    try:
        error = answer.json().get("error") or {}
    except (ValueError, AttributeError):
        return ""
    return f"{error.get('code', '')}: {error.get('message', '')}"[:300]
