"""Hazards of deployments in pipelines of GitLab, CircleCI and Azure."""

import pytest

from rollsafe.workspace.settings import Settings
from tests.checking import check_rule, open_project, seen

GITLAB, CIRCLE, AZURE = ".gitlab-ci.yml", ".circleci/config.yml", "azure-pipelines.yml"

_HEAD = "stages: [test, deploy]\nunit:\n  stage: test\n  script: [pytest]\n"
_ON_CHANGE = "rules:\n  - if: $CI_PIPELINE_SOURCE == 'merge_request_event'\n"
_APPLY = "    - kubectl apply -f k8s\n"


def gitlab(more: str = "", script: str = _APPLY, head: str = _HEAD) -> dict[str, str]:
    """Return a pipeline with a production job that holds `more`, each line an entry."""
    entries = "".join(f"  {line}\n" for line in more.splitlines())
    return {
        GITLAB: f"{head}production:\n  stage: deploy\n  environment: production\n{entries}  script:\n{script}"
    }


def circle(requires: str = "", run: str = "kubectl apply -f k8s", more: str = "") -> dict[str, str]:
    jobs = "jobs:\n  unit:\n    steps: [{run: pytest}]\n"
    jobs += f"  deploy-production:\n    steps:\n      - run: {run}\n"
    entry = f"      - deploy-production:\n          context: aws\n{requires}{more}"
    return {CIRCLE: f"version: 2.1\n{jobs}workflows:\n  cd:\n    jobs:\n      - unit\n{entry}"}


def azure(deploy: str = "", script: str = "kubectl apply -f k8s") -> dict[str, str]:
    """Return two stages; `deploy` holds entries of the second."""
    entries = "".join(f"    {line}\n" for line in deploy.splitlines())
    return {
        AZURE: "trigger: [main]\nstages:\n  - stage: Test\n    jobs:\n      - job: unit\n"
        "        steps: [{script: pytest}]\n"
        f"  - stage: Production\n{entries}    jobs:\n      - deployment: web\n"
        "        environment: production\n"
        "        strategy:\n          runOnce:\n            deploy:\n              steps:\n"
        "                - bash: |\n"
        + "".join(f"                    {line}\n" for line in script.splitlines())
    }


def lines(rule: str, files: dict[str, str]) -> list[int]:
    return [one.line for one in check_rule(rule, files)]


def texts(rule: str, files: dict[str, str]) -> list[str]:
    (path,) = (one for one in files if one in (GITLAB, CIRCLE, AZURE))
    rows = files[path].splitlines()
    return [rows[line - 1].strip() for line in lines(rule, files)]


