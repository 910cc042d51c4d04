"""Django's operations on indexes and constraints."""

from typing import Final

from rollsafe.artefacts.migrations.code.definitions import Index, Key, separated
from rollsafe.artefacts.migrations.code.django_app import App, Operation, hashed, index_of, plain
from rollsafe.artefacts.migrations.code.django_fields import (
    texts,
)
from rollsafe.artefacts.migrations.code.script import Part, name
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.formats.code import Call, Items


def _add_index(app: App, call: Call) -> None:
    table, described = app.table(call.at(0, "model_name")), call.at(1, "index")
    if table is None or not isinstance(described, Call):
        return
    keys = _keys(described)
    concurrently = call.name == "AddIndexConcurrently"
    if keys:
        method = _METHODS.get(described.name, "")
        where = "computed_condition()" if described.get("condition") is not None else None
        index = Index(
            name(described.get("name")), table, keys, concurrently=concurrently, method=method, where=where
        )
        app.tables.index(index, call)


_METHODS: Final = {
    "BrinIndex": "brin",
    "BTreeIndex": "",
    "GinIndex": "gin",
    "GistIndex": "gist",
    "HashIndex": "hash",
    "SpGistIndex": "spgist",
    "BloomIndex": "bloom",
}


def _keys(described: Call) -> tuple[Part, ...]:
    """Return the columns of an index or constraint; expressions stand for themselves."""
    found = texts(described.get("fields"))
    if found:
        return tuple(quoted(one.lstrip("-")) + (" DESC" if one.startswith("-") else "") for one in found)
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
    named = name(described.get("name"))
    invalid = "NOT VALID" if call.name == "AddConstraintNotValid" else ""
    if described.name == "CheckConstraint":
        app.tables.add(table, Key("CHECK", named, ("computed_condition()",), suffix=invalid), call)
    elif described.name == "UniqueConstraint":
        _add_unique(app, call, table, described)
    elif described.name == "ExclusionConstraint":
        app.tables.add(table, Key("EXCLUDE USING gist", named, ("computed_expression() WITH =",)), call)


def _add_unique(app: App, call: Call, table: Part, described: Call) -> None:
    keys, named = _keys(described), name(described.get("name"))
    partial = described.get("condition") is not None or bool(described.arguments)
    if keys and partial:
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
    table, sets = app.table(call.at(0, "name")), call.at(1, "unique_together", "index_together")
    rows = sets.items if isinstance(sets, Items) else ()
    groups = [texts(one) for one in rows] if any(isinstance(one, Items) for one in rows) else [texts(sets)]
    if table is None:
        return
    with app.script.restating():
        for columns in (group for group in groups if group):
            keys = tuple(quoted(one) for one in columns)
            if call.name == "AlterIndexTogether":
                app.tables.index(index_of(table, *keys), call)
            else:
                named = quoted(hashed(plain(table), columns, "_uniq"))
                app.tables.add(table, Key("UNIQUE", named, tuple(separated(keys))), call)


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
    "ValidateConstraint": _validate_constraint,
}
"""What each does."""

BACKWARDS: Final[dict[str, Operation]] = {
    "AddConstraint": _remove_constraint_back,
    "AddConstraintNotValid": _remove_constraint_back,
    "AddIndex": _remove_index_back,
    "AddIndexConcurrently": _remove_index_back,
}
"""What undoes each, as far as that does not need the models before it."""
