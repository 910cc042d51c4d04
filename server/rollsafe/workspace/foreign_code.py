"""Where code of a pull request is checked out by a run that has the repository's rights, and what runs it."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Final

from rollsafe.artefacts.expressions import context_paths, find_expressions
from rollsafe.artefacts.github_workflow import ActionRef, Job, Step, Workflow
from rollsafe.artefacts.kubernetes import KubernetesObject
from rollsafe.artefacts.other_pipelines import Dialect, PipelineConfiguration
from rollsafe.artefacts.recognition.checked_out_code import running_tools, runs_checked_out_code
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence, walk
from rollsafe.text import Located
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph

_PRIVILEGED: Final = ("pull_request_target", "issue_comment")
_PERHAPS: Final = ("issues", "workflow_call")
_PARENTS: Final = ("pull_request_target", "pull_request", "issues", "issue_comment")
_FOREIGN = lazily(
    r"github\.head_ref|github\.event\.(?:pull_request\.(?:head\.(?:sha|ref|label)|number|merge_commit_sha)|number"
    r"|issue\.number|workflow_run\.(?:head_sha|head_branch|head_commit\.id|pull_requests\..*))"
)
_OWN = lazily(
    r"github\.(?:base_ref|sha|ref|ref_name|workflow_sha|workflow_ref)"
    r"|github\.event\.(?:pull_request\.base\..*|repository\..*)|(?:vars|secrets|env)\..*"
)
_GUARD = lazily(
    r"author_association|head\.repo\.(?:full_name|fork|owner)|head_repository\.|\.labels\b|\.label\.name"
    r"|github\.(?:event\.)?(?:\w+\.)*user\.login|github\.actor\b|github\.triggering_actor|permission"
)
_ASKED = lazily(
    r"(?i)collaborator|author_association|membership|permission-check|check-user-permission|head\.repo\.full_name"
)
_REFUSING: Final = 7
_LONGEST_MAJOR: Final = 4
_DEPENDS: Final = frozenset({"chmod", "docker", "actions/setup-node", "docker/setup-buildx-action"})
"""What runs code of the workspace with some options only."""
_PULL = lazily(r"gh\s+pr\s+checkout\s|git\s+fetch\s[^\n]*\bpull/[^\n]*/(?:head|merge)")
_SCRIPT_KEYS: Final = ("script", "bash", "pwsh", "powershell")


class Checkout(NamedTuple):
    """The step that brings a stranger's code; certain when nothing looks at whose it is."""

    step: Step
    is_certain: bool


class Run(NamedTuple):
    """What runs the code, and where that is written; certain where it does so whatever its options are."""

    tool: str
    where: Located
    is_certain: bool = True


def foreign_checkout(job: Job, graph: Graph) -> Checkout | None:
    """Return the first step of a job that checks out a stranger's code with the repository's rights."""
    certain = _is_privileged(job.workflow, graph)
    if job.is_disabled or not (certain or job.workflow.has_event(*_PERHAPS)):
        return None
    guarded = job.environment is not None or _is_guarded(job)
    for step in job.steps:
        whose = None if step.is_disabled else _whose(step)
        if whose is not None:
            looked = guarded or _is_intended(step) or _is_looked_at(job, step)
            return Checkout(step, certain and whose and not looked)
    return None


def _is_guarded(job: Job) -> bool:
    """Say whether the job, or one it waits for, looks at who sent the change."""
    conditions = (one.if_ for one in (job, *job.needs_closure))
    if any(condition is not None and _GUARD.search(condition.text) for condition in conditions):
        return True
    return any(_ASKED.search(one.file.text[one.start : one.end]) for one in job.needs_closure)


def _is_looked_at(job: Job, step: Step) -> bool:
    """Say whether a step's condition, or a step before it, looks at who sent the change."""
    if step.if_ is not None and _GUARD.search(step.if_.text):
        return True
    return _ASKED.search(job.file.text[job.start : step.start]) is not None


