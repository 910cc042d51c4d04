"""Jobs that wait for each other in a circle."""

from collections.abc import Iterator, Mapping, Sequence

from rollsafe.formats.nodes import Scalar


def first_of_circles(waits: Mapping[str, Sequence[Scalar]]) -> Iterator[tuple[str, Scalar]]:
    """Yield each circle once: its first job in the order of `waits`, and the wait that leads back to it."""
    left = _circular(waits)
    done: set[str] = set()
    for name in waits:
        if name not in left or name in done:
            continue
        for node in waits[name]:
            reached = _reached(node.text, waits, left)
            if name in reached:
                done |= {one for one in reached if name in _reached(one, waits, left)}
                yield name, node
                break


def _circular(waits: Mapping[str, Sequence[Scalar]]) -> set[str]:
    """Return the jobs that wait, directly or not, for one in a circle."""
    left = {name: {node.text for node in nodes if node.text in waits} for name, nodes in waits.items()}
    waiting: dict[str, list[str]] = {}
    for name, needed in left.items():
        for one in needed:
            waiting.setdefault(one, []).append(name)
    free = [name for name, needed in left.items() if not needed]
    while free:
        one = free.pop()
        del left[one]
        for name in waiting.get(one, ()):
            left[name].discard(one)
            if not left[name]:
                free.append(name)
    return set(left)


def _reached(start: str, waits: Mapping[str, Sequence[Scalar]], left: set[str]) -> set[str]:
    """Return a job with all it waits for, as far as circles are concerned."""
    pending, seen = [start], {start}
    while pending:
        for node in waits.get(pending.pop(), ()):
            if node.text in left and node.text not in seen:
                seen.add(node.text)
                pending.append(node.text)
    return seen
