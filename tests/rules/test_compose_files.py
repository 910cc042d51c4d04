"""Compose files: what Compose refuses, and what goes wrong later."""

import pytest

from rollsafe.engine.fixing import fix_project
from rollsafe.workspace.settings import Settings
from tests.checking import check_rule, open_project

API = "services:\n  api:\n    image: registry.example/api:1.2.0\n"
AUDITOR = Settings(level="auditor")


def found(rule: str, files: dict[str, str], settings: Settings = AUDITOR) -> list[tuple[str, int]]:
    project = open_project(files, settings)
    everything = (one for one in project.engine.all_findings() if one.rule.name == rule)
    return [(one.path, one.file.line_number(one.span)) for one in everything]


def lines(rule: str, text: str, path: str = "compose.yaml", settings: Settings = AUDITOR) -> list[int]:
    return [line for _, line in found(rule, {path: text}, settings)]


def fixed(rule: str, text: str) -> str:
    """Return the file with the first fix of every finding applied."""
    project = open_project({"compose.yaml": text}, AUDITOR)
    applied = fix_project(
        project,
        lambda one: one.fixes[0] if one.fixes else None,
        lambda one: one.rule.name == rule,
    )
    return {"compose.yaml": text, **applied.result}["compose.yaml"]


class TestSpecification:
    @pytest.mark.parametrize(
        "line",
        [
            "stop_grace_period: 30",
            "command: [sleep, 10]",
            "user: 1000",
            "environment: [[A]]",
            "healthcheck: {test: [CMD, 1]}",
            "privileged: [true]",
            "deploy: {update_config: {order: first}}",
            "depends_on: {db: {condition: service_ready}}",
            "ulimits: {nofile: {soft: 1}}",
            "container_name: -a",
            "container_name: a b",
        ],
    )
    def test_values_it_does_not_take(self, line: str) -> None:
        assert lines("invalid-compose-value", f"{API}    {line}\n") == [4]

    @pytest.mark.parametrize(
        "line",
        [
            "stop_grace_period: ${GRACE}",
            "command: sleep 10",
            "environment: {A: 1, B: true, C: null, D: text}",
            "environment: [A=1]",
            "ports: [80, '81:81', {target: 1, published: 2}]",
            "ulimits: {nproc: 65535}",
            "x-anything: {at: all}",
            "deploy: {resources: {limits: {cpus: 0.5, memory: 1g}}, replicas: 2}",
            "container_name: a.b_c-1",
            "healthcheck: !reset null",
            "develop: {watch: [{path: ., action: sync, target: /app}]}",
            "gpus: all",
            "env_file: [a.env, {path: b.env, required: false}]",
        ],
    )
    def test_values_it_takes(self, line: str) -> None:
        text = f"{API}    {line}\n"
        assert lines("invalid-compose-value", text) == []
        assert lines("unknown-compose-key", text) == []

    @pytest.mark.parametrize(
        "line", ["depend_on: [db]", "heathcheck: {}", "build: {contxt: .}", "anything: 1"]
    )
    def test_keys_it_does_not_know(self, line: str) -> None:
        assert lines("unknown-compose-key", f"{API}    {line}\n") == [4]

    def test_a_key_of_the_top_level(self) -> None:
        assert lines("unknown-compose-key", f"{API}volume:\n  a:\n") == [4]
        assert fixed("unknown-compose-key", f"{API}volume:\n  a:\n") == f"{API}volumes:\n  a:\n"

    def test_merged_and_aliased_mappings_are_told_once(self) -> None:
        text = "x-a: &a\n  restrt: always\n" + API + "    <<: *a\n  b:\n    image: b:1\n    <<: *a\n"
        assert lines("unknown-compose-key", text) == [2]

    def test_the_version_may_be_anything(self) -> None:
        assert lines("invalid-compose-value", f"version: 3\n{API}") == []

    def test_an_edit_is_judged_anew(self) -> None:
        project = open_project({"compose.yaml": API})
        for text, expected in ((f"{API}    restrt: no\n", 1), (API, 0), (f"{API}    restrt: no\n", 1)):
            project.replace({"compose.yaml": text})
            names = [one.rule.name for one in project.engine.all_findings()]
            assert names.count("unknown-compose-key") == expected


