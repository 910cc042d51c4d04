"""What a probe of a container can ask: derived from its image, its Dockerfile and its ports."""

from collections.abc import Iterator
from json import dumps
from typing import Final

from rollsafe.artefacts.dockerfile import Stage
from rollsafe.artefacts.known_images import known_image
from rollsafe.artefacts.kubernetes import Container
from rollsafe.formats.nodes import Sequence
from rollsafe.formats.yaml_edit import add_entries, add_item, stacked
from rollsafe.text import Edit
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.images import stage_of

_URL: Final = lazily(
    r"https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0)(?::(?P<port>\d{1,5}))?(?P<path>/[\w./-]*)?"
)
_SHELL: Final = ["/bin/sh", "-c"]


class Question(NamedTuple):
    """A probe's handler as YAML, what a title calls it, and the port by its number where it asks one."""

    handler: str
    words: str
    number: int | None = None


def question_for(container: Container, graph: Graph, port: int | str | None) -> Question | None:
    """Return the best question for a container; `port` is where a Service sends traffic, if one does."""
    return next(_questions(container, graph, port), None)


def probe_edits(container: Container, key: str, question: Question, more: str = "") -> tuple[Edit, ...]:
    """Return the edits that add a probe, and declare the port it asks where that is not declared."""
    text, node = container.file.text, container.node
    entries = [(key, question.handler + more)]
    declared, number = node.at("ports"), question.number
    is_known = any(port.number == number or not isinstance(port.number, int) for port in container.ports)
    if number is None or is_known or (declared is None and not container.lacks("ports")):
        return (add_entries(text, node, entries),)
    if declared is None:
        return (add_entries(text, node, [("ports", f"- containerPort: {number}"), *entries]),)
    if not isinstance(declared, Sequence) or not declared.items:
        return ()
    return stacked((add_item(text, declared, f"containerPort: {number}"), add_entries(text, node, entries)))


def _questions(container: Container, graph: Graph, port: int | str | None) -> Iterator[Question]:
    image = container.image
    known = known_image(image) if image is not None else None
    stage = stage_of(image, graph) if image is not None else None
    if stage is not None:
        yield from _of_health_check(stage)
    if known is not None and known.health_test and not (container.command or container.args):
        yield _of_test(known.health_test, known.title)
    if port is None:
        port = _own_port(container) or _exposed(stage)
    if port is not None:
        number = port if isinstance(port, int) else None
        yield Question(f"tcpSocket:\n  port: {port}", f"of port {port}", number)


def _of_health_check(stage: Stage) -> Iterator[Question]:
    """Yield the HTTP request that the HEALTHCHECK of an image makes."""
    check = stage.healthcheck
    if check is None or check.is_disabled:
        return
    words = [word.text for word in check.exec_form or ()]
    text = check.script.text if check.script is not None else " ".join(words)
    found = _URL.search(text)
    if found is not None:
        path, port = found["path"] or "/", found["port"] or "80"
        handler = f"httpGet:\n  path: {path}\n  port: {port}"
        yield Question(handler, f"that asks `{path}` of port {port}", int(port))


def _of_test(test: tuple[str, ...], title: str) -> Question:
    words = [word.replace("$$", "$") for word in test[1:]]
    command = [*_SHELL, *words] if test[0] == "CMD-SHELL" else words
    return Question(f"exec:\n  command: {dumps(command)}", f"for {title}")


def _own_port(container: Container) -> int | str | None:
    """Return the container's only TCP port, by its name where it has one."""
    ports = [port for port in container.ports if port.protocol == "TCP"]
    if len(ports) != 1:
        return None
    number = ports[0].number
    return ports[0].name or (number if isinstance(number, int) else None)


def _exposed(stage: Stage | None) -> int | None:
    """Return the only port an image says it listens on."""
    ports = [port for port in stage.exposed_ports if port.protocol == "tcp"] if stage is not None else []
    return ports[0].number if len(ports) == 1 and ports[0].number == ports[0].last else None
