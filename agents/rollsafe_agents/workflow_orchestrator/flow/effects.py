"""What a state changes elsewhere, and which other state takes that back: by what it calls and is called."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.step_functions import State
from rollsafe.plans.contribution import derived, evidence, fact, unknown
from rollsafe.plans.model import Claim

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
    ("hold", "release"),
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


def undo_of(state: State) -> Claim | None:
    """Return which state of the same machine takes an effect back, by their names; None where none does."""
    first, *rest = [*_words(state.name), ""]
    noun = frozenset(rest) - {""}
    for other in state.machine.states:
        words = list(_words(other.name))
        if other is state or not words or not other.is_task:
            continue
        about = frozenset(words[1:])
        if ((first, words[0]) in _PAIRS or words[0] in _UNDOING) and (noun & about or not noun or not about):
            text = f"`{other.name}` takes it back, by its name"
            return derived(text, evidence(other, other.key))
    return None


def _words(name: str) -> Iterator[str]:
    return (word.lower() for word in _WORD.findall(name[:200]))
