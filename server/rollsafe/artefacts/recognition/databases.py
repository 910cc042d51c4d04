"""Which databases are thrown away after the job, so that migrating them is no migration."""

import re
from collections.abc import Mapping
from typing import Final

from rollsafe.artefacts.recognition.named import words_of
from rollsafe.artefacts.recognition.roles import listed
from rollsafe.text.patterns import lazily

_HOSTS: Final = frozenset(
    listed(
        "localhost 127.0.0.1 0.0.0.0 ::1 [::1] host.docker.internal postgres postgresql db database"
        " mysql mariadb mssql sqlserver mongo mongodb redis"
    )
)
_URL: Final = lazily(r"^[\w+.-]+://(?:[^/@]*@)?(?P<host>\[[^\]]*\]|[^:/?#]*)")
_HOST_VARIABLE: Final = lazily(
    r"(\w*_)?(DB|DATABASE|PG|POSTGRES|POSTGRESQL|MYSQL|MARIADB|MSSQL|SQL)(_?HOST(NAME)?|_SERVER)"
)
_URL_VARIABLE: Final = lazily(r"(\w*_)?(DB|DATABASE|POSTGRES|PG|MYSQL|SQL)\w*_(URL|URI|DSN)\w*")
_MODE_VARIABLE: Final = lazily(
    r"(RAILS|RACK|NODE|APP|MIX|HANAMI|DJANGO|FLASK|GO|SYMFONY)_ENV|DJANGO_SETTINGS_MODULE"
)
_IMAGE: Final = lazily(
    r"(^|/)(postgres|postgis|pgvector|timescaledb|mysql|mariadb|percona|mssql|mongo|redis|valkey"
    r"|cockroach|clickhouse|supabase/postgres|azure-sql-edge|libsql)",
    re.I,
)


def is_database_image(image: str) -> bool:
    """Say whether a service container of this image (or name) is a database."""
    return bool(_IMAGE.search(image))


def is_test_database(address: str) -> bool:
    """Say whether a host name or connection URL is one of the job's own machines."""
    address = address.strip()
    if address in _HOSTS or address.startswith(("sqlite", "file:", "jdbc:sqlite", "jdbc:h2")):
        return True
    match = _URL.match(address.removeprefix("jdbc:"))
    return match is not None and match["host"] in _HOSTS


def is_test_environment(variables: Mapping[str, str]) -> bool:
    """Say whether environment variables point at a test mode or at a database of the job itself."""
    return any(_is_test(name, value) for name, value in variables.items())


def _is_test(name: str, value: str) -> bool:
    if _MODE_VARIABLE.fullmatch(name):
        return not {"test", "testing", "ci"}.isdisjoint(words_of(value))
    if _HOST_VARIABLE.fullmatch(name) or _URL_VARIABLE.fullmatch(name):
        return is_test_database(value)
    return False
