"""Charts as `Chart.yaml` describes them, with their locks and the conditions of their dependencies."""

import hashlib
import json

import pytest

from tests.checking import ALL_RULES, check_rule, try_fixes

HEAD = "apiVersion: v2\nname: shop\nversion: 1.0.0\n"
DATABASE = "- name: postgresql\n  version: 15.5.38\n  repository: https://charts.example.com\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD, None),
        (HEAD.replace("1.0.0", "1.0"), None),
        (HEAD.replace("1.0.0", "1.0.0-rc.1+3"), None),
        (HEAD.replace("1.0.0", "{{ version }}"), None),
        (HEAD.replace("1.0.0", "latest"), "`latest` is no semantic version"),
        (HEAD.replace("version: 1.0.0\n", ""), "chart `shop` has no `version`"),
        (f"{HEAD}type: library\n", None),
        (f"{HEAD}type: app\n", "Helm knows no charts of type `app`"),
        (f"{HEAD}dependencies:\n{DATABASE}{DATABASE}  alias: other\n", None),
        (
            f"{HEAD}dependencies:\n{DATABASE}{DATABASE}",
            "chart `shop` brings along two charts called `postgresql`",
        ),
        (HEAD.replace("v2", "v1") + f"dependencies:\n{DATABASE}", "chart `shop` is of `apiVersion: v1`"),
        ("name: shop\nversion: 1.0.0\n", "chart `shop` has no `apiVersion`"),
    ],
)
def test_what_helm_refuses(text: str, said: str | None) -> None:
    found = check_rule("invalid-chart", {"c/Chart.yaml": text})
    assert [one.message.startswith(said or "") for one in found] == ([True] if said else [])


def lock(wanted: list[dict[str, object]], version: str = "15.5.38") -> str:
    """Return a lock of one chart as Helm writes it."""
    chosen = {"name": "postgresql", "version": version, "repository": "https://charts.example.com"}
    text = (
        json.dumps([wanted, [chosen]], separators=(",", ":")).replace(">", "\\u003e").replace("<", "\\u003c")
    )
    lines = "".join(f"{'- ' if key == 'name' else '  '}{key}: {value}\n" for key, value in chosen.items())
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f'dependencies:\n{lines}digest: sha256:{digest}\ngenerated: "2026-05-04T10:00:00Z"\n'


EXACT: dict[str, object] = {
    "name": "postgresql", "version": "15.5.38", "repository": "https://charts.example.com"
}  # fmt: skip


@pytest.mark.parametrize(
    ("dependency", "wanted", "is_stale"),
    [
        (DATABASE, EXACT, False),
        (f"{DATABASE}  alias: db\n", EXACT, True),
        (f"{DATABASE}  alias: db\n", {**EXACT, "alias": "db"}, False),
        (
            f"{DATABASE}  alias: db\n  condition: db.on\n",
            {**EXACT, "condition": "db.on", "alias": "db"},
            False,
        ),
        (DATABASE.replace("15.5.38", '">=15.0.0 <16"'), {**EXACT, "version": ">=15.0.0 <16"}, False),
        (DATABASE.replace("15.5.38", "15.5.39"), EXACT, True),
        (f"{DATABASE}  tags: [back, end]\n", {**EXACT, "tags": ["back", "end"]}, False),
        (f"{DATABASE}  tags: [on]\n", EXACT, False),
        (f"{DATABASE}  import-values: [data]\n", EXACT, False),
        (DATABASE.replace("https://charts.example.com", '"@examples"'), EXACT, False),
    ],
)
def test_locks_are_of_the_dependencies(dependency: str, wanted: dict[str, object], is_stale: bool) -> None:
    files = {"c/Chart.yaml": f"{HEAD}dependencies:\n{dependency}", "c/Chart.lock": lock([wanted])}
    assert len(check_rule("stale-chart-lock", files)) == is_stale


def test_a_lock_of_other_charts_is_made_by_helm() -> None:
    cache = DATABASE.replace("postgresql", "redis")
    files = {"c/Chart.yaml": f"{HEAD}dependencies:\n{DATABASE}{cache}", "c/Chart.lock": lock([EXACT])}
    (found,) = check_rule("stale-chart-lock", files)
    assert found.message.endswith("it has no `redis`")
    assert not try_fixes(files, next(one for one in ALL_RULES if one.name == "stale-chart-lock"))


@pytest.mark.parametrize("text", ["", "[]", "digest: 3\n", "dependencies: 3\ndigest: a\n", "{{", "\0"])
def test_locks_of_any_kind_are_read(text: str) -> None:
    files = {"c/Chart.yaml": f"{HEAD}dependencies:\n{DATABASE}", "c/Chart.lock": text}
    assert len(check_rule("stale-chart-lock", files)) < 2


@pytest.mark.parametrize(
    ("condition", "values", "near"),
    [
        ("postgresql.enabled", "postgresql: {enabled: true}\n", None),
        ("postgres.enabled", "postgresql: {enabled: true}\n", "postgresql.enabled"),
        ("postgresql.enable", "postgresql: {enabled: true}\n", "postgresql.enabled"),
        ("a.b, postgresql.enabled", "postgresql: {enabled: true}\n", None),
        ("database.internal", "other: 1\n", ""),
        ("global.database", "global: {}\n", ""),
    ],
)
def test_conditions_lead_to_values(condition: str, values: str, near: str | None) -> None:
    files = {
        "c/Chart.yaml": f"{HEAD}dependencies:\n{DATABASE}  condition: {condition}\n",
        "c/values.yaml": values,
    }
    found = check_rule("ineffective-chart-condition", files)
    assert [
        f"the nearest is `{near}`" in one.message if near else one.severity == "info" for one in found
    ] == ([] if near is None else [True])
    assert not check_rule("ineffective-chart-condition", {"c/Chart.yaml": files["c/Chart.yaml"]})


def test_values_of_environments_count_for_conditions() -> None:
    files = {
        "c/Chart.yaml": f"{HEAD}dependencies:\n{DATABASE}  condition: db.on\n",
        "c/values.yaml": "a: 1\n",
        "c/values-production.yaml": "db: {on: false}\n",
    }
    assert not check_rule("ineffective-chart-condition", files)


@pytest.mark.parametrize(
    ("version", "more", "is_told"),
    [
        ("15.5.38", {}, False),
        ("v15.5.38", {}, False),
        ('"^15.0.0"', {}, True),
        ("15.x.x", {}, True),
        ('"^15.0.0"', {"c/Chart.lock": lock([EXACT])}, False),
    ],
)
def test_versions_that_are_open(version: str, more: dict[str, str], is_told: bool) -> None:
    text = f"{HEAD}dependencies:\n{DATABASE.replace('15.5.38', version)}"
    assert bool(check_rule("unlocked-chart-dependency", {"c/Chart.yaml": text, **more})) == is_told
    local = text.replace("https://charts.example.com", "file://../postgresql")
    assert not check_rule("unlocked-chart-dependency", {"c/Chart.yaml": local})
