"""Fixes of workflow rules in files that are written in other ways than the examples are."""

import pytest

from rollsafe.engine.found import Found
from rollsafe.formats.yaml import read_yaml
from rollsafe.rules import Fix, Rule
from rollsafe.rules.docs import examples
from rollsafe.text import apply_edits
from rollsafe.workspace.settings import Settings
from tests.checking import ALL_RULES, fix, open_project, replace_settings
from tests.rules.pipeline_files import PATH, TEST, job, script, workflow

WORKFLOW_RULES = [rule for rule in ALL_RULES if rule.fix is not None and rule.family == "workflows"]
APPLY = "run: kubectl apply -f k8s"


@pytest.mark.parametrize("rule", WORKFLOW_RULES, ids=[rule.name for rule in WORKFLOW_RULES])
def test_fixes_keep_the_line_ends_of_the_file(rule: Rule) -> None:
    bad = {one.path: one.text.replace("\n", "\r\n") for one in examples(rule.doc, "Bad")}
    good = {one.path: one.text.replace("\n", "\r\n") for one in examples(rule.doc, "Good")}
    assert fix(bad, rule)[0] == good


def offered(rule: str, files: dict[str, str]) -> list[tuple[Found, Fix]]:
    project = open_project(files, replace_settings(Settings(), rule))
    found = [one for one in project.engine.all_findings() if one.rule.name == rule]
    return [(one, it) for one in found for it in one.fixes]


def shipping(*steps: str) -> dict[str, str]:
    return workflow(job("deploy", *steps))


def gated(*more: str) -> dict[str, str]:
    return workflow(TEST, job("deploy", APPLY, more=[*more, "environment: production"]))


FOLLOWING = "workflow_run: {workflows: [ci]}"
SHAPES: list[tuple[str, dict[str, str]]] = [
    ("deploy-without-tests", gated()),
    ("deploy-without-tests", gated("needs: [build]")),
    ("deploy-without-tests", gated("needs: build")),
    ("deploy-without-tests", gated("needs:", "  - build")),
    ("deploy-without-tests", gated("needs:", "- build")),
    ("deploy-without-tests", workflow(TEST, TEST.replace("test:", "unit:"), job("deploy", APPLY))),
    ("disarmed-gate", gated("needs: test", "if: always()")),
    ("disarmed-gate", gated("needs: test", "if: ${{ always() }} # go on")),
    ("disarmed-gate", gated("needs: test", "if: always() || inputs.force")),
    (
        "disarmed-gate",
        workflow(
            TEST,
            job("build", "run: docker build .", more=["needs: test"]),
            job("deploy", APPLY, more=["needs: [build]", "if: always() && needs.build.result != 'failure'"]),
        ),
    ),
    ("disarmed-gate", shipping("run: pytest", "if: always()\nrun: kubectl apply -f k8s")),
    ("unchecked-workflow-run", workflow(job("deploy", APPLY), on=FOLLOWING)),
    (
        "unchecked-workflow-run",
        workflow(
            job("deploy", APPLY, more=["name: Deploy", "if: github.actor != 'x' || inputs.force"]),
            job("again", APPLY, more=["needs:", "  - deploy"]),
            on=FOLLOWING,
        ),
    ),
    ("deploy-on-pull-request", workflow(job("deploy", APPLY), on="push: {}, pull_request: {}")),
    ("swallowed-failure", shipping("continue-on-error: true\nrun: kubectl apply -f k8s")),
    ("swallowed-failure", shipping("run: kubectl apply -f k8s\ncontinue-on-error: true")),
    ("swallowed-failure", gated("continue-on-error: true")),
    ("swallowed-failure", shipping(script("kubectl apply -f k8s || true\nkubectl get pods"))),
    ("swallowed-failure", shipping(script("kubectl apply -f k8s | tee log"))),
    ("swallowed-failure", shipping('run: "kubectl apply -f k8s || true"')),
    ("migration-after-deploy", shipping(APPLY, script("cd api\nalembic upgrade head"), "run: echo done")),
    ("destructive-database-command", shipping(script("set -x\nnpx prisma db push --force-reset"))),
    ("unverified-deploy", shipping(script("kubectl -n shop set image deployment/x x=y\n"))),
    ("unverified-deploy", shipping("run: kubectl rollout restart deployment x", "run: echo done")),
    ("deploy-without-way-back", shipping("run: kubectl set image sts/x x=y", "run: kubectl wait sts/x")),
    ("helm-upgrade-without-atomic", shipping(script("helm upgrade x c \\\n  --install \\\n  --set a=b"))),
    ("helm-upgrade-without-atomic", {**shipping("run: ./up.sh"), "up.sh": "helm upgrade x c\n"}),
    (
        "destructive-verb-in-push-pipeline",
        shipping("if: github.ref == 'refs/heads/main'\nrun: helm uninstall x", APPLY),
    ),
    (
        "destructive-verb-in-push-pipeline",
        workflow(job("deploy", "run: helm uninstall x", APPLY), on="push: {}, workflow_dispatch: {}"),
    ),
    ("unlocked-terraform", shipping(script("terraform apply \\\n  -lock=false \\\n  -auto-approve"))),
]
NUMBERED = [f"{rule}-{at}" for at, (rule, _) in enumerate(SHAPES)]


@pytest.mark.parametrize(("rule", "files"), SHAPES, ids=NUMBERED)
def test_each_fix_can_be_applied_and_ends_its_finding(rule: str, files: dict[str, str]) -> None:
    """Manual fixes leave something to fill in; the others leave a file without the finding."""
    pairs = offered(rule, files)
    assert pairs
    for found, it in pairs:
        changed = dict(files)
        changed[found.path] = apply_edits(files[found.path], it.edits)
        for path, edit in it.elsewhere:
            changed[path] = apply_edits(changed[path], [edit])
        changed.update({one.path: one.text for one in it.creates})
        assert changed != files
        assert not read_yaml(changed[PATH]).problems, changed[PATH]
        if it.safety.value != "manual":
            left = {one.message for one, _ in offered(rule, changed)}
            assert found.message not in left, changed[PATH]


def test_comments_stay() -> None:
    more = ["needs: test  # wait", "if: always()  # even then", "environment: production  # reviewed"]
    files = workflow(TEST, job("deploy", APPLY, more=more))
    rule = next(one for one in ALL_RULES if one.name == "disarmed-gate")
    fixed, _ = fix(files, rule)
    for comment in ("# wait", "# even then", "# reviewed"):
        assert comment in fixed[PATH]
