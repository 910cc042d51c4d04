"""What kustomizations build is what is judged; findings stand where they are caused."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from rollsafe.workspace.settings import Settings
from tests.checking import ALL_RULES, check, fix, open_project, seen
from tests.installed import cache, missing

WEB = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry.example/web:1.4.2
          env:
            - name: LOG_LEVEL
              value: info
          ports:
            - containerPort: 8080
          readinessProbe:
            httpGet: {path: /ready, port: 8080}
          volumeMounts:
            - name: cache
              mountPath: /cache
      volumes:
        - name: cache
          emptyDir: {}
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  type: LoadBalancer
  selector: {app: web}
  ports:
    - port: 80
      targetPort: 8080
"""
BASE = {"base/kustomization.yaml": "resources:\n  - web.yaml\n", "base/web.yaml": WEB}
HEAD = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n"
CONTAINER = f"{HEAD}spec:\n  template:\n    spec:\n      containers:\n        - name: web\n"
CONTAINERS = "/spec/template/spec/containers"
COMPONENT = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
ON_BASE = "resources:\n  - ../../base\n"
OVERLAY = "overlays/production/kustomization.yaml"


def overlay(text: str, **files: str) -> dict[str, str]:
    """Return a project of the base and one overlay; `files` lie beside it as YAML."""
    beside = {f"overlays/production/{name}.yaml": body for name, body in files.items()}
    return {**BASE, OVERLAY: ON_BASE + text, **beside}


def patched(patch: str) -> dict[str, str]:
    """Return a project with an overlay that lays one object over the base."""
    return overlay("patches:\n  - path: patch.yaml\n", patch=patch)


def operated(*operations: str) -> dict[str, str]:
    """Return a project with an overlay that changes the Deployment by operations."""
    body = "".join(f"      - {one}\n" for one in operations)
    return overlay(f"patches:\n  - target: {{kind: Deployment, name: web}}\n    patch: |-\n{body}")


def told(files: Mapping[str, str], rule: str) -> list[tuple[str, int, str]]:
    """Return file, line and message of what a rule says."""
    found = check(files, Settings(level="auditor", select=(rule,)))
    return [(one.path.rpartition("/")[2], one.line, one.message) for one in found]


def places(files: Mapping[str, str], rule: str) -> list[tuple[str, int]]:
    return [(path, line) for path, line, _ in told(files, rule)]


PROBE = "          readinessProbe:\n"
LIMITED = f"{CONTAINER}          resources:\n            limits: {{memory: 64Mi}}\n"


@pytest.mark.parametrize(
    ("files", "rule", "expected"),
    [
        (overlay(""), "missing-memory-limit", [("web.yaml", 14)]),
        (patched(LIMITED), "missing-memory-limit", []),
        (
            patched(f"{CONTAINER}          readinessProbe: null\n"),
            "missing-readiness-probe",
            [("patch.yaml", 10)],
        ),
        (
            patched(f"{CONTAINER}          readinessProbe:\n            $patch: delete\n"),
            "missing-readiness-probe",
            [("patch.yaml", 11)],
        ),
        (
            operated("{op: remove, path: /spec/template/spec/containers/0/readinessProbe}"),
            "missing-readiness-probe",
            [("kustomization.yaml", 6)],
        ),
        (
            operated("{op: replace, path: /spec/replicas, value: 1}"),
            "single-replica",
            [("kustomization.yaml", 6)],
        ),
        (patched(f"{HEAD}spec:\n  replicas: 1\n"), "single-replica", [("patch.yaml", 6)]),
        (overlay("replicas:\n  - name: web\n    count: 1\n"), "single-replica", [("kustomization.yaml", 5)]),
        (overlay("replicas:\n  - name: web\n    count: 3\n"), "single-replica", []),
        (
            overlay("images:\n  - name: registry.example/web\n    newTag: latest\n"),
            "floating-image-tag",
            [("kustomization.yaml", 5)],
        ),
        (
            patched(f"{HEAD}spec:\n  strategy:\n    type: Recreate\n"),
            "recreate-strategy",
            [("patch.yaml", 7)],
        ),
        (
            operated("{op: replace, path: /spec/template/metadata/labels/app, value: other}"),
            "mismatched-selector",
            [("kustomization.yaml", 6)],
        ),
    ],
)
def test_a_finding_stands_where_it_is_caused(
    files: dict[str, str], rule: str, expected: list[tuple[str, int]]
) -> None:
    assert places(files, rule) == expected


