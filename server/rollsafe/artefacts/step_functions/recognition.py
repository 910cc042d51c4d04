"""Which files define state machines: alone, or within CloudFormation, SAM or Serverless."""

from collections.abc import Iterator
from typing import ClassVar, Final

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.source import SourceFile
from rollsafe.artefacts.step_functions.machine import StateMachine
from rollsafe.formats.nodes import Mapping, Node, Tree

_SUFFIXES: Final = (".asl.json", ".asl.yaml", ".asl.yml", ".asl")
_RESOURCE_TYPES: Final = frozenset({"AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine"})


class StateMachineFile(Artefact):
    """The state machines of a file, each followed by its states; of a template also it and its containers."""

    kind: ClassVar[str] = "step-functions"


def recognise(file: SourceFile, tree: Tree) -> StateMachineFile | None:
    """Return the view of a file that defines state machines as objects, else None."""
    if not _is_named(file) and ("States" not in file.text or "StartAt" not in file.text):
        return None
    elements: list[Element] = []
    for machine in _machines(file, tree):
        elements += (machine, *machine.states)
    if elements and "AWS::ECS::" in file.text:
        # A template defines what its machines start, too.
        from rollsafe.artefacts.platforms import ecs

        elements += ecs.read(file, tree)
    if elements and "AWS::" in file.text:
        from rollsafe.artefacts.cloud import templates_in

        elements += templates_in(file, tree)
    return StateMachineFile(file, elements, tree.problems) if elements else None


def _is_named(file: SourceFile) -> bool:
    return file.name.endswith(_SUFFIXES)


def _machines(file: SourceFile, tree: Tree) -> Iterator[StateMachine]:
    for root in tree.documents:
        if not isinstance(root, Mapping):
            continue
        if _is_definition(root) or (_is_named(file) and root.at("Resources") is None):
            yield StateMachine(file, root, file.name.split(".")[0], None, is_readable=not tree.problems)
        else:
            yield from _embedded(file, root, is_readable=not tree.problems)


def _is_definition(node: Node | None) -> bool:
    return isinstance(node, Mapping) and node.at("StartAt") is not None and node.map_at("States") is not None


def _embedded(file: SourceFile, root: Mapping, *, is_readable: bool) -> Iterator[StateMachine]:
    """Yield the machines among a template's resources, and those of the Serverless plugin."""
    for name, resource in _pairs(root.at("Resources")):
        if resource.text_at("Type") in _RESOURCE_TYPES:
            properties = resource.map_at("Properties")
            for key in ("Definition", "DefinitionString"):
                definition = properties.at(key) if properties is not None else None
                if isinstance(definition, Mapping) and _is_definition(definition):
                    yield StateMachine(file, definition, name, properties, is_readable=is_readable)
                elif definition is not None:
                    yield from _within_text(file, definition, name, properties)
    for name, machine in _pairs(root.at("stepFunctions", "stateMachines")):
        definition = machine.at("definition")
        if isinstance(definition, Mapping) and _is_definition(definition):
            yield StateMachine(file, definition, name, machine, is_readable=is_readable)
        elif definition is not None:
            yield from _within_text(file, definition, name, machine)


def _within_text(
    file: SourceFile, definition: Node, name: str, properties: Mapping | None
) -> Iterator[StateMachine]:
    """Yield the machine that a text in a template defines."""
    from rollsafe.artefacts.step_functions.embedded import embedded
    from rollsafe.formats.yaml import read_yaml

    text = embedded(file, definition)
    tree = read_yaml(text.text) if text is not None else None
    for root in tree.documents if tree is not None else ():
        if text is not None and isinstance(root, Mapping) and _is_definition(root):
            is_readable = tree is not None and not tree.problems
            yield StateMachine(text, root, name, properties, is_readable=is_readable)


def _pairs(node: Node | None) -> Iterator[tuple[str, Mapping]]:
    if isinstance(node, Mapping):
        for name, value in node.pairs():
            if isinstance(value, Mapping):
                yield name, value
