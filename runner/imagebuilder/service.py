"""One image template in the service: created, run, cancelled, its outputs read, deleted. Calls block.

Answers can be lost: what may have happened all the same is looked at before it is asked for again.
"""

from __future__ import annotations

import time

from bakelift.runner.azure.session import without_signatures
from bakelift.runner.errors import BuildError
from bakelift.runner.imagebuilder.calls import Absent, CallFailed, called, waited
from bakelift.runner.imagebuilder.leftovers import cancels, removes
from bakelift.runner.imagebuilder.submission import HASH_TAG
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from typing import Any

    from bakelift.runner.azure.session import Session
    from bakelift.runner.imagebuilder.submission import Submission
    from bakelift.runner.ui import Ui

#: How often something is asked for, whose answers are lost.
_TRIES = 3
#: Seconds that a creation or deletion may take, which somebody else asked for.
_SETTLES = 1800


class RunOutput(Record):
    """What a run made. ``place``: a resource id, or the address of a VHD.

    ``kept``: it goes with the image template, as the service's own storage account holds it.
    """

    name: str
    place: str
    vhd: bool
    kept: bool = False


if TYPE_CHECKING:
    #: Copies a VHD out that would be lost.
    Rescue = Callable[[RunOutput], object]


class Run(Record):
    """The state of the last run. ``began``: when, "" where there was none."""

    began: str
    state: str
    step: str
    message: str

    @property
    def goes_on(self) -> bool:
        return self.state in ("Running", "Canceling")


class Busy(BuildError):
    """Somebody else's run goes on."""


