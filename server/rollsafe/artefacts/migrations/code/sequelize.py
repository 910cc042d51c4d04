"""Sequelize migrations: the query interface and raw SQL as the statements they send to PostgreSQL."""

from collections.abc import Callable, Iterator
from typing import Final

from rollsafe.artefacts.migrations.code import sequelize_columns as columns
from rollsafe.artefacts.migrations.code import sequelize_keys as keys
from rollsafe.artefacts.migrations.code import sequelize_rows as rows
from rollsafe.artefacts.migrations.code.definitions import Column, Key, joined, placed, separated
from rollsafe.artefacts.migrations.code.definitions import text_of as plain
from rollsafe.artefacts.migrations.code.javascript import (
    Chain,
    Module,
    Scope,
    Way,
    acts,
    entries,
    is_true,
    text_of,
)
from rollsafe.artefacts.migrations.code.migration import Translation
from rollsafe.artefacts.migrations.code.script import Part, Script, literal, name
from rollsafe.artefacts.migrations.code.sequelize_columns import Attribute, keys_of, raw_table, table_of
from rollsafe.artefacts.migrations.conventions import Direction, Transactions
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.code import Argument, Assign, Call, Code, Function, Items, Name, Pairs, Text
from rollsafe.text import Span

_HINTS: Final = ("queryInterface", "QueryInterface", "sequelize", "Sequelize")
_OPAQUE: Final = frozenset(
    {
        *("createFunction", "createTrigger", "delete", "dropAllEnums", "dropAllTables", "dropFunction"),
        *("dropTrigger", "insert", "renameFunction", "renameTrigger", "update", "upsert"),
    }
)


def translate(file: SourceFile) -> Translation | None:
    """Return what `file` sends to the database if Sequelize would run it, else None."""
    if not any(hint in file.text for hint in _HINTS):
        return None
    module = Module(file)
    up, down = module.function("up"), module.function("down")
    if up is None or not up.parameters or not _is_sequelize(up):
        return None
    script = Script()
    for direction, function in ((Direction.UP, up), (Direction.DOWN, down)):
        script.begin(direction)
        if function is not None:
            _Way(module, script).run(function, Scope(frozenset(" ".join(function.parameters[:1]).split())))
    reason = "Sequelize runs each statement on its own"
    convention = module.convention("sequelize", Transactions.SEPARATE, reason)
    return Translation(convention, script, acts(down), module.refuses(down), module.program.problems)


def _is_sequelize(up: Function) -> bool:
    first = up.parameters[0].lower()
    return first.startswith("query") or first in ("qi", "context", "_queryinterface") or "interface" in first


class _Way(Way):
    """Writes the statements of one way."""

    def __init__(self, module: Module, script: Script) -> None:
        super().__init__(module, script)
        self._transactions: set[str] = set()

    def _visit(self, code: Code, scope: Scope) -> None:
        if isinstance(code, Assign) and isinstance(call := code.value, Call) and _is_begin(call):
            # `const t = await queryInterface.sequelize.transaction()`: the program ends it itself.
            self._transactions.add(code.name)
            self.script.statement(["BEGIN"], call.name_at)
            return
        super()._visit(code, scope)

    def call(self, call: Call, scope: Scope) -> None:
        """Write what a call on the query interface does."""
        chain = Chain.of(call)
        owner, _, rest = chain.root.partition(".")
        first = chain.links[0]
        if chain.root in self._transactions and first.name == "commit":
            self.script.statement(["COMMIT"], first)
        elif owner in scope.runners and rest in ("", "sequelize"):
            self._run(first, scope, rest)

    def _run(self, call: Call, scope: Scope, owner: str) -> None:
        inner = next((one for one in call.arguments if isinstance(one, Function)), None)
        if owner and call.name == "transaction" and inner is not None:
            self._in_transaction(call, inner, scope)
        elif owner and call.name == "query":
            self._query(call)
        elif not owner and call.name in _CALLS:
            _CALLS[call.name](self, call)
        elif not owner and call.name in _OPAQUE:
            self.script.opaque(call, apart=self.is_apart(call))

    def _in_transaction(self, call: Call, inner: Function, scope: Scope) -> None:
        self.script.statement(["BEGIN"], call.name_at)
        self._transactions |= set(inner.parameters[:1])
        self.run(inner, scope)
        self._transactions -= set(inner.parameters[:1])
        self.script.statement(["COMMIT"], call.name_at)

    def _query(self, call: Call) -> None:
        sql = self.resolved(call.at(0))
        if isinstance(sql, Pairs):
            sql = sql.get("query")
        self.sql(sql, call, apart=self.is_apart(call))

    def is_apart(self, call: Call) -> bool:
        """Say whether a call does not name the transaction that is open: it runs on another connection."""
        if not self._transactions:
            return False
        options = [self.resolved(one) for one in call.arguments]
        return not any(
            (isinstance(one, Pairs) and one.get("transaction") is not None)
            or (isinstance(given, Name) and given.path in self._transactions)
            for one, given in zip(options, call.arguments, strict=True)
        )

    def write(self, call: Call, parts: list[Part], place: Span | None = None) -> None:
        """Write a statement of a call."""
        self.script.statement(parts, place or call, apart=self.is_apart(call))

    def enum(self, call: Call, attribute: Attribute) -> None:
        """Write the enum type an attribute has."""
        if attribute.enum:
            self.write(call, attribute.create_enum(), attribute.place)

    def comment(self, call: Call, table: Part, attribute: Attribute) -> None:
        """Write what an attribute says of itself."""
        if attribute.comment:
            on: list[Part] = ["COMMENT ON COLUMN ", table, ".", attribute.column.name]
            self.write(call, [*on, f" IS {literal(attribute.comment)}"], attribute.place)


