"""node-pg-migrate's migrations: what the builder is asked for as the statements it sends.

A file without `down` is undone by what its calls have as their inverse, in reverse order.
"""

from collections.abc import Callable, Iterator
from typing import Final

from rollsafe.artefacts.migrations.code import pgm_objects as objects
from rollsafe.artefacts.migrations.code import pgm_tables as tables
from rollsafe.artefacts.migrations.code.definitions import joined, placed, separated
from rollsafe.artefacts.migrations.code.javascript import (
    Module,
    Scope,
    Way,
    acts,
    entries,
    is_false,
    is_true,
    text_of,
)
from rollsafe.artefacts.migrations.code.migration import Translation
from rollsafe.artefacts.migrations.code.pgm_names import beside, name_of, option_words, several, value
from rollsafe.artefacts.migrations.code.pgm_objects import Asked, Row
from rollsafe.artefacts.migrations.code.script import Part, Script, Written
from rollsafe.artefacts.migrations.conventions import Direction, Transactions
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.code import Call, Code, Function, Name, Pairs, Text, walk

_HINTS: Final = ("pgm", "node-pg-migrate")
_NEUTRAL: Final = frozenset({"noTransaction", "useTransaction", "func", "toString", "isUsingTransaction"})


def translate(file: SourceFile) -> Translation | None:
    """Return what `file` sends to the database if node-pg-migrate would run it, else None."""
    if not any(hint in file.text for hint in _HINTS):
        return None
    module = Module(file)
    up, down = module.exported("up"), module.exported("down")
    if not isinstance(up, Function) or not up.parameters or not _is_builder(up, file.text):
        return None
    script = Script()
    shorthands = dict(entries(module.exported("shorthands")))
    script.begin(Direction.UP)
    _run(_Builder(module, script, shorthands), up)
    script.begin(Direction.DOWN)
    has_way_back = isinstance(down, Function) and acts(down)
    if isinstance(down, Function):
        _run(_Builder(module, script, shorthands), down)
    elif down is None:
        has_way_back = _undone(module, script, shorthands, up)
    transactions, reason = Transactions.WRAPPED, "node-pg-migrate runs migrations in a transaction"
    if _is_apart(up):
        transactions, reason = Transactions.SEPARATE, "`pgm.noTransaction()`"
    convention = module.convention("node-pg-migrate", transactions, reason)
    refused = is_false(down) or (isinstance(down, Function) and module.refuses(down))
    return Translation(convention, script, has_way_back, refused, module.program.problems)


def _is_builder(up: Function, text: str) -> bool:
    first = up.parameters[0]
    return first == "pgm" or "node-pg-migrate" in text


def _is_apart(function: Function) -> bool:
    """Say whether a function asks to run outside of a transaction."""
    first = function.parameters[0] if function.parameters else ""
    return any(isinstance(one, Call) and one.path == f"{first}.noTransaction" for one in walk(function))


def _scope(function: Function) -> Scope:
    return Scope(frozenset(function.parameters[:1]), apart=_is_apart(function))


def _run(builder: "_Builder", function: Function) -> None:
    builder.run(function, _scope(function))


def _undone(module: Module, script: Script, shorthands: tables.Shorthands, up: Function) -> bool:
    """Write what undoes a migration by itself; say whether all of it can be."""
    builder = _Undoing(module, Script(), shorthands)
    _run(builder, up)
    if builder.is_stuck:
        return False
    for row, is_apart in reversed(builder.rows):
        script.statement(row.parts, row.place, apart=is_apart)
    return bool(builder.rows)


class _Builder(Way):
    """Writes the statements that the builder is asked for."""

    def __init__(self, module: Module, script: Script, shorthands: tables.Shorthands) -> None:
        super().__init__(module, script)
        self._shorthands = shorthands

    def call(self, call: Call, scope: Scope) -> None:
        """Write what a call on the builder does."""
        owner = call.on.path if isinstance(call.on, Name) else ""
        runner, _, rest = owner.partition(".")
        if runner not in scope.runners:
            return
        if rest == "db" or (not rest and call.name == "sql"):
            self.raw(call, scope)
        elif not rest and call.name not in _NEUTRAL:
            self.build(call, scope)

    def raw(self, call: Call, scope: Scope) -> None:
        """Write SQL that is given as it is."""
        given = self.resolved(call.at(0))
        if isinstance(given, Pairs):
            given = given.get("text")
        replaced = _filled(given, call.at(1))
        self.sql(replaced, call, apart=scope.apart)

    def build(self, call: Call, scope: Scope) -> None:
        """Write the statements of a call of the builder's."""
        make = _CALLS.get(call.name)
        if make is None:
            self.script.opaque(call, apart=scope.apart)
            return
        for row in make(self.asked(call)):
            self.script.statement(row.parts, row.place, apart=scope.apart)

    def asked(self, call: Call) -> Asked:
        """Return a call with its arguments, names replaced by what they stand for."""
        arguments = tuple(self.resolved(one) or one for one in call.arguments)
        return Asked(call, arguments, self._shorthands)


