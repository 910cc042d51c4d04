"""What differs besides workloads: Compose services, charts, base images, and code by its directory."""

from collections.abc import Iterator

from rollsafe.artefacts.compose import ComposeService
from rollsafe.artefacts.dockerfile import Dockerfile
from rollsafe.artefacts.kubernetes import Container
from rollsafe.plans.contribution import (
    ChangedFile,
    Contribution,
    PlanContext,
    derived,
    evidence,
    fact,
    row,
)
from rollsafe.plans.model import Change, Claim, Evidence
from rollsafe.workspace.histories import unread_migrations
from rollsafe.workspace.rollout import Scope, TouchedService
from rollsafe_agents.deployment_orchestrator.sections import settings_changes
from rollsafe_agents.deployment_orchestrator.sections.workload_changes import version_of

_KINDS_WITH_ROWS = frozenset(
    {
        "kubernetes",
        "kustomization",
        "compose",
        "migration",
        "github-workflow",
        "step-functions",
        "dotenv",
        "plan-document",
        "codeowners",
    }
)


def contribute(context: PlanContext, total: Contribution) -> None:
    """Add the rows."""
    for service in context.rollout.services:
        total.changes += _service_rows(context, service)
        total.subjects += _service_subjects(context, service)
    if context.rollout.scope is Scope.CHANGES:
        for changed in context.changed:
            found = list(settings_changes.rows(context, changed))
            total.changes += found
            versions = (one for one in found if one.kind == "chart value")
            total.subjects += (f"{changed.path} {one.before or '–'} → {one.after}" for one in versions)
            total.changes += _base_image_rows(context, changed)
        total.changes += _code_rows(context)
        total.told += (path for paths in code_homes(context).values() for path in paths)
        total.strategy += _unreleased(context)


def code_homes(context: PlanContext) -> dict[str, list[str]]:
    """Return the changed files without a view of their own by the directory of the Dockerfile above them."""
    homes = {one.file.directory for one in context.after.elements(Dockerfile)}
    found: dict[str, list[str]] = {}
    migrations = set(unread_migrations((one.path for one in context.changed), context.after))
    for changed in context.changed:
        if _has_rows(changed) or changed.path in migrations or not changed.ships:
            continue
        if settings_changes.holds_values(context, changed.path):
            continue
        parts = changed.path.split("/")
        above = ("/".join(parts[:depth]) for depth in range(len(parts) - 1, -1, -1))
        home = next((directory for directory in above if directory in homes), None)
        if home is not None:
            found.setdefault(home, []).append(changed.path)
    return found


def _has_rows(changed: ChangedFile) -> bool:
    view = changed.after or changed.before
    return view is not None and view.kind in _KINDS_WITH_ROWS


# Compose -----------------------------------------------------------------------------------------


def _service_subjects(context: PlanContext, service: TouchedService) -> Iterator[str]:
    current = service.current
    old = _image(service.before)
    new = _image(service.after)
    if context.rollout.scope is Scope.CHANGES and old and new and old != new:
        yield f"{current.name} {version_of(old)} → {version_of(new)}"
    elif service.after is None:
        yield f"{current.name} removed"
    else:
        yield f"{current.name} (rebuilt)" if service.is_rebuilt else current.name


def _image(service: ComposeService | None) -> str | None:
    return service.image.raw if service is not None and service.image is not None else None


def _service_rows(context: PlanContext, service: TouchedService) -> Iterator[Change]:
    current = service.current
    here = evidence(current, current.key)
    if context.rollout.scope is Scope.WHOLE:
        yield Change(
            node=current.name,
            kind="service",
            before="unknown",
            after=_image(current) or "built here",
            reversible="unknown",
            claim=fact("service", here),
        )
        return
    if context.rollout.scope is Scope.REDEPLOY:
        return
    if service.before is None or service.after is None:
        there = service.after is not None
        yield Change(
            node=current.name,
            kind="service",
            before=None if there else "there",
            after=(_image(current) or "built here") if there else None,
            reversible="yes",
            claim=fact("service", here if there else context.old(current, current.key)),
        )
        return
    yield from _service_differences(service.before, service.after, here)
    if service.is_rebuilt:
        yield Change(
            node=current.name,
            kind="build",
            before=None,
            after="built from other files",
            reversible="yes",
            claim=derived("files of its build context differ", here),
        )


