"""How a repository reaches an environment: the commands of its pipelines, else what its files ask for."""

from collections.abc import Iterator
from enum import StrEnum
from posixpath import basename, dirname
from typing import Final

from rollsafe.artefacts.compose import ComposeFile
from rollsafe.artefacts.github_workflow import Activity, Job, Workflow
from rollsafe.artefacts.kubernetes import HelmChart, KubernetesObject, Kustomization, Service, Workload
from rollsafe.artefacts.paths import project_path
from rollsafe.artefacts.purposes import is_development_path
from rollsafe.artefacts.recognition import Classification, EnvironmentKind, Role, environment_of
from rollsafe.artefacts.recognition.rollouts import rollout_of as named_workload
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.shell import ShellCommand
from rollsafe.text import Located, Span
from rollsafe.text.records import open_record, replace
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.overlays import render_directory
from rollsafe.workspace.pipeline_context import callers, production_of
from rollsafe.workspace.pipeline_context import environment_of as job_environment
from rollsafe.workspace.pipelines import Act, deployments, migrations
from rollsafe.workspace.view import View
from rollsafe.workspace.wiring import kustomizations_listing

_PREPARING: Final = frozenset({"delete", "create", "patch", "scale", "run", "expose", "autoscale"})
"""What pipelines do with kubectl around a delivery without it being one."""

_CANONICAL: Final = (
    "compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml",
)  # fmt: skip
_HELM_SWITCHES: Final = frozenset(
    {
        *(
            "--install",
            "-i",
            "--wait",
            "--wait-for-jobs",
            "--atomic",
            "--create-namespace",
            "--debug",
            "--force",
        ),
        *("--cleanup-on-fail", "--reuse-values", "--reset-values", "--reset-then-reuse-values", "--devel"),
        *(
            "--dependency-update",
            "--no-hooks",
            "--skip-crds",
            "--verify",
            "--render-subchart-notes",
            "--dry-run",
        ),
        *(
            "--disable-openapi-validation",
            "--hide-notes",
            "--hide-secret",
            "--take-ownership",
            "--enable-dns",
        ),
        *("--rollback-on-failure", "--generate-name", "--replace"),
    }
)
"""Flags of helm that take no value, so that the word after one is an operand."""
_UNKNOWN: Final = EnvironmentKind.UNKNOWN


class Means(StrEnum):
    """By which kind of thing a delivery is made."""

    KUSTOMIZE = "kustomization"
    MANIFESTS = "manifests"
    CHART = "chart"
    COMPOSE = "Compose file"
    OTHER = "platform"


@open_record
class Delivery:
    """One thing that is brought into the environment.

    `paths`: the directory of a kustomization or chart, manifest paths, Compose files. `command` is what a
    pipeline runs for it, with `context` its directory; None for what is derived from the files alone.
    `workload` is the one a command changes by name (`deployment/shop`). `file` and `where` is the place
    that says so.
    """

    means: Means
    paths: tuple[str, ...]
    file: SourceFile
    where: Located
    tool: str
    command: str | None = None
    context: str = ""
    namespace: str | None = None
    release: str = ""
    values: tuple[str, ...] = ()
    workload: str = ""
    job: Job | None = None
    self_verifying: bool = False

    @property
    def path(self) -> str:
        """The first of the paths; empty for a platform."""
        return self.paths[0] if self.paths else ""


def is_for(name: str, environment: str) -> bool:
    """Say whether a directory, file or job called `name` belongs to `environment`."""
    kind = environment_of(environment)
    return name.lower() == environment.lower() or (kind is not _UNKNOWN and environment_of(name) is kind)


def deploying_jobs(view: View, environment: str) -> list[Job]:
    """Return the jobs that deploy to or migrate `environment`; where none says so, those that say nothing."""
    key = ("deploying jobs", environment)
    return [*view.graph.remember(key, lambda: tuple(_deploying_jobs(view, environment)))]


def _deploying_jobs(view: View, environment: str) -> list[Job]:
    graph = view.graph
    jobs = [
        job for workflow in view.elements(Workflow) for job in workflow.jobs if not callers(workflow, graph)
    ]
    shipping = [job for job in jobs if deployments(job, graph) or migrations(job, graph)]
    kind = environment_of(environment)
    sure = [job for job in shipping if _goes_to(job, environment, kind, graph)]
    return sure or [job for job in shipping if production_of(job, graph).kind is _UNKNOWN]


def deliveries(view: View, environment: str) -> list[Delivery]:
    """Return what is delivered to `environment`: by its pipelines where they say it, else by its files."""
    return list(_unique(_by_jobs(view, environment))) or list(_by_files(view, environment))


def delivered_by_files(view: View, environment: str) -> list[Delivery]:
    """Return what the files themselves ask for, whatever pipelines run."""
    return list(_by_files(view, environment))


