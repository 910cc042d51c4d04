"""What statements do: operations, their facts and their places."""

import pytest

from rollsafe.artefacts.migrations.names import TableName, quoted
from rollsafe.artefacts.migrations.operations import (
    AddColumn,
    AddConstraint,
    AddEnumValue,
    AlterColumnType,
    AlterObject,
    AlterTable,
    AttachPartition,
    Comment,
    CreateDomain,
    CreateEnum,
    CreateFunction,
    CreateIndex,
    CreateObject,
    CreateTable,
    Delete,
    DetachPartition,
    DoBlock,
    DropColumn,
    DropConstraint,
    DropDefault,
    DropIndex,
    DropNotNull,
    DropObject,
    DropTable,
    Grant,
    Insert,
    LockTable,
    Maintain,
    Other,
    RefreshView,
    Reindex,
    RenameColumn,
    RenameConstraint,
    RenameEnumValue,
    RenameIndex,
    RenameObject,
    RenameTable,
    SetDefault,
    SetNotNull,
    SetSchema,
    SetSetting,
    Transaction,
    Truncate,
    Update,
    ValidateConstraint,
)
from rollsafe.artefacts.migrations.pieces import ConstraintKind, Generated, Volatility
from tests.artefacts.migration_files import migration, operation, operations

T = TableName(None, "t")


def fields(one: object, *names: str) -> tuple[object, ...]:
    return tuple(getattr(one, name) for name in names)


