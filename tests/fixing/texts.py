"""What a fix did to a text: where places come from, and what became of comments, lines and documents."""

import re
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from typing import Any, cast

import yaml

from rollsafe.artefacts.registry import read
from rollsafe.artefacts.source import SourceFile
from rollsafe.text import Edit

_YAML = (".yaml", ".yml", ".json")
_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#[^\r\n]*", re.M)
_OWN_LINE = re.compile(r"^[ \t]*#[^\r\n]*", re.M)
_BARE_BREAK = re.compile(r"(?<!\r)\n")
_RAGGED = re.compile(r"[^\r\n]*[ \t](?=\r?$)", re.M)
_LINE_OF_COMMENT = re.compile(r"([ \t]*)#[^\r\n]*\r?\n\Z")


def origin(edits: Sequence[Edit], offset: int) -> int:
    """Return where `offset` of an edited text was before.

    What an edit wrote comes from where the edit begins, and where it only took away, from where it ends.
    """
    moved = 0
    for edit in sorted(edits):
        begin = edit.span.start + moved
        if offset < begin:
            break
        if offset < begin + len(edit.text):
            return edit.span.start
        moved += len(edit.text) - (edit.span.end - edit.span.start)
    return offset - moved


def place_before(edits: Sequence[Edit], offset: int) -> int:
    """Return how `origin` names `offset` of the text before."""
    for edit in edits:
        if edit.span.start <= offset < edit.span.end:
            return edit.span.start if edit.text else edit.span.end
    return offset


def faults(path: str, text: str) -> int:
    """Return how many faults the reader of a file finds in it."""
    artefact = read(SourceFile(path, text))
    return len(artefact.problems) if artefact is not None else 0


def damage(path: str, before: str, after: str) -> Iterator[tuple[str, str]]:
    """Yield what fixes did to a text and none may do: a name of the fault, and where it shows."""
    if faults(path, after) > faults(path, before):
        yield "is not understood any more", ""
    for comment, _ in (_comments(path, before) - _comments(path, after)).items():
        yield "loses a comment", comment
    if "\r\n" in before and not _BARE_BREAK.search(before) and _BARE_BREAK.search(after):
        yield "mixes line ends", ""
    ragged = _RAGGED.findall(after)
    if len(ragged) > len(_RAGGED.findall(before)):
        yield "leaves blanks at the end of a line", next(it for it in ragged if it not in before)
    if path.endswith(_YAML) and "{{" not in after and (old := _loaded(before)) is not None:
        new = _loaded(after)
        if new is None:
            yield "is not YAML any more", ""
        elif len(new) < len(old):
            yield "loses a document", f"{len(old)}, {len(new)}"
        elif _repeated(after) > _repeated(before):
            yield "writes a key twice", ""


def formatting(path: str, before: str, after: str, edits: Sequence[Edit]) -> Iterator[tuple[str, str]]:
    """Yield what the edits of one fix do beside what they are for, as `damage` does."""
    for edit in edits:
        old = before[edit.span.start : edit.span.end]
        if old != edit.text and old.split() == edit.text.split() and old.split():
            yield "only changes blanks", old
        elif _parts_a_comment(before, edit):
            yield "comes between a comment and what it is about", edit.text
    if path.endswith(_YAML):
        yield from _documents(before, after, edits)


def _comments(path: str, text: str) -> Counter[str]:
    if path.endswith(".json"):
        return Counter()
    found = (_COMMENT if path.endswith(_YAML) else _OWN_LINE).findall(text)
    return Counter(comment.strip() for comment in found)


def _parts_a_comment(before: str, edit: Edit) -> bool:
    """Say whether whole lines go in below a comment that speaks of the line after it."""
    at = edit.span.start
    if edit.span.end > at or not edit.text.rstrip(" \t").endswith("\n") or edit.text.lstrip().startswith("#"):
        return False
    begin = before.rfind("\n", 0, at) + 1
    above = _LINE_OF_COMMENT.search(before, 0, begin)
    return above is not None and before[begin:at] == above[1] and before[at : at + 1].strip() != ""


class _Loader(yaml.CSafeLoader):
    """Reads tags it does not know as the values they are on, and says nothing of dates."""


def _tagged(loader: _Loader, _: str, node: yaml.Node) -> Hashable | list[Any] | dict[Hashable, Any]:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return str(node.value)


_Loader.add_multi_constructor("", _tagged)  # pyright: ignore[reportUnknownMemberType]


def _documents(before: str, after: str, edits: Sequence[Edit]) -> Iterator[tuple[str, str]]:
    old, new = _loaded(before), _loaded(after)
    if old is None or new is None or len(old) > len(new):
        return
    if len(new) > len(old) and not any("---" in edit.text for edit in edits):
        yield "makes another document", ""
        return
    touched = {_document_at(before, at) for edit in edits for at in edit.span}
    is_longer = all(edit.span.start == edit.span.end for edit in edits)
    for number, (was, became) in enumerate(zip(old, new, strict=False)):
        if number not in touched and was != became:
            yield "changes another document", str(number)
        elif is_longer:
            yield from (("loses what it does not touch", it) for it in _lost(was, became, ""))


def _loaded(text: str) -> list[object] | None:
    try:
        return list(yaml.load_all(text, _Loader))
    except (yaml.YAMLError, ValueError, TypeError, RecursionError):
        return None


def _repeated(text: str) -> int:
    count = 0
    for root in yaml.compose_all(text, _Loader):
        pending, seen = [root], set[int]()
        while pending:
            node = pending.pop()
            if node is None or id(node) in seen:
                continue
            seen.add(id(node))
            if isinstance(node, yaml.MappingNode):
                keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
                count += len(keys) - len(set(keys))
                pending += [value for _, value in node.value]
            elif isinstance(node, yaml.SequenceNode):
                pending += node.value
    return count


def _document_at(text: str, offset: int) -> int:
    """Return the number of the document at `offset`, by the places that the events of the reader name."""
    number = -1
    for event in yaml.parse(text, _Loader):
        mark = event.start_mark
        if isinstance(event, yaml.DocumentStartEvent) and mark is not None:
            if mark.index > offset:
                break
            number += 1
    return max(number, 0)


def _lost(old: object, new: object, path: str) -> Iterator[str]:
    """Yield the paths of what is in `old` and not in `new`, though text was only added."""
    if isinstance(old, dict) and isinstance(new, dict):
        became = cast("dict[object, object]", new)
        for key, value in cast("dict[object, object]", old).items():
            if key in became:
                yield from _lost(value, became[key], f"{path}.{key}")
            else:
                yield f"{path}.{key}"
    elif isinstance(old, list) and isinstance(new, list):
        rest = iter(cast("list[object]", new))
        for number, item in enumerate(cast("list[object]", old)):
            if not any(not list(_lost(item, other, "")) for other in rest):
                yield f"{path}[{number}]"
    elif old is not None and not _holds(f"{old}", f"{new}"):
        yield path


def _holds(old: str, new: str) -> bool:
    """Say whether `new` is `old` with something put into it."""
    letters = iter(new)
    return all(letter in letters for letter in old)
