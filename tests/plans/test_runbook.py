"""The runbook: every service with the commands of the tools that the repository uses, secrets by name."""

from pathlib import Path

import pytest

from rollsafe.cli import main
from tests.plans.kinds import asked, found
from tests.plans.repositories import BASE_KUSTOMIZATION, CHANGES, LEAKY, SHOP, WORKLOAD, Change, repository
from tests.plans.walking import Json

SCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: orders
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: orders}
  minReplicas: 3
  maxReplicas: 9
"""
EXTERNAL = """\
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: database
spec:
  secretStoreRef: {name: vault, kind: SecretStore}
  data:
    - secretKey: url
      remoteRef: {key: shop/database}
"""


def book(tmp_path: Path, change: Change, *words: str) -> Json:
    return found(repository(tmp_path / "repository", change), "runbook", *words)


def with_object(text: str) -> Change:
    listed = BASE_KUSTOMIZATION.replace("[orders", "[more.yaml, orders")
    return Change({**SHOP, "k8s/base/more.yaml": text, "k8s/base/kustomization.yaml": listed})


def page(plan: Json, name: str) -> Json:
    (one,) = [one for one in plan["services"] if one["name"] == name]
    return dict(one)


def task(service: Json, purpose: str) -> list[Json]:
    return [chore for one in service["tasks"] if one["purpose"] == purpose for chore in one["chores"]]


def commands(chores: list[Json]) -> list[str]:
    return [chore["command"] for chore in chores if chore["command"]]


def test_every_service_has_a_page_whatever_changed(tmp_path: Path) -> None:
    names = [one["name"] for one in book(tmp_path / "a", CHANGES["documentation"])["services"]]
    assert names == [one["name"] for one in book(tmp_path / "b", CHANGES["release"])["services"]]
    assert names == ["front", "orders", "reports"]


def test_a_page_has_what_somebody_on_call_needs(tmp_path: Path) -> None:
    orders = page(book(tmp_path, CHANGES["release"]), "orders")
    assert orders["owner"] == "@shop/platform"
    assert orders["where"] == "namespace `shop`"
    assert [one["purpose"] for one in orders["tasks"]] == ["look", "restart", "scale", "roll back"]
    assert "kubectl --namespace shop rollout restart deployment/orders" in commands(task(orders, "restart"))
    assert "kubectl --namespace shop rollout undo deployment/orders" in commands(task(orders, "roll back"))
    assert [one["text"] for one in orders["calls"]] == ["is called by `front`"]


def test_one_service_can_be_asked_for(tmp_path: Path) -> None:
    root = repository(tmp_path / "repository", CHANGES["release"])
    plan = found(root, "runbook", "front")
    assert [one["name"] for one in plan["services"]] == ["front"]
    assert asked(root, "runbook", "front").startswith("# Runbook: front (production)")


def test_a_service_that_does_not_exist_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository(tmp_path / "repository", CHANGES["release"]))
    assert main(["plan", "runbook", "ordres"]) == 2
    assert "no service `ordres`; nearest: `orders`" in capsys.readouterr().err


def test_a_schedule_is_held_and_run_by_hand(tmp_path: Path) -> None:
    reports = page(book(tmp_path, CHANGES["release"]), "reports")
    assert reports["schedule"] == "*/10 * * * *"
    assert [words.split()[3] for words in commands(task(reports, "schedule"))] == [
        "get",
        "patch",
        "patch",
        "create",
    ]
    assert task(reports, "restart") == task(reports, "scale") == []


def test_what_an_autoscaler_sets_is_not_set_by_hand(tmp_path: Path) -> None:
    orders = page(book(tmp_path, with_object(SCALER)), "orders")
    (chore,) = task(orders, "scale")
    assert chore["command"] is None
    assert "`orders` sets the number of pods" in chore["text"]


def test_a_revision_that_is_not_kept_cannot_come_back(tmp_path: Path) -> None:
    text = SHOP["k8s/base/orders.yaml"].replace(
        "  replicas: 3\n", "  replicas: 3\n  revisionHistoryLimit: 0\n"
    )
    orders = page(book(tmp_path, Change({**SHOP, "k8s/base/orders.yaml": text})), "orders")
    assert commands(task(orders, "roll back")) == []


def test_what_holds_its_data_in_the_pod_is_not_given_new_pods(tmp_path: Path) -> None:
    store = WORKLOAD.format(name="store", env="            []\n").replace(
        "registry.example/store:1.8.0", "postgres:15.4"
    )
    volume = "      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]\n      containers:\n"
    kept = page(book(tmp_path / "a", with_object(store.replace("      containers:\n", volume))), "store")
    lost = page(book(tmp_path / "b", with_object(store)), "store")
    assert commands(task(kept, "restart"))
    assert commands(task(kept, "roll back"))
    assert commands(task(lost, "restart")) == commands(task(lost, "roll back")) == []
    assert task(lost, "restart")[0]["text"].startswith("not without a dump that was read back")


def test_whoever_makes_a_secret_decides_how_it_is_rotated(tmp_path: Path) -> None:
    (unknown,) = page(book(tmp_path / "a", Change(SHOP)), "orders")["secrets"]
    assert (unknown["name"], unknown["keys"], unknown["source"]["status"]) == ("database", ["url"], "UNKNOWN")
    (external,) = page(book(tmp_path / "b", with_object(EXTERNAL)), "orders")["secrets"]
    assert external["source"]["text"] == "ExternalSecret `database` makes it"
    assert "force-sync=$NOW" in " ".join(commands(external["chores"]))
    (plain,) = page(book(tmp_path / "c", Change(LEAKY)), "orders")["secrets"]
    assert plain["source"]["text"] == "Secret `database` makes it"
    for secret in (unknown, external, plain):
        assert "kubectl --namespace shop rollout restart deployment/orders" in commands(secret["chores"])


def test_secrets_of_the_pipeline_are_set_without_showing_them(tmp_path: Path) -> None:
    (secret,) = book(tmp_path, CHANGES["release"])["pipeline"]
    assert secret["name"] == "PRODUCTION_DATABASE_URL"
    assert commands(secret["chores"]) == ["gh secret set PRODUCTION_DATABASE_URL --env production"]


def test_two_cannot_listen_on_one_port_of_the_host(tmp_path: Path) -> None:
    plan = book(tmp_path, CHANGES["compose"])
    assert commands(task(page(plan, "web"), "scale")) == []
    assert task(page(plan, "db"), "scale") == []
    (password,) = page(plan, "db")["secrets"]
    assert r"psql " '"$DATABASE_URL"' r" --command '\password'" in commands(password["chores"])


def test_where_nothing_is_deployed_it_says_so(tmp_path: Path) -> None:
    plan = book(tmp_path, Change({"README.md": "# nothing\n"}))
    assert (plan["verdict"], plan["verdict_reason"]) == ("INCOMPLETE", "no file says what runs")


@pytest.mark.parametrize("tool", ["flyctl", "helm", "docker"])
def test_only_tools_that_the_repository_uses_are_asked(tool: str, tmp_path: Path) -> None:
    name = {"flyctl": "prisma", "helm": "chart", "docker": "compose"}[tool]
    used = {"flyctl": {"flyctl", "gh"}, "helm": {"helm", "kubectl"}, "docker": {"docker", "git", "psql"}}[
        tool
    ]
    plan = book(tmp_path, CHANGES[name])
    programs = {
        command.split()[0]
        for one in plan["services"]
        for chores in (*(t["chores"] for t in one["tasks"]), *(s["chores"] for s in one["secrets"]))
        for command in commands(chores)
    }
    assert tool in programs
    assert programs <= used
