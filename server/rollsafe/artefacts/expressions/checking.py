"""Types of an expression, and what its evaluation would stumble over."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

from rollsafe.artefacts.expressions.faults import ExpressionFault, FaultKind
from rollsafe.artefacts.expressions.literals import format_places, read_json
from rollsafe.artefacts.expressions.signatures import PLACED, SIGNATURES, Signature
from rollsafe.artefacts.expressions.syntax import (
    Call,
    Comparison,
    Expr,
    Index,
    Literal,
    Logical,
    Name,
    Not,
    Property,
    Star,
    context_path,
)
from rollsafe.artefacts.expressions.types import Listed, Named, Plain, Type, joined, words_for
from rollsafe.text.tuples import NamedTuple

_ORDERED: Final = frozenset({"<", "<=", ">", ">="})
_EVERYWHERE: Final[frozenset[str]] = frozenset()


class Scope(NamedTuple):
    """What an expression can see at its key.

    `contexts` are all that exist, by lower-case name; `allowed` the ones the key knows, None for all of them;
    `functions` those of `PLACED` that the key knows.
    """

    contexts: Mapping[str, Type]
    allowed: frozenset[str] | None = None
    functions: frozenset[str] = _EVERYWHERE


class Checked(NamedTuple):
    """The type of an expression and its faults, in source order."""

    type: Type
    faults: tuple[ExpressionFault, ...]


def check_expression(root: Expr, scope: Scope) -> Checked:
    """Return the type of an expression in a scope, and what is wrong with it."""
    checker = _Checker(scope)
    found = checker.type_of(root)
    return Checked(found, tuple(sorted(checker.faults, key=lambda one: one.start)))


class _Checker:
    """One walk over a syntax tree; its depth is bounded by the parser's."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self.faults: list[ExpressionFault] = []

    def type_of(self, node: Expr) -> Type:
        match node:
            case Name():
                return self._context(node)
            case Property():
                return self._property(self.type_of(node.base), node)
            case Index():
                return self._index(node)
            case Star():
                return self._star(node)
            case Literal():
                return _literal(node)
            case Call():
                return self._call(node)
            case Not():
                self.type_of(node.operand)
                return Plain.BOOLEAN
            case Comparison():
                return self._comparison(node)
            case Logical():
                return joined([self.type_of(one) for one in node.operands])
            case _:
                return Plain.ANY

    def _context(self, node: Name) -> Type:
        name = node.name.lower()
        found = self._scope.contexts.get(name)
        allowed = self._scope.allowed
        if found is None:
            known = tuple(self._scope.contexts if allowed is None else allowed)
            self._fault(
                FaultKind.CONTEXT, node, f"no context is called `{node.name}`", node.name, known=known
            )
            return Plain.ANY
        if allowed is not None and name not in allowed:
            told = f"`{node.name}` is not known here"
            self._fault(FaultKind.PLACE, node, told, node.name, known=tuple(sorted(allowed)))
        return found

    def _property(self, base: Type, node: Property) -> Type:
        if not node.name:
            return Plain.ANY
        return self._named(base, node.base, node.name, (node.name_start, node.end))

    def _named(self, base: Type, owner: Expr, name: str, place: tuple[int, int]) -> Type:
        """Return the type of `name` in a value of type `base`, and complain where there can be none."""
        if isinstance(base, Listed) and base.is_filter:
            return Listed(self._named(base.item, owner, name, place), is_filter=True)
        if isinstance(base, Named):
            found = base.at(name)
            if found is not None:
                return found
            path = context_path(owner) or ()
            told = f"`{'.'.join(path) or 'the value'}` has no `{name}`"
            self._add(FaultKind.NAME, place, told, name, path, tuple(base.names))
        elif base is not Plain.ANY:
            told = f"`{name}` is asked of {words_for(base)}"
            self._add(FaultKind.TYPE, place, told, name, context_path(owner) or ())
        return Plain.ANY

    def _index(self, node: Index) -> Type:
        base = self.type_of(node.base)
        index = node.index
        if isinstance(index, Literal) and isinstance(index.value, str):
            if isinstance(base, Listed) and not base.is_filter:
                self._fault(FaultKind.TYPE, index, f"the array is indexed by the string `{index.value}`")
                return Plain.ANY
            return self._named(base, node.base, index.value, (index.start, index.end))
        kind = self.type_of(index)
        if isinstance(base, Listed):
            if kind in (Plain.STRING, Plain.BOOLEAN) or not isinstance(kind, Plain):
                self._fault(FaultKind.TYPE, index, f"the array is indexed by {words_for(kind)}")
            return base.item
        if isinstance(base, Named):
            if base.rest is not Plain.ANY and kind not in (Plain.STRING, Plain.ANY):
                self._fault(FaultKind.TYPE, index, f"the object is indexed by {words_for(kind)}")
            return joined([*base.names.values(), *([base.rest] if base.rest is not None else [])])
        return Plain.ANY

    def _star(self, node: Star) -> Type:
        base = self.type_of(node.base)
        if isinstance(base, Listed):
            return Listed(base.item, is_filter=True)
        if isinstance(base, Named):
            found = [*base.names.values(), *([base.rest] if base.rest is not None else [])]
            return Listed(joined(found), is_filter=True)
        if base is not Plain.ANY:
            self._fault(FaultKind.TYPE, node, f"`.*` is asked of {words_for(base)}")
        return Listed(Plain.ANY, is_filter=True)

    def _comparison(self, node: Comparison) -> Type:
        left, right = self.type_of(node.left), self.type_of(node.right)
        if not _comparable(left, right, node.operator):
            told = f"{words_for(left)} is compared with {words_for(right)} by `{node.operator}`"
            self._fault(FaultKind.TYPE, node, told)
        return Plain.BOOLEAN

    def _call(self, node: Call) -> Type:
        name = node.name.lower()
        found = SIGNATURES.get(name)
        types = [self.type_of(one) for one in node.arguments]
        if found is None:
            known = tuple(one[0].name for one in SIGNATURES.values())
            self._fault(
                FaultKind.FUNCTION, node, f"no function is called `{node.name}`", node.name, known=known
            )
            return Plain.ANY
        if name in PLACED and name not in self._scope.functions:
            told = f"`{found[0].name}()` is not known here"
            self._fault(FaultKind.FUNCTION_PLACE, node, told, found[0].name)
        self._arguments(node, found, types)
        return self._result(node, found[0], types)

    def _arguments(self, node: Call, found: tuple[Signature, ...], types: list[Type]) -> None:
        fitting = [one for one in found if one.takes(len(types))]
        if not fitting:
            told = f"`{found[0].name}` takes {_counted(found)}, {len(types)} given"
            self._fault(FaultKind.CALL, node, told, found[0].name)
            return
        if any(_accepts(one, types) for one in fitting):
            return
        one = fitting[0]
        for index, given in enumerate(types):
            if not _fits(given, one.parameter(index)):
                wanted = words_for(one.parameter(index))
                told = f"`{one.name}` is given {words_for(given)} where it takes {wanted}"
                self._fault(FaultKind.TYPE, node.arguments[index], told, one.name)
                return

    def _result(self, node: Call, one: Signature, types: list[Type]) -> Type:
        first = node.arguments[0] if node.arguments else None
        text = first.value if isinstance(first, Literal) and isinstance(first.value, str) else None
        if one.name == "format" and text is not None and first is not None:
            self._format(first, text, len(types) - 1)
        if one.name == "fromJSON" and text is not None and first is not None:
            value, problem = read_json(text)
            if problem:
                self._fault(FaultKind.JSON, first, f"`fromJSON` cannot read the text: {problem}")
            return value
        if one.name == "case" and len(types) % 2 == 0:
            told = "`case` ends without a value for when nothing before it holds"
            self._fault(FaultKind.CALL, node, told, one.name)
        return joined([*types[1::2], types[-1]]) if one.name == "case" and len(types) > 2 else one.result

    def _format(self, first: Expr, text: str, given: int) -> None:
        asked = format_places(text)
        missing = sorted(place for place in asked if place >= given)
        if missing:
            places = ", ".join(f"`{{{place}}}`" for place in missing[:3])
            told = f"the format has {places}, but {given} {'value' if given == 1 else 'values'} to fill in"
            self._fault(FaultKind.FORMAT, first, told)
        for place in range(given):
            if place not in asked:
                told = f"the format has no `{{{place}}}` for the value given"
                self._fault(FaultKind.FORMAT, first, told)

    def _fault(
        self, kind: FaultKind, at: Expr, message: str, name: str = "", known: tuple[str, ...] = ()
    ) -> None:
        self._add(kind, (at.start, at.end), message, name, (), known)

    def _add(
        self,
        kind: FaultKind,
        place: tuple[int, int],
        message: str,
        name: str = "",
        path: tuple[str, ...] = (),
        known: tuple[str, ...] = (),
    ) -> None:
        self.faults.append(ExpressionFault(kind, *place, message, name, path, known))


