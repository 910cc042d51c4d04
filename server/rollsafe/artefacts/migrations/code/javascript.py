"""What all frameworks of JavaScript have in common: what a file exports, and going through what it does."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Final

from rollsafe.artefacts.migrations.code.databases import Dialects, taken
from rollsafe.artefacts.migrations.code.script import Part, Script, Written
from rollsafe.artefacts.migrations.code.untaken import is_explained
from rollsafe.artefacts.migrations.conventions import Convention, Direction, DownStyle, Transactions
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.code import (
    Assign,
    Block,
    Call,
    Class,
    Code,
    Function,
    Items,
    Literal,
    Name,
    Opaque,
    Pairs,
    Program,
    Text,
    walk,
)
from rollsafe.formats.code.javascript import read_javascript
from rollsafe.text import Located
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

_NAME = lazily(r"(?P<version>\d+(?:[.-]\d+)*)[_.-]*(?P<label>.*?)\.[cm]?[jt]s\Z")
_MAX_HOPS: Final = 3
_AFTERWARDS: Final = frozenset({"then", "finally", "catch"})
_EACH: Final = frozenset({"forEach", "map", "each", "mapSeries", "eachSeries"})
_IDLE: Final = frozenset(
    {"resolve", "reject", "log", "info", "warn", "debug", "error", "Error", "require", "now"}
)
"""Calls that change nothing in a database."""


class Module:
    """A file of JavaScript or TypeScript, and what it hands to whoever loads it."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.program: Program = read_javascript(file.text)
        named = (one for one in self.program.body if isinstance(one, Function) and one.name)
        self.functions = {one.name: one for one in named}
        for one in self.program.body:
            if isinstance(one, Assign) and isinstance(one.value, Function):
                self.functions.setdefault(one.name, one.value)

    def exported(self, name: str) -> Code | None:
        """Return what is exported under a name, however that is written."""
        for path in (f"exports.{name}", f"module.exports.{name}", name):
            found = self.program.assigned(path) or self.program.function(path)
            if found is not None:
                return self._resolved(found)
        for path in ("module.exports", "default"):
            whole = self._resolved(self.program.assigned(path))
            held = whole.get(name) if isinstance(whole, Pairs) else None
            if held is not None:
                return self._resolved(held)
        return None

    def function(self, name: str) -> Function | None:
        """Return the function that is exported under a name."""
        found = self.exported(name)
        return found if isinstance(found, Function) else None

    def refuses(self, function: Function | None) -> bool:
        """Say whether a way back throws, or does nothing and tells why."""
        return refuses(function) or (not acts(function) and self.explains(function))

    def explains(self, function: Function | None) -> bool:
        """Say whether a remark in a function tells why it does nothing."""
        return function is not None and is_explained(function, self.program, self.file.text)

    def _resolved(self, code: Code | None) -> Code | None:
        for _ in range(_MAX_HOPS):
            if isinstance(code, Assign):
                code = code.value
            elif isinstance(code, Name):
                code = self.program.function(code.path) or self.program.assigned(code.path)
        return code

    def convention(self, name: str, transactions: Transactions, reason: str) -> Convention:
        """Return the convention of a file with both ways, whose name begins with its version."""
        named = _NAME.match(self.file.name)
        stem = self.file.name.rpartition(".")[0]
        return Convention(
            name=name,
            version=named["version"] if named else "",
            label=named["label"] or stem if named else stem,
            direction=Direction.BOTH,
            home=self.file.directory,
            transactions=transactions,
            reason=reason,
            down_path=self.file.path,
            down_style=DownStyle.SECTION,
        )


def classes(program: Program) -> Iterator[Class]:
    """Yield the classes of a file, also those that are exported as a value."""
    for one in program.body:
        value = one.value if isinstance(one, Assign) else one
        if isinstance(value, Class):
            yield value


def members(made: Class) -> dict[str, Function]:
    """Return the methods of a class by name, functions it keeps in properties too."""
    found = {one.name: one for one in made.body if isinstance(one, Function)}
    for one in made.body:
        if isinstance(one, Assign) and isinstance(one.value, Function):
            found.setdefault(one.name, one.value)
    return found


def refuses(function: Function | None) -> bool:
    """Say whether a function does nothing but throw."""
    return function is not None and any(
        isinstance(one, Block) and one.kind == "throw" for one in function.body
    )


def acts(function: Function | None) -> bool:
    """Say whether a function does anything that may change a database."""
    if function is None or refuses(function):
        return False
    return any(isinstance(one, Call) and one.name not in _IDLE for one in walk(function))


class Chain(NamedTuple):
    """Calls made one on the other, `root.a().b()`: the dotted name it begins with, and the calls in order."""

    root: str
    links: tuple[Call, ...]

    @classmethod
    def of(cls, call: Call) -> "Chain":
        """Return the chain that ends with a call."""
        links: list[Call] = []
        on: Code | None = call
        while isinstance(on, Call):
            links.append(on)
            on = on.on
        return cls(on.path if isinstance(on, Name) else "", tuple(reversed(links)))

    def link(self, *names: str) -> Call | None:
        """Return the last call of one of `names`."""
        return next((one for one in reversed(self.links) if one.name in names), None)


class Scope(NamedTuple):
    """Where a statement stands: the names of what runs statements there, and how far calls have led."""

    runners: frozenset[str]
    hops: int = 0
    apart: bool = False


