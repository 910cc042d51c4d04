"""TypeORM migrations: raw SQL and the query runner's own calls as the statements they send to PostgreSQL.

What a call sends may depend on the table as it is: the keys a column has go with it, a changed column is
made anew if its type differs. That part is left out, or marked as restating.
"""

from collections.abc import Callable
from typing import Final

from rollsafe.artefacts.migrations.code import typeorm_tables as tables
from rollsafe.artefacts.migrations.code.definitions import separated
from rollsafe.artefacts.migrations.code.javascript import (
    Chain,
    Module,
    Scope,
    Way,
    acts,
    classes,
    dotted_name,
    is_false,
    is_true,
    members,
    text_of,
)
from rollsafe.artefacts.migrations.code.migration import Translation
from rollsafe.artefacts.migrations.code.script import Part, Script, literal, name
from rollsafe.artefacts.migrations.code.typeorm_columns import column_of, options_of
from rollsafe.artefacts.migrations.conventions import Convention, Direction, Transactions
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.code import Assign, Call, Class, Code, Items, Pairs, Text
from rollsafe.text.patterns import lazily
from rollsafe.text.records import replace

_TIMESTAMP: Final = lazily(r"\d{13}\Z")
_HINTS: Final = ("typeorm", "MigrationInterface", "queryRunner")
_WRITES: Final = frozenset(
    {
        *("save", "insert", "update", "upsert", "delete", "remove", "softDelete", "softRemove", "recover"),
        *("execute", "increment", "decrement", "restore", "clear"),
    }
)
"""What repositories and query builders do to rows."""


def translate(file: SourceFile) -> Translation | None:
    """Return what `file` sends to the database if TypeORM would run it, else None."""
    if not any(hint in file.text for hint in _HINTS):
        return None
    module = Module(file)
    made = next((one for one in classes(module.program) if _is_migration(one)), None)
    if made is None:
        return None
    script = Script()
    methods = members(made)
    values = {one.name: one.value for one in made.body if isinstance(one, Assign)}
    apart = is_false(values.get("transaction"))
    for direction in (Direction.UP, Direction.DOWN):
        script.begin(direction)
        function = methods.get(str(direction))
        if function is not None:
            given = function.parameters[0].split() if function.parameters else []
            scope = Scope(_runners(given), apart=apart)
            _Way(module, script, made, frozenset(given) - scope.runners).run(function, scope)
    down = methods.get("down")
    convention = _convention(module, text_of(values.get("name")) or made.name, apart=apart)
    return Translation(convention, script, acts(down), module.refuses(down), module.program.problems)


def _is_migration(made: Class) -> bool:
    up = members(made).get("up")
    if up is None or not up.parameters:
        return False
    return "MigrationInterface" in " ".join(made.bases) or "runner" in up.parameters[0].lower()


def _runners(given: list[str]) -> frozenset[str]:
    """Return the query runner among what a way is given: itself, or held by an object that is taken apart."""
    return frozenset(given if len(given) == 1 else (one for one in given if "runner" in one.lower()))


def _convention(module: Module, own_name: str, *, apart: bool) -> Convention:
    """Return the convention; migrations run in the order of the times that their names end with."""
    transactions = Transactions.SEPARATE if apart else Transactions.WRAPPED
    reason = "`transaction = false`" if apart else "TypeORM runs pending migrations in a transaction"
    found = module.convention("typeorm", transactions, reason)
    time = _TIMESTAMP.search(own_name)
    return found if time is None else replace(found, version=time[0])


