"""Who is on the other side of an interface that breaks, as an editor shows it."""

from pathlib import Path
from typing import Any

from tests.interface_repository import FILES, ORDERS_EVENTS
from tests.lsp.conftest import Start, write
from tests.lsp.test_commands import git


def test_the_other_side_is_related_information(tmp_path: Path, start: Start) -> None:
    root = write(tmp_path / "w", FILES)
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "Services")
    client = start(root, options={"trusted": True})
    client.settled()
    uri = client.open(root / "services/orders/asyncapi.yaml")
    client.change(uri, 2, {"text": ORDERS_EVENTS.replace("integer", "string")})

    def broken(message: Any) -> list[Any]:
        told = message.get("params", {})
        is_told = message.get("method") == "textDocument/publishDiagnostics" and told["uri"] == uri
        found: list[Any] = told["diagnostics"] if is_told and told.get("version") == 2 else []
        return [one for one in found if one["code"] == "widened-response-schema"]

    (found,) = broken(client.until(lambda message: bool(broken(message))))
    related = [
        (one["location"]["uri"].rpartition("/w/")[2], one["message"]) for one in found["relatedInformation"]
    ]
    assert related == [
        ("services/mailer/asyncapi.yaml", "`mailer` reads from it, as its description says here"),
        ("compose.yaml", "`orders` provides it"),
    ]
    hover = client.result(
        "textDocument/hover", {"textDocument": {"uri": uri}, "position": found["range"]["start"]}
    )
    assert "no order of deployment is safe" in hover["contents"]["value"]
