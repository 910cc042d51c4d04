"""The last few answers to a question, by what they rest on."""

from collections import OrderedDict
from threading import Lock
from typing import Final, Generic, TypeVar

T = TypeVar("T")

_HELD: Final = 4
"""Answers kept: the project as it is and at the base, for two projects."""


class Memo(Generic[T]):
    """The last few answers by what they rest on, which is compared, not hashed.

    Comparing long tuples is cheap where most of their members are the same objects.
    """

    def __init__(self) -> None:
        self._held: OrderedDict[int, tuple[object, T]] = OrderedDict()
        self._lock = Lock()
        self._next = 0

    def get(self, key: object) -> T | None:
        """Return the answer that rests on something equal to `key`."""
        with self._lock:
            for number, (known, answer) in self._held.items():
                if known == key:
                    self._held.move_to_end(number)
                    return answer
        return None

    def held(self) -> list[T]:
        """Return the answers that are kept, the one last asked for first."""
        with self._lock:
            return [answer for _, answer in reversed(self._held.values())]

    def put(self, key: object, answer: T) -> T:
        """Keep an answer, and return it."""
        with self._lock:
            self._next += 1
            self._held[self._next] = (key, answer)
            while len(self._held) > _HELD:
                self._held.popitem(last=False)
        return answer
