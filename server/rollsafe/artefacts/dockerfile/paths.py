"""Paths inside of an image, and the directory an instruction works in."""

import posixpath
import re
from typing import Final

from rollsafe.artefacts.dockerfile.elements import DockerInstruction

_ABSOLUTE: Final = re.compile(r"[\"']?(?:/|[A-Za-z]:|\\)")
_WITH_DIRECTORY: Final = frozenset({"golang", "php", "wordpress", "tomcat", "jekyll", "rust-musl-builder"})
"""Official images that set a WORKDIR of their own which people rely on."""


def is_absolute(path: str) -> bool:
    """Say whether a path is absolute, on Windows too."""
    return _ABSOLUTE.match(path) is not None


def directory_at(instruction: DockerInstruction) -> str | None:
    """Return the directory in force above an instruction; None where the base image or a variable decides."""
    found: list[str] = []
    for path in reversed(_said_before(instruction)):
        found.append(path)
        if is_absolute(path):
            joined = posixpath.normpath(posixpath.join(*reversed(found)))
            return None if "$" in joined else joined
        if "$" in path:
            return None
    return None


def has_directory(instruction: DockerInstruction) -> bool:
    """Say whether a WORKDIR stands before an instruction, or its base image is known to set one."""
    if _said_before(instruction):
        return True
    image = instruction.stage.root.image if instruction.stage is not None else None
    return image is not None and image.name in _WITH_DIRECTORY


def _said_before(instruction: DockerInstruction) -> list[str]:
    """Return what the WORKDIRs above an instruction say, those of stages it builds on first."""
    own = list(instruction.before)
    for stage in instruction.stage.lineage[1:] if instruction.stage is not None else ():
        own = [*stage.instructions, *own]
    words = (one.argument for one in own if one.keyword == "WORKDIR")
    return [word.text for word in words if word is not None]
