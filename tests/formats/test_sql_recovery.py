"""What is read of SQL that is half typed, or that PostgreSQL refuses in one place."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsafe.formats.sql import SqlStatement, SqlTree, read_sql

TABLE = (
    "CREATE TABLE a (\n  id bigint PRIMARY KEY,\n  {}\n  total numeric(10,2) NOT NULL\n);\nDROP TABLE z;\n"
)


def columns(statement: SqlStatement) -> list[str]:
    """The columns a statement defines, as they stand at the places the tree names."""
    nodes = statement.node.walk() if statement.node is not None else ()
    found = [(one.start, one.text("colname")) for one in nodes if one.kind == "ColumnDef"]
    for start, name in found:
        assert start < 0 or statement.text[start:].lstrip('"').startswith(name)
    return sorted(name for _, name in found)


def kinds(tree: SqlTree) -> list[str]:
    return [one.kind for one in tree.statements if one.node is not None]


def marked(text: str) -> list[str]:
    return [text[one.start : one.end] for one in read_sql(text).problems]


@pytest.mark.parametrize(
    ("line", "mark"),
    [
        ("m int array[],", "]"),
        ("m", "m"),
        ("m int NOT,", "T"),
        ("m varchar(,", ","),
        ("m numeric(10,2,", ","),
        ("m numeric(10,2)),", ")"),
        ("m text DEFAULT 'half,", "'"),
        ("m int,,", ","),
        ("CONSTRAINT positive CHEK (total > 0),", "CHEK"),
        ("m /* why, and (how */ in t,", "in"),
        ("FOREIGN KEY (id) REFERENCES", "S"),
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_a_broken_element_costs_that_element(line: str, mark: str, ending: str) -> None:
    text = TABLE.format(line).replace("\n", ending)
    tree = read_sql(text)
    assert kinds(tree) == ["CREATE TABLE", "DROP TABLE"]
    assert set(columns(tree.statements[0])) - {"m"} == {"id", "total"}
    assert mark in marked(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CREATE TABLE a (id int,\n  name text\n", "id name"),
        ("CREATE TABLE a (id int,\n  na", "id"),
        ("CREATE TABLE a (", ""),
        ("CREATE TABLE a (id int\n  name text);", "id name"),
        ("CREATE TABLE a (id int -- the key\nname text);", "id name"),
        ("CREATE TABLE a (id int, name text,);", "id name"),
        ("CREATE TABLE a (id int,\n name numeric(1\n more text\n);", "id more"),
        ("CREATE TABLE a (id int) ENGIN=x;", "id"),
        ("CREATE TEMP TABLE IF NOT EXISTS s.a (id int, b c d);", "id"),
        ("ALTER TABLE a ADD b int array[], ADD c int;", "c"),
        ("ALTER TABLE IF EXISTS ONLY s.a\n  ADD b int\n  ADD c int;", "b c"),
        ("ALTER TABLE a ADD b int,;", "b"),
        ("ALTER TABLE a ADD b int\nCREATE TABLE c (d int);", "b|d"),
        ("CREATE TABLE a (\n  id int,\n\nCREATE TABLE c (d int);", "id|d"),
        ("CREATE TABLE a (id int)\nCREATE TABLE c (d int)\nCREATE TABLE e (f int);", "id|d|f"),
    ],
)
def test_what_is_unfinished_costs_little(text: str, expected: str) -> None:
    tree = read_sql(text)
    assert "|".join(" ".join(columns(one)) for one in tree.statements) == expected
    assert tree.problems


@pytest.mark.parametrize(
    "text",
    [
        "ALTER TABLE a ADD b c d;",
        "CREATE TABLE a (b c d, e f g, h i j);",
        "CREATE TABLE a;",
        "CREATE INDEX i ON t (a,;",
        "SELECT 1\nCREATE x",
        "INSERT INTO t (a)\nVALUES (1,;",
    ],
)
def test_what_is_not_understood_stays_one_statement(text: str) -> None:
    tree = read_sql(text)
    assert [one.node for one in tree.statements] == [None]
    assert len(tree.problems) == 1


@pytest.mark.parametrize("column", ["name text {0}", "{0} text", "total numeric(10,{0}) NOT NULL"])
@pytest.mark.parametrize("position", [0, 1, 2])
def test_the_problem_lies_in_the_broken_element(column: str, position: int) -> None:
    elements = ["id bigint", "état text DEFAULT 'é, (😀'", "CHECK (id > 0)"]
    broken = column.format("NOT )(" if "text {" in column else "+")
    elements.insert(position, broken)
    text = "CREATE TABLE a (\n  " + ",\n  ".join(elements) + "\n);"
    tree = read_sql(text)
    begin = text.index(broken)
    assert [begin <= one.start < begin + len(broken) for one in tree.problems] == [True] * len(tree.problems)


@pytest.mark.parametrize(
    "text",
    [
        "${extra}\nCREATE TABLE a (id int);",
        "{{ header(title=';') }}\n\n  INSERT INTO t VALUES (1);",
        "CREATE TABLE a (id int, ${columns});",
        "CREATE TABLE ${prefix}_a (id int, name ${type}) ${options};",
        "CREATE TABLE a (id int,\n{% for c in cs %}\n {{ c.name }} {{ c.type }},\n{% endfor %}\n);",
        "CREATE TABLE a (id int {% if key %} PRIMARY KEY {% endif %}, b int {{ 'NOT NULL' if x }});",
        "ALTER TABLE a ADD COLUMN b int, ${more};",
        "{% if x %}\nCREATE TABLE a (id int);\n{% endif %}\n{{ macro() }}\nDROP TABLE z;",
        "\\set size 10\n\\if :size\nDELETE FROM t WHERE id < :size AND a = :'b';\n\\endif\nDROP TABLE z;",
    ],
)
def test_what_a_template_fills_in_costs_nothing(text: str) -> None:
    tree = read_sql(text)
    assert tree.problems == []
    assert [
        one.text for one in tree.statements if one.node is None and not one.text.startswith(("$", "{"))
    ] == []
    assert any(one.node is not None for one in tree.statements)


LINES = [
    "id bigint PRIMARY KEY",
    "b text DEFAULT 'a,b'",
    "CHECK (b <> ')')",
    "m int array[]",
    "x y z",
    "c",
    "n numeric(9,2)",
]


@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=8), st.sampled_from([",\n", ", "]))
def test_elements_that_parse_are_read_wherever_others_are_broken(lines: list[str], comma: str) -> None:
    good = [line for line in lines if line not in ("m int array[]", "x y z", "c")]
    text = f"CREATE TABLE a ({comma.join(lines)});"
    (statement,) = read_sql(text).statements
    if len(lines) - len(good) <= max(1, len(good)):
        assert columns(statement) == sorted(line.split()[0] for line in good if not line.startswith("CHECK"))


@given(st.integers(0, 200))
def test_typing_a_table_never_loses_the_statements_around_it(size: int) -> None:
    table = (
        "CREATE TABLE a (\n  id bigint PRIMARY KEY,\n  name text DEFAULT 'x' NOT NULL,\n  n numeric(10,2)\n);"
    )
    text = f"CREATE TABLE before (id int);\n{table[:size]}\nCREATE TABLE after (id int);\n"
    names = {one.text.split()[2] for one in read_sql(text).statements if one.node is not None}
    assert {"before", "after"} <= names


HOSTILE = """
from rollsafe.formats.sql import read_sql

