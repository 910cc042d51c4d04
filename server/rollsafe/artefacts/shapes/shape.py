"""One shape of a table: what a value may be."""

from collections.abc import Callable, Container, Iterable, Mapping
from typing import Final, TypeAlias

from rollsafe.text.tuples import NamedTuple

RawShape: TypeAlias = "str | Mapping[str, object]"
_NAMES: Final = {"s": "a text", "i": "a whole number", "n": "a number", "b": "`true` or `false`"}


class Span(NamedTuple):
    """The first and the last minor version that know a key."""

    first: int
    last: int


class Shape:
    """What a value may be: a scalar of some types, a mapping, a list, or several of these.

    `values` is the shape of keys that `names` does not hold, None where there are to be none. Shapes of
    keys and items are made when somebody asks. `contexts` is the number of the table's list of what
    expressions see in the value and below it, None where nothing is said of that. `is_filled`: a text that is
    not empty.
    """

    __slots__ = (
        "_find",
        "_items",
        "_keys",
        "_made",
        "_made_items",
        "_made_variants",
        "_variants",
        "contexts",
        "is_filled",
        "required",
        "scalars",
        "spans",
        "values",
        "words",
    )

    def __init__(self, raw: Mapping[str, object], find: "Callable[[RawShape], Shape]") -> None:
        self._find = find
        self._keys: Mapping[str, RawShape] | None = raw.get("p")  # type: ignore[assignment]
        self._items: RawShape | None = raw.get("l")  # type: ignore[assignment]
        self._made: dict[str, Shape] = {}
        self._made_items: Shape | None = None
        self._made_variants: dict[str, Shape] = {}
        self._variants: list[tuple[str, RawShape]] | None = raw.get("o")  # type: ignore[assignment]
        self.contexts: int | None = raw.get("c")  # type: ignore[assignment]
        self.is_filled = "f" in raw
        self.scalars = str(raw.get("s", ""))
        self.words: tuple[str, ...] = tuple(raw.get("e", ()))  # type: ignore[arg-type]
        self.required: tuple[str, ...] = tuple(raw.get("q", ()))  # type: ignore[arg-type]
        self.spans: Mapping[str, tuple[int, int]] = raw.get("w", {})  # type: ignore[assignment]
        values: RawShape | None = raw.get("v")  # type: ignore[assignment]
        self.values = find(values) if values is not None else None

    @property
    def is_anything(self) -> bool:
        """Whether nothing is known of the value."""
        return not self.scalars and not self.is_mapping and self._items is None

    @property
    def is_mapping(self) -> bool:
        """Whether the value may be a mapping."""
        return self._keys is not None or self._variants is not None

    @property
    def items(self) -> "Shape | None":
        """The shape of items; None where the value may not be a list."""
        if self._made_items is None and self._items is not None:
            self._made_items = self._find(self._items)
        return self._made_items

    @property
    def names(self) -> Iterable[str]:
        """The keys that are known by name."""
        return self._keys or ()

    def variant(self, keys: Container[str]) -> "Shape":
        """Return the shape of a mapping that has these keys, where a mapping may be one of several."""
        if self._variants is None:
            return self
        key, raw = next((pair for pair in self._variants if pair[0] in keys), self._variants[0])
        made = self._made_variants.get(key)
        if made is None:
            made = self._made_variants[key] = self._find(raw)
        return made

    def at(self, key: str) -> "Shape | None":
        """Return the shape of the value of `key`; None when there is no such key."""
        made = self._made.get(key)
        if made is not None:
            return made
        raw = self._keys.get(key) if self._keys is not None else None
        if raw is None:
            return self.values
        found = self._made[key] = self._find(raw)
        return found


def described(shape: Shape) -> str:
    """Return in words what the value may be, such as "a text or a list"."""
    letters = [one for one in "sinb" if one in shape.scalars and not (one == "i" and "n" in shape.scalars)]
    words = [_NAMES[one] for one in letters]
    words += ["a list"] * (shape.items is not None) + ["a mapping"] * shape.is_mapping
    return " or ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else "".join(words)