def missing_paths(delivery: Delivery, view: View) -> list[str]:
    """Return the paths a delivery names that the repository does not have."""
    return [path for path in delivery.paths if path and not _exists(path, view)]


def written(act: Act) -> str | None:
    """Return a command as its author wrote it, in one line; None for what is no command."""
    if isinstance(act.where, Activity):
        command, step = act.where.raw_command, act.where.step
        text = step.script_node.text if step.script_node is not None else ""
    else:
        command, text = act.command, act.file.text
    if command is None:
        return None
    return " ".join(text[command.start : command.end].replace("\\\n", " ").split())


def directory_of(act: Act) -> str | None:
    """Return the directory a command runs in, relative to the project; None when it cannot be told."""
    return act.where.step.directory if isinstance(act.where, Activity) else act.file.directory


def prepares(found: Classification) -> bool:
    """Say whether a command is what pipelines do around a delivery without it being one."""
    return found.tool in ("kubectl", "oc") and found.verb in _PREPARING


def is_surely_for(job: Job, environment: str, view: View) -> bool:
    """Say whether a job says by itself that it goes to `environment`."""
    return _goes_to(job, environment, environment_of(environment), view.graph)


def _goes_to(job: Job, environment: str, kind: EnvironmentKind, graph: Graph) -> bool:
    found = job_environment(job, graph)
    named = found is not None and found.name.lower() == environment.lower()
    return named or (kind is not _UNKNOWN and production_of(job, graph).kind is kind)


def _exists(path: str, view: View) -> bool:
    return path in view.paths or path in view.directories


def _unique(found: Iterator[Delivery]) -> Iterator[Delivery]:
    seen: set[object] = set()
    for one in found:
        identity = (one.means, one.paths, one.release, one.command if one.means is Means.OTHER else "")
        if identity not in seen:
            seen.add(identity)
            yield one


# By pipelines ------------------------------------------------------------------------------------


def _by_jobs(view: View, environment: str) -> Iterator[Delivery]:
    for job in deploying_jobs(view, environment):
        for act in deployments(job, view.graph):
            found = act.classification
            plain = Role.MIGRATE not in found.roles
            if plain and not prepares(found):
                yield _by_act(view, job, act)


def _by_act(view: View, job: Job, act: Act) -> Delivery:
    found, text, directory = act.classification, written(act), directory_of(act)
    plain = Delivery(
        Means.OTHER, (), act.file, Span.of(act.where), found.tool,
        job=job, self_verifying=found.self_verifying,
    )  # fmt: skip
    where = act.where
    command = where.raw_command if isinstance(where, Activity) else act.command
    if text is None or command is None:
        return plain
    plain = replace(plain, command=text, context=directory or "", namespace=_namespace(command))
    if directory is None:
        return plain
    if found.tool in ("kubectl", "oc"):
        return _by_kubectl(plain, where, command, directory)
    if found.tool == "helm":
        return _by_helm(plain, command, directory)
    if found.tool in ("docker", "docker-compose"):
        return _by_compose(plain, command, directory, view)
    return plain


def _namespace(command: ShellCommand) -> str | None:
    found = command.option("--namespace", "-n")
    return found if found and "$" not in found and "{" not in found else None


def _by_kubectl(plain: Delivery, where: Located, command: ShellCommand, directory: str) -> Delivery:
    overlay = command.option("-k", "--kustomize") or _piped_overlay(where)
    if overlay is not None:
        path = project_path(directory, overlay)
        return plain if path is None else replace(plain, means=Means.KUSTOMIZE, paths=(path,))
    named = command.option_values("-f", "--filename")
    if "-" in named:
        # What is read from standard input was made by other commands of the job.
        return replace(plain, command=None)
    paths = [project_path(directory, one) for one in named]
    if named and all(path is not None for path in paths):
        return replace(plain, means=Means.MANIFESTS, paths=tuple(path for path in paths if path is not None))
    workload = named_workload(command)
    return plain if workload is None else replace(plain, workload=workload.workload)


def _piped_overlay(where: Located) -> str | None:
    """Return the directory of a `kustomize build` whose output a command reads."""
    if not isinstance(where, Activity) or where.index is None:
        return None
    commands, index = where.step.script.commands, where.index
    while index > 0 and commands[index - 1].separator_after == "|":
        index -= 1
        if commands[index].matches("kustomize", "build") or commands[index].matches("kubectl", "kustomize"):
            operands = [one for one in commands[index].operands if one not in ("build", "kustomize")]
            return operands[0] if operands else "."
    return None


def release_of(command: ShellCommand) -> tuple[str, str] | None:
    """Return the release and the chart of `helm upgrade` or `helm install`; None without them."""
    words = command.operands_beside(_HELM_SWITCHES)
    operands = [one for one in words if one not in ("upgrade", "install")]
    return (operands[0], operands[1]) if len(operands) > 1 else None