class _Way(Way):
    """Writes the statements of one way."""

    def __init__(self, module: Module, script: Script, within: Class, helpers: frozenset[str]) -> None:
        super().__init__(module, script, within)
        self._helpers = frozenset(one for one in helpers if "log" not in one.lower())
        self._is_open: bool | None = None

    def call(self, call: Call, scope: Scope) -> None:
        """Write what a call on the query runner does; helpers that are handed over beside it are computed."""
        chain = Chain.of(call)
        owner = chain.root.partition(".")[0]
        first = chain.links[0]
        if owner not in scope.runners:
            if (owner or first.name) in self._helpers:
                self.script.opaque(call)
            return
        if first.name == "query":
            self.sql(self.resolved(first.at(0)), first)
        elif chain.root == owner and first.name in ("startTransaction", "commitTransaction"):
            self._bracket(first, scope)
        elif chain.root == owner and first.name in _CALLS:
            _CALLS[first.name](self, first)
        elif chain.link(*_WRITES) is not None:
            self.script.opaque(call)

    def _bracket(self, call: Call, scope: Scope) -> None:
        """Write the begin or end of a transaction; one within another is only a savepoint."""
        is_open = not scope.apart if self._is_open is None else self._is_open
        begins = call.name == "startTransaction"
        if begins != is_open:
            self.script.statement(["BEGIN" if begins else "COMMIT"], call)
        self._is_open = begins

    def site(self, code: Code | None) -> tables.Site | None:
        """Return the table an argument means: by name, as an object, or as it was asked for before."""
        found = self.resolved(code)
        if isinstance(found, Call) and found.name == "getTable":
            found = self.resolved(found.at(0))
        schema = ""
        if isinstance(found, Call) and found.name == "Table":
            options = options_of(found)
            schema = text_of(options.get("schema")) if options is not None else ""
            found = options.get("name") if options is not None else None
        named = dotted_name(found, schema)
        return tables.Site(named, text_of(found)) if named is not None else None

    def several(self, code: Code | None) -> tuple[Code, ...]:
        """Return the objects a list holds."""
        found = self.resolved(code)
        rows = found.items if isinstance(found, Items) else (found,)
        return tuple(one for row in rows if (one := self.resolved(row)) is not None)

    def write(self, rows: list[tables.Row]) -> None:
        """Write statements, each with its place."""
        for parts, place in rows:
            self.script.statement(parts, place)


_Write = Callable[[_Way, Call], None]


def _create_table(way: _Way, call: Call) -> None:
    site, options = way.site(call.at(0)), options_of(way.resolved(call.at(0)))
    if site is None or options is None:
        return
    keys, indexes = (not is_false(call.at(position)) for position in (2, 3))
    way.write(tables.create(site, options, call, keys=keys, indexes=indexes))


def _drop_table(way: _Way, call: Call) -> None:
    site = way.site(call.at(0))
    if site is not None:
        way.write([(["DROP TABLE ", site.name], call)])


def _rename_table(way: _Way, call: Call) -> None:
    site, new = way.site(call.at(0)), name(call.at(1))
    if site is not None and new is not None:
        way.write([(site.alter(["RENAME TO ", new]), call)])


def _add_columns(way: _Way, call: Call) -> None:
    site = way.site(call.at(0))
    for one in way.several(call.at(1)) if site is not None else ():
        options = options_of(one)
        if options is not None and site is not None:
            way.write(tables.add_column(site, options, call if call.name == "addColumn" else one))


def _named_in(code: Code) -> Part | None:
    """Return the name of a column, key or index, which is given as it is or in an object."""
    options = options_of(code)
    return name(options.get("name")) if options is not None else name(code)


def _drop_columns(way: _Way, call: Call) -> None:
    site = way.site(call.at(0))
    for one in way.several(call.at(1)) if site is not None else ():
        column = _named_in(one)
        if column is not None and site is not None:
            place = call if call.name == "dropColumn" else one
            way.write([(site.alter(["DROP COLUMN ", column]), place)])


def _rename_column(way: _Way, call: Call) -> None:
    site = way.site(call.at(0))
    old, new = (way.resolved(call.at(position)) for position in (1, 2))
    if site is None or old is None or new is None:
        return
    before, after = _named_in(old), _named_in(new)
    if before is not None and after is not None:
        way.write([(site.alter(["RENAME COLUMN ", before, " TO ", after]), call)])


def _change_column(way: _Way, call: Call) -> None:
    site, old, new = way.site(call.at(0)), way.resolved(call.at(1)), options_of(way.resolved(call.at(2)))
    if site is None or old is None or new is None:
        return
    before = options_of(old)
    if before is not None:
        way.write(tables.change_column(site, before, new, call))
        return
    column = column_of(site.raw, new)
    named = name(old)
    if column is None or named is None:
        return
    if text_of(old) != text_of(new.get("name")):
        way.write([(site.alter(["RENAME COLUMN ", named, " TO ", column.name]), call)])
    with way.script.restating():
        way.write(tables.restated(site, column, call))


def _change_columns(way: _Way, call: Call) -> None:
    for one in way.several(call.at(1)):
        if isinstance(one, Pairs):
            given = (call.at(0), one.get("oldColumn"), one.get("newColumn"))
            arguments = tuple(each for each in given if each is not None)
            if len(arguments) == len(given):
                _change_column(way, Call(one.start, one.end, call.on, "", call.name_at, arguments, ()))


def _adds(make: Callable[[tables.Site, Pairs], list[Part] | None]) -> _Write:
    """Return what writes the statement for each object that a call is given."""

    def write(way: _Way, call: Call) -> None:
        site, given = way.site(call.at(0)), way.several(call.at(1))
        for one in given if site is not None else ():
            options = options_of(one)
            parts = make(site, options) if options is not None and site is not None else None
            if parts is not None:
                way.write([(parts, call if len(given) == 1 else one)])

    return write


