"""Holding a value against a JSON schema, with the place of everything that is wrong.

What the keywords of drafts 4 to 2020-12 have in common is understood, and of those that differ what
descriptions of interfaces use. Of alternatives that all fail, only what is wrong with the nearest is told.
"""

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias, cast

from rollsafe.artefacts.contracts.document import entries_of
from rollsafe.artefacts.contracts.flaws import (
    Flaw,
    FlawKind,
    Options,
    Schema,
    distance,
    names_in,
    reworded,
    schemas_in,
    takes_reference,
    told_word,
)
from rollsafe.artefacts.contracts.references import reference_in
from rollsafe.artefacts.contracts.values import (
    Value,
    fits_format,
    number_of,
    plain,
    same,
    searching,
    type_of,
)
from rollsafe.formats.nodes import Entry, Mapping, Node, Scalar, Sequence, resolve

_MOST_VISITS: Final = 300_000
_MOST_FLAWS: Final = 200
_DEEPEST: Final = 130
"""Schemas within schemas: each takes up to five frames of the interpreter."""
_Trail: TypeAlias = "tuple[_Trail, str] | None"
_NOTHING: Final[frozenset[str]] = frozenset()


class _Found:
    """What a try at a schema comes to."""

    __slots__ = ("evaluated", "flaws", "pending")

    def __init__(self) -> None:
        self.flaws: list[Flaw] = []
        self.pending: list[tuple[Scalar, Schema]] = []
        self.evaluated: frozenset[str] = _NOTHING


def flaws_in(node: Node, schema: Schema, options: Options, path: tuple[str, ...] = ()) -> list[Flaw]:
    """Return what is wrong in and below a value, in source order, each place once."""
    search = _Search(options)
    trail: _Trail = None
    for step in path:
        trail = (trail, step)
    search.run(node, schema, trail)
    unique = {(one.where.start, one.where.end, one.kind, one.key): one for one in search.found.flaws}
    return sorted(unique.values(), key=lambda one: one.where.start)[:_MOST_FLAWS]


