"""Goals that say plainly what is to be done: what the repository knows of it, what is in the way, and the steps."""

import re
from pathlib import Path

import pytest

from rollsafe.plans.commands import is_known
from tests.plans.json_schema import mistakes
from tests.plans.kinds import found
from tests.plans.repositories import SHOP, Change, Files, repository
from tests.plans.test_map import calls, workload
from tests.plans.test_map_charts import CHART
from tests.plans.walking import Json, commands, objects, read

MIGRATIONS = {
    "db/migrations/0001_a.up.sql": (
        "CREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\n"
        "CREATE TABLE orders (\n  id bigint PRIMARY KEY,\n  customer_id bigint REFERENCES customers (id),\n"
        "  status text NOT NULL,\n  note text\n);\n"
        "CREATE INDEX orders_customer ON orders (customer_id);\nCREATE TABLE old (id bigint);\n"
    ),
    "db/migrations/0001_a.down.sql": "DROP TABLE orders;\nDROP TABLE customers;\n",
    "db/migrations/0002_b.up.sql": (
        "ALTER TABLE customers RENAME COLUMN email TO mail;\nALTER TABLE orders DROP COLUMN note;\n"
        "DROP TABLE old;\n"
    ),
    "db/migrations/0002_b.down.sql": "SELECT 1;\n",
}
COMPOSE = """\
services:
  db:
    image: postgres:15.4
  cache:
    image: redis:7.2
  shop:
    build: shop
    environment:
      DATABASE_URL: postgres://shop@db:5432/shop
      CACHE_URL: redis://cache:6379
      MAIL_URL: http://mailer:80
      LOG_LEVEL: info
  mailer:
    build: mailer
    environment:
      TOKEN_TTL: "60"
"""
SYSTEM: dict[str, str] = {
    **MIGRATIONS,
    "compose.yaml": COMPOSE,
    "compose.test.yaml": "services:\n  mailer:\n    build: mailer\n    depends_on: [cache]\n  cache:\n    image: redis:7.2\n",
    "shop/Dockerfile": "FROM python:3.12.7-slim\n",
    "mailer/Dockerfile": "FROM python:3.12.7-slim\n",
}


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return repository(tmp_path_factory.mktemp("system") / "repository", Change(SYSTEM))


def planned(root: Path, goal: str, *words: str) -> Json:
    return found(root, "implement", goal, *words)


def titles(plan: Json) -> list[str]:
    return [phase["title"] for phase in plan["phases"]]


def conflicts(plan: Json) -> list[str]:
    return [claim["text"] for claim in plan["conflicts"]]


def first(plan: Json) -> list[str]:
    return [one["name"] for one in plan["questions"] if one["is_asked"]]


def affected(plan: Json) -> dict[str, int]:
    return {f"{one['kind']}:{one['name']}": one["distance"] for one in plan["affected"]}


# The schema --------------------------------------------------------------------------------------


def test_a_column_gets_another_name_in_six_steps(system: Path) -> None:
    plan = planned(system, "Rename column `status` of table `orders` to `state`")
    assert titles(plan) == [
        "add `state` to `orders`",
        "write `status` and `state` in `shop`",
        "fill `state` from `status`",
        "make `state` required",
        "use `state` alone in `shop`",
        "drop `status`",
    ]
    assert affected(plan) == {"table:orders": 0, "column:orders.status": 0, "service:shop": 1}
    (column,) = [one for one in plan["affected"] if one["kind"] == "column"]
    assert (column["why"]["text"], column["why"]["evidence"][0]["line"]) == (
        "column of `orders`: text, NOT NULL",
        5,
    )
    assert first(plan)[0] == "readers"


@pytest.mark.parametrize(
    ("goal", "conflict"),
    [
        ("rename column statsu of table orders to state", "no migration gives `orders` a column `statsu`; the nearest is `status`"),
        ("rename orders.status to customer_id", "`orders` has a column `customer_id` already"),
        ("rename column email of customers to address", "`customers.email` is called `mail` already"),
        ("drop column note of table orders", "`orders.note` is dropped already"),
        ("add column status to table orders", "`orders` has a column `status` already"),
        ("make orders.status not null", "`orders.status` is NOT NULL already"),
        ("drop table old", "`old` is dropped already"),
        ("drop table customer", "no migration makes a table `customer`; the nearest is `customers`"),
        ("rename table orders to customers", "there is a table `customers` already"),
        ("add an index on orders.customer_id", "`orders.customer_id` has an index already: `orders_customer`"),
    ],
)  # fmt: skip
def test_what_the_migrations_say_otherwise_blocks(system: Path, goal: str, conflict: str) -> None:
    plan = planned(system, goal)
    assert conflicts(plan) == [conflict]
    assert plan["verdict"] == "BLOCKED"
    assert plan["phases"] == []
    assert plan["conflicts"][0]["evidence"]