def _is_begin(call: Call) -> bool:
    inner = any(isinstance(one, Function) for one in call.arguments)
    return call.name == "transaction" and not inner and call.path.endswith("sequelize.transaction")


_Write = Callable[[_Way, Call], None]


def _attributes(way: _Way, call: Call, table: str) -> Iterator[Attribute]:
    given = way.resolved(call.at(1))
    for one in given.entries if isinstance(given, Pairs) else ():
        found = columns.attribute_of(table, one, way.resolved(one.value) or one.value)
        if found is not None:
            yield found


def _create_table(way: _Way, call: Call) -> None:
    table, raw = table_of(call.at(0)), raw_table(call.at(0))
    options = way.resolved(call.at(2))
    if table is None:
        return
    schema = text_of(options.get("schema")) if isinstance(options, Pairs) else ""
    if schema and "." not in raw:
        table, raw = f"{quoted(schema)}.{plain(table)}", f"{schema}.{raw}"
    found = list(_attributes(way, call, raw))
    for one in found:
        way.enum(call, one)
    lines = [placed(_without_key(one).parts(), one.place) for one in found]
    lines += _unique_keys(options)
    primary = tuple(one.column.name for one in found if one.column.is_primary)
    if primary:
        lines.append(["PRIMARY KEY (", *separated(primary), ")"])
    way.write(call, ["CREATE TABLE IF NOT EXISTS ", table, " (", *joined(lines), ")"])
    if isinstance(options, Pairs) and text_of(options.get("comment")):
        way.write(call, ["COMMENT ON TABLE ", table, f" IS {literal(text_of(options.get('comment')))}"])
    for one in found:
        way.comment(call, table, one)


def _without_key(attribute: Attribute) -> Column:
    """Return a column without its PRIMARY KEY, which Sequelize writes at the table or nowhere."""
    one = attribute.column
    return Column(
        one.name,
        one.type,
        one.required,
        one.default,
        is_unique=one.is_unique,
        references=one.references,
        suffix=one.suffix,
    )


def _unique_keys(options: Code | None) -> list[list[Part]]:
    given = options.get("uniqueKeys") if isinstance(options, Pairs) else None
    listed = [keys_of(one.get("fields")) for _, one in entries(given) if isinstance(one, Pairs)]
    return [["UNIQUE (", *separated(one), ")"] for one in listed if one is not None]


def _drop_table(way: _Way, call: Call) -> None:
    table, options = table_of(call.at(0)), way.resolved(call.at(1))
    cascades = isinstance(options, Pairs) and (
        is_true(options.get("cascade")) or is_true(options.get("force"))
    )
    if table is not None:
        way.write(call, ["DROP TABLE IF EXISTS ", table, *([" CASCADE"] if cascades else [])])


def _rename_table(way: _Way, call: Call) -> None:
    old, new = table_of(call.at(0)), table_of(call.at(1))
    if old is not None and new is not None:
        way.write(call, ["ALTER TABLE ", old, " RENAME TO ", new])


def _column(way: _Way, call: Call) -> tuple[Part, Attribute] | None:
    """Return the table and the column that `addColumn` and `changeColumn` are about."""
    table, key, value = table_of(call.at(0)), call.at(1), way.resolved(call.at(2))
    if table is None or not isinstance(key, Text) or key.is_partial or value is None:
        return None
    argument = Argument(key.start, value.end, key.value, key.inner, value)
    found = columns.attribute_of(raw_table(call.at(0)), argument, value)
    return (table, found) if found is not None else None


def _add_column(way: _Way, call: Call) -> None:
    made = _column(way, call)
    if made is not None:
        table, attribute = made
        way.enum(call, attribute)
        way.write(call, ["ALTER TABLE ", table, " ADD COLUMN ", *_without_key(attribute).parts()])
        way.comment(call, table, attribute)


