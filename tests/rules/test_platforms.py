"""Files in which a platform is told what to run: what is read, and what is said of them."""

import pytest

from tests.checking import ALL_RULES, check, check_rule, try_fixes

MIGRATION = "migration-in-start-command"
HEALTH = "missing-platform-health-check"
KEPT = "failed-release-kept"
ONCE = "replaced-all-at-once"
STALLED = "deployment-cannot-proceed"

RENDER = """services:
  - type: web
    name: shop
    runtime: python
    startCommand: python manage.py migrate && gunicorn shop.wsgi
    healthCheckPath: /up
"""
RAILWAY = '{\n  "deploy": {\n    "startCommand": "npx prisma migrate deploy && node server.js"\n  }\n}\n'
FLY = """app = "shop"

[processes]
  web = "bundle exec rails db:migrate && bundle exec puma"
  worker = "bundle exec sidekiq"

[checks.up]
  type = "tcp"
  port = 8080
"""
IMAGE = """FROM ruby:3.3.5-slim
USER 10001
CMD ["sh", "-c", "bundle exec rails db:migrate && bundle exec rails server -b 0.0.0.0"]
"""
TASK = """{
  "family": "shop",
  "containerDefinitions": [
    {
      "name": "web",
      "image": "registry.example/shop:2.4.1",
      "command": ["sh", "-c", "alembic upgrade head && uvicorn shop:app"],
      "portMappings": [{"containerPort": 8080}]
    }
  ]
}
"""


def fixed(path: str, text: str, rule: str) -> list[str]:
    """Return the files that the fixes of a rule make, one at a time."""
    chosen = next(one for one in ALL_RULES if one.name == rule)
    return [tried.result[path] for tried in try_fixes({path: text}, chosen)]


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("render.yaml", RENDER, 5),
        ("railway.json", RAILWAY, 3),
        ("fly.toml", FLY, 4),
        ("fly.production.toml", FLY, 4),
        ("Dockerfile", IMAGE, 3),
        ("ecs/task-definition.json", TASK, 7),
        ("app.yaml", "runtime: python312\nentrypoint: flask db upgrade && gunicorn shop:app\n", 2),
        ("Procfile", "release: ./check\nweb: rake db:migrate && puma\n", 2),
    ],
)
def test_a_migration_before_the_server_is_found_on_every_platform(path: str, text: str, line: int) -> None:
    assert [(one.path, one.line) for one in check_rule(MIGRATION, {path: text})] == [(path, line)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Procfile", "release: rake db:migrate\nweb: puma\n"),
        ("Procfile", "web: puma\nworker: sidekiq\n"),
        ("render.yaml", RENDER.replace("startCommand", "preDeployCommand")),
        ("render.yaml", RENDER.replace("type: web", "type: cron")),
        ("railway.json", RAILWAY.replace('"startCommand"', '"cronSchedule": "0 3 * * *", "startCommand"')),
        ("app.yaml", "entrypoint: flask db upgrade && gunicorn shop:app\n"),
        ("examples/Procfile", "web: rake db:migrate && puma\n"),
    ],
)
def test_a_migration_in_its_own_step_is_fine(path: str, text: str) -> None:
    assert check_rule(MIGRATION, {path: text}) == []


@pytest.mark.parametrize(
    ("path", "text", "start", "release"),
    [
        (
            "render.yaml",
            RENDER,
            "    startCommand: gunicorn shop.wsgi\n",
            "    preDeployCommand: python manage.py migrate\n",
        ),
        (
            "railway.json",
            RAILWAY,
            '"startCommand": "node server.js",\n',
            '    "preDeployCommand": ["npx prisma migrate deploy"]\n',
        ),
        (
            "railway.toml",
            '[deploy]\nstartCommand = "npx prisma migrate deploy && node server.js"\n',
            'startCommand = "node server.js"\n',
            'preDeployCommand = ["npx prisma migrate deploy"]\n',
        ),
        (
            "fly.toml",
            FLY,
            '  web = "bundle exec puma"\n',
            '\n[deploy]\n  release_command = "bundle exec rails db:migrate"\n',
        ),
    ],
)
def test_the_migration_moves_to_the_release(path: str, text: str, start: str, release: str) -> None:
    (done,) = fixed(path, text, MIGRATION)
    assert start in done
    assert release in done


@pytest.mark.parametrize(
    "command",
    ["rake db:migrate; puma", "echo go && rake db:migrate && puma", "rake db:migrate || true && puma"],
)
def test_a_command_that_is_more_than_two_steps_in_a_row_is_left_to_people(command: str) -> None:
    assert fixed("Procfile", f"web: {command}\n", MIGRATION) == []


