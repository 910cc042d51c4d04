"""Workloads of a cluster in the runbook: look, restart, scale, go back, schedule."""

from collections.abc import Iterable, Iterator

from rollsafe.artefacts.dockerfile import Dockerfile
from rollsafe.artefacts.kubernetes import Workload
from rollsafe.plans.cluster import kubectl, logs, rollout_status, rollout_undo, suspend
from rollsafe.plans.contribution import PlanContext, derived, evidence, fact, place_in
from rollsafe.plans.model import Claim
from rollsafe.workspace.delivery import Delivery
from rollsafe.workspace.dependencies import calls_between, entrances
from rollsafe.workspace.rollout import Touched
from rollsafe.workspace.wiring import autoscalers_of, keeps_data, keeps_data_in_pods
from rollsafe_agents.deployment_orchestrator.runbook.model import Chore, Purpose, ServicePage, Task
from rollsafe_agents.deployment_orchestrator.runbook.secrets import secrets_of
from rollsafe_agents.deployment_orchestrator.sections import smoke
from rollsafe_agents.deployment_orchestrator.sections.cluster_steps import ROLLING, namespace_of

_SCALED = frozenset({"Deployment", "StatefulSet"})
_READY = "`successfully rolled out`, exit code 0"


def pages(context: PlanContext) -> Iterator[ServicePage]:
    """Yield a page for every workload whose name in the cluster is known."""
    for one in context.rollout.kept:
        if one.current.workload.has_static_name and one.current.name:
            yield _page(context, one)


def delivered(delivery: Delivery) -> Claim:
    """Return how a thing gets to where it runs."""
    where = place_in(delivery.file, delivery.where)
    if delivery.job is None:
        return derived(f"no pipeline deploys it: it follows from the {delivery.means}", where)
    triggers = ", ".join(delivery.job.workflow.triggers) or "nothing"
    name = f"job `{delivery.job.id}` of `{delivery.job.file.name}`"
    return fact(f"{name} deploys it with {delivery.tool}, on {triggers}", where)


def chore(text: str, command: str | None, expected: str, claim: Claim) -> Chore:
    """Return a thing to do."""
    return Chore(text=text, command=command, expected=expected, claim=claim)


def tasks(chores: Iterable[tuple[Purpose, Iterable[Chore]]]) -> tuple[Task, ...]:
    """Return what is done for each purpose, those without anything left out."""
    found = (Task(purpose=purpose, chores=tuple(ones)) for purpose, ones in chores)
    return tuple(task for task in found if task.chores)


def _page(context: PlanContext, one: Touched) -> ServicePage:
    workload = one.current.workload
    schedule = one.current.setting("spec", "schedule")
    namespace = namespace_of(one.delivery, [one])
    chores: list[tuple[Purpose, Iterable[Chore]]] = [
        ("look", _look(context, one)),
        ("restart", _restart(one)),
        ("scale", _scale(context, one)),
        ("roll back", _back(one)),
        ("schedule", _schedule(one)),
    ]
    return ServicePage(
        name=one.current.name,
        kind=one.current.kind,
        where=f"namespace `{namespace}`" if namespace else "the namespace of the kubectl context",
        owner=context.owner(workload.file.path),
        schedule=schedule.text if schedule is not None else None,
        facts=tuple(_facts(context, one)),
        tasks=tasks(chores),
        secrets=tuple(secrets_of(context, one)),
        calls=tuple(_calls(context, one)),
    )


def _facts(context: PlanContext, one: Touched) -> Iterator[Claim]:
    workload = one.current.workload
    replicas = one.current.replicas
    if replicas is not None:
        count = f"{replicas.text} pod{'s' * (replicas.text != '1')}"
        yield fact(count, place_in(replicas.file, replicas.where))
    for container in one.containers:
        image = one.current.image_of(container)
        if image is not None:
            yield fact(f"`{container.name}` runs `{image.text}`", place_in(image.file, image.where))
            yield from _source(context, container.image.name if container.image is not None else "")
    yield delivered(one.delivery)
    for door in entrances(workload, context.after):
        yield derived(
            f"requests to {door.host or 'a public address'}{door.path or ''} reach it",
            evidence(door.object, door.where),
        )
    if keeps_data(workload):
        yield derived("its pods keep data", evidence(workload, workload.title_node))


def _source(context: PlanContext, image: str) -> Iterator[Claim]:
    for file in context.after.elements(Dockerfile):
        if image and file.file.directory.rpartition("/")[2] == image:
            yield derived(f"built from `{file.file.directory}`, by its name", evidence(file))


