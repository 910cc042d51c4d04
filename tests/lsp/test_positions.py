"""Positions and edits in all three encodings, with everything that tells them apart."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsafe.lsp.documents import Document
from rollsafe.lsp.from_lsp import Change
from rollsafe.lsp.to_lsp import range_in
from rollsafe.text import Encoding, LineIndex, Position, Span
from tests.lsp.conftest import Start, spoken_environment
from tests.lsp.stdio import VSCODE, Client, Json, running, span

ENCODINGS = [Encoding.UTF8, Encoding.UTF16, Encoding.UTF32]
CODECS = {Encoding.UTF8: ("utf-8", 1), Encoding.UTF16: ("utf-16-le", 2), Encoding.UTF32: ("utf-32-le", 4)}
BREAKS = ("\r\n", "\n", "\r")
CHARACTERS = "aé€😋\u2028\u0085\f\v\t "


def lines_of(text: str) -> list[str]:
    """Split as the protocol says, line ends kept; independent of the code under test."""
    lines: list[str] = []
    at = start = 0
    while at < len(text):
        end = next((b for b in BREAKS if text.startswith(b, at)), "")
        at += len(end) or 1
        if end:
            lines.append(text[start:at])
            start = at
    return [*lines, text[start:]]


def units(text: str, encoding: Encoding) -> int:
    codec, size = CODECS[encoding]
    return len(text.encode(codec)) // size


def position_at(text: str, offset: int, encoding: Encoding) -> Position:
    before = lines_of(text[:offset])
    return Position(len(before) - 1, units(before[-1], encoding))


texts = st.lists(st.sampled_from([*CHARACTERS, "\n", "\r\n", "b\n"]), max_size=30).map("".join)


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, int, int, str]:
    """A text, a stretch of it that splits no line end, and what replaces it."""
    text = draw(texts)
    borders = [at for at in range(len(text) + 1) if text[max(at - 1, 0) : at + 1] != "\r\n"]
    start, end = sorted((draw(st.sampled_from(borders)), draw(st.sampled_from(borders))))
    return text, start, end, draw(texts)


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(case=edited())
def test_edit_changes_what_the_client_means(encoding: Encoding, case: tuple[str, int, int, str]) -> None:
    text, start, end, new = case
    document = Document("file:///x", "/x", 1, text)
    change = Change(position_at(text, start, encoding), position_at(text, end, encoding), new)
    document.change([change], 2, encoding)
    assert document.text == text[:start] + new + text[end:]


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(case=edited())
def test_range_names_what_is_meant(encoding: Encoding, case: tuple[str, int, int, str]) -> None:
    text, start, end, _ = case
    found = range_in(LineIndex(text), Span(start, end), encoding)
    first, last = position_at(text, start, encoding), position_at(text, end, encoding)
    assert found == span(first.line, first.column, last.line, last.column)


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(case=texts, wild=st.tuples(*[st.integers(0, 40)] * 4))
def test_edit_anywhere_leaves_the_rest(
    encoding: Encoding, case: str, wild: tuple[int, int, int, int]
) -> None:
    """Positions past the end of a line or of the text mean that end, and never raise."""
    start, end = sorted((Position(wild[0], wild[1]), Position(wild[2], wild[3])))
    document = Document("file:///x", "/x", 1, case)
    document.change([Change(start, end, "\0")], 2, encoding)
    before, _, after = document.text.partition("\0")
    assert case.startswith(before)
    assert case.endswith(after)
    assert len(before) + len(after) <= len(case)


# Through the server

EDITS: dict[str, tuple[str, Json, str, str]] = {
    "past the end of the only line": ("abc", span(0, 3, 0, 99), "X", "abcX"),
    "past the end of the text": ("abc\n", span(9, 0, 9, 0), "X", "abc\nX"),
    "whole text, end line beyond": ("abc", span(0, 0, 5, 0), "Z", "Z"),
    "whole text with an astral character": ("a😋c", span(0, 0, 7, 0), "Z", "Z"),
    "line separator is no line end": ("a\u2028b\nc\n", span(1, 0, 1, 1), "Q", "a\u2028b\nQ\n"),
    "next line is no line end": ("a\x85b\nc\n", span(1, 0, 1, 1), "Q", "a\x85b\nQ\n"),
    "form feed is no line end": ("a\fb\nc\n", span(1, 0, 1, 1), "Q", "a\fb\nQ\n"),
    "carriage return is one": ("a\rb\rc", span(2, 0, 2, 1), "Q", "a\rb\rQ"),
    "joined lines": ("a\r\nb\r\n", span(0, 1, 1, 0), "-", "a-b\r\n"),
    "past the end of a line with CRLF": ("a\r\nb\r\n", span(0, 9, 0, 9), "X", "aX\r\nb\r\n"),
    "empty text": ("", span(0, 0, 0, 0), "X", "X"),
    "backwards": ("abc", span(0, 2, 0, 1), "X", "aXc"),
}


@pytest.fixture(scope="module", params=ENCODINGS)
def client(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Generator[tuple[Client, Path, Encoding]]:
    directory = tmp_path_factory.mktemp("positions")
    encoding: Encoding = request.param
    with running(directory, spoken_environment(directory)) as client:
        offered = {"general": {"positionEncodings": ["utf-7", encoding.value, "utf-16"]}}
        capabilities = client.initialize(directory, {**VSCODE, **offered})
        assert capabilities["positionEncoding"] == encoding.value
        yield client, directory, encoding


@pytest.mark.parametrize("name", EDITS)
def test_document_stays_what_the_editor_has(client: tuple[Client, Path, Encoding], name: str) -> None:
    server, root, _ = client
    before, where, new, after = EDITS[name]
    uri = server.open((root / f"{name}.env").as_uri(), before)
    server.change(uri, 2, {"range": where, "text": new})
    # The word at the very beginning makes the server say what it has.
    server.change(uri, 3, {"range": span(0, 0, 0, 0), "text": "ECHO"})
    assert [found["message"] for found in server.diagnostics(uri, 3)] == [f"ECHO{after}"]
    server.close(uri)


def test_finding_behind_wide_characters(client: tuple[Client, Path, Encoding]) -> None:
    server, root, encoding = client
    text = "A='é😋' SIMPLE\r\nB=€ SIMPLE\n"
    uri = server.open((root / "wide.env").as_uri(), text)
    expected = [
        span(line, units(words, encoding), line, units(words, encoding) + 6)
        for line, words in enumerate(("A='é😋' ", "B=€ "))
    ]
    found = server.diagnostics(uri, 1)
    assert [one["range"] for one in found] == expected

    offered = server.actions(uri, found[1]["range"], [found[1]])
    done = next(action for action in offered if action["title"] == "Write DONE")
    assert done["edit"]["documentChanges"][0]["edits"] == [{"range": expected[1], "newText": "DONE"}]
    hover = server.result(
        "textDocument/hover", {"textDocument": {"uri": uri}, "position": expected[0]["end"]}
    )
    assert hover["range"] == expected[0]
    server.close(uri)


def test_several_changes_in_one_message_apply_one_after_the_other(
    client: tuple[Client, Path, Encoding],
) -> None:
    server, root, _ = client
    uri = server.open((root / "several.env").as_uri(), "x\n")
    server.change(
        uri,
        2,
        {"text": "ECHO ab\n"},
        {"range": span(0, 7, 0, 7), "text": "cd"},
        {"range": span(0, 5, 0, 6), "text": ""},
    )
    assert [found["message"] for found in server.diagnostics(uri, 2)] == ["ECHO bcd\n"]
    server.close(uri)


@pytest.mark.parametrize("offered", [None, [], ["utf-7"], "utf-8", [8]])
def test_client_that_offers_no_known_encoding_gets_utf16(
    tmp_path: Path, start: Start, offered: object
) -> None:
    client = start(None, {"general": {"positionEncodings": offered}})
    uri = client.open((tmp_path / "compose.yaml").as_uri(), "services:\n  a: {image: 'x:1', 😋b: 1}\n")
    found = client.diagnostics(uri, 1)
    assert [one["range"]["end"]["character"] for one in found if one["code"] == "unknown-compose-key"] == [23]