def test_a_fly_app_that_gets_requests_needs_a_check() -> None:
    served = "[http_service]\n  internal_port = 8080\n"
    assert [one.line for one in check_rule(HEALTH, {"fly.toml": f'app = "shop"\n{served}'})] == [2]
    for checks in (
        '[[http_service.checks]]\n  path = "/up"\n',
        '[checks.up]\n  type = "tcp"\n',
        "[[services]]\n  internal_port = 1\n[[services.tcp_checks]]\n  interval = 1\n",
    ):
        assert check_rule(HEALTH, {"fly.toml": f'app = "shop"\n{served}{checks}'}) == []
    assert check_rule(HEALTH, {"fly.toml": 'app = "worker"\n[processes]\n  app = "sidekiq"\n'}) == []


@pytest.mark.parametrize(
    ("path", "text", "regular"),
    [
        ("railway.json", '{"deploy": {"startCommand": "gunicorn shop.wsgi"}}', 1),
        ("railway.json", '{"deploy": {"startCommand": "python worker.py"}}', 0),
        ("railway.toml", '[deploy]\nstartCommand = "uvicorn shop:app"\n', 1),
        ("render.yaml", "services:\n  - type: web\n    name: shop\n    startCommand: puma\n", 0),
    ],
)
def test_who_is_asked_for_a_health_check(path: str, text: str, regular: int) -> None:
    assert len(check_rule(HEALTH, {path: text})) == 1
    assert sum(one.rule == HEALTH for one in check({path: text})) == regular


def service(configuration: str, count: str = "3", more: str = "") -> dict[str, str]:
    head = "Resources:\n  Shop:\n    Type: AWS::ECS::Service\n    Properties:\n"
    return {"stack-of-shop.yaml": f"{head}      DesiredCount: {count}\n{more}{configuration}"}


CONFIGURATION = "      DeploymentConfiguration:\n        {}\n"
BREAKER = "DeploymentCircuitBreaker: {{Enable: {}, Rollback: {}}}"


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (service(""), 1),
        (service(CONFIGURATION.format(BREAKER.format("true", "true"))), 0),
        (service(CONFIGURATION.format(BREAKER.format("true", "false"))), 1),
        (service(CONFIGURATION.format(BREAKER.format("false", "false"))), 1),
        (service(CONFIGURATION.format(BREAKER.format("true", "!Ref Rollback"))), 0),
        (service(CONFIGURATION.format("Alarms: {Enable: true, Rollback: true, AlarmNames: [a]}")), 0),
        (service("", more="      ServiceName: '{{resolve:ssm:name}}'\n"), 1),
        (service("", more="      {{ more }}\n"), 0),
        (service("", more="      SchedulingStrategy: DAEMON\n"), 0),
        (service("", more="      DeploymentController: {Type: CODE_DEPLOY}\n"), 0),
        (service("", more="      DeploymentConfiguration: !If [A, B, C]\n"), 0),
    ],
)
def test_a_service_of_ecs_takes_failed_releases_back(files: dict[str, str], found: int) -> None:
    assert len(check_rule(KEPT, files)) == found


@pytest.mark.parametrize(
    ("least", "most", "count", "stalls"),
    [
        ("100", "100", "3", True),
        ("50", "100", "1", True),
        ("50", "100", "2", False),
        ("90", "110", "4", True),
        ("90", "110", "20", False),
        ("100", "200", "1", False),
        ("0", "100", "1", False),
        ("100", "100", "!Ref Count", True),
        ("50", "100", "!Ref Count", False),
        ("!Ref Least", "100", "2", False),
        ("100", "100", "0", False),
    ],
)
def test_whole_tasks_decide_whether_a_deployment_can_proceed(
    least: str, most: str, count: str, stalls: bool
) -> None:
    configuration = f"MinimumHealthyPercent: {least}\n        MaximumPercent: {most}"
    files = service(CONFIGURATION.format(configuration), count)
    assert bool(check_rule(STALLED, files)) == stalls


def test_json_of_the_command_line_is_read_as_templates_are() -> None:
    text = """{
  "serviceName": "shop",
  "taskDefinition": "shop:4",
  "desiredCount": 2,
  "deploymentConfiguration": {"minimumHealthyPercent": 0, "maximumPercent": 200}
}
"""
    files = {"ecs/service.json": text}
    assert [one.line for one in check_rule(ONCE, files)] == [5]
    (done,) = fixed("ecs/service.json", text, KEPT)
    assert '"deploymentCircuitBreaker": {"enable": true, "rollback": true}' in done


@pytest.mark.parametrize(
    "path", ["app.json", "app.yaml", "vercel.json", "render.yaml", "fly.toml", "Procfile"]
)
@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "a: [", "\x00", "- - -", '{"expo": {"name": "x"}}', ":\n:"]
)
def test_other_files_of_these_names_are_left_alone(path: str, text: str) -> None:
    assert check({path: text}) == []


