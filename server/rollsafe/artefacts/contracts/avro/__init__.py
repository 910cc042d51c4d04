"""Avro schemas: reading them, and whether one reads what another wrote."""

from rollsafe.artefacts.contracts.avro.file import AvroArtefact, AvroFile, recognise
from rollsafe.artefacts.contracts.avro.model import (
    COMPLEX,
    PRIMITIVES,
    AvroField,
    AvroFlaw,
    AvroSchema,
    AvroText,
    FlawKind,
    quoted,
)
from rollsafe.artefacts.contracts.avro.reading import find, read_avro
from rollsafe.artefacts.contracts.avro.resolution import Mismatch, Obstacle, mismatches

__all__ = [
    "COMPLEX",
    "PRIMITIVES",
    "AvroArtefact",
    "AvroField",
    "AvroFile",
    "AvroFlaw",
    "AvroSchema",
    "AvroText",
    "FlawKind",
    "Mismatch",
    "Obstacle",
    "find",
    "mismatches",
    "quoted",
    "read_avro",
    "recognise",
]
