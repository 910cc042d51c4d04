"""Whether a default can be evaluated once: what PostgreSQL's catalogue says of its functions."""

import re
from typing import Final

from rollsafe.artefacts.migrations.pieces import Default, Volatility
from rollsafe.formats.sql import SqlNode
from rollsafe.text.patterns import lazily

_VOLATILE = lazily(
    r"""
    clock_timestamp | currval | gen_random_bytes | gen_random_uuid | gen_salt | gen_ulid |
    generate_ulid | lastval | nanoid | nextval | random | random_normal | random_string |
    set_config | setval | timeofday | uuid_generate_v1 | uuid_generate_v1mc |
    uuid_generate_v4 | uuid_generate_v6 | uuid_generate_v7 | uuidv4 | uuidv7 | xid_next | ulid
    """,
    re.X,
)
_STABLE = lazily(
    r"""
    age | concat | concat_ws | current_database | current_schema | current_schemas |
    current_setting | date_part | date_trunc | extract | format | inet_client_addr |
    inet_server_addr | json_build_array | json_build_object | jsonb_build_array |
    jsonb_build_object | localtime | localtimestamp | make_timestamptz | now | pg_backend_pid |
    pg_my_temp_schema | row_to_json | session_user | statement_timestamp | to_char | to_date |
    to_json | to_jsonb | to_timestamp | to_tsquery | to_tsvector | transaction_timestamp |
    txid_current | user
    | version | xmlcomment
    """,
    re.X,
)
_IMMUTABLE = lazily(
    r"""
    abs | array_fill | array_length | ascii | btrim | ceil | ceiling | char_length | chr |
    coalesce | convert_from | convert_to | decode | digest | encode | floor | greatest |
    hashtext | initcap | int4range | int8range | isfinite | json_object | jsonb_object |
    justify_days | justify_hours | justify_interval | least | left | length | lower | lpad |
    ltrim | make_date | make_interval | make_time | make_timestamp | md5 | mod | nullif |
    numrange | overlay | pi | point | position | power | regexp_replace | repeat | replace |
    reverse | right | round | rpad | rtrim | sha224 | sha256 | sha384 | sha512 | sign |
    split_part | sqrt | strpos | substr | substring | timezone | to_hex | translate | trim |
    trunc | tsrange | tstzrange | daterange | upper | uuid_nil | uuid_ns_dns | uuid_ns_url
    """,
    re.X,
)
_ORDER: Final = (
    Volatility.CONSTANT,
    Volatility.STABLE,
    Volatility.UNKNOWN,
    Volatility.VOLATILE,
)


def default_of(expression: SqlNode, start: int, end: int, text: str) -> Default:
    """Return the default whose expression is written at `[start, end)` of its statement."""
    is_null = expression.kind == "A_Const" and expression.flag("isnull")
    return Default(start, end, text, volatility(expression), is_null)


def volatility(expression: SqlNode) -> Volatility:
    """Return the worst volatility of the functions an expression calls; operators count as constant."""
    worst = Volatility.CONSTANT
    for node in expression.walk():
        found = _of_node(node)
        if _ORDER.index(found) > _ORDER.index(worst):
            worst = found
    return worst


def _of_node(node: SqlNode) -> Volatility:
    if node.kind == "SQLValueFunction":
        return Volatility.STABLE
    return _of_function(node) if node.kind == "FuncCall" else Volatility.CONSTANT


def _of_function(call: SqlNode) -> Volatility:
    names = call.names("funcname")
    name = names[-1] if names else ""
    if _VOLATILE.fullmatch(name):
        return Volatility.VOLATILE
    if _STABLE.fullmatch(name):
        return Volatility.STABLE
    return Volatility.CONSTANT if _IMMUTABLE.fullmatch(name) else Volatility.UNKNOWN
