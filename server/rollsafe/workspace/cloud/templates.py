"""Resources of templates: CloudFormation, SAM, and the resources of the Serverless Framework."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.purposes import is_development_path
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.formats.yaml import read_yaml
from rollsafe.text import Located
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.view import View

_LARGEST: Final = 500_000
_MOST: Final = 2_000
_ENDINGS: Final = (".yaml", ".yml", ".json", ".template")
_TYPED = re.compile(r"""["']?Type["']?\s*:\s*["']?AWS::""")
_WHOLE = re.compile(r"\$\{(?P<id>\w+)(?:\.\w+)?\}\Z")
_ATTRIBUTE: Final = ("!GetAtt", "Fn::GetAtt")


class Resource(NamedTuple):
    """A resource; `id` is its name within the template, `key` where that is written."""

    id: str
    type: str
    properties: Mapping
    file: SourceFile
    key: Located

    def text(self, *path: str) -> str | None:
        """Return a property that is written out; None for one that is not there or computed."""
        node = self.properties.at(*path)
        return node.text if isinstance(node, Scalar) and node.tag is None and not node.is_null else None

    def number(self, *path: str) -> int | None:
        """Return a whole number that is written out, quoted or not."""
        text = self.text(*path)
        return (
            int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 12 else None
        )

    def refers(self, *path: str) -> str | None:
        """Return the id of the resource a property refers to."""
        return reference_of(self.properties.at(*path))

    def where(self, *path: str) -> Located:
        """Return where a property is written, the resource itself where it is not."""
        return self.properties.key_at(*path) or self.key


def resources_of(view: View) -> tuple[Resource, ...]:
    """Return the resources of all templates, by path and place."""
    return tuple(one for path in sorted(view.paths) if _may_be(path) for one in _inside(view.read(path)))


def _may_be(path: str) -> bool:
    return path.endswith(_ENDINGS) and not is_development_path(path)


def _inside(file: SourceFile | None) -> Iterator[Resource]:
    if file is None or len(file.text) > _LARGEST or not _TYPED.search(file.text):
        return
    documents = read_yaml(file.text).documents
    root = documents[0] if documents else None
    listed = root.map_at("Resources") or root.map_at("resources", "Resources") if root is not None else None
    for entry in listed.entries[:_MOST] if listed is not None else ():
        kind = entry.value.text_at("Type")
        if kind is not None and entry.name:
            properties = entry.value.map_at("Properties") or Mapping(entry.end, entry.end)
            yield Resource(entry.name, kind, properties, file, entry.key)


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