KUSTOMIZED = {
    "removes": patched(f"{CONTAINER}          readinessProbe: null\n"),
    "resources": patched(LIMITED),
    "recreates": patched(f"{HEAD}spec:\n  replicas: 1\n  strategy:\n    type: Recreate\n"),
    "adds a container": patched(
        f"{CONTAINER}        - name: proxy\n          image: registry.example/proxy\n"
        "          env:\n            - {name: A, value: b}\n"
    ),
    "deletes a container": overlay(
        "patches:\n  - path: one.yaml\n  - path: two.yaml\n",
        one=CONTAINER.replace("- name: web", "- name: other\n          image: registry.example/other:1.0.0"),
        two=CONTAINER.replace("- name: web", "- name: web\n          $patch: delete"),
    ),
    "replaces the containers": patched(
        CONTAINER.replace(
            "- name: web", "- $patch: replace\n        - name: x\n          image: registry.example/x:1.2.3"
        )
    ),
    "deletes an object": patched("$patch: delete\napiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"),
    "leaves to other tools": {
        **overlay("replicas:\n  - {name: web, count: 1}\n"),
        "base/web.yaml": WEB.replace(
            "  name: web\nspec:\n  replicas",
            "  name: web\n  annotations:\n    ignore-check.kube-linter.io/minimum-three-replicas: idle\n"
            "spec:\n  replicas",
        ),
    },
    "merges lists": patched(
        f"{CONTAINER}          env:\n            - {{name: LOG_LEVEL, value: debug}}\n"
        "            - {name: PASSWORD, value: hunter2-and-more}\n"
        "          ports:\n            - {containerPort: 8080, name: http}\n"
        "          volumeMounts:\n            - {name: cache, mountPath: /cache, readOnly: true}\n"
        "      volumes:\n        - name: cache\n          emptyDir: null\n"
        "          hostPath: {path: /var/run}\n"
    ),
    "operates": operated(
        "{op: test, path: /spec/replicas, value: 2}",
        "{op: add, path: /metadata/annotations, value: {}}",
        "{op: add, path: /metadata/annotations/example.org~1owner, value: team}",
        f'{{op: add, path: {CONTAINERS}/-, value: {{name: x, image: "registry.example/x:latest"}}}}',
        "{op: add, path: /spec/template/spec/containers/0/env/0, value: {name: FIRST, value: a}}",
        f"{{op: copy, from: {CONTAINERS}/0/readinessProbe, path: {CONTAINERS}/0/livenessProbe}}",
        f"{{op: move, from: {CONTAINERS}/0/readinessProbe, path: {CONTAINERS}/1/readinessProbe}}",
        "{op: remove, path: /spec/template/spec/containers/0/volumeMounts}",
    ),
    "sets fields": overlay(
        "namespace: shop\ncommonLabels:\n  team: shop\ncommonAnnotations:\n  owner: shop\n"
        "replicas:\n  - {name: web, count: 1}\nimages:\n  - {name: registry.example/web, newTag: latest}\n"
    ),
    "labels without selectors": overlay("labels:\n  - pairs: {team: shop}\n    includeTemplates: true\n"),
    "an image by digest": overlay(
        "images:\n  - name: registry.example/web\n    newName: mirror.example/web\n"
        f"    digest: sha256:{'0' * 64}\n"
    ),
    "regular expressions": overlay(
        "patches:\n  - target: {kind: Deploy.*, name: w.b}\n    patch: |-\n"
        "      - {op: replace, path: /spec/replicas, value: 1}\n"
        "  - target: {kind: Deployment, labelSelector: app=other}\n    patch: |-\n"
        "      - {op: remove, path: /spec/template/spec/volumes}\n"
    ),
    "several layers": {
        **BASE,
        "middle/kustomization.yaml": "resources:\n  - ../base\nnamePrefix: shop-\n"
        "patches:\n  - path: one.yaml\n",
        "middle/one.yaml": LIMITED,
        OVERLAY: "resources:\n  - ../../middle\nnameSuffix: -v1\npatches:\n"
        "  - target: {name: shop-web, kind: Deployment}\n"
        '    patch: \'[{"op": "replace", "path": "/spec/replicas", "value": 1}]\'\n',
    },
    "a component": {
        **BASE,
        "components/small/kustomization.yaml": COMPONENT
        + "resources:\n  - budget.yaml\npatches:\n  - path: small.yaml\n",
        "components/small/budget.yaml": "apiVersion: policy/v1\nkind: PodDisruptionBudget\n"
        "metadata:\n  name: web\n"
        "spec:\n  maxUnavailable: 1\n  selector:\n    matchLabels: {app: web}\n",
        "components/small/small.yaml": LIMITED,
        OVERLAY: f"{ON_BASE}components:\n  - ../../components/small\n",
    },
    "generated configuration": overlay(
        "namespace: shop\nconfigMapGenerator:\n  - name: settings\n    literals: [A=1]\n"
        "generatorOptions: {disableNameSuffixHash: true}\npatches:\n  - path: env.yaml\n",
        env=f"{CONTAINER}          env:\n            - name: B\n              valueFrom:\n"
        "                configMapKeyRef: {name: settings, key: B}\n",
    ),
    "operations of a file": overlay(
        "patches:\n  - path: operations.yaml\n    target: {kind: Deployment}\n",
        operations="- op: replace\n  path: /spec/replicas\n  value: 1\n",
    ),
    "older fields": overlay(
        "patchesStrategicMerge:\n  - patch.yaml\npatchesJson6902:\n"
        "  - target: {group: apps, version: v1, kind: Deployment, name: web}\n"
        "    patch: |-\n      - {op: remove, path: /spec/template/spec/containers/0/readinessProbe}\n",
        patch=LIMITED,
    ),
}
_OF_THE_FILES = {"deprecated-kustomize-field", "kustomization"}


