"""Assembles a deployment plan from what the agents contribute.

The agents know what changes mean; this module numbers steps, pairs them with their rollback, finds the
point of no return, adds up the risk and says READY or not. Plan models are imported here, so nothing that
only checks files imports this module.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import cast

from rollsafe import __version__
from rollsafe.artefacts.registry import read
from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.project import Project
from rollsafe.engine.selection import installed_agents
from rollsafe.plans.contribution import (
    ChangedFile,
    Contribute,
    Contribution,
    DraftStep,
    FindingFact,
    PlanContext,
    assumed,
    derived,
    unknown,
)
from rollsafe.plans.markdown import render, render_sections
from rollsafe.plans.model import (
    Claim,
    DeploymentPlan,
    Evidence,
    RollbackDecision,
    RollbackStep,
    Step,
    Verdict,
)
from rollsafe.workspace.facts import Base

__all__ = ["deployment_plan", "render", "render_sections"]

OnProgress = Callable[[str, int, int], None]


def deployment_plan(
    project: Project,
    *,
    base: Base | None = None,
    changed: Iterable[str] | None = None,
    environment: str | None = None,
    on_progress: OnProgress | None = None,
) -> DeploymentPlan:
    """Make the plan for bringing the project, as analysed, into `environment`.

    `changed` names the project paths that differ from `base`; None means there is no base and the whole
    workspace counts. `on_progress` is told what is being worked on, how many parts are done, and of how
    many; whatever it raises ends the planning.
    """
    agents = installed_agents()
    report = on_progress or (lambda _what, _done, _of: None)
    report("Reading what changed", 0, len(agents) + 1)
    context = _context(project, base or Base(), changed, environment)
    total = Contribution()
    for done, agent in enumerate(agents, 1):
        report(f"Asking the {agent.name}", done, len(agents) + 1)
        contribute = _contribution_of(agent.package)
        if contribute is not None:
            _merge(total, contribute(context))
    report("Writing the plan", len(agents) + 1, len(agents) + 1)
    return _assemble(project, context, total, None if changed is None else len(context.changed))


def _contribution_of(package: str) -> Contribute | None:
    if find_spec(f"{package}.plan") is None:
        return None
    return cast("Contribute", import_module(f"{package}.plan").contribute)


def _context(
    project: Project, base: Base, changed: Iterable[str] | None, environment: str | None
) -> PlanContext:
    engine, snapshot = project.engine, project.snapshot
    paths = sorted(snapshot.files) if changed is None else sorted(set(changed))
    settings = snapshot.settings
    return PlanContext(
        graph=engine.graph,
        artefacts=tuple(engine.artefacts()),
        changed=tuple(c for c in (_changed_file(project, base, path) for path in paths) if c is not None),
        findings=tuple(_finding_facts(project)),
        settings=settings,
        base=base,
        environment=environment or settings.plan.environment,
    )


def _changed_file(project: Project, base: Base, path: str) -> ChangedFile | None:
    after = project.engine.artefact(path)
    old = base.read(path) if base.known else None
    before = read(SourceFile(path, old)) if old is not None else None
    if after is None and before is None:
        return None
    return ChangedFile(path, before, after, old is None)


def _finding_facts(project: Project) -> list[FindingFact]:
    return [
        FindingFact(
            rule=found.rule.name,
            agent=found.rule.agent,
            severity=found.severity.value,
            message=found.message,
            evidence=Evidence(path=found.path, line=found.file.line_number(found.span)),
        )
        for found in project.engine.all_findings()
    ]


def _merge(total: Contribution, part: Contribution) -> None:
    for name, items in vars(part).items():
        getattr(total, name).extend(items)


def _assemble(
    project: Project, context: PlanContext, total: Contribution, files_changed: int | None
) -> DeploymentPlan:
    drafts = sorted(total.steps, key=lambda step: step.phase)
    steps, rollback = _number(drafts)
    unknowns = [*total.unknowns, *_missing(total, context)]
    blocking = _blocking(context)
    verdict, reason = _verdict(blocking, unknowns, total, drafts)
    names = sorted({change.node for change in total.changes})
    return DeploymentPlan(
        title=_title(names, context.environment),
        environment=context.environment,
        verdict=verdict,
        verdict_reason=reason,
        base=context.base.ref,
        files_changed=files_changed,
        content_hash=_content_hash(project),
        rule_set=f"rollsafe {__version__}",
        not_understood=tuple(f"{s.path} ({s.reason})" for s in project.snapshot.skipped),
        point_of_no_return=_point_of_no_return(drafts, steps),
        changes=tuple(total.changes),
        strategy=tuple(total.strategy),
        releases=tuple(total.releases),
        preconditions=tuple([*blocking, *total.preconditions]),
        risks=tuple(sorted(total.risks, key=lambda risk: (-risk.score, risk.name))),
        risk_score=max((risk.score for risk in total.risks), default=0),
        downtime=_downtime(total),
        steps=tuple(steps),
        validation=tuple(total.checks),
        triggers=tuple(total.triggers),
        decisions=tuple(_decisions(steps, rollback)),
        rollback=tuple(rollback),
        monitoring=tuple(total.monitoring),
        unknowns=tuple(unknowns),
    )


def _title(names: Sequence[str], environment: str) -> str:
    shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    return f"Deployment plan: {shown or 'no change'} ({environment})"


def _number(drafts: list[DraftStep]) -> tuple[list[Step], list[RollbackStep]]:
    """Number the steps and write their rollback, last step first, up to where nothing can be undone."""
    undoing = [n for n, draft in reversed(list(enumerate(drafts, 1))) if draft.undo is not None]
    names = {number: f"R{place}" for place, number in enumerate(undoing, 1)}
    steps = [_step(number, draft, names, undoing) for number, draft in enumerate(drafts, 1)]
    rollback = [_rollback_step(names[n], n, drafts[n - 1]) for n in undoing]
    return steps, rollback


def _step(number: int, draft: DraftStep, names: dict[int, str], undoing: list[int]) -> Step:
    # A step that fails may have done half of its work, so its own undo comes first.
    from_here = next((names[n] for n in undoing if n <= number), None)
    return Step(
        number=number,
        phase=draft.phase.words,
        title=draft.title,
        command=draft.command,
        context=draft.context,
        access=draft.access,
        gate=draft.gate,
        expected=draft.expected,
        on_failure=f"stop, then from {from_here}" if from_here else "stop",
        inverse=f"{names[number]}: {draft.undo[0]}" if draft.undo is not None else None,
        irreversible_reason=None if draft.undo is not None else (draft.irreversible or "changes nothing"),
        claim=draft.claim,
    )


def _rollback_step(name: str, number: int, draft: DraftStep) -> RollbackStep:
    assert draft.undo is not None
    title, command = draft.undo
    return RollbackStep(
        name=name, undoes=number, title=title, command=command, data_loss=draft.data_loss, claim=draft.claim
    )


def _point_of_no_return(drafts: list[DraftStep], steps: list[Step]) -> Claim:
    for draft, step in zip(drafts, steps, strict=True):
        if draft.is_point_of_no_return:
            text = (
                f"step {step.number} ({step.title}). Until then every step can be undone; "
                "after it only a restore from backup brings the data back"
            )
            return derived(text, *draft.claim.evidence)
    evidence = [place for draft in drafts for place in draft.claim.evidence][:1]
    if not evidence:
        return assumed("none, because no step changes anything")
    return derived("none; every step can be undone", *evidence)


def _decisions(steps: list[Step], rollback: list[RollbackStep]) -> list[RollbackDecision]:
    """Say for every step that changes something where the rollback begins if it was the last to succeed."""
    decisions: list[RollbackDecision] = []
    for step in steps:
        chain = [r.name for r in rollback if r.undoes <= step.number]
        if step.inverse is None and step.irreversible_reason == "changes nothing":
            continue
        do = f"{chain[0]} to {chain[-1]}" if len(chain) > 1 else (chain[0] if chain else "nothing to undo")
        if step.inverse is None:
            do = f"{do}, and restore from backup: {step.irreversible_reason}"
        decisions.append(RollbackDecision(last_completed=f"{step.number} {step.title}", do=do))
    return decisions


def _blocking(context: PlanContext) -> list[Claim]:
    """Return the errors in files that change: each has to be settled before the first step."""
    paths = {changed.path for changed in context.changed}
    return [
        derived(f"settle `{f.rule}`: {f.message}", f.evidence, rule=f.rule)
        for f in context.findings
        if f.severity == "error" and f.evidence.path in paths
    ]


def _missing(total: Contribution, context: PlanContext) -> list[Claim]:
    found: list[Claim] = []
    if not context.base.known:
        found.append(unknown("What is running at present: no git base to compare with (`--base REF`)"))
    if not total.steps:
        found.append(unknown("How this repository is deployed: no deploy command, manifest or Compose file"))
    return found


def _verdict(
    blocking: list[Claim], unknowns: list[Claim], total: Contribution, drafts: list[DraftStep]
) -> tuple[Verdict, str]:
    if blocking:
        return Verdict.BLOCKED, f"{len(blocking)} error{'s' * (len(blocking) > 1)} in what changes"
    if not drafts:
        return Verdict.INCOMPLETE, f"{len(unknowns)} unknown, no step could be derived"
    if total.risks:
        worst = max(total.risks, key=lambda risk: risk.score)
        return Verdict.RISKS, f"{len(total.risks)} risks, the highest: {worst.name}"
    if unknowns:
        return Verdict.INCOMPLETE, f"{len(unknowns)} unknown"
    return Verdict.READY, "no error, no risk found"


def _downtime(total: Contribution) -> Claim:
    causes = [risk for risk in total.risks if "downtime" in risk.name or "lock" in risk.name]
    if causes:
        return derived(f"brief, from {causes[0].name}", *causes[0].reason.evidence)
    if total.strategy:
        return derived("none, by the rollout strategy above", *total.strategy[0].evidence)
    return unknown("Downtime: no rollout strategy was found")


def _content_hash(project: Project) -> str:
    digest = hashlib.sha256()
    for path in sorted(project.snapshot.files):
        digest.update(f"{path}\0{project.snapshot.files[path].text}\0".encode("utf-8", "replace"))
    return digest.hexdigest()[:12]
