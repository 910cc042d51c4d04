"""What jobs do in other files, who calls them, and what applies to them from around."""

from collections.abc import Mapping

import pytest

from rollsafe.artefacts.github_workflow import GithubAction, GithubWorkflow, Job
from rollsafe.artefacts.recognition import EnvironmentKind, Role
from rollsafe.engine.project import Project
from rollsafe.workspace import pipelines
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import (
    callers,
    concurrency_of,
    environment_of,
    jobs_running,
    production_of,
)
from tests.checking import open_project

W = ".github/workflows/cd.yml"


def cd(*steps: str, more: str = "") -> str:
    lines = "".join(f"      - {step}\n" for step in steps)
    return f"on: {{push: {{branches: [main]}}}}\njobs:\n  deploy:\n    runs-on: u\n{more}    steps:\n{lines}"


def job_of(project: Project, path: str = W, id_: str = "deploy") -> Job:
    artefact = project.engine.artefact(path)
    assert isinstance(artefact, GithubWorkflow)
    job = artefact.workflow.job(id_)
    assert job is not None
    return job


def opened(files: Mapping[str, str], path: str = W, id_: str = "deploy") -> tuple[Job, Graph]:
    project = open_project(files)
    return job_of(project, path, id_), project.engine.graph


def acts(files: Mapping[str, str]) -> list[tuple[str, str, int]]:
    found = pipelines.activities_of(*opened(files))
    return [(act.classification.tool, act.file.path, act.hops) for act in found]


SCRIPT = {"scripts/ship.sh": "#!/bin/sh\nkubectl apply -f k8s\n"}
MAKE = {"Makefile": "ship: check\n\tkubectl apply -f k8s\ncheck:\n\tpytest\n"}
PACKAGE = {"package.json": '{"scripts": {"ship": "make ship"}}'}
ACTION = {
    ".github/actions/ship/action.yml": "runs:\n  using: composite\n  steps:\n"
    "    - run: kubectl apply -f k8s\n      shell: bash\n    - uses: ./.github/actions/smoke\n",
    ".github/actions/smoke/action.yml": "runs:\n  using: composite\n  steps:\n"
    "    - run: curl --fail https://shop.example/health\n      shell: bash\n",
}


@pytest.mark.parametrize(
    ("step", "others", "expected"),
    [
        ("run: kubectl apply -f k8s", {}, [("kubectl", W, 0)]),
        ("run: ./scripts/ship.sh", SCRIPT, [("kubectl", "scripts/ship.sh", 1)]),
        ("run: bash scripts/ship.sh", SCRIPT, [("kubectl", "scripts/ship.sh", 1)]),
        ("run: make ship", MAKE, [("pytest", "Makefile", 2), ("kubectl", "Makefile", 1)]),
        ("run: npm run ship", {**MAKE, **PACKAGE}, [("kubectl", "Makefile", 2)]),
        (
            "uses: ./.github/actions/ship",
            ACTION,
            [
                ("kubectl", ".github/actions/ship/action.yml", 1),
                ("curl", ".github/actions/smoke/action.yml", 2),
            ],
        ),
    ],
)
def test_calls_are_followed_over_two_files(
    step: str, others: dict[str, str], expected: list[tuple[str, str, int]]
) -> None:
    assert sorted(acts({W: cd(step), **others})) == sorted(expected)


def test_a_call_out_of_the_repository_is_what_its_name_suggests() -> None:
    job, graph = opened({W: cd("run: make deploy")})
    assert pipelines.deploys(job, graph) is pipelines.Certainty.PROBABLE
    job, graph = opened({W: cd("run: make deploy"), "Makefile": "deploy:\n\tkubectl apply -f k8s\n"})
    assert pipelines.deploys(job, graph) is pipelines.Certainty.CERTAIN
    job, graph = opened({W: cd("run: make deploy"), "Makefile": "deploy:\n\tpython ship.py\n"})
    assert pipelines.deploys(job, graph) is pipelines.Certainty.PROBABLE
    job, graph = opened({W: cd("run: make docs"), "Makefile": "docs:\n\tmkdocs build\n"})
    assert pipelines.deploys(job, graph) is None


def test_what_is_found_stands_where_it_is_called() -> None:
    files = {
        W: cd(
            "run: |\n          alembic upgrade head\n          make ship\n          curl -f https://x/health"
        ),
        **MAKE,
    }
    assert [tool for tool, _, _ in acts(files)] == ["alembic", "pytest", "kubectl", "curl"]


def test_circumstances_of_the_job_count_for_what_it_calls() -> None:
    makefile = {"Makefile": "migrate:\n\talembic upgrade head\n"}
    job, graph = opened({W: cd("run: make migrate"), **makefile})
    assert len(pipelines.migrations(job, graph)) == 1
    services = "    services:\n      db: {image: 'postgres:16'}\n"
    job, graph = opened({W: cd("run: make migrate", more=services), **makefile})
    assert pipelines.migrations(job, graph) == ()


def test_a_cluster_of_the_job_itself_is_no_environment() -> None:
    makefile = {"Makefile": "deploy:\n\tkubectl apply -f k8s\n"}
    job, graph = opened({W: cd("uses: helm/kind-action@v1", "run: make deploy"), **makefile})
    assert pipelines.deploys(job, graph) is None


CALLER = (
    "on: {{push: {{branches: [main]}}}}\n{top}jobs:\n  deploy:\n"
    "    uses: ./.github/workflows/_ship.yml\n    with: {{environment: {environment}}}\n"
)
CALLEE = (
    "on:\n  workflow_call:\n    inputs: {environment: {type: string}}\njobs:\n  ship:\n    runs-on: u\n"
    "    environment: ${{ inputs.environment }}\n    steps:\n      - run: kubectl apply -f k8s\n"
)
S = ".github/workflows/_ship.yml"


