"""Alembic's operations (`op.add_column`, batches, `op.execute`) as the statements they send to PostgreSQL."""

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import Final

from rollsafe.artefacts.migrations.code.databases import Dialects, taken
from rollsafe.artefacts.migrations.code.definitions import (
    Column,
    Index,
    Key,
    Reference,
    Tables,
    separated,
    text_of,
)
from rollsafe.artefacts.migrations.code.migration import Translation
from rollsafe.artefacts.migrations.code.nameless import Nameless, nameless, untried
from rollsafe.artefacts.migrations.code.script import Part, Script, Written, literal, name
from rollsafe.artefacts.migrations.code.sqlalchemy import (
    actions_of,
    bare,
    column_of,
    constraint_of,
    dotted,
    enums_of,
    exclusion_of,
    expression,
    given,
    in_order,
    names_of,
    raises,
    strings_of,
    told_type,
)
from rollsafe.artefacts.migrations.code.untaken import is_untaken
from rollsafe.artefacts.migrations.conventions import Convention, Direction, DownStyle, Transactions, as_told
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.code import Block, Call, Code, Function, Literal, Program, Text, walk
from rollsafe.formats.code.python import read_python
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

_LABEL = lazily(r"(?i)(?:[0-9a-f]{4,40}|[\d_]+)_(?P<label>.+)\.py\Z")
_BELOW: Final = ("down_revision", "depends_on")
_MAX_HOPS: Final = 3


def translate(file: SourceFile) -> Translation | None:
    """Return what `file` sends to the database if Alembic would run it, else None."""
    if "revision" not in file.text or "def upgrade" not in file.text:
        return None
    program = read_python(file.text)
    revision = program.assigned("revision")
    up, down = program.function("upgrade"), program.function("downgrade")
    if not isinstance(revision, Text) or up is None:
        return None
    script, dialects, dropped = Script(), Dialects(program, file.text), list[Nameless]()
    for direction, function in ((Direction.UP, up), (Direction.DOWN, down)):
        if function is not None:  # where no revision has a `downgrade`, nobody means to go back
            script.begin(direction)
            way = _Way(program, script, dialects)
            way.run(function)
            dropped += [one._replace(is_down=direction is Direction.DOWN) for one in way.nameless]
    refuses = down is not None and (raises(down) or is_untaken(down, program, file.text))
    way_back = down is not None and not refuses and any(isinstance(one, Call) for one in walk(down))
    convention = as_told(_convention(file, program, revision.value), file.around)
    nameless_ones = untried(dropped, program)
    return Translation(convention, script, way_back, refuses, program.problems, nameless=nameless_ones)


def _convention(file: SourceFile, program: Program, revision: str) -> Convention:
    named = _LABEL.match(file.name)
    return Convention(
        name="alembic",
        version=revision,
        label=named["label"] if named else file.name.removesuffix(".py"),
        direction=Direction.BOTH,
        home=file.directory,
        transactions=Transactions.WRAPPED,
        reason="Alembic runs a migration in a transaction",
        down_path=file.path,
        down_style=DownStyle.SECTION,
        follows=tuple(one for key in _BELOW for one in strings_of(program.assigned(key))),
    )


class _Scope(NamedTuple):
    """Where a statement stands: in which batches, and whether outside of the transaction."""

    batches: dict[str, tuple[Part, Part | None]]
    apart: bool


