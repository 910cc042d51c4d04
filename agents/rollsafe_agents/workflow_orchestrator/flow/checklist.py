"""The nine questions a workflow has to answer, each answered from the files, else UNKNOWN."""

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from rollsafe.artefacts.source import SourceFile
from rollsafe.plans.contribution import PlanContext, derived, fact, unknown
from rollsafe.plans.model import Certainty, Claim, Evidence
from rollsafe_agents.workflow_orchestrator.flow.draft import Flow, State
from rollsafe_agents.workflow_orchestrator.flow.duration import Longest
from rollsafe_agents.workflow_orchestrator.flow.model import Box

Answer = Literal["PASS", "FAIL", "UNKNOWN"]

_MOST: Final = 6
_MOST_TESTS: Final = 2_000
_LONGEST_TEST: Final = 200_000
_UNKNOWN: Final = Certainty.UNKNOWN
_LOST: Final = frozenset({"task-without-catch", "swallowed-failure", "disarmed-gate"})
_TWICE: Final = frozenset({"retried-non-idempotent-step", "unrepeatable-statement", "overlapping-cron-job"})
_ENDLESS: Final = frozenset(
    {"task-without-timeout", "task-without-retry", "unbounded-job", "deploy-without-timeout",
     "timeout-before-verdict", "dependency-started-not-healthy"}
)  # fmt: skip
_STUCK: Final = frozenset({"deploy-without-way-back", "irreversible-migration"})
_UNSEEN: Final = frozenset({"unverified-deploy"})
"""Rules whose findings in the workflow's file answer a question with FAIL."""


def boxes(flow: Flow, longest: Longest, context: PlanContext) -> Iterator[Box]:
    """Yield the nine questions with their answers."""
    answers = (
        ("every call across components has a contract", _contracts(flow)),
        ("failures are handled", _failures(flow, context)),
        ("the guarantees of consistency hold", _consistency(flow)),
        ("events are idempotent and reliable", _events(flow, context)),
        ("the state of a run can be seen", _observable(flow, context)),
        ("timeouts and retries fit", _bounded(flow, longest, context)),
        ("what is done is taken back where needed", _undone(flow, context)),
        ("success and failure are tested", _tested(flow, context)),
        ("the workflow and its decisions are written down", _documented(flow, context)),
    )
    for number, (text, (answer, claims)) in enumerate(answers, 1):
        yield Box(number=number, text=text, answer=answer, claims=tuple(dict.fromkeys(claims))[:_MOST])


def _found(flow: Flow, context: PlanContext, rules: frozenset[str]) -> list[Claim]:
    """Return the findings of some rules in the workflow's file."""
    return [
        derived(one.message, one.evidence, rule=one.rule)
        for one in context.findings_in([flow.path])
        if one.rule in rules
    ]


def _working(flow: Flow) -> list[State]:
    return [state for state in flow.states.values() if state.works]


def _contracts(flow: Flow) -> tuple[Answer, list[Claim]]:
    if flow.misfits:
        return "FAIL", flow.misfits
    if flow.contracts is not None:
        return "PASS", [flow.contracts]
    told = [(one.description, one.schema_known) for one in flow.events]
    open_ = [*(claim for claim, is_known in told if claim is not None and not is_known), *flow.calls]
    known = [claim for claim, is_known in told if claim is not None and is_known]
    if open_:
        return "UNKNOWN", open_
    if known:
        return "PASS", known
    text = "which contract its calls follow: no file describes what is sent and answered"
    return "UNKNOWN", [unknown(text, flow.where)]


def _failures(flow: Flow, context: PlanContext) -> tuple[Answer, list[Claim]]:
    lost = _found(flow, context, _LOST)
    if lost:
        return "FAIL", lost
    if flow.missing:
        return "FAIL", flow.missing
    open_ = [
        state.handled for state in _working(flow) if state.handled is not None and _is_open(state.handled)
    ]
    if open_:
        return "FAIL", open_
    held = [state.handled for state in _working(flow) if state.handled is not None]
    return (
        ("PASS", held)
        if held
        else ("UNKNOWN", [unknown("what happens on failure: no file says", flow.where)])
    )


