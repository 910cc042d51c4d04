"""What the files of a Django project tell of each other: labels, tables, the order of migrations."""

import pytest

from rollsafe.artefacts.source import SourceFile
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.snapshot import Snapshot
from tests.checking import check_rule, open_project

_TEXT = """\
from django.db import migrations, models


class Migration(migrations.Migration):
    {lists}
    operations = [
        {operations}
    ]
"""
_WIDENED = "column-type-rewrite"


def migration(operations: str, *dependencies: tuple[str, str], **lists: object) -> str:
    rows = {"dependencies": list(dependencies), **lists}
    return _TEXT.format(
        lists="\n    ".join(f"{key} = {value}" for key, value in rows.items()), operations=operations
    )


def model(name: str, field: str = "models.CharField(max_length=20)", options: str = "{}") -> str:
    fields = f'[("id", models.AutoField(primary_key=True)), ("code", {field})]'
    return f'migrations.CreateModel("{name}", {fields}, options={options}),'


def altered(field: str, of: str = "order") -> str:
    return f'migrations.AlterField("{of}", "code", {field}),'


SMALLER = altered("models.CharField(max_length=10)")
LARGER = altered("models.CharField(max_length=40)")


def test_order_is_that_of_dependencies() -> None:
    made = migration(model("Order"))
    files = {
        "shop/migrations/0003_first.py": made,
        "shop/migrations/0002_second.py": migration(LARGER, ("shop", "0003_first")),
        "shop/migrations/0001_third.py": migration(
            altered("models.CharField(max_length=30)"), ("shop", "0002_second")
        ),
    }
    assert [one.path for one in check_rule(_WIDENED, files)] == ["shop/migrations/0001_third.py"]


def test_run_before_and_other_apps_order_too() -> None:
    files = {
        "a/migrations/0001_late.py": migration(
            'migrations.AddField("thing", "order", models.ForeignKey("b.Order", on_delete=models.CASCADE)),',
            ("a", "0000_made"),
        ),
        "a/migrations/0000_made.py": migration(model("Thing")),
        "b/migrations/0001_made.py": migration(model("Order"), run_before=[("a", "0001_late")]),
    }
    assert "order_id int" in _sql(files)["a/migrations/0001_late.py"]


def _sql(files: dict[str, str]) -> dict[str, str]:
    project = open_project(files)
    found = {path: project.engine.artefact(path) for path in files}
    return {path: one.elements[0].file.text for path, one in found.items() if one is not None}


@pytest.mark.parametrize(
    ("apps", "table"),
    [
        ('class A(AppConfig):\n    name = "x.shop"\n    label = "goods"\n', "goods_order"),
        ('class A(AppConfig):\n    name = "x.store"\n', "store_order"),
        ("class A(AppConfig):\n    name = computed()\n", "shop_order"),
        ('class A(AppConfig):\n    label = "a"\n\nclass B(AppConfig):\n    label = "b"\n', "shop_order"),
    ],
)
def test_labels_are_those_of_configs(apps: str, table: str) -> None:
    files = {
        "shop/apps.py": f"from django.apps import AppConfig\n\n\n{apps}",
        "shop/migrations/0001_made.py": migration(model("Order")),
    }
    assert f"CREATE TABLE {table} " in _sql(files)["shop/migrations/0001_made.py"]


def test_tables_are_those_other_files_give() -> None:
    named = model("Order", options='{"db_table": "orders"}')
    files = {
        "shop/migrations/0001_made.py": migration(named),
        "shop/migrations/0002_wide.py": migration(LARGER, ("shop", "0001_made")),
        "shop/migrations/0003_moved.py": migration(
            'migrations.AlterModelTable("order", "sales"),', ("shop", "0002_wide")
        ),
        "shop/migrations/0004_gone.py": migration(
            'migrations.RemoveField("order", "code"),', ("shop", "0003_moved")
        ),
    }
    sent = _sql(files)
    assert "ALTER TABLE orders ALTER COLUMN code TYPE varchar(40)" in sent["shop/migrations/0002_wide.py"]
    assert "ALTER TABLE orders RENAME TO sales" in sent["shop/migrations/0003_moved.py"]
    assert "ALTER TABLE sales DROP COLUMN code" in sent["shop/migrations/0004_gone.py"]


