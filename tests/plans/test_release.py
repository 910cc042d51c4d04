"""A release with code, an additive and a destructive migration: order, way back, point of no return."""

from collections.abc import Callable

import pytest

from tests.plans.conftest import Json
from tests.plans.repositories import (
    ADDITIVE,
    CHANGES,
    CONFIG,
    DESTRUCTIVE,
    NEW_TAG,
    OVERLAY,
    REPLICAS,
    REPORTS,
    SHOP,
    Change,
)
from tests.plans.walking import change, commands, number, parts, step, titles

Planned = Callable[[Change], Json]


@pytest.fixture
def release(planned: Planned) -> Json:
    return planned(CHANGES["release"])


def test_the_title_names_what_changes(release: Json) -> None:
    expected = "Deployment plan: orders and reports 1.8.0 → 1.9.0, migrations 0002–0003 (production)"
    assert release["title"] == expected
    assert release["verdict"] == "READY WITH RISKS"
    assert release["files_changed"] == 6


def test_an_overlay_decides_the_image_and_says_where(release: Json) -> None:
    row = change(release, "deployment/orders", "image")
    assert (row["before"], row["after"], row["reversible"]) == ("1.8.0", "1.9.0", "yes")
    assert row["claim"]["evidence"] == [
        {"path": "k8s/overlays/production/kustomization.yaml", "line": 8, "commit": "WORKTREE"}
    ]


def test_phases_come_in_the_order_of_a_deployment(release: Json) -> None:
    phases = [one["phase"] for one in release["steps"]]
    assert list(dict.fromkeys(phases)) == [
        *("freeze", "capture", "gates", "configuration", "backup", "suspend", "expand", "deploy", "health"),
        *("smoke", "contract", "resume", "record"),
    ]


def test_the_destructive_migration_is_the_point_of_no_return(release: Json) -> None:
    lasting = [one["number"] for one in release["steps"] if one["is_point_of_no_return"]]
    assert lasting == [number(release, "`0003`")]
    assert f"step {lasting[0]} destroys column `orders.legacy`" in release["point_of_no_return"]["text"]
    waits = max(one["number"] for one in release["steps"] if one["phase"] == "health")
    assert number(release, "`0002`") < number(release, "roll out") < waits < lasting[0]


def test_migrations_use_the_tool_and_the_address_of_the_pipeline(release: Json) -> None:
    database = 'migrate -path db/migrations -database "$DATABASE_URL"'
    up = step(release, "`0002`")
    assert up["command"] == f"PGOPTIONS='-c lock_timeout=5s' {database} goto 2"
    assert up["gate"]["command"] == f"{database} version"
    assert up["access"] == "database owner, `DATABASE_URL` set"
    assert f"`{database} force 1` clears the failed attempt" in up["on_failure"]
    told = [one["text"] for one in release["preconditions"]]
    assert "`DATABASE_URL` is set: the pipeline takes it from secret `PRODUCTION_DATABASE_URL`" in told


def test_an_additive_migration_is_left_in_place(release: Json) -> None:
    (left,) = [one for one in release["rollback"] if one["advice"] == "leave"]
    assert left["undoes"] == number(release, "`0002`")
    assert left["command"] == 'migrate -path db/migrations -database "$DATABASE_URL" goto 1'
    assert "shipments" in left["data_loss"]


def test_what_is_destroyed_comes_back_from_the_backup_alone(release: Json) -> None:
    (restore,) = [one for one in release["rollback"] if one["advice"] == "restore"]
    backup = step(release, "back up")
    assert backup["command"] == 'pg_dump --format=custom --file=shop.dump "$DATABASE_URL"'
    assert backup["claim"]["evidence"][0]["path"] == "README.md"
    assert backup["gate"]["command"] == "pg_restore --list shop.dump"
    assert restore["command"].endswith("shop.dump")
    last = release["decisions"][-1]
    assert f"data only from the backup ({restore['name']})" in last["do"]


def test_failing_after_the_code_keeps_the_code(release: Json) -> None:
    assert step(release, "`0003`")["on_failure"].endswith("the new release stands without it")