@pytest.mark.parametrize(
    ("sql", "kind", "facts"),
    [
        ("ALTER TABLE t RENAME TO u", RenameTable, {"table": T, "new_name": "u"}),
        ("ALTER TABLE t SET SCHEMA s", SetSchema, {"table": T, "schema": "s"}),
        ("ALTER TABLE t DROP COLUMN a", DropColumn, {"column": "a", "if_exists": False, "cascade": False}),
        ("ALTER TABLE t DROP IF EXISTS a CASCADE", DropColumn, {"if_exists": True, "cascade": True}),
        ("ALTER TABLE t RENAME a TO b", RenameColumn, {"column": "a", "new_name": "b"}),
        ("ALTER TABLE t ALTER a SET NOT NULL", SetNotNull, {"column": "a"}),
        ("ALTER TABLE t ALTER a DROP NOT NULL", DropNotNull, {"column": "a"}),
        ("ALTER TABLE t ALTER a DROP DEFAULT", DropDefault, {"column": "a"}),
        ("ALTER TABLE t VALIDATE CONSTRAINT c", ValidateConstraint, {"name": "c"}),
        ("ALTER TABLE t DROP CONSTRAINT IF EXISTS c", DropConstraint, {"name": "c", "if_exists": True}),
        ("ALTER TABLE t RENAME CONSTRAINT c TO d", RenameConstraint, {"name": "c", "new_name": "d"}),
        ("ALTER TABLE t ENABLE ROW LEVEL SECURITY", AlterTable, {"action": "enable row security"}),
        ("ALTER TABLE t SET LOGGED", AlterTable, {"action": "set logged"}),
        ("ALTER TABLE t SET UNLOGGED", AlterTable, {"action": "set unlogged"}),
        ("ALTER TABLE t DISABLE TRIGGER ALL", AlterTable, {"action": "disable trigger all"}),
        ("ALTER TABLE t SET (fillfactor = 80)", AlterTable, {"action": "set storage parameters"}),
        ("ALTER TABLE t ATTACH PARTITION s.p DEFAULT", AttachPartition, {"partition": TableName("s", "p")}),
        ("ALTER TABLE t DETACH PARTITION p", DetachPartition, {"concurrently": False}),
        ("ALTER TABLE t DETACH PARTITION p CONCURRENTLY", DetachPartition, {"concurrently": True}),
        ("DROP TABLE IF EXISTS s.t CASCADE", DropTable, {"if_exists": True, "cascade": True}),
        ("DROP INDEX CONCURRENTLY i", DropIndex, {"index": TableName(None, "i"), "concurrently": True}),
        ("ALTER INDEX i RENAME TO j", RenameIndex, {"new_name": "j"}),
        ("REINDEX TABLE CONCURRENTLY t", Reindex, {"scope": "table", "concurrently": True, "target": T}),
        ("REINDEX DATABASE db", Reindex, {"scope": "database", "target": TableName(None, "db")}),
        ("INSERT INTO t VALUES (1), (2)", Insert, {"table": T, "from_query": False}),
        ("INSERT INTO t SELECT * FROM u", Insert, {"from_query": True}),
        ("UPDATE t SET a = 1, b = 2", Update, {"has_where": False, "columns": ("a", "b")}),
        ("UPDATE s.t SET a = 1 WHERE b", Update, {"table": TableName("s", "t"), "has_where": True}),
        ("DELETE FROM t", Delete, {"has_where": False}),
        ("DELETE FROM t USING u WHERE t.a = u.a", Delete, {"has_where": True}),
        ("TRUNCATE t CASCADE", Truncate, {"table": T, "cascade": True}),
        ("LOCK TABLE t IN SHARE MODE", LockTable, {"mode": "SHARE"}),
        ("VACUUM FULL t", Maintain, {"action": "vacuum", "is_full": True, "table": T}),
        ("VACUUM (ANALYZE)", Maintain, {"action": "vacuum", "is_full": False, "table": None}),
        ("ANALYZE t", Maintain, {"action": "analyze"}),
        ("CLUSTER t USING i", Maintain, {"action": "cluster", "table": T}),
        ("REFRESH MATERIALIZED VIEW CONCURRENTLY v", RefreshView, {"concurrently": True}),
        (
            "CREATE TYPE s.e AS ENUM ('a', 'b')",
            CreateEnum,
            {"type": TableName("s", "e"), "values": ("a", "b")},
        ),
        ("ALTER TYPE e ADD VALUE 'c' BEFORE 'a'", AddEnumValue, {"value": "c", "beside": "a"}),
        ("ALTER TYPE e ADD VALUE IF NOT EXISTS 'c'", AddEnumValue, {"if_not_exists": True, "beside": None}),
        ("ALTER TYPE e RENAME VALUE 'a' TO 'b'", RenameEnumValue, {"value": "a", "new_value": "b"}),
        ("CREATE DOMAIN d AS int CHECK (VALUE > 0)", CreateDomain, {"checks": True}),
        ("CREATE DOMAIN d AS int", CreateDomain, {"checks": False}),
        ("CREATE OR REPLACE VIEW v AS SELECT 1", CreateObject, {"object": "view", "or_replace": True}),
        ("CREATE MATERIALIZED VIEW v AS SELECT 1", CreateObject, {"object": "materialized view"}),
        ("CREATE SCHEMA IF NOT EXISTS s", CreateObject, {"object": "schema", "if_not_exists": True}),
        ("CREATE EXTENSION citext", CreateObject, {"object": "extension", "name": TableName(None, "citext")}),
        ("CREATE SEQUENCE s.q", CreateObject, {"object": "sequence", "name": TableName("s", "q")}),
        ("CREATE POLICY p ON t USING (true)", CreateObject, {"object": "policy", "on": T}),
        (
            "CREATE TRIGGER g AFTER INSERT ON t EXECUTE FUNCTION f()",
            CreateObject,
            {"object": "trigger", "on": T},
        ),
        ("DROP TRIGGER g ON s.t", DropObject, {"object": "trigger", "on": TableName("s", "t")}),
        ("DROP TYPE s.e", DropObject, {"object": "type", "name": TableName("s", "e")}),
        ("DROP MATERIALIZED VIEW v", DropObject, {"object": "materialized view"}),
        ("DROP SCHEMA s CASCADE", DropObject, {"object": "schema", "cascade": True}),
        ("DROP FUNCTION f(int)", DropObject, {"object": "function", "name": TableName(None, "f")}),
        ("DROP DATABASE d", DropObject, {"object": "database"}),
        ("ALTER TYPE a RENAME TO b", RenameObject, {"object": "type", "new_name": "b"}),
        ("ALTER SCHEMA a RENAME TO b", RenameObject, {"object": "schema", "name": TableName(None, "a")}),
        (
            "ALTER DOMAIN d ADD CHECK (VALUE > 0)",
            AlterObject,
            {"object": "domain", "action": "add constraint"},
        ),
        ("ALTER INDEX i SET TABLESPACE x", AlterObject, {"object": "index", "action": "set table space"}),
        ("GRANT SELECT ON t TO bob", Grant, {"is_grant": True}),
        ("REVOKE ALL ON t FROM bob", Grant, {"is_grant": False}),
        ("COMMENT ON COLUMN t.a IS 'x'", Comment, {"object": "column"}),
        ("BEGIN", Transaction, {"action": "begin"}),
        ("START TRANSACTION", Transaction, {"action": "begin"}),
        ("END", Transaction, {"action": "commit"}),
        ("ABORT", Transaction, {"action": "rollback"}),
        ("SAVEPOINT a", Transaction, {"action": "other"}),
        ("SET lock_timeout = '5s'", SetSetting, {"name": "lock_timeout", "value": "5s", "is_local": False}),
        (
            "SET LOCAL lock_timeout TO 500",
            SetSetting,
            {"value": "500", "is_local": True, "milliseconds": 500.0},
        ),
        ("SET statement_timeout = '1.5min'", SetSetting, {"milliseconds": 90_000.0}),
        ("SET search_path = a, b", SetSetting, {"value": "a, b", "milliseconds": None}),
        ("RESET lock_timeout", SetSetting, {"name": "lock_timeout", "value": None}),
        ("SELECT set_config('lock_timeout', '1s', true)", SetSetting, {"value": "1s", "is_local": True}),
        ("CALL p()", Other, {"kind": "CALL"}),
    ],
)
def test_a_statement_is_one_operation(sql: str, kind: type, facts: dict[str, object]) -> None:
    one = operation(sql)
    assert type(one) is kind
    assert {name: getattr(one, name) for name in facts} == facts


