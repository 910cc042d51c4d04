"""Workflows and composite actions: what is written, what it amounts to, where it stands."""

import time
from textwrap import dedent
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsafe.artefacts.base import Artefact
from rollsafe.artefacts.expressions import conjuncts
from rollsafe.artefacts.github_workflow import (
    GithubAction,
    GithubWorkflow,
    Job,
    Step,
    Workflow,
    environment_names,
    recognise,
)
from rollsafe.artefacts.recognition import EnvironmentKind, Role
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.yaml import read_yaml
from rollsafe.text.cached import cached_property

PATH = ".github/workflows/deploy.yml"

PIPELINE = """\
name: Pipeline
on:
  push:
    branches: [main]
    paths: ['src/**']
  workflow_dispatch:
    inputs:
      environment:
        type: choice
        options: [staging, production]
permissions:
  contents: read
concurrency:
  group: deploy-${{ github.ref }}
  cancel-in-progress: true
env:
  REGION: eu
defaults:
  run:
    working-directory: app
jobs:
  test:
    runs-on: ubuntu-latest
    services:
      db: postgres:16
    steps:
      - uses: actions/checkout@v4
      - run: |
          bin/rails db:schema:load
          bundle exec rspec
  build:
    needs: test
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v6
        with: {push: true, tags: "web:${{ github.sha }}"}
  deploy:
    name: Production
    needs: [build]
    if: github.ref == 'refs/heads/main' && always()
    environment:
      name: production
      url: https://x
    concurrency: deploy
    timeout-minutes: 30
    runs-on: ubuntu-latest
    steps:
      - id: migrate
        name: Migrate
        run: bin/rails db:migrate
        env: {DATABASE_URL: "${{ secrets.DATABASE_URL }}"}
      - name: Roll out
        run: |
          # kubectl delete ns shop
          helm upgrade --install web ./chart \\
            --namespace prod
          kubectl rollout status deploy/web || true
        continue-on-error: true
      - run: ./scripts/smoke.sh
        working-directory: ci
      - if: failure()
        run: helm rollback web
      - if: false
        run: terraform destroy
  smoke:
    needs: [deploy]
    uses: ./.github/workflows/smoke.yml
    with: {url: https://x}
    secrets: inherit
"""


def read(text: str, path: str = PATH) -> Artefact | None:
    return recognise(SourceFile(path, text), read_yaml(text))


def workflow(text: str, path: str = PATH) -> Workflow:
    artefact = read(text, path)
    assert isinstance(artefact, GithubWorkflow)
    return artefact.workflow


def job(text: str, id_: str = "j") -> Job:
    found = workflow(text).job(id_)
    assert found is not None
    return found


def job_with(steps: str, head: str = "", on: str = "push") -> Job:
    """Return a job of these steps (YAML list) below `head`, its other keys."""
    body = dedent(head).strip("\n").replace("\n", "\n    ") or "runs-on: x"
    listed = dedent(steps).strip("\n").replace("\n", "\n      ")
    return job(f"on: {on}\njobs:\n  j:\n    {body}\n    steps:\n      {listed}\n")


def places_of(value: object) -> list[object]:
    """Return what may be a place in an answer: the answer itself, or the entries of a list."""
    return [*cast("list[object]", value)] if isinstance(value, list) else [value]


def ask_everything(artefact: Artefact) -> None:
    """Ask every element for everything; the places answered lie within the file."""
    size = len(artefact.file.text)
    for element in artefact.elements:
        list(element.graph_keys())
        asked = (name for name in dir(type(element)) if not name.startswith("_"))
        for name in asked:
            if isinstance(getattr(type(element), name), property | cached_property):
                for place in places_of(getattr(element, name)):
                    for end in (getattr(place, "start", 0), getattr(place, "end", 0)):
                        assert 0 <= cast("int", end) <= size


# -- as written


