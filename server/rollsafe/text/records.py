"""Immutable dataclasses with slots that are cheap to define.

`@dataclass(frozen=True, slots=True)` writes and compiles six methods, which takes half a millisecond for
each class; there are many classes of operations, and a run over one file defines them all. Here only
`__init__` is compiled and the other methods are shared. That nothing is assigned later is left to the type
checkers, for which a record is a frozen dataclass.
"""

from dataclasses import dataclass
from operator import attrgetter
from typing import TypeVar, cast, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def record(cls: type[T]) -> type[T]:
    """Return `cls` as a dataclass with slots whose fields are not assigned again."""
    for name, method in (("__eq__", _equals), ("__hash__", _hash), ("__repr__", _represent)):
        if name not in vars(cls) or vars(cls)[name] is None:
            setattr(cls, name, method)
    return dataclass(slots=True, eq=False, repr=False)(cls)


def _names(kind: type) -> tuple[str, ...]:
    return cast("tuple[str, ...]", getattr(kind, "__match_args__"))  # noqa: B009 - no type checker knows it


def _values(one: object) -> object:
    names = _names(type(one))
    return attrgetter(*names)(one) if names else ()


def _equals(one: object, other: object) -> bool:
    if type(one) is not type(other):
        return False
    return one is other or bool(_values(one) == _values(other))


def _hash(one: object) -> int:
    return hash((type(one), _values(one)))


def _represent(one: object) -> str:
    parts = (f"{name}={getattr(one, name)!r}" for name in _names(type(one)))
    return f"{type(one).__qualname__}({', '.join(parts)})"
