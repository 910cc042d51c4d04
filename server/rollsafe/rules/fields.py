"""Fixes that the rules about unknown keys and wrong types share, whatever the kind of file."""

from typing import Final

from rollsafe.artefacts.shapes import Dialect, Fault, Table, faults_in
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence
from rollsafe.formats.yaml_edit import rename_key
from rollsafe.formats.yaml_removal import remove_entry
from rollsafe.rules.api import Fix, Safety
from rollsafe.text import Edit, Span, nearest

_SLIP: Final = 2
"""So many letters in a row may differ in a slip of the fingers."""


def near_key(fault: Fault, table: Table) -> str | None:
    """Return the known key that an unknown one is most likely meant to be; None for one that is there.

    A key that has its place elsewhere is misplaced rather than misspelt, unless it is nearly the same.
    """
    if fault.holder is None:
        return None
    close = nearest(fault.key, fault.shape.names)
    if close is None or fault.holder.value(close) is not None:
        return None
    return close if _is_slip(fault.key, close) or not table.owners(fault.key) else None


def told_near(fault: Fault, close: str | None, table: Table) -> str:
    """Return the end of a message: which key is near, or where the key has its place."""
    if close is not None:
        return f"; the nearest is `{close}`"
    owners = table.owners(fault.key)
    return f"; it belongs to {' and '.join(f'`{name}`' for name in owners)}" if 0 < len(owners) < 3 else ""


def rename_fixes(fault: Fault, close: str, dialect: Dialect) -> tuple[Fix, ...]:
    """Return the fix that writes the near key; none where the value would not be one of its.

    Unsafe: what the key says takes effect from then on.
    """
    holder = fault.holder
    entry = holder.entry(fault.key) if holder is not None else None
    shape = fault.shape.at(close)
    if entry is None or shape is None or faults_in(entry.value, shape, dialect):
        return ()
    return (Fix(f"Rename `{fault.key}` to `{close}`", Safety.UNSAFE, edits=(rename_key(entry, close),)),)


def _is_slip(written: str, meant: str) -> bool:
    """Say whether two names differ by no more than a slip: the case, or two letters in a row."""
    one, other = written.casefold(), meant.casefold()
    if one == other or sorted(one) == sorted(other):
        return True
    start = _shared(one, other)
    end = _shared(one[start:][::-1], other[start:][::-1])
    left = max(len(one), len(other)) - start - end
    return left <= _SLIP and len(one) > _SLIP


def _shared(one: str, other: str) -> int:
    """Return with how many equal letters two texts begin."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (left, right) in enumerate(pairs) if left != right), min(len(one), len(other)))


def removal_fixes(text: str, fault: Fault) -> tuple[Fix, ...]:
    """Return the fix that takes an unknown key out."""
    holder = fault.holder
    edit = remove_entry(text, holder, fault.key) if holder is not None and len(holder.entries) > 1 else None
    if edit is None:
        return ()
    return (Fix(f"Remove `{fault.key}`", Safety.UNSAFE, edits=(edit,)),)


def retyping_fixes(text: str, fault: Fault) -> tuple[Fix, ...]:
    """Return the fix that writes a value as the type that is wanted, where that says the same."""
    node, wanted = fault.where, fault.shape
    if isinstance(node, Scalar):
        if node.plain and "s" in wanted.scalars:
            edit = Edit(Span.of(node), f'"{node.text}"')
            return (Fix(f"Quote `{node.text}`", Safety.SAFE, edits=(edit,)),)
        if not node.plain and not node.block and _reads_as(node.text, wanted.scalars):
            edit = Edit(Span.of(node), node.text)
            return (Fix(f"Write `{node.text}` without quotes", Safety.SAFE, edits=(edit,)),)
        items = wanted.items
        if (
            items is not None
            and "s" in items.scalars
            and not node.block
            and "\n" not in text[node.start : node.end]
        ):
            edit = Edit(Span.of(node), f"[{_quoted(text[node.start : node.end])}]")
            return (Fix("Write it as a list of one", Safety.UNSAFE, edits=(edit,)),)
    elif isinstance(node, Sequence) and len(node.items) == 1 and "s" in wanted.scalars:
        item = node.items[0]
        if isinstance(item, Scalar) and node.flow:
            edit = Edit(Span.of(node), text[item.start : item.end])
            return (Fix("Write the only item by itself", Safety.UNSAFE, edits=(edit,)),)
    return ()


def told_value(node: Node) -> str:
    """Return in words what is written: a short scalar itself, else its kind."""
    if isinstance(node, Scalar):
        return f"`{node.text[:40]}`" if node.text and "\n" not in node.text else "a text"
    return "a list" if isinstance(node, Sequence) else "a mapping"


def place_of(mapping: Mapping) -> Scalar | Mapping:
    """Return where to point when a mapping lacks a key: its first key."""
    key = mapping.entries[0].key if mapping.entries else None
    return key if isinstance(key, Scalar) else mapping


def _reads_as(text: str, letters: str) -> bool:
    if "b" in letters and text in ("true", "false"):
        return True
    digits = text.removeprefix("-")
    return (
        ("i" in letters or "n" in letters)
        and digits.isascii()
        and digits.isdigit()
        and digits[:1] != "0" * (len(digits) > 1)
    )


def _quoted(written: str) -> str:
    return written if written[:1] in "\"'" else '"' + written.replace("\\", "\\\\").replace('"', '\\"') + '"'
