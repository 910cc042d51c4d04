"""What has to hold before the first step: whose runs are asked for, and which step holds a risk in check."""

import re
from collections.abc import Callable
from pathlib import Path

from tests.plans.kinds import found
from tests.plans.repositories import CHANGES, NEW_TAG, SHOP, Change, repository
from tests.plans.walking import Json

TESTING = (
    "name: {name}\non:\n  {on}\njobs:\n  {name}:\n    runs-on: ubuntu-24.04\n"
    "    steps:\n      - run: pytest {name}\n"
)


def gated(tmp_path: Path, **workflows: str) -> list[Json]:
    files = {path: text for path, text in SHOP.items() if path != ".github/workflows/ci.yml"}
    added = {
        f".github/workflows/{name}.yml": TESTING.format(name=name, on=on) for name, on in workflows.items()
    }
    plan = found(repository(tmp_path / "repository", Change({**files, **added}, NEW_TAG)), "deploy")
    return [one for one in plan["steps"] if one["phase"] == "gates"]


def test_a_workflow_that_other_files_start_is_no_gate(tmp_path: Path) -> None:
    (gate,) = gated(
        tmp_path,
        here="push: {paths: ['k8s/**']}",
        there="push: {paths: ['web/**', '!k8s/**']}",
        not_here="push: {paths-ignore: ['k8s/**']}",
    )
    assert gate["title"] == "see that `here` of `here.yml` passed"
    assert gate["gate"]["expected"] == "`success`"


def test_runs_of_several_workflows_are_asked_for_at_once(tmp_path: Path) -> None:
    (gate,) = gated(tmp_path, one="push:", two="merge_group:")
    assert gate["command"].startswith('gh run list --commit "$(git rev-parse HEAD)"')
    assert gate["gate"]["expected"] == "`success` for `one`, `two`"


def test_what_only_pull_requests_start_is_asked_of_the_pull_request(tmp_path: Path) -> None:
    (gate,) = gated(tmp_path, one="pull_request:")
    assert gate["command"] == "gh pr checks"


def test_jobs_of_a_workflow_that_deploys_later_are_asked_for_alone(tmp_path: Path) -> None:
    change = CHANGES["prisma"]
    jobs = change.base[".github/workflows/release.yml"] or ""
    dispatched = jobs.replace("    branches: [main]", "    branches: [main]").replace(
        "deploy:", "staging:", 1
    )
    staging = dispatched.replace("environment: production", "environment: staging")
    started = (
        "on: {workflow_dispatch: }\njobs:\n  live:\n    environment: production\n    runs-on: ubuntu-24.04\n"
    )
    live = f"{started}    steps:\n      - run: flyctl deploy --remote-only\n"
    files = {**change.base, ".github/workflows/release.yml": staging, ".github/workflows/live.yml": live}
    plan = found(repository(tmp_path / "repository", Change(files, change.after)), "deploy")
    (gate,) = [one for one in plan["steps"] if one["phase"] == "gates"]
    assert gate["command"].startswith('gh api "repos/{owner}/{repo}/commits/$(git rev-parse HEAD)/check-runs')
    assert gate["gate"]["expected"] == "`success` for all that begin with `test`"


def test_a_risk_names_the_step_that_is_about_it(planned: Callable[[Change], Json]) -> None:
    plan = planned(CHANGES["release"])
    for risk in plan["risks"]:
        if risk["step"] is not None:
            step = plan["steps"][risk["step"] - 1]
            names = re.findall(r"`[^`]+`", risk["name"])
            assert step["phase"] in ("backup", "contract") or any(name in step["title"] for name in names), (
                risk
            )