def test_a_workflow_has_triggers_jobs_and_settings() -> None:
    found = workflow(PIPELINE)
    assert found.name == "Pipeline"
    assert found.has_event("push")
    assert not found.has_event("schedule", "release")
    assert (found.triggers["push"].branches, found.triggers["push"].paths) == (["main"], ["src/**"])
    assert list(found.triggers["workflow_dispatch"].inputs) == ["environment"]
    assert found.env == {"REGION": "eu"}
    assert [one.id for one in found.jobs] == ["test", "build", "deploy", "smoke"]
    concurrency, permissions = found.concurrency, found.permissions
    assert concurrency is not None
    assert permissions is not None
    assert (concurrency.group, concurrency.cancel) == ("deploy-${{ github.ref }}", "true")
    assert (permissions.level("contents"), permissions.allows_writing("id-token")) == ("read", False)
    assert f"path:{PATH}" in list(found.graph_keys())


@pytest.mark.parametrize(
    ("on", "events"),
    [
        ("push", ["push"]),
        ("[push, pull_request]", ["push", "pull_request"]),
        ("{push: {branches: main}, workflow_dispatch: }", ["push", "workflow_dispatch"]),
        ("", []),
    ],
)
@pytest.mark.parametrize("key", ["on", "'on'", '"on"'])
def test_triggers_have_three_forms(key: str, on: str, events: list[str]) -> None:
    found = workflow(f"{key}: {on}\njobs: {{}}\n")
    assert list(found.triggers) == events
    assert found.on_key is not None


def test_a_job_is_read() -> None:
    deploy = job(PIPELINE, "deploy")
    assert (deploy.name, deploy.timeout, deploy.runs_on) == ("Production", 30, ["ubuntu-latest"])
    assert [need.id for need in deploy.needs] == ["build"]
    environment, concurrency = deploy.environment, deploy.concurrency
    assert environment is not None
    assert concurrency is not None
    assert (environment.name, environment.url and environment.url.text) == ("production", "https://x")
    assert (concurrency.group, concurrency.cancel, concurrency.cancel_node) == ("deploy", "", None)
    smoke = job(PIPELINE, "smoke")
    assert smoke.uses is not None
    assert smoke.uses.is_local
    assert smoke.inputs == {"url": "https://x"}


def test_a_step_is_read() -> None:
    migrate, rollout, script, *_ = job(PIPELINE, "deploy").steps
    assert (migrate.id, migrate.label, migrate.env) == (
        "migrate",
        "Migrate",
        {"DATABASE_URL": "${{ secrets.DATABASE_URL }}"},
    )
    assert rollout.continue_on_error is not None
    assert (rollout.directory, script.directory) == ("app", "ci")
    assert (script.label, script.uses) == ("./scripts/smoke.sh", None)


def test_a_condition_points_into_the_file() -> None:
    deploy = job(PIPELINE, "deploy")
    assert deploy.if_ is not None
    last = conjuncts(deploy.if_.condition.root)[-1]
    assert deploy.file.slice(deploy.if_.place(last)) == "always()"


def test_commands_stand_where_they_are_written() -> None:
    step = job(PIPELINE, "deploy").steps[1]
    upgrade, status, swallow = step.commands
    assert step.file.slice(upgrade).startswith("helm upgrade --install web")
    namespace = upgrade.flag("--namespace")
    assert namespace is not None
    assert (step.file.slice(namespace), step.file.line_number(namespace)) == ("--namespace", 56)
    assert (status.or_true, swallow.name) == (True, "true")


@pytest.mark.parametrize(
    ("uses", "parts", "ref"),
    [
        ("actions/checkout@v4", ("actions", "checkout", "", "v4"), "v4"),
        ("'o/r/sub/dir@main'", ("o", "r", "sub/dir", "main"), "main"),
        ("o/r", ("o", "r", "", ""), ""),
        ("./local", ("", "", "", ""), ""),
        ("docker://alpine:3", ("", "", "", ""), ""),
        ("o/r/.github/workflows/x.yml@abc # v1", ("o", "r", ".github/workflows/x.yml", "abc"), "abc"),
    ],
)
def test_references_to_actions(uses: str, parts: tuple[str, ...], ref: str) -> None:
    step = job_with(f"- uses: {uses}").steps[0]
    found = step.uses
    assert found is not None
    assert (found.owner, found.repo, found.path, found.ref) == parts
    assert (step.file.slice(found.ref_span) if found.ref_span else "") == ref


