"""Compares the requests of a build with the role definitions that a preflight prints for it."""

from __future__ import annotations

import re

import fake_arm
from fake_authorization import action
from preflight_cloud import Said

CALLED = "called by bakelift"
#: Pages that say what the service does with an identity, and what Azure asks of who deploys and polls.
DOCUMENTED = re.compile(r"https://learn\.microsoft\.com/(azure|rest)/\S+")


#: Reading and writing blobs: with a role on their data, else with the account's key.
BLOBS = "microsoft.storage/storageaccounts/blobservices/containers/blobs/"
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


def check(arm: fake_arm.Arm, said: Said) -> None:
    """Every request is covered, and every action was called, or a page says that Azure asks for it."""
    covered(arm, said)
    names = called(arm)
    for name, why in {name: why for actions in granted(said).values() for name, why in actions.items()}.items():
        if why != CALLED:
            assert DOCUMENTED.fullmatch(why), (name, why)
        else:
            assert name in names or (name.startswith(BLOBS) and LIST_KEYS in names), f"nobody calls {name}"