class Way(ABC):
    """Goes through what a function does, and writes the statements that come of it."""

    def __init__(self, module: Module, script: Script, within: Class | None = None) -> None:
        self.module = module
        self.script = script
        self._dialects = Dialects(module.program, module.file.text)
        self._functions = module.functions if within is None else {**module.functions, **members(within)}
        self._values = {one.name: one.value for one in module.program.body if isinstance(one, Assign)}
        for one in within.body if within is not None else ():
            if isinstance(one, Assign):
                self._values[f"this.{one.name}"] = one.value

    @abstractmethod
    def call(self, call: Call, scope: Scope) -> None:
        """Write what a call of the framework does; others are left alone."""

    def run(self, function: Function, scope: Scope) -> None:
        """Write what a function does."""
        self.do(function.body, scope)

    def do(self, body: Iterable[Code], scope: Scope) -> None:
        """Write what statements do."""
        for one in taken(body, self._dialects):
            if not isinstance(one, Function | Class):
                with self.script.unit(one):
                    self._visit(one, scope)

    def _visit(self, code: Code, scope: Scope) -> None:
        match code:
            case Block():
                if code.kind != "throw":
                    self.do(code.body, scope)
            case Assign():
                self._values[code.name] = code.value
                self._visit(code.value, scope)
            case Opaque():
                for one in code.parts:
                    self._visit(one, scope)
            case Items():
                for one in code.items:
                    self._visit(one, scope)
            case Call():
                self._call(code, scope)
            case _:
                pass

    def _call(self, call: Call, scope: Scope) -> None:
        inner = [one for one in call.arguments if isinstance(one, Function)]
        helper = self._functions.get(call.name) if call.on is None or call.path.startswith("this.") else None
        if call.on is not None and call.name in _AFTERWARDS:
            self._visit(call.on, scope)
            self._all(inner if call.name != "catch" else [], scope)
        elif call.path in ("Promise.all", "Promise.allSettled"):
            for one in call.arguments:
                self._visit(one, scope)
        elif call.name in _EACH and inner:
            self._all(inner, scope)
        elif helper is not None and scope.hops < _MAX_HOPS:
            self.run(helper, _within(helper, call, scope))
        else:
            self.call(call, scope)

    def _all(self, functions: Iterable[Function], scope: Scope) -> None:
        for one in functions:
            self.do(one.body, scope)

    def resolved(self, code: Code | None) -> Code | None:
        """Return what a name was last given; other values as they are."""
        for _ in range(_MAX_HOPS):
            if not isinstance(code, Name) or code.path not in self._values:
                break
            code = self._values[code.path]
        return code

    def sql(self, code: Code | None, place: Located, *, apart: bool = False) -> None:
        """Write SQL given as a string; what a template computes stays in it as `${…}`, a placeholder."""
        if isinstance(code, Text):
            self.script.sql(templated(code, self.module.file), place, apart=apart)


def _within(helper: Function, call: Call, scope: Scope) -> Scope:
    given = zip(helper.parameters, call.arguments, strict=False)
    passed = {name for name, one in given if isinstance(one, Name) and one.path in scope.runners}
    return scope._replace(runners=scope.runners | passed, hops=scope.hops + 1)


def templated(text: Text, file: SourceFile) -> Text:
    """Return a template as it is written where parts of it are computed; other strings as they are."""
    written = file.text[text.inner.start : text.inner.end]
    if not text.is_partial or file.text[text.start : text.start + 1] != "`" or "\\" in written:
        return text
    return Text(text.start, text.end, written, text.inner, is_verbatim=True, is_partial=True)


def value_of(code: Code | None) -> object:
    """Return a string, number or truth value that is not computed; None for anything else."""
    if isinstance(code, Text):
        return None if code.is_partial else code.value
    return code.value if isinstance(code, Literal) else None


def text_of(code: Code | None) -> str:
    """Return a string that is not computed; empty for anything else."""
    found = value_of(code)
    return found if isinstance(found, str) else ""


def number_of(code: Code | None, otherwise: int | None = None) -> int | None:
    """Return a whole number."""
    found = value_of(code)
    return found if isinstance(found, int) and not isinstance(found, bool) else otherwise


def is_true(code: Code | None) -> bool:
    """Say whether a value is literally `true`."""
    return value_of(code) is True


def is_false(code: Code | None) -> bool:
    """Say whether a value is literally `false`."""
    return value_of(code) is False


def entries(code: Code | None) -> Iterator[tuple[str, Code]]:
    """Yield the names and values of an object."""
    for one in code.entries if isinstance(code, Pairs) else ():
        yield one.name, one.value


def underscored(words: str) -> str:
    """Return words in camel case as they are written in snake case."""
    return re.sub(r"([a-z\d])([A-Z])", r"\1_\2", re.sub(r"([A-Z\d]+)([A-Z][a-z])", r"\1_\2", words)).lower()


def dotted_name(code: Code | None, schema: str = "") -> Part | None:
    """Return a name that may have dots, in `schema` if that is not empty; None if it is computed."""
    value = text_of(code)
    if not value or not isinstance(code, Text):
        return None
    text = ".".join(quoted(part) for part in ((schema, value) if schema else value.split(".")))
    return Written(text, code.inner, is_verbatim=text == value and code.is_verbatim)
