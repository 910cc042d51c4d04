"""`Chart.lock`: which versions of other charts a chart brings along, chosen for which dependencies."""

from collections.abc import Iterable
from typing import ClassVar, Final

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.kubernetes.helm_chart import HelmChart
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar

_FIELDS: Final = ("name", "version", "repository", "condition", "tags", "alias")
_UNTOLD: Final = ("enabled", "import-values")
"""What the digest holds as well, in forms that are not followed."""


class ChartLock(Element):
    """A `Chart.lock`."""

    family = "kubernetes"

    def __init__(self, file: SourceFile, root: Mapping) -> None:
        super().__init__(file, root.start, root.end)
        self.root = root

    @property
    def digest(self) -> Scalar | None:
        """The digest of the dependencies it was made for."""
        node = self.root.at("digest")
        return node if isinstance(node, Scalar) and not node.is_null else None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the charts, in order."""
        return tuple(one.text_at("name") or "" for one in self.root.items_at("dependencies"))

    def graph_keys(self) -> Iterable[str]:
        """Return `lock:` with the file's directory."""
        return (f"lock:{self.file.directory}",)


class ChartLockFile(Artefact):
    """The view of a `Chart.lock`."""

    kind: ClassVar[str] = "helm-chart"


def recognise_lock(file: SourceFile) -> ChartLockFile | None:
    """Return the view of a lock; None for what is no mapping."""
    from rollsafe.formats.yaml import read_yaml  # a check of another kind of file does without

    tree = read_yaml(file.text)
    root = tree.documents[0] if tree.documents else None
    return ChartLockFile(file, [ChartLock(file, root)], tree.problems) if isinstance(root, Mapping) else None


def digest_of(chart: HelmChart, lock: ChartLock) -> str | None:
    """Return the digest Helm writes for a chart's dependencies and a lock's; None where that is not known."""
    import json  # as above; `hashlib` loads OpenSSL as well
    from hashlib import sha256

    wanted = [_fields(one.node) for one in chart.dependencies]
    chosen = [_fields(one) for one in lock.root.items_at("dependencies")]
    if None in wanted or None in chosen:
        return None
    text = json.dumps([wanted, chosen], separators=(",", ":"), ensure_ascii=False)
    for mark in "<>&":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return f"sha256:{sha256(text.encode('utf-8', 'replace')).hexdigest()}"


def _fields(node: Node) -> dict[str, str | list[str]] | None:
    """Return a dependency as Helm writes it for the digest."""
    if any(node.at(key) is not None for key in _UNTOLD):
        return None
    found: dict[str, str | list[str]] = {"name": "", "repository": ""}
    for key in _FIELDS:
        value = node.at(key)
        said = _texts(node.items_at(key)) if key == "tags" and value is not None else _text(value)
        if said is None or (key == "repository" and str(said).startswith(("@", "alias:"))):
            return None
        if said:
            found[key] = said
    return {key: found[key] for key in _FIELDS if key in found}


def _texts(nodes: Iterable[Node]) -> list[str] | None:
    found = [_text(one) for one in nodes]
    return [one for one in found if one is not None] if None not in found else None


def _text(node: Node | None) -> str | None:
    """Return a text; None for what Helm may read as something else."""
    if node is None:
        return ""
    if not isinstance(node, Scalar) or (node.plain and node.as_bool() is not None):
        return None
    return "" if node.is_null else node.text
