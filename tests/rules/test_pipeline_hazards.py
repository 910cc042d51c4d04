"""What keeps rules about deployments in workflows quiet, and what does not."""

import pytest

from tests.checking import check_rule
from tests.rules.pipeline_files import PATH, TEST, job, script, workflow

APPLY = "run: kubectl apply -f k8s"
CHECKOUT = "uses: actions/checkout@v4"
MANIFEST = {"k8s/web.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n"}


def count(rule: str, files: dict[str, str]) -> int:
    return len(check_rule(rule, files))


AWS = "uses: aws-actions/configure-aws-credentials@v4\nwith: {role-to-assume: arn, aws-region: eu}"


@pytest.mark.parametrize(
    ("files", "hits"),
    [
        (workflow(job("deploy", AWS)), 1),
        (workflow(job("deploy", AWS), top="permissions: {id-token: write}\n"), 0),
        (workflow(job("deploy", AWS), top="permissions: {contents: read}\n"), 1),
        (workflow(job("deploy", AWS), top="permissions: write-all\n"), 0),
        (workflow(job("deploy", AWS, more=["permissions: {id-token: write}"])), 0),
        (workflow(job("deploy", AWS), on="workflow_call: {}"), 0),
        (workflow(job("deploy", AWS).replace("runs-on: u", "runs-on: [self-hosted]")), 0),
        (workflow(job("deploy", AWS.replace("arn,", "arn, aws-access-key-id: x,"))), 0),
        (workflow(job("deploy", AWS, AWS.replace("arn,", "arn2, role-chaining: true,"))), 1),
    ],
)
def test_a_token_has_to_be_asked_for(files: dict[str, str], hits: int) -> None:
    assert count("login-without-token-permission", files) == hits


@pytest.mark.parametrize(
    ("step", "hits"),
    [
        ("run: kubectl set image deploy/web web=ghcr.io/acme/web:latest", 1),
        ("run: kubectl set image deploy/web web=localhost:5000/web", 0),
        ("run: kubectl set image deploy/web web=acme/web:$TAG", 0),
        ("run: helm upgrade web ./chart --set image.tag=main --atomic", 1),
        ("run: helm upgrade web ./chart --set image.tag=main --set-string podAnnotations.x=$SHA --atomic", 0),
        (script("kubectl set image deploy/web web=acme/web:latest\nkubectl rollout restart deploy/web"), 0),
    ],
)
def test_what_an_image_is_called(step: str, hits: int) -> None:
    assert count("deploy-of-unchanged-image", workflow(job("deploy", step))) == hits


@pytest.mark.parametrize(
    ("strategy", "hits"),
    [
        ("{matrix: {node: [18, 20]}}", 1),
        ("{max-parallel: 1, matrix: {node: [18, 20]}}", 0),
        ("{matrix: {node: [18]}}", 0),
        ("{matrix: {tenant: [a, b]}}", 0),
        ("{matrix: '${{ fromJSON(vars.LEGS) }}'}", 0),
    ],
)
def test_legs_that_migrate(strategy: str, hits: int) -> None:
    files = workflow(job("migrate", "run: alembic upgrade head", more=[f"strategy: {strategy}"]))
    assert count("migration-in-every-leg", files) == hits


@pytest.mark.parametrize(
    ("step", "hits"),
    [
        ("run: echo ${{ secrets.KEY }} | base64 -d", 1),
        ("run: echo ${{ secrets.KEY }} | base64 -d > key.pem", 0),
        ("run: echo ${{ secrets.KEY }} | base64 -d | kubectl apply -f -", 0),
        ('run: echo "::add-mask::${{ secrets.KEY }}"', 0),
        ("run: echo ${{ secrets.KEY }} | docker login -u x --password-stdin", 0),
        ('run: echo "$(echo ${{ secrets.KEY }} | base64 -d)" > f', 0),
        ("run: echo $X | rev\nenv: {X: '${{ secrets.KEY }}'}", 1),
        ("run: echo $X | rev\nenv: {X: '${{ vars.KEY }}'}", 0),
        ("run: echo ${{ secrets.GITHUB_TOKEN }} | base64", 0),
    ],
)
def test_secrets_in_the_log(step: str, hits: int) -> None:
    assert count("printed-secret", workflow(job("deploy", step))) == hits


def release(step: str, on: str) -> dict[str, str]:
    return {
        ".github/workflows/release.yml": workflow(job("r", CHECKOUT, step))[PATH],
        PATH: workflow(job("deploy", APPLY), on=on)[PATH],
    }


