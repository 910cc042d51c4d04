"""The graph drawn: for Mermaid, for Graphviz, and as text by levels. Large processes are drawn collapsed."""

from collections.abc import Iterator
from typing import Final

from rollsafe.text.records import open_record
from rollsafe_agents.orchestration_manager.graph.measure import shown
from rollsafe_agents.orchestration_manager.graph.model import DependencyGraph, TimedNode, TimedProcess

_SIZES: Final = (60, 30, 14, 6)
"""Boxes per process, tried in this order until the whole can be drawn."""
_MOST_EDGES: Final = 450
"""Mermaid draws at most 500 unless told otherwise."""
_MOST_PROCESSES: Final = 40
_ENDS: Final = 4
"""Levels at either end of a long process that stay as they are."""
_LONGEST: Final = 60


@open_record
class _Box:
    """What is drawn as one: a node, or several of a level or of a stretch of levels."""

    label: str
    members: tuple[str, ...]
    is_critical: bool
    is_many: bool = False


@open_record
class _Picture:
    process: TimedProcess
    boxes: tuple[_Box, ...]
    edges: tuple[tuple[int, int, bool], ...]

    @property
    def collapsed(self) -> int:
        """How many nodes have no box of their own."""
        return sum(len(box.members) for box in self.boxes if box.is_many)


def mermaid(graph: DependencyGraph) -> str:
    """Return a flowchart; what is on a longest chain is thick."""
    lines = ["flowchart LR"]
    pictures = _pictures(graph)
    marked: list[str] = []
    for at, picture in enumerate(pictures):
        lines.append(f'  subgraph p{at}["{_label(_headline(picture))}"]')
        for number, box in enumerate(picture.boxes):
            name = f"p{at}n{number}"
            lines.append(f'    {name}["{_label(box.label)}"]')
            if box.is_critical:
                marked.append(name)
        lines.append("  end")
        for source, target, critical in picture.edges:
            lines.append(f"  p{at}n{source} {'==>' if critical else '-->'} p{at}n{target}")
    lines += [f"  %% {note}" for note in _notes(graph, pictures)]
    lines += ["  classDef critical stroke-width:3px"]
    lines += [f"  class {','.join(marked[at : at + 40])} critical" for at in range(0, len(marked), 40)]
    return "\n".join(lines) + "\n"


def dot(graph: DependencyGraph) -> str:
    """Return a digraph for Graphviz."""
    pictures = _pictures(graph)
    lines = ["digraph dependencies {", "  rankdir=LR;", "  node [shape=box];"]
    lines += [f"  // {note}" for note in _notes(graph, pictures)]
    for at, picture in enumerate(pictures):
        lines += [f"  subgraph cluster_{at} {{", f"    label={_quoted(_headline(picture))};"]
        for number, box in enumerate(picture.boxes):
            style = " style=bold" if box.is_critical else ""
            lines.append(f"    p{at}n{number} [label={_quoted(box.label)}{style}];")
        lines.append("  }")
        for source, target, critical in picture.edges:
            lines.append(f"  p{at}n{source} -> p{at}n{target}{' [style=bold]' if critical else ''};")
    return "\n".join([*lines, "}"]) + "\n"


def levels(graph: DependencyGraph) -> str:
    """Return every process as text, level by level; a star marks the longest chain."""
    parts = ["\n".join(process_levels(one)) for one in graph.processes]
    return "\n\n".join(parts) + "\n" if parts else "Nothing waits for anything.\n"


def process_levels(process: TimedProcess, most: int = 60) -> Iterator[str]:
    """Yield one process by levels, what stands in one level can run side by side."""
    picture = _picture(process, most)
    names = {id_: at for at, box in enumerate(picture.boxes) for id_ in box.members}
    before: dict[int, list[int]] = {}
    for source, target, _ in picture.edges:
        before.setdefault(target, []).append(source)
    level_of = {node.id: node.level for node in process.nodes}
    yield f"{_headline(picture)}"
    last = -1
    for number, box in _by_level(picture, level_of):
        level = level_of[box.members[0]]
        head = f"{level:>3}" if level != last else "   "
        last = level
        waits = ", ".join(picture.boxes[one].label for one in before.get(number, [])[:3])
        more = len(before.get(number, [])) - 3
        after = f"   after {waits}{f' and {more} more' if more > 0 else ''}" if waits else ""
        yield f"{head} {'*' if box.is_critical else '-'} {box.label}{after}".rstrip()
    assert len(names) == len(process.nodes)