def test_the_way_back_of_a_rollout_is_the_revision_of_the_cluster(release: Json) -> None:
    undone = [one for one in release["rollback"] if one["undoes"] == number(release, "roll out")]
    assert [one["command"] for one in undone] == [
        "kubectl --namespace shop rollout undo deployment/orders",
        f"git switch --detach {release['base'][:12]}",
        "kubectl apply -k k8s/overlays/production",
    ]


def test_the_split_maps_statements_to_releases(release: Json) -> None:
    told = {one["name"]: [claim["text"] for claim in one["claims"]] for one in release["releases"]}
    assert told == {
        "A expand": ["creates table `shipments`", "adds column `orders.note`"],
        "B code": ["`deployment/orders`", "`cronjob/reports`"],
        "D contract": ["drops column `orders.legacy`"],
    }


def test_code_that_still_uses_what_goes_is_looked_for(release: Json) -> None:
    gate = step(release, "nothing uses `legacy`")
    assert gate["phase"] == "gates"
    assert gate["command"].startswith("git grep ")


def test_the_pipeline_is_held_meanwhile(release: Json) -> None:
    assert step(release, "hold `deploy.yml`")["command"] == "gh workflow disable deploy.yml"
    assert step(release, "let `deploy.yml` go on")["phase"] == "resume"


def test_cron_jobs_wait_while_the_schema_changes(release: Json, planned: Planned) -> None:
    held = step(release, "hold `reports`")
    assert held["phase"] == "suspend"
    assert '"suspend":true' in held["command"]
    assert "*/10 * * * *" in held["claim"]["text"]


def test_without_migrations_nothing_is_held_or_backed_up(planned: Planned, tmp_path: object) -> None:
    plan = planned(Change(SHOP, NEW_TAG))
    assert not {"suspend", "backup", "expand", "contract"} & {one["phase"] for one in plan["steps"]}
    assert plan["point_of_no_return"]["text"] == "none; every step can be undone"


def test_blast_radius_follows_the_calls_from_the_ingress(release: Json) -> None:
    reasons = {one["radius_reason"]["text"] for one in release["risks"]}
    assert reasons == {"requests to shop.example → `front`"}
    assert {one["radius"] for one in release["risks"]} == {3}


def test_secrets_are_looked_at_by_name(release: Json) -> None:
    looked = step(release, "secrets are there")
    assert looked["command"] == "kubectl --namespace shop describe secret database"
    assert looked["gate"]["expected"] == "`database` with url"


def test_alert_rules_become_thresholds(release: Json) -> None:
    (alert,) = [one for one in release["monitoring"] if one["signal"] == "alert `OrdersErrors`"]
    assert alert["where"].startswith("sum(rate(http_requests_total")
    assert alert["threshold"]["text"] == "it holds for 5m"
    assert alert["threshold"]["evidence"][0]["path"] == "k8s/alerts.yaml"


def test_owners_answer_for_checks(release: Json) -> None:
    owners = {one["owner"] for one in release["validation"]}
    assert owners == {"@shop/platform", "@shop/data"}
    assert [one["text"] for one in release["contacts"]] == [
        "@shop/platform for `/k8s/`",
        "@shop/data for `/db/`",
    ]


def test_orders_and_its_rollout_numbers_come_from_the_patch(release: Json) -> None:
    (claim,) = [one for one in release["strategy"] if one["text"].startswith("`orders` rolls")]
    assert claim["text"] == "`orders` rolls 6 pods: at most 2 more and 1 fewer at a time"
    assert claim["evidence"][0]["path"] == "k8s/overlays/production/replicas.yaml"


# Variations --------------------------------------------------------------------------------------


def test_a_destructive_migration_before_an_additive_one_cannot_wait(planned: Planned) -> None:
    late = {f"db/migrations/0004_{name[19:]}": text for name, text in ADDITIVE.items()}
    plan = planned(Change(SHOP, {**NEW_TAG, **DESTRUCTIVE, **late}))
    assert number(plan, "`0003`") < number(plan, "`0004`") < number(plan, "roll out")
    assert step(plan, "`0003`")["is_point_of_no_return"]
    assert any("`0003` runs before the code" in one["text"] for one in plan["strategy"])


