"""Whether anything compares the interfaces of a repository with what is live before it is released."""

import re
from typing import Final

from rollsafe.artefacts.contracts import ApiDocument, EventDocument
from rollsafe.artefacts.github_workflow import Workflow
from rollsafe.artefacts.scripts import MakeTarget, PackageScript, ShellScriptFile
from rollsafe.artefacts.source import SourceFile
from rollsafe.workspace.graph import Graph

_COMPARES: Final = re.compile(
    r"oasdiff|openapi[-_]?(diff|changes|compare)|swagger[-_]?diff|api[-_]?diff|(optic|asyncapi|bump) diff"
    r"|optic run|buf breaking|bump-sh|speakeasy|can-i-deploy|pactflow|graphql-inspector|breaking[-_ ]?change"
    r"|contract[-_:]?(test|check)|compatib\w*[-_:]?(test|check)|schemathesis|dredd|rollsafe",
    re.I,
)
"""Tools that hold an interface against its former revision, or against those who use it."""

_NOT_OURS: Final = re.compile(
    r"(^|/)(tests?|spec|specs|fixtures?|examples?|samples?|mocks?|stubs?|vendor|third_party|node_modules|testdata|generated"
    r"|clients?|external|wiremock)(/|$)",
    re.I,
)
"""Folders with descriptions of somebody else's interfaces, or of none."""


def uncompared_contract(graph: Graph) -> str | None:
    """Return the path of the first interface of the repository that no pipeline compares."""
    return graph.remember(("uncompared contract",), lambda: _uncompared(graph))


def compares(file: SourceFile) -> bool:
    """Say whether a file names a tool that compares interfaces."""
    return _COMPARES.search(file.text) is not None


def _uncompared(graph: Graph) -> str | None:
    keys = [*graph.keys(ApiDocument, "contract:"), *graph.keys(EventDocument, "contract:")]
    paths = sorted(key.partition(":")[2] for key in keys)
    own = next((path for path in paths if _NOT_OURS.search(path) is None), None)
    if own is None or any(one.file.told(compares) for one in graph.every(Workflow, "path:")):
        return None
    scripts = (
        *graph.every(MakeTarget, "make:"),
        *graph.every(PackageScript, "script:"),
        *graph.every(ShellScriptFile, "path:"),
    )
    return None if any(one.file.told(compares) for one in scripts) else own
