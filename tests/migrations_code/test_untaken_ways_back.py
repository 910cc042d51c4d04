"""Ways back that do nothing: what says that this is meant."""

import pytest

from tests.checking import check_rule

UNTAKEN = {
    "knex/migrations/20240101_tags.js": (
        "exports.up = async (knex) => {{ await knex('tags').update({{ kind: 'a' }}) }}\n"
        "exports.down = async () => {{\n  // {remark}\n}}\n"
    ),
    "migrations/20240101000000-tags.js": (
        "exports.up = function (db, cb) {{ db.runSql(`UPDATE tags SET kind = 'a'`, cb) }}\n"
        "exports.down = function (db, cb) {{\n  cb() // {remark}\n}}\n"
    ),
    "db/migrate/20240101000000_tags.rb": (
        "class Tags < ActiveRecord::Migration[7.1]\n  def up\n    execute \"UPDATE tags SET kind = 'a'\"\n  end\n"
        "  def down\n    # {remark}\n  end\nend\n"
    ),
}


@pytest.mark.parametrize("path", UNTAKEN)
@pytest.mark.parametrize(
    ("remark", "is_meant"),
    [
        ("Nothing to undo: the old kind was wrong", True),
        ("TODO: write this one", False),
        ("Add reverting commands here", False),
        ("tags.update({ kind: null })", False),
    ],
)
def test_a_way_back_that_does_nothing_may_say_why(path: str, remark: str, is_meant: bool) -> None:
    found = check_rule("irreversible-migration", {path: UNTAKEN[path].format(remark=remark)})
    assert bool(found) is not is_meant