class _Search:
    """One walk over a value and its schema side by side."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._left = _MOST_VISITS
        self._depth = 0
        self._good: dict[tuple[int, int], frozenset[str]] = {}
        self._patterns: dict[str, Callable[[str], bool] | None] = {}
        self._kept: list[object] = []
        self.found = _Found()

    def run(self, node: Node, schema: Schema, trail: _Trail) -> None:
        """Look at a value and at what it refers to."""
        self._check(node, schema, trail)
        seen: set[tuple[int, int]] = set()
        lead = self._options.lead
        while self.found.pending and lead is not None and self._left > 0:
            reference, wanted = self.found.pending.pop()
            target = resolve(lead(reference.text))
            if target is not None and (id(target), id(wanted)) not in seen:
                seen.add((id(target), id(wanted)))
                steps: _Trail = None
                for step in reference.text.partition("#/")[2].split("/"):
                    steps = (steps, step.replace("~1", "/").replace("~0", "~"))
                self._check(target, wanted, steps)

    def _check(self, node: Node | None, schema: Schema, trail: _Trail) -> frozenset[str]:
        """Hold a value against a schema; return the keys of a mapping the schema speaks of."""
        node = resolve(node)
        self._left -= 1
        if node is None or schema is True or self._left < 0 or self._depth > _DEEPEST:
            return _NOTHING
        if schema is False:
            self._flaw(FlawKind.OTHER, node, trail)
            return _NOTHING
        key = (id(node), id(schema))
        known = self._good.get(key)
        if known is not None:
            return known
        before = self._options.known
        part = before.key(node, schema) if before is not None and isinstance(node, Mapping) else None
        if before is not None and part is not None and part in before.good:
            return before.good[part]
        outer, self.found = self.found, _Found()
        self._depth += 1
        evaluated = self._apply(node, schema, trail)
        self._depth -= 1
        inner, self.found = self.found, outer
        flaws = reworded(inner.flaws, schema, node, _steps(trail)) if inner.flaws else []
        if not flaws and not inner.pending:
            self._good[key] = evaluated
            if before is not None and part is not None:
                before.good[part] = evaluated
            self._kept.append(schema)
        outer.flaws += flaws[: _MOST_FLAWS - len(outer.flaws)] if len(outer.flaws) < _MOST_FLAWS else ()
        outer.pending += inner.pending
        return evaluated

    def _apply(self, node: Node, schema: dict[str, Value], trail: _Trail) -> frozenset[str]:
        options = self._options
        if options.lead is not None and (reference := reference_in(node)) is not None:
            self.found.pending.append((reference, schema))
            if not takes_reference(schema, options.find, 0):
                self._flaw(FlawKind.REFERENCE, reference, (trail, "$ref"), key="$ref", holder=node)
            return _NOTHING
        evaluated: frozenset[str] = _NOTHING
        target = schema.get("$ref")
        if isinstance(target, str):
            found = options.find(target)
            if found is not None:
                evaluated |= self._check(node, found, trail)
            if options.is_reference_alone:
                return evaluated
        if options.null and schema.get(options.null) is True and type_of(node) == "null":
            return evaluated
        if not self._type(node, schema, trail):
            return evaluated
        self._value(node, schema, trail)
        evaluated |= self._combined(node, schema, trail)
        if isinstance(node, Mapping):
            evaluated |= self._mapping(node, schema, trail, evaluated)
        elif isinstance(node, Sequence):
            self._sequence(node, schema, trail)
        return evaluated

    # Scalars and any value ---------------------------------------------------------------------------

    def _type(self, node: Node, schema: dict[str, Value], trail: _Trail) -> bool:
        wanted = schema.get("type")
        types = [wanted] if isinstance(wanted, str) else wanted if isinstance(wanted, list) else []
        names = tuple(one for one in types if isinstance(one, str) and one != "file")
        kind = type_of(node)
        if not names or not kind or kind in names or (kind == "integer" and "number" in names):
            return True
        if kind == "number" and "integer" in names and (number_of(node) or 0.5) % 1 == 0:
            return True
        form = schema.get("format")
        self._flaw(FlawKind.TYPE, node, trail, names=names, limit=form if isinstance(form, str) else "")
        return False

    def _value(self, node: Node, schema: dict[str, Value], trail: _Trail) -> None:
        words = schema.get("enum")
        if "const" in schema:
            words = [schema["const"]]
        if isinstance(words, list):
            value = plain(node)
            if not any(same(value, word) for word in words):
                names = tuple(told_word(word) for word in words if not isinstance(word, dict | list))
                self._flaw(FlawKind.WORD, node, trail, names=names)
        if isinstance(node, Scalar):
            if type_of(node) == "string":
                self._text(node, schema, trail)
            else:
                self._number(node, schema, trail)

    def _text(self, node: Scalar, schema: dict[str, Value], trail: _Trail) -> None:
        pattern, form = schema.get("pattern"), schema.get("format")
        if isinstance(pattern, str) and not self._matches(pattern, node.text):
            self._flaw(FlawKind.PATTERN, node, trail, limit=pattern)
        if isinstance(form, str) and not fits_format(node.text, form):
            self._flaw(FlawKind.FORMAT, node, trail, limit=form)
        self._count(len(node.text), "Length", schema, node, trail)

    def _number(self, node: Scalar, schema: dict[str, Value], trail: _Trail) -> None:
        number = number_of(node)
        if number is None:
            return
        for word, is_low in (("minimum", True), ("maximum", False)):
            strict = schema.get(f"exclusive{word.capitalize()}")
            limit = schema.get(word)
            if isinstance(limit, int | float) and not isinstance(limit, bool):
                off = number < limit if is_low else number > limit
                if off or (strict is True and number == limit):
                    self._flaw(FlawKind.RANGE, node, trail, limit=f"{word} {limit}")
            if not isinstance(strict, int | float) or isinstance(strict, bool):
                continue
            if number <= strict if is_low else number >= strict:
                self._flaw(FlawKind.RANGE, node, trail, limit=f"exclusive {word} {strict}")
        step = schema.get("multipleOf")
        if isinstance(step, int) and not isinstance(step, bool) and step > 0 and number % step:
            self._flaw(FlawKind.RANGE, node, trail, limit=f"multiple of {step}")

    def _count(self, count: int, word: str, schema: dict[str, Value], node: Node, trail: _Trail) -> None:
        least, most = schema.get(f"min{word}"), schema.get(f"max{word}")
        if isinstance(least, int) and count < least:
            self._flaw(FlawKind.COUNT, node, trail, limit=f"at least {least}")
        if isinstance(most, int) and count > most:
            self._flaw(FlawKind.COUNT, node, trail, limit=f"at most {most}")

    # Schemas that are made of others -----------------------------------------------------------------

    def _combined(self, node: Node, schema: dict[str, Value], trail: _Trail) -> frozenset[str]:
        evaluated = _NOTHING
        for part in schemas_in(schema.get("allOf")):
            evaluated |= self._check(node, part, trail)
        for word in ("anyOf", "oneOf"):
            branches = list(schemas_in(schema.get(word)))
            if branches:
                evaluated |= self._either(node, branches, trail)
        if "not" in schema and not self._try(node, cast("Schema", schema["not"]), trail).flaws:
            self._flaw(FlawKind.OTHER, node, trail)
        if "if" in schema:
            tried = self._try(node, cast("Schema", schema["if"]), trail)
            evaluated |= tried.evaluated if not tried.flaws else _NOTHING
            then = schema.get("else" if tried.flaws else "then")
            if isinstance(then, bool | dict):
                evaluated |= self._check(node, then, trail)
        return evaluated

    def _either(self, node: Node, branches: list[Schema], trail: _Trail) -> frozenset[str]:
        tried = [self._try(node, branch, trail) for branch in branches]
        good = [one for one in tried if not one.flaws]
        chosen = good or [min(tried, key=lambda one: distance(one.flaws, node))]
        for one in chosen:
            self.found.flaws += _marked(one.flaws, trail)
            self.found.pending += one.pending
        return _NOTHING.union(*(one.evaluated for one in chosen))

    def _try(self, node: Node, schema: Schema, trail: _Trail) -> _Found:
        outer, self.found = self.found, _Found()
        self.found.evaluated = self._check(node, schema, trail)
        inner, self.found = self.found, outer
        return inner

    # Mappings and lists ------------------------------------------------------------------------------

    def _mapping(
        self, node: Mapping, schema: dict[str, Value], trail: _Trail, evaluated: frozenset[str]
    ) -> frozenset[str]:
        known = schema.get("properties")
        properties = known if isinstance(known, dict) else {}
        self._required(node, schema, properties, trail)
        entries = list(entries_of(node))
        self._count(len(entries), "Properties", schema, node, trail)
        patterns = schema.get("patternProperties")
        by_pattern = list(patterns.items()) if isinstance(patterns, dict) else []
        own: set[str] = set()
        for entry in entries:
            if self._entry(entry, properties, by_pattern, trail):
                own.add(entry.name)
        self._names(entries, schema, trail)
        evaluated |= self._dependent(node, schema, trail)
        rest = schema.get("additionalProperties")
        if isinstance(rest, bool | dict):
            self._rest(node, [one for one in entries if one.name not in own], rest, schema, trail)
            own.update(entry.name for entry in entries)
        open_ = schema.get("unevaluatedProperties")
        if isinstance(open_, bool | dict):
            left = [one for one in entries if one.name not in own and one.name not in evaluated]
            self._rest(node, left, open_, schema, trail)
            own.update(entry.name for entry in entries)
        return evaluated | own

    def _entry(
        self, entry: Entry, properties: dict[str, Value], patterns: list[tuple[str, Value]], trail: _Trail
    ) -> bool:
        """Hold an entry against what speaks of it by name; say whether anything does."""
        is_known = False
        if entry.name in properties:
            is_known = True
            self._check(entry.value, cast("Schema", properties[entry.name]), (trail, entry.name))
        for pattern, schema in patterns:
            if self._matches(pattern, entry.name):
                is_known = True
                self._check(entry.value, cast("Schema", schema), (trail, entry.name))
        return is_known

    def _rest(
        self, node: Mapping, entries: list[Entry], rest: Schema, schema: dict[str, Value], trail: _Trail
    ) -> None:
        if rest is False and entries:
            names = tuple(sorted(names_in(schema, self._options.find, 0)))
            for entry in entries:
                self._flaw(
                    FlawKind.UNKNOWN, entry.key, (trail, entry.name), entry.name, holder=node, names=names
                )
        elif isinstance(rest, dict):
            for entry in entries:
                self._check(entry.value, rest, (trail, entry.name))

    def _required(
        self, node: Mapping, schema: dict[str, Value], properties: dict[str, Value], trail: _Trail
    ) -> None:
        required = schema.get("required")
        for name in required if isinstance(required, list) else ():
            if not isinstance(name, str) or node.value(name) is not None:
                continue
            about = properties.get(name)
            if isinstance(about, dict) and any(about.get(word) is True for word in self._options.optional):
                continue
            self._flaw(FlawKind.MISSING, node, (trail, name), name, holder=node)

    def _names(self, entries: list[Entry], schema: dict[str, Value], trail: _Trail) -> None:
        wanted = schema.get("propertyNames")
        if isinstance(wanted, dict):
            for entry in entries:
                self._check(entry.key, wanted, (trail, entry.name))

    def _dependent(self, node: Mapping, schema: dict[str, Value], trail: _Trail) -> frozenset[str]:
        dependent = schema.get("dependentSchemas")
        evaluated = _NOTHING
        for name, wanted in dependent.items() if isinstance(dependent, dict) else ():
            if node.value(name) is not None:
                evaluated |= self._check(node, cast("Schema", wanted), trail)
        return evaluated

    def _sequence(self, node: Sequence, schema: dict[str, Value], trail: _Trail) -> None:
        self._count(len(node.items), "Items", schema, node, trail)
        items = schema.get("items")
        first = schema.get("prefixItems", items if isinstance(items, list) else [])
        tuple_ = first if isinstance(first, list) else []
        rest = schema.get("additionalItems") if isinstance(items, list) else items
        for index, item in enumerate(node.items):
            wanted = tuple_[index] if index < len(tuple_) else rest
            if isinstance(wanted, bool | dict):
                self._check(item, wanted, (trail, str(index)))
        if schema.get("uniqueItems") is True:
            for item in repeated(node):
                self._flaw(FlawKind.DUPLICATE, item, (trail, str(node.items.index(item))))

    def _matches(self, pattern: str, text: str) -> bool:
        if pattern not in self._patterns:
            self._patterns[pattern] = searching(pattern)
        found = self._patterns[pattern]
        return found is None or found(text)

    def _flaw(
        self,
        kind: FlawKind,
        where: Node,
        trail: _Trail,
        key: str = "",
        holder: Node | None = None,
        names: tuple[str, ...] = (),
        limit: str = "",
    ) -> None:
        held = holder if isinstance(holder, Mapping) else None
        self.found.flaws.append(Flaw(kind, where, key, _steps(trail), held, names, limit))


def repeated(node: Sequence) -> Iterator[Node]:
    """Yield the items of a list that are there already."""
    seen: dict[str, list[Value]] = {}
    for item in node.items:
        value = plain(item)
        alike = seen.setdefault(repr(value)[:200], [])
        if any(same(value, one) for one in alike):
            yield item
        alike.append(value)


def _steps(trail: _Trail) -> tuple[str, ...]:
    path: list[str] = []
    while trail is not None:
        trail, step = trail
        path.append(step)
    return tuple(reversed(path))


def _marked(flaws: list[Flaw], trail: _Trail) -> list[Flaw]:
    """Return flaws with the value whose alternatives they are about, the nearest one."""
    path = _steps(trail) if flaws else ()
    return [one if one.alternative is not None else one._replace(alternative=path) for one in flaws]
