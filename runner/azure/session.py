"""Clients of Azure's management plane, made when they are asked for."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from bakelift.runner.azure.clouds import endpoint_of
from bakelift.runner.azure.credentials import MISSING, StaticToken, credential
from bakelift.runner.errors import BuildError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from bakelift.runner.azure.clouds import Cloud
    from bakelift.runner.azure.credentials import Login

#: Seconds between looks at something that takes long, where nobody says otherwise (``BAKELIFT_POLL_SECONDS``).
POLL = 15.0

#: Seconds that a connection, and the answer to a request, may take.
CONNECT_TIMEOUT = 30.0
READ_TIMEOUT = 120.0

_SIGNATURE = re.compile(r"(\bsig=)[A-Za-z0-9%+/=_-]+")


class Session:
    """One login to one subscription. Clients are made once; none is made before it is needed.

    ``tell``: shows a person what to do. Raises BuildError for what cannot work.
    """

    def __init__(
        self,
        subscription: str,
        login: Login,
        cloud: Cloud,
        environment: Mapping[str, str],
        tell: Callable[[str], None] = print,
    ) -> None:
        self.subscription = subscription
        self.cloud = cloud
        #: What no log may show.
        self.secrets = tuple(text for text in (login.secret, login.assertion, login.request_token) if text)
        self.endpoint = endpoint_of(environment)
        self.poll = _seconds(environment.get("BAKELIFT_POLL_SECONDS"))
        _quiet()
        self.credential = credential(login, cloud, environment, tell)
        self._clients: dict[str, Any] = {}

    @property
    def address(self) -> str:
        """Of the resource manager."""
        return self.endpoint or self.cloud.endpoint

    def _options(self) -> dict[str, Any]:
        options: dict[str, Any] = {
            "base_url": self.address,
            "credential_scopes": [self.cloud.scope],
            "polling_interval": self.poll,
            "connection_timeout": CONNECT_TIMEOUT,
            "read_timeout": READ_TIMEOUT,
            # Throttling of a whole subscription passes; what is down for longer is told.
            "retry_total": 10,
            "retry_status": 10,
            "retry_backoff_max": 30 if self.poll >= 1 else 0.2,
            "retry_backoff_factor": 0.8 if self.poll >= 1 else 0.05,
        }
        options["per_call_policies"] = [_again_policy(), _date_policy()]
        if self.endpoint is not None and self.endpoint.startswith("http://"):
            options["per_call_policies"].append(_loopback_policy())
            options["use_env_settings"] = False  # what goes to this machine goes through no proxy
        return options

    def _client(self, name: str, module: str, **more: object) -> Any:
        if name not in self._clients:
            from importlib import import_module

            try:
                maker = getattr(import_module(module), name.partition(" ")[0])
            except ImportError:
                raise BuildError(MISSING) from None
            self._clients[name] = maker(self.credential, self.subscription, **self._options(), **more)
        return self._clients[name]

    def image_builder(self, api_version: str) -> Any:
        """ImageBuilderClient for the API version of a template."""
        return self._client(f"ImageBuilderClient {api_version}", "azure.mgmt.imagebuilder", api_version=api_version)

    def resources(self, api_version: str | None = None) -> Any:
        """``api_version``: of resource groups and lists of resources; None: the package's."""
        more = {"api_version": api_version} if api_version else {}
        return self._client(f"ResourceManagementClient {api_version}", "azure.mgmt.resource.resources", **more)

    def deployments(self, api_version: str | None = None) -> Any:
        more = {"api_version": api_version} if api_version else {}
        return self._client(f"DeploymentsMgmtClient {api_version}", "azure.mgmt.resource.deployments", **more)

    def compute(self) -> Any:
        return self._client("ComputeManagementClient", "azure.mgmt.compute")

    def below(self, url: str) -> str:
        """An address that the resource manager gave, as a path below it. Raises BuildError for one of another host."""
        top = self.endpoint or self.cloud.endpoint
        if not url.startswith(f"{top}/"):
            raise BuildError(f"Azure goes on at {url}, which is not below {top}")
        return url.removeprefix(top)

    @property
    def storage_credential(self) -> Any:
        """For storage accounts: a token that was given for one endpoint goes to no other."""
        return None if isinstance(self.credential, StaticToken) else self.credential

    def token(self) -> str:
        """A token for the resource manager, so that a login that fails does so before anything else, and who has to be
        asked for a code is asked once. Raises BuildError.
        """
        try:
            from azure.core.exceptions import AzureError
        except ImportError:
            raise BuildError(MISSING) from None
        try:
            return str(self.credential.get_token(self.cloud.scope).token)
        except (AzureError, ValueError) as problem:
            raise BuildError(f"The login to Azure failed: {explained(problem)}") from None

    def close(self) -> None:
        for client in self._clients.values():
            client.close()
        self._clients.clear()