@pytest.mark.parametrize("name", KUSTOMIZED)
def test_the_findings_are_those_of_what_kustomize_itself_builds(name: str, tmp_path: Path) -> None:
    files = KUSTOMIZED[name]
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    kubectl = cache() / "helm" / "kubectl"
    if not kubectl.exists():
        missing("kubectl (tests/helm_charts/install.sh)")
    command = [str(kubectl), "kustomize", "overlays/production"]
    made = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    settings = Settings(level="auditor")
    theirs = {(one.rule, _plain(one.message)) for one in check({"k8s/all.yaml": made.stdout}, settings)}
    ours = {(one.rule, one.message) for one in check(files, settings) if one.rule not in _OF_THE_FILES}
    assert ours == theirs


def _plain(message: str) -> str:
    return message.replace("shop-web-v1", "web")


STAGING = {"overlays/staging/kustomization.yaml": ON_BASE}
NO_LIMIT = "container `web` of `web` has no memory limit"


def test_what_only_some_overlays_mend_names_the_others() -> None:
    files = {**patched(LIMITED), **STAGING}
    (one,) = [
        found
        for found in open_project(files, Settings(level="auditor")).engine.all_findings()
        if found.rule.name == "missing-memory-limit"
    ]
    assert seen(one).message == f"{NO_LIMIT} in `overlays/staging`"
    assert [(told.file.path, told.message) for told in one.related] == [
        ("overlays/production/patch.yaml", "not in `overlays/production` because of this")
    ]


def test_an_overlay_for_development_has_no_say() -> None:
    files = {**patched(LIMITED), "overlays/dev/kustomization.yaml": ON_BASE}
    assert told(files, "missing-memory-limit") == []


def test_what_two_overlays_share_is_told_once() -> None:
    shared = {
        "parts/one/kustomization.yaml": COMPONENT + "replicas:\n  - {name: web, count: 1}\n",
        OVERLAY: f"{ON_BASE}components: [../../parts/one]\n",
        "overlays/staging/kustomization.yaml": f"{ON_BASE}components: [../../parts/one]\n",
        "overlays/canary/kustomization.yaml": ON_BASE,
    }
    expected = "`web` behind Service `web` runs a single pod"
    assert told({**BASE, **shared}, "single-replica") == [("kustomization.yaml", 4, expected)]


def test_a_reason_beside_a_patched_value_is_read_and_so_is_an_ignore_comment() -> None:
    reason = f"{HEAD}spec:\n  replicas: 1  # only one may hold the lock\n"
    assert places(patched(reason), "single-replica") == []
    ignored = f"{HEAD}spec:\n  # rollsafe: ignore[single-replica] -- it is idle\n  replicas: 1\n"
    assert places(patched(ignored), "single-replica") == []


def test_a_fix_of_a_patched_value_changes_the_patch() -> None:
    files = operated("{op: add, path: /spec/revisionHistoryLimit, value: 0}")
    (rule,) = (one for one in ALL_RULES if one.name == "rollback-disabled")
    result, applied = fix(files, rule)
    assert set(applied.result) == {OVERLAY}
    assert result[OVERLAY] == files[OVERLAY].replace("value: 0", "value: 3")


@pytest.mark.parametrize(
    "text",
    [
        "resources: [https://example.org/base?ref=v1, ../../base]\n",
        "resources: [../missing, ../../base]\n",
        "helmCharts:\n  - {name: x, repo: 'https://example.org', version: 1.0.0}\nresources: [../../base]\n",
        "resources: [../../base, .]\n",
        "resources: [../../base, ../../overlays/production]\n",
        "components: [../../base]\nresources: [../../base]\n",
    ],
)
def test_an_overlay_that_is_not_known_as_a_whole_is_judged_by_what_is(text: str) -> None:
    files = {
        **BASE,
        OVERLAY: f"{text}patches:\n  - path: patch.yaml\n",
        "overlays/production/patch.yaml": LIMITED,
    }
    if "overlays/production" not in text and ", .]" not in text:
        assert told(files, "missing-memory-limit") == []
    assert isinstance(check(files, Settings(level="auditor")), list)


