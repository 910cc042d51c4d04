"""The extension's manifest agrees with its sources, its README, its server and what it promises.

These tests need no editor.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

import rollsafe

REPOSITORY = Path(__file__).resolve().parents[2]
EXTENSION = REPOSITORY / "editors" / "vscode"
LOCKS = ("package-lock.json", "smoke/package-lock.json")


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    return read_json("package.json")


@pytest.fixture(scope="module")
def sources() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in EXTENSION.glob("src/*.ts"))


@pytest.mark.parametrize("name", LOCKS)
def test_lock_pins_every_package_and_names_no_host(name: str) -> None:
    packages: dict[str, dict[str, Any]] = read_json(name)["packages"]
    dependencies = {key: package for key, package in packages.items() if key}
    assert [key for key, package in dependencies.items() if "resolved" in package] == []
    assert [key for key, package in dependencies.items() if "integrity" not in package] == []


def test_version_is_the_version_of_the_server(manifest: dict[str, Any]) -> None:
    assert manifest["version"] == rollsafe.__version__
    changelog = (EXTENSION / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {manifest['version']}\n" in changelog


def test_license_is_the_license_of_the_project() -> None:
    assert (EXTENSION / "LICENSE").read_bytes() == (REPOSITORY / "LICENSE").read_bytes()


def test_every_command_is_registered(manifest: dict[str, Any], sources: str) -> None:
    declared = {command["command"] for command in manifest["contributes"]["commands"]}
    registered = set(re.findall(r'registerCommand\("([^"]+)"', sources))
    assert declared == registered


def test_commands_do_not_take_the_names_of_the_server(manifest: dict[str, Any]) -> None:
    """The client registers the server's commands itself and a name can be taken once."""
    declared = {command["command"] for command in manifest["contributes"]["commands"]}
    assert declared.isdisjoint({"rollsafe.plan", "rollsafe.explain", "rollsafe.review"})


def test_readme_lists_every_setting_with_its_default(manifest: dict[str, Any]) -> None:
    settings: dict[str, dict[str, Any]] = manifest["contributes"]["configuration"]["properties"]
    expected = {name: shown(setting["default"]) for name, setting in settings.items()}
    readme = (EXTENSION / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(rollsafe\.[\w.]+)` \| *(`[^`]*`)? *\|", readme, flags=re.MULTILINE)
    assert dict(rows) == expected


def test_settings_that_start_programs_or_use_the_network_need_trust(
    manifest: dict[str, Any],
) -> None:
    trust = manifest["capabilities"]["untrustedWorkspaces"]
    settings = manifest["contributes"]["configuration"]["properties"]
    sensitive = {name for name in settings if name.startswith(("rollsafe.server.", "rollsafe.ai."))}
    assert trust["supported"] == "limited"
    assert sensitive <= set(trust["restrictedConfigurations"]) <= set(settings)


def test_only_the_user_allows_a_model_to_be_asked(manifest: dict[str, Any]) -> None:
    """Neither a workspace nor a development container can set what is of scope `application`."""
    settings = manifest["contributes"]["configuration"]["properties"]
    scopes = {name: one["scope"] for name, one in settings.items() if name.startswith("rollsafe.ai.")}
    assert scopes == {"rollsafe.ai.enabled": "application", "rollsafe.ai.model": "application"}


def test_problem_matcher_reads_concise_output(
    manifest: dict[str, Any], workspace: Path, server: Path
) -> None:
    command = [str(server), "check", str(workspace), "--format", "concise", "--exit-zero", "--quiet"]
    output = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    pattern = manifest["contributes"]["problemMatchers"][0]["pattern"]
    found = [re.fullmatch(pattern["regexp"], line) for line in output.splitlines()]
    assert found
    for match in found:
        assert match, output
        assert Path(match[pattern["file"]]).name in {"orders.yaml", "0002_add_index.up.sql"}
        assert match[pattern["severity"]] in {"error", "warning"}
        assert re.fullmatch(r"[a-z-]+", match[pattern["code"]])


def read_json(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((EXTENSION / name).read_text(encoding="utf-8"))
    return content


def shown(default: object) -> str:
    if default == "":
        return ""
    return f"`{default}`" if isinstance(default, str) else f"`{json.dumps(default)}`"