@pytest.mark.parametrize(
    ("goal", "last"),
    [
        ("drop column status of orders", "drop `status`"),
        ("change the type of orders.customer_id to text", "drop `customer_id`"),
        ("rename table orders to purchases", "drop the view `orders`"),
        ("drop the customers table", "drop `customers`"),
        ("make orders.customer_id required", "make `customer_id` required"),
        ("add an index on orders.status", "build an index on `orders.status`"),
        ("add column sent_at to table orders", "write `sent_at` in `shop`"),
    ],
)
def test_each_change_of_the_schema_has_its_own_steps(system: Path, goal: str, last: str) -> None:
    assert titles(planned(system, goal))[-1] == last


def test_what_refers_to_a_table_goes_before_it(system: Path) -> None:
    plan = planned(system, "Drop table customers")
    order = titles(plan)
    assert order.index("drop what refers to it") < order.index("drop `customers`")
    assert any("`orders.customer_id` refers to `customers`" in claim["text"] for claim in plan["risks"])


def test_a_table_no_sql_migration_makes_is_planned_for_as_the_goal_says(system: Path) -> None:
    plan = planned(system, "Rename column login of table members to name")
    assert first(plan)[0] == "which-table"
    assert titles(plan)[0] == "add `name` to `members`"
    assert {phase["claim"]["status"] for phase in plan["phases"]} <= {"ASSUMED", "UNKNOWN", "DERIVED"}


def test_a_column_without_a_table_is_asked_about(system: Path) -> None:
    plan = planned(system, "Rename column status to state")
    asked = {one["name"]: one["text"] for one in plan["questions"] if one["is_asked"]}
    assert asked["which-table"] == "Which table is the column `status` in: `orders`?"


# Services, queues, stores ------------------------------------------------------------------------


def test_a_queue_replaces_the_call_that_is_there(system: Path) -> None:
    plan = planned(system, "Add a queue between the shop and the mailer")
    protocol = next(one for one in plan["questions"] if one["name"] == "protocol")
    assert protocol["answer"]["text"] == "`shop` calls `mailer`: `MAIL_URL`"
    assert titles(plan)[0] == "make the queue on `cache`"
    assert "call" not in first(plan)


def test_a_call_nobody_has_written_is_asked_about(system: Path) -> None:
    files = {path: text.replace("MAIL_URL: http://mailer:80", "X: y") for path, text in SYSTEM.items()}
    root = repository(system.parent / "quiet", Change({**files, "compose.test.yaml": "services: {}\n"}))
    assert first(planned(root, "Decouple shop and mailer"))[0] == "call"


def test_a_broker_that_is_not_there_is_counted(tmp_path: Path) -> None:
    files = {f"k8s/{name}.yaml": workload(name) for name in ("a-service", "b-service")}
    plan = planned(repository(tmp_path / "repository", Change(files)), "Put a queue between a and b")
    assert [one["what"] for one in plan["counts"]] == ["broker, which keeps data"]
    assert "broker" in first(plan)


def test_a_store_is_found_by_what_it_runs(system: Path) -> None:
    plan = planned(system, "Move Redis to Valkey")
    assert titles(plan) == ["run a Valkey beside `cache`", "move `shop` to Valkey", "take `cache` away"]
    assert "service:mailer" not in affected(plan)
    assert any("clients of Redis can talk to Valkey" in claim["text"] for claim in plan["risks"])


@pytest.mark.parametrize(
    ("goal", "conflict"),
    [
        (
            "Move MongoDB to PostgreSQL",
            "nothing here runs MongoDB; what is here: `cache` (Redis), `db` (PostgreSQL)",
        ),
        ("Upgrade PostgreSQL from 14 to 16", "the goal says 14; compose.yaml runs 15.4"),
        ("Upgrade postgres to 15", "compose.yaml runs 15.4 already"),
        ("Add a mailer service", "a service `mailer` is there already"),
    ],
)
def test_what_runs_otherwise_blocks(system: Path, goal: str, conflict: str) -> None:
    assert conflicts(planned(system, goal)) == [conflict]


def test_who_calls_a_service_leaves_it_first(system: Path) -> None:
    plan = planned(system, "Remove the mailer service")
    assert titles(plan) == [
        "stop calling it in `shop`",
        "see that nobody calls it",
        "run no pod of `mailer`",
        "take `mailer` away",
    ]


def test_removing_something_that_is_no_service_is_no_removal_of_one(system: Path) -> None:
    assert not any(title.startswith("run no pod") for title in titles(planned(system, "Remove the banner")))


# Settings ----------------------------------------------------------------------------------------


