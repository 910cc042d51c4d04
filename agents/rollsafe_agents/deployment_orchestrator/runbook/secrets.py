"""How secrets are rotated, by name: where the new value goes, who has to start again."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Reference, Secret
from rollsafe.plans.cluster import kubectl, rollout_status
from rollsafe.plans.commands import line
from rollsafe.plans.contribution import PlanContext, assumed, derived, evidence, fact, place_in, unknown
from rollsafe.plans.model import Claim
from rollsafe.text import Span
from rollsafe.workspace.configuration import config_sources
from rollsafe.workspace.delivery import deploying_jobs
from rollsafe.workspace.pipeline_context import environment_of
from rollsafe.workspace.rollout import Touched
from rollsafe_agents.deployment_orchestrator.runbook.model import Chore, SecretPage
from rollsafe_agents.deployment_orchestrator.sections.cluster_steps import ROLLING, namespace_of

_IN_PIPELINE: Final = re.compile(r"\$\{\{\s*secrets\.(?P<name>[A-Za-z_]\w*)\s*\}\}")
_BUILT_IN: Final = frozenset({"GITHUB_TOKEN", "github_token"})
_READY: Final = "`successfully rolled out`, exit code 0"
_REVOKE: Final = "take the old value back where it was issued"


def secrets_of(context: PlanContext, one: Touched) -> Iterator[SecretPage]:
    """Yield the Secrets a workload reads."""
    found: dict[str, list[Reference]] = {}
    for reference in one.current.workload.references:
        if reference.kind == "Secret" and reference.is_static:
            found.setdefault(reference.name, []).append(reference)
    for name, references in found.items():
        source, kind = _written_by(context, one, references[0])
        keys = sorted({reference.key for reference in references if reference.key})
        yield SecretPage(
            name=name,
            keys=tuple(keys),
            source=source,
            chores=tuple(_rotation(context, one, references[0], source, kind)),
        )


def pipeline_secrets(context: PlanContext) -> list[SecretPage]:
    """Return the secrets that the jobs which deploy take from the forge."""
    found: dict[str, SecretPage] = {}
    for job in deploying_jobs(context.after, context.environment):
        environment = environment_of(job, context.after.graph)
        target = environment.name if environment is not None and "$" not in environment.name else None
        for match in _IN_PIPELINE.finditer(job.file.text, job.start, job.end):
            name = match["name"]
            if name not in _BUILT_IN:
                where = place_in(job.file, Span(match.start(), match.end()))
                claim = fact(f"job `{job.id}` of `{job.file.name}` takes it", where)
                found.setdefault(name, _of_forge(name, target, claim))
    return [found[name] for name in sorted(found)]


def _of_forge(name: str, environment: str | None, claim: Claim) -> SecretPage:
    where = ("--env", environment) if environment else ()
    chores = (
        Chore(
            text="set the new value: it asks for it, and shows nothing",
            command=line("gh", "secret", "set", name, *where),
            expected="`Set` or `✓`",
            claim=claim,
        ),
        Chore(text=_REVOKE, command=None, expected="the old value is refused", claim=claim),
    )
    return SecretPage(name=name, keys=(), source=claim, chores=chores)


def _written_by(context: PlanContext, one: Touched, reference: Reference) -> tuple[Claim, str]:
    """Return what makes a Secret, and the kind of thing that does; empty where no file does."""
    graph, workload = context.after.graph, one.current.workload
    for thing in graph.find(Secret, f"Secret/{reference.name}"):
        if thing.shares_namespace(workload):
            return fact(
                f"{thing.kind} `{thing.name}` makes it", evidence(thing, thing.title_node)
            ), thing.kind
    for source in config_sources(workload, reference, graph):
        return fact(
            "a generator of the kustomization makes it", place_in(source.file, source.where)
        ), "generator"
    where = evidence(workload, reference.name_node)
    return unknown(f"what makes Secret `{reference.name}`: no file of the repository does", where), ""


def _rotation(
    context: PlanContext, one: Touched, reference: Reference, source: Claim, kind: str
) -> Iterator[Chore]:
    namespace = namespace_of(one.delivery, [one])
    where = evidence(one.current.workload, reference.name_node)
    names = kubectl(namespace, "describe", "secret", reference.name)
    yield Chore(
        text="see which keys there are",
        command=names,
        expected="names and sizes, no values",
        claim=fact("it is read", where),
    )
    yield _new_value(namespace, reference.name, source, kind)
    for reader in _readers(context, reference.name):
        place = namespace_of(reader.delivery, [reader])
        claim = derived("a pod reads its variables once, when it starts", where)
        key = reader.current.key
        yield Chore(
            text=f"restart `{reader.current.name}`, which reads it",
            command=kubectl(place, "rollout", "restart", key),
            expected="`restarted`",
            claim=claim,
        )
        yield Chore(text="wait", command=rollout_status(place, key), expected=_READY, claim=claim)
    yield Chore(
        text=_REVOKE,
        command=None,
        expected="the old value is refused",
        claim=assumed("whoever issued it knows how"),
    )


def _new_value(namespace: str | None, name: str, source: Claim, kind: str) -> Chore:
    match kind:
        case "ExternalSecret":
            sync = kubectl(namespace, "annotate", "externalsecret", name, "force-sync=$NOW", "--overwrite")
            text = "set the new value in the store it comes from, then fetch it; `NOW` is any new text"
            return Chore(text=text, command=sync, expected="`annotated`", claim=source)
        case "SealedSecret":
            text = "seal the new value with `kubeseal`, write it into the file and deliver it"
            return Chore(text=text, command=None, expected="the controller has unsealed it", claim=source)
        case "Secret" | "generator":
            text = "write the new value where it comes from and deliver it"
            return Chore(text=text, command=None, expected="`configured`", claim=source)
        case _:
            command = kubectl(namespace, "edit", "secret", name)
            text = "set the new value where it comes from; only if that is here: in the editor, as base64"
            return Chore(text=text, command=command, expected="`edited`", claim=source)


def _readers(context: PlanContext, name: str) -> list[Touched]:
    """Return the workloads that have to start again for a new value."""
    return [
        one
        for one in context.rollout.kept
        if one.current.kind in ROLLING
        and any(r.kind == "Secret" and r.name == name for c in one.containers for r in c.references)
    ]
