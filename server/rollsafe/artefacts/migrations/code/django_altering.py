"""What Django makes of a field that is another one than before."""

from rollsafe.artefacts.migrations.code.definitions import Key, Reference
from rollsafe.artefacts.migrations.code.django_app import App, foreign_key_name, hashed, index_of, plain
from rollsafe.artefacts.migrations.code.django_fields import AUTO, UNKNOWN_TYPE, Field, Said
from rollsafe.artefacts.migrations.code.django_joins import like_index
from rollsafe.artefacts.migrations.code.django_state import Model
from rollsafe.artefacts.migrations.code.script import Part
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.formats.code import Call
from rollsafe.text.records import record


@record
class _Change:
    """A field before and after, in the table of `model`; types are those of its column."""

    app: App
    model: Model
    call: Call
    old: Field
    said: Said
    was: str
    will: str

    @property
    def new(self) -> Field:
        """The field after."""
        return self.said.field

    @property
    def table(self) -> str:
        """The table, as SQL writes it."""
        return quoted(self.model.table)

    @property
    def is_told(self) -> bool:
        """Whether both types are known; those of fields that a project makes itself are not."""
        return self.old.is_known and self.new.is_known and UNKNOWN_TYPE not in (self.was, self.will)

    @property
    def is_of_others(self) -> bool:
        """Whether keys that refer to the column take part."""
        both = (self.old.is_primary and self.new.is_primary) or (self.old.is_unique and self.new.is_unique)
        return both and self.was != self.will and self.is_told


def alter(app: App, model: Model, old: Field, said: Said, call: Call) -> None:
    """Write what turns a field into another one."""
    new = said.field
    is_same = (old.told, old.target, old.column) == (new.told, new.target, new.column)
    if is_same or not model.is_managed:
        return
    if old.join is not None or new.join is not None:
        return
    change = _Change(app, model, call, old, said, app.column_type(old), app.column_type(new))
    others = _others(change) if change.is_of_others else []
    unlinked = unlink(app, model, old, call)
    _drop_keys(change)
    for other, field in others:
        unlink(app, other, field, call)
    _column(change)
    _add_keys(change)
    for other, field in others:
        _retype(change, other, field)
    if unlinked or not (old.is_relation and old.is_constrained):
        _link(app, model, new, said.name, call)
    for other, field in others:
        _link(app, other, field, quoted(field.column), call, is_short=True)
    _after_keys(change)


def _drop_keys(change: _Change) -> None:
    app, old, new = change.app, change.old, change.new
    if old.is_unique and not new.is_unique:
        named = quoted(hashed(change.model.table, [old.column], "_uniq"))
        app.tables.drop_constraint(change.table, named, change.call)
    if old.is_indexed and not new.is_indexed:
        index = index_of(change.table, old.column)
        app.tables.drop_index(index.name or "", change.call, words="IF EXISTS ")


def _add_keys(change: _Change) -> None:
    app, old, new, said = change.app, change.old, change.new, change.said
    if new.is_unique and not old.is_unique:
        named = quoted(hashed(change.model.table, [new.column], "_uniq"))
        app.tables.add(change.table, Key("UNIQUE", named, (said.name,)), change.call)
    if new.is_indexed and not old.is_indexed:
        app.tables.index(index_of(change.table, said.name), change.call)


def _others(change: _Change) -> list[tuple[Model, Field]]:
    """Return the keys of all models that refer to a field, by the model that has each."""
    return [
        (model, field)
        for model in change.app.state.values()
        if model.is_managed
        for field in model.fields
        if field.target == change.model.key and field.join is None
        if (field.to_field or (change.old.name if change.old.is_primary else "")) == change.old.name
    ]


def _retype(change: _Change, model: Model, field: Field) -> None:
    column, will = quoted(field.column), change.will
    using = f" USING {column}::{will}" if _is_cast(change) else ""
    change.app.tables.alter_column(quoted(model.table), column, [f"TYPE {will}{using}"], change.call)


def _is_cast(change: _Change) -> bool:
    """Say whether a column gets another type, and not only another length of it."""
    return change.was.partition("(")[0] != change.will.partition("(")[0]


def unlink(app: App, model: Model, field: Field, call: Call) -> bool:
    """Write the end of the foreign key of a field; say whether it has one."""
    points = app.reference(field)
    if points is None or not model.is_managed:
        return False
    table = quoted(model.table)
    named = foreign_key_name(table, quoted(field.column), points)
    app.script.statement([f"SET CONSTRAINTS {named} IMMEDIATE"], call)
    app.tables.drop_constraint(table, named, call)
    return True


def _link(app: App, model: Model, field: Field, column: Part, call: Call, *, is_short: bool = False) -> None:
    points: Reference | None = app.reference(field)
    if points is not None:
        named = foreign_key_name(quoted(model.table), column, points)
        if is_short:
            named = quoted(hashed(model.table, [field.column], "_fk"))
        app.tables.add(quoted(model.table), Key("FOREIGN KEY", named, (column,), points), call)


