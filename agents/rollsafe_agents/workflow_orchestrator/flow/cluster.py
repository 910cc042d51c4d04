"""A CronJob or Job of Kubernetes as a flow: when it starts, its containers in order, and how it ends."""

from rollsafe.artefacts.kubernetes import Container, Workload, is_placeholder
from rollsafe.plans.cluster import kubectl
from rollsafe.plans.contribution import PlanContext, derived, evidence, fact, place_in, unknown
from rollsafe.plans.model import Check, Claim, Evidence
from rollsafe.plans.times import SECOND, words
from rollsafe_agents.workflow_orchestrator.flow.draft import END, START, Clock, Flow, Retry, State, Transition
from rollsafe_agents.workflow_orchestrator.flow.events import Sent
from rollsafe_agents.workflow_orchestrator.flow.model import Participant


def flow_of(workload: Workload, context: PlanContext) -> Flow:
    """Return a Job or CronJob as a flow."""
    where = evidence(workload, workload.title_node)
    flow = Flow(workload.name, workload.kind, workload.file.path, where)
    owner = context.owner(workload.file.path)
    flow.participants.append(
        Participant(name=workload.name, role="orchestrator", owner=owner, claim=fact(workload.kind, where))
    )
    names = [one for one in workload.init_containers if not one.is_sidecar]
    for number, container in enumerate((*names, *workload.containers)):
        _container(flow, container, f"s{number}", len(names), owner)
    _ends(flow, workload, len(names))
    _limits(flow, workload)
    _schedule(flow, workload)
    _watching(flow, workload, owner)
    return flow


def _container(flow: Flow, container: Container, id_: str, first_main: int, owner: str) -> None:
    where = evidence(container, container.title_node)
    number = int(id_[1:])
    kind = "init container" if number < first_main else "container"
    what = "nothing bounds a container by itself"
    flow.add(
        State(
            id_, container.name, kind, where, "", None, unknown(what, where), works=True,
            effect=unknown(f"whether `{container.name}` changes anything: not in this file", where),
            look=_look(container), retries=_retries(container.workload),
        )
    )  # fmt: skip
    image = container.image_node
    if image is not None:
        claim = fact("image", evidence(container, image))
        flow.participants.append(Participant(name=image.text, role="worker", owner=owner, claim=claim))
    if number == 0 or (first_main == 0 and number < len(container.workload.containers)):
        flow.transitions.append(Transition(START, id_, "start", "", fact("runs first", where)))
    elif number <= first_main:
        flow.transitions.append(Transition(f"s{number - 1}", id_, "success", "", fact("runs next", where)))
    else:
        source = f"s{first_main - 1}"
        flow.transitions.append(Transition(source, id_, "success", "", fact("runs next", where)))


def _namespace(workload: Workload) -> str | None:
    return workload.namespace if workload.namespace and not is_placeholder(workload.namespace) else None


def _look(container: Container) -> str:
    """Return the command that shows how a container went; the Jobs of a CronJob have names of their own."""
    workload = container.workload
    key = f"{workload.kind.lower()}/{workload.name}"
    if workload.kind == "CronJob":
        return kubectl(_namespace(workload), "describe", key)
    return kubectl(_namespace(workload), "logs", key, "-c", container.name)


def _retries(workload: Workload) -> tuple[Retry, ...]:
    """Return how a Job is tried again: ten seconds later, twice as long each time, at most six minutes."""
    limit, place = _backoff(workload)
    if limit is None or limit < 0 or limit > 1_000:
        return (Retry(None, None, _tried(limit, place)),)
    waits = sum(min(10 * 2**number, 360) for number in range(limit)) * SECOND
    text = f"`backoffLimit` {limit}: {limit} more tries, waits {words(waits)} in all"
    return (Retry(limit, waits, derived(text, place)),)


