"""What comes and goes with a release: what `apply` and `up` leave behind, on the way forward and back."""

from collections.abc import Callable

from tests.plans.conftest import Json
from tests.plans.repositories import (
    BASE_KUSTOMIZATION,
    CHANGES,
    COMPOSE,
    NEW_TAG,
    SHOP,
    WORKLOAD,
    Change,
)
from tests.plans.walking import number, step, titles

Planned = Callable[[Change], Json]

MAILER = WORKLOAD.format(name="mailer", env="            []\n")
WITH_MAILER = {
    "k8s/base/mailer.yaml": MAILER,
    "k8s/base/kustomization.yaml": BASE_KUSTOMIZATION.replace("[orders", "[mailer.yaml, orders"),
}
STORE = SHOP["k8s/base/front.yaml"].replace("registry.example/front:1.8.0", "postgres:15.4")


def back(plan: Json) -> list[str]:
    return [one["command"] for one in plan["rollback"]]


def test_what_is_new_is_removed_on_the_way_back(planned: Planned) -> None:
    plan = planned(Change(SHOP, WITH_MAILER))
    apply = back(plan).index("kubectl apply -k k8s/overlays/production")
    assert back(plan)[apply + 1] == "kubectl --namespace shop delete deployment/mailer service/mailer"
    assert "`deployment/mailer`, `service/mailer`, which are new" in plan["rollback"][apply + 1]["title"]
    (gone,) = [one for one in plan["rollback_checks"] if "mailer" in one["text"]]
    assert gone["command"] == "kubectl --namespace shop get deployment/mailer --ignore-not-found"


def test_what_is_new_interrupts_nothing(planned: Planned) -> None:
    recreated = MAILER.replace("  replicas: 3\n", "  replicas: 1\n  strategy: {type: Recreate}\n")
    plan = planned(Change(SHOP, {**WITH_MAILER, "k8s/base/mailer.yaml": recreated}))
    assert plan["downtime"]["text"] == "none: nothing that runs is replaced"
    assert [one["kind"] for one in plan["risks"] if "mailer" in one["name"]] == ["size"]


def test_what_goes_is_removed_after_the_rest_works_and_comes_back_with_the_files(planned: Planned) -> None:
    plan = planned(Change({**SHOP, **WITH_MAILER}, {**NEW_TAG, "k8s/base/mailer.yaml": None, **{
        "k8s/base/kustomization.yaml": BASE_KUSTOMIZATION}}))  # fmt: skip
    gone = step(plan, "remove")
    assert gone["command"] == "kubectl --namespace shop delete deployment/mailer service/mailer"
    assert gone["number"] > number(plan, "ask `orders` whether it is ready")
    assert gone["inverse"] == "with the files of the rollout before it"
    assert "kubectl apply -k k8s/overlays/production" in back(plan)
    (decision,) = [one for one in plan["decisions"] if one["number"] == gone["number"]]
    assert decision["do"].startswith("R1")
    assert "`mailer` goes for good; no address in the files leads to it" in [
        one["text"] for one in plan["strategy"]
    ]


def test_what_still_calls_what_goes_is_a_breaking_change(planned: Planned) -> None:
    without = BASE_KUSTOMIZATION.replace("orders.yaml, ", "")
    change = {"k8s/base/kustomization.yaml": without, "k8s/base/orders.yaml": None}
    plan = planned(Change(SHOP, change))
    (risk,) = [one for one in plan["risks"] if one["kind"] == "breaking-change"]
    assert risk["name"] == "`front` fails where it still calls `orders`"
    assert risk["step"] == number(plan, "remove")


def test_pods_that_hold_their_data_are_a_point_of_no_return(planned: Planned) -> None:
    after = {"k8s/base/front.yaml": STORE.replace("postgres:15.4", "postgres:15.6")}
    plan = planned(Change({**SHOP, "k8s/base/front.yaml": STORE}, after))
    rollout = number(plan, "roll out")
    assert plan["point_of_no_return"]["text"].startswith(
        f"step {rollout} destroys what `front` keeps in pods that are replaced"
    )
    dump = number(plan, "dump the data of `front`")
    (risk,) = [one for one in plan["risks"] if one["kind"] == "data-loss"]
    assert risk["step"] == dump < rollout
    assert [one["advice"] for one in plan["rollback"] if one["undoes"] == rollout][-1] == "restore"


def test_a_new_compose_service_is_removed_while_its_files_are_there(planned: Planned) -> None:
    files = CHANGES["compose"].base
    mail = COMPOSE.format(database="15.4").replace("  web:\n", "  mail:\n    image: mail:1.2.3\n  web:\n", 1)
    plan = planned(Change(files, {"compose.yaml": mail, "web/app.py": "print(2)\n"}))
    assert back(plan)[:2] == [
        "docker compose --file compose.yaml rm --stop --force mail",
        f"git switch --detach {plan['base'][:12]}",
    ]
    assert back(plan)[2] == "docker compose --file compose.yaml up --detach --wait --build web"
    assert "`mail` is gone, which was new" in [one["text"] for one in plan["rollback_checks"]]
    assert "1 more like it" not in plan["downtime"]["text"]


def test_a_compose_service_that_goes_comes_back_by_name(planned: Planned) -> None:
    files = CHANGES["compose"].base
    with_mail = COMPOSE.format(database="15.4").replace(
        "  web:\n", "  mail:\n    image: mail:1.2.3\n  web:\n", 1
    )
    plan = planned(
        Change({**files, "compose.yaml": with_mail}, {"compose.yaml": COMPOSE.format(database="15.4")})
    )
    assert "--remove-orphans" in step(plan, "bring up")["command"]
    assert back(plan)[-1] == "docker compose --file compose.yaml up --detach --wait mail"
    assert not [title for title in titles(plan) if "`mail`" in title]
    assert plan["downtime"]["text"].startswith("none for what stays")
