"""Logs in to Azure: once for all images of a run that are built as the same person in the same subscription."""

from __future__ import annotations

import asyncio
import base64
import json
import os
from importlib.util import find_spec

from bakelift.runner.azure.credentials import MISSING
from bakelift.runner.errors import BuildError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.runner.azure.session import Session
    from bakelift.runner.targets import AzureOptions
    from bakelift.runner.targets.azure.config import Account
    from bakelift.runner.ui import Ui


#: What a build calls; the parents first, without which the others cannot be looked for.
_PACKAGES = ("azure", "azure.mgmt", "azure.mgmt.resource", "azure.mgmt.resource.deployments", "azure.mgmt.compute")


class _Shared:
    """A session, and how many builds use it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.users = 0
        self.first = asyncio.Lock()


_sessions: dict[tuple[object, ...], _Shared] = {}


async def log_in(account: Account, options: AzureOptions, ui: Ui) -> tuple[Session, Account]:
    """The session, to be let go of with :func:`let_go`, and the account with what its token says. Raises BuildError."""
    from bakelift.runner.azure.clouds import cloud
    from bakelift.runner.azure.login import subscription_of
    from bakelift.runner.azure.session import Session
    from bakelift.runner.targets.azure.calls import in_background

    if not _installed():
        raise BuildError(MISSING)
    subscription = subscription_of(options.subscription, account.subscription, os.environ)
    login = account.login if options.auth == "auto" else account.login.but(way=options.auth)
    where = account.cloud.lower(), os.environ.get("BAKELIFT_ARM_ENDPOINT"), os.environ.get("BAKELIFT_ARM_TOKEN")
    key = (subscription, *where, *(getattr(login, name) for name in type(login)._fields))
    shared = _sessions.get(key)
    if shared is None:
        shared = _sessions[key] = _Shared(Session(subscription, login, cloud(account.cloud), os.environ, ui.say))
    shared.users += 1
    try:
        async with shared.first:  # who has to be asked for a code is asked once
            token = await in_background(shared.session.token)
    except BaseException:
        let_go(shared.session)
        raise
    claims = _claims(token)
    tenant = account.tenant or str(claims.get("tid") or "")
    object_id = account.object_id or str(claims.get("oid") or "")
    return shared.session, account.but(subscription=subscription, tenant=tenant, object_id=object_id)


def let_go(session: Session) -> None:
    """Closes a session that no build uses any more."""
    for key, shared in list(_sessions.items()):
        if shared.session is session:
            shared.users -= 1
            if shared.users <= 0:
                del _sessions[key]
                session.close()


def _installed() -> bool:
    try:
        return all(find_spec(name) is not None for name in _PACKAGES)
    except ImportError:
        return False


def _claims(token: str) -> dict[str, object]:
    """What stands in a token about whom it is for; nothing, where it cannot be read."""
    try:
        body = token.split(".")[1]
        return dict(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))
    except (IndexError, ValueError):
        return {}
