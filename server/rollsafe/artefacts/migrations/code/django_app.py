"""What all operations of a Django migration share: the project's models, and the names Django makes up."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Final

from rollsafe.artefacts.migrations.code.definitions import Index, Reference, Tables
from rollsafe.artefacts.migrations.code.django_fields import (
    UNKNOWN_TYPE,
    Field,
    Key,
    Said,
    field_of,
    word,
)
from rollsafe.artefacts.migrations.code.django_state import CONTRIBUTED, Model, Naming, State
from rollsafe.artefacts.migrations.code.migration import Translation
from rollsafe.artefacts.migrations.code.script import Part, Script, Written
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.code import Call, Code, Name, Text
from rollsafe.text import Span

_LONGEST: Final = 63
_DEEPEST: Final = 8
"""Keys that refer to keys; more of them go in a circle."""
_USERS: Final = frozenset({"settings.AUTH_USER_MODEL", "AUTH_USER_MODEL"})
_SOME_USER: Final = "some.User"
_SOMEWHERE: Final = ("settings/auth", "user")
"""The model of users where nothing tells which it is: of Django's own it has the table's name at most."""


class Place:
    """What the other files of a project tell of a migration: its app's label, the apps, the models before it.

    `apps` leads from labels to apps, which are directories. `user` is what AUTH_USER_MODEL names. Whoever
    finds that out has the migration translated, which is kept for the one who reads it next.
    """

    def __init__(self, label: str, apps: Mapping[str, str], before: State, user: str | None) -> None:
        self.label = label
        self.apps = apps
        self.before = before
        self.user = user
        self._kept: tuple[SourceFile, Translation | None] | None = None

    def is_like(self, other: "Place") -> bool:
        """Say whether another place tells the same."""
        mine = (self.label, self.user, self.apps, self.before)
        return mine == (other.label, other.user, other.apps, other.before)

    def keep(self, file: SourceFile, made: Translation | None) -> None:
        """Keep the translation of a file until it is taken."""
        self._kept = file, made

    def take(self, file: SourceFile) -> Translation | None:
        """Return the translation that is kept of a file, once."""
        kept, self._kept = self._kept, None
        return kept[1] if kept is not None and kept[0] is file else None


class App:
    """Writes the statements of one migration of an app; `state` is what the models are meanwhile."""

    def __init__(self, file: SourceFile, script: Script) -> None:
        home = file.directory.rpartition("/")[0] if file.directory.endswith("migrations") else file.directory
        place = file.around if isinstance(file.around, Place) else None
        self.app = home
        self.label = place.label if place is not None else home.rpartition("/")[2] or "app"
        self.script = script
        self.tables = Tables(script)
        self.state: State = place.before if place is not None else {}
        self.after: State = self.state
        self.naming = Naming(self.app, self.label, lambda model: partial(self.target, model))
        self._apps: Mapping[str, str] = place.apps if place is not None else {}
        self._user = place.user if place is not None else None
        self._later: list[tuple[Span | None, Callable[[], None]]] = []

    def finish(self) -> None:
        """Write the statements Django keeps for the end of a migration."""
        for unit, write in self._later:
            with self.script.unit(unit):
                write()
        self._later.clear()

    def later(self, write: Callable[[], None]) -> None:
        """Keep a statement for the end of the migration."""
        self._later.append((self.script.current_unit, write))

    def model(self, code: Code | None) -> Model | None:
        """Return the model of this app that an operation names; None if no migration tells of it."""
        return self.state.get(self.naming.key(code))

    def table(self, code: Code | None) -> Part | None:
        """Return the table of a model, by its default name where nothing tells; None if it has none."""
        name = word(code)
        if not name or not isinstance(code, Text):
            return None
        model = self.model(code)
        if model is not None and not model.is_managed:
            return None
        return Written(quoted(model.table if model is not None else self.naming.table(name)), code.inner)

    def said(self, call: Call) -> Said | None:
        """Return the field an operation describes."""
        target = self.naming.target(word(call.at(0, "model_name")))
        return field_of(call.at(1, "name"), call.at(2, "field"), target)

    def target(self, model: str, code: Code | None) -> Key | None:
        """Return the model that a relation of `model` names."""
        value = code.path if isinstance(code, Name) else word(code)
        if value in _USERS or (isinstance(code, Call) and code.name == "swappable_dependency"):
            value = self._user or _SOME_USER
        elif isinstance(code, Name) or not value:
            return None
        if value == "self":
            return self.app, model.lower()
        if value == _SOME_USER:
            return _SOMEWHERE
        label, _, name = value.lower().rpartition(".")
        return self.app if label in ("", self.label.lower()) else self._apps.get(label, label), name

    def known(self, key: Key | None) -> Model | None:
        """Return a model of any app; None if nothing tells of it."""
        if key is None:
            return None
        return self.state.get(key) or CONTRIBUTED.get(key)

    def column_type(self, field: Field) -> str:
        """Return the type of a column; of a relation that of the key it refers to, where that is known."""
        for _ in range(_DEEPEST):
            if not field.is_relation:
                return field.type
            key = self._referred(field)
            if key is None:
                break
            field = key
        return UNKNOWN_TYPE

    def _referred(self, field: Field) -> Field | None:
        model = self.known(field.target)
        if model is None:
            return None
        return model.field(field.to_field) if field.to_field else model.primary

    def reference(self, field: Field) -> Reference | None:
        """Return what the foreign key of a field points at; None if it has none, or nobody knows."""
        if field.target is None or not field.is_constrained:
            return None
        model, key = self.known(field.target), self._referred(field)
        app, name = field.target
        label = app.rpartition("/")[2]
        table = model.table if model is not None else f"{label}_{name}"
        column = key.column if key is not None else field.to_field or "id"
        return Reference(quoted(table), (quoted(column),), "DEFERRABLE INITIALLY DEFERRED")


def plain(table: Part) -> str:
    """Return the characters of a name without quotes."""
    return (table.text if isinstance(table, Written) else table).strip('"')


def hashed(table: str, columns: Iterable[str], suffix: str) -> str:
    """Return a name as Django makes one: table, columns, and a digest that tells them apart."""
    names = list(columns)
    from hashlib import md5  # loads OpenSSL, and most runs name nothing

    digest = md5("".join((table, *names)).encode(), usedforsecurity=False).hexdigest()[:8]
    last, middle = f"{digest}{suffix}", "_".join(names)
    whole = f"{table}_{middle}_{last}"
    if len(whole) <= _LONGEST:
        return whole
    last = last[: _LONGEST // 3]
    room = (_LONGEST - len(last)) // 2 - 1
    return f"{table[:room]}_{middle[:room]}_{last}"


def foreign_key_name(table: Part, column: Part, points: Reference) -> str:
    """Return the name Django gives a foreign key."""
    target = f"_fk_{plain(points.table)}_{plain(points.columns[0])}"
    return quoted(hashed(plain(table), [plain(column)], target))


def index_of(table: Part, *columns: Part) -> Index:
    """Return the index Django makes of columns, under the name it gives it."""
    return Index(quoted(hashed(plain(table), map(plain, columns), "")), table, columns)


Operation = Callable[[App, Call], None]
"""Writes what an operation does, or what undoes it."""
