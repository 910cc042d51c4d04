"""What a plan names: files, services, tables, environments; with what it means to do to them."""

import re
from collections.abc import Iterator
from enum import StrEnum
from posixpath import join, normpath
from typing import Final, NamedTuple

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.plan_document.document import PlanDocument
from rollsafe.formats.markdown import Code, Link
from rollsafe.text import Located

_BEFORE: Final = 160
_AFTER: Final = 60

_EXTENSIONS: Final = frozenset(
    (
        *("yaml", "yml", "json", "toml", "sql", "py", "rb", "js", "mjs", "cjs", "jsx", "ts", "tsx"),
        *("go", "rs", "java", "kt", "kts", "cs", "php", "sh", "bash", "tf", "tfvars", "hcl", "md"),
        *("conf", "ini", "cfg", "properties", "xml", "proto", "graphql", "gradle", "ex", "exs"),
        *("scala", "swift", "vue", "svelte", "lock", "tpl", "j2", "prisma", "avsc", "dockerfile"),
    )
)
_PLAIN_NAME_EXTENSIONS: Final = _EXTENSIONS - {"js", "go", "cs", "md", "conf", "lock", "properties"}
"""What a name without a directory may end in: `Node.js` and `values.properties` are often no files."""

_SPECIAL_NAMES: Final = frozenset({"Dockerfile", "Makefile", "Procfile", "Jenkinsfile", "Gemfile"})
_PATH = re.compile(r"(?:\./)?(?P<path>(?:\.{0,2}[\w@+-][\w.@+-]*/)*[\w.@+-]*)(?::\d+(?:-\d+)?)?", re.A)
_PLACEHOLDER = re.compile(r"(?:^|/)path/to/|X{3}|N{3}|Y{4}|\.\.\.|\b(?:foo|bar|example)\b")
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//")
_ESCAPE = re.compile(r"%([2-7][0-9A-Fa-f])")

_NAME = re.compile(r"[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*", re.A)
_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*", re.A)
_PORT = re.compile(r"\d{2,5}", re.A)
_JOINED = re.compile(r"`\s*(?:,|/|\+|&|,?\s*(?:and|or))\s*`", re.I)


class MentionKind(StrEnum):
    """What a mentioned name stands for, as far as the text around it tells."""

    FILE = "file"
    DIRECTORY = "directory"
    SERVICE = "service"
    TABLE = "table"
    ENVIRONMENT = "environment"
    VARIABLE = "variable"
    PORT = "port"


class Intent(StrEnum):
    """Whether the plan takes a thing to be there, makes it, or takes it away."""

    NAMED = "named"
    CREATED = "created"
    REMOVED = "removed"


class Mention(Element):
    """A name in inline code, or the target of a link; `start` and `end` bound the name itself.

    `paths` are the project paths a file or directory can mean, the likeliest first.
    """

    family = "plan-documents"

    def __init__(
        self,
        document: PlanDocument,
        part: Code | Link,
        kind: MentionKind,
        text: str,
        intent: Intent,
        paths: tuple[str, ...] = (),
    ) -> None:
        super().__init__(document.file, part.start, part.start + len(text))
        self.document = document
        self.kind = kind
        self.text = text
        self.intent = intent
        self.paths = paths

    def __repr__(self) -> str:
        return f"Mention({self.text!r}, {self.kind}, {self.intent})"


class _Clue(NamedTuple):
    """Words next to a name that tell what it is, and the shape such a name has."""

    kind: MentionKind
    shape: re.Pattern[str]
    before: re.Pattern[str]
    after: re.Pattern[str]
    column: re.Pattern[str]


def _clue(kind: MentionKind, shape: re.Pattern[str], words: str, column: str) -> _Clue:
    return _Clue(
        kind,
        shape,
        re.compile(rf"(?<![\w-])(?:{words})s?:?\s*\Z", re.I),
        re.compile(rf"\s+(?:{words})s?\b(?!\s+(?:account|mesh|level|worker|file|name|variable)s?\b)", re.I),
        re.compile(rf"\W*(?:{column})s?\W*\Z", re.I),
    )


