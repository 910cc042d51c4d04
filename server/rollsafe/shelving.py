"""Writing the file of what is compiled: modules, copied from the interpreter's own files, and patterns."""

import marshal
import os
import re
import sys
import time
from array import array
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.util import MAGIC_NUMBER, cache_from_source
from typing import Final

from rollsafe.shelf import (
    PACKAGES,
    PATH,
    SIZE_OF_LENGTH,
    VERSION,
    Compiled,
    Entry,
    Place,
    Shelf,
    Source,
    pattern_of,
    stamp_of,
)
from rollsafe.text.patterns import made

_SETTLED_NS: Final = 2_000_000_000
"""Younger sources may be another than was compiled, so they are left out."""
_HEADER: Final = 16


def write(shelf: Shelf | None, wanted: Sequence[str]) -> None:
    """Write what is compiled in the place of `shelf`; do nothing where modules are `wanted` and none is."""
    if wanted and not any(_compiled(str(sys.modules[name].__file__)) for name in wanted):
        return
    beside = f"{PATH}.{os.getpid()}"
    try:
        with open(beside, "xb") as stream:
            for part in _parts(_homes(shelf), _patterns(shelf)):
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


def _patterns(shelf: Shelf | None) -> dict[Source, bytes]:
    """Return all regular expressions that are known, empty ones for those that cannot be kept."""
    kept = {source: shelf.pattern_code(source) for source in shelf.patterns} if shelf else {}
    return kept | {source: _pattern_code(source) for source in made if source not in kept}


def _pattern_code(source: Source) -> bytes:
    """Return what a regular expression is compiled to; empty where that does not give the same again."""
    try:
        parsed = import_module("re._parser").parse(*source)
        numbers: list[int] = import_module("re._compiler")._code(parsed, source[1])
        state = parsed.state
        names: dict[str, int] = state.groupdict
        by_number = {number: name for name, number in names.items()}
        kept: Compiled = (
            *(source[1] | state.flags, array("I", numbers).tobytes()),
            *(state.groups - 1, names, tuple(by_number.get(number) for number in range(state.groups))),
        )
        same = pattern_of(source, kept) == re.compile(*source)
    except (ImportError, AttributeError, TypeError, ValueError, RuntimeError, OverflowError, re.error):
        return b""
    return marshal.dumps(kept) if same else b""


def _parts(homes: dict[str, str], patterns: dict[Source, bytes]) -> Iterator[bytes]:
    """Yield the file in parts: the length of the contents, the contents, what they tell the places of."""
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
    places: dict[Source, Place] = {}
    start = offset
    for source, kept in patterns.items():
        places[source] = (offset - start, len(kept))
        codes.append(kept)
        offset += len(kept)
    contents = marshal.dumps((VERSION, homes, entries, places, (start, offset - start)))
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
