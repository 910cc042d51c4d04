"""Findings in migrations of a programming language: where they point, and what may be done about them."""

import pytest

from rollsafe.engine.fixing import choose_by_safety, fix_project
from rollsafe.workspace.settings import Settings
from tests.checking import check, check_rule, open_project

ALEMBIC = """\
from alembic import op
import sqlalchemy as sa

revision = "b2"
down_revision = "a1"


def upgrade():
    op.create_index(
        "orders_customer_idx",
        "orders",
        ["customer_id"],
    )
    {comment}op.execute("CREATE INDEX orders_shop_idx ON orders (shop_id)")


def downgrade():
    op.drop_index("orders_shop_idx")
    op.drop_index("orders_customer_idx")
"""
RAILS = """\
class AddIndex < ActiveRecord::Migration[7.1]
  def change
    add_column :orders, :shop_id, :bigint
    {call}
  end
end
"""
_INDEX = "index-created-non-concurrently"


def test_a_finding_points_at_the_call_or_into_its_sql() -> None:
    path = "alembic/versions/b2_orders.py"
    text = ALEMBIC.format(comment="")
    found = [
        text[one.span.start : one.span.end]
        for one in open_project({path: text}).engine.all_findings()
        if one.rule.name == _INDEX
    ]
    assert found == [text[text.index("op.create_index") : text.index("    )\n") + 5], "CREATE INDEX"]


def test_comments_of_the_language_silence_findings() -> None:
    path = "alembic/versions/b2_orders.py"
    quiet = ALEMBIC.format(comment=f"# rollsafe: ignore[{_INDEX}] -- built at night\n    ")
    assert [one.line for one in check_rule(_INDEX, {path: quiet})] == [9]


@pytest.mark.parametrize(
    ("call", "severity"),
    [
        ("add_index :orders, :shop_id", "warning"),
        ("safety_assured { add_index :orders, :shop_id }", "info"),
        ("safety_assured do\n      add_index :orders, :shop_id\n    end", "info"),
    ],
)
def test_what_rails_is_assured_of_is_told_for_information(call: str, severity: str) -> None:
    files = {"db/migrate/20260301100000_add_index.rb": RAILS.format(call=call)}
    (found,) = (one for one in open_project(files).engine.all_findings() if one.rule.name == _INDEX)
    names = found.rule.equivalents if found.equivalents is None else found.equivalents
    peers = {name.partition(":")[0] for name in names}
    assert (found.severity.value, "strong_migrations" in peers) == (severity, severity != "info")


def test_no_transaction_where_the_framework_is_told_so() -> None:
    call = "add_index :orders, :shop_id, algorithm: :concurrently"
    path = "db/migrate/20260301100000_add_index.rb"
    text = RAILS.format(call=call)
    assert [one.line for one in check_rule("refused-in-transaction", {path: text})] == [4]
    apart = text.replace("  def change", "  disable_ddl_transaction!\n\n  def change")
    assert check_rule("refused-in-transaction", {path: apart}) == []


def test_fixes_change_sql_in_strings_and_leave_the_program_alone() -> None:
    path = "alembic/versions/b2_orders.py"
    text = ALEMBIC.format(comment="").replace("ON orders (shop_id)", "ON orders USING hash (shop_id)")
    project = open_project({path: text}, Settings(level="auditor", select=("hash-index",)))
    applied = fix_project(project, choose_by_safety(unsafe=True))
    assert applied.result == {path: text.replace(" USING hash", "")}


DJANGO = """\
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = {needs}
    operations = [{operations}]
"""


def _history(*operations: str) -> dict[str, str]:
    return {
        f"shop/migrations/{number:04}_step.py": DJANGO.format(needs="[]", operations=one)
        for number, one in enumerate(operations, 1)
    }


_MODEL = (
    'migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True)),'
    ' ("code", models.CharField(max_length=20, null=True))])'
)


