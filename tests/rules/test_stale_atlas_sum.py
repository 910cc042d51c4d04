"""What `atlas.sum` says of migrations is compared with the migrations."""

import pytest

from tests.checking import check_rule

_RULE = "stale-atlas-sum"
_FIRST = "CREATE TABLE servers (\n\tport integer NOT NULL\n);\n"
_SECOND = "ALTER TABLE servers ADD COLUMN place text;\n"
SUM = (
    "h1:4ecvodRvSYkaBSiUFeyMeNW+cRKe1dgJB4CfoLCDOus=\n"
    "20260301090000.sql h1:PoT5jN1BJleFEZqXyyxuR2g5dqC9MoYCbhNegMF3NyI=\n"
    "20260302090000.sql h1:+wvUf7NLwQzOZPRwiP2qpy1xjZr7izhxvHFHPQ95uw8=\n"
)
FILES = {
    "db/migrations/20260301090000.sql": _FIRST,
    "db/migrations/20260302090000.sql": _SECOND,
    "db/migrations/atlas.sum": SUM,
}
_AT = "db/migrations/"


def found(files: dict[str, str]) -> list[tuple[int, str]]:
    seen = check_rule(_RULE, files)
    assert all(one.path == "db/migrations/atlas.sum" for one in seen)
    return [(one.line, one.message) for one in seen]


def test_what_atlas_wrote_is_right() -> None:
    assert found(FILES) == []
    assert found({path: text.replace("\n", "\r\n") for path, text in FILES.items()}) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"20260301090000.sql": _FIRST + "\n"},
            (2, "`20260301090000.sql` is not what `atlas.sum` was written for"),
        ),
        (
            {"20260302090000.sql": "SELECT 1;\n"},
            (3, "`20260302090000.sql` is not what `atlas.sum` was written for"),
        ),
        ({"20260301100000.sql": "SELECT 1;\n"}, (1, "`20260301100000.sql` is not in `atlas.sum`")),
        ({"20260303090000.sql": "SELECT 1;\n"}, (1, "`20260303090000.sql` is not in `atlas.sum`")),
        (
            {"20260301090000.sql": None},
            (2, "`20260301090000.sql` is in `atlas.sum` and not in the directory"),
        ),
        (
            {"atlas.sum": SUM.replace("h1:4ecvodRvSYkaBSiUFeyMeNW+cRKe1dgJB4CfoLCDOus=", "h1:x=")},
            (1, "The first line of `atlas.sum` is not the sum of the others"),
        ),
        ({"atlas.sum": "h1:x=\n"}, (1, "`20260301090000.sql` is not in `atlas.sum`")),
    ],
)
def test_what_differs_first_is_told(changes: dict[str, str | None], expected: tuple[int, str]) -> None:
    given = {f"{_AT}{name}": text for name, text in changes.items()}
    files = {path: text for path, text in {**FILES, **given}.items() if text is not None}
    assert found(files) == [expected]


@pytest.mark.parametrize(
    "changes",
    [
        # What Atlas makes of a template, of Flyway's files, of what is no migration here is not known.
        {"20260302090000.sql": "ALTER TABLE {{ .name }} ADD COLUMN place text;\n"},
        {"V3__more.sql": "SELECT 1;\n"},
        {"schema.sql": "CREATE TABLE t (id int);\n"},
        {"atlas.sum": "nothing of the kind\n"},
        {"atlas.sum": ""},
        # Migrations below are no part of the directory.
        {"more/20260303090000.sql": "SELECT 1;\n"},
    ],
)
def test_what_is_not_certain_is_not_told(changes: dict[str, str]) -> None:
    assert found({**FILES, **{f"{_AT}{name}": text for name, text in changes.items()}}) == []


def test_a_file_may_be_left_out() -> None:
    left = "-- atlas:sum ignore\nSELECT 1;\n"
    files = {f"{_AT}20260303090000.sql": left, **FILES}
    assert found(files) == []


def test_ways_back_of_golang_migrate_are_left_out() -> None:
    files = {
        f"{_AT}1_servers.up.sql": _FIRST,
        f"{_AT}1_servers.down.sql": "DROP TABLE servers;\n",
        f"{_AT}atlas.sum": "h1:3BkS/1tH/bANSE17pGPu+RZ1QOCOPrhTKIEopNI7pwY=\n"
        "1_servers.up.sql h1:DdQTUJxUKyOZ2NweYmWP6JgKzbauKberIDGMtNiJ14M=\n",
    }
    assert found(files) == []


def test_tests_and_examples_are_left_alone() -> None:
    files = {f"testdata/{path}": text for path, text in FILES.items()}
    files["testdata/db/migrations/20260302090000.sql"] = "SELECT 1;\n"
    assert check_rule(_RULE, files) == []
