"""`NamedTuple` as in `typing`, cheap to define: what makes a tuple is compiled when the first one is made.

A run over one file defines a hundred and more of them, and makes tuples of half of them.
"""

from typing import TYPE_CHECKING

__all__ = ["NamedTuple"]

if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from collections import _tuplegetter

    class _Tuple(tuple):
        """What all of them share."""

        __slots__ = ()

        @classmethod
        def _make(cls, values):
            return cls(*values)

        def _replace(self, /, **changes):
            return type(self)(**{**self._asdict(), **changes})

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def __getnewargs__(self):
            return tuple(self)

        def __repr__(self):
            parts = (f"{name}={value!r}" for name, value in self._asdict().items())
            return f"{type(self).__name__}({', '.join(parts)})"

    class _Making(type):
        """Makes a tuple's class of the body of a class."""

        def __new__(cls, name, bases, members):
            fields = tuple(members.get("__annotations__", ()))
            defaults = tuple(members.pop(field) for field in fields if field in members)
            for index, field in enumerate(fields):
                members[field] = _tuplegetter(index, "")
            members["__slots__"] = ()
            members["_fields"] = members["__match_args__"] = fields
            members["_field_defaults"] = dict(zip(fields[-len(defaults) :], defaults, strict=False))

            def first(kind, /, *values, **named):
                return _put_maker(made, fields, defaults)(kind, *values, **named)

            members["__new__"] = first
            made = type(name, (_Tuple,), members)
            return made

    def _put_maker(kind, fields, defaults):
        """Return what makes tuples of a kind, after it was put in its place."""
        told = ", ".join(fields)
        make = eval(f"lambda _kind, /, {told}: _new(_kind, ({told},))", {"_new": tuple.__new__})
        make.__defaults__ = defaults
        kind.__new__ = staticmethod(make)
        return make

    class _NamedTuple:
        def __mro_entries__(self, bases):
            return (_Marked,)

    _Marked = type.__new__(_Making, "NamedTuple", (), {})
    NamedTuple = _NamedTuple()