def test_create_table_has_columns_and_constraints() -> None:
    (table,) = operations(
        "CREATE UNLOGGED TABLE IF NOT EXISTS s.t (\n"
        "  id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk PRIMARY KEY,\n"
        "  v varchar(20)[] NOT NULL DEFAULT '{}',\n"
        "  p int REFERENCES s.parents (id) ON DELETE CASCADE,\n"
        "  g int GENERATED ALWAYS AS (p * 2) STORED,\n"
        "  CONSTRAINT fk FOREIGN KEY (p, g) REFERENCES other,\n"
        "  CHECK (p > 0),\n"
        "  LIKE model\n"
        ") PARTITION BY RANGE (id);"
    )
    assert isinstance(table, CreateTable)
    assert fields(table, "if_not_exists", "is_unlogged", "is_partitioned", "is_temporary") == (
        True,
        True,
        True,
        False,
    )
    assert (str(table.table), table.like) == ("s.t", TableName(None, "model"))
    identity, array, reference, computed = table.columns
    assert fields(identity, "name", "is_identity", "not_null", "has_value") == ("id", True, True, True)
    assert [c.name for c in identity.constraints] == ["pk"]
    assert array.type is not None
    assert fields(array.type, "name", "modifiers", "is_array") == ("varchar", (20,), True)
    assert str(array.type) == "varchar(20)[]"
    assert (array.not_null, array.default is not None and array.default.text) == (True, "'{}'")
    foreign = reference.constraint(ConstraintKind.FOREIGN)
    assert foreign is not None
    assert fields(foreign, "references", "columns", "deletes") == (
        TableName("s", "parents"),
        ("p",),
        "cascade",
    )
    assert computed.generated is Generated.STORED
    assert [c.kind for c in table.constraints] == [ConstraintKind.FOREIGN, ConstraintKind.CHECK]
    assert table.references == (TableName("s", "parents"), TableName(None, "other"))


