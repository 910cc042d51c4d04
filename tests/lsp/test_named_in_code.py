"""Code that still names what a migration takes away, as an editor shows it."""

from pathlib import Path
from typing import Any

from tests.lsp.conftest import Start, write
from tests.lsp.stdio import Client

FILES = {
    "db/migrations/V1__orders.sql": "CREATE TABLE orders (id bigint PRIMARY KEY, total bigint, note text);\n",
    "db/migrations/V2__total.sql": "ALTER TABLE orders DROP COLUMN total;\n",
    "src/bill.rb": "def bill(order)\n  order.total\nend\n",
    "src/mail.rb": "def mail(order)\n  order.note\nend\n",
}


def dropped(diagnostics: list[Any]) -> list[Any]:
    return [one for one in diagnostics if one["code"] == "column-dropped"]


def places(client: Client, uri: str, version: int) -> list[tuple[str, str]]:
    """The related places of the one dropped column, once there are any."""

    def wanted(message: Any) -> bool:
        told = message.get("params", {})
        if message.get("method") != "textDocument/publishDiagnostics" or told["uri"] != uri:
            return False
        return told.get("version") == version and any(
            one.get("relatedInformation") for one in dropped(told["diagnostics"])
        )

    (found,) = dropped(client.until(wanted)["params"]["diagnostics"])
    related = found["relatedInformation"]
    return [(one["location"]["uri"].rpartition("/")[2], one["message"]) for one in related]


def test_places_are_shown_when_a_project_was_read_and_after_what_is_typed(
    tmp_path: Path, start: Start
) -> None:
    root = write(tmp_path / "w", FILES)
    client = start(root)
    client.settled()
    uri = client.open(root / "db/migrations/V2__total.sql")
    assert places(client, uri, 1) == [("bill.rb", "`orders.total` is still named here")]
    position = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 25}}
    hover = client.result("textDocument/hover", position)
    assert "one file still names it" in hover["contents"]["value"]

    client.change(uri, 2, {"text": "ALTER TABLE orders DROP COLUMN note;\n"})
    assert places(client, uri, 2) == [("mail.rb", "`orders.note` is still named here")]

    write(root, {"src/more.rb": "def more(order)\n  order.note\nend\n"})
    client.notify(
        "workspace/didChangeWatchedFiles",
        {"changes": [{"uri": (root / "src/more.rb").as_uri(), "type": 1}]},
    )
    client.change(uri, 3, {"text": "ALTER TABLE orders DROP COLUMN note; \n"})
    expected = [(name, "`orders.note` is still named here") for name in ("mail.rb", "more.rb")]
    while places(client, uri, 3) != expected:
        pass