def test_a_matrix_knows_its_legs() -> None:
    matrix = job_with(
        "- run: x",
        """
        strategy:
          fail-fast: false
          max-parallel: 1
          matrix:
            region: [eu, us]
            size: [1, 2]
            include: [{region: ap}]
        """,
    )
    assert matrix.matrix is not None
    assert (matrix.matrix.keys, matrix.matrix.legs) == (["region", "size"], 5)
    assert matrix.matrix.values("region") == ["eu", "us", "ap"]
    assert (matrix.fail_fast, matrix.max_parallel) == (False, 1)
    dynamic = job_with("- run: x", "strategy: {matrix: {r: '${{ fromJSON(x) }}'}}")
    assert dynamic.matrix is not None
    assert (dynamic.matrix.is_dynamic, dynamic.matrix.legs) == (True, None)


# -- what it amounts to


def test_roles_of_a_pipeline() -> None:
    found = {one.id: one for one in workflow(PIPELINE).jobs}
    assert found["test"].roles == {Role.TEST}
    assert (found["test"].tests, found["deploy"].tests, found["smoke"].tests) == (True, False, False)
    assert found["build"].roles == {Role.BUILD, Role.PUBLISH}
    deploy = found["deploy"]
    assert {Role.DEPLOY, Role.MIGRATE, Role.VERIFY, Role.ROLLBACK} <= deploy.roles
    assert Role.TEARDOWN not in deploy.roles
    assert (deploy.deploys, deploy.deploys_certainly, deploy.migrates) == (True, True, True)
    assert (deploy.verifies, deploy.rolls_back) == (True, True)
    assert [one.id for one in workflow(PIPELINE).deploying_jobs] == ["deploy"]


def test_activities_are_in_order_and_point_at_their_command() -> None:
    deploy = job(PIPELINE, "deploy")
    tools = [(one.classification.tool, deploy.file.slice(one).split()[0]) for one in deploy.activities]
    assert tools == [
        ("rails", "bin/rails"),
        ("helm", "helm"),
        ("kubectl", "kubectl"),
        ("file", "./scripts/smoke.sh"),
        ("helm", "helm"),
    ]


def test_jobs_know_each_other() -> None:
    found = workflow(PIPELINE)
    deploy = job(PIPELINE, "deploy")
    assert [one.id for one in deploy.needs_closure] == ["build", "test"]
    assert [one.id for one in deploy.dependants] == ["smoke"]
    assert found.job("DEPLOY") is not None
    assert found.job("nope") is None


def test_a_cycle_of_needs_ends() -> None:
    first = job("on: push\njobs:\n  j: {needs: k}\n  k: {needs: [j, missing]}\n")
    assert [one.id for one in first.needs_closure] == ["k"]
    assert [one.id for one in first.dependants] == ["k"]


@pytest.mark.parametrize(
    ("steps", "head"),
    [
        ("- run: kind create cluster\n- run: kubectl apply -f x", ""),
        ("- uses: helm/kind-action@v1\n- run: helm install x y", ""),
        ("- run: docker compose up -d", ""),
        ("- run: aws s3 sync dist s3://x", ""),
        ("- run: kubectl apply -f x\n  if: false", ""),
        ("- run: kubectl apply -f x", "if: ${{ false }}"),
        ("- run: import os\n  shell: python", ""),
        ("- name: kubectl apply -f x\n  run: 'true'", "name: Deploy with helm upgrade"),
        ("- run: systemctl restart web", "runs-on: ubuntu-latest"),
    ],
)
def test_what_is_no_deployment_here(steps: str, head: str) -> None:
    assert not job_with(steps, head).deploys


