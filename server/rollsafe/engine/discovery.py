"""Finding the installed agents through the entry points `rollsafe.agents`.

`importlib.metadata` costs a short run a third of its time, so the entry points of ordinary installations
are read directly; where anything is unusual (a zip on the path, another finder), it is asked after all.
"""

import os
import sys
from collections.abc import Iterator
from functools import lru_cache
from importlib import import_module
from io import FileIO
from typing import Final, cast

from rollsafe.rules.agent import Agent
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

GROUP: Final = "rollsafe.agents"
_SECTION: Final = b"[rollsafe.agents]"
_INFO: Final = lazily(r"(?P<name>.+?)(?:-[^-]+)*\.(?:dist|egg)-info$")


_RUN: Final = lazily(r"[-_.]+")
_ENDS: Final = (".dist-info", ".egg-info")


class EntryPoint(NamedTuple):
    """The name of an agent and where its `Agent` is: `module:attribute`."""

    name: str
    value: str

    def load(self) -> Agent:
        """Import the agent."""
        module, _, attribute = self.value.partition(":")
        return cast("Agent", getattr(import_module(module), attribute))


@lru_cache(maxsize=1)
def installed_agents() -> tuple[Agent, ...]:
    """Return the installed agents by name."""
    return tuple(point.load() for point in sorted(set(_entry_points())))


def _entry_points() -> list[EntryPoint]:
    if _is_ordinary():
        try:
            return list(_on_path())
        except OSError:
            pass
    from importlib.metadata import entry_points

    return [EntryPoint(point.name, point.value) for point in entry_points(group=GROUP)]


def _is_ordinary() -> bool:
    finders = (finder for finder in sys.meta_path if hasattr(finder, "find_distributions"))
    return all(getattr(finder, "__name__", "") == "PathFinder" for finder in finders)


def _on_path() -> Iterator[EntryPoint]:
    """Yield the entry points of each distribution on the path, the first one of a name only.

    Raises:
        OSError: a part of the path is something else than a directory.
    """
    seen: set[str] = set()
    for directory in dict.fromkeys(entry or "." for entry in sys.path):
        if not os.path.exists(directory):
            continue
        for name in os.listdir(directory):
            info = _INFO.match(name) if name.endswith(_ENDS) else None
            if info is None:
                continue
            distribution = _RUN.sub("-", info["name"]).lower()
            if distribution not in seen:
                seen.add(distribution)
                yield from _declared(os.path.join(directory, name, "entry_points.txt"))


def _declared(path: str) -> Iterator[EntryPoint]:
    try:
        with FileIO(path) as stream:
            data = stream.read()
    except (FileNotFoundError, NotADirectoryError):
        return
    if _SECTION not in data:
        return
    _, _, rest = data.decode().partition(f"[{GROUP}]")
    section, _, _ = rest.partition("\n[")
    for line in section.split("\n"):
        name, _, value = line.partition("=")
        if value and not name.lstrip().startswith(("#", ";")):
            yield EntryPoint(name.strip(), value.partition("[")[0].strip())
