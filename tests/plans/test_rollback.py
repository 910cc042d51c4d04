"""The way back as plans of their own: the rollback plan and the emergency page."""

import re
from pathlib import Path

import pytest

from rollsafe.cli import main
from tests.plans.kinds import asked, found
from tests.plans.repositories import (
    ADDITIVE,
    BASE_KUSTOMIZATION,
    CHANGES,
    DESTRUCTIVE,
    NEW_TAG,
    OVERLAY,
    SHOP,
    WORKLOAD,
    Change,
    repository,
    write,
)
from tests.plans.walking import Json

CONSTRAINT = {
    "db/migrations/0002_total.up.sql": "ALTER TABLE orders ADD CONSTRAINT total CHECK (total > 0) NOT VALID;\n",
    "db/migrations/0002_total.down.sql": "ALTER TABLE orders DROP CONSTRAINT total;\n",
}
RENAME_ONLY_UP = {"db/migrations/0002_rename.up.sql": "ALTER TABLE orders RENAME COLUMN total TO amount;\n"}
MANY = 40


@pytest.fixture
def release(tmp_path: Path) -> Path:
    return repository(tmp_path / "repository", CHANGES["release"])


def rolled(tmp_path: Path, change: Change, *words: str) -> Json:
    return found(repository(tmp_path / "repository", change), "rollback", *words)


def steps(plan: Json) -> list[str]:
    return [f"{one['name']} {one['advice']}" for one in plan["steps"]]


# Which case --------------------------------------------------------------------------------------


def test_names_of_steps_are_those_of_the_deployment_plan(release: Path) -> None:
    deploy, back = found(release, "deploy"), found(release, "rollback")
    assert back["steps"] == deploy["rollback"]
    assert [case["number"] for case in back["cases"]] == [one["number"] for one in deploy["decisions"]]


def test_a_step_narrows_the_plan_to_its_case(release: Path) -> None:
    deploy = found(release, "deploy")
    (rollout,) = [one["number"] for one in deploy["steps"] if one["phase"] == "deploy"]
    before, after = (found(release, "rollback", "--after", str(n)) for n in (rollout - 1, rollout))
    assert steps(before) == ["R5 leave", "R6 run", "R7 run"]
    assert steps(after) == ["R2 run", "R3 run", "R4 run", "R5 leave", "R6 run", "R7 run"]
    assert before["targets"] == []
    assert [one["back_to"] for one in after["targets"]] == ["registry.example/orders:1.8.0"] * 2
    assert f"if step {rollout} (" in before["begun"]
    assert before["begun"].endswith("then R2 comes first")
    assert len(before["cases"]) == len(after["cases"]) == 1


def test_a_step_before_the_first_change_leaves_nothing_to_do(tmp_path: Path) -> None:
    plan = rolled(tmp_path, CHANGES["compose"], "--after", "1")
    assert (plan["verdict"], plan["verdict_reason"]) == ("READY", "nothing has changed yet")
    assert plan["steps"] == plan["cases"] == []


