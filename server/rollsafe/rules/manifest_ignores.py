"""What other checkers are told to leave alone in a manifest: annotations of an object, comments above it.

An annotation speaks of the object, or the pod template, whose metadata it stands in. A comment speaks of the
block below it; above the first key of a document that is the whole document.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from rollsafe.artefacts.source import SourceFile
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

_HINTS: Final = (
    *("kube-linter.io/", "kube-score/ignore", "polaris.fairwinds.com/", "checkov.io/skip"),
    *("checkov:skip=CKV", "trivy:ignore:"),
)
_ANNOTATION = lazily(
    r"""^[ ]*(?P<quote>["']?)(?P<key>ignore-check\.kube-linter\.io/[\w-]+|kube-linter\.io/ignore-all
      |kube-score/ignore|polaris\.fairwinds\.com/[\w-]+|checkov\.io/skip[\w-]*)(?P=quote)[ ]*:
      [ ]*(?P<value>[^\r\n]*)""",
    re.M | re.X,
)
_CHECKOV = lazily(r"#[ \t]*checkov:skip=(?P<names>CKV2?_K8S_\d+(?:,CKV2?_K8S_\d+)*)")
_TRIVY = lazily(r"#[ \t]*trivy:ignore:(?:AVD-)?(?P<names>(?:KSV|KCV)-?\d+)")
_TRIVY_NUMBER = lazily(r"(KSV|KCV)-?0*(\d+)")
_CHECK_ID = lazily(r"CKV2?_K8S_\d+")
_CONTENT = lazily(r"(?P<lead>[ ]*(?:-[ ]+)*)(?P<text>\S)")
_LIMIT: Final = 200


class ManifestIgnore(NamedTuple):
    """`names` are `tool:rule` or `tool:*`; `lines` are 1-based."""

    names: frozenset[str]
    lines: range


def read_manifest_ignores(file: SourceFile) -> tuple[ManifestIgnore, ...]:
    """Return what a manifest tells other checkers, some hundreds of it; asked by `SourceFile.told`."""
    text = file.text
    if not any(hint in text for hint in _HINTS):
        return ()
    lines = [file.lines.line_text(number).rstrip("\r\n") for number in range(len(file.lines))]
    found = [*_annotations(file, lines), *_comments(file, lines)]
    return tuple(one for one in found[:_LIMIT] if one.names)


def _annotations(file: SourceFile, lines: list[str]) -> Iterator[ManifestIgnore]:
    for match in _ANNOTATION.finditer(file.text):
        names = frozenset(_annotated(match["key"], match["value"]))
        metadata = _above(lines, _above(lines, file.lines.line_of(match.start("key"))))
        yield ManifestIgnore(names, _siblings(lines, metadata))


def _annotated(key: str, value: str) -> Iterator[str]:
    """Yield the names of rules that an annotation switches off."""
    plain = value.split(" #")[0].strip().strip("\"'")
    prefix, _, name = key.partition("/")
    if key == "kube-linter.io/ignore-all":
        yield "kube-linter:*"
    elif prefix == "ignore-check.kube-linter.io":
        yield f"kube-linter:{name}"
    elif prefix == "kube-score":
        yield from (f"kube-score:{one.strip()}" for one in plain.split(",") if one.strip())
    elif prefix == "polaris.fairwinds.com" and plain.lower() == "true":
        if name == "exempt":
            yield "polaris:*"
        elif name.endswith("-exempt"):
            yield f"polaris:{name.removesuffix('-exempt')}"
    elif prefix == "checkov.io":
        yield from (f"checkov:{one}" for one in _CHECK_ID.findall(plain))


def _comments(file: SourceFile, lines: list[str]) -> Iterator[ManifestIgnore]:
    forms: tuple[tuple[str, re.Pattern[str], Callable[[str], str]], ...] = (
        ("checkov", _CHECKOV, str),
        ("trivy", _TRIVY, _trivy_name),
    )
    for tool, pattern, spelled in forms:
        for match in pattern.finditer(file.text):
            names = frozenset(f"{tool}:{spelled(name)}" for name in match["names"].split(","))
            yield ManifestIgnore(names, _block(lines, file.lines.line_of(match.start())))


def _trivy_name(name: str) -> str:
    found = _TRIVY_NUMBER.match(name)
    return f"{found[1]}-{int(found[2]):04d}" if found is not None else name


def _column(line: str) -> int | None:
    """Return the column of a line's own key, its dash left out; None for blank lines and comments."""
    found = _CONTENT.match(line)
    return None if found is None or found["text"] == "#" else len(found["lead"])


def _dash(line: str) -> int:
    """Return the column of a line's first dash, or of its key."""
    return len(line) - len(line.lstrip(" "))


def _above(lines: list[str], at: int) -> int:
    """Return the line above `at` that is less indented: the key `at` stands under."""
    own = _column(lines[at])
    for number in range(at - 1, -1, -1):
        column = _column(lines[number])
        if column is not None and own is not None and column < own:
            return number
    return at


def _siblings(lines: list[str], at: int) -> range:
    """Return the lines, 1-based, of the mapping that holds the key in line `at`."""
    own = _column(lines[at]) or 0
    first = at
    while first > 0 and _dash(lines[first]) >= own:
        column = _column(lines[first - 1])
        if lines[first - 1].startswith("---") or (column is not None and column < own):
            break
        first -= 1
    return range(first + 1, _end(lines, at, own) + 1)


def _end(lines: list[str], at: int, own: int) -> int:
    """Return the number of the line after which nothing is as far indented as `own`."""
    last = at
    for number in range(at + 1, len(lines)):
        line = lines[number]
        if line.startswith("---"):
            break
        if _column(line) is not None:
            if _dash(line) < own:
                break
            last = number
    return last + 1


def _block(lines: list[str], at: int) -> range:
    """Return the lines, 1-based, of what a comment in line `at` speaks of."""
    own = _column(lines[at])
    if own is not None:
        return range(at + 1, at + 2)
    below = next((n for n in range(at + 1, len(lines)) if _column(lines[n]) is not None), at)
    above = next((n for n in range(at - 1, -1, -1) if _column(lines[n]) is not None), -1)
    is_first = above < 0 or lines[above].startswith("---")
    if lines[below].startswith("---"):
        return range(below + 1, _end(lines, below, 0) + 1)
    inside = 0 if is_first else (_column(lines[below]) or 0) + 1
    return range(below + 1, _end(lines, below, inside) + 1)
