"""Writing the file of compiled modules: what the interpreter has compiled, copied from its own files."""

import marshal
import os
import sys
import time
from collections.abc import Iterator, Sequence
from importlib.util import MAGIC_NUMBER, cache_from_source
from typing import Final

from rollsafe.shelf import PACKAGES, PATH, SIZE_OF_LENGTH, VERSION, Entry, Shelf, stamp_of

_SETTLED_NS: Final = 2_000_000_000
"""Younger sources may be another than was compiled, so they are left out."""
_HEADER: Final = 16


def write(shelf: Shelf | None, wanted: Sequence[str]) -> None:
    """Write all modules that are compiled, where one of those `wanted` is, in the place of `shelf`."""
    if not any(_compiled(str(sys.modules[name].__file__)) for name in wanted):
        return
    beside = f"{PATH}.{os.getpid()}"
    try:
        with open(beside, "xb") as stream:
            for part in _parts(_homes(shelf)):
                stream.write(part)
        if shelf is not None:
            shelf.close()  # some systems do not replace files that are open
        os.replace(beside, PATH)
    except OSError:
        _remove(beside)


def _homes(shelf: Shelf | None) -> dict[str, str]:
    """Return the directories of the packages, also of those that this run did not need."""
    known = shelf.homes if shelf else {}
    homes = {name: home for name, home in known.items() if os.path.isdir(os.path.join(home, name))}
    for package in PACKAGES:
        module = sys.modules.get(package.rstrip("."))
        if module is not None:
            homes[module.__name__] = os.path.dirname(next(iter(module.__path__)))
    return homes


def _parts(homes: dict[str, str]) -> Iterator[bytes]:
    """Yield the file in parts: the length of the contents, the contents, the code of each module."""
    entries: dict[str, Entry] = {}
    codes: list[bytes] = []
    offset = 0
    for package, home in sorted(homes.items()):
        for name, path in _modules(os.path.join(home, package), package):
            stamp = stamp_of(os.stat(path))
            code = _compiled(path)
            if code:
                is_package = path.endswith("__init__.py")
                entries[name] = (is_package, *stamp, offset, len(code))
                codes.append(code)
                offset += len(code)
    contents = marshal.dumps((VERSION, homes, entries))
    yield len(contents).to_bytes(SIZE_OF_LENGTH, "little")
    yield contents
    yield from codes


def _modules(directory: str, package: str) -> Iterator[tuple[str, str]]:
    """Yield name and source of each module in a package and those in it."""
    with os.scandir(directory) as found:
        for entry in sorted(found, key=lambda one: one.name):
            stem, _, extension = entry.name.rpartition(".")
            if entry.name == "__init__.py":
                yield package, entry.path
            elif extension == "py" and stem.isidentifier():
                yield f"{package}.{stem}", entry.path
            elif entry.name.isidentifier() and entry.name != "__pycache__" and entry.is_dir():
                yield from _modules(entry.path, f"{package}.{entry.name}")


def _compiled(path: str) -> bytes:
    """Return the code that the interpreter keeps of a source; empty when there is none of this state."""
    try:
        source = os.stat(path)
        with open(cache_from_source(path), "rb") as stream:
            kept = stream.read()
    except OSError:
        return b""
    if source.st_mtime_ns > time.time_ns() - _SETTLED_NS:
        return b""
    header = (0, int(source.st_mtime) & 0xFFFFFFFF, source.st_size & 0xFFFFFFFF)
    told = MAGIC_NUMBER + b"".join(number.to_bytes(4, "little") for number in header)
    return kept[_HEADER:] if kept[:_HEADER] == told else b""


def _remove(path: str) -> None:
    try:
        os.remove(path)
    except OSError:
        return
