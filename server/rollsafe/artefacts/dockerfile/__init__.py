"""Dockerfiles and Containerfiles: the file, its build stages, its instructions."""

from rollsafe.artefacts.dockerfile.elements import DockerfileElement, DockerInstruction
from rollsafe.artefacts.dockerfile.facts import (
    CopySource,
    ExposedPort,
    HealthCheck,
    User,
)
from rollsafe.artefacts.dockerfile.recognition import DockerfileArtefact, recognise
from rollsafe.artefacts.dockerfile.stages import Dockerfile, Stage

__all__ = [
    "CopySource",
    "DockerInstruction",
    "Dockerfile",
    "DockerfileArtefact",
    "DockerfileElement",
    "ExposedPort",
    "HealthCheck",
    "Stage",
    "User",
    "recognise",
]
