"""Django's operations on indexes and constraints."""

from collections.abc import Iterable
from functools import partial
from typing import Final

from rollsafe.artefacts.migrations.code.definitions import Index, Key, separated
from rollsafe.artefacts.migrations.code.django_app import App, Operation, hashed, index_of, plain
from rollsafe.artefacts.migrations.code.django_fields import entries, texts
from rollsafe.artefacts.migrations.code.django_state import Groups, Model, groups
from rollsafe.artefacts.migrations.code.script import Part, name
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.formats.code import Call, Code, Items
from rollsafe.text.records import replace


def _add_index(app: App, call: Call) -> None:
    table, described = app.table(call.at(0, "model_name")), call.at(1, "index")
    if table is None or not isinstance(described, Call):
        return
    index = _index(table, described, app.model(call.at(0, "model_name")))
    if index is not None:
        concurrently = call.name == "AddIndexConcurrently"
        app.tables.index(replace(index, concurrently=concurrently), call)


def _index(table: Part, described: Call, model: Model | None) -> Index | None:
    keys = _keys(described, model)
    where = "computed_condition()" if described.get("condition") is not None else None
    method = _METHODS.get(described.name, "")
    included = tuple(map(quoted, columns_of(model, texts(described.get("include")))))
    named = name(described.get("name"))
    return Index(named, table, keys, method=method, where=where, includes=included) if keys else None


def columns_of(model: Model | None, fields: Iterable[str]) -> list[str]:
    """Return the columns of fields; of a field that is not known the one of its name."""
    known = ((one, model.field(one) if model is not None else None) for one in fields)
    return [field.column if field is not None and field.column else one for one, field in known]


def constraints_inside(call: Call, model: Model) -> list[list[Part]]:
    """Return the constraints that the options of a CreateModel list, as far as CREATE TABLE takes them."""
    found = (_inside(one, model) for one in _options(call, "constraints"))
    return [one.parts() for one in found if one is not None]


def _inside(described: Call, model: Model) -> Key | None:
    named = name(described.get("name"))
    if described.name == "CheckConstraint":
        return Key("CHECK", named, ("computed_condition()",))
    fields = texts(described.get("fields"))
    if described.name != "UniqueConstraint" or _is_index(described) or not fields:
        return None
    return Key("UNIQUE", named, listed(columns_of(model, fields)))


def listed(columns: Iterable[str]) -> tuple[Part, ...]:
    """Return columns as the body of a key."""
    return tuple(separated([*map(quoted, columns)]))


def made_inside(app: App, table: Part, model: Model, call: Call) -> None:
    """Write the indexes and constraints of a CreateModel that are made after its table."""
    for one in _options(call, "constraints"):
        if _inside(one, model) is None:
            _constrain(app, call, table, one, model)
    for one in _options(call, "indexes"):
        index = _index(table, one, model)
        if index is not None:
            app.later(partial(app.tables.index, index, call))


def _is_index(described: Call) -> bool:
    """Say whether a unique constraint is an index, as one with a condition or of expressions is."""
    return described.get("condition") is not None or bool(described.arguments)


def _options(call: Call, named: str) -> list[Call]:
    options = entries(call.at(2, "options"))
    code = options[named].value if named in options else None
    rows = code.items if isinstance(code, Items) else ()
    return [one for one in rows if isinstance(one, Call)]


_METHODS: Final = {
    "BrinIndex": "brin",
    "BTreeIndex": "",
    "GinIndex": "gin",
    "GistIndex": "gist",
    "HashIndex": "hash",
    "SpGistIndex": "spgist",
    "BloomIndex": "bloom",
}


def _keys(described: Call, model: Model | None) -> tuple[Part, ...]:
    """Return the columns of an index or constraint; expressions stand for themselves."""
    found = texts(described.get("fields"))
    if found:
        columns = columns_of(model, [one.lstrip("-") for one in found])
        pairs = zip(columns, found, strict=True)
        return tuple(quoted(column) + (" DESC" if one.startswith("-") else "") for column, one in pairs)
    return tuple("(computed_expression())" for _ in described.arguments)


def _remove_index(app: App, call: Call) -> None:
    index = name(call.at(1, "name"))
    words = "CONCURRENTLY IF EXISTS " if call.name == "RemoveIndexConcurrently" else "IF EXISTS "
    if index is not None:
        app.tables.drop_index(index, call, words=words)


def _remove_index_back(app: App, call: Call) -> None:
    described = call.at(1, "index")
    index = name(described.get("name")) if isinstance(described, Call) else None
    words = "CONCURRENTLY IF EXISTS " if call.name == "AddIndexConcurrently" else "IF EXISTS "
    if index is not None:
        app.tables.drop_index(index, call, words=words)


def _add_constraint(app: App, call: Call) -> None:
    table, described = app.table(call.at(0, "model_name")), call.at(1, "constraint")
    if table is None or not isinstance(described, Call):
        return
    _constrain(app, call, table, described, app.model(call.at(0, "model_name")))


