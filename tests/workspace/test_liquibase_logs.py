"""Change logs of Liquibase are told in the order in which they are included."""

import pytest

from rollsafe.artefacts.source import SourceFile
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.snapshot import Snapshot
from tests.checking import check_rule, open_project

_RULE = "column-type-rewrite"
_XML = '<databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog">{}</databaseChangeLog>\n'
_SQL = "--liquibase formatted sql\n--changeset ann:{0}\n{1}\n--rollback SELECT 1;\n"
_HOME = "src/main/resources/db/changelog"


def altered(name: str, length: int) -> str:
    return _SQL.format(name, f"ALTER TABLE orders ALTER code TYPE varchar({length});")


LOGS = {
    f"{_HOME}/a_narrow.sql": altered("a", 10),
    f"{_HOME}/b_less.sql": altered("b", 15),
    f"{_HOME}/c_made.sql": _SQL.format("c", "CREATE TABLE orders (code varchar(20));"),
}
NARROW, LESS = f"{_HOME}/a_narrow.sql", f"{_HOME}/b_less.sql"
ROOT = f"{_HOME}/db.changelog-master"


def xml(*names: str, more: str = "", home: str = "db/changelog/") -> str:
    return _XML.format("".join(f'<include file="{home}{name}.sql" {more}/>' for name in names))


def yaml(*names: str) -> str:
    rows = "".join(f"  - include: {{file: {one}.sql, relativeToChangelogFile: true}}\n" for one in names)
    return f"databaseChangeLog:\n{rows}"


def found(files: dict[str, str]) -> list[str]:
    return sorted(one.path for one in check_rule(_RULE, files))


RELATIVE = 'relativeToChangelogFile="true"'
DOWNWARDS = ("c_made", "b_less", "a_narrow")
UPWARDS = ("c_made", "a_narrow", "b_less")


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        ({f"{ROOT}.xml": xml(*DOWNWARDS)}, [NARROW, LESS]),
        ({f"{ROOT}.xml": xml(*UPWARDS)}, [NARROW]),
        ({f"{ROOT}.xml": xml(*UPWARDS, more=RELATIVE, home="./")}, [NARROW]),
        ({f"{ROOT}.xml": xml(*UPWARDS, home="classpath:/db/changelog/")}, [NARROW]),
        ({f"{ROOT}.yaml": yaml(*UPWARDS)}, [NARROW]),
        (
            {
                f"{ROOT}.json": '{"databaseChangeLog": [{"include": {"file": "db/changelog/c_made.sql"}},'
                ' {"include": {"file": "db/changelog/a_narrow.sql"}},'
                ' {"include": {"file": "db/changelog/b_less.sql"}}]}'
            },
            [NARROW],
        ),
        # What is included for tests only is no part of the history.
        ({f"{ROOT}.xml": xml(*UPWARDS, more='contextFilter="test"')}, [NARROW, LESS]),
        ({f"{ROOT}.xml": xml("c_made", "gone", "${what}", "../../../..", "a_narrow", "b_less")}, [NARROW]),
        ({f"{ROOT}.xml": xml("db.changelog-master", *UPWARDS).replace("master.sql", "master.xml")}, [NARROW]),
    ],
)
def test_history_follows_what_is_included(root: dict[str, str], expected: list[str]) -> None:
    assert found(LOGS | root) == expected


INCLUDED = [
    '<includeAll path="db/changelog/parts"/>',
    '<includeAll path="classpath:db/changelog/parts/"/>',
    f'<includeAll path="parts" {RELATIVE}/>',
    f'<includeAll path="parts" {RELATIVE} endsWithFilter=".sql"/>',
    f'<include file="parts/all.yaml" {RELATIVE}/>',
]


@pytest.mark.parametrize("include", INCLUDED)
def test_logs_in_directories_are_one_history(include: str) -> None:
    made, wider = f"{_HOME}/parts/1/made.sql", f"{_HOME}/parts/2/wider.sql"
    files = {made: LOGS[f"{_HOME}/c_made.sql"], wider: altered("w", 30)}
    files[f"{_HOME}/parts/all.yaml"] = yaml("1/made", "2/wider")
    assert found(files | {f"{ROOT}.xml": _XML.format(include)}) == []
    chosen = '<includeAll path="db/changelog/parts" filter="org.example.Ours"/>'
    files.pop(f"{_HOME}/parts/all.yaml")
    assert found(files | {f"{ROOT}.xml": _XML.format(chosen)}) == [wider]


def test_change_sets_of_a_root_come_where_they_stand() -> None:
    made = (
        '<changeSet id="1" author="a"><createTable tableName="orders">'
        '<column name="code" type="varchar(20)"/></createTable></changeSet>'
    )
    include = '<include file="db/changelog/b_less.sql"/>'
    files = {LESS: LOGS[LESS].replace("15", "30")}
    assert found(files | {f"{ROOT}.xml": _XML.format(made + include)}) == []
    assert found(files | {f"{ROOT}.xml": _XML.format(include + made)}) == [LESS]


def test_an_edit_of_a_log_is_an_edit_of_the_order() -> None:
    root = f"{ROOT}.xml"
    files = LOGS | {root: xml(*DOWNWARDS)}
    project = open_project(files, Settings(level="auditor", select=(_RULE,)))
    sources = {path: SourceFile(path, text) for path, text in files.items()}
    snapshot = Snapshot("/project", project.snapshot.settings, sources, frozenset(files))

    def told(text: str | None) -> list[str]:
        project.engine.update(snapshot.with_file(root, text))
        return sorted(one.path for one in project.engine.all_findings())

    assert told(xml(*UPWARDS)) == [NARROW]
    assert told(xml(*DOWNWARDS)) == [NARROW, LESS]
    assert told(xml(*UPWARDS)) == [NARROW]
    assert told(None) == found(LOGS)


def test_way_back_of_a_log_is_not_that_of_its_namesake() -> None:
    one, other = f"{_HOME}/1/made.sql", f"{_HOME}/2/made.sql"
    made = _SQL.format("a", "CREATE TABLE orders (id int PRIMARY KEY);")
    bare = _SQL.format("b", "CREATE TABLE shops (id int PRIMARY KEY);").partition("--rollback")[0]
    root = {f"{ROOT}.yaml": yaml("1/made", "2/made")}
    told = check_rule("irreversible-migration", {one: made, other: bare} | root)
    assert [seen.path for seen in told] == [other]
