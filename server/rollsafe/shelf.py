"""Compiled modules of the product, all in one file.

To import a module the interpreter looks through directories, opens a file and checks it, which takes longer
than running most modules does; a run over one file imports some 250. What they are compiled to is therefore
kept together as well, to be to `.pyc` files what they are to sources: an entry counts as long as its source
file has the same time and size, and what is not there is imported the ordinary way.
"""

import marshal
import os
import sys
from _thread import allocate_lock
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from io import FileIO
from types import CodeType, ModuleType
from typing import Final, TypeAlias, cast

from rollsafe import __path__ as _directories
from rollsafe import __version__

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
Contents: TypeAlias = tuple[object, dict[str, str], dict[str, Entry]]
"""`VERSION`; for each outermost package the directory it is in; modules by name."""


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
        version, homes, entries = cast("Contents", marshal.loads(stream.read(length)))
        if version != VERSION:
            raise ValueError(version)
        self._stream = stream
        self._lock = allocate_lock()
        self._start = SIZE_OF_LENGTH + length
        self.homes = homes
        self.entries = entries

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
            found = marshal.loads(self.read(name))
        except (OSError, EOFError, ValueError, TypeError):
            return None
        return found if isinstance(found, CodeType) else None

    def read(self, name: str) -> bytes:
        """Return what the file holds of a module.

        Raises:
            OSError: it cannot be read.
        """
        *_, offset, length = self.entries[name]
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
    if missing:
        from rollsafe.shelving import write

        write(shelf, missing)


def _is_missing(name: str, module: ModuleType, shelf: Shelf | None) -> bool:
    """Say whether a module is one of the product and not in the file as it is now."""
    if not name.startswith(PACKAGES) or type(getattr(module, "__loader__", None)) is not SourceFileLoader:
        return False
    return shelf is None or not shelf.has(name, str(module.__file__))
