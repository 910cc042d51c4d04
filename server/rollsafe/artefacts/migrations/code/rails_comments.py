"""Rails' comments on tables and columns, which it sends after what makes them."""

from typing import Final

from rollsafe.artefacts.migrations.code import rails_columns as columns
from rollsafe.artefacts.migrations.code.rails_writer import Rails, Write, table_of
from rollsafe.artefacts.migrations.code.script import Part, Written, literal, name
from rollsafe.formats.code import Call, Code, Literal, Text


def comment(rails: Rails, call: Call, target: list[Part], code: Code | None) -> None:
    """Write what a comment says; nothing for none, or one that is computed."""
    if isinstance(code, Text) and not code.is_partial:
        said: Part = Written(literal(code.value), code.inner)
    elif isinstance(code, Literal) and code.value is None:
        said = "NULL"
    else:
        return
    rails.script.statement(["COMMENT ON ", *target, " IS ", said], call)


def comment_on_column(rails: Rails, call: Call, table: Part, named: Code | None, code: Code | None) -> None:
    """Write the comment of a column."""
    column = name(named)
    if column is not None:
        comment(rails, call, ["COLUMN ", table, ".", column], code)


def comments_of_table(rails: Rails, call: Call, table: Part, inside: list[Call]) -> None:
    """Write the comments of a new table and of the columns its block defines."""
    if isinstance(call.get("comment"), Text):
        comment(rails, call, ["TABLE ", table], call.get("comment"))
    for one in inside:
        if isinstance(one.get("comment"), Text) and (one.name == "column" or one.name in columns.TYPES):
            for named in one.arguments[:1] if one.name == "column" else one.arguments:
                comment_on_column(rails, one, table, named, one.get("comment"))


def _change_column_comment(rails: Rails, call: Call) -> None:
    table = table_of(call.at(0))
    if table is not None:
        comment_on_column(rails, call, table, call.at(1), call.at(2, "to"))


def _change_table_comment(rails: Rails, call: Call) -> None:
    table = table_of(call.at(0))
    if table is not None:
        comment(rails, call, ["TABLE ", table], call.at(1, "to"))


OPERATIONS: Final[dict[str, Write]] = {
    "change_column_comment": _change_column_comment,
    "change_table_comment": _change_table_comment,
}
