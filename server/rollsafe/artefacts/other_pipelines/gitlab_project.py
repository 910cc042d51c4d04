"""The files of one pipeline of GitLab: which it includes, and whether all of them are known."""

from functools import lru_cache
from typing import Final

from rollsafe.artefacts.other_pipelines.included import Included
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.formats.yaml import read_yaml
from rollsafe.text.tuples import NamedTuple

_MOST: Final = 60


class Project(NamedTuple):
    """The roots of the other files of a pipeline, and whether nothing else belongs to it.

    `first` is the root of the file the pipeline begins with, where that is another file.
    """

    others: tuple[Mapping, ...]
    is_whole: bool
    first: Mapping | None = None


def project_of(file: SourceFile, root: Mapping) -> Project:
    """Return what a file belongs together with."""
    around = file.around
    if not isinstance(around, Included):
        return Project((), root.at("include") is None)
    found = files_of(around)
    if file.path not in found:
        return Project((), is_whole=False)
    texts = dict(around.texts)
    roots = {path: root if path == file.path else _root(texts[path]) for path in found if path in texts}
    others = tuple(one for path, one in roots.items() if path != file.path and one is not None)
    is_whole = len(roots) == len(found) == len(others) + 1 and all(found.values())
    is_whole = is_whole and all(one.entry("<<") is None for one in others)
    return Project(others, is_whole, roots.get(around.root) if around.root != file.path else None)


@lru_cache(maxsize=32)
def files_of(around: Included) -> dict[str, bool]:
    """Return the files of a pipeline, itself first, each with whether it only includes local ones."""
    home = around.root.rpartition("/")[0]
    texts, found = dict(around.texts), dict[str, bool]()
    pending = [around.root]
    for path in pending:
        if path in found or len(found) > _MOST:
            continue
        root = _root(texts[path]) if path in texts else None
        names, is_known = _included(root.at("include")) if root is not None else ([], False)
        found[path] = is_known
        pending += [f"{home}/{name}" if home else name for name in names]
    return found


@lru_cache(maxsize=128)
def _root(text: str) -> Mapping | None:
    """Return the mapping that holds a file's jobs; None where the file cannot be read."""
    tree = read_yaml(text)
    found = [one for one in tree.documents if isinstance(one, Mapping)]
    found = [one for one in found if len(found) == 1 or one.at("spec") is None]
    return found[0] if found and not tree.problems else None


def _included(node: Node | None) -> tuple[list[str], bool]:
    """Return the local files an `include` names, and whether these are all it takes in."""
    items = [node] if isinstance(node, (Scalar, Mapping)) else node.items_at() if node is not None else []
    names: list[str] = []
    for item in items:
        local = item if isinstance(item, Scalar) else item.at("local")
        text = local.text if isinstance(local, Scalar) and local.tag is None else ""
        if not text or "://" in text or any(sign in text for sign in "*$"):
            return names, False
        if isinstance(item, Mapping) and item.at("rules") is not None:
            return names, False
        names.append(text.strip().lstrip("/").removeprefix("./"))
    return names, True
