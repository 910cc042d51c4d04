"""What happens after a node has failed: what stays away, what runs all the same, what is there then."""

from collections.abc import Mapping
from typing import Final

from rollsafe.artefacts.expressions import UNKNOWN, Functions, Value, evaluate, status_checks, truth
from rollsafe.artefacts.github_workflow import Job
from rollsafe.artefacts.github_workflow.runs import Run
from rollsafe.artefacts.other_pipelines import OtherJob
from rollsafe.artefacts.step_functions import Catcher, State
from rollsafe.plans.contribution import derived, evidence, fact
from rollsafe.plans.cpm import reachable
from rollsafe.plans.model import Claim
from rollsafe.workspace.pipeline_gates import is_allowed_to_fail
from rollsafe_agents.orchestration_manager.graph.draft import Node, Process
from rollsafe_agents.orchestration_manager.graph.elsewhere import fate_elsewhere
from rollsafe_agents.orchestration_manager.graph.fates import Fate, in_order
from rollsafe_agents.orchestration_manager.graph.startup import COMPLETED, HEALTHY

_ANY: Final = Run("")


def fate_after(process: Process, failed: str) -> Fate:
    """Return what becomes of everything that waits for a node when that fails."""
    later = reachable(failed, process.edges)
    match process.kind:
        case "pipeline" if isinstance(process.nodes[failed].element, OtherJob):
            return fate_elsewhere(process, failed, later)
        case "pipeline":
            return _Pipeline(process, failed).fate(later)
        case "start-up":
            return _started(process, failed, later)
        case "rollout":
            return _brought(process, failed, later)
        case "state machine":
            return _caught(process, failed)
        case _:
            return Fate(later, {}, {})


class _Pipeline:
    """GitHub's rules: a job runs when all it needs succeeded, unless its condition says otherwise."""

    def __init__(self, process: Process, failed: str) -> None:
        self._process = process
        self._failed = failed
        node = process.nodes[failed]
        job = node.element if isinstance(node.element, Job) else None
        self._forgiven = job is not None and is_allowed_to_fail(job)
        self._results: dict[str, str] = {failed: "success" if self._forgiven else "failure"}
        self._before: dict[str, list[str]] = {}
        for wait in process.waits:
            self._before.setdefault(wait.target, []).append(wait.source)
        self._following = {wait.target for wait in process.waits if wait.kind == "workflow_run"}

    def fate(self, later: tuple[str, ...]) -> Fate:
        runs: dict[str, Claim] = {}
        unsure: dict[str, Claim] = {}
        if not self._forgiven and not any(map(self._may_survive, later)):
            return Fate(later, {}, {})
        for id_ in in_order(self._process, later):
            node = self._process.nodes[id_]
            held = self._holds(node)
            self._results[id_] = {True: "success", False: "skipped", None: "unknown"}[held]
            if held is True and (not node.is_instant or node.idle):
                runs[id_] = self._why(node)
            elif held is None:
                unsure[id_] = self._why(node)
        skipped = tuple(id_ for id_ in later if self._results[id_] == "skipped")
        return Fate(skipped, runs, unsure)

    def _may_survive(self, id_: str) -> bool:
        """Say whether a node may run although one before it failed; most cannot."""
        job = self._process.nodes[id_].element
        if not isinstance(job, Job):
            return True
        asks = job.if_ is not None and bool(status_checks(job.if_.condition.root))
        return asks or id_ in self._following

    def _holds(self, node: Node) -> bool | None:
        """Say whether a node runs; None when that is not known."""
        before = [self._results.get(one, "success") for one in self._before.get(node.id, ())]
        job = node.element if isinstance(node.element, Job) else None
        if job is None:
            return True
        if job.is_disabled or self._results.get(node.id.rpartition("/")[0]) == "skipped":
            return False
        guard = job.if_
        needed = before if job.needs else []
        if guard is None or not status_checks(guard.condition.root):
            held = None if "unknown" in needed else True
            if any(result in ("failure", "skipped") for result in needed):
                return False
            return held if guard is None else _both(held, self._evaluated(job, node))
        return True if guard.condition.padded else self._evaluated(job, node)

    def _evaluated(self, job: Job, node: Node) -> bool | None:
        """Evaluate a condition with the results there are; None when something unknown decides."""
        guard = job.if_
        results = {need.id.lower(): self._result(node, need.id) for need in job.needs}

        def lookup(path: tuple[str, ...]) -> Value:
            if path[:3] == ("github", "event", "workflow_run") and path[3:] == ("conclusion",):
                return "success" if self._forgiven else "failure"
            if path[0] != "needs" or len(path) < 3:
                return _ANY.value(path)
            if path[2] != "result":
                return UNKNOWN
            if path[1] == "*":
                return UNKNOWN if "unknown" in results.values() else tuple(results.values())
            result = results.get(path[1], "")
            return UNKNOWN if result == "unknown" else result

        if guard is None:
            return True
        return truth(evaluate(guard.condition.root, lookup, self._functions(node, results)))

    def _functions(self, node: Node, results: Mapping[str, str]) -> Functions:
        prefix = node.id.rpartition("/")[0]
        ran_before = {f"{prefix}/{job.id}".lower() for job in _ancestors(node)}
        failed = any(self._fails(id_, ran_before) for id_ in self._results)
        return {
            "always": True,
            "cancelled": False,
            "failure": failed,
            "success": all(result == "success" for result in results.values()),
        }

    def _fails(self, id_: str, among: set[str]) -> bool:
        """Say whether a node failed that is one of some jobs, or that one of them calls."""
        whole = id_.lower()
        return self._results[id_] == "failure" and any(f"{whole}/".startswith(f"{one}/") for one in among)

    def _result(self, node: Node, need: str) -> str:
        """Return the result of what a job needs; for a called workflow that of all its jobs together."""
        prefix = node.id.rpartition("/")[0]
        wanted = f"{prefix}/{need}".lower()
        found = [r for id_, r in self._results.items() if f"{id_.lower()}/".startswith(f"{wanted}/")]
        for result in ("failure", "unknown"):
            if result in found:
                return result
        whole = next((r for id_, r in self._results.items() if id_.lower() == wanted), None)
        return whole or ("skipped" if found and set(found) == {"skipped"} else "success")

    def _why(self, node: Node) -> Claim:
        job = node.element
        if isinstance(job, Job) and job.if_ is not None:
            return fact(f"`{node.title}`: `if: {' '.join(job.if_.text.split())}`", evidence(job, job.if_))
        first = self._process.nodes[self._failed]
        if self._forgiven and isinstance(first.element, Job):
            place = evidence(first.element, first.element.continue_on_error)
            return fact(f"`{node.title}`: a failure of `{first.title}` counts as success", place)
        wait = next((one for one in self._process.waits if one.target == node.id), None)
        why = f": {wait.claim.text}" if wait is not None else ""
        return derived(f"`{node.title}`{why}", *(wait.claim.evidence if wait is not None else (node.where,)))


