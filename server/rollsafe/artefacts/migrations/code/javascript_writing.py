"""Writing migrations in JavaScript and TypeScript: Knex and TypeORM."""

import re
from abc import abstractmethod
from collections.abc import Sequence
from functools import cached_property
from typing import Final

from rollsafe.artefacts.migrations.code.javascript import Module, classes, members
from rollsafe.artefacts.migrations.code.writing import (
    WIDTH,
    Next,
    Site,
    Sql,
    Writer,
    Written,
    camel,
    functions_above,
)
from rollsafe.artefacts.migrations.conventions import Direction
from rollsafe.formats.code import Block, Call, Class, Code, Function, Program, walk
from rollsafe.text import Edit, Span, apply_edits

_REPEATED: Final = frozenset({"for", "while", "do"})
_ASYNC = re.compile(r"(?:(?:public|private|protected|static|export|default)\s+)*async\b")
_EMPTY = re.compile(r"\{\s*\}")
_ES = re.compile(r"^export\s+(?:async\s+)?(?:function|const|let)\b", re.M)


class JavascriptWriter(Writer):
    """Writes a module again."""

    heads = "(?:await |return )?"
    comment = "//"

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

    def on_lines(self, code: Code, way: Direction | None) -> Site | None:
        """Return a statement that its function waits for."""
        found = super().on_lines(code, way)
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


class KnexWriter(JavascriptWriter):
    """Writes a migration of Knex again."""

    def function(self, way: Direction) -> Function | None:
        """Return the function that is exported for a way."""
        return self.module.function(str(way))

    def sent(self, sql: str, runner: str) -> list[str] | None:
        """Return the lines of `knex.raw(…)`, where a question mark would be a parameter."""
        return None if "?" in sql else self.string(sql, f"await {runner}.raw(", f"){self.semicolon}")

    def idiom(self, call: Call, words: str) -> tuple[Edit, ...] | None:
        """Return the edit of a column's own chain of calls."""
        if words != "-NOT NULL":
            return None
        found = [one for one in walk(call) if isinstance(one, Call) and one.name == "notNullable"]
        link = found[0] if len(found) == 1 else None
        return (Edit(Span(link.on.end, link.end), ""),) if link is not None and link.on is not None else None

    @property
    def _is_module(self) -> bool:
        return _ES.search(self.text) is not None

    def without_transaction(self) -> str | None:
        """Return the program with `config = { transaction: false }`."""
        line = self._config()
        if self.module.exported("config") is not None or line is None:
            return None
        return f"{self.text.rstrip()}{self.eol}{self.eol}{line}{self.eol}"

    def _config(self) -> str | None:
        if self._is_module:
            return f"export const config = {{ transaction: false }}{self.semicolon}"
        for path in ("exports", "module.exports"):
            if re.search(rf"^{re.escape(path)}\.up\b", self.text, re.M):
                return f"{path}.config = {{ transaction: false }}{self.semicolon}"
        return (
            f"module.exports.config = {{ transaction: false }}{self.semicolon}"
            if "module.exports" in self.text
            else None
        )

    def following(self, wanted: Next) -> Written | None:
        """Return the migration that follows."""
        ways = {name: self._way(name, one) for name, one in (("up", wanted.up), ("down", wanted.down))}
        config = self._config()
        if None in ways.values() or (wanted.apart and config is None):
            return None
        imported = re.search(r"^import\b[^\n]*knex[^\n]*$", self.text, re.M | re.I)
        strict = re.search(r"^['\"]use strict['\"];?$", self.text, re.M)
        head = [one[0].rstrip("\r") for one in (strict, imported) if one is not None]
        blocks = [[line] for line in head] + [one for one in ways.values() if one is not None]
        if wanted.apart and config is not None:
            blocks.append([config])
        lines = [line for one in blocks for line in (*one, "")][:-1]
        extension = self.file.name.rpartition(".")[2]
        return Written(self.renamed(f"{wanted.version}_{wanted.label}.{extension}"), self.block(lines, ""))

    def _way(self, name: str, statements: Sequence[Sql]) -> list[str] | None:
        own = self.function(Direction.UP)
        runner = own.parameters[0] if own is not None and own.parameters else "knex"
        lines = self.all_sent(statements, runner)
        if lines is None:
            return None
        typed = self.file.path.endswith("ts") and "Knex" in self.text
        given = f"{runner}: Knex" if typed else runner
        body = [self.tab + one for one in lines]
        if self._is_module:
            return [
                f"export async function {name}({given}){': Promise<void>' if typed else ''} {{",
                *body,
                "}",
            ]
        path = "exports" if re.search(r"^exports\.", self.text, re.M) else "module.exports"
        return [f"{path}.{name} = async function ({given}) {{", *body, f"}}{self.semicolon}"]


