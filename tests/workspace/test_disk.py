"""What a walk reads, what it leaves out, and what it says about it."""

import os
from pathlib import Path

import pytest

from rollsafe.workspace.disk import find_root, load_projects
from rollsafe.workspace.settings import ConfigurationError, parse_settings


def write(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def test_nested_roots_are_isolated(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"a.yaml": "a: 1", "in/rollsafe.toml": "root = true", "in/b.yaml": "b: 1", "in/c/d.yaml": "d: 1"},
    )
    outer, inner = load_projects(str(tmp_path))
    assert set(outer.files) == {"a.yaml"}
    assert set(inner.files) == {"b.yaml", "c/d.yaml"}
    assert find_root(str(tmp_path / "in" / "c" / "d.yaml")) == str(tmp_path / "in")


def test_unreadable_things_are_skipped_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "bin.yaml").write_bytes(b"a\0b")
    (tmp_path / "latin.sql").write_bytes(b"-- \xe9\n")
    (tmp_path / "big.yaml").write_bytes(b"a" * 5_000_000)
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "ok.yaml").write_text("a: 1\n")
    [project] = load_projects(str(tmp_path))
    assert set(project.files) == {"ok.yaml"}
    assert {(s.path, s.reason) for s in project.skipped} == {
        ("bin.yaml", "binary file"),
        ("latin.sql", "not UTF-8 at byte 3"),
        ("big.yaml", "larger than 4 MiB"),
        ("pipe.yaml", "not a regular file"),
    }


def test_copies_and_test_inputs_are_known_but_not_read(tmp_path: Path) -> None:
    write(tmp_path, {"vendor/x.yaml": "a: 1", "node_modules/y.yaml": "a: 1", "k/testdata/z.yaml": "a: 1"})
    [project] = load_projects(str(tmp_path))
    assert not project.files
    assert project.paths == {"vendor/x.yaml", "k/testdata/z.yaml"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("level = 'loud'\n", "rollsafe.toml:1: Invalid enum value 'loud' (in `level`)"),
        ("\nlevl = 'regular'\n", "rollsafe.toml:2: unknown key `levl`"),
        (
            "[migrations]\ndialect = 3\n",
            "rollsafe.toml:2: Expected `str`, got `int` (in `migrations.dialect`)",
        ),
        ("[migrations]\npg = '1'\n", "rollsafe.toml:2: unknown key `pg` (in `migrations.pg`)"),
        ("a = [\n", "rollsafe.toml: not valid TOML:"),
    ],
)
def test_a_bad_configuration_names_the_place(text: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        parse_settings(text, "rollsafe.toml")
    assert str(raised.value).startswith(message)


def test_pyproject_table() -> None:
    settings = parse_settings("[tool.rollsafe]\nlevel = 'pedantic'\n", "x/pyproject.toml")
    assert settings.level == "pedantic"
