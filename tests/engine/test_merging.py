"""What several agents say about one cause is said once, by the worst and surest of them; nothing is lost."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.artefacts.source import SourceFile
from rollsafe.engine import Engine, Found, RuleSet, installed_agents
from rollsafe.rules import Confidence, Edit, Finding, Fix, Rule, Safety, Severity, Span, rule
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.snapshot import Snapshot
from tests.engine.test_ignores import WORKER

HAZARD = ("kube-linter:no-rollback-history",)


def made(
    name: str,
    agent: str,
    severity: Severity = Severity.WARNING,
    hazards: tuple[str, ...] = HAZARD,
    fixable: bool = False,
    confidence: Confidence = Confidence.HIGH,
) -> Rule:
    """Return a rule of an agent that flags the name of every workload."""

    @rule(severity=severity, since="0.1.0", confidence=confidence)
    def check(workload: Workload) -> Iterator[Finding]:
        node = workload.title_node
        edit = Edit(Span.of(node), "other")
        fixes = (Fix("Rename it", Safety.UNSAFE, edits=(edit,)),) if fixable else ()
        yield Finding(node, f"`{workload.name}` is seen by `{name}`", fixes=fixes, equivalents=hazards)

    return replace(check, name=name, agent=agent)


def findings(*rules: Rule, beside: str = "") -> list[Found]:
    text = WORKER.format(above="", beside="").replace("  name: worker\n", f"  name: worker{beside}\n", 1)
    files = {"a.yaml": SourceFile("a.yaml", text)}
    engine = Engine(RuleSet(rules, Settings()), date(2026, 6, 1), all_names=[one.name for one in rules])
    engine.update(Snapshot("/project", files=files, paths=frozenset(files)))
    assert not engine.failures
    return engine.all_findings()


def test_one_cause_is_one_finding_and_names_the_other() -> None:
    [one] = findings(made("first-one", "a"), made("second-one", "b", hazards=(*HAZARD, "polaris:other")))
    assert (one.rule.name, one.also) == ("first-one", ("second-one",))
    assert one.equivalents == (*HAZARD, "polaris:other")
    [said] = one.related
    assert "second-one" in said.message


@pytest.mark.parametrize("step", [1, -1], ids=["as it is", "reversed"])
def test_the_worst_then_the_surest_stays(step: int) -> None:
    worse = (made("mild-one", "a", Severity.INFO), made("grave-one", "b", Severity.ERROR))
    assert [(one.rule.name, one.severity) for one in findings(*worse[::step])] == [
        ("grave-one", Severity.ERROR)
    ]
    surer = (made("vague-one", "a", confidence=Confidence.LOW), made("sure-one", "b"))
    assert [one.rule.name for one in findings(*surer[::step])] == ["sure-one"]


def test_a_fix_of_the_other_is_offered_where_there_is_none() -> None:
    [one] = findings(made("first-one", "a", Severity.ERROR), made("second-one", "b", fixable=True))
    assert (one.rule.name, [fix.title for fix in one.fixes]) == ("first-one", ["Rename it"])


def test_other_hazards_at_the_same_place_stay() -> None:
    found = findings(
        made("first-one", "a"),
        made("second-one", "b", hazards=("trivy:else",)),
        made("third-one", "c", hazards=()),
    )
    assert [one.rule.name for one in found] == ["first-one", "second-one", "third-one"]


def test_an_agent_tells_its_own_rules_apart() -> None:
    assert len(findings(made("first-one", "a"), made("second-one", "a"))) == 2


def test_the_same_words_are_said_once() -> None:
    twice = made("first-one", "a")
    assert len(findings(twice, twice)) == 1


@pytest.mark.parametrize("name", ["first-one", "second-one"])
def test_who_ignores_one_of_them_has_judged_the_cause(name: str) -> None:
    pair = (made("first-one", "a"), made("second-one", "b"))
    assert findings(*pair, beside=f"  # rollsafe: ignore[{name}] -- known") == []


def test_the_built_in_agents_have_nothing_to_merge_in_their_own_examples() -> None:
    """By construction one hazard belongs to one agent; the mechanism is for agents that are added."""
    owners: dict[str, set[str]] = {}
    for agent in installed_agents():
        for one in agent.rules:
            owners.setdefault(one.name, set()).add(agent.name)
    assert {name for name, agents in owners.items() if len(agents) > 1} == set()
