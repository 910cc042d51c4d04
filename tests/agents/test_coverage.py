"""What the agents answer for has one owner each, and whatever is said to be real exists and is tested."""

import ast
import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from rollsafe.cli.commands import BY_NAME
from rollsafe.engine import installed_agents
from rollsafe.engine.planning import plan_kinds
from rollsafe.rules.responsibilities import Responsibility, read_responsibilities

ROOT = Path(__file__).resolve().parents[2]
AGENTS = [agent for agent in installed_agents() if agent.package.startswith("rollsafe_agents.")]
ROWS = [(agent.name, one) for agent in AGENTS for one in agent.responsibilities]
RULES = {rule.name for agent in AGENTS for rule in agent.rules}
KEYS = {f"key.{check.name}" for agent in AGENTS for check in agent.checks}
GROUPS: dict[str, dict[str, list[str]]] = tomllib.loads(
    (ROOT / "docs/agents/places.toml").read_text(encoding="utf-8")
)
PLACES = {name: found for group in GROUPS.values() for name, found in group.items()}
each_row = pytest.mark.parametrize("row", [row for _, row in ROWS], ids=[str(row.number) for _, row in ROWS])


@cache
def named_tests(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(function.name for function in functions if function.name.startswith("test_"))


def test_every_item_is_there_once() -> None:
    assert sorted(row.number for _, row in ROWS) == list(range(1, 434))


def test_every_key_has_one_owner() -> None:
    owners: dict[str, set[str]] = {}
    for agent, row in ROWS:
        owners.setdefault(row.key, set()).add(agent)
    assert {key: agents for key, agents in owners.items() if len(agents) > 1} == {}


def test_every_rule_and_review_key_has_one_owner() -> None:
    named = [rule.name for agent in AGENTS for rule in agent.rules]
    named += [check.name for agent in AGENTS for check in agent.checks]
    assert [name for name, count in Counter(named).items() if count > 1] == []


def test_every_kind_of_plan_has_one_owner_that_exists() -> None:
    assert {kind.agent for kind in plan_kinds()} <= {agent.name for agent in AGENTS}
    assert [name for name, count in Counter(k.name for k in plan_kinds()).items() if count > 1] == []


@each_row
def test_what_is_said_to_be_real_exists(row: Responsibility) -> None:
    assert row.real or row.waits
    assert set(row.real) <= RULES | KEYS | PLACES.keys()
    assert len(set(row.real)) == len(row.real)


@each_row
def test_items_are_short_words_of_our_own(row: Responsibility) -> None:
    assert 3 <= len(row.item) <= 80
    assert not row.item.endswith(".")
    assert "|" not in row.item


@pytest.mark.parametrize("name", PLACES)
def test_every_place_is_tested_and_used(name: str) -> None:
    _, test = PLACES[name]
    path, _, function = test.partition("::")
    assert function in named_tests(path)
    assert any(name in row.real for _, row in ROWS)


@pytest.mark.parametrize("name", [name for name in PLACES if name.startswith("plan.")])
def test_places_in_plans_are_of_kinds_there_are(name: str) -> None:
    kind = name.split(".")[1]
    assert kind in {one.name for one in plan_kinds()} | {"run"}
    assert PLACES[name][0].startswith(f"plan {kind}: ")


def test_commands_of_places_exist() -> None:
    text = "\n".join(title for title, _ in PLACES.values())
    named = set(re.findall(r"`rollsafe ([a-z]+)", text))
    assert named
    assert named <= BY_NAME.keys()


@pytest.mark.parametrize("text", ["", "a,b\n", "number,asked,key,item,real,waits\n1,a\n"])
def test_another_table_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"table|unpack"):
        read_responsibilities(text)
