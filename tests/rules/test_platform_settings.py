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


def ecs(count: object, **more: object) -> str:
    return json.dumps({"serviceName": "web", "taskDefinition": "web", "desiredCount": count, **more})


ONCE = "single-platform-instance"
SERVICE = "services:\n  - type: {}\n    name: a\n    {}\n"


@pytest.mark.parametrize(
    ("path", "text", "is_told"),
    [
        ("render.yaml", SERVICE.format("web", "numInstances: 1"), True),
        ("render.yaml", SERVICE.format("web", "numInstances: 1 # one holder of the lock"), False),
        ("render.yaml", SERVICE.format("web", "numInstances: 2"), False),
        ("render.yaml", SERVICE.format("web", "plan: starter"), False),
        ("render.yaml", SERVICE.format("worker", "numInstances: 1"), False),
        ("render.yaml", SERVICE.format("web", "numInstances: 1\n    disk: {name: data}"), False),
        ("render.yaml", SERVICE.format("web", "scaling: {minInstances: 1, maxInstances: 1}"), True),
        ("render.yaml", SERVICE.format("web", "numInstances: 1\n    scaling: {maxInstances: 3}"), False),
        ("railway.json", '{"deploy": {"numReplicas": 1}}', True),
        ("railway.json", '{"deploy": {"numReplicas": 1, "cronSchedule": "0 5 * * *"}}', False),
        ("service.json", ecs(1, loadBalancers=[{"containerPort": 80}], deploymentConfiguration={}), True),
        ("service.json", ecs(1, deploymentConfiguration={}), False),
        ("service.yaml", CLOUD_RUN % (0, 1, ALL), True),
        ("service.yaml", CLOUD_RUN % (1, 9, ALL), False),
        ("app.yaml", "runtime: python312\nmanual_scaling: {instances: 1}\nhandlers: []\nservice: a\n", True),
        ("dev/render.yaml", SERVICE.format("web", "numInstances: 1"), False),
    ],
)
def test_one_instance_of_what_gets_requests(path: str, text: str, is_told: bool) -> None:
    assert bool(check_rule(ONCE, {path: text})) == is_told


APP = "[http_service]\nauto_stop_machines = {}\n{}"


@pytest.mark.parametrize(
    ("stops", "least", "is_told"),
    [
        ('"stop"', "min_machines_running = 0", True),
        ('"stop"', "", True),
        ("true", "", True),
        ('"off"', "", False),
        ('"stop"', "min_machines_running = 1", False),
    ],
)
def test_machines_that_stop(stops: str, least: str, is_told: bool) -> None:
    found = check_rule("scaled-to-zero", {"fly.toml": f'app = "a"\n{APP.format(stops, least)}\n'})
    assert bool(found) == is_told


PROBED = CLOUD_RUN.replace('1.4.2"}', '1.4.2", livenessProbe: {httpGet: {path: /up}}}')


def test_probes_on_cloud_run() -> None:
    for text, is_told in ((CLOUD_RUN, True), (PROBED, False)):
        found = check({"service.yaml": text % (1, 9, ALL)}, Settings(level="pedantic"))
        assert any(one.rule == "missing-platform-health-check" for one in found) == is_told


def fly(*names: str) -> str:
    return 'app = "a"\n[env]\n' + "".join(f'{name} = "1"\n' for name in names)


def task(*names: str) -> str:
    held = {"name": "web", "image": "a:1", "environment": [{"name": name, "value": "1"} for name in names]}
    return json.dumps({"family": "a", "containerDefinitions": [held]})


BOTH = """\
services:
  - type: web
    name: a-staging
    envVars: [{{key: A, sync: false}}, {{key: B, value: c}}]
  - type: web
    name: a-{}
    envVars: [{{key: A, sync: false}}]
"""


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"fly.staging.toml": fly("A", "B"), "fly.production.toml": fly("A")}, "B"),
        ({"fly.staging.toml": fly("A", "B"), "fly.toml": fly("A")}, "B"),
        ({"fly.staging.toml": fly("A", "LOG_LEVEL"), "fly.toml": fly("A")}, None),
        ({"fly.staging.toml": fly("A"), "fly.toml": fly("A", "B")}, None),
        ({"fly.dev.toml": fly("A", "B"), "fly.toml": fly("A")}, None),
        ({"staging/fly.toml": fly("A", "B"), "production/fly.toml": fly("A")}, "B"),
        ({"a/fly.staging.toml": fly("A", "B"), "b/fly.toml": fly("A")}, None),
        ({"staging/task.json": task("A", "B"), "production/task.json": task("A")}, "B"),
        ({"render.yaml": BOTH.format("production")}, "B"),
        ({"render.yaml": BOTH.replace("a-staging", "b-staging").format("production")}, None),
    ],
)
def test_variables_that_only_staging_has(files: dict[str, str], said: str | None) -> None:
    found = check_rule("variable-missing-in-production", files)
    assert [one.message.split("`")[3] for one in found] == ([said] if said else [])
    assert all("staging" not in one.path for one in found)


EXAMPLE = "DATABASE_URL=\nPAYMENT_URL=\nPORT=3000\nLOG_LEVEL=info\n"
GIVEN = (
    "services:\n  - type: web\n    name: a\n    envVars:\n      - key: DATABASE_URL\n        sync: false\n"
)
GROUP = "      - fromGroup: common\n"
COMMON = "envVarGroups:\n  - name: common\n    envVars:\n      - {key: PAYMENT_URL, sync: false}\n"


@pytest.mark.parametrize(
    ("blueprint", "example", "is_told"),
    [
        (GIVEN, ".env.example", True),
        (GIVEN, ".env", False),
        (GIVEN, "other/.env.example", False),
        (GIVEN.replace("name: a\n", "name: a\n    rootDir: ./api\n"), "api/.env.example", True),
        (f"{GIVEN}      - {{key: PAYMENT_URL, value: b}}\n", ".env.example", False),
        (f"{GIVEN}{GROUP}", ".env.example", False),
        (f"{GIVEN}{GROUP}{COMMON}", ".env.example", False),
        (f"{GIVEN}{COMMON}", ".env.example", True),
    ],
)
def test_variables_of_the_example_that_nobody_is_given(blueprint: str, example: str, is_told: bool) -> None:
    found = check_rule("undelivered-variable", {"render.yaml": blueprint, example: EXAMPLE})
    assert [one.message.split("`")[1] for one in found] == (["PAYMENT_URL"] if is_told else [])
