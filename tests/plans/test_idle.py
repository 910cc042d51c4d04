"""Changes that need no step, and changes of which nobody can say so."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.plans.conftest import Json
from tests.plans.kinds import asked, found
from tests.plans.repositories import CHANGES, CI, DEPLOY, NEW_TAG, PRISMA_DEPLOY, SHOP, Change, repository
from tests.plans.walking import change

Planned = Callable[[Change], Json]

CHART_VALUES = CHANGES["chart"].base["charts/web/values.yaml"] or ""
PLATFORM = {".github/workflows/release.yml": PRISMA_DEPLOY}


@pytest.mark.parametrize(
    "files",
    [
        {"README.md": "# shop\n"},
        {"docs/how.md": "# how\n"},
        {".github/workflows/ci.yml": CI.replace("timeout-minutes: 15", "timeout-minutes: 20")},
        {".env.prod.example": "NEW=\n"},
        {"LICENSE": "free\n"},
    ],
)
@pytest.mark.parametrize("base", [SHOP, PLATFORM], ids=["cluster", "platform"])
def test_what_is_not_deployed_needs_no_step(
    files: dict[str, str], base: dict[str, str], planned: Planned
) -> None:
    plan = planned(Change(base, files))
    assert (plan["verdict"], plan["verdict_reason"]) == ("READY", "there is nothing to do")
    assert plan["steps"] == plan["risks"] == plan["preconditions"] == plan["triggers"] == []
    told = {place["path"] for one in plan["changes"] for place in one["claim"]["evidence"]}
    assert told | set(plan["aside"]) == set(files)


def test_a_file_nobody_understands_is_not_called_harmless(planned: Planned) -> None:
    plan = planned(Change(SHOP, {"infra/cluster.tf": 'resource "x" "y" {}\n'}))
    assert (plan["verdict"], plan["verdict_reason"]) == (
        "INCOMPLETE",
        "no step could be derived from `infra/cluster.tf`",
    )
    assert {plan["downtime"]["status"], plan["point_of_no_return"]["status"]} == {"UNKNOWN"}


def test_without_a_way_to_production_it_is_incomplete_and_named_by_its_files(planned: Planned) -> None:
    plan = planned(Change({"app.py": "1\n"}, {"app.py": "2\n", "lib.py": "3\n"}))
    assert plan["title"] == "Deployment plan: 2 changed files (production)"
    assert plan["verdict"] == "INCOMPLETE"
    assert "how this repository reaches production" in plan["verdict_reason"]


def test_migrations_without_a_way_for_the_code_are_incomplete(planned: Planned) -> None:
    files = {path: text for path, text in SHOP.items() if path.startswith(("db/", "services/"))}
    new = {"db/migrations/0002_a.up.sql": "ALTER TABLE orders ADD COLUMN a text;\n"}
    assert planned(Change(files, {**new, "services/orders/app.py": "print(2)\n"}))["verdict"] == "INCOMPLETE"


def test_a_workflow_that_differs_is_told_without_a_rollout(planned: Planned) -> None:
    plan = planned(Change(SHOP, {".github/workflows/deploy.yml": DEPLOY.replace("=300s", "=600s")}))
    assert plan["steps"] == []
    assert change(plan, ".github/workflows/deploy.yml: deploy", "pipeline job")


def test_the_way_back_of_nothing_is_nothing(tmp_path: Path) -> None:
    root = repository(tmp_path / "repository", Change(SHOP, {"README.md": "# shop\n"}))
    assert asked(root, "emergency").count("\n") <= 3
    assert found(root, "rollback")["verdict_reason"] == "there is nothing to take back"


# What stands beside ------------------------------------------------------------------------------


def test_what_no_delivery_takes_in_is_named(planned: Planned) -> None:
    staging = {"k8s/overlays/staging/kustomization.yaml": SHOP["k8s/overlays/production/kustomization.yaml"]}
    plan = planned(
        Change(SHOP, {**NEW_TAG, **staging, "compose.dev.yaml": "services: {}\n", "README.md": "x\n"})
    )
    assert plan["aside"] == ["README.md", "compose.dev.yaml", "k8s/overlays/staging/kustomization.yaml"]


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_every_changed_file_is_told_of(name: str, planned: Planned) -> None:
    """It is in the table, taken in by what is rolled out, named as not read, or named as no part of it."""
    change_of = CHANGES[name]
    plan = planned(change_of)
    text = "\n".join([*plan["aside"], *plan["not_understood"]])
    told = {place["path"] for one in plan["changes"] for place in one["claim"]["evidence"]}
    homes = [one["node"] for one in plan["changes"] if one["kind"] in ("code", "build", "migration")]
    for path in change_of.after:
        near = any(path.startswith((f"{home}/", home.partition(".up.")[0])) for home in homes)
        assert path in told or path in text or near or path.endswith((".yaml", "web/app.py")), path


# Settings ----------------------------------------------------------------------------------------


def test_values_of_a_chart_are_told_by_name_unless_they_choose_a_version(planned: Planned) -> None:
    new = CHART_VALUES.format(tag="1.9.0").replace("replicaCount: 2", "replicaCount: 3")
    files = {**CHANGES["chart"].base, "charts/values-prod.yaml": "env:\n  A: secret-one\n  B: same\n"}
    after = {
        "charts/web/values.yaml": f"{new}extra:\n  TOKEN: secret-two\n",
        "charts/values-prod.yaml": "env:\n  A: secret-three\n  B: same\n",
        "charts/values-dev.yaml": "env:\n  A: x\n",
    }
    plan = planned(Change(files, after))
    rows = {(one["node"], one["before"], one["after"]) for one in plan["changes"]}
    assert ("charts/web/values.yaml: replicaCount", "2", "3") in rows
    assert ("charts/web/values.yaml", None, "extra.TOKEN") in rows
    assert ("charts/values-prod.yaml", "env.A", "env.A with another value") in rows
    assert not [one for one in rows if "dev" in one[0]]
    assert "charts/values-dev.yaml" in plan["aside"]
    assert not [word for word in ("one", "two", "three") if f"secret-{word}" in str(plan)]


def test_variables_of_an_environment_file_are_told_by_name(planned: Planned) -> None:
    plan = planned(Change({**SHOP, ".env": "A=1\nB=2\n"}, {".env": "A=9\nC=3\n"}))
    rows = [(one["before"], one["after"]) for one in plan["changes"] if one["node"] == ".env"]
    assert rows == [("B", "C"), ("A", "A with another value")]


def test_a_migration_that_was_edited_is_in_the_table(planned: Planned) -> None:
    path = "db/migrations/0001_orders.up.sql"
    plan = planned(Change(SHOP, {path: "CREATE TABLE orders (id bigint PRIMARY KEY);\n"}))
    assert change(plan, path, "migration")["after"] == "another text, which nothing applies"
