"""A whole deployment, whose functions Azure evaluates; what it made are image templates, which are then run."""

from __future__ import annotations

import time
from functools import partial

from bakelift.runner.errors import BuildError
from bakelift.runner.imagebuilder.calls import Absent, CallFailed, called, waited
from bakelift.runner.imagebuilder.service import Template
from bakelift.runner.imagebuilder.submission import HASH_TAG
from bakelift.runner.imagebuilder.vhds import copied

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator, Mapping
    from typing import Any

    from bakelift.runner.azure.session import Session
    from bakelift.runner.imagebuilder.submission import Submission
    from bakelift.runner.imagebuilder.vhds import Destination
    from bakelift.runner.ui import Ui

_TRIES = 3
#: Seconds that a deployment may take whose polls fail.
_SETTLES = 3600


class Deployment:
    """``name``: in the resource group ``group``. ``api_version``: of its image templates.

    ``asked_for``: it was, whatever came of it.
    """

    def __init__(
        self, session: Session, group: str, name: str, api_version: str, ui: Ui, stop: threading.Event
    ) -> None:
        self._session = session
        self.group = group
        self.name = name
        self._version = api_version
        self.asked_for = False
        self._ui = ui
        self._stop = stop
        self._client = session.deployments()

    def deploy(self, submission: Submission, force: bool = False, vhd_to: Destination | None = None) -> list[str]:
        """Names of the image templates that it made. The same one is not deployed again, unless with ``force``; of
        another one, the image templates go first, since they cannot be changed, their VHDs to ``vhd_to``. Raises
        BuildError.
        """
        assert submission.template is not None
        found = self._there()
        if found is not None:
            same = (found.tags or {}).get(HASH_TAG) == submission.hash()
            if same and not force and _state(found) == "Succeeded" and self._whole(found):
                self._ui.say(f"Using deployment {self.name}, which is unchanged")
                return list(_names(found))
            for name in self.made():
                self._make_way(name, force, vhd_to)
        stage = submission.stage
        template = stage.ready(submission.template, self._ui.say) if stage is not None else submission.template
        parameters = deployment_parameters(submission.parameters)
        properties = {"mode": "Incremental", "template": template, "parameters": parameters}
        body = {"properties": properties, "tags": {HASH_TAG: submission.hash()}}
        self._ui.say(f"Deploying {self.name} ...")
        self.asked_for = True
        try:
            poller = called(lambda: self._client.deployments.begin_create_or_update(self.group, self.name, body))
            done = waited(poller, "The deployment failed", self._stop)
        except CallFailed as problem:
            done = self._settled() if problem.passing else None
            if done is None or (done.tags or {}).get(HASH_TAG) != submission.hash():
                raise
            if _state(done) != "Succeeded":
                raise
        names = list(_names(done))
        if not names:
            raise BuildError("the deployment made no image template")
        return names

    def made(self) -> list[str]:
        """Names of the image templates that its operations speak of, also where it failed."""
        try:
            listed = called(lambda: list(self._client.deployment_operations.list(self.group, self.name)))
        except CallFailed:
            return []
        targets = (getattr(item.properties, "target_resource", None) for item in listed)
        return list(dict.fromkeys(name for target in targets if target is not None for name in _name(target.id)))

    def remove(self) -> None:
        """The record of the deployment; what it made stays. Raises CallFailed."""
        for number in range(1, _TRIES + 1):
            try:
                waited(called(lambda: self._client.deployments.begin_delete(self.group, self.name)))
                return
            except Absent:
                return
            except CallFailed:
                if number == _TRIES:
                    raise
                self._stop.wait(max(self._session.poll, 0.02))

    def _there(self) -> Any:
        try:
            return called(lambda: self._client.deployments.get(self.group, self.name))
        except Absent:
            return None

    def _settled(self) -> Any:
        """What is there, once it is over."""
        until = time.monotonic() + _SETTLES
        while True:
            found = self._there()
            if found is None or _state(found) in ("Succeeded", "Failed", "Canceled"):
                return found
            if self._stop.is_set() or time.monotonic() > until:
                return found
            self._stop.wait(max(self._session.poll, 0.02))

    def _whole(self, found: Any) -> bool:
        """Whether its image templates are still there."""
        templates = self._session.image_builder(self._version).virtual_machine_image_templates
        try:
            for name in _names(found):
                called(lambda name=name: templates.get(self.group, name))  # type: ignore[misc]
        except Absent:
            return False
        return True

    def _make_way(self, name: str, force: bool, vhd_to: Destination | None) -> None:
        template = Template(self._session, self.group, name, self._version, self._ui, self._stop)
        existing = template.settled()
        if existing is not None:
            rescue = partial(copied, template, to=vhd_to) if vhd_to is not None else None
            template.make_way(existing, "it is of an earlier deployment", force, rescue)


def deployment_parameters(parameters: Mapping[str, object]) -> dict[str, object]:
    """As a deployment wants them: values, and references to key vaults as they are."""
    return {name: value if isinstance(value, dict) else {"value": value} for name, value in parameters.items()}


def _state(deployment: Any) -> str:
    state = deployment.properties.provisioning_state
    return str(getattr(state, "value", state))


def _names(deployment: Any) -> Iterator[str]:
    for item in deployment.properties.output_resources or ():
        yield from _name(item.id)


def _name(id: object) -> Iterator[str]:
    parts = str(id).split("/")
    if len(parts) > 2 and parts[-2].lower() == "imagetemplates":
        yield parts[-1]