@pytest.mark.parametrize(
    ("steps", "head"),
    [
        ("- run: docker context use prod\n- run: docker compose up -d", ""),
        ("- run: docker compose up -d", "env: {DOCKER_HOST: 'ssh://h'}"),
        ("- run: aws s3 sync dist s3://x\n- run: aws cloudfront create-invalidation", ""),
        ("- run: sudo systemctl restart web", "runs-on: [self-hosted, linux]"),
        (
            "- uses: appleboy/ssh-action@v1\n  with:\n    script: |\n      cd x\n      docker compose up -d",
            "",
        ),
        ("- uses: nick-fields/retry@v3\n  with: {command: terraform apply -auto-approve}", ""),
        ("- run: kubectl apply `\n    -f x", "runs-on: windows-latest"),
        ("- uses: ./.github/actions/deploy", ""),
        ('- run: |\n    DC="docker compose"\n    ssh h <<X\n    docker compose pull\n    X', ""),
    ],
)
def test_what_is_a_deployment_here(steps: str, head: str) -> None:
    assert job_with(steps, head).deploys


@pytest.mark.parametrize(
    ("steps", "head", "migrates"),
    [
        ("- run: alembic upgrade head", "", True),
        ("- run: alembic upgrade head", "services: {db: {image: 'postgres:16'}}", False),
        ("- run: alembic upgrade head", "services: {cache: 'memcached'}", True),
        ("- run: alembic upgrade head\n  env: {DATABASE_URL: 'postgres://localhost/x'}", "", False),
        ("- run: DATABASE_URL=postgres://localhost/x alembic upgrade head", "", False),
        ("- run: rails db:migrate", "env: {RAILS_ENV: test}", False),
        ("- run: alembic upgrade head\n- run: pytest", "", False),
        ("- run: alembic upgrade head\n- run: fly deploy\n- run: npx playwright test", "", True),
        ("- run: docker compose up -d db\n- run: alembic upgrade head", "", False),
        (
            "- run: alembic upgrade head\n- run: pytest",
            "services: {db: 'postgres:16'}\nenv: {DB_URL: '${{ secrets.PROD_DB_URL }}'}",
            True,
        ),
    ],
)
def test_only_databases_that_stay_are_migrated(steps: str, head: str, migrates: bool) -> None:
    assert job_with(steps, head).migrates is migrates


@pytest.mark.parametrize(
    ("steps", "verifies"),
    [
        ("- run: kubectl apply -f x", False),
        ("- run: kubectl apply -f x\n- run: kubectl rollout status deploy/x", True),
        ("- run: helm upgrade x y --wait", True),
        ("- run: kubectl apply -f x\n- run: npx playwright test", True),
        ("- run: npm test\n- run: kubectl apply -f x", False),
        ("- run: gcloud run deploy x", True),
    ],
)
def test_verification_comes_with_or_after_the_deployment(steps: str, verifies: bool) -> None:
    assert job_with(steps).verifies is verifies


@pytest.mark.parametrize(
    ("steps", "head", "back"),
    [
        ("- run: kubectl apply -f x", "", False),
        ("- run: helm upgrade x y --atomic", "", True),
        ("- run: kubectl apply -f x\n- if: failure()\n  run: kubectl rollout undo deploy/x", "", True),
        ("- run: kubectl apply -f x\n- if: failure()\n  run: kubectl apply -f old", "", True),
        ("- run: kubectl apply -f old", "if: failure()", True),
        ("- run: kubectl apply -f old", "name: Rollback", True),
        ("- run: kubectl apply -f x\n- if: always()\n  run: kubectl apply -f y", "", False),
    ],
)
def test_ways_back(steps: str, head: str, back: bool) -> None:
    assert job_with(steps, head).rolls_back is back


