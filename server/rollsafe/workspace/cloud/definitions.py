"""State machines of templates whose definitions are files of their own."""

import re
from collections.abc import Iterator
from posixpath import dirname, join, normpath
from typing import Final

from rollsafe.artefacts.cloud import CloudTemplate
from rollsafe.artefacts.cloud.resources import Resource
from rollsafe.artefacts.step_functions import StateMachine
from rollsafe.formats.nodes import Mapping, Scalar, walk
from rollsafe.workspace.graph import Graph

_MACHINE: Final = "AWS::Serverless::StateMachine"
_VARIABLE: Final = re.compile(r"\$\{(\w+)\}")


def definition_path(resource: Resource) -> str | None:
    """Return the path of the file that defines a machine of SAM; None where none is written out."""
    if resource.type != _MACHINE:
        return None
    uri = resource.text("DefinitionUri")
    if not uri or "://" in uri or "$" in uri or "{{" in uri or uri.startswith("/"):
        return None
    return normpath(join(dirname(resource.file.path), uri))


def machines_of(resource: Resource, template: CloudTemplate, graph: Graph) -> list[StateMachine]:
    """Return the definitions of a machine that a template names: in a file of its own, or in the template."""
    path = definition_path(resource)
    found = graph.every(StateMachine, "state-machine:")
    if path is not None:
        return [one for one in found if one.file.path == path and one.properties is None]
    text = resource.properties.at("DefinitionString")
    if text is not None and not (isinstance(text, Scalar) and text.tag is None):
        # A function of CloudFormation's fills it in.
        return []
    return [one for one in found if one.file.path == template.file.path and one.name == resource.id]


def variables_in(machine: StateMachine) -> Iterator[tuple[str, Scalar]]:
    """Yield what a definition wants filled in, each with the text that says so."""
    filled = set[int]()
    for node in walk(machine.node):
        if isinstance(node, Mapping):
            # What `Fn::Sub` fills in has its own tag, or its own key above.
            filled |= {id(part) for one in node.entries if one.name == "Fn::Sub" for part in walk(one.value)}
        elif isinstance(node, Scalar) and node.tag is None and "${" in node.text and id(node) not in filled:
            for found in _VARIABLE.finditer(node.text):
                yield found[1], node


def substitutions(resource: Resource) -> dict[str, Scalar] | None:
    """Return the names that a machine's template fills in, each with its key; None where nobody can know."""
    listed = resource.properties.at("DefinitionSubstitutions")
    if resource.is_open or not isinstance(listed, Mapping) or listed.tag is not None:
        return None
    keys = {entry.name: entry.key for entry in listed.entries if isinstance(entry.key, Scalar)}
    is_computed = any(name.startswith("Fn::") or name == "Ref" for name in keys)
    return None if is_computed or len(keys) != len(listed.entries) else keys
