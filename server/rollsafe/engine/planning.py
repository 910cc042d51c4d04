"""Makes plans of every kind: gathers what a plan may look at and asks the agent that answers for the kind.

Plan models are imported here, so nothing that only checks files imports this module.
"""

import os
import pkgutil
from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Final, cast

from rollsafe.artefacts.registry import is_candidate, read
from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.assembly import assemble, frame_of
from rollsafe.engine.discovery import installed_agents
from rollsafe.engine.moment import Moment
from rollsafe.plans.contribution import (
    ChangedFile,
    Contribute,
    Contribution,
    FindingFact,
    PlanContext,
)
from rollsafe.plans.kind import PlanKind, PlanRequest, PlanRequestError
from rollsafe.plans.model import DeploymentPlan, Evidence, PlanDocument
from rollsafe.text import nearest
from rollsafe.text.records import replace
from rollsafe.workspace.disk import read_file
from rollsafe.workspace.facts import Base
from rollsafe.workspace.graph import Graph, GraphStore
from rollsafe.workspace.owners import code_owners
from rollsafe.workspace.rollout import rollout_of
from rollsafe.workspace.snapshot import Snapshot
from rollsafe.workspace.view import View

__all__ = [
    "PlanKind",
    "PlanRequest",
    "PlanRequestError",
    "kind_named",
    "kind_names",
    "make_plan",
    "plan_kinds",
    "with_documents",
]

OnProgress = Callable[[str, int, int], None]

_LONGEST_DOCUMENT: Final = 20_000_000
"""Bytes of a file that an option names; more of it is not read."""


@cache
def kind_names() -> tuple[str, ...]:
    """Return the names of the kinds of plans of the installed agents, sorted; none of them is imported."""
    return tuple(sorted(_modules()))


@cache
def plan_kinds() -> tuple[PlanKind, ...]:
    """Return the kinds of plans of the installed agents, by name."""
    return tuple(_kind(name) for name in kind_names())


def kind_named(name: str) -> PlanKind:
    """Return the kind of plan of that name.

    Raises:
        PlanRequestError: there is none; the line names the nearest.
    """
    known = kind_names()
    if name in known:
        return _kind(name)
    close = nearest(name, known)
    raise PlanRequestError(
        f"no plan `{name}`" + (f"; nearest: `{close}`" if close else f"; there are {', '.join(known)}")
    )


def with_documents(kind: PlanKind, request: PlanRequest, directory: str) -> PlanRequest:
    """Return the request with the texts of the files its options name, as seen from `directory`.

    Raises:
        PlanRequestError: a file cannot be read, or is no text.
    """
    names = [one.name for one in kind.options if one.is_file and request.one(one.name) is not None]
    texts = {name: _text_of(request.one(name) or "", directory) for name in names}
    return replace(request, documents={**request.documents, **texts})


def make_plan(
    kind: PlanKind,
    moment: Moment,
    request: PlanRequest | None = None,
    *,
    base: Base | None = None,
    changed: Iterable[str] | None = None,
    environment: str | None = None,
    on_progress: OnProgress | None = None,
) -> PlanDocument:
    """Make a plan of the project as it was at a moment.

    `changed` names the project paths that differ from `base`; None means there is no base and the whole
    workspace counts. `on_progress` is told what is being worked on, how many parts are done, and of how
    many; whatever it raises ends the planning.

    Raises:
        PlanRequestError: the request does not fit the kind or the project.
    """
    asked = request or PlanRequest()
    _check(kind, asked)
    report = on_progress or _silent
    of = len(installed_agents()) + 1
    report("Reading what changed", 0, of)
    bare = _context(moment, base or Base(), changed, environment)

    @cache
    def deployment() -> DeploymentPlan:
        return _deployment(bare, report)

    made = kind.make(replace(bare, deployment=deployment), asked)
    report("Writing the plan", of, of)
    return made


def _check(kind: PlanKind, request: PlanRequest) -> None:
    if kind.needs_subject and not request.subject and kind.instead not in request.options:
        other = f" or --{kind.instead}" if kind.instead else ""
        raise PlanRequestError(f"`{kind.name}` needs {kind.subject}{other}")
    if request.subject and not kind.subject:
        raise PlanRequestError(f"`{kind.name}` is about the whole project, not `{request.subject}`")
    known = {option.name for option in kind.options}
    for name in request.options:
        if name not in known:
            fits = ", ".join(f"`{one.name}`" for one in plan_kinds() if name in {o.name for o in one.options})
            raise PlanRequestError(
                f"`{name}` is no option of `{kind.name}`" + (f" but of {fits}" if fits else "")
            )


def _text_of(path: str, directory: str) -> str:
    try:
        with open(os.path.join(directory, path), "rb") as stream:
            return stream.read(_LONGEST_DOCUMENT).decode()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a text file"
        raise PlanRequestError(f"{path}: {reason}") from None


