"""`python -m tests.review.evaluation` prints how good remarks are; exit code 1: the gate is not passed."""

import argparse
import sys
from collections.abc import Sequence

from rollsafe.review import ReviewOutcome, ReviewRequest, run_review
from rollsafe.review.client import new_run
from rollsafe.review.settings import review_settings
from rollsafe.workspace.user_settings import load_user_settings
from tests.review.evaluation.cases import all_cases
from tests.review.evaluation.characters import CHARACTERS, SLY
from tests.review.evaluation.measuring import Ask, Measured, measure, simulated, together

_ROW = "{:<28}{:>9}{:>7}{:>11}{:>12}{:>9}{:>12}{:>11}"
_HEADINGS = ("model", "checked", "right", "precision", "unverified", "recall", "passed off", "misplaced")


def main(arguments: Sequence[str]) -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="make ai-eval", description=__doc__)
    parser.add_argument("--ask", action="store_true", help="ask the model of your own settings; costs money")
    parser.add_argument("--model", help="another model than that of your settings, with --ask")
    parser.add_argument("--with-cunning", action="store_true", help="also one whose lies cannot be looked up")
    given = parser.parse_args(arguments)
    characters = (*CHARACTERS, SLY) if given.with_cunning else CHARACTERS
    if given.ask:
        measured = [measure(given.model or load_user_settings().ai.model, _asked(given.model))]
    else:
        measured = [measure(f"simulated, {one.name}", simulated(one)) for one in characters]
    return _report(measured)


def _asked(model: str | None) -> Ask:
    settings, run = review_settings(load_user_settings().ai, model), new_run()

    def ask(request: ReviewRequest) -> ReviewOutcome:
        outcome = run_review(request, settings, run=run)
        if outcome.note:
            print(outcome.note, file=sys.stderr)
        return outcome

    return ask


def _report(measured: Sequence[Measured]) -> int:
    whole = together(measured)
    labelled = sum(case.label is not None for case in all_cases())
    print(f"{len(all_cases())} files, {labelled} with a hazard only reading shows\n")
    print(_ROW.format(*_HEADINGS))
    for one in (*measured, *([whole] if len(measured) > 1 else [])):
        precision = "-" if one.precision is None else f"{one.precision:.3f}"
        recall = f"{one.found / one.labelled:.2f}" if one.labelled else "-"
        counts = (one.verified, one.right, precision, one.unverified, recall, one.passed_off, one.misplaced)
        print(_ROW.format(one.name, *counts))
    print("\ndropped: " + (", ".join(f"{count} {reason}" for reason, count in whole.dropped) or "nothing"))
    if whole.unanswered:
        print(f"{whole.unanswered} questions were not answered")
    objections = [*whole.objections, *(["not every question was answered"] if whole.unanswered else [])]
    print("gate: " + ("; ".join(objections) or "passed"))
    return int(bool(objections))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
