"""What a deployment touches: the deliveries of an environment, compared with the base."""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from rollsafe.artefacts.compose import ComposeFile, ComposeService
from rollsafe.artefacts.kubernetes import ConfigMap, Container, KubernetesObject, Kustomization, Workload
from rollsafe.text.cached import cached_property
from rollsafe.text.records import field, open_record, state
from rollsafe.workspace.delivery import Delivery, Means, deliveries, missing_paths
from rollsafe.workspace.dependencies import Call, calls_between
from rollsafe.workspace.histories import History, histories
from rollsafe.workspace.overlays import Rendered, Rendering, render_directory, render_files
from rollsafe.workspace.view import View


class Scope(StrEnum):
    """What a plan is about."""

    CHANGES = "changes"
    """What differs from the base."""
    REDEPLOY = "redeploy"
    """Nothing differs: what is there is deployed again."""
    WHOLE = "whole workspace"
    """There is no base to compare with."""


@open_record
class Touched:
    """A workload a delivery brings, before and after; `is_restart` when only its configuration differs."""

    delivery: Delivery
    before: Rendered | None
    after: Rendered | None
    is_changed: bool
    is_restart: bool = False

    @property
    def current(self) -> Rendered:
        """The workload as it will be, or as it was when it is removed."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def containers(self) -> tuple[Container, ...]:
        """The containers it will have."""
        return self.current.containers


@open_record
class TouchedService:
    """A Compose service a delivery brings, before and after."""

    delivery: Delivery
    before: ComposeService | None
    after: ComposeService | None
    is_changed: bool
    is_rebuilt: bool

    @property
    def current(self) -> ComposeService:
        """The service as it will be, or as it was when it is removed."""
        found = self.after or self.before
        assert found is not None
        return found


@open_record
class TouchedObject:
    """A Kubernetes object that is no workload, before and after; `delivery` is the one that brings it."""

    delivery: Delivery
    before: KubernetesObject | None
    after: KubernetesObject | None

    @property
    def current(self) -> KubernetesObject:
        """The object as it will be, or as it was when it is removed."""
        found = self.after or self.before
        assert found is not None
        return found


@open_record
class Rollout:
    """Everything the agents have to know about what is deployed where.

    `workloads` and `services` are those that differ, or all of them where nothing or everything does.
    `files` are the paths that take part in a delivery, `missing` what deliveries name that is not there.
    """

    scope: Scope
    after: View
    before: View | None
    changed: tuple[str, ...]
    deliveries: tuple[Delivery, ...] = ()
    missing: tuple[tuple[Delivery, str], ...] = ()
    workloads: tuple[Touched, ...] = ()
    services: tuple[TouchedService, ...] = ()
    objects: tuple[TouchedObject, ...] = ()
    all_objects: tuple[KubernetesObject, ...] = ()
    histories: tuple[History, ...] = ()
    files: frozenset[str] = frozenset()
    unread: tuple[str, ...] = ()

    @cached_property
    def deployed(self) -> tuple[Workload, ...]:
        """The workloads of everything that is delivered, touched or not, patches left out."""
        found = (one for path in sorted(self.files) for one in self.after.inside(path, Workload))
        return tuple(one for one in found if not one.is_patch and one.name)

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """Which of these workloads reach each other."""
        return tuple(calls_between(self.deployed, self.after))

    @cached_property
    def new_migrations(self) -> bool:
        """Whether there is a migration that is surely new, or may be pending."""
        return any(history.new for history in self.histories)

    @property
    def kept(self) -> tuple[Touched, ...]:
        """The touched workloads that are there afterwards."""
        return tuple(one for one in self.workloads if one.after is not None)


@state
class _Collected:
    """What comes together while the deliveries are gone through."""

    workloads: list[Touched] = field(default_factory=list[Touched])
    services: list[TouchedService] = field(default_factory=list[TouchedService])
    objects: list[TouchedObject] = field(default_factory=list[TouchedObject])
    all_objects: list[KubernetesObject] = field(default_factory=list[KubernetesObject])
    files: set[str] = field(default_factory=set[str])
    unread: list[str] = field(default_factory=list[str])


def rollout_of(after: View, before: View | None, changed: Iterable[str], environment: str) -> Rollout:
    """Return what deploying `after` to `environment` touches; `changed` are the paths that differ."""
    paths = tuple(sorted(changed))
    scope = Scope.WHOLE if before is None else Scope.CHANGES if paths else Scope.REDEPLOY
    found = deliveries(after, environment)
    absent = tuple((one, path) for one in found for path in missing_paths(one, after))
    broken = {id(one) for one, _ in absent}
    collected = _Collected()
    for one in found:
        if id(one) not in broken:
            collected.files.update({one.file.path, *([one.job.file.path] if one.job is not None else ())})
            _collect(one, after, before, scope, paths, collected)
    return Rollout(
        scope=scope,
        after=after,
        before=before,
        changed=paths,
        deliveries=tuple(one for one in found if id(one) not in broken),
        missing=absent,
        workloads=tuple(collected.workloads),
        services=tuple(collected.services),
        objects=tuple(collected.objects),
        all_objects=tuple(collected.all_objects),
        histories=tuple(histories(after, before, paths)),
        files=frozenset(collected.files),
        unread=tuple(dict.fromkeys(collected.unread)),
    )


def _collect(
    delivery: Delivery,
    after: View,
    before: View | None,
    scope: Scope,
    changed: tuple[str, ...],
    into: _Collected,
) -> None:
    into.files.update(_own_files(delivery, after))
    if delivery.means is Means.COMPOSE:
        into.services += _touched_services(delivery, after, before, scope, changed)
        return
    new = rendering_of(delivery, after)
    old = rendering_of(delivery, before) if before is not None else Rendering()
    into.files |= new.files | old.files
    into.unread += new.unread
    into.all_objects += new.objects
    objects = list(_touched_objects(delivery, new, old)) if scope is Scope.CHANGES else []
    into.objects += objects
    into.workloads += _touched_workloads(delivery, new, old, scope, objects)


def _own_files(delivery: Delivery, view: View) -> set[str]:
    """Return the paths a delivery names, and for a chart everything in it."""
    if delivery.means is Means.CHART:
        prefix = f"{delivery.path}/" if delivery.path else ""
        return {path for path in view.artefacts if path.startswith(prefix)} | set(delivery.values)
    return {path for path in delivery.paths if path in view.paths}


def rendering_of(delivery: Delivery, view: View) -> Rendering:
    """Return the workloads and objects a delivery brings into a cluster; nothing for other means."""
    match delivery.means:
        case Means.KUSTOMIZE:
            return render_directory(delivery.path, view)
        case Means.MANIFESTS:
            return render_files(_manifests(delivery.paths, view), view)
        case Means.CHART:
            prefix = f"{delivery.path}/templates/" if delivery.path else "templates/"
            return render_files([p for p in sorted(view.artefacts) if p.startswith(prefix)], view)
        case _:
            return Rendering()


def _manifests(paths: tuple[str, ...], view: View) -> list[str]:
    """Return the files `kubectl apply` reads for `paths`: a directory means the files right in it."""
    found: list[str] = []
    for path in paths:
        inside = (p for p in sorted(view.artefacts) if p.rpartition("/")[0] == path)
        found += [path] if path in view.artefacts else inside
    return [path for path in dict.fromkeys(found) if not view.inside(path, Kustomization)]


def _touched_workloads(
    delivery: Delivery, new: Rendering, old: Rendering, scope: Scope, objects: list[TouchedObject]
) -> Iterator[Touched]:
    previous = {one.key: one for one in old.workloads}
    for one in new.workloads:
        was = previous.pop(one.key, None)
        if scope is not Scope.CHANGES:
            yield Touched(delivery, was, one, is_changed=False)
        elif was is None or _signature(one) != _signature(was):
            yield Touched(delivery, was, one, is_changed=True)
        elif _reads_changed(one.workload, objects):
            yield Touched(delivery, was, one, is_changed=False, is_restart=True)
    if scope is Scope.CHANGES:
        yield from (Touched(delivery, was, None, is_changed=True) for was in previous.values())


def _signature(one: Rendered) -> tuple[object, ...]:
    """Return what two states of a workload are told apart by."""
    images = tuple(image.text if (image := one.image_of(c)) else "" for c in one.containers)
    patches = tuple(change.file.slice(change.node) for change in one.changes if change.where is None)
    inline = tuple(change.file.slice(change.where) for change in one.changes if change.where is not None)
    text = one.workload.file.slice(one.workload)
    return (text, one.namespace, one.replica_count, images, patches, inline)


def _reads_changed(workload: Workload, objects: list[TouchedObject]) -> bool:
    """Say whether the workload's environment is taken from a ConfigMap or Secret that differs."""
    changed = {
        (thing.provides, thing.provided_name)
        for one in objects
        if isinstance(thing := one.current, ConfigMap) and one.before is not None
    }
    references = (r for container in workload.all_containers for r in container.references)
    return any((reference.kind, reference.name) in changed for reference in references)