def _service_differences(before: ComposeService, after: ComposeService, here: Evidence) -> Iterator[Change]:
    rows = list(_telling_differences(before, after, here))
    yield from rows
    keys = sorted(_differing_keys(before, after) - {"image", "environment", "deploy"})
    if keys or (not rows and before.file.slice(before) != after.file.slice(after)):
        told = f"{', '.join(keys) or 'definition'} differ"
        yield row(after.name, "settings", fact("definition", here), after=told)


def _telling_differences(before: ComposeService, after: ComposeService, here: Evidence) -> Iterator[Change]:
    name, old, new = after.name, _image(before), _image(after)
    if old != new:
        where = evidence(after, after.image_node) if after.image_node is not None else here
        yield row(name, "image", fact("image", where), old, new)
    if before.replicas != after.replicas:
        claim = fact("replicas", here)
        yield row(name, "replicas", claim, _or_none(before.replicas), _or_none(after.replicas))
    gone = {v.name for v in before.environment} - {v.name for v in after.environment}
    added = {v.name for v in after.environment} - {v.name for v in before.environment}
    if gone or added:
        claim = fact("variables by name", here)
        yield row(name, "variables", claim, _names(gone), _names(added))


def _names(names: set[str]) -> str | None:
    return ", ".join(sorted(names)) or None


def _differing_keys(before: ComposeService, after: ComposeService) -> set[str]:
    def texts(service: ComposeService) -> dict[str, str]:
        return {entry.name: service.file.slice(entry) for entry in service.node.entries}

    old, new = texts(before), texts(after)
    return {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}


def _or_none(number: int | None) -> str | None:
    return str(number) if number is not None else None


# Dockerfiles --------------------------------------------------------------------------


def _base_image_rows(context: PlanContext, changed: ChangedFile) -> Iterator[Change]:
    if changed.before is None or changed.after is None or context.before is None:
        return
    old = context.before.inside(changed.path, Dockerfile)
    new = context.after.inside(changed.path, Dockerfile)
    for before, after in zip(old, new, strict=False):
        was = before.final_stage.root.image if before.final_stage is not None else None
        stage = after.final_stage
        now = stage.root.image if stage is not None else None
        if stage is not None and was is not None and now is not None and was.raw != now.raw:
            yield Change(
                node=changed.path,
                kind="base image",
                before=was.raw,
                after=now.raw,
                reversible="yes",
                claim=fact("FROM", evidence(after, stage.root.title_span)),
            )


# Code --------------------------------------------------------------------------------------------


def _code_rows(context: PlanContext) -> Iterator[Change]:
    built = {one.current.build.context for one in context.rollout.services if one.current.build is not None}
    for home, paths in sorted(code_homes(context).items()):
        if home in built:
            continue
        count = f"{len(paths)} files differ" if len(paths) > 1 else "1 file differs"
        yield Change(
            node=home or ".",
            kind="code",
            before=None,
            after=count,
            reversible="yes",
            claim=_first(context, paths),
        )


def _unreleased(context: PlanContext) -> Iterator[Claim]:
    """Yield the code that differs although the image that would hold it is named as before."""
    for home, paths in sorted(code_homes(context).items()):
        name = home.rpartition("/")[2]
        for container in context.after.elements(Container):
            image = container.image
            if image is None or image.name != name or container.file.path not in context.rollout.files:
                continue
            if not any(
                container.workload.name == one.current.workload.name for one in context.rollout.workloads
            ):
                workload = container.workload.name
                yield derived(
                    f"code of `{home}` differs, but `{workload}` still names `{image.tag or image.raw}`: it"
                    " goes on with the old code until the tag differs, too",
                    _first(context, paths).evidence[0],
                    evidence(container, container.title_node),
                )
                break


def _first(context: PlanContext, paths: list[str]) -> Claim:
    there = next((path for path in paths if path in context.after.paths), None)
    if there is not None:
        return fact("the first of them", Evidence(path=there, line=1))
    return fact("the first of them", Evidence(path=paths[0], line=1, commit=context.old_ref))
