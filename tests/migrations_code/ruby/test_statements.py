"""What migrations of Rails send, as rollsafe reads it and as Rails sends it."""

import pytest

from tests.migrations_code import translated_all
from tests.migrations_code.ruby.rails_cases import FILES, RESTS_ON_SCHEMA, label_of, recorded


@pytest.mark.parametrize("path", FILES)
def test_statements_are_those_rails_sends(path: str) -> None:
    mine, sent = translated_all(FILES)[path], recorded()[label_of(path)]
    assert mine.up
    if label_of(path) not in RESTS_ON_SCHEMA:
        assert mine == sent
        return
    for my_way, way in zip(mine, sent, strict=True):
        more = [one for one in way if one not in my_way]
        assert [one for one in way if one not in more] == my_way
        assert all(" RENAME TO " in one for one in more)
