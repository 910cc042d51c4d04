"""What package managers leave behind in an image's layer, and what takes it away again."""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from rollsafe.artefacts.dockerfile.elements import DockerInstruction
from rollsafe.artefacts.dockerfile.packages import Action, Invocation
from rollsafe.formats.shell import ShellCommand
from rollsafe.text.tuples import NamedTuple


class _Cache(NamedTuple):
    """`after` is what fills it, `folders` where it is, `flags` and `variable` what keeps it empty."""

    after: Action
    folders: tuple[str, ...]
    flags: tuple[str, ...] = ()
    variable: str = ""


_HOME_CACHE: Final = "/root/.cache"
_CACHES: Final[dict[str, _Cache]] = {
    "apt-get": _Cache(Action.UPDATE, ("/var/lib/apt/lists",)),
    "apt": _Cache(Action.UPDATE, ("/var/lib/apt/lists",)),
    "apk": _Cache(Action.INSTALL, ("/var/cache/apk", "/etc/apk/cache"), ("--no-cache",)),
    "yum": _Cache(Action.INSTALL, ("/var/cache/yum", "/var/cache/dnf", "/var/cache/libdnf5")),
    "dnf": _Cache(
        Action.INSTALL, ("/var/cache/dnf", "/var/cache/libdnf5", "/var/cache/yum", "/var/cache/tdnf")
    ),
    "zypper": _Cache(Action.INSTALL, ("/var/cache/zypp",)),
    "pip": _Cache(
        Action.INSTALL, (f"{_HOME_CACHE}/pip",), ("--no-cache-dir", "--cache-dir"), "PIP_NO_CACHE_DIR"
    ),
    "yarn": _Cache(
        Action.INSTALL,
        (f"{_HOME_CACHE}/yarn", "/usr/local/share/.cache/yarn", "/root/.yarn/berry/cache"),
        ("--cache-folder",),
    ),
}
_MOST: Final = 20
"""How many commands of one RUN are looked at by themselves."""
_LONGEST: Final = 4_096

_SAME: Final = (frozenset({"apt", "apt-get"}), frozenset({"yum", "dnf"}))
_OFF: Final = frozenset({"", "0", "off", "false", "no"})
_ONCE: Final = frozenset({"apt-get", "apt", "yum", "dnf", "zypper", "yarn"})
"""Managers whose cache one command at the end takes away, however often it was filled."""


def left_behind(instruction: DockerInstruction) -> Iterator[Invocation]:
    """Yield the commands of a RUN whose cache stays in the layer, of some managers the last one only."""
    if instruction.tools.isdisjoint(_CACHES):
        return
    places = {id(command): at for at, command in enumerate(instruction.commands)}
    last = {one.manager: one for one in instruction.invocations if _fills(one)}
    filling = [one for one in instruction.invocations if _fills(one)][:_MOST]
    for one in filling:
        if one.manager not in _ONCE and _is_left(instruction, one, places):
            yield one
    for one in last.values():
        if one.manager in _ONCE and _is_left(instruction, one, places):
            yield one


def _fills(one: Invocation) -> bool:
    cache = _CACHES.get(one.manager)
    return cache is not None and one.action is cache.after


def _is_left(instruction: DockerInstruction, one: Invocation, places: Mapping[int, int]) -> bool:
    cache = _CACHES[one.manager]
    if one.command.remote:
        return False
    if any(one.command.flag(flag) is not None for flag in cache.flags) or one.command.has_flag("--no-cache"):
        return False
    if cache.variable and _is_set(instruction, one, cache.variable):
        return False
    mounted = [*instruction.mounts("cache"), *instruction.mounts("tmpfs")]
    if any(_covers(target, folder) for target in mounted for folder in cache.folders):
        return False
    return not _is_cleaned(instruction, one, places)


def _is_set(instruction: DockerInstruction, one: Invocation, name: str) -> bool:
    """Say whether a variable is switched on for the command, in front of it or by an ENV."""
    value = one.command.variable(name)
    if value is None:
        pairs = [
            pair for other in instruction.before if other.keyword in ("ENV", "ARG") for pair in other.pairs
        ]
        values = [pair.value.text for pair in pairs if pair.name.text == name and pair.value is not None]
        value = values[-1] if values else None
    if value is None and instruction.stage is not None:
        base = instruction.stage.base_stage
        value = base.environment.get(name) if base is not None else None
    return value is not None and value.lower() not in _OFF


def _is_cleaned(instruction: DockerInstruction, one: Invocation, places: Mapping[int, int]) -> bool:
    cache, at = _CACHES[one.manager], places[id(one.command)]
    # Cleaning away the packages leaves apt's lists where they are.
    if cache.after is Action.INSTALL and any(
        other.action is Action.CLEAN
        and places[id(other.command)] > at
        and _is_same(other.manager, one.manager)
        for other in instruction.invocations
    ):
        return True
    removed = _removed(instruction.commands, at)
    return any(_covers(target, folder) for target in removed for folder in cache.folders)


def _is_same(one: str, other: str) -> bool:
    return one == other or any(one in names and other in names for names in _SAME)


def _removed(commands: Sequence[ShellCommand], after: int) -> Iterator[str]:
    """Yield the directories that commands behind the one at `after` empty; every `cd` is followed."""
    directory = "/"
    for at, command in enumerate(commands):
        if command.name == "cd" and command.operands:
            directory = posixpath.join(directory, command.operands[0])[:_LONGEST]
        elif at > after and (command.name in ("rm", "find") or command.name.endswith("/rm")):
            for operand in command.bare_words:
                yield posixpath.join(directory, operand.replace("~", "/root").replace("$HOME", "/root"))


def _covers(target: str, folder: str) -> bool:
    """Say whether emptying, or mounting over, `target` concerns `folder`."""
    plain = posixpath.normpath(target.rstrip("*").rstrip("/") or "/") if target else ""
    if plain.endswith("/.cache") or "/.cache/" in plain:
        # Whoever's home it is.
        plain = _HOME_CACHE + plain.partition("/.cache")[2]
    return bool(plain) and (folder == plain or folder.startswith(plain.rstrip("/") + "/"))
