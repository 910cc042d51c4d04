"""What differs in workloads: images, replicas, strategy, probes, names of variables, and the rest by name."""

from collections.abc import Iterator

from rollsafe.artefacts.images import parse_image
from rollsafe.artefacts.kubernetes import Container
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence
from rollsafe.plans.contribution import (
    Contribution,
    PlanContext,
    derived,
    evidence,
    fact,
    place_in,
    row,
)
from rollsafe.plans.model import Change, Claim, Reversible
from rollsafe.workspace.overlays import Rendered, Setting
from rollsafe.workspace.rollout import Scope, Touched

_PROBES = ("readinessProbe", "livenessProbe", "startupProbe")
_MOST_PATHS = 3
_MOST_NAMES = 4
_MAX_LEAVES = 5_000


def contribute(context: PlanContext, total: Contribution) -> None:
    """Add the rows of all workloads that differ, and what the title says about them."""
    named: dict[str, list[str]] = {}
    for touched in context.rollout.workloads:
        total.changes += _rows(context, touched)
        named.setdefault(_news(context, touched), []).append(touched.current.name)
    total.subjects += (f"{_listed(names)} {news}".strip() for news, names in named.items())


def _listed(names: list[str]) -> str:
    most = names[:_MOST_NAMES]
    more = [f"{len(names) - len(most)} more"] if len(names) > len(most) else []
    *first, last = [*most, *more]
    return f"{', '.join(first)} and {last}" if first else last


def version_of(image: str | None) -> str:
    """Return the short form of an image: its tag or digest, the name where there is neither."""
    if image is None:
        return "?"
    reference = parse_image(image)
    if reference.digest:
        return reference.digest[:19]
    return reference.tag or f"{reference.name} (untagged)"


def image_of(one: Rendered | None, container: Container) -> Setting | None:
    """Return the image of the container of that name in a workload."""
    if one is None:
        return None
    own = next((c for c in one.containers if c.name == container.name), None)
    return one.image_of(own) if own is not None else None


def _news(context: PlanContext, touched: Touched) -> str:
    """Return what the title says of a workload besides its name: `1.8.0 → 1.9.0`."""
    if touched.is_restart:
        return "(restart)"
    if context.rollout.scope is Scope.REDEPLOY:
        return ""
    if touched.after is None:
        return "removed"
    main = next(iter(touched.containers), None)
    after = image_of(touched.after, main) if main is not None else None
    before = image_of(touched.before, main) if main is not None else None
    if after is None or (before is not None and before.text == after.text):
        return ""
    return (
        version_of(after.text) if before is None else f"{version_of(before.text)} → {version_of(after.text)}"
    )


def _rows(context: PlanContext, touched: Touched) -> Iterator[Change]:
    if touched.is_restart:
        return
    if not touched.is_changed:
        if context.rollout.scope is Scope.WHOLE and touched.after is not None:
            yield from _images(touched, unknown_before=True)
        return
    if touched.after is None or touched.before is None:
        yield _whole(context, touched)
        return
    rows = [
        *_images(touched),
        *_settings(touched, touched.before, touched.after),
        *_containers(touched, touched.before, touched.after),
    ]
    yield from rows
    rest = _other_paths(touched.before, touched.after)
    if rest or not rows:
        yield _rest(touched, rest)


def _whole(context: PlanContext, touched: Touched) -> Change:
    one = touched.current
    node, workload = one.key, one.workload
    if touched.after is None:
        return Change(
            node=node,
            kind="workload",
            before="there",
            after=None,
            reversible="yes",
            claim=fact("gone since the base", context.old(workload, workload.title_node)),
        )
    images = ", ".join(version_of(image.text) for c in one.containers if (image := one.image_of(c)))
    return Change(
        node=node,
        kind="workload",
        before=None,
        after=images or "new",
        reversible="yes",
        claim=fact("new since the base", evidence(workload, workload.title_node)),
    )


def _images(touched: Touched, *, unknown_before: bool = False) -> Iterator[Change]:
    assert touched.after is not None
    several = len(touched.containers) > 1
    for container in touched.containers:
        after, before = touched.after.image_of(container), image_of(touched.before, container)
        if after is None or (before is not None and before.text == after.text):
            continue
        old, new = _short_pair(before.text if before is not None else None, after.text)
        node = f"{touched.current.key}, {container.name}" if several else touched.current.key
        yield Change(
            node=node,
            kind="image",
            before="unknown" if unknown_before else old,
            after=new,
            reversible=_image_way_back(before),
            claim=fact("image", place_in(after.file, after.where)),
        )


def _short_pair(before: str | None, after: str) -> tuple[str | None, str]:
    """Return two images by what differs: only the tags where the name is the same."""
    if before is None:
        return None, after
    one, other = parse_image(before), parse_image(after)
    same = (one.registry, one.repository) == (other.registry, other.repository)
    return (version_of(before), version_of(after)) if same else (before, after)


