"""What of a change reviewers want to know: why it is safe, what it breaks, how it is tested."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Workflow
from rollsafe.plans.contribution import PlanContext, derived, fact, unknown
from rollsafe.plans.model import Check, Claim, DeploymentPlan
from rollsafe.plans.pipeline_tests import tests_of
from rollsafe.plans.risk import Hazard
from rollsafe_agents.deployment_orchestrator.pull_request.model import Item
from rollsafe_agents.deployment_orchestrator.rollback.way_back import WayBack
from rollsafe_agents.deployment_orchestrator.sections.changed_findings import Finding

_PAGES: Final = (".tsx", ".jsx", ".vue", ".svelte", ".css", ".scss", ".less", ".html")
_MOST_TESTS: Final = 8
_LASTING: Final = frozenset({"workload", "service", "container", "object", "network"})


def safe(way: WayBack) -> Iterator[Claim]:
    """Yield why the change can go out while the old release runs, as far as the files show it."""
    plan = way.plan
    for one in way.migrations:
        if one.old_release == "goes on":
            text = f"`{one.name}` only adds ({one.does}): the release that runs does not see it"
            yield derived(text, *one.claim.evidence)
    if plan.steps:
        yield _called("downtime", plan.downtime)
        yield _called("point of no return in `rollsafe plan deploy`", plan.point_of_no_return)


def _called(name: str, claim: Claim) -> Claim:
    return claim.model_copy(update={"text": f"{name}: {claim.text.removeprefix('unknown: ')}"})


def breaking(way: WayBack) -> Iterator[Claim]:
    """Yield what somebody may rely on that is different afterwards."""
    for risk in way.plan.risks:
        if risk.kind == Hazard.BREAKING.value:
            yield risk.reason
    for change in way.plan.changes:
        if change.after is None and change.kind in _LASTING:
            yield fact(f"{change.kind} `{change.node}` is gone", *change.claim.evidence)


def tests(context: PlanContext) -> list[Check]:
    """Return the tests that the pipelines run, each command once."""
    found: dict[str, Check] = {}
    for test in tests_of(context.after.elements(Workflow), context.after.graph):
        name = f"job `{test.job.id}` of `{test.job.file.name}`"
        key = test.command or name
        found.setdefault(
            key,
            Check(
                text=name,
                command=test.command,
                expected="exit code 0" if test.command else "it passes",
                owner=context.owner(test.job.file.path),
                claim=fact("a pipeline's test", test.where),
            ),
        )
    return list(found.values())[:_MOST_TESTS]


def pages(context: PlanContext) -> list[str]:
    """Return the changed files of a user interface."""
    return [one.path for one in context.changed if one.path.endswith(_PAGES)]


def checklist(way: WayBack, found: list[Finding], broken: list[Claim], owners: list[str]) -> Iterator[Item]:
    """Yield what has to hold before it is merged; what the files show is ticked."""
    errors = sum(one.severity == "error" for one in found)
    named = f"{errors} error{'s' * (errors != 1)}" if errors else "no error"
    yield Item(text="the reason for the change is said in one sentence", done=False)
    yield Item(text="the tests above are green", done=False)
    if owners:
        yield Item(text=f"seen by {', '.join(f'`{owner}`' for owner in owners)}", done=False)
    yield Item(text=f"rollsafe finds {named} in the changed files", done=not errors)
    if way.migrations:
        stuck = [one.name for one in way.migrations if one.advice in ("restore", "forward")]
        names = ", ".join(f"`{name}`" for name in stuck)
        text = f"every migration can be taken back{f', but {names}' if stuck else ''}"
        yield Item(text=text, done=not stuck)
    yield Item(text="nothing the running release relies on goes away", done=not broken)
    if not way.plan.steps:
        return
    missing = [risk.name for risk in way.plan.risks if risk.kind == Hazard.MISSING_KEY.value]
    yield Item(text=f"every key it needs is defined{_but(missing)}", done=not missing)


def _but(names: list[str]) -> str:
    return f", but {'; '.join(names)}" if names else ""


def notes(plan: DeploymentPlan) -> list[Claim]:
    """Return what whoever deploys it has to know."""
    if not plan.steps:
        return []
    return [*plan.blocking, *plan.preconditions, *plan.strategy, *plan.timing]


def open_questions(found: list[Check]) -> Iterator[Claim]:
    """Yield what the files do not say."""
    yield unknown("what the change is for: its author says it in one sentence")
    if not found:
        yield unknown("which tests cover it: no workflow runs any")