_CLUES: Final = (
    _clue(
        MentionKind.VARIABLE,
        _VARIABLE,
        r"env|(?:env(?:ironment)?\s+)?var(?:iable)?|env(?:ironment)?\s+setting",
        r"(?:env(?:ironment)?\s+)?variable",
    ),
    _clue(MentionKind.SERVICE, _NAME, r"(?:micro)?service|workload|deployment", r"(?:micro)?service"),
    _clue(MentionKind.TABLE, _NAME, r"(?:database\s+|db\s+)?table", r"(?:database\s+)?table"),
    _clue(MentionKind.ENVIRONMENT, _NAME, r"env(?:ironment)?", r"env(?:ironment)?"),
    _clue(MentionKind.PORT, _PORT, r"port", r"port"),
)
_OTHER_TABLES = re.compile(r"\b(?:rout(?:e|ing)|hash|lookup|truth|ip|decision|nat)\s+tables?\s*\Z", re.I)

_MAKES = re.compile(
    r"\b(?:creat|add|introduc|generat|writ|scaffold|produc|emit)(?:e|es|ed|ing|s)?\b|\bnew\b", re.I
)
_TAKES_AWAY = re.compile(
    r"\b(?:delet|remov|drop|dropp|retir|decommission|deprecat|replac)(?:e|es|ed|ing|s)?\b"
    r"|\b(?:old|legacy|former(?:ly)?|previous(?:ly)?|used to|no longer|instead of)\b",
    re.I,
)
_TURNS_INTO = re.compile(
    r"\b(?:renam|mov|cop|split|extract)\w*\b.{0,100}\b(?:to|into|as)\s*`?\Z", re.I | re.S
)
_REFERS = re.compile(
    r"\b(?:to|in|into|inside|within|from|of|on|at|by|via|with|using|see|per|under|against)"
    r"(?:\s+the)?\s*`?\Z",
    re.I,
)
_MADE_AFTER = re.compile(
    r"`?\s*(?:\(?(?:new|to be (?:created|added|written)|planned)\b|(?:is|are|will be|gets?)\s+"
    r"(?:new|created|added|generated|introduced))",
    re.I,
)
_GONE_AFTER = re.compile(
    r"`?\s*(?:\(?(?:deleted|removed)\b|(?:is|are|was|were|will be|gets?)\s+"
    r"(?:deleted|removed|dropped|retired|gone|replaced))",
    re.I,
)


def mentions_of(document: PlanDocument) -> Iterator[Mention]:
    """Yield the mentions whose kind is clear, in source order within code and within links."""
    headers = _column_headers(document)
    for group in _groups(document):
        before, after = _around(document, group[0], group[-1])
        for code in group:
            column = headers.get(code.start, "")
            yield from _code_mention(document, code, before, after, column)
    for link in document.markdown.links:
        yield from _link_mention(document, link)


def _groups(document: PlanDocument) -> Iterator[list[Code]]:
    """Yield inline code, what is joined by commas and `and` together: it shares the words around it."""
    group: list[Code] = []
    for code in document.markdown.codes:
        if group and not _is_joined(document, group[-1], code):
            yield group
            group = []
        group.append(code)
    if group:
        yield group


def _is_joined(document: PlanDocument, one: Code, other: Code) -> bool:
    between = document.file.text[one.end : min(other.start, one.end + 20)]
    return other.start - one.end < 20 and _JOINED.fullmatch(between) is not None


def _around(document: PlanDocument, first: Located, last: Located) -> tuple[str, str]:
    """Return what stands before and after on the same lines; in a table, the row counts as before."""
    text, lines = document.file.text, document.file.lines
    line = lines.line_of(first.start)
    begin = max(lines.line_start(line), first.start - _BEFORE)
    end = min(lines.line_end(lines.line_of(last.end)), last.end + _AFTER)
    before = text[begin : first.start].rstrip("`")
    after = text[last.end : end].lstrip("`")
    if before.lstrip().startswith("|"):
        before = f"{after} {before}"
    sentence = max(before.rfind(". "), before.rfind("; "))
    return before[sentence + 1 :], after


