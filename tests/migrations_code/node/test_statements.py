"""What migrations of JavaScript send, as rollsafe reads it and as their tools send it."""

from pathlib import Path

import pytest

from tests.migrations_code import translated
from tests.migrations_code.node import knex_cases, pgm_cases, sent, sequelize_cases, typeorm_cases

CASES = {
    "knex": knex_cases.CASES,
    "node-pg-migrate": pgm_cases.CASES,
    "sequelize": sequelize_cases.CASES,
    "typeorm": typeorm_cases.CASES,
}


@pytest.mark.parametrize("tool", CASES)
def test_statements_are_those_the_tool_sends(tool: str, tmp_path: Path) -> None:
    files = CASES[tool]
    told = sent(tool, files, tmp_path)
    for name, ways in told.items():
        mine = translated(f"db/migrations/{name}", files[name])
        assert mine.up == ways.up, name
        assert mine.down == ways.down, name
        assert ways.up, name
