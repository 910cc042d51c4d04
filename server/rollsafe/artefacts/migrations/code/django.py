"""Django migrations: which file is one, and what its operations send to PostgreSQL, both ways.

Django compares the models before and after an operation. What is before is in other files, so an operation
that states a whole field (`AlterField`) is written as all it may change, and marked as restating.
"""

import re
from typing import Final

from rollsafe.artefacts.migrations.code import django_indexes, django_models
from rollsafe.artefacts.migrations.code.django_app import App, Operation
from rollsafe.artefacts.migrations.code.django_fields import is_false, word
from rollsafe.artefacts.migrations.code.migration import Translation
from rollsafe.artefacts.migrations.code.script import Script
from rollsafe.artefacts.migrations.conventions import Convention, Direction, DownStyle, Transactions
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.code import Assign, Call, Class, Code, Items, Name, Text
from rollsafe.formats.code.python import read_python

_NAME = re.compile(r"(?P<version>\d{4})_(?P<label>\w+)\.py\Z")


def translate(file: SourceFile) -> Translation | None:
    """Return what `file` sends to the database if Django would run it, else None."""
    if "operations" not in file.text or "django.db" not in file.text:
        return None
    program = read_python(file.text)
    found = (one for one in program.classes() if one.name == "Migration" and one.bases)
    made = next(
        (one for one in found if program.full_name(one.bases[0]).endswith("migrations.Migration")), None
    )
    if made is None:
        return None
    given = {one.name: one.value for one in made.body if isinstance(one, Assign)}
    listed = given.get("operations")
    operations = [one for one in listed.items if isinstance(one, Call)] if isinstance(listed, Items) else []
    script = Script()
    app = App(file, script)
    script.begin(Direction.UP)
    for one in operations:
        with script.unit(one):
            forwards(app, one)
    app.finish()
    script.begin(Direction.DOWN)
    for one in reversed(operations):
        with script.unit(one):
            backwards(app, one)
    app.finish()
    convention = _convention(file, made, apart=is_false(given.get("atomic")))
    return Translation(convention, script, all(map(_can_undo, operations)), problems=program.problems)


def _convention(file: SourceFile, made: Class, *, apart: bool) -> Convention:
    named = _NAME.match(file.name)
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
    )


def _can_undo(call: Call) -> bool:
    if call.name == "RunPython":
        return call.at(1, "reverse_code") is not None
    if call.name == "RunSQL":
        return call.at(1, "reverse_sql") is not None
    if call.name == "SeparateDatabaseAndState":
        inner = call.at(0, "database_operations")
        rows = inner.items if isinstance(inner, Items) else ()
        return all(_can_undo(one) for one in rows if isinstance(one, Call))
    return True


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
    inner = call.at(0, "database_operations")
    for one in inner.items if isinstance(inner, Items) else ():
        if isinstance(one, Call):
            forwards(app, one)


def _database_operations_back(app: App, call: Call) -> None:
    inner = call.at(0, "database_operations")
    for one in reversed(inner.items if isinstance(inner, Items) else ()):
        if isinstance(one, Call):
            backwards(app, one)


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
