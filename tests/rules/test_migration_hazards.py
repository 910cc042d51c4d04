"""What rules about migrations say, and where they keep silent, beyond their examples."""

import pytest

from rollsafe.workspace.facts import Base
from rollsafe.workspace.settings import Settings
from tests.checking import check, check_rule, open_project, replace_settings

FIRST, SECOND = "db/migrations/V1__a.sql", "db/migrations/V2__b.sql"


def messages(rule: str, first: str, second: str) -> list[str]:
    return [one.message for one in check_rule(rule, {FIRST: first, SECOND: second}) if one.path == SECOND]


class TestDroppedColumns:
    TABLE = (
        "CREATE TABLE seats (id bigint, room bigint REFERENCES rooms (id), number int, note text,"
        " PRIMARY KEY (id), UNIQUE (room, number));"
    )

    @pytest.mark.parametrize(
        ("column", "also"),
        [
            ("number", "unique `seats_room_number_key`"),
            ("id", "primary key `seats_pkey`"),
            ("room", "foreign key `seats_room_fkey` and unique `seats_room_number_key`"),
        ],
    )
    def test_constraints_that_go_with_it_are_named(self, column: str, also: str) -> None:
        (message,) = messages("column-dropped", self.TABLE, f"ALTER TABLE seats DROP COLUMN {column};")
        assert message == f"column `seats.{column}` is dropped with its values and {also}"

    def test_nothing_more_is_said_of_a_plain_one(self) -> None:
        (message,) = messages("column-dropped", self.TABLE, "ALTER TABLE seats DROP COLUMN note;")
        assert message == "column `seats.note` is dropped with its values"


class TestNamesPostgresGives:
    @pytest.mark.parametrize(
        ("constraint", "name"),
        [
            ("CHECK (total > 0)", "orders_total_check"),
            ("UNIQUE", "orders_total_key"),
            ("PRIMARY KEY", "orders_pkey"),
            ("REFERENCES totals (id)", "orders_total_fkey"),
        ],
    )
    def test_constraint_without_one_is_known_by_it(self, constraint: str, name: str) -> None:
        first = f"CREATE TABLE orders (total bigint {constraint});"
        again = f"ALTER TABLE orders DROP CONSTRAINT {name}, DROP COLUMN total;"
        (message,) = messages("column-dropped", first, again)
        assert message == "column `orders.total` is dropped with its values"


class TestIndexesOfDroppedTables:
    FIRST = "CREATE TABLE t (a int, b int);\nCREATE INDEX i ON t (a);\nCREATE TABLE u (a int);"
    RULE = "index-dropped-non-concurrently"

    def test_go_with_their_table(self) -> None:
        assert messages(self.RULE, self.FIRST, "DROP INDEX i;\nDROP TABLE t;") == []

    def test_are_gone_after_their_table(self) -> None:
        assert messages(self.RULE, self.FIRST, "DROP TABLE t;\nDROP INDEX IF EXISTS i;") == []

    @pytest.mark.parametrize("second", ["DROP INDEX i;", "DROP INDEX i;\nDROP TABLE u;"])
    def test_are_told_where_their_table_stays(self, second: str) -> None:
        assert len(messages(self.RULE, self.FIRST, second)) == 1


@pytest.mark.parametrize("rule", ["missing-lock-timeout", "missing-statement-timeout"])
@pytest.mark.parametrize(("table", "count"), [("t", 0), ("orders", 1)])
def test_nobody_waits_for_a_trigger_of_a_new_table(rule: str, table: str, count: int) -> None:
    trigger = f"CREATE TRIGGER kept BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION keep();"
    told = messages(rule, "CREATE TABLE orders (a int);", f"CREATE TABLE t (a int);\n{trigger}")
    assert sum("makes others wait" in one for one in told) == count


