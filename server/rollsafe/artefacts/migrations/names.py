"""Names of tables and other objects, and how PostgreSQL writes them."""

import re
from functools import lru_cache

from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

_BARE = lazily(r"[a-z_][a-z0-9_$]*\Z")
_PLACEHOLDER = lazily(r"[{}%:]|\$\{")

_COMPUTED = lazily(r"\$\{[^{}]*\}\Z|\{[^{}]*\}\Z|\?\Z")

_RESERVED = lazily(
    r"""
    all | analyse | analyze | and | any | array | as | asc | asymmetric | authorization |
    between | bigint | binary | bit | boolean | both | case | cast | char | character | check |
    coalesce | collate | collation | column | concurrently | constraint | create | cross |
    current_catalog | current_date | current_role | current_schema | current_time |
    current_timestamp | current_user | dec | decimal | default | deferrable | desc | distinct |
    do | else | end | except | exists | extract | false | fetch | float | for | foreign | freeze
    | from | full | grant | greatest | group | grouping | having | ilike | in | initially |
    inner | inout | int | integer | intersect | interval | into | is | isnull | join | lateral |
    leading | least | left | like | limit | localtime | localtimestamp | national | natural |
    nchar | none | normalize | not | notnull | null | nullif | numeric | offset | on | only | or
    | order | out | outer | overlaps | overlay | placing | position | precision | primary | real
    | references | returning | right | row | select | session_user | setof | similar | smallint
    | some | substring | symmetric | system_user | table | tablesample | then | time | timestamp
    | to | trailing | treat | trim | true | union | unique | user | using | values | varchar |
    variadic | verbose | when | where | window | with | xmlattributes | xmlconcat
    """,
    re.X,
)
"""Words that cannot be a column or table name without quotes (reserved, or usable as neither)."""


@lru_cache(maxsize=4_096)
def quoted(name: str) -> str:
    """Return `name` as an SQL identifier; one that holds a tool's placeholder stays as written."""
    if _BARE.match(name) and not _RESERVED.fullmatch(name):
        return name
    if _PLACEHOLDER.search(name):
        return name
    return '"' + name.replace('"', '""') + '"'


class TableName(NamedTuple):
    """The name of a table, or of anything else that lives in a schema, folded as PostgreSQL folds it."""

    schema: str | None
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name

    @property
    def key(self) -> str:
        """The name to compare by: `public` is what an unqualified name means."""
        return self.name if self.schema in (None, "", "public") else f"{self.schema}.{self.name}"

    @property
    def is_computed(self) -> bool:
        """Whether nothing but a placeholder of a tool, or of a string in a program, tells the name."""
        return _COMPUTED.match(self.name) is not None

    @property
    def sql(self) -> str:
        """The name as it is written in SQL, quoted where it has to be."""
        return f"{quoted(self.schema)}.{quoted(self.name)}" if self.schema else quoted(self.name)

    @classmethod
    def of(cls, parts: tuple[str, ...]) -> "TableName":
        """Return the name made of dotted `parts`, of which the last two count."""
        *qualifiers, name = parts or ("",)
        return cls(qualifiers[-1] if qualifiers else None, name)

    def sibling(self, name: str) -> "TableName":
        """Return `name` in the same schema."""
        return TableName(self.schema, name)
