"""What all of Rails' schema methods share: the version they follow, and where they write."""

from collections.abc import Callable

from rollsafe.artefacts.migrations.code import rails_columns as columns
from rollsafe.artefacts.migrations.code.definitions import Tables
from rollsafe.artefacts.migrations.code.script import Part, Script, Written, name
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.formats.code import Call, Code, Pairs, Text


class Rails:
    """Writes statements of one migration; `version` is that of `Migration[7.1]`."""

    def __init__(self, script: Script, version: tuple[int, ...]) -> None:
        self.script = script
        self.version = version
        self.tables = Tables(script)

    @property
    def key_type(self) -> str:
        """The type of primary and foreign keys."""
        return "bigint" if self.version >= (5, 1) else "integer"

    @property
    def indexes_references(self) -> bool:
        """Whether a reference gets an index unless told otherwise."""
        return self.version >= (5, 0)


Write = Callable[[Rails, Call], None]
"""Writes what a call does."""


def table_of(code: Code | None) -> Part | None:
    """Return the name of a table; None if it is computed."""
    if not isinstance(code, Text) or code.is_partial or not code.value:
        return None
    return Written(
        columns.quoted_table(code.value), code.inner, columns.quoted_table(code.value) == code.value
    )


def told_name(options: Pairs | Call | None, otherwise: str) -> Part:
    """Return the name that options tell, or else `otherwise`."""
    told = name(options.get("name")) if options is not None else None
    return told if told is not None else quoted(otherwise)
