"""Deployments as projects write them: what each goes to, what it says of a failure, what it leaves behind."""

import pytest

from rollsafe.workspace.settings import Settings
from tests.checking import check, check_rule, open_project
from tests.hazards import azure, circleci, gitlab

W = ".github/workflows/cd.yml"
_MAIN = "push: {branches: [main]}"


def workflow(*steps: str, events: str = _MAIN) -> dict[str, str]:
    lines = "".join(f"      - {step}\n" for step in steps)
    return {W: f"on: {{{events}}}\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n    steps:\n{lines}"}


def told(rule: str, files: dict[str, str]) -> list[tuple[str, int]]:
    return [(one.path, one.line) for one in check_rule(rule, files)]


def messages(rule: str, files: dict[str, str]) -> list[str]:
    found = open_project(files, Settings(level="pedantic")).engine.all_findings()
    return [one.message for one in found if one.rule.name == rule]


_PREVIEW = "{if: github.event_name == 'pull_request', run: netlify deploy --dir=dist --alias=pr-1}"
_RELEASE = "{if: github.ref == 'refs/heads/main', run: netlify deploy --dir=dist --prod}"
_BOTH = f"{_MAIN}, pull_request: {{}}"


def test_a_preview_beside_the_release_goes_to_no_production() -> None:
    assert told("deploy-on-pull-request", workflow(_PREVIEW, _RELEASE, events=_BOTH)) == []
    bare = "run: netlify deploy --dir=dist --prod"
    assert told("deploy-on-pull-request", workflow(_PREVIEW, bare, events=_BOTH)) == [(W, 3)]


def test_a_preview_by_an_action_goes_to_no_production() -> None:
    preview = "{if: github.event_name == 'pull_request', uses: amondnet/vercel-action@v25, with: {scope: a}}"
    release = (
        "{if: github.event_name == 'push', uses: amondnet/vercel-action@v25, with: {vercel-args: --prod}}"
    )
    assert told("deploy-on-pull-request", workflow(preview, release, events=_BOTH)) == []
    always = "{uses: amondnet/vercel-action@v25, with: {vercel-args: --prod}}"
    assert told("deploy-on-pull-request", workflow(preview, always, events=_BOTH)) == [(W, 3)]


@pytest.mark.parametrize(
    ("step", "more"),
    [
        ("run: npm run ship", {"package.json": '{"scripts": {"ship": "sls deploy --stage prod"}}'}),
        ("run: ./ship.sh", {"ship.sh": "#!/bin/sh\nhelm upgrade -n production web ./chart\n"}),
        ("run: make ship", {"Makefile": "ship:\n\tkubectl apply -k overlays/production\n"}),
    ],
)
def test_a_script_tells_where_it_deploys_to(step: str, more: dict[str, str]) -> None:
    name = "production-deploy-without-environment"
    files = {**workflow(step, events="workflow_dispatch: {}"), **more}
    assert told(name, files) == [(W, 3)]
    assert told(name, {path: text.replace("prod", "stag") for path, text in files.items()}) == []


def test_a_script_for_several_places_tells_nothing() -> None:
    both = {
        "ship.sh": "#!/bin/sh\nhelm upgrade -n staging web ./chart\nhelm upgrade -n production web ./chart\n"
    }
    files = {**workflow("run: ./ship.sh", events="workflow_dispatch: {}"), **both}
    assert told("production-deploy-without-environment", files) == []


def test_an_environment_that_a_caller_may_choose_is_left_open() -> None:
    makefile = "ENV ?= staging\nKUBECTL ?= kubectl\nship:\n\t$(KUBECTL) apply -k overlays/$(ENV)\n"
    pipeline = "ship:\n  environment: production\n  script: [make ship ENV=production]\n"
    said = messages("unverified-deploy", {gitlab.PATH: pipeline, "Makefile": makefile})
    assert len(said) == 1
    assert "`kubectl apply -k overlays/${ENV}`" in said[0]


@pytest.mark.parametrize(
    ("deploy", "migrate"),
    [
        ("vercel deploy --prod --token=${{ secrets.TOKEN }}", "npx prisma migrate deploy"),
        (
            "git push https://heroku:${{ secrets.KEY }}@git.heroku.com/shop.git HEAD:main",
            "heroku run --exit-code rails db:migrate",
        ),
    ],
)
def test_a_secret_in_a_deployment_makes_it_no_preparation(deploy: str, migrate: str) -> None:
    late = workflow(f"run: {deploy}", f"run: {migrate}")
    assert told("migration-after-deploy", late) == [(W, 7)]
    assert told("migration-after-deploy", workflow(f"run: {migrate}", f"run: {deploy}")) == []


def test_secrets_of_a_cluster_are_a_preparation() -> None:
    steps = "run: kubectl apply -f k8s/secrets.yaml", "run: alembic upgrade head"
    assert told("migration-after-deploy", workflow(*steps)) == []


