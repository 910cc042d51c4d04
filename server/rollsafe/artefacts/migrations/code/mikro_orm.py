"""MikroORM migrations: SQL in strings, which it sends as it is."""

import re
from typing import Final

from rollsafe.artefacts.migrations.code.javascript import Module, Scope, Way, acts, classes, members
from rollsafe.artefacts.migrations.code.migration import Translation
from rollsafe.artefacts.migrations.code.script import Script
from rollsafe.artefacts.migrations.conventions import Convention, Direction, Transactions
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.code import Call, Class, Code, Items, Literal, walk
from rollsafe.text.records import replace

_TIMESTAMP: Final = re.compile(r"(?<!\d)\d{14}(?!\d)")
_RAW: Final = frozenset({"raw", "sql"})


def translate(file: SourceFile) -> Translation | None:
    """Return what `file` sends to the database if MikroORM would run it, else None."""
    if "addSql" not in file.text and "mikro-orm" not in file.text:
        return None
    module = Module(file)
    made = next((one for one in classes(module.program) if _is_migration(one)), None)
    if made is None:
        return None
    methods, script = members(made), Script()
    for direction in (Direction.UP, Direction.DOWN):
        script.begin(direction)
        function = methods.get(str(direction))
        if function is not None:
            _Way(module, script, made).run(function, Scope(frozenset({"this"})))
    down, apart = methods.get("down"), methods.get("isTransactional")
    is_apart = apart is not None and any(
        isinstance(one, Literal) and one.value is False for one in apart.body
    )
    convention = _convention(module, made.name, apart=is_apart)
    return Translation(convention, script, acts(down), module.refuses(down), module.program.problems)


def _is_migration(made: Class) -> bool:
    up = members(made).get("up")
    if up is None or not any(one.rpartition(".")[2] == "Migration" for one in made.bases):
        return False
    return any(isinstance(one, Call) and one.path == "this.addSql" for one in walk(made))


def _convention(module: Module, own_name: str, *, apart: bool) -> Convention:
    """Return the convention; migrations run in the order of the times in their names."""
    transactions = Transactions.SEPARATE if apart else Transactions.WRAPPED
    reason = "`isTransactional()`" if apart else "MikroORM runs pending migrations in a transaction"
    found = module.convention("mikro-orm", transactions, reason)
    time = _TIMESTAMP.search(module.file.name) or _TIMESTAMP.search(own_name)
    return found if time is None else replace(found, version=time[0])


class _Way(Way):
    """Writes the statements of one way."""

    def call(self, call: Call, scope: Scope) -> None:
        """Write what `addSql` and `execute` are given."""
        if call.path not in ("this.addSql", "this.execute"):
            return
        given: Code | None = self.resolved(call.at(0))
        if isinstance(given, Call) and given.name in _RAW:
            given = self.resolved(given.at(0))
        for one in given.items if isinstance(given, Items) else (given,):
            self.sql(one, call)