def test_a_squashed_migration_counts_once() -> None:
    steps = {
        "shop/migrations/0001_made.py": migration(model("Order")),
        "shop/migrations/0002_wide.py": migration(LARGER, ("shop", "0001_made")),
    }
    made_wide = model("Order", "models.CharField(max_length=40)")
    squashed = migration(made_wide, replaces=[("shop", "0001_made"), ("shop", "0002_wide")])
    last = {"shop/migrations/0003_last.py": migration(SMALLER, ("shop", "0001_squashed_0002_wide"))}
    alone = {"shop/migrations/0001_squashed_0002_wide.py": squashed, **last}
    for files in (alone, {**steps, **alone}):
        assert [one.path for one in check_rule(_WIDENED, files)] == [*last]
    by_old_name = {"shop/migrations/0003_last.py": migration(SMALLER, ("shop", "0002_wide"))}
    assert len(check_rule(_WIDENED, {**alone, **by_old_name})) == 1


@pytest.mark.parametrize(
    ("told", "count"),
    [
        ({}, 2),
        ({"initial": True}, 0),
        ({"initial": False}, 2),
        ({"replaces": [("shop", "0002_a"), ("shop", "0003_b")]}, 0),
        ({"replaces": [("store", "0007_a")]}, 0),
        ({"replaces": []}, 2),
    ],
)
def test_nobody_waits_for_what_no_database_in_service_runs(told: dict[str, object], count: int) -> None:
    keyed = 'migrations.AddField("order", "of", models.ForeignKey("shop.Order", models.CASCADE, null=True)),'
    files = {
        "shop/migrations/0001_made.py": migration(model("Order"), initial=True),
        "shop/migrations/0002_more.py": migration(keyed, ("shop", "0001_made"), **told),
    }
    found = (
        check_rule("foreign-key-validated-inline", files),
        check_rule("index-created-non-concurrently", files),
    )
    assert sum(map(len, found)) == count


@pytest.mark.parametrize(
    ("arguments", "told", "count"),
    [
        ("fill", {}, 1),
        ("fill, migrations.RunPython.noop", {}, 0),
        ("*both_ways(fill)", {}, 0),
        ("**both_ways", {}, 0),
        ("fill", {"replaces": [("shop", "0002_a"), ("shop", "0003_b")]}, 0),
    ],
)
def test_a_way_back_that_files_do_not_deny_is_not_missed(
    arguments: str, told: dict[str, object], count: int
) -> None:
    added = "migrations.AddField('order', 'n', models.IntegerField(null=True)),"
    sent = f"{added} migrations.RunPython({arguments}),"
    files = {
        "shop/migrations/0001_made.py": migration(model("Order"), initial=True),
        "shop/migrations/0002_more.py": migration(sent, ("shop", "0001_made"), **told),
    }
    assert len(check_rule("irreversible-migration", files)) == count


@pytest.mark.parametrize(
    ("listed", "is_sent"),
    [
        ("[migrations.DeleteModel('Order')] if settings.OLD else []", True),
        ("[] if settings.NEW else [migrations.DeleteModel('Order')]", True),
        ("[migrations.DeleteModel('Order')] if settings.OLD else [migrations.DeleteModel('Item')]", False),
        ("made_elsewhere()", False),
        ("[migrations.SeparateDatabaseAndState(database_operations=gone)]", True),
        ("[migrations.SeparateDatabaseAndState(state_operations=gone)]", False),
    ],
)
def test_lists_of_operations_are_found_where_they_stand(listed: str, is_sent: bool) -> None:
    path = "shop/migrations/0002_gone.py"
    head, _, _ = migration("", ("shop", "0001_made")).partition("operations = [")
    files = {
        "shop/migrations/0001_made.py": migration(model("Order")),
        path: f"{head}gone = [migrations.DeleteModel('Order')]\n    operations = {listed}\n",
    }
    assert ("DROP TABLE shop_order " in _sql(files)[path].partition("-- down")[0]) is is_sent


