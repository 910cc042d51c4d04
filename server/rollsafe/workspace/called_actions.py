"""The actions that steps call: what they take, and whether they can run at all."""

from collections.abc import Callable, Iterator
from posixpath import dirname, normpath
from typing import Final

from rollsafe.artefacts.github_workflow import CompositeAction, Step, Workflow
from rollsafe.artefacts.github_workflow.known_actions import Interface, TakenInput, known_interface
from rollsafe.artefacts.recognition import joined
from rollsafe.artefacts.shapes import FaultKind
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.text import Located
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph

COMPOSITE, DOCKER, SCRIPT = "composite", "docker", "script"
RUNTIMES: Final = ("composite", "docker", "node20", "node24")
_NEWEST: Final = "node24"
_GONE: Final = frozenset({"node12", "node16"})
_REGISTRIES: Final = ("docker://", "gcr.io/", "pkg.dev/", "ghcr.io/", "docker.io/")
_FILES: Final = {
    DOCKER: ("pre-entrypoint", "entrypoint", "post-entrypoint"),
    SCRIPT: ("pre", "main", "post"),
}
_UNIMPORTANT: Final = frozenset({"name", "description", "author", "branding", "inputs", "outputs"})
"""What a runner does not look at before it runs an action."""


class ActionFault(NamedTuple):
    """What is wrong with an action; `message` goes on after its name.

    `stops`: no step can run it. `file` is the path of a file that is not there.
    """

    where: Located
    message: str
    stops: bool
    file: str = ""
    replacement: str = ""


def local_action(step: Step, graph: Graph) -> CompositeAction | None:
    """Return the action of this repository that a step uses; None for any other."""
    uses = step.uses
    if uses is None or not uses.is_local or "${{" in uses.text:
        return None
    path = joined(step.owner.root, uses.local_path)
    return None if path is None else graph.first(CompositeAction, f"path:{path}")


def steps_using(action: CompositeAction, graph: Graph) -> Iterator[Step]:
    """Yield the first step of each workflow that uses an action of this repository."""
    path = action.file.path
    for key in (path, dirname(path)):
        for workflow in graph.find(Workflow, f"calls:{key}") if key else ():
            steps = (one for job in workflow.jobs for one in job.steps if one.uses_text.startswith("."))
            found = next((one for one in steps if local_action(one, graph) is action), None)
            if found is not None:
                yield found


def interface_of(step: Step, graph: Graph) -> Interface | None:
    """Return what the action of a step takes and hands on; None where that is not known."""
    uses = step.uses
    if uses is None:
        return None
    if uses.is_local:
        action = local_action(step, graph)
        return None if action is None or action.problems else _of_local(action)
    return known_interface(uses, step.behind_uses) if uses.owner else None


def _of_local(action: CompositeAction) -> Interface:
    inputs = {name.lower(): _taken(name, node) for name, node in action.inputs.items()}
    if kind_of(action) == DOCKER:
        for name in ("args", "entrypoint"):
            inputs.setdefault(name, TakenInput(name, False, None))
    return Interface(inputs, tuple(action.outputs))


def _taken(name: str, node: Node) -> TakenInput:
    default, told = node.at("default"), node.at("deprecationMessage")
    has_default = default is not None and not (isinstance(default, Scalar) and default.is_null)
    is_required = node.bool_at("required") is True and not has_default
    deprecation = None
    if isinstance(told, Scalar):
        deprecation = "" if told.is_null else " ".join(told.text.split()).rstrip(". ")
    return TakenInput(name, is_required, deprecation)


def kind_of(action: CompositeAction) -> str:
    """Return how an action runs: `composite`, `docker` or `script`."""
    using = action.using.lower()
    return using if using in (COMPOSITE, DOCKER) else SCRIPT


def faults_of(action: CompositeAction, has_file: Callable[[str], bool]) -> Iterator[ActionFault]:
    """Yield everything that is wrong with an action, what its grammar says first."""
    for fault in action.reading.faults:
        top, key = fault.path[0] if fault.path else "", fault.key
        if (fault.kind is FaultKind.TYPE and top in _UNIMPORTANT) or fault.path[-1:] == ("using",):
            continue
        told = {
            FaultKind.MISSING: f"has no `{key}`",
            FaultKind.UNKNOWN: f"has an unknown key `{key}`",
            FaultKind.EMPTY: f"has nothing in `{key}`",
        }.get(fault.kind, f"has a wrong `{key}`")
        yield ActionFault(fault.where, told, top not in _UNIMPORTANT)
    yield from own_faults(action, has_file)
    yield from (
        ActionFault(where, f"deprecates `{name}` without a word", False) for name, where in silent(action)
    )


def own_faults(action: CompositeAction, has_file: Callable[[str], bool]) -> Iterator[ActionFault]:
    """Yield what is wrong with how an action runs: its runtime and its files."""
    runs = action.node.map_at("runs")
    using = runs.at("using") if runs is not None else None
    if action.problems or runs is None or not isinstance(using, Scalar) or not using.text:
        return
    if using.text not in RUNTIMES:
        if using.text in _GONE:
            yield ActionFault(
                using, f"runs on `{using.text}`, which runners no longer have", True, "", _NEWEST
            )
        else:
            told = (
                f"runs on `{using.text[:40]}`, which is none of {', '.join(f'`{one}`' for one in RUNTIMES)}"
            )
            yield ActionFault(using, told, True)
    kind = kind_of(action)
    if kind == DOCKER:
        yield from _of_image(action, runs, has_file)
    for key in _FILES.get(kind, ()):
        if kind == SCRIPT and not using.text.startswith("node"):
            continue
        yield from _of_file(action, runs, key, has_file)
    hook = runs.key_at("post-if")
    if kind == SCRIPT and hook is not None and runs.at("post") is None:
        yield ActionFault(hook, "has `post-if` and no `post`", True)


def _of_image(
    action: CompositeAction, runs: Mapping, has_file: Callable[[str], bool]
) -> Iterator[ActionFault]:
    image = runs.at("image")
    if not isinstance(image, Scalar) or not image.text or image.text.startswith(_REGISTRIES):
        return
    yield from _of_file(action, runs, "image", has_file)
    if image.text.rpartition("/")[2] != "Dockerfile":
        yield ActionFault(image, f"builds `{image.text[:60]}`, which is not named `Dockerfile`", True)


def _of_file(
    action: CompositeAction, runs: Mapping, key: str, has_file: Callable[[str], bool]
) -> Iterator[ActionFault]:
    node = runs.at(key)
    if not isinstance(node, Scalar) or node.is_null or not node.text or "${{" in node.text:
        return
    path = normpath(f"{dirname(action.file.path) or '.'}/{node.text}")
    if not path.startswith("../") and not has_file(path):
        yield ActionFault(node, f"has no file `{node.text[:60]}`, its `{key}`", True, path)


def silent(action: CompositeAction) -> Iterator[tuple[str, Located]]:
    """Yield the inputs that are deprecated without a word about it, each with its place."""
    for name, node in action.inputs.items():
        told = node.at("deprecationMessage")
        if isinstance(told, Scalar) and (told.is_null or not told.text.strip()):
            yield name, node.key_at("deprecationMessage") or told
