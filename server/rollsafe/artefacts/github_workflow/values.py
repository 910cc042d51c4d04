"""Small typed readings of workflow nodes that jobs, steps and workflows share."""

from math import prod
from typing import Final

from rollsafe.artefacts.expressions import Call, Condition, conjuncts, read_condition
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Alias, Mapping, Node, Scalar, Sequence, resolve
from rollsafe.formats.scalar_text import script_offsets
from rollsafe.text import Located, Span
from rollsafe.text.cached import cached_property
from rollsafe.text.tuples import NamedTuple

_WRITE: Final = "write"


class Guard:
    """An `if:`; `start` and `end` are its value's."""

    def __init__(self, file: SourceFile, scalar: Scalar) -> None:
        self.file = file
        self.scalar = scalar
        self.start = scalar.start
        self.end = scalar.end

    @property
    def text(self) -> str:
        """The condition as written, decoded."""
        return self.scalar.text

    @cached_property
    def condition(self) -> Condition:
        """The condition's syntax tree; offsets in it count in `text`."""
        return read_condition(self.scalar.text)

    @cached_property
    def after_failure(self) -> bool:
        """Whether it holds only after something failed: `failure()` is one of its conditions."""
        return "failure" in self.text and any(
            isinstance(part, Call) and part.name.lower() == "failure"
            for part in conjuncts(self.condition.root)
        )

    def place(self, part: Located) -> Span:
        """Return where a part of the condition stands in the file."""
        at = script_offsets(self.file.text_for(self.scalar), self.scalar)
        return Span(at(part.start), at(part.end))


class Concurrency:
    """A `concurrency:`; `cancel` is the text of `cancel-in-progress`, often an expression."""

    def __init__(self, key: Scalar, node: Node) -> None:
        self.key = key
        self.node = node
        self.start = key.start
        self.end = node.end

    @property
    def group_node(self) -> Scalar | None:
        """The scalar that names the group."""
        node = self.node if isinstance(self.node, Scalar) else self.node.at("group")
        return node if isinstance(node, Scalar) and not node.is_null else None

    @property
    def group(self) -> str:
        """The group's name as written; empty without one."""
        node = self.group_node
        return node.text if node is not None else ""

    @property
    def cancel_node(self) -> Scalar | None:
        """The value of `cancel-in-progress`."""
        node = self.node.at("cancel-in-progress")
        return node if isinstance(node, Scalar) else None

    @property
    def cancel(self) -> str:
        """The text of `cancel-in-progress`; empty without one, which means false."""
        node = self.cancel_node
        return node.text if node is not None else ""


class JobEnvironment:
    """An `environment:` of a job, as a name or with a `url`."""

    def __init__(self, key: Scalar, node: Node) -> None:
        self.key = key
        self.node = node
        self.start = key.start
        self.end = node.end

    @property
    def name_node(self) -> Scalar | None:
        """The scalar that names the environment."""
        node = self.node if isinstance(self.node, Scalar) else self.node.at("name")
        return node if isinstance(node, Scalar) and not node.is_null else None

    @property
    def name(self) -> str:
        """The name as written; empty without one."""
        node = self.name_node
        return node.text if node is not None else ""

    @property
    def url(self) -> Scalar | None:
        """The scalar of `url`."""
        node = self.node.at("url")
        return node if isinstance(node, Scalar) else None


class Permissions:
    """A `permissions:`: everything (`read-all`, `write-all`) or a level per scope."""

    def __init__(self, key: Scalar, node: Node) -> None:
        self.key = key
        self.node = node
        self.start = key.start
        self.end = node.end

    @property
    def scopes(self) -> dict[str, str]:
        """The levels that are written out."""
        return strings(self.node)

    def level(self, scope: str) -> str:
        """Return what `scope` is granted: `read`, `write` or `none`."""
        if isinstance(self.node, Scalar):
            return {"write-all": _WRITE, "read-all": "read"}.get(self.node.text, "none")
        return self.scopes.get(scope, "none")

    def allows_writing(self, scope: str) -> bool:
        """Say whether `scope` may be written."""
        return self.level(scope) == _WRITE


