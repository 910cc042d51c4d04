"""Shell scripts as files."""

from collections.abc import Iterable
from typing import ClassVar, Final

from rollsafe.artefacts.base import Artefact
from rollsafe.artefacts.scripts.runnable import Runnable
from rollsafe.artefacts.source import SourceFile
from rollsafe.text.patterns import lazily

_SHELL: Final = lazily(r"#![^\r\n]*?\b(bash|sh|zsh|dash|ksh|ash)\b")


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


class ShellScriptArtefact(Artefact):
    """A shell script; its only element is itself."""

    kind: ClassVar[str] = "shell-script"


def recognise_shell_script(file: SourceFile) -> ShellScriptArtefact | None:
    """Return the view of a shell script; None when its first line names another interpreter."""
    if file.text.startswith("#!") and not _SHELL.match(file.text):
        return None
    element = ShellScriptFile(file)
    return ShellScriptArtefact(file, [element], element.script.problems)
