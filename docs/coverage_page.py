"""The page that says, for everything asked of the agents, where it is real and which test shows it."""

import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from rollsafe.engine import installed_agents
from rollsafe.rules.agent import Agent
from rollsafe.rules.responsibilities import Responsibility

PLACES = Path(__file__).resolve().parent / "agents/places.toml"
_RULE_TEST = "tests/test_every_rule.py -k"
_KEY_TEST = "tests/review/test_agent_files.py::test_every_key_is_complete"

HEAD = """\
# What the agents answer for

Everything that was asked of the five agents, one row each, with the agent that owns it.

A row is **real** when the program does what the row says for at least one kind of file, tool or plan,
and a test shows it. It does not say that nothing is left to do. *By a model only* means: nothing but a
question to a model, which is off unless a user turns it on. Everything else waits for what its row names.
"""


class Place(NamedTuple):
    """What an item can name besides rules and review keys."""

    title: str
    test: str


def places() -> dict[str, Place]:
    """Return the places by name."""
    groups: dict[str, dict[str, list[str]]] = tomllib.loads(PLACES.read_text(encoding="utf-8"))
    return {name: Place(*found) for group in groups.values() for name, found in group.items()}


def page() -> str:
    """Return the page in Markdown."""
    agents = [agent for agent in installed_agents() if agent.responsibilities]
    known = places()
    lines = [HEAD, *_totals(agents)]
    for agent in agents:
        lines += ["", f"## {agent.name}", "", f"{agent.profile.purpose}", ""]
        lines += ["| # | asked of | key | item | where it is real | shown by |", "|---|---|---|---|---|---|"]
        lines += [_row(agents, one, known) for one in agent.responsibilities]
    return "\n".join(lines) + "\n"


def _totals(agents: list[Agent]) -> Iterator[str]:
    rows = [one for agent in agents for one in agent.responsibilities]
    total, without = _share(rows, by_model=True), _share(rows, by_model=False)
    yield f"{len(rows)} rows, {total} of them real; {without} without a model.\n"
    yield "| agent | rows | real | of which by a model only | waiting | keys |"
    yield "|---|---|---|---|---|---|"
    for agent in agents:
        own = agent.responsibilities
        real = [one for one in own if one.real]
        asked = sum(is_model_only(one) for one in real)
        keys = len({one.key for one in own})
        yield f"| {agent.name} | {len(own)} | {len(real)} | {asked} | {len(own) - len(real)} | {keys} |"


def is_model_only(one: Responsibility) -> bool:
    """Say whether nothing but a question to a model stands behind an item."""
    return bool(one.real) and all(name.startswith(("key.", "review.")) for name in one.real)


def _share(rows: Iterable[Responsibility], *, by_model: bool) -> str:
    rows = list(rows)
    real = sum(bool(one.real) and (by_model or not is_model_only(one)) for one in rows)
    return f"{real} ({100 * real / len(rows):.0f} %)"


def _row(agents: list[Agent], one: Responsibility, known: dict[str, Place]) -> str:
    cells = [_where(agents, name, known) for name in one.real]
    where = ", ".join(where for where, _ in cells) or f"waits for: {one.waits}"
    if one.real and one.waits:
        where += f"; the rest waits for: {one.waits}"
    tests = "<br>".join(dict.fromkeys(f"`{test}`" for _, test in cells))
    return f"| {one.number} | {one.asked} | {one.key} | {one.item} | {where} | {tests} |"


def _where(agents: list[Agent], name: str, known: dict[str, Place]) -> tuple[str, str]:
    """Return how a place is called, and its test."""
    if name in known:
        return known[name].title, known[name].test
    if name.startswith("key."):
        return f"review key `{name.removeprefix('key.')}`", _KEY_TEST
    if not any(rule.name == name for agent in agents for rule in agent.rules):
        raise ValueError(f"{name}: neither a rule nor a place of {PLACES.name}")
    return f"[`{name}`](../rules/{name}.md)", f"{_RULE_TEST} {name}"
