"""The same files written by other editors and other people: fixes have to come out the same."""

import re
from collections.abc import Mapping

from rollsafe.formats.yaml import read_yaml
from tests.formats.test_yaml import plain

Files = Mapping[str, str]

BOM = "\ufeff"
_BREAK = re.compile(r"\r?\n")
_LINE = re.compile(r"(?P<indent> *)(?P<dashes>(?:- )*)")


def windows(files: Files) -> dict[str, str]:
    """Return files with a byte-order mark and the line ends of Windows."""
    return {path: BOM + text for path, text in with_returns(files).items()}


def with_returns(files: Files) -> dict[str, str]:
    """Return files with the line ends of Windows."""
    return {path: _BREAK.sub("\r\n", text) for path, text in files.items()}


def unfinished(files: Files) -> dict[str, str]:
    """Return files that end without a line break."""
    return {path: text.rstrip("\n") for path, text in files.items()}


def deep(files: Files) -> dict[str, str]:
    """Return YAML files indented by four, and every other file as it is."""
    return {path: _deepened(text) if _is_yaml(path) else text for path, text in files.items()}


def meaning(files: Files) -> dict[str, object]:
    """Return what YAML files say, however they are indented, and every other file's text."""
    return {path: _data(text) if _is_yaml(path) else text for path, text in files.items()}


def _data(text: str) -> object:
    tree = read_yaml(text)
    assert not tree.problems, (tree.problems, text)
    return [plain(document) for document in tree.documents]


def _is_yaml(path: str) -> bool:
    return path.endswith((".yaml", ".yml"))


def _deepened(text: str) -> str:
    lines: list[str] = []
    for line in text.split("\n"):
        found = _LINE.match(line)
        assert found is not None
        lines.append(found["indent"] * 2 + found["dashes"].replace("- ", "-   ") + line[found.end() :])
    return "\n".join(lines)
