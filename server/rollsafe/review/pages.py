"""A file as a model was shown it, ready to be searched: lines, things, and what is set in them."""

from collections.abc import Iterable, Iterator
from hashlib import sha256

from rollsafe.formats.nodes import Mapping, Node, Sequence, resolve
from rollsafe.formats.yaml import read_yaml
from rollsafe.review.request import Claim, NodeRange, ReviewFile, SentFile
from rollsafe.text import LineIndex
from rollsafe.text.cached import cached_property
from rollsafe.text.secrets import PLACEHOLDER

_NEAR = 10
_LARGE = 60
_TREES = (".yaml", ".yml", ".json")


class Page:
    """The lines of a file that were shown; `source` is the file itself."""

    def __init__(self, sent: SentFile, source: ReviewFile) -> None:
        self.source = source
        self.lines = {line.number: bare(line.text) for line in sent.lines}
        self.sent_nodes = {node.id: own for node, own in zip(sent.nodes, source.nodes, strict=True)}
        self._sent = sent

    @cached_property
    def index(self) -> LineIndex:
        """The lines of the file itself."""
        return LineIndex(self.source.text)

    @cached_property
    def is_whole(self) -> bool:
        """Whether every line was shown as it is: none left out or cut, and no secret taken out."""
        texts = {line.number: line.text for line in self._sent.lines}
        rows = range(len(self.index))
        return all(texts.get(row + 1, "").strip() == self.index.line_text(row).strip() for row in rows)

    def anchor(self, claim: Claim) -> int | None:
        """Return the 1-based line the claim's quote stands for, or None when that is open."""
        quote = bare(claim.quote)
        if not any(map(str.isalnum, quote)):
            return None
        if self.lines.get(claim.line) == quote:
            return claim.line
        found = [number for number, text in self.lines.items() if text == quote]
        for first, last in self._ranges(claim):
            inside = [number for number in found if first <= number <= last]
            if len(inside) == 1:
                return inside[0]
        return found[0] if len(found) == 1 else None

    def _ranges(self, claim: Claim) -> Iterator[tuple[int, int]]:
        node = self.sent_nodes.get(claim.node_id)
        if node is not None:
            yield node.first_line, node.last_line
        yield claim.line - _NEAR, claim.line + _NEAR

    def nodes_around(self, line: int) -> list[NodeRange]:
        """Return the nodes that hold a line, the smallest first."""
        around = [n for n in self.source.nodes if n.first_line <= line <= n.last_line]
        return sorted(around, key=lambda node: node.last_line - node.first_line)

    def content(self, line: int) -> str:
        """Return what stands for the text around a line: that of the smallest thing in the file it is in.

        Where that is large, or the whole file, it is the paragraph instead.
        """
        node = next(iter(self.nodes_around(line)), None)
        rows = [row for row in self.lines if node and node.first_line <= row <= node.last_line]
        if len(rows) in (0, len(self.lines)) or len(rows) > _LARGE:
            rows = list(self._paragraph(line))
        return digest(self.lines[row] for row in rows)

    def _paragraph(self, line: int) -> Iterator[int]:
        first = last = line
        while first - 1 in self.lines:
            first -= 1
        while last + 1 in self.lines:
            last += 1
        yield from range(max(first, line - _LARGE), min(last, line + _LARGE) + 1)

    def rows(self, node_id: str) -> dict[int, str] | None:
        """Return the shown lines of a node, of the whole file for an empty id; None without such a node."""
        if not node_id:
            return self.lines
        node = self.sent_nodes.get(node_id)
        if node is None:
            return None
        return {row: text for row, text in self.lines.items() if node.first_line <= row <= node.last_line}

    def values_at(self, node_id: str, path: str) -> list[Node] | None:
        """Return what is set at a dotted path in a node; nothing where its parent holds no such key.

        None where that cannot be told: the file is no tree, or the parent is not there either.
        """
        if self._documents is None:
            return None
        steps = path.split(".")
        roots = list(self._mappings_in(node_id))
        found = [node for root in roots for node in _reached(root, steps)]
        if found:
            return found
        holders = [node for root in roots for node in _reached(root, steps[:-1])]
        return [] if any(isinstance(node, Mapping) for node in holders) else None

    @cached_property
    def _shown(self) -> LineIndex:
        return LineIndex(self._shown_text)

    @cached_property
    def _shown_text(self) -> str:
        texts = {line.number: line.text for line in self._sent.lines}
        return "\n".join(texts.get(row, "") for row in range(1, max(texts, default=0) + 1))

    @cached_property
    def _documents(self) -> list[Node] | None:
        """The trees of the file as it was shown; None where it is none, is a template, or is broken."""
        if not self.source.path.endswith(_TREES):
            return None
        tree = read_yaml(self._shown_text)
        return None if tree.problems or tree.templated else tree.documents

    def _mappings_in(self, node_id: str) -> Iterator[Node]:
        """Yield the largest trees within the lines of a node, and what the only key of one holds."""
        rows = self.rows(node_id) or {}
        pending = list(self._documents or ())
        while pending:
            node = pending.pop(0)
            first = self._shown.line_of(node.start) + 1
            last = self._shown.line_of(max(node.start, node.end - 1)) + 1
            if rows and min(rows) <= first and last <= max(rows) and isinstance(node, Mapping | Sequence):
                yield node
                if isinstance(node, Mapping) and len(node.entries) == 1:
                    yield node.entries[0].value
            elif isinstance(node, Mapping):
                pending += [entry.value for entry in node.entries]
            elif isinstance(node, Sequence):
                pending += node.items


def bare(text: str) -> str:
    """Return a line as quotes are compared: without the spaces around it and the mark of a cut."""
    return text.removesuffix("…").strip()


def digest(parts: Iterable[str]) -> str:
    """Return what stands for texts; secrets count as such, whatever number they had in a request."""
    same = (PLACEHOLDER.sub("<<SECRET>>", part) for part in parts)
    return sha256("\0".join(same).encode("utf-8", "replace")).hexdigest()[:16]


def _reached(node: Node, steps: list[str]) -> Iterator[Node]:
    """Yield what a path leads to; keys may hold dots, items are named by number or by their `name`."""
    target = resolve(node)
    if not steps:
        if target is not None:
            yield target
    elif isinstance(target, Mapping):
        for count in range(len(steps), 0, -1):
            value = target.value(".".join(steps[:count]))
            if value is not None:
                yield from _reached(value, steps[count:])
    elif isinstance(target, Sequence):
        for number, item in enumerate(target.items):
            if steps[0] in (str(number), item.text_at("name")):
                yield from _reached(item, steps[1:])
