"""As whom to log in to Azure, and to which subscription: what a template and the surroundings say."""

from __future__ import annotations

import json
import os

from bakelift.runner.azure.credentials import Login
from bakelift.runner.errors import BuildError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    #: The text of one of a source's options; "" where it is not said.
    Option = Callable[[str], str]

#: Options of a source that say as whom Packer logs in.
_OPTIONS = {
    "tenant": "tenant_id",
    "client": "client_id",
    "secret": "client_secret",
    "certificate": "client_cert_path",
    "certificate_password": "client_cert_password",
    "assertion": "client_jwt",
    "request_url": "oidc_request_url",
    "request_token": "oidc_request_token",
}

NO_SUBSCRIPTION = "no subscription: say -subscription, set ARM_SUBSCRIPTION_ID, or log in with az login"


def login_of(option: Option) -> Login:
    """What a source says of the login."""
    found = {field: option(name) for field, name in _OPTIONS.items()}
    return Login(**found, cli=option("use_azure_cli_auth") == "true")


def subscription_of(given: str, template: str, environment: Mapping[str, str]) -> str:
    """The command line's, the template's, the environment's, else the default of az. Raises BuildError."""
    found = known_subscription(given, template, environment)
    if not found:
        raise BuildError(NO_SUBSCRIPTION)
    return found


def known_subscription(given: str, template: str, environment: Mapping[str, str]) -> str:
    """The same; "" where nobody says one."""
    found = given or template
    found = found or environment.get("ARM_SUBSCRIPTION_ID") or environment.get("AZURE_SUBSCRIPTION_ID") or ""
    return found or _of_az(environment)


def _of_az(environment: Mapping[str, str]) -> str:
    """The subscription that az works with."""
    folder = environment.get("AZURE_CONFIG_DIR") or os.path.expanduser("~/.azure")
    try:
        with open(os.path.join(folder, "azureProfile.json"), encoding="utf-8-sig") as file:
            listed = json.load(file)["subscriptions"]
        return next((str(item["id"]) for item in listed if item.get("isDefault")), "")
    except (OSError, ValueError, KeyError, TypeError):
        return ""