def _look(context: PlanContext, one: Touched) -> Iterator[Chore]:
    namespace, key, workload = namespace_of(one.delivery, [one]), one.current.key, one.current.workload
    claim = fact(one.current.kind, evidence(workload, workload.title_node))
    expected = (
        "LAST SCHEDULE is not older than its schedule" if one.current.kind == "CronJob" else "all READY"
    )
    yield chore("state and images", kubectl(namespace, "get", key, "--output", "wide"), expected, claim)
    if not workload.is_job:
        yield chore("what it says", logs(namespace, key), "no error that is new", claim)
    yield chore(
        "what the cluster says of it", kubectl(namespace, "describe", key), "no `Warning` among Events", claim
    )
    for question in smoke.questions_about(context, one):
        yield chore(question.text, question.command, question.expected, question.claim)


def _restart(one: Touched) -> Iterator[Chore]:
    namespace, key, workload = namespace_of(one.delivery, [one]), one.current.key, one.current.workload
    if one.current.kind not in ROLLING:
        return
    if keeps_data_in_pods(workload):
        yield _not_without_a_dump(workload)
        return
    claim = fact(one.current.kind, evidence(workload, workload.title_node))
    again = kubectl(namespace, "rollout", "restart", key)
    yield chore("new pods, one after the other", again, "`restarted`", claim)
    yield chore("wait", rollout_status(namespace, key), _READY, claim)


def _not_without_a_dump(workload: Workload) -> Chore:
    text = "not without a dump that was read back: its data is in the pod and goes with it"
    where = evidence(workload, workload.title_node)
    return chore(text, None, "–", derived("no volume outlives its pods", where))


def _scale(context: PlanContext, one: Touched) -> Iterator[Chore]:
    workload = one.current.workload
    if one.current.kind not in _SCALED:
        return
    for scaler in autoscalers_of(workload, context.after.graph):
        text = f"`{scaler.name}` sets the number of pods: change its bounds where they are written"
        yield chore(
            text, None, f"{scaler.kind} `{scaler.name}` in force", fact(scaler.kind, evidence(scaler))
        )
        return
    if keeps_data(workload):
        claim = derived("a second pod would not hold the same data", evidence(workload, workload.title_node))
        yield chore("not by number: its pods keep data", None, "–", claim)
        return
    command = kubectl(namespace_of(one.delivery, [one]), "scale", one.current.key, "--replicas=$REPLICAS")
    count = one.current.replica_count
    usual = (
        f"{count} is what is written, and what the next delivery brings back"
        if count is not None
        else "`scaled`"
    )
    replicas = one.current.replicas
    place = place_in(replicas.file, replicas.where) if replicas is not None else evidence(workload)
    yield chore("until the next delivery", command, usual, derived("replicas", place))


def _back(one: Touched) -> Iterator[Chore]:
    namespace, key, workload = namespace_of(one.delivery, [one]), one.current.key, one.current.workload
    if one.current.kind not in ROLLING:
        return
    if keeps_data_in_pods(workload):
        yield _not_without_a_dump(workload)
        return
    claim = fact(one.current.kind, evidence(workload, workload.title_node))
    if keeps_data(workload):
        yield chore("only to a version that reads the data as it is now", None, "–", claim)
    limit = workload.revision_history_limit
    if limit == 0:
        where = workload.node.at("spec", "revisionHistoryLimit") or workload.title_node
        none = fact("`revisionHistoryLimit: 0`", evidence(workload, where))
        yield chore("no revision is kept: deliver the release of before again", None, "–", none)
        return
    yield chore(
        "which revisions there are", kubectl(namespace, "rollout", "history", key), "the newest runs", claim
    )
    yield chore("the one before", rollout_undo(namespace, key), "`rolled back`", claim)
    yield chore("wait", rollout_status(namespace, key), _READY, claim)


def _schedule(one: Touched) -> Iterator[Chore]:
    if one.current.kind != "CronJob":
        return
    namespace, key, name, workload = (
        namespace_of(one.delivery, [one]),
        one.current.key,
        one.current.name,
        one.current.workload,
    )
    where = evidence(workload, workload.node.at("spec", "schedule") or workload.title_node)
    policy = workload.concurrency_policy or "Allow"
    claim = fact("schedule", where)
    yield chore(
        "which runs there are",
        kubectl(namespace, "get", "jobs", "--sort-by", ".status.startTime"),
        f"runs may overlap: {'yes' if policy == 'Allow' else 'no'}",
        claim,
    )
    yield chore("hold", suspend(namespace, key, "true"), "SUSPEND `True`", claim)
    yield chore("let it start again", suspend(namespace, key, "false"), "SUSPEND `False`", claim)
    yield chore(
        "run it now, if it may run twice",
        kubectl(namespace, "create", "job", f"{name}-by-hand", f"--from={key}"),
        "`created`",
        claim,
    )


def _calls(context: PlanContext, one: Touched) -> Iterator[Claim]:
    workloads: list[Workload] = [each.current.workload for each in context.rollout.kept]
    name = one.current.workload.name
    for call in calls_between(workloads, context.after):
        if call.consumer == name:
            yield derived(f"calls `{call.provider}`", place_in(call.file, call.where))
        elif call.provider == name:
            yield derived(f"is called by `{call.consumer}`", place_in(call.file, call.where))