class _Undoing(_Builder):
    """Collects the statements by which a migration is undone, in the order of what they undo."""

    def __init__(self, module: Module, script: Script, shorthands: tables.Shorthands) -> None:
        super().__init__(module, script, shorthands)
        self.rows: list[tuple[Row, bool]] = []
        self.is_stuck = False

    def raw(self, call: Call, scope: Scope) -> None:
        """Note that SQL cannot be undone; what is only asked for is not run at all."""
        self.is_stuck = True

    def build(self, call: Call, scope: Scope) -> None:
        """Collect what undoes a call."""
        make = _INVERSES.get(call.name)
        if make is None:
            self.is_stuck = True
            return
        self.rows += [(row, scope.apart) for row in make(self.asked(call))]


def _filled(sql: Code | None, given: Code | None) -> Code | None:
    """Return SQL with `{name}` replaced by what is given for it."""
    if not isinstance(sql, Text) or not isinstance(given, Pairs):
        return sql
    words = sql.value
    for key, one in entries(given):
        part = name_of(one) if isinstance(one, Text | Pairs) else value(one)
        if part is not None:
            words = words.replace(f"{{{key}}}", part.text if isinstance(part, Written) else part)
    return Text(sql.start, sql.end, words, sql.inner, is_verbatim=False, is_partial=sql.is_partial)


Make = Callable[[Asked], Iterator[Row]]


def _create_table(asked: Asked) -> Iterator[Row]:
    table, options = asked.name(0), asked.options(2)
    if table is None:
        return
    found = list(tables.columns_of(asked.at(1), asked.shorthands))
    several_keys = tables.primary_of(found)
    lines = [
        placed((one.column if not several_keys else objects.without_key(one.column)).parts(), one.place)
        for one in found
    ]
    lines += tables.named_constraints(asked.at(0), options)
    lines += [tables.keyed(asked.at(0), several_keys)] if several_keys else []
    lines += objects.like(options)
    words = option_words(options, "temporary", "unlogged", "ifNotExists")
    head = "CREATE "
    head += "TEMPORARY " if words["temporary"] else "UNLOGGED " if words["unlogged"] else ""
    head += "TABLE IF NOT EXISTS " if words["ifNotExists"] else "TABLE "
    yield Row([head, table, " (", *joined(lines), ")", *objects.table_suffix(options)], asked.call)
    yield from (Row(parts, place) for parts, place in tables.comments(table, found))
    if options is not None and (said := options.get("comment")) is not None:
        yield Row(["COMMENT ON TABLE ", table, " IS ", value(said)], asked.call)


def _add_columns(asked: Asked) -> Iterator[Row]:
    table, words = asked.name(0), option_words(asked.options(2), "ifNotExists")
    found = list(tables.columns_of(asked.at(1), asked.shorthands))
    if table is None or not found:
        return
    add = "ADD COLUMN IF NOT EXISTS " if words["ifNotExists"] else "ADD COLUMN "
    rows = [[Written(add, one.place), *placed(one.column.parts(), one.place)] for one in found]
    yield Row(["ALTER TABLE ", table, " ", *joined(rows)], asked.call)
    yield from (Row(parts, place) for parts, place in tables.comments(table, found))


def _drop_columns(asked: Asked) -> Iterator[Row]:
    table, given = asked.name(0), asked.at(1)
    if isinstance(given, Pairs):
        names: list[Part] = [Written(quoted(one.name), one.name_at) for one in given.entries if one.name]
    else:
        names = [one for each in several(given) if (one := name_of(each)) is not None]
    options = option_words(asked.options(2), "ifExists", "cascade")
    drop, end = (
        "DROP COLUMN IF EXISTS " if options["ifExists"] else "DROP COLUMN ",
        " CASCADE" if options["cascade"] else "",
    )
    if table is not None and names:
        yield Row(["ALTER TABLE ", table, " ", *joined([[drop, one, end] for one in names])], asked.call)


