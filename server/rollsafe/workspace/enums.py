"""What earlier migrations say about an enum: its values, in order."""

from rollsafe.artefacts.migrations import Statement
from rollsafe.artefacts.migrations.operations import AddEnumValue, CreateEnum, Operation, RenameEnumValue
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.lineage import earlier_in_history


def values_before(one: AddEnumValue, statement: Statement, graph: Graph) -> tuple[str, ...]:
    """Return the values a type has before `one`, in order; empty where that cannot be told."""
    values: list[str] = []
    for earlier in earlier_in_history(
        graph.find(Statement, f"enum:{one.type.key}"), statement, one.start, graph
    ):
        for step in earlier.of(CreateEnum, AddEnumValue, RenameEnumValue):
            if earlier is statement and step.start >= one.start:
                break
            values = _after(values, step, one.type.key)
    return tuple(values)


def _after(values: list[str], step: Operation, key: str) -> list[str]:
    match step:
        case CreateEnum() if step.type.key == key:
            return list(step.values)
        case AddEnumValue() if step.type.key == key and step.value not in values:
            if step.beside is None or step.beside not in values:
                return [*values, step.value] if step.beside is None else []
            # Whether it was BEFORE or AFTER is not kept: what is last is known only if neither is.
            return [*values, step.value] if step.beside != values[-1] else []
        case RenameEnumValue() if step.type.key == key:
            return [step.new_value if value == step.value else value for value in values]
        case _:
            return values
