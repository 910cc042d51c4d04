"""Servers of two AsyncAPI documents: where events are exchanged, and with which credentials."""

from typing import Final

from rollsafe.artefacts.contracts.changes.comparison import Comparison
from rollsafe.artefacts.contracts.changes.documents import At
from rollsafe.artefacts.contracts.changes.model import Hazard
from rollsafe.artefacts.contracts.changes.values import listed, shown, value_of

BREAKING: Final = ("asyncapi-diff:breaking",)
_PLACES: Final = ("url", "host", "pathname", "protocol", "protocolVersion")


def compare_field(comparison: Comparison, what: str, pair: tuple[At, At], key: str) -> None:
    """Tell a text by which events find their way, if it is another one."""
    then, since = pair[0].text(key), pair[1].text(key)
    if then != since:
        message = f"{what} has the `{key}` {shown(since or 'none')} instead of {shown(then or 'none')}"
        there = pair[1].get(key) or pair[1]
        comparison.tell(Hazard.CHANGED_DELIVERY, message, there, pair[0].get(key), BREAKING)


def compare_servers(comparison: Comparison) -> None:
    """Tell servers that are gone or elsewhere, and those that ask for other credentials."""
    before, after = comparison.before, comparison.after
    old, new = before.root.get("servers"), after.root.get("servers")
    since = dict(after.pairs(new))
    for name, server in before.pairs(old):
        what, other = f"the server `{name}`", since.get(name)
        if other is None:
            comparison.tell(Hazard.REMOVED_CHANNEL, f"{what} is gone", new or after.root, server, BREAKING)
            continue
        for key in _PLACES:
            compare_field(comparison, what, (server, other), key)
        _compare_variables(comparison, what, server, other)
        compare_needs(comparison, what, server, other)


def _compare_variables(comparison: Comparison, what: str, was: At, now: At) -> None:
    old, new = was.get("variables"), now.get("variables")
    since = dict(comparison.after.pairs(new))
    for name, one in comparison.before.pairs(old):
        other, subject = since.get(name), f"the variable `{name}` of {what}"
        if other is None:
            comparison.tell(Hazard.CHANGED_DELIVERY, f"{subject} is gone", new or now, one, BREAKING)
            continue
        compare_field(comparison, subject, (one, other), "default")
        kept = other.texts("enum")
        gone = [shown(text) for text in one.texts("enum") if text not in kept]
        if gone:
            message, there = f"{subject} takes {listed(gone)} no longer", other.get("enum") or other
            comparison.tell(Hazard.CHANGED_DELIVERY, message, there, one.get("enum"), BREAKING)


def compare_needs(comparison: Comparison, what: str, was: At, now: At) -> None:
    """Tell credentials that are asked for no longer, for the first time, or are others."""
    old, new = was.get("security"), now.get("security")
    if old is not None and new is None:
        message = f"{what} asks for no credentials any more"
        comparison.tell(Hazard.LOOSENED_SECURITY, message, now, old, BREAKING)
    elif new is not None and old is None:
        message = f"{what} asks for credentials, and asked for none before"
        comparison.tell(Hazard.TIGHTENED_SECURITY, message, new, old, BREAKING)
    elif old is not None and new is not None and value_of(old.node) != value_of(new.node):
        message = f"{what} asks for other credentials than it did"
        comparison.tell(Hazard.TIGHTENED_SECURITY, message, new, old, BREAKING)