def _deployment(context: PlanContext, report: OnProgress) -> DeploymentPlan:
    agents = installed_agents()
    total = Contribution()
    for done, agent in enumerate(agents, 1):
        report(f"Asking the {agent.name}", done, len(agents) + 1)
        contribute = _contribution_of(agent.package)
        if contribute is not None:
            total.add(contribute(context))
    return assemble(context, total)


def _silent(_what: str, _done: int, _of: int) -> None:
    """Tell nobody."""


@cache
def _modules() -> dict[str, tuple[str, str]]:
    """Return the module of each kind of plan, and the agent that answers for it."""
    found: dict[str, tuple[str, str]] = {}
    for agent in installed_agents():
        if find_spec(f"{agent.package}.plans") is not None:
            package = import_module(f"{agent.package}.plans")
            for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
                found[info.name.rpartition(".")[2].replace("_", "-")] = info.name, agent.name
    return found


@cache
def _kind(name: str) -> PlanKind:
    module, agent = _modules()[name]
    kind = import_module(module).PLAN
    assert isinstance(kind, PlanKind), f"{module} holds no PLAN"
    return replace(kind, name=name, agent=agent)


def _contribution_of(package: str) -> Contribute | None:
    if find_spec(f"{package}.plan") is None:
        return None
    return cast("Contribute", import_module(f"{package}.plan").contribute)


def _context(
    moment: Moment, base: Base, changed: Iterable[str] | None, environment: str | None
) -> PlanContext:
    snapshot = moment.snapshot
    after = View(moment.artefacts, snapshot.paths, Graph(moment.store), _reading(snapshot))
    known = base.known and changed is not None
    paths = sorted(set(changed or ())) if known else sorted(snapshot.files)
    files = tuple(_changed_file(after, base, path) for path in paths) if known else ()
    before = _before(after, moment.store, base, files) if known else None
    target = environment or snapshot.settings.plan.environment
    return PlanContext(
        after=after,
        before=before,
        find_rollout=cache(lambda: rollout_of(after, before, paths, target)),
        changed=files,
        findings_in=_finding_facts(moment, base),
        settings=snapshot.settings,
        base=base if known else Base(),
        environment=target,
        owners=code_owners(after),
        frame=frame_of(snapshot),
    )


def _reading(snapshot: Snapshot) -> Callable[[str], SourceFile | None]:
    """Return what reads any file of a project: those that are judged are there, others come from disk.

    A file is read once, so that one plan sees one state of it; links are not followed.
    """
    others: dict[str, SourceFile | None] = {}

    def source(path: str) -> SourceFile | None:
        found = snapshot.files.get(path)
        if found is not None or path not in snapshot.paths:
            return found
        if path not in others:
            read_ = (
                None if os.path.islink(os.path.join(snapshot.root, path)) else read_file(snapshot.root, path)
            )
            others[path] = read_ if isinstance(read_, SourceFile) else None
        return others[path]

    return source


def _changed_file(after: View, base: Base, path: str) -> ChangedFile:
    old = base.read(path)
    now = after.artefacts.get(path)
    around = now.file.around if now is not None else None
    before = read(SourceFile(path, old, around)) if old is not None and is_candidate(path) else None
    return ChangedFile(path, before, now, is_new=old is None)


def _before(after: View, store: GraphStore, base: Base, changed: tuple[ChangedFile, ...]) -> View:
    """Return the project at the base: what did not change, and the old state of what did."""
    differing = {one.path for one in changed}
    old = {one.path: one.before for one in changed if one.before is not None}
    kept = {path: artefact for path, artefact in after.artefacts.items() if path not in differing}
    sources = {path: artefact.file for path, artefact in old.items()}

    def source(path: str) -> SourceFile | None:
        if path not in differing:
            return after.read(path)
        if path not in sources and (text := base.read(path)) is not None:
            sources[path] = SourceFile(path, text)
        return sources.get(path)

    before = store.branch()
    before.set_paths(base.list_paths())
    for one in changed:
        before.update(one.path, one.before.elements if one.before is not None else ())
    return View({**kept, **old}, base.list_paths(), Graph(before), source)


def _finding_facts(moment: Moment, base: Base) -> Callable[[Iterable[str]], list[FindingFact]]:
    findings_in = moment.judging(base)

    def facts_in(paths: Iterable[str]) -> list[FindingFact]:
        return [
            FindingFact(
                rule=found.rule.name,
                agent=found.rule.agent,
                severity=found.severity.value,
                message=found.message,
                evidence=Evidence(path=found.path, line=found.file.line_number(found.span)),
            )
            for found in findings_in(paths)
        ]

    return facts_in
