"""Hooks of charts: what Helm does not understand, runs too early, or leaves in its own way."""

import pytest

from rollsafe.workspace.settings import Settings
from tests.checking import ALL_RULES, check, check_rule, try_fixes

CHART = "apiVersion: v2\nname: orders\nversion: 1.0.0\n"
JOB = """\
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-migrate
  annotations:
%s
spec:
  template:
    spec:
      restartPolicy: Never
      serviceAccountName: {{ .Release.Name }}-migrate
      containers:
        - name: migrate
          image: registry.example/orders:1.4.2
"""
ACCOUNT = """\
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ .Release.Name }}-migrate
%s"""
BOTH = "helm.sh/hook: pre-install,pre-upgrade"


def job(*annotations: str) -> str:
    """Return a Job with annotations."""
    return JOB % "\n".join(f"    {one}" for one in annotations)


def account(*annotations: str) -> str:
    """Return the Job's account; without annotations the chart installs it with everything else."""
    lines = "".join(f"    {one}\n" for one in annotations)
    return ACCOUNT % (f"  annotations:\n{lines}" if lines else "")


def project(written: str, **templates: str) -> dict[str, str]:
    """Return the files of a chart with a Job."""
    more = {f"chart/templates/{name}.yaml": text for name, text in templates.items()}
    return {"chart/Chart.yaml": CHART, "chart/templates/job.yaml": written, **more}


@pytest.mark.parametrize(
    ("annotations", "said"),
    [
        ((BOTH,), []),
        (("helm.sh/hook: Pre-Install, pre-upgrade",), []),
        (("helm.sh/hook: crd-install",), []),
        (("helm.sh/hook: pre-upgarde",), ["Helm knows no event `pre-upgarde`; the nearest is `pre-upgrade`"]),
        (("helm.sh/hook: before-deploy",), ["Helm knows no event `before-deploy`"]),
        (("helm.sh/hook: {{ .Values.hook }}",), []),
        ((BOTH, 'helm.sh/hook-weight: "-5"'), []),
        (
            (BOTH, 'helm.sh/hook-weight: "first"'),
            ["`first` is no weight: Helm runs the hook as one of weight 0"],
        ),
        (
            (BOTH, "helm.sh/hook-delete-policy: before-hook-create"),
            ["Helm knows no policy `before-hook-create`; the nearest is `before-hook-creation`"],
        ),
        (("helm.sh/hook-delete-policy: nonsense",), []),
    ],
)
def test_annotations_helm_does_not_understand(annotations: tuple[str, ...], said: list[str]) -> None:
    found = check_rule("ignored-helm-hook", project(job(*annotations)))
    assert [one.message for one in found] == said


@pytest.mark.parametrize(("own", "told"), [("", 1), ("  annotations:\n    helm.sh/hook: pre-upgrade\n", 0)])
def test_hooks_that_stand_at_the_pods(own: str, told: int) -> None:
    inner = "    metadata:\n      annotations:\n        helm.sh/hook: pre-upgrade\n"
    text = (
        job("a: b").replace("  annotations:\n    a: b\n\n", own).replace("    spec:\n", f"{inner}    spec:\n")
    )
    text = text.replace("  annotations:\n    a: b\n", own)
    assert len(check_rule("ignored-helm-hook", project(text))) == told


@pytest.mark.parametrize(
    ("policy", "events", "name", "end"),
    [
        ("hook-succeeded", "pre-install", "migrate", "fails"),
        ("hook-succeeded", "pre-upgrade", "migrate", "fails"),
        ("hook-failed", "pre-upgrade", "migrate", "succeeds"),
        ("hook-failed", "pre-install", "migrate", None),
        ("hook-succeeded", "pre-delete", "migrate", None),
        ("hook-succeeded, hook-failed", "pre-upgrade", "migrate", None),
        ("hook-succeeded,before-hook-creation", "pre-upgrade", "migrate", None),
        ("hook-succeeded", "pre-upgrade", "migrate-{{ .Release.Revision }}", None),
        ("hook-succeeded", "pre-upgrade", "migrate-{{ now | date }}", None),
        ("{{ .Values.policy }}", "pre-upgrade", "migrate", None),
        ("hook-succeeded", "test", "migrate", None),
    ],
)
def test_hooks_that_stand_in_the_way(policy: str, events: str, name: str, end: str | None) -> None:
    text = job(f"helm.sh/hook: {events}", f'helm.sh/hook-delete-policy: "{policy}"')
    found = check_rule(
        "failed-hook-in-the-way", project(text.replace("{{ .Release.Name }}-migrate", name, 1))
    )
    assert [f"when it {end}," in one.message for one in found] == ([True] if end else [])


@pytest.mark.parametrize(
    ("hook", "theirs", "when"),
    [
        ((BOTH,), (), "after its hooks"),
        (("helm.sh/hook: pre-upgrade",), (), None),
        (("helm.sh/hook: post-install,pre-upgrade",), (), None),
        ((BOTH,), (BOTH,), None),
        ((BOTH, 'helm.sh/hook-weight: "2"'), (BOTH, 'helm.sh/hook-weight: "1"'), None),
        ((BOTH, 'helm.sh/hook-weight: "-2"'), (BOTH, 'helm.sh/hook-weight: "-1"'), "as a later hook"),
        ((BOTH,), ("helm.sh/hook: post-install",), "as a later hook"),
        ((BOTH,), ('helm.sh/hook: "{{ .Values.hook }}"',), None),
    ],
)
def test_objects_that_come_after_the_hook(
    hook: tuple[str, ...], theirs: tuple[str, ...], when: str | None
) -> None:
    found = check_rule("hook-needs-later-object", project(job(*hook), account=account(*theirs)))
    said = f"hook `orders-migrate` needs ServiceAccount `orders-migrate`, which Helm makes {when}"
    assert [one.message for one in found] == ([said] if when else [])


def test_a_hook_may_run_after_what_it_needs() -> None:
    files = project(job(BOTH, 'helm.sh/hook-weight: "0"'), account=account(BOTH, 'helm.sh/hook-weight: "4"'))
    rule = next(one for one in ALL_RULES if one.name == "hook-needs-later-object")
    (tried,) = try_fixes(files, rule)
    assert tried.title == "Run the hook after it"
    assert 'helm.sh/hook-weight: "5"' in tried.result["chart/templates/job.yaml"]
    assert not [one for one in tried.after if one.rule.name == rule.name]


@pytest.mark.parametrize(
    ("annotations", "names"),
    [
        ((BOTH,), {"finished-job-kept", "unbounded-job", "job-retried-by-default"}),
        (
            (BOTH, "helm.sh/hook-delete-policy: hook-succeeded,hook-failed"),
            {"unbounded-job", "job-retried-by-default"},
        ),
        (("helm.sh/hook: test",), {"job-retried-by-default"}),
    ],
)
def test_bounds_of_hooks(annotations: tuple[str, ...], names: set[str]) -> None:
    rules = {"finished-job-kept", "unbounded-job", "job-retried-by-default"}
    found = check(project(job(*annotations)), Settings(level="pedantic"))
    assert {one.rule for one in found if one.rule in rules} == names
