"""What values for staging have and those for production lack."""

import pytest

from rollsafe.workspace.settings import Settings
from tests.checking import check, check_rule

RULE = "production-values-behind-staging"
DEFAULTS = """\
replicaCount: 2
readinessProbe:
  enabled: true
podDisruptionBudget:
  enabled: false
autoscaling:
  enabled: false
worker:
  replicas: 1
env: {}
"""


def project(
    production: str, staging: str, names: tuple[str, str] = ("production", "staging")
) -> dict[str, str]:
    return {
        "c/Chart.yaml": "apiVersion: v2\nname: orders\nversion: 1.0.0\n",
        "c/values.yaml": DEFAULTS,
        f"c/values-{names[0]}.yaml": production,
        f"c/values-{names[1]}.yaml": staging,
    }


@pytest.mark.parametrize(
    ("production", "staging", "said"),
    [
        (
            "replicaCount: 1\n",
            "env: {A: 1}\n",
            "`replicaCount` is 1 in production and 2 in `values-staging.yaml`",
        ),
        ("replicaCount: 1\nautoscaling: {enabled: true}\n", "{a: ''}\n", None),
        ("replicaCount: 4\n", "replicaCount: 3\n", None),
        ("worker: {replicas: 2}\n", "worker: {replicas: 3}\n", "`worker.replicas` is 2"),
        ("readinessProbe: {enabled: false}\n", "{a: ''}\n", "`readinessProbe.enabled` is off in production"),
        ("readinessProbe: {enabled: false} # asked by the mesh instead\n", "{a: ''}\n", None),
        ("readinessProbe: {enabled: false}\n", "readinessProbe: {enabled: false}\n", None),
    ],
)
def test_what_everybody_is_told(production: str, staging: str, said: str | None) -> None:
    found = check(project(production, staging), Settings(select=(RULE,)))
    assert [one.message.startswith(said or "") for one in found] == ([True] if said else [])
    assert all(one.path == "c/values-production.yaml" for one in found)


@pytest.mark.parametrize(
    ("production", "staging", "said"),
    [
        ("a: 1\n", "podDisruptionBudget: {enabled: true}\n", ["podDisruptionBudget.enabled"]),
        ("a: 1\n", "env: {A: 1}\na: 2\n", []),
        ("env: {B: 1}\n", "env: {A: 1, B: 2}\n", ["env.A"]),
        ("env: {B: 1}\n", "env: {LOG_LEVEL: debug, B: 2}\n", []),
        ("env: {B: 1}\n", "env: {B: 2}\nqueue: {name: a, size: 3}\n", ["queue"]),
        ("env: {B: 1}\n", "queue: {}\nother: ''\n", []),
    ],
)
def test_what_is_hygiene(production: str, staging: str, said: list[str]) -> None:
    found = check(project(production, staging), Settings(level="pedantic", select=(RULE,)))
    assert [one.message.split("`")[1] for one in found] == said
    assert not check(project(production, staging), Settings(select=(RULE,)))


def test_only_staging_is_compared_with() -> None:
    for names in (("production", "dev"), ("staging", "production-like"), ("dev", "staging")):
        assert not check_rule(RULE, project("replicaCount: 1\n", "replicaCount: 3\n", names))