class Template:
    """One image template. ``stop`` is set when somebody cancels. ``asked_for``: its creation was."""

    def __init__(
        self, session: Session, group: str, name: str, api_version: str, ui: Ui, stop: threading.Event
    ) -> None:
        self.session = session
        self.group = group
        self.name = name
        self.ui = ui
        self.stop = stop
        self.asked_for = False
        self._templates = session.image_builder(api_version).virtual_machine_image_templates

    @property
    def remove_line(self) -> str:
        """Of az: deletes it."""
        return removes(self.session.subscription, self.group, self.name)

    @property
    def cancel_line(self) -> str:
        """Of az: ends its run."""
        return cancels(self.session.subscription, self.group, self.name)

    def look(self) -> Any:
        """As it is now. Raises CallFailed."""
        return called(lambda: self._templates.get(self.group, self.name))

    def body(self) -> dict[str, Any]:
        """As Azure has it. Raises CallFailed."""
        return dict(self.look().as_dict())

    def last_run(self, template: Any = None) -> Run:
        """Raises CallFailed."""
        properties = (template if template is not None else self.look()).properties
        status = getattr(properties, "last_run_status", None)
        began = getattr(status, "start_time", None)
        return Run(
            began.isoformat() if began is not None else "",
            _text(getattr(status, "run_state", "")),
            _text(getattr(status, "run_sub_state", "")),
            without_signatures(" ".join(str(getattr(status, "message", "") or "").split())),
        )

    # -- creating -----------------------------------------------------------------------------------------------------

    def create(self, submission: Submission, force: bool = False, rescue: Rescue | None = None) -> None:
        """As the submission says: what is there already stays when it was made from the same, and is made anew when it
        was not, since image templates cannot be changed. ``force``: it is made anew, whatever is there.
        """
        existing = self.settled()
        if existing is not None:
            same = (existing.tags or {}).get(HASH_TAG) == submission.hash()
            state = _provisioned(existing)
            if same and state == "Succeeded" and not force:
                self.ui.say(f"Using image template {self.name}, which is unchanged")
                return
            why = "it was made from another template" if not same else f"it is in the state {state}"
            if not force and HASH_TAG not in (existing.tags or {}):
                raise BuildError(
                    f"image template {self.name} is there, and it is none that bakelift made: -force replaces it"
                )
            self.make_way(existing, "-force is said" if force else why, force, rescue)
        request = submission.request(self.ui.say)
        self.ui.say(f"Creating image template {self.name} ...")
        self.asked_for = True
        for number in range(1, _TRIES + 1):
            try:
                poller = called(lambda: self._templates.begin_create_or_update(self.group, self.name, request))
            except CallFailed as problem:
                if not problem.passing:
                    raise
                failed = problem
            else:
                try:
                    waited(poller, "The image template could not be created", self.stop)
                    return
                except CallFailed as problem:
                    failed = problem
            # Where only an answer was lost, or an earlier try was heard, it is there all the same.
            made, why = self._made(submission)
            if made:
                return
            if why or not failed.passing or number == _TRIES or self.stop.is_set():
                raise CallFailed(f"{failed}; {why}" if why and why not in str(failed) else str(failed), failed.passing)
            self.pause()

    def make_way(self, existing: Any, why: str, force: bool = False, rescue: Rescue | None = None) -> None:
        """Deletes what is there, as it is to be made anew. Raises BuildError when a run or a VHD would be lost with it.

        ``rescue`` copies VHDs; with ``force`` they may be lost.
        """
        last = self.last_run(existing)
        if last.goes_on:
            raise Busy(
                f"a run of image template {self.name} goes on: it cannot be replaced before that has ended "
                f"({self.cancel_line} ends it)"
            )
        held = [output for output in self._outputs_held(existing, last) if output.kept]
        if rescue is not None:
            for output in held:
                rescue(output)
        elif held and not force:
            raise BuildError(
                f"image template {self.name} is to be replaced, and with it the VHD {held[0].place} would be lost: "
                "-vhd-to copies it out first, -force lets it go"
            )
        self.ui.say(f"Deleting image template {self.name}: {why}")
        self._remove()

    def _outputs_held(self, existing: Any, last: Run) -> list[RunOutput]:
        listed = existing.properties.distribute or ()
        if last.began and any(getattr(each, "type", "") == "VHD" and not getattr(each, "uri", None) for each in listed):
            return self.outputs()
        return []

    def stands(self, submission: Submission) -> bool:
        """Whether what is there was made from this submission. Raises CallFailed."""
        try:
            return (self.look().tags or {}).get(HASH_TAG) == submission.hash()
        except Absent:
            return False

    def _made(self, submission: Submission) -> tuple[bool, str]:
        """Whether it is there as the submission says, and else what the service says is wrong with it."""
        try:
            found = self.settled()
        except CallFailed:
            return False, ""
        if found is None or (found.tags or {}).get(HASH_TAG) != submission.hash():
            return False, ""
        error = getattr(found.properties, "provisioning_error", None)
        code, message = _text(getattr(error, "provisioning_error_code", "")), getattr(error, "message", None) or ""
        said = ": ".join(part for part in (code, " ".join(str(message).split())) if part)
        return _provisioned(found) == "Succeeded", without_signatures(said)

    def settled(self) -> Any:
        """What is there, once nothing goes on with it; None: nothing is."""
        until = time.monotonic() + _SETTLES
        while True:
            try:
                found = self.look()
            except Absent:
                return None
            busy = _provisioned(found) in ("Creating", "Updating", "Deleting")
            if not busy or self.stop.is_set() or time.monotonic() > until:
                return found
            self.pause()

    # -- running ------------------------------------------------------------------------------------------------------

    def check_idle(self, last: Run) -> None:
        """Raises Busy when the last run goes on: of one image template, one goes on at a time."""
        if last.goes_on:
            raise Busy(f"a run of image template {self.name} goes on already: -resume follows it")

    def begin(self, before: str) -> Any:
        """Starts a run; what waits for its end, None where its beginning was not answered. ``before``: when the last
        run began. Raises CallFailed.
        """
        self.ui.say(f"Running image template {self.name} ...")
        for number in range(1, _TRIES + 1):
            try:
                return called(lambda: self._templates.begin_run(self.group, self.name))
            except CallFailed as problem:
                if self.began(before):
                    return None
                if not problem.passing or number == _TRIES or self.stop.is_set():
                    raise
            self.pause()
        raise AssertionError("not reached")

    def began(self, before: str) -> bool:
        """Whether a run began after the one of this time. Raises CallFailed."""
        return self.last_run().began != before

    def cancel(self) -> bool:
        """Cancels the run; whether that went well. It is told when it did not."""
        self.ui.error(f"Cancelling the run of {self.name} ...")
        problem = ""
        for _ in range(_TRIES):
            try:
                waited(called(lambda: self._templates.begin_cancel(self.group, self.name)))
                return True
            except CallFailed as failed:
                problem = str(failed)
                if self._ended_by_now():
                    return True
                if not failed.passing:
                    break
            self.pause()
        self.ui.error(f"The run could not be cancelled: {problem}. It goes on in Azure")
        return False

    def _ended_by_now(self) -> bool:
        """Whether the run is over, once nobody is cancelling it any more: the answer alone may have been lost."""
        until = time.monotonic() + _SETTLES
        while True:
            try:
                last = self.last_run()
            except CallFailed:
                return False
            if last.state != "Canceling" or time.monotonic() > until:
                return not last.goes_on
            self.pause()

    # -- afterwards ---------------------------------------------------------------------------------------------------

    def outputs(self) -> list[RunOutput]:
        """Raises CallFailed."""
        found = []
        elsewhere: set[str] | None = None
        for item in called(lambda: list(self._templates.list_run_outputs(self.group, self.name))):
            address = item.properties.artifact_uri
            if address is not None and elsewhere is None:
                listed = self.look().properties.distribute or ()
                elsewhere = {each.run_output_name for each in listed if getattr(each, "uri", None)}
            kept = address is not None and elsewhere is not None and item.name not in elsewhere
            found.append(RunOutput(item.name, item.properties.artifact_id or address or "", address is not None, kept))
        return found

    def delete(self) -> None:
        """The image template, and with it what the service keeps for it: its staging group, its log, its VHDs.

        Raises CallFailed.
        """
        self.ui.say(f"Deleting image template {self.name} ...")
        self._remove()

    def _remove(self) -> None:
        for number in range(1, _TRIES + 1):
            try:
                waited(called(lambda: self._templates.begin_delete(self.group, self.name)))
                return
            except Absent:
                return
            except CallFailed as problem:
                if self._gone():
                    return
                if number == _TRIES:
                    raise problem
            self.pause()

    def _gone(self) -> bool:
        try:
            return self.settled() is None
        except CallFailed:
            return False

    def pause(self) -> None:
        self.stop.wait(max(self.session.poll, 0.02))
        if self.stop.is_set():
            time.sleep(0.02)  # what is being undone is looked at again and again


def _provisioned(template: Any) -> str:
    return _text(template.properties.provisioning_state) if template.properties is not None else ""


def _text(value: object) -> str:
    """Of a text, or of one of the service's words for a state."""
    return str(getattr(value, "value", value) or "")