class TestLocksOfWhatBelongsToTables:
    RULE = "statement-after-exclusive-lock"
    FIRST = (
        "CREATE TABLE t (a int, b int, c int CHECK (c IS NOT NULL), d varchar(9));\n"
        "CREATE INDEX i ON t (a);\nCREATE INDEX j ON t (b);\n"
        "CREATE TABLE old (a int);\nCREATE INDEX k ON old (a);\nALTER TABLE old RENAME TO u;"
    )

    @pytest.mark.parametrize(
        ("second", "what", "locked"),
        [
            ("DROP INDEX i;\nCREATE INDEX i ON t (b);", "CREATE INDEX", "`t`"),
            ("DROP INDEX i;\nALTER TABLE u ADD COLUMN b int;", "ALTER TABLE", "`t`"),
            ("DROP INDEX k;\nALTER TABLE t ADD COLUMN c int;", "ALTER TABLE", "`u`"),
            ("ALTER TABLE t ADD COLUMN c int;\nDROP INDEX k;", "DROP INDEX", "`t`"),
            ("DROP INDEX untold;\nUPDATE t SET a = 1;", "UPDATE", "the table of index `untold`"),
            ("DROP TRIGGER x ON t;\nUPDATE u SET a = 1;", "UPDATE", "`t`"),
            ("CREATE POLICY p ON t USING (true);\nCREATE INDEX l ON u (a);", "CREATE INDEX", "`t`"),
        ],
    )
    def test_hold_until_the_transaction_ends(self, second: str, what: str, locked: str) -> None:
        (message,) = messages(self.RULE, self.FIRST, second)
        assert message == f"`{what}` runs while {locked} is locked against reads and writes"

    @pytest.mark.parametrize(
        "second",
        [
            "DROP INDEX i;\nDROP INDEX j;\nALTER TABLE t ADD COLUMN c int;",
            "DROP INDEX k;\nALTER TABLE u ADD COLUMN c int;",
            "DROP INDEX CONCURRENTLY i;\nUPDATE t SET a = 1;",
            "DROP INDEX untold;\nALTER TABLE t ADD COLUMN c int;",
            "ALTER TABLE t ADD COLUMN c int;\nDROP INDEX untold;",
            "CREATE TABLE n (a int);\nDROP TRIGGER x ON n;\nUPDATE t SET a = 1;",
            "DROP INDEX i;\nALTER TABLE ${table} ADD COLUMN c int;",
            "ALTER TABLE ${table} ADD COLUMN c int;\nALTER TABLE t ADD COLUMN c int;",
            "DROP INDEX i;\nALTER TABLE t ALTER COLUMN c SET NOT NULL;",
            "DROP INDEX i;\nALTER TABLE t ALTER COLUMN d TYPE text;",
        ],
    )
    def test_nobody_waits_longer_for_quick_changes_of_one_table(self, second: str) -> None:
        assert messages(self.RULE, self.FIRST, second) == []

    def test_are_told_of_rows_that_are_written_under_them(self) -> None:
        files = {FIRST: self.FIRST, SECOND: "DROP INDEX i;\nUPDATE t SET a = 1;"}
        found = open_project(files).engine.all_findings()
        (detail,) = (one.detail for one in found if one.rule.name == "backfill-in-migration")
        assert detail.startswith("`t` is locked against reads and writes from line 1 on")


class TestReplacedIndexes:
    FIRST = "CREATE TABLE t (a int, b int);\nCREATE INDEX i ON t (a);"

    @pytest.mark.parametrize(
        "second",
        [
            "DROP INDEX CONCURRENTLY IF EXISTS i;\nCREATE INDEX CONCURRENTLY i ON t (a);",
            "DROP INDEX CONCURRENTLY i;\nCREATE INDEX CONCURRENTLY j ON t (b);",
            "DROP INDEX i;\nCREATE INDEX j ON t (a, b);",
            "DROP INDEX CONCURRENTLY other;\nCREATE INDEX CONCURRENTLY i ON t (a);",
        ],
        ids=["a build is repeated", "another column", "in one transaction", "nobody knows the old one"],
    )
    def test_are_fine_where_queries_do_not_miss_one(self, second: str) -> None:
        assert not messages("index-dropped-before-replacement", self.FIRST, second)

    def test_under_the_same_name_are_told(self) -> None:
        second = "DROP INDEX CONCURRENTLY i;\nCREATE INDEX CONCURRENTLY i ON t (a, b);"
        assert messages("index-dropped-before-replacement", self.FIRST, second)


