"""Knex migrations: the schema builder, raw SQL and changes of rows as the statements they send."""

from collections.abc import Callable
from typing import Final

from rollsafe.artefacts.migrations.code import knex_rows as rows
from rollsafe.artefacts.migrations.code.definitions import Tables
from rollsafe.artefacts.migrations.code.javascript import (
    Chain,
    Module,
    Scope,
    Way,
    acts,
    dotted_name,
    is_false,
    is_true,
    text_of,
)
from rollsafe.artefacts.migrations.code.knex_keys import Site
from rollsafe.artefacts.migrations.code.knex_raw import bound
from rollsafe.artefacts.migrations.code.knex_tables import Changes
from rollsafe.artefacts.migrations.code.migration import Translation
from rollsafe.artefacts.migrations.code.script import Script, name
from rollsafe.artefacts.migrations.conventions import Direction, Transactions
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.code import Assign, Call, Code, Function, Name, Pairs, Text

_TABLES: Final = {
    "alterTable": "",
    "createTable": "TABLE",
    "createTableIfNotExists": "TABLE IF NOT EXISTS",
    "table": "",
}
"""The calls with a callback about a table, and the words they begin a CREATE with."""
_ENDS: Final = {"commit": "COMMIT", "rollback": "ROLLBACK"}


def translate(file: SourceFile) -> Translation | None:
    """Return what `file` sends to the database if Knex would run it, else None."""
    if "knex" not in file.text.lower() or "up" not in file.text:
        return None
    module = Module(file)
    up, down = module.function("up"), module.function("down")
    if up is None or not up.parameters or not _is_knex(module, up):
        return None
    script = Script()
    apart = _runs_apart(module)
    for direction, function in ((Direction.UP, up), (Direction.DOWN, down)):
        script.begin(direction)
        if function is not None:
            scope = Scope(frozenset(function.parameters[:1]), apart=apart)
            _Way(module, script).run(function, scope)
    transactions = Transactions.SEPARATE if apart else Transactions.WRAPPED
    reason = "`transaction: false`" if apart else "Knex runs a migration in a transaction"
    convention = module.convention("knex", transactions, reason)
    return Translation(convention, script, acts(down), module.refuses(down), module.program.problems)


def _is_knex(module: Module, up: Function) -> bool:
    if "knex" in up.parameters[0].lower():
        return True
    known = module.program.imports.values()
    said = any(f"{quote}knex{quote}" in module.file.text for quote in "'\"")
    return said or any(one == "knex" or one.startswith("knex.") for one in known)


def _runs_apart(module: Module) -> bool:
    config = module.exported("config")
    return isinstance(config, Pairs) and is_false(config.get("transaction"))


class _Way(Way):
    """Writes the statements of one way."""

    def _visit(self, code: Code, scope: Scope) -> None:
        if isinstance(code, Assign) and isinstance(call := code.value, Call) and _begins(call, scope):
            # `const trx = await knex.transaction()`: what is called on `trx` runs in it.
            self._runs.add(code.name)
            self._bracket("BEGIN", call, scope)
            return
        super()._visit(code, scope)

    def __init__(self, module: Module, script: Script) -> None:
        super().__init__(module, script)
        self._runs: set[str] = set()
        self.tables = Tables(script)

    def call(self, call: Call, scope: Scope) -> None:
        """Write what a call on Knex does."""
        chain = Chain.of(call)
        runners = scope.runners | self._runs
        owner, _, last = chain.root.rpartition(".")
        if last == "schema" and owner in runners:
            self._schema(chain, scope)
        elif chain.root in runners:
            self._plain(chain, scope)
        elif not chain.root and chain.links[0].on is None and chain.links[0].name in runners:
            rows.write(self.script, chain)

    def _bracket(self, word: str, call: Call, scope: Scope) -> None:
        """Write the begin or end of a transaction; within Knex's own it is only a savepoint."""
        if scope.apart:
            self.script.statement([word], call.name_at)

    def _plain(self, chain: Chain, scope: Scope) -> None:
        first = chain.links[0]
        inner = next((one for one in first.arguments if isinstance(one, Function)), None)
        if first.name == "raw":
            self._raw(first)
        elif first.name == "transaction" and inner is not None:
            self._bracket("BEGIN", first, scope)
            self.run(inner, scope._replace(runners=scope.runners | set(inner.parameters[:1])))
            self._bracket("COMMIT", first, scope)
        elif first.name in _ENDS and chain.root in self._runs:
            self._bracket(_ENDS[first.name], first, scope)
        elif first.name in ("schema", "withSchema", "from", "table", "into", "batchInsert", "insert"):
            rows.write(self.script, chain)

    def _raw(self, call: Call) -> None:
        code = call.at(0)
        if isinstance(code, Text):
            parts = bound(code, call.at(1), self.module.file)
            self.script.statement(parts, call, partial=code.is_partial)

    def _schema(self, chain: Chain, scope: Scope) -> None:
        schema = ""
        for link in chain.links:
            if link.name == "withSchema":
                schema = text_of(link.at(0))
            elif link.name in _TABLES:
                self._table(link, schema)
            elif link.name == "raw":
                self._raw(link)
            elif link.name in ("then", "finally", "catch"):
                continue
            else:
                write = _SCHEMA.get(link.name)
                if write is not None:
                    write(self, link, schema)

    def _table(self, call: Call, schema: str) -> None:
        table = dotted_name(call.at(0), schema)
        callback = call.at(1)
        if isinstance(callback, Name):
            callback = self.module.program.function(callback.path)
        if table is None or not isinstance(callback, Function):
            return
        words = _TABLES[call.name]
        changes = Changes(self.script, Site(table, text_of(call.at(0)), schema, call), creates=bool(words))
        changes.read(callback)
        changes.write(words)


