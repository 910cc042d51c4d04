"""The contexts that are the same in every workflow, and the types of those that a file declares."""

from typing import Final

from rollsafe.artefacts.expressions import Scope, check_expression, read_template
from rollsafe.artefacts.expressions.types import ANYTHING, TEXTS, Listed, Named, Plain, Type, exactly, joined
from rollsafe.artefacts.github_workflow.grammar import BOOLEANS
from rollsafe.artefacts.github_workflow.values import Matrix
from rollsafe.artefacts.shapes import letter_of
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence, resolve

_MAX_ITEMS: Final = 500
_TEXT, _NUMBER, _TRUTH = Plain.STRING, Plain.NUMBER, Plain.BOOLEAN
_PLACE: Final = {"id": _TEXT, "network": _TEXT}
_GITHUB: Final[dict[str, Type]] = {
    **dict.fromkeys(
        (
            *(
                "action",
                "action_path",
                "action_ref",
                "action_repository",
                "action_status",
                "actor",
                "actor_id",
            ),
            *(
                "api_url",
                "base_ref",
                "env",
                "event_name",
                "event_path",
                "graphql_url",
                "head_ref",
                "job",
                "output",
            ),
            *("path", "ref", "ref_name", "ref_type", "repository", "repository_id", "repository_owner"),
            *("repository_owner_id", "repository_visibility", "repositoryurl", "run_attempt", "run_id"),
            *("run_number", "secret_source", "server_url", "sha", "state", "step_summary", "token"),
            *("triggering_actor", "workflow", "workflow_ref", "workflow_sha", "workspace"),
        ),
        _TEXT,
    ),
    "artifact_cache_size_limit": _NUMBER,
    "retention_days": _NUMBER,
    "ref_protected": _TRUTH,
}
_SERVICE: Final = exactly({**_PLACE, "ports": ANYTHING})
_STRATEGY: Final = exactly(
    {"fail-fast": _TRUTH, "job-index": _NUMBER, "job-total": _NUMBER, "max-parallel": _NUMBER}
)
FIXED: Final[dict[str, Type]] = {
    "env": TEXTS,
    "vars": TEXTS,
    "secrets": TEXTS,
    "runner": exactly(
        dict.fromkeys(
            ("arch", "debug", "environment", "name", "os", "temp", "tool_cache", "workspace"), _TEXT
        )
    ),
    "job": exactly(
        {
            **dict.fromkeys(
                ("status", "workflow_ref", "workflow_sha", "workflow_repository", "workflow_file_path"), _TEXT
            ),
            "check_run_id": _NUMBER,
            "container": exactly(_PLACE),
            "services": Named({}, _SERVICE),
        }
    ),
    "strategy": _STRATEGY,
}
"""Contexts whose names do not depend on the file."""

_DECLARED: Final[dict[str, Type]] = {"boolean": _TRUTH, "number": _NUMBER}
STEP: Final = {"conclusion": _TEXT, "outcome": _TEXT}


def github_context(dispatch_inputs: Named | None = None) -> Named:
    """Return the type of `github`; the inputs of a start by hand are texts in `github.event.inputs`."""
    inputs = TEXTS if dispatch_inputs is None else exactly(dict.fromkeys(dispatch_inputs.names, _TEXT))
    return exactly({**_GITHUB, "event": Named({"inputs": inputs}, Plain.ANY)})


def inputs_type(declared: dict[str, Node]) -> Named:
    """Return the type of `inputs` that a trigger declares."""
    return exactly(
        {name: _DECLARED.get(node.text_at("type") or "", _TEXT) for name, node in declared.items()}
    )


def step_type(outputs: Type) -> Type:
    """Return the type of `steps.<id>`."""
    return exactly({**STEP, "outputs": outputs})


def need_type(outputs: Type) -> Type:
    """Return the type of `needs.<job>` and of `jobs.<job>`."""
    return exactly({"result": _TEXT, "outputs": outputs})


def matrix_type(matrix: Matrix | None) -> Named:
    """Return the type of `matrix`; anything where it comes from an expression."""
    if matrix is None:
        return exactly({})
    node = matrix.node
    if not isinstance(node, Mapping):
        return ANYTHING
    types: dict[str, list[Type]] = {}
    for name, value in node.pairs():
        if name in ("include", "exclude"):
            continue
        types.setdefault(name.lower(), []).append(_row(value))
    included = node.at("include")
    if included is not None and not isinstance(included, Sequence):
        return ANYTHING
    for leg in node.items_at("include"):
        found = resolve(leg)
        if not isinstance(found, Mapping):
            return ANYTHING
        for name, value in found.pairs():
            types.setdefault(name.lower(), []).append(_leg_type(value))
    return exactly({name: joined(found) for name, found in types.items()})


def _row(value: Node) -> Type:
    """Return the type of one value of a row."""
    if not isinstance(value, Sequence):
        return Plain.ANY
    return joined([_leg_type(item) for item in value.items[:_MAX_ITEMS]])


def _leg_type(node: Node) -> Type:
    """Return the type of a value of a matrix, also where one expression makes it."""
    found = resolve(node)
    if not isinstance(found, Scalar) or "${{" not in found.text:
        return value_type(node)
    whole = read_template(found.text).whole
    if whole is None:
        return Plain.ANY
    checked = check_expression(whole.root, Scope({**FIXED, "github": github_context()}))
    return Plain.ANY if checked.faults else checked.type


def value_type(node: Node, depth: int = 0) -> Type:
    """Return the type of a literal value; anything for one that comes from an expression."""
    found = resolve(node)
    if found is None or depth > 20:
        return Plain.ANY
    if isinstance(found, Mapping):
        return exactly({name: value_type(value, depth + 1) for name, value in found.pairs()})
    if isinstance(found, Sequence):
        return Listed(joined([value_type(item, depth + 1) for item in found.items[:_MAX_ITEMS]]))
    if not isinstance(found, Scalar) or "${{" in found.text:
        return Plain.ANY
    letter = letter_of(found, BOOLEANS)
    return {"b": _TRUTH, "i": _NUMBER, "n": _NUMBER, "0": Plain.NULL}.get(letter, _TEXT)
