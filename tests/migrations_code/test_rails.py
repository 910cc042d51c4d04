"""What migrations of Rails send, as rollsafe reads it."""

import pytest

from tests.migrations_code import plain, read_migration, translated

_PATH = "db/migrate/20260301100000_change_orders.rb"


def _change(body: str, version: str = "7.1", head: str = "") -> str:
    return (
        f"class ChangeOrders < ActiveRecord::Migration[{version}]\n{head}  def change\n{body}\n  end\nend\n"
    )


ONE_CALL = {
    "add_column :orders, :region, :string, null: false, default: 'eu'": (
        "ALTER TABLE orders ADD COLUMN region varchar DEFAULT 'eu' NOT NULL",
        "ALTER TABLE orders DROP COLUMN region",
    ),
    "add_column :orders, :total, :decimal, precision: 12, scale: 2": (
        "ALTER TABLE orders ADD COLUMN total numeric(12, 2)",
        "ALTER TABLE orders DROP COLUMN total",
    ),
    'add_column :orders, :tags, :string, array: true, default: ["a b", "c"]': (
        """ALTER TABLE orders ADD COLUMN tags varchar[] DEFAULT '{"a b",c}'""",
        "ALTER TABLE orders DROP COLUMN tags",
    ),
    "add_column :orders, :tags, :string, array: true": (
        "ALTER TABLE orders ADD COLUMN tags varchar[]",
        "ALTER TABLE orders DROP COLUMN tags",
    ),
    "add_index :orders, [:customer_id, :state], unique: true": (
        "CREATE UNIQUE INDEX index_orders_on_customer_id_and_state ON orders (customer_id, state)",
        "DROP INDEX index_orders_on_customer_id_and_state",
    ),
    "add_index :orders, 'lower(email)', name: 'by_mail', using: :gin": (
        "CREATE INDEX by_mail ON orders USING gin (lower(email))",
        "DROP INDEX by_mail",
    ),
    "add_foreign_key :orders, :customers, validate: false": (
        "ALTER TABLE orders ADD CONSTRAINT fk_rails_3dad120da9 FOREIGN KEY (customer_id) REFERENCES customers (id)"
        " NOT VALID",
        "ALTER TABLE orders DROP CONSTRAINT fk_rails_3dad120da9",
    ),
    "add_check_constraint :orders, 'total > 0', name: 'positive'": (
        "ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0)",
        "ALTER TABLE orders DROP CONSTRAINT positive",
    ),
    "rename_column :orders, :qty, :amount": (
        "ALTER TABLE orders RENAME COLUMN qty TO amount",
        "ALTER TABLE orders RENAME COLUMN amount TO qty",
    ),
    "rename_table :orders, :purchases": (
        "ALTER TABLE orders RENAME TO purchases",
        "ALTER TABLE purchases RENAME TO orders",
    ),
    "change_column_null :orders, :region, false": (
        "ALTER TABLE orders ALTER COLUMN region SET NOT NULL",
        "ALTER TABLE orders ALTER COLUMN region DROP NOT NULL",
    ),
    "change_column_null :orders, :region, false, 'eu'": (
        "UPDATE orders SET region = 'eu' WHERE region IS NULL; ALTER TABLE orders ALTER COLUMN region SET NOT NULL",
        "ALTER TABLE orders ALTER COLUMN region DROP NOT NULL",
    ),
    "change_column_default :orders, :region, from: nil, to: 'eu'": (
        "ALTER TABLE orders ALTER COLUMN region SET DEFAULT 'eu'",
        "ALTER TABLE orders ALTER COLUMN region DROP DEFAULT",
    ),
    "remove_column :orders, :note, :text": (
        "ALTER TABLE orders DROP COLUMN note",
        "ALTER TABLE orders ADD COLUMN note text",
    ),
    "add_reference :orders, :shop, index: { algorithm: :concurrently }": (
        "ALTER TABLE orders ADD COLUMN shop_id bigint;"
        " CREATE INDEX CONCURRENTLY index_orders_on_shop_id ON orders (shop_id)",
        "ALTER TABLE orders DROP COLUMN shop_id",
    ),
    "create_table(:lines, id: :uuid) { |t| t.integer :count, limit: 8 }": (
        "CREATE TABLE lines (id uuid DEFAULT gen_random_uuid() NOT NULL PRIMARY KEY, count bigint)",
        "DROP TABLE lines",
    ),
    "create_join_table :tags, :orders": (
        "CREATE TABLE orders_tags (tag_id bigint NOT NULL, order_id bigint NOT NULL)",
        "DROP TABLE orders_tags",
    ),
    "create_join_table :tags, :orders, force: :cascade": (
        "DROP TABLE IF EXISTS orders_tags CASCADE;"
        " CREATE TABLE orders_tags (tag_id bigint NOT NULL, order_id bigint NOT NULL)",
        "DROP TABLE orders_tags",
    ),
    "add_column :orders, :number, :primary_key": (
        "ALTER TABLE orders ADD COLUMN number bigserial PRIMARY KEY",
        "ALTER TABLE orders DROP COLUMN number",
    ),
    "add_column :orders, :token, :uuid, default: 'gen_random_uuid()'": (
        "ALTER TABLE orders ADD COLUMN token uuid DEFAULT gen_random_uuid()",
        "ALTER TABLE orders DROP COLUMN token",
    ),
    "create_schema :billing": ("CREATE SCHEMA billing", "DROP SCHEMA billing CASCADE"),
    "change_table(:orders) { |t| t.string :a; t.rename :b, :c }": (
        "ALTER TABLE orders ADD COLUMN a varchar; ALTER TABLE orders RENAME COLUMN b TO c",
        "ALTER TABLE orders RENAME COLUMN c TO b; ALTER TABLE orders DROP COLUMN a",
    ),
}


