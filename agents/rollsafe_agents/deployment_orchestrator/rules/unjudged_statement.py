"""A step of a migration is known only when it runs.

## What it does
Reports a call in a migration that sends SQL put together at run time, or runs a program of its own: `execute` with a
computed string, `RunPython`, a query builder with values from elsewhere. No rule sees what it does.

## Why it matters
Everything else that is said about the migration leaves this step out: its locks, how long it takes, what it deletes. It
is for a person to read.

## Bad
```ruby title="db/migrate/20260302100000_fill_totals.rb"
class FillTotals < ActiveRecord::Migration[7.1]
  def up
    execute statement_for(:orders) # <-
  end

  def down
    raise ActiveRecord::IrreversibleMigration
  end
end
```

## Good
```ruby title="db/migrate/20260302100000_fill_totals.rb"
class FillTotals < ActiveRecord::Migration[7.1]
  def up
    execute "SELECT fill_totals()"
  end

  def down
    raise ActiveRecord::IrreversibleMigration
  end
end
```

## Fix
None.

## References
- [strong_migrations: executing SQL directly](https://github.com/ankane/strong_migrations#executing-sql-directly)

## Equivalent rules
- `hazard:raw-sql-opaque`
- `strong_migrations:execute`
- `online_migrations:execute`
"""

from collections.abc import Iterator

from rollsafe.artefacts.migrations import Statement
from rollsafe.rules import Finding, Level, Severity, rule
from rollsafe.workspace.migrations import is_judged
from rollsafe.workspace.settings import Settings


@rule(severity=Severity.HINT, since="0.1.0", level=Level.AUDITOR)
def check(statement: Statement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for a step that nobody knows before it runs."""
    if statement.is_down or statement.kind != "CALL" or not statement.is_computed:
        return
    if is_judged(statement, settings):
        host = statement.file.host
        words = host.slice(statement.file.place(statement)).split("(")[0].split()
        yield Finding(
            statement,
            f"what `{words[0] if words else 'this'}` does is known only when it runs",
            detail="its locks, its time and what it deletes are left out of everything said here",
        )
