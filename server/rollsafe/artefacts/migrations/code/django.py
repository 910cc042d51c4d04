"""Django migrations: which file is one, and what its operations send to PostgreSQL, both ways.

Django compares the models before and after an operation. Where the other files do not tell of a model, an
operation that states a whole field (`AlterField`) is written as all it may change, and marked as restating.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from rollsafe.artefacts.migrations.code import django_indexes, django_models
from rollsafe.artefacts.migrations.code.django_app import App, Operation, Place
from rollsafe.artefacts.migrations.code.django_fields import is_false, is_true, word
from rollsafe.artefacts.migrations.code.django_state import State, advanced
from rollsafe.artefacts.migrations.code.migration import Translation
from rollsafe.artefacts.migrations.code.script import Script
from rollsafe.artefacts.migrations.conventions import Convention, Direction, DownStyle, Transactions
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.code import Assign, Call, Code, Items, Name, Opaque, Text, walk
from rollsafe.formats.code.python import read_python
from rollsafe.text.patterns import lazily
from rollsafe.text.records import replace

_NAME = lazily(r"(?P<version>\d{4})_(?P<label>\w+)\.py\Z")


def translate(file: SourceFile) -> Translation | None:
    """Return what `file` sends to the database if Django would run it, else None."""
    kept = file.around.take(file) if isinstance(file.around, Place) else None
    return kept if kept is not None else translate_between(file)[0]


def translate_between(file: SourceFile) -> tuple[Translation | None, State]:
    """Return what `file` sends, and the models after it, which are those before it if it is no migration."""
    before: State = file.around.before if isinstance(file.around, Place) else {}
    if "operations" not in file.text or "django.db" not in file.text:
        return None, before
    program = read_python(file.text)
    found = (one for one in program.classes() if one.name == "Migration" and one.bases)
    made = next(
        (one for one in found if program.full_name(one.bases[0]).endswith("migrations.Migration")), None
    )
    if made is None:
        return None, before
    given = {one.name: one.value for one in made.body if isinstance(one, Assign)}
    operations = _operations(given)
    script = Script()
    app = App(file, script)
    states = _both_ways(app, operations)
    convention = _convention(file, app, given)
    can_undo = all(_can_undo(one, file.text) for one in operations)
    return Translation(convention, script, can_undo, problems=program.problems), states[-1]


def _operations(given: Mapping[str, Code]) -> list[Call]:
    """Return the operations a class lists; of lists that depend on something the only one with any."""
    listed = given.get("operations")
    lists = listed.parts if isinstance(listed, Opaque) else (listed,)
    filled = [one for one in lists if isinstance(one, Items) and one.items]
    found = filled[0].items if len(filled) == 1 else ()
    return [_with_lists(one, given) for one in found if isinstance(one, Call)]


def _with_lists(call: Call, given: Mapping[str, Code]) -> Call:
    """Return an operation of operations with the lists of the class that it names."""
    if call.name != "SeparateDatabaseAndState" or not any(isinstance(one.value, Name) for one in call.named):
        return call
    lists = {name: value for name, value in given.items() if isinstance(value, Items)}
    named = [
        replace(one, value=lists.get(one.value.path, one.value)) if isinstance(one.value, Name) else one
        for one in call.named
    ]
    return replace(call, named=tuple(named))


def _both_ways(app: App, operations: list[Call]) -> list[State]:
    """Write all operations; return the models before each of them, and after the last."""
    states = [app.state]
    app.script.begin(Direction.UP)
    for one in operations:
        with app.script.unit(one):
            states.append(_forwards(app, one))
    app.finish()
    app.script.begin(Direction.DOWN)
    for at in reversed(range(len(operations))):
        app.state, app.after = states[at : at + 2]
        with app.script.unit(operations[at]):
            backwards(app, operations[at])
    app.finish()
    return states


def _forwards(app: App, call: Call) -> State:
    """Write what an operation does, and make the models what they are after it; return them."""
    before = app.state
    app.after = advanced(before, call, app.naming)
    forwards(app, call)
    app.state = app.after = advanced(before, call, app.naming)
    return app.state


def _convention(file: SourceFile, app: App, given: Mapping[str, Code]) -> Convention:
    apart = is_false(given.get("atomic"))
    named = _NAME.match(file.name)
    replaced = [*_pairs(given.get("replaces"))]
    return Convention(
        name="django",
        version=named["version"] if named else file.name.removesuffix(".py"),
        label=named["label"] if named else file.name.removesuffix(".py"),
        direction=Direction.BOTH,
        home=file.directory,
        transactions=Transactions.SEPARATE if apart else Transactions.WRAPPED,
        reason="`atomic = False`" if apart else "Django runs a migration in a transaction",
        down_path=file.path,
        down_style=DownStyle.SECTION,
        follows=tuple(name for label, name in _pairs(given.get("dependencies")) if label == app.label),
        stands_for=tuple(name for label, name in replaced if label == app.label),
        alias=file.name.removesuffix(".py"),
        is_founding=bool(replaced) or (is_true(given.get("initial")) and _is_about_models(given)),
    )


def _is_about_models(given: Mapping[str, Code]) -> bool:
    """Say whether a migration changes tables of its app's models only: SQL may name those of others."""
    listed = given.get("operations")
    parts = walk(listed) if listed is not None else ()
    return not any(isinstance(one, Call) and one.name == "RunSQL" for one in parts)


