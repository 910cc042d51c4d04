"""Constraints that revisions of Alembic drop as `None`."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.exc import SQLAlchemyError

from rollsafe.engine.fixing import choose_by_safety, fix_project
from rollsafe.workspace.settings import Settings
from tests.checking import Seen, check_rule, open_project

REVISION = """\
import sqlalchemy as sa
from alembic import op

revision = "b2"
down_revision = "a1"


def upgrade():
    {up}


def downgrade():
    {down}
"""
PATH = "alembic/versions/b2_orders.py"
RULE = "nameless-constraint-dropped"
BATCH = 'with op.batch_alter_table("orders") as batch_op:\n        '


def dropped(up: str = "pass", down: str = "pass", path: str = PATH) -> list[Seen]:
    return check_rule(RULE, {path: REVISION.format(up=up, down=down)})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ('op.drop_constraint(None, "orders", type_="foreignkey")', "a foreign key of `orders`"),
        ('op.drop_constraint(None, "orders", "check")', "a check of `orders`"),
        ('op.drop_constraint(constraint_name=None, table_name="orders")', "a constraint of `orders`"),
        ('op.drop_constraint(None, "orders", schema="shop")', "a constraint of `shop.orders`"),
        (BATCH + 'batch_op.drop_constraint(None, type_="unique")', "a unique constraint of `orders`"),
        ("undo()\n\n\ndef undo():\n    op.drop_constraint(None, 'orders')", "a constraint of `orders`"),
    ],
)
def test_it_stops_the_deployment_or_the_rollback(call: str, message: str) -> None:
    (up,), (down,) = dropped(up=call), dropped(down=call)
    assert (up.severity, up.message) == ("error", f"{message} is dropped as `None`")
    assert (down.severity, down.message) == ("warning", f"{message} is dropped as `None`")


@pytest.mark.parametrize(
    "call",
    [
        'op.drop_constraint("orders_code_key", "orders", type_="unique")',
        'op.drop_constraint(op.f("orders_code_key"), "orders", type_="unique")',
        'op.drop_constraint(name, "orders", type_="unique")',
        'op.drop_constraint(None, "orders", type_="primary")',
        'op.drop_constraint(None, "orders", type_=kind)',
        'try:\n        op.drop_constraint(None, "orders")\n    except Exception:\n        pass',
        'op.create_unique_constraint(None, "orders", ["code"])',
    ],
)
def test_what_has_a_name_or_may_get_one_is_not_told(call: str) -> None:
    assert dropped(up=call) == dropped(down=call) == []


def test_a_way_back_that_is_refused_is_not_told() -> None:
    refused = 'raise NotImplementedError\n    op.drop_constraint(None, "orders")'
    assert dropped(down=refused) == []
    assert dropped(down='op.drop_constraint(None, "orders")', path=f"tests/{PATH}") == []


UNIQUE = 'op.create_unique_constraint(None, "orders", {})'
FOREIGN = "op.create_foreign_key(None, 'orders', 'shops', ['shop_id'], ['id'])"


@pytest.mark.parametrize(
    ("up", "kind", "name"),
    [
        (UNIQUE.format('["code"]'), "unique", '"orders_code_key"'),
        (UNIQUE.format('["code", "shop_id"]'), "unique", '"orders_code_shop_id_key"'),
        ('op.add_column("orders", sa.Column("code", sa.Text, unique=True))', "unique", '"orders_code_key"'),
        (f"{UNIQUE.format('[f]')}\n    {FOREIGN}", "foreignkey", '"orders_shop_id_fkey"'),
    ],
)
def test_it_gets_the_name_that_postgresql_gave(up: str, kind: str, name: str) -> None:
    text = REVISION.format(up=up, down=f'op.drop_constraint(None, "orders", type_="{kind}")')
    (found,) = check_rule(RULE, {PATH: text})
    assert "that `upgrade` adds to `orders` without a name is dropped as `None`" in found.message
    applied = fix_project(open_project({PATH: text}, Settings(select=(RULE,))), choose_by_safety(unsafe=True))
    assert applied.result[PATH] == text.replace("drop_constraint(None", f"drop_constraint({name}")


@pytest.mark.parametrize(
    "up",
    [
        "pass",
        UNIQUE.format('["code"]') + "\n    " + UNIQUE.format('["shop_id"]'),
        'op.create_unique_constraint("orders_code", "orders", ["code"])',
        'op.create_unique_constraint(None, "shops", ["code"])',
    ],
)
def test_no_name_is_guessed(up: str) -> None:
    (found,) = dropped(up, 'op.drop_constraint(None, "orders", type_="unique")')
    assert found.message == "a unique constraint of `orders` is dropped as `None`"


@pytest.mark.parametrize("kind", ["unique", "foreignkey", "check", None])
@pytest.mark.parametrize("convention", [None, "%(table_name)s_%(column_0_name)s"])
def test_alembic_itself_drops_no_constraint_by_none(kind: str | None, convention: str | None) -> None:
    names = {key: convention for key in ("uq", "fk", "ck")} if convention else {}
    sent: list[str] = []

    class Buffer:
        def write(self, text: str) -> None:
            sent.append(text)

        def flush(self) -> None: ...

    options = {
        "as_sql": True,
        "output_buffer": Buffer(),
        "target_metadata": sa.MetaData(naming_convention=names),
    }
    operations = Operations(MigrationContext.configure(dialect_name="postgresql", opts=options))
    drop: Callable[..., None] = operations.drop_constraint
    try:
        drop(None, "orders", type_=kind)
    except (SQLAlchemyError, IndexError):
        return
    # No column is known: the name is cut off, and no constraint has it.
    assert "orders_;" in "".join(sent)