class _Way:
    """Writes the statements of one way."""

    def __init__(self, program: Program, script: Script, dialects: Dialects) -> None:
        self.program = program
        self._dialects = dialects
        self.script = script
        self.tables = Tables(script)
        self._made: set[str] = set()
        self.nameless: list[Nameless] = []

    def run(self, function: Function, scope: _Scope | None = None, hops: int = 0) -> None:
        """Write what a function does."""
        self._all(function.body, scope or _Scope({}, apart=False), hops)

    def _all(self, body: Iterable[Code], scope: _Scope, hops: int) -> None:
        for one in taken(body, self._dialects):
            if isinstance(one, Block):
                inner = self._within(one, scope)
                # What a batch collects is sent when it ends.
                unit = one if inner.batches != scope.batches and not hops else self.script.current_unit
                with self.script.unit(unit):
                    self._all(one.body, inner, hops)
            elif isinstance(one, Call):
                self._call(one, scope, hops)

    def _within(self, block: Block, scope: _Scope) -> _Scope:
        if block.kind != "with":
            return scope
        for head, variable in zip(block.head, block.names, strict=False):
            if not isinstance(head, Call):
                continue
            if head.name == "autocommit_block":
                scope = scope._replace(apart=True)
            elif head.name == "batch_alter_table" and (table := _table(head, 0)) is not None:
                scope = scope._replace(batches={**scope.batches, variable: (table, name(head.get("schema")))})
        return scope

    def _call(self, call: Call, scope: _Scope, hops: int) -> None:
        if call.on is None:
            helper = self.program.function(call.name)
            if helper is not None and hops < _MAX_HOPS:
                self.run(helper, scope, hops + 1)
            elif call.name == "create_table":  # a project's own, around the operation
                _create_table(self, call, scope.apart)
            return
        owner = call.path.rpartition(".")[0]
        if owner in scope.batches:
            write = _IN_BATCH.get(call.name)
            if write is not None:
                with self.script.cutting(call):
                    write(self, call, scope.batches[owner][0])
            return
        with self.script.unit(call if not hops else None):
            if self.program.full_name(owner) == "alembic.op":
                operation = _OPERATIONS.get(call.name)
                if operation is not None:
                    operation(self, call, scope.apart)
            elif call.name == "execute":
                self.execute(call, scope.apart)

    def execute(self, call: Call, apart: bool) -> None:
        """Write SQL given as a string, plain or in `text(…)`."""
        code = call.at(0, "sqltext", "statement")
        if isinstance(code, Call) and code.name == "text" and code.arguments:
            code = code.arguments[0]
        if isinstance(code, Text):
            self.script.sql(code, call, apart=apart)

    def enums(self, code: Code | None, call: Call) -> None:
        """Write the enum types that a column's type makes along with its table."""
        for named, described in enums_of(code):
            values = [literal(one.value) for one in described.arguments if isinstance(one, Text)]
            if named not in self._made and values:
                self._made.add(named)
                self.script.statement([f"CREATE TYPE {named} AS ENUM ({', '.join(values)})"], call)


def _table(call: Call, position: int, key: str = "table_name") -> Part | None:
    table, schema = given(call.at(position, key, "source_table")), call.get("schema", "source_schema")
    if table is None or not isinstance(schema, Text):
        return table
    return f"{dotted(schema.value)}.{table.text if isinstance(table, Written) else table}"


def _create_table(way: _Way, call: Call, apart: bool) -> None:
    table = _table(call, 0)
    if table is None:
        return
    columns: list[Column] = []
    keys: list[Key] = []
    for one in call.arguments[1:]:
        column, constraint = column_of(one), constraint_of(one)
        if column is not None:
            for each in walk(one):
                way.enums(each, call)
            columns.append(column)
        elif constraint is not None:
            keys.append(constraint)
    rows = [*(bare(one).parts() for one in columns), *(key.parts() for key in in_order(columns, keys))]
    way.tables.create(table, rows, call)
    for one in call.arguments[1:]:
        _indexed(way, one, table, call)


def _indexed(way: _Way, code: Code, table: Part, place: Call) -> None:
    """Write the index a column asks for with `index=True`."""
    asked = code.get("index") if isinstance(code, Call) else None
    column = column_of(code)
    if column is not None and isinstance(asked, Literal) and asked.value is True:
        way.tables.index(Index(None, table, (column.name,)), place)


def _drop_table(way: _Way, call: Call, apart: bool) -> None:
    table = _table(call, 0)
    if table is not None:
        way.tables.drop(table, call, if_exists=_true(call, "if_exists"))


def _rename_table(way: _Way, call: Call, apart: bool) -> None:
    old, new = _table(call, 0, "old_table_name"), name(call.at(1, "new_table_name"))
    if old is not None and new is not None:
        way.tables.rename(old, new, call)


def _true(call: Call, key: str) -> bool:
    value = call.get(key)
    return isinstance(value, Literal) and value.value is True


