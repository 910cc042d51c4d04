"""Jobs that wait for each other in a circle."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rollsafe.formats.nodes import Scalar


def first_of_circles(waits: Mapping[str, Sequence[Scalar]]) -> Iterator[tuple[str, Scalar]]:
    """Yield each circle once: its first job in the order of `waits`, and the wait that leads back to it."""
    circle = circles({name: [node.text for node in nodes] for name, nodes in waits.items()})
    done: set[int] = set()
    for name, nodes in waits.items():
        if circle[name] in done:
            continue
        back = next((one for one in nodes if circle.get(one.text) == circle[name]), None)
        if back is not None:
            done.add(circle[name])
            yield name, back


def circles(waits: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """Return the circle of each name, by a number; a name that is in none has one of its own.

    It is Tarjan's algorithm, without recursion: a circle is done when its first name is left.
    """
    found: dict[str, int] = {}
    seen: dict[str, int] = {}
    lowest: dict[str, int] = {}
    open_: list[str] = []
    for start in waits:
        path = [] if start in seen else [(start, iter(waits[start]))]
        while path:
            name, left = path[-1]
            if name not in seen:
                seen[name] = lowest[name] = len(seen)
                open_.append(name)
            further = next((one for one in left if one in waits and one not in found), None)
            if further is None:
                path.pop()
                if path:
                    lowest[path[-1][0]] = min(lowest[path[-1][0]], lowest[name])
                if lowest[name] == seen[name]:
                    _close(open_, name, found, seen[name])
            elif further in seen:
                lowest[name] = min(lowest[name], seen[further])
            else:
                path.append((further, iter(waits[further])))
    return found


def _close(open_: list[str], first: str, found: dict[str, int], number: int) -> None:
    """Take a circle off the names that are open."""
    while first not in found:
        found[open_.pop()] = number
