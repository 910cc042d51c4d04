"""What holds for every plan of every kind, whatever it is about."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from rollsafe.engine.planning import kind_named
from rollsafe.plans.commands import PROGRAMS, is_known, program_of
from rollsafe.plans.model import Verdict
from tests.plans.json_schema import mistakes
from tests.plans.kinds import KINDS, Made, made, subject_of
from tests.plans.repositories import CHANGES, git, repository
from tests.plans.walking import Json, commands, objects

SCHEMAS = Path(__file__).parents[2] / "server/rollsafe/plans"
CASES = [
    (kind, change)
    for kind in KINDS
    for change in sorted(CHANGES)
    if subject_of(kind_named(kind), CHANGES[change]) is not None
]
LINK = re.compile(r"\]\((?P<target>[^)\n]*)\)")
PLACE = re.compile(r"(?P<path>[^#]+)#L(?P<line>\d+)\Z")
CODE = re.compile(r"(?<!`)`(?P<text>[^`\n]+)`(?!`)")
FENCE = re.compile(r"^```sh\n(?P<text>.*?)^```$", re.M | re.S)
ALWAYS_COMMANDS = ("kubectl", "psql", "migrate", "npx", "docker", "git", "gh", "helm", "flyctl", "curl")
SHELL = frozenset({"|", ">", ">>", "&&", "||", ";", "&"})


@pytest.fixture(scope="module")
def roots(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The repositories, built when they are first asked for."""
    return _Roots(tmp_path_factory.mktemp("repositories"))


class _Roots(dict[str, Path]):
    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def __missing__(self, name: str) -> Path:
        self[name] = repository(self.directory / name, CHANGES[name])
        return self[name]


@pytest.fixture(scope="module", params=CASES, ids="-".join)
def plan(request: pytest.FixtureRequest, roots: dict[str, Path]) -> Made:
    kind, change = request.param
    found = made(roots[change], kind, CHANGES[change])
    assert found is not None
    return found


@pytest.fixture
def change_name(plan: Made) -> str:
    return plan.root.name


def claims(found: Json) -> list[Json]:
    return [one for one in objects(found) if {"text", "status", "evidence"} <= one.keys()]


def places(found: Json) -> list[Json]:
    return [one for one in objects(found) if {"path", "line", "commit"} <= one.keys()]


def written_commands(text: str) -> Iterator[str]:
    """Yield what stands in Markdown as a command: every line of a shell block, inline code that begins so."""
    outside = FENCE.sub("", text)
    for match in FENCE.finditer(text):
        yield from match["text"].splitlines()
    for match in CODE.finditer(outside):
        code = match["text"].replace("\\|", "|")
        if code.startswith(tuple(f"{program} " for program in ALWAYS_COMMANDS)):
            yield code


def test_every_link_leads_to_a_line_of_a_file(plan: Made) -> None:
    for match in LINK.finditer(plan.text):
        place = PLACE.match(match["target"])
        if place is None:
            assert match["target"].startswith("#"), match["target"]
            continue
        path = place["path"].replace("%20", " ").replace("%28", "(").replace("%29", ")").replace("%25", "%")
        assert len((plan.root / path).read_text().split("\n")) >= int(place["line"]), match["target"]


def test_every_place_exists(plan: Made) -> None:
    for place in places(plan.found):
        if place["commit"] == "WORKTREE":
            text = (plan.root / place["path"]).read_text()
        else:
            text = git(plan.root, "show", f"{place['commit']}:{place['path']}")
        assert len(text.split("\n")) >= place["line"], place


def test_every_fact_has_evidence(plan: Made) -> None:
    for claim in claims(plan.found):
        assert claim["evidence"] or claim["status"] in ("UNKNOWN", "ASSUMED"), claim


def test_every_command_can_be_pasted(plan: Made) -> None:
    for command in (*commands(plan.found), *written_commands(plan.text)):
        words = shlex.split(command)
        assert program_of(command) in PROGRAMS, command
        assert is_known(command), command
        assert not SHELL & set(words), command
        assert "\n" not in command
        assert "${{" not in command


def test_every_step_can_be_undone_or_says_why_not(plan: Made) -> None:
    for step in objects(plan.found):
        if {"inverse", "irreversible_reason"} <= step.keys():
            assert (step["inverse"] is None) != (step["irreversible_reason"] is None), step
            assert step["gate"]["expected"]
            assert step["access"]


def test_the_verdict_comes_with_its_reason(plan: Made) -> None:
    assert plan.found["verdict"] in {verdict.value for verdict in Verdict}
    assert plan.found["verdict_reason"]
    assert f"**{plan.found['verdict']}** {plan.found['verdict_reason']}" in plan.text


def test_tables_have_as_many_cells_as_their_heads(plan: Made) -> None:
    width = 0
    for line in plan.text.split("\n"):
        cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
        assert not (cells and width and cells != width), line
        width = cells


def test_no_secret_is_told(plan: Made, change_name: str) -> None:
    for form in plan.forms:
        text = plan.again(form)
        for secret in CHANGES[change_name].secrets:
            assert secret not in text, form


def test_the_same_repository_gives_the_same_bytes(plan: Made, change_name: str, tmp_path: Path) -> None:
    other = repository(tmp_path / "quite" / "another" / "place", CHANGES[change_name])
    for form in plan.forms:
        first = plan.again(form)
        assert first == plan.again(form) == plan.again(form, other)
        assert str(plan.root.parent) not in first


def test_the_json_is_what_the_schema_says(plan: Made) -> None:
    schema = json.loads((SCHEMAS / plan.kind.schema_file).read_text())
    assert list(mistakes(plan.found, schema, schema)) == []
    assert plan.found["schema"] == plan.kind.schema


def test_the_schema_refuses_something_else(plan: Made) -> None:
    schema = json.loads((SCHEMAS / plan.kind.schema_file).read_text())
    assert list(mistakes({**plan.found, "verdict": "MAYBE", "more": 1}, schema, schema)) == [
        "$.verdict: 'MAYBE' is not allowed",
        "$.more: not in the schema",
    ]


def test_every_plan_is_a_document(plan: Made) -> None:
    assert plan.text.startswith("#")
    assert plan.text.endswith("\n")


@pytest.mark.parametrize("kind", KINDS)
def test_some_repository_gives_a_plan_with_commands_or_links_and_claims(
    kind: str, roots: dict[str, Path]
) -> None:
    """The properties above say something about this kind: there are commands or links to judge."""
    found = [made(roots[change], name, CHANGES[change]) for name, change in CASES if name == kind]
    made_of = [one for one in found if one is not None]
    assert any(LINK.search(one.text) or list(written_commands(one.text)) for one in made_of)
    assert any(claims(one.found) for one in made_of)


@pytest.mark.parametrize("kind", KINDS)
def test_an_option_of_nobody_is_refused(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    from rollsafe.cli import main

    assert main(["plan", kind, "--no-such-option"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
