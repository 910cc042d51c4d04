"""The SQL reader: cutting, placeholders, positions, half-typed files, hostile input."""

import subprocess
import sys
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rollsafe.formats.sql import SqlTree, read_sql
from rollsafe.formats.sql_mask import mask
from rollsafe.formats.sql_tokens import find_words, tokens


def texts(tree: SqlTree) -> list[str]:
    return [statement.text for statement in tree.statements]


def cut(text: str) -> list[str]:
    return texts(read_sql(text))


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("plain", "SELECT 1;\nSELECT 2", ["SELECT 1", "SELECT 2"]),
        ("empty statements", ";; SELECT 1 ;;", ["SELECT 1"]),
        ("string", "SELECT 'a;b''c;'; SELECT 2;", ["SELECT 'a;b''c;'", "SELECT 2"]),
        ("backslash is plain", r"SELECT 'a\'; SELECT 2;", [r"SELECT 'a\'", "SELECT 2"]),
        ("escape string", r"SELECT E'a\';b'; SELECT 2;", [r"SELECT E'a\';b'", "SELECT 2"]),
        ("escape string doubled", r"SELECT E'a''b\';c'; SELECT 2", [r"SELECT E'a''b\';c'", "SELECT 2"]),
        ("name that ends in e", r"SELECT type'a\'; SELECT 2", [r"SELECT type'a\'", "SELECT 2"]),
        ("quoted name", 'SELECT 1 AS "a;b"; SELECT 2;', ['SELECT 1 AS "a;b"', "SELECT 2"]),
        ("line comment", "SELECT 1 -- a;b\n;SELECT 2", ["SELECT 1", "SELECT 2"]),
        ("comment at the end", "SELECT 1; -- it's", ["SELECT 1"]),
        (
            "nested comment",
            "SELECT /* ; /* ; */ ; */ 1; SELECT 2",
            ["SELECT /* ; /* ; */ ; */ 1", "SELECT 2"],
        ),
        ("dollar quote", "DO $$ a; b $$; SELECT 2", ["DO $$ a; b $$", "SELECT 2"]),
        ("tagged", "DO $x$ a; $$ b $x$; SELECT 2", ["DO $x$ a; $$ b $x$", "SELECT 2"]),
        ("dollar in a name", "SELECT a$b$ ; SELECT c$b$", ["SELECT a$b$", "SELECT c$b$"]),
        ("parameter", "SELECT $1; SELECT $2", ["SELECT $1", "SELECT $2"]),
        ("meta command", "\\connect db\nSELECT 1;\n\\echo 'it;s\nSELECT 2", ["SELECT 1", "SELECT 2"]),
        ("gexec", "SELECT 'x' \\gexec\nSELECT 2;", ["SELECT 'x'", "SELECT 2"]),
        ("byte-order mark", "\ufeffSELECT 1;", ["SELECT 1"]),
        ("carriage returns", "SELECT 1;\r-- c;\rSELECT 2;\r", ["SELECT 1", "SELECT 2"]),
        ("division and minus", "SELECT 4/2 - -1; SELECT 2", ["SELECT 4/2 - -1", "SELECT 2"]),
        ("copy data", "COPY t FROM stdin;\n1\tit's;\n\\.\nSELECT 2;", ["COPY t FROM stdin", "SELECT 2"]),
        (
            "rule with two actions",
            "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3",
            ["CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)", "SELECT 3"],
        ),
        (
            "atomic body",
            "CREATE PROCEDURE p() BEGIN ATOMIC SELECT CASE WHEN a THEN 1 END; SELECT 2; END; SELECT 3",
            [
                "CREATE PROCEDURE p() BEGIN ATOMIC SELECT CASE WHEN a THEN 1 END; SELECT 2; END",
                "SELECT 3",
            ],
        ),
        ("empty atomic body", "CREATE PROCEDURE p() BEGIN ATOMIC END; SELECT 1; END;", None),
    ],
)
def test_statements_are_cut_as_postgres_cuts_them(name: str, text: str, expected: list[str] | None) -> None:
    assert cut(text) == (expected or ["CREATE PROCEDURE p() BEGIN ATOMIC END", "SELECT 1", "END"])


def test_a_statement_knows_its_places_and_kind() -> None:
    text = '-- é😀\r\n  ALTER TABLE "é😀" ADD COLUMN x int -- why\r\n ;\r\nDROP MATERIALIZED  VIEW v'
    first, second = read_sql(text).statements
    assert text[first.start : first.end] == 'ALTER TABLE "é😀" ADD COLUMN x int'
    assert text[first.full_end - 1] == ";"
    assert (first.kind, second.kind) == ("ALTER TABLE", "DROP MATERIALIZED VIEW")
    assert (second.semicolon, second.full_end) == (None, len(text))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("create or replace function f() returns int language sql as 'select 1'", "CREATE FUNCTION"),
        ("CREATE UNIQUE INDEX i ON t (a)", "CREATE INDEX"),
        ("CREATE TEMP TABLE t (a int)", "CREATE TABLE"),
        ("create\n  table", "CREATE TABLE"),
        ("comment on column t.a is 'x'", "COMMENT ON COLUMN"),
        ("update t set a = 1", "UPDATE"),
    ],
)
def test_the_kind_is_known_by_the_leading_words(text: str, kind: str) -> None:
    assert read_sql(text).statements[0].kind == kind


