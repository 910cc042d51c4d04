"""Compose services as rules see them, `extends` and merge keys followed."""

import pytest

from rollsafe.artefacts.compose import MountKind
from tests.artefacts.compose_files import compose, service


@pytest.mark.parametrize(
    ("image", "raw", "written"),
    [
        ("a:1", "a:1", "a:1"),
        ('"a:${T:-2}"', "a:2", "a:${T:-2}"),
        ("a:${T}", "a:${T}", "a:${T}"),
        ("${R:-r.io}/a:${T-3}", "r.io/a:3", "${R:-r.io}/a:${T-3}"),
    ],
)
def test_image(image: str, raw: str, written: str) -> None:
    one = service(f"image: {image}")
    assert one.image is not None
    assert one.written_image is not None
    assert (one.image.raw, one.written_image.raw) == (raw, written)


@pytest.mark.parametrize(
    ("build", "context", "dockerfile", "target"),
    [
        ("build: .", "deploy", "deploy/Dockerfile", None),
        ("build: ..", "", "Dockerfile", None),
        ("build: ../api/", "api", "api/Dockerfile", None),
        (
            "build: {context: .., dockerfile: docker/web.Dockerfile, target: run}",
            "",
            "docker/web.Dockerfile",
            "run",
        ),
        ("build: {target: run}", "deploy", "deploy/Dockerfile", "run"),
        ("build: {context: '${DIR:-../x}'}", "x", "x/Dockerfile", None),
        ("build: {context: '${DIR}'}", None, None, None),
        ("build: {context: ../..}", None, None, None),
        ("build: /abs", None, None, None),
        ("build: https://example.com/a.git", None, None, None),
        ("build: git@example.com:a.git", None, None, None),
        ("build: {dockerfile_inline: FROM a}", "deploy", None, None),
        ("build: {dockerfile: /abs/Dockerfile}", "deploy", None, None),
    ],
)
def test_build(build: str, context: str | None, dockerfile: str | None, target: str | None) -> None:
    found = service(build, "deploy/compose.yaml").build
    assert found is not None
    assert (found.context, found.dockerfile, found.target) == (context, dockerfile, target)


@pytest.mark.parametrize("body", ["image: a", "build:", "build: []"])
def test_no_build(body: str) -> None:
    assert service(body).build is None


@pytest.mark.parametrize(
    ("port", "host_ip", "published", "target", "protocol"),
    [
        ("3000", None, None, (3000, 3000), "tcp"),
        ("8080:80", None, (8080, 8080), (80, 80), "tcp"),
        ("9090-9091:8080-8081", None, (9090, 9091), (8080, 8081), "tcp"),
        ("127.0.0.1:8080:80/udp", "127.0.0.1", (8080, 8080), (80, 80), "udp"),
        ("127.0.0.1::80", "127.0.0.1", None, (80, 80), "tcp"),
        ("[::1]:8080:80", "[::1]", (8080, 8080), (80, 80), "tcp"),
        ("${PORT:-8080}:80", None, (8080, 8080), (80, 80), "tcp"),
        ("${PORT}:80", None, None, (80, 80), "tcp"),
        ("${IP}:1:2", "?", (1, 1), (2, 2), "tcp"),
        ("x", None, None, None, "tcp"),
    ],
)
def test_short_ports(
    port: str,
    host_ip: str | None,
    published: tuple[int, int] | None,
    target: tuple[int, int] | None,
    protocol: str,
) -> None:
    (found,) = service(f'image: a\nports: ["{port}"]').ports
    assert (found.host_ip, found.published, found.target, found.protocol) == (
        host_ip,
        published,
        target,
        protocol,
    )


def test_long_ports() -> None:
    body = (
        "image: a\nports:\n- {target: 80, published: '${P:-8080}', host_ip: 10.0.0.1, protocol: udp}\n"
        "- {target: 81}"
    )
    first, second = service(body).ports
    assert (first.target, first.published, first.host_ip, first.protocol) == (
        (80, 80),
        (8080, 8080),
        "10.0.0.1",
        "udp",
    )
    assert (second.published, second.is_on_every_interface, first.is_on_every_interface) == (
        None,
        True,
        False,
    )


