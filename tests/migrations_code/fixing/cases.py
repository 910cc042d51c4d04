"""The same hazards as migrations of each framework, on a history with a table that has rows."""

from __future__ import annotations

from typing import NamedTuple

Files = dict[str, str]


class Case(NamedTuple):
    """A hazard: the rule that reports it, and both ways as the framework's own lines."""

    rule: str
    up: str
    down: str = ""


class Tool(NamedTuple):
    """A framework: where a migration lies, its frame, and its first one."""

    home: str
    base: str
    frame: str
    names: tuple[str, str]
    cases: dict[str, Case]
    orders: str = "orders"
    customers: str = "customers"

    def files(self, case: str) -> Files:
        """Return a history: the first migration, then the hazard."""
        one = self.cases[case]
        first, second = (f"{self.home}/{name}" for name in self.names)
        return {first: self.base, second: self.frame.replace("UP;", one.up).replace("DOWN;", one.down)}


INDEX, DROPPED = "index-created-non-concurrently", "index-dropped-non-concurrently"
FOREIGN, CHECK = "foreign-key-validated-inline", "check-validated-inline"
NULL, UNIQUE = "set-not-null-scan", "unique-constraint-built-inline"
REQUIRED, STORED = "required-column-without-default", "column-added-with-rewrite"
RETYPED, RENAMED = "column-type-rewrite", "column-renamed"

_ROWS = "INSERT INTO customers SELECT generate_series(1, 50)"
_ORDERS = (
    "INSERT INTO orders (id, customer_id, code, note) "
    "SELECT n, n % 50 + 1, 'c' || n, 'n' FROM generate_series(1, 2000) n"
)

_ALEMBIC_BASE = f'''\
"""base"""
from alembic import op
import sqlalchemy as sa

revision = "a1"
down_revision = None


def upgrade():
    op.create_table("customers", sa.Column("id", sa.BigInteger(), primary_key=True))
    op.create_table(
        "orders",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("customer_id", sa.BigInteger()),
        sa.Column("code", sa.Text()),
        sa.Column("note", sa.Text()),
        sa.Column("total", sa.Integer()),
    )
    op.create_index("orders_note", "orders", ["note"])
    op.execute("{_ROWS}")
    op.execute("{_ORDERS}")


def downgrade():
    op.drop_table("orders")
    op.drop_table("customers")
'''
_ALEMBIC = '''\
"""step"""
from alembic import op
import sqlalchemy as sa

revision = "b2"
down_revision = "a1"


def upgrade():
UP;


def downgrade():
DOWN;
'''
ALEMBIC = Tool(
    "alembic/versions",
    _ALEMBIC_BASE,
    _ALEMBIC,
    ("a1_base.py", "b2_step.py"),
    {
        "index": Case(
            INDEX,
            '    op.create_index(\n        "by_customer",\n        "orders",\n        ["customer_id"],\n    )',
            '    op.drop_index("by_customer")',
        ),
        "indexes": Case(
            INDEX,
            '    op.create_index("by_customer", "orders", ["customer_id"])\n'
            '    # for the search\n    op.create_index("by_code", "orders", ["code", "id"], unique=True)',
            '    op.drop_index("by_code")\n    op.drop_index("by_customer")',
        ),
        "index_in_sql": Case(
            INDEX,
            '    op.execute("CREATE INDEX by_code ON orders (code)")',
            '    op.execute("DROP INDEX by_code")',
        ),
        "index_beside_a_column": Case(
            INDEX,
            '    op.add_column("orders", sa.Column("memo", sa.Text()))\n\n'
            '    # for the list\n    op.create_index("by_customer", "orders", ["customer_id"])',
            '    op.drop_index("by_customer")\n    op.drop_column("orders", "memo")',
        ),
        "index_in_a_batch": Case(
            INDEX,
            '    with op.batch_alter_table("orders") as batch:\n'
            '        batch.add_column(sa.Column("memo", sa.Text()))\n'
            '        batch.create_index("by_customer", ["customer_id"])',
            '    with op.batch_alter_table("orders") as batch:\n'
            '        batch.drop_index("by_customer")\n        batch.drop_column("memo")',
        ),
        "dropped_index": Case(
            DROPPED,
            '    op.drop_index("orders_note", table_name="orders")',
            '    op.create_index("orders_note", "orders", ["note"])',
        ),
        "foreign_key": Case(
            FOREIGN,
            '    op.create_foreign_key("to_customer", "orders", "customers", ["customer_id"], ["id"])',
            '    op.drop_constraint("to_customer", "orders", type_="foreignkey")',
        ),
        "check": Case(
            CHECK,
            '    op.create_check_constraint("coded", "orders", "code <> \'\'")',
            '    op.drop_constraint("coded", "orders")',
        ),
        "not_null": Case(
            NULL,
            '    op.alter_column("orders", "note", nullable=False)',
            '    op.alter_column("orders", "note", nullable=True)',
        ),
        "unique": Case(
            UNIQUE,
            '    op.create_unique_constraint("one_code", "orders", ["code"])',
            '    op.drop_constraint("one_code", "orders")',
        ),
        "retyped": Case(
            RETYPED,
            '    op.alter_column("orders", "total", type_=sa.BigInteger())',
            '    op.alter_column("orders", "total", type_=sa.Integer())',
        ),
        "renamed": Case(
            RENAMED,
            '    op.alter_column("orders", "code", new_column_name="sku")',
            '    op.alter_column("orders", "sku", new_column_name="code")',
        ),
        "stored": Case(
            STORED,
            '    op.add_column("orders", sa.Column("twice", sa.Integer(), sa.Computed("total * 2", persisted=True)))',
            '    op.drop_column("orders", "twice")',
        ),
        "required": Case(
            REQUIRED,
            '    op.add_column("orders", sa.Column("region", sa.Text(), nullable=False))',
            '    op.drop_column("orders", "region")',
        ),
    },
)