class TestRedundantIndexes:
    FIRST = "CREATE TABLE t (a text, b int);\nCREATE INDEX i ON t (a);"

    @pytest.mark.parametrize(
        "second",
        [
            "CREATE INDEX j ON t (b);",
            "CREATE INDEX j ON t (a DESC);",
            "CREATE INDEX j ON t (lower(a));",
            "CREATE INDEX j ON t (a) WHERE b > 1;",
            "CREATE INDEX j ON t USING hash (a);",
            "CREATE INDEX j ON t (a) INCLUDE (b);",
            "CREATE UNIQUE INDEX j ON t (a);\nDROP INDEX i;",
            "CREATE INDEX j ON t (a, b);\nDROP INDEX i;",
        ],
    )
    def test_are_not_those_that_differ(self, second: str) -> None:
        assert not messages(
            "redundant-index", "CREATE TABLE t (a text, b int);\nCREATE INDEX i ON t (a);", second
        )

    @pytest.mark.parametrize(
        "second",
        ["CREATE INDEX j ON t (a);", "CREATE INDEX j ON t (a, b);", "CREATE UNIQUE INDEX j ON t (a);"],
    )
    def test_are_those_that_do_the_same(self, second: str) -> None:
        assert messages(
            "redundant-index", "CREATE TABLE t (a text, b int);\nCREATE INDEX i ON t (a);", second
        )

    def test_are_told_of_a_key_too(self) -> None:
        assert messages("redundant-index", "CREATE TABLE t (a int PRIMARY KEY);", "CREATE INDEX j ON t (a);")


class TestVersionsOutOfOrder:
    EARLY, LATE = "db/migrations/V3__early.sql", "db/migrations/V4__late.sql"

    def found(self, base: Base) -> list[str]:
        files = {self.EARLY: "ALTER TABLE t ADD a int;", self.LATE: "ALTER TABLE t ADD b int;"}
        settings = replace_settings(Settings(), "migration-out-of-order")
        return [one.path for one in check(files, settings, base)]

    def test_new_one_before_one_of_the_base_is_told(self) -> None:
        assert self.found(Base("main", list_paths=lambda: frozenset({self.LATE}))) == [self.EARLY]

    def test_new_one_after_those_of_the_base_is_fine(self) -> None:
        assert self.found(Base("main", list_paths=lambda: frozenset({self.EARLY}))) == []

    def test_nothing_is_said_without_a_base(self) -> None:
        assert self.found(Base()) == []