@pytest.mark.parametrize(
    ("rule", "files", "at"),
    [
        ("cancellable-deploy", gitlab("interruptible: true"), ["interruptible: true"]),
        ("cancellable-deploy", gitlab("interruptible: false"), []),
        ("cancellable-deploy", gitlab(head="default: {interruptible: true}\n" + _HEAD), ["production:"]),
        ("unserialised-deploy", gitlab(), ["production:"]),
        ("unserialised-deploy", gitlab("resource_group: production"), []),
        ("unserialised-deploy", gitlab("extends: .shared"), []),
        ("unserialised-deploy", azure(), []),
        (
            "ref-keyed-deploy-concurrency",
            gitlab("resource_group: deploy-$CI_COMMIT_REF_SLUG"),
            ["resource_group: deploy-$CI_COMMIT_REF_SLUG"],
        ),
        ("ref-keyed-deploy-concurrency", gitlab("resource_group: production"), []),
        ("deploy-without-tests", gitlab("needs: []"), ["production:"]),
        ("deploy-without-tests", gitlab(), []),
        ("deploy-without-tests", circle(), ["- deploy-production:"]),
        ("deploy-without-tests", circle("          requires: [unit]\n"), []),
        ("deploy-without-tests", azure("dependsOn: []"), ["- deployment: web"]),
        ("deploy-without-tests", azure(), []),
        ("disarmed-gate", gitlab("when: always"), ["when: always"]),
        ("disarmed-gate", gitlab("when: manual"), []),
        (
            "disarmed-gate",
            azure("condition: eq(variables['Build.SourceBranch'], 'refs/heads/main')"),
            ["condition: eq(variables['Build.SourceBranch'], 'refs/heads/main')"],
        ),
        ("disarmed-gate", azure("condition: always()"), ["condition: always()"]),
        ("disarmed-gate", azure("condition: and(succeeded(), eq(variables.x, 'y'))"), []),
        ("disarmed-gate", azure("condition: failed()"), []),
        (
            "disarmed-gate",
            circle("          requires:\n            - unit: [success, failed]\n"),
            ["- unit: [success, failed]"],
        ),
        (
            "deploy-on-pull-request",
            gitlab(_ON_CHANGE),
            ["- if: $CI_PIPELINE_SOURCE == 'merge_request_event'"],
        ),
        (
            "deploy-on-pull-request",
            gitlab(_ON_CHANGE + "    when: manual"),
            [],
        ),
        (
            "deploy-on-pull-request",
            gitlab(_ON_CHANGE + "    when: never\n  - when: always"),
            [],
        ),
        ("unverified-deploy", gitlab(), ["production:"]),
        ("unverified-deploy", gitlab(script=_APPLY + "    - kubectl rollout status deploy/web\n"), []),
        ("unverified-deploy", circle("          requires: [unit]\n"), ["- deploy-production:"]),
        ("swallowed-failure", gitlab("allow_failure: true"), ["allow_failure: true"]),
        (
            "swallowed-failure",
            gitlab(script="    - alembic upgrade head || true\n"),
            ["- alembic upgrade head || true"],
        ),
        ("swallowed-failure", gitlab(script="    - alembic upgrade head\n" + _APPLY), []),
        (
            "swallowed-failure",
            azure(script="alembic upgrade head\nkubectl apply -f k8s"),
            ["alembic upgrade head"],
        ),
        ("swallowed-failure", azure(script="set -e\nalembic upgrade head\nkubectl apply -f k8s"), []),
        ("swallowed-failure", azure(script="kubectl apply -f k8s"), []),
        ("retried-non-idempotent-step", gitlab("retry: 2", "    - alembic upgrade head\n"), ["retry: 2"]),
        ("retried-non-idempotent-step", gitlab("retry: 2"), []),
        (
            "retried-non-idempotent-step",
            gitlab("retry: {max: 2, when: runner_system_failure}", "    - alembic upgrade head\n"),
            [],
        ),
        (
            "helm-upgrade-without-atomic",
            gitlab(script="    - helm upgrade --install web ./chart\n"),
            ["- helm upgrade --install web ./chart"],
        ),
        ("helm-upgrade-without-atomic", gitlab(script="    - helm upgrade web ./chart --atomic\n"), []),
        (
            "destructive-verb-in-push-pipeline",
            gitlab(script="    - kubectl delete ns shop\n"),
            ["- kubectl delete ns shop"],
        ),
        ("destructive-verb-in-push-pipeline", gitlab("when: manual", "    - kubectl delete ns shop\n"), []),
        (
            "destructive-database-command",
            gitlab(script="    - npx prisma migrate reset --force\n"),
            ["- npx prisma migrate reset --force"],
        ),
        (
            "destructive-database-command",
            gitlab("services: [postgres:17]", "    - npx prisma migrate reset --force\n"),
            [],
        ),
        (
            "unlocked-terraform",
            gitlab(script="    - terraform apply -lock=false tfplan\n"),
            ["- terraform apply -lock=false tfplan"],
        ),
        (
            "timeout-before-verdict",
            gitlab("timeout: 5m", "    - kubectl rollout status deploy/web --timeout=10m\n" + _APPLY),
            ["timeout: 5m"],
        ),
        (
            "migration-after-deploy",
            gitlab(script="    - kubectl set image deploy/web web=x\n    - alembic upgrade head\n"),
            ["- alembic upgrade head"],
        ),
        (
            "migration-after-deploy",
            gitlab(script="    - alembic upgrade head\n    - kubectl set image deploy/web web=x\n"),
            [],
        ),
    ],
)
def test_where_a_hazard_is(rule: str, files: dict[str, str], at: list[str]) -> None:
    assert texts(rule, files) == at


@pytest.mark.parametrize(
    "environment", ["review/$CI_COMMIT_REF_SLUG", "{name: production, action: stop}", "preview"]
)
def test_what_is_no_release_is_left_alone(environment: str) -> None:
    files = gitlab("interruptible: true")
    files[GITLAB] = files[GITLAB].replace("environment: production", f"environment: {environment}")
    assert lines("cancellable-deploy", files) == []