_DJANGO_BASE = f'''\
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Customer",
            fields=[("id", models.BigAutoField(primary_key=True, serialize=False))],
        ),
        migrations.CreateModel(
            name="Order",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("customer_id", models.BigIntegerField(null=True)),
                ("code", models.TextField(null=True)),
                ("note", models.TextField(null=True)),
                ("total", models.IntegerField(null=True)),
            ],
        ),
        migrations.RunSQL(
            [
                "{_ROWS.replace("customers", "shop_customer")}",
                "{_ORDERS.replace("orders", "shop_order")}",
            ],
            migrations.RunSQL.noop,
        ),
    ]
'''
_DJANGO = """\
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0001_initial"),
    ]

    operations = [
UP;
    ]
"""
_ADD_INDEX = """\
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["code"], name="by_code"),
        ),"""
DJANGO = Tool(
    "shop/migrations",
    _DJANGO_BASE,
    _DJANGO,
    ("0001_initial.py", "0002_step.py"),
    {
        "index": Case(INDEX, _ADD_INDEX.replace('"order"', '"Order"')),
        "index_in_sql": Case(
            INDEX,
            '        migrations.RunSQL("CREATE INDEX by_code ON shop_order (code)", "DROP INDEX by_code"),',
        ),
        "index_beside_a_column": Case(
            INDEX,
            f'        migrations.AddField("Order", "memo", models.TextField(null=True)),\n{_ADD_INDEX}',
        ),
        "check": Case(
            CHECK,
            "        migrations.AddConstraint(\n"
            '            model_name="order",\n'
            '            constraint=models.CheckConstraint(condition=models.Q(id__gt=0), name="counted"),\n'
            "        ),",
        ),
        "unique": Case(
            UNIQUE,
            "        migrations.AddConstraint(\n"
            '            model_name="order",\n'
            '            constraint=models.UniqueConstraint(fields=["code"], name="one_code"),\n'
            "        ),",
        ),
        "reference": Case(
            INDEX,
            "        migrations.AddField(\n"
            '            model_name="order",\n'
            '            name="payer",\n'
            "            field=models.ForeignKey(\n"
            '                null=True, on_delete=django.db.models.deletion.CASCADE, to="shop.customer"\n'
            "            ),\n"
            "        ),",
        ),
        "renamed": Case(RENAMED, '        migrations.RenameField("Order", "code", "sku"),'),
        "required": Case(
            REQUIRED,
            "        migrations.AddField(\n"
            '            model_name="order",\n'
            '            name="region",\n'
            "            field=models.TextField(),\n"
            "        ),",
        ),
    },
    "shop_order",
    "shop_customer",
)

