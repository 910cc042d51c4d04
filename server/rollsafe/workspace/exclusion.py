"""What the concurrency groups of deployments exclude: other deployments, or their own cancellation."""

from collections.abc import Iterable
from enum import IntEnum
from typing import Final

from rollsafe.artefacts.expressions import (
    UNKNOWN,
    Functions,
    context_paths,
    evaluate,
    find_expressions,
    truth,
)
from rollsafe.artefacts.github_workflow import Concurrency, Job
from rollsafe.artefacts.github_workflow.runs import Run
from rollsafe.artefacts.recognition import EnvironmentKind
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import concurrency_of, production_of
from rollsafe.workspace.pipelines import Act, AnyJob, deployments, migrations

_STATUS: Final[Functions] = {"success": True, "always": True, "cancelled": False, "failure": UNKNOWN}
_PER_RUN: Final = frozenset({"run_id", "run_number", "sha", "run_attempt"})
_OF_CHANGE: Final = frozenset({"head_ref", "pull_request", "pull_requests", "number", "issue"})
_INFRASTRUCTURE: Final = frozenset(
    {"terraform", "terragrunt", "pulumi", "cdk", "cdktf", "cloudformation", "sam", "serverless", "sst"}
)
_CLUSTER: Final = frozenset({"kubectl", "helm", "helmfile", "oc", "kapp", "werf", "skaffold", "argocd"})
_STEADY: Final = frozenset({EnvironmentKind.PREVIEW, EnvironmentKind.DEVELOPMENT, EnvironmentKind.STAGING})


class Harm(IntEnum):
    """What an interrupted or doubled deployment leaves behind."""

    NONE = 0
    """The platform switches over at once: the old version or the new one."""
    MIXED = 1
    """Some parts at the new version, others at the old one."""
    LOCKED = 2
    """A lock that is held, a release that is pending, a migration that is half done."""


def harm_of(job: AnyJob, graph: Graph) -> Harm:
    """Return the worst that an interruption of the job does."""
    if migrations(job, graph):
        return Harm.LOCKED
    return max((_harm(act) for act in deployments(job, graph)), default=Harm.NONE)


def _harm(act: Act) -> Harm:
    found = act.classification
    if found.tool in _INFRASTRUCTURE or found.tool in _CLUSTER:
        return Harm.LOCKED
    if found.tool == "pages" or (found.self_verifying and found.self_rolling_back):
        return Harm.NONE
    return Harm.MIXED


def locks_itself(job: AnyJob, graph: Graph) -> bool:
    """Say whether all that the job deploys with refuses to run twice at a time, or switches over at once."""
    acts = deployments(job, graph)
    tools = (act.classification.tool in _INFRASTRUCTURE or _harm(act) is Harm.NONE for act in acts)
    return bool(acts) and all(tools) and not migrations(job, graph)


def is_lasting(job: AnyJob, graph: Graph) -> bool:
    """Say whether the job deploys or migrates, and not to an environment of a single change."""
    if not deployments(job, graph) and not migrations(job, graph):
        return False
    return production_of(job, graph).kind is not EnvironmentKind.PREVIEW


def is_below_production(job: AnyJob, graph: Graph) -> bool:
    """Say whether the job is known to deploy to something other than production."""
    return production_of(job, graph).kind in _STEADY


def cancels(concurrency: Concurrency, job: Job) -> bool:
    """Say whether a newer run certainly cancels the job while it deploys."""
    text = concurrency.cancel.strip()
    runs = releasing_runs(job)
    if not text or not runs or not _shares_group(concurrency):
        return False
    expression = next(find_expressions(text), None)
    if expression is None:
        return text.lower() == "true"
    runs = [run for run in runs if not run.is_sample] or runs
    return any(truth(evaluate(expression.root, run.value, _STATUS)) is True for run in runs)


def _shares_group(concurrency: Concurrency) -> bool:
    """Say whether several runs come together in the group, and not only those of one change."""
    return keyed_by(concurrency).isdisjoint(_PER_RUN | _OF_CHANGE)


def keyed_by(concurrency: Concurrency) -> frozenset[str]:
    """Return the words of `github.*` the name of the group depends on: `ref`, `sha`, `pull_request`."""
    words: set[str] = set()
    for expression in find_expressions(concurrency.group):
        for path, _ in context_paths(expression.root):
            if path[0] == "github":
                words.update(path[1:])
    return frozenset(words)


def releasing_runs(job: Job) -> list[Run]:
    """Return the runs that reach the job and are no pull request's."""
    return [run for run in job.runs if not run.is_pull_request]


def is_unserialised(job: Job, graph: Graph) -> bool:
    """Say whether two runs of the job may deploy side by side: no group holds any of them back."""
    if job.uses is not None or not deployments(job, graph) or not is_lasting(job, graph):
        return False
    return bool(releasing_runs(job)) and not concurrency_of(job, graph)


def refs_of(runs: Iterable[Run]) -> set[str]:
    """Return the refs of `runs`, the two usual names of the main branch counted as one."""
    return {"refs/heads/main" if run.ref == "refs/heads/master" else run.ref for run in runs}
