"""PostgreSQL's own parser, without what its library makes of all that a statement can hold.

The library makes a class of each of 270 kinds of nodes when it is imported, through the part of protobuf that
is written in Python. Protobuf's compiled part makes a class when the first such node is met. Where something
is not as it is known here, the library is imported as it is.
"""

import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any, Final

from rollsafe.text.tuples import NamedTuple

_PACKAGE: Final = "postgast"
_CLASSES: Final = f"{_PACKAGE}.pg_query_pb2"
_SEARCH: Final = "ctypes.util"
"""What looks for libraries of the system, which takes half as long to import as all the rest."""
_FILE: Final = 0x0A
"""The tag before each file of a descriptor set."""


class Library(NamedTuple):
    """How to parse a statement, and the errors that this raises."""

    parse: Callable[[str], Any]
    rejected: type[Exception]
    undecodable: type[Exception]


@cache
def library() -> Library:
    """Return the parser; it is imported now."""
    if f"{_PACKAGE}.parse" not in sys.modules:
        _skip_rest_of_package()
        try:
            _import_alone()
        except (ImportError, AttributeError, IndexError, KeyError, OSError, TypeError, ValueError):
            sys.modules.pop(f"{_PACKAGE}.native", None)
    parse: Callable[[str], Any] = import_module(f"{_PACKAGE}.parse").parse
    rejected: type[Exception] = import_module(f"{_PACKAGE}.errors").PgQueryError
    undecodable: type[Exception] = import_module("google.protobuf.message").DecodeError
    return Library(parse, rejected, undecodable)


def _skip_rest_of_package() -> None:
    """Let modules of the package be imported one by one.

    Importing the package itself imports its writer, its node classes and its helpers, of which nothing is
    used here; that takes as long as all the rest.
    """
    spec = find_spec(_PACKAGE)
    if spec is not None and spec.submodule_search_locations is not None:
        sys.modules.setdefault(_PACKAGE, module_from_spec(spec))


def _import_alone() -> None:
    """Import what parses with the one class of nodes that it names, and no search for libraries."""
    if _CLASSES in sys.modules:
        return
    classes = ModuleType(_CLASSES)
    vars(classes)["ParseResult"] = _class_of("pg_query.ParseResult")
    sys.modules[_CLASSES] = classes
    skipped = _SEARCH not in sys.modules
    if skipped:
        vars(import_module("ctypes"))["util"] = sys.modules[_SEARCH] = ModuleType(_SEARCH)
    try:
        import_module(f"{_PACKAGE}.parse")
    finally:
        del sys.modules[_CLASSES]
        if skipped:
            del sys.modules[_SEARCH], vars(import_module("ctypes"))["util"]


def _class_of(name: str) -> type:
    protobuf: Any = import_module("google._upb._message")
    pool = protobuf.DescriptorPool()
    for file in _files(_descriptors()):
        pool.AddSerializedFile(file)
    descriptor = pool.FindMessageTypeByName(name)
    message: type = import_module("google.protobuf.message").Message
    made: type = protobuf.MessageMeta(
        descriptor.name, (message,), {"DESCRIPTOR": descriptor, "__module__": None}
    )
    return made


def _descriptors() -> bytes:
    """Return the library's description of all nodes."""
    found: Any = find_spec(f"{_PACKAGE}.parse")
    data: bytes = found.loader.get_data(f"{found.origin.removesuffix('parse.py')}pg_query.desc")
    return data


def _files(data: bytes) -> list[bytes]:
    """Return the files of a descriptor set: each has the tag, its length in groups of seven bits, its bytes.

    Raises:
        ValueError: it is none.
    """
    files: list[bytes] = []
    at = 0
    while at < len(data):
        if data[at] != _FILE:
            raise ValueError(at)
        length = shift = 0
        while True:
            at += 1
            length |= (data[at] & 0x7F) << shift
            shift += 7
            if data[at] < 0x80:
                break
        files.append(data[at + 1 : at + 1 + length])
        at += 1 + length
    return files
