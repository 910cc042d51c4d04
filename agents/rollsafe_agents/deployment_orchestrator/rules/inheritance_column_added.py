"""A column named `type` turns a model of Rails into a family of classes.

## What it does
Reports a migration of Rails that adds a text column `type` to a table that was there before.

## Why it matters
Active Record takes the column for the name of the row's class. Processes that have loaded the table before do not know
the column; those that start during the rollout do, and raise `SubclassNotFound` for any value that is no class of
theirs, also after the release is rolled back.

## Bad
```ruby title="db/migrate/20260301100000_add_type_to_orders.rb"
class AddTypeToOrders < ActiveRecord::Migration[7.1]
  def change
    add_column :orders, :type, :string # <-
  end
end
```

## Good
```ruby title="db/migrate/20260301100000_add_type_to_orders.rb"
class AddTypeToOrders < ActiveRecord::Migration[7.1]
  def change
    add_column :orders, :kind, :string
  end
end
```

## Fix
None: another name does, or a release that sets `self.inheritance_column` goes first.

## References
- [Rails: single table inheritance](https://guides.rubyonrails.org/association_basics.html#single-table-inheritance-sti)

## Equivalent rules
- `hazard:column-cache-stale-sti`
- `online_migrations:add_inheritance_column`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import AddColumn
from rollsafe.rules import Confidence, Finding, Severity, rule
from rollsafe.workspace.migrations import changes
from rollsafe.workspace.settings import Settings

_TEXT: Final = frozenset({"varchar", "text", "citext"})


@rule(severity=Severity.WARNING, since="0.1.0", confidence=Confidence.MEDIUM)
def check(statement: Statement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for a column that Active Record reads as the name of a class."""
    if statement.runner != "rails":
        return
    for added in changes(statement, settings, AddColumn):
        column = added.column
        is_text = column.type is not None and column.type.name in _TEXT and not column.type.is_array
        if column.name == "type" and is_text:
            yield Finding(
                added,
                f"column `{added.table}.type` names the class of each row for Active Record",
                detail="processes of one release know the column and those of the other do not while both run",
            )