_RAILS_BASE = f"""\
class Base < ActiveRecord::Migration[6.1]
  def change
    create_table :customers
    create_table :orders do |t|
      t.bigint :customer_id
      t.text :code
      t.text :note
      t.integer :total
      t.index :note, name: "orders_note"
    end
    up_only do
      execute "{_ROWS}"
      execute "{_ORDERS}"
    end
  end
end
"""
_RAILS = """\
class Step < ActiveRecord::Migration[6.1]
  def change
UP;
  end
end
"""
RAILS = Tool(
    "db/migrate",
    _RAILS_BASE,
    _RAILS,
    ("20260301100000_base.rb", "20260301110000_step.rb"),
    {
        "index": Case(INDEX, "    # for the list\n    add_index :orders, :customer_id"),
        "index_beside_a_column": Case(
            INDEX,
            "    add_column :orders, :memo, :text\n    # for the list\n    add_index :orders, :customer_id",
        ),
        "dropped_index": Case(DROPPED, '    remove_index :orders, :note, name: "orders_note"'),
        "foreign_key": Case(FOREIGN, "    add_foreign_key :orders, :customers"),
        "reference": Case(
            INDEX, "    add_reference :orders, :payer, foreign_key: { to_table: :customers }, null: true"
        ),
        "check": Case(CHECK, '    add_check_constraint :orders, "code > \'\'", name: "coded"'),
        "not_null": Case(NULL, "    change_column_null :orders, :note, false"),
        "unique": Case(
            UNIQUE,
            "    reversible do |dir|\n"
            "      dir.up do\n"
            "        execute <<~SQL\n"
            "          ALTER TABLE orders ADD CONSTRAINT one_code UNIQUE (code)\n"
            "        SQL\n"
            "      end\n"
            '      dir.down { execute "ALTER TABLE orders DROP CONSTRAINT one_code" }\n'
            "    end",
        ),
        "renamed": Case(RENAMED, "    rename_column :orders, :code, :sku"),
        "required": Case(REQUIRED, "    add_column :orders, :region, :text, null: false"),
    },
)

_KNEX_BASE = f"""\
exports.up = async function (knex) {{
  await knex.schema.createTable('customers', (table) => {{
    table.bigInteger('id').primary();
  }});
  await knex.schema.createTable('orders', (table) => {{
    table.bigInteger('id').primary();
    table.bigInteger('customer_id');
    table.text('code');
    table.text('note');
    table.integer('total');
    table.index(['note'], 'orders_note');
  }});
  await knex.raw("{_ROWS}");
  await knex.raw("{_ORDERS}");
}};

exports.down = async function (knex) {{
  await knex.schema.dropTable('orders');
  await knex.schema.dropTable('customers');
}};
"""
_KNEX = """\
exports.up = async function (knex) {
UP;
};

exports.down = async function (knex) {
DOWN;
};
"""


def _alter(*lines: str) -> str:
    body = "".join(f"    {one};\n" for one in lines)
    return f"  await knex.schema.alterTable('orders', (table) => {{\n{body}  }});"


KNEX = Tool(
    "migrations",
    _KNEX_BASE,
    _KNEX,
    ("20260301100000_base.js", "20260301110000_step.js"),
    {
        "index": Case(
            INDEX,
            _alter("table.index(['code'], 'by_code')"),
            _alter("table.dropIndex(['code'], 'by_code')"),
        ),
        "index_beside_a_column": Case(
            INDEX,
            _alter("table.text('memo')", "table.index(['code'], 'by_code')"),
            _alter("table.dropIndex(['code'], 'by_code')", "table.dropColumn('memo')"),
        ),
        "index_in_sql": Case(
            INDEX,
            "  await knex.raw('CREATE INDEX by_code ON orders (code)');",
            "  await knex.raw('DROP INDEX by_code');",
        ),
        "dropped_index": Case(
            DROPPED,
            _alter("table.dropIndex(['note'], 'orders_note')"),
            _alter("table.index(['note'], 'orders_note')"),
        ),
        "foreign_key": Case(
            FOREIGN,
            _alter("table.foreign('customer_id').references('customers.id')"),
            _alter("table.dropForeign('customer_id')"),
        ),
        "foreign_key_that_is_returned": Case(
            FOREIGN,
            _alter("table.foreign('customer_id').references('customers.id')").replace("await", "return"),
            _alter("table.dropForeign('customer_id')"),
        ),
        "foreign_key_beside_a_column": Case(
            FOREIGN,
            _alter("table.text('memo')", "table.foreign('customer_id').references('customers.id')"),
            _alter("table.dropForeign('customer_id')", "table.dropColumn('memo')"),
        ),
        "not_null": Case(NULL, _alter("table.dropNullable('note')"), _alter("table.setNullable('note')")),
        "unique": Case(
            UNIQUE,
            _alter("table.unique(['code'], { indexName: 'one_code' })"),
            _alter("table.dropUnique(['code'], 'one_code')"),
        ),
        "renamed": Case(
            RENAMED, _alter("table.renameColumn('code', 'sku')"), _alter("table.renameColumn('sku', 'code')")
        ),
        "required": Case(
            REQUIRED,
            _alter("table.text('region').notNullable()"),
            _alter("table.dropColumn('region')"),
        ),
    },
)