def test_a_called_workflow_is_looked_into() -> None:
    job, graph = opened({W: CALLER.format(top="", environment="production"), S: CALLEE})
    assert [(act.classification.tool, act.file.path) for act in pipelines.deployments(job, graph)] == [
        ("kubectl", S)
    ]
    environment = environment_of(job, graph)
    assert environment is not None
    assert environment.name == "${{ inputs.environment }}"


def test_a_called_workflow_knows_its_callers() -> None:
    files = {
        W: CALLER.format(top="concurrency: prod\n", environment="production"),
        ".github/workflows/other.yml": CALLER.format(top="", environment="staging"),
        S: CALLEE,
    }
    job, graph = opened(files, S, "ship")
    assert [one.file.path for one in callers(job.workflow, graph)] == [W, ".github/workflows/other.yml"]
    assert production_of(job, graph).kind is EnvironmentKind.PRODUCTION
    assert [(held.concurrency.group, held.job) for held in concurrency_of(job, graph)] == [("prod", None)]


def test_a_step_of_an_action_runs_in_the_jobs_that_use_it() -> None:
    project = open_project({W: cd("uses: ./.github/actions/ship/"), **ACTION})
    action = project.engine.artefact(".github/actions/ship/action.yml")
    assert isinstance(action, GithubAction)
    jobs = jobs_running(action.action.steps[0], project.engine.graph)
    assert [job.id for job in jobs] == ["deploy"]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (["run: kubectl apply -f k8s"], False),
        (["run: kubectl apply -f k8s", "run: kubectl rollout status deployment/x"], True),
        (["run: kubectl rollout status deployment/x", "run: kubectl apply -f k8s"], False),
        (["run: kubectl apply -f k8s", "run: pytest tests/smoke"], True),
        (["run: helm upgrade x c --wait"], True),
        (["run: kubectl apply -f k8s", "uses: ./.github/actions/smoke"], True),
        (["run: kubectl apply -f k8s", "{if: failure(), run: 'curl -f https://x/health'}"], False),
    ],
)
def test_verification_comes_after_the_deployment(steps: list[str], expected: bool) -> None:
    assert pipelines.verifies(*opened({W: cd(*steps), **ACTION})) is expected


def test_a_later_job_verifies() -> None:
    text = cd("run: kubectl apply -f k8s")
    smoke = "  smoke:\n    needs: [deploy]\n    steps:\n      - run: curl -f https://x/health\n"
    assert not pipelines.verifies(*opened({W: text}))
    assert pipelines.verifies(*opened({W: text + smoke}))
    again = smoke.replace("- run: curl", "- run: kubectl apply -f k8s\n      - run: curl")
    assert not pipelines.verifies(*opened({W: text + again}))


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, False),
        ({".github/workflows/rollback.yml": cd("run: kubectl rollout undo deployment/x")}, True),
        (
            {
                ".github/workflows/redeploy.yml": "on: {workflow_dispatch: {inputs: {version: {}}}}\n"
                "jobs:\n  a:\n    steps:\n      - run: helm upgrade x c --set tag=${{ inputs.version }}\n"
            },
            True,
        ),
        (
            {".github/workflows/lint.yml": "on: {workflow_dispatch: {inputs: {version: {}}}}\njobs: {}\n"},
            False,
        ),
    ],
)
def test_workflows_beside_it_take_a_version_back(more: dict[str, str], expected: bool) -> None:
    assert pipelines.rolls_back(*opened({W: cd("run: kubectl apply -f k8s"), **more})) is expected


def test_going_back_and_tearing_down_put_nothing_live() -> None:
    steps = [
        "run: kubectl rollout undo deployment/x",
        "run: helm uninstall x",
        "{if: failure(), run: 'kubectl apply -f old'}",
    ]
    job, graph = opened({W: cd(*steps)})
    assert Role.DEPLOY in pipelines.roles_of_job(job, graph)
    assert pipelines.deployments(job, graph) == ()


def test_actions_that_call_each_other_end() -> None:
    loop = {
        f".github/actions/{one}/action.yml": "runs:\n  using: composite\n  steps:\n"
        f"    - uses: ./.github/actions/{other}\n"
        "    - run: kubectl apply -f k8s\n      shell: bash\n"
        for one, other in (("a", "b"), ("b", "a"))
    }
    assert len(acts({W: cd("uses: ./.github/actions/a"), **loop})) == 2


def test_findings_follow_an_edit_of_what_is_called() -> None:
    files = {
        W: cd("run: make ship", more="    environment: production\n"),
        "Makefile": "ship:\n\techo nothing\n",
    }
    project = open_project(files)

    def rules() -> set[str]:
        return {one.rule.name for one in project.engine.findings(W)}

    assert "unserialised-deploy" not in rules()
    project.replace({"Makefile": "ship:\n\tkubectl apply -f k8s\n"})
    assert "unserialised-deploy" in rules()
    project.replace({"Makefile": "ship:\n\techo nothing\n"})
    assert "unserialised-deploy" not in rules()


def test_findings_follow_an_edit_of_the_caller() -> None:
    project = open_project({W: CALLER.format(top="", environment="production"), S: CALLEE})

    def rules() -> set[str]:
        return {one.rule.name for one in project.engine.findings(S)}

    assert "unserialised-deploy" in rules()
    project.replace({W: CALLER.format(top="concurrency: prod\n", environment="production")})
    assert "unserialised-deploy" not in rules()