@pytest.mark.parametrize(
    ("sql", "facts"),
    [
        ("CREATE TEMP TABLE t (a int)", {"is_temporary": True}),
        ("CREATE TABLE t AS SELECT 1 AS a", {"from_query": True}),
        ("SELECT 1 AS a INTO t FROM u", {"from_query": True}),
        ("CREATE TABLE t PARTITION OF u DEFAULT", {"partition_of": TableName(None, "u")}),
        ("CREATE TABLE t (LIKE u INCLUDING ALL)", {"like": TableName(None, "u")}),
    ],
)
def test_every_way_to_make_a_table_counts(sql: str, facts: dict[str, object]) -> None:
    one = operation(sql)
    assert isinstance(one, CreateTable)
    assert one.table == T
    assert {name: getattr(one, name) for name in facts} == facts


@pytest.mark.parametrize(
    ("default", "volatility", "is_null"),
    [
        ("0", "constant", False),
        ("NULL", "constant", True),
        ("'{}'::jsonb", "constant", False),
        ("upper('x') || 'y'", "constant", False),
        ("now()", "stable", False),
        ("CURRENT_TIMESTAMP", "stable", False),
        ("(now() at time zone 'utc')", "stable", False),
        ("gen_random_uuid()", "volatile", False),
        ("clock_timestamp()", "volatile", False),
        ("nextval('s')", "volatile", False),
        ("coalesce(lower(random()::text), 'x')", "volatile", False),
        ("app.new_id()", "unknown", False),
        ("app.pick(random())", "volatile", False),
    ],
)
def test_a_default_is_as_volatile_as_its_worst_function(default: str, volatility: str, is_null: bool) -> None:
    added, changed = operations(
        f"ALTER TABLE t ADD COLUMN a text DEFAULT {default} NOT NULL, ALTER b SET DEFAULT {default}"
    )
    assert isinstance(added, AddColumn)
    assert isinstance(changed, SetDefault)
    for found in (added.column.default, changed.default):
        assert found is not None
        assert (found.volatility, found.is_null, found.text) == (Volatility(volatility), is_null, default)


@pytest.mark.parametrize(
    ("written", "canonical", "built_in"),
    [
        ("int", "integer", True),
        ("INT8", "bigint", True),
        ("serial4", "serial", True),
        ("varchar(10)", "varchar(10)", True),
        ("character varying(10)", "varchar(10)", True),
        ("char(3)", "char(3)", True),
        ("decimal(10, 2)", "numeric(10, 2)", True),
        ("timestamp(3) with time zone", "timestamptz(3)", True),
        ("timestamp without time zone", "timestamp", True),
        ("double precision", "double precision", True),
        ("interval day to second", "interval", True),
        ("text[]", "text[]", True),
        ("int array", "integer[]", True),
        ('"Mood"', "Mood", False),
        ("app.mood", "app.mood", False),
        ("citext", "citext", False),
    ],
)
def test_types_have_one_spelling_and_keep_the_written_one(
    written: str, canonical: str, built_in: bool
) -> None:
    added, changed = operations(
        f"ALTER TABLE t ADD COLUMN a {written} NOT NULL, ALTER COLUMN b TYPE {written} USING b::text"
    )
    assert isinstance(added, AddColumn)
    assert isinstance(changed, AlterColumnType)
    assert added.column.type is not None
    for found in (added.column.type, changed.type):
        assert (str(found), found.text, found.is_built_in) == (canonical, written, built_in)
    assert changed.using is not None