def test_overlapping_ports() -> None:
    one = service("image: a\nports: ['80-90:80-90', '85:1', '91:2']\nexpose: ['70', '71-72/udp', x]")
    first, second, third = (port.published for port in one.ports)
    assert first is not None
    assert second is not None
    assert third is not None
    assert (first.overlaps(second), first.overlaps(third)) == (True, False)
    assert one.exposed_ports == ((70, 70), (71, 72))


ENVIRONMENTS = {
    "mapping": "environment:\n  A: 1\n  B: \"x y\"\n  C:\n  D: ''",
    "list": "environment:\n- A=1\n- 'B=x y'\n- C\n- D=",
}


@pytest.mark.parametrize("body", ENVIRONMENTS.values(), ids=ENVIRONMENTS.keys())
def test_environment(body: str) -> None:
    one = service("image: a\n" + body)
    assert [(variable.name, variable.value) for variable in one.environment] == [
        ("A", "1"),
        ("B", "x y"),
        ("C", None),
        ("D", ""),
    ]
    text = one.file.text
    assert [text[slice(*variable.name_span)] for variable in one.environment] == ["A", "B", "C", "D"]
    second = one.variable("B")
    assert second is not None
    assert second.value_span is not None
    assert text[slice(*second.value_span)].strip('"') == "x y"
    assert "x y" not in repr(one.environment)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("env_file: .env", [("deploy/.env", True)]),
        ("env_file: [.env, ../b.env]", [("deploy/.env", True), ("b.env", True)]),
        ("env_file: [{path: a.env, required: false}]", [("deploy/a.env", False)]),
        ("env_file: ['${F}', /etc/x.env]", [(None, True), (None, True)]),
        ("env_file:", []),
    ],
)
def test_env_files(body: str, expected: list[tuple[str | None, bool]]) -> None:
    one = service("image: a\n" + body, "deploy/compose.yaml")
    assert [(use.path, use.is_required) for use in one.env_files] == expected


def test_depends_on() -> None:
    short = service("image: a\ndepends_on: [db, cache]").depends_on
    assert [(one.service, one.condition) for one in short] == [("db", None), ("cache", None)]
    long = service(
        "image: a\ndepends_on: {db: {condition: service_healthy}, x: {required: false}, y: }"
    ).depends_on
    assert [(one.service, one.condition, one.is_required) for one in long] == [
        ("db", "service_healthy", True),
        ("x", None, False),
        ("y", None, True),
    ]
    assert long[0].condition_node is not None
    assert long[0].node.text == "db"


@pytest.mark.parametrize(
    ("body", "test", "is_disabled"),
    [
        ("test: [CMD, a, b]", ("CMD", "a", "b"), False),
        ("test: a b", ("CMD-SHELL", "a b"), False),
        ("test: [NONE]", ("NONE",), True),
        ("test: NONE", ("NONE",), True),
        ("disable: true", (), True),
        ("interval: 5s", (), False),
    ],
)
def test_health_check(body: str, test: tuple[str, ...], is_disabled: bool) -> None:
    check = service(f"image: a\nhealthcheck:\n  {body}").healthcheck
    assert check is not None
    assert (check.test, check.is_disabled) == (test, is_disabled)
    assert check.key.text == "healthcheck"


def test_health_check_times() -> None:
    check = service("image: a\nhealthcheck: {interval: 1m, timeout: '${T}', retries: '${R:-7}'}").healthcheck
    assert check is not None
    assert (check.interval, check.timeout, check.start_period, check.retries) == (60.0, None, 0.0, 7)
    assert service("image: a\nhealthcheck:").healthcheck is None


def test_mounts() -> None:
    body = (
        "build: .\nvolumes:\n- .:/app\n- ./a:/b:ro,z\n- data:/d\n- /x\n- /etc/y:/y\n"
        "- C:\\z:/z\n- '${V}:/v'\n"
        "- {type: bind, source: ../s, target: /s, read_only: true}\n- {type: tmpfs, target: /t}\n"
        "- {target: /u}"
    )
    one = service(body, "deploy/compose.yaml")
    assert [(mount.kind, mount.target, mount.is_read_only, mount.path) for mount in one.mounts] == [
        (MountKind.BIND, "/app", False, "deploy"),
        (MountKind.BIND, "/b", True, "deploy/a"),
        (MountKind.VOLUME, "/d", False, None),
        (MountKind.ANONYMOUS, "/x", False, None),
        (MountKind.BIND, "/y", False, None),
        (MountKind.BIND, "/z", False, None),
        (MountKind.OTHER, "/v", False, None),
        (MountKind.BIND, "/s", True, "s"),
        (MountKind.OTHER, "/t", False, None),
        (MountKind.ANONYMOUS, "/u", False, None),
    ]
    assert one.mounts_source
    assert not service("image: a\nvolumes: ['.:/app']").mounts_source


