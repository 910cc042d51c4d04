"""The YAML reader: positions, recovery of half-typed files, templates, hostile input."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence, resolve, walk
from rollsafe.formats.yaml import read_yaml


def plain(node: Node | None) -> object:
    """Return a document as Python values, merges and aliases followed."""
    node = resolve(node)
    if isinstance(node, Mapping):
        return {key: plain(value) for key, value in node.pairs()}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node.text if isinstance(node, Scalar) else None


def read_one(text: str) -> object:
    return plain(read_yaml(text).documents[0])


def test_nodes_cover_exactly_their_source() -> None:
    text = "a: 'é😋'  # c\nb:\n  - x: |\n      one\n      two\n  - [1, {k: v}]\nc:\n"
    root = read_yaml(text).documents[0]
    sources = [text[node.start : node.end] for node in walk(root) if isinstance(node, Scalar)]
    assert sources == ["a", "'é😋'", "b", "x", "|\n      one\n      two", "1", "k", "v", "c", ""]
    assert text[root.at("b", 1).start : root.at("b", 1).end] == "[1, {k: v}]"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("half a key", "a: 1\nimag\nb: 2\n", {"a": "1", "b": "2"}),
        ("open quote", "a: 1\nb: 'x\nc: 3\nd: 4\n", {"a": "1", "c": "3", "d": "4"}),
        ("tab", "a:\n\t- b\nc: 1\n", {"a": "", "c": "1"}),
        ("open bracket", "a: 1\nb: [1, 2\nc: 3\n", {"a": "1", "c": "3"}),
        ("colon twice", "a: b: c\nd: 1\n", {"d": "1"}),
        (
            "one space off",
            "s:\n  a:\n    i: x\n   p: 1\n  b:\n    i: y\n",
            {"s": {"a": {"i": "x"}, "b": {"i": "y"}}},
        ),
        (
            "merge marks",
            "a: 1\n<<<<<<< HEAD\nb: 2\n=======\nc: 3\n>>>>>>> x\nd: 4\n",
            {"a": "1", "b": "2", "c": "3", "d": "4"},
        ),
        ("key without value", "a:\nb: 1\n", {"a": "", "b": "1"}),
        ("lone dash", "a:\n  - x\n  -\nb: 1\n", {"a": ["x", ""], "b": "1"}),
    ],
)  # fmt: skip
def test_a_half_typed_line_costs_one_line(name: str, text: str, expected: object) -> None:
    assert read_one(text) == expected, name


def test_problem_is_reported_where_libyaml_saw_it() -> None:
    tree = read_yaml("a: 1\nb: [1\nc: 2\n")
    assert [(p.start, p.fatal) for p in tree.problems] == [(12, False)]


def test_template_tags_keep_their_text_and_place() -> None:
    text = '{{- if .Values.on }}\na: {{ .Values.y }}\nb: "{{ x }}-b"\n{{ end }}\nc: |\n  p {{ q }}\n'
    tree = read_yaml(text)
    assert tree.templated
    assert plain(tree.documents[0]) == {"a": "{{ .Values.y }}", "b": "{{ x }}-b", "c": "p {{ q }}\n"}
    value = tree.documents[0].at("a")
    assert value is not None
    assert text[value.start : value.end] == "{{ .Values.y }}"


def test_braces_of_a_script_are_no_template() -> None:
    text = "a:\n  run: |\n    diff -I '{{- if.*' old new\nb:\n  if: ${{ always() }}\n"
    tree = read_yaml(text)
    assert tree.problems == []
    assert plain(tree.documents[0]) == {
        "a": {"run": "diff -I '{{- if.*' old new\n"},
        "b": {"if": "${{ always() }}"},
    }


def test_expressions_of_github_are_no_template_tags() -> None:
    tree = read_yaml("run: echo ${{ github.ref }}\nif: ${{ always() }}\n")
    assert not tree.templated
    assert plain(tree.documents[0]) == {"run": "echo ${{ github.ref }}", "if": "${{ always() }}"}


def test_aliases_are_followed_and_never_copied() -> None:
    tree = read_yaml("x: &x {k: 1}\na: *x\nb:\n  <<: *x\n  m: 2\n")
    root = tree.documents[0]
    assert plain(root) == {"x": {"k": "1"}, "a": {"k": "1"}, "b": {"m": "2", "k": "1"}}
    assert root.at("a") is root.at("x")


def test_json_is_read_with_the_same_positions() -> None:
    text = '{\n\t"a": [1, true, null],\n\t"b": "\\ud83d\\ude00\\/"\n}\n'
    root = read_yaml(text).documents[0]
    assert root.int_at("a", 0) == 1
    assert root.bool_at("a", 1) is True
    assert root.text_at("a", 2) is None
    assert not read_yaml(text).problems


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_ends_and_byte_order_marks(line_end: str) -> None:
    text = "\ufeff" + line_end.join(["a: 1", "b:", "  c: é", ""])
    root = read_yaml(text).documents[0]
    node = root.at("b", "c")
    assert node is not None
    assert text[node.start : node.end] == "é"
    assert root.int_at("a") == 1


def test_several_documents() -> None:
    tree = read_yaml("---\na: 1\n---\n# nothing\n---\nb: 2\n...\n")
    assert [plain(document) for document in tree.documents] == [{"a": "1"}, {"b": "2"}]


def test_recursive_alias_ends() -> None:
    root = read_yaml("a: &a [*a]\n").documents[0]
    assert root.at("a", 0, 0, 0, 0) is not None
    assert len(list(walk(root))) < 10


BOMBS = {
    "million brackets": "[" * 1_000_000,
    "200k brackets": "[" * 200_000,
    "100k dashes": "- " * 100_000,
    "deep nesting": "".join(" " * depth + "a:\n" for depth in range(1_400)),
    "100k keys": "".join(f"k{n}: 0\n" for n in range(100_000)),
    "50 MB": "a" * 50_000_000,
    "5 MB of JSON on a line": '{"a": "' + "x" * 5_000_000 + '"}',
    "half a million items": "[" + ",".join(["1"] * 500_000) + "]",
    "question marks": "? " * 300_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_quickly(name: str) -> None:
    started = time.process_time()
    tree = read_yaml(BOMBS[name])
    assert time.process_time() - started < 5
    assert [p.fatal for p in tree.problems] == [True]


def test_laughs_and_merges_cost_nothing() -> None:
    laughs = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    merges = "b: &b {" + ", ".join(f"k{n}: 0" for n in range(2_000)) + "}\n"
    merges += "".join(f"m{n}:\n  <<: *b\n" for n in range(500))
    started = time.process_time()
    assert not read_yaml(laughs).problems
    root = read_yaml(merges).documents[0]
    assert root.int_at("m499", "k1999") == 0
    assert time.process_time() - started < 5


ODD = st.text(
    alphabet=st.sampled_from("a:- \n\r\t#'\"[]{},&*!|>%@`\\{{}}<\0\ud800\ufeff😋é\u2028"), max_size=120
)


@given(st.one_of(ODD, st.text(max_size=80)))
def test_reading_never_raises_and_spans_are_ordered(text: str) -> None:
    for document in read_yaml(text).documents:
        for node in walk(document):
            assert 0 <= node.start <= node.end <= len(text)
            if isinstance(node, Mapping):
                starts = [entry.key.start for entry in node.entries]
                assert all(one <= other for one, other in pairwise(starts))
