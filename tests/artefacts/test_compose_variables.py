"""Variables in Compose files: where they stand and what happens without them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsafe.artefacts.compose import ComposeFile, ComposeVariable, recognise
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.yaml import read_yaml

FILE = """\
# ${COMMENT}
x-tag: &tag ${TAG:-1}
services:
  web:
    image: "😋/web:${TAG:-${OTHER}}"
    ports: ['${PORT:?set the port}:80', "$$HOME"]
    ${KEY}: a
    environment:
      - URL=http://$HOST/
      - 'Q=''${QUOTED}'''
    command: |
      echo ${BLOCK+yes}
      echo $$PATH
  db: {image: *tag, restart: "${R-}"}
networks: {default: {name: $NET}}
"""


def compose(text: str) -> ComposeFile:
    artefact = recognise(SourceFile("compose.yaml", text), read_yaml(text))
    assert artefact is not None
    return artefact.compose


def variable(written: str) -> ComposeVariable:
    (found,) = compose(f"services: {{web: {{image: '{written}'}}}}\n").variables
    return found


def test_every_value_is_searched_and_nothing_else() -> None:
    found = compose(FILE).variables
    assert [one.name for one in found] == [
        *("TAG", "TAG", "OTHER", "PORT", "HOST", "QUOTED", "BLOCK", "R", "NET"),
    ]
    assert compose(FILE).malformed_variables == ()


@pytest.mark.parametrize(
    "text", [FILE, FILE.replace("\n", "\r\n"), "\ufeff" + FILE], ids=["LF", "CRLF", "BOM"]
)
def test_positions(text: str) -> None:
    found = compose(text).variables
    assert [text[one.start : one.end] for one in found] == [
        "${TAG:-1}",
        "${TAG:-${OTHER}}",
        "${OTHER}",
        "${PORT:?set the port}",
        "$HOST",
        "${QUOTED}",
        "${BLOCK+yes}",
        "${R-}",
        "$NET",
    ]
    assert all(text[slice(*one.name_span)] == one.name for one in found)


def test_services() -> None:
    holders = [one.service.name if one.service else None for one in compose(FILE).variables]
    assert holders == [None, *["web"] * 6, "db", None]


@pytest.mark.parametrize(
    ("written", "default", "required", "optional", "blank"),
    [
        ("$A", None, False, False, True),
        ("${A}", None, False, False, True),
        ("${A:-x}", "x", False, True, False),
        ("${A-}", "", False, True, False),
        ("${A:?m}", None, True, False, False),
        ("${A?}", None, True, False, False),
        ("${A:+x}", None, False, True, False),
    ],
)
def test_without_a_value(
    written: str, default: str | None, required: bool, optional: bool, blank: bool
) -> None:
    found = variable(written)
    assert (found.default, found.is_required, found.is_optional, found.becomes_blank) == (
        default,
        required,
        optional,
        blank,
    )


def test_malformed_variables() -> None:
    text = "services: {web: {image: a, environment: ['P=pa$1', 'Q=${', 'R=$(x)']}}\n"
    spans = compose(text).malformed_variables
    assert [text[span.start : span.end] for span in spans] == ["$", "${", "$"]


VALUE = st.text(alphabet="${}:-?AB \\'\"#,[\n😋", max_size=25)


@given(VALUE)
def test_variables_are_where_they_say(value: str) -> None:
    quoted = "'" + value.replace("'", "''").replace("\n", "\n\n      ") + "'"
    text = f"services:\n  web:\n    image: {quoted}\n"
    artefact = recognise(SourceFile("compose.yaml", text), read_yaml(text))
    if artefact is not None:
        for one in artefact.compose.variables:
            assert text[slice(*one.name_span)] == one.name
            assert text[one.start] == "$"
            assert one.node.start <= one.start < one.end <= one.node.end
