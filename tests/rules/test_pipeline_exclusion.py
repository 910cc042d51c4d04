"""What keeps deployments apart, what ends them, and what starts them."""

import pytest

from tests.checking import check_rule
from tests.rules.pipeline_files import PATH, TEST, job, script, workflow

APPLY = "run: kubectl apply -f k8s"


def found(rule: str, files: dict[str, str]) -> list[int]:
    return [one.line for one in check_rule(rule, files) if one.path == PATH]


def group(name: str, cancel: str = "false") -> str:
    return f"concurrency:\n  group: {name}\n  cancel-in-progress: {cancel}\n"


# -- cancellable-deploy


@pytest.mark.parametrize(
    ("name", "cancel", "hit"),
    [
        ("prod", "true", True),
        ("prod", "false", False),
        ("x-${{ github.ref }}", "true", True),
        ("x-${{ github.ref }}", "${{ github.ref != 'refs/heads/main' }}", False),
        ("x-${{ github.ref }}", "${{ github.event_name == 'pull_request' }}", False),
        ("x-${{ github.ref }}", "${{ github.ref == 'refs/heads/main' }}", True),
        ("x-${{ github.ref }}", "${{ !startsWith(github.ref, 'refs/tags/') }}", True),
        ("x-${{ github.ref }}", "${{ vars.CANCEL }}", False),
        ("x-${{ github.run_id }}", "true", False),
        ("x-${{ github.event.pull_request.number || github.sha }}", "true", False),
    ],
)
def test_what_a_newer_run_cancels(name: str, cancel: str, hit: bool) -> None:
    files = workflow(job("deploy", APPLY), top=group(name, cancel))
    assert bool(found("cancellable-deploy", files)) is hit


@pytest.mark.parametrize(
    "jobs",
    [
        [TEST],
        [job("deploy", APPLY, more=["environment: preview"])],
        [job("deploy", "run: kubectl apply --dry-run=server -f k8s")],
        [job("deploy", APPLY, more=["if: false"])],
    ],
)
def test_cancelling_what_does_not_deploy_is_fine(jobs: list[str]) -> None:
    assert found("cancellable-deploy", workflow(*jobs, top=group("x", "true"))) == []


def test_a_reason_in_a_comment_is_taken() -> None:
    top = group("prod", "true").replace("true", "true  # kubectl apply is idempotent, the newer run goes on")
    assert found("cancellable-deploy", workflow(job("deploy", APPLY), top=top)) == []


def test_a_group_of_the_job_counts() -> None:
    more = ["environment: production", "concurrency: {group: prod, cancel-in-progress: true}"]
    assert found("cancellable-deploy", workflow(job("deploy", APPLY, more=more))) == [7]


# -- unserialised-deploy and ref-keyed-deploy-concurrency


@pytest.mark.parametrize(
    ("on", "top", "unserialised", "keyed"),
    [
        ("push: {branches: [main]}", "", True, False),
        ("push: {branches: [main]}", group("prod"), False, False),
        ("push: {branches: [main]}", group("x-${{ github.ref }}"), False, False),
        ("push: {branches: [main]}", group("x-${{ github.run_id }}"), False, True),
        ("push: {branches: [main]}", group("x-${{ github.head_ref || github.run_id }}"), False, True),
        ("push: {branches: [main, next]}", group("x-${{ github.ref }}"), False, True),
        ("push: {tags: ['v*']}", group("x-${{ github.ref_name }}"), False, True),
        ("release: {types: [published]}", group("${{ github.workflow }}-${{ github.ref }}"), False, True),
        ("pull_request: {}", "", False, False),
    ],
)
def test_deployments_to_one_environment_exclude_each_other(
    on: str, top: str, unserialised: bool, keyed: bool
) -> None:
    files = workflow(job("deploy", APPLY), on=on, top=top)
    assert bool(found("unserialised-deploy", files)) is unserialised
    assert bool(found("ref-keyed-deploy-concurrency", files)) is keyed


def test_a_second_group_without_the_ref_is_enough() -> None:
    more = ["environment: production", "concurrency: prod"]
    files = workflow(
        job("deploy", APPLY, more=more), on="push: {tags: ['v*']}", top=group("x-${{ github.ref }}")
    )
    assert found("ref-keyed-deploy-concurrency", files) == []


def test_a_condition_that_leaves_one_ref_is_enough() -> None:
    more = ["environment: production", "if: github.ref == 'refs/heads/main'"]
    files = workflow(job("deploy", APPLY, more=more), on="push: {}", top=group("x-${{ github.ref }}"))
    assert found("ref-keyed-deploy-concurrency", files) == []


