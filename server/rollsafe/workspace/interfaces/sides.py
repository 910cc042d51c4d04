"""The two sides of an interface: who provides it, who uses it, and the places that say so."""

import re
from collections.abc import Iterator
from typing import Final, Literal

from rollsafe.artefacts.contracts import ApiDocument, EventDocument, mappings_in, read_reference
from rollsafe.artefacts.contracts.changes import Change
from rollsafe.artefacts.source import SourceFile
from rollsafe.text import Located, Span
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.interfaces.homes import Home, callers_of, home_of
from rollsafe.workspace.usage.model import NOWHERE, Named, Uses

Does = Literal["calls", "names", "reaches", "sends", "reads", "refers"]

_MOST: Final = 8
_OUTWARD = re.compile(r"""\$ref["']?\s*:\s*["']?([^"'#\s,}\]][^"'#\s,}\]]*)""")
_SECOND: Final[dict[str, Does]] = {"publish": "reads", "subscribe": "sends"}
_THIRD: Final[dict[str, Does]] = {"receive": "reads", "send": "sends"}


class Party(NamedTuple):
    """Somebody who has to do with an interface. `name` is the service, empty where nobody knows which.

    `does` is what the place says: its code `calls` a path or `names` a type, its settings say that it
    `reaches` the provider, its description says that it `sends` or `reads` events, or `refers` to a schema.
    """

    name: str
    does: Does
    file: SourceFile
    where: Located


class Sides(NamedTuple):
    """The service that provides an interface, None where nobody knows it, and the others who take part."""

    owner: Home | None
    title: str
    others: tuple[Party, ...]

    @property
    def owner_name(self) -> str:
        """The name of the service, else of the interface; may be empty."""
        return self.owner.name if self.owner is not None else ""

    def named(self, *does: Does) -> tuple[str, ...]:
        """Return the others that do one of these, each once; those that only reach it come last."""
        wanted = [one for one in self.others if one.name and (not does or one.does in does)]
        return tuple(dict.fromkeys(one.name for one in sorted(wanted, key=lambda one: one.does == "reaches")))


def sides_of(
    document: ApiDocument | EventDocument, change: Change, graph: Graph, uses: Uses = NOWHERE
) -> Sides:
    """Return who is on both sides of what a change is about; `uses` is where code calls it."""
    owner = home_of(document.file.path, graph, document.title)
    if isinstance(document, EventDocument):
        return Sides(owner, document.title, tuple(_partners(document, change.channel, graph))[:_MOST])
    found = [*_in_code(uses, "calls", owner, graph), *_reaching(owner, graph)]
    return Sides(owner, document.title, tuple(found)[:_MOST])


def route_of(change: Change) -> Named | None:
    """Return the path of the operation a change is about, as something to look for in code."""
    path = change.operation.strip("`").partition(" ")[2]
    return Named("", "", path) if path else None


def type_of(name: str) -> Named | None:
    """Return a type as something to look for in code; `name` may have its namespace before it."""
    simple = name.rpartition(".")[2]
    return Named("", type=simple) if simple else None


def sides_of_schema(path: str, graph: Graph, uses: Uses = NOWHERE) -> Sides:
    """Return who refers to the schema in a file, and as which side; `uses` is where code names its type."""
    referring = graph.remember(("interfaces", "referring", path), lambda: tuple(_referring(path, graph)))
    found = [*referring, *_in_code(uses, "names", None, graph)]
    return Sides(None, "", tuple(found)[:_MOST])


def sides_of_calls(path: str, graph: Graph, uses: Uses = NOWHERE) -> Sides:
    """Return who provides the calls described in a file, and who uses them."""
    owner = home_of(path, graph)
    found = [*_in_code(uses, "names", owner, graph), *_reaching(owner, graph)]
    return Sides(owner, "", tuple(found)[:_MOST])


def _in_code(uses: Uses, does: Does, owner: Home | None, graph: Graph) -> Iterator[Party]:
    """Yield whose code names it, but for the provider, whose own routes look the same."""
    for use in uses.places:
        home = home_of(use.file.path, graph)
        if owner is None or home is None or home.name != owner.name:
            yield Party(home.name if home is not None else "", does, use.file, use.place)


def _reaching(owner: Home | None, graph: Graph) -> Iterator[Party]:
    for call in callers_of(owner.name, graph) if owner is not None else ():
        yield Party(call.consumer, "reaches", call.file, call.where)


# Events ------------------------------------------------------------------------------------------


def _partners(document: EventDocument, channel: str, graph: Graph) -> Iterator[Party]:
    """Yield the other descriptions that say something is sent to a channel or read from it."""
    known = graph.remember(("interfaces", "channels"), lambda: _by_channel(graph)).get(channel, [])
    mine = {does for one, does, _ in known if one.file.path == document.file.path}
    for other, does, where in known if channel else ():
        if other.file.path != document.file.path and mine != {does}:
            home = home_of(other.file.path, graph, other.title)
            yield Party(home.name if home is not None else other.title, does, other.file, where)


def _by_channel(graph: Graph) -> dict[str, list[tuple[EventDocument, Does, Located]]]:
    """Return what descriptions say of each channel, by its address."""
    found: dict[str, list[tuple[EventDocument, Does, Located]]] = {}
    for document in graph.every(EventDocument, "contract:"):
        for address, does, where in _deeds(document):
            found.setdefault(address, []).append((document, does, where))
    return found


def _deeds(document: EventDocument) -> Iterator[tuple[str, Does, Located]]:
    """Yield what an application does on which channel: its address, what it does there, and the place."""
    for entry, channel in document.channels:
        for word, does in _SECOND.items():
            operation = channel.entry(word)
            if operation is not None:
                yield entry.name, does, operation.key
    channels = {entry.name: channel.text_at("address") or entry.name for entry, channel in document.channels}
    for entry, held in mappings_in(document.root.map_at("operations")):
        deed = _THIRD.get(held.text_at("action") or "")
        name = (held.text_at("channel", "$ref") or "").rpartition("/")[2].replace("~1", "/")
        if deed is not None and name in channels:
            yield channels[name], deed, entry.key


def _referring(path: str, graph: Graph) -> Iterator[Party]:
    """Yield the descriptions that refer to a file; what they do with it is told if that is one thing."""
    documents: list[ApiDocument | EventDocument] = [*graph.every(EventDocument, "contract:")]
    for document in (*documents, *graph.every(ApiDocument, "contract:")):
        for match in _OUTWARD.finditer(document.file.text):
            if read_reference(match[1], document.file.path).path == path:
                home = home_of(document.file.path, graph, document.title)
                name = home.name if home is not None else document.title
                yield Party(name, _does(document), document.file, Span(*match.span(1)))
                break


def _does(document: ApiDocument | EventDocument) -> Does:
    deeds: set[Does] = set()
    if isinstance(document, EventDocument):
        deeds = {does for _, does, _ in _deeds(document)}
    return deeds.pop() if len(deeds) == 1 else "refers"
