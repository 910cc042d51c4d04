"""What a task or a pipeline of Tekton declares, and what its texts take of it."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from rollsafe.artefacts.other_pipelines.faults import Fault, FaultKind
from rollsafe.formats.nodes import Mapping, Node, Scalar, walk
from rollsafe.text.tuples import NamedTuple

_REFERENCE: Final = re.compile(
    r"\$\((params|tasks|workspaces|results)\.([\w-]+)(?:\.results\.([\w-]+))?[^)\s]*\)"
)


class Scope(NamedTuple):
    """The names that texts may take; None where nobody can say.

    `results` are those the steps write, `of_tasks` those of each task whose results are known.
    """

    params: frozenset[str]
    workspaces: frozenset[str] | None
    results: frozenset[str] | None
    tasks: frozenset[str] | None
    of_tasks: dict[str, frozenset[str]]


def names(node: Node | None, *path: str) -> frozenset[str]:
    """Return the names of the items of a list."""
    items = node.items_at(*path) if node is not None else []
    return frozenset(name for item in items if (name := item.text_at("name")) is not None)


def required(spec: Mapping) -> Iterator[str]:
    """Yield the parameters that have no value of their own."""
    for item in spec.items_at("params"):
        name = item.text_at("name")
        if name is not None and item.at("default") is None:
            yield name


def needed_workspaces(spec: Mapping) -> Iterator[str]:
    """Yield the workspaces that have to be there."""
    for item in spec.items_at("workspaces"):
        name = item.text_at("name")
        if name is not None and item.bool_at("optional") is not True:
            yield name


def references(node: Node, owner: str, scope: Scope) -> Iterator[Fault]:
    """Yield what texts take that is not there."""
    for scalar in walk(node):
        if not isinstance(scalar, Scalar) or "$(" not in scalar.text:
            continue
        for found in _REFERENCE.finditer(scalar.text):
            yield from _reference(scalar, found, owner, scope)


def taken_results(node: Node) -> Iterator[tuple[str, Scalar]]:
    """Yield the tasks whose results texts take."""
    for scalar in walk(node):
        if isinstance(scalar, Scalar) and "$(tasks." in scalar.text:
            for found in _REFERENCE.finditer(scalar.text):
                if found[1] == "tasks" and found[3] is not None:
                    yield found[2], scalar


def _reference(scalar: Scalar, found: re.Match[str], owner: str, scope: Scope) -> Iterator[Fault]:
    kind, name, result = found.groups()
    if kind == "tasks":
        yield from _task(scalar, name, result, owner, scope)
        return
    known, told = {
        "params": (scope.params, "is no parameter"),
        "workspaces": (scope.workspaces, "is no workspace"),
        "results": (scope.results, "is no result"),
    }[kind]
    if known is not None and name not in known:
        yield _fault(scalar, owner, f"{kind}.{name}", told, (f"{kind}.{one}" for one in known))


def _task(scalar: Scalar, name: str, result: str | None, owner: str, scope: Scope) -> Iterator[Fault]:
    if scope.tasks is not None and name not in scope.tasks | {"status"}:
        yield _fault(scalar, owner, f"tasks.{name}", "names no task", (f"tasks.{one}" for one in scope.tasks))
        return
    results = scope.of_tasks.get(name)
    if result is not None and results is not None and result not in results:
        start = f"tasks.{name}.results"
        words = (f"{start}.{one}" for one in results)
        yield _fault(scalar, owner, f"{start}.{result}", "is no result of the task", words)


def _fault(scalar: Scalar, owner: str, key: str, told: str, words: Iterable[str]) -> Fault:
    return Fault(FaultKind.REFERENCE, scalar, owner, key, told, words=tuple(sorted(words)))


def again(listed: Iterable[Mapping], owner: str, what: str) -> Iterator[Fault]:
    """Yield the names that were there before."""
    seen: set[str] = set()
    for one in listed:
        node = one.at("name")
        if isinstance(node, Scalar) and not node.is_null:
            if node.text in seen:
                yield Fault(FaultKind.SAME_NAME, node, owner, node.text, what)
            seen.add(node.text)
