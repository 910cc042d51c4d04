"""Sequelize's changes of many rows at once."""

from rollsafe.artefacts.migrations.code.definitions import joined
from rollsafe.artefacts.migrations.code.javascript import entries, is_true, value_of
from rollsafe.artefacts.migrations.code.script import Part, Written
from rollsafe.artefacts.migrations.code.sequelize_columns import condition, value
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.formats.code import Code, Items, Literal, Pairs
from rollsafe.text import Span


def inserted(table: Part, given: list[Code | None]) -> list[Part] | None:
    """Return the statement that inserts rows; None where they, or their columns, are computed."""
    listed = given[0] if given else None
    items = listed.items if isinstance(listed, Items) else ()
    rows = [one for one in items if isinstance(one, Pairs)]
    names = list(dict.fromkeys(key for one in rows for key, _ in entries(one)))
    if not names or "" in names or len(rows) < len(items):
        return None
    values = [["(", *joined([[_in(row, key)] for key in names]), ")"] for row in rows]
    columns = ", ".join(map(quoted, names))
    return ["INSERT INTO ", table, f" ({columns}) VALUES ", *joined(values)]


def _in(row: Pairs, key: str) -> Part:
    found = row.get(key)
    return _value(found) if found is not None else "NULL"


def _value(code: Code) -> Part:
    part = value(code)
    return part if isinstance(part, Written) else Written(part, Span.of(code))


def updated(table: Part, given: list[Code | None]) -> list[Part] | None:
    """Return the statement that updates rows; None where its columns are computed."""
    changed: list[list[Part]] = [
        [quoted(key), " = ", _value(one)] for key, one in entries(given[0] if given else None) if key
    ]
    if not changed:
        return None
    return ["UPDATE ", table, " SET ", *joined(changed), *_where(given[1] if len(given) > 1 else None)]


def deleted(table: Part, given: list[Code | None]) -> list[Part]:
    """Return the statement that deletes rows."""
    options = given[1] if len(given) > 1 else None
    if isinstance(options, Pairs) and is_true(options.get("truncate")):
        restart = " RESTART IDENTITY" if is_true(options.get("restartIdentity")) else ""
        return ["TRUNCATE ", table, restart + (" CASCADE" if is_true(options.get("cascade")) else "")]
    return ["DELETE FROM ", table, *_where(given[0] if given else None)]


def _where(code: Code | None) -> list[Part]:
    """Return a WHERE; nothing for all rows, which is what no value and an empty object mean."""
    is_all = code is None or (isinstance(code, Literal) and value_of(code) is None)
    if is_all or (isinstance(code, Pairs) and not code.entries):
        return []
    found = condition(code)
    return [" WHERE ", found] if found is not None else []
