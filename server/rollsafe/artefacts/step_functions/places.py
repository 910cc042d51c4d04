"""Where a state stands: how deep, and in which language it picks its data."""

from rollsafe.artefacts.step_functions.fields import Fields, Language, fields_of
from rollsafe.artefacts.step_functions.state import Scope, State
from rollsafe.formats.nodes import Mapping, Node


def fields_around(state: State | None, language: Language) -> Fields:
    """Return the fields of a state; none where there is no state."""
    return fields_of(state.type, language) if state is not None else {}


def first(node: Mapping) -> Node:
    """Return where to point when an object lacks a field: its first one."""
    return node.entries[0].key if node.entries else node


def depth_of(scope: Scope) -> int:
    """Return how many steps lead from the root to a scope."""
    depth, parent = 0, scope.parent
    while parent is not None:
        depth += 4 if parent.type == "Parallel" else 3
        parent = parent.scope.parent
    return depth


def language_of(state: State) -> Language:
    """Return the language of a state; not sure where a state around it says another than the machine."""
    said = state.node.text_at("QueryLanguage")
    if said is not None:
        return Language(said) if said in ("JSONPath", "JSONata") else Language.EITHER
    usual = state.machine.query_language
    around = state.scope.parent
    while around is not None:
        other = around.node.text_at("QueryLanguage")
        if other is not None and other != usual:
            return Language.EITHER
        around = around.scope.parent
    return Language(usual) if usual in ("JSONPath", "JSONata") else Language.EITHER