FIELDS: list[tuple[str, set[str]]] = [
    ("models.CharField(max_length=20, null=True)", set()),
    ("models.CharField(max_length=40, null=True)", set()),
    ("models.CharField(max_length=20)", {"set-not-null-scan"}),
    ("models.CharField(max_length=10, null=True)", {"column-type-rewrite"}),
    ("models.CharField(max_length=20, null=True, unique=True)", {"unique-constraint-built-inline"}),
]


@pytest.mark.parametrize(("field", "rules"), FIELDS)
def test_a_stated_field_is_compared_with_what_it_was(field: str, rules: set[str]) -> None:
    files = _history(_MODEL, f'migrations.AlterField("order", "code", {field})')
    names = ("set-not-null-scan", "column-type-rewrite", "unique-constraint-built-inline")
    assert {name for name in names if check_rule(name, files)} == rules


TYPEORM = """\
const {{ Table, TableColumn }} = require('typeorm');
exports.M{time} = class M{time} {{
  async up(queryRunner) {{
    {call};
  }}
}};
"""


def _typeorm(call: str, time: int) -> dict[str, str]:
    return {f"db/migrations/{time}-step.js": TYPEORM.format(call=call, time=time)}


@pytest.mark.parametrize(
    ("typed", "rule"),
    [
        ("type: 'varchar', length: '20'", None),
        ("type: 'varchar', length: '40'", "column-dropped"),
        ("type: 'text'", "column-dropped"),
    ],
)
def test_typeorm_makes_a_column_of_another_type_anew(typed: str, rule: str | None) -> None:
    column = "{ name: 'code', type: 'varchar', length: '20' }"
    made = f"await queryRunner.createTable(new Table({{ name: 'orders', columns: [{column}] }}))"
    change = f"await queryRunner.changeColumn('orders', 'code', new TableColumn({{ name: 'code', {typed} }}))"
    files = {**_typeorm(made, 1700000000001), **_typeorm(change, 1700000000002)}
    found = {name: len(check_rule(name, files)) for name in ("column-dropped", "column-type-rewrite")}
    assert found == {"column-dropped": 0, "column-type-rewrite": 0, **({rule: 1} if rule else {})}


KNEX = """\
exports.up = (knex) => knex.schema.alterTable('orders', (t) => {{ {call}; }});
exports.down = (knex) => knex.schema.dropTable('orders');
"""


ALTERED: list[tuple[str, set[str]]] = [
    ("t.integer('code').alter()", {"column-type-rewrite"}),
    ("t.string('code', 20).notNullable().alter()", {"set-not-null-scan"}),
    ("t.string('code', 20).defaultTo('x').alter()", set()),
    ("t.string('code', 20).nullable().alter()", {"not-null-dropped"}),
]


@pytest.mark.parametrize(("call", "expected"), ALTERED)
def test_what_knex_states_of_a_column_besides_what_is_meant_is_not_told(
    call: str, expected: set[str]
) -> None:
    files = {"db/migrations/20260301_step.js": KNEX.format(call=call)}
    names = ("column-type-rewrite", "set-not-null-scan", "not-null-dropped")
    settings = Settings(level="auditor")
    assert {name for name in names if check_rule(name, files, settings)} == expected


def test_a_field_nobody_has_told_of_is_not_judged() -> None:
    files = _history('migrations.AlterField("order", "code", models.CharField(max_length=20, unique=True))')
    assert check(files) == []


def test_python_that_runs_is_a_step_without_a_way_back() -> None:
    files = _history(_MODEL, "migrations.RunPython(fill)")
    assert [one.path for one in check_rule("irreversible-migration", files)] == [
        "shop/migrations/0002_step.py"
    ]
    back = _history(_MODEL, "migrations.RunPython(fill, migrations.RunPython.noop)")
    assert check_rule("irreversible-migration", back) == []