def test_an_environment_chosen_by_the_ref_may_have_a_group_by_ref() -> None:
    more = ["environment: \"${{ github.ref_name == 'main' && 'production' || 'staging' }}\""]
    files = workflow(
        job("deploy", APPLY, more=more), on="push: {branches: [main, next]}", top=group("x-${{ github.ref }}")
    )
    assert found("ref-keyed-deploy-concurrency", files) == []


# -- limits of time


@pytest.mark.parametrize(
    ("steps", "more", "hit"),
    [
        ([APPLY], [], True),
        ([APPLY], ["timeout-minutes: 10"], False),
        ([APPLY], ["timeout-minutes: ${{ fromJSON(vars.LIMIT) }}"], False),
        (["timeout-minutes: 10\nrun: kubectl apply -f k8s"], [], False),
        (["timeout-minutes: 10\nrun: kubectl apply -f k8s", "run: alembic upgrade head"], [], True),
        (["run: pytest"], [], False),
    ],
)
def test_deployments_have_a_limit(steps: list[str], more: list[str], hit: bool) -> None:
    files = workflow(job("deploy", *steps, more=["environment: production", *more]))
    assert bool(found("deploy-without-timeout", files)) is hit


@pytest.mark.parametrize(
    ("step", "hit"),
    [
        ("run: kubectl rollout status deployment/x --timeout=600s", True),
        ("run: kubectl rollout status deployment/x --timeout 9m", False),
        ("run: helm upgrade x c --atomic --timeout 15m0s", True),
        ("run: aws ecs wait services-stable --services x", True),
        ("run: kubectl rollout status deployment/x --timeout=$LIMIT", False),
        ("if: failure()\nrun: kubectl rollout status deployment/x --timeout=600s", False),
    ],
)
def test_a_limit_leaves_time_for_the_verdict(step: str, hit: bool) -> None:
    files = workflow(job("deploy", APPLY, step, more=["environment: production", "timeout-minutes: 10"]))
    assert bool(found("timeout-before-verdict", files)) is hit


# -- deploy-on-pull-request


@pytest.mark.parametrize(
    ("more", "steps", "hit"),
    [
        (["environment: production"], [APPLY], True),
        (["environment: production", "if: github.event_name == 'push'"], [APPLY], False),
        (["environment: production", "if: github.ref == 'refs/heads/main'"], [APPLY], False),
        (["environment: production", "if: github.event.pull_request.merged == true"], [APPLY], False),
        (["environment: production", "if: github.actor != 'dependabot[bot]' || true"], [APPLY], False),
        (["environment: production", "if: github.repository == 'me/it'"], [APPLY], True),
        (
            ["environment: production", "if: contains(github.event.pull_request.labels.*.name, 'x')"],
            [APPLY],
            False,
        ),
        (
            ["environment: production"],
            ["if: github.event_name != 'pull_request'\nrun: kubectl apply -f k8s"],
            False,
        ),
        (
            ["environment: production"],
            [script('if [ "$REF" = main ]; then\n  kubectl apply -f k8s\nfi')],
            False,
        ),
        (["environment: preview"], [APPLY], False),
        (["environment: production"], ["run: terraform plan"], False),
        (
            ["environment: \"${{ github.event_name == 'push' && 'production' || 'preview' }}\""],
            [APPLY],
            False,
        ),
    ],
)
def test_pull_requests_do_not_reach_production(more: list[str], steps: list[str], hit: bool) -> None:
    files = workflow(job("deploy", *steps, more=more), on="push: {branches: [main]}, pull_request: {}")
    assert bool(found("deploy-on-pull-request", files)) is hit


def test_a_needed_job_excludes_pull_requests() -> None:
    gate = "  gate: {runs-on: u, if: github.event_name == 'push', steps: [{run: 'true'}]}\n"
    deploy = job("deploy", APPLY, more=["needs: gate", "environment: production"])
    assert found("deploy-on-pull-request", workflow(gate, deploy, on="push: {}, pull_request: {}")) == []


# -- environment-left-behind


@pytest.mark.parametrize(
    ("listed", "hit"),
    [
        ("[prod-eu, prod-us]", True),
        ("['prod-eu', 'prod-us']", True),
        ("[prod-eu, prod-us, prod-jp]", False),
        ("[prod-eu, staging]", False),
    ],
)
def test_every_production_environment_gets_the_release(listed: str, hit: bool) -> None:
    options = "[staging, prod-eu, prod-us, prod-jp]"
    choice = f"workflow_dispatch: {{inputs: {{environment: {{type: choice, options: {options}}}}}}}"
    more = ["strategy:", f"  matrix: {{environment: {listed}}}", "environment: ${{ matrix.environment }}"]
    files = workflow(job("deploy", APPLY, more=more), on=f"push: {{branches: [main]}}, {choice}")
    assert bool(found("environment-left-behind", files)) is hit
