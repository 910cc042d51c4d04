"""What writing JavaScript and TypeScript takes, whatever the framework."""

import re
from abc import abstractmethod
from collections.abc import Sequence
from typing import Final

from rollsafe.artefacts.migrations.code.javascript import Module
from rollsafe.artefacts.migrations.code.writing import (
    WIDTH,
    Site,
    Sql,
    Writer,
    functions_above,
)
from rollsafe.artefacts.migrations.conventions import Direction
from rollsafe.formats.code import Block, Code, Function, Program
from rollsafe.text import Edit, Span
from rollsafe.text.cached import cached_property
from rollsafe.text.patterns import lazily

_REPEATED: Final = frozenset({"for", "while", "do"})
_ASYNC = lazily(r"(?:(?:public|private|protected|static|export|default)\s+)*async\b")
_EMPTY = lazily(r"\{\s*\}")


class JavascriptWriter(Writer):
    """Writes a module again."""

    heads = "(?:await |return )?"
    comment = "//"
    waits: bool = True
    """Whether a function has to wait for what it sends."""

    @cached_property
    def module(self) -> Module:
        """The file and what it exports."""
        return Module(self.file)

    @cached_property
    def program(self) -> Program:
        """The program as it is."""
        return self.module.program

    @abstractmethod
    def function(self, way: Direction) -> Function | None:
        """Return the function of a way."""

    @abstractmethod
    def sent(self, sql: str, runner: str) -> list[str] | None:
        """Return the lines that send a statement by `runner`."""

    def way_of(self, path: Sequence[Code]) -> Direction | None:
        """Return the way of what has `path` above it."""
        functions = functions_above(path)
        if len(functions) != 1 or any(isinstance(one, Block) and one.kind in _REPEATED for one in path):
            raise LookupError
        for way in (Direction.UP, Direction.DOWN):
            own = self.function(way)
            if own is not None and Span.of(own) == Span.of(functions[0]):
                return way
        raise LookupError

    def plain_lines(self, code: Code, way: Direction | None) -> Site | None:
        """Return a statement, waited for or not."""
        return super().on_lines(code, way)

    def on_lines(self, code: Code, way: Direction | None) -> Site | None:
        """Return a statement that its function waits for."""
        found = self.plain_lines(code, way)
        return found if found is not None and found.head else None

    def statements(self, up: Sequence[Sql], down: Sequence[Sql], site: Site) -> list[str] | None:
        """Return the lines that send SQL on the way `site` is on."""
        own = self.function(site.way) if site.way is not None else None
        return self.all_sent([*up, *down], own.parameters[0]) if own is not None and own.parameters else None

    def all_sent(self, statements: Sequence[Sql], runner: str) -> list[str] | None:
        """Return the lines that send statements one after the other."""
        found: list[str] = []
        for one in statements:
            lines = self.sent(one.text, runner) if one.text else []
            if lines is None:
                return None
            found += [*self.remarks(one), *lines]
        return found

    def around(self, site: Site, before: list[str], after: list[str]) -> list[Edit]:
        """Return the edits that put lines before and after a statement, which is waited for then."""
        found = super().around(site, before, after)
        if site.head == "return " and found:
            at = Span(site.code.start - len(site.head), site.code.start)
            found += [Edit(at, "await "), *self._waiting(site)]
        return found

    def replaced(self, site: Site, lines: list[str]) -> list[Edit]:
        """Return the edits that put lines in the place of a statement."""
        return [*super().replaced(site, lines), *(self._waiting(site) if lines else ())]

    def _waiting(self, site: Site) -> list[Edit]:
        """Return the edit that lets a function wait."""
        own = self.function(site.way) if site.way is not None else None
        return self._asynchronous(own) if own is not None else []

    def _asynchronous(self, own: Function) -> list[Edit]:
        if not self.waits:
            return []
        line = self.text.rfind("\n", 0, own.start) + 1
        before = self.text[line : own.start].rstrip().endswith("async")
        return [] if before or _ASYNC.match(self.text, own.start) else [Edit(Span.at(own.start), "async ")]

    def way_back(self, statements: Sequence[Sql]) -> tuple[Edit, ...] | None:
        """Return how a function for the way back that does nothing gets statements."""
        down, up = self.function(Direction.DOWN), self.function(Direction.UP)
        empty = _EMPTY.search(self.text, down.start, down.end) if down is not None else None
        if down is None or up is None or empty is None or down.body or empty.end() != down.end:
            return None
        runner = (down.parameters or up.parameters)[0]
        lines = self.all_sent(statements, runner)
        nothing = self.text.find("()", down.start, empty.start()) if not down.parameters else -1
        if lines is None or (not down.parameters and (nothing < 0 or self.file.path.endswith("ts"))):
            return None
        line = self.text.rfind("\n", 0, down.start) + 1
        indent = self.text[line : len(self.text[line:]) - len(self.text[line:].lstrip(" \t")) + line]
        body = f"{{{self.eol}{self.block(lines, indent + self.tab)}{indent}}}"
        given = [Edit(Span(nothing, nothing + 2), f"({runner})")] if nothing >= 0 else []
        return (*given, *self._asynchronous(down), Edit(Span(*empty.span()), body))

    @property
    def semicolon(self) -> str:
        """What the program ends statements with."""
        return ";" if re.search(r";[ \t]*\r?$", self.text, re.M) else ""

    @property
    def tab(self) -> str:
        """One step of the program's indentation."""
        found = re.search(r"^(\t|  +)\S", self.text, re.M)
        return found[1][:4] if found is not None else "  "

    def template(self, sql: str, head: str, tail: str) -> list[str]:
        """Return a call with SQL as a template string, on lines of its own where it is long."""
        body = sql.replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${")
        if "\n" not in body and len(body) + len(head) <= WIDTH:
            return [f"{head}`{body}`{tail}"]
        return [f"{head}`", *(self.tab + one for one in body.split("\n")), f"`{tail}"]

    def string(self, sql: str, head: str, tail: str) -> list[str]:
        """Return a call with SQL as a string in the quotes the program uses."""
        quote = '"' if self.text.count('"') > self.text.count("'") else "'"
        other = "'" if quote == '"' else '"'
        mark = other if quote in sql and other not in sql else quote
        if "\n" in sql or mark in sql or "\\" in sql or len(sql) + len(head) > WIDTH:
            return self.template(sql, head, tail)
        return [f"{head}{mark}{sql}{mark}{tail}"]
