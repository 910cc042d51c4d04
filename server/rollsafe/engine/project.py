"""A project under analysis: its newest snapshot and the engine that follows it."""

from collections.abc import Callable, Mapping
from datetime import date

from rollsafe.engine.analysis import Engine, Progress
from rollsafe.engine.moment import Moment
from rollsafe.engine.rule_index import cards_of
from rollsafe.engine.selection import RuleSet, installed_agents
from rollsafe.text.records import state
from rollsafe.workspace.facts import Base
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.snapshot import Snapshot


@state
class Project:
    """One project root. `prefix` is its directory relative to what was asked for, `""` for that itself."""

    snapshot: Snapshot
    engine: Engine
    prefix: str = ""

    @classmethod
    def open(
        cls,
        snapshot: Snapshot,
        today: date,
        *,
        settings: Settings | None = None,
        base: Base | None = None,
        prefix: str = "",
        judged: Callable[[str], bool] | None = None,
        ignores: bool = True,
        cross_file: bool = True,
    ) -> "Project":
        """Start following a project with the installed agents; `settings` replaces its own.

        `judged` and `ignores` are the engine's, `cross_file` is the rule set's.

        Raises:
            UnknownRuleError: the settings name a rule that does not exist.
        """
        agents = installed_agents()
        rules = RuleSet.of(agents, settings or snapshot.settings, cross_file=cross_file)
        names = (card.name for agent in agents for card in cards_of(agent))
        engine = Engine(rules, today, base, names, judged=judged, ignores=ignores)
        return cls(snapshot, engine, prefix)

    def moment(self) -> Moment:
        """Return the project as it is now, for a plan."""
        return self.engine.moment(self.snapshot)

    def analyse(self, progress: Progress | None = None) -> set[str]:
        """Bring the analysis up to the snapshot; return the paths whose findings may have changed."""
        return self.engine.update(self.snapshot, progress)

    def replace(self, texts: Mapping[str, str | None]) -> set[str]:
        """Give files new texts (None removes one) and analyse; return the paths that may differ."""
        for path, text in texts.items():
            self.snapshot = self.snapshot.with_file(path, text)
        return self.analyse()
