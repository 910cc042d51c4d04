"""What platforms refuse, what they generate twice, and what runs once only."""

import json

import pytest

from rollsafe.workspace.settings import Settings
from tests.checking import check, check_rule

REFUSED = "refused-platform-setting"
FLY = """\
app = "shop"
[processes]
  web = "a"
  jobs = "b"
[http_service]
  internal_port = 80
  processes = [{}]
"""
RENDER = "services:\n  - type: web\n    name: shop\n    runtime: node\n    envVars:\n      - {}\n"
CLOUD_RUN = """\
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: shop
  annotations: {run.googleapis.com/ingress: all}
spec:
  template:
    metadata:
      annotations: {autoscaling.knative.dev/minScale: "%s", autoscaling.knative.dev/maxScale: "%s"}
    spec:
      containers: [{image: "gcr.io/shop/web:1.4.2"}]
  traffic: [%s]
"""
ALL = "{latestRevision: true, percent: 100}"
MOST = "{revisionName: a, percent: 90}"


def vercel(**settings: object) -> dict[str, str]:
    return {"vercel.json": json.dumps(settings)}


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (vercel(functions={"api/a.js": {}}, rewrites=[]), None),
        (vercel(functions={"api/a.js": {}}, builds=[]), "`functions` and `builds` exclude each other"),
        (vercel(routes=[], rewrites=[]), "`routes` and `rewrites` exclude each other"),
        (vercel(routes=[], trailingSlash=False), "`routes` and `trailingSlash` exclude each other"),
        (vercel(crons=[{"path": "/api/a", "schedule": "0 5 * * *"}]), None),
        (vercel(crons=[{"path": "api/a", "schedule": "0 5 * * *"}]), "of a cron job begins with `/`"),
        ({"fly.toml": FLY.format('"web", "jobs"')}, None),
        ({"fly.toml": FLY.format('"worker"')}, "a service is for process `worker`"),
        ({"fly.toml": 'app = "a"\n[http_service]\nprocesses = ["app"]\n'}, None),
        ({"render.yaml": RENDER.format("{key: A, value: b}")}, None),
        ({"render.yaml": RENDER.format("{key: A, sync: false}")}, None),
        ({"render.yaml": RENDER.format("{key: A, fromDatabase: {name: db, property: host}}")}, None),
        ({"render.yaml": RENDER.format("{fromGroup: common}")}, None),
        ({"render.yaml": RENDER.format("{key: A}")}, "`A` has no value"),
        ({"render.yaml": RENDER.format("{key: A, value: b, generateValue: true}")}, "`A` has a value and is"),
        ({"service.yaml": CLOUD_RUN % (1, 9, ALL)}, None),
        ({"service.yaml": CLOUD_RUN % (5, 3, ALL)}, "5 instances are the fewest and 3 the most"),
        ({"service.yaml": CLOUD_RUN % (1, 9, f"{MOST}, {{revisionName: b, percent: 10}}")}, None),
        ({"service.yaml": CLOUD_RUN % (1, 9, f"{MOST}, {{revisionName: b, percent: 1}}")},
         "the shares of the traffic add up to 91 %"),
        ({"service.yaml": CLOUD_RUN % (1, 9, "{revisionName: a, percent: ${X}}")}, None),
        ({"service.yaml": CLOUD_RUN % (1, 9, "{revisionName: a, tag: b}")}, None),
    ],
)  # fmt: skip
def test_what_platforms_refuse(files: dict[str, str], said: str | None) -> None:
    found = check_rule(REFUSED, files)
    assert [said is not None and said in one.message for one in found] == ([True] if said else [])


TWICE = """\
services:
  - type: web
    name: a
    envVars: [{key: K, generateValue: true}]
  - type: worker
    name: b
"""


@pytest.mark.parametrize(
    ("variables", "is_told"),
    [
        ("[{key: K, generateValue: true}]", True),
        ("[{key: L, generateValue: true}]", False),
        ("[{key: K, fromService: {type: web, name: a, envVarKey: K}}]", False),
        ("[{key: K, sync: false}]", False),
    ],
)
def test_secrets_that_are_generated_for_each_service(variables: str, is_told: bool) -> None:
    found = check(
        {"render.yaml": f"{TWICE}    envVars: {variables}\n"}, Settings(select=("secret-generated-twice",))
    )
    assert [one.line for one in found] == ([7] if is_told else [])
