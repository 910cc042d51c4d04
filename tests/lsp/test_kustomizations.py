"""What an overlay changes, as an editor shows it: in the file that causes it, a moment after an edit."""

from pathlib import Path
from typing import Any

from tests.lsp.conftest import Start, write
from tests.lsp.stdio import Client

FILES = {
    "base/kustomization.yaml": "resources:\n  - web.yaml\n",
    "base/web.yaml": """apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry.example/web:1.4.2
""",
    "overlays/production/kustomization.yaml": "resources:\n  - ../../base\npatches:\n  - path: patch.yaml\n",
    "overlays/production/patch.yaml": """apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  revisionHistoryLimit: 5
""",
}
PATCH = "overlays/production/patch.yaml"


def until_told(client: Client, uri: str, rule: str, is_there: bool) -> list[Any]:
    """Wait until the diagnostics of a document hold a rule's, or do not; return those of the rule."""

    def wanted(message: Any) -> bool:
        told = message.get("params", {})
        if message.get("method") != "textDocument/publishDiagnostics" or told["uri"] != uri:
            return False
        return any(one["code"] == rule for one in told["diagnostics"]) is is_there

    found = client.until(wanted)["params"]["diagnostics"]
    return [one for one in found if one["code"] == rule]


def test_a_patch_is_told_of_what_it_brings_about(tmp_path: Path, start: Start) -> None:
    root = write(tmp_path / "w", FILES)
    client = start(root)
    client.settled()
    base, patch = client.open(root / "base/web.yaml"), client.open(root / PATCH)
    changed = FILES[PATCH].replace("revisionHistoryLimit: 5", "revisionHistoryLimit: 0")
    client.change(patch, 2, {"text": changed})
    (one,) = until_told(client, patch, "rollback-disabled", is_there=True)
    assert one["range"]["start"]["line"] == 5

    # In the base the patch has the last word, whatever is typed there.
    written = FILES["base/web.yaml"].replace("replicas: 2", "replicas: 2\n  revisionHistoryLimit: 0")
    client.change(base, 2, {"text": written})
    until_told(client, base, "rollback-disabled", is_there=True)
    client.change(patch, 3, {"text": FILES[PATCH]})
    until_told(client, base, "rollback-disabled", is_there=False)
