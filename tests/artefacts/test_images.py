"""Names of images taken apart, and what is known about the images themselves."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsafe.artefacts.images import parse_image
from rollsafe.artefacts.known_images import Layer, known_image

SHA = "sha256:0123456789abcdef"


@pytest.mark.parametrize(
    ("text", "registry", "repository", "tag", "digest"),
    [
        ("postgres", None, "postgres", None, None),
        ("postgres:15.4-alpine", None, "postgres", "15.4-alpine", None),
        ("shop/api:1", None, "shop/api", "1", None),
        ("docker.io/library/redis:7", "docker.io", "library/redis", "7", None),
        ("localhost/a", "localhost", "a", None, None),
        ("registry:5000/a/b:1", "registry:5000", "a/b", "1", None),
        ("registry:5000/a", "registry:5000", "a", None, None),
        (f"ghcr.io/o/a@{SHA}", "ghcr.io", "o/a", None, SHA),
        (f"ghcr.io/o/a:1@{SHA}", "ghcr.io", "o/a", "1", SHA),
        ("docker://alpine:3", None, "alpine", "3", None),
        ("${REGISTRY}/app:1.2", "${REGISTRY}", "app", "1.2", None),
        ("${R:-ghcr.io/x}/app:${T:-${U:-1}}", "${R:-ghcr.io/x}", "app", "${T:-${U:-1}}", None),
        ("app:{{ .Values.tag }}", None, "app", "{{ .Values.tag }}", None),
        ("${{ env.REG }}/a:${{ github.sha }}", "${{ env.REG }}", "a", "${{ github.sha }}", None),
        ("a:$(TAG)", None, "a", "$(TAG)", None),
        ("", None, "", None, None),
        ("a:", None, "a", None, None),
        ("@", None, "", None, None),
    ],
)
def test_parts(text: str, registry: str | None, repository: str, tag: str | None, digest: str | None) -> None:
    image = parse_image(text)
    assert (image.registry, image.repository, image.tag, image.digest) == (registry, repository, tag, digest)
    assert image.raw == text


@pytest.mark.parametrize(
    ("text", "floats"),
    [
        ("nginx", True),
        ("nginx:latest", True),
        ("nginx:stable-alpine", True),
        ("ghcr.io/o/a:main", True),
        ("${REGISTRY}/app", True),
        ("${REGISTRY}/app:latest", True),
        ("nginx:1", False),
        ("app:main-3f2c1d9", False),
        ("app:latest-release-5", False),
        (f"nginx:latest@{SHA}", False),
        ("app:${TAG}", False),
        ("${IMAGE}", False),
        ("shop/$NAME", False),
        ("<image>", False),
        ("scratch", False),
        ("", False),
    ],
)
def test_floating(text: str, floats: bool) -> None:
    assert parse_image(text).is_floating is floats


@pytest.mark.parametrize(
    ("text", "dynamic", "version"),
    [
        ("a:1", False, False),
        ("$R/a:1", True, False),
        ("a:$T", True, True),
        ("${IMAGE}", True, True),
        ("$R/a", True, False),
        (f"$R/a@{SHA}", True, False),
        ("a@${DIGEST}", True, True),
    ],
)
def test_dynamic(text: str, dynamic: bool, version: bool) -> None:
    image = parse_image(text)
    assert (image.is_dynamic, image.has_dynamic_version) == (dynamic, version)
    assert image.is_pinned is (image.digest == SHA)


@pytest.mark.parametrize(
    ("tag", "version"),
    [("15", 15), ("15.4-x", 15), ("v2.1", 2), ("15rc1", None), ("alpine", None), ("9" * 40, None)],
)
def test_major_version(tag: str, version: int | None) -> None:
    assert parse_image(f"a:{tag}").major_version == version


@given(st.text(alphabet="aB1./:@-_${}()<> \0😋", max_size=40))
def test_parts_come_from_the_name(text: str) -> None:
    image = parse_image(text)
    parts = [part for part in (image.registry, image.repository, image.tag, image.digest) if part is not None]
    at = 0
    for part in parts:
        at = text.index(part, at) + len(part)


@pytest.mark.parametrize(
    "bomb", ["${" * 500_000, "a/" * 500_000, ":" * 1_000_000, "<" * 4_000, "${a{b}" * 600]
)
def test_bombs_cost_little(bomb: str) -> None:
    started = time.process_time()
    image = parse_image(bomb)
    _ = (image.is_floating, image.is_dynamic, image.major_version, known_image(image))
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("text", "title", "layer", "port"),
    [
        ("postgres:15", "PostgreSQL", Layer.DATABASE, 5432),
        ("docker.io/library/postgres", "PostgreSQL", Layer.DATABASE, 5432),
        ("public.ecr.aws/docker/library/mysql:8", "MySQL", Layer.DATABASE, 3306),
        ("bitnami/postgresql:16", "PostgreSQL", Layer.DATABASE, 5432),
        ("ghcr.io/acme/redis", "Redis", Layer.CACHE, 6379),
        ("valkey/valkey:8", "Valkey", Layer.CACHE, 6379),
        ("apache/kafka:3.9.0", "Kafka", Layer.QUEUE, 9092),
        ("quay.io/minio/minio", "MinIO", Layer.STORAGE, 9000),
        ("nginx:1.27", "nginx", Layer.PROXY, 80),
        ("docker.elastic.co/elasticsearch/elasticsearch:8.15.0", "Elasticsearch", Layer.SEARCH, 9200),
    ],
)
def test_known_images(text: str, title: str, layer: Layer, port: int) -> None:
    known = known_image(parse_image(text))
    assert known is not None
    assert (known.title, known.layer, known.port) == (title, layer, port)


@pytest.mark.parametrize("text", ["acme/api", "oliver006/redis_exporter", "node:20", "acme/server", "", "$X"])
def test_unknown_images(text: str) -> None:
    assert known_image(parse_image(text)) is None


@pytest.mark.parametrize(
    ("text", "test"),
    [
        ("redis:7", ("CMD", "redis-cli", "ping")),
        ("mariadb:11", ("CMD", "healthcheck.sh", "--connect", "--innodb_initialized")),
        ("mysql:8.4", ("CMD", "mysqladmin", "ping", "-h", "127.0.0.1", "--silent")),
        ("acme/redis", ()),
        ("nginx", ()),
    ],
)
def test_health_checks(text: str, test: tuple[str, ...]) -> None:
    known = known_image(parse_image(text))
    assert known is not None
    assert known.health_test == test


def test_the_health_check_follows_the_version() -> None:
    old, recent = known_image(parse_image("mongo:4.4")), known_image(parse_image("mongo:7"))
    assert old is not None
    assert recent is not None
    assert (old.health_test[1], recent.health_test[1]) == ("mongo", "mongosh")


def test_postgres_is_asked_over_tcp_with_its_own_user() -> None:
    known = known_image(parse_image("postgres"))
    assert known is not None
    assert known.health_test[0] == "CMD-SHELL"
    assert "-h 127.0.0.1" in known.health_test[1]
    assert "$${POSTGRES_USER:-postgres}" in known.health_test[1]
    assert "$" not in known.health_test[1].replace("$$", "")


WHOLE = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("https://ghcr.io/shop/web:1", "ghcr.io/shop/web:1"),
        (" web:1", "web:1"),
        ("bitnami/kafka@3.7.0", "bitnami/kafka:3.7.0"),
        ("kafka@v3", "kafka:v3"),
        (f"web:1@{WHOLE}0", None),
        ("web@sha256:0123", None),
        ("web@sha256:" + "z" * 64, None),
        ("debian:12+dfsg", None),
        ("debian:" + "1" * 129, None),
        ("web:-1", None),
        ("ghcr.io/Acme/web:1", "ghcr.io/acme/web:1"),
    ],
)
def test_names_that_no_runtime_takes(text: str, meant: str | None) -> None:
    fault = parse_image(text).fault
    assert fault is not None
    assert fault.meant == meant
    assert meant is None or parse_image(meant).fault is None


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "web",
            "web:1",
            "scratch",
            f"web:1@{WHOLE}",
            f"web@{WHOLE}",
            "localhost:5000/a/b:1_0-rc.1",
        ),
        *("ko://github.com/Shop/cmd/Web", "docker://alpine:3", "//cmd/web:image", "web:$(TAG)", "<image>"),
        *("web@sha256:<digest>", "web:%%TAG%%", "web:#{tag}#", "REGISTRY/IMAGE:TAG", "ghcr.io/OWNER/web:1"),
        *("MyOrg/web:1", "ghcr.io/yourName/web:1", "ghcr.io/myOrg/web:1", "web@sha512:" + "0" * 128),
        "web@blake3:" + "0" * 64,
    ],
)
def test_names_that_a_runtime_takes_or_something_fills_in(text: str) -> None:
    assert parse_image(text).fault is None


@given(st.text(max_size=80))
def test_what_is_meant_is_taken(text: str) -> None:
    fault = parse_image(text).fault
    if fault is not None and fault.meant is not None:
        assert parse_image(fault.meant).fault != fault
