"""What the models of a Django project are at a moment of its history, and what an operation makes of them.

A model that no migration tells of is not in a state; nothing is guessed about it.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from rollsafe.artefacts.migrations.code.django_fields import (
    Field,
    Key,
    Target,
    entries,
    field_of,
    is_false,
    is_true,
    texts,
    word,
)
from rollsafe.formats.code import Call, Code, Items
from rollsafe.text.records import record, replace

Groups: TypeAlias = frozenset[tuple[str, ...]]


@record
class Model:
    """A model: its table, its fields in order, and the fields that are unique or indexed together.

    `is_managed` tells whether migrations make the table; those of proxies have none.
    """

    key: Key
    table: str
    fields: tuple[Field, ...] = ()
    is_managed: bool = True
    is_named: bool = False
    unique: Groups = frozenset()
    indexed: Groups = frozenset()

    def field(self, name: str) -> Field | None:
        """Return the field of that name."""
        return next((one for one in self.fields if one.name == name), None)

    @property
    def primary(self) -> Field | None:
        """The field that is the key; None for a model that says none."""
        return next((one for one in self.fields if one.is_primary), None)

    def having(self, name: str, field: Field | None) -> "Model":
        """Return the model with `field` in the place of the one called `name`, or without it for None."""
        rest = [one for one in self.fields if one.name != name]
        if field is None:
            return replace(self, fields=tuple(rest))
        if len(rest) == len(self.fields):
            return replace(self, fields=(*rest, field))
        return replace(self, fields=tuple(field if one.name == name else one for one in self.fields))


State: TypeAlias = Mapping[Key, Model]
"""The models that are known, none of which is changed in place."""

_ID: Final = Field("id", "AutoField", "id", "integer", is_known=True, is_primary=True)


def _contributed(app: str, model: str, **names: str) -> tuple[Key, Model]:
    key = (app, model)
    return key, Model(key, names.get("table", f"{app}_{model}"), (_ID,))


CONTRIBUTED: Final[State] = dict(
    (
        _contributed("auth", "user"),
        _contributed("auth", "group"),
        _contributed("auth", "permission"),
        _contributed("contenttypes", "contenttype", table="django_content_type"),
        _contributed("sites", "site", table="django_site"),
    )
)
"""The models that Django brings along, as far as others refer to them."""


def fields_of(code: Code | None) -> Iterator[tuple[Code, Code]]:
    """Yield the name and the description of each field of a CreateModel."""
    for one in code.items if isinstance(code, Items) else ():
        if isinstance(one, Items) and len(one.items) == 2:
            yield one.items[0], one.items[1]


def created(call: Call, app: str, default_table: str, target: Target) -> Model:
    """Return the model a CreateModel makes."""
    options = entries(call.at(2, "options"))
    given = word(options["db_table"].value) if "db_table" in options else ""
    said = (field_of(*pair, target) for pair in fields_of(call.at(1, "fields")))
    managed = not ("managed" in options and is_false(options["managed"].value))
    proxy = "proxy" in options and is_true(options["proxy"].value)
    together = {one: groups(options[one].value) for one in _TOGETHER.values() if one in options}
    return Model(
        (app, word(call.at(0, "name")).lower()),
        given or default_table,
        tuple(one.field for one in said if one is not None),
        is_managed=managed and not proxy,
        is_named=bool(given),
        unique=together.get("unique_together", frozenset()),
        indexed=together.get("index_together", frozenset()),
    )


_TOGETHER: Final = {"AlterUniqueTogether": "unique_together", "AlterIndexTogether": "index_together"}


def groups(code: Code | None) -> Groups:
    """Return the groups of fields that an option such as `unique_together` lists."""
    rows = code.items if isinstance(code, Items) else ()
    if code is not None and isinstance(code, Call):
        return groups(code.at(0))
    found = [texts(one) for one in rows] if any(isinstance(one, Items) for one in rows) else [texts(code)]
    return frozenset(tuple(one) for one in found if one)


@record
class Naming:
    """How an app's migrations name models: the app, its label, and what a relation means."""

    app: str
    label: str
    target: Callable[[str], Target]

    def key(self, code: Code | None) -> Key:
        """Return the model of this app that an operation names."""
        return self.app, word(code).lower()

    def table(self, model: str) -> str:
        """Return the table Django gives a model by default."""
        return f"{self.label}_{model.lower()}"


def advanced(state: State, call: Call, naming: Naming) -> State:
    """Return the models after an operation."""
    step = _STEPS.get(call.name)
    return step(state, call, naming) if step is not None else state


def _create(state: State, call: Call, naming: Naming) -> State:
    name = word(call.at(0, "name"))
    if not name:
        return state
    made = created(call, naming.app, naming.table(name), naming.target(name))
    return {**state, made.key: made}


