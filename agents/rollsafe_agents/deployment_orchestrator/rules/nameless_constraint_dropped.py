"""A constraint is dropped without its name, which fails.

## What it does
Reports `drop_constraint(None, …)` in revisions of Alembic. Autogenerate writes it where a constraint has no name, mostly
into `downgrade`. A naming convention does not help: it makes names out of columns, and a call that drops tells none.
Silent inside of `try`, and for primary keys, whose conventional name needs the table only.

## Why it matters
Alembic stops with `Can't emit DROP CONSTRAINT for constraint …; it has no name`, on every database. In `upgrade` the
deployment stops there, in `downgrade` the rollback, which is found out during the incident.

## Bad
```python title="alembic/versions/2b3c4d5e6f70_unique_codes.py"
import sqlalchemy as sa
from alembic import op

revision = "2b3c4d5e6f70"
down_revision = "1a2b3c4d5e6f"


def upgrade():
    op.create_table("vouchers", sa.Column("id", sa.BigInteger, primary_key=True), sa.Column("code", sa.Text))
    op.create_unique_constraint(None, "vouchers", ["code"])


def downgrade():
    op.drop_constraint(None, "vouchers", type_="unique")  # <-
    op.drop_table("vouchers")
```

## Good
```python title="alembic/versions/2b3c4d5e6f70_unique_codes.py"
import sqlalchemy as sa
from alembic import op

revision = "2b3c4d5e6f70"
down_revision = "1a2b3c4d5e6f"


def upgrade():
    op.create_table("vouchers", sa.Column("id", sa.BigInteger, primary_key=True), sa.Column("code", sa.Text))
    op.create_unique_constraint(None, "vouchers", ["code"])


def downgrade():
    op.drop_constraint("vouchers_code_key", "vouchers", type_="unique")
    op.drop_table("vouchers")
```

## Fix
Writes the name that PostgreSQL gives to what `upgrade` adds without one. Unsafe: where the project's metadata has a
naming convention, the constraint has the name that this one makes.

## References
- [Alembic: the importance of naming constraints](https://alembic.sqlalchemy.org/en/latest/naming.html)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Dialect, Statement
from rollsafe.artefacts.migrations.code.nameless import NamelessDrop
from rollsafe.artefacts.migrations.constraint_names import given_name
from rollsafe.artefacts.migrations.operations import AddConstraint
from rollsafe.artefacts.migrations.pieces import ConstraintKind
from rollsafe.rules import Edit, Finding, Fix, Related, Safety, Severity, Span, rule
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.tables import table_before

_KINDS: Final = {
    "check": ConstraintKind.CHECK,
    "foreignkey": ConstraintKind.FOREIGN,
    "unique": ConstraintKind.UNIQUE,
}
_THINGS: Final[dict[ConstraintKind | None, str]] = {
    ConstraintKind.CHECK: "check",
    ConstraintKind.FOREIGN: "foreign key",
    ConstraintKind.UNIQUE: "unique constraint",
}
_NAMED_BY_COLUMNS: Final = frozenset({ConstraintKind.FOREIGN, ConstraintKind.UNIQUE})


class _Added(NamedTuple):
    statement: Statement
    operation: AddConstraint


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(drop: NamelessDrop, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a constraint that is dropped without a name."""
    if drop.migration.is_practice or (drop.is_down and drop.migration.irreversible_note is not None):
        return
    kind = _KINDS.get(drop.kind)
    thing = _THINGS.get(kind, "constraint")
    added = _added(drop, kind) if drop.is_down and kind is not None else None
    origin = f"the {thing} that `upgrade` adds to `{drop.table}` without a name"
    way = "the rollback" if drop.is_down else "the deployment"
    yield Finding(
        drop.name_at,
        f"{origin if added else f'a {thing} of `{drop.table}`'} is dropped as `None`",
        _fixes(drop, added, graph) if added is not None else (),
        detail=f"Alembic cannot tell which one is meant: `it has no name`, and {way} stops there",
        related=(_related(added),) if added is not None else (),
        severity=None if drop.is_down else Severity.ERROR,
    )


def _added(drop: NamelessDrop, kind: ConstraintKind) -> _Added | None:
    """Return what a drop undoes: the only constraint of its kind that the way up adds without a name."""
    found = [
        _Added(one, each)
        for one in drop.migration.up_statements
        for each in one.of(AddConstraint)
        if each.constraint.kind is kind and not each.constraint.name and each.table.sql == drop.table
    ]
    return found[0] if len(found) == 1 else None


def _related(added: _Added) -> Related:
    return Related(added.statement.file, Span.of(added.statement), "it is added here")


def _fixes(drop: NamelessDrop, added: _Added, graph: Graph) -> tuple[Fix, ...]:
    statement, one = added
    is_ours = drop.migration.dialect is Dialect.POSTGRES and one.constraint.kind in _NAMED_BY_COLUMNS
    if not is_ours or "?" in one.constraint.text:
        return ()
    taken = table_before(one, statement, graph).constraints
    name = given_name(one.table.name, one.constraint, taken.__contains__)
    quote = "'" if '"' not in drop.file.text[drop.start : drop.end] else '"'
    edit = Edit(Span.of(drop.name_at), f"{quote}{name}{quote}")
    return (Fix(f"Name it `{name}`, as PostgreSQL does", Safety.UNSAFE, edits=(edit,)),)
