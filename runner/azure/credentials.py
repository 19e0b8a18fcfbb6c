"""As whom to work in Azure: Packer's own ways, and those of Azure's tools.

Packer's order is: the CLI where it is asked for, a managed identity where nothing is said, then secret, certificate,
token of a pipeline, assertion (packer-plugin-azure, ``builder/azure/common/client/config.go``).
"""

from __future__ import annotations

import json
import time

from bakelift.runner.errors import BuildError
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from bakelift.runner.azure.clouds import Cloud

WAYS = ("auto", "cli", "env", "workload", "secret", "cert", "oidc", "jwt", "msi", "device")

MISSING = (
    "Azure's packages are not installed: pip install 'bakelift[azure]' brings them. Nothing but builds and uploads to "
    "Azure needs them."
)


class Login(Record):
    """What is known of who logs in: options of the template, or of the command line. Texts; "" is not said."""

    way: str = "auto"
    tenant: str = ""
    client: str = ""
    secret: str = ""
    certificate: str = ""
    certificate_password: str = ""
    assertion: str = ""
    request_url: str = ""
    request_token: str = ""
    cli: bool = False


class StaticToken:
    """A bearer token that was given (``BAKELIFT_ARM_TOKEN``): for the endpoint that it was given with, and no other."""

    def __init__(self, token: str) -> None:
        self._token = token

    def get_token(self, *scopes: str, **options: object) -> Any:
        from azure.core.credentials import AccessToken

        return AccessToken(self._token, int(time.time()) + 3600)


def credential(login: Login, cloud: Cloud, environment: Mapping[str, str], tell: Callable[[str], None]) -> Any:
    """A token credential of azure-identity. Raises BuildError when the packages, or what the way needs, are missing.

    ``tell`` shows a person what to do (device code).
    """
    token = environment.get("BAKELIFT_ARM_TOKEN")
    if token and environment.get("BAKELIFT_ARM_ENDPOINT"):
        return StaticToken(token)
    try:
        from azure import identity
    except ImportError:
        raise BuildError(MISSING) from None
    way = login.way if login.way != "auto" else _way(login)
    maker = _MAKERS.get(way)
    if maker is None:
        return _chain(identity, cloud, environment)
    return maker(identity, login, {"authority": cloud.authority}, tell)


def _way(login: Login) -> str:
    """Which of Packer's ways the options mean."""
    if login.cli:
        return "cli"
    for way, said in (
        ("secret", login.secret),
        ("cert", login.certificate),
        ("oidc", login.request_token),
        ("jwt", login.assertion),
    ):
        if said:
            return way
    return "msi" if login.client and not login.tenant else "chain"


def _needs(login: Login, **fields: str) -> None:
    missing = [name for name, field in fields.items() if not getattr(login, field)]
    if missing:
        raise BuildError(f"To log in this way, {' and '.join(missing)} must be given.")


def _secret(identity: Any, login: Login, options: dict[str, str], _tell: object) -> Any:
    _needs(login, tenant_id="tenant", client_id="client", client_secret="secret")
    return identity.ClientSecretCredential(login.tenant, login.client, login.secret, **options)


def _certificate(identity: Any, login: Login, options: dict[str, str], _tell: object) -> Any:
    _needs(login, tenant_id="tenant", client_id="client", client_cert_path="certificate")
    more = {"password": login.certificate_password} if login.certificate_password else {}
    try:
        return identity.CertificateCredential(login.tenant, login.client, login.certificate, **more, **options)
    except (OSError, ValueError) as problem:
        raise BuildError(f"The certificate {login.certificate} cannot be used: {problem}") from None


def _assertion(identity: Any, login: Login, options: dict[str, str], _tell: object) -> Any:
    _needs(login, tenant_id="tenant", client_id="client", client_jwt="assertion")
    return identity.ClientAssertionCredential(login.tenant, login.client, lambda: login.assertion, **options)


def _pipeline(identity: Any, login: Login, options: dict[str, str], _tell: object) -> Any:
    _needs(
        login,
        tenant_id="tenant",
        client_id="client",
        oidc_request_url="request_url",
        oidc_request_token="request_token",
    )
    return identity.ClientAssertionCredential(login.tenant, login.client, lambda: _token_of(login), **options)


def _token_of(login: Login) -> str:
    """The token that a GitHub workflow gives for Azure."""
    from urllib.parse import quote
    from urllib.request import Request, urlopen

    from bakelift.runner.azure.clouds import check_address

    check_address(login.request_url, "oidc_request_url")
    sign = "&" if "?" in login.request_url else "?"
    url = f"{login.request_url}{sign}audience={quote('api://AzureADTokenExchange', safe='')}"
    request = Request(url, headers={"Authorization": f"Bearer {login.request_token}"})
    try:
        with urlopen(request, timeout=30) as answer:
            return str(json.load(answer)["value"])
    except (OSError, ValueError, LookupError, TypeError) as problem:
        why = getattr(problem, "reason", None) or problem
        raise BuildError(f"The login to Azure failed: oidc_request_url gives no token ({why})") from None


def _cli(identity: Any, login: Login, _options: object, _tell: object) -> Any:
    return identity.AzureCliCredential(**({"tenant_id": login.tenant} if login.tenant else {}))


def _managed(identity: Any, login: Login, _options: object, _tell: object) -> Any:
    return identity.ManagedIdentityCredential(**({"client_id": login.client} if login.client else {}))


def _device(identity: Any, login: Login, options: dict[str, str], tell: Callable[[str], None]) -> Any:
    def prompt(uri: str, code: str, _expires: object) -> None:
        tell(f"To log in, open {uri} and enter the code {code}.")

    more = {"tenant_id": login.tenant} if login.tenant else {}
    return identity.DeviceCodeCredential(prompt_callback=prompt, **more, **options)


def _environment(identity: Any, _login: Login, options: dict[str, str], _tell: object) -> Any:
    return identity.EnvironmentCredential(**options)


def _workload(identity: Any, _login: Login, options: dict[str, str], _tell: object) -> Any:
    try:
        return identity.WorkloadIdentityCredential(**options)
    except ValueError as problem:
        raise BuildError(f"There is no workload identity here: {problem}") from None


def _chain(identity: Any, cloud: Cloud, environment: Mapping[str, str]) -> Any:
    """What the surroundings have: their variables, a workload's identity, the CLI, a managed identity."""
    links = [identity.EnvironmentCredential(authority=cloud.authority)]
    if environment.get("AZURE_FEDERATED_TOKEN_FILE"):
        links.append(identity.WorkloadIdentityCredential(authority=cloud.authority))
    links += [identity.AzureCliCredential(), identity.ManagedIdentityCredential()]
    return identity.ChainedTokenCredential(*links)


_MAKERS: dict[str, Callable[[Any, Login, dict[str, str], Callable[[str], None]], Any]] = {
    "secret": _secret,
    "cert": _certificate,
    "jwt": _assertion,
    "oidc": _pipeline,
    "cli": _cli,
    "msi": _managed,
    "device": _device,
    "env": _environment,
    "workload": _workload,
}