def _literal(node: Literal) -> Type:
    value = node.value
    if value is None:
        return Plain.NULL
    if isinstance(value, bool):
        return Plain.BOOLEAN
    return Plain.STRING if isinstance(value, str) else Plain.NUMBER


def _comparable(left: Type, right: Type, operator: str) -> bool:
    """Say whether a comparison can be other than false: GitHub makes numbers of values of two types."""
    if Plain.ANY in (left, right):
        return True
    if operator in _ORDERED:
        return all(one in (Plain.NUMBER, Plain.STRING) for one in (left, right))
    if Plain.NULL in (left, right):
        return True
    if isinstance(left, Plain) and isinstance(right, Plain):
        return True
    if isinstance(left, Listed) and isinstance(right, Listed):
        return _comparable(left.item, right.item, operator)
    return type(left) is type(right)


def _accepts(one: Signature, types: list[Type]) -> bool:
    return all(_fits(given, one.parameter(index)) for index, given in enumerate(types))


def _fits(given: Type, wanted: Type) -> bool:
    """Say whether a value can be given where another is wanted; scalars become text by themselves."""
    if Plain.ANY in (given, wanted):
        return True
    if isinstance(wanted, Listed):
        return isinstance(given, Listed)
    if wanted in (Plain.STRING, Plain.BOOLEAN):
        return isinstance(given, Plain)
    return given is wanted


def _counted(found: tuple[Signature, ...]) -> str:
    """Return how many arguments a function takes, in words."""
    counts = sorted({count for one in found for count in range(one.least, len(one.parameters) + 1)})
    if any(one.repeated for one in found):
        return f"at least {counts[0]}"
    together = all(after - before == 1 for before, after in pairwise(counts))
    return f"{counts[0]} to {counts[-1]}" if len(counts) > 1 and together else str(counts[0])
