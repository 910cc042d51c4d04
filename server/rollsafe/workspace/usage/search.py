"""One pass over the application's code for everything that is looked for.

Only files that ship are read: no tests, no copies of others' code, nothing that is generated and no
migrations. How many are read, and how much of them, is bounded.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, TypeAlias

from rollsafe.artefacts.source import SourceFile
from rollsafe.text.patterns import lazily
from rollsafe.workspace.disk import QUIET, read_small
from rollsafe.workspace.usage.forms import Forms
from rollsafe.workspace.usage.model import NOWHERE, Named, Use, Uses
from rollsafe.workspace.usage.routes import RouteForms
from rollsafe.workspace.usage.types import TypeForms

AnyForms: TypeAlias = Forms | RouteForms | TypeForms

MAX_FILES: Final = 4_000
MAX_BYTES: Final = 262_144
MAX_TOTAL: Final = 50_331_648
MAX_PLACES: Final = 5
_FEW: Final = 40
"""So many words are looked for one by one; of more, the words of each file are."""

_SUFFIXES: Final = frozenset(
    {
        *("py", "rb", "erb", "haml", "slim", "rake", "prisma", "sql", "go", "java", "kt", "scala", "groovy"),
        *("ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs", "vue", "svelte", "cs", "fs", "php"),
        *("ex", "exs", "rs", "swift"),
    }
)
_TESTS: Final = (
    *("test", "tests", "spec", "specs", "__tests__", "__mocks__", "mocks", "e2e", "cypress", "testing"),
    *("factories", "seeds", "examples", "example", "bench", "benchmarks"),
)
_MADE: Final = (
    *("dist", "build", "out", "target", "coverage", "generated", "__generated__", "gen"),
    *("public", "static", "assets", "docs", "doc", "scripts", "versions", "changelog", "changelogs"),
)
_LEFT_OUT: Final = QUIET.union(_TESTS, _MADE)
_NOT_SHIPPED = lazily(
    r"(?:^|/)(?:test_[^/]*|conftest\.py|seeds?\.\w+|structure\.sql|schema\.sql"
    r"|[^/]*(?:_test|_spec|\.test|\.spec|\.stories|\.min|\.generated|\.gen|\.pb|_pb2|\.d|\.config|Tests?|IT)"
    r"\.\w+)\Z"
)
_WORD = re.compile(rb"\w+")


def is_code(path: str) -> bool:
    """Say by its name alone whether a file of a project is code that ships."""
    *directories, name = path.split("/")
    if name.rpartition(".")[2] not in _SUFFIXES or _NOT_SHIPPED.search(path):
        return False
    return not any(one.lower() in _LEFT_OUT or "migrat" in one.lower() for one in directories)


def search(
    root: str, paths: Iterable[str], names: Sequence[Named], on_file: Callable[[], None] | None = None
) -> dict[Named, Uses]:
    """Look for `names` in the code below `root`; every one of them gets its answer.

    `on_file` is called before each file, and may pause.
    """
    return _search(_read(root, paths), names, on_file)


def search_texts(
    read: Callable[[str], SourceFile | None], paths: Iterable[str], names: Sequence[Named]
) -> dict[Named, Uses]:
    """Look for `names` in code that `read` returns."""
    return _search(_texts(read, paths), names, None)


def _search(
    files: Iterable[tuple[str, bytes]], names: Sequence[Named], on_file: Callable[[], None] | None
) -> dict[Named, Uses]:
    by_word: dict[bytes, list[AnyForms]] | None = None
    found: dict[Named, list[Use]] = {one: [] for one in names}
    for path, data in files:
        if on_file is not None:
            on_file()
        if by_word is None:
            by_word = _by_word(names)
        wanted = {id(one): one for word in _words_in(data, by_word) for one in by_word[word]}
        file = SourceFile(path, data.decode("utf-8", "replace")) if wanted else None
        for one in wanted.values():
            use = one.first_in(file) if file is not None else None
            if use is not None:
                found[one.named].append(use)
    return {one: _answer(uses) for one, uses in found.items()}


def _by_word(names: Sequence[Named]) -> dict[bytes, list[AnyForms]]:
    """Return the forms of all names by the words of which one stands in every file that names it."""
    found: dict[bytes, list[AnyForms]] = {}
    for one in map(_forms_of, names):
        for word in one.words:
            found.setdefault(word.encode(), []).append(one)
    return found


def _answer(uses: list[Use]) -> Uses:
    ranked = sorted(uses, key=lambda one: (not one.is_model, one.file.path))
    return Uses(tuple(ranked[:MAX_PLACES]), len(uses)) if uses else NOWHERE


def _forms_of(named: Named) -> AnyForms:
    if named.type:
        return TypeForms(named)
    return RouteForms(named) if named.route else Forms(named)


def _words_in(data: bytes, by_word: dict[bytes, list[AnyForms]]) -> Iterable[bytes]:
    if len(by_word) <= _FEW:
        return [word for word in by_word if word in data]
    return by_word.keys() & set(_WORD.findall(data))


def _texts(read: Callable[[str], SourceFile | None], paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    total = 0
    for path in sorted(filter(is_code, paths))[:MAX_FILES]:
        file = read(path)
        if file is not None and len(file.text) <= MAX_BYTES:
            data = file.text.encode("utf-8", "replace")
            total += len(data)
            yield path, data
        if total > MAX_TOTAL:
            return


def _read(root: str, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    total = 0
    for path in sorted(filter(is_code, paths))[:MAX_FILES]:
        data = read_small(os.path.join(root, path), MAX_BYTES)
        if data is not None:
            total += len(data)
            yield path, data
        if total > MAX_TOTAL:
            return
