"""Ignore comments written for other tools: whoever judged a hazard there has judged it.

A comment silences findings whose equivalent in that tool it names. It is the other tool's business to say
whether the comment is still needed.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from rollsafe.artefacts.source import SourceFile
from rollsafe.rules.manifest_ignores import read_manifest_ignores
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

ANY: Final = "*"


class ForeignIgnore(NamedTuple):
    """`names` are `tool:rule`, `tool:*` for all of a tool; `line` is 1-based, None for the whole file."""

    line: int | None
    names: frozenset[str]
    only_lowers: bool = False
    """Whether it says that somebody has looked at the hazard, which other tools may still tell of."""

    def speaks_of(self, equivalents: tuple[str, ...], lines: set[int]) -> bool:
        """Say whether a finding with these equivalents, at these lines, was judged in the other tool."""
        if self.line is not None and self.line not in lines:
            return False
        return any(
            name in self.names or f"{name.partition(':')[0]}:{ANY}" in self.names for name in equivalents
        )


class _Form(NamedTuple):
    """How one tool writes it: in a `trailing` comment, or above what it speaks of."""

    tool: str
    pattern: re.Pattern[str]
    whole_file: bool
    trailing: bool = False


_FORMS: Final = (
    _Form("squawk", lazily(r"(?:--|/\*)[ \t]*squawk-ignore-file(?P<names>[^\r\n*]*)"), True),
    _Form("squawk", lazily(r"(?:--|/\*)[ \t]*squawk-ignore(?!-file)(?P<names>[^\r\n*]*)"), False),
    _Form("pgfence", lazily(r"--[ \t]*pgfence-ignore:?(?P<names>[^\r\n]*)"), False),
    _Form(
        "drizzle-migration-lint",
        lazily(r"--[ \t]*drizzle-migration-lint:disable-file(?P<names>[ \t]+[\w-]+|)"),
        True,
    ),
    _Form(
        "drizzle-migration-lint",
        lazily(r"--[ \t]*drizzle-migration-lint:disable-next-statement(?P<names>[ \t]+[\w-]+|)"),
        False,
    ),
    _Form("pgls", lazily(r"--[ \t]*pgls-ignore-all[ \t]+(?:\w+/)*(?P<names>\w+)"), True),
    _Form("pgls", lazily(r"--[ \t]*pgls-ignore[ \t]+(?:\w+/)*(?P<names>\w+)"), False),
    _Form("pg-migration-lint", lazily(r"--[ \t]*pgm-lint:suppress-file(?P<names>[^\r\n]*)"), True),
    _Form("pg-migration-lint", lazily(r"--[ \t]*pgm-lint:suppress(?!-)(?P<names>[^\r\n]*)"), False),
    _Form("eugene", lazily(r"--[ \t]*eugene:[ \t]*ignore:?(?P<names>[^\r\n]*)"), False),
    _Form("atlas", lazily(r"--[ \t]*atlas:nolint(?P<names>[^\r\n]*)"), False),
    _Form("hadolint", lazily(r"#[ \t]*hadolint[ \t]+global[ \t]+ignore=(?P<names>[\w, \t]*)"), True),
    _Form("hadolint", lazily(r"#[ \t]*hadolint[ \t]+ignore=(?P<names>[\w, \t]*)"), False),
    _Form("checkov", lazily(r"^[ \t]*#[ \t]*checkov:skip=(?P<names>CKV2?_DOCKER_\d+)", re.M), True),
    _Form("trivy", lazily(r"^[ \t]*#[ \t]*trivy:ignore:(?:AVD-)?(?P<names>DS-?\d+)", re.M), False),
    _Form("django-migration-linter", lazily(r"\bIgnoreMigration\(\)(?P<names>)"), True),
)
_HINTS: Final = (
    *(
        "squawk-ignore",
        "pgfence-ignore",
        "drizzle-migration-lint:",
        "hadolint",
        "zizmor:",
        "IgnoreMigration(",
    ),
    *("pgls-ignore", "pgm-lint:", "eugene:", "atlas:nolint", "safety_assured"),
    *("checkov:skip=", "trivy:ignore:", "check=skip="),
)
_PARTS_OF_HINTS: Final = ("gnore", "lint", "zizmor:", "eugene:", "safety_assured", "skip=")
"""One of these is part of each hint: most files hold none, and each is looked for in all of the text."""
_BLANK_OR_COMMENT = lazily(r"^[ \t]*(?:$|#|--|/\*)")


def read_foreign_ignores(file: SourceFile) -> list[ForeignIgnore]:
    """Return the ignore comments of other tools in a file, and the annotations that say as much."""
    in_manifest = [
        ForeignIgnore(line, one.names) for one in read_manifest_ignores(file) for line in one.lines
    ]
    text = file.text
    if not any(part in text for part in _PARTS_OF_HINTS) or not any(hint in text for hint in _HINTS):
        return in_manifest
    zizmor = _of_zizmor(file) if "zizmor:" in file.text else ()
    return [*in_manifest, *_read(file), *zizmor, *_assured(file), *_of_stages(file), *_of_checks(file)]


def _read(file: SourceFile) -> Iterator[ForeignIgnore]:
    for form in _FORMS:
        for match in form.pattern.finditer(file.text):
            names = [name for name in re.split(r"[\s,]+", match["names"]) if name]
            spoken = frozenset(f"{form.tool}:{_spelled(form.tool, name)}" for name in names or [ANY])
            yield ForeignIgnore(
                None if form.whole_file else _line(file, match.start(), form.trailing), spoken
            )


def _spelled(tool: str, name: str) -> str:
    """Return a rule's name as equivalents spell it: trivy's older `DS002` is `DS-0002`."""
    if tool != "trivy" or not name.startswith("DS"):
        return name
    return f"DS-{int(name.lstrip('DS-')):04d}"


_ZIZMOR: Final = lazily(r"#[ \t]*zizmor:[ \t]*ignore\[(?P<names>[^\]\r\n]*)\]")
_BREAK: Final = lazily(r"\r\n|\n|\r")
_ITEM: Final = lazily(r"^([ \t]*)-[ \t]")


def _of_zizmor(file: SourceFile) -> Iterator[ForeignIgnore]:
    """Yield what zizmor is told: a comment speaks of all of its step, and of some rules in all of its job."""
    lines = _BREAK.split(file.text)
    for match in _ZIZMOR.finditer(file.text):
        names = frozenset(f"zizmor:{name}" for name in re.split(r"[\s,]+", match["names"]) if name)
        at = file.lines.line_of(match.start())
        for line in _block_around(lines, at, _is_item):
            yield ForeignIgnore(line + 1, names)
        for name in names & _WIDER.keys():
            for line in _block_around(lines, at, _WIDER[name]):
                yield ForeignIgnore(line + 1, frozenset({name}))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _is_item(lines: list[str], at: int) -> bool:
    return _ITEM.match(lines[at]) is not None


def _is_job(lines: list[str], at: int) -> bool:
    """Say whether the line is a key right below `jobs:`."""
    indent = _indent(lines[at])
    above = next((one for one in reversed(lines[:at]) if one.strip() and _indent(one) < indent), "")
    return above.partition("#")[0].rstrip() == "jobs:"


def _is_on(lines: list[str], at: int) -> bool:
    return lines[at].startswith(("on:", '"on":', "'on':"))


_WIDER: Final = {"zizmor:secrets-outside-env": _is_job, "zizmor:dangerous-triggers": _is_on}
"""Rules for which a comment anywhere in a block that begins so counts."""


def _block_around(lines: list[str], at: int, begins: Callable[[list[str], int], bool]) -> range:
    """Return the lines of the innermost block around a line that begins so; the line itself without one."""
    indent = _indent(lines[at])
    start = at
    while not begins(lines, start):
        start = next(
            (up for up in range(start - 1, -1, -1) if lines[up].strip() and _indent(lines[up]) < indent), -1
        )
        if start < 0:
            return range(at, at + 1)
        indent = _indent(lines[start])
    following = range(start + 1, len(lines))
    return range(
        start, next((n for n in following if lines[n].strip() and _indent(lines[n]) <= indent), len(lines))
    )


_STAGE: Final = lazily(r"^[ \t]*#[ \t]*hadolint[ \t]+stage[ \t]+ignore=(?P<names>[\w, \t]*)", re.M)
_FROM: Final = lazily(r"^[ \t]*FROM[ \t]", re.M | re.I)
_CHECKS: Final = lazily(r"^#[ \t]*check[ \t]*=(?P<settings>[^\r\n]*)", re.M)


def _of_stages(file: SourceFile) -> Iterator[ForeignIgnore]:
    """Yield what hadolint is told of a whole stage: the one that begins below, or that the comment is in."""
    for match in _STAGE.finditer(file.text):
        names = frozenset(f"hadolint:{name}" for name in re.split(r"[\s,]+", match["names"]) if name)
        starts = [found.start() for found in _FROM.finditer(file.text)]
        below = next((at for at in starts if at > match.end()), len(file.text))
        own = match.start() if file.text[match.end() : below].strip() else below
        end = next((at for at in starts if at > own), len(file.text))
        for line in range(file.lines.line_of(own), file.lines.line_of(end) + 1):
            yield ForeignIgnore(line + 1, names)


def _of_checks(file: SourceFile) -> Iterator[ForeignIgnore]:
    """Yield what BuildKit is told by a directive: `# check=skip=JSONArgsRecommended;error=true`."""
    match = _CHECKS.search(file.text)
    for setting in match["settings"].split(";") if match is not None else ():
        key, _, value = setting.strip().partition("=")
        names = [name.strip() for name in value.split(",")] if key == "skip" else []
        if names:
            spoken = frozenset(f"buildkit:{ANY if name == 'all' else name}" for name in names)
            yield ForeignIgnore(None, spoken)


_ASSURED: Final = lazily(r"^(?P<indent>[ \t]*)safety_assured\b(?P<rest>[^\r\n]*)", re.M)


def _assured(file: SourceFile) -> Iterator[ForeignIgnore]:
    """Yield what Rails migrations do in `safety_assured`: the lines up to the end of its block.

    Without it strong_migrations refuses to run many a step at all, also one whose hazard is planned for.
    """
    for match in _ASSURED.finditer(file.text):
        first = file.lines.line_of(match.start())
        for line in _block_lines(file, first, match["indent"], match["rest"]):
            yield ForeignIgnore(line + 1, frozenset({f"strong_migrations:{ANY}"}), only_lowers=True)


def _block_lines(file: SourceFile, first: int, indent: str, rest: str) -> range:
    if rest.rstrip().endswith(("}", "end")):
        return range(first, first + 1)
    ends = (f"{indent}end", f"{indent}}}")
    following = range(first + 1, len(file.lines))
    last = next((line for line in following if file.lines.line_text(line).startswith(ends)), first)
    return range(first, last + 1)


def _line(file: SourceFile, offset: int, trailing: bool) -> int:
    """Return the 1-based line a comment speaks of: its own, or the next with content."""
    lines = file.lines
    at = lines.line_of(offset)
    if not trailing:
        following = range(at + 1, len(lines))
        at = next((n for n in following if not _BLANK_OR_COMMENT.match(lines.line_text(n))), at)
    return at + 1
