"""The course of one submission: create, run, follow, outputs, what is copied out, delete; undone where it fails.

A process that is killed leaves a note of how far it was (:mod:`.state`); with -resume another goes on from there.
"""

from __future__ import annotations

from bakelift.runner.errors import BuildError
from bakelift.runner.imagebuilder.calls import CallFailed, Stopped
from bakelift.runner.imagebuilder.following import Follower, OutOfSight
from bakelift.runner.imagebuilder.service import Busy, RunOutput, Template
from bakelift.runner.imagebuilder.vhds import copied
from bakelift.runner.targets import Artifact
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from bakelift.runner.imagebuilder.leftovers import Leftovers
    from bakelift.runner.imagebuilder.state import State
    from bakelift.runner.imagebuilder.submission import Submission
    from bakelift.runner.imagebuilder.vhds import Destination
    from bakelift.runner.log import BuildLog

BUILDER_ID = "bakelift.imagebuilder"


class WorkOptions(Record):
    """``wait`` False: begin, and let the run go on; ``delete``: the image template goes when its run has ended.

    ``keep_failed``: what failed stays as it is. ``vhd_to``: where VHDs are copied that would go with the template.
    ``force``: the image template is made anew, whatever is there.
    """

    wait: bool = True
    resume: bool = False
    delete: bool = False
    keep_failed: bool = False
    force: bool = False
    vhd_to: Destination | None = None


