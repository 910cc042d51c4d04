"""Print, as JSON, what Alembic sends to PostgreSQL for migrations: a directory, then names of files."""

import importlib.util
import json
import sys
from io import StringIO
from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations


def way(path: Path, function: str) -> list[str]:
    """Return the statements of one way."""
    written = StringIO()
    options: dict[str, Any] = {"as_sql": True, "output_buffer": written, "literal_binds": True}
    context = MigrationContext.configure(dialect_name="postgresql", opts=options)
    spec = importlib.util.spec_from_file_location("told", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with Operations.context(context):
        spec.loader.exec_module(module)
        getattr(module, function)()
    return [one for one in written.getvalue().split(";\n") if one.strip() not in ("", "BEGIN", "COMMIT")]


directory, *names = sys.argv[1:]
found = {
    name: {"up": way(Path(directory, name), "upgrade"), "down": way(Path(directory, name), "downgrade")}
    for name in names
}
print(json.dumps(found))