def _column(change: _Change) -> None:
    """Write the changes of the column itself, which Django sends as one statement where it can."""
    app, table, call, old, new = change.app, change.table, change.call, change.old, change.new
    if _checks(old) and not _checks(new):
        app.tables.drop_constraint(table, quoted(f"{change.model.table}_{old.column}_check"), call)
    if old.column != new.column:
        app.tables.rename_column(table, quoted(old.column), change.said.name, call)
    _drop_like(change)
    actions = _type_actions(change) + _default_actions(change)
    is_told = old.is_known and new.is_known
    tightened = is_told and old.is_null and not new.is_null and not new.is_primary
    filled = tightened and (new.default is not None or new.db_default is not None)
    null = [*_on(change), "SET NOT NULL" if tightened else "DROP NOT NULL"]
    rows = actions if filled or not is_told or old.is_null == new.is_null else [*actions, null]
    for row in rows:
        app.tables.alter(table, row, call)
    if filled:
        value = new.db_default if new.db_default is not None else new.default
        where: list[Part] = ["UPDATE ", table, " SET ", change.said.name, f" = {value} WHERE "]
        app.script.statement([*where, change.said.name, " IS NULL"], call)
        app.script.statement(["SET CONSTRAINTS ALL IMMEDIATE"], call)
        app.tables.alter(table, null, call)
    if change.was != change.will and new.kind in AUTO:
        sequence = quoted(f"{change.model.table}_{new.column}_seq")
        if old.kind in AUTO:
            app.script.statement([f"ALTER SEQUENCE IF EXISTS {sequence} AS {change.will}"], call)
        else:
            app.tables.alter(table, [*_on(change), "ADD GENERATED BY DEFAULT AS IDENTITY"], call)


def _on(change: _Change) -> list[Part]:
    return ["ALTER COLUMN ", change.said.name, " "]


def _drop_like(change: _Change) -> None:
    was, will = (one.partition("(")[0] for one in (change.was, change.will))
    had, old, new = like_index(change.app, change.table, change.old), change.old, change.new
    is_another = had is not None and was != will
    is_lost = (old.is_unique or (had is not None and old.is_indexed)) and not (
        new.is_indexed or new.is_unique
    )
    if is_another or is_lost:
        named = quoted(hashed(change.model.table, [old.column], "_like"))
        change.app.tables.drop_index(named, change.call, words="IF EXISTS ")


def _type_actions(change: _Change) -> list[list[Part]]:
    if change.was == change.will or not change.is_told:
        return []
    row = [*_on(change), "TYPE ", change.will]
    return [[*row, " USING ", change.said.name, f"::{change.will}"] if _is_cast(change) else row]


def _default_actions(change: _Change) -> list[list[Part]]:
    old, new = change.old, change.new
    if new.db_default is not None:
        return [] if old.db_default == new.db_default else [[*_on(change), f"SET DEFAULT {new.db_default}"]]
    dropped: list[list[Part]] = [[*_on(change), "DROP DEFAULT"]] if old.db_default is not None else []
    return [*dropped, [*_on(change), f"SET DEFAULT {new.default}"]] if _fills(change) else dropped


def _fills(change: _Change) -> bool:
    """Say whether the column has a default meanwhile, by which rows without a value get one."""
    old, new = change.old, change.new
    if not old.is_null or new.is_null or new.db_default is not None:
        return False
    if not old.is_known or not new.is_known:
        return False
    return new.default is not None and new.default != old.default


def _checks(field: Field) -> bool:
    return any(one.startswith("CHECK") for one in field.suffix)


def _after_keys(change: _Change) -> None:
    app, table, new = change.app, change.table, change.new
    if _checks(new) and not _checks(change.old):
        named = quoted(hashed(change.model.table, [new.column], "_check"))
        app.tables.add(table, Key("CHECK", named, (f"{quoted(new.column)} >= 0",)), change.call)
    if _fills(change):
        app.tables.alter(table, [*_on(change), "DROP DEFAULT"], change.call)
    like = like_index(app, table, new)
    if like is not None and like_index(app, table, change.old) is None:
        app.tables.index(like, change.call)


def restate(app: App, table: Part, said: Said, call: Call) -> None:
    """Write all that a field may change which nobody has told of before."""
    one = said.field
    with app.script.restating():
        if one.is_known and not one.is_relation:
            app.tables.alter_column(table, said.name, ["TYPE ", one.type], call)
        if not one.is_primary and one.is_known:
            words = "DROP NOT NULL" if one.is_null else "SET NOT NULL"
            app.tables.alter_column(table, said.name, [words], call)
        if one.is_unique:
            named = quoted(hashed(plain(table), [plain(said.name)], "_uniq"))
            app.tables.add(table, Key("UNIQUE", named, (said.name,)), call)
