"""What the words of a task stand for in a project: kinds of files, by path or by the name of a thing."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from rollsafe.artefacts.base import Artefact
from rollsafe.artefacts.registry import read
from rollsafe.workspace.inventory import service_names, table_names
from rollsafe.workspace.snapshot import Snapshot
from rollsafe.workspace.surroundings import all_placed
from rollsafe.workspace.view import View, view_of

_BY_NAME: Final = (
    ("migration", re.compile(r"\.sql$|(?:^|/)migrations?/")),
    ("dockerfile", re.compile(r"(?:^|/)(?:Dockerfile|Containerfile)|\.[Dd]ockerfile$")),
    ("github-workflow", re.compile(r"(?:^|/)\.github/(?:workflows|actions)/")),
    ("step-functions", re.compile(r"\.asl(?:\.json)?$|\.asl\.ya?ml$")),
    ("compose", re.compile(r"(?:^|/)(?:docker-)?compose[\w.-]*\.ya?ml$")),
    ("helm-chart", re.compile(r"(?:^|/)Chart\.yaml$|(?:^|/)values[\w.-]*\.yaml$")),
    ("kustomization", re.compile(r"(?:^|/)kustomization\.ya?ml$")),
    ("kubernetes", re.compile(r"(?:^|/)(?:k8s|kubernetes|manifests|deploy)/[^ ]*\.ya?ml$")),
    ("dotenv", re.compile(r"(?:^|/)\.env[\w.-]*$")),
    ("codeowners", re.compile(r"(?:^|/)CODEOWNERS$")),
    ("plan-document", re.compile(r"(?:^|/)(?:plans?|adrs?|rfcs?|designs?|decisions)/[^ ]*\.md$", re.I)),
)
_PATH_ONLY: Final = re.compile(r"[./]|^[A-Z]")


def kinds_in(snapshot: Snapshot) -> Callable[[str], Iterable[str]]:
    """Return what tells the kinds of artefacts that a path or a name stands for in a project.

    A path that the project does not have is known by its looks alone.
    """
    artefacts = [
        artefact for file in all_placed(snapshot.files.values()) if (artefact := read(file)) is not None
    ]
    view = view_of(artefacts, snapshot.paths, snapshot.files.get)
    by_path = {artefact.file.path: artefact for artefact in artefacts}
    named = dict(_names(view))

    def kinds_of(word: str) -> Iterator[str]:
        if _PATH_ONLY.search(word):
            found = _at(word, by_path)
            looks = (kind for kind, pattern in _BY_NAME if pattern.search(word))
            yield from [one.kind for one in found if one.kind] or list(looks)[:1]
        elif word in named:
            yield named[word]

    return kinds_of


def _names(view: View) -> Iterator[tuple[str, str]]:
    yield from ((name, "migration") for name in sorted(table_names(view.graph)))
    yield from ((name, "kubernetes") for name in sorted(service_names(view.graph)))


def _at(word: str, by_path: dict[str, Artefact]) -> list[Artefact]:
    """Return the artefact at a path, or those whose path ends in it."""
    exact = by_path.get(word.removeprefix("./"))
    if exact is not None:
        return [exact]
    return [artefact for path, artefact in by_path.items() if path.endswith(f"/{word}")][:5]
