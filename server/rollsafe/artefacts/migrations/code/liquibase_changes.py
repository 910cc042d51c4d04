"""Liquibase's changes as SQL of PostgreSQL, and what undoes them."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations.code.definitions import (
    Index,
    Key,
    Reference,
    joined,
    placed,
    separated,
)
from rollsafe.artefacts.migrations.code.liquibase_columns import (
    Change,
    Row,
    column_of,
    default_of,
    name_of,
    names_of,
    sql_of,
    table_of,
    type_of,
    value_of,
)
from rollsafe.artefacts.migrations.code.liquibase_items import Item
from rollsafe.artefacts.migrations.code.script import Part, Written, literal
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.text import Span


def _create_table(item: Item) -> Iterator[Row]:
    table = table_of(item)
    if table is None:
        return
    rows, keys, key_name = list[list[Part]](), list[Part](), ""
    for one in item.parts("column"):
        column, rules = column_of(one), one.child("constraints")
        if column is None:
            continue
        rows.append(placed(column.parts(), Span(one.start, one.end)))
        if rules is not None and rules.is_true("primaryKey"):
            keys.append(column.name)
            key_name = key_name or rules.text("primaryKeyName")
    if keys:
        own = quoted(key_name or f"{item.text('tableName')}_pkey")
        rows.append(Key("PRIMARY KEY", own, tuple(separated(keys))).parts())
    check = "IF NOT EXISTS " if item.is_true("ifNotExists") else ""
    yield Row([f"CREATE TABLE {check}", table, " (", *joined(rows), ")"], item)


def _add_column(item: Item) -> Iterator[Row]:
    table = table_of(item)
    for one in item.parts("column") if table is not None else ():
        column, rules = column_of(one), one.child("constraints")
        if column is None or table is None:
            continue
        key = [" PRIMARY KEY"] if rules is not None and rules.is_true("primaryKey") else []
        yield Row(["ALTER TABLE ", table, " ADD COLUMN ", *column.parts(), *key], one)
        given = value_of(one)
        if given is not None:
            yield Row(["UPDATE ", table, " SET ", column.name, " = ", given], one)


def _drop_column(item: Item) -> Iterator[Row]:
    table = table_of(item)
    columns = [name_of(item.get("columnName")), *(name_of(one.get("name")) for one in item.parts("column"))]
    for one in columns:
        if table is not None and one is not None:
            yield Row(["ALTER TABLE ", table, " DROP COLUMN ", one], item)


def _alter(words: str, *keys: str, table: str = "tableName") -> Change:
    """Return what alters a table; `{}` of `words` are the names under `keys`, in order."""
    pieces = words.split("{}")

    def make(item: Item) -> Iterator[Row]:
        on = table_of(item, table)
        names = [name_of(item.get(key)) for key in keys]
        known = [one for one in names if one is not None]
        if on is None or len(known) < len(names):
            return
        parts: list[Part] = ["ALTER TABLE ", on, " ", pieces[0]]
        for one, after in zip(known, pieces[1:], strict=True):
            parts += [one, after]
        yield Row(parts, item)

    return make


def _modify_type(item: Item) -> Iterator[Row]:
    table, column, typed = table_of(item), name_of(item.get("columnName")), type_of(item.get("newDataType"))
    if table is not None and column is not None and typed is not None:
        using = [" USING (", column, "::", typed, ")"]
        yield Row(["ALTER TABLE ", table, " ALTER COLUMN ", column, " TYPE ", typed, *using], item)


def _add_not_null(item: Item) -> Iterator[Row]:
    table, column, filled = table_of(item), name_of(item.get("columnName")), item.get("defaultNullValue")
    if table is None or column is None:
        return
    if filled is not None:
        change: list[Part] = [
            "UPDATE ",
            table,
            " SET ",
            column,
            " = ",
            Written(literal(filled.text), filled.place),
        ]
        yield Row([*change, " WHERE ", column, " IS NULL"], item)
    if not item.is_false("validate"):
        yield Row(["ALTER TABLE ", table, " ALTER COLUMN ", column, " SET NOT NULL"], item)


def _add_default(item: Item) -> Iterator[Row]:
    table, column, default = table_of(item), name_of(item.get("columnName")), default_of(item)
    if table is not None and column is not None and default is not None:
        yield Row(["ALTER TABLE ", table, " ALTER COLUMN ", column, " SET DEFAULT ", default], item)


def _create_index(item: Item) -> Iterator[Row]:
    table, own = table_of(item), name_of(item.get("indexName"))
    keys: list[Part] = []
    for one in item.parts("column"):
        words = one.get("name")
        if words is None:
            return
        is_plain = words.text.strip().isidentifier() and not one.is_true("computed")
        key = quoted(words.text.strip()) if is_plain else words.text
        keys.append(Written(f"{key} DESC" if one.is_true("descending") else key, words.place))
    if table is not None and keys:
        index = Index(own, table, tuple(keys), is_unique=item.is_true("unique"))
        yield Row(index.parts(), item)


def _drop_index(item: Item) -> Iterator[Row]:
    index = table_of(item, "indexName")
    if index is not None:
        yield Row(["DROP INDEX ", index], item)


def _add_key(kind: str) -> Change:
    def make(item: Item) -> Iterator[Row]:
        table, columns = table_of(item), names_of(item.get("columnNames"))
        if table is None or not columns:
            return
        suffix = "DEFERRABLE" if item.is_true("deferrable") else ""
        suffix += " INITIALLY DEFERRED" if item.is_true("initiallyDeferred") else ""
        key = Key(kind, name_of(item.get("constraintName")), tuple(separated(columns)), suffix=suffix.strip())
        yield Row(["ALTER TABLE ", table, " ADD ", *key.parts()], item)

    return make


def _add_foreign_key(item: Item) -> Iterator[Row]:
    table = table_of(item, "baseTableName", "baseTableSchemaName")
    target = table_of(item, "referencedTableName", "referencedTableSchemaName")
    columns, points = names_of(item.get("baseColumnNames")), names_of(item.get("referencedColumnNames"))
    if table is None or target is None or not columns:
        return
    words = (("onDelete", "ON DELETE"), ("onUpdate", "ON UPDATE"))
    actions = [f"{word} {item.text(key)}" for key, word in words if item.text(key)]
    actions += ["ON DELETE CASCADE"] if item.is_true("deleteCascade") else []
    suffix = "DEFERRABLE" if item.is_true("deferrable") else ""
    suffix += " INITIALLY DEFERRED" if item.is_true("initiallyDeferred") else ""
    suffix += " NOT VALID" if item.is_false("validate") else ""
    reference = Reference(target, points, " ".join(actions))
    own = name_of(item.get("constraintName"))
    key = Key("FOREIGN KEY", own, tuple(separated(columns)), reference, suffix.strip())
    yield Row(["ALTER TABLE ", table, " ADD ", *key.parts()], item)


def _drop_primary_key(item: Item) -> Iterator[Row]:
    table, own = table_of(item), name_of(item.get("constraintName"))
    if table is not None:
        key = own if own is not None else quoted(f"{item.text('tableName')}_pkey")
        yield Row(["ALTER TABLE ", table, " DROP CONSTRAINT ", key], item)


def _drop(kind: str, key: str) -> Change:
    def make(item: Item) -> Iterator[Row]:
        own = table_of(item, key)
        if own is not None:
            check = "IF EXISTS " if item.is_true("ifExists") else ""
            cascade = [" CASCADE"] if item.is_true("cascadeConstraints") else []
            yield Row([f"DROP {kind} {check}", own, *cascade], item)

    return make


def _create_sequence(item: Item) -> Iterator[Row]:
    own = table_of(item, "sequenceName")
    words = (("incrementBy", "INCREMENT BY"), ("startValue", "START WITH"), ("cacheSize", "CACHE"))
    said = "".join(f" {word} {item.text(key)}" for key, word in words if item.text(key))
    if own is not None:
        yield Row(["CREATE SEQUENCE IF NOT EXISTS ", own, said], item)


def _create_view(item: Item) -> Iterator[Row]:
    own, query = table_of(item, "viewName"), item.body("selectQuery")
    if own is None or query is None:
        return
    head = "CREATE OR REPLACE VIEW " if item.is_true("replaceIfExists") else "CREATE VIEW "
    is_full = item.is_true("fullDefinition")
    yield Row([sql_of(query)] if is_full else [head, own, " AS ", sql_of(query)], item)


def _insert(item: Item) -> Iterator[Row]:
    table = table_of(item)
    rows = [(name_of(one.get("name")), value_of(one)) for one in item.parts("column")]
    known = [(key, value) for key, value in rows if key is not None]
    if table is None or not known:
        return
    keys, values = [key for key, _ in known], [value or "NULL" for _, value in known]
    yield Row(["INSERT INTO ", table, " (", *separated(keys), ") VALUES (", *separated(values), ")"], item)


def _where(item: Item) -> list[Part]:
    inner = item.child("where")
    words = inner.body() if inner is not None else item.get("where")
    return [" WHERE ", sql_of(words)] if words is not None else []


def _update(item: Item) -> Iterator[Row]:
    table = table_of(item)
    rows = [(name_of(one.get("name")), value_of(one)) for one in item.parts("column")]
    changed: list[list[Part]] = [[key, " = ", value or "NULL"] for key, value in rows if key is not None]
    if table is not None and changed:
        yield Row(["UPDATE ", table, " SET ", *joined(changed), *_where(item)], item)


def _delete(item: Item) -> Iterator[Row]:
    table = table_of(item)
    if table is not None:
        yield Row(["DELETE FROM ", table, *_where(item)], item)


def _sql(item: Item) -> Iterator[Row]:
    words = item.body("sql", "procedureText", "procedureBody")
    if words is not None:
        yield Row([sql_of(words)], words.place)


def _remarks(words: str, *keys: str) -> Change:
    def make(item: Item) -> Iterator[Row]:
        table, rows = table_of(item), [name_of(item.get(key)) for key in keys]
        names = [one for one in rows if one is not None]
        if table is not None and len(names) == len(rows):
            after = [part for one in names for part in (".", one)]
            yield Row([f"COMMENT ON {words} ", table, *after, f" IS {literal(item.text('remarks'))}"], item)

    return make


CHANGES: Final[dict[str, Change]] = {
    "addColumn": _add_column,
    "addDefaultValue": _add_default,
    "addForeignKeyConstraint": _add_foreign_key,
    "addNotNullConstraint": _add_not_null,
    "addPrimaryKey": _add_key("PRIMARY KEY"),
    "addUniqueConstraint": _add_key("UNIQUE"),
    "createIndex": _create_index,
    "createProcedure": _sql,
    "createSequence": _create_sequence,
    "createTable": _create_table,
    "createView": _create_view,
    "delete": _delete,
    "dropColumn": _drop_column,
    "dropDefaultValue": _alter("ALTER COLUMN {} DROP DEFAULT", "columnName"),
    "dropForeignKeyConstraint": _alter("DROP CONSTRAINT {}", "constraintName", table="baseTableName"),
    "dropIndex": _drop_index,
    "dropNotNullConstraint": _alter("ALTER COLUMN {} DROP NOT NULL", "columnName"),
    "dropPrimaryKey": _drop_primary_key,
    "dropSequence": _drop("SEQUENCE", "sequenceName"),
    "dropTable": _drop("TABLE", "tableName"),
    "dropUniqueConstraint": _alter("DROP CONSTRAINT {}", "constraintName"),
    "dropView": _drop("VIEW", "viewName"),
    "insert": _insert,
    "modifyDataType": _modify_type,
    "renameColumn": _alter("RENAME COLUMN {} TO {}", "oldColumnName", "newColumnName"),
    "renameTable": _alter("RENAME TO {}", "newTableName", table="oldTableName"),
    "setColumnRemarks": _remarks("COLUMN", "columnName"),
    "setTableRemarks": _remarks("TABLE"),
    "sql": _sql,
    "update": _update,
}
"""What changes come to, by name."""


def _undo_columns(item: Item) -> Iterator[Row]:
    table = table_of(item)
    for one in reversed(list(item.parts("column"))):
        column = name_of(one.get("name"))
        if table is not None and column is not None:
            yield Row(["ALTER TABLE ", table, " DROP COLUMN ", column], one)


INVERSES: Final[dict[str, Change]] = {
    "addColumn": _undo_columns,
    "addDefaultValue": _alter("ALTER COLUMN {} DROP DEFAULT", "columnName"),
    "addForeignKeyConstraint": _alter("DROP CONSTRAINT {}", "constraintName", table="baseTableName"),
    "addNotNullConstraint": _alter("ALTER COLUMN {} DROP NOT NULL", "columnName"),
    "addPrimaryKey": _drop_primary_key,
    "addUniqueConstraint": _alter("DROP CONSTRAINT {}", "constraintName"),
    "createIndex": _drop_index,
    "createSequence": _drop("SEQUENCE", "sequenceName"),
    "createTable": _drop("TABLE", "tableName"),
    "createView": _drop("VIEW", "viewName"),
    "dropNotNullConstraint": _add_not_null,
    "renameColumn": _alter("RENAME COLUMN {} TO {}", "newColumnName", "oldColumnName"),
    "renameTable": _alter("RENAME TO {}", "oldTableName", table="newTableName"),
}
"""What undoes changes, by name; those that cannot be undone are not there."""

SILENT: Final = frozenset({"tagDatabase", "output", "empty", "stop"})
"""Changes that send nothing."""
