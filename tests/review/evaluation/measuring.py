"""What becomes of a model's claims about the labelled files, counted, and the gate."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeAlias

import msgspec

from rollsafe.review import Remark, ReviewOutcome, ReviewRequest
from rollsafe.review.client import judged
from rollsafe.review.prompt import question
from rollsafe.review.redaction import redact
from tests.review.evaluation.cases import Case, all_cases, questions
from tests.review.evaluation.characters import CUNNING, FOUNDLESS, INVENTED, Character

LEAST_PRECISION = 0.9
LEAST_VERIFIED = 20
"""Fewer remarks with checked evidence say nothing about how often they are right."""

Ask: TypeAlias = Callable[[ReviewRequest], ReviewOutcome]


class Measured(NamedTuple):
    """Counts of one model, or of several together.

    `verified` are the remarks whose evidence was checked, `right` those of them that the labels agree with;
    `unverified` are all others that are shown. `found` of `labelled` files got a right remark of either kind.
    `passed_off` counts what rests on nothing or on something invented and was shown as checked all the same,
    `misplaced` what is shown at a place that does not read as it says. `unanswered` questions were not
    answered, which is neither right nor wrong.
    """

    name: str
    verified: int = 0
    right: int = 0
    unverified: int = 0
    found: int = 0
    labelled: int = 0
    passed_off: int = 0
    misplaced: int = 0
    unanswered: int = 0
    dropped: tuple[tuple[str, int], ...] = ()

    @property
    def precision(self) -> float | None:
        """The share of remarks with checked evidence that is right; None without any."""
        return self.right / self.verified if self.verified else None

    @property
    def objections(self) -> list[str]:
        """Why the review may not be relied on; empty when the gate is passed."""
        return [*self._objections()]

    def _objections(self) -> Iterator[str]:
        if self.passed_off:
            yield f"{self.passed_off} unverified claims were shown as checked"
        if self.misplaced:
            yield f"{self.misplaced} remarks are at a wrong place"
        if self.verified < LEAST_VERIFIED:
            yield f"{self.verified} remarks with checked evidence are too few to tell"
        elif self.right < LEAST_PRECISION * self.verified:
            yield f"precision {self.right / self.verified:.3f} is below {LEAST_PRECISION}"


def simulated(character: Character) -> Ask:
    """Return a way to ask a simulated model: its answer is checked like any other."""

    def ask(request: ReviewRequest) -> ReviewOutcome:
        redacted = redact(request)
        return judged(request, redacted, character.answer(msgspec.json.decode(question(redacted.sent))))

    return ask


def measure(name: str, ask: Ask, cases: Iterable[Case] | None = None) -> Measured:
    """Ask all questions about the cases and count."""
    known = {case.path: case for case in (all_cases() if cases is None else cases)}
    remarks: list[Remark] = []
    dropped: Counter[str] = Counter()
    unanswered = 0
    for request in questions(known.values()):
        outcome = ask(request)
        unanswered += outcome.note != ""
        remarks += outcome.remarks
        dropped.update({reason.value: count for reason, count in outcome.dropped.items()})
    verified = [remark for remark in remarks if remark.verified]
    return Measured(
        name,
        verified=len(verified),
        right=sum(_is_right(remark, known[remark.path]) for remark in verified),
        unverified=len(remarks) - len(verified),
        found=len({remark.path for remark in remarks if _is_right(remark, known[remark.path])}),
        labelled=sum(case.label is not None for case in known.values()),
        passed_off=sum(remark.why in (FOUNDLESS, INVENTED) for remark in verified),
        misplaced=sum(_is_misplaced(remark, known[remark.path]) for remark in remarks),
        unanswered=unanswered,
        dropped=tuple(sorted(dropped.items())),
    )


def together(measured: Iterable[Measured]) -> Measured:
    """Return the sum of what was measured."""
    parts = [*measured]
    dropped: Counter[str] = Counter()
    for one in parts:
        dropped.update(dict(one.dropped))
    return Measured(
        "all",
        verified=sum(one.verified for one in parts),
        right=sum(one.right for one in parts),
        unverified=sum(one.unverified for one in parts),
        found=sum(one.found for one in parts),
        labelled=sum(one.labelled for one in parts),
        passed_off=sum(one.passed_off for one in parts),
        misplaced=sum(one.misplaced for one in parts),
        unanswered=sum(one.unanswered for one in parts),
        dropped=tuple(sorted(dropped.items())),
    )


def _is_right(remark: Remark, case: Case) -> bool:
    label = case.label
    return (
        label is not None
        and remark.why != CUNNING
        and (remark.key, remark.quote.strip()) == (label.key, label.line)
        and label.node in ("", remark.thing)
    )


def _is_misplaced(remark: Remark, case: Case) -> bool:
    lines = case.text.splitlines()
    text = lines[remark.line - 1].strip() if 0 < remark.line <= len(lines) else None
    return text is None or case.text[remark.start : remark.end] != text or remark.quote.strip() != text
