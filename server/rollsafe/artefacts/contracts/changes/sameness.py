"""Which parts of a document are what they were, told from the text alone, so that they need no comparison."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.contracts.changes.documents import At, Revision
from rollsafe.text.patterns import lazily

_REFERENCE = lazily(r"""\$ref["']?\s*:\s*(?:[>|][+-]?\s+)?["']?([^"'\s,}]+)""")
_ANCHOR = lazily(r"[:\-\[,{]\s+&(\w+)")
_ALIAS = lazily(r"[:\-\[,{]\s+\*(\w+)")
_SHELVES: Final = ("components", "definitions", "parameters", "responses")
"""Where the parts are that references lead to; the last three are those of Swagger."""


class Sameness:
    """Compares texts of two revisions of one document."""

    def __init__(self, before: Revision, after: Revision) -> None:
        self._before, self._after = before.text, after.text
        self._path = before.root.path
        self._anchors = _anchors(self._before) | _anchors(self._after)
        self._changed = self._closure(before, after)

    def holds(self, was: At | None, now: At | None) -> bool:
        """Say whether two values are surely the same, with all that they refer to."""
        if was is None or now is None:
            return was is now
        if was.path != self._path or now.path != self._path:
            return False
        text = self._before[was.node.start : was.node.end]
        if text != self._after[now.node.start : now.node.end] or not self._is_plain(text):
            return False
        return all(
            ref.startswith("#/") and self._shelved(ref) not in self._changed for ref in references_in(text)
        )

    def _is_plain(self, text: str) -> bool:
        """Say whether a part stands for itself, without what YAML repeats by name."""
        return not self._anchors or self._anchors.isdisjoint(_ALIAS.findall(text))

    def _shelved(self, ref: str) -> str:
        """Return the part a reference leads to or into; what is on no shelf counts as changed."""
        steps = ref.split("/")
        if steps[1] not in _SHELVES:
            return "#"
        return "/".join(steps[: 4 if steps[1] == "components" else 3])

    def _closure(self, before: Revision, after: Revision) -> set[str]:
        """Return the parts that differ, and those that refer to one that does."""
        then, since = dict(_parts(before)), dict(_parts(after))
        users: dict[str, set[str]] = {}
        changed = {"#"} | (then.keys() ^ since.keys())
        for name in then.keys() & since.keys():
            text = self._before[then[name].node.start : then[name].node.end]
            if text != self._after[since[name].node.start : since[name].node.end] or not self._is_plain(text):
                changed.add(name)
            for ref in references_in(text):
                users.setdefault(self._shelved(ref) if ref.startswith("#/") else "#", set()).add(name)
        waiting = list(changed)
        while waiting:
            for user in users.get(waiting.pop(), set()) - changed:
                changed.add(user)
                waiting.append(user)
        return changed


def _anchors(text: str) -> set[str]:
    return set(_ANCHOR.findall(text)) if "&" in text else set()


def references_in(text: str) -> set[str]:
    """Return what a text refers to, as it is written."""
    return set(_REFERENCE.findall(text)) if "$ref" in text else set()


def _parts(revision: Revision) -> Iterator[tuple[str, At]]:
    """Yield the parts of a document that references commonly lead to, by their pointers."""
    for shelf in _SHELVES:
        held = revision.root.get(shelf)
        for name, part in held.pairs() if held is not None else ():
            if shelf != "components":
                yield f"#/{shelf}/{name}", part
                continue
            for key, inner in part.pairs():
                yield f"#/{shelf}/{name}/{key}", inner
