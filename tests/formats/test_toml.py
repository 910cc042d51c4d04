"""The TOML reader says what the standard library's says, knows where, and survives what is no TOML."""

import tomllib
from itertools import pairwise
from typing import cast

import pytest

from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence
from rollsafe.formats.toml import read_toml
from rollsafe.formats.toml_edit import add_toml_entry, add_toml_table, toml_string
from rollsafe.text import apply_edits

FLY = '''app = "shop" # the name
primary_region = 'fra'
swap = 1_024
[deploy]
  release_command = "bin/migrate"
[http_service]
  internal_port = 8080
  soft.limit = { requests = 20, kinds = ["a",  # one
    "b",
  ] }
[[http_service.checks]]
  path = "/\\u0068"
[[services]]
[[services.ports]]
  port = 80
[[services.ports]]
  port = 443
["a b".'c.d']
  since = 1979-05-27 07:32:00
[env]
  LONG = """
one \\
   two ""quoted"" """
  RAW = \'\'\'c:\\temp\'\'\'
'''


def plain(node: Node | None) -> object:
    """Return what a node says, with every scalar as text."""
    if isinstance(node, Mapping):
        return {entry.name: plain(entry.value) for entry in node.entries}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node.text if isinstance(node, Scalar) else None


def as_text(value: object) -> object:
    if isinstance(value, dict):
        return {key: as_text(one) for key, one in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [as_text(one) for one in cast("list[object]", value)]
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_a_file_says_what_the_standard_library_reads() -> None:
    tree = read_toml(FLY)
    assert tree.problems == []
    assert plain(tree.documents[0]) == as_text(tomllib.loads(FLY))


def test_positions_are_those_of_keys_and_values() -> None:
    root = read_toml(FLY).documents[0]
    port, key = root.at("http_service", "internal_port"), root.key_at("http_service", "internal_port")
    assert port is not None
    assert key is not None
    assert (FLY[port.start : port.end], FLY[key.start : key.end]) == ("8080", "internal_port")


@pytest.mark.parametrize(
    "broken", ["name = ", 'name = "half', "name", "= 1", "[open", "list = [1, 2", "a.b.c"]
)
def test_a_line_that_is_no_toml_costs_itself_alone(broken: str) -> None:
    tree = read_toml(f'app = "shop"\n{broken}\n[env]\nA = "1"\n')
    assert [problem.message for problem in tree.problems] == ["line that is no TOML"]
    root = tree.documents[0]
    assert (root.text_at("app"), root.text_at("env", "A")) == ("shop", "1")


@pytest.mark.parametrize(
    "hostile",
    [
        "a = " + "[" * 100_000,
        "a = " + "{b=" * 100_000,
        'a = """' * 100_000,
        "a." * 200_000 + "b = 1",
        "[a]\n" * 100_000,
        "x = [\n" * 50_000,
        "a = 1\n" * 200_000,
        "a = 1" * 300_000,
        "\ufeff\ufeff[[[",
    ],
    ids=range(9),
)
def test_hostile_text_is_bounded(hostile: str) -> None:
    tree = read_toml(hostile)
    assert tree.problems
    assert all(one.start <= other.start for one, other in pairwise(tree.problems))


@pytest.mark.parametrize("text", [FLY, FLY.replace("\n", "\r\n"), FLY.rstrip("\n")])
@pytest.mark.parametrize("path", [(), ("deploy",), ("http_service",), ("env",), ("services", 0, "ports", 1)])
def test_an_entry_is_added_to_its_table(text: str, path: tuple[str | int, ...]) -> None:
    table = read_toml(text).documents[0].at(*path)
    assert isinstance(table, Mapping)
    done = apply_edits(text, [add_toml_entry(text, table, "added", toml_string('say "a\\b"'))])
    found = read_toml(done)
    assert found.problems == []
    assert found.documents[0].text_at(*path, "added") == 'say "a\\b"'
    tomllib.loads(done)
    assert done.endswith("\n") == text.endswith("\n")


def test_a_table_is_added_at_the_end() -> None:
    done = apply_edits(FLY, [add_toml_table(FLY, "[checks.alive]\n  port = 1")])
    assert tomllib.loads(done)["checks"] == {"alive": {"port": 1}}
