"""Charts as an editor shows them: findings in templates and values, told when nothing is typed."""

from pathlib import Path
from typing import Any

from tests.lsp.conftest import Start, write
from tests.lsp.stdio import Client
from tests.rules.test_rendered_charts import TEMPLATE, VALUES, chart

RULE = "recreate-strategy"


def until_lines(client: Client, uri: str, lines: list[int]) -> None:
    """Wait until the diagnostics of a document tell the rule's findings on these lines."""

    def wanted(message: Any) -> bool:
        told = message.get("params", {})
        if message.get("method") != "textDocument/publishDiagnostics" or told["uri"] != uri:
            return False
        found = [one["range"]["start"]["line"] for one in told["diagnostics"] if one["code"] == RULE]
        return found == lines

    client.until(wanted)


def test_values_and_templates_are_told_of_each_other(tmp_path: Path, start: Start) -> None:
    files = chart()
    root = write(tmp_path / "w", files)
    client = start(root)
    client.settled()
    values, template = client.open(root / "chart/values.yaml"), client.open(root / TEMPLATE)
    client.change(values, 2, {"text": VALUES.replace("RollingUpdate", "Recreate")})
    until_lines(client, values, [1])
    client.change(values, 3, {"text": "# more\n" + VALUES.replace("RollingUpdate", "Recreate")})
    until_lines(client, values, [2])
    client.change(template, 2, {"text": files[TEMPLATE].replace("{{ .Values.strategy }}", "RollingUpdate")})
    until_lines(client, values, [])


def test_what_many_templates_read_is_judged_in_a_pause(tmp_path: Path, start: Start) -> None:
    files = chart()
    for number in range(12):
        own = files[TEMPLATE].replace("name: {{ .Release.Name }}", f"name: web-{number}")
        files[f"chart/templates/web-{number}.yaml"] = own
    root = write(tmp_path / "w", files)
    client = start(root)
    client.settled()
    values = client.open(root / "chart/values.yaml")
    client.change(values, 2, {"text": VALUES.replace("RollingUpdate", "Recreate")})
    until_lines(client, values, [1])
    client.change(values, 3, {"text": VALUES})
    until_lines(client, values, [])
