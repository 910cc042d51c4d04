"""Makes deployment plans: gathers what the agents may look at, asks them, and has the plan assembled.

Plan models are imported here, so nothing that only checks files imports this module.
"""

from collections.abc import Callable, Iterable
from importlib import import_module
from importlib.util import find_spec
from typing import cast

from rollsafe.artefacts.base import Artefact
from rollsafe.artefacts.registry import is_candidate, read
from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.assembly import assemble
from rollsafe.engine.discovery import installed_agents
from rollsafe.engine.project import Project
from rollsafe.plans.contribution import (
    ChangedFile,
    Contribute,
    Contribution,
    FindingFact,
    PlanContext,
)
from rollsafe.plans.markdown import render, render_sections
from rollsafe.plans.model import DeploymentPlan, Evidence
from rollsafe.workspace.facts import Base
from rollsafe.workspace.owners import code_owners
from rollsafe.workspace.rollout import rollout_of
from rollsafe.workspace.view import View, view_of

__all__ = ["deployment_plan", "render", "render_sections", "to_json"]

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
    report = on_progress or _silent
    report("Reading what changed", 0, len(agents) + 1)
    context = _context(project, base or Base(), changed, environment)
    total = Contribution()
    for done, agent in enumerate(agents, 1):
        report(f"Asking the {agent.name}", done, len(agents) + 1)
        contribute = _contribution_of(agent.package)
        if contribute is not None:
            total.add(contribute(context))
    report("Writing the plan", len(agents) + 1, len(agents) + 1)
    return assemble(project, context, total)


def _silent(_what: str, _done: int, _of: int) -> None:
    """Tell nobody."""


def to_json(plan: DeploymentPlan) -> bytes:
    """Return the plan as JSON, as its schema describes it."""
    return plan.model_dump_json(indent=2, by_alias=True).encode("utf-8", "backslashreplace") + b"\n"


def _contribution_of(package: str) -> Contribute | None:
    if find_spec(f"{package}.plan") is None:
        return None
    return cast("Contribute", import_module(f"{package}.plan").contribute)


def _context(
    project: Project, base: Base, changed: Iterable[str] | None, environment: str | None
) -> PlanContext:
    snapshot = project.snapshot
    after = view_of(project.engine.artefacts(), snapshot.paths, snapshot.files.get)
    known = base.known and changed is not None
    paths = sorted(set(changed or ())) if known else sorted(snapshot.files)
    files = tuple(_changed_file(after, base, path) for path in paths) if known else ()
    before = _before(after, base, files) if known else None
    target = environment or snapshot.settings.plan.environment
    return PlanContext(
        rollout=rollout_of(after, before, paths, target),
        changed=files,
        findings=tuple(_finding_facts(project)),
        settings=snapshot.settings,
        base=base if known else Base(),
        environment=target,
        owners=code_owners(after),
    )


def _changed_file(after: View, base: Base, path: str) -> ChangedFile:
    old = base.read(path)
    before = read(SourceFile(path, old)) if old is not None and is_candidate(path) else None
    return ChangedFile(path, before, after.artefacts.get(path), is_new=old is None)


def _before(after: View, base: Base, changed: tuple[ChangedFile, ...]) -> View:
    """Return the project at the base: what did not change, and the old state of what did."""
    differing = {one.path for one in changed}
    kept = [artefact for path, artefact in after.artefacts.items() if path not in differing]
    old = [one.before for one in changed if one.before is not None]
    artefacts: list[Artefact] = [*kept, *old]
    sources = {artefact.file.path: artefact.file for artefact in old}

    def source(path: str) -> SourceFile | None:
        if path not in differing:
            return after.read(path)
        if path not in sources and (text := base.read(path)) is not None:
            sources[path] = SourceFile(path, text)
        return sources.get(path)

    return view_of(artefacts, base.list_paths(), source)


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