def _both(one: bool | None, other: bool | None) -> bool | None:
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def _ancestors(node: Node) -> tuple[Job, ...]:
    return node.element.needs_closure if isinstance(node.element, Job) else ()


# Other processes ---------------------------------------------------------------------------------


def _started(process: Process, failed: str, later: tuple[str, ...]) -> Fate:
    """Compose: what waits for health or an end stays away; what waits for a start runs."""
    away: set[str] = {failed}
    runs: dict[str, Claim] = {}
    for id_ in _sorted_by_waiting(process, later):
        held = [w for w in process.waits if w.target == id_ and w.source in away]
        strict = [w for w in held if w.source != failed or w.kind in (HEALTHY, COMPLETED)]
        if strict:
            away.add(id_)
        elif held:
            text = f"`{process.nodes[id_].title}` is started all the same: it {held[0].claim.text}"
            runs[id_] = derived(text, *held[0].claim.evidence)
    return Fate(tuple(id_ for id_ in later if id_ in away), runs, {})


def _sorted_by_waiting(process: Process, later: tuple[str, ...]) -> list[str]:
    """Return nodes so that what waits stands after what it waits for, as far as there is no circle."""
    depth = dict.fromkeys(later, 0)
    for _ in range(min(len(later), 64)):
        for wait in process.waits:
            if wait.source in depth and wait.target in depth and wait.source != wait.target:
                depth[wait.target] = min(max(depth[wait.target], depth[wait.source] + 1), len(later))
    return sorted(later, key=lambda id_: depth[id_])


def _brought(process: Process, failed: str, later: tuple[str, ...]) -> Fate:
    """A rollout: stages and init containers are waited for, the mere order of sending is not."""
    strict = [wait.edge for wait in process.waits if wait.kind != "sent first"]
    away = reachable(failed, strict)
    runs = {
        id_: derived(f"`{process.nodes[id_].title}` is sent all the same", process.nodes[id_].where)
        for id_ in later
        if id_ not in away
    }
    return Fate(away, runs, {})


def _caught(process: Process, failed: str) -> Fate:
    """A state machine: handlers of the failed state take over, or of one around it; else it ends."""
    ids = {id(node.element): node.id for node in process.nodes.values()}
    runs: dict[str, Claim] = {}
    unsure: dict[str, Claim] = {}
    state = process.nodes[failed].element
    while isinstance(state, State):
        for catcher in state.catch:
            target = ids.get(id(state.scope.by_name.get(catcher.next or "")))
            if target is not None and target not in runs:
                into = runs if _ALL_ERRORS.intersection(catcher.errors) else unsure
                into[target] = _handled(process, state, catcher, target)
        if any(_ALL_ERRORS.intersection(one.errors) for one in state.catch):
            break
        state = state.scope.parent
    handlers = [*runs, *unsure]
    reached = dict.fromkeys([*handlers, *(id_ for one in handlers for id_ in reachable(one, process.edges))])
    skipped = tuple(id_ for id_ in reachable(failed, process.edges) if id_ not in reached)
    return Fate(skipped, runs, {id_: claim for id_, claim in unsure.items() if id_ not in runs})


_ALL_ERRORS: Final = frozenset({"States.ALL"})


def _handled(process: Process, state: State, catcher: Catcher, target: str) -> Claim:
    errors = ", ".join(catcher.errors) or "no error"
    text = f"`{process.nodes[target].title}` handles {errors} of `{state.name}`"
    return derived(text, evidence(state, catcher.node))
