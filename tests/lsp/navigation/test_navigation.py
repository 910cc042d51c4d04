"""Names lead to where they are defined, and back."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.lsp.navigation.marked import Mark, ask, places, put
from tests.lsp.navigation.projects import PROJECTS
from tests.lsp.stdio import Client, running


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory,
) -> Generator[tuple[Client, dict[str, tuple[Path, list[Mark]]]]]:
    top = tmp_path_factory.mktemp("navigation")
    found = {name: (top / name, put(top / name, project)) for name, project in PROJECTS.items()}
    with running(top) as client:
        client.initialize([root for root, _ in found.values()])
        client.settled()
        yield client, found


Served = tuple[Client, dict[str, tuple[Path, list[Mark]]]]


@pytest.mark.parametrize("family", PROJECTS)
def test_a_name_leads_to_its_definition(served: Served, family: str) -> None:
    client, (root, marks) = served[0], served[1][family]
    wrong = {
        f"{one.path}:{one.line} {one.name}": (found, wanted)
        for one in marks
        if not one.defines
        and (found := ask(client, "definition", root, one.path, one.middle))
        != (wanted := places([other for other in marks if other.defines and other.name == one.name]))
    }
    assert wrong == {}


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize("family", PROJECTS)
def test_what_is_defined_leads_to_its_uses(served: Served, family: str, declared: bool) -> None:
    client, (root, marks) = served[0], served[1][family]
    wrong = {
        f"{one.path}:{one.line} {one.name}": (found, wanted)
        for one in marks
        if one.end > one.start
        and (
            found := ask(
                client, "references", root, one.path, one.middle, context={"includeDeclaration": declared}
            )
        )
        != (
            wanted := places(
                [other for other in marks if other.name == one.name and (declared or not other.defines)]
            )
        )
    }
    assert wrong == {}
