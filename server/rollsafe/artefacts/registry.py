"""Which kind of file is this: the one place that knows all artefact modules.

A module is imported when the first file needs it, so that a run over one Dockerfile does not pay for the
SQL grammar.
"""

import re
from collections.abc import Callable
from importlib import import_module
from typing import Final, cast

from rollsafe.artefacts.base import Artefact
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Tree
from rollsafe.formats.yaml import read_yaml

_TEXT_READERS: Final = (
    ("recognise", "migrations.migration", re.compile(r"\.sql$")),
    ("recognise", "dockerfile", re.compile(r"(^|/)(Dockerfile|Containerfile)[^/]*$|\.[Dd]ockerfile$")),
    ("recognise", "dotenv", re.compile(r"(^|/)\.env[^/]*$|\.env$")),
    ("recognise", "plan_document", re.compile(r"\.(md|markdown)$")),
    ("recognise_makefile", "scripts", re.compile(r"(^|/)(GNUm|M|m)akefile$|\.mk$")),
    ("recognise_shell_script", "scripts", re.compile(r"\.(sh|bash)$")),
)
_TREE_READERS: Final = (
    ("recognise", "github_workflow"),
    ("recognise", "compose"),
    ("recognise", "kubernetes"),
    ("recognise", "step_functions"),
)
_YAML = re.compile(r"\.ya?ml$")
_JSON = re.compile(r"\.json$")
_LOCK = re.compile(r"(^|/)(package-lock|npm-shrinkwrap|composer\.lock|tsconfig[^/]*|[^/]*\.min)\.json$")
_JSON_HINTS: Final = ('"StartAt"', '"apiVersion"', '"AWSTemplateFormatVersion"', '"Resources"')


def is_candidate(path: str) -> bool:
    """Say by name alone whether a file may be something we read."""
    if _YAML.search(path):
        return True
    if _JSON.search(path):
        return not _LOCK.search(path)
    return any(pattern.search(path) for _, _, pattern in _TEXT_READERS)


def read(file: SourceFile) -> Artefact | None:
    """Return the typed view of `file`, or None when it is nothing we know."""
    if _YAML.search(file.path):
        return _read_tree(file)
    if _JSON.search(file.path):
        return _read_json(file)
    for function, module, pattern in _TEXT_READERS:
        if pattern.search(file.path):
            reader = cast("Callable[[SourceFile], Artefact | None]", _load(module, function))
            return reader(file)
    return None


def _read_tree(file: SourceFile) -> Artefact | None:
    tree = read_yaml(file.text)
    for function, module in _TREE_READERS:
        reader = cast("Callable[[SourceFile, Tree], Artefact | None]", _load(module, function))
        artefact = reader(file, tree)
        if artefact is not None:
            return artefact
    return None


def _read_json(file: SourceFile) -> Artefact | None:
    if file.name == "package.json":
        reader = cast("Callable[[SourceFile, Tree], Artefact | None]", _load("scripts", "recognise_package"))
        return reader(file, read_yaml(file.text))
    return _read_tree(file) if any(hint in file.text for hint in _JSON_HINTS) else None


def _load(module: str, function: str) -> object:
    return getattr(import_module(f"rollsafe.artefacts.{module}"), function)
