"""Implementation plans: what a goal names, which questions stay open, and phases in an order that works."""

from pathlib import Path

import pytest

from rollsafe.cli import main
from tests.plans.kinds import asked, found
from tests.plans.repositories import CHANGES, EXAMPLE, repository
from tests.plans.walking import Json


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return repository(tmp_path_factory.mktemp("shop") / "repository", EXAMPLE)


def planned(root: Path, goal: str, *words: str) -> Json:
    return found(root, "implement", goal, *words)


def names(plan: Json, distance: int) -> list[str]:
    return [one["name"] for one in plan["affected"] if one["distance"] == distance]


def titles(plan: Json) -> list[str]:
    return [phase["title"] for phase in plan["phases"]]


def asked_first(plan: Json) -> list[str]:
    return [one["name"] for one in plan["questions"] if one["is_asked"]]


# What is touched ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("goal", "named"),
    [
        ("Make billing faster", ["billing"]),
        ("An ORDER can be cancelled", ["orders"]),
        ("Storefronts show the price", ["storefront"]),
        ("Move the reports out of orders", ["orders", "reports"]),
    ],
)
def test_a_goal_touches_what_it_names(shop: Path, goal: str, named: list[str]) -> None:
    assert names(planned(shop, goal), 0) == named


def test_what_depends_on_it_is_touched_too_and_it_is_said_why(shop: Path) -> None:
    plan = planned(shop, "Change the API of orders")
    assert names(plan, 1) == ["storefront"]
    (row,) = [one for one in plan["affected"] if one["name"] == "storefront"]
    assert "orders" in row["why"]["text"]
    assert row["why"]["evidence"]


def test_a_goal_about_nothing_here_gets_no_invented_phases(shop: Path) -> None:
    plan = planned(shop, "Paint the bicycle shed green")
    assert (plan["verdict"], plan["phases"], plan["affected"]) == ("INCOMPLETE", [], [])


@pytest.mark.parametrize(
    ("goal", "secret"),
    [
        ("Set DATABASE_URL=postgres://admin:hunter2secret@db/shop in orders", "hunter2secret"),
        ("Use the token ghp_abcdefghijklmnopqrstuvwxyz0123456789 in orders", "ghp_abc"),
        ("Rotate `sk_live_9f8Qm2xTt71LpVe0` of orders", "sk_live_9f8"),
    ],
)
def test_a_secret_in_a_goal_is_told_nowhere(shop: Path, goal: str, secret: str) -> None:
    assert names(planned(shop, goal), 0)
    for form in ("markdown", "json"):
        assert secret not in asked(shop, "implement", goal, "--format", form)
    assert secret not in asked(shop, "implement", "Change orders", "--answer", f"success={goal}")


def test_a_very_long_goal_is_repeated_once_and_cut(shop: Path) -> None:
    goal = "Change orders. " + "Customers wait too long. " * 1_200
    text = asked(shop, "implement", goal)
    assert len(text) < 20_000
    assert "more words; the JSON form has all of them" in text
    assert len(planned(shop, goal)["goal"]) > 25_000


# Questions ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "goal",
    [
        "Change orders",
        "Send notifications from billing",
        "Rename a column of orders",
        "Extract a new service",
    ],
)
def test_at_most_three_questions_are_put_first(shop: Path, goal: str) -> None:
    plan = planned(shop, goal)
    assert 0 < len(asked_first(plan)) <= 3
    assert plan["verdict"] == "INCOMPLETE"


def test_what_the_repository_answers_is_printed_answered(shop: Path) -> None:
    plan = planned(shop, "Rename a column of the orders table")
    answered = {one["name"]: one["answer"] for one in plan["questions"] if one["answer"] is not None}
    assert {"place", "data-model", "pattern", "tests"} <= set(answered)
    for claim in answered.values():
        assert claim["evidence"], claim
    assert not set(answered) & set(asked_first(plan))


def test_an_answer_settles_its_question(shop: Path) -> None:
    first = asked_first(planned(shop, "Make billing faster"))
    words = [f"--answer={name}=42 per second" for name in first]
    later = planned(shop, "Make billing faster", *words)
    assert not set(first) & set(asked_first(later))
    answers = [one["answer"]["text"] for one in later["questions"] if one["name"] in first]
    assert answers == ["you say: 42 per second"] * len(first)


