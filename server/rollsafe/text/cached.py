"""`cached_property` as in `functools`, without the lock that Python 3.11 takes each time one is computed.

Thousands are computed at a keystroke, and most take less time than the lock. Where two threads ask for the
first time, both compute, and both are given what one of them has made.
"""

from typing import TYPE_CHECKING

__all__ = ["cached_property"]

if TYPE_CHECKING:
    from functools import cached_property
else:

    class cached_property:  # noqa: N801 - it goes by the name it has in `functools`
        """A property that is computed when it is first asked for, and an attribute from then on."""

        def __init__(self, func):
            self.func = func
            self.attrname = ""
            self.__doc__ = func.__doc__

        def __set_name__(self, owner, name):
            self.attrname = name

        def __get__(self, instance, owner=None):
            if instance is None:
                return self
            return instance.__dict__.setdefault(self.attrname, self.func(instance))
