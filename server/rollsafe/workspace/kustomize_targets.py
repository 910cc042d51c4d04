"""Which objects a patch of a kustomization is for, and whether they are there."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import is_placeholder
from rollsafe.artefacts.kubernetes.kustomization import Patch
from rollsafe.formats.nodes import Mapping
from rollsafe.formats.yaml import read_yaml
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.kustomize_build import Build, objects_in

_PLAIN: Final = re.compile(r"[\w.-]*")
_LONGEST: Final = 253


class PatchTarget(NamedTuple):
    """What a patch is for; None means any. `is_required` tells that the build stops without it."""

    kind: str | None
    name: str | None
    is_required: bool

    def matches(self, build: Build) -> bool:
        """Say whether it is, or may be, among what is built."""
        kind = self.kind
        if kind is not None and _PLAIN.fullmatch(kind) is None:
            return True
        names = build.names_of(kind)
        if self.name is None:
            return bool(names)
        if self.name in names or is_placeholder(self.name):
            return True
        if _PLAIN.fullmatch(self.name) is None:
            return True
        # A dot is a dot in most names, but an expression matches any character with it.
        pattern = re.compile(self.name.replace(".", r"[^\n]")) if len(self.name) <= _LONGEST else None
        return pattern is None or any(pattern.fullmatch(name) for name in names)


def targets_of(patch: Patch, graph: Graph) -> Iterator[PatchTarget]:
    """Yield what a patch is for, as far as it is written where it can be read."""
    has_target = patch.node.at("target") is not None
    if has_target:
        if patch.target_kind or patch.target_name:
            is_required = patch.field == "patchesJson6902"
            yield PatchTarget(patch.target_kind, patch.target_name, is_required)
        return
    if patch.body is not None:
        for document in read_yaml(patch.body.text).documents:
            kind, name = document.text_at("kind"), document.text_at("metadata", "name")
            if isinstance(document, Mapping) and kind and name:
                yield PatchTarget(kind, name, is_required=True)
    elif patch.file is not None and patch.file.path is not None:
        for one in objects_in(patch.file.path, graph):
            if one.has_static_name:
                yield PatchTarget(one.kind, one.name, is_required=True)
