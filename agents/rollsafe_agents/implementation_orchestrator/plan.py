"""The implementation orchestrator's part of a plan: what has to be asked, and which documents speak of it."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.migrations.operations import (
    DropColumn,
    DropTable,
    Operation,
    RenameColumn,
    RenameTable,
)
from rollsafe.artefacts.plan_document import ROLLBACK, VALIDATION, PlanDocument, Topic
from rollsafe.plans.commands import access_for, line
from rollsafe.plans.contribution import (
    Contribution,
    DraftStep,
    Phase,
    PlanContext,
    derived,
    evidence,
    fact,
    unknown,
)
from rollsafe.plans.model import Claim, Evidence
from rollsafe.workspace.histories import Assessed, assess
from rollsafe.workspace.owners import owner_of
from rollsafe.workspace.rollout import Scope

_MOST_NAMES: Final = 3
_MOST_DOCUMENTS: Final = 3
_CLUSTER_TOOLS: Final = ("kubectl", "helm")
_TOPICS: Final[tuple[tuple[Topic, str], ...]] = (
    (ROLLBACK, "how to go back"),
    (VALIDATION, "how to see that it worked"),
)


def contribute(context: PlanContext) -> Contribution:
    """Return open questions with the file that would answer them, and plan documents to read."""
    total = Contribution()
    new = [one for history in context.rollout.histories for one in history.new if history.is_pending_known]
    assessed = [assess(one, context.after, context.postgres_version) for one in new]
    total.steps += _still_used(context, assessed)
    total.preconditions += _documents(context)
    total.unknowns += _owners(context)
    total.unknowns += _untold(context)
    return total


# Questions ---------------------------------------------------------------------------------------


def _still_used(context: PlanContext, assessed: list[Assessed]) -> Iterator[DraftStep]:
    """Yield the search for code that still uses what a migration takes away."""
    gone = [(one, name, place) for one in assessed for name, place in _gone(one)]
    for one, name, place in gone[:_MOST_NAMES]:
        home = one.migration.convention.home
        command = line(
            "git",
            "grep",
            "--line-number",
            "--word-regexp",
            "--fixed-strings",
            name,
            "--",
            ".",
            f":(exclude){home or one.migration.file.path}",
        )
        yield DraftStep(
            Phase.GATES,
            f"see that nothing uses `{name}` any more",
            command,
            derived(f"`{one.migration.file.path}` takes it away, and code is not read", place),
            "no output; every line it prints is code that fails then",
            access_for(command),
        )


def _gone(one: Assessed) -> Iterator[tuple[str, Evidence]]:
    for deed in one.deeds:
        name = _name_of(deed.operation)
        if name:
            yield name, evidence(deed.statement, deed.operation)


def _name_of(operation: Operation) -> str:
    match operation:
        case DropColumn() | RenameColumn():
            return operation.column
        case DropTable() | RenameTable():
            return operation.table.name
        case _:
            return ""


def _owners(context: PlanContext) -> Iterator[Claim]:
    paths = [one.file.path for history in context.rollout.histories for one in history.new]
    paths += [one.current.workload.file.path for one in context.rollout.kept]
    paths += [one.current.file.path for one in context.rollout.services]
    if not paths:
        return
    if context.owners is None:
        yield unknown("who answers for this: a `CODEOWNERS` file would say")
        return
    silent = [path for path in paths if owner_of(path, context.owners) is None]
    if silent:
        directory = silent[0].rpartition("/")[0] or "."
        yield unknown(f"who answers for `{directory}`: `{context.owners.file.path}` has no entry for it")


def _untold(context: PlanContext) -> Iterator[Claim]:
    """Yield what the deliveries leave open."""
    for one in context.rollout.kept:
        if (one.current.namespace or one.delivery.namespace) is None and one.delivery.tool in _CLUSTER_TOOLS:
            name = one.current.name
            yield unknown(
                f"the namespace of `{name}`: neither files nor command name one, so the context's counts"
            )
            break
    for delivery, path in context.rollout.missing:
        where = Evidence(path=delivery.file.path, line=delivery.file.line_number(delivery.where))
        yield unknown(
            f"what `{path}` is: `{delivery.file.path}` deploys it, and it is not in the repository", where
        )


# Documents ---------------------------------------------------------------------------------------


def _documents(context: PlanContext) -> Iterator[Claim]:
    """Yield the live plans that name something of this deployment, and what they do not say."""
    names = {one.current.workload.name for one in context.rollout.kept}
    names |= {one.current.name for one in context.rollout.services}
    live = [one for one in context.after.elements(PlanDocument) if one.is_live]
    found = 0
    for document in live:
        place = next(document.places_naming(names), None)
        changed = document.file.path in context.rollout.changed and context.rollout.scope is Scope.CHANGES
        if (place is None and not changed) or found >= _MOST_DOCUMENTS:
            continue
        found += 1
        word, where = place if place is not None else ("", document.title_node)
        lacking = [words for topic, words in _TOPICS if not document.speaks_of(topic)]
        about = f" speaks of `{word}`" if word else " differs"
        missing = f"; it does not say {' or '.join(lacking)}" if lacking else ""
        yield fact(f"read `{document.file.path}`: it{about}{missing}", evidence(document, where))
