"""Descriptions of interfaces: OpenAPI and AsyncAPI documents, and where their references lead."""

from rollsafe.artefacts.contracts.document import (
    METHODS,
    ApiDocument,
    ApiOperation,
    ContractDocument,
    ContractFile,
    ContractPart,
    ContractPartFile,
    ContractText,
    EventDocument,
    entries_of,
    mappings_in,
)
from rollsafe.artefacts.contracts.recognition import recognise, recognise_part
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
    "ContractPartFile",
    "ContractText",
    "EventDocument",
    "Reference",
    "Resolver",
    "Target",
    "entries_of",
    "mappings_in",
    "read_reference",
    "recognise",
    "recognise_part",
    "reference_in",
    "steps_of",
]
