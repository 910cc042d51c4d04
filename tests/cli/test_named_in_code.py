"""Code that still names what a migration takes away."""

import json
import subprocess
import sys

import pytest

from tests.cli.conftest import Repository

TABLES = """\
CREATE TABLE orders (id bigint PRIMARY KEY, total bigint, shipping_address text, created_at timestamptz);
CREATE TABLE shop_item (id bigint PRIMARY KEY, name text);
CREATE TABLE invoices (id bigint PRIMARY KEY, total bigint);
"""
TOTAL = "ALTER TABLE orders DROP COLUMN total;\n"
ADDRESS = "ALTER TABLE orders RENAME COLUMN shipping_address TO address;\n"
CREATED = "ALTER TABLE orders DROP COLUMN created_at;\n"
ORDERS = "DROP TABLE orders;\n"
RENAMED = "ALTER TABLE orders RENAME TO purchases;\n"
ITEM = "DROP TABLE shop_item;\n"
RULES = "column-dropped,column-renamed,table-dropped,table-renamed,object-renamed"


def named(repository: Repository, migration: str) -> list[tuple[str, int]]:
    """The places told beside the findings about the last migration, by path and line."""
    repository.write("db/migrations/V1__tables.sql", TABLES)
    repository.write("db/migrations/V2__away.sql", migration)
    found = repository.run("check", "--format", "json", f"--select={RULES}", ".").json["findings"]
    assert found
    return [(one["path"], one["range"]["start"]["line"]) for it in found for one in it["related"]]


PRISMA = """\
model Invoice {
  id Int @id
  total Int
}
model Order {
  id Int @id
  total Int
  @@map("orders")
}
"""


@pytest.mark.parametrize(
    ("migration", "path", "text", "line"),
    [
        # What describes the table
        (TOTAL, "prisma/schema.prisma", PRISMA, 7),
        (ORDERS, "prisma/schema.prisma", PRISMA, 5),
        (
            CREATED,
            "prisma/schema.prisma",
            'model Order {\n  at DateTime @map("created_at")\n  @@map("orders")\n}\n',
            2,
        ),
        (TOTAL, "src/order.ts", "@Entity('orders')\nclass Order {\n  @Column()\n  total: number;\n}\n", 4),
        (ORDERS, "src/order.ts", "@Entity({ name: 'orders' })\nexport class Order {}\n", 1),
        (TOTAL, "src/schema.ts", "const orders = pgTable('orders', {\n  total: bigint('total'),\n});\n", 2),
        (ORDERS, "app/models/order.rb", "class Order < ApplicationRecord\nend\n", 1),
        (ORDERS, "app/models/purchase.rb", 'class Purchase < Base\n  self.table_name = "orders"\nend\n', 2),
        (TOTAL, "db/schema.rb", 'create_table "orders" do |t|\n  t.bigint "total"\nend\n', 2),
        (ORDERS, "app/models.py", 'class Order(Base):\n    __tablename__ = "orders"\n', 2),
        (TOTAL, "app/models.py", 'class Order(Base):\n    __tablename__ = "orders"\n    total = X()\n', 3),
        (ORDERS, "app/models.py", "class Buy(Model):\n    class Meta:\n        db_table = 'orders'\n", 3),
        (ITEM, "shop/models.py", "class Item(models.Model):\n    name = models.TextField()\n", 1),
        (ORDERS, "src/Order.java", '@Table(name = "orders")\nclass Order {}\n', 1),
        (ORDERS, "store/order.go", 'func (Order) TableName() string { return "orders" }\n', 1),
        # SQL
        (ORDERS, "src/report.py", 'def go(db):\n    db.execute("SELECT 1 FROM orders")\n', 2),
        (ORDERS, "queries/report.sql", "-- orders\nselect *\nfrom public.orders where id = 1;\n", 3),
        (TOTAL, "src/report.py", 'SQL = """\n  SELECT sum(total)\n  FROM orders\n"""\n', 2),
        (RENAMED, "src/report.py", 'db.execute("UPDATE orders SET id = 1")\n', 1),
        # What reads rows
        (TOTAL, "src/mail.rb", "def mail(order)\n  order.total\nend\n", 2),
        (ADDRESS, "src/mail.rb", "def mail(order)\n  order.slice(:shipping_address)\nend\n", 2),
        (ADDRESS, "src/mail.ts", "const to = (order: Order) => order.shippingAddress;\n", 1),
        (ADDRESS, "src/Mail.java", "String to(Order order) {\n  return order.getShippingAddress();\n}\n", 2),
        (ADDRESS, "src/mail.py", 'def to(order):\n    return order["shipping_address"]\n', 2),
    ],
)  # fmt: skip
def test_code_that_names_it_is_told(
    repository: Repository, migration: str, path: str, text: str, line: int
) -> None:
    repository.write(path, text)
    assert named(repository, migration) == [(path, line)]


