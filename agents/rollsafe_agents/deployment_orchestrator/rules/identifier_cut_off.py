"""A name is longer than PostgreSQL keeps.

## What it does
Reports names of tables, columns, constraints and indexes of more than 63 bytes.

## Why it matters
PostgreSQL cuts such a name off and goes on with a notice that nobody reads. The object has another name than the code
and the next migration think: it is not found, or two names that differ at their end are suddenly one.

## Bad
```sql title="db/migrations/V142__orders.sql"
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_by_customer_and_status_and_shipping_country_and_created_at_idx -- <-
    ON orders (customer_id, status);
```

## Good
```sql title="db/migrations/V142__orders.sql"
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_by_customer_and_status_and_shipping_country_and_created_
    ON orders (customer_id, status);
```

## Fix
Writes the name as PostgreSQL keeps it: nothing changes but what the file says.

## References
- [PostgreSQL: identifiers](https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS)

## Equivalent rules
- `hazard:quoted-identifier`
- `squawk:identifier-too-long`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations import Statement
from rollsafe.formats.sql_tokens import NAME, WORD, Token, tokens
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.text.patterns import lazily
from rollsafe.workspace.migrations import is_judged
from rollsafe.workspace.settings import Settings

_KEPT: Final = 63
_LONG = lazily(r'[\w$]{64}|"[\s\S]{60}')
"""What a text with a word or a quoted name longer than `_KEPT` holds."""


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC, fix=Safety.SAFE)
def check(statement: Statement, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for a name that is cut off."""
    if statement.is_down or not _LONG.search(statement.text) or not is_judged(statement, settings):
        return
    for token in tokens(statement.file.text, statement.start, statement.end):
        if token.kind in (WORD, NAME) and token.end - token.start > _KEPT:
            name = _name(statement, token)
            kept = name.encode("utf-8", "replace")[:_KEPT].decode("utf-8", "ignore")
            if kept != name:
                place = Span(token.start, token.end)
                yield Finding(
                    place,
                    f"`{name}` is kept as `{kept}`",
                    (Fix("Write the name that is kept", Safety.SAFE, edits=(_edit(token, kept),)),),
                    detail=f"the name has {len(name.encode('utf-8', 'replace'))} bytes, of which "
                    f"PostgreSQL keeps {_KEPT}",
                )


def _name(statement: Statement, token: Token) -> str:
    if token.kind == NAME:
        return token.word[1:-1].replace('""', '"')
    return statement.file.text[token.start : token.end]


def _edit(token: Token, kept: str) -> Edit:
    written = f'"{kept.replace(chr(34), chr(34) * 2)}"' if token.kind == NAME else kept
    return Edit(Span(token.start, token.end), written)
