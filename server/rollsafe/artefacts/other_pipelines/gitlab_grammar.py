"""A pipeline of GitLab held against GitLab's own schema, and its definitions by name."""

from typing import Final

from rollsafe.artefacts.shapes import Dialect, FaultKind, faults_in, gitlab_table
from rollsafe.artefacts.shapes import Fault as ShapeFault
from rollsafe.formats.nodes import Alias, Entry, Mapping, Node, Scalar, Sequence, resolve

_WORDS: Final = ("true", "false", "yes", "no", "on", "off")
BOOLEANS: Final = frozenset(form for word in _WORDS for form in (word, word.capitalize(), word.upper()))
_HIDDEN: Final = "."
_MOST_JOBS: Final = 2_000


def _is_open(text: str) -> bool:
    return "$" in text


DIALECT: Final = Dialect(BOOLEANS, _is_open)


def shape_faults(root: Mapping) -> list[tuple[str, ShapeFault]]:
    """Return what GitLab's schema refuses in the definitions of a file, each with what it is in."""
    table = gitlab_table()
    file, job = table.shape("file"), table.shape("job")
    used = {name.text for entry in root.entries for name in _extended(entry.value)}
    found: list[tuple[str, ShapeFault]] = []
    for entry in root.entries[:_MOST_JOBS]:
        value = resolve(entry.value)
        name = entry.name
        if value is None or not name or name == "<<" or isinstance(entry.value, Alias):
            continue
        shape = file.at(name) if name in file.names else job
        if shape is None or (name.startswith(_HIDDEN) and name not in used):
            continue
        owner = f"`{name}`" if name in file.names and name != "pages" else f"job `{name}`"
        if shape is job and not isinstance(value, Mapping):
            found += [(owner, fault) for fault in _no_job(entry, value, root)]
        else:
            found += [
                (owner, fault)
                for fault in faults_in(value, shape, DIALECT)
                if _counts(fault) and not (fault.where is value and name == "stages")
            ]
    return found


def _no_job(entry: Entry, value: Node, root: Mapping) -> list[ShapeFault]:
    """Return the fault of an entry at the top that is neither a keyword nor a job."""
    is_empty = isinstance(value, Scalar) and value.is_null
    tagged = isinstance(value, (Scalar, Mapping, Sequence)) and value.tag is not None
    if is_empty or tagged or entry.name.startswith(_HIDDEN):
        return []
    return [
        ShapeFault(
            FaultKind.UNKNOWN, entry.key, entry.name, (entry.name,), gitlab_table().shape("file"), root
        )
    ]


def _counts(fault: ShapeFault) -> bool:
    """Say whether a fault is told here; that `needs` is no list is told elsewhere."""
    return fault.path != ("needs",) or not isinstance(fault.where, Scalar)


def _extended(node: Node) -> list[Scalar]:
    value = resolve(node)
    extends = value.at("extends") if isinstance(value, Mapping) else None
    items = [extends] if isinstance(extends, Scalar) else extends.items_at() if extends is not None else []
    return [item for item in items if isinstance(item, Scalar)]
