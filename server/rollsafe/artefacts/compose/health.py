"""The health check of a service."""

from rollsafe.artefacts.compose.values import settled
from rollsafe.artefacts.durations import seconds_of
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence, resolve
from rollsafe.text.cached import cached_property


class ComposeHealthcheck:
    """A `healthcheck` mapping; `key` is the place to point at. Times are seconds."""

    def __init__(self, key: Scalar, node: Mapping) -> None:
        self.key = key
        self.node = node

    @cached_property
    def test_node(self) -> Node | None:
        """The value of `test`; None when only options are written, for an image with a check."""
        node = self.node.at("test")
        return None if isinstance(node, Scalar) and node.is_null else node

    @cached_property
    def test(self) -> tuple[str, ...]:
        """The test as Compose reads it, beginning with `CMD`, `CMD-SHELL` or `NONE`."""
        node = self.test_node
        if isinstance(node, Scalar):
            return ("NONE",) if node.text == "NONE" else ("CMD-SHELL", node.text)
        if isinstance(node, Sequence):
            items = map(resolve, node.items)
            return tuple(item.text for item in items if isinstance(item, Scalar))
        return ()

    @property
    def is_disabled(self) -> bool:
        """Whether it switches off the image's check instead of adding one."""
        return self.node.bool_at("disable") is True or self.test[:1] == ("NONE",)

    @property
    def command(self) -> str:
        """The test as one line, without the word that says how it is run."""
        return " ".join(self.test[1:])

    @property
    def interval(self) -> float | None:
        """Seconds between tests; None when a variable decides it."""
        return self._seconds("interval", 30.0)

    @property
    def timeout(self) -> float | None:
        """Seconds a test may take."""
        return self._seconds("timeout", 30.0)

    @property
    def start_period(self) -> float | None:
        """Seconds during which failures do not count."""
        return self._seconds("start_period", 0.0)

    @property
    def retries(self) -> int | None:
        """Failures in a row before the container counts as unhealthy."""
        text = self.node.text_at("retries")
        if text is None:
            return 3
        value = settled(text)
        return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None

    def _seconds(self, key: str, default: float) -> float | None:
        text = self.node.text_at(key)
        return default if text is None else seconds_of(settled(text))
