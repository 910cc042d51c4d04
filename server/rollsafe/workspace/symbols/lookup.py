"""Where a name is defined and where it is used, over the files of a project."""

from collections.abc import Callable, Iterator, Mapping
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
_KINDS: Final = (*_DIALECTS.values(), github.mentions)
"""Readers of what a file is as a whole, of which it is one."""


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
        if "$ref" in file.text or "$id" in file.text or _is_contract(self._artefact(path)):
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
    asked = _Asked(files, path, offset)
    if not asked.named:
        return None
    found = dict.fromkeys(place for mention in asked.named for place in asked.meant(mention.symbols)[1])
    return Span(asked.named[0].start, asked.named[0].end), list(found)


def references(files: Files, path: str, offset: int, *, declared: bool) -> list[Place]:
    """Return the places that name what is named at an offset, with those that define it if `declared`.

    A key that no `$ref` leads to is nothing that has a name.
    """
    asked = _Asked(files, path, offset)
    symbols = list(dict.fromkeys(asked.meant(one.symbols)[0] for one in asked.named))
    if not symbols:
        file = files.file(path)
        pointed = pointers.pointer_at(file, offset) if file is not None else None
        symbols = [pointed] if pointed is not None else []
        asked.readers = [pointers.mentions]
    found = {place for symbol in symbols for place in asked.uses(symbol)}
    if declared and (found or asked.named):
        found.update(place for symbol in symbols for place in asked.places(symbol))
    return sorted(found)


class _Asked:
    """One question about an offset of a file. What is looked up for it is looked up once.

    `named` are the smallest mentions there, `readers` those that found them: what is named by one kind of
    file is named by that kind in other files, too.
    """

    def __init__(self, files: Files, path: str, offset: int) -> None:
        self._files = files
        self._defined: dict[str, dict[Symbol, list[Span]]] = {}
        self._places: dict[Symbol, list[Place]] = {}
        file, own = files.file(path), files.readers(path)
        holding = [
            (one, reader)
            for reader in own
            for one in (file.told(reader) if file is not None else ())
            if one.start <= offset <= one.end
        ]
        smallest = min((one.end - one.start for one, _ in holding), default=0)
        found = [pair for pair in holding if pair[0].end - pair[0].start == smallest]
        found = [pair for pair in found if not pair[0].defines] or found
        self.named = [one for one, _ in found]
        self.readers = list(dict.fromkeys(reader for _, reader in found))

    def meant(self, symbols: tuple[Symbol, ...]) -> tuple[Symbol, list[Place]]:
        """Return the first of several symbols that is defined anywhere, and where."""
        for symbol in symbols:
            places = self.places(symbol)
            if places:
                return symbol, places
        return symbols[0], []

    def places(self, symbol: Symbol) -> list[Place]:
        """Return where a symbol is defined."""
        known = self._places.get(symbol)
        if known is None:
            known = self._places[symbol] = list(self._find(symbol))
        return known

    def uses(self, symbol: Symbol) -> Iterator[Place]:
        """Yield where a symbol is named."""
        own = _defining(self._files, symbol)
        for path in dict.fromkeys([*own, *_naming(self._files, symbol)]):
            for one in self._mentions(path, is_own=path in own):
                if symbol in one.symbols and not one.defines and self.meant(one.symbols)[0] == symbol:
                    yield Place(path, Span(one.start, one.end))

    def _find(self, symbol: Symbol) -> Iterator[Place]:
        files = self._files
        if symbol.kind == FILE:
            known = (one for one in github.paths_at(symbol.home) if one in files.paths or one in files.texts)
            yield from (Place(path, Span(0, 0)) for path in known)
        elif symbol.kind == POINTER:
            place = pointers.place_of(symbol, files.file)
            if place is not None:
                yield Place(*place)
        else:
            for path in _defining(files, symbol):
                yield from (Place(path, span) for span in self._defined_in(path).get(symbol, ()))

    def _defined_in(self, path: str) -> dict[Symbol, list[Span]]:
        found = self._defined.get(path)
        if found is None:
            found = self._defined[path] = {}
            for one in self._mentions(path, is_own=True):
                if one.defines:
                    found.setdefault(one.symbols[0], []).append(Span(one.start, one.end))
        return found

    def _mentions(self, path: str, *, is_own: bool) -> Iterator[Mention]:
        """Yield the mentions of a file.

        A file that is of no kind by itself, such as one that only a `template` leads to, is taken for one of
        the kind of those that name it.
        """
        file, readers = self._files.file(path), self._files.readers(path)
        shared = not any(one in _KINDS for one in readers) and is_own
        for reader in self.readers if file is not None else ():
            if reader in readers or (shared and reader in _KINDS):
                yield from file.told(reader) if file is not None else ()


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
