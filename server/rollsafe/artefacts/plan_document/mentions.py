"""What a plan names: files, services, tables, environments; with what it means to do to them."""

import re
from collections.abc import Iterator
from itertools import islice
from posixpath import join, normpath
from typing import Final

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.plan_document.document import PlanDocument
from rollsafe.artefacts.plan_document.surroundings import Around, Surroundings
from rollsafe.artefacts.plan_document.wording import (
    Intent,
    MentionKind,
    intent_of,
    kind_by_words,
    may_be_named,
)
from rollsafe.formats.markdown_inline import Code
from rollsafe.text.cached import cached_property
from rollsafe.text.patterns import lazily

_EXTENSIONS: Final = frozenset(
    (
        *("yaml", "yml", "json", "toml", "sql", "py", "rb", "js", "mjs", "cjs", "jsx", "ts", "tsx"),
        *("go", "rs", "java", "kt", "kts", "cs", "php", "sh", "bash", "tf", "tfvars", "hcl", "md"),
        *("conf", "ini", "cfg", "properties", "xml", "proto", "graphql", "gradle", "ex", "exs"),
        *("scala", "swift", "vue", "svelte", "lock", "tpl", "j2", "prisma", "avsc", "dockerfile"),
    )
)
_PLAIN_NAME_EXTENSIONS: Final = _EXTENSIONS - {"js", "go", "cs", "md", "conf", "properties"}
"""What a name without a directory may end in: `Node.js` and `app.properties` are often no files."""

_SPECIAL_NAMES: Final = frozenset({"Dockerfile", "Makefile", "Procfile", "Jenkinsfile", "Gemfile"})
_LONGEST_PATH: Final = 300
_PATH = lazily(r"(?P<path>(?:\.\.?/)*(?:\.?[\w@+-][\w.@+-]*/)*[\w.@+-]*)(?::\d+(?:-\d+)?)?", re.A)
_PLACEHOLDER = lazily(
    r"(?:^|/)(?:path/to/|(?:foo|bar|baz|example)\b)|X{3}|N{3}|Y{4}|X\.Y|[-_/]N[-_./]|\.\.\."
)
_SCHEME = lazily(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//")
_ESCAPE = lazily(r"%([2-7][0-9A-Fa-f])")
_JOINED = lazily(r"`+\s*(?:,|/|\+|&|,?\s*(?:and|or))\s*`+", re.I)
_WIDEST_JOIN: Final = 12
_MOST: Final = 1_000
"""As many mentions as a plan for people has, and more."""


class Mention(Element):
    """A name in inline code, or the target of a link; `start` and `end` bound the name itself."""

    family = "plan-documents"

    def __init__(
        self, document: PlanDocument, start: int, text: str, kind: MentionKind, around: Around
    ) -> None:
        super().__init__(document.file, start, start + len(text))
        self.document = document
        self.text = text
        self.kind = kind
        self._around = around

    def __repr__(self) -> str:
        return f"Mention({self.text!r}, {self.kind})"

    @cached_property
    def intent(self) -> Intent:
        """Whether the plan takes the thing to be there, makes it, or takes it away."""
        return intent_of(self._around.words())

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """The project paths a file or directory can mean, the likeliest first; empty for others."""
        if self.kind not in (MentionKind.FILE, MentionKind.DIRECTORY):
            return ()
        linked = _linked_path(self.document, self.text) if self._around.is_link else None
        return (linked,) if linked is not None else _project_paths(self.document, self.text)

    @property
    def is_bare_name(self) -> bool:
        """Whether it names a file without its directory, so that it may lie anywhere."""
        return "/" not in self.text


def mentions_of(document: PlanDocument) -> list[Mention]:
    """Return the mentions whose kind is clear: those in inline code, then those in links."""
    surroundings = Surroundings(document.file, document.markdown)
    in_code = islice(_in_code(document, surroundings), _MOST)
    in_links = islice(_in_links(document, surroundings), _MOST)
    return [*in_code, *in_links]


def _in_code(document: PlanDocument, surroundings: Surroundings) -> Iterator[Mention]:
    for group in _groups(document):
        around = Around(surroundings, group[0], group[-1])
        for code in group:
            path = _path_in(code.text)
            if path is not None:
                if not _is_link_text(document, code):
                    kind = MentionKind.DIRECTORY if path.endswith("/") else MentionKind.FILE
                    yield Mention(document, code.start, path, kind, around)
            elif may_be_named(code.text):
                by_words = kind_by_words(code.text, around.words(code))
                if by_words is not None:
                    yield Mention(document, code.start, code.text, by_words, around)


def _in_links(document: PlanDocument, surroundings: Surroundings) -> Iterator[Mention]:
    for link in document.markdown.links:
        if _linked_path(document, link.target) is not None:
            written = link.target.partition("#")[0].partition("?")[0]
            around = Around(surroundings, link, link, is_link=True)
            yield Mention(document, link.start, written, MentionKind.FILE, around)


def _groups(document: PlanDocument) -> Iterator[list[Code]]:
    """Yield inline code; pieces joined by commas or `and` share the words around them."""
    group: list[Code] = []
    for code in document.markdown.codes:
        if group and not _is_joined(document.file.text[group[-1].end : code.start]):
            yield group
            group = []
        group.append(code)
    if group:
        yield group


def _is_joined(between: str) -> bool:
    return len(between) <= _WIDEST_JOIN and _JOINED.fullmatch(between) is not None


def _is_link_text(document: PlanDocument, code: Code) -> bool:
    """Say whether a link begins right behind `code`: its target is a mention of its own."""
    return document.file.text[code.end : code.end + 4].lstrip("`").startswith("](")


def _path_in(text: str) -> str | None:
    """Return the path of the repository that inline code is, or None when it is something else."""
    match = _PATH.fullmatch(text) if len(text) <= _LONGEST_PATH else None
    if match is None or _PLACEHOLDER.search(text):
        return None
    path = match["path"]
    directory, slash, name = path.rpartition("/")
    if "." in directory.partition("/")[0].strip("."):
        return None
    if not name:
        return path if directory.strip("./") else None
    if name in _SPECIAL_NAMES or name.startswith(".env"):
        return path
    extension = name.rpartition(".")[2] if "." in name.lstrip(".") else ""
    return path if extension in (_EXTENSIONS if slash else _PLAIN_NAME_EXTENSIONS) else None


def _project_paths(document: PlanDocument, path: str) -> tuple[str, ...]:
    """Return `path` seen from the project's root, then from the document's directory."""
    seen = (normpath(path), normpath(join(document.file.directory, path)))
    inside = [found for found in map(_inside, seen) if found is not None]
    return tuple(dict.fromkeys(inside))


def _linked_path(document: PlanDocument, target: str) -> str | None:
    """Return the project path of a file a link leads to; None for addresses and pages."""
    path = target.partition("#")[0].partition("?")[0]
    if not path or len(path) > _LONGEST_PATH or _SCHEME.match(path) or _PLACEHOLDER.search(path):
        return None
    path = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), path)
    if path.rpartition(".")[2].lower() not in _EXTENSIONS:
        return None
    directory = "" if path.startswith("/") else document.file.directory
    return _inside(normpath(join(directory, path.lstrip("/"))))


def _inside(path: str) -> str | None:
    return None if path in (".", "..") or path.startswith(("../", "/")) else path
