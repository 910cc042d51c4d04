"""A data migration works with a model as it is today.

## What it does
Reports `RunPython` with a function that uses a model imported from the application instead of the one that
`apps.get_model` returns.

## Why it matters
The imported class has the fields of the newest code; the table has those of the day of the migration. As soon as a
field is added, every database that is set up anew, a test or a restored environment, stops here: the query names a
column that comes later. `save` methods and managers of today run as well.

## Bad
```python title="shop/migrations/0002_fill.py"
from django.db import migrations

from shop.models import Order


def fill(apps, schema_editor):
    Order.objects.filter(note=None).update(note="")


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),  # <-
    ]
```

## Good
```python title="shop/migrations/0002_fill.py"
from django.db import migrations


def fill(apps, schema_editor):
    Order = apps.get_model("shop", "Order")
    Order.objects.filter(note=None).update(note="")


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
```

## Fix
None: what the model's own methods do has to be written out.

## References
- [Django: historical models](https://docs.djangoproject.com/en/stable/topics/migrations/#historical-models)

## Equivalent rules
- `hazard:data-migration-style`
- `django-migration-linter:RUNPYTHON_MODEL_IMPORT`
"""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Statement
from rollsafe.formats.code import Assign, Call, Name, Program, walk
from rollsafe.formats.code.python import read_python
from rollsafe.rules import Finding, Severity, rule
from rollsafe.workspace.migrations import is_judged
from rollsafe.workspace.settings import Settings


@rule(severity=Severity.WARNING, since="0.1.0")
def check(statement: Statement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for a function that uses a model of the application."""
    if statement.kind != "CALL" or not statement.is_computed or statement.is_down:
        return
    if statement.runner != "django" or not is_judged(statement, settings):
        return
    host = statement.file.host
    program = read_python(host.text)
    place = statement.file.place(statement)
    named = next((one for one in _calls(program) if (one.start, one.end) == (place.start, place.end)), None)
    code = named.at(0, "code") if named is not None else None
    model = _model(program, code.path) if isinstance(code, Name) else None
    if model is not None and isinstance(code, Name):
        yield Finding(
            statement,
            f"`{code.path}` uses `{model}` with the fields of today",
            detail="the table has those of the day of the migration: databases that are set up anew stop here",
        )


def _calls(program: Program) -> Iterator[Call]:
    for top in program.classes():
        yield from (one for one in walk(top) if isinstance(one, Call) and one.name == "RunPython")


def _model(program: Program, function: str) -> str | None:
    """Return the full name of a model that is imported and used in a function."""
    made = program.function(function)
    nodes = [] if made is None else list(walk(made))
    own = {one.name for one in nodes if isinstance(one, Assign)}
    for one in nodes:
        if not isinstance(one, Name):
            continue
        first = one.path.partition(".")[0]
        source, _, name = program.imports.get(first, "").rpartition(".")
        is_model = source.rpartition(".")[2] == "models" and name[:1].isupper()
        if is_model and first not in own and not source.startswith("django.db"):
            return f"{source}.{name}"
    return None