class TestNames:
    @pytest.mark.parametrize(
        "line",
        [
            "volumes: ['data:/srv']",
            "volumes: [{type: volume, source: data, target: /srv}]",
            "secrets: [key]",
            "secrets: [{source: key}]",
            "configs: [site]",
            "networks: [front]",
            "networks: {front: {}}",
            "links: ['db:database']",
            "network_mode: service:db",
            "volumes_from: [db]",
            "depends_on: [db]",
            "extends: db",
        ],
    )
    def test_names_nobody_defines(self, line: str) -> None:
        assert lines("undefined-compose-service", f"{API}    {line}\n") == [4]

    @pytest.mark.parametrize(
        "line",
        [
            "volumes: ['./data:/srv', '/srv', '${DIR}:/b', '~/c:/c']",
            "volumes: [{type: bind, source: data, target: /srv}]",
            "depends_on: {db: {condition: service_started, required: false}}",
            "networks: [default]",
            "network_mode: container:db",
            "volumes_from: ['container:db']",
        ],
    )
    def test_names_that_need_no_definition(self, line: str) -> None:
        assert lines("undefined-compose-service", f"{API}    {line}\n") == []

    def test_files_given_together_define_names_for_each_other(self) -> None:
        more = "services:\n  job:\n    image: job:1\n    depends_on: [api]\n    volumes: ['data:/d']\n"
        base = f"{API}volumes:\n  data:\n"
        files = {"compose.yaml": base, "compose.prod.yaml": more}
        assert found("undefined-compose-service", files) == []
        assert found("unused-compose-resource", files) == []
        assert len(found("undefined-compose-service", {"compose.prod.yaml": more})) == 2
        assert found("unused-compose-resource", {"compose.yaml": base}) == [("compose.yaml", 5)]

    def test_extending_a_service_another_file_does_not_have(self) -> None:
        text = "services:\n  web:\n    extends: {file: common.yaml, service: base}\n"
        files = {"compose.yaml": text, "common.yaml": "services: {bse: {image: a:1}}\n"}
        assert found("missing-compose-file", files) == []
        files = {"compose.yaml": text.replace("common", "compose.common"), "compose.common.yaml": API}
        assert found("undefined-compose-service", files) == [("compose.yaml", 3)]
        assert found("missing-compose-file", {"compose.yaml": text}) == [("compose.yaml", 3)]

    def test_a_missing_network_is_declared_under_its_key(self) -> None:
        text = f"{API}    networks: [front, back]\nnetworks:\n  back:\n"
        assert fixed("undefined-compose-service", text).endswith("networks:\n  back:\n  front:\n")

    def test_an_environment_file_made_on_the_server_is_for_auditors(self) -> None:
        text = f"{API}    env_file: [prod.env]\n"
        assert lines("missing-compose-file", text, settings=Settings()) == []
        assert lines("missing-compose-file", text) == [4]
        files = {"compose.yaml": text, "prod.env.example": "A=1\n"}
        assert found("missing-compose-file", files, Settings()) == []


class TestCollisions:
    def two(self, one: str, other: str) -> str:
        return f"services:\n  a:\n    image: a:1\n    {one}\n  b:\n    image: b:1\n    {other}\n"

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("ports: ['80:80']", "ports: ['80:90']"),
            ("ports: ['80:80']", "ports: ['127.0.0.1:80:90']"),
            ("ports: ['80-82:80-82']", "ports: [{target: 1, published: 81}]"),
            ("container_name: x", "container_name: x"),
        ],
    )
    def test_what_collides(self, one: str, other: str) -> None:
        assert lines("duplicate-compose-name", self.two(one, other)) == [7]

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("ports: ['80:80/tcp']", "ports: ['80:80/udp']"),
            ("ports: ['127.0.0.1:80:80']", "ports: ['127.0.0.2:80:90']"),
            ("ports: ['80']", "ports: ['80']"),
            ("ports: ['${A}:80']", "ports: ['${A}:80']"),
            ("container_name: ${X}", "container_name: ${X}"),
            ("{ports: ['80:80'], profiles: [x]}", "{ports: ['80:80'], profiles: [y]}"),
        ],
    )
    def test_what_does_not(self, one: str, other: str) -> None:
        text = self.two(one, other).replace("    {", "    x-a: {")
        assert lines("duplicate-compose-name", text) == []

    def test_profiles_that_never_meet(self) -> None:
        text = self.two("ports: ['80:80']\n    profiles: [x]", "ports: ['80:80']\n    profiles: [y]")
        assert lines("duplicate-compose-name", text) == []


class TestOrder:
    def test_circles_are_told_once(self) -> None:
        text = "services:\n" + "".join(
            f"  {one}:\n    image: {one}:1\n    depends_on: [{other}]\n"
            for one, other in ("ab", "bc", "ca", "da")
        )
        assert lines("compose-dependency-cycle", text) == [10]
        alone = "services:\n  a:\n    image: a:1\n    depends_on: [a]\n"
        assert lines("compose-dependency-cycle", alone) == [4]

    def test_a_long_chain_is_no_circle(self) -> None:
        text = "services:\n" + "".join(
            f"  s{i}:\n    image: a:1\n    depends_on: [s{i + 1}]\n" for i in range(400)
        )
        assert lines("compose-dependency-cycle", f"{text}  s400:\n    image: a:1\n") == []

    @pytest.mark.parametrize(
        ("other", "expected"),
        [
            ("image: redis:7", [6]),
            ("image: registry.example/own:1", []),
            ("{image: redis:7, healthcheck: {test: [CMD, redis-cli, ping]}}", []),
            ("{image: registry.example/own:1, healthcheck: {disable: true}}", [6]),
            ("{image: registry.example/own:1, healthcheck: {test: [NONE]}}", [6]),
            ("build: .", []),
        ],
    )
    def test_health_that_nobody_tells(self, other: str, expected: list[int]) -> None:
        waits = f"{API}    depends_on:\n      db:\n        condition: service_healthy\n"
        text = f"{waits}  db: {other if other.startswith('{') else '{' + other + '}'}\n"
        assert lines("dependency-never-healthy", text) == expected


