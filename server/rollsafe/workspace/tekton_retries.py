"""What pipelines of Tekton run again when it fails."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import KubernetesObject
from rollsafe.artefacts.workflow_objects import WorkflowObject
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.formats.shell import ShellCommand, read_shell
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph

_SHELLS: Final = frozenset({"sh", "bash", "ash", "dash"})
_MOST: Final = 2_000


class Retried(NamedTuple):
    """A task that is tried `times` times, as `where` says, and the commands it runs."""

    name: str
    where: Node
    times: int
    commands: tuple[ShellCommand, ...]


def retried(workflow: WorkflowObject, graph: Graph) -> Iterator[Retried]:
    """Yield the tasks of a pipeline that are tried again, in source order; none of Argo's workflows."""
    if not workflow.is_readable or workflow.engine != "Tekton":
        return
    spec = workflow.node.map_at("spec")
    pipeline = spec if workflow.kind == "Pipeline" or spec is None else spec.map_at("pipelineSpec")
    for task in pipeline.items_at("tasks")[:_MOST] if pipeline is not None else ():
        node, again = task.at("retries"), task.int_at("retries")
        if node is None or not again or again < 1:
            continue
        inner = task.map_at("taskSpec") or _called(task, graph)
        steps = inner.items_at("steps")[:_MOST] if inner is not None else []
        commands = tuple(command for step in steps for command in _commands(step))
        yield Retried(task.text_at("name") or "?", node, again + 1, commands)


def _called(task: Node, graph: Graph) -> Mapping | None:
    name = task.text_at("taskRef", "name")
    found = graph.find(KubernetesObject, f"Task/{name}") if name else ()
    return found[0].spec if len(found) == 1 and found[0].api_group == "tekton.dev" else None


def _commands(part: Node) -> Iterator[ShellCommand]:
    """Yield the commands of a step: of its script, else of what it is started with."""
    script = part.at("script")
    if isinstance(script, Scalar):
        first = part.items_at("command")[:1]
        program = first[0].text if first and isinstance(first[0], Scalar) else "sh"
        if program.rpartition("/")[2] in _SHELLS:
            yield from read_shell(script.text).commands
        return
    listed = [*part.items_at("command"), *part.items_at("args")]
    words = [one.text for one in listed if isinstance(one, Scalar)]
    if len(words) > 2 and words[0].rpartition("/")[2] in _SHELLS and "c" in words[1]:
        yield from read_shell(words[2]).commands
    else:
        yield from read_shell(" ".join(words)).commands
