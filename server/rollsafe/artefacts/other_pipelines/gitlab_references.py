"""`!reference` in pipelines of GitLab: what it names, and whether it comes back to itself."""

from collections.abc import Collection, Iterator
from typing import Final, TypeAlias

from rollsafe.artefacts.other_pipelines.faults import Fault, FaultKind
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence, walk

_TAG: Final = "!reference"
_DEEPEST: Final = 10
_MOST: Final = 2_000
_CIRCLE: Final = 1_000
_PEERS: Final = ("gitlab-ci-local:reference", "gitlab-ci-local:error")

_Path: TypeAlias = tuple[str, ...]


def reference_faults(root: Mapping, names: Collection[str], *, is_whole: bool) -> Iterator[Fault]:
    """Yield references to what is not there, in circles, and deeper than GitLab follows them.

    `names` are those at the top of all files, `is_whole` tells that these are all there are.
    """
    known: dict[_Path, int] = {}
    left = _MOST
    for entry in root.entries:
        for node in _references(entry.value):
            path = _path_of(node)
            left -= 1
            if left < 0:
                return
            if path is not None:
                if root.entry(path[0]) is None:
                    if is_whole and path[0] not in names:
                        words = tuple(name for name in names if name != entry.name)
                        first = node.items[0]
                        yield Fault(
                            FaultKind.TEMPLATE, first, f"`{entry.name}`", path[0], words=words, peers=_PEERS
                        )
                    continue
                yield from _judged(root, entry.name, node, path, known)


def _judged(
    root: Mapping, name: str, node: Sequence, path: _Path, known: dict[_Path, int]
) -> Iterator[Fault]:
    owner = f"`{name}`"
    depth = _depth(root, path, (), known)
    if depth >= _CIRCLE:
        yield Fault(FaultKind.CYCLE, node, f"{owner} refers to", ", ".join(path), peers=_PEERS)
    elif name[:1] != "." and depth >= _DEEPEST:
        told = f"leads through more than {_DEEPEST} references"
        yield Fault(FaultKind.VALUE, node, f"`!reference` in {owner}", path[0], told, peers=_PEERS)


def _depth(root: Mapping, path: _Path, before: tuple[_Path, ...], known: dict[_Path, int]) -> int:
    """Return how many references follow each other from a path; `_CIRCLE` and more where they come back."""
    if path in before:
        return _CIRCLE
    if path in known or len(before) > _DEEPEST + 2:
        return known.get(path, _DEEPEST)
    value = root.at(*path)
    inner = _references(value) if value is not None else ()
    paths = (one for node in inner if (one := _path_of(node)) is not None)
    depth = max((1 + _depth(root, one, (*before, path), known) for one in paths), default=1)
    known[path] = depth
    return depth


def _references(node: Node) -> Iterator[Sequence]:
    for one in walk(node):
        if isinstance(one, Sequence) and one.tag == _TAG:
            yield one


def _path_of(node: Sequence) -> _Path | None:
    names = [item.text for item in node.items if isinstance(item, Scalar)]
    return tuple(names) if names and len(names) == len(node.items) else None
