"""Renders the templates of a chart with values, each line of the result with what it says written where."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from rollsafe.formats.go_template import read_go_template
from rollsafe.formats.go_template_nodes import (
    Block,
    Body,
    Branch,
    Broken,
    Chain,
    Field,
    Function,
    GoTemplate,
    Insert,
    Literal,
    Pipe,
    Print,
    Tag,
    Term,
    Text,
    Variable,
)
from rollsafe.text import Span
from rollsafe.text.records import field, state
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.system.charts.functions import called
from rollsafe.workspace.system.charts.scope import Scope
from rollsafe.workspace.system.charts.values import (
    NOTHING,
    UNKNOWN,
    Items,
    Leaf,
    Piece,
    Rendered,
    Table,
    Value,
    at,
    holds,
    is_known,
    pieces_of,
    put,
    text_of,
)
from rollsafe.workspace.system.facts import Place

_STEPS: Final = 100_000
_CHARACTERS: Final = 1_000_000
_DEEPEST: Final = 40
_MOST_ROUNDS: Final = 500
_MOST_PIECES: Final = 20_000
_TAKES_UNKNOWN: Final = frozenset({"list", "tuple", "dict", "merge", "mergeOverwrite", "concat", "append"})
"""What puts its arguments into a whole without looking at them."""

_KEEPS_TEXT: Final = frozenset({"indent", "nindent", "quote", "squote", "toString", "printf", "print"})
"""What leaves the tags in a text as they are."""


class Line(NamedTuple):
    """Where a line of a rendered text comes from: the template, and the values it says, if it does."""

    template: Place
    said: Place | None


class Stretch(NamedTuple):
    """A part of a rendered text: where it is in a template, and where what it says is written.

    `span` has the offsets in the file of `template`; where it `is_verbatim`, the same characters stand there.
    """

    text: str
    template: Place
    said: Place | None
    span: Span
    is_verbatim: bool = False


class RenderedText(NamedTuple):
    """A template after rendering: its text, and where each line of it comes from."""

    path: str
    stretches: tuple[Stretch, ...]

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(one.text for one in self.stretches)

    @property
    def lines(self) -> tuple[Line, ...]:
        """Where each of its lines comes from."""
        return tuple(_lines(self.path, self.stretches))


class TooMuchError(Exception):
    """The bounds of a rendering are passed."""


@state
class Renderer:
    """Renders the files of a chart; what they define is known to all of them."""

    root: Table
    defined: dict[str, tuple[str, Body]] = field(default_factory=dict[str, tuple[str, Body]])
    steps: int = 0
    characters: int = 0
    most_steps: int = _STEPS
    why: str = ""
    """Why the last file was not rendered."""

    def define(self, path: str, template: GoTemplate) -> None:
        """Take over the templates a file defines."""
        self.defined.update({name: (path, body) for name, body in template.defined.items()})

    def render(self, path: str, template: GoTemplate) -> RenderedText | None:
        """Return a file as rendered; None where that takes too long."""
        scope = Scope(self.root, {"": self.root})
        try:
            made = list(self._body(template.body, scope, path, 0))
        except TooMuchError as error:
            self.why = str(error) or "rendering it takes too much"
            return None
        return RenderedText(path, tuple(made))

    # -- bodies

    def _body(self, body: Body, scope: Scope, path: str, depth: int) -> Iterator[Stretch]:
        if depth > _DEEPEST:
            raise TooMuchError
        for item in body:
            self.steps += 1
            if self.steps > self.most_steps:
                raise TooMuchError
            match item:
                case Text():
                    yield from self._text(item, path)
                case Print():
                    yield from self._printed(item, scope, path, depth)
                case Block():
                    yield from self._block(item, scope, path, depth)
                case Insert():
                    yield from self._inserted(item, scope, path, depth)
                case Broken(tag):
                    yield self._unknown(tag, path)

    def _text(self, item: Text, path: str) -> Iterator[Stretch]:
        self._count(item.text)
        at = item.start
        for number, part in enumerate(item.text.splitlines(keepends=True)):
            span = Span(at, at + len(part))
            yield Stretch(part, Place(path, item.line + number), None, span, is_verbatim=True)
            at = span.end

    def _unknown(self, tag: Tag, path: str) -> Stretch:
        """Return a tag as it is: what it prints is not known."""
        return Stretch(tag.source, Place(path, tag.line), None, Span.of(tag))

    def _count(self, text: str) -> None:
        self.characters += len(text)
        if self.characters > _CHARACTERS:
            raise TooMuchError

    def _printed(self, item: Print, scope: Scope, path: str, depth: int) -> Iterator[Stretch]:
        value = self._pipe(item.pipe, scope, depth)
        if item.pipe.variables:
            return
        if value is UNKNOWN or isinstance(value, Table | Items):
            yield self._unknown(item.tag, path)
        else:
            yield from self._said(value, item.tag, path)

    def _said(self, value: Value, tag: Tag, path: str) -> Iterator[Stretch]:
        where, span = Place(path, tag.line), Span.of(tag)
        for piece in pieces_of(value):
            self._count(piece.text)
            yield Stretch(piece.text, where, piece.place, span)

    def _inserted(self, item: Insert, scope: Scope, path: str, depth: int) -> Iterator[Stretch]:
        name = text_of(self._term(item.name, scope, depth))
        dot = self._pipe(item.pipe, scope, depth) if item.pipe is not None else NOTHING
        yield from self._defined(name, dot, depth)

    def _defined(self, name: str, dot: Value, depth: int) -> Iterator[Stretch]:
        path, body = self.defined.get(name, ("", ()))
        if not path:
            yield Stretch("{{ }}", Place("", 1), None, Span(0, 0))
        yield from self._body(body, Scope(dot, {"": dot}), path, depth + 1)

    def _block(self, block: Block, scope: Scope, path: str, depth: int) -> Iterator[Stretch]:
        if block.word == "range":
            yield from self._range(block, scope, path, depth)
            return
        for branch in block.branches:
            inner = scope.inside(scope.dot)
            value = self._pipe(branch.pipe, inner, depth) if branch.pipe is not None else Leaf(True)
            truth = holds(value)
            if truth is None:
                yield from self._undecided(block, branch, inner, path, depth)
                return
            if truth:
                if block.word == "with" and branch.pipe is not None:
                    inner.dot = value
                yield from self._body(branch.body, inner, path, depth + 1)
                return

    def _undecided(
        self, block: Block, branch: Branch, scope: Scope, path: str, depth: int
    ) -> Iterator[Stretch]:
        """Yield what is printed where a condition is not known: the way out, if there is one."""
        last = block.branches[-1]
        chosen = last if last.pipe is None else branch
        if block.word == "with" and chosen is branch:
            scope.dot = UNKNOWN
        yield from self._body(chosen.body, scope, path, depth + 1)

    def _range(self, block: Block, scope: Scope, path: str, depth: int) -> Iterator[Stretch]:
        first = block.branches[0]
        pipe = first.pipe
        value = self._pipe(pipe._replace(variables=()), scope, depth) if pipe is not None else NOTHING
        rounds = list(islice(_rounds(value), _MOST_ROUNDS))
        if value is UNKNOWN:
            yield from self._undecided_range(block, scope, path, depth)
        for key, one in rounds:
            inner = scope.inside(one)
            names = pipe.variables if pipe is not None else ()
            for name, taken in zip(names[-2:], (key, one) if len(names) > 1 else (one,), strict=False):
                inner.variables[name] = taken
            yield from self._body(first.body, inner, path, depth + 1)
        if not rounds and value is not UNKNOWN and len(block.branches) > 1:
            yield from self._body(block.branches[-1].body, scope, path, depth + 1)

    def _undecided_range(self, block: Block, scope: Scope, path: str, depth: int) -> Iterator[Stretch]:
        yield self._unknown(block.tag, path)

    # -- pipelines

    def _pipe(self, pipe: Pipe, scope: Scope, depth: int) -> Value:
        self.steps += 1
        if self.steps > self.most_steps or depth > _DEEPEST:
            raise TooMuchError
        value: Value | None = None
        for command in pipe.commands:
            value = self._command(command, value, scope, depth + 1)
        found = value if value is not None else NOTHING
        for name in pipe.variables:
            (scope.variables.__setitem__ if pipe.declares else scope.assign)(name, found)
        return found

    def _command(self, command: Sequence[Term], piped: Value | None, scope: Scope, depth: int) -> Value:
        first, *rest = command
        if isinstance(first, Field | Variable) and (rest or piped is not None):
            return self._method(first, [self._term(one, scope, depth) for one in rest])
        if not isinstance(first, Function):
            return self._term(first, scope, depth)
        if first.name in ("and", "or"):
            return self._either(first.name, rest, piped, scope, depth)
        values = [self._term(one, scope, depth) for one in rest]
        values += [piped] if piped is not None else []
        return self._function(first.name, values, rest, scope, depth)

    def _method(self, first: Field | Variable, values: Sequence[Value]) -> Value:
        """Return what `.Capabilities.APIVersions.Has "batch/v1"` gives; other methods are not known."""
        if first.path[-2:] == ("APIVersions", "Has") and values:
            version = text_of(values[0])
            group, _, rest = version.partition("/")
            return Leaf(rest.startswith(("v1", "v2")) and ("." not in group or group.endswith(".k8s.io")))
        return UNKNOWN

    def _either(
        self, name: str, terms: Sequence[Term], piped: Value | None, scope: Scope, depth: int
    ) -> Value:
        value: Value = NOTHING
        for number in range(len(terms) + (piped is not None)):
            value = self._term(terms[number], scope, depth) if number < len(terms) else piped or NOTHING
            truth = holds(value)
            if truth is None or truth == (name == "or"):
                return value
        return value

    def _function(
        self, name: str, values: list[Value], terms: Sequence[Term], scope: Scope, depth: int
    ) -> Value:
        match name:
            case "include" if len(values) > 1:
                made = self._defined(text_of(values[0]), values[1], depth)
                return Rendered(tuple(Piece(one.text, one.said) for one in made))
            case "tpl" if len(values) > 1 and is_known(values[0]):
                return self._template(text_of(values[0]), values[1], depth)
            case "lookup":
                return Table()
            case "set" if len(values) > 2 and isinstance(terms[0], Variable):
                return self._set(terms[0], values, scope)
            case _:
                if name in ("default", "coalesce", "ternary", "required"):
                    return _chosen(name, values)
                known = name in _TAKES_UNKNOWN or all(_is_usable(name, one) for one in values)
                return _bounded(called(name, values)) if known else UNKNOWN

    def _template(self, text: str, dot: Value, depth: int) -> Value:
        if "{{" not in text:
            return Leaf(text)
        template = read_go_template(text)
        made = list(self._body(template.body, Scope(dot, {"": dot}), "", depth + 1))
        return Rendered(tuple(Piece(one.text, one.said) for one in made))

    def _set(self, term: Variable, values: Sequence[Value], scope: Scope) -> Value:
        changed = scope.find(term.name)
        if not isinstance(changed, Table):
            return UNKNOWN
        found = put(changed, (*term.path, text_of(values[1])), values[2])
        scope.assign(term.name, found)
        return at(found, term.path)

    def _term(self, term: Term, scope: Scope, depth: int) -> Value:
        match term:
            case Literal(value):
                return Leaf(value)
            case Field(path):
                return at(scope.dot, path)
            case Variable(name, path):
                return at(scope.find(name), path)
            case Chain(of, path):
                return at(self._pipe(of, scope, depth), path)
            case Pipe():
                return self._pipe(term, scope, depth)
            case Function(name):
                return self._function(name, [], (), scope, depth)


def _chosen(name: str, values: Sequence[Value]) -> Value:
    """Return what a choice gives; one that hangs on what is not known is not known."""
    decisive = {"default": values[1:], "coalesce": values, "ternary": values[2:], "required": values[1:]}[
        name
    ]
    for one in decisive:
        truth = holds(one)
        if truth is None:
            return UNKNOWN
        if truth:
            break
    return called(name, values)


def _is_usable(name: str, value: Value) -> bool:
    """Say whether a function can do with a value of which parts are not known."""
    if isinstance(value, Rendered):
        return name in _KEEPS_TEXT or is_known(value)
    return isinstance(value, Table | Items) or is_known(value)


def _bounded(value: Value) -> Value:
    """Return a value, or UNKNOWN for a text that has grown beyond all bounds."""
    if isinstance(value, Rendered):
        many = len(value.pieces) > _MOST_PIECES
        return UNKNOWN if many or sum(len(piece.text) for piece in value.pieces) > _CHARACTERS else value
    return value


def _rounds(value: Value) -> Iterator[tuple[Value, Value]]:
    match value:
        case Table():
            for key in sorted(value.entries):
                yield Leaf(key, value.places.get(key)), value.entries[key]
        case Items(items):
            for number, one in enumerate(items):
                yield Leaf(number), one
        case Leaf(int() as count) if not isinstance(count, bool):
            for number in range(min(count, _MOST_ROUNDS)):
                yield Leaf(number), Leaf(number)
        case _:
            return


def _lines(path: str, made: Sequence[Stretch]) -> Iterator[Line]:
    """Yield where each line comes from: the first stretch that says something, and the first value in it."""
    template: Place | None = None
    said: Place | None = None
    for one in made:
        parts = one.text.split("\n")
        for number, part in enumerate(parts):
            if part.strip() and template is None:
                template = one.template
            if part.strip() and said is None:
                said = one.said
            if number < len(parts) - 1:
                yield Line(template or one.template, said)
                template = said = None
    last = made[-1].template if made else Place(path, 1)
    yield Line(template or last, said)
