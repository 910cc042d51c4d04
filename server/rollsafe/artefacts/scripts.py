"""Makefiles, package scripts and shell scripts: what workflows call by name.

Each target, script or file is an element that other files find by its graph key: `make:<dir>#<target>`,
`script:<dir>#<name>`, `path:<path>`.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import ClassVar, Final, NamedTuple

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.recognition import (
    Classification,
    Indirection,
    Role,
    Script,
    called,
    dialect_of,
    read_script,
    roles_of,
)
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Scalar, Tree, resolve
from rollsafe.formats.problems import Problem
from rollsafe.formats.scalar_text import Piece, ScalarOffsets, script_offsets
from rollsafe.formats.shell import Dialect, Offsets, ShellCommand
from rollsafe.text import Span

MAX_CHARS: Final = 524_288
_MAX_TARGETS: Final = 2_000
_MAX_VALUE: Final = 200

_LINE: Final = re.compile(r"[^\r\n]*+(?:\r\n|\n|\r|\Z)")
_TARGETS: Final = re.compile(r"(?P<names>[^\s:=#][^:=#\t]*?)[ ]*::?(?![:=])(?P<rest>[^=\r\n]*+)$")
_ASSIGNED: Final = re.compile(r"[ ]*(?:export[ ]+|override[ ]+)?(?P<name>[\w.-]+)[ ]*(?:::?|\?)?=[ ]*(?P<value>[^#\r\n]*)")
_WORD: Final = re.compile(r"[\w./-]+")
_REFERENCE: Final = re.compile(r"\$(?:\$|[({](?P<name>[\w.-]+)[)}])")
_MAKE: Final = "MAKE"
_SHEBANG: Final = re.compile(r"#![^\r\n]*?\b(?P<shell>bash|sh|zsh|dash|ksh|ash)\b")


class Runnable(Element):
    """Something that runs a script; subclasses say where the script is."""

    family: ClassVar[str] = "workflows"

    def __init__(self, file: SourceFile, start: int, end: int, text: str, name: str) -> None:
        super().__init__(file, start, end)
        self.text = text
        self.name = name

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    @property
    def directory(self) -> str:
        """The directory the script runs in: that of its file."""
        return self.file.directory

    @cached_property
    def offsets(self) -> Offsets:
        """Maps offsets in `text` to offsets in the file."""
        return lambda offset: offset

    @cached_property
    def script(self) -> Script:
        """The script as read; offsets count in `text`."""
        return read_script(self.text, Dialect.POSIX)

    @cached_property
    def commands(self) -> list[ShellCommand]:
        """The commands, with offsets of the file."""
        return [command.at(self.offsets) for command in self.script.commands]

    @cached_property
    def classified(self) -> list[tuple[ShellCommand, Classification]]:
        """The commands that are for something, with what that is, in order."""
        return [(self.commands[index], found) for index, found in self.script.classified]

    @cached_property
    def roles(self) -> frozenset[Role]:
        """The roles of all commands."""
        return roles_of(found for _, found in self.script.classified)

    @cached_property
    def indirections(self) -> list[Indirection]:
        """What the script calls that other files define."""
        return [
            called(reference, reference.word.at(self.offsets), "", self.directory)
            for reference in self.script.references
        ]


class MakeTarget(Runnable):
    """A target of a Makefile; `key` is its name, `prerequisites` what is made before it."""

    def __init__(self, file: SourceFile, key: Span, rule: "_Rule") -> None:
        end = rule.pieces[-1].source if rule.pieces else key.end
        text = "".join(rule.text)
        super().__init__(file, key.start, max(end, rule.end), text, file.slice(key))
        self.key = key
        self.prerequisites = rule.prerequisites
        self._pieces = rule.pieces

    def graph_keys(self) -> Iterable[str]:
        """The target as `make` is asked for it in the Makefile's directory."""
        return (f"make:{self.directory}#{self.name}",)

    @cached_property
    def offsets(self) -> Offsets:
        """Maps offsets in `text` to offsets in the file."""
        return ScalarOffsets(self._pieces or [Piece(0, self.start)], self.end)

    @cached_property
    def indirections(self) -> list[Indirection]:
        """What the recipe calls that other files define, and the prerequisites."""
        own = [
            Indirection(ReferenceKind.MAKE, name, self.key, f"make:{self.directory}#{name}")
            for name in self.prerequisites
        ]
        calls = (
            called(reference, reference.word.at(self.offsets), "", self.directory)
            for reference in self.script.references
        )
        return [*own, *calls]


class PackageScript(Runnable):
    """A script of a `package.json`; `key` is its name."""

    def __init__(self, file: SourceFile, key: Scalar, value: Scalar) -> None:
        super().__init__(file, key.start, value.end, value.text, key.text)
        self.key = key
        self.value = value

    def graph_keys(self) -> Iterable[str]:
        """The script as a package manager is asked for it in the package's directory."""
        return (f"script:{self.directory}#{self.name}",)

    @cached_property
    def offsets(self) -> Offsets:
        """Maps offsets in `text` to offsets in the file."""
        return script_offsets(self.file.text, self.value)


class ShellScriptFile(Runnable):
    """The whole of a shell script."""

    def __init__(self, file: SourceFile) -> None:
        super().__init__(file, 0, len(file.text), file.text, file.name)

    def graph_keys(self) -> Iterable[str]:
        """The path the script is run by."""
        return (f"path:{self.file.path}",)

    @property
    def directory(self) -> str:
        """The top of the repository, where pipelines run scripts from."""
        return ""


class Makefile(Artefact):
    """A Makefile; its elements are the targets that are spelled out."""

    kind: ClassVar[str] = "makefile"


class PackageManifest(Artefact):
    """A `package.json`; its elements are its scripts."""

    kind: ClassVar[str] = "package-json"


class ShellScriptArtefact(Artefact):
    """A shell script; its only element is itself."""

    kind: ClassVar[str] = "shell-script"


def recognise_makefile(file: SourceFile) -> Makefile | None:
    """Return the view of a Makefile; None when it has no targets."""
    if len(file.text) > MAX_CHARS:
        problem = Problem(0, 0, f"larger than {MAX_CHARS} characters", fatal=True)
        return Makefile(file, [], [problem])
    targets = [
        MakeTarget(file, key, rule) for rule in _rules(file.text) for key in rule.keys
    ]
    return Makefile(file, targets) if targets else None


def recognise_package(file: SourceFile, tree: Tree) -> PackageManifest | None:
    """Return the view of a `package.json`; None when it has no scripts."""
    root = tree.documents[0] if tree.documents else None
    scripts = root.map_at("scripts") if isinstance(root, Mapping) else None
    if scripts is None:
        return None
    found: list[Element] = []
    for entry in scripts.entries[:_MAX_TARGETS]:
        value = resolve(entry.value)
        if isinstance(entry.key, Scalar) and isinstance(value, Scalar):
            found.append(PackageScript(file, entry.key, value))
    return PackageManifest(file, found, tree.problems)


def recognise_shell_script(file: SourceFile) -> ShellScriptArtefact | None:
    """Return the view of a shell script; None for one whose first line names another interpreter."""
    if file.text.startswith("#!") and not _SHEBANG.match(file.text):
        return None
    element = ShellScriptFile(file)
    return ShellScriptArtefact(file, [element], element.script.problems)