def test_a_script_that_a_job_calls_is_looked_into() -> None:
    files = gitlab(script="    - ./ci/ship.sh\n")
    files["ci/ship.sh"] = "#!/bin/sh\nkubectl delete ns shop\nkubectl apply -f k8s\n"
    assert lines("destructive-verb-in-push-pipeline", files) == [5]


def test_jobs_that_share_a_script_are_told_of_once() -> None:
    shared = ".d: &d\n  - helm upgrade web ./chart\n"
    jobs = "".join(
        f"{name}:\n  stage: deploy\n  environment: {name}\n  script: *d\n" for name in ("prod", "live")
    )
    files = {GITLAB: _HEAD + shared + jobs}
    assert len(lines("helm-upgrade-without-atomic", files)) == 1


def test_a_check_that_cannot_go_back_does_not_replace_the_flag() -> None:
    script = "    - helm upgrade web ./chart\n    - curl --fail https://shop.example/health\n"
    assert texts("helm-upgrade-without-atomic", gitlab(script=script)) == ["- helm upgrade web ./chart"]
    back = "undo:\n  stage: deploy\n  when: on_failure\n  script: [helm rollback web]\n"
    files = gitlab(script=script)
    files[GITLAB] += back
    assert lines("helm-upgrade-without-atomic", files) == []


def test_what_a_pipeline_includes_is_read_with_it() -> None:
    files = {
        GITLAB: "include: [{local: /ci/deploy.yml}]\n"
        + _HEAD
        + "production:\n  extends: .ship\n  stage: deploy\n",
        "ci/deploy.yml": ".ship:\n  environment: production\n  interruptible: true\n"
        "  script: [helm upgrade web ./chart]\n"
        "second:\n  extends: .ship\n  stage: deploy\n  interruptible: false\n",
    }
    found = {(one.path, one.line) for one in check_rule("cancellable-deploy", files)}
    assert found == {(GITLAB, 6)}
    found = {(one.path, one.line) for one in check_rule("unserialised-deploy", files)}
    assert found == {(GITLAB, 6), ("ci/deploy.yml", 5)}


def test_a_file_that_nothing_includes_is_no_pipeline() -> None:
    files = {
        GITLAB: _HEAD,
        "ci/other.yml": "x:\n  environment: production\n  script: [kubectl apply -f k8s]\n",
    }
    assert check_rule("unserialised-deploy", files) == []


TASK = """\
stages:
  - stage: Production
    jobs:
      - deployment: web
        environment: production
        strategy:
          runOnce:
            deploy:
              steps:
                - task: {task}
                  inputs: {{{inputs}}}
"""


@pytest.mark.parametrize(
    ("task", "inputs", "hits"),
    [
        (
            "AWSCLI@1",
            "awsCommand: cloudformation, awsSubCommand: delete-stack, awsArguments: --stack-name x",
            1,
        ),
        ("AWSCLI@1", "awsCommand: s3, awsSubCommand: ls", 0),
        ("TerraformTaskV4@4", "command: destroy", 1),
        ("TerraformTaskV4@4", "command: apply", 0),
        ("HelmDeploy@1", "command: uninstall", 1),
    ],
)
def test_tasks_that_tear_down(task: str, inputs: str, hits: int) -> None:
    files = {AZURE: TASK.format(task=task, inputs=inputs)}
    assert len(lines("destructive-verb-in-push-pipeline", files)) == hits


def test_an_edit_of_what_is_included_is_seen_in_the_pipeline() -> None:
    part = "ci/deploy.yml"
    shared = ".ship:\n  environment: production\n  interruptible: true\n  script: [kubectl apply -f k8s]\n"
    root = "include: [{local: /ci/deploy.yml}]\n" + _HEAD + "production:\n  extends: .ship\n  stage: deploy\n"
    project = open_project({GITLAB: root, part: shared}, Settings(select=("cancellable-deploy",)))
    assert [seen(one).line for one in project.engine.all_findings()] == [6]
    project.replace({part: shared.replace("true", "false")})
    assert project.engine.all_findings() == []
    project.replace({part: shared})
    assert [seen(one).line for one in project.engine.all_findings()] == [6]
    project.replace({GITLAB: root.replace("include", "ignore")})
    assert project.engine.all_findings() == []
    project.replace({GITLAB: root})
    project.replace({part: None})
    assert project.engine.all_findings() == []