TEXTS = {
    "large": "SELECT 1;\\n" * 500_000,
    "one statement": "INSERT INTO t VALUES " + ",".join(["(1)"] * 1_250_000),
    "elements": "CREATE TABLE t (" + ",".join(f"c{n} int" for n in range(100_000)) + ");",
    "terms": "SELECT " + "+".join(["1"] * 50_000),
    "parentheses": "CREATE TABLE t (a int DEFAULT " + "(" * 10_000,
    "broken elements": ("CREATE TABLE t (" + ",".join(f"c{n} a b c" for n in range(1_200)) + ");\\n") * 49,
    "broken lines": ("CREATE TABLE t (\\n" + "\\n".join(f"c{n} a b" for n in range(1_200)) + ";\\n") * 49,
    "unclosed": ("CREATE TABLE t (\\n" + ",\\n".join(f"c{n} a(" for n in range(1_200)) + ";\\n") * 49,
    "commands": ("ALTER TABLE t " + ",".join(f"ADD c{n} a b" for n in range(1_000)) + ";\\n") * 49,
    "heads": ("CREATE TABLE t (\\n" * 900 + ";\\n") * 60,
    "quotes": "CREATE TABLE t (\\n a text DEFAULT 'x,\\n b text);\\n" * 15_000,
    "dollar quotes": "DO $$ BEGIN " * 60_000,
    "comments": "CREATE TABLE t (a int /* " * 40_000,
    "placeholders": "{{ a }}\\n" * 120_000,
    "filled in": "CREATE TABLE t (" + "{{ a }}," * 2_000,
}
print({name: bool(read_sql(text).problems) for name, text in TEXTS.items()})
"""


def test_hostile_text_is_read_or_refused_in_bounded_time() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HOSTILE], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("True") == 13, done.stdout
