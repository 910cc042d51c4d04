"""The emergency page as Markdown: at most `MOST_LINES` lines, the first command right below the title."""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Final

from rollsafe.plans.commands import line, variables_in, words_of
from rollsafe.plans.model import Certainty, Check, Claim, RollbackStep, Section, Step, Verdict
from rollsafe.plans.parts import command_in, verdict
from rollsafe.plans.writing import code, flat, place, written
from rollsafe_agents.deployment_orchestrator.rollback.model import EmergencyPlan

MOST_LINES: Final = 60
_SINGLE: Final = 12
"""More rollouts than this are undone by one command per namespace."""

_SHORTENED: Final = ("See", "Never", "When it is over", "Call", "Stop", "Back")
"""Which parts are cut until the page fits, the first of them first; the rollback plan has all of them."""


def sections(plan: EmergencyPlan) -> Iterator[Section]:
    """Yield the page in one piece: it is short, and nobody waits for its end."""
    numbers = count(1)
    parts = {
        "Stop": [f"{next(numbers)}. {_stop(one)}" for one in plan.stop],
        "Look first": [f"{next(numbers)}. {_check(one)}" for one in plan.look[:2]],
        "Back": [f"{next(numbers)}. {_step(one)}" for one in _together(plan.back)] or _nothing(plan),
        "See": [f"{next(numbers)}. {_check(one)}" for one in plan.checks],
        "Only if data has to come back": [f"- {_step(one)}" for one in plan.restore[:2]],
        "Call": [f"- {written(one)}" for one in plan.contacts],
        "Never": [f"- {_never(one)}" for one in plan.never],
        "When it is over": [f"- {_step(one)}" for one in plan.afterwards],
    }
    yield Section("Emergency", "\n".join((f"# {plan.title}", *_fitted(parts), "", verdict(plan))))


def _fitted(parts: dict[str, list[str]]) -> list[str]:
    """Return the lines of the parts that have any, as many as a page takes."""
    for name in _SHORTENED:
        over = len(_lines(parts)) - (MOST_LINES - 3)
        own = parts[name]
        if over > 0 and len(own) > 2:
            kept = max(1, len(own) - over - 1)
            parts[name] = [*own[:kept], f"- {len(own) - kept} more: `rollsafe plan rollback`"]
    return _lines(parts)


def _lines(parts: dict[str, list[str]]) -> list[str]:
    return [line for title, own in parts.items() if own for line in ("", f"**{title}**", *own)]


def _together(steps: Sequence[RollbackStep]) -> list[RollbackStep]:
    """Return the steps; where rollouts are many, those of one namespace as one."""
    undone: dict[tuple[str, ...], list[RollbackStep]] = {}
    for one in steps:
        words = words_of(one.command or "")
        if words[-3:-1] == ["rollout", "undo"]:
            undone.setdefault(tuple(words[:-1]), []).append(one)
    if sum(map(len, undone.values())) <= _SINGLE:
        return list(steps)
    merged = [_one_command(words, found) for words, found in undone.items()]
    single = {one.name for found in undone.values() for one in found}
    return [*merged, *(one for one in steps if one.name not in single)]


def _one_command(words: Sequence[str], steps: Sequence[RollbackStep]) -> RollbackStep:
    keys = [words_of(one.command or "")[-1] for one in steps]
    title = f"return {len(steps)} workloads to their previous revisions"
    names = f"{steps[0].name} to {steps[-1].name}" if len(steps) > 1 else steps[0].name
    return steps[0].model_copy(update={"name": names, "title": title, "command": line(*words, *keys)})


def _nothing(plan: EmergencyPlan) -> list[str]:
    if plan.verdict is Verdict.INCOMPLETE:
        return [f"- {Certainty.UNKNOWN}: {plan.verdict_reason}"]
    return []


def _stop(step: Step) -> str:
    gate = f"{code(step.gate.command)} → " if step.gate.command else ""
    return f"{code(step.command or '')}: {flat(step.title)}, then {gate}{flat(step.gate.expected)}"


def _step(step: RollbackStep) -> str:
    lost = f". Loses {step.data_loss}" if step.data_loss else ""
    command = f"{command_in(step.context, step.command)}: " if step.command else ""
    names = ", ".join(f"`{name}`" for name in variables_in(step.command or ""))
    variables = f"; set {names} first" if names else ""
    return f"{command}{flat(step.title)} ({step.name}){variables}{flat(lost)}"


def _check(check: Check) -> str:
    command = f"{command_in(check.context, check.command)}: " if check.command else ""
    return f"{command}{flat(check.text)} → {flat(check.expected)}"


def _never(claim: Claim) -> str:
    return f"{flat(claim.text)} {place(claim)}"