def _drop_constraints(way: _Way, call: Call) -> None:
    site, given = way.site(call.at(0)), way.several(call.at(1))
    for one in given if site is not None else ():
        own = _named_in(one)
        if own is not None and site is not None:
            way.write([(site.alter(["DROP CONSTRAINT ", own]), call if len(given) == 1 else one)])


def _drop_indexes(way: _Way, call: Call) -> None:
    site, given = way.site(call.at(0)), way.several(call.at(1))
    for one in given if site is not None else ():
        parts = tables.drop_index(site, one) if site is not None else None
        if parts is not None:
            way.write([(parts, call if len(given) == 1 else one)])


def _primary_key(way: _Way, call: Call) -> None:
    site, listed = way.site(call.at(0)), way.several(call.at(1))
    columns = tables.columns_of(listed)
    if site is None or not columns:
        return
    own = name(call.at(2)) or tables.hashed("PK", site.raw, columns)
    way.write([(site.alter(["ADD CONSTRAINT ", own, " PRIMARY KEY (", *separated(columns), ")"]), call)])


def _view(way: _Way, call: Call) -> None:
    options = options_of(way.resolved(call.at(0)))
    own = dotted_name(options.get("name")) if options is not None else dotted_name(call.at(0))
    kind = "MATERIALIZED VIEW" if options is not None and is_true(options.get("materialized")) else "VIEW"
    if own is None:
        return
    if call.name == "dropView":
        way.write([([f"DROP {kind} ", own], call)])
    elif options is not None:
        query = options.get("expression")
        sql = query.value if isinstance(query, Text) else "SELECT computed_columns()"
        way.write([([f"CREATE {kind} ", own, f" AS {sql}"], call)])


def _object(words: str, check: str) -> _Write:
    """Return what writes a statement about a schema or database; `check` comes in where it is asked for."""

    def write(way: _Way, call: Call) -> None:
        own = name(call.at(0))
        if own is not None:
            cascade = [" CASCADE"] if is_true(call.at(2)) else []
            way.write([([f"{words} {check if is_true(call.at(1)) else ''}", own, *cascade], call)])

    return write


def _truncate(way: _Way, call: Call) -> None:
    site = way.site(call.at(0))
    if site is not None:
        way.write([(["TRUNCATE TABLE ", site.name], call)])


def _comment(way: _Way, call: Call) -> None:
    site = way.site(call.at(0))
    if site is not None:
        said = literal(text_of(call.at(1))) if text_of(call.at(1)) else "NULL"
        way.write([(["COMMENT ON TABLE ", site.name, f" IS {said}"], call)])


_CALLS: Final[dict[str, _Write]] = {
    "addColumn": _add_columns,
    "addColumns": _add_columns,
    "changeColumn": _change_column,
    "changeColumns": _change_columns,
    "changeTableComment": _comment,
    "clearTable": _truncate,
    "createCheckConstraint": _adds(tables.check),
    "createCheckConstraints": _adds(tables.check),
    "createDatabase": _object("CREATE DATABASE", ""),
    "createExclusionConstraint": _adds(tables.exclusion),
    "createExclusionConstraints": _adds(tables.exclusion),
    "createForeignKey": _adds(tables.foreign_key),
    "createForeignKeys": _adds(tables.foreign_key),
    "createIndex": _adds(tables.index),
    "createIndices": _adds(tables.index),
    "createPrimaryKey": _primary_key,
    "createSchema": _object("CREATE SCHEMA", "IF NOT EXISTS "),
    "createTable": _create_table,
    "createUniqueConstraint": _adds(tables.unique),
    "createUniqueConstraints": _adds(tables.unique),
    "createView": _view,
    "dropCheckConstraint": _drop_constraints,
    "dropCheckConstraints": _drop_constraints,
    "dropColumn": _drop_columns,
    "dropColumns": _drop_columns,
    "dropDatabase": _object("DROP DATABASE", "IF EXISTS "),
    "dropExclusionConstraint": _drop_constraints,
    "dropForeignKey": _drop_constraints,
    "dropForeignKeys": _drop_constraints,
    "dropIndex": _drop_indexes,
    "dropIndices": _drop_indexes,
    "dropSchema": _object("DROP SCHEMA", "IF EXISTS "),
    "dropTable": _drop_table,
    "dropUniqueConstraint": _drop_constraints,
    "dropUniqueConstraints": _drop_constraints,
    "dropView": _view,
    "renameColumn": _rename_column,
    "renameTable": _rename_table,
}
"""What the query runner's calls come to, by name."""