@pytest.mark.parametrize(
    ("steps", "head", "on", "kind", "strong"),
    [
        ("- run: fly deploy", "environment: production", "push", "production", True),
        ("- run: fly deploy", "environment: {name: Live}", "push", "production", True),
        ("- run: fly deploy", "environment: staging", "push", "staging", True),
        ("- run: vercel --prod", "environment: staging", "push", "staging", True),
        ("- run: vercel --prod", "", "push", "production", True),
        ("- run: terraform workspace select prod\n- run: terraform apply", "", "push", "production", True),
        ("- run: terraform apply", "env: {TF_WORKSPACE: prod}", "push", "production", True),
        ("- run: kubectl apply -k overlays/staging", "name: Production", "push", "staging", True),
        ("- run: kubectl apply -f x", "name: prod", "{push: {branches: [main]}}", "production", False),
        ("- run: kubectl apply -f x", "", "{push: {branches: [main]}}", "production", False),
        ("- run: kubectl apply -f x", "", "push", "unknown", False),
        ("- run: kubectl apply -f x", "name: e2e tests", "{push: {branches: [main]}}", "unknown", False),
        ("- run: kubectl apply -f x", "name: staging", "{push: {branches: [main]}}", "staging", False),
        ("- run: kubectl apply -f x", "", "pull_request", "preview", False),
        (
            "- run: kubectl apply -f x\n  env: {T: '${{ secrets.PROD_TOKEN }}'}",
            "name: prod",
            "push",
            "production",
            False,
        ),
        (
            "- run: kubectl apply -f x",
            "environment: ${{ matrix.to }}\nstrategy: {matrix: {to: [dev, prod]}}",
            "push",
            "production",
            True,
        ),
        (
            "- uses: ./.github/actions/deploy\n  with: {environment: '${{ inputs.to }}'}",
            "",
            "{workflow_dispatch: {inputs: {to: {options: [staging, production]}}}}",
            "production",
            True,
        ),
        ("- uses: ./.github/actions/deploy\n  with: {production: true}", "", "push", "production", True),
        ("- run: RAILS_ENV=production rails assets:precompile", "", "push", "unknown", False),
        ("- run: echo --prod", "", "push", "unknown", False),
    ],
)
def test_where_a_job_deploys_to(steps: str, head: str, on: str, kind: str, strong: bool) -> None:
    production = job_with(steps, head, on).production
    assert (production.kind, production.strong) == (EnvironmentKind(kind), strong)


def test_two_leaning_jobs_are_not_production() -> None:
    jobs = "jobs:\n  j: {steps: [{run: fly deploy}]}\n  k: {steps: [{run: fly deploy}]}\n"
    text = f"on: {{push: {{branches: [main]}}}}\n{jobs}"
    assert job(text).production.kind is EnvironmentKind.UNKNOWN


def test_signs_of_production_point_into_the_file() -> None:
    deploy = job(PIPELINE, "deploy")
    assert deploy.production.is_production
    places = [deploy.file.slice(one.where) for one in deploy.production.signals if one.where is not None]
    assert places[0] == "production"
    assert "prod" in places


def test_names_of_environments() -> None:
    text = "environment: ${{ matrix.to }}\nstrategy: {matrix: {include: [{to: a}, {to: b}]}}"
    assert environment_names(job_with("- run: x", text)) == ["a", "b"]
    assert environment_names(job_with("- run: x", "environment: ${{ needs.x.outputs.y }}")) == [
        "${{ needs.x.outputs.y }}"
    ]
    assert environment_names(job_with("- run: x")) == []


def test_calls_of_other_files() -> None:
    text = """\
    on: push
    defaults: {run: {working-directory: app}}
    jobs:
      j:
        steps:
          - uses: ./.github/actions/setup
          - run: cd sub && make deploy && npm run build
          - run: ./ci/x.sh
            working-directory: .
          - run: make x
            working-directory: ${{ matrix.dir }}
      k: {uses: ./.github/workflows/k.yml}
      l: {uses: o/r/.github/workflows/l.yml@v1}
    """
    root = workflow(dedent(text), "web/.github/workflows/x.yml")
    keys = [one.key for step in root.jobs[0].steps for one in step.indirections]
    assert keys == [
        "path:web/.github/actions/setup",
        "make:web/app/sub#deploy",
        "script:web/app/sub#build",
        "path:web/ci/x.sh",
        None,
    ]
    calls = [one.indirection for one in root.jobs[1:]]
    assert [call and call.key for call in calls] == ["path:web/.github/workflows/k.yml", None]