@pytest.mark.parametrize(
    "text",
    [
        "transformers: [labels.yaml]\n",
        "replacements: [{source: {kind: Deployment}, targets: []}]\n",
        "patches:\n  - path: missing.yaml\n",
        "patches:\n  - target: {name: '(a+)+$'}\n    patch: '[{op: remove, path: /spec/template}]'\n",
        "patches:\n  - target: {kind: Deployment, labelSelector: 'app in (web)'}\n    patch: '[]'\n",
        "patches:\n  - target: {kind: Deployment}\n    patch: '[{op: remove, path: /spec/nowhere}]'\n",
        "patches:\n  - target: {kind: Deployment}\n    patch: "
        f"'[{{op: add, path: {CONTAINERS}/9, value: {{}}}}]'\n",
        "patches:\n  - target: {kind: Deployment}\n    patch: '[{op: explode, path: /spec}]'\n",
    ],
)
def test_an_object_that_may_be_changed_further_adds_nothing(text: str) -> None:
    files = overlay(text.rstrip("\n") + "\nreplicas:\n  - {name: web, count: 1}\n")
    assert places(files, "single-replica") == []


HOSTILE = {
    "a cycle": {
        OVERLAY: "resources: [../../other]\n",
        "other/kustomization.yaml": "resources: [../overlays/production]\n",
    },
    "many layers": {
        f"l{n}/kustomization.yaml": f"resources: [../l{n + 1}, ../l{n + 1}/]\n" for n in range(40)
    },
    "many aliases": overlay(
        "patches:\n  - path: patch.yaml\n",
        patch="apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  a0: &a0 [x]\n"
        + "".join(f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)),
    ),
    "many operations": operated(*["{op: add, path: /spec/x, value: {}}"] * 3_000),
    "a deep path": operated(f"{{op: add, path: {'/a' * 5_000}, value: 1}}"),
    "a great index": operated(
        "{op: add, path: /spec/template/spec/containers/99999999999999999999, value: 1}"
    ),
    "operations that grow": operated(
        *["{op: copy, from: /spec, path: /spec/copy}"] * 60,
    ),
    "no objects": overlay(
        "patches:\n  - 1\n  - {}\n  - {patch: 'x'}\n  - {path: []}\nimages: [1]\nreplicas: [2]\nlabels: 3\n"
    ),
    "a long list": overlay("patches:\n" + "  - path: patch.yaml\n" * 3_000, patch=LIMITED),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_kustomizations_neither_stall_nor_stop_the_rest(name: str) -> None:
    beside = {**BASE, "plain/web.yaml": WEB.replace("replicas: 2", "revisionHistoryLimit: 0")}
    found = check({**beside, **HOSTILE[name]}, Settings(level="auditor"))
    assert [one.path for one in found if one.rule == "rollback-disabled"] == ["plain/web.yaml"]


EDITED = {
    **patched(LIMITED),
    **STAGING,
    "overlays/production/budget.yaml": KUSTOMIZED["a component"]["components/small/budget.yaml"],
}
EDITS: tuple[dict[str, str | None], ...] = (
    {"base/web.yaml": WEB.replace("replicas: 2", "replicas: 1")},
    {"base/web.yaml": f"# a comment\n{WEB}"},
    {"overlays/production/patch.yaml": f"{LIMITED}          readinessProbe: null\n"},
    {OVERLAY: f"{ON_BASE}  - budget.yaml\npatches:\n  - path: patch.yaml\n"},
    {"base/web.yaml": WEB.replace("app: web", "app: www")},
    {"overlays/production/budget.yaml": "x: 1\n"},
    {"overlays/staging/kustomization.yaml": f"{ON_BASE}replicas: [{{name: web, count: 1}}]\n"},
    {"overlays/production/patch.yaml": None},
    {"overlays/staging/kustomization.yaml": None},
    {"base/kustomization.yaml": "resources: []\n"},
    {"base/kustomization.yaml": "resources: [web.yaml]\n", "overlays/production/patch.yaml": LIMITED},
)


def test_what_is_found_after_edits_is_what_is_found_anew() -> None:
    files: dict[str, str] = dict(EDITED)
    project = open_project(files, Settings(level="auditor"))
    for edit in EDITS:
        project.replace(edit)
        for path, text in edit.items():
            if text is None:
                del files[path]
            else:
                files[path] = text
        found = [seen(one) for one in project.engine.all_findings()]
        assert found == check(files, Settings(level="auditor")), edit
