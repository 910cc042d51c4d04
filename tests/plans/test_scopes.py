"""What a plan is about: nothing that differs, no base at all, another base, another directory."""

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.plans.conftest import Json, Plan
from tests.plans.kinds import asked
from tests.plans.repositories import (
    ADDITIVE,
    CHANGES,
    DESTRUCTIVE,
    NEW_TAG,
    SHOP,
    Change,
    git,
    repository,
    write,
)
from tests.plans.walking import change, commands, step

Planned = Callable[[Change], Json]


def test_a_clean_tree_is_deployed_again(planned: Planned) -> None:
    plan = planned(CHANGES["redeployment"])
    assert plan["scope"] == "redeploy"
    assert plan["changes"] == []
    assert plan["title"].startswith("Deployment plan: redeploy orders, front and reports")
    assert any("name what runs with `--base REF`" in one["text"] for one in plan["strategy"])
    compare = step(plan, "compare the cluster")
    assert compare["command"] == "kubectl diff --kustomize k8s/overlays/production"
    assert not {"freeze", "backup", "expand", "contract"} & {one["phase"] for one in plan["steps"]}
    assert any("`0001` is the newest" in one["expected"] for one in plan["validation"])


def test_documentation_alone_deploys_nothing(planned: Planned) -> None:
    plan = planned(CHANGES["documentation"])
    assert (plan["verdict"], plan["verdict_reason"]) == ("READY", "there is nothing to do")
    assert plan["steps"] == plan["decisions"] == plan["changes"] == []
    assert "nothing that is deployed differs" in plan["title"]


def test_without_git_what_runs_is_unknown(tmp_path: Path, planned: Planned) -> None:
    root = tmp_path / "repository"
    write(root, {**SHOP, **ADDITIVE, **DESTRUCTIVE})
    (root / "rollsafe.toml").write_text("root = true\n")
    from rollsafe.cli import main

    file = tmp_path / "plan.json"
    assert main(["plan", "deploy", str(root), "-o", str(file), "--format", "json"]) == 0
    import json

    plan: Json = json.loads(file.read_text())
    assert (plan["scope"], plan["base"], plan["verdict"]) == ("whole workspace", None, "INCOMPLETE")
    assert change(plan, "deployment/orders", "image")["before"] == "unknown"
    assert change(plan, "db/migrations", "migrations")["after"] == "3 migrations, 0001 to 0003"
    apply = step(plan, "apply what is pending, at most `0001` to `0003`")
    assert apply["is_point_of_no_return"]
    assert not [one for one in commands(plan) if one.startswith(("git switch", "git tag", "gh "))]
    assert any("what is running at present" in one["text"] for one in plan["unknowns"])


def test_an_empty_directory_says_what_is_missing(tmp_path: Path, plan: Plan) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "rollsafe.toml").write_text("root = true\n")
    text = plan(tmp_path / "empty")
    assert "**INCOMPLETE** no step could be derived" in text
    assert (
        "how this repository reaches production: no workflow, manifest, chart or Compose file says so" in text
    )


def test_a_base_may_be_any_revision(tmp_path: Path, plan: Plan) -> None:
    root = repository(tmp_path / "repository", Change(SHOP, NEW_TAG))
    git(root, "tag", "v1")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "next")
    assert "redeploy" in plan(root).split("\n", 1)[0]
    first = plan(root, "--base", "v1")
    assert first.startswith("# Deployment plan: orders and reports 1.8.0 → 1.9.0 (production)")
    was, now = (git(root, "rev-parse", name).strip() for name in ("v1", "HEAD"))
    assert f"base v1 {was[:12]}, head {now[:12]} · 1 file changed" in first
    assert f"git switch --detach {was[:12]}" in first


def test_a_branch_is_compared_with_where_it_left(tmp_path: Path, plan: Plan) -> None:
    root = repository(tmp_path / "repository", Change(SHOP))
    git(root, "switch", "--quiet", "--create", "feature")
    write(root, NEW_TAG)
    git(root, "commit", "--quiet", "--all", "--message", "feature")
    git(root, "switch", "--quiet", "main")
    write(root, {"services/orders/app.py": "print(9)\n"})
    git(root, "commit", "--quiet", "--all", "--message", "other")
    git(root, "switch", "--quiet", "feature")
    text = plan(root)
    assert "1.8.0 → 1.9.0" in text
    assert "app.py" not in text


def test_files_that_git_does_not_know_yet_count(tmp_path: Path, plan: Plan) -> None:
    root = repository(tmp_path / "repository", Change(SHOP, ADDITIVE))
    assert "migration 0002" in plan(root)
    shutil.rmtree(root / "db")
    assert "migration 0002" not in plan(root)


def test_a_project_in_a_directory_of_the_repository(tmp_path: Path, plan: Plan) -> None:
    inside = {f"apps/shop/{path}": text for path, text in SHOP.items()}
    changed = {f"apps/shop/{path}": text for path, text in NEW_TAG.items()}
    root = repository(
        tmp_path / "repository", Change({**inside, "apps/shop/rollsafe.toml": "root = true\n"}, changed)
    )
    text = plan(root / "apps/shop")
    assert "1 file changed" in text
    assert "](k8s/overlays/production/kustomization.yaml#L8)" in text


def test_the_way_back_leads_to_the_commit_the_base_was(tmp_path: Path, plan: Plan) -> None:
    """The plan's own last step moves the tag it was made with."""
    root = repository(tmp_path / "repository", Change(SHOP, NEW_TAG))
    was = git(root, "rev-parse", "HEAD").strip()
    git(root, "tag", "deployed/production")
    text = plan(root, "--base", "deployed/production")
    assert "git tag --force deployed/production" in text
    assert f"git switch --detach {was[:12]}" in text
    assert "git switch --detach deployed" not in text


def test_what_is_not_committed_is_said_before_the_first_step(tmp_path: Path, plan: Plan) -> None:
    root = repository(tmp_path / "repository", Change(SHOP, NEW_TAG))
    assert "1 file changed, 1 of them not committed" in plan(root)
    assert "commit `k8s/overlays/production/kustomization.yaml`: gates ask about the commit" in plan(root)
    git(root, "switch", "--quiet", "--create", "feature")
    git(root, "commit", "--quiet", "--all", "--message", "next")
    assert "not committed" not in plan(root)


def test_what_only_the_base_has_is_said_to_be_taken_back(tmp_path: Path, plan: Plan) -> None:
    root = repository(tmp_path / "repository", Change(SHOP))
    git(root, "switch", "--quiet", "--create", "feature")
    write(root, NEW_TAG)
    git(root, "commit", "--quiet", "--all", "--message", "feature")
    git(root, "switch", "--quiet", "main")
    write(root, {"services/orders/app.py": "print(9)\n"})
    git(root, "commit", "--quiet", "--all", "--message", "other")
    git(root, "switch", "--quiet", "feature")
    assert "1 commit of main is not in what is checked out: deploying it takes them back" in plan(
        root, "--base", "main"
    )
    assert "app.py" not in asked(root, "pr", "--base", "main")
