"""Resources of templates: CloudFormation, SAM, and the resources of the Serverless Framework."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.cloud.resources import Resource, reference_of, resources_in
from rollsafe.artefacts.purposes import is_development_path
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.yaml import read_yaml
from rollsafe.workspace.view import View

_LARGEST: Final = 500_000
_ENDINGS: Final = (".yaml", ".yml", ".json", ".template")
_TYPED = re.compile(r"""["']?Type["']?\s*:\s*["']?AWS::""")

__all__ = ["Resource", "reference_of", "resources_of"]


def resources_of(view: View) -> tuple[Resource, ...]:
    """Return the resources of all templates, by path and place."""
    return tuple(one for path in sorted(view.paths) if _may_be(path) for one in _inside(view.read(path)))


def _may_be(path: str) -> bool:
    return path.endswith(_ENDINGS) and not is_development_path(path)


def _inside(file: SourceFile | None) -> Iterator[Resource]:
    if file is None or len(file.text) > _LARGEST or not _TYPED.search(file.text):
        return
    documents = read_yaml(file.text).documents
    yield from resources_in(file, documents[0] if documents else None)
