"""What migrations of Alembic and Django send, as rollsafe reads it and as their tools send it."""

from pathlib import Path

import pytest

from tests.migrations_code import plain, translated
from tests.migrations_code.python import alembic_cases, django_cases, sent


def test_statements_are_those_alembic_sends(tmp_path: Path) -> None:
    files = alembic_cases.CASES
    for name, ways in sent("alembic", files, tmp_path).items():
        mine = translated(f"migrations/versions/{name}", files[name])
        assert mine.up == ways.up, name
        assert mine.down == ways.down, name
        assert ways.up, name


@pytest.mark.parametrize("name", django_cases.CASES)
def test_statements_are_those_django_sends(name: str) -> None:
    mine = translated(name, django_cases.CASES[name])
    up, down = (plain(way) for way in django_cases.SENT[name])
    assert mine.up == up
    if name in django_cases.ONE_WAY:
        rest = iter(down)
        assert all(one in rest for one in mine.down)
        assert mine.down
    else:
        assert mine.down == down
