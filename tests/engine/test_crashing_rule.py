"""A rule that crashes is reported once, by name; the others go on."""

from collections.abc import Iterator
from datetime import date

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.artefacts.source import SourceFile
from rollsafe.engine import Engine, RuleSet, installed_agents
from rollsafe.rules import Finding, Severity, rule
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.snapshot import Snapshot
from tests.engine.test_ignores import WORKER


@rule(severity=Severity.WARNING, since="0.1.0")
def crashes(workload: Workload) -> Iterator[Finding]:
    """Find something, then trip over it."""
    yield Finding(workload.title_node, f"`{workload.name}` is about to be tripped over")
    raise KeyError(workload.name)


def test_one_crash_is_one_report() -> None:
    own = RuleSet.of(installed_agents(), Settings())
    rules = RuleSet((*own.rules, crashes), Settings())
    text = WORKER.format(above="", beside="")
    files = {path: SourceFile(path, text) for path in ("a.yaml", "b.yaml")}
    engine = Engine(rules, date(2026, 6, 1))
    engine.update(Snapshot("/project", files=files, paths=frozenset(files)))
    assert [(it.rule, it.path, it.error) for it in engine.failures.values()] == [
        (crashes.name, "a.yaml", "KeyError: 'worker'")
    ]
    names = [found.rule.name for found in engine.all_findings()]
    assert names.count("rollback-disabled") == 2
