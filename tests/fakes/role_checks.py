"""Compares the requests of a build with the role definitions that a preflight prints for it."""

from __future__ import annotations

import re

import fake_arm
import fake_container
from fake_authorization import action
from preflight_cloud import Said

CALLED = "called by bakelift"
#: Pages that say what the service does with an identity, and what Azure asks of who deploys and polls.
DOCUMENTED = re.compile(r"https://learn\.microsoft\.com/(azure|rest)/\S+")


#: Reading and writing blobs: with a role on their data, else with the account's key.
BLOBS = "microsoft.storage/storageaccounts/blobservices/containers/blobs/"
DELEGATE = "microsoft.storage/storageaccounts/blobservices/generateuserdelegationkey/action"
LIST_KEYS = "microsoft.storage/storageaccounts/listkeys/action"


def called(arm: fake_arm.Arm) -> dict[str, set[str]]:
    """By action, the paths that it was needed for."""
    found: dict[str, set[str]] = {}
    for method, path, _ in arm.log:
        found.setdefault(action(method, path).lower(), set()).add(path.lower())
    return found


def granted(said: Said) -> dict[str, dict[str, str]]:
    """By scope in lower case, the actions of the caller in lower case, with their evidence."""
    return {
        scope.lower(): {name.lower(): why for name, why in actions.items()}
        for scope, actions in said.actions("caller").items()
    }


def covered(arm: fake_arm.Arm, said: Said) -> None:
    """Every request needs an action that a role has at, or above, what it is about."""
    roles = granted(said)
    for name, paths in called(arm).items():
        for path in paths:
            # Of a subscription's groups those are listed that one may read, without an error.
            lists_groups = path.endswith("/resourcegroups")
            near = [actions for scope, actions in roles.items() if path.startswith(scope) or lists_groups]
            held = {one for actions in near for one in actions}
            # Without a role on blobs, as here, their account's key opens them.
            assert name in held or (name == LIST_KEYS and any(one.startswith(BLOBS) for one in held)), (name, path)


def called_of_storage(store: fake_container.Containers, account: str) -> dict[str, set[str]]:
    """By action, what it was needed for, of requests to blobs. ``account``: the id of the storage account."""
    found: dict[str, set[str]] = {}
    for method, path in store.by_login:
        verb = {"GET": "read", "HEAD": "read", "PUT": "write", "DELETE": "delete"}.get(method)
        scope = f"{account}/blobServices/default/containers/{path.partition('/')[0]}"
        # Listing a container reads blobs too; without a container a key is asked for.
        found.setdefault(f"{BLOBS}{verb}" if path else DELEGATE, set()).add((scope if path else account).lower())
    return found


def check_storage(said: Said, *accounts: dict[str, set[str]]) -> None:
    """Every request to blobs is covered where it was made, and every action on blobs was called, or is documented."""
    roles = granted(said)
    for account in accounts:
        for name, places in account.items():
            for place in places:
                held = {one for scope, actions in roles.items() if place.startswith(scope) for one in actions}
                assert name in held, (name, place)
    for scope, actions in roles.items():
        for name, why in actions.items():
            if (name.startswith(BLOBS) or name == DELEGATE) and why == CALLED:
                places = {place for account in accounts for place in account.get(name, ())}
                assert any(place.startswith(scope) for place in places), f"nobody calls {name} at {scope}"


def check(arm: fake_arm.Arm, said: Said) -> None:
    """Every request is covered, and every action was called, or a page says that Azure asks for it."""
    covered(arm, said)
    names = called(arm)
    for name, why in {name: why for actions in granted(said).values() for name, why in actions.items()}.items():
        if why != CALLED:
            assert DOCUMENTED.fullmatch(why), (name, why)
        else:
            assert name in names or (name.startswith(BLOBS) and LIST_KEYS in names), f"nobody calls {name}"
