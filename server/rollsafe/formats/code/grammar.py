"""Parsing by tree-sitter within bounds: the same amount of work for the same text, whatever is in it."""

from bisect import bisect_right
from threading import Lock
from typing import TYPE_CHECKING, Final

from rollsafe.formats.code.nesting import MAX_NESTING, too_deep
from rollsafe.formats.problems import Problem
from rollsafe.text.patterns import lazily

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Language, Node, Tree

MAX_CHARS: Final = 200_000
_MAX_ROUNDS: Final = 4_000
_ROUNDS: Final = 250
_ROUNDS_PER_CHAR: Final = 0.03
"""How often the parser may ask whether to go on: in all, at first, and for each character it has read.

It asks once in about a hundred steps. Real files take 20 of these rounds for a thousand characters at most;
what can be read in many ways takes 70, each of which is slower than the one before.
"""
_MAX_RESCANS: Final = 50_000_000
_MAX_COMMENTS: Final = 500_000_000
_MAX_CHAINED: Final = 10_000
_CHAIN: Final = lazily(r"(?:([\"'`])[^\"'`\n]{0,80}\1\s{0,9}){4,}")
"""Strings with nothing between them; no program is known that has four of them in a row."""
_WIDE = lazily(r"[^\x00-\x7f]")


class Source:
    """A text in the bytes the parser sees, which know their places in code points."""

    def __init__(self, text: str, masked: "Callable[[bytes], bytes]" = bytes) -> None:
        """Take a text; `masked` may hand the parser other bytes, as long as they are as many."""
        self.text = text
        data = text.encode("utf-8", "surrogatepass")
        self.data = masked(data) if len(text) <= MAX_CHARS else data
        self._ends: list[int] = []
        self._extra: list[int] = []
        if len(self.data) != len(text):
            self._index()

    def _index(self) -> None:
        extra = 0
        for found in _WIDE.finditer(self.text):
            extra += len(found[0].encode("utf-8", "surrogatepass")) - 1
            self._ends.append(found.end() + extra)
            self._extra.append(extra)

    def offset(self, byte: int) -> int:
        """Return the place of a byte in code points."""
        before = bisect_right(self._ends, byte)
        return byte - self._extra[before - 1] if before else byte

    def span(self, node: "Node") -> tuple[int, int]:
        """Return the place of a node in code points."""
        return self.offset(node.start_byte), self.offset(node.end_byte)

    def words(self, node: "Node") -> str:
        """Return the characters of a node."""
        start, end = self.span(node)
        return self.text[start:end]


def parse(source: Source, language: "Language") -> "Tree | Problem":
    """Parse a text by a grammar; a fatal problem says why it was not."""
    refused = _refused(source.text)
    if refused:
        return Problem(0, 0, refused, fatal=True)
    tree = _parsed(source.data, language)
    return tree if tree is not None else Problem(0, 0, "too ambiguous to be parsed", fatal=True)


def first_error(tree: "Tree") -> "Node | None":
    """Return the first node the grammar could not make sense of, looked for along one path."""
    node = tree.root_node
    for _ in range(MAX_NESTING * 4):
        if not node.has_error or node.is_error or node.is_missing:
            break
        found = next((one for one in node.children if one.has_error or one.is_missing), None)
        if found is None:
            break
        node = found
    return node if node.has_error or node.is_missing else None


def _refused(text: str) -> str:
    """Return why a text is not even tried; empty for one that is."""
    if len(text) > MAX_CHARS:
        return f"larger than {MAX_CHARS} characters"
    deep = too_deep(text)
    if deep:
        return deep
    # What may begin a regular expression is looked at up to the end of its line, each time again.
    lines = text.split("\n")
    if sum(line.count("/") * len(line) for line in lines) > _MAX_RESCANS:
        return "too many slashes in a line"
    # Strings that follow on each other are held as one, which takes longer with each of them.
    if sum(len(found[0]) for found in _CHAIN.finditer(text)) > _MAX_CHAINED:
        return "too many strings in a row"
    # Ruby's strings are looked for up to the end of the text, those without an end at each comment again.
    comments = sum("#" in line for line in lines)
    return "too many comments" if comments * len(text) > _MAX_COMMENTS else ""


_SHARED: Final = bytearray()
"""What the parser reads from. The binding never lets go of an object it was handed, so that it is always
handed this one."""
_READING: Final = Lock()


def _parsed(data: bytes, language: "Language") -> "Tree | None":
    """Parse bytes; None if that takes too long."""
    from tree_sitter import Parser

    with _READING:
        try:
            return Parser(language).parse(_reader(data), progress_callback=_patience())
        except (ValueError, MemoryError):
            return None
        finally:
            _SHARED.clear()


def _reader(data: bytes) -> "Callable[[int, object], bytearray]":
    def read(byte: int, _: object) -> bytearray:
        _SHARED[:] = data[byte:] if byte else data
        return _SHARED

    return read


def _patience() -> "Callable[[int, bool], bool]":
    rounds = 0

    def is_enough(offset: int, has_error: bool) -> bool:
        nonlocal rounds
        # Making sense of what is wrong takes longer.
        rounds += 3 if has_error else 1
        return rounds > min(_ROUNDS + offset * _ROUNDS_PER_CHAR, _MAX_ROUNDS)

    return is_enough
