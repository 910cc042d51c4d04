"""Compiled modules and regular expressions of the product, all in one file.

To import a module the interpreter looks through directories, opens a file and checks it, which takes longer
than running most modules does; a run over one file imports some 250. What they are compiled to is therefore
kept together as well, to be to `.pyc` files what they are to sources: an entry counts as long as its source
file has the same time and size, and what is not there is imported the ordinary way. A regular expression is
what its text is compiled to by this very interpreter, and counts as long as nothing of both differs.
"""

import marshal
import os
import sys
from _thread import allocate_lock
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, SourceFileLoader
from io import FileIO
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from rollsafe import __path__ as _directories
from rollsafe import __version__

if TYPE_CHECKING:
    import re

SIZE_OF_LENGTH: Final = 8
"""How many bytes at the beginning of the file tell the length of the contents, which come next."""
VERSION: Final = (1, __version__, sys.version)
PACKAGES: Final = ("rollsafe.", "rollsafe_agents.")
PATH: Final = os.path.join(
    _directories[0], "__pycache__", f"modules.{sys.implementation.cache_tag}-{sys.flags.optimize}.rollsafe"
)
"""Where the file is, or would be: beside the compiled modules of the product."""

Entry: TypeAlias = tuple[bool, int, int, int, int]
"""Whether it is a package; time in ns and size of the source; offset behind the contents, and length."""
Source: TypeAlias = tuple[str, int]
"""The text and flags of a regular expression."""
Place: TypeAlias = tuple[int, int]
"""Offset behind the contents and length."""
Contents: TypeAlias = tuple[object, dict[str, str], dict[str, Entry], dict[Source, Place], Place]
"""`VERSION`; for each outermost package the directory it is in; modules by name.

Then regular expressions, with offsets in the last place, which holds all of them; nothing is kept of some.
"""
Compiled: TypeAlias = tuple[int, bytes, int, dict[str, int], tuple[str | None, ...]]
"""What the module `_sre` takes: flags, code as numbers of four bytes, groups, their names, both ways."""


def stamp_of(source: os.stat_result) -> tuple[int, int]:
    """Return what tells two states of a source apart."""
    return source.st_mtime_ns, source.st_size


class Shelf:
    """Finds modules in the file, for the interpreter."""

    def __init__(self, stream: FileIO) -> None:
        """Read what there is.

        Raises:
            ValueError: the file is of another version, or none of ours.
        """
        length = int.from_bytes(stream.read(SIZE_OF_LENGTH), "little")
        version, homes, entries, patterns, place = cast("Contents", marshal.loads(stream.read(length)))
        if version != VERSION:
            raise ValueError(version)
        self._stream = stream
        self._lock = allocate_lock()
        self._start = SIZE_OF_LENGTH + length
        self.homes = homes
        self.entries = entries
        self.patterns = patterns
        self._place = place
        self._codes: bytes | None = None

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None, /
    ) -> ModuleSpec | None:
        """Return how to load a module; None when it is not there, or is another by now."""
        entry = self.entries.get(name)
        if entry is None or not path:
            return None
        beneath = os.path.join(self.homes[name.partition(".")[0]], *name.split("."))
        origin = os.path.join(beneath, "__init__.py") if entry[0] else f"{beneath}.py"
        if os.path.dirname(beneath) != path[0] or not self.has(name, origin):
            return None
        spec = ModuleSpec(name, _Loader(name, origin, self), origin=origin, is_package=entry[0])
        spec.has_location = True
        if spec.submodule_search_locations is not None:
            spec.submodule_search_locations.append(beneath)
        return spec

    def has(self, name: str, path: str) -> bool:
        """Say whether a module is there as the source at `path` has it now."""
        entry = self.entries.get(name)
        try:
            return entry is not None and entry[1:3] == stamp_of(os.stat(path))
        except OSError:
            return False

    def code(self, name: str) -> CodeType | None:
        """Return what a module is compiled to; None when the file is damaged."""
        try:
            found = marshal.loads(self._read(*self.entries[name][3:]))
        except (OSError, EOFError, ValueError, TypeError):
            return None
        return found if isinstance(found, CodeType) else None

    def pattern(self, source: Source) -> "re.Pattern[str] | None":
        """Return a regular expression; None when it is not there or the file is damaged."""
        try:
            kept = self.pattern_code(source)
            return pattern_of(source, cast("Compiled", marshal.loads(kept))) if kept else None
        except (OSError, EOFError, ValueError, TypeError, AttributeError, RuntimeError, OverflowError):
            return None

    def pattern_code(self, source: Source) -> bytes:
        """Return what the file holds of a regular expression; empty when it holds nothing.

        Raises:
            OSError: it cannot be read.
        """
        if self._codes is None:
            self._codes = self._read(*self._place)
        offset, length = self.patterns.get(source, (0, 0))
        return self._codes[offset : offset + length]

    def _read(self, offset: int, length: int) -> bytes:
        with self._lock:
            self._stream.seek(self._start + offset)
            return self._stream.read(length)

    def close(self) -> None:
        """Let go of the file; modules are found the ordinary way from now on."""
        sys.meta_path.remove(self)
        self._stream.close()


class _Loader(SourceFileLoader):
    """Loads a module as the interpreter does, but for where its code comes from."""

    def __init__(self, name: str, path: str, shelf: Shelf) -> None:
        super().__init__(name, path)
        self._shelf = shelf

    def get_code(self, fullname: str) -> CodeType | None:
        return self._shelf.code(fullname) or super().get_code(fullname)


def pattern_of(source: Source, compiled: Compiled) -> "re.Pattern[str]":
    """Return the regular expression, as `re.compile` does when it has compiled it.

    Raises:
        AttributeError, TypeError, ValueError, RuntimeError, OverflowError: it is none.
    """
    flags, code, groups, by_name, by_number = compiled
    numbers = memoryview(code).cast("I").tolist()
    make: Callable[..., re.Pattern[str]] = import_module("_sre").compile
    return make(source[0], flags, numbers, groups, by_name, by_number)


def current() -> Shelf | None:
    """Return where modules come from, if they do."""
    return next((finder for finder in sys.meta_path if isinstance(finder, Shelf)), None)


def use() -> Shelf | None:
    """Take modules from the file from now on; return None where there is none of this version."""
    if sys.pycache_prefix:
        return None
    try:
        stream = FileIO(PATH)
    except OSError:
        return None
    try:
        shelf = Shelf(stream)
    except (OSError, EOFError, ValueError, TypeError):
        stream.close()
        return None
    sys.meta_path.insert(0, shelf)
    return shelf


def renew(shelf: Shelf | None) -> None:
    """Put what was imported the ordinary way into the file, for runs to come."""
    if sys.dont_write_bytecode or sys.pycache_prefix:
        return
    missing = [name for name, module in list(sys.modules.items()) if _is_missing(name, module, shelf)]
    patterns = sys.modules.get("rollsafe.text.patterns")
    asked: list[Source] = getattr(patterns, "compiled", [])
    if missing or not all(shelf and source in shelf.patterns for source in asked):
        from rollsafe.shelving import write

        write(shelf, missing)


def _is_missing(name: str, module: ModuleType, shelf: Shelf | None) -> bool:
    """Say whether a module is one of the product and not in the file as it is now."""
    if not name.startswith(PACKAGES) or type(getattr(module, "__loader__", None)) is not SourceFileLoader:
        return False
    return shelf is None or not shelf.has(name, str(module.__file__))