def _queries(*sql: str) -> str:
    return "\n".join(f"    await queryRunner.query(`{one}`);" for one in sql)


def _typeorm(name: str) -> str:
    return f"""\
/** @implements {{import('typeorm').MigrationInterface}} */
module.exports = class {name} {{
  name = '{name}';

  async up(queryRunner) {{
UP;
  }}

  async down(queryRunner) {{
DOWN;
  }}
}};
"""


_ADD, _DROP = 'ALTER TABLE "orders" ADD', 'ALTER TABLE "orders" DROP'
TYPEORM = Tool(
    "src/migrations",
    _typeorm("Base1700000000000")
    .replace(
        "UP;",
        _queries(
            'CREATE TABLE "customers" ("id" bigint PRIMARY KEY)',
            'CREATE TABLE "orders" ("id" bigint PRIMARY KEY, "customer_id" bigint, "code" text, "note" text, "total" integer)',
            'CREATE INDEX "orders_note" ON "orders" ("note")',
            _ROWS,
            _ORDERS,
        ),
    )
    .replace("DOWN;", _queries('DROP TABLE "orders"', 'DROP TABLE "customers"')),
    _typeorm("Step1700000000001"),
    ("1700000000000-Base.js", "1700000000001-Step.js"),
    {
        "index": Case(
            INDEX, _queries('CREATE INDEX "by_code" ON "orders" ("code")'), _queries('DROP INDEX "by_code"')
        ),
        "index_beside_a_column": Case(
            INDEX,
            _queries(f'{_ADD} "memo" text', 'CREATE INDEX "by_code" ON "orders" ("code")'),
            _queries('DROP INDEX "by_code"', f'{_DROP} COLUMN "memo"'),
        ),
        "foreign_key": Case(
            FOREIGN,
            _queries(
                f'{_ADD} CONSTRAINT "to_customer" FOREIGN KEY ("customer_id") REFERENCES "customers"("id")'
            ),
            _queries(f'{_DROP} CONSTRAINT "to_customer"'),
        ),
        "not_null": Case(
            NULL,
            _queries('ALTER TABLE "orders" ALTER COLUMN "note" SET NOT NULL'),
            _queries('ALTER TABLE "orders" ALTER COLUMN "note" DROP NOT NULL'),
        ),
        "unique": Case(
            UNIQUE,
            _queries(f'{_ADD} CONSTRAINT "one_code" UNIQUE ("code")'),
            _queries(f'{_DROP} CONSTRAINT "one_code"'),
        ),
        "retyped": Case(
            RETYPED,
            _queries('ALTER TABLE "orders" ALTER COLUMN "total" TYPE bigint'),
            _queries('ALTER TABLE "orders" ALTER COLUMN "total" TYPE integer'),
        ),
        "renamed": Case(
            RENAMED,
            _queries('ALTER TABLE "orders" RENAME COLUMN "code" TO "sku"'),
            _queries('ALTER TABLE "orders" RENAME COLUMN "sku" TO "code"'),
        ),
        "unique_beside_a_column": Case(
            UNIQUE,
            _queries(f'{_ADD} "memo" text', f'{_ADD} CONSTRAINT "one_code" UNIQUE ("code")'),
            _queries(f'{_DROP} CONSTRAINT "one_code"', f'{_DROP} COLUMN "memo"'),
        ),
    },
)

