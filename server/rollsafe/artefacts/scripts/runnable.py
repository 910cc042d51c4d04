"""What every element that runs a script offers."""

from typing import ClassVar

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.recognition import (
    Classification,
    Indirection,
    Role,
    Script,
    called,
    read_script,
    roles_of,
)
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.shell import Dialect, Offsets, ShellCommand
from rollsafe.text.cached import cached_property


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
        """The commands that are for something, with what that is, in order.

        What depends on circumstances a script does not show is left out.
        """
        return [
            (self.commands[index], found) for index, found in self.script.classified if found.requires is None
        ]

    @cached_property
    def roles(self) -> frozenset[Role]:
        """The roles of all commands."""
        return roles_of(found for _, found in self.script.classified if found.requires is None)

    @cached_property
    def indirections(self) -> list[Indirection]:
        """What the script calls that other files define."""
        return [
            called(reference, reference.word.at(self.offsets), "", self.directory)
            for reference in self.script.references
        ]