@pytest.mark.parametrize(
    ("sql", "peer"),
    [
        ("ALTER TABLE t ENABLE ROW LEVEL SECURITY;", "ban-alter-row-level-security"),
        ("ALTER TABLE t REPLICA IDENTITY FULL;", "ban-replica-identity"),
        ("ALTER TABLE t NO INHERIT p;", "ban-detach-inheritance"),
        ("ALTER TABLE t ALTER COLUMN a DROP EXPRESSION;", "ban-drop-generated-expression"),
        ("ALTER TABLE t ALTER COLUMN a DROP IDENTITY;", "ban-alter-identity"),
        ("ALTER TABLE t ALTER COLUMN a SET GENERATED ALWAYS;", "ban-alter-identity"),
        ("CREATE POLICY p ON t USING (true);", "ban-create-policy"),
        ("DROP POLICY p ON t;", "ban-drop-policy"),
        ("ALTER POLICY p ON t TO app;", "ban-alter-policy-roles"),
        ("ALTER POLICY p ON t USING (a > 1);", "ban-alter-policy-condition"),
        ("REVOKE ALL ON t FROM app;", "ban-revoke"),
        ("CREATE OR REPLACE VIEW v AS SELECT 1 AS a;", "ban-replace-view-function"),
        ("ALTER VIEW v SET (security_barrier = true);", "ban-alter-view-options"),
        ("ALTER FUNCTION f() SECURITY DEFINER;", "ban-alter-function-options"),
        ("ALTER ROLE app NOLOGIN;", "ban-alter-role-options"),
        ("ALTER DATABASE d SET work_mem = '1MB';", "ban-alter-database-options"),
        ("ALTER SYSTEM SET work_mem = '1MB';", "ban-alter-system-options"),
        ("ALTER SEQUENCE s RESTART WITH 5;", "ban-alter-sequence-values"),
        ("ALTER EXTENSION postgis UPDATE;", "ban-alter-extension"),
        ("ALTER TYPE c ADD ATTRIBUTE a int;", "ban-add-composite-attribute"),
    ],
)
def test_changes_that_clients_notice_are_told_by_name(sql: str, peer: str) -> None:
    settings = replace_settings(Settings(), "visible-behaviour-changed")
    (found,) = open_project({FIRST: sql}, settings).engine.all_findings()
    assert f"squawk:{peer}" in (found.equivalents or ())


@pytest.mark.parametrize(
    ("code", "is_told"),
    [
        ("from shop.models import Order\ndef fill(apps, editor):\n    Order.objects.all()\n", True),
        ("from .. import models\ndef fill(apps, editor):\n    pass\n", False),
        (
            "from shop.models import Order\ndef fill(apps, editor):\n    apps.get_model('shop', 'Order')\n",
            False,
        ),
        ("from django.db.models import F\ndef fill(apps, editor):\n    F('a')\n", False),
        ("from shop.models import default_code\ndef fill(apps, editor):\n    default_code()\n", False),
    ],
)
def test_model_of_today_is_told_where_a_migration_works_with_it(code: str, is_told: bool) -> None:
    program = (
        f"from django.db import migrations\n{code}"
        "class Migration(migrations.Migration):\n    operations = [migrations.RunPython(fill)]\n"
    )
    assert (
        bool(check_rule("current-model-in-migration", {"shop/migrations/0002_fill.py": program})) is is_told
    )


@pytest.mark.parametrize(
    ("mine", "theirs", "severity"),
    [
        ("integer", "bigint", ["warning"]),
        ("smallint", "serial", ["warning"]),
        ("bigint", "integer", ["info"]),
        ("text", "uuid", ["error"]),
        ("bigint", "bigserial", []),
        ("text", "varchar(20)", []),
        ("numeric", "bigint", []),
        ("dom", "bigint", []),
    ],
)
def test_key_of_another_type_hurts_as_far_as_it_is_narrower(
    mine: str, theirs: str, severity: list[str]
) -> None:
    first = f"CREATE TABLE shops (id {theirs} PRIMARY KEY);"
    second = f"CREATE TABLE lines (shop {mine} REFERENCES shops);"
    found = check_rule("mismatched-reference-type", {FIRST: first, SECOND: second})
    assert [one.severity for one in found] == severity


@pytest.mark.parametrize(
    ("sql", "table"),
    [
        ("CREATE TABLE lines (id bigint REFERENCES orders (id));", "orders"),
        ("ALTER TABLE lines ADD COLUMN a int;", "lines"),
    ],
)
def test_missing_timeout_names_the_table_that_others_wait_for(sql: str, table: str) -> None:
    (message,) = messages("missing-lock-timeout", "CREATE TABLE orders (id bigint);", sql)
    assert message == f"`{table}` is locked without a `lock_timeout`"


def claims(rule: str, files: dict[str, str], settings: Settings | None = None) -> set[str]:
    """Return who else says what a rule finds, all findings together."""
    chosen = replace_settings(settings or Settings(), rule)
    found = open_project(files, chosen).engine.all_findings()
    return {name for one in found for name in one.equivalents or ()}