def _pairs(code: Code | None) -> Iterator[tuple[str, str]]:
    """Yield the apps and names of migrations that a list has."""
    for one in code.items if isinstance(code, Items) else ():
        if isinstance(one, Items) and len(one.items) == 2 and all(map(word, one.items)):
            yield word(one.items[0]), word(one.items[1])


def _can_undo(call: Call, text: str) -> bool:
    if _is_open(call, text):
        return True
    if call.name == "RunPython":
        return call.at(1, "reverse_code") is not None
    if call.name == "RunSQL":
        return call.at(1, "reverse_sql") is not None
    if call.name == "SeparateDatabaseAndState":
        return all(_can_undo(one, text) for one in _inner(call))
    return True


def _is_open(call: Call, text: str) -> bool:
    """Say whether a call is given what a list or mapping holds that is made elsewhere."""
    spread = any(text[one.start - 1 : one.start] == "*" for one in call.arguments)
    return spread or not all(one.name for one in call.named)


def forwards(app: App, call: Call) -> None:
    """Write what an operation does."""
    operation = _FORWARDS.get(call.name)
    if operation is not None:
        operation(app, call)


def backwards(app: App, call: Call) -> None:
    """Write what undoes an operation, as far as that does not need the models before it."""
    operation = _BACKWARDS.get(call.name)
    if operation is not None:
        operation(app, call)


def _run_sql(app: App, call: Call) -> None:
    _sql(app, call, call.at(0, "sql"))


def _run_sql_back(app: App, call: Call) -> None:
    _sql(app, call, call.at(1, "reverse_sql"))


def _run_python(app: App, call: Call) -> None:
    app.script.opaque(call)


def _run_python_back(app: App, call: Call) -> None:
    undone = call.at(1, "reverse_code")
    if undone is not None and not (isinstance(undone, Name) and undone.path.endswith("noop")):
        app.script.opaque(call)


def _sql(app: App, call: Call, code: Code | None) -> None:
    if isinstance(code, Text):
        app.script.sql(code, call)
    elif isinstance(code, Items):
        for one in code.items:
            inner = one.items[0] if isinstance(one, Items) and one.items else one
            if isinstance(inner, Text):
                app.script.sql(inner, call)


def _database_operations(app: App, call: Call) -> None:
    for one in _inner(call):
        _forwards(app, one)


def _database_operations_back(app: App, call: Call) -> None:
    states = [app.state]
    for one in _inner(call):
        states.append(advanced(states[-1], one, app.naming))
    for at, one in reversed([*enumerate(_inner(call))]):
        app.state, app.after = states[at : at + 2]
        backwards(app, one)


def _inner(call: Call) -> list[Call]:
    inner = call.at(0, "database_operations")
    return [one for one in inner.items if isinstance(one, Call)] if isinstance(inner, Items) else []


def _extension(app: App, call: Call) -> None:
    named = _EXTENSIONS.get(call.name) or word(call.at(0, "name"))
    if named:
        app.script.statement([f"CREATE EXTENSION IF NOT EXISTS {quoted(named)}"], call)


_EXTENSIONS: Final = {
    "BloomExtension": "bloom",
    "BtreeGinExtension": "btree_gin",
    "BtreeGistExtension": "btree_gist",
    "CITextExtension": "citext",
    "CryptoExtension": "pgcrypto",
    "HStoreExtension": "hstore",
    "TrigramExtension": "pg_trgm",
    "UnaccentExtension": "unaccent",
}

_FORWARDS: Final[dict[str, Operation]] = {
    **django_models.FORWARDS,
    **django_indexes.FORWARDS,
    "CreateExtension": _extension,
    "RunPython": _run_python,
    "RunSQL": _run_sql,
    "SeparateDatabaseAndState": _database_operations,
    **dict.fromkeys(_EXTENSIONS, _extension),
}
_BACKWARDS: Final[dict[str, Operation]] = {
    **django_models.BACKWARDS,
    **django_indexes.BACKWARDS,
    "RunPython": _run_python_back,
    "RunSQL": _run_sql_back,
    "SeparateDatabaseAndState": _database_operations_back,
}
