"""Protocol Buffers: messages, fields, enums and calls of a `.proto` file, with their places.

Read with a stack of braces and one expression for a statement: what is not understood is left out. Comments
and strings are blanked first, so that places stay.
"""

import re
from collections.abc import Iterable
from typing import ClassVar, Final

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.source import SourceFile
from rollsafe.text import Span
from rollsafe.text.cached import cached_property
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

LARGEST: Final = 1_000_000
_DEPTH: Final = 32
_QUIET = lazily(r"//[^\n]*|/\*(?:.*?\*/|.*)|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.S)
_END = lazily(r"[;{}]")
_BLOCK = lazily(r"\s*(?P<kind>message|enum|service|oneof|extend|rpc)\s+(?P<name>[\w.]+)")
_FIELD = lazily(
    r"\s*(?:(?P<label>repeated|optional|required)\s+)?(?P<type>map\s*<[^>]*>|[.\w]+)\s+(?P<name>\w+)\s*=\s*(?P<number>\d+)\b"
)
_VALUE = lazily(r"\s*(?P<name>\w+)\s*=\s*(?P<number>-?(?:0[xX][0-9a-fA-F]+|\d+))\b")
_RPC = lazily(
    r"\s*rpc\s+(?P<name>\w+)\s*\(\s*(?P<in>stream\s+)?(?P<request>[.\w]+)\s*\)\s*returns\s*"
    r"\(\s*(?P<out>stream\s+)?(?P<response>[.\w]+)\s*\)"
)
_PACKAGE = lazily(r"^[ \t]*package[ \t]+([\w.]+)\s*;", re.M)
_SYNTAX = lazily(r"^[ \t]*(?:syntax|edition)\s*=\s*[\"'](\w+)[\"']\s*;", re.M)
_NAME = lazily(r"[\"'](\w+)[\"']|\b(?!to\b|max\b)([A-Za-z_]\w*)")
_OPTION = lazily(r"\b(json_name|default)\s*=\s*(\"[^\"\n]*\"|'[^'\n]*'|[^\s,\]]+)")
_RANGE = lazily(r"(-?\d+)(?:\s+to\s+(-?\d+|max))?")
_HIGHEST: Final = 1 << 31


class ProtoField(NamedTuple):
    """A field: `oneof` is the name of the group it is one of, `label` what stands before its type.

    `json_name` and `default` are its options, empty where it has none.
    """

    name: str
    number: int
    type: str
    label: str
    oneof: str
    place: Span
    json_name: str = ""
    default: str = ""

    @property
    def is_repeated(self) -> bool:
        """Whether it holds a list."""
        return self.label == "repeated"

    @property
    def json(self) -> str:
        """Its name in JSON: its own, else that of the field in camel case."""
        head, *rest = self.name.split("_")
        return self.json_name or head + "".join(part[:1].upper() + part[1:] for part in rest)


class ProtoCall(NamedTuple):
    """A call of a service; types as they are written."""

    name: str
    request: str
    response: str
    streams: tuple[bool, bool]
    place: Span


class ProtoPart:
    """A message, an enum or a service by its full name; values of an enum are fields without a type."""

    def __init__(self, kind: str, name: str, place: Span) -> None:
        self.kind = kind
        self.name = name
        self.place = place
        self.fields: list[ProtoField] = []
        self.calls: list[ProtoCall] = []
        self.reserved: list[tuple[int, int]] = []
        self.reserved_names: list[str] = []
        self.extensions: list[tuple[int, int]] = []

    def keeps(self, number: int) -> bool:
        """Say whether a number is reserved, so that nobody uses it again."""
        return is_within(number, self.reserved)


def is_within(number: int, ranges: Iterable[tuple[int, int]]) -> bool:
    """Say whether a number is in one of some ranges, ends included."""
    return any(low <= number <= high for low, high in ranges)


class ProtoText(NamedTuple):
    """What a text describes, the package it is in and the version of the language, with their places."""

    parts: tuple[ProtoPart, ...]
    package: str
    package_place: Span
    syntax: str
    syntax_place: Span


class ProtoFile(Element):
    """A `.proto` file."""

    family = "contracts"

    def __init__(self, file: SourceFile) -> None:
        super().__init__(file, 0, len(file.text))

    @cached_property
    def described(self) -> ProtoText:
        """What the file describes."""
        return read_proto(self.file.text)

    @property
    def parts(self) -> tuple[ProtoPart, ...]:
        """The messages, enums and services, in source order."""
        return self.described.parts

    @property
    def package(self) -> str:
        """The package, empty where none is named."""
        return self.described.package

    @property
    def is_unstable(self) -> bool:
        """Whether its package says that it may change, as `shop.v1beta1` does."""
        return re.search(r"v\d+(?:alpha|beta|test|p\d+)\w*$", self.package) is not None

    def graph_keys(self) -> Iterable[str]:
        """Return `contract:` with the path, and `proto:` with the full name of each part."""
        names = (f"proto:{self.package}.{part.name}" for part in self.parts)
        return (f"contract:{self.file.path}", *names)


class ProtoArtefact(Artefact):
    """A `.proto` file; its one element is the file."""

    kind: ClassVar[str] = "proto"


def recognise(file: SourceFile) -> ProtoArtefact | None:
    """Return the view of a `.proto` file, None for one that is too large."""
    return ProtoArtefact(file, (ProtoFile(file),)) if len(file.text) <= LARGEST else None


def read_proto(text: str) -> ProtoText:
    """Return what a text describes."""
    plain = _QUIET.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    package, syntax = _PACKAGE.search(plain), _SYNTAX.search(text)
    return ProtoText(
        _parts(plain, text),
        package[1] if package is not None else "",
        Span(*package.span(1)) if package is not None else Span(0, 0),
        syntax[1] if syntax is not None else "proto2",
        Span(*syntax.span(1)) if syntax is not None else Span(0, 0),
    )


def _parts(plain: str, text: str) -> tuple[ProtoPart, ...]:
    reading = _Reading(text)
    start = 0
    for found in _END.finditer(plain):
        reading.take(plain[start : found.end()], start)
        start = found.end()
    return tuple(reading.parts)


class _Reading:
    """The blocks that are open, and the parts found by now."""

    def __init__(self, text: str) -> None:
        self.parts: list[ProtoPart] = []
        self._text = text
        self._open: list[ProtoPart | str] = []
        self._deeper = 0
        """Blocks below the deepest that is looked at."""

    def take(self, statement: str, start: int) -> None:
        """Take in a statement, which ends with `;` or a brace."""
        if self._deeper or (len(self._open) >= _DEPTH and statement.endswith("{")):
            self._deeper += {"{": 1, "}": -1}.get(statement[-1], 0)
            return
        if statement.endswith("}"):
            if self._open:
                self._open.pop()
            return
        owner = next((one for one in reversed(self._open) if isinstance(one, ProtoPart)), None)
        if owner is not None:
            self._take_inside(owner, statement, start)
        if statement.endswith("{"):
            self._begin(statement, start)

    def _begin(self, statement: str, start: int) -> None:
        found = _BLOCK.match(statement)
        kind = found["kind"] if found is not None else ""
        if found is None or kind not in ("message", "enum", "service"):
            self._open.append(f"oneof {found['name']}" if found is not None and kind == "oneof" else "")
            return
        outer = next((one.name for one in reversed(self._open) if isinstance(one, ProtoPart)), "")
        name = f"{outer}.{found['name']}" if outer else found["name"]
        part = ProtoPart(kind, name, _span(found, "name", start))
        self.parts.append(part)
        self._open.append(part)

    def _take_inside(self, owner: ProtoPart, statement: str, start: int) -> None:
        if owner.kind == "service":
            found = _RPC.match(statement)
            if found is not None:
                streams = bool(found["in"]), bool(found["out"])
                place = _span(found, "name", start)
                owner.calls.append(
                    ProtoCall(found["name"], found["request"], found["response"], streams, place)
                )
        elif statement.lstrip().startswith("reserved"):
            owner.reserved += _ranges(statement.partition("reserved")[2])
            raw = self._text[start : start + len(statement)].partition("reserved")[2]
            owner.reserved_names += [one or other for one, other in _NAME.findall(raw)]
        elif statement.lstrip().startswith("extensions"):
            owner.extensions += _ranges(statement.partition("extensions")[2].partition("[")[0])
        elif self._open and (self._open[-1] is owner or str(self._open[-1]).startswith("oneof ")):
            self._take_field(owner, statement, start)

    def _take_field(self, owner: ProtoPart, statement: str, start: int) -> None:
        found = (_VALUE if owner.kind == "enum" else _FIELD).match(statement)
        if found is None or statement.lstrip().startswith("option "):
            return
        label = (found["label"] or "") if owner.kind == "message" else ""
        raw = self._text[start + found.end() : start + len(statement)]
        options = {name: value.strip("\"'") for name, value in _OPTION.findall(raw)}
        type_ = "".join(found["type"].split()) if owner.kind == "message" else ""
        last = self._open[-1]
        oneof = last.removeprefix("oneof ") if isinstance(last, str) else ""
        owner.fields.append(
            ProtoField(
                found["name"],
                int(found["number"], 0),
                type_,
                label,
                oneof,
                _span(found, "name", start),
                options.get("json_name", ""),
                options.get("default", ""),
            )
        )


def _ranges(text: str) -> list[tuple[int, int]]:
    return [(int(low), _HIGHEST if high == "max" else int(high or low)) for low, high in _RANGE.findall(text)]


def _span(found: re.Match[str], group: str, start: int) -> Span:
    low, high = found.span(group)
    return Span(start + low, start + high)
