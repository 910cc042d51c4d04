"""Dataclasses that are cheap to define.

`dataclass` writes and compiles up to six methods when a class is defined, and imports `inspect` for that; a
run over one file defines a hundred classes and makes objects of few. Here `__init__` is compiled when the
first object is made, and the other methods are shared. That nothing is assigned later is left to the type
checkers, for which a record is a frozen dataclass. The module `dataclasses` takes records for its own.
"""

from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar, cast, dataclass_transform

if TYPE_CHECKING:
    from dataclasses import field as field
    from dataclasses import replace as replace

T = TypeVar("T")
_FIELDS: Final = "__record_fields__"
_OF_AN_OPEN_CLASS: Final = frozenset({"__dict__", "__weakref__"})
_NOTHING: Final = object()


class _Field:
    """What is said of a field beside its type; `default` may be `_NOTHING`, `factory` makes one."""

    __slots__ = ("default", "factory", "is_shown")

    def __init__(self, default: object, factory: Callable[[], object] | None, *, is_shown: bool) -> None:
        self.default = default
        self.factory = factory
        self.is_shown = is_shown


if not TYPE_CHECKING:

    def field(*, default=_NOTHING, default_factory=None, repr=True):
        """Say more of a field than its default, as `dataclasses.field` does."""
        return _Field(default, default_factory, is_shown=repr)

    def replace(one, /, **changes):
        """Return a copy of a record or dataclass in which some fields have other values."""
        kept = {name: getattr(one, name) for name in one.__match_args__ if name not in changes}
        return type(one)(**kept, **changes)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[T]) -> type[T]:
    """Return `cls` as a dataclass whose fields are not assigned again, with slots for them."""
    own = _own_fields(cls)
    members = {
        name: value for name, value in vars(cls).items() if name not in own and name not in _OF_AN_OPEN_CLASS
    }
    members["__slots__"] = tuple(own)
    return _complete(cast("type[T]", type(cls.__name__, cls.__bases__, members)), own)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def open_record(cls: type[T]) -> type[T]:
    """Return `cls` as a dataclass whose fields are not assigned again; cached properties have their place."""
    return _complete(cls, _own_fields(cls))


@dataclass_transform(field_specifiers=(field,))
def state(cls: type[T]) -> type[T]:
    """Return `cls` as a dataclass whose fields change; equal fields make equal objects, without a hash."""
    made = _complete(cls, _own_fields(cls))
    made.__hash__ = None  # type: ignore[assignment]
    return made


@dataclass_transform(eq_default=False, field_specifiers=(field,))
def entity(cls: type[T]) -> type[T]:
    """Return `cls` as a dataclass whose fields change; an object equals none but itself."""
    made = _complete(cls, _own_fields(cls))
    made.__eq__ = object.__eq__  # type: ignore[method-assign]
    made.__hash__ = object.__hash__  # type: ignore[method-assign]
    return made


def is_record(kind: object) -> bool:
    """Say whether something is the class of a record."""
    return isinstance(kind, type) and hasattr(kind, _FIELDS)


def _own_fields(cls: type) -> dict[str, _Field]:
    """Return the fields that a class adds to those of its bases."""
    members = vars(cls)
    annotations: Mapping[str, object] = members.get("__annotations__", {})
    own: dict[str, _Field] = {}
    for name, annotation in annotations.items():
        if getattr(annotation, "__origin__", annotation) is not ClassVar:
            said = members.get(name, _NOTHING)
            own[name] = said if isinstance(said, _Field) else _Field(said, None, is_shown=True)
    return own


def _complete(cls: type[T], own: dict[str, _Field]) -> type[T]:
    fields: dict[str, _Field] = {}
    for base in reversed(cls.__mro__[1:]):
        fields |= vars(base).get(_FIELDS, {})
    fields |= own
    members = vars(cls)
    for name, one in own.items():
        if isinstance(members.get(name), _Field):
            # A default of an open class is an attribute of it, as with dataclasses.
            delattr(cls, name) if one.default is _NOTHING else setattr(cls, name, one.default)
    given: dict[str, object] = {
        _FIELDS: fields,
        "__match_args__": tuple(fields),
        "__dataclass_fields__": _DataclassFields(),
    }
    given |= {name: method for name, method in _METHODS.items() if members.get(name) is None}
    if "__init__" not in members:
        given["__init__"] = _first_init(cls, fields)
    for name, value in given.items():
        setattr(cls, name, value)
    return cls


def _first_init(cls: type, fields: dict[str, _Field]) -> Callable[..., None]:
    """Return what makes the first object of a class, and puts what makes the others in its own place."""

    def first(self: object, /, *values: object, **named: object) -> None:
        made = _init(cls, fields)
        type.__setattr__(cls, "__init__", made)
        made(self, *values, **named)

    return first


def _init(cls: type, fields: dict[str, _Field]) -> Callable[..., None]:
    names: dict[str, Any] = {"_nothing": _NOTHING}
    parameters, lines = ["self"], [" pass"]
    for name, one in fields.items():
        value = name
        if one.factory is not None:
            names[f"_make_{name}"] = one.factory
            parameters.append(f"{name}=_nothing")
            value = f"_make_{name}() if {name} is _nothing else {name}"
        elif one.default is not _NOTHING:
            names[f"_default_{name}"] = one.default
            parameters.append(f"{name}=_default_{name}")
        else:
            parameters.append(name)
        lines.append(f" self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append(" self.__post_init__()")
    exec("\n".join([f"def __init__({', '.join(parameters)}):", *lines]), names)
    return cast("Callable[..., None]", names["__init__"])


_values: Final[dict[type, Callable[[object], object]]] = {}


def _values_of(kind: type) -> Callable[[object], object]:
    known = _values.get(kind)
    if known is None:
        names = tuple(cast("dict[str, _Field]", getattr(kind, _FIELDS)))
        known = _values[kind] = attrgetter(*names) if names else lambda _: ()
    return known


def _equals(one: object, other: object) -> bool:
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    values = _values_of(type(one))
    return values(one) == values(other)


def _hash(one: object) -> int:
    return hash((type(one), _values_of(type(one))(one)))


def _shown(one: object) -> Iterator[str]:
    fields: dict[str, _Field] = getattr(one, _FIELDS)
    for name, said in fields.items():
        if said.is_shown:
            yield f"{name}={getattr(one, name)!r}"


def _represent(one: object) -> str:
    return f"{type(one).__qualname__}({', '.join(_shown(one))})"


_METHODS: Final[dict[str, object]] = {"__eq__": _equals, "__hash__": _hash, "__repr__": _represent}


class _DataclassFields:
    """The fields as `dataclasses` knows them, for the few that ask."""

    def __get__(self, one: object, kind: type) -> dict[str, object]:
        import dataclasses  # what asks has imported it

        told: list[tuple[str, object, Any]] = []
        fields: dict[str, _Field] = getattr(kind, _FIELDS)
        for name, said in fields.items():
            more: dict[str, Any] = {} if said.default is _NOTHING else {"default": said.default}
            if said.factory is not None:
                more["default_factory"] = said.factory
            told.append((name, Any, dataclasses.field(**more, repr=said.is_shown)))
        like = dataclasses.make_dataclass(kind.__name__, told)
        return cast("dict[str, object]", vars(like)["__dataclass_fields__"])
