"""Which files are templates that say something of messages."""

from collections.abc import Iterator
from typing import ClassVar, Final

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.cloud.template import CloudTemplate
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Tree
from rollsafe.text.patterns import lazily

LARGEST: Final = 500_000
_TELLING = lazily(
    r"AWS::(?:SQS|SNS|Events|Lambda::EventSourceMapping|Serverless::(?:Function|StateMachine)|StepFunctions::StateMachine)\b"
)
_TAG = lazily(r"\{\{(?!resolve:)|\{%")
"""What something fills in before CloudFormation reads the file; `{{resolve:…}}` is a value of its own."""


class CloudTemplateFile(Artefact):
    """A template; its first element is the template, and what it runs on ECS follows."""

    kind: ClassVar[str] = "cloud-template"


def recognise(file: SourceFile, tree: Tree) -> CloudTemplateFile | None:
    """Return the view of a template with queues, topics, rules or functions of SAM, else None."""
    elements: list[Element] = list(templates_in(file, tree))
    if elements and "AWS::ECS::" in file.text:
        from rollsafe.artefacts.platforms import ecs

        elements += ecs.read(file, tree)
    return CloudTemplateFile(file, elements, tree.problems) if elements else None


def templates_in(file: SourceFile, tree: Tree) -> Iterator[CloudTemplate]:
    """Yield the template in a file that says something of messages."""
    root = tree.documents[0] if tree.documents else None
    if not isinstance(root, Mapping) or len(file.text) > LARGEST or not _TELLING.search(file.text):
        return
    if root.map_at("Resources") is None and root.map_at("resources", "Resources") is None:
        return
    if tree.templated and _TAG.search(file.text) is not None:
        return
    yield CloudTemplate(file, root, has_problems=bool(tree.problems))