_SEQUELIZE_BASE = f"""\
'use strict';

module.exports = {{
  async up(queryInterface, Sequelize) {{
    await queryInterface.createTable('customers', {{ id: {{ type: Sequelize.BIGINT, primaryKey: true }} }});
    await queryInterface.createTable('orders', {{
      id: {{ type: Sequelize.BIGINT, primaryKey: true }},
      customer_id: {{ type: Sequelize.BIGINT }},
      code: {{ type: Sequelize.TEXT }},
      note: {{ type: Sequelize.TEXT }},
      total: {{ type: Sequelize.INTEGER }},
    }});
    await queryInterface.addIndex('orders', ['note'], {{ name: 'orders_note' }});
    await queryInterface.sequelize.query("{_ROWS}");
    await queryInterface.sequelize.query("{_ORDERS}");
  }},

  async down(queryInterface) {{
    await queryInterface.dropTable('orders');
    await queryInterface.dropTable('customers');
  }},
}};
"""
_SEQUELIZE = """\
'use strict';

module.exports = {
  async up(queryInterface, Sequelize) {
UP;
  },

  async down(queryInterface) {
DOWN;
  },
};
"""
SEQUELIZE = Tool(
    "migrations",
    _SEQUELIZE_BASE,
    _SEQUELIZE,
    ("20260301100000-base.js", "20260301110000-step.js"),
    {
        "index": Case(
            INDEX,
            "    await queryInterface.addIndex('orders', ['code'], { name: 'by_code' });",
            "    await queryInterface.removeIndex('orders', 'by_code');",
        ),
        "foreign_key": Case(
            FOREIGN,
            "    await queryInterface.addConstraint('orders', {\n      fields: ['customer_id'],\n"
            "      type: 'foreign key',\n      name: 'to_customer',\n"
            "      references: { table: 'customers', field: 'id' },\n    });",
            "    await queryInterface.removeConstraint('orders', 'to_customer');",
        ),
        "unique": Case(
            UNIQUE,
            "    await queryInterface.addConstraint('orders', { fields: ['code'], type: 'unique', name: 'one_code' });",
            "    await queryInterface.removeConstraint('orders', 'one_code');",
        ),
        "renamed": Case(
            RENAMED,
            "    await queryInterface.renameColumn('orders', 'code', 'sku');",
            "    await queryInterface.renameColumn('orders', 'sku', 'code');",
        ),
        "required": Case(
            REQUIRED,
            "    await queryInterface.addColumn('orders', 'region', { type: Sequelize.TEXT, allowNull: false });",
            "    await queryInterface.removeColumn('orders', 'region');",
        ),
    },
)

_PGM_BASE = f"""\
exports.up = (pgm) => {{
  pgm.createTable('customers', {{ id: {{ type: 'bigint', primaryKey: true }} }});
  pgm.createTable('orders', {{
    id: {{ type: 'bigint', primaryKey: true }},
    customer_id: 'bigint',
    code: 'text',
    note: 'text',
    total: 'integer',
  }});
  pgm.createIndex('orders', 'note', {{ name: 'orders_note' }});
  pgm.sql("{_ROWS}");
  pgm.sql("{_ORDERS}");
}};

exports.down = (pgm) => {{
  pgm.dropTable('orders');
  pgm.dropTable('customers');
}};
"""
_PGM = """\
exports.up = (pgm) => {
UP;
};

exports.down = (pgm) => {
DOWN;
};
"""
PGM = Tool(
    "migrations",
    _PGM_BASE,
    _PGM,
    ("1700000000000_base.js", "1700000000001_step.js"),
    {
        "index": Case(
            INDEX,
            "  pgm.createIndex('orders', 'code', { name: 'by_code' });",
            "  pgm.dropIndex('orders', 'code', { name: 'by_code' });",
        ),
        "index_beside_a_column": Case(
            INDEX,
            "  pgm.addColumn('orders', { memo: 'text' });\n  // for the list\n"
            "  pgm.createIndex('orders', 'code', { name: 'by_code' });",
            "  pgm.dropIndex('orders', 'code', { name: 'by_code' });\n  pgm.dropColumn('orders', 'memo');",
        ),
        "foreign_key": Case(
            FOREIGN,
            "  pgm.addConstraint('orders', 'to_customer', {\n"
            "    foreignKeys: { columns: 'customer_id', references: 'customers' },\n  });",
            "  pgm.dropConstraint('orders', 'to_customer');",
        ),
        "not_null": Case(
            NULL,
            "  pgm.alterColumn('orders', 'note', { notNull: true });",
            "  pgm.alterColumn('orders', 'note', { notNull: false });",
        ),
        "retyped": Case(
            RETYPED,
            "  pgm.alterColumn('orders', 'total', { type: 'bigint' });",
            "  pgm.alterColumn('orders', 'total', { type: 'integer' });",
        ),
        "renamed": Case(
            RENAMED,
            "  pgm.renameColumn('orders', 'code', 'sku');",
            "  pgm.renameColumn('orders', 'sku', 'code');",
        ),
        "unique": Case(
            UNIQUE,
            "  pgm.addConstraint('orders', 'one_code', { unique: ['code'] });",
            "  pgm.dropConstraint('orders', 'one_code');",
        ),
    },
)

TOOLS = {
    "alembic": ALEMBIC,
    "django": DJANGO,
    "knex": KNEX,
    "node-pg-migrate": PGM,
    "rails": RAILS,
    "sequelize": SEQUELIZE,
    "typeorm": TYPEORM,
}
EVERY = [(tool, case) for tool, one in TOOLS.items() for case in one.cases]
