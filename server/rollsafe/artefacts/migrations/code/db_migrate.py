"""db-migrate's migrations: raw SQL and the driver's own calls as the statements they send to PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Final

from rollsafe.artefacts.migrations.code.definitions import Column, Index, Key, Reference, joined, separated
from rollsafe.artefacts.migrations.code.definitions import text_of as plain
from rollsafe.artefacts.migrations.code.javascript import (
    Module,
    Scope,
    Way,
    acts,
    entries,
    is_false,
    is_true,
    refuses,
    text_of,
    value_of,
)
from rollsafe.artefacts.migrations.code.knex_raw import bound
from rollsafe.artefacts.migrations.code.migration import Translation
from rollsafe.artefacts.migrations.code.script import Part, Script, Written, literal, name
from rollsafe.artefacts.migrations.conventions import Direction, Transactions
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.code import Argument, Call, Code, Function, Items, Literal, Name, Pairs, Text, walk

_TYPES: Final = {
    "binary": "bytea",
    "blob": "bytea",
    "datetime": "timestamp",
    "int": "integer",
    "string": "varchar",
}
_SERIES: Final = frozenset({"series", "waterfall", "parallel"})


def translate(file: SourceFile) -> Translation | None:
    """Return what `file` sends to the database if db-migrate would run it, else None."""
    if "exports.up" not in file.text and "db-migrate" not in file.text:
        return None
    module = Module(file)
    up, down = module.function("up"), module.function("down")
    if up is None or up.parameters[:1] != ("db",) or not _drives(up):
        return None
    script = Script()
    for direction, function in ((Direction.UP, up), (Direction.DOWN, down)):
        script.begin(direction)
        if function is not None:
            _Way(module, script).run(function, Scope(frozenset(function.parameters[:1])))
    reason = "db-migrate runs pending migrations in a transaction"
    convention = module.convention("db-migrate", Transactions.WRAPPED, reason)
    has_way_back = acts(down) and down is not None and _drives(down)
    refused = refuses(down) or (not has_way_back and module.explains(down))
    return Translation(convention, script, has_way_back, refused, module.program.problems)


def _drives(function: Function) -> bool:
    """Say whether a function calls the driver."""
    paths = (one.path for one in walk(function) if isinstance(one, Call | Name))
    return any(path.startswith("db.") and path.split(".")[1] in _KNOWN for path in paths)


class _Way(Way):
    """Writes the statements of one way."""

    def call(self, call: Call, scope: Scope) -> None:
        """Write what a call on the driver does, then what its callback does."""
        if call.name == "bind" and isinstance(call.on, Name):
            owner, _, method = call.on.path.rpartition(".")
            on = Name(call.on.start, call.on.end, owner)
            call = Call(call.start, call.end, on, method, call.name_at, call.arguments[1:], ())
        elif call.name in _SERIES:
            for one in call.arguments[:1]:
                self._visit(one, scope)
            return
        if isinstance(call.on, Name) and call.on.path in scope.runners:
            self._drive(call)
        self._all([one for one in call.arguments if isinstance(one, Function)], scope)

    def _drive(self, call: Call) -> None:
        if call.name in ("runSql", "all"):
            code, bindings = self.resolved(call.at(0)), call.at(1)
            if isinstance(code, Text) and isinstance(bindings, Items):
                parts = bound(code, bindings, self.module.file)
                self.script.statement(parts, call, partial=code.is_partial)
            else:
                self.sql(code, call)
        elif call.name in _CALLS:
            arguments = tuple(self.resolved(one) or one for one in call.arguments)
            with self.script.restating() if call.name == "changeColumn" else nullcontext():
                for parts in _CALLS[call.name](arguments):
                    self.script.statement(parts, call)
        elif call.name in _KNOWN:
            self.script.opaque(call)


Arguments = tuple[Code, ...]
Make = Callable[[Arguments], Iterator[list[Part]]]


def _name(given: Arguments, position: int) -> Part | None:
    return name(given[position]) if position < len(given) else None


def _column(named: Part, spec: Code) -> Column | None:
    """Return a column of a type, or of `{ type, length, notNull, … }`."""
    options = spec if isinstance(spec, Pairs) else None
    typed = _type(spec)
    if typed is None or options is None:
        return Column(named, typed) if typed is not None else None
    is_key = is_true(options.get("primaryKey"))
    if is_key and is_true(options.get("autoIncrement")):
        typed = "bigserial" if typed == "bigint" else "serial"
    return Column(
        named,
        typed,
        required=is_true(options.get("notNull")) or None,
        default=_value(options.get("defaultValue")),
        is_primary=is_key,
        is_unique=is_true(options.get("unique")),
    )


def _type(spec: Code) -> str | None:
    options = spec if isinstance(spec, Pairs) else None
    typed = text_of(options.get("type")) if options is not None else text_of(spec)
    if not typed:
        return None
    word = _TYPES.get(typed.lower(), typed)
    length = value_of(options.get("length")) if options is not None else None
    word += f"({length})" if isinstance(length, int | str) and length else ""
    return f"{word} with time zone" if options is not None and is_true(options.get("timezone")) else word


def _value(code: Code | None) -> Part | None:
    if isinstance(code, Pairs):
        # `new String('now()')` and `{ raw: 'now()' }` are SQL.
        raw = code.get("raw", "prep")
        return Written(raw.value, raw.inner, raw.is_verbatim) if isinstance(raw, Text) else "'computed'"
    if isinstance(code, Call) and code.name == "String" and isinstance(sql := code.at(0), Text):
        return Written(sql.value, sql.inner, sql.is_verbatim)
    if isinstance(code, Text):
        return Written(literal(code.value), code.inner)
    if isinstance(code, Literal):
        return "NULL" if code.value is None else str(code.value).lower()
    return "'computed'" if code is not None else None


def _create_table(given: Arguments) -> Iterator[list[Part]]:
    table, spec = _name(given, 0), given[1] if len(given) > 1 else None
    options = spec if isinstance(spec, Pairs) and isinstance(spec.get("columns"), Pairs) else None
    rows = _entries(options.get("columns") if options is not None else spec)
    columns = [found for one in rows if (found := _column(_named(one), one.value)) is not None]
    keys = [one.name for one in columns if one.is_primary]
    lines = [_without_key(one).parts() if len(keys) > 1 else one.parts() for one in columns]
    lines += [["PRIMARY KEY (", *separated(keys), ")"]] if len(keys) > 1 else []
    if table is None or not lines:
        return
    check = "IF NOT EXISTS " if options is not None and is_true(options.get("ifNotExists")) else ""
    yield [f"CREATE TABLE {check}", table, " (", *joined(lines), ")"]
    for one in rows:
        yield from _pointing(table, one.name, one.value)


def _pointing(table: Part, column: str, spec: Code) -> Iterator[list[Part]]:
    """Yield the foreign key that a column asks for."""
    key = spec.get("foreignKey") if isinstance(spec, Pairs) else None
    target = name(key.get("table")) if isinstance(key, Pairs) else None
    if not isinstance(key, Pairs) or target is None:
        return
    mapping, rules = key.get("mapping"), key.get("rules")
    pairs = [(column, text_of(mapping))] if isinstance(mapping, Text) else _mapped(mapping)
    yield from _foreign_key(table, target, name(key.get("name")), pairs, rules)


def _entries(code: Code | None) -> tuple[Argument, ...]:
    return tuple(one for one in code.entries if one.name) if isinstance(code, Pairs) else ()


def _named(entry: Argument) -> Part:
    return Written(quoted(entry.name), entry.name_at)


def _without_key(one: Column) -> Column:
    return Column(one.name, one.type, one.required, one.default, is_unique=one.is_unique)


def _drop_table(given: Arguments) -> Iterator[list[Part]]:
    table, options = _name(given, 0), given[1] if len(given) > 1 else None
    check = isinstance(options, Pairs) and is_true(options.get("ifExists"))
    if table is not None:
        yield ["DROP TABLE IF EXISTS " if check else "DROP TABLE ", table]


def _alter(words: str, *positions: int) -> Make:
    """Return what alters the table that comes first; `{}` of `words` are names at `positions`."""
    pieces = words.split("{}")

    def make(given: Arguments) -> Iterator[list[Part]]:
        table, names = _name(given, 0), [_name(given, position) for position in positions]
        known = [one for one in names if one is not None]
        if table is not None and len(known) == len(names):
            parts: list[Part] = ["ALTER TABLE ", table, " ", pieces[0]]
            for one, after in zip(known, pieces[1:], strict=True):
                parts += [one, after]
            yield parts

    return make


def _add_column(given: Arguments) -> Iterator[list[Part]]:
    table, named = _name(given, 0), _name(given, 1)
    column = _column(named, given[2]) if named is not None and len(given) > 2 else None
    if table is not None and column is not None:
        yield ["ALTER TABLE ", table, " ADD COLUMN ", *column.parts()]


def _change_column(given: Arguments) -> Iterator[list[Part]]:
    table, named, spec = _name(given, 0), _name(given, 1), given[2] if len(given) > 2 else None
    if table is None or named is None or not isinstance(spec, Pairs):
        return
    head: list[Part] = ["ALTER TABLE ", table, " ALTER COLUMN ", named]
    typed, default = _type(spec), _value(spec.get("defaultValue"))
    yield [*head, " SET NOT NULL" if is_true(spec.get("notNull")) else " DROP NOT NULL"]
    own = quoted(f"{_bare(table)}_{_bare(named)}_key")
    if is_true(spec.get("unique")):
        yield ["ALTER TABLE ", table, f" ADD CONSTRAINT {own} UNIQUE (", named, ")"]
    elif is_false(spec.get("unique")):
        yield ["ALTER TABLE ", table, f" DROP CONSTRAINT {own}"]
    yield [*head, " SET DEFAULT ", default] if default is not None else [*head, " DROP DEFAULT"]
    if typed is not None:
        using = text_of(spec.get("using"))
        yield [*head, f" TYPE {typed} ", *([using] if using else ["USING ", named, f"::{typed}"])]


def _bare(part: Part) -> str:
    return plain(part).strip('"')


def _names(code: Code) -> tuple[Part, ...]:
    rows = code.items if isinstance(code, Items) else (code,)
    return tuple(found for one in rows if (found := name(one)) is not None)


def _add_index(given: Arguments) -> Iterator[list[Part]]:
    table, own = _name(given, 0), _name(given, 1)
    keys = _names(given[2]) if len(given) > 2 else ()
    if table is not None and keys:
        yield Index(own, table, keys, is_unique=len(given) > 3 and is_true(given[3])).parts()


def _remove_index(given: Arguments) -> Iterator[list[Part]]:
    names = [one for one in given[:2] if isinstance(one, Text)]
    index = name(names[-1]) if names else None
    if index is not None:
        yield ["DROP INDEX ", index]


def _add_foreign_key(given: Arguments) -> Iterator[list[Part]]:
    table, target, own = (_name(given, position) for position in range(3))
    if table is not None and target is not None and len(given) > 3:
        yield from _foreign_key(table, target, own, _mapped(given[3]), given[4] if len(given) > 4 else None)


def _mapped(code: Code | None) -> list[tuple[str, str]]:
    return [(key, text_of(one)) for key, one in entries(code)]


def _foreign_key(
    table: Part, target: Part, own: Part | None, pairs: list[tuple[str, str]], rules: Code | None
) -> Iterator[list[Part]]:
    if not pairs or not all(key and point for key, point in pairs):
        return
    said = dict(entries(rules))
    words = (("onDelete", "ON DELETE"), ("onUpdate", "ON UPDATE"))
    actions = [f"{word} {text_of(said.get(key))}" for key, word in words if text_of(said.get(key))]
    keys, points = [quoted(key) for key, _ in pairs], [quoted(point) for _, point in pairs]
    reference = Reference(target, tuple(points), " ".join(actions))
    key = Key("FOREIGN KEY", own, tuple(separated(keys)), reference)
    yield ["ALTER TABLE ", table, " ADD ", *key.parts()]


_CALLS: Final[dict[str, Make]] = {
    "addColumn": _add_column,
    "addForeignKey": _add_foreign_key,
    "addIndex": _add_index,
    "changeColumn": _change_column,
    "createTable": _create_table,
    "dropTable": _drop_table,
    "removeColumn": _alter("DROP COLUMN {}", 1),
    "removeForeignKey": _alter("DROP CONSTRAINT {}", 1),
    "removeIndex": _remove_index,
    "renameColumn": _alter("RENAME COLUMN {} TO {}", 1, 2),
    "renameTable": _alter("RENAME TO {}", 1),
}
"""What the driver's calls come to, by name."""
_KNOWN: Final = frozenset({*_CALLS, "all", "insert", "runSql"})
