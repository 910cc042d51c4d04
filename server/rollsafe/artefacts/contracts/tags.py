"""Lists of tags of a document, its operations and its messages."""

from collections.abc import Iterator

from rollsafe.artefacts.contracts.document import ContractDocument, EventDocument, mappings_in
from rollsafe.artefacts.contracts.events import all_operations
from rollsafe.artefacts.contracts.examples import messages_of
from rollsafe.formats.nodes import Mapping, Node, Sequence


def tag_lists(document: ContractDocument) -> Iterator[Sequence]:
    """Yield the lists of tags that have names; those of OpenAPI's operations are but names."""
    for holder in _holders(document):
        tags = holder.at("tags")
        if isinstance(tags, Sequence):
            yield tags


def _holders(document: ContractDocument) -> Iterator[Node]:
    root = document.root
    yield root
    if not isinstance(document, EventDocument):
        return
    yield from (node for node in (root.at("info"),) if node is not None)
    for above in ((), ("components",)):
        for word in ("servers", "operationTraits"):
            yield from (node for _, node in mappings_in(root.at(*above, word)))
        if document.numbers[0] == 3:
            yield from (node for _, node in mappings_in(root.at(*above, "channels")))
    for operation in all_operations(document):
        yield operation.node
        yield from (one for one in operation.node.items_at("traits") if isinstance(one, Mapping))
    yield from (node for _, node in messages_of(document))