def test_each_command_has_its_own_place() -> None:
    text = (
        '-- é😀\r\nALTER TABLE "Ä😀".t *\r\n'
        "  ADD COLUMN IF NOT EXISTS a numeric(10, 2) DEFAULT f(1, 2) CHECK (a > 0),\r\n"
        "  ALTER COLUMN b TYPE varchar(20)\r\n    USING left(b, 20), -- , not here\r\n"
        "  ADD CONSTRAINT c FOREIGN KEY (x, y) REFERENCES u (x, y) NOT VALID;\r\n"
    )
    add, change, constraint = operations(text)
    assert isinstance(add, AddColumn)
    assert isinstance(change, AlterColumnType)
    assert isinstance(constraint, AddConstraint)

    def at(place: object) -> str:
        return text[getattr(place, "start") : getattr(place, "end")]  # noqa: B009

    assert at(add) == "ADD COLUMN IF NOT EXISTS a numeric(10, 2) DEFAULT f(1, 2) CHECK (a > 0)"
    assert at(add.column) == "a numeric(10, 2) DEFAULT f(1, 2) CHECK (a > 0)" == add.column.text
    assert (at(add.column.name_at), at(add.column.type)) == ("a", "numeric(10, 2)")
    assert (at(add.column.default), at(add.column.constraints[0])) == ("DEFAULT f(1, 2)", "CHECK (a > 0)")
    assert at(change) == "ALTER COLUMN b TYPE varchar(20)\r\n    USING left(b, 20)"
    assert (at(change.type), at(change.using)) == ("varchar(20)", "left(b, 20)")
    assert at(constraint.constraint) == constraint.constraint.text
    assert constraint.constraint.text.startswith("CONSTRAINT c FOREIGN KEY (x, y)")
    assert add.table == TableName("Ä😀", "t")


def test_listed_names_are_operations_of_their_own() -> None:
    text = 'DROP TABLE IF EXISTS a.b, "c,d" CASCADE; TRUNCATE x, y; DROP INDEX CONCURRENTLY i, j;'
    found = operations(text)
    assert [text[one.start : one.end] for one in found] == ["a.b", '"c,d" CASCADE', "x", "y", "i", "j"]


@pytest.mark.parametrize(
    ("sql", "facts"),
    [
        ("CREATE INDEX i ON t (a, lower(b))", {"name": "i", "columns": ("a", ""), "method": "btree"}),
        (
            "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON s.t (a)",
            {"is_unique": True, "concurrently": True},
        ),
        ("CREATE INDEX ON ONLY t USING gin (a) WHERE b", {"name": None, "only": True, "has_where": True}),
    ],
)
def test_create_index(sql: str, facts: dict[str, object]) -> None:
    one = operation(sql)
    assert isinstance(one, CreateIndex)
    assert {name: getattr(one, name) for name in facts} == facts


@pytest.mark.parametrize(
    ("sql", "kind", "facts"),
    [
        ("FOREIGN KEY (a) REFERENCES s.u NOT VALID", "foreign key", {"not_valid": True, "columns": ("a",)}),
        ("CHECK (a > 0)", "check", {"not_valid": False, "name": None}),
        ("UNIQUE (a, b)", "unique", {"columns": ("a", "b"), "using_index": None}),
        ("CONSTRAINT u UNIQUE USING INDEX i", "unique", {"using_index": "i", "name": "u"}),
        ("PRIMARY KEY (a)", "primary key", {}),
        ("EXCLUDE USING gist (a WITH &&)", "exclude", {}),
        ("CONSTRAINT n NOT NULL a NOT VALID", "not null", {"not_valid": True}),
    ],
)
def test_add_constraint(sql: str, kind: str, facts: dict[str, object]) -> None:
    one = operation(f"ALTER TABLE t ADD {sql}")
    assert isinstance(one, AddConstraint)
    assert one.constraint.kind is ConstraintKind(kind)
    assert {name: getattr(one.constraint, name) for name in facts} == facts


def test_a_function_has_a_signature_for_its_drop() -> None:
    one = operation(
        "CREATE OR REPLACE FUNCTION app.f(a int, OUT b text, VARIADIC c numeric(1,2)[])\n"
        "LANGUAGE plpgsql AS 'x'"
    )
    assert isinstance(one, CreateFunction)
    assert one.signature == "app.f(int, numeric(1,2)[])"
    assert fields(one, "object", "language", "or_replace") == ("function", "plpgsql", True)


def test_what_a_with_changes_is_seen() -> None:
    found = operations("WITH gone AS (DELETE FROM a RETURNING *) INSERT INTO b SELECT * FROM gone")
    assert [type(one) for one in found] == [Delete, Insert]