def _column(way: _Way, call: Call, table: Part, code: Code | None) -> None:
    column = column_of(code) if code is not None else None
    if column is None or code is None:
        return
    for each in walk(code):
        way.enums(each, call)
    # Alembic adds the constraints of a column in statements of their own.
    plain = Column(column.name, column.type, column.required, column.default, suffix=column.suffix)
    words = "IF NOT EXISTS " if _true(call, "if_not_exists") else ""
    way.tables.add_column(table, plain, call, words=words)
    if column.references is not None:
        way.tables.add(
            table, Key("FOREIGN KEY", column.references.name, (column.name,), column.references), call
        )
    if column.is_unique:
        way.tables.add(table, Key("UNIQUE", None, (column.name,)), call)
    _indexed(way, code, table, call)


def _alter_column(way: _Way, call: Call, table: Part, column: Part | None) -> None:
    if column is None:
        return
    nullable, typed = call.get("nullable"), told_type(call.get("type_"), way.program)
    if isinstance(nullable, Literal) and isinstance(nullable.value, bool):
        words = "DROP NOT NULL" if nullable.value else "SET NOT NULL"
        before = call.get("existing_nullable")
        is_same = isinstance(before, Literal) and before.value is nullable.value
        with way.script.restating() if is_same else nullcontext():
            way.tables.alter_column(table, column, [words], call)
    if typed:
        using = call.get("postgresql_using")
        extra = f" USING {using.value}" if isinstance(using, Text) and not using.is_partial else ""
        with way.script.retyping(told_type(call.get("existing_type"), way.program)):
            way.tables.alter_column(table, column, [f"TYPE {typed}{extra}"], call)
    _alter_default(way, call, table, column)
    new = name(call.get("new_column_name", "name"))
    if new is not None:
        way.tables.rename_column(table, column, new, call)


def _alter_default(way: _Way, call: Call, table: Part, column: Part) -> None:
    default = call.get("server_default")
    if isinstance(default, Literal) and default.value in (None, False):
        way.tables.alter_column(table, column, ["DROP DEFAULT"], call)
    elif default is not None and (value := expression(default)) is not None:
        way.tables.alter_column(table, column, ["SET DEFAULT ", value], call)


def _index(way: _Way, call: Call, table: Part | None, keys: tuple[Part, ...] | None, apart: bool) -> None:
    if table is None or keys is None:
        return
    method, where = call.get("postgresql_using"), call.get("postgresql_where")
    index = Index(
        given(call.at(0, "index_name")),
        table,
        keys,
        is_unique=_true(call, "unique"),
        concurrently=_true(call, "postgresql_concurrently"),
        method=method.value if isinstance(method, Text) else "",
        where=expression(where, is_text=True),
        includes=names_of(call.get("postgresql_include")) or (),
        if_not_exists=_true(call, "if_not_exists"),
    )
    way.tables.index(index, call, apart=apart)


def _drop_index(way: _Way, call: Call, apart: bool) -> None:
    index = _table(call, 0, "index_name")
    words = "CONCURRENTLY " if _true(call, "postgresql_concurrently") else ""
    words += "IF EXISTS " if _true(call, "if_exists") else ""
    if index is not None:
        way.tables.drop_index(index, call, words=words, apart=apart)


def _key(way: _Way, call: Call, kind: str, table: Part | None, body: tuple[Part, ...] | None) -> None:
    if table is None or body is None:
        return
    invalid = "NOT VALID" if _true(call, "postgresql_not_valid") else ""
    named = given(call.at(0, "constraint_name"))
    way.tables.add(table, Key(kind, named, body, suffix=invalid), call)


def _columns(code: Code | None) -> tuple[Part, ...] | None:
    found = names_of(code)
    return tuple(separated(found)) if found is not None else None


def _foreign_key(way: _Way, call: Call, table: Part | None, at: int) -> None:
    """Write a foreign key; the table it points at is the argument at position `at`."""
    target, columns = name(call.at(at, "referent_table")), _columns(call.at(at + 1, "local_cols"))
    points = names_of(call.at(at + 2, "remote_cols"))
    if table is None or target is None or columns is None or points is None:
        return
    schema = call.get("referent_schema")
    if isinstance(schema, Text):
        target = f"{dotted(schema.value)}.{target.text if isinstance(target, Written) else target}"
    invalid = "NOT VALID" if _true(call, "postgresql_not_valid") else ""
    named, reference = given(call.at(0, "constraint_name")), Reference(target, points, actions_of(call))
    way.tables.add(table, Key("FOREIGN KEY", named, columns, reference, invalid), call)