def _ends(flow: Flow, workload: Workload, first_main: int) -> None:
    """Add the ways a Job ends: well, or given up after its tries or its time."""
    where = evidence(workload, workload.title_node)
    none = fact("takes no time of its own", where)
    well = flow.add(State("done", "Complete", "end", where, "", 0, none, works=False))
    lost = flow.add(State("lost", "Failed", "end", where, "", 0, none, works=False))
    limit, place = _backoff(workload)
    policy = workload.restart_policy or "Always"
    for number, state in enumerate(list(flow.states.values())[:-2]):
        if number >= first_main:
            claim = fact("exits with 0", state.where)
            flow.transitions.append(Transition(state.id, well.id, "success", "exit code 0", claim))
        guard = f"after {limit} more tries" if limit is not None else "when its tries are used up"
        flow.transitions.append(Transition(state.id, lost.id, "failure", guard, _tried(limit, place)))
        again = "the container" if policy == "OnFailure" else "a new pod"
        claim = derived(f"{again} tries again", place)
        flow.transitions.append(Transition(state.id, state.id, "failure", f"{again} tries again", claim))
    for state in (well, lost):
        flow.transitions.append(Transition(state.id, END, "end", "", fact("it ends here", where)))


def _backoff(workload: Workload) -> tuple[int | None, Evidence]:
    node = workload.job_spec.at("backoffLimit") if workload.job_spec is not None else None
    if node is None:
        return 6, evidence(workload, workload.title_node)
    limit = workload.backoff_limit
    return (limit if isinstance(limit, int) else None), place_in(workload.file, node)


def _tried(limit: int | None, place: Evidence) -> Claim:
    if limit is None:
        return unknown("`backoffLimit` is decided when it is rendered", place)
    return derived(f"`backoffLimit` {limit}", place)


def _limits(flow: Flow, workload: Workload) -> None:
    """A deadline bounds all tries together."""
    spec = workload.job_spec
    node = spec.at("activeDeadlineSeconds") if spec is not None else None
    seconds = spec.int_at("activeDeadlineSeconds") if spec is not None else None
    if node is not None and seconds is not None and seconds >= 0:
        flow.limit = seconds * SECOND
        place = place_in(workload.file, node)
        flow.limited = fact(f"`activeDeadlineSeconds: {seconds}` ends all tries", place)
        flow.reliability.append(flow.limited)
    else:
        flow.reliability.append(derived("no `activeDeadlineSeconds`: a run that hangs goes on", flow.where))


def _schedule(flow: Flow, workload: Workload) -> None:
    if workload.kind != "CronJob":
        return
    spec = workload.node
    key = spec.at("spec", "schedule")
    place = place_of_clock = place_in(workload.file, key) if key is not None else flow.where
    flow.sent.append(
        Sent(
            name=f"schedule {workload.schedule or 'unknown'}", direction="in", channel="clock",
            producer="Kubernetes", consumer=flow.name, claim=fact("`schedule`", place), needs_schema=False,
        )
    )  # fmt: skip
    policy = workload.concurrency_policy
    where = spec.at("spec", "concurrencyPolicy")
    place = place_in(workload.file, where) if where is not None else flow.where
    meanings = {
        "Forbid": "a run that is due is skipped while another one runs",
        "Replace": "a run that is due ends the one that runs",
    }
    said = meanings.get(policy or "", "runs may overlap: `concurrencyPolicy` is `Allow`")
    overlaps = policy in (None, "Allow")
    meets = "both run at once" if overlaps else meanings.get(policy or "", "its policy decides")
    if workload.schedule:
        flow.clocks.append(Clock(workload.schedule, meets, overlaps, fact("`schedule`", place_of_clock)))
    flow.reliability.append(fact(said, place) if where is not None else derived(said, place))
    if policy in (None, "Allow"):
        flow.questions.append(unknown("what two runs at once do to the same data: no file says", place))


def _watching(flow: Flow, workload: Workload, owner: str) -> None:
    key = f"{workload.kind.lower()}/{workload.name}"
    command = kubectl(_namespace(workload), "get", key)
    expected = "LAST SCHEDULE is recent" if workload.kind == "CronJob" else "COMPLETIONS `1/1`"
    flow.monitoring.append(
        Check(
            text=f"`{key}` ran",
            command=command,
            expected=expected,
            owner=owner,
            claim=fact(workload.kind, flow.where),
        )
    )