def _begins(call: Call, scope: Scope) -> bool:
    """Say whether a call gives a transaction to the program, which is to end it."""
    is_one = call.name in ("transaction", "transactionProvider") and not call.arguments
    return is_one and isinstance(call.on, Name) and call.on.path in scope.runners


_Write = Callable[[_Way, Call, str], None]


def _drop_table(way: _Way, call: Call, schema: str) -> None:
    table = dotted_name(call.at(0), schema)
    if table is not None:
        way.tables.drop(table, call, if_exists=call.name.endswith("IfExists"))


def _rename_table(way: _Way, call: Call, schema: str) -> None:
    old, new = dotted_name(call.at(0), schema), name(call.at(1))
    if old is not None and new is not None:
        way.tables.rename(old, new, call)


def _create_like(way: _Way, call: Call, schema: str) -> None:
    table, other = dotted_name(call.at(0), schema), dotted_name(call.at(1), schema)
    if table is not None and other is not None:
        way.script.statement(["CREATE TABLE ", table, " (LIKE ", other, " INCLUDING ALL)"], call)


def _object(words: str, *, cascades: bool = False) -> _Write:
    """Return what writes a statement about something that is named by the first argument."""

    def write(way: _Way, call: Call, schema: str) -> None:
        own = dotted_name(call.at(0), schema if "VIEW" in words else "")
        if own is not None:
            cascade = [" CASCADE"] if cascades and is_true(call.at(1)) else []
            way.script.statement([f"{words} ", own, *cascade], call)

    return write


def _create_view(way: _Way, call: Call, schema: str) -> None:
    """Write a view; the query is built by calls that only running them would tell."""
    own = dotted_name(call.at(0), schema)
    words = {"createView": "VIEW", "createViewOrReplace": "OR REPLACE VIEW"}
    if own is not None:
        kind = words.get(call.name, "MATERIALIZED VIEW")
        way.script.statement([f"CREATE {kind} ", own, " AS SELECT computed_columns()"], call)


def _refresh(way: _Way, call: Call, schema: str) -> None:
    own = dotted_name(call.at(0))
    words = "CONCURRENTLY " if is_true(call.at(1)) else ""
    if own is not None:
        way.script.statement([f"REFRESH MATERIALIZED VIEW {words}", own], call)


_SCHEMA: Final[dict[str, _Write]] = {
    "createExtension": _object("CREATE EXTENSION"),
    "createExtensionIfNotExists": _object("CREATE EXTENSION IF NOT EXISTS"),
    "createMaterializedView": _create_view,
    "createSchema": _object("CREATE SCHEMA"),
    "createSchemaIfNotExists": _object("CREATE SCHEMA IF NOT EXISTS"),
    "createTableLike": _create_like,
    "createView": _create_view,
    "createViewOrReplace": _create_view,
    "dropExtension": _object("DROP EXTENSION"),
    "dropExtensionIfExists": _object("DROP EXTENSION IF EXISTS"),
    "dropMaterializedView": _object("DROP MATERIALIZED VIEW"),
    "dropMaterializedViewIfExists": _object("DROP MATERIALIZED VIEW IF EXISTS"),
    "dropSchema": _object("DROP SCHEMA", cascades=True),
    "dropSchemaIfExists": _object("DROP SCHEMA IF EXISTS", cascades=True),
    "dropTable": _drop_table,
    "dropTableIfExists": _drop_table,
    "dropView": _object("DROP VIEW"),
    "dropViewIfExists": _object("DROP VIEW IF EXISTS"),
    "refreshMaterializedView": _refresh,
    "renameTable": _rename_table,
}
"""What the schema builder's other calls come to, by name."""
