"""Tasks reach the agent that answers for them: measured on tasks that chose the words, and on others."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from rollsafe.engine.naming import kinds_in
from rollsafe.engine.roster import Consent, roster
from rollsafe.engine.routing import PLACES, Routing, route
from rollsafe.workspace.disk import load_projects

HERE = Path(__file__).resolve().parent
SHOP = HERE.parents[1] / "examples/shop"
TASKS: dict[str, dict[str, list[str]]] = tomllib.loads(
    (HERE / "routing_tasks.toml").read_text(encoding="utf-8")
)
NOBODY = "nobody"


class Labelled(NamedTuple):
    """A task, and the agent it is for."""

    task: str
    agent: str


def labelled(*groups: str, half: int | None = None) -> list[Labelled]:
    """Return tasks of groups; of a `half`, every second one from 0 or 1 on."""

    def chosen(agent: str, group: str) -> Iterator[str]:
        found = TASKS[agent].get(group, [])
        yield from found if half is None else found[half::2]

    agents = [agent for agent in TASKS if agent != NOBODY]
    return [Labelled(task, agent) for agent in agents for group in groups for task in chosen(agent, group)]


@pytest.fixture(scope="module")
def routings() -> dict[str, Routing]:
    """Every task of the file, routed in the example project."""
    snapshot = load_projects(str(SHOP))[0]
    profiles = [member.profile for member in roster(snapshot, Consent()) if member.takes_part]
    kinds_of = kinds_in(snapshot)
    tasks = (task for groups in TASKS.values() for group in groups.values() for task in group)
    return {task: route(task, profiles, kinds_of) for task in tasks}


@pytest.mark.parametrize(
    ("tasks", "least"),
    [
        pytest.param(labelled("tasks", half=0), 0.95, id="words were chosen with these"),
        pytest.param(labelled("tasks", half=1), 0.90, id="the other half"),
        pytest.param(labelled("held"), 0.90, id="written last"),
        pytest.param(labelled("tasks", "fresh", "later", "held"), 0.93, id="all"),
    ],
)
def test_tasks_reach_the_agent_that_answers_for_them(
    routings: dict[str, Routing], tasks: list[Labelled], least: float
) -> None:
    """A tie counts as a miss."""
    missed = [one for one in tasks if routings[one.task].chosen != (one.agent,)]
    assert 1 - len(missed) / len(tasks) >= least, missed


def test_there_are_enough_tasks_and_no_task_twice() -> None:
    every = labelled("tasks", "fresh", "later", "held")
    assert len(every) >= 150
    assert len({one.task for one in every}) == len(every)


@pytest.mark.parametrize("task", TASKS[NOBODY]["tasks"])
def test_what_no_agent_speaks_of_is_nobodys(routings: dict[str, Routing], task: str) -> None:
    assert routings[task].chosen == ()


def test_the_reasons_are_words_of_the_task(routings: dict[str, Routing]) -> None:
    for task, routing in routings.items():
        for one in routing.ranking:
            said = [word for found in one.words.values() for word in found]
            assert all(part in task.lower() for word in said for part in word.split())
            assert said or one.kinds
            assert set(one.words) <= set(PLACES)


def test_the_ranking_is_in_order(routings: dict[str, Routing]) -> None:
    for routing in routings.values():
        points = [one.points for one in routing.ranking]
        assert points == sorted(points, reverse=True)
        assert all(one > 0 for one in points)
