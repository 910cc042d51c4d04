"""Edits of workflow files that several rules offer: keys of jobs, conditions, what a job waits for."""

from collections.abc import Sequence
from typing import Final

from rollsafe.artefacts.expressions import Expr, Logical
from rollsafe.artefacts.github_workflow import Guard, Job, Step, Workflow
from rollsafe.formats.nodes import Entry, Mapping, Scalar, resolve
from rollsafe.formats.nodes import Sequence as ListNode
from rollsafe.formats.yaml_edit import (
    add_entry,
    add_entry_after,
    add_entry_before,
    add_item,
    add_items,
    column_of,
    dash_of,
    eol_of,
    line_end,
    set_value,
)
from rollsafe.text import Edit, Span

_HEAD: Final = ("name", "needs", "if", "environment", "concurrency")
"""The keys of a job before which nothing else is put."""


def add_job_key(job: Job, key: str, value: str) -> Edit | None:
    """Return the edit that gives a job `key`, before what it runs on; None for a flow-style job."""
    anchor = _anchor(job)
    return None if anchor is None else add_entry_before(job.file.text, anchor, key, value)


def add_job_key_after(job: Job, key: str, value: str) -> Edit | None:
    """Return the edit that gives a job `key`, after what it runs on; None for a flow-style job."""
    anchor = _anchor(job)
    return None if anchor is None else add_entry_after(job.file.text, anchor, key, value)


def _anchor(job: Job) -> Entry | None:
    if job.node.flow or not job.node.entries:
        return None
    entries = job.node.entries
    named = (entry for entry in entries if entry.name in ("runs-on", "uses"))
    return next(named, next((entry for entry in entries if entry.name not in _HEAD), entries[0]))


def add_condition(owner: Job | Step, condition: str) -> Edit | None:
    """Return the edit after which a job or step also insists on `condition`.

    None where the condition it has is written in a way that cannot be added to.
    """
    guard = owner.if_
    if guard is not None:
        return _extended(guard, condition)
    if owner.node.flow or not owner.node.entries:
        return None
    before = next((entry for entry in owner.node.entries if entry.name in ("needs", "name")), None)
    if isinstance(owner, Job) and before is not None:
        last = owner.node.entry("needs") or before
        return add_entry_after(owner.file.text, last, "if", condition)
    return add_entry_before(owner.file.text, owner.node.entries[0], "if", condition)


def _extended(guard: Guard, condition: str) -> Edit | None:
    scalar = guard.scalar
    if scalar.block or not scalar.plain or guard.condition.padded or "\n" in scalar.text:
        return None
    text = scalar.text.strip()
    wrapped = text.startswith("${{")
    inner = text[3:-2].strip() if wrapped else text
    joined = f"{_grouped(guard.condition.root, inner)} && {condition}"
    return set_value(scalar, f"${{{{ {joined} }}}}" if wrapped else joined)


def _grouped(root: Expr, text: str) -> str:
    return f"({text})" if isinstance(root, Logical) and root.operator == "||" else text


def add_needs(job: Job, ids: Sequence[str]) -> Edit | None:
    """Return the edit after which a job also waits for the jobs `ids`; None for a flow-style job."""
    if job.node.flow or not job.node.entries or not ids:
        return None
    entry = job.node.entry("needs")
    if entry is None:
        return _first_key(job, f"[{', '.join(ids)}]")
    node = resolve(entry.value)
    if isinstance(node, ListNode):
        return add_items(job.file.text, node, ids)
    if not isinstance(node, Scalar) or node is not entry.value:
        return None
    return set_value(node, f"[{', '.join((node.text, *ids))}]")


def _first_key(job: Job, value: str) -> Edit:
    entries = job.node.entries
    anchor = next((entry for entry in entries if entry.name != "name"), entries[0])
    return add_entry_before(job.file.text, anchor, "needs", value)


def add_step_after(step: Step, value: str) -> Edit:
    """Return the edit that puts another step, written from column 0, after a block-style one."""
    text = step.file.text
    dash = column_of(text, dash_of(text, step.node))
    last = len(text[: step.end].rstrip())
    first, *rest = value.split("\n")
    lines = [" " * dash + "- " + first, *(" " * (dash + 2) + line if line else "" for line in rest)]
    eol = eol_of(text)
    return Edit(Span.at(line_end(text, last)), eol + eol.join(lines))


def add_trigger(workflow: Workflow, name: str) -> Edit | None:
    """Return the edit that lets an event without settings start the workflow too; None for a single event."""
    node = workflow.node.at("on") or workflow.node.at("true")
    if isinstance(node, Mapping):
        return add_entry(workflow.file.text, node, name, "{}" if node.flow else "")
    return add_item(workflow.file.text, node, name) if isinstance(node, ListNode) else None
