"""Where a name is defined and where it is used, over the files of a project."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from rollsafe.artefacts.base import Artefact
from rollsafe.artefacts.other_pipelines import Dialect, PipelineConfiguration
from rollsafe.artefacts.source import SourceFile
from rollsafe.text import Span
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.symbols import anchors, azure, circleci, github, gitlab, objects, pointers, states
from rollsafe.workspace.symbols.model import FILE, POINTER, Mention, Symbol

Reader = Callable[[SourceFile], tuple[Mention, ...]]

_READABLE = lazily(r"\.(ya?ml|json|asl)$")
_LARGEST: Final = 2_000_000
_GITHUB: Final = ("github-workflow", "github-action")
_DIALECTS: Final = {
    Dialect.GITLAB: gitlab.mentions,
    Dialect.CIRCLECI: circleci.mentions,
    Dialect.AZURE: azure.mentions,
}


class Place(NamedTuple):
    """A part of a file."""

    path: str
    span: Span


class Files:
    """The files of a project as they are now: their texts and what kind each of them is."""

    def __init__(
        self,
        texts: Mapping[str, SourceFile],
        paths: frozenset[str],
        artefact: Callable[[str], Artefact | None],
    ) -> None:
        self.texts = texts
        self.paths = paths
        self._artefact = artefact

    def file(self, path: str) -> SourceFile | None:
        """Return a file as its kind sees it, with what others tell of it; None for one that is not read."""
        file = self.texts.get(path)
        if file is None or len(file.text) > _LARGEST or _READABLE.search(path) is None:
            return None
        artefact = self._artefact(path)
        return artefact.file if artefact is not None and artefact.file.text == file.text else file

    def readers(self, path: str) -> list[Reader]:
        """Return what reads the names of a file."""
        file = self.file(path)
        if file is None:
            return []
        found: list[Reader] = list(_by_kind(self._artefact(path), file))
        if '"States"' in file.text or "States:" in file.text:
            found.append(states.mentions)
        if "argoproj.io/" in file.text or "tekton.dev/" in file.text:
            found.append(objects.mentions)
        if "$ref" in file.text or _is_contract(self._artefact(path)):
            found.append(pointers.mentions)
        if "&" in file.text and "*" in file.text:
            found.append(anchors.mentions)
        return found


def _by_kind(artefact: Artefact | None, file: SourceFile) -> Iterator[Reader]:
    if artefact is None:
        if azure.may_be_template(file):
            yield azure.mentions
    elif artefact.kind in _GITHUB:
        yield github.mentions
    else:
        for element in artefact.elements[:1]:
            if isinstance(element, PipelineConfiguration) and element.dialect in _DIALECTS:
                yield _DIALECTS[element.dialect]


def _is_contract(artefact: Artefact | None) -> bool:
    return artefact is not None and artefact.kind == "contract"


def definitions(files: Files, path: str, offset: int) -> tuple[Span, list[Place]] | None:
    """Return the name at an offset, and the places where it is defined; None where nothing is named."""
    readers = files.readers(path)
    named = _at(files, path, readers, offset)
    if not named:
        return None
    found = dict.fromkeys(
        place for mention in named for place in _defined(files, mention.symbols, readers)[1]
    )
    return Span(named[0].start, named[0].end), list(found)


def references(files: Files, path: str, offset: int, *, declared: bool) -> list[Place]:
    """Return the places that name what is named at an offset, with those that define it if `declared`.

    A key that no `$ref` leads to is nothing that has a name.
    """
    readers = files.readers(path)
    named = _at(files, path, readers, offset)
    if named:
        symbols = list(dict.fromkeys(_defined(files, one.symbols, readers)[0] for one in named))
        found = {place for symbol in symbols for place in _uses(files, symbol, readers)}
    else:
        file = files.file(path)
        pointed = pointers.pointer_at(file, offset) if file is not None else None
        symbols = [pointed] if pointed is not None else []
        found = {place for symbol in symbols for place in _uses(files, symbol, readers)}
        declared = declared and bool(found)
    for symbol in symbols if declared else ():
        found.update(_defined(files, (symbol,), readers)[1])
    return sorted(found)


def _uses(files: Files, symbol: Symbol, readers: list[Reader]) -> Iterator[Place]:
    own = _defining(files, symbol)
    for path in dict.fromkeys([*own, *_naming(files, symbol)]):
        shared = _shared(readers, files, path) if path in own else ()
        for one in _mentions(files, path, [*files.readers(path), *shared]):
            if symbol in one.symbols and not one.defines and _means(files, one, symbol, readers):
                yield Place(path, Span(one.start, one.end))


def _at(files: Files, path: str, readers: Iterable[Reader], offset: int) -> list[Mention]:
    """Return the smallest mentions at an offset, those that name something else first."""
    holding = [one for one in _mentions(files, path, readers) if one.start <= offset <= one.end]
    smallest = min((one.end - one.start for one in holding), default=0)
    found = [one for one in holding if one.end - one.start == smallest]
    naming = [one for one in found if not one.defines]
    return naming or found


def _mentions(files: Files, path: str, readers: Iterable[Reader]) -> Iterator[Mention]:
    file = files.file(path)
    for reader in dict.fromkeys(readers) if file is not None else ():
        yield from file.told(reader) if file is not None else ()


def _means(files: Files, mention: Mention, symbol: Symbol, readers: list[Reader]) -> bool:
    """Say whether it is this one of its symbols that a mention stands for."""
    return mention.symbols[0] == symbol or _defined(files, mention.symbols, readers)[0] == symbol


def _defined(files: Files, symbols: tuple[Symbol, ...], readers: list[Reader]) -> tuple[Symbol, list[Place]]:
    """Return the first of several symbols that is defined anywhere, and where."""
    for symbol in symbols:
        places = list(_places(files, symbol, readers))
        if places:
            return symbol, places
    return symbols[0], []


def _places(files: Files, symbol: Symbol, readers: list[Reader]) -> Iterator[Place]:
    if symbol.kind == FILE:
        known = (path for path in github.paths_at(symbol.home) if path in files.paths or path in files.texts)
        yield from (Place(path, Span(0, 0)) for path in known)
        return
    if symbol.kind == POINTER:
        place = pointers.place_of(symbol, files.file)
        if place is not None:
            yield Place(*place)
        return
    for path in _defining(files, symbol):
        for mention in _mentions(files, path, [*files.readers(path), *_shared(readers, files, path)]):
            if mention.defines and symbol in mention.symbols:
                yield Place(path, Span(mention.start, mention.end))


def _shared(readers: list[Reader], files: Files, path: str) -> list[Reader]:
    """Return what reads a file of no kind of its own: whoever asks takes it for one of the same kind."""
    own = files.readers(path)
    kinds = (*_DIALECTS.values(), github.mentions)
    return [] if any(one in kinds for one in own) else [one for one in readers if one in kinds]


def _defining(files: Files, symbol: Symbol) -> list[str]:
    """Return the files that may define a symbol."""
    if symbol.home.startswith("@"):
        return _with_word(files, symbol.home.rpartition("/")[2].lstrip("@"))
    paths = [path for path in github.paths_at(symbol.home) if path in files.texts]
    return [one for path in paths for one in _together(files, path)]


def _naming(files: Files, symbol: Symbol) -> list[str]:
    """Return the files that may name a symbol of another file: they name its home."""
    return _with_word(files, symbol.home.rpartition("/")[2].lstrip("@") if symbol.home != "." else "uses")


def _together(files: Files, path: str) -> tuple[str, ...]:
    """Return a file with those it is one pipeline with."""
    file = files.file(path)
    return gitlab.files_with(file) if file is not None and gitlab.mentions in files.readers(path) else (path,)


def _with_word(files: Files, word: str) -> list[str]:
    return [
        path for path, file in files.texts.items() if word in file.text and _READABLE.search(path) is not None
    ]
