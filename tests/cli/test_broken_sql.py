"""Findings about migrations of which a part is half typed."""

import pytest

from tests.cli.conftest import Repository

ORDERS = "CREATE TABLE orders (\n  id bigint PRIMARY KEY,\n  total bigint\n);\n"


def findings(repository: Repository, path: str) -> list[str]:
    return [rule for at, rule in repository.run("check", "--format", "json", ".").findings if at == path]


@pytest.mark.parametrize("half_typed", ["m int array[]", "m", "m numeric(", "CHECK (total >", "m int,"])
def test_findings_elsewhere_stay_while_a_table_is_typed(repository: Repository, half_typed: str) -> None:
    used = "db/migrations/V2__total.sql"
    repository.write("db/migrations/V1__orders.sql", ORDERS)
    repository.write(used, "ALTER TABLE orders ALTER COLUMN total TYPE integer;\n")
    expected = findings(repository, used)
    assert "column-type-rewrite" in expected
    repository.write("db/migrations/V1__orders.sql", ORDERS.replace("\n)", f",\n  {half_typed}\n)"))
    assert findings(repository, used) == expected


def test_a_problem_is_shown_at_the_broken_element(repository: Repository) -> None:
    repository.write("db/migrations/V1__orders.sql", ORDERS.replace("\n)", ",\n  m int array[]\n)"))
    assert (
        "V1__orders.sql:4:15: not understood: syntax error" in repository.run("check", "--verbose", ".").out
    )


def test_nothing_is_offered_that_would_lose_what_is_not_understood(repository: Repository) -> None:
    offered: list[int] = []
    for more in ("", ", ADD n int array[]"):
        repository.write("db/migrations/V1__a.sql", f"ALTER TABLE orders ADD COLUMN m int NOT NULL{more};\n")
        found = repository.run("check", "--format", "json", ".").json["findings"]
        wanted = [one for one in found if one["rule"] == "required-column-without-default"]
        offered.append(sum(len(one["fixes"]) for one in wanted))
        assert wanted
    assert offered[0] > 0
    assert offered[1] == 0