def _drop_constraint(way: _Way, call: Call, table: Part | None, kind: Code | None) -> None:
    constraint = given(call.at(0, "constraint_name"))
    if table is not None and constraint is not None:
        way.tables.drop_constraint(table, constraint, call)
    elif table is not None and (found := nameless(call, text_of(table), kind)) is not None:
        way.nameless.append(found)


def _drop_column(way: _Way, call: Call, table: Part | None, column: Part | None) -> None:
    if table is not None and column is not None:
        way.tables.drop_column(table, column, call)


def _check(code: Code | None) -> tuple[Part, ...] | None:
    found = expression(code, is_text=True)
    return (found,) if found is not None else None


def _exclude(way: _Way, call: Call, table: Part | None, first: int) -> None:
    body = exclusion_of(call.arguments[first:])
    if table is not None and body:
        way.tables.add(table, Key("EXCLUDE USING gist", given(call.at(0)), body), call)


_Operation = Callable[[_Way, Call, bool], None]


def _bulk_insert(way: _Way, call: Call, apart: bool) -> None:
    target = call.at(0, "table")
    named = name(target.arguments[0]) if isinstance(target, Call) and target.arguments else None
    if named is not None:
        way.script.statement(["INSERT INTO ", named, " DEFAULT VALUES"], call, apart=apart)


_OPERATIONS: Final[dict[str, _Operation]] = {
    "add_column": lambda w, c, _: _column(w, c, t, c.at(1, "column")) if (t := _table(c, 0)) else None,
    "alter_column": lambda w, c, _: (
        _alter_column(w, c, t, name(c.at(1, "column_name"))) if (t := _table(c, 0)) else None
    ),
    "bulk_insert": _bulk_insert,
    "create_check_constraint": lambda w, c, _: _key(
        w, c, "CHECK", _table(c, 1), _check(c.at(2, "condition"))
    ),
    "create_exclude_constraint": lambda w, c, _: _exclude(w, c, _table(c, 1), 2),
    "create_foreign_key": lambda w, c, _: _foreign_key(w, c, _table(c, 1), 2),
    "create_index": lambda w, c, apart: _index(w, c, _table(c, 1), names_of(c.at(2, "columns")), apart),
    "create_primary_key": lambda w, c, _: _key(
        w, c, "PRIMARY KEY", _table(c, 1), _columns(c.at(2, "columns"))
    ),
    "create_table": _create_table,
    "create_unique_constraint": lambda w, c, _: _key(
        w, c, "UNIQUE", _table(c, 1), _columns(c.at(2, "columns"))
    ),
    "drop_column": lambda w, c, _: _drop_column(w, c, _table(c, 0), name(c.at(1, "column_name"))),
    "drop_constraint": lambda w, c, _: _drop_constraint(w, c, _table(c, 1), c.at(2, "type_")),
    "drop_index": _drop_index,
    "drop_table": _drop_table,
    "execute": lambda w, c, apart: w.execute(c, apart),
    "rename_table": _rename_table,
}
"""What `op` offers, by name."""

_IN_BATCH: Final[dict[str, Callable[[_Way, Call, Part], None]]] = {
    "add_column": lambda w, c, table: _column(w, c, table, c.at(0, "column")),
    "alter_column": lambda w, c, table: _alter_column(w, c, table, name(c.at(0, "column_name"))),
    "create_check_constraint": lambda w, c, table: _key(w, c, "CHECK", table, _check(c.at(1, "condition"))),
    "create_foreign_key": lambda w, c, table: _foreign_key(w, c, table, 1),
    "create_index": lambda w, c, table: _index(w, c, table, names_of(c.at(1, "columns")), apart=False),
    "create_primary_key": lambda w, c, table: _key(w, c, "PRIMARY KEY", table, _columns(c.at(1, "columns"))),
    "create_unique_constraint": lambda w, c, table: _key(w, c, "UNIQUE", table, _columns(c.at(1, "columns"))),
    "drop_column": lambda w, c, table: _drop_column(w, c, table, name(c.at(0, "column_name"))),
    "drop_constraint": lambda w, c, table: _drop_constraint(w, c, table, c.at(1, "type_")),
    "drop_index": lambda w, c, table: _drop_index(w, c, apart=False),
}
"""What a batch offers, by name; the table is the batch's."""
