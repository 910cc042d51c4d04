"""Commands that destroy, that are retried, that are not checked, and the way back."""

import pytest

from tests.checking import check_rule
from tests.rules.pipeline_files import PATH, job, script, workflow

APPLY = "run: kubectl apply -f k8s"
STATUS = "run: kubectl rollout status deployment/x"
UNDO = "if: failure()\nrun: kubectl rollout undo deployment/x"


def found(rule: str, files: dict[str, str]) -> list[tuple[str, int]]:
    return [(one.path, one.line) for one in check_rule(rule, files)]


def deploying(
    *steps: str, on: str = "push: {branches: [main]}", environment: str = "production"
) -> dict[str, str]:
    return workflow(job("deploy", *steps, more=[f"environment: {environment}"]), on=on)


# -- destructive-database-command


@pytest.mark.parametrize(
    "command",
    [
        "npx prisma migrate reset --force",
        "npx prisma db push --accept-data-loss",
        "bundle exec rails db:schema:load",
        "bin/rails db:reset",
        "php artisan migrate:fresh --force",
        "flyway clean",
        "python manage.py flush --no-input",
        "psql $URL -c 'DROP DATABASE shop'",
        "dropdb shop",
    ],
)
def test_commands_that_destroy_the_production_database(command: str) -> None:
    assert len(found("destructive-database-command", deploying(f'run: "{command}"'))) == 1


@pytest.mark.parametrize(
    "files",
    [
        deploying("run: npx prisma migrate deploy"),
        deploying("run: bin/rails db:reset", environment="sandbox"),
        deploying("run: bin/rails db:reset", environment="review"),
        deploying("run: RAILS_ENV=test bin/rails db:schema:load", environment="production"),
        workflow(job("test", "run: bin/rails db:schema:load", "run: bin/rspec", more=[])),
        workflow(job("test", "run: bin/rails db:setup", more=["services: {db: {image: 'postgres:16'}}"])),
        workflow(job("seed", "run: bin/rails db:setup", more=[])),
    ],
)
def test_databases_that_may_go(files: dict[str, str]) -> None:
    assert found("destructive-database-command", files) == []


def test_a_connection_from_a_secret_is_no_toy() -> None:
    files = workflow(
        job("seed", "run: bin/rails db:reset", more=["env: {DATABASE_URL: '${{ secrets.URL }}'}"])
    )
    assert found("destructive-database-command", files) == [(PATH, 8)]


# -- destructive-verb-in-push-pipeline


@pytest.mark.parametrize(
    ("step", "on", "hit"),
    [
        ("run: terraform destroy -auto-approve", "push: {branches: [main]}", True),
        ("run: helm uninstall shop", "push: {branches: [main]}", True),
        ("run: kubectl delete pvc --all", "schedule: [{cron: '0 3 * * *'}]", True),
        ("run: kubectl delete job migrate", "push: {branches: [main]}", False),
        ("run: kubectl delete -f migrate-job.yaml", "push: {branches: [main]}", False),
        ("run: terraform destroy -auto-approve", "workflow_dispatch: {}", False),
        ("if: failure()\nrun: helm uninstall shop", "push: {branches: [main]}", False),
        ("if: always()\nrun: helm uninstall shop", "push: {branches: [main]}", False),
        (script("# never used after the release\nhelm uninstall shop"), "push: {branches: [main]}", False),
    ],
)
def test_what_a_push_tears_down(step: str, on: str, hit: bool) -> None:
    assert bool(found("destructive-verb-in-push-pipeline", deploying(step, APPLY, on=on))) is hit


def test_a_target_of_a_makefile_is_reported_where_it_is_called() -> None:
    files = {**deploying("run: make clean-up", APPLY), "Makefile": "clean-up:\n\thelm uninstall shop\n"}
    assert found("destructive-verb-in-push-pipeline", files) == [(PATH, 8)]


# -- unlocked-terraform


@pytest.mark.parametrize(
    ("command", "hit"),
    [
        ("terraform apply -lock=false", True),
        ("tofu destroy -auto-approve -lock=false", True),
        ("terraform state mv -lock=false a b", True),
        ("terragrunt run-all apply --lock=false", True),
        ("terraform plan -lock=false", False),
        ("terraform state list -lock=false", False),
        ("terraform apply -lock=true", False),
        ("echo terraform apply -lock=false", False),
    ],
)
def test_writing_the_state_without_its_lock(command: str, hit: bool) -> None:
    assert bool(found("unlocked-terraform", deploying(f"run: {command}"))) is hit