class Work:
    """One image template, from the first request to the last. Its methods block."""

    def __init__(
        self, template: Template, log: BuildLog, options: WorkOptions, state: State, left: Leftovers, key: str
    ) -> None:
        self._template = template
        self._log = log
        self._options = options
        self._state = state
        self._left = left
        self._key = key
        self._keeps = False

    def bare(self, submission: Submission) -> list[Artifact]:
        """Creates and runs it. Raises BuildError."""
        note = self._note()
        if note["phase"] not in ("running", "ended", "done"):
            self._state.put(self._key, "creating")
            try:
                rescue = self._copied if self._options.vhd_to is not None else None
                self._template.create(submission, self._options.force, rescue)
            except BuildError:
                self._not_created(submission)
                raise
        return self.run(submission.body or {}, note)

    def run(self, body: Mapping[str, object] | None = None, note: Mapping[str, Any] | None = None) -> list[Artifact]:
        """Runs what is there already; what its body is, Azure knows where nobody says. Raises BuildError."""
        note = note if note is not None else self._note()
        if note["phase"] in ("ended", "done"):
            outputs = [RunOutput(**output) for output in note["outputs"]]
            return [_artifact(self._template, outputs, note["stays"])] if "stays" in note else self._over(outputs)
        try:
            made = self._ran(step_names(body if body is not None else self._template.body()), note)
        except OutOfSight:
            self.tell_left()
            raise  # the note stays: -resume looks for the run
        except Stopped:
            self._undo(cancelled=self._template.cancel())
            raise BuildError("the run was cancelled") from None
        except Busy:
            self._state.drop(self._key)
            raise
        except BuildError:
            self._undo()
            raise
        return [] if made is None else self._over(made)

    def _note(self) -> Mapping[str, Any]:
        found = self._state.get(self._key) if self._options.resume else None
        return found if found is not None else {"phase": "none"}

    def _ran(self, steps: Sequence[str], note: Mapping[str, Any]) -> list[RunOutput] | None:
        """The outputs of the run; None when nobody waits for them."""
        template = self._template
        poller: Any = None
        if note["phase"] == "running" and template.began(note["before"]):
            before = str(note["before"])
            template.ui.say(f"Following the run of image template {template.name} ...")
        else:
            last = template.last_run()
            before = last.began
            if last.goes_on and self._options.resume:
                before = ""
            else:
                if self._options.resume and note["phase"] == "none":
                    template.ui.say(f"There is no run of {template.name} to follow: it begins anew.")
                template.check_idle(last)
                self._state.put(self._key, "running", before=before)
                poller = template.begin(before)
        if not self._options.wait:
            template.ui.say(f"The run of {template.name} goes on in Azure; -resume follows it.")
            return None
        follower = Follower(template, steps, self._timer(steps), before, self._log.log.redactor)
        try:
            follower.follow(poller)
        except BuildError:
            if follower.partly:
                self._tell_partly()
            raise
        try:
            return template.outputs()
        except CallFailed as problem:
            raise BuildError(f"the run succeeded, but its outputs could not be read: {problem}") from None

    def _tell_partly(self) -> None:
        """Says what a run has made that did not make all. A VHD among it keeps the image template."""
        try:
            outputs = self._template.outputs()
        except CallFailed as problem:
            self._template.ui.error(f"What the run has made cannot be read: {problem}")
            return
        self._keeps = any(output.kept for output in outputs)
        for output in outputs:
            self._template.ui.error(f"It has made {output.name}: {output.place}")

    def _over(self, outputs: list[RunOutput]) -> list[Artifact]:
        """What is done with what a run made. Raises BuildError."""
        template = self._template
        self._note_end(outputs)
        if self._options.vhd_to is not None:
            try:
                outputs = [self._copied(output) for output in outputs]
                self._note_end(outputs)
            except BuildError:
                self._leave(template.remove_line)
                raise
        stays = not self._options.delete
        if self._options.delete and any(output.kept for output in outputs):
            stays = True
            template.ui.error(
                f"Image template {template.name} stays: with it a VHD would be lost. -vhd-to copies it out first"
            )
        elif self._options.delete:
            self._remove()
        self._note_end(outputs, "done", stays=stays)
        return [_artifact(template, outputs, stays)]

    def _note_end(self, outputs: Sequence[RunOutput], phase: str = "ended", **facts: object) -> None:
        listed = [{name: getattr(output, name) for name in RunOutput._fields} for output in outputs]
        self._state.put(self._key, phase, outputs=listed, **facts)

    def _copied(self, output: RunOutput) -> RunOutput:
        to = self._options.vhd_to
        if to is None or not output.kept:
            return output
        return copied(self._template, output, to, lambda line: self._left.add(self._log.name, line))

    # -- undoing ------------------------------------------------------------------------------------------------------

    def tell_left(self) -> None:
        """The run may go on, and nobody waits for it any more."""
        self._left.add(self._log.name, self._template.cancel_line)
        self._left.add(self._log.name, self._template.remove_line)

    def _not_created(self, submission: Submission) -> None:
        """What could not be created is of no use to anybody, and in the way of the next. Somebody else's stays."""
        try:
            ours = self._template.asked_for and self._template.stands(submission)
        except CallFailed:
            self._leave(self._template.remove_line)
            return
        if ours and not self._options.keep_failed:
            self._remove()
        elif ours:
            self._leave(self._template.remove_line)
        self._state.drop(self._key)

    def _undo(self, cancelled: bool = True) -> None:
        """After a run that failed, or was not begun: the image template stays, unless -delete is said."""
        if not cancelled:
            self._leave(self._template.cancel_line)
        if not cancelled or self._options.keep_failed or not self._options.delete or self._keeps:
            self._leave(self._template.remove_line)
        else:
            self._remove()
        self._state.drop(self._key)

    def _remove(self) -> None:
        try:
            self._template.delete()
        except CallFailed as problem:
            self._template.ui.error(f"Image template {self._template.name} could not be deleted: {problem}")
            self._leave(self._template.remove_line)

    def _leave(self, line: str) -> None:
        self._left.add(self._log.name, line)
        self._state.drop(self._key)

    def _timer(self, steps: Sequence[str]) -> Any:
        from bakelift.runner.log_timing import StepLabel, StepTime

        def timed(number: int, seconds: float, good: bool) -> None:
            label = StepLabel(number, "", steps[number - 1])
            self._log.step_ended(StepTime(label, seconds, "ok" if good else "failed"))

        return timed


def _artifact(template: Template, outputs: Sequence[RunOutput], stays: bool) -> Artifact:
    more = f" ({template.remove_line} removes it)" if stays else " (deleted)"
    lines = [f"Image template: {template.name}{more}"]
    lines += [f"{output.name}: {output.place}" for output in outputs]
    return Artifact(BUILDER_ID, outputs[0].place if outputs else template.name, "\n".join(lines), None)


def step_names(body: Mapping[str, object]) -> list[str]:
    """What to call the customizers of an image template, in order."""
    properties = body.get("properties")
    listed = properties.get("customize") if isinstance(properties, dict) else None
    names = []
    for number, item in enumerate(listed if isinstance(listed, list) else (), 1):
        name = item.get("name") if isinstance(item, dict) else None
        names.append(str(name or f"{number:02}-{item.get('type') if isinstance(item, dict) else '?'}"))
    return names
