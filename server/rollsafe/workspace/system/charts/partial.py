"""Charts rendered as far as their files decide, the rest left in tags.

What comes out is a template again, in which everything that is known is written out. Where a condition is not
known, all of its branches are there, each between tags that have a line to themselves; a reader of templates
then knows that there may be more. What `helm` asks a cluster for is not known.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rollsafe.formats.go_template_nodes import (
    Block,
    Body,
    Branch,
    Field,
    Function,
    Insert,
    Pipe,
    Print,
    Tag,
    Term,
    Variable,
)
from rollsafe.text import Span
from rollsafe.text.patterns import lazily
from rollsafe.text.records import field, state
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.system.charts.editions import ChartPart, Edition
from rollsafe.workspace.system.charts.render import RenderedText, Renderer, Stretch, TooMuchError
from rollsafe.workspace.system.charts.rendering import template_in
from rollsafe.workspace.system.charts.scope import Scope
from rollsafe.workspace.system.charts.sources import Source
from rollsafe.workspace.system.charts.values import (
    NOTHING,
    UNKNOWN,
    Items,
    Leaf,
    Table,
    Value,
    holds,
    text_of,
)
from rollsafe.workspace.system.facts import Place

_MOST_STEPS: Final = 30_000
_SEPARATOR: Final = lazily(r"^---(?=[^\s-])", re.M)
_PATH: Final = lazily(r"\.Values\.([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)")
_OPEN_TAG: Final = "{{ }}"
_CHANGING: Final = frozenset(
    {"set", "unset", "merge", "mergeOverwrite", "mustMerge", "mustMergeOverwrite", "mustSet"}
)
"""Functions that change their first argument, which may be what other places look at."""


class Demand(NamedTuple):
    """A value that a template cannot do without and does not get; Helm stops with `message`.

    `tag` is the one that asks for it, in the template at `path`; `value` is its name where that is plain.
    """

    path: str
    tag: Tag
    value: tuple[str, ...]
    message: str


class PartialText(NamedTuple):
    """A template as far as it can be rendered, the names of what it includes, and what it lacks.

    `text` is None for one that cannot be followed, or is too much; `why` tells it.
    """

    text: RenderedText | None
    included: frozenset[str]
    demands: tuple[Demand, ...]
    why: str = ""


@state
class PartialRenderer(Renderer):
    """Renders templates and leaves what is not known; `included` are the names of what they include."""

    most_steps: int = _MOST_STEPS
    included: set[str] = field(default_factory=set[str])
    demands: list[Demand] = field(default_factory=list[Demand])
    around: int = 0
    """How many included templates are being rendered, one inside of the other."""

    doubts: int = 0
    """How many branches are being rendered of which nobody knows whether they are taken."""

    _tag: tuple[str, Tag] | None = None
    """The tag whose value is asked for, and the file it is in."""

    # -- what is printed

    def _printed(self, item: Print, scope: Scope, path: str, depth: int) -> Iterator[Stretch]:
        outer, self._tag = self._tag, (path, item.tag)
        value = self._pipe(item.pipe, scope, depth)
        self._tag = outer
        if item.pipe.variables:
            return
        if value is UNKNOWN or value == NOTHING or isinstance(value, Table | Items):
            yield self._left_open(item, path)
        else:
            yield from self._said(value, item.tag, path)

    def _left_open(self, item: Print, path: str) -> Stretch:
        """Return a tag whose value is not known; on a line by itself if it makes lines."""
        # Where something else moves the text in, the column that a tag names is not the one it prints at.
        text = _OPEN_TAG if self.around else item.tag.source
        begins = _ends_with(item.pipe, "nindent") or (item.tag.is_alone and _ends_with(item.pipe, "indent"))
        before = ("\n" if item.tag.is_alone else " ") if begins else ""
        return _stretch(before + text, item.tag, path)

    def _inserted(self, item: Insert, scope: Scope, path: str, depth: int) -> Iterator[Stretch]:
        for one in super()._inserted(item, scope, path, depth):
            yield one._replace(template=Place(path, item.tag.line), span=Span.of(item.tag), is_verbatim=False)

    def _defined(self, name: str, dot: Value, depth: int) -> Iterator[Stretch]:
        self.included.add(name)
        self.around += 1
        try:
            yield from super()._defined(name, dot, depth + 1)
        finally:
            self.around -= 1

    # -- blocks

    def _undecided(
        self, block: Block, branch: Branch, scope: Scope, path: str, depth: int
    ) -> Iterator[Stretch]:
        """Yield all branches that may be taken, from `branch` on."""
        possible = block.branches[block.branches.index(branch) :]
        yield from self._either_of(block, possible, scope, path, depth)

    def _undecided_range(self, block: Block, scope: Scope, path: str, depth: int) -> Iterator[Stretch]:
        yield from self._either_of(block, block.branches, scope, path, depth)

    def _either_of(
        self, block: Block, branches: Sequence[Branch], scope: Scope, path: str, depth: int
    ) -> Iterator[Stretch]:
        self.doubts += 1
        yield from self._every(block, branches, scope, path, depth)
        self.doubts -= 1

    def _every(
        self, block: Block, branches: Sequence[Branch], scope: Scope, path: str, depth: int
    ) -> Iterator[Stretch]:
        if block.tag.is_alone:
            for number, one in enumerate(branches):
                word = "else" if number else "if"
                yield _stretch(f"\n{{{{ {word} }}}}\n", block.tag, path)
                yield from self._body(one.body, self._inside(block, one, scope), path, depth + 1)
                _forget(scope, [one.body])
            yield _stretch("\n{{ end }}\n", block.tag, path)
        else:
            yield _stretch(_OPEN_TAG, block.tag, path)
            _forget(scope, [one.body for one in branches])

    def _inside(self, block: Block, branch: Branch, scope: Scope) -> Scope:
        changes_dot = branch.pipe is not None and block.word in ("with", "range")
        inner = scope.inside(UNKNOWN if changes_dot else scope.dot)
        if branch.pipe is not None:
            inner.variables.update(dict.fromkeys(branch.pipe.variables, UNKNOWN))
        return inner

    # -- what a cluster knows

    def _method(self, first: Field | Variable, values: Sequence[Value]) -> Value:
        found = super()._method(first, values)
        return found if holds(found) else UNKNOWN

    def _function(
        self, name: str, values: list[Value], terms: Sequence[Term], scope: Scope, depth: int
    ) -> Value:
        if name == "lookup":
            return UNKNOWN
        if name == "required" and len(values) > 1 and not self.doubts:
            self._demand(values, terms)
        if name in _CHANGING and terms and isinstance(terms[0], Field):
            raise TooMuchError(f"it changes values while it is rendered: `{name}`")
        return super()._function(name, values, terms, scope, depth)

    def _demand(self, values: Sequence[Value], terms: Sequence[Term]) -> None:
        """Take note of a value that Helm finds missing: none at all, or an empty text."""
        value = values[1]
        is_missing = isinstance(value, Leaf) and value.value in (None, "")
        if not is_missing or self._tag is None or not isinstance(values[0], Leaf):
            return
        path, tag = self._tag
        self.demands.append(Demand(path, tag, _name_of(terms, tag), text_of(values[0])))


def render(edition: Edition, part: ChartPart, template: Source) -> PartialText:
    """Return a template as far as it can be rendered with the values of a chart."""
    renderer = PartialRenderer(part.root, dict(edition.defined))
    made = renderer.render(template.path, template_in(template))
    if made is not None:
        made = made._replace(stretches=tuple(_with_breaks(made)))
    demands = tuple(dict.fromkeys(renderer.demands)) if made is not None else ()
    return PartialText(made, frozenset(renderer.included), demands, renderer.why)


def _with_breaks(made: RenderedText) -> Iterator[Stretch]:
    """Yield what is rendered with a line break behind each `---` that begins a line.

    Helm parts manifests there whatever follows; YAML takes `---name: a` for a key.
    """
    text, at = made.text, 0
    ends = [one.end() for one in _SEPARATOR.finditer(text)]
    for one in made.stretches:
        done = 0
        while ends and ends[0] <= at + len(one.text):
            cut = ends.pop(0) - at
            yield _part(one, done, cut)
            yield one._replace(text="\n", span=Span(one.span.end, one.span.end), is_verbatim=False)
            done = cut
        yield _part(one, done, len(one.text)) if done else one
        at += len(one.text)


def _part(one: Stretch, start: int, end: int) -> Stretch:
    """Return a part of a stretch by its offsets."""
    span = Span(one.span.start + start, one.span.start + end) if one.is_verbatim else one.span
    return one._replace(text=one.text[start:end], span=span)


def _name_of(terms: Sequence[Term], tag: Tag) -> tuple[str, ...]:
    """Return the path of the value a `required` is about, where its tag says it; else an empty one."""
    term = terms[1] if len(terms) > 1 else None
    if isinstance(term, Field | Variable) and term.path[:1] == ("Values",):
        return term.path[1:]
    found = set(_PATH.findall(tag.source)) if term is None else set[str]()
    return tuple(found.pop().split(".")) if len(found) == 1 else ()


def _stretch(text: str, tag: Tag, path: str) -> Stretch:
    return Stretch(text, Place(path, tag.line), None, Span.of(tag))


def _ends_with(pipe: Pipe, name: str) -> bool:
    first = pipe.commands[-1][0]
    return isinstance(first, Function) and first.name == name


def _forget(scope: Scope, bodies: list[Body]) -> None:
    """Take the variables that bodies set for not known: nobody can tell whether that happens."""
    for name in _assigned(bodies):
        scope.assign(name, UNKNOWN)


def _assigned(bodies: Iterable[Body]) -> Iterator[str]:
    pending = list(bodies)
    while pending:
        for item in pending.pop():
            if isinstance(item, Print) and item.pipe.variables and not item.pipe.declares:
                yield from item.pipe.variables
            elif isinstance(item, Block):
                pending += (branch.body for branch in item.branches)
