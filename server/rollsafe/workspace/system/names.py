"""What the words and paths of commands mean: which services somebody speaks of."""

from collections.abc import Iterable, Iterator, Mapping
from posixpath import basename, dirname, normpath

from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.system.facts import Form
from rollsafe.workspace.system.services import Services


class _Known(NamedTuple):
    """Ids by name, by the end of an image's name and by path; directories of code; services made here."""

    ids: Mapping[str, str]
    by_image: Mapping[str, str]
    by_path: Mapping[str, tuple[str, ...]]
    code: Mapping[str, str]
    own: tuple[str, ...]


class Names:
    """Looks names up. Answers are kept: while no name changes, it is the same object for every system."""

    def __init__(self, known: _Known) -> None:
        self._known = known
        self._named: dict[tuple[tuple[str, ...], str], tuple[str, ...]] = {}

    @property
    def own(self) -> tuple[str, ...]:
        """The services that are made here: see `Services.own`."""
        return self._known.own

    def is_for(self, known: _Known) -> bool:
        """Say whether it looks up exactly these names."""
        return self._known == known

    def named(self, words: tuple[str, ...], directory: str) -> tuple[str, ...]:
        """Return the services that words of a command, run in `directory`, speak of."""
        key = words, directory
        found = self._named.get(key)
        if found is None:
            found = self._named[key] = self._find(words, directory)
        return found

    def provider(self, path: str) -> str | None:
        """Return the service in whose code a file lies, the innermost one; else one its path names."""
        inside = [
            (len(directory), id_)
            for id_, directory in self._known.code.items()
            if (directory == "." or path.startswith(f"{directory}/")) and id_.startswith("service:")
        ]
        if inside:
            longest = max(length for length, _ in inside)
            owners = [id_ for length, id_ in inside if length == longest]
            return owners[0] if len(owners) == 1 else None
        parts = [*path.split("/")[:-1], basename(path).partition(".")[0]]
        named = (self._known.ids.get(part) for part in reversed(parts))
        return next((id_ for id_ in named if id_ is not None and id_.startswith("service:")), None)

    def _find(self, words: Iterable[str], directory: str) -> tuple[str, ...]:
        found = dict.fromkeys(id_ for word in words for id_ in self._meant(word, directory))
        return tuple(found) or (self._known.by_path.get(directory, ()) if directory else ())

    def _meant(self, word: str, directory: str) -> Iterator[str]:
        known = self._known
        yield from known.by_path.get(normpath(f"{directory}/{word}" if directory else word), ())
        name = basename(word)
        id_ = known.ids.get(name) or (known.by_image.get(name) if "/" in word else None)
        if id_ is not None and not word.startswith("-"):
            yield id_


def names_of(services: Services, before: Names | None) -> Names:
    """Return the names of some services; `before` itself while they are the same."""
    own = tuple(services.own)
    known = _Known(services.ids, services.by_image, _by_path(services), services.code, own)
    return before if before is not None and before.is_for(known) else Names(known)


def _by_path(services: Services) -> dict[str, tuple[str, ...]]:
    """Return the services a path stands for: their code, their manifest, the directory that is applied."""
    found: dict[str, dict[str, None]] = {}
    for id_, directory in services.code.items():
        if directory != ".":
            found.setdefault(directory, {})[id_] = None
    for id_, (path, _, _) in services.recipe_of.items():
        found.setdefault(path, {})[id_] = None
        if dirname(path):
            found.setdefault(dirname(path), {})[id_] = None
    for id_, units in services.by_id.items():
        for unit in units:
            found.setdefault(unit.place.path, {})[id_] = None
            if unit.form is Form.KUBERNETES:
                found.setdefault(dirname(unit.place.path), {})[id_] = None
    for directory, ids in services.overlaid.items():
        found.setdefault(directory, {}).update(dict.fromkeys(ids))
    return {path: tuple(ids) for path, ids in found.items()}