def _image_way_back(before: Setting | None) -> Reversible:
    if before is None:
        return "unknown"
    reference = parse_image(before.text)
    return "unknown" if reference.is_floating or reference.has_dynamic_version else "yes"


def _settings(touched: Touched, before: Rendered, after: Rendered) -> Iterator[Change]:
    pairs = (
        ("replicas", _number(before), _number(after), after.replicas),
        ("strategy", before.strategy, after.strategy, after.setting("spec", "strategy", "type")),
        ("maxSurge", *_both(before, after, "maxSurge")),
        ("maxUnavailable", *_both(before, after, "maxUnavailable")),
        ("schedule", *_plain(before, after, "spec", "schedule")),
        ("namespace", before.namespace, after.namespace, None),
    )
    for kind, old, new, where in pairs:
        if old != new:
            yield Change(
                node=touched.current.key,
                kind=kind,
                before=old,
                after=new,
                reversible="yes",
                claim=_claim(kind, after, where),
            )


def _claim(kind: str, after: Rendered, where: Setting | None) -> Claim:
    if where is None:
        return derived(kind, evidence(after.workload, after.workload.title_node))
    return fact(kind, place_in(where.file, where.where))


def _number(one: Rendered) -> str | None:
    return str(one.replica_count) if one.replica_count is not None else None


def _both(before: Rendered, after: Rendered, key: str) -> tuple[str | None, str | None, Setting | None]:
    return _plain(before, after, "spec", "strategy", "rollingUpdate", key)


def _plain(before: Rendered, after: Rendered, *path: str) -> tuple[str | None, str | None, Setting | None]:
    old, new = before.setting(*path), after.setting(*path)
    return (old.text if old else None), (new.text if new else None), new


def _containers(touched: Touched, before: Rendered, after: Rendered) -> Iterator[Change]:
    previous = {container.name: container for container in before.containers}
    for container in after.containers:
        node = f"{touched.current.key}, {container.name}"
        was = previous.pop(container.name, None)
        if was is None:
            claim = fact("new since the base", evidence(container, container.title_node))
            yield row(node, "container", claim, after="new")
        else:
            yield from _differences(node, before, was, after, container)
    for name in previous:
        claim = derived("gone", evidence(after.workload))
        yield row(f"{touched.current.key}, {name}", "container", claim, before="there")


def _differences(
    node: str, before: Rendered, was: Container, after: Rendered, container: Container
) -> Iterator[Change]:
    here = evidence(container, container.title_node)
    for probe in _PROBES:
        had, has = before.has(was, probe), after.has(container, probe)
        if had != has:
            yield row(node, probe, fact(probe, here), _there(had), _there(has))
    old, new = {v.name for v in was.env}, {v.name for v in container.env}
    if old != new:
        yield row(node, "variables", fact("variables by name", here), _names(old - new), _names(new - old))


def _there(is_there: object) -> str | None:
    return "there" if is_there else None


def _names(names: set[str]) -> str | None:
    return ", ".join(sorted(names)) or None


def _rest(touched: Touched, paths: list[str]) -> Change:
    assert touched.after is not None
    shown = ", ".join(paths[:_MOST_PATHS]) or "definition"
    more = f" and {len(paths) - _MOST_PATHS} more" if len(paths) > _MOST_PATHS else ""
    workload = touched.after.workload
    return Change(
        node=touched.current.key,
        kind="settings",
        before=None,
        after=f"{shown}{more} differ",
        reversible="yes",
        claim=fact("definition", evidence(workload, workload.title_node)),
    )


def _other_paths(before: Rendered, after: Rendered) -> list[str]:
    """Return the paths of values that differ and have no row of their own; values are not looked at here."""
    old, new = (dict(_leaves(one.workload.node)) for one in (before, after))
    differing = {path for path in old.keys() | new.keys() if old.get(path) != new.get(path)}
    told = ("image", "replicas", "schedule", "maxSurge", "maxUnavailable", "namespace")
    return sorted(
        path
        for path in differing
        if path.rpartition(".")[2] not in told
        and not any(f".{probe}" in path for probe in _PROBES)
        and "strategy.type" not in path
        and not path.endswith((".name", "env.value"))
    )


def _leaves(root: Node) -> Iterator[tuple[str, str]]:
    """Yield paths and texts of scalars; items of lists go by their name where they have one."""
    stack: list[tuple[str, Node]] = [("", root)]
    for _ in range(_MAX_LEAVES):
        if not stack:
            return
        path, node = stack.pop()
        if isinstance(node, Scalar):
            yield path, node.text
        elif isinstance(node, Mapping):
            stack += [(f"{path}.{name}".lstrip("."), value) for name, value in node.pairs()]
        elif isinstance(node, Sequence):
            for at, item in enumerate(node.items_at()):
                stack.append((f"{path}.{item.text_at('name') or at}", item))