def test_jobs_of_cloud_run_need_no_way_back() -> None:
    steps = (
        "run: gcloud run jobs update migrate --image a:1",
        "run: gcloud run jobs execute migrate --wait",
        "run: gcloud run deploy shop-production --image a:1",
    )
    assert told("deploy-without-way-back", workflow(*steps)) == []
    other = "run: kubectl -n production set image deployment/shop shop=a:1"
    assert told("deploy-without-way-back", workflow(*steps, other)) == [(W, 3)]


@pytest.mark.parametrize("flag", ["--exit-code", "-x"])
def test_heroku_run_has_to_be_told_to_pass_a_failure_on(flag: str) -> None:
    bare = workflow("run: heroku run -a shop rails db:migrate")
    assert told("swallowed-failure", bare) == [(W, 6)]
    assert told("swallowed-failure", workflow(f"run: heroku run -a shop {flag} rails db:migrate")) == []
    pipeline = "ship:\n  script:\n    - heroku run -a shop FLAG rails db:migrate\n"
    assert told("swallowed-failure", {gitlab.PATH: pipeline.replace("FLAG ", "")}) == [(gitlab.PATH, 3)]
    assert told("swallowed-failure", {gitlab.PATH: pipeline.replace("FLAG", flag)}) == []


def test_the_flag_of_heroku_run_is_put_in() -> None:
    project = open_project(workflow("run: heroku run -a shop rails db:migrate"))
    found = next(one for one in project.engine.all_findings() if one.rule.name == "swallowed-failure")
    assert [edit.text for edit in found.fixes[0].edits] == [" --exit-code"]


_TASK = """\
run: |
          TASK=$(aws ecs run-task --task-definition migrate --query 'tasks[0].taskArn' --output text)
          aws ecs wait tasks-stopped --tasks "$TASK"
"""


def test_a_task_that_stopped_may_have_failed() -> None:
    files = workflow(_TASK)
    assert told("swallowed-failure", files) == [(W, 7)]
    looks = 'test "$(aws ecs describe-tasks --tasks "$TASK" --query \'tasks[0].containers[0].exitCode\')" = 0'
    assert told("swallowed-failure", {W: f"{files[W]}          {looks}\n"}) == []


_ROLLOUT = """\
version: 2.1
jobs:
  deploy-prod:
    docker: [{image: cimg/base:2025.01}]
    steps:
      - run: |
          kubectl -n prod set image deployment/api api=acme/api:1
          kubectl -n prod rollout status deployment/api || true
workflows:
  cd:
    jobs:
      - deploy-prod: {filters: {branches: {only: main}}}
"""


def test_a_check_that_cannot_fail_is_told_everywhere() -> None:
    assert told("swallowed-failure", {circleci.PATH: _ROLLOUT}) == [(circleci.PATH, 8)]
    assert told("swallowed-failure", {circleci.PATH: _ROLLOUT.replace(" || true", "")}) == []
    polled = "until kubectl -n prod rollout status deployment/api || true; do sleep 1; done"
    text = _ROLLOUT.replace("kubectl -n prod rollout status deployment/api || true", polled)
    assert told("swallowed-failure", {circleci.PATH: text}) == []


@pytest.mark.parametrize(
    ("command", "lines"),
    [
        ("docker volume prune --all --force", [7]),
        ("docker volume prune -af", [7]),
        ("docker volume prune -f", []),
        ("docker system prune -af --volumes", []),
    ],
)
def test_volumes_with_a_name_survive_all_but_one_command(command: str, lines: list[int]) -> None:
    files = workflow(
        "run: ssh production.example 'docker compose up -d'", f"run: ssh production.example '{command}'"
    )
    assert told("destructive-database-command", files) == [(W, line) for line in lines]


def test_a_task_is_called_by_its_name() -> None:
    steps = "- task: HelmDeploy@1\n  inputs: {command: upgrade, chartPath: chart}\n"
    steps += '- script: dotnet ef database update --connection "$(ProdConnection)"\n'
    text = f"trigger: [main]\npool: {{vmImage: ubuntu-22.04}}\nsteps:\n{steps}"
    found = [one.message for one in check({azure.PATH: text}) if one.rule == "migration-after-deploy"]
    assert [message.partition(" runs after ")[2] for message in found] == [
        "`HelmDeploy upgrade` has put the new version live"
    ]


_KEY = "AWS_SECRET_ACCESS_KEY: '${{ secrets.AWS_SECRET_ACCESS_KEY }}'"


def test_a_stored_key_may_come_by_the_environment() -> None:
    name = "long-lived-cloud-key"
    apply = "run: aws ecs update-service --service shop"
    assert told(name, workflow(f"{{{apply}, env: {{{_KEY}}}}}")) == [(W, 6)]
    above = workflow(apply)[W].replace("jobs:", f"env:\n  {_KEY}\njobs:")
    assert told(name, {W: above}) == [(W, 3)]
    assert told(name, {W: above.replace("secrets.AWS", "steps.login.outputs.AWS")}) == []
    spaces = apply.replace("aws", "aws --endpoint-url https://store.example")
    assert told(name, {W: above.replace(apply, spaces)}) == []