def _alter_column(asked: Asked) -> Iterator[Row]:
    table, column, options = asked.name(0), asked.name(1), asked.options(2)
    if table is None or column is None or options is None:
        return
    actions = list(tables.altered(column, options))
    if actions:
        yield Row(["ALTER TABLE ", table, " ", *joined(actions)], asked.call)
    said = options.get("comment")
    if said is not None:
        yield Row(["COMMENT ON COLUMN ", table, ".", column, " IS ", value(said)], asked.call)


def _add_constraint(asked: Asked) -> Iterator[Row]:
    table, own, given = asked.name(0), asked.name(1), asked.at(2)
    if table is None or given is None:
        return
    if isinstance(given, Text):
        head: list[Part] = ["CONSTRAINT ", own, " "] if own is not None else []
        rows = [[*head, Written(given.value, given.inner, given.is_verbatim)]] if not given.is_partial else []
    else:
        rows = list(tables.constraints_of(asked.at(0), given, own)) if isinstance(given, Pairs) else []
    if rows:
        yield Row(["ALTER TABLE ", table, " ", *joined([["ADD ", *one] for one in rows])], asked.call)
    said = given.get("comment") if isinstance(given, Pairs) else None
    if said is not None and own is not None:
        yield Row(["COMMENT ON CONSTRAINT ", own, " ON ", table, " IS ", value(said)], asked.call)


def _drop_constraint(asked: Asked) -> Iterator[Row]:
    table, own = asked.name(0), asked.name(1)
    words = option_words(asked.options(2), "ifExists", "ifTableExists", "cascade")
    if table is None or own is None:
        return
    head = "ALTER TABLE IF EXISTS " if words["ifTableExists"] else "ALTER TABLE "
    drop = " DROP CONSTRAINT IF EXISTS " if words["ifExists"] else " DROP CONSTRAINT "
    yield Row([head, table, drop, own, " CASCADE" if words["cascade"] else ""], asked.call)


def _alter_table(asked: Asked) -> Iterator[Row]:
    table, options = asked.name(0), asked.options(1)
    if table is None or options is None:
        return
    security, unlogged = text_of(options.get("levelSecurity")), options.get("unlogged")
    actions: list[Part] = [f"{security} ROW LEVEL SECURITY"] if security else []
    actions += ["SET UNLOGGED"] if is_true(unlogged) else ["SET LOGGED"] if is_false(unlogged) else []
    if actions:
        yield Row(["ALTER TABLE ", table, " ", *separated(actions)], asked.call)


def _create_index(asked: Asked) -> Iterator[Row]:
    index = tables.index_of(asked.at(0), asked.at(1), asked.options(2))
    if index is not None:
        yield Row(index.parts(), asked.call)


def _drop_index(asked: Asked) -> Iterator[Row]:
    options = asked.options(2)
    index = tables.index_name(asked.at(0), asked.at(1), options)
    words = option_words(options, "concurrently", "ifExists", "cascade")
    if index is None:
        return
    head = "DROP INDEX CONCURRENTLY " if words["concurrently"] else "DROP INDEX "
    head += "IF EXISTS " if words["ifExists"] else ""
    yield Row([head, beside(asked.at(0), index), " CASCADE" if words["cascade"] else ""], asked.call)


_CALLS: Final[dict[str, Make]] = {
    **objects.CALLS,
    "addColumn": _add_columns,
    "addColumns": _add_columns,
    "addConstraint": _add_constraint,
    "addIndex": _create_index,
    "alterColumn": _alter_column,
    "alterTable": _alter_table,
    "createConstraint": _add_constraint,
    "createIndex": _create_index,
    "createTable": _create_table,
    "dropColumn": _drop_columns,
    "dropColumns": _drop_columns,
    "dropConstraint": _drop_constraint,
    "dropIndex": _drop_index,
}
"""What the builder's calls come to, by name."""

_INVERSES: Final[dict[str, Make]] = {
    **objects.INVERSES,
    "addColumn": _drop_columns,
    "addColumns": _drop_columns,
    "addConstraint": _drop_constraint,
    "addIndex": _drop_index,
    "createConstraint": _drop_constraint,
    "createIndex": _drop_index,
}
"""What undoes the builder's calls, by name; those that cannot be undone are not there."""
