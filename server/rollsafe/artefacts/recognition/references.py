"""Commands that only call something else in the repository: a make target, a package script, a file.

Nothing is looked up here: a reference names what another file defines, relative to the directory the
command runs in.
"""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final

from rollsafe.artefacts.paths import project_path
from rollsafe.artefacts.recognition.roles import listed
from rollsafe.formats.shell import ShellCommand, ShellWord
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple


class ReferenceKind(StrEnum):
    """What kind of thing a command or a `uses:` refers to."""

    MAKE = "make"
    JUST = "just"
    TASK = "task"
    SCRIPT = "script"
    FILE = "file"
    ACTION = "action"
    WORKFLOW = "workflow"


class Reference(NamedTuple):
    """`target` of a `kind`, looked for in `directory` (posix, relative, empty for the start).

    `directory` is None when the command's directory depends on a variable.
    """

    kind: ReferenceKind
    target: str
    directory: str | None
    word: ShellWord


_FILE: Final = lazily(r"\.(sh|bash|zsh|py|rb|js|mjs|cjs|ts|mts|ps1|pl|php)$", re.I)
_WORKSPACE: Final = lazily(
    r"^(\$\{\{ *github\.workspace *\}\}|\$\{?GITHUB_WORKSPACE\}?|\$\(pwd\)|\$\{?PWD\}?)/"
)
_RUN: Final = frozenset({"run", "run-script"})
_SCRIPTED: Final = frozenset({"test", "t", "tst", "start", "stop", "restart"})
_BUILTIN: Final = frozenset(
    listed(
        "add audit bin cache ci config create dedupe deploy dlx exec help i import info init install"
        " link list login logout ls node outdated owner pack patch plugin plugins prune publish"
        " rebuild remove rm root set setup store up update upgrade upgrade-interactive version view"
        " why workspace workspaces x tag npm whoami"
    )
)
_PNPM_ONLY: Final = frozenset({"deploy"})
_DIRECTORY: Final = {
    "npm": ("--prefix", "-C"),
    "pnpm": ("-C", "--dir"),
    "yarn": ("--cwd",),
    "bun": ("--cwd",),
}
_TARGETED: Final = {
    "make": (ReferenceKind.MAKE, ("-C", "--directory"), frozenset({"-f", "-C", "-j", "-l", "-o"})),
    "gmake": (ReferenceKind.MAKE, ("-C", "--directory"), frozenset({"-f", "-C", "-j"})),
    "just": (
        ReferenceKind.JUST,
        ("-d", "--working-directory"),
        frozenset({"-d", "-f", "--justfile", "--working-directory", "--set"}),
    ),
    "task": (ReferenceKind.TASK, ("-d", "--dir"), frozenset({"-d", "--dir", "-t", "--taskfile"})),
}


def references(command: ShellCommand, directory: str | None = "") -> list[Reference]:
    """Return what `command`, run in `directory`, refers to; mostly nothing, seldom more than one."""
    return [] if command.remote else called(command, directory)


def called(command: ShellCommand, directory: str | None = "") -> list[Reference]:
    """Return what `command` calls by a name that somebody chose, be it here or on another machine."""
    name = command.name
    if not name:
        return []
    if name in _TARGETED:
        return list(_targets(command, directory))
    if name in _DIRECTORY:
        return _package_script(command, directory)
    return _file(command, directory)


def is_script(path: str) -> bool:
    """Say whether a path is named as a script's."""
    return bool(_FILE.search(path))


def references_of(commands: Iterable[ShellCommand], directory: str | None) -> Iterator[Reference]:
    """Yield what the commands of one script refer to, `cd` followed."""
    for command in commands:
        if command.name in ("cd", "pushd"):
            if not command.surroundings.substitution:
                directory = joined(directory, "".join(command.texts[1:2]))
            continue
        yield from references(command, directory)


def joined(directory: str | None, path: str) -> str | None:
    """Return `path` as seen from `directory`; None when it is absolute, outside or not literal."""
    if directory is None or path == "-":
        return None
    return project_path(directory, _WORKSPACE.sub("", path) or ".")


def _targets(command: ShellCommand, directory: str | None) -> Iterator[Reference]:
    kind, options, valued = _TARGETED[command.name]
    where = command.option(*options)
    if where is not None:
        directory = joined(directory, where)
    skip = False
    for index, text in enumerate(command.texts):
        if index and not skip and text[:1] != "-" and "=" not in text:
            yield Reference(kind, text, directory, command.word(index))
        skip = text in valued


def _package_script(command: ShellCommand, directory: str | None) -> list[Reference]:
    manager = command.name
    where = command.option(*_DIRECTORY[manager])
    if where is not None:
        directory = joined(directory, where)
    words = command.bare_words
    run = next((at for at, word in enumerate(words) if word in _RUN), None)
    if run is not None:
        named = words[run + 1 : run + 2]
    else:
        named = command.operands[:1]
        if named == ["workspace"]:
            named, directory = command.operands[2:3], None
        named = named if named and _is_script(manager, named[0]) else []
    if not named:
        return []
    index = command.texts.index(named[0], 1)
    target = "test" if named[0] in ("t", "tst") else named[0]
    return [Reference(ReferenceKind.SCRIPT, target, directory, command.word(index))]


def _is_script(manager: str, name: str) -> bool:
    if name in _SCRIPTED:
        return True
    if manager == "npm" or name in _BUILTIN - _PNPM_ONLY:
        return False
    return manager != "pnpm" or name not in _PNPM_ONLY


def _file(command: ShellCommand, directory: str | None) -> list[Reference]:
    index = 1 if command.name in ("source", ".") else 0
    if index >= len(command.texts):
        return []
    path = command.texts[index]
    if not ("/" in path or _FILE.search(path)) or "://" in path:
        return []
    literal = _WORKSPACE.sub("", path)
    target = joined("", literal)
    if target is None or not (_FILE.search(path) or path.startswith(("./", "../")) or index):
        return []
    if _WORKSPACE.match(path):
        directory = ""
    return [Reference(ReferenceKind.FILE, target, directory, command.word(index))]
