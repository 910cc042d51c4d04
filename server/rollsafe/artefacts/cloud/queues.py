"""Queues with their limits, functions with theirs, and which of these takes from which queue or stream."""

from typing import Final

from rollsafe.artefacts.cloud.resources import Resource, number_in, reference_of
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence
from rollsafe.text import Located
from rollsafe.text.cached import cached_property
from rollsafe.text.tuples import NamedTuple

VISIBILITY: Final = 30
"""Seconds for which a message that was handed out is hidden, where a queue does not say."""
RETENTION: Final = 4 * 24 * 3600
"""Seconds for which a queue keeps a message, where it does not say."""
LONGEST_RETENTION: Final = 14 * 24 * 3600
LONGEST_VISIBILITY: Final = 12 * 3600


class Queue:
    """A queue of SQS. Times are in seconds; None where the template computes them."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.id = resource.id

    @cached_property
    def visibility(self) -> int | None:
        """For how long a message that was handed out is hidden."""
        return self._number("VisibilityTimeout", VISIBILITY)

    @cached_property
    def retention(self) -> int | None:
        """For how long a message is kept."""
        return self._number("MessageRetentionPeriod", RETENTION)

    @cached_property
    def redrive(self) -> Node | None:
        """What says where messages go that fail; None where nothing does."""
        return self.resource.properties.at("RedrivePolicy")

    @cached_property
    def dead_letters(self) -> str:
        """The id of the queue in the same template where messages go that fail, else empty."""
        return reference_of(self.redrive.at("deadLetterTargetArn")) or "" if self.redrive is not None else ""

    @cached_property
    def tries(self) -> int | None:
        """How often a message is handed out before it is set aside."""
        return number_in(self.redrive.at("maxReceiveCount")) if self.redrive is not None else None

    @cached_property
    def is_fifo(self) -> bool | None:
        """Whether it keeps the order; None where the template computes that."""
        value = self.resource.properties.at("FifoQueue")
        if value is None:
            return None if self.resource.is_open else False
        text = value.text.lower() if isinstance(value, Scalar) and value.tag is None else ""
        return {"true": True, "false": False}.get(text)

    def _number(self, key: str, default: int) -> int | None:
        if self.resource.properties.at(key) is not None:
            return self.resource.number(key)
        return None if self.resource.is_open else default


class Function(NamedTuple):
    """A function. `timeout` is in seconds, None where it is computed; `holder` is what has its settings."""

    id: str
    timeout: int | None
    timeout_at: Located
    key: Located
    holder: Mapping


class Consumer(NamedTuple):
    """What hands messages of `source`, a queue or a stream of the template, to a function.

    `settings` holds the settings under names that begin as `names` tells: with a capital, as CloudFormation
    writes them, or without, as the Serverless Framework does.
    """

    kind: str
    source: str
    function: Function | None
    settings: Mapping
    key: Located
    is_serverless: bool = False

    def name_of(self, key: str) -> str:
        """Return a setting's name as this template writes it."""
        return key[:1].lower() + key[1:] if self.is_serverless else key

    def setting(self, key: str) -> Node | None:
        """Return a setting by its name in CloudFormation."""
        return self.settings.at(self.name_of(key))

    @property
    def batch(self) -> int | None:
        """How many messages a call may get; None where that is computed."""
        value = self.setting("BatchSize")
        if value is None:
            return 10 if self.kind == "SQS" else 100
        return number_in(value)

    @property
    def window(self) -> int | None:
        """For how many seconds messages are gathered; None where that is computed."""
        value = self.setting("MaximumBatchingWindowInSeconds") or self.settings.at("maximumBatchingWindow")
        return 0 if value is None else number_in(value)

    @property
    def is_open(self) -> bool:
        """Whether settings may come from elsewhere."""
        return any(entry.name.startswith(("Fn::", "<<")) for entry in self.settings.entries)

    @property
    def reports_failed_items(self) -> bool:
        """Whether the function says which messages of a batch failed, or that is computed."""
        name = "functionResponseType" if self.is_serverless else "FunctionResponseTypes"
        value = self.settings.at(name)
        if isinstance(value, Sequence):
            return bool(value.items)
        return value is not None
