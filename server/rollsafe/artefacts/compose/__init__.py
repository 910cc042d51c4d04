"""Compose files: the file, its services, the variables in it."""

from rollsafe.artefacts.compose.environment import EnvFileUse, EnvVariable
from rollsafe.artefacts.compose.file import DIALECT, ComposeFile, Include
from rollsafe.artefacts.compose.health import ComposeHealthcheck
from rollsafe.artefacts.compose.ports import PortMapping, PortRange
from rollsafe.artefacts.compose.recognition import ComposeArtefact, recognise
from rollsafe.artefacts.compose.service import ComposeElement, ComposeService
from rollsafe.artefacts.compose.uses import SINGULAR, Use
from rollsafe.artefacts.compose.values import Command, settled, with_defaults
from rollsafe.artefacts.compose.variables import ComposeVariable
from rollsafe.artefacts.compose.wiring import Build, Dependency, Extends, Mount, MountKind

__all__ = [
    "DIALECT",
    "SINGULAR",
    "Build",
    "Command",
    "ComposeArtefact",
    "ComposeElement",
    "ComposeFile",
    "ComposeHealthcheck",
    "ComposeService",
    "ComposeVariable",
    "Dependency",
    "EnvFileUse",
    "EnvVariable",
    "Extends",
    "Include",
    "Mount",
    "MountKind",
    "PortMapping",
    "PortRange",
    "Use",
    "recognise",
    "settled",
    "with_defaults",
]