def test_a_lock_that_works_on_all_rows_is_a_risk_and_a_question(planned: Planned) -> None:
    index = {"db/migrations/0002_index.up.sql": "CREATE INDEX orders_total ON orders (total);\n"}
    plan = planned(Change(SHOP, index))
    (risk,) = [one for one in plan["risks"] if one["kind"] == "lock"]
    assert risk["reason"]["text"].startswith(
        "builds index `orders_total` on `orders`: SHARE, scans the table"
    )
    assert any(
        "size of `orders`" in one["text"] and r"\dt+ orders" in one["text"] for one in plan["unknowns"]
    )
    assert plan["timing"][0]["text"].startswith("`0002` when `orders` has the fewest writers")
    assert plan["downtime"]["text"].startswith("of unknown length: writes to `orders` wait")
    assert {"before", "during"} <= {one["when"] for one in plan["monitoring"]}


def test_a_lock_timeout_of_the_file_is_not_repeated(planned: Planned) -> None:
    text = "SET lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN note text;\n"
    plan = planned(Change(SHOP, {"db/migrations/0002_note.up.sql": text}))
    assert step(plan, "migrate `0002`")["command"].startswith("migrate ")


def test_concurrent_indexes_are_looked_at(planned: Planned) -> None:
    text = "CREATE INDEX CONCURRENTLY orders_total ON orders (total);\n"
    plan = planned(Change(SHOP, {"db/migrations/0002_index.up.sql": text}))
    assert "indisvalid" in step(plan, "every index was built")["command"]


def test_widening_a_column_destroys_nothing(planned: Planned) -> None:
    base = {
        **SHOP,
        "db/migrations/0001_orders.up.sql": "CREATE TABLE orders (id int PRIMARY KEY, note varchar(20));\n",
    }
    free = {"db/migrations/0002_wide.up.sql": "ALTER TABLE orders ALTER COLUMN note TYPE varchar(200);\n"}
    assert not [one for one in planned(Change(base, free))["steps"] if one["is_point_of_no_return"]]


def test_rewriting_values_is_a_point_of_no_return(planned: Planned) -> None:
    base = {
        **SHOP,
        "db/migrations/0001_orders.up.sql": "CREATE TABLE orders (id int PRIMARY KEY, note varchar(20));\n",
    }
    lossy = {
        "db/migrations/0002_up.up.sql": "ALTER TABLE orders ALTER COLUMN note TYPE text USING upper(note);\n"
    }
    plan = planned(Change(base, lossy))
    assert step(plan, "`0002`")["is_point_of_no_return"]


def test_filling_a_new_column_destroys_nothing(planned: Planned) -> None:
    text = "ALTER TABLE orders ADD COLUMN note text;\nUPDATE orders SET note = 'x' WHERE note IS NULL;\n"
    plan = planned(Change(SHOP, {"db/migrations/0002_note.up.sql": text}))
    assert not [one for one in plan["steps"] if one["is_point_of_no_return"]]


def test_sql_that_is_not_read_is_unknown_not_safe(planned: Planned) -> None:
    text = "DO $$ BEGIN EXECUTE 'DROP TABLE ' || 'orders'; END $$;\n"
    plan = planned(Change(SHOP, {"db/migrations/0002_do.up.sql": text}))
    assert change(plan, "db/migrations/0002_do.up.sql", "migration")["reversible"] == "unknown"
    assert step(plan, "`0002`")["inverse"] is None


def test_an_edited_migration_is_a_risk(planned: Planned) -> None:
    edited = {"db/migrations/0001_orders.up.sql": "CREATE TABLE orders (id bigint PRIMARY KEY);\n"}
    plan = planned(Change(SHOP, {**NEW_TAG, **edited}))
    assert "`db/migrations/0001_orders.up.sql` is not what was applied" in [
        one["name"] for one in plan["risks"]
    ]


def test_code_without_a_new_tag_is_not_deployed(planned: Planned) -> None:
    plan = planned(Change(SHOP, {"services/orders/app.py": "print(2)\n"}))
    assert plan["steps"] == []
    assert any("it goes on with the old code" in one["text"] for one in plan["strategy"])