def test_comments_are_kept_with_their_places() -> None:
    text = "-- +goose Up\nSELECT 1 /* two\nlines */;-->  breakpoint\n--"
    comments = read_sql(text).comments
    assert [text[one.start : one.end] for one in comments] == [one.text for one in comments]
    assert [one.body for one in comments] == ["+goose Up", "two\nlines", ">  breakpoint", ""]


@pytest.mark.parametrize(
    "text",
    [
        "GRANT SELECT ON ${schema}.orders TO ${flyway:user}",
        "CREATE INDEX i ON {{ schema }}.orders (id)",
        'ALTER TABLE {{ index .Options "Namespace" }}.users ADD COLUMN a int',
        "SELECT * FROM t WHERE id = :id AND name = :'name'",
        "UPDATE {table} SET a = %(a)s",
        "{% if x %} SELECT 1 {% endif %}",
        "SELECT a::text, '{1,2}'::int[], a[1:2] FROM t",
    ],
)
def test_placeholders_of_tools_do_not_hurt(text: str) -> None:
    tree = read_sql(text)
    assert tree.problems == []
    assert tree.statements[0].node is not None
    assert tree.statements[0].text == text
    assert len(mask(text).text) == len(text)


def test_masked_names_can_be_turned_back() -> None:
    masked = mask("SELECT 1 FROM ${Prefix}_orders, {{ Schema }}.t")
    assert masked.names["__prefix__orders"] == "${Prefix}_orders"
    assert "{{ Schema }}" in masked.names.values()


BROKEN = "CREATE TABLE a (id int);\n{}\nALTER TABLE b ADD COLUMN x text DEFAULT 'y';\nDROP TABLE c;\n"


@pytest.mark.parametrize(
    "line",
    [
        "INSERT INTO t VALUES ('abc);",
        'INSERT INTO t VALUES ("abc);',
        "INSERT INTO t VALUES (E'abc\\');",
        "DO $$ BEGIN NULL;",
        "DO $body$ BEGIN NULL; END $$;",
        "SELEC 1 /* never closed;",
        "SELEC 1;",
        "CREATE TABLE x (a int,;",
        "CREATE RULE r AS ON INSERT TO t DO (SELECT 1;",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1;",
    ],
)
def test_a_broken_statement_costs_one_statement(line: str) -> None:
    text = BROKEN.format(line)
    tree = read_sql(text)
    assert tree.problems
    others = [one.kind for one in tree.statements if one.node is not None and one.text != line.rstrip(";")]
    assert others == ["CREATE TABLE", "ALTER TABLE", "DROP TABLE"]
    assert all(not problem.fatal for problem in tree.problems)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("SELECT 1;\nALTER TABLE 'é😀' ADD;", "'é😀'"),
        ("SELECT '😀😀', FROM t", "FROM"),
        ("-- é\nSELECT 'é' FORM t x", "t"),
        ("ALTER TABLE t ADD COLUMN", "N"),
    ],
)
def test_a_problem_is_on_the_token_that_is_wrong(text: str, at: str) -> None:
    (problem,) = read_sql(text).problems
    found = text[problem.start : problem.end]
    assert found
    assert at.startswith(found)


def test_node_offsets_are_code_points() -> None:
    text = '/* 😀 */ ALTER TABLE "é😀" ADD COLUMN "ß" int DEFAULT \'𝄞\', ADD COLUMN plain text'
    statement = read_sql(text).statements[0]
    assert statement.node is not None
    columns = [one for one in statement.node.walk() if one.kind == "ColumnDef"]
    found = {statement.text[one.start :].split(" ")[0] for one in columns}
    assert found == {'"ß"', "plain"}


def test_a_tree_too_deep_to_decode_is_no_problem_of_the_user() -> None:
    tree = read_sql("SELECT " + " || ".join(["a"] * 200))
    assert (tree.problems, tree.statements[0].node, tree.statements[0].kind) == ([], None, "SELECT")


def test_tokens_have_words_and_places() -> None:
    text = "ALTER /* x */ TABLE \"A b\" -- c\n ADD x numeric(1,2) DEFAULT E'\\'' || $a$ ; $a$"
    found = list(tokens(text))
    assert all(text[one.start : one.end].upper() == one.word.upper() for one in found)
    assert [one.word for one in found[:4]] == ["ALTER", "TABLE", '"A b"', "ADD"]
    assert [one.kind for one in found[-3:]] == ["string", "sign", "body"]
    span = find_words(found, "ALTER", "TABLE")
    assert span is not None
    assert text[span.start : span.end] == "ALTER /* x */ TABLE"
    assert find_words(found, "TABLE", "ALTER") is None


def same(one: SqlTree, other: SqlTree) -> bool:
    return texts(one) == texts(other) and one.problems == other.problems


