"""Writing migrations that export a function for each way: Knex, node-pg-migrate and Sequelize."""

import re
from collections.abc import Sequence

from rollsafe.artefacts.migrations.code.javascript_writing import JavascriptWriter
from rollsafe.artefacts.migrations.code.writing import Next, Site, Sql, Written
from rollsafe.artefacts.migrations.conventions import Direction
from rollsafe.formats.code import Call, Code, Function, Pairs, walk
from rollsafe.text import Edit, Span, apply_edits

_ES = re.compile(r"^export\s+(?:async\s+)?(?:function|const|let)\b", re.M)
_STRICT = re.compile(r"^['\"]use strict['\"];?$", re.M)
_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*\Z")


class ExportsWriter(JavascriptWriter):
    """Writes a module again; `library` and `builder` name the type of what its functions are given."""

    library: str
    builder: str

    def function(self, way: Direction) -> Function | None:
        """Return the function that is exported for a way."""
        return self.module.function(str(way))

    @property
    def is_module(self) -> bool:
        """Whether the file exports by `export`."""
        return _ES.search(self.text) is not None

    @property
    def runner(self) -> str | None:
        """The name of what the way up is given; None where it is taken apart."""
        own = self.function(Direction.UP)
        found = own.parameters[0] if own is not None and own.parameters else ""
        return found if _IDENTIFIER.match(found) else None

    def opening(self, *, apart: bool) -> list[str]:
        """Return the lines a way begins with."""
        return []

    def closing(self, *, apart: bool) -> list[str] | None:
        """Return the lines a file ends with; None where what is wanted cannot be said."""
        return []

    def following(self, wanted: Next) -> Written | None:
        """Return the migration that follows."""
        ways = {
            name: self._way(name, one, wanted) for name, one in (("up", wanted.up), ("down", wanted.down))
        }
        closing = self.closing(apart=wanted.apart)
        if None in ways.values() or closing is None:
            return None
        imported = re.search(rf"^import\b[^\n]*{self.library}[^\n]*$", self.text, re.M | re.I)
        strict = _STRICT.search(self.text)
        head = [one[0].rstrip("\r") for one in (strict, imported) if one is not None]
        blocks = [[line] for line in head] + [one for one in ways.values() if one is not None]
        blocks += [closing] if closing else []
        lines = [line for one in blocks for line in (*one, "")][:-1]
        extension = self.file.name.rpartition(".")[2]
        return Written(self.renamed(f"{wanted.version}_{wanted.label}.{extension}"), self.block(lines, ""))

    def _way(self, name: str, statements: Sequence[Sql], wanted: Next) -> list[str] | None:
        runner = self.runner
        lines = self.all_sent(statements, runner) if runner is not None else None
        if lines is None:
            return None
        typed = self.file.path.endswith("ts") and self.builder in self.text
        given = f"{runner}: {self.builder}" if typed else runner
        apart = wanted.apart and (name == "up" or any(" CONCURRENTLY " in one for one in lines))
        body = [self.tab + one for one in (*self.opening(apart=apart), *lines)]
        if self.is_module:
            result = ": Promise<void>" if typed else ""
            return [f"export async function {name}({given}){result} {{", *body, "}"]
        path = "exports" if re.search(r"^exports\.", self.text, re.M) else "module.exports"
        return [f"{path}.{name} = async function ({given}) {{", *body, f"}}{self.semicolon}"]


class KnexWriter(ExportsWriter):
    """Writes a migration of Knex again."""

    library = "knex"
    builder = "Knex"

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

    def without_transaction(self, way: Direction) -> str | None:
        """Return the program with `config = { transaction: false }`."""
        lines = self.closing(apart=True)
        if self.module.exported("config") is not None or lines is None:
            return None
        return f"{self.text.rstrip()}{self.eol}{self.eol}{self.block(lines, '')}"

    def closing(self, *, apart: bool) -> list[str] | None:
        """Return the line that tells Knex to leave out the transaction."""
        if not apart:
            return []
        if self.is_module:
            return [f"export const config = {{ transaction: false }}{self.semicolon}"]
        path = "exports" if re.search(r"^exports\.up\b", self.text, re.M) else "module.exports"
        told = path in self.text
        return [f"{path}.config = {{ transaction: false }}{self.semicolon}"] if told else None


class SequelizeWriter(ExportsWriter):
    """Writes a migration of Sequelize again; each of its statements is on its own."""

    library = "sequelize"
    builder = "QueryInterface"

    def sent(self, sql: str, runner: str) -> list[str] | None:
        """Return the lines of `queryInterface.sequelize.query(…)`."""
        if not _IDENTIFIER.match(runner):
            return None
        return self.string(sql, f"await {runner}.sequelize.query(", f"){self.semicolon}")

    def idiom(self, call: Call, words: str) -> tuple[Edit, ...] | None:
        """Return the option of an index, or of a column."""
        if call.name == "addIndex" and words == "CONCURRENTLY":
            return with_option(call, "concurrently: true")
        if call.name == "addColumn" and words == "-NOT NULL":
            options = call.at(2)
            told = options.get("allowNull") if isinstance(options, Pairs) else None
            return (Edit(Span.of(told), "true"),) if told is not None else None
        return None

    def without_transaction(self, way: Direction) -> str | None:
        """Return the program as it is."""
        return self.text


class PgmWriter(ExportsWriter):
    """Writes a migration of node-pg-migrate again; what it asks for is sent when it is done."""

    waits = False
    library = "node-pg-migrate"
    builder = "MigrationBuilder"

    def on_lines(self, code: Code, way: Direction | None) -> Site | None:
        """Return a statement; where the way back follows from the way up, it is of both."""
        both = way is Direction.UP and self.module.exported("down") is None
        found = self.plain_lines(code, None if both else way)
        return found if found is not None and found.head != "return " else None

    def sent(self, sql: str, runner: str) -> list[str] | None:
        """Return the lines of `pgm.sql(…)`."""
        return self.string(sql, f"{runner}.sql(", f"){self.semicolon}")

    def idiom(self, call: Call, words: str) -> tuple[Edit, ...] | None:
        """Return the option of an index."""
        if call.name in ("createIndex", "addIndex", "dropIndex") and words == "CONCURRENTLY":
            return with_option(call, "concurrently: true")
        return None

    def opening(self, *, apart: bool) -> list[str]:
        """Return the line that tells node-pg-migrate to leave out the transaction."""
        return [f"{self.runner}.noTransaction(){self.semicolon}"] if apart else []

    def without_transaction(self, way: Direction) -> str | None:
        """Return the program with `pgm.noTransaction()` as the first thing a way does."""
        own = self.function(way)
        if own is None or not own.body or self.runner is None:
            return None
        first = own.body[0]
        start = self.text.rfind("\n", 0, first.start) + 1
        indent = self.text[start : first.start]
        blank = not indent.strip() and start > own.start
        line = self.block(self.opening(apart=True), indent)
        return apply_edits(self.text, [Edit(Span.at(start), line)]) if blank else None


def with_option(call: Call, option: str) -> tuple[Edit, ...]:
    """Return the edit that gives a call one more option, in the object that is its last argument."""
    last = call.arguments[-1] if call.arguments else None
    if isinstance(last, Pairs):
        if last.entries:
            return (Edit(Span.at(last.entries[-1].end), f", {option}"),)
        return (Edit(Span.of(last), f"{{ {option} }}"),)
    end = last.end if last is not None else call.end - 1
    return (Edit(Span.at(end), f"{', ' if last is not None else ''}{{ {option} }}"),)