DO = """DO $body$
DECLARE r record;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_class) THEN
    ALTER TABLE é ADD COLUMN a int; -- first
  ELSE
    CREATE INDEX i ON t (a);
  END IF;
  FOR r IN SELECT 1 LOOP UPDATE t SET b = r.x; END LOOP;
  SELECT count(*) INTO r FROM t;
  EXECUTE 'DROP TABLE old';
  EXECUTE format('ALTER TABLE %I ALTER b SET DEFAULT ''x''', r.name);
EXCEPTION WHEN OTHERS THEN
  TRUNCATE u;
END $body$;"""


def test_a_do_block_shows_what_is_in_it() -> None:
    block, *inner = operations(DO)
    assert isinstance(block, DoBlock)
    assert DO[block.body.start : block.body.end].startswith("\nDECLARE")
    assert not block.is_dynamic
    assert [DO[one.start : one.end] for one in inner if not isinstance(one, Other)] == [
        "ADD COLUMN a int",
        "CREATE INDEX i ON t (a)",
        "UPDATE t SET b = r.x",
        "DROP TABLE old",
        "ALTER b SET DEFAULT ''x''",
        "TRUNCATE u",
    ]
    assert not any(isinstance(one, CreateTable) for one in inner)


@pytest.mark.parametrize(
    ("body", "is_dynamic"),
    [
        ("EXECUTE 'DROP TABLE ' || name;", True),
        ("EXECUTE statement;", True),
        ("EXECUTE 'DROP TABLE t';", False),
        ("EXECUTE $q$DROP TABLE t$q$;", False),
    ],
)
def test_sql_put_together_at_run_time_is_said_to_be(body: str, is_dynamic: bool) -> None:
    block = operations(f"DO $$ BEGIN {body} END $$")[0]
    assert isinstance(block, DoBlock)
    assert block.is_dynamic is is_dynamic
    assert bool(block.operations) is not is_dynamic


def test_other_languages_are_left_alone() -> None:
    block = operation("DO LANGUAGE plpython3u 'DROP = 1'")
    assert isinstance(block, DoBlock)
    assert (block.language, block.operations) == ("plpython3u", ())


def test_names_with_placeholders_are_given_as_written() -> None:
    add, index = operations(
        'ALTER TABLE {{ index .Options "Namespace" }}.users ADD a int; CREATE INDEX ON ${Schema}.${p}_t (a);'
    )
    assert isinstance(add, AddColumn)
    assert isinstance(index, CreateIndex)
    assert add.table == TableName('{{ index .Options "Namespace" }}', "users")
    assert index.table.sql == "${Schema}.${p}_t"


@pytest.mark.parametrize(
    ("name", "sql"),
    [
        ("users", "users"),
        ("Users", '"Users"'),
        ("user", '"user"'),
        ('a"b', '"a""b"'),
        ("é", '"é"'),
        ("1a", '"1a"'),
    ],
)
def test_identifiers_are_quoted_where_they_have_to_be(name: str, sql: str) -> None:
    assert quoted(name) == sql


def test_public_is_what_an_unqualified_name_means() -> None:
    assert TableName("public", "t").key == TableName(None, "t").key != TableName("s", "t").key


def test_a_statement_that_does_not_parse_does_nothing() -> None:
    from tests.artefacts.migration_files import view

    found = view("ALTER TABLE t ADD COLUMN;\nDROP TABLE u;").migration
    assert [len(one.operations) for one in found.statements] == [0, 1]
    assert found.statements[0].kind == "ALTER TABLE"


def test_operations_are_the_same_wherever_their_statement_stands() -> None:
    sql = "ALTER TABLE t ADD COLUMN a varchar(3) DEFAULT 'x' CONSTRAINT c CHECK (a <> '')"
    text = f"{sql};\n-- 😀\n{sql};\n{sql};"
    first, second, third = migration(text).statements
    for one in (second, third):
        (placed,) = one.of(AddColumn)
        (original,) = first.of(AddColumn)
        assert placed != original
        assert text[placed.start : placed.end] == text[original.start : original.end]
        assert text[placed.column.constraints[0].start :].startswith("CONSTRAINT c")
        assert text[placed.column.name_at.start] == "a"