def test_other_settings() -> None:
    one = service(
        "image: a\nrestart: ${R:-always}\nprofiles: [x]\nnetworks: {front: , back: {}}\n"
        "command: npm run 'a b'\nentrypoint: [tini, --]\nstop_grace_period: 1m\n"
        "deploy: {replicas: 3, resources: {limits: {memory: 1g, cpus: '2'}}}"
    )
    assert (one.restart, one.profiles, one.replicas) == ("always", ("x",), 3)
    assert [name.text for name in one.networks] == ["front", "back"]
    assert one.command is not None
    assert one.command.words == ("npm", "run", "a b")
    assert one.entrypoint is not None
    assert one.entrypoint.text == "tini --"
    assert (one.memory_limit, one.cpu_limit, one.stop_grace_period) == ("1g", "2", 60.0)
    plain = service("image: a\nscale: 2\nmem_limit: 5m\ncommand: it's")
    assert (plain.replicas, plain.memory_limit, plain.stop_grace_period, plain.restart) == (
        2,
        "5m",
        10.0,
        None,
    )
    assert plain.command is not None
    assert plain.command.words == ("it's",)


MERGED = """\
x-base: &base
  restart: always
  environment: &env {A: 1, B: 2}
services:
  web:
    <<: *base
    image: a
    environment: {<<: *env, B: 3}
  copy: *base
"""


def test_merges_and_aliases() -> None:
    read = compose(MERGED)
    web, copy = read.services["web"], read.services["copy"]
    assert web.restart == copy.restart == "always"
    assert {variable.name: variable.value for variable in web.environment} == {"A": "1", "B": "3"}
    assert MERGED[copy.start : copy.end] == "copy: *base"


EXTENDED = """\
services:
  base: {image: a, environment: [A=1, B=2], ports: ['1:1'], healthcheck: {test: x}}
  web: {extends: base, environment: {B: 3}, ports: ['2:2']}
  job: {extends: {service: web, file: compose.yaml}, restart: 'no'}
  far: {extends: {service: x, file: other.yaml}}
  lost: {image: a, extends: nobody}
  loop: {extends: pool}
  pool: {extends: loop}
"""


def test_extends_inside_the_file() -> None:
    read = compose(EXTENDED)
    web, job = read.services["web"], read.services["job"]
    assert web.image is not None
    assert [port.target for port in web.ports] == [(2, 2), (1, 1)]
    assert {variable.name: variable.value for variable in web.environment} == {"A": "1", "B": "3"}
    assert job.healthcheck is not None
    assert [one.name for one in job.lineage] == ["job", "web", "base"]
    assert not job.lacks("healthcheck")
    assert job.lacks("deploy")


def test_what_another_file_may_add_is_not_lacking() -> None:
    read = compose(EXTENDED)
    far, lost, loop = read.services["far"], read.services["lost"], read.services["loop"]
    assert (far.extends_elsewhere, far.is_fragment) == (True, True)
    assert (lost.extends_elsewhere, lost.is_fragment) == (True, False)
    assert loop.extends_elsewhere
    assert not any(one.lacks("healthcheck") for one in (far, lost, loop))
    assert far.extends is not None
    assert (far.extends.path, far.extends.is_elsewhere) == ("other.yaml", True)
    assert not service("ports: ['1:1']").lacks("healthcheck")
    assert service("image: a\nhealthcheck:").lacks("healthcheck")
    assert not service("image: a:{{ tag }}").lacks("healthcheck")


def test_graph_keys() -> None:
    one = service("image: ghcr.io/shop/api:1\nbuild: api", "deploy/compose.yaml")
    assert set(one.graph_keys()) == {"image:shop/api", "builds:deploy/api/Dockerfile"}
    assert set(service("image: ${IMAGE}").graph_keys()) == set()
    assert set(one.compose.graph_keys()) == {"path:deploy/compose.yaml"}


def test_known_images_are_not_looked_up_for_built_services() -> None:
    known = service("image: postgres:16").known
    assert known is not None
    assert known.title == "PostgreSQL"
    assert service("image: postgres\nbuild: .").known is None
