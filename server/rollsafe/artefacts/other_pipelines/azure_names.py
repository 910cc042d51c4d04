"""How pipelines of Azure and their templates are named."""

import re
from collections.abc import Iterator
from posixpath import normpath
from typing import Final

from rollsafe.artefacts.source import SourceFile
from rollsafe.text.patterns import lazily

LARGEST: Final = 500_000
"""Characters up to which a file is read."""
_NAME = lazily(
    r"(?:^|/)(?:\.?azure[-_]?pipelines?[^/]*|\.?azure[-_]?pipelines?/.{1,200}|\.azuredevops/.{1,200}|\.vsts-ci)"
    r"\.ya?ml$",
    re.I,
)
_NAMED = lazily(r"""\btemplate['"]?[ \t]{0,8}:[ \t]{1,8}['"]?([^\s'"#{},$]{1,300})""")
_MOST_NAMED: Final = 2_000


def is_named_pipeline(path: str) -> bool:
    """Say whether a file is a pipeline, or part of one, by its name or the folder it lies in."""
    return _NAME.search(path) is not None


def path_of_template(name: str, directory: str) -> str | None:
    """Return the path that a file in `directory` means by the name of a template.

    None for what lies in another repository, or is not known before the pipeline runs.
    """
    path, _, repository = name.strip().partition("@")
    if not path or "$" in path or repository not in ("", "self"):
        return None
    path = path.replace("\\", "/")
    found = normpath(path.lstrip("/") if path.startswith("/") or not directory else f"{directory}/{path}")
    return None if found.startswith("..") else found


def named_templates(file: SourceFile) -> tuple[str, ...]:
    """Return the paths of the templates that a file may take in, without reading it as YAML."""
    if "template" not in file.text:
        return ()
    found: dict[str, None] = {}
    for match in _in_text(file.text):
        path = path_of_template(match, file.directory)
        if path is not None and len(found) < _MOST_NAMED:
            found[path] = None
    return tuple(found)


def _in_text(text: str) -> Iterator[str]:
    return (match[1] for match in _NAMED.finditer(text))
