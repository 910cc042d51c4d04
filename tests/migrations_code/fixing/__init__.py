"""Fixes of migrations in programming languages: how they are written, and what the real tools make of them."""

from __future__ import annotations

from rollsafe.engine.fixing import choose_by_safety, fix_project
from rollsafe.workspace.settings import LevelName, Settings
from tests.checking import open_project

Files = dict[str, str]


def fixed(files: Files, level: LevelName = "regular", *rules: str) -> Files:
    """Return a project's files after all fixes, unsafe ones too."""
    project = open_project(files, Settings(level=level, select=rules) if rules else Settings(level=level))
    return {**files, **fix_project(project, choose_by_safety(unsafe=True)).result}


def rules_found(files: Files) -> list[str]:
    """Return the names of the rules that find something."""
    return sorted({one.rule.name for one in open_project(files).engine.all_findings()})
