"""Descriptions of interfaces: OpenAPI and AsyncAPI documents, and where their references lead."""

from rollsafe.artefacts.contracts.document import (
    METHODS,
    ApiDocument,
    ApiOperation,
    ContractDocument,
    ContractFile,
    ContractPart,
    ContractText,
    EventDocument,
    SchemaPart,
    entries_of,
    mappings_in,
)
from rollsafe.artefacts.contracts.recognition import part_of, recognise
from rollsafe.artefacts.contracts.references import (
    Reference,
    Resolver,
    Target,
    read_reference,
    reference_in,
    steps_of,
)

__all__ = [
    "METHODS",
    "ApiDocument",
    "ApiOperation",
    "ContractDocument",
    "ContractFile",
    "ContractPart",
    "ContractText",
    "EventDocument",
    "Reference",
    "Resolver",
    "SchemaPart",
    "Target",
    "entries_of",
    "mappings_in",
    "part_of",
    "read_reference",
    "recognise",
    "reference_in",
    "steps_of",
]