def _is_open(claim: Claim) -> bool:
    """Say whether a claim about a failure says that nothing deals with it."""
    return claim.text.startswith(("no ", "nothing "))


def _consistency(flow: Flow) -> tuple[Answer, list[Claim]]:
    changing = [state for state in _working(flow) if state.effect is not None]
    if not changing:
        return "PASS", [derived("no step of it changes anything elsewhere", flow.where)]
    unsure = [one.effect for one in changing if one.effect is not None and one.effect.status is _UNKNOWN]
    if len(unsure) == len(changing):
        return "UNKNOWN", unsure
    if len(changing) == 1:
        text = f"what `{changing[0].name}`, the only one that changes something, guarantees by itself"
        return "UNKNOWN", [unknown(text, changing[0].where)]
    names = ", ".join(f"`{state.name}`" for state in changing[:4])
    text = f"in which state a reader finds what {names} change while a run goes on"
    return "UNKNOWN", [unknown(text, *(state.where for state in changing[:4]))]


def _events(flow: Flow, context: PlanContext) -> tuple[Answer, list[Claim]]:
    twice = _found(flow, context, _TWICE)
    if twice or flow.lost:
        return "FAIL", [*twice, *flow.lost]
    repeated = [state for state in _working(flow) if state.retries and state.effect is not None]
    open_ = [unknown(f"whether `{one.name}` may run twice: it is retried", one.where) for one in repeated]
    own = [(one, one.identity) for one in flow.events if one.identity is not None]
    for one, identity in own:
        if identity.status is _UNKNOWN or identity.text.startswith("none:"):
            text = f"whether `{one.name}` is taken once when it comes twice: {identity.text}"
            open_.append(unknown(text, *one.claim.evidence))
    if open_:
        return "UNKNOWN", open_
    if not own:
        return "PASS", [derived("it sends and takes no events of its own", flow.where)]
    return "PASS", [identity for _, identity in own] + flow.letters


def _observable(flow: Flow, context: PlanContext) -> tuple[Answer, list[Claim]]:
    unseen = _found(flow, context, _UNSEEN)
    if unseen:
        return "FAIL", unseen
    if flow.observed is None:
        return "UNKNOWN", [unknown("where its runs are logged and traced: no file says", flow.where)]
    return ("FAIL" if flow.observed.text.startswith("neither") else "PASS"), [flow.observed]


def _bounded(flow: Flow, longest: Longest, context: PlanContext) -> tuple[Answer, list[Claim]]:
    endless = _found(flow, context, _ENDLESS)
    if endless or flow.unfit:
        return "FAIL", [*flow.unfit, *endless]
    if longest.total is None:
        open_ = [state.limited for state in _working(flow) if state.limit is None]
        sure = [claim for claim in open_ if claim.text.startswith("no ")]
        return ("FAIL", sure) if sure else ("UNKNOWN", open_ or [longest.claim])
    default = [state for state in _working(flow) if state.limited.text.startswith("no `timeout-minutes`")]
    if default:
        texts = ((f"whether `{one.name}` may take the 6 h GitHub gives it", one.where) for one in default)
        return "UNKNOWN", [unknown(text, where) for text, where in texts]
    return "PASS", [longest.claim]


def _undone(flow: Flow, context: PlanContext) -> tuple[Answer, list[Claim]]:
    stuck = _found(flow, context, _STUCK)
    if stuck:
        return "FAIL", stuck
    changing = [one for one in _working(flow) if one.effect is not None and not one.undoes]
    if not changing:
        return "PASS", [derived("no step of it changes anything elsewhere", flow.where)]
    sure = [state for state in changing if state.effect is not None and state.effect.status is not _UNKNOWN]
    # What nothing follows that could fail needs no undoing.
    bare = [
        derived(f"nothing takes back what `{one.name}` does", one.where)
        for one in sure
        if one.undone is None and _has_more_to_do(flow, one)
    ]
    if bare:
        return "FAIL", bare
    held = [one.undone for one in changing if one.undone is not None]
    if held and len(held) == len(changing):
        return "PASS", held
    open_ = [
        one for one in changing if one.undone is None and (one not in sure or _has_more_to_do(flow, one))
    ]
    if not open_:
        text = "what nothing takes back comes last"
        return "PASS", [*held, *(derived(text, one.where) for one in changing if one.undone is None)]
    texts = ((f"what takes back what `{one.name}` does", one) for one in open_)
    return "UNKNOWN", [unknown(text, *(one.effect.evidence if one.effect else ())) for text, one in texts]


