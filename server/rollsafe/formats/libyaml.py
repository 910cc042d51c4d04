"""libyaml's parser, without the part of PyYAML that is written in Python.

The whole package takes as long to import as all readers together. The parser wants eight modules of it for a
class of errors each, so it gets stand-ins with these classes while it is imported; they are gone afterwards,
and whoever imports the package then gets all of it, with this parser, its events and its errors.
"""

import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from yaml import error as errors
    from yaml import events

__all__ = ["Parser", "errors", "events", "parser_of"]

_PACKAGE: Final = "yaml"
_OWN: Final = ("error", "tokens", "events", "nodes")
"""What the parser makes objects of; each of these modules stands alone."""
_MARKED: Final = ("scanner", "parser", "composer", "constructor")
_OTHERS: Final = ("emitter", "serializer", "representer")


def _load() -> ModuleType:
    """Return a module that has the compiled parser."""
    if _PACKAGE not in sys.modules:
        try:
            return _load_alone()
        except (ImportError, AttributeError):
            for name in [name for name in sys.modules if name.startswith(f"{_PACKAGE}.")]:
                del sys.modules[name]
    return import_module("yaml.cyaml")


def _load_alone() -> ModuleType:
    spec = find_spec(_PACKAGE)
    package = ModuleType(_PACKAGE)
    package.__path__ = list(spec.submodule_search_locations or ()) if spec else []
    sys.modules[_PACKAGE] = package
    try:
        own = [import_module(f"{_PACKAGE}.{name}") for name in _OWN]
        for name, kind in _errors(own[0]).items():
            stand_in = ModuleType(f"{_PACKAGE}.{name}")
            setattr(stand_in, kind.__name__, kind)
            setattr(package, name, stand_in)
            sys.modules[stand_in.__name__] = stand_in
        return import_module(f"{_PACKAGE}._yaml")
    finally:
        for name in (_PACKAGE, *(f"{_PACKAGE}.{name}" for name in ("reader", *_MARKED, *_OTHERS))):
            sys.modules.pop(name, None)


def _errors(known: ModuleType) -> dict[str, type[Exception]]:
    """Return the class of errors of each module that the parser asks for one."""
    plain: type[Exception] = known.YAMLError
    marked: type[Exception] = known.MarkedYAMLError

    def told(raised: Exception) -> str:
        name, position, character, _, reason = raised.args
        place = f'  in "{name}", position {position}'
        return f"unacceptable character #x{character:04x}: {reason}\n{place}"

    return {
        "reader": type("ReaderError", (plain,), {"__str__": told}),
        **{name: type(f"{name.title()}Error", (marked,), {}) for name in _MARKED},
        **{name: type(f"{name.title()}Error", (plain,), {}) for name in _OTHERS},
    }


class Parser(Protocol):
    """Gives one event after the other.

    `get_event` raises `errors.YAMLError` where the text is no YAML.
    """

    def get_event(self) -> Any:
        """Return the next event."""
        ...


parser_of: Final = cast("Callable[[str], Parser]", _load().CParser)
"""Begins to parse a text."""
if not TYPE_CHECKING:
    errors, events = sys.modules[f"{_PACKAGE}.error"], sys.modules[f"{_PACKAGE}.events"]
