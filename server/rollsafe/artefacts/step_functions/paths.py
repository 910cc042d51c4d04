"""JSONPath and intrinsic functions as the States Language knows them: only whether they can be read."""

import re
from enum import StrEnum
from typing import Final

_DEEPEST: Final = 12
_LONGEST: Final = 20_000

_VARIABLE = re.compile(r"[^\W\d]\w*")
_NAME = re.compile(r"""[^)(,'"\\.\[\] ><!=]+(?:\(\))?""")
_INDEX = re.compile(r"\s*(-?\d+)\s*\]")
_SEVERAL = re.compile(r"\s*(?:-?\d*\s*:\s*-?\d*(?:\s*:\s*-?\d+)?|-?\d+(?:\s*,\s*-?\d+)+|\*)\s*\]")
_STRING = re.compile(r"""\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\s*""")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_FUNCTION = re.compile(r"States\.(\w+)\(\s*")
_SPACE = re.compile(r"\s*")
_SEPARATOR = re.compile(r"\s*([,)])\s*")

_FUNCTIONS: Final = {
    "Array": (0, 1_000), "ArrayContains": (2, 2), "ArrayGetItem": (2, 2), "ArrayLength": (1, 1),
    "ArrayPartition": (2, 2), "ArrayRange": (3, 3), "ArrayUnique": (1, 1), "Base64Decode": (1, 1),
    "Base64Encode": (1, 1), "Format": (1, 1_000), "Hash": (2, 2), "JsonMerge": (3, 3), "JsonToString": (1, 1),
    "MathAdd": (2, 2), "MathRandom": (2, 3), "StringSplit": (2, 2), "StringToJson": (1, 1), "UUID": (0, 0),
}  # fmt: skip
"""Intrinsic functions with how many arguments they take."""
_OF_NUMBERS: Final = frozenset({"MathAdd", "MathRandom"})


class PathKind(StrEnum):
    """What a field takes: a path, one that names a single node, one into the state's data, or a value."""

    PATH = "a JSONPath"
    REFERENCE = "a reference path"
    RESULT = "a reference path without variables"
    VALUE = "a JSONPath or an intrinsic function"


def path_fault(text: str, kind: PathKind) -> str | None:
    """Return what is wrong with a path, in words that follow the field's name; None where it can be read."""
    if len(text) > _LONGEST:
        return None
    if text.startswith("States."):
        if kind is not PathKind.VALUE:
            return f"calls a function, and {kind} stands there"
        reader = _Reader(text)
        return reader.fault(reader.function(0))
    if text[:1].isspace():
        return "begins with a blank"
    if not text.startswith("$"):
        return f"is no {kind.removeprefix('a ')}"
    reader = _Reader(text)
    fault = reader.fault(reader.path(0))
    if fault is not None or kind in (PathKind.PATH, PathKind.VALUE):
        return fault
    if reader.is_several:
        return "may name several nodes, and a reference path names one"
    return "names a variable, and a result goes to none" if kind is PathKind.RESULT and reader.named else None


class _Reader:
    """Reads one path or call; `said` is what is wrong with a call that is well formed."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self.is_several = False
        self.named = False
        self.said: str | None = None

    def fault(self, could_read: bool) -> str | None:
        if self.said is not None:
            return self.said
        if could_read and self._at == len(self._text):
            return None
        return f"cannot be read at character {self._at + 1}"

    def path(self, depth: int) -> bool:
        """Read `$.a[0]`, `$$.Execution.Id` or `$variable.a`."""
        if depth > _DEEPEST:
            return False
        self._at += 1
        if self._text.startswith("$", self._at):
            self._at += 1
        else:
            self.named = self._take(_VARIABLE) is not None or self.named
        while self._text[self._at : self._at + 1] in (".", "["):
            if not self._step(depth):
                return False
        return True

    def function(self, depth: int) -> bool:
        """Read a call with its arguments."""
        call = self._take(_FUNCTION)
        if call is None or depth > _DEEPEST:
            return False
        name = call[1]
        if name not in _FUNCTIONS:
            self.said = f"calls `States.{name}`, which is no intrinsic function"
            return False
        count = self._arguments(name, depth)
        if count is None:
            return False
        least, most = _FUNCTIONS[name]
        if not least <= count <= most:
            self.said = f"calls `States.{name}` with {count} argument{'s' * (count != 1)}"
        return True

    def _arguments(self, name: str, depth: int) -> int | None:
        count = 0
        if self._text.startswith(")", self._at):
            self._at += 1
            return 0
        while True:
            if not self._argument(name, depth):
                return None
            count += 1
            end = self._take(_SEPARATOR)
            if end is None:
                return None
            if end[1] == ")":
                # Blanks behind the last parenthesis of all are none of the call.
                self._at = end.start(1) + 1 if depth == 0 else end.end()
                return count

    def _argument(self, name: str, depth: int) -> bool:
        rest = self._text[self._at : self._at + 1]
        if rest == "$":
            return self.path(depth + 1)
        if rest == "S":
            return self.function(depth + 1)
        if self._take(_NUMBER) is not None:
            return True
        if self._take(_STRING) is not None:
            if name in _OF_NUMBERS:
                self.said = f"calls `States.{name}` with a text where it takes a number or a path"
            return True
        for word in ("true", "false", "null"):
            if self._text.startswith(word, self._at):
                self._at += len(word)
                return True
        return False

    def _step(self, depth: int) -> bool:
        if self._text.startswith("..", self._at):
            self.is_several = True
            self._at += 2
            return (self._text.startswith("[", self._at) and self._bracket(depth)) or self._name()
        if self._text.startswith(".", self._at):
            self._at += 1
            return self._name()
        return self._bracket(depth)

    def _name(self) -> bool:
        found = self._take(_NAME)
        if found is not None and found[0] == "*":
            self.is_several = True
        return found is not None

    def _bracket(self, depth: int) -> bool:
        self._at += 1
        index = self._take(_INDEX)
        if index is not None:
            self.is_several = self.is_several or index[1].startswith("-")
            return True
        if self._take(_SEVERAL) is not None:
            self.is_several = True
            return True
        if self._take(_STRING) is not None:
            return self._close()
        self._take(_SPACE)
        if self._text.startswith("$", self._at):
            return self.path(depth + 1) and self._close()
        self.is_several = True
        return self._filter() and self._close()

    def _close(self) -> bool:
        self._take(_SPACE)
        if self._text.startswith(",", self._at):
            self._at += 1
            self.is_several = True
            return self._take(_STRING) is not None and self._close()
        self._at += 1
        return self._text.startswith("]", self._at - 1)

    def _filter(self) -> bool:
        """Read `?(…)` or `(…)`: what is within is left to Step Functions."""
        if self._text.startswith("?", self._at):
            self._at += 1
        if not self._text.startswith("(", self._at):
            return False
        open_, quote = 0, ""
        for at in range(self._at, len(self._text)):
            letter = self._text[at]
            if quote:
                quote = "" if letter == quote and self._text[at - 1] != "\\" else quote
            elif letter in "'\"":
                quote = letter
            else:
                open_ += (letter == "(") - (letter == ")")
                if open_ == 0:
                    self._at = at + 1
                    return True
        return False

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self._text, self._at)
        if found is not None:
            self._at = found.end()
        return found