def test_an_initial_migration_with_sql_may_change_tables_of_others() -> None:
    sent = "migrations.RunSQL('CREATE INDEX user_email ON auth_user (email)', ''),"
    files = {"shop/migrations/0001_made.py": migration(model("Order") + sent, initial=True)}
    assert len(check_rule("index-created-non-concurrently", files)) == 1


@pytest.mark.parametrize(
    ("field", "columns"),
    [
        ("models.ManyToManyField(settings.AUTH_USER_MODEL)", ("from_user_id", "to_user_id")),
        ('models.ManyToManyField("forum.User")', ("from_user_id", "to_user_id")),
        ('fields.SomeManyToManyField("forum.Badge")', ("user_id", "badge_id")),
    ],
)
def test_columns_of_joins_are_told_apart(field: str, columns: tuple[str, str]) -> None:
    path = "shop/migrations/0001_made.py"
    sent = _sql({path: migration(model("User") + f'migrations.AddField("user", "friends", {field}),')})[path]
    made = next(one for one in sent.splitlines() if one.startswith("CREATE TABLE shop_user_friends "))
    assert all(f" {column} " in made for column in columns)


def test_what_is_not_known_is_not_said() -> None:
    files = {"shop/migrations/0002_wide.py": migration(SMALLER, ("shop", "0001_made"))}
    assert check_rule(_WIDENED, files) == []
    circle = {
        "shop/migrations/0001_a.py": migration(model("Order"), ("shop", "0002_b")),
        "shop/migrations/0002_b.py": migration(SMALLER, ("shop", "0001_a")),
    }
    assert check_rule(_WIDENED, circle) == []


def test_an_edit_reaches_the_migrations_behind_it() -> None:
    files = {
        "shop/migrations/0001_made.py": migration(model("Order")),
        "shop/migrations/0002_wide.py": migration(SMALLER, ("shop", "0001_made")),
    }
    project = open_project(files, Settings(level="auditor", select=(_WIDENED,)))
    assert len(project.engine.all_findings()) == 1
    shorter = migration(model("Order", "models.CharField(max_length=5)"))
    sources = {path: SourceFile(path, text) for path, text in files.items()}
    snapshot = Snapshot("/project", project.snapshot.settings, sources, frozenset(files))
    project.engine.update(snapshot)
    assert "shop/migrations/0002_wide.py" in project.engine.update(
        snapshot.with_file("shop/migrations/0001_made.py", shorter)
    )
    assert project.engine.all_findings() == []


def test_a_field_that_follows_a_renamed_model_is_not_altered() -> None:
    key = 'models.ForeignKey("shop.{}", on_delete=models.CASCADE{})'
    files = {
        "shop/migrations/0001_made.py": migration(
            model("Order") + "\n" + model("Line", key.format("Order", ""))
        ),
        "shop/migrations/0002_renamed.py": migration(
            'migrations.RenameModel("Order", "Sale"),', ("shop", "0001_made")
        ),
        "shop/migrations/0003_said.py": migration(
            altered(key.format("Sale", ', related_name="lines"'), "line"), ("shop", "0002_renamed")
        ),
    }
    assert _sql(files)["shop/migrations/0003_said.py"].split("--")[1].split() == ["up", "migration"]


def test_of_a_field_of_another_kind_nobody_knows_whether_it_takes_null() -> None:
    files = {
        "shop/migrations/0001_made.py": migration(model("Order")),
        "shop/migrations/0002_own.py": migration(
            'migrations.AddField("order", "name", ours.NameField(max_length=9)),', ("shop", "0001_made")
        ),
    }
    assert check_rule("required-column-without-default", files) == []
    assert "NOT NULL" not in _sql(files)["shop/migrations/0002_own.py"]
