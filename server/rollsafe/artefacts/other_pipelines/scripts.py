"""Scripts of pipelines: scalars that a shell runs."""

from rollsafe.artefacts.other_pipelines.filled import offsets_of
from rollsafe.artefacts.other_pipelines.templated import as_variables
from rollsafe.artefacts.recognition import Indirection, Script, called, read_script
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.shell import Dialect as Shell
from rollsafe.formats.shell import Offsets, ShellCommand
from rollsafe.text.cached import cached_property

_LONGEST = 60_000


class JobScript:
    """A scalar of `file` that a job runs, in `directory`; None where that is not known.

    `given` names the variables that are set for it alone.
    """

    def __init__(
        self,
        file: SourceFile,
        scalar: Scalar,
        shell: Shell,
        directory: str | None,
        given: frozenset[str] = frozenset(),
    ) -> None:
        self.file = file
        self.scalar = scalar
        self.shell = shell
        self.directory = directory
        self.given = given

    @cached_property
    def script(self) -> Script:
        """The script as read; offsets count in its text."""
        return read_script(as_variables(self.scalar.text[:_LONGEST]), self.shell)

    @cached_property
    def offsets(self) -> Offsets:
        """Maps offsets in the script to offsets in the file."""
        return offsets_of(self.file.text, self.scalar)

    @cached_property
    def commands(self) -> list[ShellCommand]:
        """The commands, with offsets of the file."""
        return [command.at(self.offsets) for command in self.script.commands]

    @property
    def is_powershell(self) -> bool:
        """Whether it is written for PowerShell."""
        return self.shell is Shell.POWERSHELL

    @property
    def moves(self) -> bool:
        """Whether what runs after it in the same shell runs in another directory."""
        return any(command.name in ("cd", "pushd", "popd") for command in self.script.commands)

    def calls(self, root: str) -> list[Indirection]:
        """Return what it calls that other files of the repository at `root` define."""
        return [
            called(reference, reference.word.at(self.offsets), root, self.directory)
            for reference in self.script.references
        ]