@pytest.mark.parametrize("step", ["0", "18", "R2", "-1", "", "¹", "9" * 5000])
def test_a_step_that_does_not_exist_is_named(
    step: str, release: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(release)
    assert main(["plan", "rollback", f"--after={step}"]) == 2
    assert "the deployment plan has steps 1 to 17" in capsys.readouterr().err


# Migrations --------------------------------------------------------------------------------------


def test_what_only_adds_is_left_in_place(release: Path) -> None:
    plan = found(release, "rollback")
    (one,) = [one for one in plan["migrations"] if one["name"] == "0002"]
    assert (one["advice"], one["old_release"], one["steps"]) == ("leave", "goes on", ["R5"])


def test_what_destroyed_data_comes_back_from_the_backup_alone(release: Path) -> None:
    plan = found(release, "rollback")
    (one,) = [one for one in plan["migrations"] if one["name"] == "0003"]
    assert (one["advice"], one["old_release"], one["steps"]) == ("restore", "fails", ["R1"])
    last = plan["cases"][-1]
    assert (
        "`orders.legacy` and its values, unless R1, which loses everything written since" in last["data_loss"]
    )
    assert "the old release fails on `0003`" in last["warning"]
    assert plan["cases"][-2]["warning"] is None
    assert plan["verdict"] == "READY WITH RISKS"


def test_what_only_tightens_is_run_down_before_the_old_release_returns(tmp_path: Path) -> None:
    plan = rolled(tmp_path, Change(SHOP, {**NEW_TAG, **CONSTRAINT}))
    (one,) = plan["migrations"]
    assert (one["advice"], one["old_release"], one["data_loss"]) == ("run", "fails", None)
    assert plan["steps"][0]["command"].endswith("goto 1")
    assert plan["cases"][-1]["warning"] is None
    assert plan["verdict"] == "READY"


def test_without_a_way_down_there_is_only_forward(tmp_path: Path) -> None:
    plan = rolled(tmp_path, Change(SHOP, {**NEW_TAG, **RENAME_ONLY_UP}))
    (one,) = plan["migrations"]
    assert (one["advice"], one["steps"]) == ("forward", [])
    assert plan["cases"][-1]["warning"].endswith("only forward with a fix")


# What comes back ---------------------------------------------------------------------------------


def test_a_name_that_moves_on_is_asked_for(tmp_path: Path) -> None:
    overlay = "k8s/overlays/production/kustomization.yaml"
    base = {**SHOP, overlay: OVERLAY.format(tag="latest")}
    plan = rolled(tmp_path, Change(base, {overlay: OVERLAY.format(tag="1.9.0")}))
    assert plan["targets"][0]["back_to"] == "registry.example/orders:latest"
    assert plan["targets"][0]["claim"]["evidence"][0]["commit"] != "WORKTREE"
    assert any("which build `registry.example/orders:latest` was" in one["text"] for one in plan["unknowns"])


def test_what_a_store_keeps_in_its_pods_is_lost_on_the_way_back(tmp_path: Path) -> None:
    front = SHOP["k8s/base/front.yaml"].replace("registry.example/front:1.8.0", "postgres:15.4")
    after = {"k8s/base/front.yaml": front.replace("postgres:15.4", "postgres:15.6")}
    plan = rolled(tmp_path, Change({**SHOP, "k8s/base/front.yaml": front}, after))
    (back,) = [one for one in plan["steps"] if one["command"] and "rollout undo" in one["command"]]
    assert back["data_loss"] == "what `front` keeps in its pods"
    assert plan["verdict_reason"] == "no way back from step 6: roll out `front` 15.6"
    assert plan["verdict"] == "READY WITH RISKS"


def test_what_the_same_commit_would_bring_is_no_way_back(tmp_path: Path) -> None:
    plan = rolled(tmp_path, Change(CHANGES["compose"].base))
    assert plan["verdict"] == "INCOMPLETE"
    assert "`--base REF` names what ran before" in plan["verdict_reason"]
    assert plan["steps"] == []


def test_without_a_base_it_is_incomplete(tmp_path: Path) -> None:
    root = tmp_path / "bare"
    write(root, SHOP)
    plan = found(root, "rollback")
    assert plan["verdict"] == "INCOMPLETE"
    assert plan["migrations"] == []
    assert found(root, "emergency")["verdict"] == "INCOMPLETE"


def test_pipelines_are_held_first_and_go_on_last(release: Path) -> None:
    text = asked(release, "rollback")
    assert text.index("gh workflow disable deploy.yml") < text.index("rollout undo")
    assert "take the change back on the branch it deploys from" in text


DISPATCHED = (
    "on:\n  workflow_dispatch:\n{inputs}jobs:\n  production:\n    environment: production\n"
    "    runs-on: ubuntu-24.04\n    steps:\n      - uses: amondnet/vercel-action@v25\n"
)
INPUTS = (
    "    inputs:\n      environment: {type: choice, required: true, options: [dev, prod]}\n"
    "      version: {type: string, required: true}\n      note: {type: string}\n"
)


def test_a_workflow_deploys_what_the_forge_has_and_not_what_is_checked_out(tmp_path: Path) -> None:
    change = Change({".github/workflows/live.yml": DISPATCHED.format(inputs="")}, {"index.html": "x"})
    commands = [one["command"] for one in rolled(tmp_path, change)["steps"]]
    assert not [one for one in commands if one.startswith("git switch")]
    assert commands[0].startswith("git tag --force rollback/production ")
    assert commands[1:] == [
        "git push --force origin refs/tags/rollback/production",
        "gh workflow run live.yml --ref rollback/production",
    ]


def test_a_workflow_that_asks_for_a_version_is_given_the_one_of_before(tmp_path: Path) -> None:
    change = Change({".github/workflows/live.yml": DISPATCHED.format(inputs=INPUTS)}, {"index.html": "x"})
    (back,) = rolled(tmp_path, change)["steps"]
    assert back["title"] == "start it with the values of the release before"
    assert back["command"].endswith('--field environment=prod --field "version=$VERSION"')


def test_without_a_command_the_way_back_is_not_ready(tmp_path: Path) -> None:
    workflow = DISPATCHED.format(inputs="").replace("workflow_dispatch", "push")
    change = Change({".github/workflows/live.yml": workflow}, {"index.html": "x"})
    plan = rolled(tmp_path / "a", change)
    assert (plan["verdict"], plan["verdict_reason"][:20]) == ("INCOMPLETE", "no command is known ")
    alone = Change({path: text for path, text in SHOP.items() if path.startswith("db/")}, ADDITIVE)
    page = lines_of(repository(tmp_path / "b", alone))
    assert "- UNKNOWN: no file says what deploys: how the code of before comes back is not known" in page


# The emergency page ------------------------------------------------------------------------------


def lines_of(root: Path) -> list[str]:
    return asked(root, "emergency").rstrip("\n").split("\n")


def many(tmp_path: Path) -> Path:
    names = [f"service-{number:02}" for number in range(MANY)]
    listed = ", ".join(f"{name}.yaml" for name in names)
    kustomization = BASE_KUSTOMIZATION.replace("[orders", f"[{listed}, orders")
    files = {f"k8s/base/{n}.yaml": WORKLOAD.format(name=n, env="            []\n") for n in names}
    base = {**SHOP, **files, "k8s/base/kustomization.yaml": kustomization}
    after = {path: text.replace(":1.8.0", ":1.9.0") for path, text in files.items()}
    change = Change(base, {**after, **NEW_TAG, **ADDITIVE, **DESTRUCTIVE})
    return repository(tmp_path / "many", change)


def test_it_is_one_page_however_much_is_deployed(tmp_path: Path) -> None:
    root = many(tmp_path)
    lines = lines_of(root)
    assert len(lines) <= 60
    text = "\n".join(lines)
    for number in range(MANY):
        assert f"deployment/service-{number:02}" in text.partition("**See**")[0]
    for part in ("Stop", "Look first", "Back", "See", "Call", "Never"):
        assert f"**{part}**" in text
    assert "more: `rollsafe plan rollback`" in text


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_it_is_short_and_begins_with_a_command(name: str, tmp_path: Path) -> None:
    lines = lines_of(repository(tmp_path / "repository", CHANGES[name]))
    assert len(lines) <= 60
    first = next((line for line in lines[1:] if line and not line.startswith("**")), "")
    if not first:
        assert lines[-1].startswith("**READY** there is nothing to take back")
    else:
        assert re.match(r"1\. `[a-z]", first), first


def test_a_way_down_that_loses_data_is_never_among_the_commands(release: Path) -> None:
    plan = found(release, "emergency")
    losing = [one["command"] for one in found(release, "rollback")["steps"] if one["advice"] != "run"]
    assert losing
    assert not set(losing) & {one["command"] for one in plan["back"]}
    assert any("goto 1" in one["text"] for one in plan["never"])


def test_it_asks_first_whether_the_old_release_can_come_back(release: Path) -> None:
    (look,) = found(release, "emergency")["look"]
    assert look["command"].endswith(" version")
    assert look["expected"].startswith("`3`, not `dirty`")


def test_a_pipeline_goes_on_only_when_it_is_over(release: Path) -> None:
    plan = found(release, "emergency")
    assert [one["command"] for one in plan["afterwards"]] == ["gh workflow enable deploy.yml"]
    assert not [one for one in plan["back"] if "gh " in (one["command"] or "")]


def test_the_data_of_a_store_is_not_deleted(tmp_path: Path) -> None:
    plan = found(repository(tmp_path / "repository", CHANGES["compose"]), "emergency")
    assert [one["text"] for one in plan["never"]] == [
        "run `docker compose down --volumes`: it deletes the data of `db`"
    ]