def _by_helm(plain: Delivery, command: ShellCommand, directory: str) -> Delivery:
    released = release_of(command)
    if released is None:
        return plain
    path = project_path(directory, released[1])
    values = [project_path(directory, one) for one in command.option_values("-f", "--values")]
    return replace(
        plain,
        means=Means.CHART,
        paths=() if path is None else (path,),
        release=released[0],
        values=tuple(one for one in values if one is not None),
    )


def _by_compose(plain: Delivery, command: ShellCommand, directory: str, view: View) -> Delivery:
    named = command.option_values("-f", "--file", "-c", "--compose-file")
    if not named:
        here = (project_path(directory, name) for name in _CANONICAL)
        named = [path for path in here if path in view.paths][:1]
        directory = ""
    paths = [project_path(directory, one) for one in named]
    known = tuple(path for path in paths if path is not None)
    return replace(plain, means=Means.COMPOSE, paths=known) if known else plain


# By files ----------------------------------------------------------------------------------------


def _by_files(view: View, environment: str) -> Iterator[Delivery]:
    """Yield what the files ask for; what only repeats the workloads of one before it is left out."""
    covered: set[str] = set()
    clustered = False
    for one, names in _clustered(view, environment):
        if names and names <= covered:
            continue
        covered |= names
        clustered = True
        yield one
    if not clustered:
        yield from _composed(view, environment)


def _clustered(view: View, environment: str) -> Iterator[tuple[Delivery, set[str]]]:
    for overlay in _overlays(view, environment):
        rendering = render_directory(overlay.directory, view)
        names = {one.workload.name for one in rendering.workloads}
        yield (
            Delivery(
                Means.KUSTOMIZE,
                (overlay.directory,),
                overlay.file,
                overlay.root,
                "kubectl",
                namespace=rendering.namespace,
            ),
            names,
        )
    yield from _plain_manifests(view, environment)
    charts = view.elements(HelmChart)
    for chart in charts:
        inner = any(chart.directory.startswith(f"{other.directory}/charts/") for other in charts)
        if not chart.is_library and not inner:
            yield _chart(chart, view, environment), {chart.name}


def _overlays(view: View, environment: str) -> list[Kustomization]:
    found = [one for one in view.elements(Kustomization) if one.kind == "Kustomization"]
    included = {e.path for one in found for e in (*one.resources, *one.components)}
    named = [one for one in found if is_for(basename(one.directory), environment)]
    if named:
        return [one for one in named if one.directory not in included]
    return [
        one
        for one in found
        if one.directory not in included
        and environment_of(basename(one.directory)) is _UNKNOWN
        and not is_development_path(f"{one.directory}/x")
    ]


def _plain_manifests(view: View, environment: str) -> Iterator[tuple[Delivery, set[str]]]:
    by_directory: dict[str, list[KubernetesObject]] = {}
    for thing in view.elements(KubernetesObject):
        if _stands_alone(thing, view, environment):
            by_directory.setdefault(thing.file.directory, []).append(thing)
    for directory, things in by_directory.items():
        workloads = {thing.name for thing in things if isinstance(thing, Workload)}
        if workloads or any(isinstance(thing, Service) for thing in things):
            first = things[0]
            paths = (directory,) if directory else tuple(dict.fromkeys(t.file.path for t in things))
            yield (
                Delivery(
                    Means.MANIFESTS, paths, first.file, first.title_node, "kubectl", namespace=first.namespace
                ),
                workloads,
            )


def _stands_alone(thing: KubernetesObject, view: View, environment: str) -> bool:
    path = thing.file.path
    if thing.from_template or thing.is_patch or is_development_path(path):
        return False
    other = environment_of(basename(dirname(path)))
    if other is not _UNKNOWN and not is_for(basename(dirname(path)), environment):
        return False
    return not kustomizations_listing(path, view.graph)


def _chart(chart: HelmChart, view: View, environment: str) -> Delivery:
    names = (f"values-{environment}", f"values.{environment}", environment)
    candidates = (f"{chart.directory}/{name}.{end}" for name in names for end in ("yaml", "yml"))
    values = tuple(path for path in candidates if path.lstrip("/") in view.paths)
    return Delivery(
        Means.CHART, (chart.directory,), chart.file, chart.root, "helm", release=chart.name, values=values
    )


def _composed(view: View, environment: str) -> Iterator[Delivery]:
    found = [one for one in view.elements(ComposeFile) if not one.is_development and one.services]
    named = [one for one in found if is_for(basename(one.file.path).partition(".y")[0], environment)]
    plain = [one for one in found if one.file.name in _CANONICAL]
    complete = [one for one in named if not one.is_override]
    chosen = complete[:1] or (plain[:1] + named[:1] if plain else [])
    if chosen:
        first = next(iter(chosen[-1].services.values()))
        paths = tuple(one.file.path for one in chosen)
        yield Delivery(Means.COMPOSE, paths, chosen[-1].file, first.title_node, "docker")