def test_configuration_that_differs_restarts_those_who_read_it(planned: Planned) -> None:
    plan = planned(CHANGES["configuration"])
    assert plan["title"] == "Deployment plan: orders and front (restart) (production)"
    assert change(plan, "configmap/settings", "configuration")["after"] == "LOG_LEVEL with another value"
    assert "debug" not in str(list(parts(plan, "after")))
    restart = step(plan, "restart `orders`")
    assert restart["command"] == "kubectl --namespace shop rollout restart deployment/orders"
    back = [one["command"] for one in plan["rollback"]]
    assert back.index("kubectl apply -k k8s/overlays/production") < back.index(restart["command"])


def test_what_apply_leaves_running_is_removed_by_hand(planned: Planned) -> None:
    kustomization = SHOP["k8s/base/kustomization.yaml"].replace(", reports.yaml", "")
    plan = planned(
        Change(SHOP, {"k8s/base/kustomization.yaml": kustomization, "k8s/base/reports.yaml": None})
    )
    assert (
        step(plan, "remove `cronjob/reports`")["command"] == "kubectl --namespace shop delete cronjob/reports"
    )
    row = change(plan, "cronjob/reports", "workload")
    assert row["claim"]["evidence"][0]["commit"] == plan["base"][:12]


def test_replicas_of_a_patch_are_compared(planned: Planned) -> None:
    plan = planned(Change(SHOP, {"k8s/overlays/production/replicas.yaml": REPLICAS.replace("6", "2")}))
    row = change(plan, "deployment/orders", "replicas")
    assert (row["before"], row["after"]) == ("6", "2")


def test_a_missing_key_blocks_and_is_told_by_name(planned: Planned) -> None:
    config = CONFIG.format(level="info").replace("LOG_LEVEL", "LOG_LEVL")
    plan = planned(Change(SHOP, {"k8s/base/config.yaml": config}))
    assert plan["verdict"] == "BLOCKED"
    assert [one["rule"] for one in plan["blocking"]] == ["missing-config-key"]
    assert "`orders` does not start without `LOG_LEVEL`" in [one["name"] for one in plan["risks"]]


def test_another_environment_takes_its_own_overlay(planned: Planned) -> None:
    staging = {
        "k8s/overlays/staging/kustomization.yaml": OVERLAY.format(tag="2.0.0").replace(
            "namespace: shop", "namespace: shop-staging"
        )
    }
    plan = planned(
        Change(
            SHOP,
            {
                **staging,
                "k8s/overlays/staging/replicas.yaml": REPLICAS,
                "rollsafe.toml": '[plan]\nenvironment = "staging"\n',
            },
        )
    )
    assert plan["environment"] == "staging"
    assert all(
        "shop-staging" in one or "overlays/staging" in one
        for one in commands(plan)
        if "kubectl" in one and "raw" not in one
    )


def test_weights_of_the_project_count(planned: Planned) -> None:
    plan = planned(Change({**SHOP, "rollsafe.toml": "[plan.weights]\ndata-loss = 1\n"}, DESTRUCTIVE))
    (risk,) = [one for one in plan["risks"] if one["kind"] == "data-loss"]
    assert (risk["severity"], risk["score"]) == (1, 3)
    assert "1 data that only a backup brings back" in plan["risk_formula"]


def test_jobs_are_removed_before_they_are_applied_again(planned: Planned) -> None:
    job = REPORTS.replace("kind: CronJob", "kind: Job").replace(
        '  schedule: "*/10 * * * *"\n  concurrencyPolicy: Forbid\n', ""
    )
    text = (
        "\n".join(line[2:] if line.startswith("    ") else line for line in job.split("\n"))
        .replace("  jobTemplate:\n", "")
        .replace("  spec:\n    active", "  active")
    )
    new = text.replace("orders:1.8.0", "orders:1.9.0")
    plan = planned(Change({**SHOP, "k8s/base/reports.yaml": text}, {"k8s/base/reports.yaml": new}))
    assert any("a Job cannot be changed" in one for one in titles(plan)), titles(plan)
