"""Edits of jobs of GitLab, CircleCI and Azure that rules offer: when they run, for what, in which order."""

from typing import Final

from rollsafe.artefacts.other_pipelines.model import Dialect, OtherJob
from rollsafe.formats.nodes import Mapping, Node, Scalar, walk
from rollsafe.formats.nodes import Sequence as ListNode
from rollsafe.formats.yaml_edit import (
    add_entry,
    add_item,
    column_of,
    comments_above,
    dash_of,
    eol_of,
    line_end,
    set_value,
)
from rollsafe.rules.pipeline_jobs import add_key, is_filled
from rollsafe.text import Edit, Located, Span
from rollsafe.text.patterns import lazily

_MAIN: Final = lazily(r"(?<![\w/-])(?:refs/heads/)?(main|master|trunk)(?![\w/-])")
_DECIDING: Final = ("rules", "only", "except", "when", "extends")


def for_main_branch(job: OtherJob) -> Edit | None:
    """Return the edit after which only the main branch runs a job; None where something else decides."""
    if job.pipeline.dialect is Dialect.GITLAB:
        decided = job.node is None or any(job.node.entry(key) is not None for key in _DECIDING)
        return None if decided else add_key(job, "rules", "- if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH")
    name = _MAIN.search(job.pipeline.file.text)
    branch = name[1] if name is not None else "main"
    if job.pipeline.dialect is Dialect.CIRCLECI:
        return given_to(job, "filters", f"{{branches: {{only: {branch}}}}}")
    return insist(job, f"eq(variables['Build.SourceBranch'], 'refs/heads/{branch}')")


def given_to(job: OtherJob, key: str, value: str) -> Edit | None:
    """Return the edit that gives a job of CircleCI `key` where a workflow names it."""
    if job.node is not None:
        return add_key(job, key, value)
    text = job.file.text
    indent = " " * (column_of(text, job.key.start) + 4)
    return Edit(Span.at(job.key.end), f":{eol_of(text)}{indent}{key}: {value}")


def insist(job: OtherJob, condition: str) -> Edit | None:
    """Return the edit after which a job of Azure also asks for `condition`."""
    node = job.node.at("condition") if job.node is not None else None
    if node is None:
        return add_key(job, "condition", f"and(succeeded(), {condition})")
    text = node.text.strip() if isinstance(node, Scalar) and not node.block else ""
    if not isinstance(node, Scalar) or "\n" in text or not text.startswith("and(") or not text.endswith(")"):
        return None
    return set_value(node, f"{text[:-1].rstrip()}, {condition})")


def started_by_hand(job: OtherJob) -> Edit | None:
    """Return the edit after which somebody has to start a job of GitLab."""
    if job.pipeline.dialect is not Dialect.GITLAB or job.node is None:
        return None
    return (
        None if any(job.node.entry(key) is not None for key in _DECIDING) else add_key(job, "when", "manual")
    )


def add_command(job: OtherJob, command: str) -> Edit | None:
    """Return the edit after which a job runs `command` when all it runs now has gone well."""
    steps = _steps(job)
    if is_filled(job) or not isinstance(steps, ListNode) or steps.flow or ": " in command or " #" in command:
        return None
    written = {Dialect.GITLAB: command, Dialect.CIRCLECI: f"run: {command}"}
    return add_item(job.file.text, steps, written.get(job.pipeline.dialect, f"script: {command}"))


def _steps(job: OtherJob) -> Node | None:
    """Return the list of what a job does, of a deployment of Azure what it does to deploy."""
    body = job.body
    if body is None:
        return None
    if job.pipeline.dialect is Dialect.GITLAB:
        entry = body.entry("script")
        return entry.value if entry is not None else None
    return body.at("strategy", "runOnce", "deploy", "steps") or body.at("steps")


def moved_before(job: OtherJob, late: Located, early: Located) -> tuple[Edit, ...]:
    """Return the edits that put the item of a job with the place `late` before the one with `early`.

    None where both are in one item, or are no whole lines.
    """
    steps, text = _steps(job), job.file.text
    if not isinstance(steps, ListNode) or steps.flow:
        return ()
    moving = next((one for one in steps.items if one.start <= late.start < one.end), None)
    staying = next((one for one in steps.items if one.start <= early.start < one.end), None)
    if moving is None or staying is None or moving is staying:
        return ()
    (at, _), (start, end) = _lines(text, staying), _lines(text, moving)
    whole = all(text[place:].lstrip(" ").startswith(("-", "#")) for place in (at, start))
    if not whole or not text[start:end].endswith(("\n", "\r")):
        return ()
    return (Edit(Span.at(at), text[start:end]), Edit(Span(start, end), ""))


def _lines(text: str, item: Node) -> tuple[int, int]:
    """Return where the whole lines of an item begin and end, the comments right above it included."""
    start = comments_above(text, dash_of(text, item))
    end = line_end(text, len(text[: item.end].rstrip()))
    return start, end + (2 if text.startswith("\r\n", end) else 1 if end < len(text) else 0)


def holder_of(job: OtherJob, value: Node) -> Mapping | None:
    """Return the mapping inside of a job that has `value` for one of its keys."""
    for node in walk(job.body) if job.body is not None else ():
        if isinstance(node, Mapping) and any(entry.value is value for entry in node.entries):
            return node
    return None


def add_repair(job: OtherJob, command: str) -> Edit | None:
    """Return the edit after which `command` runs when the job has failed; None without a place for it."""
    body, text = job.body, job.file.text
    if body is None or body.flow or not body.entries or body.start < 0 or is_filled(job):
        return None
    match job.pipeline.dialect:
        case Dialect.CIRCLECI:
            steps = body.at("steps")
            lines = f"run:\n    command: {command}\n    when: on_fail"
            return add_item(text, steps, lines) if isinstance(steps, ListNode) and not steps.flow else None
        case Dialect.AZURE:
            return _azure_repair(job, body, command)
        case _:
            return _gitlab_repair(job, body, command)


def _azure_repair(job: OtherJob, body: Mapping, command: str) -> Edit | None:
    once = body.at("strategy", "runOnce")
    if isinstance(once, Mapping) and not once.flow and once.entry("on") is None:
        value = f"failure:\n  steps:\n    - script: {command}"
        return add_entry(job.file.text, once, "on", value)
    steps = body.at("steps")
    if not isinstance(steps, ListNode) or steps.flow:
        return None
    return add_item(job.file.text, steps, f"script: {command}\ncondition: failed()")


def _gitlab_repair(job: OtherJob, body: Mapping, command: str) -> Edit | None:
    """Return the edit that puts a job behind one of GitLab that runs when it has failed."""
    text, name = job.file.text, f"undo-{job.id}"
    if job.pipeline.job(name) is not None or not job.id.replace("-", "").replace("_", "").isalnum():
        return None
    lines = [f"{name}:", f"  stage: {job.stage}", f"  needs: [{job.id}]", "  when: on_failure"]
    for said, key in ((job.environment, "environment"), (job.lock, "resource_group")):
        lines += [f"  {key}: {said.text}"] if said is not None and "$" not in said.text else []
    eol = eol_of(text)
    end = line_end(text, len(text[: body.end].rstrip()))
    return Edit(Span.at(end), eol + eol.join(["", *lines, "  script:", f"    - {command}"]))