class TypeormWriter(JavascriptWriter):
    """Writes a migration of TypeORM again."""

    @cached_property
    def _class(self) -> Class | None:
        found = (one for one in classes(self.program) if "up" in members(one))
        return next(found, None)

    def function(self, way: Direction) -> Function | None:
        """Return the method of a way."""
        return members(self._class).get(str(way)) if self._class is not None else None

    def sent(self, sql: str, runner: str) -> list[str]:
        """Return the lines of `queryRunner.query(…)`."""
        return self.template(sql, f"await {runner}.query(", f"){self.semicolon}")

    def without_transaction(self) -> str | None:
        """Return the program with `transaction = false`."""
        made = self._class
        if (
            made is None
            or not made.body
            or any(getattr(one, "name", "") == "transaction" for one in made.body)
        ):
            return None
        first = made.body[0]
        start = self.text.rfind("\n", 0, first.start) + 1
        indent = self.text[start : first.start]
        indent = indent if not indent.strip() else self.tab
        is_field = not isinstance(first, Function)
        end = self.text.find("\n", first.end) + 1 if is_field else start
        line = f"{indent}transaction = false{self.semicolon}{self.eol}{'' if is_field else self.eol}"
        return apply_edits(self.text, [Edit(Span.at(end), line)])

    def following(self, wanted: Next) -> Written | None:
        """Return the migration that follows."""
        runner = "queryRunner"
        named = f"{camel(wanted.label)}{wanted.version}"
        typed = self.file.path.endswith("ts")
        q = "'" if self.text.count("'") > self.text.count('"') else '"'
        given = f"{runner}: QueryRunner): Promise<void>" if typed else f"{runner})"
        fields = (
            [f"name = {q}{named}{q}{self.semicolon}"] if re.search(r"^\s+name\s*=", self.text, re.M) else []
        )
        fields += [f"transaction = false{self.semicolon}"] if wanted.apart else []
        body: list[str] = [*fields, *([""] if fields else [])]
        # TypeORM goes back in a transaction whatever the migration says.
        back = [one._replace(text=one.text.replace(" CONCURRENTLY ", " ")) for one in wanted.down]
        for name, statements in (("up", wanted.up), ("down", back)):
            lines = self.all_sent(statements, runner) or []
            public = "public " if typed and "public async" in self.text else ""
            body += [f"{public}async {name}({given} {{", *(self.tab + one for one in lines), "}", ""]
        head, foot = self._frame(named, typed=typed, quote=q)
        text = self.block([*head, *(self.tab + one if one else one for one in body[:-1]), *foot], "")
        extension = self.file.name.rpartition(".")[2]
        return Written(self.renamed(f"{wanted.version}-{camel(wanted.label)}.{extension}"), text)

    def _frame(self, named: str, *, typed: bool, quote: str) -> tuple[list[str], list[str]]:
        if typed or re.search(r"^import\b", self.text, re.M):
            kinds = "import { MigrationInterface, QueryRunner } from"
            head = [f"{kinds} {quote}typeorm{quote}{self.semicolon}", ""] if typed else []
            implements = " implements MigrationInterface" if typed else ""
            return [*head, f"export class {named}{implements} {{"], ["}"]
        said = f"/** @implements {{import({quote}typeorm{quote}).MigrationInterface}} */"
        return [said, f"module.exports = class {named} {{"], [f"}}{self.semicolon}"]
