"""Telling Dockerfiles from other files with such a name."""

import re
from typing import Final

from rollsafe.artefacts.base import Artefact, Sections
from rollsafe.artefacts.dockerfile.stages import SEEN_FROM_STAGES, Dockerfile
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.dockerfile import read_dockerfile
from rollsafe.formats.dockerfile_nodes import KEYWORDS, DockerfileTree, Instruction
from rollsafe.text.patterns import lazily

_NAME = lazily(r"(?:[Dd]ockerfile|[Cc]ontainerfile)(?:[._-].*)?\Z|.*\.[Dd]ockerfile\Z")
_OTHER_SUFFIX = lazily(
    r"\.(?:md|markdown|rst|txt|html?|adoc|json|ya?ml|toml|lock|log|dockerignore|containerignore"
    r"|j2|jinja2?|tmpl|tpl|template|gotmpl|erb|mustache|in|bak|orig|rej|patch|diff)\Z",
    re.I,
)
_SOURCE_SUFFIX = lazily(r"\.(?:py|go|rb|js|ts|tsx|java|rs|php|sh|c|h|cs|kt|lua|vim)\Z")
_ARGUMENT = lazily(r"[A-Za-z_]\w*(?:=|\Z)", re.A)
_FEW: Final = 1


class DockerfileArtefact(Artefact):
    """A Dockerfile: the file, its stages and its instructions as elements."""

    kind = "dockerfile"

    def __init__(self, dockerfile: Dockerfile) -> None:
        elements = (dockerfile, *dockerfile.stages, *dockerfile.instructions)
        super().__init__(dockerfile.file, elements, dockerfile.tree.problems)
        self.dockerfile = dockerfile

    @property
    def sections(self) -> Sections:
        """Its stages, and what precedes them."""
        dockerfile = self.dockerfile
        return Sections(
            sections=tuple([stage.section() for stage in dockerfile.stages]),
            loose=(dockerfile, *dockerfile.preamble),
            all_rest_on=dockerfile.surroundings,
            hub=dockerfile,
            names=SEEN_FROM_STAGES,
        )


def recognise(file: SourceFile) -> DockerfileArtefact | None:
    """Return the view of a Dockerfile; None when name or content say that it is something else.

    Documentation about a Dockerfile and templates of one are something else.
    """
    if not _is_named_so(file.name):
        return None
    tree = read_dockerfile(file.text)
    if not _reads_so(tree):
        return None
    return DockerfileArtefact(Dockerfile(file, tree))


def _is_named_so(name: str) -> bool:
    if _NAME.match(name) is None or _OTHER_SUFFIX.search(name) is not None:
        return False
    # `dockerfile.go` is source text about Dockerfiles, `Dockerfile.go` builds something with Go.
    return name[0].isupper() or _SOURCE_SUFFIX.search(name) is None


def _reads_so(tree: DockerfileTree) -> bool:
    """Say whether the content is a Dockerfile, a part of one, or the beginning of one."""
    instructions = tree.instructions
    if any(_is_telling(one) for one in instructions):
        return True
    if len(instructions) <= _FEW:
        return not instructions or _begins_keyword(instructions[0])
    known = sum(one.is_known for one in instructions)
    return known * 2 >= len(instructions)


def _is_telling(instruction: Instruction) -> bool:
    """Say whether this is a well-formed FROM or ARG, which other texts do not hold by chance."""
    words = instruction.words if instruction.keyword in ("FROM", "ARG") else ()
    if instruction.keyword == "FROM":
        return len(words) == 1 or (len(words) == 3 and words[1].text.upper() == "AS")
    return bool(words) and _ARGUMENT.match(words[0].text) is not None


def _begins_keyword(instruction: Instruction) -> bool:
    return any(keyword.startswith(instruction.keyword) for keyword in KEYWORDS)