def _delete(state: State, call: Call, naming: Naming) -> State:
    key = naming.key(call.at(0, "name"))
    return {one: model for one, model in state.items() if one != key}


def _rename(state: State, call: Call, naming: Naming) -> State:
    old, new = naming.key(call.at(0, "old_name")), naming.key(call.at(1, "new_name"))
    model = state.get(old)
    if model is None or not new[1]:
        return {one: model for one, model in state.items() if one != old}
    table = model.table if model.is_named else naming.table(new[1])
    rest = {one: _retargeted(model, old, new) for one, model in state.items() if one != old}
    return {**rest, new: replace(_retargeted(model, old, new), key=new, table=table)}


def _retargeted(model: Model, old: Key, new: Key) -> Model:
    if all(one.target != old for one in model.fields):
        return model
    fields = (replace(one, target=new) if one.target == old else one for one in model.fields)
    return replace(model, fields=tuple(fields))


def _rename_table(state: State, call: Call, naming: Naming) -> State:
    given = call.at(1, "table")
    name = call.at(0, "name")
    is_reset = given is not None and not word(given)
    table = naming.table(word(name)) if is_reset else word(given)
    return _with(state, naming.key(name), lambda one: replace(one, table=table, is_named=not is_reset))


def _set_field(state: State, call: Call, naming: Naming) -> State:
    model = call.at(0, "model_name")
    said = field_of(call.at(1, "name"), call.at(2, "field"), naming.target(word(model)))
    name = word(call.at(1, "name"))
    if said is None and call.name == "AddField":
        return state
    return _with(state, naming.key(model), lambda one: one.having(name, said.field if said else None))


def _remove_field(state: State, call: Call, naming: Naming) -> State:
    name = word(call.at(1, "name"))
    return _with(state, naming.key(call.at(0, "model_name")), lambda one: one.having(name, None))


def _rename_field(state: State, call: Call, naming: Naming) -> State:
    old, new = word(call.at(1, "old_name")), word(call.at(2, "new_name"))

    def renamed(model: Model) -> Model:
        field = model.field(old)
        if field is None or not new:
            return model.having(old, None)
        swap = model.having(old, renamed_field(field, new))
        return replace(swap, unique=_swapped(swap.unique, old, new), indexed=_swapped(swap.indexed, old, new))

    return _with(state, naming.key(call.at(0, "model_name")), renamed)


def renamed_field(field: Field, new: str) -> Field:
    """Return a field under another name; its column has it too unless that has a name of its own."""
    plain = f"{field.name}_id" if field.is_relation else field.name
    own = f"{new}_id" if field.is_relation else new
    return replace(field, name=new, column=own if field.column == plain else field.column)


def _swapped(found: Groups, old: str, new: str) -> Groups:
    return frozenset(tuple(new if one == old else one for one in group) for group in found)


def _together(state: State, call: Call, naming: Naming) -> State:
    found = groups(call.at(1, *_TOGETHER.values()))
    is_unique = call.name == "AlterUniqueTogether"
    return _with(
        state,
        naming.key(call.at(0, "name")),
        lambda one: replace(one, unique=found) if is_unique else replace(one, indexed=found),
    )


def _options(state: State, call: Call, naming: Naming) -> State:
    managed = entries(call.at(1, "options")).get("managed")
    if managed is None:
        return state
    return _with(
        state,
        naming.key(call.at(0, "name")),
        lambda one: replace(one, is_managed=not is_false(managed.value)),
    )


def _separate(state: State, call: Call, naming: Naming) -> State:
    return _each(state, call.at(1, "state_operations"), naming)


def _sql(state: State, call: Call, naming: Naming) -> State:
    return _each(state, call.at(2, "state_operations"), naming)


def _each(state: State, code: Code | None, naming: Naming) -> State:
    for one in code.items if isinstance(code, Items) else ():
        if isinstance(one, Call):
            state = advanced(state, one, naming)
    return state


def _with(state: State, key: Key, change: Callable[[Model], Model]) -> State:
    model = state.get(key)
    return state if model is None else {**state, key: change(model)}


_STEPS: Final[dict[str, Callable[[State, Call, Naming], State]]] = {
    "AddField": _set_field,
    "AlterField": _set_field,
    "AlterIndexTogether": _together,
    "AlterModelOptions": _options,
    "AlterModelTable": _rename_table,
    "AlterUniqueTogether": _together,
    "CreateModel": _create,
    "DeleteModel": _delete,
    "RemoveField": _remove_field,
    "RenameField": _rename_field,
    "RenameModel": _rename,
    "RunSQL": _sql,
    "SeparateDatabaseAndState": _separate,
}
