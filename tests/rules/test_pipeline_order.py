"""Which jobs hold a deployment up, in which order things happen, and what a failure stops."""

import pytest

from tests.checking import check_rule
from tests.rules.pipeline_files import PATH, TEST, job, script, workflow

APPLY = "run: kubectl apply -f k8s"
STATUS = "run: kubectl rollout status deployment/x"
LINT = "  lint: {runs-on: u, steps: [{run: npm run lint}]}\n"


def lines(rule: str, files: dict[str, str]) -> list[tuple[int, str]]:
    return [(one.line, one.message) for one in check_rule(rule, files) if one.path == PATH]


# -- deploy-without-tests


@pytest.mark.parametrize(
    ("jobs", "found"),
    [
        ([TEST, job("deploy", APPLY)], ["without waiting for `test`"]),
        ([TEST, LINT, job("deploy", APPLY)], ["without waiting for `test`, `lint`"]),
        (
            [TEST, LINT, job("deploy", APPLY, more=["needs: test", "environment: production"])],
            ["without waiting for `lint` (only for `test`)"],
        ),
        ([TEST, job("deploy", APPLY, more=["needs: [test]", "environment: production"])], []),
        ([TEST, job("deploy", "run: pytest", APPLY)], ["without waiting for `test`"]),
        ([job("deploy", "run: pytest", APPLY)], []),
        ([TEST, job("deploy", APPLY, more=["environment: staging"])], []),
        ([TEST, job("deploy", APPLY, more=["environment: preview"])], []),
        (
            [
                TEST.replace("runs-on", "if: github.event_name == 'pull_request', runs-on"),
                job("deploy", APPLY),
            ],
            [],
        ),
        ([TEST.replace("runs-on", "continue-on-error: true, runs-on"), job("deploy", APPLY)], []),
        ([job("smoke", "run: pytest", more=["needs: deploy"]), job("deploy", APPLY)], []),
        ([TEST, job("deploy", "run: kubectl apply --dry-run=client -f k8s")], []),
        ([TEST, job("deploy", "run: kubectl rollout undo deployment/x")], []),
        ([TEST, job("deploy", APPLY, more=["if: failure()", "environment: production"])], []),
        ([TEST, job("deploy", APPLY, more=["if: false", "environment: production"])], []),
        ([TEST, job("deploy", APPLY, more=["needs: [tests]", "environment: production"])], []),
    ],
)
def test_a_production_deployment_waits_for_tests(jobs: list[str], found: list[str]) -> None:
    messages = [message for _, message in lines("deploy-without-tests", workflow(*jobs))]
    assert len(messages) == len(found)
    assert all(part in message for part, message in zip(found, messages, strict=True))


def test_the_first_deployment_is_where_tests_belong() -> None:
    staging = job("staging", APPLY, more=["environment: staging"])
    production = job("production", APPLY, more=["needs: staging", "environment: production"])
    found = lines("deploy-without-tests", workflow(TEST, staging, production))
    assert [message for _, message in found] == ["job `staging` deploys without waiting for `test`"]


@pytest.mark.parametrize(
    "on", ["workflow_dispatch: {}", "workflow_call: {}", "workflow_run: {workflows: [ci]}"]
)
def test_a_release_by_hand_or_after_another_workflow_needs_no_test_beside_it(on: str) -> None:
    assert lines("deploy-without-tests", workflow(TEST, job("deploy", APPLY), on=on)) == []


def test_tests_of_another_workflow_on_the_same_push_are_named() -> None:
    ci = {".github/workflows/ci.yml": f"on: {{push: {{branches: [main]}}}}\njobs:\n{TEST}"}
    files = {**workflow(job("deploy", APPLY)), **ci}
    assert [message for _, message in lines("deploy-without-tests", files)] == [
        "job `deploy` deploys a push while `test` in `ci.yml` still tests it"
    ]
    pulls = {".github/workflows/ci.yml": f"on: pull_request\njobs:\n{TEST}"}
    assert lines("deploy-without-tests", {**files, **pulls}) == []


