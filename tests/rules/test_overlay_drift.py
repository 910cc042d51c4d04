"""What staging has and production lacks."""

import pytest

from tests.checking import check_rule
from tests.rules.test_built_kustomizations import BASE, CONTAINER, HEAD, ON_BASE

PRODUCTION = "overlays/production/kustomization.yaml"
STAGING = "overlays/staging/kustomization.yaml"


def drift(production: str, staging: str, **files: str) -> list[tuple[int, str]]:
    """Return line and message of what is said of the overlay for production; `files` lie beside staging."""
    beside = {f"overlays/staging/{name}.yaml": text for name, text in files.items()}
    project = {**BASE, PRODUCTION: ON_BASE + production, STAGING: ON_BASE + staging, **beside}
    found = check_rule("production-behind-staging", project)
    assert {one.path for one in found} <= {PRODUCTION}
    return [(one.line, one.message) for one in found]


PATCHED = "patches:\n  - path: patch.yaml\n"
ENV = f"{CONTAINER}          env:\n            - name: NAME\n              value: x\n"
LIVENESS = f"{CONTAINER}          livenessProbe:\n            tcpSocket: {{port: 8080}}\n"
BUDGET = (
    "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web}\n"
    "spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}\n"
)
GENERATED = "configMapGenerator:\n  - name: settings\n    literals:\n      - A=1\n"


@pytest.mark.parametrize(
    ("production", "staging", "patch", "expected"),
    [
        ("", "", "", []),
        (
            "replicas:\n  - {name: web, count: 1}\n",
            "",
            "",
            [(4, "`web` runs 1 replica here and 2 in `overlays/staging`")],
        ),
        ("replicas:\n  - {name: web, count: 3}\n", "", "", []),
        (
            "",
            PATCHED,
            LIVENESS,
            [(1, "container `web` has a `livenessProbe` in `overlays/staging` and none here")],
        ),
        (
            "",
            PATCHED,
            ENV.replace("NAME", "PAYMENT_URL"),
            [(1, "`web` is given `PAYMENT_URL` in `overlays/staging` and not here")],
        ),
        ("", PATCHED, ENV.replace("NAME", "PAYMENT_URL  # tried out first"), []),
        ("", PATCHED, ENV.replace("NAME", "ENABLE_DEBUG"), []),
        ("", PATCHED, f"{HEAD}spec:\n  revisionHistoryLimit: 3\n", []),
        (
            "",
            "resources: [../../base, patch.yaml]\n",
            BUDGET,
            [(1, "PodDisruptionBudget `web` is part of `overlays/staging` and not of this overlay")],
        ),
        (
            GENERATED,
            f"{GENERATED}      - B=1\n",
            "",
            [(1, "`settings` holds `B` in `overlays/staging` and not here")],
        ),
        (f"{GENERATED}    envs: [x.env]\n", f"{GENERATED}      - B=1\n", "", []),
        (
            "images:\n  - {name: registry.example/web, newName: other.example/web}\n",
            "",
            "",
            [(4, "`web` comes from `other.example` here and from `registry.example` in `overlays/staging`")],
        ),
        ("replicas:\n  - {name: web, count: 1}\ntransformers: [x.yaml]\n", "", "", []),
    ],
)
def test_what_only_staging_has_is_told_of_production(
    production: str, staging: str, patch: str, expected: list[tuple[int, str]]
) -> None:
    if staging.startswith("resources"):
        found = check_rule(
            "production-behind-staging",
            {**BASE, PRODUCTION: ON_BASE, STAGING: staging, "overlays/staging/patch.yaml": patch},
        )
        assert [(one.line, one.message) for one in found] == expected
    else:
        assert drift(production, staging, patch=patch) == expected


def test_overlays_of_different_things_are_not_compared() -> None:
    other = {path.replace("base/", "other/"): text for path, text in BASE.items()}
    files = {
        **BASE,
        **other,
        PRODUCTION: f"{ON_BASE}replicas:\n  - {{name: web, count: 1}}\n",
        STAGING: ON_BASE.replace("base", "other"),
    }
    assert check_rule("production-behind-staging", files) == []


def test_an_autoscaler_of_production_has_the_last_word() -> None:
    scaler = (
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\nspec:\n"
        "  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n"
        "  minReplicas: 2\n  maxReplicas: 4\n"
    )
    files = {
        **BASE,
        PRODUCTION: "resources: [../../base, scaler.yaml]\nreplicas:\n  - {name: web, count: 1}\n",
        "overlays/production/scaler.yaml": scaler,
        STAGING: ON_BASE,
    }
    assert check_rule("production-behind-staging", files) == []
