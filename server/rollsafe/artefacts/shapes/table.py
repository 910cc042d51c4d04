"""The tables that come with the product, read when the first file needs them.

Every entry of a table stands on a line of its own, and is understood when somebody asks for it: a file has a
handful of the hundreds.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final, Required, TypeAlias, TypedDict, TypeVar, cast

from rollsafe.artefacts.shapes.shape import RawShape, Shape, Span

T = TypeVar("T")
_DEEPEST_NAME: Final = 16
"""A shape that is only another's name is followed this often."""


class _About(TypedDict, total=False):
    origin: str
    licence: str
    first: int
    last: int


class _Head(TypedDict, total=False):
    about: Required[_About]
    contexts: list[list[str]]


_Kind: TypeAlias = tuple[str, int, int]


class _Section(Mapping[str, T]):
    """A part of a table: the JSON of entries by name."""

    def __init__(self, text: str) -> None:
        lines = (line for line in text.splitlines() if line.startswith('"'))
        self._lines: dict[str, str] = {
            name: rest for name, _, rest in (line[1:].partition('":') for line in lines)
        }
        self._known: dict[str, T] = {}

    def __getitem__(self, name: str) -> T:
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = cast("T", _loaded(self._lines[name].rstrip(",")))
        return known

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)

    def __contains__(self, name: object) -> bool:
        return name in self._lines


class Table:
    """Shapes by name. `versions` are the first and last minor version it knows, where it has versions.

    `base` is a table whose shapes may be named too.
    """

    def __init__(self, text: str, base: "Table | None" = None) -> None:
        head, _, types = text.partition('\n"types":{\n')
        first, _, kinds = head.partition('\n"kinds":{\n')
        self._kinds = _Section[_Kind](kinds)
        self._types = _Section[RawShape](types)
        self._made: dict[str, Shape] = {}
        self._base = base
        said = cast("_Head", _loaded(f"{first.rstrip(',')}}}"))
        about = said["about"]
        self.contexts: list[frozenset[str]] = [frozenset(names) for names in said.get("contexts", ())]
        self.versions = Span(about.get("first", 0), about.get("last", 0))

    def shape(self, name: str) -> Shape:
        """Return the shape called `name`.

        Raises:
            KeyError: there is none; names come from the table itself.
        """
        made = self._made.get(name)
        if made is None:
            if self._base is not None and name not in self._types:
                return self._base.shape(name)
            made = self._made[name] = self._make(self._types[name])
        return made

    def kind(self, api_version: str, kind: str) -> tuple[Shape, Span] | None:
        """Return the shape of an object and the versions that know its kind; None when it is unknown."""
        found = self._kinds.get(f"{api_version} {kind}")
        return (self.shape(found[0]), Span(found[1], found[2])) if found is not None else None

    def kinds_called(self, kind: str) -> list[tuple[str, Span]]:
        """Return the `apiVersion`s under which a kind is known, with their versions."""
        ending = f" {kind}"
        return [
            (key.removesuffix(ending), Span(*span))
            for key, (_, *span) in self._kinds.items()
            if key.endswith(ending)
        ]

    def owners(self, key: str) -> list[str]:
        """Return the names of the shapes that have a key of this name, group and version left out."""
        found = {
            name.rpartition(".")[2]
            for name, raw in self._types.items()
            if not isinstance(raw, str) and key in cast("dict[str, RawShape]", raw.get("p", {}))
        }
        return sorted(found)

    def _make(self, raw: RawShape) -> Shape:
        for _ in range(_DEEPEST_NAME):
            if not isinstance(raw, str):
                return Shape(raw, self._find)
            if not raw.startswith("#"):
                break
            raw = self._types[raw[1:]]
        letters = raw if isinstance(raw, str) and raw != "*" and not raw.startswith("#") else ""
        return Shape({"s": letters}, self._find)

    def _find(self, raw: RawShape) -> Shape:
        if not isinstance(raw, str):
            return Shape(raw, self._find)
        return self.shape(raw[1:]) if raw.startswith("#") else self._letters(raw)

    def _letters(self, letters: str) -> Shape:
        key = f"={letters}"
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._make(letters)
        return made


@cache
def compose_table() -> Table:
    """Return the table of the Compose specification."""
    return Table(_read("compose"))


@cache
def github_table() -> Table:
    """Return the table of workflow and action files of GitHub."""
    return Table(_read("github"))


@cache
def gitlab_table() -> Table:
    """Return the table of GitLab's pipelines."""
    return Table(_read("gitlab"))


@cache
def kubernetes_table() -> Table:
    """Return the table of the kinds that Kubernetes has built in."""
    return Table(_read("kubernetes"))


@cache
def operators_table() -> Table:
    """Return the table of the kinds that Argo CD, Argo Rollouts and Tekton bring."""
    return Table(_read("operators"), kubernetes_table())


def _read(name: str) -> str:
    from pkgutil import get_data

    return (get_data("rollsafe.artefacts.shapes", f"data/{name}.json") or b"").decode()


def _loaded(line: str) -> object:
    from json import loads  # most checks of a single file read no table

    return loads(line)