def test_a_disarmed_gate_is_reported_as_such_only() -> None:
    deploy = job("deploy", APPLY, more=["needs: test", "if: always()", "environment: production"])
    files = workflow(TEST, LINT, deploy)
    assert lines("deploy-without-tests", files) == []
    assert len(lines("disarmed-gate", files)) == 1


# -- disarmed-gate


@pytest.mark.parametrize(
    ("condition", "hit"),
    [
        ("always()", True),
        ("${{ !cancelled() }}", True),
        ("always() && github.ref == 'refs/heads/main'", True),
        ("always() && needs.test.result == 'success'", False),
        ("${{ !failure() && !cancelled() }}", False),
        ("success() || needs.test.result == 'skipped'", False),
        ("failure()", False),
    ],
)
def test_conditions_that_ignore_a_failed_test(condition: str, hit: bool) -> None:
    deploy = job("deploy", APPLY, more=["needs: test", f"if: {condition!r}", "environment: production"])
    assert bool(lines("disarmed-gate", workflow(TEST, deploy))) is hit


def test_jobs_that_gate_nothing_may_fail() -> None:
    changes = "  changes: {runs-on: u, steps: [{uses: dorny/paths-filter@v3}]}\n"
    deploy = job("deploy", APPLY, more=["needs: changes", "if: always()", "environment: production"])
    assert lines("disarmed-gate", workflow(changes, deploy)) == []


def test_a_step_that_deploys_after_a_failed_test() -> None:
    files = workflow(job("deploy", "run: pytest", "if: always()\nrun: kubectl apply -f k8s"))
    assert [line for line, _ in lines("disarmed-gate", files)] == [9]
    cleaning = workflow(job("deploy", "run: pytest", "if: always()\nrun: helm uninstall x", APPLY))
    assert lines("disarmed-gate", cleaning) == []


# -- unchecked-workflow-run


@pytest.mark.parametrize(
    ("more", "steps", "hit"),
    [
        ([], [APPLY], True),
        (["if: github.event.workflow_run.conclusion == 'success'"], [APPLY], False),
        (["if: github.event.workflow_run.conclusion != 'failure'"], [APPLY], False),
        (["if: github.event.workflow_run.head_branch == 'main'"], [APPLY], True),
        ([], ["if: github.event.workflow_run.conclusion == 'success'\nrun: kubectl apply -f k8s"], False),
        (["if: github.event_name == 'workflow_dispatch'"], [APPLY], False),
        ([], ["run: npm ci"], False),
        (["environment: preview"], [APPLY], False),
    ],
)
def test_a_deployment_after_another_workflow_asks_how_it_ended(
    more: list[str], steps: list[str], hit: bool
) -> None:
    on = "workflow_run: {workflows: [ci], types: [completed]}, workflow_dispatch: {}"
    assert bool(lines("unchecked-workflow-run", workflow(job("deploy", *steps, more=more), on=on))) is hit


def test_a_job_before_it_may_ask() -> None:
    gate = job("gate", "run: 'true'", more=["if: github.event.workflow_run.conclusion == 'success'"])
    deploy = job("deploy", APPLY, more=["needs: gate"])
    assert lines("unchecked-workflow-run", workflow(gate, deploy, on="workflow_run: {workflows: [ci]}")) == []


# -- migration-after-deploy


@pytest.mark.parametrize(
    ("steps", "hit"),
    [
        ([APPLY, "run: alembic upgrade head"], True),
        (["run: alembic upgrade head", APPLY], False),
        ([APPLY, "run: alembic upgrade head", "run: kubectl rollout restart deployment/x"], False),
        ([APPLY, "name: post-deploy migrations\nrun: alembic upgrade head"], False),
        ([APPLY, "# the old code has to be gone\n"[:-1] + "\nrun: alembic upgrade head"], True),
        (["run: terraform apply -auto-approve", "run: alembic upgrade head"], False),
        (["run: kubectl apply -f k8s/migrate-job.yaml", "run: alembic upgrade head"], False),
        (["run: kubectl create namespace x", "run: alembic upgrade head"], False),
        ([APPLY, "run: bundle exec rails data:migrate"], False),
        ([APPLY, "run: alembic downgrade -1"], False),
        ([APPLY, "if: failure()\nrun: alembic upgrade head"], False),
        ([script("helm upgrade x c --wait\nalembic upgrade head")], True),
        (["run: ssh host 'git pull && alembic upgrade head && systemctl restart x'"], False),
    ],
)
def test_migrations_come_before_the_new_version(steps: list[str], hit: bool) -> None:
    assert bool(lines("migration-after-deploy", workflow(job("deploy", *steps)))) is hit


