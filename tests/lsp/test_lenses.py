"""Lenses on migrations that write a way back or split a change, each after a question."""

from pathlib import Path
from typing import Any

import pytest

from tests.lsp.conftest import Start, write
from tests.lsp.stdio import Client

TABLE = "CREATE TABLE orders (id bigint PRIMARY KEY, total bigint, note text);\n"
FIRST = "db/migrations/0001_orders"
SECOND = "db/migrations/0002_change.up.sql"
ROLLBACK, SPLIT = "Generate the rollback", "Split into expand and contract"


def lenses(client: Client, uri: str) -> dict[str, Any]:
    found = client.result("textDocument/codeLens", {"textDocument": {"uri": uri}})
    return {one["command"]["title"]: one for one in found}


def begun(tmp_path: Path, start: Start, change: str) -> tuple[Client, Path, str]:
    down = {f"{FIRST}.down.sql": "DROP TABLE orders;\n", f"{FIRST}.up.sql": TABLE}
    root = write(tmp_path / "w", {**down, SECOND: f"-- change\n{change}\n"})
    client = start(root)
    client.settled()
    return client, root, client.open(root / SECOND)


@pytest.mark.parametrize(
    ("change", "is_split"),
    [
        ("ALTER TABLE orders ADD COLUMN state text;", False),
        ("ALTER TABLE orders RENAME COLUMN total TO total_cents;", True),
        ("ALTER TABLE orders ADD COLUMN state text NOT NULL;", True),
        ("ALTER TABLE orders ALTER COLUMN total TYPE integer;", True),
    ],
)
def test_lenses_are_there_where_they_do_something(
    tmp_path: Path, start: Start, change: str, is_split: bool
) -> None:
    client, _, uri = begun(tmp_path, start, change)
    shown = lenses(client, uri)
    assert shown["Plan this migration"]["command"]["command"] == "rollsafe.plan"
    assert shown[ROLLBACK]["range"]["start"]["line"] == 0
    assert (SPLIT in shown) is is_split
    if is_split:
        assert shown[SPLIT]["range"]["start"]["line"] == 1


def test_a_migration_with_a_way_back_offers_none(tmp_path: Path, start: Start) -> None:
    client, root, _ = begun(tmp_path, start, "ALTER TABLE orders ADD COLUMN state text;")
    assert ROLLBACK not in lenses(client, client.open(root / f"{FIRST}.up.sql"))


@pytest.mark.parametrize("agreed", [True, False])
def test_a_lens_asks_and_then_applies_its_fix(tmp_path: Path, start: Start, agreed: bool) -> None:
    client, _, uri = begun(tmp_path, start, "ALTER TABLE orders ADD COLUMN state text;")
    asked: list[str] = []
    applied: list[Any] = []

    def choose(params: Any) -> Any:
        asked.append(params["message"])
        return params["actions"][0] if agreed else None

    def apply(params: Any) -> Any:
        applied.append(params["edit"])
        return {"applied": True}

    client.answers["window/showMessageRequest"] = choose
    client.answers["workspace/applyEdit"] = apply
    command = lenses(client, uri)[ROLLBACK]["command"]
    result = client.command(command["command"], *command["arguments"])
    assert result == {"applied": agreed}
    assert "0002_change.down.sql" in asked[0]
    assert ("DROP COLUMN state" in str(applied)) is agreed
