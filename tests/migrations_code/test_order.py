"""The order of revisions that name those they follow."""

import pytest

from tests.checking import check_rule

REVISION = """\
from alembic import op
import sqlalchemy as sa

revision: str = "{own}"
down_revision = {below}
depends_on = None


def upgrade():
    {call}


def downgrade():
    pass
"""
MADE = 'op.create_table("orders", sa.Column("code", sa.String({})))'
CHANGED = 'op.alter_column("orders", "code", type_=sa.String({}))'
NOTHING = 'op.create_table("other", sa.Column("id", sa.Integer()))'
_RULE = "column-type-rewrite"


def revisions(*rows: tuple[str, object, str]) -> dict[str, str]:
    """Return files whose names are in the reverse order of how they are given."""
    return {
        f"alembic/versions/{len(rows) - at}_{own}.py": REVISION.format(own=own, below=repr(below), call=call)
        for at, (own, below, call) in enumerate(rows)
    }


def test_revisions_are_told_in_the_order_of_what_they_follow() -> None:
    made, wider = ("a", None, MADE.format(20)), ("b", "a", CHANGED.format(40))
    assert check_rule(_RULE, revisions(made, wider)) == []
    assert len(check_rule(_RULE, revisions(made, wider, ("c", "b", CHANGED.format(30))))) == 1
    assert check_rule(_RULE, revisions(made, wider, ("c", ("b",), CHANGED.format(50)))) == []


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        # Of two branches nobody knows which comes first, and either widens what the other may have widened.
        ([("b", "a", CHANGED.format(40)), ("c", "a", CHANGED.format(30))], 2),
        # What is before the branches, and what joins them, has its place.
        ([("b", "a", NOTHING), ("c", "a", NOTHING), ("d", ("b", "c"), CHANGED.format(40))], 0),
        ([("b", "a", NOTHING), ("c", "a", NOTHING), ("d", ("b", "c"), CHANGED.format(10))], 1),
        # Nothing is known of what follows itself, or has the name of another.
        ([("b", "c", CHANGED.format(40)), ("c", "b", NOTHING)], 1),
        ([("b", "a", CHANGED.format(40)), ("b", "a", NOTHING)], 1),
        # What comes before a revision that is not there is not known.
        ([("b", "gone", CHANGED.format(40))], 1),
    ],
)
def test_what_has_no_certain_place_is_judged_by_itself(
    rows: list[tuple[str, object, str]], count: int
) -> None:
    assert len(check_rule(_RULE, revisions(("a", None, MADE.format(20)), *rows))) == count
