"""The commands of each tool: those a repository's own pipeline runs, else those its files ask for."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from rollsafe.plans.commands import PROGRAMS, from_pipeline, is_known, line, program_of, quoted, words_of
from rollsafe.plans.migration_runners import RUNNERS, compose, with_lock_timeout
from rollsafe.plans.risk import SEVERITIES, Hazard
from rollsafe.workspace.settings import HazardName
from tests.plans.conftest import Json
from tests.plans.repositories import (
    CHANGES,
    COMPOSE,
    NEW_TAG,
    ORDERS,
    PRISMA_DEPLOY,
    SHOP,
    Change,
)
from tests.plans.walking import change, commands, number, step, titles

Planned = Callable[[Change], Json]
VALUES = {
    "url": "$DATABASE_URL",
    "driver": "postgres",
    "home": "db",
    "version": "2",
    "previous": "1",
    "count": "1",
    "path": "db/2.sql",
    "name": "2",
    "down": "d",
}

NOTE = "ALTER TABLE orders ADD COLUMN note text;\n"
GONE = "ALTER TABLE orders DROP COLUMN legacy;\n"


def test_every_runner_is_in_the_table() -> None:
    for runner in RUNNERS.values():
        for verb in (
            runner.up,
            runner.up_to,
            runner.down,
            runner.down_from_first,
            runner.status,
            runner.clear,
        ):
            if verb:
                assert is_known(compose(runner, verb, VALUES)), runner.title


@pytest.mark.parametrize(
    ("tool", "own", "expected"),
    [
        ("golang-migrate", None, 'migrate -path db -database "$DATABASE_URL" goto 2'),
        (
            "golang-migrate",
            'migrate -source file://x -database "$URL" up 1',
            'migrate -source file://x -database "$URL" goto 2',
        ),
        ("goose", 'goose -dir sql postgres "$DB" up', 'goose -dir sql postgres "$DB" up-to 2'),
        ("flyway", "flyway -configFiles=f.conf migrate", "flyway -configFiles=f.conf -target=2 migrate"),
        ("sqitch", "sqitch deploy db:pg:shop", 'sqitch deploy --target "$SQITCH_TARGET" --to-change 2'),
        ("plain", None, 'psql "$DATABASE_URL" --set ON_ERROR_STOP=1 --file db/2.sql'),
    ],
)
def test_going_up_to_a_version(tool: str, own: str | None, expected: str) -> None:
    assert compose(RUNNERS[tool], RUNNERS[tool].up_to, VALUES, own) == expected


@pytest.mark.parametrize(
    ("tool", "own", "expected"),
    [
        (
            "prisma",
            "npx prisma migrate deploy --schema db/schema.prisma",
            "npx prisma migrate deploy --schema db/schema.prisma",
        ),
        ("supabase", "supabase db push --linked", "supabase db push --linked"),
        ("dbmate", 'dbmate --url "$U" -d db migrate', 'dbmate --url "$U" -d db migrate'),
    ],
)
def test_going_up_as_the_pipeline_does(tool: str, own: str, expected: str) -> None:
    assert compose(RUNNERS[tool], RUNNERS[tool].up, VALUES, own) == expected


def test_lock_timeouts_are_handed_over_where_the_tool_takes_one() -> None:
    flyway = with_lock_timeout(RUNNERS["flyway"], "flyway -target=2 migrate")
    assert flyway == "flyway -target=2 \"-initSql=SET lock_timeout = '5s'\" migrate"
    assert with_lock_timeout(RUNNERS["prisma"], "npx prisma migrate deploy") is None


# Quoting -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "word",
    ["a b", "", "it's", 'say "hi"', "a;b", "$(rm x)", "`x`", "a\\b", "*", "~", "{a}", "|", "\n", "é", "!x"],
)
def test_words_come_back_as_they_were(word: str) -> None:
    assert words_of(f"git {quoted(word)}") == ["git", word]


def test_variables_stay_variables() -> None:
    assert quoted("$DATABASE_URL") == '"$DATABASE_URL"'
    assert line("git", "show", "$(git rev-parse HEAD)") == 'git show "$(git rev-parse HEAD)"'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kubectl apply -k k8s", "kubectl apply -k k8s"),
        ("helm upgrade web c --set tag=${{ github.sha }}", "helm upgrade web c --set tag=$(git rev-parse HEAD)"),
        ('flyctl deploy -a "${{ secrets.APP }}"', 'flyctl deploy -a "${APP}"'),
        ("flyctl deploy --token ${{ secrets.FLY-TOKEN }}", "flyctl deploy --token ${FLY_TOKEN}"),
        ("kubectl apply -f - | tee x", None),
        ("kubectl --token=Zq8vPl20xKj3mmN1 get pods", None),
        ("curl -H 'Authorization: Bearer abcdefghij' https://x", None),
        ("flyctl deploy $(cat args)", None),
        ("flyctl deploy '${{ secrets.APP }}'", None),
        ("flyctl deploy ${{ steps.a.outputs.b }}", None),
        ("./deploy.sh", None),
        ("rm -rf /", None),
        ("kubectl apply -f 'unclosed", None),
        ("PGPASSWORD=hunter2secret psql -c x", None),
        ("psql postgres://u:hunter2secret@h/d -c x", None),
        ("helm upgrade web c --set auth.password=abc,x=1", None),
        ("flyctl deploy --token abc", None),
        ("flyctl deploy --token $FLY", "flyctl deploy --token $FLY"),
    ],
)  # fmt: skip
def test_commands_of_pipelines_are_repeated_only_when_that_is_safe(text: str, expected: str | None) -> None:
    assert from_pipeline(text) == expected


def test_hazards_are_the_settings_keys() -> None:
    assert {hazard.value for hazard in Hazard} == set(get_args(HazardName))
    assert set(SEVERITIES) == set(Hazard)


def test_the_table_of_programs_says_what_is_needed() -> None:
    assert all(PROGRAMS.values())
    assert program_of("A=1 B='2 3' /usr/bin/kubectl get") == "kubectl"


# Repositories ------------------------------------------------------------------------------------


def test_compose_alone(planned: Planned) -> None:
    plan = planned(CHANGES["compose"])
    assert plan["title"] == "Deployment plan: db 15.4 → 16.4, web (rebuilt) (production)"
    assert (
        step(plan, "bring up")["command"]
        == "docker compose --file compose.yaml up --detach --wait --build db web"
    )
    assert number(plan, "dump the data of `db`") < number(plan, "bring up")
    assert any("does not start on data of another major version" in one["name"] for one in plan["risks"])
    assert change(plan, "web", "build")["after"] == "built from other files"
    assert any("`web` calls `db`; so `db`, `web` in this order" in one["text"] for one in plan["strategy"])
    assert any("`POSTGRES_PASSWORD` has no default" in one["text"] for one in plan["preconditions"])
    assert plan["downtime"]["text"].startswith("brief: `db` is away")
    assert any("written to `db`" in (one["data_loss"] or "") for one in plan["rollback"])


def test_only_the_services_that_differ_are_brought_up(planned: Planned) -> None:
    base = CHANGES["compose"].base
    plan = planned(Change(base, {"compose.yaml": COMPOSE.format(database="15.5")}))
    assert step(plan, "bring up")["command"].endswith("up --detach --wait db")
    assert not any("dump" in one for one in titles(plan))


def test_prisma_only_goes_forward(planned: Planned) -> None:
    base = CHANGES["prisma"].base
    gone = {"prisma/migrations/20240301000000_gone/migration.sql": GONE}
    plan = planned(Change(base, {**CHANGES["prisma"].after, **gone}))
    up = step(plan, "`20240201000000` to `20240301000000`")
    assert up["command"] == "npx prisma migrate deploy"
    assert up["is_point_of_no_return"]
    assert up["number"] < number(plan, "deploy with fly")
    assert "`npx prisma migrate resolve --rolled-back 20240301000000_gone`" in up["on_failure"]
    assert any("Prisma applies everything that is pending at once" in one["text"] for one in plan["strategy"])
    assert [one["name"] for one in plan["releases"]] == ["A expand", "B code", "D contract"]
    assert step(plan, "where the schema is")["gate"]["expected"] == (
        "pending: `20240201000000`, `20240301000000`, and nothing else"
    )


def test_prisma_without_loss_is_left_in_place(planned: Planned) -> None:
    plan = planned(CHANGES["prisma"])
    up = step(plan, "migrate `20240201000000`")
    (left,) = [one for one in plan["rollback"] if one["undoes"] == up["number"]]
    assert (left["advice"], left["command"]) == ("leave", None)


def test_a_platform_is_deployed_with_its_own_command(planned: Planned) -> None:
    plan = planned(CHANGES["prisma"])
    deploy = step(plan, "deploy with fly")
    assert deploy["command"] == "flyctl deploy --remote-only"
    (evidence,) = deploy["claim"]["evidence"]
    assert evidence["path"] == ".github/workflows/release.yml"
    assert PRISMA_DEPLOY.splitlines()[evidence["line"] - 1] == "      - run: flyctl deploy --remote-only"


def test_a_chart_is_upgraded_and_rolled_back(planned: Planned) -> None:
    plan = planned(CHANGES["chart"])
    assert change(plan, "charts/web/values.yaml: image.tag", "chart value")["after"] == "1.9.0"
    up = step(plan, "roll out release `web`")
    assert up["command"].endswith("--set image.tag=$(git rev-parse HEAD) --wait")
    assert [one["command"] for one in plan["rollback"]] == [
        "helm rollback web --wait --timeout 15m --namespace web"
    ]
    assert "helm status web --namespace web" in commands(plan)


MIGRATIONS = {
    "goose": ("db/{n}_x.sql", "-- +goose Up\n{up}-- +goose Down\n{down}"),
    "dbmate": ("db/migrations/{n}_x.sql", "-- migrate:up\n{up}-- migrate:down\n{down}"),
    "flyway": ("sql/migrations/V{n}__x.sql", "{up}"),
    "drizzle": ("drizzle/{n}_x.sql", "{up}"),
    "supabase": ("supabase/migrations/{n}_x.sql", "{up}"),
    "plain": ("db/migrations/{n}_x.sql", "{up}"),
}


@pytest.mark.parametrize(
    ("tool", "expected"),
    [
        ("goose", "goose -dir db postgres \"$DATABASE_URL\" up-to 2000"),
        ("dbmate", "dbmate --url \"$DATABASE_URL\" --migrations-dir db/migrations --no-dump-schema migrate"),
        ("flyway", "flyway \"-url=$JDBC_URL\" -locations=filesystem:sql/migrations -target=2000 \"-initSql=SET lock_timeout = '5s'\" migrate"),
        ("drizzle", "npx drizzle-kit migrate"),
        ("supabase", "supabase db push --db-url \"$DATABASE_URL\""),
        ("plain", "psql \"$DATABASE_URL\" --set ON_ERROR_STOP=1 --file db/migrations/2000_x.sql"),
    ],
)  # fmt: skip
def test_migrations_of_other_tools(tool: str, expected: str, planned: Planned) -> None:
    path, text = MIGRATIONS[tool]
    base = {path.format(n="1000"): text.format(up=ORDERS, down="DROP TABLE orders;\n")}
    new = {path.format(n="2000"): text.format(up=NOTE, down="ALTER TABLE orders DROP COLUMN note;\n")}
    plan = planned(Change(base, new))
    command = step(plan, "migrate `2000`")["command"]
    assert command.removeprefix("PGOPTIONS='-c lock_timeout=5s' ") == expected


def test_migrations_an_application_applies_itself(planned: Planned) -> None:
    home = "src/main/resources/db/migration"
    plan = planned(Change({f"{home}/V1__a.sql": ORDERS}, {f"{home}/V2__b.sql": GONE}))
    known = step(plan, "the application applies `2` when it starts")
    assert known["command"] is None
    assert known["is_point_of_no_return"]
    assert "flyway_schema_history" in known["gate"]["command"]


def test_what_an_application_applies_itself_happens_with_its_rollout(planned: Planned) -> None:
    home = "src/main/resources/db/migration"
    base = {**SHOP, f"{home}/V1__a.sql": ORDERS}
    plan = planned(Change(base, {**NEW_TAG, f"{home}/V2__b.sql": GONE}))
    rollout = step(plan, "roll out")
    assert rollout["title"].endswith(
        "; the application applies `2` when it starts: drops column `orders.legacy`"
    )
    assert rollout["command"] == "kubectl apply -k k8s/overlays/production"
    assert rollout["is_point_of_no_return"]
    assert plan["point_of_no_return"]["text"].startswith(f"step {rollout['number']} destroys column")
    (last,) = [one["do"] for one in plan["decisions"] if one["number"] == rollout["number"]]
    assert last.startswith("fix forward: the old release fails on `2`; or R")


def test_files_that_something_has_to_fill_in_are_not_given_to_the_runner(planned: Planned) -> None:
    text = 'ALTER TABLE {{ index .Options "Namespace" }}.orders ADD COLUMN note text;\n'
    base = {"migrations/1_a.up.sql": ORDERS}
    plan = planned(Change(base, {"migrations/2_b.up.sql": text}))
    assert step(plan, "migrate `2`")["command"] is None
    assert plan["verdict"] == "INCOMPLETE"
    assert "what fills in the templates of `migrations`" in plan["verdict_reason"]


def test_another_database_has_another_address(planned: Planned) -> None:
    base = {"db/clickhouse/0001_a.up.sql": "CREATE TABLE a (x Int8) ENGINE = MergeTree ORDER BY x;\n"}
    plan = planned(Change(base, {"db/clickhouse/0002_b.up.sql": "ALTER TABLE a ADD COLUMN y Int8;\n"}))
    migrate = step(plan, "migrate `0002`")
    assert migrate["command"] == 'migrate -path db/clickhouse -database "$CLICKHOUSE_URL" goto 2'
    assert migrate["title"] == "migrate `0002`: SQL of ClickHouse, which is not read"
    assert plan["verdict"] == "INCOMPLETE"
    assert plan["point_of_no_return"]["status"] == "UNKNOWN"


def test_a_package_is_asked_in_its_own_directory(planned: Planned) -> None:
    home = "packages/shared/prisma/migrations"
    base = {f"{home}/1_a/migration.sql": ORDERS, "packages/shared/package.json": "{}\n"}
    plan = planned(Change(base, {f"{home}/2_b/migration.sql": NOTE}))
    migrate = step(plan, "migrate `2`")
    assert (migrate["command"], migrate["context"]) == ("npx prisma migrate deploy", "packages/shared")


def test_migrations_that_are_code_are_named_as_not_read(planned: Planned) -> None:
    path = "database/migrations/2024_03_01_000000_add_note.php"
    plan = planned(Change({"artisan": ""}, {path: "<?php\nreturn new class extends Migration {};\n"}))
    assert change(plan, path, "migration")["reversible"] == "unknown"
    assert any("it is not SQL" in one["text"] for one in plan["unknowns"])


def test_a_workflow_that_only_calls_actions_is_started(planned: Planned) -> None:
    workflow = (
        "on:\n  workflow_dispatch:\njobs:\n  production:\n    environment: production\n    runs-on: ubuntu-24.04\n"
        "    steps:\n      - uses: amondnet/vercel-action@v25\n"
    )
    plan = planned(Change({".github/workflows/live.yml": workflow}, {"index.html": "x"}))
    assert step(plan, "let job `production`")["command"] == "gh workflow run live.yml"


def test_a_disarmed_gate_and_a_swallowed_failure_are_told(planned: Planned) -> None:
    workflow = PRISMA_DEPLOY.replace("    needs: test\n", "    needs: test\n    if: always()\n").replace(
        "migrate deploy\n", "migrate deploy || true\n"
    )
    base = {**CHANGES["prisma"].base, ".github/workflows/release.yml": workflow}
    names = [one["name"] for one in planned(Change(base, CHANGES["prisma"].after))["risks"]]
    assert "the pipeline deploys what `test` rejects" in names
    assert "a failure of `prisma` stays unseen" in names


def test_a_state_machine_that_changes_leaves_running_executions_alone(planned: Planned) -> None:
    def machine(name: str) -> str:
        return json.dumps({"StartAt": name, "States": {name: {"Type": "Succeed"}}})

    plan = planned(Change({"flows/refund.asl.json": machine("A")}, {"flows/refund.asl.json": machine("B")}))
    assert change(plan, "state machine refund", "state machine")
    assert any("running executions of `refund`" in one["text"] for one in plan["strategy"])
    assert any("how `flows/refund.asl.json` reaches AWS" in one["text"] for one in plan["unknowns"])


def test_plan_documents_that_speak_of_it_are_to_be_read(planned: Planned, tmp_path: Path) -> None:
    document = (
        "# Plan: move the database\n\nStatus: accepted\n\n## Goal\n\nThe `db` service moves to another host.\n\n"
        "## Steps\n\n1. Copy the data.\n2. Point `web` at it.\n\n## Risks\n\nIt may be slow.\n"
    )
    base = {**CHANGES["compose"].base, "docs/plans/0001-move.md": document}
    told = [one["text"] for one in planned(Change(base, CHANGES["compose"].after))["preconditions"]]
    assert any(text.startswith("read `docs/plans/0001-move.md`: it speaks of `db`") for text in told), told
    assert any("how to go back" in text for text in told)
