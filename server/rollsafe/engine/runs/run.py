"""Where a run stands: which step is next, which way leads back, and what may be written down now."""

from pydantic import ValidationError

from rollsafe.engine.runs.journal import Entry, StoredRun
from rollsafe.engine.runs.refusals import JournalError, Refusal, RunError
from rollsafe.plans.model import DeploymentPlan, RollbackStep, Step
from rollsafe.plans.run_report import Event
from rollsafe.plans.run_status import State
from rollsafe.text.cached import cached_property
from rollsafe.text.records import open_record


@open_record
class Run:
    """A plan and what has been written down of carrying it out."""

    stored: StoredRun

    @cached_property
    def plan(self) -> DeploymentPlan:
        """The plan as it was when the run started.

        Raises:
            JournalError: this version cannot read it.
        """
        try:
            return DeploymentPlan.model_validate_json(self.stored.plan)
        except ValidationError:
            raise JournalError(
                f"run {self.stored.id} has a plan that this version of rollsafe cannot read"
            ) from None

    @cached_property
    def is_readable(self) -> bool:
        """Whether this version can read the plan."""
        try:
            return bool(self.plan)
        except JournalError:
            return False

    @cached_property
    def state(self) -> State:
        """How the run stands."""
        events = [entry.event for entry in self.stored.entries]
        if Event.FINISHED in events:
            return State.FINISHED
        if not self.is_readable:
            return State.UNREADABLE
        if Event.ABORTED in events:
            return State.GOING_BACK if self.next_back is not None else State.ROLLED_BACK
        if self.next_step is None:
            return State.FINISHED
        return State.FAILED if events and events[-1] is Event.FAILED else State.OPEN

    @property
    def stance(self) -> str:
        """How the run stands, as it is said of a run: it is open where a step of it failed."""
        return State.OPEN if self.state is State.FAILED else self.state

    @cached_property
    def next_step(self) -> Step | None:
        """The first step that is neither done nor skipped."""
        past = {e.step for e in self.stored.entries if e.event in (Event.DONE, Event.SKIPPED)}
        return next((step for step in self.plan.steps if str(step.number) not in past), None)

    @cached_property
    def way_back(self) -> tuple[RollbackStep, ...]:
        """What takes back all that was begun, in order; steps that are better left alone are not among it.

        A step that failed may have done half of its work, so its undoing counts; a skipped one did none.
        """
        begun = {e.step for e in self.stored.entries if e.event in (Event.DONE, Event.FAILED)}
        return tuple(one for one in self.plan.rollback if str(one.undoes) in begun and one.advice != "leave")

    @cached_property
    def left_alone(self) -> tuple[RollbackStep, ...]:
        """What could be undone and is better left as it is."""
        begun = {e.step for e in self.stored.entries if e.event in (Event.DONE, Event.FAILED)}
        return tuple(one for one in self.plan.rollback if str(one.undoes) in begun and one.advice == "leave")

    @cached_property
    def next_back(self) -> RollbackStep | None:
        """The first rollback step that is not undone or skipped; None before the run was aborted."""
        entries = list(self.stored.entries)
        at = next((n for n, entry in enumerate(entries) if entry.event is Event.ABORTED), None)
        if at is None:
            return None
        past = {e.step for e in entries[at:] if e.event in (Event.UNDONE, Event.SKIPPED)}
        return next((one for one in self.way_back if one.name not in past), None)

    @property
    def leads_back(self) -> str:
        """What the plan says about the way back from here; empty as long as nothing has to be undone."""
        taken = [
            e for e in self.stored.entries if e.event in (Event.DONE, Event.FAILED) and e.step.isdecimal()
        ]
        if not taken:
            return ""
        number = int(taken[-1].step)
        if taken[-1].event is Event.FAILED:
            return next((step.on_failure for step in self.plan.steps if step.number == number), "")
        return next((one.do for one in reversed(self.plan.decisions) if one.number <= number), "")

    def step_done(self, number: str, at: str, who: str, note: str) -> list[Entry]:
        """Return the entries for a step that went well; `number` is empty for the next one.

        Raises:
            RunError: it is not that step's turn.
        """
        entry = self._about_step(Event.DONE, number, at, who, note)
        last = self.next_step is not None and self.next_step.number == self.plan.steps[-1].number
        return [entry, Entry(Event.FINISHED, at, who)] if last else [entry]

    def step_failed(self, number: str, at: str, who: str, note: str) -> list[Entry]:
        """Return the entry for a step that failed.

        Raises:
            RunError: it is not that step's turn.
        """
        if self.state is State.GOING_BACK:
            return [self._about_back(Event.FAILED, number, at, who, note)]
        return [self._about_step(Event.FAILED, number, at, who, note)]

    def step_skipped(self, number: str, at: str, who: str, note: str) -> list[Entry]:
        """Return the entries for a step that is left out; the reason belongs into the record.

        Raises:
            RunError: it is not that step's turn, or no reason is given.
        """
        if not note:
            raise RunError("a step is skipped for a reason", Refusal.NO_REASON)
        if self.state is State.GOING_BACK:
            return [self._about_back(Event.SKIPPED, number, at, who, note)]
        entry = self._about_step(Event.SKIPPED, number, at, who, note)
        last = self.next_step is not None and self.next_step.number == self.plan.steps[-1].number
        return [entry, Entry(Event.FINISHED, at, who)] if last else [entry]

    def aborted(self, at: str, who: str, note: str) -> list[Entry]:
        """Return the entry that ends the way forward.

        Raises:
            RunError: the run is over, or goes back already.
        """
        if self.state.is_over or self.state is State.GOING_BACK:
            raise self._refused("there is nothing to abort")
        return [Entry(Event.ABORTED, at, who, note=note, back=self._back_words())]

    def undone(self, name: str, at: str, who: str, note: str) -> list[Entry]:
        """Return the entry for a rollback step that went well; `name` is empty for the next one.

        Raises:
            RunError: the run does not go back, or another rollback step comes first.
        """
        return [self._about_back(Event.UNDONE, name, at, who, note)]

    def _about_step(self, event: Event, number: str, at: str, who: str, note: str) -> Entry:
        step = self.next_step
        if step is None or self.state not in (State.OPEN, State.FAILED):
            raise self._refused(f"no step is left to be {event}")
        if number and number != str(step.number):
            raise RunError(f"step {step.number} is next, not {number}", Refusal.NOT_NOW)
        back = _back_from(self.plan, step, event)
        return Entry(event, at, who, str(step.number), step.command or "", note, back)

    def _about_back(self, event: Event, name: str, at: str, who: str, note: str) -> Entry:
        step = self.next_back
        if step is None:
            raise self._refused("it goes back only after `abort`")
        if name and name != step.name:
            raise RunError(f"{step.name} is next, not {name}", Refusal.NOT_NOW)
        return Entry(event, at, who, step.name, step.command or "", note)

    def _refused(self, why: str) -> RunError:
        return RunError(f"run {self.stored.id} is {self.stance}: {why}", Refusal.NOT_NOW)

    def _back_words(self) -> str:
        return ", ".join(one.name for one in self.way_back)


def _back_from(plan: DeploymentPlan, step: Step, event: Event) -> str:
    """Return where the way back begins after a step, as the plan says it."""
    if event is Event.FAILED:
        return step.on_failure
    if event is Event.SKIPPED:
        return ""
    return next((one.do for one in plan.decisions if one.number == step.number), "")