def test_a_default_that_is_not_there_is_not_lost() -> None:
    text = """\
module.exports.up = async (queryInterface, Sequelize) => {
  await queryInterface.addColumn('orders', 'n', { type: Sequelize.INTEGER, allowNull: false });
  await queryInterface.changeColumn('orders', 'n', { type: Sequelize.BIGINT, allowNull: false });
};
"""
    path, rule = "migrations/20260301-step.js", "required-column-without-default"
    assert [one.line for one in check_rule(rule, {path: text})] == [2]
    given = text.replace("allowNull: false });", "allowNull: false, defaultValue: 1 });", 1)
    assert [one.line for one in check_rule(rule, {path: given})] == [3]


def test_of_two_migrations_with_one_number_each_has_its_own_way_back() -> None:
    files = _history(_MODEL, "migrations.RunPython(fill, migrations.RunPython.noop)")
    files["shop/migrations/0002_a_branch.py"] = files["shop/migrations/0002_step.py"].replace(
        "fill, migrations.RunPython.noop", "fill"
    )
    assert [one.path for one in check_rule("irreversible-migration", files)] == [
        "shop/migrations/0002_a_branch.py"
    ]
    renamed = {path.replace("0002_a", "0002_z"): text for path, text in files.items()}
    assert [one.path for one in check_rule("irreversible-migration", renamed)] == [
        "shop/migrations/0002_z_branch.py"
    ]


def test_half_typed_programs_keep_what_is_whole() -> None:
    path = "alembic/versions/b2_orders.py"
    text = ALEMBIC.format(comment="")
    broken = text.replace('    op.execute("CREATE', '    op.add_column("orders", sa.\n    op.execute("CREATE')
    assert 9 in [one.line for one in check_rule(_INDEX, {path: broken})]


_RETYPED = """\
from alembic import op
import sqlalchemy as sa

revision = "{revision}"
down_revision = {below}


def upgrade():
    {call}
"""


@pytest.mark.parametrize(
    ("said", "type_", "message"),
    [
        ("sa.VARCHAR(50)", "sa.String(100)", ""),
        ("sa.String(length=50)", "sa.Text()", ""),
        ("sa.String(100)", "sa.String(50)", "changes from `varchar(100)` to `varchar(50)`"),
        ("sa.Integer()", "sa.BigInteger()", "changes from `integer` to `bigint`"),
        ("sa.Integer()", "sa.Text()", "changes from `integer` to `text`"),
        ("mysql.TINYINT()", "sa.SmallInteger()", "changes to `smallint`"),
        ("ours.Kind()", "sa.Integer()", "changes to `integer`"),
    ],
)
@pytest.mark.parametrize("batch", [False, True])
def test_type_before_is_the_one_the_program_says(said: str, type_: str, message: str, batch: bool) -> None:
    call = f'op.alter_column("orders", "note", existing_type={said}, type_={type_})'
    if batch:
        head = 'with op.batch_alter_table("orders") as batch_op:\n        batch_op'
        call = call.replace('op.alter_column("orders", ', f"{head}.alter_column(")
    text = _RETYPED.format(revision="b2", below='"a1"', call=call)
    text = text.replace(
        "import sqlalchemy as sa", "import sqlalchemy as sa\nfrom sqlalchemy.dialects import mysql"
    )
    found = check_rule("column-type-rewrite", {"alembic/versions/b2_note.py": text})
    assert [one.message for one in found] == ([f"type of `orders.note` {message}"] if message else [])


