"""Fixes that take a change of a contract back: what the base said is written again."""

from typing import Final

from rollsafe.artefacts.contracts import ContractText, steps_of
from rollsafe.artefacts.contracts.changes import METHODS, Change, Hazard, Mend, references_in
from rollsafe.formats.nodes import Mapping, Node, resolve
from rollsafe.formats.yaml_edit import add_entry, column_of
from rollsafe.formats.yaml_removal import remove_entry
from rollsafe.rules.api import Fix, Safety
from rollsafe.text import Edit, Span
from rollsafe.text.patterns import lazily
from rollsafe.workspace.facts import Base

_SHOWN: Final = 40
_PLAIN = lazily(r"(?!\d+\Z)[\w/][\w/{}.-]*\Z")
_LONGEST: Final = 20_000
_GOING: Final = frozenset({Hazard.REMOVED_INPUT, Hazard.REMOVED_OUTPUT, Hazard.REMOVED_OPERATION})


def taken_back(document: ContractText, change: Change, base: Base) -> tuple[Fix, ...]:
    """Return the fix that takes a change back, where that is one entry of the document."""
    mend, text = change.mend, document.file.text
    if mend is None:
        return ()
    if mend.old is None:
        edit = remove_entry(text, mend.around, mend.key)
        return (_fix(f"Remove `{mend.key}`", edit),) if edit is not None else ()
    before = base.read(mend.old.path) or ""
    old = before[mend.old.start : mend.old.end]
    entry = mend.around.entry(mend.key)
    if entry is None:
        return _put_back(document, change.hazard, mend, (old, column_of(before, mend.old.start)))
    value = resolve(entry.value)
    if value is not entry.value or value is None or "\n" in old + text[value.start : value.end] or not old:
        return ()
    return (_fix(f"Write {_shown(old)} again", Edit(Span(value.start, value.end), old)),)


def _fix(title: str, edit: Edit) -> Fix:
    return Fix(title, Safety.UNSAFE, edits=(edit,))


def _shown(text: str) -> str:
    plain = text.strip("\"'").replace("`", "'")
    return f"`{plain[:_SHOWN]}…`" if len(plain) > _SHOWN else f"`{plain}`"


def _put_back(document: ContractText, hazard: Hazard, mend: Mend, old: tuple[str, int]) -> tuple[Fix, ...]:
    """Return the fix that writes an entry that is gone once more, marked as deprecated where that is said."""
    text, (value, column) = document.file.text, old
    is_json = text.lstrip().startswith("{")
    if is_json or not value or len(value) > _LONGEST or not _leads(document.root, value):
        return ()
    first, *rest = value.split("\n")
    if any(line[:column].strip() for line in rest):
        return ()
    value = "\n".join([first, *(line[column:] for line in rest)]).replace("\r", "")
    marked = _marked(value) if hazard in _GOING and _may_be_marked(hazard, mend.key) else None
    title = f"Put `{mend.key}` back, as deprecated" if marked else f"Put `{mend.key}` back"
    return (_fix(title, add_entry(text, mend.around, _written(mend.key), marked or value)),)


def _leads(root: Node | None, value: str) -> bool:
    """Say whether all that a text refers to is there."""
    return all(
        root is not None and ref.startswith("#/") and isinstance(root.at(*steps_of(ref[1:])), Mapping)
        for ref in references_in(value)
    )


def _may_be_marked(hazard: Hazard, key: str) -> bool:
    return hazard is not Hazard.REMOVED_OPERATION or key in METHODS


def _marked(value: str) -> str | None:
    """Return a mapping that says it is deprecated; None for one that says so, or refers to another."""
    if "deprecated" in value or "$ref" in value.partition("\n")[0]:
        return None
    if value.startswith("{"):
        quote = '"' if value[1:].lstrip().startswith('"') else ""
        return f"{{{quote}deprecated{quote}: true, {value[1:]}" if value.strip("{} \n") else None
    return f"deprecated: true\n{value}" if "\n" in value or ": " in value else None


def _written(key: str) -> str:
    """Return a key as YAML writes it."""
    return key if _PLAIN.match(key) else f'"{key}"'
