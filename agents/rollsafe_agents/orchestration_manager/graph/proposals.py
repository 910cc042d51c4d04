"""Edges that are not there although one node uses what another makes."""

import itertools
import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.compose import ComposeService
from rollsafe.artefacts.github_workflow import Job, Step
from rollsafe.artefacts.migrations.table_operations import CreateTable, TableOperation
from rollsafe.artefacts.recognition import Role
from rollsafe.plans.contribution import PlanContext, derived, evidence, fact, place_in
from rollsafe.plans.cpm import reachable
from rollsafe.plans.model import Claim, Evidence
from rollsafe.text import Located, Span
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.dependencies import compose_calls
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.histories import History, joined
from rollsafe.workspace.pipeline_context import environment_of
from rollsafe.workspace.pipelines import Act, activities_of, deployments, migrations
from rollsafe_agents.orchestration_manager.graph.draft import Node, Process
from rollsafe_agents.orchestration_manager.graph.model import Proposal

_MOST: Final = 40
_RESULT = re.compile(r"\bneeds\.([A-Za-z_][\w-]*)\.(?:outputs|result)\b")
_IMAGE = re.compile(r"(?<![\w./-])((?:[a-z0-9][\w.-]*(?::\d+)?/)+[a-z0-9][\w.-]*)(?=[:@\s\"']|$)")
_UPLOAD: Final = "actions/upload-artifact"
_DOWNLOAD: Final = "actions/download-artifact"


def proposals(processes: list[Process], context: PlanContext) -> list[Proposal]:
    """Return the missing edges that something in the files speaks for."""
    found: list[Proposal] = []
    for process in processes:
        if process.kind == "pipeline":
            found += _Pipeline(process, context.after.graph).proposals()
        elif process.kind == "start-up":
            found += _addressed(process)
    found += _across(joined(context.rollout.histories))
    return list({(one.source, one.target): one for one in reversed(found)}.values())[::-1][:_MOST]


class _Made(NamedTuple):
    """Something a node makes, uses or occupies, and where that is written."""

    node: Node
    name: str
    where: Evidence


class _Pipeline:
    """Looks for producers and consumers without a way between them."""

    def __init__(self, process: Process, graph: Graph) -> None:
        self._process = process
        self._graph = graph
        self._jobs = [(n, n.element) for n in process.nodes.values() if isinstance(n.element, Job)]
        self._reached: dict[str, frozenset[str]] = {}

    def proposals(self) -> Iterator[Proposal]:
        yield from self._artifacts()
        yield from self._outputs()
        yield from self._images()
        yield from self._migrations()
        yield from self._environments()

    def _leads(self, source: Node, target: Node) -> bool:
        """Say whether `target` waits for `source`, directly or not."""
        if source.id not in self._reached:
            self._reached[source.id] = frozenset(reachable(source.id, self._process.edges))
        return source.id == target.id or target.id in self._reached[source.id]

    def _apart(self, one: Node, other: Node) -> bool:
        return not self._leads(one, other) and not self._leads(other, one)

    def _artifacts(self) -> Iterator[Proposal]:
        made = [one for node, job in self._jobs for one in _artifacts(node, job, _UPLOAD)]
        for node, job in self._jobs:
            for used in _artifacts(node, job, _DOWNLOAD):
                makers = [one for one in made if one.name == used.name and _same_run(one.node, node)]
                if makers and not any(self._leads(one.node, node) for one in makers):
                    yield self._edge(makers[0], used, "artifact", f"artifact `{used.name}`")

    def _outputs(self) -> Iterator[Proposal]:
        for node, job in self._jobs:
            named = {need.id.lower() for need in job.needs}
            text = job.file.slice(job)
            for match in _RESULT.finditer(text):
                other = job.workflow.job(match[1])
                if other is None or other is job or other.id.lower() in named:
                    continue
                source = next((n for n, j in self._jobs if j is other and _same_run(n, node)), None)
                if source is not None:
                    where = place_in(job.file, Span(job.start + match.start(), job.start + match.end()))
                    claim = fact(f"`{match[0]}` is empty: `{job.id}` does not name it in `needs`", where)
                    yield Proposal(source=source.id, target=node.id, kind="output", claim=claim)

    def _images(self) -> Iterator[Proposal]:
        made = [one for node, job in self._jobs for one in self._pushed(node, job)]
        names = {one.name for one in made}
        for node, job in self._jobs:
            if not made or not deployments(job, self._graph):
                continue
            for act in deployments(job, self._graph):
                for name in _images(act) & names:
                    makers = [one for one in made if one.name == name]
                    if not any(self._leads(one.node, node) for one in makers):
                        yield self._edge(
                            makers[0], _Made(node, name, _place(act)), "image", f"image `{name}`"
                        )

    def _pushed(self, node: Node, job: Job) -> Iterator[_Made]:
        for act in activities_of(job, self._graph):
            if Role.PUBLISH in act:
                for name in sorted(_images(act)):
                    yield _Made(node, name, _place(act))

    def _migrations(self) -> Iterator[Proposal]:
        migrating = [(node, act) for node, job in self._jobs for act in migrations(job, self._graph)[:1]]
        for node, job in self._jobs:
            shipping = deployments(job, self._graph)
            for other, act in migrating:
                if (
                    shipping
                    and self._apart(other, node)
                    and _environment(other, self._graph) == _environment(node, self._graph)
                ):
                    text = f"`{other.title}` migrates and `{node.title}` deploys, in no order"
                    claim = derived(text, _place(act), _place(shipping[0]))
                    yield Proposal(source=other.id, target=node.id, kind="migration", claim=claim)

    def _environments(self) -> Iterator[Proposal]:
        """Yield pairs that deploy to one environment side by side, with nothing that keeps them apart."""
        used: dict[str, list[Node]] = {}
        for node, job in self._jobs:
            name = _environment(node, self._graph)
            if name and "$" not in name and job.uses is None and deployments(job, self._graph):
                used.setdefault(name, []).append(node)
        for name, nodes in used.items():
            for one, other in itertools.pairwise(nodes):
                if self._apart(one, other) and not _locked(one, other):
                    text = f"`{one.title}` and `{other.title}` deploy to `{name}`, in no order"
                    claim = derived(text, one.where, other.where)
                    yield Proposal(source=one.id, target=other.id, kind="environment", claim=claim)

    def _edge(self, made: _Made, used: _Made, kind: str, what: str) -> Proposal:
        text = f"`{used.node.title}` uses {what}, which `{made.node.title}` makes, without waiting for it"
        claim = derived(text, made.where, used.where)
        return Proposal(source=made.node.id, target=used.node.id, kind=kind, claim=claim)