@pytest.mark.parametrize("call", ONE_CALL)
def test_a_call_goes_both_ways(call: str) -> None:
    up, down = ONE_CALL[call]
    found = translated(_PATH, _change(f"    {call}"))
    assert found.up == plain(up)
    assert found.down == plain(down)
    assert read_migration(_PATH, _change(f"    {call}")).migration.has_down


@pytest.mark.parametrize(
    "call",
    [
        "execute 'SELECT 1'",
        "change_column :orders, :a, :text",
        "remove_column :orders, :a",
        "drop_table :orders",
    ],
)
def test_some_calls_cannot_be_undone(call: str) -> None:
    assert not read_migration(_PATH, _change(f"    {call}")).migration.has_down


def test_a_schema_is_renamed() -> None:
    found = translated(_PATH, _change("    rename_schema :billing, :invoicing"))
    assert found.up == plain("ALTER SCHEMA billing RENAME TO invoicing")


def test_each_way_of_reversible_is_its_own() -> None:
    body = "    reversible do |way|\n      way.up { execute 'SELECT 1' }\n      way.down { execute 'SELECT 2' }\n    end"
    found = translated(_PATH, _change(body))
    assert (found.up, found.down) == (["SELECT 1"], ["SELECT 2"])
    assert read_migration(_PATH, _change(body)).migration.has_down


@pytest.mark.parametrize("default", ["FIRST", "Order.first_kind", "{ kind => 1 }", "-> { now }"])
def test_a_computed_default_is_left_out_with_what_needs_it(default: str) -> None:
    found = translated(
        _PATH, _change(f"    add_column :orders, :kind, :jsonb, null: false, default: {default}")
    )
    assert found.up == ["ALTER TABLE orders ADD COLUMN kind jsonb"]


def test_old_migrations_have_other_keys() -> None:
    old = translated(_PATH, _change("    create_table(:lines) { |t| t.references :order }", "5.0"))
    assert old.up[0] == "CREATE TABLE lines (id serial NOT NULL PRIMARY KEY, order_id int)"


def test_what_is_no_migration_is_left_alone() -> None:
    from rollsafe.artefacts.registry import read
    from rollsafe.artefacts.source import SourceFile

    assert read(SourceFile("db/migrate/20260301100000_x.rb", "class X\n  def change\n  end\nend\n")) is None
    assert read(SourceFile("app/models/order.rb", _change("    drop_table :orders"))) is None