@pytest.mark.parametrize(
    ("kind", "type_", "message"),
    [
        ("StringID()", "sa.Text()", ""),
        ("UtcDateTime()", "sa.DateTime(timezone=True)", "changes to `timestamptz`"),
        ("StringID()", "sa.Integer()", "changes to `integer`"),
        ("sqlmodel.sql.sqltypes.AutoString()", "sa.TEXT()", ""),
        ("sqlmodel.sql.sqltypes.AutoString(9)", "sa.String(8)", "changes from `varchar(9)` to `varchar(8)`"),
        ('sa.Enum("new", name="kind")', "sa.Text()", "changes from `kind` to `text`"),
    ],
)
def test_class_of_a_program_is_no_type_of_the_database(kind: str, type_: str, message: str) -> None:
    made = f'op.create_table("orders", sa.Column("note", {kind}))'
    call = f'op.alter_column("orders", "note", type_={type_})'
    files = {
        "alembic/versions/a1_orders.py": _RETYPED.format(revision="a1", below="None", call=made),
        "alembic/versions/b2_note.py": _RETYPED.format(revision="b2", below='"a1"', call=call),
    }
    found = [one for one in check(files, Settings()) if one.rule == "column-type-rewrite"]
    assert [one.message for one in found] == ([f"type of `orders.note` {message}"] if message else [])


@pytest.mark.parametrize(
    ("call", "rule", "message"),
    [
        (
            'op.drop_index(op.f("ix_orders_note"), table_name="orders")',
            "index-dropped-non-concurrently",
            "index `ix_orders_note` is dropped without `CONCURRENTLY`",
        ),
        (
            'op.create_index(op.f("ix_orders_note"), "orders", ["note"])',
            "index-created-non-concurrently",
            "index `ix_orders_note` is built on `orders` without `CONCURRENTLY`",
        ),
        (
            'op.create_foreign_key(op.f("fk_a"), "orders", "shops", ["shop_id"], ["id"])',
            "foreign-key-validated-inline",
            "foreign key `fk_a` is added to `orders` without `NOT VALID`",
        ),
        (
            'op.create_unique_constraint(op.f("uq_a"), "orders", ["note"])',
            "unique-constraint-built-inline",
            "unique `uq_a` is added to `orders` together with its index",
        ),
    ],
)
def test_name_that_no_convention_changes_is_a_name(call: str, rule: str, message: str) -> None:
    text = _RETYPED.format(revision="b2", below='"a1"', call=call)
    found = check_rule(rule, {"alembic/versions/b2_note.py": text})
    assert [one.message for one in found] == [message]


def test_what_answers_an_exception_is_not_sent_to_postgres() -> None:
    caught = 'try:\n        op.drop_column("orders", "{}")\n    except TypeError:\n        op.drop_column("orders", "{}")'
    text = _RETYPED.format(revision="b2", below='"a1"', call=caught.format("note", "text"))
    found = check_rule("column-dropped", {"alembic/versions/b2_note.py": text})
    assert [one.message for one in found] == ["column `orders.note` is dropped with its values"]


def test_table_under_a_name_that_is_computed_may_be_a_new_one() -> None:
    call = """op.execute(f'ALTER TABLE "{temporary}" RENAME TO "orders"')"""
    files = {"alembic/versions/b2_note.py": _RETYPED.format(revision="b2", below='"a1"', call=call)}
    assert check_rule("table-renamed", files) == []
    known = {path: text.replace("{temporary}", "bills") for path, text in files.items()}
    assert len(check_rule("table-renamed", known)) == 1


def test_history_knows_better_than_a_program_what_a_type_was() -> None:
    made = 'op.create_table("orders", sa.Column("note", sa.Integer()))'
    call = 'op.alter_column("orders", "note", existing_type=sa.String(50), type_=sa.Text())'
    files = {
        "alembic/versions/a1_orders.py": _RETYPED.format(revision="a1", below="None", call=made),
        "alembic/versions/b2_note.py": _RETYPED.format(revision="b2", below='"a1"', call=call),
    }
    (found,) = check_rule("column-type-rewrite", files)
    assert found.message == "type of `orders.note` changes from `integer` to `text`"


