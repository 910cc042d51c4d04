"""A project as it was when somebody began to look at it: what plans are made of."""

from collections.abc import Callable, Iterable, Mapping

from rollsafe.artefacts.base import Artefact
from rollsafe.engine.found import Found
from rollsafe.engine.judging import Judge
from rollsafe.text.records import entity
from rollsafe.workspace.facts import Base
from rollsafe.workspace.graph import Graph, GraphStore
from rollsafe.workspace.snapshot import Snapshot


@entity
class Moment:
    """What an analysis knew at one moment; it may be looked at in another thread.

    `store` belongs to whoever holds the moment. `findings` are those that were known, compared with `base`.
    `on_close` is told when nobody looks at it any more.
    """

    snapshot: Snapshot
    artefacts: Mapping[str, Artefact]
    store: GraphStore
    judge: Judge
    base: Base
    findings: Mapping[str, tuple[Found, ...]]
    on_close: Callable[["Moment"], None]

    def close(self) -> None:
        """Say that nobody looks at it any more."""
        self.on_close(self)

    def judging(self, base: Base) -> Callable[[Iterable[str]], list[Found]]:
        """Return what finds out the findings in some files compared with `base`, by path and place.

        A file is judged when it is asked for, unless its findings are known.
        """
        known = dict(self.findings) if base.is_same(self.base) else {}
        judge = self.judge.with_base(base)

        def findings_in(paths: Iterable[str]) -> list[Found]:
            found: list[Found] = []
            for path in sorted(set(paths)):
                if path not in known:
                    artefact = self.artefacts.get(path)
                    known[path] = judge.judge(artefact, Graph(self.store)) if artefact is not None else ()
                found += known[path]
            return found

        return findings_in
