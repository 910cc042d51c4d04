"""`plan --ai`: words of a model beside a plan, and what becomes of those that rest on nothing."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Repository
from tests.plans.repositories import SHOP, write
from tests.review.double import Double, Json, Reply

pytestmark = [
    pytest.mark.ai,
    pytest.mark.skipif(find_spec("anthropic") is None, reason="the extra `ai` is not installed"),
]
GOAL = ("plan", "implement", "Add a cache to orders")
HEADING = "## In the words of a model"
SECRET = "Kx07vPq7Zt3mWd9"


@pytest.fixture
def shop(repository: Repository, double: Double) -> Repository:
    write(repository.path, SHOP)
    repository.write("notes.env", f"API_TOKEN={SECRET}\n")
    return repository


def number_of(plan: Json, words: str) -> int:
    """Return the number of the first line of the sent plan that holds some words."""
    lines: Any = plan["lines"]
    return int(next(line["number"] for line in lines if words in line["text"]))


def says(*sentences: tuple[str, str], slot: str = "goal") -> Reply:
    """Return the answer that says sentences, each resting on the first line with the words beside it."""

    def written(asked: Json) -> str:
        plan: Any = asked["plan"]
        told = [{"text": text, "lines": [number_of(plan, words)]} for text, words in sentences]
        return json.dumps({"parts": [{"slot": slot, "sentences": told}]})

    return Reply(write=written)


def words_of(text: str) -> str:
    assert text.count(HEADING) == 1
    return text.partition(HEADING)[2]


def test_words_stand_beside_the_plan_and_change_nothing_of_it(shop: Repository, double: Double) -> None:
    plain = shop.run(*GOAL)
    assert double.requests == []
    double.replies = [says(("The `orders` service is what changes.", "orders"))]
    told = shop.run(*GOAL, "--ai")
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith(plain.out)
    assert "### What the goal comes to\n\n- The \\`orders\\` service is what changes." in words_of(told.out)
    assert "unverified: claude-haiku-5-5, request req\\_1, prose-1" in told.out
    assert "left out" not in words_of(told.out)


def test_a_second_run_asks_nobody(shop: Repository, double: Double) -> None:
    double.replies = [says(("The `orders` service is what changes.", "orders"))]
    first = shop.run(*GOAL, "--ai").out
    second = shop.run(*GOAL, "--ai").out
    assert len(double.requests) == 1
    assert second.replace(", from the cache", "") == first


@pytest.mark.parametrize(
    "lie",
    [
        "`billing-cache` is needed as well.",
        "The file k8s/cache.yaml has to be there.",
        "It takes 45 minutes.",
        "Set cache.internal.example as the host.",
        "Use ORDERS_CACHE_URL for it.",
        "\u202e\u200b",
    ],
)
def test_what_rests_on_nothing_is_left_out(shop: Repository, double: Double, lie: str) -> None:
    double.replies = [says((lie, "Add a cache"), ("The goal is a cache.", "Add a cache"))]
    told = words_of(shop.run(*GOAL, "--ai").out)
    assert "- The goal is a cache." in told
    assert "1 sentence was left out" in told
    assert len([line for line in told.splitlines() if line.startswith("- ")]) == 1


@pytest.mark.parametrize(("said", "kept"), [("15", True), ("5", False), ("1", False), ("1.5", False)])
def test_numbers_count_as_a_whole(shop: Repository, double: Double, said: str, kept: bool) -> None:
    sentence = f"It is about {said} days."
    double.replies = [says((sentence, "Keep 15 days"))]
    told = words_of(shop.run("plan", "implement", "Keep 15 days of orders", "--ai").out)
    assert (f"- {sentence}" in told) is kept


@pytest.mark.parametrize("lines", [[], [0], [99_999], [-1], [1] * 9])
def test_lines_that_are_not_there_carry_nothing(shop: Repository, double: Double, lines: list[int]) -> None:
    part = {"slot": "goal", "sentences": [{"text": "All is well.", "lines": lines}]}
    double.replies = [Reply(json.dumps({"parts": [part]}))]
    told = words_of(shop.run(*GOAL, "--ai").out)
    assert "All is well" not in told
    assert "Nothing that could be checked." in told


def test_links_markup_and_other_slots_do_not_come_through(shop: Repository, double: Double) -> None:
    double.replies = [says(("See [the **goal**](http://evil.example/x) <b>now</b>.", "Add a cache"))]
    told = words_of(shop.run(*GOAL, "--ai").out)
    assert "- See the \\*\\*goal\\*\\* now." in told
    assert "evil" not in told
    double.replies = [says(("Nobody asked for this.", "Add a cache"), slot="verdict")]
    assert "Nobody asked" not in shop.run("plan", "implement", "Add a cache to billing", "--ai").out


@pytest.mark.parametrize("reply", [Reply("no JSON"), Reply('{"parts": 3}'), Reply(stop_reason="refusal")])
def test_no_answer_leaves_the_plan(shop: Repository, double: Double, reply: Reply) -> None:
    plain = shop.run(*GOAL)
    double.replies = [reply]
    told = shop.run(*GOAL, "--ai")
    assert (told.code, told.out) == (0, plain.out)
    assert told.err.startswith("rollsafe: AI skipped: ")


def test_secrets_of_the_project_are_not_sent(shop: Repository, double: Double) -> None:
    goal = f"Rotate the token {SECRET} of orders"
    double.replies = [says(("The token is what changes.", "Rotate the token"))]
    shop.run("plan", "implement", goal, "--ai")
    assert len(double.requests) == 1
    assert SECRET.encode() not in double.requests[0].body


def test_a_dry_run_writes_the_request_and_sends_nothing(
    shop: Repository, double: Double, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    told = shop.run(*GOAL, f"--ai-dry-run={tmp_path / 'asked.json'}")
    assert (told.code, double.requests, HEADING in told.out) == (0, [], False)
    asked = json.loads((tmp_path / "asked.json").read_text(encoding="utf-8"))
    assert "Add a cache to orders" in json.dumps(asked)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("plan", "deploy", "--ai"), "the plan `deploy` has no part for a model's words"),
        ((*GOAL, "--ai", "--format=json"), "words of a model are written beside Markdown only"),
    ],
)
def test_where_there_is_no_place(shop: Repository, double: Double, words: tuple[str, ...], said: str) -> None:
    assert shop.run(*words) == (2, "", f"rollsafe: --ai: {said}\n")
    assert double.requests == []


def test_a_project_may_forbid_it(shop: Repository, double: Double) -> None:
    shop.write("rollsafe.toml", "root = true\n[ai]\nallowed = false\n")
    told = shop.run(*GOAL, "--ai")
    assert (told.code, double.requests) == (0, [])
    assert told.err == "rollsafe: AI skipped: the project's settings allow none\n"


def test_without_a_key_nobody_is_asked(
    shop: Repository, double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    told = shop.run(*GOAL, "--ai")
    assert (told.code, told.err) == (
        2,
        "rollsafe: --ai: the environment variable ANTHROPIC_API_KEY holds no key\n",
    )


@pytest.mark.parametrize("kind", ["incident", "pr"])
def test_other_kinds_with_a_place(shop: Repository, double: Double, kind: str) -> None:
    slot = {"incident": "story", "pr": "summary"}[kind]
    double.replies = [says(("It is about this project.", "#"), slot=slot)]
    assert "It is about this project." in words_of(shop.run("plan", kind, "--ai").out)