# -- recognition


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        (".github/workflows/x.yml", "on: push\njobs: {}\n", "github-workflow"),
        ("sub/.github/workflows/x.yaml", "", "github-workflow"),
        (".forgejo/workflows/x.yml", "jobs: {}", "github-workflow"),
        ("ci/x.yml", "on: push\njobs: {}\n", "github-workflow"),
        ("ci/x.yml", "jobs: {}\n", None),
        ("ci/x.yml", "- on\n", None),
        ("action.yml", "runs: {using: composite, steps: []}\n", "github-action"),
        (".github/actions/x/action.yaml", "runs: {using: node20}\n", "github-action"),
        ("action.yml", "name: x\n", None),
        (".github/dependabot.yml", "version: 2\n", None),
    ],
)
def test_files_are_recognised_by_path_or_content(path: str, text: str, kind: str | None) -> None:
    artefact = read(text, path)
    assert (artefact.kind if artefact else None) == kind


def test_a_composite_action() -> None:
    text = """\
    name: deploy
    inputs: {environment: {required: true}}
    runs:
      using: composite
      steps:
        - shell: bash
          run: helm upgrade x y
        - uses: ./.github/actions/smoke
    """
    artefact = read(dedent(text), ".github/actions/deploy/action.yml")
    assert isinstance(artefact, GithubAction)
    action = artefact.action
    assert list(action.graph_keys()) == [
        "path:.github/actions/deploy/action.yml",
        "path:.github/actions/deploy",
    ]
    assert (action.using, list(action.inputs)) == ("composite", ["environment"])
    assert set(action.roles) == {Role.DEPLOY, Role.VERIFY}
    assert [one.key for one in action.steps[1].indirections] == ["path:.github/actions/smoke"]


def test_elements_are_the_workflow_its_jobs_and_their_steps() -> None:
    artefact = read(PIPELINE)
    assert artefact is not None
    kinds = [type(element) for element in artefact.elements]
    assert (kinds.count(Workflow), kinds.count(Job), kinds.count(Step)) == (1, 4, 8)


def test_aliases_and_merges_are_followed() -> None:
    text = """\
    on: push
    x: &common {runs-on: ubuntu-latest, timeout-minutes: 5}
    jobs:
      j:
        <<: *common
        steps:
          - &step {run: helm upgrade a b}
          - *step
    """
    found = job(dedent(text))
    assert (found.timeout, found.runs_on) == (5, ["ubuntu-latest"])
    assert [found.file.slice(one) for one in found.activities] == ["helm upgrade a b"] * 2


@given(st.integers(0, len(PIPELINE)), st.integers(0, 60))
def test_half_typed_workflows_answer_every_question(start: int, length: int) -> None:
    text = PIPELINE[:start] + PIPELINE[start + length :]
    artefact = read(text)
    assert artefact is not None
    ask_everything(artefact)


@given(st.text("on: jobs\n -{}[]'\"|>&*!%#\t\0\ud800é", max_size=60))
def test_nothing_raises(text: str) -> None:
    for path in (PATH, "action.yml"):
        artefact = read(text, path)
        if artefact is not None:
            ask_everything(artefact)


def test_reading_again_costs_little() -> None:
    steps = "".join(
        f"      - name: s{at}\n        run: |\n          echo {at}\n          kubectl apply -f k{at}\n"
        for at in range(400)
    )
    text = f"on: push\njobs:\n  j:\n    steps:\n{steps}"
    tree = read_yaml(text)

    def view() -> float:
        start = time.process_time()
        artefact = recognise(SourceFile(PATH, text), tree)
        assert isinstance(artefact, GithubWorkflow)
        assert artefact.workflow.jobs[0].deploys
        return time.process_time() - start

    view()
    assert min(view() for _ in range(5)) < 1