def _touched_objects(delivery: Delivery, new: Rendering, old: Rendering) -> Iterator[TouchedObject]:
    previous = {_identity(one): one for one in old.objects}
    for one in new.objects:
        was = previous.pop(_identity(one), None)
        if was is None or was.file.slice(was) != one.file.slice(one):
            yield TouchedObject(delivery, was, one)
    yield from (TouchedObject(delivery, was, None) for was in previous.values())


def _identity(one: KubernetesObject) -> tuple[str, str, str | None]:
    return (one.kind, one.name, one.namespace)


def _touched_services(
    delivery: Delivery, after: View, before: View | None, scope: Scope, changed: tuple[str, ...]
) -> Iterator[TouchedService]:
    previous = {one.name: one for one in _services(delivery, before)} if before is not None else {}
    for one in _services(delivery, after):
        was = previous.pop(one.name, None)
        rebuilt = _is_rebuilt(one, changed)
        differs = was is None or _text(was) != _text(one) or _reads_file(one, changed)
        if scope is not Scope.CHANGES or differs or rebuilt:
            is_changed = scope is Scope.CHANGES and differs
            yield TouchedService(delivery, was, one, is_changed, rebuilt and scope is Scope.CHANGES)
    if scope is Scope.CHANGES:
        for was in previous.values():
            yield TouchedService(delivery, was, None, is_changed=True, is_rebuilt=False)


def _services(delivery: Delivery, view: View) -> list[ComposeService]:
    """Return the services of a delivery's files; of one written in several the last place counts."""
    found: dict[str, ComposeService] = {}
    for path in delivery.paths:
        for compose in view.inside(path, ComposeFile):
            for name, service in compose.services.items():
                if name not in found or not service.is_fragment:
                    found[name] = service
    return [one for one in found.values() if not one.profiles]


def _text(service: ComposeService) -> str:
    return "\0".join(one.file.slice(one) for one in service.lineage)


def _is_rebuilt(service: ComposeService, changed: tuple[str, ...]) -> bool:
    """Say whether something differs that the service's image is built from."""
    build = service.build
    if build is None or build.context is None:
        return False
    prefix = f"{build.context}/" if build.context else ""
    return any(path.startswith(prefix) or path == build.dockerfile for path in changed)


def _reads_file(service: ComposeService, changed: tuple[str, ...]) -> bool:
    return any(use.path in changed for use in service.env_files)
