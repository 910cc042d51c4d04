"""Compose files as a whole: which files they are, what they declare, what they are for."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsafe.artefacts.compose import recognise
from rollsafe.artefacts.compose.file import MAX_SERVICES
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.yaml import read_yaml
from tests.artefacts.compose_files import ask_everything, compose, service

IMAGE = "services: {web: {image: a}}\n"


@pytest.mark.parametrize(
    ("path", "text", "is_one"),
    [
        ("compose.yaml", IMAGE, True),
        ("deploy/docker-compose.prod.yml", IMAGE, True),
        ("stack.compose.yml", IMAGE, True),
        ("docker-stack.yml", IMAGE, True),
        ("services.yaml", IMAGE, False),
        ("compose.json", IMAGE, False),
        ("compose.yaml", "services:\n  web:\n", True),
        ("compose.yaml", "services:\n  we", True),
        ("compose.yaml", "services:\n", True),
        ("my-compose.yaml", "services: {web: {cls: App}}\n", False),
        ("compose.yaml", "include: [a.yaml]\n", True),
        ("compose.yaml", "apiVersion: v1\nservices: {web: {image: a}}\n", False),
        ("compose.yml", "on: push\njobs: {a: {services: {db: {image: b}}}}\n", False),
        ("compose.yml", "stages: [a]\nservices: [b]\n", False),
        ("compose.yml", "- a\n", False),
        ("compose.yml", "", False),
    ],
)
def test_recognition(path: str, text: str, is_one: bool) -> None:
    assert (recognise(SourceFile(path, text), read_yaml(text)) is not None) is is_one


def test_elements() -> None:
    text = "services:\n  a: {image: 'x:${T}'}\n  b: {image: y}\n"
    artefact = recognise(SourceFile("compose.yaml", text), read_yaml(text))
    assert artefact is not None
    assert [type(one).__name__ for one in artefact.elements] == [
        "ComposeFile",
        *["ComposeService"] * 2,
        "ComposeVariable",
    ]
    assert {one.family for one in artefact.elements} == {"compose"}
    first = artefact.elements[1]
    assert text[first.start : first.end] == "a: {image: 'x:${T}'}"


def test_top_level() -> None:
    read = compose(
        "name: shop\nversion: '3'\nservices: {web: {image: a}}\nnetworks: {n: }\nvolumes: {v: {}}\n"
        "secrets: {s: {file: x}}\nconfigs: {c: }\n"
        "include: [a.yaml, {path: [../b.yaml, c.yaml]}, '${F}']\n",
        "deploy/compose.yaml",
    )
    assert (read.project_name, list(read.networks), list(read.volumes)) == ("shop", ["n"], ["v"])
    assert (list(read.secrets), list(read.configs)) == (["s"], ["c"])
    assert [one.path for one in read.includes] == ["deploy/a.yaml", "b.yaml", "deploy/c.yaml", None]
    assert read.version_key is not None


@pytest.mark.parametrize(
    ("path", "body", "is_development"),
    [
        ("compose.yaml", "image: a", False),
        ("docker-compose.dev.yml", "image: a", True),
        ("docker-compose.override.yml", "image: a", True),
        ("tests/e2e/compose.yaml", "image: a", True),
        ("latest/compose.yaml", "image: a", False),
        ("examples/compose.production.yaml", "image: a", False),
        ("compose.yaml", "build: .\nvolumes: ['.:/app']", False),
        ("compose.yaml", "build: .\nvolumes: ['.:/app']\ncommand: npm run dev", True),
        ("compose.yaml", "build: {target: dev}\nvolumes: ['.:/app']", True),
        ("compose.yaml", "build: .\nvolumes: ['.:/app']\nenvironment: [RAILS_ENV=development]", True),
        ("compose.yaml", "build: .\nvolumes: ['.:/app']\nenvironment: [RAILS_ENV=production]", False),
        ("compose.yaml", "build: .\ncommand: npm run dev", False),
    ],
)
def test_development(path: str, body: str, is_development: bool) -> None:
    assert service(body, path).compose.is_development is is_development


def test_too_many_services_are_said() -> None:
    text = "services:\n" + "".join(f"  s{n}: {{image: a}}\n" for n in range(MAX_SERVICES + 1))
    artefact = recognise(SourceFile("compose.yaml", text), read_yaml(text))
    assert artefact is not None
    assert len(artefact.compose.services) == MAX_SERVICES
    assert [problem.fatal for problem in artefact.problems] == [True]


def test_override() -> None:
    assert compose("services: {a: {ports: ['1:1']}}\n").is_override
    assert compose(IMAGE, "compose.override.yaml").is_override
    assert not compose(IMAGE).is_override
    assert not compose("services:\n").is_override


@pytest.mark.parametrize(
    "bomb",
    [
        "services:\n" + "".join(f"  s{n}: {{image: a, extends: s{n + 1}}}\n" for n in range(5_000)),
        "services:\n  a: {image: '" + "${" * 200_000 + "'}\n",
        "services:\n  a: {image: '" + "$A" * 400_000 + "'}\n",
        "services:\n  a:\n    image: a\n    environment:\n" + "    - A=$B$C$D$E\n" * 20_000,
        "services:\n  a: {image: a, command: \"" + "a' " * 200_000 + "\"}\n",
        "services:\n  a: {image: a, ports: ['" + ":" * 900_000 + "']}\n",
        "services:\n  a: &a {image: a, environment: &b {A: *a, B: *b}, extends: *a, build: *a}\n",
        "x: &x {" + ", ".join(f"k{n}: 1" for n in range(2_000)) + "}\nservices:\n"
        + "  a: {image: a}\n  b: {" + "<<: *x, " * 500 + "image: b}\n",
    ],
    ids=["extends", "braces", "references", "environment", "quotes", "ports", "aliases", "merges"],
)  # fmt: skip
def test_bombs_cost_little(bomb: str) -> None:
    tree = read_yaml(bomb)
    started = time.process_time()
    artefact = recognise(SourceFile("compose.yaml", bomb), tree)
    if artefact is not None:
        ask_everything(artefact.compose)
    assert time.process_time() - started < 5


KEY = st.sampled_from(
    [
        "image", "build", "context", "target", "ports", "environment", "env_file", "path", "depends_on",
        "db", "healthcheck", "test", "extends", "service", "file", "deploy", "volumes", "source", "command",
        "networks",
    ]
)  # fmt: skip
VALUE = st.recursive(
    st.sampled_from(
        ["a", "", "1:2", "${X:-1}", "$", "[", "x y", "null", "'q'", "./a:/b", "web", "true", "NONE"]
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: "[" + ", ".join(items) + "]"),
        st.dictionaries(KEY, inner, max_size=3).map(
            lambda entries: "{" + ", ".join(f"{key}: {value}" for key, value in entries.items()) + "}"
        ),
    ),
    max_leaves=8,
)


@given(st.dictionaries(KEY, VALUE, max_size=5))
def test_no_file_raises(body: dict[str, str]) -> None:
    text = "services:\n  web:\n" + "".join(f"    {key}: {value}\n" for key, value in body.items())
    artefact = recognise(SourceFile("a/compose.yaml", text), read_yaml(text))
    if artefact is not None:
        ask_everything(artefact.compose)
        assert all(0 <= one.start <= one.end <= len(text) for one in artefact.elements)