class Need(NamedTuple):
    """One entry of `needs:`."""

    id: str
    node: Scalar


class Matrix:
    """A `strategy.matrix`; one that comes from an expression has no known values."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.start = node.start
        self.end = node.end

    @property
    def is_dynamic(self) -> bool:
        """Whether the legs are only known when the workflow runs."""
        if not isinstance(self.node, Mapping):
            return True
        return any(isinstance(resolve(entry.value), Scalar) for entry in self.node.entries)

    @property
    def keys(self) -> list[str]:
        """The names of the rows, those that only `include` brings in last."""
        names = list(strings_and_nodes(self.node))
        for leg in self.node.items_at("include"):
            names += [name for name in strings_and_nodes(leg) if name not in names]
        return [name for name in names if name not in ("include", "exclude")]

    def values(self, key: str) -> list[str]:
        """Return the scalar values of a row, those that `include` brings in last."""
        found = [item.text for item in self.node.items_at(key) if isinstance(item, Scalar)]
        for leg in self.node.items_at("include"):
            text = leg.text_at(key)
            if text is not None and text not in found:
                found.append(text)
        return found

    @property
    def legs(self) -> int | None:
        """How many jobs the matrix makes at most; None when that is not known."""
        if self.is_dynamic or not isinstance(self.node, Mapping):
            return None
        included = len(self.node.items_at("include"))
        names = strings_and_nodes(self.node).keys() - {"include", "exclude"}
        rows = [len(self.node.items_at(name)) for name in names]
        return (prod(rows) if rows else 0) + included


def is_never(condition: str) -> bool:
    """Say whether the text of an `if:` is the literal false."""
    return "false" in condition.lower() and read_condition(condition).never


def fields_of(node: Mapping) -> dict[str, Node]:
    """Return the entries of a mapping by name, aliases and merges followed; the later of two wins.

    One pass, because steps are asked for many keys and most of them are absent.
    """
    fields: dict[str, Node] = {}
    for entry in node.entries:
        value = entry.value
        fields[entry.name] = value
        if value.__class__ is Alias or entry.name == "<<":
            return dict(node.pairs())
    return fields


def scalar_of(fields: dict[str, Node], key: str) -> Scalar | None:
    """Return the scalar of `key` that is not null, else None."""
    node = fields.get(key)
    return node if isinstance(node, Scalar) and not node.is_null else None


def strings(node: Node | None) -> dict[str, str]:
    """Return the scalar entries of a mapping by name, null as empty; nothing for other nodes."""
    return {
        name: "" if value.is_null else value.text
        for name, value in strings_and_nodes(node).items()
        if isinstance(value, Scalar)
    }


def strings_and_nodes(node: Node | None) -> dict[str, Node]:
    """Return the entries of a mapping by name, aliases and merges followed."""
    return dict(node.pairs()) if isinstance(node, Mapping) else {}


def texts(node: Node | None) -> list[str]:
    """Return the texts of a scalar or of the scalars in a list."""
    node = resolve(node)
    if isinstance(node, Scalar):
        return [] if node.is_null else [node.text]
    if isinstance(node, Sequence):
        items = (resolve(item) for item in node.items)
        return [item.text for item in items if isinstance(item, Scalar)]
    return []


def scalar_at(node: Node, *path: str) -> Scalar | None:
    """Return the scalar at `path` that is not null, else None."""
    found = node.at(*path)
    return found if isinstance(found, Scalar) and not found.is_null else None


def keyed(node: Node, key: str) -> tuple[Scalar, Node] | None:
    """Return key and value of an own entry, else None."""
    name, value = node.key_at(key), node.at(key)
    return None if name is None or value is None else (name, value)
