"""Edits of YAML and JSON: comments stay, the result reads as intended."""

import pytest

from rollsafe.formats import yaml_edit, yaml_removal
from rollsafe.formats.nodes import Mapping, Sequence
from rollsafe.formats.yaml import read_yaml
from rollsafe.text import Edit, apply_edits
from tests.formats.test_yaml import plain

DOC = "# top\na:\n  b: 1 # one\n  c: two\n# end\nd: [1, 2]\n"


def mapping(text: str, *path: str) -> Mapping:
    found = read_yaml(text).documents[0].map_at(*path)
    assert found is not None
    return found


def applied(text: str, edit: Edit | None) -> str:
    assert edit is not None
    return apply_edits(text, [edit])


def test_add_entry_keeps_indentation_and_comments() -> None:
    done = applied(DOC, yaml_edit.add_entry(DOC, mapping(DOC, "a"), "x", "y: 1\nz:\n  - 2"))
    expected = "# top\na:\n  b: 1 # one\n  c: two\n  x:\n    y: 1\n    z:\n      - 2\n# end\nd: [1, 2]\n"
    assert done == expected


def test_add_entry_uses_the_files_line_ends() -> None:
    text = "a:\r\n  b: 1\r\n"
    assert applied(text, yaml_edit.add_entry(text, mapping(text, "a"), "c", "k: 2")) == (
        "a:\r\n  b: 1\r\n  c:\r\n    k: 2\r\n"
    )


def test_a_byte_order_mark_is_no_indentation() -> None:
    text = "\ufeffa: 1\n"
    assert applied(text, yaml_edit.add_entry(text, mapping(text), "b", "2")) == "\ufeffa: 1\nb: 2\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{a: 1}", "{a: 1, x: 2}"),
        ("{}", "{x: 2}"),
        ('{\n  "a": 1\n}', '{\n  "a": 1,\n  "x": 2\n}'),
        ('{"a": 1}', '{"a": 1, "x": 2}'),
    ],
)
def test_add_entry_in_flow_style(text: str, expected: str) -> None:
    assert applied(text, yaml_edit.add_entry(text, mapping(text), "x", "2")) == expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("b", "# top\na:\n  # one\n  c: two\n# end\nd: [1, 2]\n"),
        ("c", "# top\na:\n  b: 1 # one\n# end\nd: [1, 2]\n"),
    ],
)
def test_remove_entry(key: str, expected: str) -> None:
    assert applied(DOC, yaml_removal.remove_entry(DOC, mapping(DOC, "a"), key)) == expected


def test_remove_first_entry_of_a_list_item() -> None:
    text = "l:\n  - a: 1\n    b: 2\n"
    item = read_yaml(text).documents[0].map_at("l", 0)
    assert item is not None
    assert applied(text, yaml_removal.remove_entry(text, item, "a")) == "l:\n  - b: 2\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("l:\n  - a: 1 # why\n    # more\n    b: 2\n", "l:\n  - # why\n    # more\n    b: 2\n"),
        ("l:\n  - a: 1\n    # more\n    b: 2\n", "l:\n  -\n    # more\n    b: 2\n"),
        (
            'l:\n  - b: 2\n    a:\n      c: " # no" # why\n      # d\n      e: x',
            "l:\n  - b: 2\n    # why\n    # d",
        ),
    ],
)
def test_what_is_removed_leaves_its_comments(text: str, expected: str) -> None:
    item = read_yaml(text).documents[0].map_at("l", 0)
    assert item is not None
    assert applied(text, yaml_removal.remove_entry(text, item, "a")) == expected


def test_add_child_makes_a_mapping_of_an_empty_value() -> None:
    text = "a:\nb: 1\n"
    entry = mapping(text).entry("a")
    assert entry is not None
    done = applied(text, yaml_edit.add_child(text, entry, "k", "v"))
    assert plain(read_yaml(done).documents[0]) == {"a": {"k": "v"}, "b": "1"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("l:\n  - a: 1\n  - b: 2\nz: 1\n", "l:\n  - a: 1\n  - b: 2\n  - c: 3\n    d: 4\nz: 1\n"),
        ("l: [1, 2]\n", "l: [1, 2, {c: 3, d: 4}]\n"),
    ],
)
def test_add_item(text: str, expected: str) -> None:
    sequence = read_yaml(text).documents[0].at("l")
    assert isinstance(sequence, Sequence)
    assert applied(text, yaml_edit.add_item(text, sequence, "c: 3\nd: 4")) == expected


def test_what_an_alias_repeats_is_not_removed() -> None:
    text = "l:\n  - &a {x: 1}\n  - {x: 2}\n  - *a\nm: &n {y: 1}\no: *n\n"
    root = mapping(text)
    listed = root.at("l")
    assert isinstance(listed, Sequence)
    assert yaml_removal.remove_item(text, listed, 0) is None
    assert applied(text, yaml_removal.remove_item(text, listed, 1)) == text.replace("  - {x: 2}\n", "")
    assert yaml_removal.remove_entry(text, root, "m") is None
    assert applied(text, yaml_removal.remove_entry(text, root, "o")) == text.replace("o: *n\n", "")


def test_remove_items() -> None:
    text = "l:\n  - a\n  - b # second\nm: [1, 2, 3]\n"
    root = read_yaml(text).documents[0]
    block, flow = root.at("l"), root.at("m")
    assert isinstance(block, Sequence)
    assert isinstance(flow, Sequence)
    assert applied(text, yaml_removal.remove_item(text, block, 1)) == "l:\n  - a\n  # second\nm: [1, 2, 3]\n"
    assert applied(text, yaml_removal.remove_item(text, flow, 2)) == "l:\n  - a\n  - b # second\nm: [1, 2]\n"
    assert applied(text, yaml_removal.remove_item(text, flow, 0)) == "l:\n  - a\n  - b # second\nm: [2, 3]\n"


def test_insert_before() -> None:
    text = "l:\n  - a: 1\n"
    item = read_yaml(text).documents[0].at("l", 0)
    assert item is not None
    assert applied(text, yaml_edit.insert_item_before(text, item, "n: 0\nm: 1")) == (
        "l:\n  - n: 0\n    m: 1\n  - a: 1\n"
    )
    entry = mapping("a: 1\nb: 2\n").entry("b")
    assert entry is not None
    assert applied("a: 1\nb: 2\n", yaml_edit.add_entry_before("a: 1\nb: 2\n", entry, "x", "0")) == (
        "a: 1\nx: 0\nb: 2\n"
    )