def _has_more_to_do(flow: Flow, state: State) -> bool:
    """Say whether work that can fail follows a state when it succeeds, around it where it ends its scope."""
    ways: dict[str, list[str]] = {}
    for way in flow.transitions:
        if way.on not in ("catch", "failure"):
            ways.setdefault(way.source, []).append(way.target)
    at = state
    while True:
        pending, seen = list(ways.get(at.id, ())), {at.id}
        while pending:
            id_ = pending.pop()
            found = flow.states.get(id_)
            if found is None or id_ in seen:
                continue
            if found.works:
                return True
            seen.add(id_)
            pending += ways.get(id_, ())
        if at.parent not in flow.states:
            return False
        at = flow.states[at.parent]


# Files beside it ---------------------------------------------------------------------------------


def _tested(flow: Flow, context: PlanContext) -> tuple[Answer, list[Claim]]:
    """A test that names the workflow and where each failure leads shows both; a mere name shows nothing."""
    found = list(_tests(flow, context))
    if not found:
        return "UNKNOWN", [unknown("whether it is tested: no test names it", flow.where)]
    texts = [source.text for source, _ in found]
    ways = [way for way in flow.transitions if way.on in ("catch", "failure")]
    wanted = {flow.title(way.target): way.claim for way in ways if way.target in flow.states}
    missing = [
        unknown(f"whether a test goes to `{name}`: none names it", *claim.evidence)
        for name, claim in wanted.items()
        if not any(name in text for text in texts)
    ]
    named_ = [fact(f"`{source.path}` names it", where) for source, where in found[:3]]
    if missing:
        return "UNKNOWN", [*missing, *named_]
    shown = [
        derived(f"`{source.path}` names it, and where each failure leads", where)
        for source, where in found[:3]
    ]
    if not wanted:
        return "UNKNOWN", [
            *named_,
            unknown("whether a failing run is tested: it has no way for one", flow.where),
        ]
    return "PASS", shown


def _tests(flow: Flow, context: PlanContext) -> Iterator[tuple[SourceFile, Evidence]]:
    """Yield the tests that name the workflow or its file, with the line."""
    file = flow.path.rpartition("/")[2]
    names = [name for name in (file, flow.name) if len(name) > 3]
    for path in sorted(path for path in context.after.paths if _is_test(path))[:_MOST_TESTS]:
        source = context.after.read(path)
        if source is None or len(source.text) > _LONGEST_TEST or path == flow.path:
            continue
        at = next((found for name in names if (found := source.text.find(name)) >= 0), -1)
        if at >= 0:
            yield source, Evidence(path=path, line=source.text.count("\n", 0, at) + 1)


def _is_test(path: str) -> bool:
    parts: Sequence[str] = path.lower().split("/")
    return (
        any(part in ("test", "tests", "spec", "specs", "__tests__") for part in parts[:-1])
        or "test" in parts[-1]
    )


def _documented(flow: Flow, context: PlanContext) -> tuple[Answer, list[Claim]]:
    wanted = (flow.path, flow.path.rpartition("/")[2])
    for path in sorted(context.after.paths):
        if not path.endswith((".md", ".markdown", ".rst", ".adoc")):
            continue
        source = context.after.read(path)
        at = next(
            (found for name in wanted if source is not None and (found := source.text.find(name)) >= 0), -1
        )
        if source is not None and at >= 0:
            line = source.text.count("\n", 0, at) + 1
            return "PASS", [fact(f"`{path}` names it", Evidence(path=path, line=line))]
    return "UNKNOWN", [unknown("where it is described: no document that is read names its file", flow.where)]