def test_reading_again_gives_the_same_and_an_edit_changes_only_its_statement() -> None:
    text = "SELECT 1;\nSELECT 2;\nSELECT 3;\n"
    before, again, after = read_sql(text), read_sql(text), read_sql(text.replace("2", "22"))
    assert same(before, again)
    assert [
        one.parsed is other.parsed for one, other in zip(before.statements, after.statements, strict=True)
    ] == [
        True,
        False,
        True,
    ]


PARTS = """'|"|$$|$a$|;|--|/*|*/|\\|\n|\r\n| |(|)|,|::|:x|${x}|{{ y }}|SELECT|CREATE TABLE t|CREATE RULE
|BEGIN ATOMIC|END|E'|é|😀|\x00|\ud800|1|+"""
SQL_PARTS = st.sampled_from(PARTS.split("|"))


@given(
    st.lists(SQL_PARTS, max_size=40).map(" ".join) | st.lists(SQL_PARTS, max_size=40).map("".join) | st.text()
)
@example("\ufeff;'")
@example("CREATE RULE (;")
def test_never_raises_and_every_place_is_its_text(text: str) -> None:
    tree = read_sql(text)
    end = 0
    for one in tree.statements:
        assert end <= one.start < one.end <= one.full_end <= len(text)
        assert text[one.start : one.end] == one.text
        end = one.full_end
    for comment in tree.comments:
        assert text[comment.start : comment.end] == comment.text
    for problem in tree.problems:
        assert 0 <= problem.start <= problem.end <= len(text)


@given(st.lists(st.sampled_from(["a", "'b;'", '"c;"', "$$;$$", "/*;*/", "--;\n", "\n", "(", ")", "é"])))
def test_cutting_loses_no_statement(parts: list[str]) -> None:
    text = "SELECT " + " ".join(parts) + "\n;SELECT 2"
    assert cut(text)[-1] == "SELECT 2"
    assert len(cut(text)) == 2


BOMBS = {
    "many terms": "SELECT " + "+".join(["1"] * 50_000),
    "terms within the size": "SELECT " + "+".join(["1"] * 15_000),
    "parentheses": "SELECT " + "(" * 30_000,
    "subselects": "SELECT " + "(SELECT " * 3_000 + "1" + ")" * 3_000,
    "functions": "SELECT " + "f(" * 10_000 + "1" + ")" * 10_000,
    "casts": "SELECT 1" + "::int" * 6_000,
    "nots": "SELECT " + "NOT " * 8_000 + "true",
    "joins": "SELECT * FROM a" + " CROSS JOIN b" * 2_500,
    "unions": "SELECT 1" + " UNION SELECT 1" * 2_000,
    "one string": "SELECT '" + "x" * 900_000,
    "quotes": "'" * 500_001,
    "dollar tags": "".join(f"$a{n}$;\nCREATE " for n in range(40_000)),
    "open comments": "/*" * 400_000,
    "comments": "--\n" * 300_000,
    "semicolons": ";" * 1_000_000,
    "rejected statements": "".join(f"a{n};" for n in range(100_000)),
    "rules": "CREATE RULE (;" * 60_000,
    "atomic functions": "CREATE FUNCTION BEGIN ATOMIC;" * 30_000,
    "copies": "COPY a FROM stdin;" * 50_000,
    "rows in one statement": "INSERT INTO t VALUES " + ",".join(["(1,'a')"] * 100_000),
    "braces": "{{" * 500_000,
    "NUL": "\x00" * 1_000_000,
    "too large": "SELECT 1;" * 600_000,
    "wide characters": "SELECT " + ",".join("é" for _ in range(30_000)),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_quickly(name: str) -> None:
    read_sql("SELECT 1")
    started = time.process_time()
    tree = read_sql(BOMBS[name])
    assert time.process_time() - started < 5
    assert tree.problems or [one.node for one in tree.statements] == [None]


DEEPEST = """
import threading
from rollsafe.formats.sql import read_sql

TEXTS = [
    "SELECT " + "+".join(["1"] * 499),
    "SELECT " + "NOT " * 499 + "true",
    "SELECT " + "(SELECT " * 95 + "+".join(["1"] * 390) + ")" * 95,
    "SELECT " + "f(" * 98 + "+".join(["1"] * 490) + ")" * 98,
    "SELECT 1" + "::int" * 499,
    "SELECT * FROM a" + " CROSS JOIN b" * 499,
    "SELECT " + "CASE WHEN a THEN b ELSE " * 499 + "1" + " END" * 499,
]
read_sql("SELECT 1")
threading.stack_size(512 * 1024)
thread = threading.Thread(target=lambda: print([len(read_sql(text).statements) for text in TEXTS]))
thread.start()
thread.join()
"""


def test_what_is_parsed_fits_into_the_stack_of_a_thread() -> None:
    done = subprocess.run([sys.executable, "-c", DEEPEST], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, str([1] * 7))


def test_the_grammar_is_loaded_by_the_first_parse_only() -> None:
    code = "import sys, rollsafe.formats.sql; print('postgast' in sys.modules, 'google' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False False"
