"""What fixes have got wrong in files that people write, each by the rule that did."""

import pytest

from rollsafe.engine.fixing import choose_by_safety, fix_project
from rollsafe.rules import Safety
from rollsafe.workspace.settings import Settings
from tests.checking import open_project
from tests.fixing.judging import judge_each, judge_together

AUDITOR = Settings(level="auditor")

POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
spec:
  containers:
    - name: web
      image: registry.example/web:1.4.2
"""
RESOURCES = "      resources:\n        requests:\n          cpu: 100m\n          memory: 128Mi\n"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  # One is enough for now.

  selector:
    matchLabels: {app: web}
  # What runs
  template:
    metadata:
      labels: {app: web}
    spec:
      # The server itself
      containers:
        - name: web
          image: registry.example/web:1.4.2
"""
SERVICE = """\
---
apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: shop
spec:
  selector: {app: web}
  ports:
    - port: 8080
"""
SCALER = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: web
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 2
  maxReplicas: 3
"""
USERS = "      securityContext:\n        runAsUser: 1000\n        runAsGroup: 3000\n"
SECURITY = "      securityContext:\n        readOnlyRootFilesystem: true\n        capabilities:\n"
DROPPED = "          drop: [CHOWN]\n"
ADDED = "          add: [CHOWN]\n"
MOUNT = """\
      volumeMounts:
        - name: logs
          mountPath: /logs
  volumes:
    - name: logs
      hostPath: {path: /var/log}
"""
PORTS = """\
services:
  web:
    image: nginx:1.27.2
    ports:
      - "80"
      - 8080:80
      - ${PORT}:81
      - "127.0.0.1:82:82"
"""

INGRESS = """\
apiVersion: networking.k8s.io/v1beta1
kind: Ingress
metadata:
  name: web
  namespace: shop
spec:
  rules:
    - host: shop.example
      http:
        paths:
          - path: /
            backend:
              serviceName: web
              servicePort: 80
          - path: /api
            backend: {serviceName: api, servicePort: http} # the other
"""
OLD_SCALER = """\
apiVersion: autoscaling/v2beta1
kind: HorizontalPodAutoscaler
metadata:
  name: web
  namespace: shop
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 3
  maxReplicas: 9
  metrics:
    - type: Resource
      resource:
        name: cpu
        targetAverageUtilization: 60 # of the request
"""
OLD_DEPLOYMENT = """\
apiVersion: extensions/v1beta1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry.example/web:1.4.2
"""
SLEEPING = """\
      lifecycle:
        preStop:
          exec:
            command:
            - sleep
            - "10"
"""
IN_BRACES = (
    '{"services": {"web": {"restart": "always", "image": "nginx:1.27.2"}, "api": {"image": "nginx:1.27.2"}}}'
)
SMALL = 'from debian:12.5\nrun curl -f https://shop.example | tar x\ncmd ["serve"]\n'
SORTED = "services:\n  web:\n    image: nginx:1.27.2\n    user: '1'\n"
VERSION = "version: '3' # of old\n"
UNSORTED = """\
services:
  web:
    restart: always
    ports:
      - "127.0.0.1:80:80"
    image: nginx:1.27.2
