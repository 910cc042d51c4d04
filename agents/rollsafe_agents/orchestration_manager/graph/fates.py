"""What becomes of the nodes after a failed one, and the order in which that is worked out."""

from collections.abc import Iterator, Mapping

from rollsafe.plans.model import Claim
from rollsafe.text.records import open_record
from rollsafe_agents.orchestration_manager.graph.draft import Process


@open_record
class Fate:
    """What becomes of the nodes after a failed one; `runs` and `unsure` with the reason."""

    skipped: tuple[str, ...]
    runs: Mapping[str, Claim]
    unsure: Mapping[str, Claim]


def in_order(process: Process, later: tuple[str, ...]) -> Iterator[str]:
    """Yield nodes after those they wait for; in a circle the order they were found in."""
    pending = dict.fromkeys(later)
    before: dict[str, list[str]] = {}
    for wait in process.waits:
        before.setdefault(wait.target, []).append(wait.source)
    left = {id_: sum(one in pending for one in before.get(id_, ())) for id_ in later}
    ready = [id_ for id_ in later if left[id_] == 0]
    after: dict[str, list[str]] = {}
    for wait in process.waits:
        if wait.source in pending and wait.target in pending:
            after.setdefault(wait.source, []).append(wait.target)
    for id_ in ready:
        del pending[id_]
        yield id_
        for one in after.get(id_, ()):
            left[one] -= 1
            if left[one] == 0:
                ready.append(one)
    yield from pending
