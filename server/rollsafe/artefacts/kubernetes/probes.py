"""Probes and lifecycle hooks: how the kubelet asks a container how it is, and tells it to stop."""

from typing import Final

from rollsafe.artefacts.kubernetes.templates import TEMPLATED, Amount, Share, amount_at, share_at
from rollsafe.formats.nodes import Node, Scalar
from rollsafe.text.cached import cached_property
from rollsafe.text.patterns import lazily

_SLEEP = lazily(r"\bsleep\s+(\d{1,6})\b")
_HANDLERS: Final = {"httpGet": "http", "tcpSocket": "tcp", "exec": "exec", "grpc": "grpc"}


class Probe:
    """A readiness, liveness or startup probe.

    `node` is its mapping; a scalar where a template fills the probe in, and then every answer is
    unknown (`is_known` False). Times are seconds, Kubernetes' defaults where nothing is written.
    """

    def __init__(self, name: str, key: Scalar, node: Node) -> None:
        self.name = name
        self.key = key
        self.node = node

    @property
    def is_known(self) -> bool:
        """Whether the probe is written out in the file."""
        return not isinstance(self.node, Scalar)

    @cached_property
    def handler(self) -> str | None:
        """`http`, `tcp`, `exec` or `grpc`; None when none of them is written."""
        return next((kind for key, kind in _HANDLERS.items() if self.node.at(key) is not None), None)

    @cached_property
    def port_node(self) -> Scalar | None:
        """The value of the port the probe asks."""
        for key in ("httpGet", "tcpSocket", "grpc"):
            node = self.node.at(key, "port")
            if isinstance(node, Scalar):
                return node
        return None

    @property
    def port(self) -> Share:
        """The port asked: a number, or the name of a container port."""
        return share_at(self.port_node)

    @property
    def path(self) -> str | None:
        """The HTTP path asked."""
        return self.node.text_at("httpGet", "path")

    @property
    def command(self) -> tuple[str, ...]:
        """The command run inside the container; empty for other handlers."""
        return words_at(self.node, "exec", "command")

    @property
    def initial_delay(self) -> Amount:
        """Seconds before the first question."""
        return self._seconds("initialDelaySeconds", 0)

    @property
    def period(self) -> Amount:
        """Seconds between questions."""
        return self._seconds("periodSeconds", 10)

    @property
    def timeout(self) -> Amount:
        """Seconds an answer may take."""
        return self._seconds("timeoutSeconds", 1)

    @property
    def failure_threshold(self) -> Amount:
        """Failures in a row before the container counts as failed."""
        return self._seconds("failureThreshold", 3)

    @property
    def success_threshold(self) -> Amount:
        """Successes in a row before the container counts as well."""
        return self._seconds("successThreshold", 1)

    @property
    def budget(self) -> int | None:
        """Seconds from the container's start until the probe gives it up; None when unknown."""
        delay, period, failures = self.initial_delay, self.period, self.failure_threshold
        if isinstance(delay, int) and isinstance(period, int) and isinstance(failures, int):
            return delay + period * failures
        return None

    def asks_like(self, other: "Probe") -> bool:
        """Say whether both probes ask the same question of the same port."""
        return self.is_known and self._question == other._question

    @property
    def _question(self) -> tuple[object, ...]:
        headers = self.node.items_at("httpGet", "httpHeaders")
        said = tuple((one.text_at("name"), one.text_at("value")) for one in headers)
        return (self.handler, self.port, self.path, self.command, self.node.text_at("grpc", "service"), said)

    def _seconds(self, key: str, default: int) -> Amount:
        if not self.is_known:
            return TEMPLATED
        return default if self.node.at(key) is None else amount_at(self.node, key)


def words_at(node: Node, *path: str) -> tuple[str, ...]:
    """Return the scalar items of the sequence at `path`; a lone scalar counts as one item."""
    alone = node.text_at(*path)
    if alone is not None:
        return (alone,)
    return tuple(item.text for item in node.items_at(*path) if isinstance(item, Scalar))


def sleep_seconds(handler: Node) -> int | None:
    """Return how long a lifecycle handler sleeps, by its `sleep` action or a `sleep` command."""
    seconds = handler.int_at("sleep", "seconds")
    if seconds is not None:
        return seconds
    found = _SLEEP.search(" ".join(words_at(handler, "exec", "command")))
    return int(found[1]) if found else None
