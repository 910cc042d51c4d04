"""What breaks between an Avro schema as it is and as it was at the git base."""

from functools import lru_cache

from rollsafe.artefacts.contracts.avro.file import AvroFile
from rollsafe.artefacts.contracts.avro.model import AvroText
from rollsafe.artefacts.contracts.avro.reading import read_avro
from rollsafe.artefacts.contracts.changes.avro import AvroChange, avro_changes
from rollsafe.artefacts.contracts.document import LARGEST
from rollsafe.formats.yaml import read_yaml
from rollsafe.workspace.facts import Base


def changes_of_avro(file: AvroFile, base: Base) -> tuple[AvroChange, ...]:
    """Return what keeps readers and writers of the two revisions from each other; nothing without a base.

    A type of another file is told of there. A new file, and one that cannot be read, is compared with
    nothing.
    """
    path, text = file.file.path, file.file.text
    if not base.known or not file.is_whole or not base.had(path) or base.is_unchanged(path, text):
        return ()
    before = schemas_at_base(path, base)
    return avro_changes(before, file.schemas) if before is not None else ()


def schemas_at_base(path: str, base: Base) -> AvroText | None:
    """Return the schemas of a file at the base; None where it cannot be read."""
    text = base.read(path) or ""
    return _schemas(text) if 0 < len(text) <= LARGEST else None


@lru_cache(maxsize=32)
def _schemas(text: str) -> AvroText | None:
    tree = read_yaml(text)
    return read_avro(tree.documents[0]) if tree.documents and not tree.problems else None
