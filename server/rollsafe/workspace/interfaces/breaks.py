"""All changes of a project's interfaces since the base that one side does not survive."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import partial
from typing import Final

from rollsafe.artefacts.contracts import ApiDocument, EventDocument, SchemaPart
from rollsafe.artefacts.contracts.avro.file import AvroFile
from rollsafe.artefacts.contracts.proto import ProtoFile
from rollsafe.artefacts.purposes import is_development_path
from rollsafe.artefacts.source import SourceFile
from rollsafe.text import Located, Span
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.avro_changes import changes_of_avro
from rollsafe.workspace.contract_changes import changes_of, changes_of_schema
from rollsafe.workspace.dependencies import Call
from rollsafe.workspace.facts import Base, Today
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.interfaces.order import (
    First,
    advice,
    first_of,
    first_of_avro,
    first_of_proto,
    first_of_schema,
)
from rollsafe.workspace.interfaces.sides import (
    Sides,
    route_of,
    sides_of,
    sides_of_calls,
    sides_of_schema,
    type_of,
)
from rollsafe.workspace.proto_changes import changes_of_proto
from rollsafe.workspace.usage.model import NOWHERE, Named, Uses
from rollsafe.workspace.usage.search import search_texts
from rollsafe.workspace.view import View

_LATER: Final = Today(date.max)
"""Promises with a date count as kept: whether they are is a question of the day, and rules answer it."""


class Break(NamedTuple):
    """A change that one side does not survive: where it is, in words, and who goes first."""

    file: SourceFile
    where: Located
    what: str
    first: First
    sides: Sides

    @property
    def owners(self) -> tuple[str, ...]:
        """The services that provide the interface, or write what is read."""
        if self.first in (First.READERS, First.WRITERS):
            return self.sides.named("sends")
        return (self.sides.owner_name,) if self.sides.owner_name else ()

    @property
    def others(self) -> tuple[str, ...]:
        """The services on the other side."""
        is_schema = self.first in (First.READERS, First.WRITERS)
        return self.sides.named("reads") if is_schema else self.sides.named()

    @property
    def order(self) -> str:
        """The order of deployment that keeps both sides working."""
        return advice(self.first, self.owners, self.others)


class _Found(NamedTuple):
    """A break before it is known who is on its sides; `named` is what to look for in code."""

    file: SourceFile
    where: Located
    what: str
    first: First
    named: Named | None
    sides: Callable[[Uses], Sides]


def breaks_of(view: View, base: Base) -> tuple[Break, ...]:
    """Return what surely breaks somebody and was not announced, by path and place; nothing without a base."""
    if not base.known:
        return ()
    return view.graph.remember(("interfaces", "breaks"), lambda: _breaks(view, base))


def _breaks(view: View, base: Base) -> tuple[Break, ...]:
    found = [one for one in _found(view, base) if not is_development_path(one.file.path)]
    names = list(dict.fromkeys(one.named for one in found if one.named is not None))
    uses = search_texts(view.read, view.paths, names) if names else {}
    return tuple(
        Break(one.file, one.where, one.what, one.first, one.sides(uses.get(one.named, NOWHERE)))
        if one.named is not None
        else Break(one.file, one.where, one.what, one.first, one.sides(NOWHERE))
        for one in found
    )


def _found(view: View, base: Base) -> Iterator[_Found]:
    documents: list[ApiDocument | EventDocument] = [*view.elements(ApiDocument)]
    for document in (*documents, *view.elements(EventDocument)):
        yield from _of_document(document, base, view.graph)
    for avro in view.elements(AvroFile):
        for change in changes_of_avro(avro, base):
            named, sides = (
                type_of(avro.schemas.root.name),
                partial(sides_of_schema, avro.file.path, view.graph),
            )
            yield _Found(avro.file, change.place, change.what, first_of_avro(change), named, sides)
    for part in view.graph.every(SchemaPart, "contract:"):
        if part.is_of_messages:
            yield from _of_schema(part, base, view.graph)
    for proto in view.elements(ProtoFile):
        yield from _of_proto(proto, base, view.graph)


def _of_document(document: ApiDocument | EventDocument, base: Base, graph: Graph) -> Iterator[_Found]:
    for change in changes_of(document, base, _LATER, graph):
        first = first_of(change)
        if first is not None and change.is_sure and not change.is_announced:
            where = Span(change.now.start, change.now.end)
            sides = partial(sides_of, document, change, graph)
            yield _Found(document.file, where, change.message, first, route_of(change), sides)


def _of_schema(part: SchemaPart, base: Base, graph: Graph) -> Iterator[_Found]:
    for change in changes_of_schema(part, base, _LATER, graph):
        if change.is_sure and not change.is_announced:
            where = Span(change.now.start, change.now.end)
            sides = partial(sides_of_schema, part.file.path, graph)
            yield _Found(
                part.file, where, change.message, first_of_schema(change), type_of(part.title), sides
            )


def _of_proto(proto: ProtoFile, base: Base, graph: Graph) -> Iterator[_Found]:
    sides = partial(sides_of_calls, proto.file.path, graph)
    for change in changes_of_proto(proto, base, graph) if not proto.is_unstable else ():
        first = first_of_proto(change)
        if first is not None:
            yield _Found(proto.file, change.place, change.message, first, type_of(change.owner), sides)


def turned(calls: Iterable[Call], breaks: Iterable[Break]) -> list[Call]:
    """Return calls so that what has to go first counts as called: users, where the provider breaks them."""
    pairs = {
        (other, owner)
        for one in breaks
        if one.first is First.OTHERS
        for owner in one.owners
        for other in one.others
    }
    return [
        Call(call.provider, call.consumer, call.file, call.where)
        if (call.consumer, call.provider) in pairs
        else call
        for call in calls
    ]
