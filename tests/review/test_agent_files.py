"""What `agent.md` lets a model remark on: complete, distinct from the rules, and about files there are."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from rollsafe.engine import installed_agents
from rollsafe.rules.agent import Agent
from rollsafe.rules.agent_file import read_agent_file

AGENTS = {agent.name: agent for agent in installed_agents() if agent.package.startswith("rollsafe_agents.")}
each_agent = pytest.mark.parametrize("agent", AGENTS.values(), ids=AGENTS.keys())


def source(agent: Agent) -> str:
    (directory,) = import_module(agent.package).__path__
    return (Path(directory) / "agent.md").read_text(encoding="utf-8")


@each_agent
def test_every_key_is_complete(agent: Agent) -> None:
    headings = re.findall(r"^### (\S+)$", source(agent).partition("## Review keys")[2], re.M)
    assert [check.name for check in agent.checks] == headings
    assert 5 <= len(headings) <= 10
    for check in agent.checks:
        assert check.question.endswith("?")
        assert check.evidence.endswith(".")
        assert check.no_evidence.endswith(".")


@each_agent
def test_keys_are_no_rules_and_name_rules_that_exist(agent: Agent) -> None:
    rules = {rule.name for one in AGENTS.values() for rule in one.rules}
    for check in agent.checks:
        assert check.name not in rules
        assert set(check.rules) <= rules


def test_no_key_belongs_to_two_agents() -> None:
    names = [check.name for agent in AGENTS.values() for check in agent.checks]
    assert len(names) == len(set(names))


@each_agent
def test_keys_look_at_kinds_of_files_there_are(agent: Agent) -> None:
    artefacts = Path(__file__).parents[2] / "server/rollsafe/artefacts"
    kinds = {
        kind
        for module in artefacts.rglob("*.py")
        for kind in re.findall(r'^    kind(?:: ClassVar\[str\])? = "([a-z-]+)"', module.read_text(), re.M)
    }
    assert {kind for check in agent.checks for kind in check.kinds} <= kinds


@each_agent
def test_the_persona_is_what_a_person_reads_and_no_more(agent: Agent) -> None:
    assert agent.persona.startswith("You are the engineer ")
    assert "## When you escalate" in agent.persona
    assert "Review keys" not in agent.persona
    assert not any(check.name in agent.persona for check in agent.checks)


KEY = """\
### lost-thing
Is a thing lost?

- Evidence: the line that loses it,
  and the thing.
- No evidence: a thing nobody had.
- Looks at: migration, compose
- Rules: table-dropped
- Proof: reads (lose, drop), before; exceeds
"""


def test_a_key_is_read_with_its_parts() -> None:
    file = read_agent_file(
        f"---\nname: x\n---\n\nYou watch.\n\n## Review keys\nIntro.\n\n{KEY}\n## After\nMore.\n"
    )
    (check,) = file.checks
    assert tuple(check) == (
        "lost-thing",
        "Is a thing lost?",
        "the line that loses it, and the thing.",
        "a thing nobody had.",
        ("migration", "compose"),
        ("table-dropped",),
        "reads (lose, drop), before; exceeds",
    )
    assert file.persona == "You watch.\n## After\nMore."


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("missing", ["Is a thing", "- Evidence", "- No evidence", "- Looks at"])
def test_a_key_without_one_of_its_parts_is_left_out(missing: str, line_end: str) -> None:
    lines = [line for line in KEY.splitlines() if not line.startswith(missing)]
    text = line_end.join(["You watch.", "", "## Review keys", *lines, "", *KEY.splitlines(), ""])
    assert [check.name for check in read_agent_file(text).checks] == ["lost-thing"]


@pytest.mark.parametrize("text", ["", "---", "---\nname: x", "# X", "## Review keys", "### a-b\n" * 50])
def test_a_file_without_keys_has_none(text: str) -> None:
    assert read_agent_file(text).checks == ()
