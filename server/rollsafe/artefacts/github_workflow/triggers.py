"""What starts a workflow."""

from collections.abc import Iterator, Sequence
from typing import Final

from rollsafe.artefacts.github_workflow.path_filters import concerns
from rollsafe.artefacts.github_workflow.values import strings_and_nodes, texts
from rollsafe.formats.nodes import Mapping, Node, Scalar, resolve
from rollsafe.formats.nodes import Sequence as Items

_MAIN: Final = frozenset({"main", "master", "production", "prod", "live", "trunk"})


class Trigger:
    """One event of `on:`; `key` is the scalar that names it, `node` its filters if it has any."""

    def __init__(self, name: str, key: Scalar, node: Node | None) -> None:
        self.name = name
        self.key = key
        self.node = node
        self.start = key.start
        self.end = node.end if node is not None else key.end

    def __repr__(self) -> str:
        return f"Trigger({self.name!r})"

    def _filter(self, key: str) -> list[str]:
        return texts(self.node.at(key)) if self.node is not None else []

    @property
    def branches(self) -> list[str]:
        """The patterns of `branches`."""
        return self._filter("branches")

    @property
    def branches_ignore(self) -> list[str]:
        """The patterns of `branches-ignore`."""
        return self._filter("branches-ignore")

    @property
    def tags(self) -> list[str]:
        """The patterns of `tags`."""
        return self._filter("tags")

    @property
    def tags_ignore(self) -> list[str]:
        """The patterns of `tags-ignore`."""
        return self._filter("tags-ignore")

    @property
    def paths(self) -> list[str]:
        """The patterns of `paths`."""
        return self._filter("paths")

    @property
    def paths_ignore(self) -> list[str]:
        """The patterns of `paths-ignore`."""
        return self._filter("paths-ignore")

    def concerns(self, paths: Sequence[str]) -> bool:
        """Say whether a change of `paths` passes the event's filters of paths."""
        return concerns(paths, self.paths, self.paths_ignore)

    @property
    def types(self) -> list[str]:
        """The activity types."""
        return self._filter("types")

    @property
    def workflows(self) -> list[str]:
        """The names of the workflows a `workflow_run` follows."""
        return self._filter("workflows")

    @property
    def crons(self) -> list[Scalar]:
        """The times of a `schedule`."""
        items = self.node.items_at() if self.node is not None else []
        crons = (item.at("cron") for item in items)
        return [cron for cron in crons if isinstance(cron, Scalar)]

    @property
    def inputs(self) -> dict[str, Node]:
        """The inputs of `workflow_dispatch` or `workflow_call` by name."""
        return strings_and_nodes(self.node.at("inputs")) if self.node is not None else {}

    @property
    def secrets(self) -> dict[str, Node]:
        """The secrets of `workflow_call` by name."""
        return strings_and_nodes(self.node.at("secrets")) if self.node is not None else {}

    @property
    def outputs(self) -> dict[str, Node]:
        """The outputs of `workflow_call` by name."""
        return strings_and_nodes(self.node.at("outputs")) if self.node is not None else {}

    @property
    def ships(self) -> bool:
        """Whether the event is one that releases: a push to the main line, a tag, a release."""
        if self.name == "release":
            return True
        if self.name != "push":
            return False
        return bool(self.tags) or any(
            branch in _MAIN or branch.startswith("release") for branch in self.branches
        )


def triggers_of(node: Node | None) -> dict[str, Trigger]:
    """Return the events of an `on:` by name, in order, whichever of its three forms it has."""
    return {trigger.name: trigger for trigger in _read(resolve(node))}


def _read(node: Node | None) -> Iterator[Trigger]:
    if isinstance(node, Scalar) and not node.is_null:
        yield Trigger(node.text, node, None)
    elif isinstance(node, Items):
        for item in node.items:
            yield from _read(resolve(item)) if isinstance(resolve(item), Scalar) else ()
    elif isinstance(node, Mapping):
        for entry in node.entries:
            value = resolve(entry.value)
            if isinstance(entry.key, Scalar):
                given = None if isinstance(value, Scalar) and value.is_null else value
                yield Trigger(entry.key.text, entry.key, given)
