"""What a state changes elsewhere, and which other state takes that back: by what it calls and is called."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.recognition import Role
from rollsafe.artefacts.step_functions import State
from rollsafe.formats.nodes import Node, Scalar
from rollsafe.plans.contribution import derived, evidence, fact, unknown
from rollsafe.plans.model import Certainty, Claim, Evidence
from rollsafe.workspace.cloud import reference_of
from rollsafe_agents.workflow_orchestrator.flow.draft import StoreUse

_READING: Final = re.compile(
    r"(?:get|list|describe|query|scan|batchGet|head|select|search|lookup|start)[A-Z]?"
)
_PAIRS: Final = (
    ("reserve", "release"), ("reserve", "cancel"), ("book", "cancel"), ("charge", "refund"),
    ("create", "delete"), ("create", "remove"), ("create", "cancel"), ("add", "remove"), ("open", "close"),
    ("lock", "unlock"), ("debit", "credit"), ("allocate", "free"), ("allocate", "deallocate"),
    ("allocate", "release"), ("subscribe", "unsubscribe"), ("attach", "detach"), ("enable", "disable"),
    ("start", "stop"), ("register", "deregister"), ("register", "unregister"), ("provision", "deprovision"),
    ("place", "cancel"), ("schedule", "cancel"), ("pay", "refund"), ("authorize", "void"),
    ("hold", "release"), ("save", "delete"), ("put", "delete"), ("insert", "delete"), ("write", "delete"),
    ("store", "delete"), ("grant", "revoke"), ("apply", "revert"), ("capture", "refund"),
)  # fmt: skip
_CHANGING: Final = frozenset(
    {first for first, _ in _PAIRS}
    | {"send", "publish", "put", "update", "write", "save", "insert", "delete", "remove", "refund", "ship",
       "notify", "transfer", "capture", "submit", "approve", "issue", "emit", "store", "cancel", "release"}
)  # fmt: skip
"""First words of names that say something is changed."""
_LOOKING: Final = frozenset(
    {"get", "load", "read", "fetch", "find", "list", "check", "validate", "verify", "is", "has", "calculate",
     "compute", "lookup", "describe", "query", "wait", "poll", "parse", "format", "map", "transform"}
)  # fmt: skip
_UNDOING: Final = frozenset({"undo", "revert", "rollback", "compensate"})
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


def effect_of(state: State) -> Claim | None:
    """Return what a Task changes; None for what changes nothing, UNKNOWN where nothing tells."""
    if not state.is_task:
        return None
    where = evidence(state, state.resource_node or state.key)
    called = state.integration
    if called is not None and called.service not in (
        "lambda",
        "states",
        "ecs",
        "batch",
        "http",
        "apigateway",
    ):
        if _READING.match(called.action):
            return None
        return fact(f"`{called.service}:{called.action}`", where)
    verb = next(iter(_words(state.name)), "")
    if verb in _LOOKING:
        return None
    if verb in _CHANGING:
        return derived(f"by its name it changes something: `{state.name}`", where)
    return unknown(f"whether `{state.name}` changes anything: what it runs is not in this file", where)


_LASTING: Final = (Role.DEPLOY, Role.MIGRATE)


def lasting_effect(roles: frozenset[Role], name: str, where: Evidence) -> Claim | None:
    """Return what a job of a pipeline leaves behind; of something published nobody here knows who uses it."""
    lasting = [role.value for role in _LASTING if role in roles]
    if lasting:
        return derived(", ".join(lasting), where)
    if Role.PUBLISH in roles:
        return unknown(f"who takes what `{name}` publishes: not in this file", where)
    return None


def unhandled(effect: Claim | None, name: str, where: Evidence) -> Claim | None:
    """Say that nothing runs when a job fails that leaves something behind; of others that is no matter."""
    if effect is None or effect.status is Certainty.UNKNOWN:
        return None
    return derived(f"nothing runs when `{name}` fails", where)


def store_of(state: State) -> StoreUse | None:
    """Return which store a Task reads or writes by itself; None where it calls none, or nobody can tell."""
    called = state.integration
    if called is None or called.service not in STORES or state.parameters is None:
        return None
    keys = ("TableName", "Bucket", "Database", "DbClusterResourceArn", "ResourceArn")
    name = next((text for key in keys if (text := _plain(state.parameters, key))), "")
    text = f"`{called.service}:{called.action}` of `{state.name}`"
    writes = _READING.match(called.action) is None
    where = evidence(state, state.resource_node or state.key)
    return StoreUse(f"{called.service} {name}".strip(), state.name, writes, fact(text, where))


def _plain(parameters: Node, key: str) -> str:
    node = parameters.at(key) or parameters.at(f"{key}.$")
    return reference_of(node) or (node.text if isinstance(node, Scalar) else "")


STORES: Final = frozenset({"dynamodb", "s3", "rdsdata", "redshiftdata", "athena", "timestreamwrite"})
"""Services that keep data."""


def undoer_of(state: State) -> tuple[State, Claim] | None:
    """Return which state of the same machine takes an effect back, and why; None where none does."""
    for other in state.machine.states:
        if other is state or not other.is_task:
            continue
        where = evidence(other, other.key)
        if _is_called_inverse(state, other):
            return other, derived(f"`{other.name}` takes it back, by what it calls", where)
        if _is_named_inverse(state, other):
            return other, derived(f"`{other.name}` takes it back, by its name", where)
    return None


def _is_called_inverse(state: State, other: State) -> bool:
    """Say whether one writes to a store what the other deletes there."""
    first, then = state.integration, other.integration
    mine, its = store_of(state), store_of(other)
    if first is None or then is None or mine is None or its is None:
        return False
    return mine.store == its.store and " " in mine.store and (first.action, then.action) in _INVERSE


def _is_named_inverse(state: State, other: State) -> bool:
    first, *rest = [*_words(state.name), ""]
    noun = frozenset(rest) - {""}
    words = list(_words(other.name))
    if not words:
        return False
    about = frozenset(words[1:])
    pairs = (first, words[0]) in _PAIRS or words[0] in _UNDOING
    return pairs and (bool(noun & about) or not noun or not about)


_INVERSE: Final = frozenset({("putItem", "deleteItem"), ("putObject", "deleteObject")})


def _words(name: str) -> Iterator[str]:
    return (word.lower() for word in _WORD.findall(name[:200]))
