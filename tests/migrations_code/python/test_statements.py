"""What migrations of Alembic and Django send, as rollsafe reads it and as their tools send it."""

from pathlib import Path

import pytest

from tests.migrations_code import plain, translated, translated_all
from tests.migrations_code.python import alembic_cases, django_cases, django_history, sent


def test_statements_are_those_alembic_sends(tmp_path: Path) -> None:
    files = alembic_cases.CASES
    for name, ways in sent("alembic", files, tmp_path).items():
        mine = translated(f"migrations/versions/{name}", files[name])
        assert mine.up == ways.up, name
        assert mine.down == ways.down, name
        assert ways.up, name


@pytest.mark.parametrize("name", django_cases.CASES)
def test_statements_are_those_django_sends(name: str) -> None:
    mine = translated_all({**django_cases.CASES, "shop/settings.py": ""})[name]
    up, down = (plain(way) for way in django_cases.SENT[name])
    assert mine.up == up
    if name in django_cases.ONE_WAY:
        rest = iter(down)
        assert all(one in rest for one in mine.down)
        assert mine.down
    else:
        assert mine.down == down


@pytest.mark.parametrize("name", django_history.SENT)
def test_statements_rest_on_the_models_before_them(name: str) -> None:
    mine = translated_all(django_history.FILES)[name]
    # Django goes through sets in the order of their hashes.
    up, down = (sorted(plain(way)) for way in django_history.SENT[name])
    assert sorted(mine.up) == up
    assert name in django_history.ONE_WAY or sorted(mine.down) == down
