"""Ignore patterns agree with git itself."""

import subprocess
from pathlib import Path

import pytest

from rollsafe.workspace.disk import load_projects
from rollsafe.workspace.ignore_files import read_ignore_file

PATHS = [
    "a.yaml", "build/x.yaml", "src/build/x.yaml", "logs/one.yaml", "logs/keep.yaml", "doc/a.yaml",
    "doc/deep/b.yaml", "x/doc/c.yaml", "tmp1.yaml", "tmp22.yaml", "foo bar.yaml", "deep/er/still/z.yaml",
    "#odd.yaml", "!bang.yaml", "k8s/gen.yaml", "vendor2/v.yaml", "sub/own.yaml", "sub/kept.yaml",
]  # fmt: skip
PATTERNS = """\
# comment
build/
/logs/*
!/logs/keep.yaml
doc/**/b.yaml
tmp?.yaml
foo\\ bar.yaml
deep/**
\\#odd.yaml
\\!bang.yaml
k8s/gen*
[v]endor2
"""


def test_the_same_files_are_left_out_as_by_git(tmp_path: Path) -> None:
    for path in PATHS:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("a: 1\n")
    (tmp_path / ".gitignore").write_text(PATTERNS)
    (tmp_path / "sub" / ".gitignore").write_text("*.yaml\n!kept.yaml\n")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    listed = subprocess.run(
        ["git", "ls-files", "--others", "--exclude-standard", "-z"],
        cwd=tmp_path, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    by_git = {path for path in listed.split("\0") if path.endswith(".yaml")}
    [project] = load_projects(str(tmp_path))
    assert set(project.files) == by_git


@pytest.mark.parametrize("pattern", ["[z-a]", "[", "***", "\\", "!" * 50, "a" * 10_000, "*a" * 60 + "b"])
def test_odd_patterns_neither_raise_nor_stall(pattern: str) -> None:
    ignore = read_ignore_file(pattern + "\n", "")
    assert ignore.verdict("a" * 200, is_directory=False) in (None, True, False)
