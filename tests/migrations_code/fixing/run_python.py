"""Run migrations of Alembic or Django on a database and tell what it looks like in between, as JSON.

stdin: {"tool", "directory", "socket", "database", "schema", "acts"}. Acts: `first` and `up` go up to the first
and to the last migration, `down` back to the first, `look` asks `schema`, `state` tells the models Django knows.
"""

import json
import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

wanted: dict[str, Any] = json.load(sys.stdin)
directory = Path(wanted["directory"])
found: list[Any] = []


def tool(name: str) -> Any:
    """Return a module of what is installed where this runs, which no type checker sees."""
    return import_module(name)


def look() -> list[str]:
    settings = f"host={wanted['socket']} user=postgres dbname={wanted['database']}"
    with tool("psycopg").connect(settings) as connection:
        return [row[0] for row in connection.execute(wanted["schema"])]


ENVIRONMENT = """
from alembic import context
from sqlalchemy import create_engine

with create_engine(context.config.attributes["url"]).connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
"""


def alembic() -> dict[str, Any]:
    command, config = tool("alembic.command"), tool("alembic.config").Config()
    (directory / "alembic" / "env.py").write_text(ENVIRONMENT)
    config.set_main_option("script_location", str(directory / "alembic"))
    url = f"postgresql+psycopg://postgres@/{wanted['database']}?host={wanted['socket']}"
    config.attributes["url"] = url
    return {
        "first": lambda: command.upgrade(config, "a1"),
        "up": lambda: command.upgrade(config, "head"),
        "down": lambda: command.downgrade(config, "a1"),
        "state": list,
    }


def django() -> dict[str, Any]:
    for name in ("shop/__init__.py", "shop/migrations/__init__.py"):
        (directory / name).touch()
    sys.path.insert(0, str(directory))
    database = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": wanted["database"],
        "USER": "postgres",
        "HOST": wanted["socket"],
    }
    tool("django.conf").settings.configure(
        INSTALLED_APPS=["shop"], DATABASES={"default": database}, USE_TZ=True
    )
    tool("django").setup()

    def to(*names: str) -> None:
        tool("django.core.management").call_command("migrate", "shop", *names, verbosity=0)

    return {"first": lambda: to("0001"), "up": to, "down": lambda: to("0001"), "state": models}


def models() -> list[str]:
    loader = tool("django.db.migrations.loader").MigrationLoader(tool("django.db").connection)
    told: list[str] = []
    for (_, model), state in sorted(loader.project_state().models.items()):
        told += [f"{model}.{name} {_plain(field.deconstruct()[1:])}" for name, field in state.fields.items()]
        for kind in ("indexes", "constraints"):
            told += [f"{model} {_plain(one.deconstruct())}" for one in state.options.get(kind, [])]
    return told


def _plain(told: object) -> str:
    return re.sub(r" at 0x\w+", "", str(told))


tools = {"alembic": alembic, "django": django}
acts = tools[wanted["tool"]]()
for act in wanted["acts"]:
    made = look() if act == "look" else acts[act]()
    if act in ("look", "state"):
        found.append(made)
print(json.dumps(found))
