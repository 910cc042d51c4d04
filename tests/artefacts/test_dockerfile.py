"""Dockerfiles as rules see them: stages, what they inherit, which of them ship."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsafe.artefacts.dockerfile import Dockerfile, Stage, recognise
from rollsafe.artefacts.source import SourceFile


def dockerfile(text: str, path: str = "Dockerfile") -> Dockerfile:
    artefact = recognise(SourceFile(path, text))
    assert artefact is not None
    return artefact.dockerfile


def final(text: str) -> Stage:
    stage = dockerfile(text).final_stage
    assert stage is not None
    return stage


def ask_everything(read: Dockerfile) -> None:
    _ = (read.global_values, read.shipped, read.is_development, list(read.graph_keys()))
    for stage in read.stages:
        _ = (stage.user, stage.healthcheck, stage.command, stage.entrypoint, stage.exposed_ports)
        _ = (stage.image, stage.variables, stage.copy_sources, stage.platform, stage.is_shipped, stage.name)


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("Dockerfile", True),
        ("app/Dockerfile.prod", True),
        ("Dockerfile-dev", True),
        ("web.Dockerfile", True),
        ("web.dockerfile", True),
        ("Containerfile", True),
        ("Containerfile.arm", True),
        ("dockerfile", True),
        ("Dockerfile.go", True),
        ("dockerfile.go", False),
        ("Dockerfile.md", False),
        ("Dockerfile.j2", False),
        ("Dockerfile.dockerignore", False),
        (".dockerignore", False),
        ("Dockerfiles", False),
        ("DOCKERFILE", False),
        ("readme.txt", False),
    ],
)
def test_recognition_by_name(path: str, is_one: bool) -> None:
    assert (recognise(SourceFile(path, "FROM alpine:3\n")) is not None) is is_one


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("ARG V=1\nFROM a:$V\n", True),
        ("", True),
        ("# syntax=docker/dockerfile:1\n", True),
        ("FR", True),
        ("fro", True),
        ("FROM", True),
        ("RUN make\n", True),
        ("FROM a\nRUN x && \n && y\n && z\n && w\n", True),
        ("hello", False),
        ('"""Docs."""\n\nfrom x import y\n\ndef f():\n    pass\n', False),
        ("{{ range . }}\nsome: thing\nother: thing\n", False),
    ],
)
def test_recognition_by_content(text: str, is_one: bool) -> None:
    assert (recognise(SourceFile("Dockerfile", text)) is not None) is is_one


def test_elements() -> None:
    artefact = recognise(SourceFile("Dockerfile", "ARG A\nFROM a\nRUN x\nRUNN y\n"))
    assert artefact is not None
    assert [type(one).__name__ for one in artefact.elements] == [
        "Dockerfile",
        "Stage",
        *["DockerInstruction"] * 4,
    ]
    assert {one.family for one in artefact.elements} == {"dockerfile"}
    assert [problem.message for problem in artefact.problems] == ["unknown instruction `RUNN`"]
    assert set(artefact.dockerfile.graph_keys()) == {"path:Dockerfile"}


CHAIN = """\
ARG VERSION=20
ARG IMAGE=node:${VERSION}-alpine
FROM --platform=$BUILDPLATFORM ${IMAGE} AS Base
ENV APP=/srv USER_ID=10001
EXPOSE 8080
HEALTHCHECK --interval=10s --retries=5 CMD wget -q --spider http://127.0.0.1:8080
CMD ["node"]
FROM base AS test
RUN npm test
FROM base
COPY --from=test /x /x
COPY --from=busybox:1.36 /bin/wget /bin/
RUN --mount=type=bind,from=0,target=/m true
EXPOSE 9090-9092/udp $NONE
USER $USER_ID:app
"""


def test_stages() -> None:
    read = dockerfile(CHAIN)
    base, test, last = read.stages
    assert [(stage.name, stage.base_stage) for stage in read.stages] == [
        ("Base", None),
        ("test", base),
        (None, base),
    ]
    assert base.image is not None
    assert base.image.raw == "node:20-alpine"
    assert base.platform == "$BUILDPLATFORM"
    assert (last.image, last.root) == (None, base)
    assert [stage.is_final for stage in read.stages] == [False, False, True]
    assert [stage.is_shipped for stage in read.stages] == [True, False, True]
    assert CHAIN[test.start : test.end] == "FROM base AS test\nRUN npm test"
    assert read.stage_called("TEST") is test
    assert read.stage_called("1") is test
    assert read.stage_called("test", before=test) is None


def test_what_a_stage_inherits() -> None:
    stage = final(CHAIN)
    assert stage.healthcheck is not None
    assert (stage.healthcheck.interval, stage.healthcheck.retries) == (10.0, 5)
    assert (stage.healthcheck.timeout, stage.healthcheck.is_disabled) == (30.0, False)
    assert stage.command is not None
    assert [word.text for word in stage.command.words] == ["node"]
    assert stage.entrypoint is None
    assert [(p.number, p.last, p.protocol) for p in stage.exposed_ports] == [
        (9090, 9092, "udp"),
        (None, None, "tcp"),
        (8080, 8080, "tcp"),
    ]
    assert stage.user is not None
    assert (stage.user.name, stage.user.group, stage.user.is_numeric) == ("10001", "app", True)
    assert stage.environment == {"APP": "/srv", "USER_ID": "10001"}


def test_where_files_are_copied_from() -> None:
    stage = final(CHAIN)
    found = [
        (source.name, source.stage and source.stage.index, source.image) for source in stage.copy_sources
    ]
    assert [(name, index) for name, index, _ in found] == [("test", 1), ("busybox:1.36", None), ("0", 0)]
    assert found[1][2] is not None
    assert found[1][2].tag == "1.36"


@pytest.mark.parametrize(
    ("text", "raw", "dynamic"),
    [
        ("FROM alpine:3\n", "alpine:3", False),
        ("ARG V=3\nFROM alpine:${V}\n", "alpine:3", False),
        ("FROM alpine:${V:-3}\n", "alpine:3", False),
        ("ARG V\nFROM alpine:$V\n", "alpine:$V", True),
        ("ARG A=1\nARG B=$A.2\nFROM alpine:$B\n", "alpine:1.2", False),
        ("FROM \"alpine:3\" AS x\n", "alpine:3", False),
        ("FROM a\nARG V=3\nFROM alpine:$V\n", "alpine:$V", True),
    ],
)  # fmt: skip
def test_base_image(text: str, raw: str, dynamic: bool) -> None:
    image = final(text).image
    assert image is not None
    assert (image.raw, image.is_dynamic) == (raw, dynamic)


def test_a_stage_being_typed_has_no_image() -> None:
    stage = final("FROM\n")
    assert (stage.base_word, stage.image, stage.base_stage, stage.name) == (None, None, None, None)
    assert dockerfile("").final_stage is None
    assert dockerfile("").shipped == frozenset()


def test_a_stage_does_not_build_on_itself_or_a_later_one() -> None:
    read = dockerfile("FROM b AS a\nFROM b AS b\n")
    assert [stage.base_stage for stage in read.stages] == [None, None]


@pytest.mark.parametrize(
    ("text", "name", "is_root"),
    [
        ("FROM a\nUSER root\n", "root", True),
        ("FROM a\nUSER 0:0\n", "0", True),
        ("FROM a\nUSER root\nUSER app\n", "app", False),
        ("FROM a\nENV U=root\nUSER ${U}\n", "root", True),
        ("FROM a\nARG U=root\nUSER ${U}\n", "root", True),
        ("ARG U=app\nFROM a\nARG U\nUSER $U\n", "app", False),
        ("ARG U=app\nFROM a\nUSER $U\n", None, False),
        ("FROM a\nARG U\nUSER $U\n", None, False),
        ("FROM a AS x\nARG U=app\nFROM x\nUSER $U\n", "app", False),
        ("FROM a AS x\nARG U=app\nFROM a\nUSER $U\n", None, False),
        ("FROM a AS x\nENV U=app\nFROM x\nUSER $U\n", "app", False),
    ],
)
def test_user(text: str, name: str | None, is_root: bool) -> None:
    user = final(text).user
    assert user is not None
    assert (user.name, user.is_root) == (name, is_root)


def test_an_own_entrypoint_discards_the_inherited_command() -> None:
    base = 'FROM a AS x\nENTRYPOINT ["e"]\nCMD ["c"]\n'
    assert final(base + 'FROM x\nENTRYPOINT ["f"]\n').command is None
    inherited = final(base + "FROM x\n")
    assert inherited.command is not None
    assert inherited.entrypoint is not None


def test_a_disabled_health_check_is_told() -> None:
    check = final("FROM a AS x\nHEALTHCHECK CMD a\nFROM x\nHEALTHCHECK NONE\n").healthcheck
    assert check is not None
    assert check.is_disabled
    assert (check.script, check.exec_form) == (None, None)


@pytest.mark.parametrize(
    ("option", "seconds"),
    [("1m30s", 90.0), ("500ms", 0.5), ("1.5h", 5400.0), ("$X", None), ("5", None), ("0", 0.0)],
)
def test_health_check_durations(option: str, seconds: float | None) -> None:
    check = final(f"FROM a\nHEALTHCHECK --start-period={option} --retries=x CMD a\n").healthcheck
    assert check is not None
    assert check.start_period == seconds
    assert check.retries is None


@pytest.mark.parametrize(
    ("path", "is_development"),
    [
        ("Dockerfile", False),
        ("Dockerfile.dev", True),
        (".devcontainer/Dockerfile", True),
        ("tests/Dockerfile", True),
        ("microservices-demo/Dockerfile", False),
        ("examples/Dockerfile.prod", False),
        ("latest/Dockerfile", False),
    ],
)
def test_development(path: str, is_development: bool) -> None:
    assert dockerfile("FROM a\n", path).is_development is is_development


@pytest.mark.parametrize(
    "bomb",
    [
        "FROM a AS s0\n" + "".join(f"FROM s{n} AS s{n + 1}\n" for n in range(1_990)),
        "FROM a\nENV A=xx\n" + "ENV A=$A$A\n" * 1_900 + "USER $A\n",
        "ARG A=xx\n" + "ARG A=$A$A\n" * 1_900 + "FROM $A\n",
        "FROM a\n" + "".join(f"ENV A{n}=$A{n - 1}x\n" for n in range(1_990)),
        "FROM a AS a\n" * 1_990,
        "FROM a\nUSER " + "${A:-" * 100_000,
        "FROM a\n" + "COPY --from=a b c\n" * 1_990,
    ],
    ids=["chain", "doubling", "global doubling", "variables", "one name", "nesting", "copies"],
)
def test_bombs_cost_little(bomb: str) -> None:
    started = time.process_time()
    ask_everything(dockerfile(bomb))
    assert time.process_time() - started < 5


LINE = st.sampled_from(
    [
        "FROM a", "FROM a AS b", "FROM b", "FROM", "FROM $X", "ARG X=a", "ARG X", "ENV X=$X$Y", "USER $X",
        "USER",
        "EXPOSE 80 $X 1-2/udp", "HEALTHCHECK NONE", "HEALTHCHECK", "HEALTHCHECK --retries CMD", "CMD a",
        "CMD []",
        "ENTRYPOINT", "COPY --from=b a b", "COPY --from= a b", "COPY --from=99999 a b", "RUN --mount=from= x",
        "ONBUILD USER a", "x", "\\", "", "# c",
    ]
)  # fmt: skip


@given(st.lists(LINE, max_size=12).map("\n".join))
def test_no_text_raises(text: str) -> None:
    artefact = recognise(SourceFile("Dockerfile", text))
    if artefact is not None:
        ask_everything(artefact.dockerfile)
        for stage in artefact.dockerfile.stages:
            assert stage.base_stage is None or stage.base_stage.index < stage.index
