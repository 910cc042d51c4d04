"""What the rules about refused state machines share: words for places, and fixes."""

from collections.abc import Iterator

from rollsafe.artefacts.step_functions import Fault, FaultKind, StateMachine
from rollsafe.formats.nodes import Entry, Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.formats.yaml_removal import remove_entry
from rollsafe.rules.api import Fix, Safety
from rollsafe.text import nearest

REFUSED = "AWS refuses the whole definition: the machine is not created, or goes on as it was"


def of_kind(machine: StateMachine, *kinds: FaultKind) -> Iterator[Fault]:
    """Yield the faults of some kinds, in source order."""
    for fault in machine.faults:
        if fault.kind in kinds:
            yield fault


def place(machine: StateMachine, fault: Fault) -> str:
    """Return in words what a fault is in."""
    if fault.state is None:
        return f"state machine `{machine.name}`"
    return f"{fault.state.type or 'state'} `{fault.state.name}`"


def rename_fix(machine: StateMachine, fault: Fault) -> tuple[Fix, ...]:
    """Return the fix that writes the field that is most likely meant."""
    close = nearest(fault.key, fault.words)
    entry = _entry(fault)
    if close is None or entry is None or not isinstance(entry.key, Scalar):
        return ()
    edit = set_value(entry.key, close)
    return (Fix(f"Rename `{fault.key}` to `{close}`", Safety.UNSAFE, edits=(edit,)),)


def removal_fix(machine: StateMachine, fault: Fault) -> tuple[Fix, ...]:
    """Return the fix that takes a field out."""
    entry, holder = _entry(fault), fault.holder
    if entry is None or holder is None or len(holder.entries) < 2:
        return ()
    edit = remove_entry(machine.file.text, holder, entry.name)
    return (Fix(f"Remove `{entry.name}`", Safety.UNSAFE, edits=(edit,)),) if edit is not None else ()


def _entry(fault: Fault) -> Entry | None:
    entries = fault.holder.entries if fault.holder is not None else ()
    return next((entry for entry in entries if entry.key is fault.where), None)