def _seconds(text: str | None) -> float:
    if not text:
        return POLL
    try:
        seconds = float(text)
    except ValueError:
        raise BuildError(f"BAKELIFT_POLL_SECONDS is a number of seconds, not {text!r}") from None
    return max(0.0, seconds)


def _quiet() -> None:
    """Without a handler, Python prints what Azure's packages tell themselves."""
    import logging

    log = logging.getLogger("azure")
    if not log.handlers:
        log.addHandler(logging.NullHandler())


def _loopback_policy() -> Any:
    """Lets a token go to plain http: only this machine's addresses get here."""
    from azure.core.pipeline.policies import SansIOHTTPPolicy

    class Loopback(SansIOHTTPPolicy):  # type: ignore[misc, type-arg, unused-ignore]
        def on_request(self, request: Any) -> None:
            request.context.options["enforce_https"] = False

    return Loopback()


def _again_policy() -> Any:
    """Asks once more where a token is refused: the client has forgotten it by then, and gets another."""
    from azure.core.pipeline.policies import HTTPPolicy

    class Again(HTTPPolicy):  # type: ignore[misc, type-arg, unused-ignore]
        def send(self, request: Any) -> Any:
            answer = self.next.send(request)
            return self.next.send(request) if answer.http_response.status_code == 401 else answer

    return Again()


def _date_policy() -> Any:
    """Makes seconds of a time until which Azure lets one wait: HTTP allows for both, Azure's clients read seconds."""
    from azure.core.pipeline.policies import SansIOHTTPPolicy

    class Dates(SansIOHTTPPolicy):  # type: ignore[misc, type-arg, unused-ignore]
        def on_response(self, request: Any, response: Any) -> None:
            headers = response.http_response.headers
            text = headers.get("Retry-After")
            if text is not None and not text.strip().isdigit():
                headers["Retry-After"] = str(_until(text))

    return Dates()


def _until(text: str) -> int:
    """Seconds from now to a time as HTTP writes it; 0 for what is none."""
    from datetime import UTC, datetime
    from email.utils import parsedate_to_datetime

    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return 0
    return max(0, round((at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds()))


#: How azure-identity begins to tell, in many lines, that none of several ways leads anywhere.
_CHAIN = "ChainedTokenCredential failed"
NOBODY = (
    "nobody is logged in here. az login does it; so do AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, a "
    "managed identity, or what -auth says"
)


def explained(problem: BaseException) -> str:
    """What Azure said, in one line: code and message, and those of the details of a deployment.

    Without the signatures of addresses that it repeats.
    """
    return without_signatures(_explained(problem))


def without_signatures(text: str) -> str:
    """With ``<sensitive>`` in the place of what lets one read a blob whose address stands there."""
    return _SIGNATURE.sub(r"\1<sensitive>", text) if "sig=" in text else text


def _explained(problem: BaseException) -> str:
    from azure.core.exceptions import ServiceRequestError, ServiceResponseError

    if isinstance(problem, (ServiceRequestError, ServiceResponseError)):
        return f"Azure does not answer: {' '.join(str(problem).split())[:600]}"
    if isinstance(problem, ValueError):
        return f"an answer of Azure, or of what gives tokens, is not understood: {' '.join(str(problem).split())[:600]}"
    error = getattr(problem, "error", None)
    code, message = getattr(error, "code", None), getattr(error, "message", None)
    if not message:
        return _without_message(problem)
    said = _said(str(code or ""), str(message))
    for detail in getattr(error, "details", None) or ():
        more = _said(str(getattr(detail, "code", "") or ""), str(getattr(detail, "message", "") or ""))
        if more not in said:
            said += f"; {more}"
    return " ".join(said.split())[:2000]


def _said(code: str, message: str) -> str:
    """A code and a message. The message of a deployment's detail is often the JSON of the error that it comes from."""
    if message.lstrip().startswith("{"):
        import json

        try:
            inner = json.loads(message)
        except ValueError:
            inner = None
        inner = inner.get("error", inner) if isinstance(inner, dict) else None
        if isinstance(inner, dict) and isinstance(inner.get("message"), str):
            parts = [inner, *(each for each in inner.get("details") or () if isinstance(each, dict))]
            texts = [_said(str(each.get("code") or ""), str(each.get("message") or "")) for each in parts]
            return "; ".join(dict.fromkeys(text for text in texts if text))
    return f"{code}: {message}" if code and message else code or message


def _without_message(problem: BaseException) -> str:
    """Of an answer that is not Azure's usual one: a page of a gateway, an operation that says nothing but that it
    failed; else what the clients say.
    """
    answer, status = getattr(problem, "response", None), getattr(problem, "status_code", None)
    said = " ".join(str(problem).split())
    if said.startswith(_CHAIN):
        return NOBODY
    if status is None or answer is None or getattr(problem, "error_code", None):
        return said[:600]
    asked = f"{answer.request.method} {urlsplit(answer.request.url).path}"
    if status < 300:
        return f"{asked}: the operation failed, and Azure does not say why"
    return f"{asked}: {status} {answer.reason}"
