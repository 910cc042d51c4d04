"""`cached_property` as in `functools`, without the lock that Python 3.11 takes each time one is computed.

Thousands are computed at a keystroke, and most take less time than the lock. Later versions of Python have
none either: where two threads ask for the first time, both may compute.
"""

import sys
from typing import TYPE_CHECKING

__all__ = ["cached_property"]

if TYPE_CHECKING or sys.version_info >= (3, 12):
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
            # What this one overrides may have been asked, and have put its own there.
            found = instance.__dict__[self.attrname] = self.func(instance)
            return found
