"""Elements and contexts of which little is known: what a rule asks for beyond that ends its call."""

from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any, Final

from rollsafe.artefacts.base import Element
from rollsafe.rules import Rule
from rollsafe.text.cached import cached_property


class _BeyondError(BaseException):
    """Something was asked for that is not known; no `except Exception` in a rule stops it."""


class _Unseen:
    """Stands for what a rule is given and must not have looked at."""

    def __getattribute__(self, name: str) -> Any:
        raise _BeyondError


_UNSEEN: Final = _Unseen()


def known_of(element: Element) -> dict[str, object]:
    """Return what is known of every element with the same profile as this one.

    Offsets count from where the element begins. Other elements it leads to are sketches, and its file has
    no text: that would be more than the profile tells.
    """
    kind = type(element)
    known: dict[str, object] = {name: getattr(element, name) for name in (*kind.outline, *kind.profile)}
    known["start"] = 0
    for name in kind.follows:
        value = getattr(element, name)
        known[name] = _sketch(type(value), known_of(value)) if isinstance(value, Element) else value
    if kind.follows:
        known["file"] = _UNSEEN
    return known


def is_content(
    rule: Rule, kind: type[Element], known: Mapping[str, object], context: Mapping[type, object]
) -> bool:
    """Say whether a rule finds nothing in elements of `kind` about which `known` is true.

    That is so when it comes to its end with nothing but `known`, what properties and methods of `kind`
    make of it, and what `context` holds. False where it asked for more.
    """
    arguments = [context.get(need, _UNSEEN) for need in rule.context]
    try:
        return not any(True for _ in rule.check(_sketch(kind, known), *arguments))
    except (_BeyondError, Exception):
        return False


def _sketch(kind: type[Element], known: Mapping[str, object]) -> Element:
    made = _SKETCHES.get(kind)
    if made is None:
        made = _SKETCHES[kind] = _sketch_type(kind)
    sketch = object.__new__(made)
    _attributes(sketch).update(known)
    return sketch


def _attributes(sketch: object) -> dict[str, object]:
    found: dict[str, object] = object.__getattribute__(sketch, "__dict__")
    return found


def _got(sketch: Element, known: dict[str, object], name: str, getter: Callable[[Any], object]) -> object:
    """Return what a property makes of what is known; two that are made of each other are not known."""
    asked = f"asked {name}"
    if asked in known:
        raise _BeyondError
    known[asked] = True
    value = getter(sketch)
    del known[asked]
    return value


_SKETCHES: Final[dict[type[Element], type[Element]]] = {}


def _sketch_type(kind: type[Element]) -> type[Element]:
    """Return a subclass of `kind` that answers from what is known, or not at all."""

    def answer(sketch: Element, name: str) -> object:
        known = _attributes(sketch)
        if name == "__class__":
            return type(sketch)  # What `isinstance` asks where the type itself does not fit.
        if name not in known:
            found = next((vars(base)[name] for base in kind.__mro__ if name in vars(base)), None)
            match found:
                case FunctionType() if not name.startswith("__"):
                    return found.__get__(sketch)
                case property(fget=getter) if getter is not None:
                    return _got(sketch, known, name, getter)
                case cached_property(func=getter):
                    known[name] = _got(sketch, known, name, getter)
                case _:
                    raise _BeyondError
        return known[name]

    return type(kind.__name__, (kind,), {"__getattribute__": answer})