def test_unlocked_terraform_in_other_files() -> None:
    files = {
        "Makefile": "apply:\n\tterraform apply -lock=false\n",
        "scripts/apply.sh": "#!/bin/sh\nterraform init\nterraform apply -lock=false\n",
        **workflow(job("a", "run: terraform apply", more=["env: {TF_CLI_ARGS_apply: -lock=false}"])),
    }
    assert found("unlocked-terraform", files) == [(PATH, 6), ("Makefile", 2), ("scripts/apply.sh", 3)]


# -- retried-non-idempotent-step


@pytest.mark.parametrize(
    ("step", "hit"),
    [
        (script("for i in 1 2 3; do\n  alembic upgrade head && break\ndone"), True),
        (script("until terraform apply -auto-approve; do sleep 5; done"), True),
        (script("while true; do\n  if alembic upgrade head; then break; fi\ndone"), True),
        (script("for t in a b; do\n  alembic -x tenant=$t upgrade head\ndone"), False),
        (script("until kubectl apply -f k8s; do sleep 5; done"), False),
        (script("until curl -f https://x/health; do sleep 5; done"), False),
        ("uses: nick-fields/retry@v3\nwith: {max_attempts: 3, command: alembic upgrade head}", True),
        ("uses: nick-fields/retry@v3\nwith: {max_attempts: 1, command: alembic upgrade head}", False),
        ("uses: nick-fields/retry@v3\nwith: {max_attempts: 3, command: npx prisma migrate deploy}", False),
        ("uses: nick-fields/retry@v3\nwith: {max_attempts: 3, command: npm ci}", False),
    ],
)
def test_what_may_not_be_tried_again(step: str, hit: bool) -> None:
    assert bool(found("retried-non-idempotent-step", deploying(step))) is hit


# -- helm-upgrade-without-atomic, unverified-deploy, deploy-without-way-back


@pytest.mark.parametrize(
    ("steps", "helm", "unverified", "no_way_back"),
    [
        ([APPLY], False, True, True),
        ([APPLY, STATUS], False, False, True),
        ([APPLY, STATUS, UNDO], False, False, False),
        (["run: helm upgrade x c"], True, False, False),
        (["run: helm upgrade x c --wait"], False, False, True),
        (["run: helm upgrade x c --atomic"], False, False, False),
        (["run: helm upgrade x c --rollback-on-failure"], False, False, False),
        (["run: helm upgrade x c", STATUS, "if: failure()\nrun: helm rollback x"], False, False, False),
        (["run: helm upgrade x c --dry-run"], False, False, False),
        (["run: gcloud run deploy x --image y"], False, False, False),
        (
            ["run: aws ecs update-service --service x", "run: aws ecs wait services-stable"],
            False,
            False,
            True,
        ),
        ([APPLY, "run: pytest tests/smoke", UNDO], False, False, False),
    ],
)
def test_verification_and_the_way_back(
    steps: list[str], helm: bool, unverified: bool, no_way_back: bool
) -> None:
    files = deploying(*steps)
    assert bool(found("helm-upgrade-without-atomic", files)) is helm
    assert bool(found("unverified-deploy", files)) is unverified
    assert bool(found("deploy-without-way-back", files)) is no_way_back


@pytest.mark.parametrize("environment", ["staging", "preview", "dev"])
def test_only_production_is_asked_for_verification(environment: str) -> None:
    assert found("unverified-deploy", deploying(APPLY, environment=environment)) == []
    assert found("deploy-without-way-back", deploying(APPLY, environment=environment)) == []


def test_a_bare_upgrade_in_a_script_is_reported_where_it_is_called_and_fixed_where_it_is() -> None:
    files = {**deploying("run: ./ship.sh"), "ship.sh": "#!/bin/sh\nhelm upgrade x c\n"}
    assert found("helm-upgrade-without-atomic", files) == [(PATH, 8)]


def test_production_after_an_environment_nobody_looked_at() -> None:
    call = "    uses: other/repo/.github/workflows/deploy.yml@v1\n    with: {{environment: {0}}}\n"
    staging = "  staging:\n" + call.format("staging")
    production = "  production:\n    needs: staging\n" + call.format("production")
    assert found("unverified-deploy", workflow(staging, production)) == [(PATH, 7)]
    checked = job("smoke", "run: curl -f https://staging.x/health", more=["needs: staging"])
    assert found("unverified-deploy", workflow(staging, checked, production)) == []