def _change_column(way: _Way, call: Call) -> None:
    """Write what stating a column comes to; only what the program says of it is its purpose."""
    made = _column(way, call)
    if made is None:
        return
    table, attribute = made
    column = attribute.column
    head: list[Part] = ["ALTER TABLE ", table, " ALTER COLUMN ", column.name]
    refers = column.references is not None
    is_only_type = column.required is None and column.default is None and not column.is_unique
    if column.required:
        way.write(call, [*head, " SET NOT NULL"])
    elif not refers:
        _restated(way, call, [*head, " DROP NOT NULL"])
    if column.default is not None:
        way.write(call, [*head, " SET DEFAULT ", column.default])
    elif not refers:
        _restated(way, call, [*head, " DROP DEFAULT"])
    way.enum(call, attribute)
    if column.is_unique:
        way.write(call, ["ALTER TABLE ", table, " ADD UNIQUE (", column.name, ")"])
    if column.references is not None:
        key = Key("FOREIGN KEY", None, (column.name,), column.references)
        way.write(call, ["ALTER TABLE ", table, " ADD ", *key.parts()])
        return
    using = f" USING ({plain(column.name)}::{attribute.enum})" if attribute.enum else ""
    parts: list[Part] = [*head, " TYPE ", column.type, using]
    if is_only_type:
        way.write(call, parts)
    else:
        _restated(way, call, parts)
    way.comment(call, table, attribute)


def _restated(way: _Way, call: Call, parts: list[Part]) -> None:
    with way.script.restating():
        way.write(call, parts)


def _remove_column(way: _Way, call: Call) -> None:
    table, column = table_of(call.at(0)), name(call.at(1))
    if table is not None and column is not None:
        way.write(call, ["ALTER TABLE ", table, " DROP COLUMN ", column])


def _rename_column(way: _Way, call: Call) -> None:
    table, old, new = table_of(call.at(0)), name(call.at(1)), name(call.at(2))
    if table is not None and old is not None and new is not None:
        way.write(call, ["ALTER TABLE ", table, " RENAME COLUMN ", old, " TO ", new])


def _add_index(way: _Way, call: Call) -> None:
    fields, options = way.resolved(call.at(1)), way.resolved(call.at(2))
    if isinstance(fields, Pairs):
        options, fields = fields, way.resolved(fields.get("fields"))
    index = keys.index_of(call.at(0), fields, options if isinstance(options, Pairs) else None)
    if index is not None:
        way.write(call, index.parts())


def _remove_index(way: _Way, call: Call) -> None:
    given, options = way.resolved(call.at(1)), call.at(2)
    index: Part | None = name(given)
    if isinstance(given, Items):
        index = keys.index_name(call.at(0), given)
    words = "CONCURRENTLY " if isinstance(options, Pairs) and is_true(options.get("concurrently")) else ""
    if index is not None:
        way.write(call, [f"DROP INDEX {words}IF EXISTS ", index])


def _add_constraint(way: _Way, call: Call) -> None:
    table, options = table_of(call.at(0), dots=True), way.resolved(call.at(1))
    fields: Code | None = None
    if isinstance(options, Items):
        fields, options = options, way.resolved(call.at(2))
    if table is None or not isinstance(options, Pairs):
        return
    key = keys.constraint_of(table, fields or way.resolved(options.get("fields")), options)
    if key is not None:
        way.write(call, ["ALTER TABLE ", table, " ADD ", *key.parts()])


def _remove_constraint(way: _Way, call: Call) -> None:
    table, own = table_of(call.at(0), dots=True), name(call.at(1))
    if table is not None and own is not None:
        way.write(call, ["ALTER TABLE ", table, " DROP CONSTRAINT ", own])


def _bulk(change: Callable[[Part, list[Code | None]], list[Part] | None]) -> _Write:
    """Return what writes a change of rows; one whose columns are computed is only said to be there."""

    def write(way: _Way, call: Call) -> None:
        table = table_of(call.at(0))
        given = [way.resolved(one) for one in call.arguments[1:]]
        parts = change(table, given) if table is not None else None
        if parts is not None:
            way.write(call, parts)
        else:
            way.script.opaque(call, apart=way.is_apart(call))

    return write


def _object(words: str, after: str = "") -> _Write:
    """Return what writes a statement about something that is named by the first argument."""

    def write(way: _Way, call: Call) -> None:
        own = name(call.at(0))
        if own is not None:
            way.write(call, [f"{words} ", own, *([after] if after else [])])

    return write


_CALLS: Final[dict[str, _Write]] = {
    "addColumn": _add_column,
    "addConstraint": _add_constraint,
    "addIndex": _add_index,
    "bulkDelete": _bulk(rows.deleted),
    "bulkInsert": _bulk(rows.inserted),
    "bulkUpdate": _bulk(rows.updated),
    "changeColumn": _change_column,
    "createDatabase": _object("CREATE DATABASE"),
    "createSchema": _object("CREATE SCHEMA IF NOT EXISTS"),
    "createTable": _create_table,
    "dropDatabase": _object("DROP DATABASE IF EXISTS"),
    "dropEnum": _object("DROP TYPE IF EXISTS"),
    "dropSchema": _object("DROP SCHEMA IF EXISTS", " CASCADE"),
    "dropTable": _drop_table,
    "removeColumn": _remove_column,
    "removeConstraint": _remove_constraint,
    "removeIndex": _remove_index,
    "renameColumn": _rename_column,
    "renameTable": _rename_table,
}
"""What the query interface's calls come to, by name."""