def _column_headers(document: PlanDocument) -> dict[int, str]:
    """Return, for the code in tables, the header of its column by the code's start."""
    tables = document.markdown.tables
    cells = [
        (cell, table.header[column].text)
        for table in tables
        for row in table.rows
        for column, cell in enumerate(row[: len(table.header)])
    ]
    headers: dict[int, str] = {}
    at = 0
    for code in document.markdown.codes if cells else ():
        while at < len(cells) and cells[at][0].end < code.start:
            at += 1
        if at < len(cells) and cells[at][0].start <= code.start:
            headers[code.start] = cells[at][1]
    return headers


def _code_mention(
    document: PlanDocument, code: Code, before: str, after: str, column: str
) -> Iterator[Mention]:
    path = _path_in(code.text)
    if path is not None:
        kind = MentionKind.DIRECTORY if path.endswith("/") else MentionKind.FILE
        start = code.text.find(path)
        placed = Code(path, code.start + start, code.start + start + len(path))
        paths = _project_paths(document, path)
        yield Mention(document, placed, kind, path, _intent(before, after), paths)
        return
    kind_by_words = _kind_by_words(code.text, before, after, column)
    if kind_by_words is not None:
        yield Mention(document, code, kind_by_words, code.text, _intent(before, after))


def _kind_by_words(text: str, before: str, after: str, column: str) -> MentionKind | None:
    for clue in _CLUES:
        if len(text) > 63 or clue.shape.fullmatch(text) is None:
            continue
        if clue.kind is MentionKind.TABLE and _OTHER_TABLES.search(before):
            continue
        if clue.before.search(before) or clue.after.match(after) or clue.column.match(column):
            return clue.kind
    return None


def _link_mention(document: PlanDocument, link: Link) -> Iterator[Mention]:
    target = link.target.partition("#")[0].partition("?")[0]
    if not target or _SCHEME.match(target):
        return
    written = target
    target = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), target)
    if target.rpartition(".")[2].lower() not in _EXTENSIONS or _PLACEHOLDER.search(target):
        return
    directory = "" if target.startswith("/") else document.file.directory
    path = _inside(normpath(join(directory, target.lstrip("/"))))
    if path is not None:
        before, after = _around(document, link, link)
        yield Mention(document, link, MentionKind.FILE, written, _intent(before, after), (path,))


def _intent(before: str, after: str) -> Intent:
    if _TURNS_INTO.search(before) or _MADE_AFTER.match(after):
        return Intent.CREATED
    if _GONE_AFTER.match(after):
        return Intent.REMOVED
    if _REFERS.search(before):
        return Intent.NAMED
    makes, takes = _last(_MAKES, before), _last(_TAKES_AWAY, before)
    if makes < 0 and takes < 0:
        return Intent.NAMED
    return Intent.CREATED if makes > takes else Intent.REMOVED


def _last(pattern: re.Pattern[str], text: str) -> int:
    return max((match.start() for match in pattern.finditer(text)), default=-1)


def _path_in(text: str) -> str | None:
    """Return the path of the repository that inline code is, or None when it is something else."""
    match = _PATH.fullmatch(text) if len(text) <= 300 else None
    if match is None or _PLACEHOLDER.search(text):
        return None
    path = match["path"]
    directory, slash, name = path.rpartition("/")
    if "." in directory.partition("/")[0].strip("."):
        return None
    if not name:
        return path if slash else None
    extension = name.rpartition(".")[2] if "." in name.lstrip(".") else ""
    if name in _SPECIAL_NAMES or name.startswith(".env"):
        return path
    return path if extension in (_EXTENSIONS if slash else _PLAIN_NAME_EXTENSIONS) else None


def _project_paths(document: PlanDocument, path: str) -> tuple[str, ...]:
    """Return `path` seen from the project's root, then from the document's directory."""
    seen = (normpath(path), normpath(join(document.file.directory, path)))
    inside = [found for found in map(_inside, seen) if found is not None]
    return tuple(dict.fromkeys(inside))


def _inside(path: str) -> str | None:
    return None if path in (".", "..") or path.startswith(("../", "/")) else path