class TestRunning:
    def test_services_that_end_need_no_policy(self) -> None:
        text = (
            "services:\n  a: {image: a:1, restart: always, depends_on: {m: {condition: "
            "service_completed_successfully}}}\n  m: {image: m:1}\n  t: {image: t:1, profiles: [tools]}\n"
            '  n: {image: n:1, restart: "no"}\n'
            "  d: {image: d:1, deploy: {restart_policy: {condition: any}}}\n"
        )
        assert lines("missing-restart-policy", text) == []

    def test_the_name_says_production(self) -> None:
        assert lines("missing-restart-policy", API, "compose.yaml", Settings()) == []
        assert lines("missing-restart-policy", API, "compose.prod.yaml", Settings()) == [2]

    @pytest.mark.parametrize(
        ("port", "expected"),
        [
            ("'5432:5432'", "'127.0.0.1:5432:5432'"),
            ("5432:5432", '"127.0.0.1:5432:5432"'),
            ('"0.0.0.0:5432:5432"', '"127.0.0.1:5432:5432"'),
            ("'${PORT:-5432}:5432'", "'127.0.0.1:${PORT:-5432}:5432'"),
        ],
    )
    def test_a_database_on_the_loopback(self, port: str, expected: str) -> None:
        text = f"services:\n  db:\n    image: postgres:16.4\n    ports:\n      - {port}\n"
        assert fixed("port-on-every-interface", text) == text.replace(port, expected)

    @pytest.mark.parametrize(
        ("lines_of_service", "is_found"),
        [
            ("image: postgres:16", True),
            ("image: postgres:16\n    volumes: ['data:/var/lib/postgresql/data']", False),
            ("image: postgres:18\n    volumes: ['./d:/var/lib/postgresql']", False),
            ("image: postgres:16\n    volumes: ['./init:/docker-entrypoint-initdb.d']", True),
            ("image: postgres:16\n    volumes: ['/var/lib/postgresql/data']", True),
            ("image: postgres:16\n    environment: {PGDATA: /pg}\n    volumes: ['data:/pg']", False),
            ("image: postgres:16\n    tmpfs: [/var/lib/postgresql/data]", False),
            ("image: redis:7", False),
            ("image: redis:7\n    command: redis-server --appendonly yes", True),
            ("build: ./db", False),
        ],
    )
    def test_where_data_is_kept(self, lines_of_service: str, is_found: bool) -> None:
        text = f"services:\n  db:\n    {lines_of_service}\nvolumes:\n  data:\n"
        assert bool(lines("database-without-volume", text)) is is_found

    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ("stop_grace_period: 0s", [4]),
            ("stop_signal: SIGKILL", [4]),
            ("stop_grace_period: 5s", []),
            ("stop_signal: SIGINT", []),
            ("stop_grace_period: ${GRACE:-30s}", []),
        ],
    )
    def test_time_to_stop(self, line: str, expected: list[int]) -> None:
        assert lines("short-stop-grace-period", f"{API}    {line}\n", settings=Settings()) == expected


class TestStyle:
    def test_entries_move_with_their_comments(self) -> None:
        text = "services:\n  # second\n  b:\n    image: b:1\n\n  # first\n  a:\n    image: a:1 # here\n"
        wanted = "services:\n  # first\n  a:\n    image: a:1 # here\n\n  # second\n  b:\n    image: b:1\n"
        assert fixed("unsorted-compose-entries", text) == wanted

    @pytest.mark.parametrize(
        "text",
        [
            "services:\n  b: &b\n    image: b:1\n  a: *b\n",
            "services:\n  b:\n    image: b:1\n    # alone\n\n  a:\n    image: a:1\n",
            "services: {b: {image: b:1}, a: {image: a:1}}\n",
        ],
    )
    def test_what_cannot_be_moved_stays(self, text: str) -> None:
        assert lines("unsorted-compose-entries", text)
        assert fixed("unsorted-compose-entries", text) == text

    def test_quotes_that_are_needed_stay(self) -> None:
        text = f"{API}    volumes:\n      - '*a:/b'\n      - 'a:/b #c'\n      - 'a:/b'\nvolumes: {{a: }}\n"
        assert lines("quoted-compose-volume", text) == [7]


def test_a_port_that_services_share_is_told_once() -> None:
    text = "x-web: &web\n  expose: [9000]\nservices:\n  a:\n    <<: *web\n  b:\n    <<: *web\n"
    assert [one.line for one in check_rule("unquoted-compose-port", {"compose.yaml": text})] == [2]