@pytest.mark.parametrize(
    ("order", "hit"),
    [
        (["deploy", "migrate"], True),
        (["migrate", "deploy"], False),
    ],
)
def test_migrations_come_before_the_new_version_among_jobs(order: list[str], hit: bool) -> None:
    first, second = order
    steps = {"deploy": APPLY, "migrate": "run: alembic upgrade head"}
    files = workflow(
        job(first, steps[first]),
        job(second, steps[second], more=[f"needs: {first}", "environment: production"]),
    )
    assert bool(lines("migration-after-deploy", files)) is hit


def test_migrating_production_after_staging_is_deployed_is_right() -> None:
    files = workflow(
        job("staging", APPLY, more=["environment: staging"]),
        job("migrate", "run: alembic upgrade head", more=["needs: staging", "environment: production"]),
        job("production", APPLY, more=["needs: migrate", "environment: production"]),
    )
    assert lines("migration-after-deploy", files) == []


# -- swallowed-failure


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ([APPLY + " || true"], 1),
        (["continue-on-error: true\nrun: kubectl apply -f k8s"], 1),
        (["continue-on-error: true\nuses: getsentry/action-release@v1", APPLY], 0),
        (
            [
                "id: d\ncontinue-on-error: true\nrun: kubectl apply -f k8s",
                "if: steps.d.outcome == 'failure'\nrun: exit 1",
            ],
            0,
        ),
        (["# flaky, and not needed for the release\ncontinue-on-error: true\nrun: npm test"], 0),
        (["continue-on-error: ${{ matrix.experimental }}\nrun: kubectl apply -f k8s"], 0),
        ([script("# the job may be there already\nkubectl apply -f k8s || true")], 0),
        ([script("# apply everything\nkubectl apply -f k8s || true")], 1),
        (["run: kubectl delete job migrate || true", APPLY], 0),
        (["run: kubectl create namespace x || true", APPLY], 0),
        (["run: kubectl rollout undo deployment/x || true", APPLY], 0),
        ([APPLY, "if: always()\nrun: kubectl rollout status deployment/x || true"], 0),
        ([APPLY, STATUS + " || true"], 1),
        ([APPLY, script("for i in 1 2 3; do\n  curl -f https://x/health || true\ndone")], 0),
        (["run: pytest || true", APPLY], 1),
        (["run: pytest || true"], 0),
        (["run: pytest | tee log", APPLY], 1),
        (["run: curl -X POST https://api.render.com/deploy/srv-1?key=x"], 1),
        (["run: curl -X POST https://hooks.slack.com/services/x", APPLY], 0),
    ],
)
def test_failures_of_what_matters_are_not_swallowed(steps: list[str], found: int) -> None:
    assert len(lines("swallowed-failure", workflow(job("deploy", *steps)))) == found


def test_a_gate_that_may_fail_gates_nothing() -> None:
    gate = TEST.replace("runs-on", "continue-on-error: true, runs-on")
    deploy = job("deploy", APPLY, more=["needs: test", "environment: production"])
    assert [line for line, _ in lines("swallowed-failure", workflow(gate, deploy))] == [4]
    assert lines("swallowed-failure", workflow(gate)) == []


def test_previews_may_fail() -> None:
    files = workflow(job("deploy", APPLY + " || true", more=["environment: preview"]))
    assert lines("swallowed-failure", files) == []


def test_a_step_of_an_action_is_reported_in_the_action() -> None:
    action = ".github/actions/ship/action.yml"
    text = "runs:\n  using: composite\n  steps:\n    - run: kubectl apply -f k8s || true\n      shell: bash\n"
    files = {**workflow(job("deploy", "uses: ./.github/actions/ship")), action: text}
    found = check_rule("swallowed-failure", files)
    assert [(one.path, one.line) for one in found] == [(action, 4)]