def test_a_variable_gets_another_name_beside_the_old_one(system: Path) -> None:
    plan = planned(system, "Rename environment variable LOG_LEVEL of shop to LEVEL")
    assert titles(plan) == [
        "set `LEVEL` beside `LOG_LEVEL`",
        "read `LEVEL` in `shop`",
        "take `LOG_LEVEL` out",
    ]
    assert "compose.yaml:12" in plan["phases"][0]["change"]


@pytest.mark.parametrize(
    ("goal", "conflict"),
    [
        ("rename variable LOG_LEVEL of shop to CACHE_URL", "`shop` has a variable `CACHE_URL` already, in `compose.yaml`"),
        ("rename variable LOG_LEVL to LEVEL", "nothing here is given a variable `LOG_LEVL`; the nearest is `LOG_LEVEL`"),
    ],
)  # fmt: skip
def test_a_variable_that_is_otherwise_blocks(system: Path, goal: str, conflict: str) -> None:
    assert conflicts(planned(system, goal)) == [conflict]


def test_a_line_that_counts_for_several_environments_is_said_to(tmp_path: Path) -> None:
    values = CHART["deploy/web/values.yaml"].replace("  LEVEL: info", "  LEVEL: info\n  NEW_MODE: off")
    root = repository(tmp_path / "repository", Change({**CHART, "deploy/web/values.yaml": values}))
    plan = planned(root, "Turn on NEW_MODE in production")
    assert titles(plan) == ["change `NEW_MODE` for `web`"]
    assert plan["phases"][0]["touches"] == ["deploy/web/values.yaml"]
    text = "the line that sets `NEW_MODE` counts for `staging` as well: write it for production alone"
    assert text in [claim["text"] for claim in plan["risks"]]


@pytest.mark.parametrize(
    ("goal", "title"),
    [
        ("Scale a to 6 replicas", "run 6 pods of `a`"),
        ("Add a liveness probe to a", "give `a` a liveness probe"),
    ],
)
def test_a_manifest_is_changed_alone(tmp_path: Path, goal: str, title: str) -> None:
    files = {f"k8s/{name}.yaml": workload(name, calls("PEER_URL", "http://b")) for name in "ab"}
    plan = planned(repository(tmp_path / "repository", Change(files)), goal)
    assert titles(plan) == [title]
    assert plan["phases"][0]["touches"] == ["k8s/a.yaml"]


# Whatever is asked for ---------------------------------------------------------------------------

SCHEMA = read(
    (Path(__file__).parents[2] / "server/rollsafe/plans/implementation-plan.schema.json").read_text()
)
GOALS = (
    "make checkout faster",
    "Rename column status of table orders to state",
    "drop table customers",
    "add a queue between shop and mailer",
    "move Redis to Valkey",
    "upgrade PostgreSQL of db to 17",
    "remove mailer",
    "split the mails out of shop into their own service",
    "rename variable LOG_LEVEL of shop to LEVEL",
    "Bestellungen sollen schneller verschickt werden",
    "注文を速くする",
    "fix the flux capacitor; drop table `'; --",
    "rename column of to to of",
    "| `a` | ](http://x) ``` <b>\n# title\n\t- x",
    "x" * 5_000,
)


@pytest.mark.parametrize("goal", GOALS)
@pytest.mark.parametrize(
    "files", [SYSTEM, SHOP, {"README.md": "# nothing\n"}], ids=["system", "shop", "empty"]
)
def test_every_goal_gives_a_plan_that_holds_together(tmp_path: Path, goal: str, files: Files) -> None:
    root = repository(tmp_path / "repository", Change(files))
    plan = planned(root, goal)
    assert list(mistakes(plan, SCHEMA, SCHEMA)) == []
    assert len(first(plan)) <= 3
    assert len(plan["boxes"]) == 7
    seen: set[str] = set()
    for phase in plan["phases"]:
        assert phase["rollback"], phase
        assert set(phase["needs"]) <= seen
        seen.add(phase["name"])
    quoted = [
        code
        for text in _texts(plan)
        for code in re.findall(r"`((?:kubectl|psql|pg_dump|pg_restore) [^`]+)`", text)
    ]
    assert all(map(is_known, [*commands(plan), *quoted]))
    for place in (one for one in objects(plan) if {"path", "line", "commit"} <= one.keys()):
        lines = (root / place["path"]).read_text().splitlines()
        assert 1 <= place["line"] <= max(1, len(lines)), place


def _texts(plan: Json) -> list[str]:
    return [phase[key] for phase in plan["phases"] for key in ("change", "rollback", "done_when")]


def test_words_nobody_here_knows_are_said_to_be_unknown(system: Path) -> None:
    plan = planned(system, "Bestellungen sollen schneller verschickt werden")
    assert (plan["verdict"], plan["phases"]) == ("INCOMPLETE", [])
    assert any("goals are read by English words" in claim["text"] for claim in plan["not_covered"])
    (place,) = [one for one in plan["questions"] if one["name"] == "place"]
    assert "`mailer`, `shop`" in place["text"]