def _is_intended(step: Step) -> bool:
    """Say whether the checkout is told that it is unsafe; from version 7 on it refuses otherwise."""
    if step.uses is None:
        return False
    major = step.uses.ref.lstrip("v").partition(".")[0]
    told = "allow-unsafe-pr-checkout" in step.inputs
    return told or (major.isdigit() and len(major) < _LONGEST_MAJOR and int(major) >= _REFUSING)


def _is_privileged(workflow: Workflow, graph: Graph) -> bool:
    if workflow.has_event(*_PRIVILEGED):
        return True
    follows = workflow.triggers.get("workflow_run")
    if follows is None:
        return False
    parents = [
        one
        for one in graph.every(Workflow, "path:")
        if any(fnmatchcase(one.name or one.file.name, name) for name in follows.workflows)
    ]
    return not parents or any(one.has_event(*_PARENTS) for one in parents)


def _whose(step: Step) -> bool | None:
    """Say whether a step certainly brings a stranger's code; None when it brings none."""
    if step.run is not None:
        return True if _PULL.search(step.run.text) else None
    if step.uses is None or step.uses.repository.lower() != "actions/checkout":
        return None
    ref = step.input("ref")
    if not isinstance(ref, Scalar) or "${{" not in ref.text:
        return None
    paths = [
        ".".join(path)
        for expression in find_expressions(ref.text)
        for path, _ in context_paths(expression.root)
    ]
    if any(_FOREIGN.fullmatch(path) for path in paths):
        return True
    return None if paths and all(_OWN.fullmatch(path) for path in paths) else False


def runs_after(job: Job, checkout: Checkout) -> Iterator[Run]:
    """Yield what runs code of the workspace in the steps after a checkout."""
    for step in job.steps[checkout.step.index + 1 :]:
        if step.is_disabled:
            continue
        if step.run is not None:
            where = step.node.key_at("run") or step.run
            yield from (Run(tool, where, tool not in _DEPENDS) for tool, _ in running_tools(step.run.text))
        elif step.uses is not None and _runs_workspace(step.uses):
            yield Run(step.uses.name, step.uses, step.uses.repository.lower() not in _DEPENDS)


def _runs_workspace(uses: ActionRef) -> bool:
    return uses.text.startswith("./") or runs_checked_out_code(uses.repository.lower())


def pipeline_runs(document: PipelineConfiguration) -> Iterator[Run]:
    """Yield what runs code of the workspace in an Azure pipeline that pull requests start."""
    if document.dialect is not Dialect.AZURE or "checkout" not in document.file.text:
        return
    if document.root.text_at("pr") == "none":
        return
    for node in walk(document.root):
        steps = node.at("steps") if isinstance(node, Mapping) else None
        if isinstance(steps, Sequence):
            yield from _after_checkout(steps)


def _after_checkout(steps: Sequence) -> Iterator[Run]:
    is_there = False
    for step in steps.items_at():
        is_there = is_there or step.text_at("checkout") == "self"
        for key in _SCRIPT_KEYS if is_there else ():
            script = step.at(key)
            if isinstance(script, Scalar):
                yield from (Run(tool, step) for tool, _ in running_tools(script.text))


def pull_request_scripts(manifest: KubernetesObject) -> Iterator[tuple[Node, Scalar]]:
    """Yield the steps with scripts of a `PipelineRun` of Tekton that pull requests start."""
    if manifest.kind != "PipelineRun" or "tekton.dev" not in manifest.api_version:
        return
    events = manifest.node.text_at("metadata", "annotations", "pipelinesascode.tekton.dev/on-event") or ""
    if "pull_request" not in events:
        return
    for task in manifest.node.items_at("spec", "pipelineSpec", "tasks"):
        for step in task.items_at("taskSpec", "steps"):
            script = step.at("script")
            if isinstance(script, Scalar):
                yield step, script


def tekton_runs(manifest: KubernetesObject) -> Iterator[Run]:
    """Yield what runs code of the workspace in a pipeline of Tekton that pull requests start."""
    for _, script in pull_request_scripts(manifest):
        clones = manifest.node.text_at("metadata", "annotations", "pipelinesascode.tekton.dev/task") or ""
        if "git-clone" in clones:
            yield from (Run(tool, script) for tool, _ in running_tools(script.text))
