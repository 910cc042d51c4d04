"""The SQL of MySQL and SQLite is cut into statements, whatever is in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsafe.formats.sql_foreign import cut

TRIGGER = (
    "CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW BEGIN DELETE FROM b; IF 1 THEN SELECT 1; END IF; END"
)


def texts(source: str) -> list[str]:
    return [source[one.start : one.end] for one in cut(source)]


@pytest.mark.parametrize(
    ("source", "statements"),
    [
        ("SELECT 1; SELECT 2", ["SELECT 1", "SELECT 2"]),
        ("\ufeffSELECT 1; /* a */ -- b\n SELECT 2 -- c\n;", ["SELECT 1", "SELECT 2"]),
        ("SELECT ';' ; # a ; b\nSELECT `a;b`;", ["SELECT ';'", "SELECT `a;b`"]),
        ("/* a; */ SELECT 'it''s; x'; -- ;\n", ["SELECT 'it''s; x'"]),
        ("SELECT '\\';'; SELECT 2;", ["SELECT '\\';'", "SELECT 2"]),
        (f"{TRIGGER}; SELECT 2", [TRIGGER, "SELECT 2"]),
        ("SELECT 1; DELIMITER // SELECT 2; //", ["SELECT 1"]),
        ("CREATE TABLE t (a text); 'unfinished ; x", ["CREATE TABLE t (a text)", "'unfinished ; x"]),
        ("CREATE TABLE t (a text); SELECT `a ; x", ["CREATE TABLE t (a text)", "SELECT `a ; x"]),
        ("SELECT 1; /* a ; x", ["SELECT 1"]),
    ],
)
def test_statements_end_where_the_database_ends_them(source: str, statements: list[str]) -> None:
    assert texts(source) == statements


@given(st.text(alphabet="ab;'\"`\\/*-# \nBEGIN END", max_size=80))
def test_no_text_is_refused(source: str) -> None:
    found = cut(source)
    places = [(one.start, one.end) for one in found]
    assert places == sorted(places)
    assert all(source[one.start : one.end].strip() for one in found)
