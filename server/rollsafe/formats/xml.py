"""XML as tags with places: what stands there, half-typed or not.

Nothing is resolved or fetched: a document type is skipped, and of entities only the five that every
document has and numbers mean anything. Reading takes time in proportion to the text.
"""

import re
from typing import Final

from rollsafe.text import Span
from rollsafe.text.records import field, state
from rollsafe.text.tuples import NamedTuple

MAX_CHARS: Final = 1_048_576
MAX_TAGS: Final = 50_000
_MAX_DEPTH: Final = 60
_OPEN = re.compile(r"<(?P<name>[A-Za-z_][\w:.-]{0,200})")
_CLOSE = re.compile(r"</(?P<name>[\w:.-]{0,200})\s*>?")
_ATTRIBUTE = re.compile(r"""\s*([\w:.-]{1,200})\s*=\s*(?:"([^"<]*)"|'([^'<]*)')""")
_END = re.compile(r"[^<>]*?(?P<empty>/?)>")
_ENTITY = re.compile(r"&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(lt|gt|amp|quot|apos));")
_NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_SKIPPED: Final = (("<!--", "-->"), ("<?", "?>"), ("<!", ">"))


class Words(NamedTuple):
    """Characters, entities resolved, and their place; `is_verbatim` if there was none to resolve."""

    text: str
    place: Span
    is_verbatim: bool


@state
class Tag:
    """An element: `name` without its prefix, from the `<` to behind its end."""

    name: str
    start: int
    end: int
    attributes: dict[str, Words] = field(default_factory=dict[str, Words])
    children: "list[Tag]" = field(default_factory=list["Tag"])
    words: list[Words] = field(default_factory=list[Words])


def read_xml(text: str) -> Tag | None:
    """Return the first element of a text, as far as it goes; None for one without any, or too large."""
    if len(text) > MAX_CHARS:
        return None
    reader = _Reader(text)
    reader.read()
    return reader.root.children[0] if reader.root.children else None


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.root = Tag("", 0, len(text))
        self._open = [self.root]
        self._count = 0

    def read(self) -> None:
        """Go through the text once."""
        at, end = 0, len(self.text)
        while 0 <= at < end and self._count <= MAX_TAGS:
            mark = self.text.find("<", at)
            self._say(at, mark if mark >= 0 else end)
            at = self._markup(mark) if mark >= 0 else end
        for one in self._open[1:]:
            one.end = end

    def _markup(self, at: int) -> int:
        """Read what begins with a `<`; return where it ends, -1 where it does not."""
        if self.text.startswith("<![CDATA[", at):
            end = self.text.find("]]>", at)
            stop = end if end >= 0 else len(self.text)
            self._open[-1].words.append(Words(self.text[at + 9 : stop], Span(at + 9, stop), True))
            return end + 3 if end >= 0 else -1
        for begin, finish in _SKIPPED:
            if self.text.startswith(begin, at):
                end = self.text.find(finish, at + len(begin))
                return end + len(finish) if end >= 0 else -1
        close, begun = _CLOSE.match(self.text, at), _OPEN.match(self.text, at)
        if close is not None:
            self._shut(_local(close["name"]), close.end())
            return close.end()
        return self._begin(begun) if begun is not None else at + 1

    def _begin(self, begun: re.Match[str]) -> int:
        self._count += 1
        tag = Tag(_local(begun["name"]), begun.start(), begun.end())
        self._open[-1].children.append(tag)
        at = begun.end()
        while (found := _ATTRIBUTE.match(self.text, at)) is not None:
            group = 2 if found[2] is not None else 3
            tag.attributes.setdefault(_local(found[1]), _words(found[group], found.start(group)))
            at = found.end()
        end = _END.match(self.text, at)
        tag.end = end.end() if end is not None else at
        if end is None or not end["empty"]:
            self._open.append(tag)
            del self._open[_MAX_DEPTH:]
        return tag.end

    def _shut(self, name: str, end: int) -> None:
        for at in range(len(self._open) - 1, 0, -1):
            if self._open[at].name == name:
                for one in self._open[at:]:
                    one.end = end
                del self._open[at:]
                return

    def _say(self, start: int, end: int) -> None:
        said = self.text[start:end]
        if said.strip():
            self._open[-1].words.append(_words(said, start))


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _words(said: str, start: int) -> Words:
    plain = _ENTITY.sub(_resolved, said) if "&" in said else said
    return Words(plain, Span(start, start + len(said)), plain == said)


def _resolved(entity: re.Match[str]) -> str:
    if entity[3]:
        return _NAMED[entity[3]]
    number = int(entity[1]) if entity[1] else int(entity[2], 16)
    return chr(number) if 0 < number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"