"""

CASES = {
    "a limit below a key that is there": ("missing-ephemeral-storage-limit", "pod.yaml", POD + RESOURCES),
    "several settings in one mapping": ("unhardened-container", "pod.yaml", POD + SECURITY + DROPPED),
    "a list that is begun": ("unhardened-container", "pod.yaml", POD + SECURITY + ADDED),
    "requests that are no limits": ("missing-resource-requests", "pod.yaml", POD),
    "limits beside requests": ("missing-memory-limit", "pod.yaml", POD + RESOURCES),
    "pods on one node": ("few-replicas", "web.yaml", DEPLOYMENT),
    "pods behind a Service": ("single-replica", "web.yaml", DEPLOYMENT + SERVICE),
    "a port nobody declares": ("missing-readiness-probe", "web.yaml", DEPLOYMENT + SERVICE),
    "an upper bound in the way": ("low-autoscaler-minimum", "scaling.yaml", SCALER),
    "both ids": ("low-user-id", "pod.yaml", POD + USERS),
    "a mount that stays": ("host-path-mounted", "pod.yaml", POD + MOUNT),
    "an account by name": (
        "service-account-token-mounted",
        "pod.yaml",
        POD.replace("  containers:", "  serviceAccountName: default\n  containers:"),
    ),
    "ports without a host's": ("port-on-every-interface", "compose.yaml", PORTS),
    "an Ingress of an old version": ("removed-api-version", "web.yaml", INGRESS),
    "an autoscaler of an old version": ("removed-api-version", "web.yaml", OLD_SCALER),
    "a Deployment without a selector": ("removed-api-version", "web.yaml", OLD_DEPLOYMENT),
    "a list below its key": (
        "command-missing-from-image",
        "pod.yaml",
        POD.replace("registry.example/web:1.4.2", "gcr.io/distroless/static-debian12:nonroot") + SLEEPING,
    ),
    "keys in their order": ("missing-restart-policy", "compose.yaml", SORTED),
    "a comment behind what goes": ("obsolete-compose-version", "compose.yaml", VERSION + PORTS),
    "small letters": ("pipe-without-pipefail", "Dockerfile", SMALL),
    "a comment above an instruction": (
        "image-runs-as-root",
        "Dockerfile",
        'FROM debian:12.5\n# What it does\nCMD ["serve"]\n',
    ),
    "a relative destination": ("add-instead-of-copy", "Dockerfile", "FROM node:22.11.0\nADD app.js app.js\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_each_fix_does_what_fixes_are_held_to(name: str) -> None:
    rule, path, text = CASES[name]
    project = open_project({path: text}, AUDITOR)
    mine = [found for found in project.engine.all_findings() if found.rule.name == rule]
    tried = list(judge_each(project, mine))
    assert tried, [found.rule.name for found in project.engine.all_findings()]
    assert [fault for _, faults in tried for fault in faults] == []


def test_what_is_put_above_a_key_leaves_the_comment_of_that_key_with_it() -> None:
    project = open_project({"web.yaml": DEPLOYMENT}, AUDITOR)
    fix_project(project, choose_by_safety(unsafe=True), lambda found: found.rule.name == "few-replicas")
    assert "\n      # The server itself\n      containers:\n" in project.snapshot.files["web.yaml"].text


def test_findings_that_look_alike_are_fixed_in_one_run() -> None:
    stages = "FROM debian:12.5 as one\nRUN true\nFROM debian:12.5 as two\nRUN true\n"
    project = open_project({"Dockerfile": stages}, AUDITOR)
    fix_project(project, choose_by_safety(unsafe=False))
    assert project.snapshot.files["Dockerfile"].text == stages.replace(" as ", " AS ")


def test_nothing_is_put_beside_a_text_that_moves() -> None:
    project = open_project({"compose.yaml": UNSORTED}, AUDITOR)
    assert list(judge_together(project, unsafe=True)) == []


def test_what_stands_in_braces_is_not_moved_by_lines() -> None:
    project = open_project({"compose.yaml": IN_BRACES}, AUDITOR)
    found = [one for one in project.engine.all_findings() if one.rule.name == "unsorted-compose-entries"]
    assert found
    assert [one.fixes for one in found] == [()] * len(found)


LATER = "FROM debian:12.5\nRUN apt-get update && apt-get install -y curl=7\n{}RUN apt-get install -y git=2\n"
START = "FROM debian:12.5\nENTRYPOINT serve --all\n{}"


@pytest.mark.parametrize(
    ("rule", "text", "safety"),
    [
        ("package-cache-left", LATER.format(""), Safety.UNSAFE),
        ("package-cache-left", LATER.format("RUN apt-get update\n"), Safety.SAFE),
        ("shell-form-command", START.format(""), Safety.SAFE),
        ("shell-form-command", START.format('CMD ["--fast"]\n'), Safety.UNSAFE),
        ("add-instead-of-copy", "FROM debian:12.5\nADD app.js /app/\n", Safety.SAFE),
        ("add-instead-of-copy", "FROM debian:12.5\nADD rootfs /\n", Safety.UNSAFE),
    ],
)
def test_a_fix_is_safe_only_where_the_same_comes_out(rule: str, text: str, safety: Safety) -> None:
    project = open_project({"Dockerfile": text}, AUDITOR)
    found = next(one for one in project.engine.all_findings() if one.rule.name == rule)
    assert [fix.safety for fix in found.fixes] == [safety]