class TestWhoElseSaysSo:
    """Only those are named who speak of what was found, and not of all a rule can find."""

    RAILS = "class A < ActiveRecord::Migration[7.1]\n  def change\n    {call}\n  end\nend\n"

    @pytest.mark.parametrize(
        ("call", "peer"),
        [
            ("add_reference :orders, :shop, index: true", "strong_migrations:add_reference"),
            ("change_table(:orders) { |t| t.belongs_to :shop }", "strong_migrations:add_reference"),
            ("add_index :orders, :shop_id", "strong_migrations:add_index"),
        ],
    )
    def test_index_of_a_reference_is_one_of_a_reference(self, call: str, peer: str) -> None:
        files = {"db/migrate/20260301100000_a.rb": self.RAILS.format(call=call)}
        ours = {"strong_migrations:add_reference", "strong_migrations:add_index"}
        assert claims("index-created-non-concurrently", files) & ours == {peer}

    def test_required_column_of_another_type_is_told_as_both(self) -> None:
        both = "ALTER TABLE t ALTER a TYPE text;\nALTER TABLE t ALTER a SET NOT NULL;"
        name = "hazard:change-column-with-not-null"
        assert name in claims("set-not-null-scan", {SECOND: both})
        assert name not in claims("set-not-null-scan", {SECOND: both.splitlines()[1]})

    def test_type_that_may_only_be_wider_is_nothing_to_those_who_see_the_database(self) -> None:
        wider, other = "ALTER TABLE t ALTER a TYPE varchar(9);", "ALTER TABLE t ALTER a TYPE bigint;"
        assert "strong_migrations:change_column" not in claims("column-type-rewrite", {SECOND: wider})
        assert "strong_migrations:change_column" in claims("column-type-rewrite", {SECOND: other})

    @pytest.mark.parametrize("of", ["boolean", "bool", "uuid", "bytea", "xml", "tsvector"])
    def test_type_that_no_other_becomes_by_itself_is_only_stated_again(self, of: str) -> None:
        stated = f"ALTER TABLE t ALTER a TYPE {of};"
        assert claims("column-type-rewrite", {SECOND: stated}) == set()
        for told in (f"{stated[:-1]} USING f(a);", f"ALTER TABLE t ALTER a TYPE {of}[];"):
            assert "hazard:change-column-type-rewrite" in claims("column-type-rewrite", {SECOND: told})

    @pytest.mark.parametrize(("table", "count"), [("${table}", 0), ("${prefix}orders", 1), ("orders", 1)])
    @pytest.mark.parametrize("home", ["migrations", "sqlite/migrations"])
    @pytest.mark.parametrize("quote", ["", '"'])
    def test_table_of_a_computed_name_may_be_new(self, table: str, count: int, home: str, quote: str) -> None:
        sql = f"ALTER TABLE {quote}{table}{quote} RENAME TO {quote}${{prefix}}Purchases{quote}"
        up = f"exports.up = (knex) => knex.raw(`{sql}`);\nexports.down = (knex) => knex.raw('SELECT 1');\n"
        found = check({f"{home}/20260301100000_a.js": up})
        told = [one.message for one in found if one.rule in ("table-renamed", "name-taken-away")]
        assert told == [f"table `{table}` is renamed to `${{prefix}}Purchases`"] * count

    def test_time_of_rails_keeps_its_values_in_utc(self) -> None:
        first = {"db/migrate/1_a.rb": self.RAILS.format(call="create_table(:t) { |t| t.datetime :a }")}
        second = {"db/migrate/2_b.rb": self.RAILS.format(call="change_column :t, :a, :timestamptz")}
        assert claims("column-type-rewrite", first | second) == set()