SECRETS = (
    (
        "render.yaml",
        "services:\n  - type: web\n    name: shop\n    envVars:\n      - key: API_TOKEN\n        value: {}\n",
    ),
    ("fly.toml", 'app = "shop"\n[env]\n  LANG = "C"\n  API_TOKEN = "{}"\n'),
    ("vercel.json", '{{"env": {{"API_TOKEN": "{}"}}}}'),
    ("app.json", '{{"env": {{"API_TOKEN": {{"value": "{}"}}}}}}'),
    (
        "ecs/task.json",
        '{{"containerDefinitions": [{{"environment": [{{"name": "API_TOKEN", "value": "{}"}}]}}]}}',
    ),
    ("app.yaml", "runtime: go122\nenv_variables:\n  API_TOKEN: {}\n"),
)


@pytest.mark.parametrize(("path", "text"), SECRETS)
@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("9f8Qm2xTt71LpVe0", 1),
        ("${API_TOKEN}", 0),
        ("change-me", 0),
        ("postgres://shop:9f8Qm2xTt71L@db:5432/shop", 1),
        ("postgres://user:secret@host:port/name", 0),
        ("postgres://user:secret@hostname/name", 0),
        ("postgres://user:secret@db.internal:port/name", 0),
    ],
)
def test_a_secret_in_the_file_of_a_platform(path: str, text: str, value: str, found: int) -> None:
    assert len(check_rule("secret-in-plain-text", {path: text.format(value)})) == found


def test_a_secret_is_left_to_the_platform() -> None:
    (render, fly) = (
        fixed(path, text.format("9f8Qm2xTt71LpVe0"), "secret-in-plain-text") for path, text in SECRETS[:2]
    )
    assert render[0].endswith("      - key: API_TOKEN\n        sync: false\n")
    assert fly[0].endswith('[env]\n  LANG = "C"\n')


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("fly.toml", 'app = "shop"\n[build]\n  image = "registry.example/shop:latest"\n', 1),
        ("fly.toml", 'app = "shop"\n[build]\n  image = "registry.example/shop:2.1"\n', 0),
        ("render.yaml", "services:\n  - type: web\n    image: {url: registry.example/shop}\n", 1),
        (
            "stack-of-shop.yaml",
            "Resources:\n  A:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n"
            "      ContainerDefinitions:\n"
            "        - Name: web\n          Image: registry.example/shop:latest\n"
            "        - Name: side\n          Image: !Ref Image\n",
            1,
        ),
        ("task.json", '{"containerDefinitions": [{"name": "a", "image": "<IMAGE>"}]}', 0),
    ],
)
def test_a_moving_tag_in_the_file_of_a_platform(path: str, text: str, found: int) -> None:
    assert len(check_rule("floating-image-tag", {path: text})) == found


@pytest.mark.parametrize(
    ("schedule", "vercel", "render"),
    [
        ("0 5 * * *", 0, 0),
        ("*/10 8-18 * * 1-5", 0, 0),
        ("0 5 * * MON", 1, 0),
        ("0 5 1 * 1", 1, 0),
        ("@daily", 1, 0),
        ("0 0 5 * * *", 1, 1),
        ("61 5 * * *", 1, 1),
        ("0 0 30 2 *", 1, 1),
    ],
)
def test_schedules_are_those_the_platform_reads(schedule: str, vercel: int, render: int) -> None:
    rule = "unreadable-schedule"
    crons = {"vercel.json": f'{{"crons": [{{"path": "/api/sync", "schedule": "{schedule}"}}]}}'}
    assert len(check_rule(rule, crons)) == vercel
    job = f"services:\n  - type: cron\n    name: sync\n    startCommand: ./sync\n    schedule: '{schedule}'\n"
    assert len(check_rule(rule, {"render.yaml": job})) == render


@pytest.mark.parametrize(
    ("path", "text", "meant"),
    [
        ("fly.toml", 'app = "shop"\n[http_service]\n  internalPort = 8080\n', "internal_port"),
        ("render.yaml", "services:\n  - type: web\n    healthcheckPath: /up\n", "healthCheckPath"),
        ("railway.json", '{"deploy": {"healthCheckPath": "/up"}}', "healthcheckPath"),
        ("railway.toml", "[deploy]\nnumReplica = 2\n", "numReplicas"),
        ("vercel.json", '{"rewrite": []}', "rewrites"),
        ("vercel.json", '{"somethingNew": 1, "x": 2}', ""),
        ("fly.toml", 'app = "shop"\n[env]\n  release_comand = "x"\n', ""),
    ],
)
def test_slips_of_known_keys(path: str, text: str, meant: str) -> None:
    found = check_rule("misspelled-platform-key", {path: text})
    assert [one.message.rpartition("`")[0].rpartition("`")[2] for one in found] == ([meant] if meant else [])
