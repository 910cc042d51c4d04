"""Fixes that the rules about unknown keys and wrong types share, whatever the kind of file."""

from rollsafe.artefacts.shapes import Dialect, Fault, faults_in
from rollsafe.formats.nodes import Mapping, Scalar, Sequence
from rollsafe.formats.yaml_edit import remove_entry, rename_key
from rollsafe.rules.api import Fix, Safety
from rollsafe.text import Edit, Span, nearest


def near_key(fault: Fault) -> str | None:
    """Return the known key that an unknown one is most likely meant to be; None for one that is there."""
    if fault.holder is None:
        return None
    close = nearest(fault.key, fault.shape.names)
    return close if close is not None and fault.holder.value(close) is None else None


def rename_fixes(fault: Fault, close: str, dialect: Dialect) -> tuple[Fix, ...]:
    """Return the fix that writes the near key; none where the value would not be one of its."""
    holder = fault.holder
    entry = holder.entry(fault.key) if holder is not None else None
    shape = fault.shape.at(close)
    if entry is None or shape is None or faults_in(entry.value, shape, dialect):
        return ()
    others = [name for name in fault.shape.names if name != close]
    is_plain = fault.key.casefold() == close.casefold() or nearest(fault.key, others) is None
    safety = Safety.SAFE if is_plain else Safety.UNSAFE
    return (Fix(f"Rename `{fault.key}` to `{close}`", safety, edits=(rename_key(entry, close),)),)


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