def _artifacts(node: Node, job: Job, action: str) -> Iterator[_Made]:
    for step in job.steps:
        name = step.inputs.get("name", "artifact" if action == _UPLOAD else "")
        elsewhere = "run-id" in step.inputs or "github-token" in step.inputs
        if step.uses_text.partition("@")[0].lower() == action and name and "$" not in name and not elsewhere:
            yield _Made(node, name, _step_place(step))


def _step_place(step: Step) -> Evidence:
    where: Located = step.input("name") or step.uses or step
    return evidence(step, where)


def _same_run(one: Node, other: Node) -> bool:
    """Say whether two jobs belong to one run, called workflows included."""
    return one.id.partition(".y")[0] == other.id.partition(".y")[0]


def _images(act: Act) -> frozenset[str]:
    """Return the names of images an act's command or action speaks of, tags left out."""
    inputs = act.inner.inputs if act.inner is not None and act.raw is None else {}
    texts = [*act.texts, *(inputs.get(name, "") for name in ("tags", "image", "images"))]
    return frozenset(match[1] for text in texts for match in _IMAGE.finditer(text.lower()[:4_000]))


def _place(act: Act) -> Evidence:
    return Evidence(path=act.file.path, line=act.file.line_number(act.where))


def _environment(node: Node, graph: Graph) -> str:
    found = environment_of(node.element, graph) if isinstance(node.element, Job) else None
    return found.name if found is not None else ""


def _locked(one: Node, other: Node) -> bool:
    groups = [
        node.element.concurrency.group for node in (one, other)
        if isinstance(node.element, Job) and node.element.concurrency is not None
    ]  # fmt: skip
    return len(groups) == 2 and groups[0] == groups[1] and bool(groups[0])


# Compose and migrations --------------------------------------------------------------------------


def _addressed(process: Process) -> Iterator[Proposal]:
    services = [n.element for n in process.nodes.values() if isinstance(n.element, ComposeService)]
    for call in compose_calls(services):
        source, target = f"{process.name}/{call.provider}", f"{process.name}/{call.consumer}"
        if target not in reachable(source, process.edges) and source not in reachable(target, process.edges):
            text = f"`{call.consumer}` addresses `{call.provider}` and does not wait for it"
            claim = derived(text, place_in(call.file, call.where))
            yield Proposal(source=source, target=target, kind="address", claim=claim)


def _across(histories: list[History]) -> Iterator[Proposal]:
    """Yield histories of which one changes tables that only another one creates."""
    if not 1 < len(histories) <= 12:
        return
    made = [_created(one) for one in histories]
    for at, history in enumerate(histories):
        seen: set[int] = set()
        for name, claim_place in _changed(history):
            if name in made[at]:
                continue
            others = [n for n, tables in enumerate(made) if name in tables and n not in seen]
            if len(others) == 1 and histories[others[0]].migrations:
                seen.add(others[0])
                yield _between(histories[others[0]], history, name, made[others[0]][name], claim_place)


def _between(first: History, then: History, table: str, made: Evidence, used: Evidence) -> Proposal:
    claim: Claim = derived(f"`{then.home}` changes `{table}`, which only `{first.home}` creates", made, used)
    return Proposal(source=made.path, target=used.path, kind="table", claim=claim)


def _created(history: History) -> dict[str, Evidence]:
    return {
        one.table.name: evidence(statement)
        for migration in reversed(history.migrations)
        for statement in migration.up_statements
        for one in statement.of(CreateTable)
        if not one.is_temporary
    }


def _changed(history: History) -> Iterator[tuple[str, Evidence]]:
    for migration in history.migrations:
        for statement in migration.up_statements:
            for one in statement.of(TableOperation):
                yield one.table.name, evidence(statement)
