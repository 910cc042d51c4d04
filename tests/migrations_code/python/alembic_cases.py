"""Migrations for Alembic that show what its operations offer."""

_HEAD = """
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "a1"
down_revision = None

"""

CASES = {
    "a1_tables.py": _HEAD
    + """
def upgrade():
    op.create_table(
        "customers",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("email", sa.String(120), nullable=False),
        sa.Column("born", sa.Date()),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("balance", sa.Numeric(12, 2), server_default="0"),
        sa.Column("extra", postgresql.JSONB(), nullable=True),
        sa.Column("tags", postgresql.ARRAY(sa.Text())),
        sa.UniqueConstraint("email", name="customers_email_key"),
        sa.CheckConstraint("balance >= 0", name="customers_balance_check"),
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), primary_key=True),
        sa.Column("customer_id", sa.BigInteger(), sa.ForeignKey("customers.id", ondelete="CASCADE"), nullable=False),
        sa.Column("token", sa.Uuid()),
        sa.Column("total", sa.Float()),
        sa.Column("note", sa.Unicode(40)),
        schema="app",
    )
    op.create_index("by_desc", "orders", ["code", sa.text("id DESC"), sa.text("lower(code)")])
    op.create_index("orders_customer_idx", "orders", ["customer_id"], schema="app")


def downgrade():
    op.drop_index("orders_customer_idx", table_name="orders", schema="app")
    op.drop_table("orders", schema="app")
    op.drop_table("customers")
""",
    "a2_columns.py": _HEAD
    + """
def upgrade():
    op.add_column("orders", sa.Column("region", sa.Text(), nullable=False, server_default="eu"))
    op.add_column("orders", sa.Column("placed_at", sa.DateTime(), nullable=True))
    op.add_column("orders", sa.Column("code", sa.String(20), unique=True))
    op.alter_column("orders", "region", nullable=True)
    op.alter_column("orders", "region", nullable=False)
    op.alter_column("orders", "qty", type_=sa.BigInteger())
    op.alter_column("orders", "qty", type_=sa.Integer(), postgresql_using="qty::integer")
    op.alter_column("orders", "qty", server_default=sa.text("1"))
    op.alter_column("orders", "qty", server_default=None)
    op.alter_column("orders", "qty", new_column_name="amount")
    op.drop_column("orders", "note")
    op.rename_table("orders", "purchases")
    op.execute("UPDATE purchases SET amount = 0 WHERE amount IS NULL")
    op.execute(sa.text("ANALYZE purchases"))


def downgrade():
    op.rename_table("purchases", "orders")
    op.add_column("orders", sa.Column("note", sa.Text()))
    op.alter_column("orders", "amount", new_column_name="qty")
    op.drop_column("orders", "code")
    op.drop_column("orders", "placed_at")
    op.drop_column("orders", "region")
""",
    "a3_keys.py": _HEAD
    + """
def upgrade():
    op.create_unique_constraint("orders_code_key", "orders", ["code", "region"])
    op.create_check_constraint("orders_amount_check", "orders", "amount > 0")
    op.create_check_constraint("orders_total_check", "orders", "total > 0", postgresql_not_valid=True)
    op.create_foreign_key("orders_shop_fk", "orders", "shops", ["shop_id"], ["id"], ondelete="SET NULL")
    op.create_foreign_key("orders_tax_fk", "orders", "taxes", ["tax"], ["id"], postgresql_not_valid=True)
    op.create_primary_key("lines_pkey", "lines", ["order_id", "line"])
    op.create_index("orders_code_idx", "orders", ["code"], unique=True, postgresql_where=sa.text("code <> ''"))
    op.create_index("orders_lower_idx", "orders", [sa.text("lower(code)")], postgresql_using="gin")
    with op.get_context().autocommit_block():
        op.create_index("orders_total_idx", "orders", ["total"], postgresql_concurrently=True, if_not_exists=True)
        op.drop_index("orders_old_idx", table_name="orders", postgresql_concurrently=True)
    with op.batch_alter_table("orders") as batch:
        batch.add_column(sa.Column("batched", sa.Text()))
        batch.drop_column("old")
        batch.alter_column("code", nullable=False)


def downgrade():
    op.drop_constraint("orders_shop_fk", "orders", type_="foreignkey")
    op.drop_constraint("orders_code_key", "orders")
    op.drop_index("orders_code_idx", if_exists=True)
""",
}
