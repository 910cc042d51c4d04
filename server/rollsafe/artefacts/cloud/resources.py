"""Resources of templates, and what their properties refer to."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar, resolve
from rollsafe.text import Located
from rollsafe.text.tuples import NamedTuple

_MOST: Final = 2_000
_WHOLE = re.compile(r"\$\{(?P<id>\w+)(?:\.\w+)?\}\Z")
_COMPUTED: Final = ("Fn::", "<<")
_VARIABLE = re.compile(r"\$\{|\{\{|\{%")


class Resource(NamedTuple):
    """A resource; `id` is its name within the template, `key` where that is written, `holder` all of it."""

    id: str
    type: str
    properties: Mapping
    file: SourceFile
    key: Located
    holder: Mapping

    def text(self, *path: str) -> str | None:
        """Return a property that is written out; None for one that is not there or computed."""
        node = self.properties.at(*path)
        return node.text if isinstance(node, Scalar) and node.tag is None and not node.is_null else None

    def number(self, *path: str) -> int | None:
        """Return a whole number that is written out, quoted or not."""
        return number_in(self.properties.at(*path))

    def refers(self, *path: str) -> str | None:
        """Return the id of the resource a property refers to."""
        return reference_of(self.properties.at(*path))

    def where(self, *path: str) -> Located:
        """Return where a property is written, the resource itself where it is not."""
        return self.properties.key_at(*path) or self.key

    @property
    def is_open(self) -> bool:
        """Whether properties may come from elsewhere: a transform, a merge, a file."""
        return not isinstance(self.holder.at("Properties"), Mapping | None) or any(
            entry.name.startswith(_COMPUTED) for entry in self.properties.entries
        )


def resources_in(file: SourceFile, root: Node | None) -> Iterator[Resource]:
    """Yield the resources of a template, those of the Serverless Framework included."""
    if root is None:
        return
    listed = root.map_at("Resources") or root.map_at("resources", "Resources")
    for entry in listed.entries[:_MOST] if listed is not None else ():
        value = resolve(entry.value)
        kind = value.text_at("Type") if value is not None else None
        if kind is not None and entry.name and isinstance(value, Mapping):
            properties = value.map_at("Properties") or Mapping(entry.end, entry.end)
            yield Resource(entry.name, kind, properties, file, entry.key, value)


def number_in(node: Node | None) -> int | None:
    """Return the whole number a scalar writes out, quoted or not."""
    if not isinstance(node, Scalar) or node.tag is not None:
        return None
    text = node.text
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def is_written_out(node: Node | None) -> bool:
    """Say whether a value is a text in which nothing is filled in."""
    return isinstance(node, Scalar) and node.tag is None and not _VARIABLE.search(node.text)


def reference_of(node: Node | None) -> str | None:
    """Return the id behind `Ref`, `GetAtt` or a `Sub` that is nothing else, in both spellings."""
    if isinstance(node, Scalar):
        if node.tag == "!Ref":
            return node.text
        if node.tag == "!GetAtt":
            return node.text.partition(".")[0]
        match = _WHOLE.match(node.text)
        return match["id"] if match is not None else None
    if isinstance(node, Mapping):
        if len(node.entries) != 1:
            return None
        entry = node.entries[0]
        if entry.name == "Ref":
            return entry.value.text_at()
        if entry.name == "Fn::GetAtt":
            return entry.value.text_at(0) or (entry.value.text_at() or "").partition(".")[0] or None
        return reference_of(entry.value) if entry.name == "Fn::Sub" else None
    return node.text_at(0) if node is not None and getattr(node, "tag", None) == "!GetAtt" else None