def _by_level(picture: _Picture, level_of: dict[str, int]) -> list[tuple[int, _Box]]:
    return sorted(enumerate(picture.boxes), key=lambda pair: level_of[pair[1].members[0]])


def _headline(picture: _Picture) -> str:
    process = picture.process
    text = f"{process.name} ({process.kind}): {shown(process.duration, process.unit)}"
    if process.unit.endswith("at most"):
        text = text.replace(": ", ": at most ")
    return text + (f", {picture.collapsed} nodes drawn together" if picture.collapsed else "")


def _notes(graph: DependencyGraph, pictures: list[_Picture]) -> Iterator[str]:
    left = len(graph.processes) - len(pictures)
    if left:
        yield f"{left} more processes are not drawn"


# Collapsing --------------------------------------------------------------------------------------


def _pictures(graph: DependencyGraph) -> list[_Picture]:
    found: list[_Picture] = []
    for size in _SIZES:
        found = [_picture(one, size) for one in graph.processes[:_MOST_PROCESSES]]
        if sum(len(one.edges) for one in found) <= _MOST_EDGES:
            break
    return found


def _picture(process: TimedProcess, most: int) -> _Picture:
    boxes = [_alone(node) for node in process.nodes]
    if len(boxes) > most:
        boxes = _by_levels(process)
    if len(boxes) > most:
        boxes = _stretched(process, boxes)
    of = {id_: at for at, box in enumerate(boxes) for id_ in box.members}
    edges: dict[tuple[int, int], bool] = {}
    for edge in process.edges:
        pair = (of[edge.source], of[edge.target])
        if pair[0] != pair[1] or edge.source == edge.target:
            edges[pair] = edges.get(pair, False) or edge.critical
    return _Picture(process, tuple(boxes), tuple((*pair, critical) for pair, critical in edges.items()))


def _alone(node: TimedNode) -> _Box:
    runs = f" ×{len(node.legs)}" if len(node.legs) > 1 else ""
    text = node.title.text
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return _Box(f"{text}{runs}", (node.id,), node.critical)


def _by_levels(process: TimedProcess) -> list[_Box]:
    """Draw what is not critical as one box per level."""
    boxes: list[_Box] = []
    by_id = {node.id: node for node in process.nodes}
    for number, level in enumerate(process.levels):
        critical = set(process.critical)
        boxes += [_alone(by_id[id_]) for id_ in level if id_ in critical]
        others = tuple(id_ for id_ in level if id_ not in critical)
        if len(others) == 1:
            boxes.append(_alone(by_id[others[0]]))
        elif others:
            any_critical = any(by_id[id_].critical for id_ in others)
            label = f"level {number}: {len(others)} {_plural(by_id[others[0]].kind)}"
            boxes.append(_Box(label, others, any_critical, is_many=True))
    return boxes


def _stretched(process: TimedProcess, boxes: list[_Box]) -> list[_Box]:
    """Draw the levels in the middle as one box."""
    level_of = {node.id: node.level for node in process.nodes}
    last = len(process.levels) - 1
    if last < 2 * _ENDS + 1:
        return boxes
    kept = [b for b in boxes if not _ENDS <= level_of[b.members[0]] <= last - _ENDS]
    middle = [b for b in boxes if _ENDS <= level_of[b.members[0]] <= last - _ENDS]
    members = tuple(id_ for box in middle for id_ in box.members)
    label = f"levels {_ENDS} to {last - _ENDS}: {len(members)} nodes"
    at = next((n for n, b in enumerate(kept) if level_of[b.members[0]] > last - _ENDS), len(kept))
    stretch = _Box(label, members, any(box.is_critical for box in middle), is_many=True)
    return [*kept[:at], stretch, *kept[at:]]


def _plural(kind: str) -> str:
    return kind if kind.endswith("s") else f"{kind}s"


# Quoting -----------------------------------------------------------------------------------------


def _label(text: str) -> str:
    """Return a text as Mermaid shows it: only letters, digits and harmless signs stay as they are."""
    return "".join(_entity(char) for char in " ".join(text.split()))


def _entity(char: str) -> str:
    if char.isalnum() or char in " .,:/_+*()→…×-":
        return char
    return f"#{ord(char)};" if char.isprintable() else " "


def _quoted(text: str) -> str:
    flat = "".join(char if char.isprintable() else " " for char in text)
    return '"' + flat.replace("\\", "\\\\").replace('"', '\\"') + '"'