@pytest.mark.parametrize(
    ("migration", "path", "text"),
    [
        (TOTAL, "src/sum.py", 'total = 5\nrow = {"total": total}\n'),
        (TOTAL, "src/bill.rb", "order = 1\ninvoice.total\n"),
        (TOTAL, "src/mail.rb", "# order.total is gone\n"),
        (TOTAL, "tests/test_order.py", "assert order.total == 1\n"),
        (TOTAL, "src/order.test.ts", "expect(order.total)\n"),
        (TOTAL, "node_modules/x/order.js", "order.total\n"),
        (TOTAL, "dist/order.js", "order.total\n"),
        (TOTAL, "db/migrations/helper.py", "order.total\n"),
        (TOTAL, "db/schema.rb", 'create_table "b" do |t|\n  t.bigint "total"\nend\ncreate_table "orders"\n'),
        (CREATED, "src/order.ts", 'const x = { created_at: 1, "y": invoice.created_at }; // order\n'),
        (CREATED, "a/schema.prisma", 'model Bill {\n  at Int @map("created_at")\n}\nmodel orders {\n}\n'),
        (ORDERS, "src/words.py", "from orders import place\nusers = orders = 1\nprint('orders')\n"),
        (ORDERS, "src/words.ts", "import { x } from 'orders';\nexport * from \"orders\";\n"),
        (ORDERS, "src/words.py", 'raise Error("failed to update orders")\n'),
        (ORDERS, "prisma/schema.prisma", 'model orders {\n  id Int\n  @@map("purchases")\n}\n'),
        (ITEM, "src/models.py", "class Item(models.Model):\n    pass\n"),
        (ORDERS, "README.md", "SELECT * FROM orders\n"),
    ],
)  # fmt: skip
def test_a_word_alone_is_not_told(repository: Repository, migration: str, path: str, text: str) -> None:
    repository.write(path, text)
    assert named(repository, migration) == []


def test_what_is_ignored_or_given_back_is_not_told(repository: Repository) -> None:
    repository.write(".gitignore", "made/\n")
    repository.write("made/order.rb", "order.total\n")
    assert named(repository, TOTAL) == []
    repository.write("src/order.rb", "order.total\n")
    assert named(repository, TOTAL) == [("src/order.rb", 1)]
    repository.write("db/migrations/V3__again.sql", "ALTER TABLE orders ADD COLUMN total bigint;\n")
    assert named(repository, TOTAL) == []


def test_a_few_places_are_told_the_telling_ones_first(repository: Repository) -> None:
    for number in range(7):
        repository.write(f"src/order{number}.rb", "order.total\n")
    repository.write("src/z.rb", "class Z < Base\n  self.table_name = :orders\n  x :total\nend\n")
    assert named(repository, TOTAL) == [("src/z.rb", 3), *((f"src/order{n}.rb", 1) for n in range(4))]
    told = repository.run("check", f"--select={RULES}", "--format=full", ".").out
    assert "see src/z.rb:3:6  `orders.total` is still named here" in told


def test_many_names_and_hostile_files_are_looked_at_in_bounded_time(repository: Repository) -> None:
    columns = [f"some_column_{number}" for number in range(300)]
    repository.write("src/a.py", "from " + " " * 200_000 + '"order' + "a" * 50_000)
    repository.write("src/b.ts", "order" * 40_000 + ".total")
    repository.write("src/c.ts", "order.some_column_1;" * 12_000)
    repository.write("src/d.ts", "@a" * 100_000)
    repository.write("src/e.prisma", "model orders {" * 15_000)
    repository.write("src/f.py", "\n" + "class order(\n" * 15_000 + "some_column_2")
    repository.write("src/g.rb", b"\xff\xfe\x00 orders total some_column_3")
    repository.write("src/h.sql", "from " * 40_000 + "orders some_column_4")
    names = ", ".join(f"DROP COLUMN {one}" for one in columns)
    repository.write("db/migrations/V1__tables.sql", TABLES)
    repository.write("db/migrations/V2__away.sql", f"ALTER TABLE orders {names}, DROP COLUMN total;\n")
    done = subprocess.run(
        [sys.executable, "-m", "rollsafe", "check", "--format=json", f"--select={RULES}", "."],
        cwd=repository.path,
        capture_output=True,
        check=False,
        timeout=60,
    )
    found = json.loads(done.stdout)["findings"]
    assert len(found) == 301
    assert {related["path"] for one in found for related in one["related"]} == {"src/c.ts"}
