"""One image template in the service: created, run, followed, its outputs read. Calls block; a thread makes them."""

from __future__ import annotations

import time

from bakelift.runner.azure.session import explained
from bakelift.runner.errors import BuildError
from bakelift.runner.imagebuilder.log_blob import LogBlob
from bakelift.runner.imagebuilder.packer_log import LineReader, read_line
from bakelift.runner.imagebuilder.submission import HASH_TAG
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from bakelift.runner.azure.session import Session
    from bakelift.runner.imagebuilder.submission import Submission
    from bakelift.runner.ui import Ui

    Timed = Callable[[str, float, bool], None]

#: Between looks at whether somebody wants to stop.
_BREATH = 0.2


class RunOutput(Record):
    """What a run made. ``place``: a resource id, or the address of a VHD."""

    name: str
    place: str
    vhd: bool


class Template:
    """One image template. ``stop`` is set when somebody cancels: a run that has begun is then cancelled in Azure.

    ``steps``: names of its customizers in order, for the log; ``timed`` hears of each when it ended: its name, the
    seconds it took, whether it went well.
    """

    def __init__(
        self,
        session: Session,
        group: str,
        name: str,
        api_version: str,
        ui: Ui,
        stop: threading.Event,
        steps: Sequence[str] = (),
        timed: Timed | None = None,
    ) -> None:
        self.session = session
        self.group = group
        self.name = name
        self._templates = session.image_builder(api_version).virtual_machine_image_templates
        self.ui = ui
        self._stop = stop
        self._steps = steps
        self._timed = timed
        self._reader = LineReader()
        self._number = 0
        self._begun = 0.0
        self._state = ""

    # -- creating -----------------------------------------------------------------------------------------------------

    def create(self, submission: Submission) -> None:
        """As the submission says: what is there already stays when it was made from the same, and is made anew when it
        was not, since image templates cannot be changed.
        """
        existing = self._existing()
        if existing is not None:
            same = (existing.tags or {}).get(HASH_TAG) == submission.hash()
            state = _text(existing.properties.provisioning_state) if existing.properties is not None else ""
            if same and state == "Succeeded":
                self.ui.say(f"Using image template {self.name}, which is unchanged")
                return
            why = "it was made from another template" if not same else f"it is in the state {state}"
            self.ui.say(f"Deleting image template {self.name}: {why}")
            self._waited(self._called(lambda: self._templates.begin_delete(self.group, self.name)))
        request = submission.request(self.ui.say)
        self.ui.say(f"Creating image template {self.name} ...")
        self._waited(
            self._called(lambda: self._templates.begin_create_or_update(self.group, self.name, request)),
            "The image template could not be created",
        )

    def _existing(self) -> Any:
        from azure.core.exceptions import ResourceNotFoundError

        try:
            return self._called(lambda: self._templates.get(self.group, self.name))
        except Absent:
            return None
        except ResourceNotFoundError:
            return None

    # -- running ------------------------------------------------------------------------------------------------------

    def run(self) -> Any:
        """Starts a run; what waits for its end."""
        self.ui.say(f"Running image template {self.name} ...")
        return self._called(lambda: self._templates.begin_run(self.group, self.name))

    def resumed(self, token: str) -> Any:
        """What waits for the end of a run that another process began."""
        return self._called(lambda: self._templates.begin_run(self.group, self.name, continuation_token=token))

    def follow(self, poller: Any) -> None:
        """Shows the run until it ends. Raises BuildError when it failed or was cancelled."""
        log: LogBlob | None = None
        told = False
        while True:
            done = poller.done()
            template = self._called(lambda: self._templates.get(self.group, self.name))
            staging = template.properties.exact_staging_resource_group
            if log is None and staging:
                log = LogBlob(self.session, staging)
            if log is not None:
                for piece in log.pieces():
                    self._show(piece)
                if log.trouble and not told:
                    self.ui.error(log.trouble)
                    told = True
            self._say_state(template.properties.last_run_status)
            if done:
                break
            if self._stop.is_set():
                self._cancel()
                raise BuildError("the run was cancelled")
            self._pause(poller)
        self._show(b"", final=True)
        self._ended(True)
        self._judge(poller)

    def _pause(self, poller: Any) -> None:
        breath = _BREATH if self.session.poll else 0.02
        until = time.monotonic() + max(self.session.poll, 0.05)
        while time.monotonic() < until and not poller.done() and not self._stop.is_set():
            self._stop.wait(breath)

    def _judge(self, poller: Any) -> None:
        from azure.core.exceptions import AzureError

        problem = ""
        try:
            poller.result()
        except AzureError as error:
            problem = explained(error)
        status = self._called(lambda: self._templates.get(self.group, self.name)).properties.last_run_status
        state = _text(getattr(status, "run_state", ""))
        message = str(getattr(status, "message", "") or "")
        if state == "Canceled":
            raise BuildError("the run was cancelled")
        if problem or state not in ("Succeeded", ""):
            raise BuildError(problem or f"{state}: {message}")

    def _say_state(self, status: Any) -> None:
        """The state of the run, when it is another: all there is to see while the log cannot be read."""
        state = _text(getattr(status, "run_sub_state", "")) or _text(getattr(status, "run_state", ""))
        if state and state != self._state and _text(getattr(status, "run_state", "")) == "Running":
            self._state = state
            self.ui.say(f"{self._state} ...")

    def _cancel(self) -> None:
        self.ui.error(f"Cancelling the run of {self.name} ...")
        try:
            self._waited(self._called(lambda: self._templates.begin_cancel(self.group, self.name)))
        except BuildError as problem:
            self.ui.error(f"The run could not be cancelled: {problem}. It goes on in Azure; cancel it with:")
            self.ui.error(f"az image builder cancel -g {self.group} -n {self.name}")

    # -- the log ------------------------------------------------------------------------------------------------------

    def _show(self, data: bytes, final: bool = False) -> None:
        for text in self._reader.feed(data, final):
            line = read_line(text)
            if line.kind == "say":
                self.ui.say(line.text)
            elif line.kind == "message":
                self.ui.message(line.text)
            elif line.kind == "begin":
                self._ended(True)
                self._number += 1
                self._begun = time.monotonic()
                self.ui.say(f"Customizer {self._label(line.text)}")
            elif line.kind == "end":
                self._ended(True)

    def _label(self, kind: str) -> str:
        if self._number <= len(self._steps):
            return f"{self._number} of {len(self._steps)}: {self._steps[self._number - 1]} ({kind})"
        return f"of the service ({kind})"  # what generalizes the machine

    def _ended(self, good: bool) -> None:
        if self._begun and self._timed is not None and self._number <= len(self._steps):
            self._timed(self._steps[self._number - 1], time.monotonic() - self._begun, good)
        self._begun = 0.0

    # -- afterwards ---------------------------------------------------------------------------------------------------

    def outputs(self) -> list[RunOutput]:
        found = []
        for item in self._called(lambda: list(self._templates.list_run_outputs(self.group, self.name))):
            place = item.properties.artifact_id or item.properties.artifact_uri or ""
            found.append(RunOutput(item.name, place, vhd=item.properties.artifact_uri is not None))
        return found

    def delete(self) -> None:
        """The image template, and with it what the service keeps for it: its staging group, its log, its VHDs."""
        self.ui.say(f"Deleting image template {self.name} ...")
        self._waited(self._called(lambda: self._templates.begin_delete(self.group, self.name)))

    # -- calls --------------------------------------------------------------------------------------------------------

    def _called(self, call: Callable[[], Any]) -> Any:
        return called(call)

    def _waited(self, poller: Any, what: str = "") -> Any:
        return waited(poller, what)


def _text(value: object) -> str:
    """Of a text, or of one of the service's words for a state."""
    return str(getattr(value, "value", value) or "")


class Absent(BuildError):
    """There is no such thing."""


def called(call: Callable[[], Any]) -> Any:
    """The answer of a call. Raises BuildError with what Azure said, in one line."""
    from azure.core.exceptions import AzureError, ResourceNotFoundError

    try:
        return call()
    except ResourceNotFoundError as problem:
        raise Absent(explained(problem)) from None
    except AzureError as problem:
        raise BuildError(explained(problem)) from None


def waited(poller: Any, what: str = "") -> Any:
    """The result of an operation that takes long."""
    from azure.core.exceptions import AzureError

    try:
        return poller.result()
    except AzureError as problem:
        said = explained(problem)
        raise BuildError(f"{what}: {said}" if what else said) from None


def deployment_parameters(parameters: Mapping[str, object]) -> dict[str, object]:
    """As a deployment wants them: values, and references to key vaults as they are."""
    return {name: value if isinstance(value, dict) else {"value": value} for name, value in parameters.items()}
