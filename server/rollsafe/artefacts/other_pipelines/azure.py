"""Pipelines of Azure: stages, jobs, deployments, conditions."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from rollsafe.artefacts.other_pipelines.azure_names import is_named_pipeline
from rollsafe.artefacts.other_pipelines.azure_tasks import classify_task
from rollsafe.artefacts.other_pipelines.azure_templates import with_templates
from rollsafe.artefacts.other_pipelines.filled import file_of, written, written_place
from rollsafe.artefacts.other_pipelines.groups import hand_down
from rollsafe.artefacts.other_pipelines.model import (
    Dialect,
    OtherJob,
    OtherPipeline,
    Paths,
    Said,
    Wait,
    When,
)
from rollsafe.artefacts.other_pipelines.reading import (
    LARGEST,
    MOST_JOBS,
    mapping,
    names_in,
    roots,
    strings,
    text_of,
)
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.formats.shell import Dialect as Shell
from rollsafe.text import Located
from rollsafe.text.patterns import lazily

_MAIN: Final = lazily(
    r"sourcebranch(name)?'\],'(refs/heads/)?(main|master|production|prod|live)'|'refs/tags/"
)
_TAGGED: Final = lazily(
    r"(?:and\((?:succeeded\(\),)?)?startswith\(variables(?:\['build\.sourcebranch'\]|\.build\.sourcebranch),'refs/tags/[^']{0,80}'\)\)?"
)
"""A condition that only runs of tags meet, without the blanks and in lower case."""

_MINUTE: Final = 60_000
_SCRIPTS: Final = {
    "script": Shell.POSIX,
    "bash": Shell.POSIX,
    "pwsh": Shell.POWERSHELL,
    "powershell": Shell.POWERSHELL,
}
ReadFile = Callable[[str], SourceFile | None]

_INLINE: Final = ("script", "inlineScript", "Inline")


def is_pipeline(file: SourceFile) -> bool:
    """Say whether a file is a pipeline, by its name or the folder it lies in; templates of steps are none."""
    return is_named_pipeline(file.path) and len(file.text) <= LARGEST


def read(file: SourceFile, read_: ReadFile, known: Sequence[Mapping] | None = None) -> list[OtherPipeline]:
    """Return the pipeline of a file, with the templates of the same repository; `known` are its roots."""
    found = roots(file) if known is None else known
    if not found or not found[0].entries:
        return []
    root = with_templates(file, found[0], read_)
    made = OtherPipeline(Dialect.AZURE, file.path, file, root.entries[0].key)
    made.is_filtered = _is_filtered(root)
    made.paths = _paths(root)
    made.leaves_tags_out = _leaves_tags_out(root)
    made.starting = root.at("trigger")
    for_all = _variables(root.at("variables"))
    stages = root.items_at("stages")
    if stages:
        _stages(made, stages[:200])
    elif root.at("jobs") is not None:
        _jobs(made, root.items_at("jobs"), "", [], file)
    elif root.at("steps") is not None:
        job = OtherJob(made, "Job", root.key_at("steps") or made.where)
        _steps(job, root)
        made.jobs.append(job)
    _starts(made, root)
    groups = _groups(root, file)
    for job in made.jobs:
        job.variables = for_all | job.variables
        job.holders = [*groups, *job.holders]
        if made.crons and not job.is_unscheduled:
            job.on_schedule = made.crons[0]
    return [made] if made.jobs else []


def _stages(made: OtherPipeline, stages: list[Node]) -> None:
    """Take in the stages; one without `dependsOn` follows the one before it."""
    previous = ""
    ends: dict[str, list[str]] = {}
    begins: list[tuple[str, OtherJob, Node, str]] = []
    for stage in stages:
        name = stage.text_at("stage")
        if name is None or not isinstance(stage, Mapping):
            _leave_open(made, "stages", stage, made.file)
            continue
        file = file_of(stage, made.file)
        group = OtherJob(made, name, stage.at("stage") or stage, file, written(stage))
        group.kind = "group"
        group.stage = name
        made.jobs.append(group)
        _decide(group, stage)
        if stage.text_at("trigger") == "manual":
            group.asks = Said(
                "`trigger: manual`: somebody has to start it", stage.at("trigger") or stage, file
            )
        begins.append((name, group, stage, previous))
        first = len(made.jobs) - 1
        ends[name] = _jobs(made, stage.items_at("jobs"), name, [group.id], file) or [group.id]
        hand_down(made.jobs[first:])
        shared, groups = _variables(stage.at("variables")), _groups(stage, file)
        for one in made.jobs[first + 1 :]:
            one.variables = shared | one.variables
            one.holders = [*groups, *one.holders]
            one.is_filtered = one.is_filtered or group.is_filtered
            one.is_for_main = one.is_for_main or group.is_for_main
            one.asks = one.asks or group.asks
            one.is_unscheduled = one.is_unscheduled or group.is_unscheduled
        previous = name
    for _, group, stage, before in begins:
        group.waits = list(_stage_waits(made, group, stage, before, ends))


def _stage_waits(
    made: OtherPipeline, group: OtherJob, stage: Node, before: str, ends: dict[str, list[str]]
) -> Iterator[Wait]:
    named = stage.at("dependsOn")
    if named is None:
        for end in ends.get(before, ()):
            yield Wait(end, f"follows stage `{before}`", group.key)
        return
    for one in names_in(named):
        if one.text in ends:
            for end in ends[one.text]:
                yield Wait(end, f"`dependsOn: {one.text}`", one)
        elif one.text:
            made.dangling.append(
                Said(f"`{group.id}` depends on `{one.text}`, which is no stage of it", one, group.file)
            )


def _leave_open(made: OtherPipeline, what: str, item: Node, file: SourceFile) -> None:
    """Take note that an item stands for jobs or stages that nobody knows here."""
    template = item.text_at("template")
    inserted = isinstance(item, Mapping) and any(entry.name.startswith("${{") for entry in item.entries)
    if template is not None:
        made.unread.append(Said(f"the {what} of `{template}`: they are not read", item, file_of(item, file)))
    made.is_whole = made.is_whole and template is None and not inserted


def _jobs(
    made: OtherPipeline, items: list[Node], stage: str, first: list[str], file: SourceFile
) -> list[str]:
    """Take in the jobs of a stage; return the ids of those nothing waits for."""
    prefix = f"{stage}/" if stage else ""
    own: dict[str, OtherJob] = {}
    nodes: list[tuple[OtherJob, Node]] = []
    for item in items[:MOST_JOBS]:
        key = item.at("job") or item.at("deployment")
        name = text_of(key)
        if key is None or name is None:
            _leave_open(made, "jobs", item, file)
            continue
        job = OtherJob(made, f"{prefix}{name}", key, file_of(item, file), written(item))
        job.stage = stage
        made.jobs.append(job)
        own[name] = job
        nodes.append((job, item))
        _fill(job, item)
    followed: set[str] = set()
    for job, item in nodes:
        for one in names_in(item.at("dependsOn")):
            if one.text in own:
                followed.add(own[one.text].id)
                job.waits.append(Wait(own[one.text].id, f"`dependsOn: {one.text}`", one))
            elif one.text:
                made.dangling.append(
                    Said(f"`{job.id}` depends on `{one.text}`, which is no job of it", one, job.file)
                )
        if not job.waits:
            job.waits = [Wait(id_, f"begins stage `{stage}`", job.key) for id_ in first]
    return [job.id for job, _ in nodes if job.id not in followed]


def _fill(job: OtherJob, item: Node) -> None:
    _decide(job, item)
    job.variables = _variables(item.at("variables"))
    job.holders = _groups(item, job.file)
    if isinstance(item, Mapping) and any(entry.name.startswith("${{") for entry in item.entries):
        job.is_whole = False
    minutes = item.int_at("timeoutInMinutes")
    node = item.at("timeoutInMinutes")
    if minutes and node is not None:
        job.limit, job.limited = (
            minutes * _MINUTE,
            Said(f"`timeoutInMinutes: {minutes}`", written_place(node), job.file),
        )
    matrix = item.at("strategy", "matrix")
    if matrix is not None:
        job.legs = len(matrix.entries) if isinstance(matrix, Mapping) else None
        job.most_at_once = item.int_at("strategy", "maxParallel")
    elif item.at("strategy", "parallel") is not None:
        job.legs = item.int_at("strategy", "parallel")
        job.most_at_once = item.int_at("strategy", "maxParallel")
    environment = item.at("environment")
    name = text_of(environment) or (environment.text_at("name") if environment is not None else None)
    if environment is not None and name is not None:
        job.environment = Said(name.partition(".")[0], written_place(environment), job.file)
    _phases(job, item)


def _phases(job: OtherJob, item: Node) -> None:
    """Take in the steps of a job, and those of each phase of a deployment."""
    if isinstance(item, Mapping):
        _steps(job, item)
    for strategy in ("runOnce", "rolling", "canary"):
        for phase in ("preDeploy", "deploy", "routeTraffic", "postRouteTraffic"):
            body = mapping(item.at("strategy", strategy, phase))
            if body is not None:
                _steps(job, body)
        for ending in ("failure", "success"):
            body = mapping(item.at("strategy", strategy, "on", ending))
            if body is not None:
                _steps(job, body, repairs=ending == "failure")


def _variables(node: Node | None) -> dict[str, str]:
    """Return the variables of a mapping, or of a list of names and values."""
    if isinstance(node, Mapping):
        return strings(node)
    items = node.items_at()[:400] if node is not None else []
    return {name: one.text_at("value") or "" for one in items if (name := one.text_at("name")) is not None}


def _groups(owner: Node, file: SourceFile) -> list[Said]:
    """Return the groups of variables that a pipeline, a stage or a job takes in."""
    variables = owner.at("variables")
    items = variables.items_at()[:400] if variables is not None else []
    return [
        Said(group, one, file_of(one, file)) for one in items if (group := one.text_at("group")) is not None
    ]


def _leaves_tags_out(root: Mapping) -> bool:
    """Say whether what starts the pipeline is listed, and no tag is in the list."""
    trigger = root.at("trigger")
    listed = trigger is not None and text_of(trigger) != "none" and root.at("resources") is None
    return listed and not (isinstance(trigger, Mapping) and trigger.at("tags") is not None)


def _paths(root: Mapping) -> Paths | None:
    """Return which changes start the pipeline; None where all do."""
    paths = root.at("trigger", "paths")
    where = root.map_at("trigger")
    if paths is None or where is None:
        return None
    named = paths if not isinstance(paths, Mapping) else paths.at("include")
    take, leave = names_in(named), names_in(paths.at("exclude"))
    return Paths(
        tuple(one.text for one in take),
        tuple(one.text for one in leave),
        where.key_at("paths") or paths,
        folders=True,
        named=named,
    )


def _is_filtered(root: Mapping) -> bool:
    """Say whether only some branches start the pipeline."""
    trigger = root.at("trigger")
    if trigger is None:
        return False
    branches = trigger.at("branches") if isinstance(trigger, Mapping) else trigger
    include = branches.at("include") if isinstance(branches, Mapping) else branches
    names = [one.text for one in names_in(include)]
    return not names or "*" not in names


def _decide(job: OtherJob, item: Node) -> None:
    """Take in a condition: one that is written replaces `succeeded()`."""
    node = item.at("condition")
    text = text_of(node)
    job.is_filtered = job.pipeline.is_filtered
    if node is not None and text is not None and text.strip():
        said = Said(f"`condition: {' '.join(text.split())[:120]}`", written_place(node), job.file)
        plain = text.replace(" ", "").lower()
        job.is_filtered = job.is_filtered or "sourcebranch" in plain or "reason" in plain or plain == "false"
        job.is_for_main = _MAIN.search(plain) is not None
        job.is_unscheduled = "reason" in plain
        if _TAGGED.fullmatch(plain):
            job.by_tag = said
        if "succeeded(" in plain and "not(succeeded(" not in plain:
            job.is_optional = plain != "succeeded()"
        else:
            job.condition = said
            known = {"failed()": When.FAILURE, "always()": When.ALWAYS, "succeededorfailed()": When.ALWAYS}
            job.when = known.get(plain, When.UNKNOWN)
            job.when = When.FAILURE if plain.startswith("and(failed(") else job.when
    job.forgiven = _forgiven(item, job.file)


# Steps -------------------------------------------------------------------------------------------


def _steps(job: OtherJob, owner: Mapping, *, repairs: bool = False) -> None:
    for step in owner.items_at("steps")[:400]:
        condition = (step.text_at("condition") or "").replace(" ", "").lower()
        if condition == "false" or step.text_at("enabled") == "false":
            continue
        file = file_of(step, job.file)
        after = repairs or condition.startswith(("failed(", "and(failed("))
        forgiven = _forgiven(step, file)
        directory = step.text_at("workingDirectory") or ""
        known = None if directory.startswith(("$", "/")) else directory
        _retried(job, step, file)
        given = frozenset(strings(step.at("env")))
        for key, shell in _SCRIPTS.items():
            script = step.at(key)
            if script is not None:
                job.run(script, shell, file, repairs=after, directory=known, forgiven=forgiven, given=given)
        task = step.text_at("task")
        if task is not None:
            _task(job, task, step, file, repairs=after, forgiven=forgiven)
        template = step.text_at("template")
        if (text_of(step) or "").startswith("${{") or any(name.startswith("${{") for name in _keys(step)):
            job.is_whole = False
        if template is not None:
            job.is_whole = False
            text = f"the steps of `{template}` in `{job.id}`: they are not read"
            job.pipeline.unread.append(Said(text, step, file))


def _keys(node: Node) -> list[str]:
    return node.keys() if isinstance(node, Mapping) else []


def _retried(job: OtherJob, step: Node, file: SourceFile) -> None:
    again = step.int_at("retryCountOnTaskFailure")
    if again and job.retries is None:
        node = step.at("retryCountOnTaskFailure") or step
        job.tries, job.retries = (
            1 + again,
            Said(f"`retryCountOnTaskFailure: {again}`", written_place(node), file),
        )


def _forgiven(item: Node, file: SourceFile) -> Said | None:
    scalar = item.at("continueOnError")
    on = isinstance(scalar, Scalar) and scalar.as_bool() is True
    return Said("`continueOnError: true`", written_place(scalar), file) if on and scalar is not None else None


def _task(
    job: OtherJob, task: str, step: Node, file: SourceFile, *, repairs: bool, forgiven: Said | None
) -> None:
    inputs = step.at("inputs")
    where: Located = step.at("task") or step
    name = task.partition("@")[0]
    env = frozenset(strings(step.at("env")))
    for key in _INLINE if inputs is not None else ():
        shell = Shell.POWERSHELL if "powershell" in name.lower() else Shell.POSIX
        script = inputs.at(key) if inputs is not None else None
        job.run(script, shell, file, repairs=repairs, forgiven=forgiven, given=env)
    if name.lower() == "manualvalidation":
        job.asks = Said(f"`{task}`: somebody has to say yes", where, file)
    classification = classify_task(name, strings(inputs))
    job.use(task, classification, where, file, repairs=repairs, forgiven=forgiven)


def _starts(made: OtherPipeline, root: Mapping) -> None:
    trigger = root.at("trigger")
    if trigger is None or text_of(trigger) != "none":
        branches = (
            names_in(trigger)
            if not isinstance(trigger, Mapping)
            else names_in(trigger.at("branches", "include"))
        )
        text = ", ".join(one.text for one in branches[:6]) or "any branch"
        made.triggers.append(Said(f"push to {text}", root.key_at("trigger") or made.where, made.file))
    if root.at("pr") is not None and root.text_at("pr") != "none":
        made.triggers.append(Said("pull request", root.key_at("pr") or made.where, made.file))
        made.on_change = Said("`pr`: pull requests start it", root.key_at("pr") or made.where, made.file)
    for one in root.items_at("schedules"):
        cron = one.at("cron")
        if isinstance(cron, Scalar):
            made.crons.append(Said(cron.text, cron, made.file))
    for one in root.items_at("resources", "pipelines"):
        source = one.text_at("source")
        if source is not None and one.at("trigger") is not None:
            made.triggers.append(Said(f"after pipeline `{source}`", one, made.file))