def test_an_answer_can_name_the_service(shop: Path) -> None:
    goal = "Send an email after payment"
    assert planned(shop, goal)["phases"] == []
    assert "change `billing`" in titles(planned(shop, goal, "--answer", "place=billing"))


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("Change orders", "--answer", "sucess=x"), "nearest: `success`"),
        (("Change orders", "--answer", "success"), "an answer is NAME=TEXT"),
        ((), "needs GOAL or --from"),
        (("--from", "docs/none.md"), "no such file"),
    ],
)
def test_requests_that_do_not_fit_are_one_line(
    shop: Path,
    words: tuple[str, ...],
    complaint: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(shop)
    assert main(["plan", "implement", *words]) == 2
    complained = capsys.readouterr().err
    assert complaint in complained
    assert len(complained.splitlines()) == 1


def test_a_word_that_fits_several_services_is_asked_about(tmp_path: Path) -> None:
    compose = "services:\n  payment-gateway: {image: a:1}\n  payment-ledger: {image: b:1}\n"
    (tmp_path / "compose.yaml").write_text(compose)
    plan = planned(tmp_path, "Refund a payment")
    assert asked_first(plan)[0] == "which-payment"
    assert names(planned(tmp_path, "Refund a payment", "--answer", "which-payment=payment-ledger"), 0) == [
        "payment-ledger"
    ]


# Phases ------------------------------------------------------------------------------------------


def test_data_goes_wide_before_the_code_and_narrow_after_it(shop: Path) -> None:
    order = titles(planned(shop, "Rename a column of orders"))
    assert order[0] == "widen the schema"
    assert order[-1] == "narrow the schema"
    assert order.index("change `orders`") < order.index("fill what is there, then read new")


def test_what_provides_comes_before_what_uses_it(shop: Path) -> None:
    order = titles(planned(shop, "A new endpoint of orders for the storefront"))
    assert order.index("change `orders`") < order.index("change `storefront`")


def test_what_is_removed_leaves_its_users_first(shop: Path) -> None:
    order = titles(planned(shop, "Remove the endpoint of orders that the storefront calls"))
    assert order.index("stop using it in `storefront`") < order.index("stop using it in `orders`")


def test_every_phase_is_taken_back_and_waits_for_earlier_ones_only(shop: Path) -> None:
    plan = planned(shop, "Rename a column of orders, notify billing, add a setting")
    seen: set[str] = set()
    for phase in plan["phases"]:
        assert phase["rollback"]
        assert set(phase["needs"]) <= seen
        assert phase["name"] not in phase["beside"]
        seen.add(phase["name"])


def test_seven_points_are_checked(shop: Path) -> None:
    boxes = planned(shop, "Change the API of orders")["boxes"]
    assert len(boxes) == 7
    assert {box["verdict"] for box in boxes} <= {"PASS", "FAIL", "UNKNOWN"}


# Conflicts and documents -------------------------------------------------------------------------


def test_a_name_that_is_not_there_blocks(shop: Path) -> None:
    plan = planned(shop, "Change the service `biling`")
    assert plan["verdict"] == "BLOCKED"
    assert "`billing`" in plan["conflicts"][0]["text"]


@pytest.mark.parametrize("goal", ["Add a new service `biller`", "Introduce `biling` for billing"])
def test_a_name_that_is_to_come_does_not(shop: Path, goal: str) -> None:
    assert planned(shop, goal)["conflicts"] == []


def test_a_document_is_planned_for(tmp_path: Path) -> None:
    root = repository(tmp_path / "repository", CHANGES["release"])
    plan = root / "docs" / "plans" / "0001-cancel.md"
    plan.parent.mkdir(parents=True)
    plan.write_text(
        "# Plan: cancel an order\n\nStatus: draft\n\nChange the `orders` service.\nSECRET=hunter2hunter2\n"
    )
    made = asked(root, "implement", "--from", "docs/plans/0001-cancel.md")
    assert "change `orders`" in made
    assert "[docs/plans/0001-cancel.md:1]" in made
    assert "hunter2" not in made
    assert "hunter2" not in asked(
        root, "implement", "--from", "docs/plans/0001-cancel.md", "--format", "json"
    )


def test_the_decision_record_follows_the_last_one(tmp_path: Path) -> None:
    records = tmp_path / "doc" / "adr"
    records.mkdir(parents=True)
    (records / "0007-use-queues.md").write_text("# 7. Use queues\n")
    (tmp_path / "compose.yaml").write_text("services:\n  web: {image: a:1}\n")
    assert (
        planned(tmp_path, "Cache the web pages")["decision"]["path"] == "doc/adr/0008-cache-the-web-pages.md"
    )