def _constrain(app: App, call: Call, table: Part, described: Call, model: Model | None) -> None:
    named = name(described.get("name"))
    invalid = "NOT VALID" if call.name == "AddConstraintNotValid" else ""
    if described.name == "CheckConstraint":
        app.tables.add(table, Key("CHECK", named, ("computed_condition()",), suffix=invalid), call)
    elif described.name == "UniqueConstraint":
        _add_unique(app, call, table, described, model)
    elif described.name == "ExclusionConstraint":
        app.tables.add(table, Key("EXCLUDE USING gist", named, ("computed_expression() WITH =",)), call)


def _add_unique(app: App, call: Call, table: Part, described: Call, model: Model | None) -> None:
    keys, named = _keys(described, model), name(described.get("name"))
    if keys and _is_index(described):
        where = "computed_condition()" if described.get("condition") is not None else None
        app.tables.index(Index(named, table, keys, is_unique=True, where=where), call)
    elif keys:
        app.tables.add(table, Key("UNIQUE", named, tuple(separated(keys))), call)


def _remove_constraint(app: App, call: Call) -> None:
    table, named = app.table(call.at(0, "model_name")), name(call.at(1, "name"))
    if table is not None and named is not None:
        app.tables.drop_constraint(table, named, call)


def _remove_constraint_back(app: App, call: Call) -> None:
    table, described = app.table(call.at(0, "model_name")), call.at(1, "constraint")
    named = name(described.get("name")) if isinstance(described, Call) else None
    if table is not None and named is not None:
        app.tables.drop_constraint(table, named, call)


def _validate_constraint(app: App, call: Call) -> None:
    table, named = app.table(call.at(0, "model_name")), name(call.at(1, "name"))
    if table is not None and named is not None:
        app.tables.alter(table, ["VALIDATE CONSTRAINT ", named], call)


def _together(app: App, call: Call) -> None:
    table, model = app.table(call.at(0, "name")), app.model(call.at(0, "name"))
    wanted = groups(call.at(1, "unique_together", "index_together"))
    if table is None:
        return
    if model is not None:
        had = model.unique if call.name == "AlterUniqueTogether" else model.indexed
        _regroup(app, call, table, model, had, wanted)
        return
    with app.script.restating():
        _regroup(app, call, table, None, frozenset(), wanted)


def _together_back(app: App, call: Call) -> None:
    model, table = app.model(call.at(0, "name")), app.table(call.at(0, "name"))
    after = app.after.get(model.key) if model is not None else None
    if model is not None and table is not None and after is not None:
        is_unique = call.name == "AlterUniqueTogether"
        pair = (after.unique, model.unique) if is_unique else (after.indexed, model.indexed)
        _regroup(app, call, table, model, *pair)


def _regroup(app: App, call: Call, table: Part, model: Model | None, had: Groups, wanted: Groups) -> None:
    """Write the end of the groups that are not wanted any more, then the new ones."""
    is_unique = call.name == "AlterUniqueTogether"
    for group in sorted(had - wanted):
        columns = columns_of(model, group)
        if is_unique:
            app.tables.drop_constraint(table, quoted(hashed(plain(table), columns, "_uniq")), call)
        else:
            index = index_of(table, *map(quoted, columns))
            app.tables.drop_index(index.name or "", call, words="IF EXISTS ")
    for group in sorted(wanted - had):
        columns = columns_of(model, group)
        keys = tuple(map(quoted, columns))
        if is_unique:
            named = quoted(hashed(plain(table), columns, "_uniq"))
            app.tables.add(table, Key("UNIQUE", named, tuple(separated(keys))), call)
        else:
            app.tables.index(index_of(table, *keys), call)


def _rename_index(app: App, call: Call) -> None:
    _swap_names(app, call, call.at(2, "old_name"), call.at(1, "new_name"))


def _rename_index_back(app: App, call: Call) -> None:
    _swap_names(app, call, call.at(1, "new_name"), call.at(2, "old_name"))


def _swap_names(app: App, call: Call, first: Code | None, second: Code | None) -> None:
    old, new = name(first), name(second)
    if old is not None and new is not None and app.table(call.at(0, "model_name")) is not None:
        app.script.statement(["ALTER INDEX ", old, " RENAME TO ", new], call)


FORWARDS: Final[dict[str, Operation]] = {
    "AddConstraint": _add_constraint,
    "AddConstraintNotValid": _add_constraint,
    "AddIndex": _add_index,
    "AddIndexConcurrently": _add_index,
    "AlterIndexTogether": _together,
    "AlterUniqueTogether": _together,
    "RemoveConstraint": _remove_constraint,
    "RemoveIndex": _remove_index,
    "RemoveIndexConcurrently": _remove_index,
    "RenameIndex": _rename_index,
    "ValidateConstraint": _validate_constraint,
}
"""What each does."""

BACKWARDS: Final[dict[str, Operation]] = {
    "AddConstraint": _remove_constraint_back,
    "AddConstraintNotValid": _remove_constraint_back,
    "AddIndex": _remove_index_back,
    "AddIndexConcurrently": _remove_index_back,
    "AlterIndexTogether": _together_back,
    "AlterUniqueTogether": _together_back,
    "RenameIndex": _rename_index_back,
}
"""What undoes each, as far as the models before it are known."""
