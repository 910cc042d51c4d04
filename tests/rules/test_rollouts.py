"""Rules over what a release may spend, where the numbers of several places come together."""

import pytest

from rollsafe.workspace.settings import Settings
from tests.checking import ALL_RULES, check_rule, open_project, try_fixes

DEPLOYMENT = """\
apiVersion: {api}
kind: {kind}
metadata: {{name: web}}
spec:
{spec}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      {pod}
      containers:
        - name: web
          image: {image}
          ports: [{{containerPort: 8080}}]
{container}
---
apiVersion: v1
kind: Service
metadata: {{name: web}}
spec:
  selector: {{app: web}}
  ports: [{{port: 8080}}]
"""
SCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 4
  maxReplicas: 8
"""


def workload(
    spec: str = "",
    container: str = "",
    pod: str = "",
    kind: str = "Deployment",
    image: str = "example.org/web:1",
) -> str:
    """Return a workload behind a Service; `spec` and `container` are lines already indented."""
    api = "argoproj.io/v1alpha1" if kind == "Rollout" else "apps/v1"
    return DEPLOYMENT.format(api=api, kind=kind, spec=spec, container=container, pod=pod, image=image)


def told(rule: str, files: dict[str, str] | str) -> list[str]:
    found = check_rule(rule, {"k8s/web.yaml": files} if isinstance(files, str) else files)
    return [one.message for one in found]


def rolling(replicas: int, surge: str, missing: str, below: str = "rollingUpdate") -> str:
    return (
        f"  replicas: {replicas}\n  strategy:\n    {below}:\n"
        f"      maxSurge: {surge}\n      maxUnavailable: {missing}"
    )


@pytest.mark.parametrize(
    ("replicas", "surge", "missing", "is_outage"),
    [
        (3, "1", "100%", True),
        (3, "1", "99%", False),
        (1, "1", "1", True),
        (2, "1", "2", True),
        (1, "1", "50%", False),
        (1, "0", "50%", True),
        (3, "0%", "30%", False),
        (4, "0", "25%", False),
        (0, "0", "1", False),
    ],
)
def test_shares_are_rounded_as_kubernetes_does(
    replicas: int, surge: str, missing: str, is_outage: bool
) -> None:
    found = told("outage-while-rolling", workload(rolling(replicas, surge, missing)))
    assert bool(found) is is_outage


def test_the_least_an_autoscaler_leaves_counts() -> None:
    text = workload(rolling(1, "1", "1"))
    assert told("outage-while-rolling", text)
    assert not told("outage-while-rolling", {"k8s/web.yaml": text, "k8s/scaling.yaml": SCALER})


def test_a_canary_of_argo_rollouts_counts_in_the_same_way() -> None:
    assert told("outage-while-rolling", workload(rolling(2, "1", "100%", "canary"), kind="Rollout"))


@pytest.mark.parametrize(
    ("surge", "missing", "kind", "refused"),
    [
        ("0", "0", "Deployment", True),
        ("0%", "0", "Deployment", True),
        ("0", "10%", "Deployment", False),
        ("1", "1", "DaemonSet", True),
        ("0", "0", "DaemonSet", True),
        ("1", "0", "DaemonSet", False),
    ],
)
def test_bounds_that_are_refused(surge: str, missing: str, kind: str, refused: bool) -> None:
    text = workload(rolling(2, surge, missing), kind=kind)
    if kind == "DaemonSet":
        text = text.replace("  replicas: 2\n", "").replace("  strategy:", "  updateStrategy:")
    assert bool(told("refused-rolling-update", text)) is refused


STARTUP = "          startupProbe: {tcpSocket: {port: 8080}, periodSeconds: 10, failureThreshold: %d}"


@pytest.mark.parametrize(
    ("spec", "failures", "flagged"),
    [
        ("  progressDeadlineSeconds: 120", 11, False),
        ("  progressDeadlineSeconds: 120", 13, True),
        ("", 60, False),
        ("", 61, True),
        ("  minReadySeconds: 30", 58, True),
        ("  minReadySeconds: 600", 1, True),
        ("  progressDeadlineSeconds: {{ .Values.deadline }}", 90, False),
    ],
)
def test_a_deadline_leaves_time_to_start(spec: str, failures: int, flagged: bool) -> None:
    assert bool(told("early-progress-deadline", workload(spec, STARTUP % failures))) is flagged


@pytest.mark.parametrize(
    ("handler", "pod", "flagged"),
    [
        ("sleep: {seconds: 30}", "", True),
        ("sleep: {seconds: 29}", "", False),
        ("exec: {command: [sh, -c, sleep 45]}", "terminationGracePeriodSeconds: 60", False),
        ("exec: {command: [sh, -c, sleep 60 && nginx -s quit]}", "terminationGracePeriodSeconds: 60", True),
        ("httpGet: {path: /stop, port: 8080}", "terminationGracePeriodSeconds: 1", False),
    ],
)
def test_a_sleep_fits_into_the_grace_period(handler: str, pod: str, flagged: bool) -> None:
    text = workload("", f"          lifecycle: {{preStop: {{{handler}}}}}", pod)
    assert bool(told("pre-stop-outlasts-grace", text)) is flagged


@pytest.mark.parametrize(
    ("image", "files", "flagged"),
    [
        ("gcr.io/distroless/static:nonroot", {}, True),
        ("gcr.io/distroless/static:debug-nonroot", {}, False),
        ("example.org/web:1", {"web/Dockerfile": 'FROM scratch\nCOPY web /web\nCMD ["/web"]\n'}, True),
        ("example.org/web:1", {"web/Dockerfile": 'FROM alpine:3.20\nCMD ["/web"]\n'}, False),
        ("example.org/web:1", {"web/Dockerfile": "FROM scratch\nCOPY --from=busybox /bin/sh /bin/\n"}, False),
        ("example.org/web:1", {}, False),
    ],
)
def test_programs_are_looked_for_in_the_image(image: str, files: dict[str, str], flagged: bool) -> None:
    handler = "          lifecycle: {preStop: {exec: {command: [sleep, '10']}}}"
    found = told("command-missing-from-image", {"k8s/web.yaml": workload("", handler, image=image), **files})
    assert bool(found) is flagged


def test_a_probe_is_the_health_check_of_the_image() -> None:
    recipe = 'FROM alpine:3.20\nHEALTHCHECK CMD wget -qO- http://localhost:8080/healthz\nCMD ["/web"]\n'
    rule = next(one for one in ALL_RULES if one.name == "missing-readiness-probe")
    tried = try_fixes({"k8s/web.yaml": workload(), "web/Dockerfile": recipe}, rule)
    assert [one.title for one in tried] == ["Add a readiness probe that asks `/healthz` of port 8080"]
    assert "path: /healthz" in tried[0].result["k8s/web.yaml"]


def test_a_budget_is_made_beside_the_workload_and_listed() -> None:
    layer = "resources:\n  - web.yaml\n"
    rule = next(one for one in ALL_RULES if one.name == "missing-disruption-budget")
    files = {"k8s/web.yaml": workload("  replicas: 3"), "k8s/kustomization.yaml": layer}
    (tried,) = try_fixes(files, rule)
    assert tried.result["k8s/kustomization.yaml"] == layer + "  - web-budget.yaml\n"
    assert "maxUnavailable: 1" in tried.result["k8s/web-budget.yaml"]
    assert not [one for one in tried.after if one.rule.name == "missing-disruption-budget"]


@pytest.mark.parametrize(
    ("amount", "read"),
    [("512Mi", True), ("0.5Gi", True), ("1e9", True), ("512MB", False), ("512m", False), ("1 Gi", False)],
)
def test_amounts_of_memory(amount: str, read: bool) -> None:
    text = workload("", f"          resources: {{limits: {{memory: {amount}}}}}")
    assert bool(told("unusable-resource-quantity", text)) is not read


ASKING = """\
          readinessProbe: {httpGet: {path: /health, port: 8080%s}}
          livenessProbe: {httpGet: {path: /health, port: 8080}, failureThreshold: %d}"""


@pytest.mark.parametrize(
    ("headers", "failures", "flagged"),
    [("", 3, True), ("", 4, False), (", httpHeaders: [{name: X-Deep, value: '1'}]", 3, False)],
)
def test_probes_that_ask_the_same(headers: str, failures: int, flagged: bool) -> None:
    assert bool(told("identical-probes", workload("", ASKING % (headers, failures)))) is flagged


CRON = "apiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: report}}\nspec: {{schedule: '{}'}}\n"


@pytest.mark.parametrize(
    ("schedule", "read"),
    [
        ("*/5 * * * *", True),
        ("0 6 * * MON-FRI", True),
        ("0 0 1,15 JAN,JUL ?", True),
        ("@daily", True),
        ("@every 1h30m", True),
        ("{{ .Values.schedule }}", True),
        ("60 * * * *", False),
        ("0 24 * * *", False),
        ("* * * *", False),
        ("0 0 12 * * *", False),
        ("0 0 31 2 *", False),
        ("*/0 * * * *", False),
    ],
)
def test_schedules(schedule: str, read: bool) -> None:
    assert bool(told("unreadable-schedule", CRON.format(schedule))) is not read


def test_a_knative_service_is_a_workload_without_probes_of_its_own() -> None:
    text = workload().partition("---")[0].replace("apps/v1", "serving.knative.dev/v1")
    text = text.replace("kind: Deployment", "kind: Service")
    assert told("undigested-image", text)
    assert not told("missing-readiness-probe", text)


def test_objects_of_a_list_are_judged_like_others() -> None:
    text = workload(rolling(2, "0", "0")).partition("---")[0]
    items = "".join(f"    {line}\n" for line in text.splitlines() if line.strip())
    listed = "apiVersion: v1\nkind: List\nitems:\n  -" + items[3:]
    assert told("refused-rolling-update", listed)


def test_nothing_is_told_of_a_patch() -> None:
    text = workload(rolling(3, "1", "100%"), pod="terminationGracePeriodSeconds: 30")
    project = open_project({"k8s/web-patch.yaml": text}, Settings(level="pedantic"))
    names = {one.rule.name for one in project.engine.all_findings()}
    assert not names & {"missing-pre-stop", "ready-at-once", "missing-disruption-budget", "few-replicas"}
