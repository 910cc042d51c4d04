"""Makefiles, package scripts and shell scripts: what workflows call by name.

Each target, script or file is an element that other files find by its graph key:
`make:<dir>#<target>`, `script:<dir>#<name>`, `path:<path>`.
"""

from rollsafe.artefacts.scripts.makefile import Makefile, MakeTarget, recognise_makefile
from rollsafe.artefacts.scripts.package import (
    PackageManifest,
    PackageScript,
    recognise_package,
)
from rollsafe.artefacts.scripts.runnable import Runnable
from rollsafe.artefacts.scripts.shell_file import (
    ShellScriptArtefact,
    ShellScriptFile,
    recognise_shell_script,
)

__all__ = [
    "MakeTarget",
    "Makefile",
    "PackageManifest",
    "PackageScript",
    "Runnable",
    "ShellScriptArtefact",
    "ShellScriptFile",
    "recognise_makefile",
    "recognise_package",
    "recognise_shell_script",
]
