"""The commands of a RUN: shell form, exec form or here-document, as the shell in force reads them."""

from typing import TYPE_CHECKING, Final

from rollsafe.text.tuples import NamedTuple

if TYPE_CHECKING:
    from rollsafe.artefacts.dockerfile.packages import Invocation
    from rollsafe.formats.dockerfile_nodes import Instruction, Said
    from rollsafe.formats.shell import ShellCommand

_CACHED: Final = 1_024


class Reading(NamedTuple):
    """What a RUN does. Offsets of the commands count from `start`."""

    start: int
    commands: "tuple[ShellCommand, ...]"
    invocations: "tuple[Invocation, ...]"
    tools: frozenset[str]

    def at(self, offset: int) -> "Reading":
        """Return the same for an instruction that begins at `offset`."""
        return self._replace(start=self.start + offset) if self.commands else self


NO_READING: Final = Reading(0, (), (), frozenset())
_KNOWN: Final["dict[tuple[Said, tuple[str, ...] | None], Reading]"] = {}
"""What was read by what an instruction says, so that an edit elsewhere in the file costs nothing."""


def read_run(node: "Instruction", shell: tuple[str, ...] | None) -> Reading:
    """Read the commands of a RUN under the SHELL `shell`; `start` counts from where it begins.

    What another interpreter reads, such as PowerShell or Python, has no commands.
    """
    key = node.said, shell
    found = _KNOWN.get(key)
    if found is None:
        if len(_KNOWN) >= _CACHED:
            _KNOWN.clear()
        from rollsafe.artefacts.dockerfile.run_reading import read  # a file without a RUN needs no shell

        found = _KNOWN[key] = read(node, shell)
    return found