@pytest.mark.parametrize(
    "path", ["alembic/versions/b2_x.py", "db/migrate/20260301100000_x.rb", "shop/migrations/1.py"]
)
@pytest.mark.parametrize(
    "text",
    [
        "(" * 50_000,
        "op." * 50_000,
        "'" * 99_999,
        "\x00",
        "\ud800",
        "x(" * 400,
        "if x:\n" * 3_000,
        "1+" * 60_000,
    ],
)
def test_hostile_programs_are_refused_or_read(path: str, text: str) -> None:
    words = 'revision = "a"\ndef upgrade\nActiveRecord::Migration\noperations django.db\n'
    check({path: words + text})


@pytest.mark.parametrize(
    ("body", "is_found"),
    [
        ("    # The column cannot be brought back: its values are gone.\n    pass", False),
        ("    pass  # there is no way back", False),
        ("    pass", True),
        ('    """Downgrade schema."""', True),
        (
            "    # ### commands auto generated by Alembic - please adjust! ###\n    pass\n    # ### end Alembic commands ###",
            True,
        ),
        ("    # TODO: write the way back\n    pass", True),
        ('    # op.add_column("orders", sa.Column("code", sa.Text()))\n    pass', True),
        ("    pass\n\n# What is behind the function is not said in it.", True),
    ],
)
def test_a_way_back_that_says_why_it_does_nothing_is_meant(body: str, is_found: bool) -> None:
    head = 'from alembic import op\nimport sqlalchemy as sa\nrevision = "{}"\ndown_revision = {}\n\n'
    added = 'op.add_column("orders", sa.Column("other", sa.Text()))'
    files = {
        "alembic/versions/a.py": head.format("a", None)
        + f'def upgrade():\n    {added}\n\n\ndef downgrade():\n    op.drop_column("orders", "other")\n',
        "alembic/versions/b.py": head.format("b", '"a"')
        + f'def upgrade():\n    op.drop_column("orders", "code")\n\n\ndef downgrade():\n{body}\n',
    }
    assert bool(check_rule("irreversible-migration", files)) is is_found


@pytest.mark.parametrize(
    ("told", "count"), [("", 1), (", existing_nullable=True", 1), (", existing_nullable=False", 0)]
)
def test_a_column_that_is_said_to_be_required_stays_so(told: str, count: int) -> None:
    call = f'op.alter_column("orders", "total", type_=sa.String(255), nullable=False{told})'
    assert len(check_rule("set-not-null-scan", {_PATH: _UPGRADE.format(call)})) == count


@pytest.mark.parametrize(
    ("default", "count"),
    [("f\"'{NAME}'\"", 0), ('f"{NAME}"', 1), ("\"'plain'\"", 0), ("f\"'{A}' || {B} || '{C}'\"", 1)],
)
def test_a_quoted_default_is_one_value_whatever_is_in_it(default: str, count: int) -> None:
    call = f'op.add_column("orders", sa.Column("shop", sa.String(), server_default=sa.text({default})))'
    assert len(check_rule("column-added-with-rewrite", {_PATH: _UPGRADE.format(call)})) == count


@pytest.mark.parametrize(("then", "is_told"), [("", False), ("ALTER TABLE t ALTER a DROP DEFAULT;", True)])
def test_a_default_that_only_fills_rows_leaves_a_column_without_one(then: str, is_told: bool) -> None:
    text = f"ALTER TABLE t ALTER a SET DEFAULT 1;\nALTER TABLE t ALTER a SET NOT NULL;\n{then}"
    project = open_project({"db/migrations/V2__b.sql": text}, Settings(select=("set-not-null-scan",)))
    (found,) = project.engine.all_findings()
    assert ("django-migration-linter:NOT_NULL" in (found.equivalents or ())) is is_told


_PATH = "alembic/versions/c3_shops.py"
_UPGRADE = """\
from alembic import op
import sqlalchemy as sa

revision = "c3"
down_revision = "b2"


def upgrade():
    {}


def downgrade():
    pass
"""