class TestFaultyServers:
    BUILD = "CREATE INDEX CONCURRENTLY i ON t (a);"

    @pytest.mark.parametrize(
        ("version", "count"), [("14.0", 1), ("14.3", 1), ("14.4", 0), ("14", 0), ("13.2", 0)]
    )
    def test_are_told_by_the_settings(self, version: str, count: int) -> None:
        chosen = Settings(migrations=type(Settings().migrations)(postgres_version=version))
        assert len(check_rule("corrupting-index-build", {SECOND: self.BUILD}, chosen)) == count

    @pytest.mark.parametrize(
        ("tag", "count"), [("14.2-alpine", 1), ("14-alpine", 0), ("14.30", 0), ("latest", 0)]
    )
    def test_are_told_by_an_image(self, tag: str, count: int) -> None:
        compose = f"services:\n  db:\n    image: postgres:{tag}\n"
        found = check_rule("corrupting-index-build", {SECOND: self.BUILD, "compose.yaml": compose})
        assert len(found) == count


@pytest.mark.parametrize(
    ("setting", "is_told"),
    [
        ("lock_timeout = '5s'", False),
        ("lock_timeout = 5001", True),
        ("lock_timeout = 0", False),
        ("lock_timeout = '1h'", True),
        ("statement_timeout = '10min'", False),
        ("statement_timeout = '11min'", True),
    ],
)
def test_timeout_is_too_long_for_those_who_wait(setting: str, is_told: bool) -> None:
    change = "ALTER TABLE t ADD COLUMN a int;"
    assert bool(messages("long-timeout", "", f"SET {setting};\n{change}")) is is_told
    assert not messages("long-timeout", "", f"SET {setting};\nCREATE TABLE u (a int);")


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER INDEX i SET TABLESPACE fast;",
        "ALTER MATERIALIZED VIEW v SET TABLESPACE fast;",
        "ALTER TABLE ALL IN TABLESPACE slow SET TABLESPACE fast;",
    ],
)
def test_everything_that_moves_is_written_again(sql: str) -> None:
    assert "hazard:move-tablespace" in claims("table-rewritten", {SECOND: sql})


class TestIndexThatIsThereAlready:
    INDEX = "CREATE UNIQUE INDEX IF NOT EXISTS t_a ON t (a) WHERE b IS NULL;"

    @pytest.mark.parametrize(
        ("between", "is_told"),
        [
            ("", False),
            ("ALTER TABLE t ADD c int;", False),
            ("DROP INDEX t_a;", True),
            ("DROP INDEX t_a;\nCREATE INDEX t_a ON t (a);", False),
            ("DROP TABLE t;\nCREATE TABLE t (id bigint PRIMARY KEY, a int, b int);", True),
        ],
    )
    def test_nothing_is_built_where_an_earlier_migration_has_left_it(
        self, between: str, is_told: bool
    ) -> None:
        table = "CREATE TABLE t (id bigint PRIMARY KEY, a int, b int);"
        files = {
            "migrations/001_a.sql": f"{table}\n{self.INDEX}",
            "migrations/002_b.sql": between,
            "migrations/003_c.sql": self.INDEX,
        }
        told = check_rule("index-created-non-concurrently", files)
        assert any(one.path == "migrations/003_c.sql" for one in told) is is_told

    def test_without_a_schema_an_index_of_any_schema_may_be_dropped(self) -> None:
        index = "CREATE INDEX IF NOT EXISTS t_a ON app.t (a);"
        files = {
            "migrations/001_a.sql": f"CREATE TABLE app.t (id bigint PRIMARY KEY, a int);\n{index}",
            "migrations/002_b.sql": f"DROP INDEX t_a;\n{index}",
        }
        told = check_rule("index-created-non-concurrently", files)
        assert [one.path for one in told] == ["migrations/002_b.sql"]

    def test_without_if_not_exists_it_is_told(self) -> None:
        files = {
            "migrations/001_a.sql": f"CREATE TABLE t (id bigint PRIMARY KEY, a int, b int);\n{self.INDEX}",
            "migrations/002_b.sql": self.INDEX.replace(" IF NOT EXISTS", ""),
        }
        assert len(check_rule("index-created-non-concurrently", files)) == 1