@pytest.mark.parametrize(
    ("step", "on", "hits"),
    [
        (script("git tag v1\ngit push origin v1"), "push: {tags: ['v*']}", 1),
        (script("git tag v1\ngit push origin v1"), "push: {branches: [main], tags: ['v*']}", 0),
        (script("git tag v1\ngit push origin v1"), "push: {tags: ['v*']}, workflow_dispatch: {}", 0),
        ("run: git push origin main", "push: {tags: ['v*']}", 0),
        ("uses: softprops/action-gh-release@v2", "release: {types: [published]}", 1),
        ("uses: softprops/action-gh-release@v2\nwith: {token: '${{ secrets.PAT }}'}", "release: {}", 0),
        ("uses: softprops/action-gh-release@v2\nwith: {draft: true}", "release: {}", 0),
    ],
)
def test_what_the_token_of_a_run_starts(step: str, on: str, hits: int) -> None:
    assert count("release-that-starts-nothing", release(step, on)) == hits


@pytest.mark.parametrize(
    ("steps", "hits"),
    [
        ([CHECKOUT, "run: kubectl apply -f k8s/wbe.yaml"], 1),
        ([CHECKOUT, "run: kubectl apply -f k8s/web.yaml"], 0),
        ([CHECKOUT, "run: kubectl apply -f k8s"], 0),
        ([CHECKOUT, "run: kubectl apply -f $DIR/web.yaml"], 0),
        ([CHECKOUT, script("cd k8s\nkubectl apply -f wbe.yaml")], 0),
        ([CHECKOUT, "run: sed s/a/b/ t > k8s/all.yaml", "run: kubectl apply -f k8s/all.yaml"], 0),
        (["run: kubectl apply -f k8s/wbe.yaml"], 0),
        ([CHECKOUT + "\nwith: {repository: acme/ops}", "run: kubectl apply -f k8s/wbe.yaml"], 0),
        ([CHECKOUT, "run: ./deploy.sh"], 1),
        ([CHECKOUT, "uses: actions/download-artifact@v4", "run: ./deploy.sh"], 0),
    ],
)
def test_files_that_are_not_there(steps: list[str], hits: int) -> None:
    files = {**workflow(job("deploy", *steps)), **MANIFEST}
    assert count("missing-deployed-file", files) == hits


@pytest.mark.parametrize(
    ("paths", "hits"),
    [
        ("paths: ['src/**']", 1),
        ("paths: ['**']", 0),
        ("paths: ['k8s/*']", 0),
        ("paths-ignore: ['k8s/**']", 1),
    ],
)
def test_changes_that_start_nothing(paths: str, hits: int) -> None:
    files = workflow(job("deploy", CHECKOUT, APPLY), on=f"push: {{branches: [main], {paths}}}")
    assert count("deploy-blind-to-change", {**files, **MANIFEST}) == hits


@pytest.mark.parametrize(
    ("on", "more", "hits"),
    [
        ("push: {}", "name: x", 1),
        ("push: {branches: [main]}", "name: x", 0),
        ("push: {tags: ['v*']}", "name: x", 0),
        ("push: {}", "if: github.ref == 'refs/heads/main'", 0),
        ("workflow_dispatch: {}", "name: x", 0),
    ],
)
def test_branches_that_reach_production(on: str, more: str, hits: int) -> None:
    files = workflow(job("deploy", "run: vercel deploy --prod", more=[more]), on=on)
    assert count("production-deploy-from-any-branch", files) == hits


PLAN = "run: terraform plan -out=tfplan"


@pytest.mark.parametrize(
    ("steps", "hits"),
    [
        (["run: terraform apply tfplan"], 1),
        ([PLAN, "run: terraform apply tfplan"], 0),
        (["uses: actions/download-artifact@v4", "run: terraform apply tfplan"], 0),
        (["run: terraform apply -auto-approve"], 0),
        (["run: terraform apply -var-file prod.tfvars"], 0),
        (["run: terraform apply $PLAN"], 0),
    ],
)
def test_plans_that_are_applied(steps: list[str], hits: int) -> None:
    assert count("unreviewed-terraform-apply", workflow(job("deploy", *steps))) == hits


def test_only_staging_is_migrated() -> None:
    staging = job("staging", "run: alembic upgrade head", APPLY, more=["environment: staging"])
    assert count("migration-only-in-staging", workflow(staging, job("prod", APPLY))) == 1
    prod = job("prod", "run: alembic upgrade head", APPLY)
    assert count("migration-only-in-staging", workflow(staging, prod)) == 0
    migrate = job("migrate", "run: alembic upgrade head")
    assert count("migration-only-in-staging", workflow(staging, migrate, job("prod", APPLY))) == 0
    assert count("migration-only-in-staging", workflow(TEST, job("prod", APPLY))) == 0
