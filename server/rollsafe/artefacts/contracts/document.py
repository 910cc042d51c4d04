"""Descriptions of interfaces: OpenAPI 2, 3.0 and 3.1, AsyncAPI 2 and 3, and the files they refer to."""

from collections.abc import Iterable, Iterator
from typing import ClassVar, Final

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Entry, Mapping, Node, Scalar, merged_entries, resolve
from rollsafe.text.cached import cached_property

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
"""The operations a path of OpenAPI may have."""
LARGEST: Final = 2_000_000
"""Characters up to which a file is read."""
_MOST: Final = 20_000


class ContractFile(Artefact):
    """A file that describes an interface; its one element is the document."""

    kind: ClassVar[str] = "contract"


class ContractText(Element):
    """A YAML or JSON file that references may lead into: a whole document, or parts of one."""

    family = "contracts"

    @property
    def root(self) -> Node | None:
        """The value of the file; None where nothing can be read."""
        raise NotImplementedError

    def graph_keys(self) -> Iterable[str]:
        """Return `contract:path`."""
        return (f"contract:{self.file.path}",)


class ContractPart(ContractText):
    """A file that is no document by itself: a schema, parameters, whatever `$ref` leads to."""

    def __init__(self, file: SourceFile) -> None:
        super().__init__(file, 0, len(file.text))

    @property
    def root(self) -> Node | None:
        """The file's first document, read when somebody asks."""
        return self._root

    @cached_property
    def _root(self) -> Node | None:
        from rollsafe.formats.yaml import read_yaml

        documents = read_yaml(self.file.text).documents if len(self.file.text) <= LARGEST else []
        return documents[0] if documents else None


class SchemaPart(ContractPart):
    """A file with a JSON Schema that messages are most likely held against, by its path.

    `is_of_messages`: its directory says so, and not only that there are schemas.
    """

    def __init__(self, file: SourceFile, *, is_of_messages: bool) -> None:
        super().__init__(file)
        self.is_of_messages = is_of_messages

    @property
    def title(self) -> str:
        """What the schema calls itself, else the name of its file."""
        root = self.root
        told = root.text_at("title") if root is not None else None
        return told or self.file.path.rpartition("/")[2].partition(".")[0]


class ContractDocument(ContractText):
    """A description of an interface. `language` is the key that says so: `openapi`, `swagger`, `asyncapi`."""

    language: ClassVar[str] = ""
    """How messages call the language."""

    def __init__(self, file: SourceFile, node: Mapping, mark: Entry, has_problems: bool) -> None:
        super().__init__(file, node.start, node.end)
        self.node = node
        self.mark = mark
        self.is_whole = not has_problems

    @property
    def root(self) -> Mapping:
        """The document itself."""
        return self.node

    @cached_property
    def version(self) -> str:
        """The version of the language as it is written, such as `3.0.3`."""
        return self.node.text_at(self.mark.name) or ""

    @cached_property
    def numbers(self) -> tuple[int, int]:
        """The major and minor version of the language."""
        major, _, rest = self.version.partition(".")
        minor = rest.split(".")[0]
        return (int(major) if major.isdigit() else 0, int(minor) if minor.isdigit() else 0)

    @property
    def title(self) -> str:
        """What the interface is called."""
        return self.node.text_at("info", "title") or ""


class ApiOperation:
    """A method of a path: `get` of `/orders`. `item` is the path item it stands in."""

    __slots__ = ("entry", "item", "method", "node", "path")

    def __init__(self, path: Entry, item: Mapping, entry: Entry, node: Mapping) -> None:
        self.path = path
        self.item = item
        self.entry = entry
        self.node = node
        self.method = entry.name

    @property
    def label(self) -> str:
        """`GET /orders`."""
        return f"{self.method.upper()} {self.path.name}"


class ApiDocument(ContractDocument):
    """An OpenAPI document, version 2 (Swagger) included."""

    language = "OpenAPI"

    @property
    def is_swagger(self) -> bool:
        """Whether it is version 2."""
        return self.mark.name == "swagger"

    @cached_property
    def paths(self) -> tuple[tuple[Entry, Mapping], ...]:
        """The paths with their items as written here; an item that is a reference is left as it is."""
        return tuple(mappings_in(self.node.map_at("paths")))

    @cached_property
    def operations(self) -> tuple[ApiOperation, ...]:
        """The operations written in this file, in source order; those of webhooks are not among them."""
        return tuple(
            ApiOperation(path, item, entry, node)
            for path, item in self.paths
            for entry, node in mappings_in(item)
            if entry.name in METHODS
        )


class EventDocument(ContractDocument):
    """An AsyncAPI document."""

    language = "AsyncAPI"

    @cached_property
    def channels(self) -> tuple[tuple[Entry, Mapping], ...]:
        """The channels as written here, by address in version 2 and by name in version 3."""
        return tuple(mappings_in(self.node.map_at("channels")))


def entries_of(node: Node | None) -> Iterator[Entry]:
    """Yield the keys of a mapping, own ones first, merged ones after them, each name once."""
    if not isinstance(node, Mapping):
        return iter(())
    return iter(node.entries[:_MOST]) if node.is_simple else _distinct(node)


def _distinct(node: Mapping) -> Iterator[Entry]:
    seen: set[str] = set()
    merged = merged_entries(node) if node.entry("<<") is not None else ()
    for entry in [*node.entries[:_MOST], *merged]:
        if entry.name != "<<" and entry.name not in seen and isinstance(entry.key, Scalar):
            seen.add(entry.name)
            yield entry


def mappings_in(node: Node | None) -> Iterator[tuple[Entry, Mapping]]:
    """Yield the keys of a mapping whose values are mappings, with these; extensions are left out."""
    for entry in entries_of(node):
        value = resolve(entry.value)
        if isinstance(value, Mapping) and not entry.name.startswith("x-"):
            yield entry, value
