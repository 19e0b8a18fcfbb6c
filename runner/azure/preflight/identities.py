"""Who works with what: identities, roles, and the role that the preview wanted."""

from __future__ import annotations

from bakelift.runner.azure.preflight import needs_direct, needs_service
from bakelift.runner.azure.preflight.facts import IDENTITY
from bakelift.runner.azure.preflight.findings import PERMISSIONS, PLUGIN, PREVIEW, TEMPLATE, TROUBLES, Finding
from bakelift.runner.azure.preflight.permissions import assignee_of, assignment, roles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bakelift.runner.azure.preflight.facts import Facts
    from bakelift.runner.azure.preflight.permissions import BuiltIn, Role

#: The service's own application, the same in every tenant: "Azure Virtual Machine Image Builder".
SERVICE_APP = "cf32a0cc-373c-47c9-9156-0db11f6a6dfc"


_WAYS = {"imagebuilder": needs_service, "azure": needs_direct}


def needed_roles(every: Sequence[Facts]) -> tuple[Role, ...]:
    return roles(need for facts in every for need in _WAYS[facts.way].needs(facts))


def needed_built_in(every: Sequence[Facts]) -> tuple[BuiltIn, ...]:
    return tuple(dict.fromkeys(role for facts in every for role in _WAYS[facts.way].built_in(facts)))


def findings(every: Sequence[Facts]) -> Iterator[Finding]:
    found = needed_roles(every)
    identity = next((facts.identity for facts in every if facts.identity), IDENTITY)
    for who, whom in (("identity", "The identity of the image template"), ("caller", "Who runs bakelift")):
        mine = [role for role in found if role.who == who]
        if not mine:
            continue
        actions = sum(len(role.actions) + len(role.data_actions) for role in mine)
        service = every[0].way == "imagebuilder"
        yield Finding(
            "note",
            "preflight/roles",
            f"{whom} needs {len(mine)} custom roles with {actions} actions: {', '.join(role.topic for role in mine)}",
            PERMISSIONS if service else PLUGIN,
            "Keep each role definition in its file, create the roles once (az role definition update changes one), "
            "and assign them.",
            commands=tuple(line for role in mine for line in role.commands(identity)),
        )
    for built_in in needed_built_in(every):
        yield Finding(
            "note",
            "preflight/built-in-role",
            f"The role {built_in.role} is needed at {built_in.scope}: {built_in.why}",
            built_in.evidence,
            "Assign it once.",
            commands=(assignment(assignee_of(built_in.who, identity), built_in.role, built_in.scope),),
        )
    if every[0].way == "imagebuilder":
        yield from _service(every)


def _service(every: Sequence[Facts]) -> Iterator[Finding]:
    for facts in every:
        if not facts.identity:
            yield Finding(
                "error",
                "preflight/no-identity",
                "The image template has no identity, and the service refuses it without one",
                TEMPLATE,
                "Say -identity with the resource id of a user-assigned identity; az identity create makes one.",
                facts.image,
                ("az identity create -g <resource-group> -n <name> --query id -o tsv",),
            )
    crowded = [facts for facts in every if facts.os == "Windows" and facts.staging and facts.subnet]
    for facts in crowded:
        yield Finding(
            "warning",
            "preflight/service-role",
            f"The service's own principal needs Contributor on {facts.staging}: a Windows image is built in a network "
            "of yours and a staging group of yours",
            TROUBLES,
            "Assign it, or leave the staging resource group to the service.",
            facts.image,
            (f"az role assignment create --assignee {SERVICE_APP} --role Contributor --scope {facts.staging}",),
        )
    if not crowded:
        yield Finding(
            "note",
            "preflight/preview-role",
            f"The role that the preview had assigned to the service's own principal ({SERVICE_APP}) is no longer "
            "needed: since June 2020 the service works with the template's identity",
            PREVIEW,
            "Remove the assignment where it is still there.",
            commands=tuple(
                f"az role assignment delete --assignee {SERVICE_APP} --scope {scope}"
                for scope in dict.fromkeys(facts.group_id for facts in every)
            ),
        )
