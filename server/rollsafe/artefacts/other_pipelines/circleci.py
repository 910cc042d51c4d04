"""Workflows of CircleCI: jobs with `requires`, approvals, matrices."""

from collections.abc import Iterator, Sequence
from typing import Final

from rollsafe.artefacts.other_pipelines.model import Dialect, OtherJob, OtherPipeline, Said, Wait, When
from rollsafe.artefacts.other_pipelines.reading import (
    LARGEST,
    MOST_JOBS,
    legs_of,
    mapping,
    names_in,
    roots,
    strings,
    text_of,
)
from rollsafe.artefacts.recognition import Classification, Role
from rollsafe.artefacts.recognition.roles import listed
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.text.patterns import lazily

_NAME = lazily(r"(?:^|/)\.circleci/[^/]+\.ya?ml$")
_MAIN: Final = frozenset({"main", "master", "production", "prod", "live"})
_ORBS: Final = {
    **dict.fromkeys(
        listed(
            "circleci/aws-ecs/deploy-service-update circleci/aws-ecs/update-service"
            " circleci/helm/upgrade-helm-chart circleci/helm/install-helm-chart"
            " circleci/heroku/deploy-via-git circleci/heroku/push-docker-image"
            " circleci/gcp-cloud-run/deploy circleci/aws-s3/sync"
            " circleci/kubernetes/create-or-update-resource"
            " circleci/serverless-framework/deploy circleci/aws-elastic-beanstalk/deploy"
            " circleci/aws-code-deploy/deploy circleci/aws-eks/update-container-image"
            " circleci/azure-aks/update-container-image"
        ),
        Role.DEPLOY,
    ),
    "circleci/aws-ecs/verify-revision-deployment": Role.VERIFY,
    "circleci/kubernetes/get-rollout-status": Role.VERIFY,
    "circleci/slack/notify": Role.NOTIFY,
    "circleci/docker/push": Role.PUBLISH,
    "circleci/docker/publish": Role.PUBLISH,
}
_PLACES: Final = ("namespace", "stage", "env", "environment")
"""Parameters of a job that say where it deploys to, the most telling last."""
_EVERY: Final = ("/.*/", "/.+/", "/^.*$/")
_SETTING_UP: Final = lazily(
    r"/.*(set-?up|install|log-?in|configure|auth|check-?out|cache|notify|on-hold|upload|load|save|restore|init|report)"
)
"""Commands of orbs that neither deploy nor look at what is deployed."""
_DEEPEST: Final = 3
_FAILED: Final = frozenset({"failed", "not_run", "unauthorized"})


def is_pipeline(file: SourceFile) -> bool:
    """Say whether a file is CircleCI's configuration."""
    return _NAME.search(file.path) is not None and len(file.text) <= LARGEST


def read(file: SourceFile, known: Sequence[Mapping] | None = None) -> list[OtherPipeline]:
    """Return the workflows of a configuration; `known` are its roots."""
    found = roots(file) if known is None else known
    listed = found[0].map_at("workflows") if found else None
    made: list[OtherPipeline] = []
    for entry in listed.entries[:200] if listed is not None else ():
        body = mapping(entry.value)
        if body is not None and body.at("jobs") is not None:
            pipeline = OtherPipeline(Dialect.CIRCLECI, f"{file.path}#{entry.name}", file, entry.key)
            pipeline.root = file.directory.removesuffix(".circleci").rstrip("/")
            pipeline.is_filtered = body.at("when") is not None or body.at("unless") is not None
            _read(pipeline, body, found[0])
            made += [pipeline] if pipeline.jobs else []
    for one in made:
        one.beside = [other for other in made if other is not one]
    return made


def _read(made: OtherPipeline, body: Mapping, root: Mapping) -> None:
    asked: list[tuple[OtherJob, Node | None]] = []
    for item in body.items_at("jobs")[:MOST_JOBS]:
        key = (
            item
            if isinstance(item, Scalar)
            else item.entries[0].key
            if isinstance(item, Mapping) and item.entries
            else None
        )
        if not isinstance(key, Scalar):
            continue
        given = None if isinstance(item, Scalar) else item.at(key.text)
        name = (given.text_at("name") if given is not None else None) or key.text
        job = OtherJob(made, name, key, node=given if isinstance(given, Mapping) else None)
        made.jobs.append(job)
        _fill(job, key.text, given, root)
        asked.append((job, given.at("requires") if given is not None else None))
    ids = {job.id for job in made.jobs}
    _starts(made, body)
    for job, requires in asked:
        job.waits = list(_waits(made, job, requires, ids))
        if made.crons:
            job.on_schedule = made.crons[0]


def _fill(job: OtherJob, name: str, given: Node | None, root: Mapping) -> None:
    if given is not None and given.text_at("type") == "approval":
        job.kind = "approval"
        job.asks = Said("`type: approval`: somebody has to say yes", given.at("type") or job.key)
        return
    matrix = given.at("matrix", "parameters") if given is not None else None
    if matrix is not None:
        job.legs = legs_of(matrix)
    _filter(job, given)
    definition = root.map_at("jobs", name)
    if definition is None:
        job.is_whole = False
        job.pipeline.unread.append(Said(f"what `{name}` does: it is defined elsewhere", job.key))
        orb = _orb_role(name, root)
        if orb is not None:
            job.use(name, orb, job.key)
        return
    job.body = definition
    parallel = definition.int_at("parallelism")
    job.legs = parallel if parallel is not None and job.legs == 1 else job.legs
    executor = definition.at("executor")
    held = root.at("executors", text_of(executor) or (executor.text_at("name") if executor else "") or "")
    for one in (held, definition):
        job.variables |= strings(one.at("environment") if one is not None else None)
        images = one.items_at("docker")[1:20] if one is not None else []
        job.images += [image.text_at("image") or "" for image in images]
    _steps(job, definition, root, given)


def _filter(job: OtherJob, given: Node | None) -> None:
    """Take in for which branches and tags a job runs, what keeps it apart and which secrets it is given."""
    job.is_filtered = job.pipeline.is_filtered
    if given is None:
        return
    filters = given.at("filters")
    if filters is not None:
        job.is_optional = job.is_filtered = True
        only = [one.text for one in names_in(filters.at("branches", "only"))]
        tags = filters.at("tags")
        job.for_tags = tags is not None
        if tags is not None and text_of(filters.at("branches", "ignore")) in _EVERY:
            job.by_tag = Said("`filters`: only tags start it", tags)
        job.is_for_main = (bool(only) and set(only) <= _MAIN) or job.by_tag is not None
    serial = given.at("serial-group")
    if serial is not None:
        job.lock = Said(text_of(serial) or "", serial)
    _place(job, given)
    for context in names_in(given.at("context")):
        job.variables["CONTEXT"] = context.text
        job.holders.append(Said(context.text, context))


def _orb_role(name: str, root: Mapping) -> Classification | None:
    """Return what a job or command of an orb is for: `aws-ecs/deploy-service-update`."""
    alias, _, verb = name.partition("/")
    orb = (root.text_at("orbs", alias) or "").partition("@")[0]
    if not orb or not verb:
        return None
    role = _ORBS.get(f"{orb}/{verb}")
    if role is not None:
        return Classification(orb, frozenset({role}), verb)
    return Classification(orb, frozenset({Role.DEPLOY}), verb, probable=True) if "deploy" in verb else None


def _steps(job: OtherJob, definition: Mapping, root: Mapping, given: Node | None) -> None:
    place = definition.text_at("working_directory") or ""
    home = "" if place in ("", ".") or place.startswith(("~", "/")) else place
    around = (given, definition, given)
    for owner, key in zip(around, ("pre-steps", "steps", "post-steps"), strict=True):
        for step in owner.items_at(key)[:400] if owner is not None else ():
            _step(job, step, root, home, 0)


def _step(job: OtherJob, step: Node, root: Mapping, home: str, depth: int) -> None:
    """Take in a step; what a command of the file stands for is read in its place."""
    name = text_of(step) or (step.entries[0].name if isinstance(step, Mapping) and step.entries else "")
    run = step.at("run") or step.at("deploy")
    if run is not None:
        _run(job, run, home)
        return
    inner = root.at("commands", name, "steps")
    if inner is not None and depth < _DEEPEST:
        _place(job, step.at(name))
        for one in inner.items_at()[:200]:
            _step(job, one, root, home, depth + 1)
    elif "/" in name:
        orb = _orb_role(name, root)
        job.use(name, orb, step if isinstance(step, Scalar) else step.key_at(name) or step)
        job.is_whole = job.is_whole and (orb is not None or _SETTING_UP.search(name) is not None)
    elif name in ("when", "unless", "steps") or "<<" in name:
        job.is_whole = False


def _run(job: OtherJob, run: Node, home: str) -> None:
    repairs = run.text_at("when") == "on_fail"
    directory = run.text_at("working_directory") or home
    again = run.int_at("max_auto_reruns")
    if again and job.retries is None:
        where = run.at("max_auto_reruns") or run
        job.tries, job.retries = 1 + again, Said(f"`max_auto_reruns: {again}`", where)
    script = run if isinstance(run, Scalar) else run.at("command")
    if isinstance(script, Scalar):
        known = None if directory.startswith(("~", "/")) or "<<" in directory else directory
        job.run(script, repairs=repairs, directory=known)


def _place(job: OtherJob, given: Node | None) -> None:
    """Take in where a job, or a command of it, is told to deploy to."""
    for name in _PLACES if given is not None else ():
        place = given.text_at(name) if given is not None else None
        if place is not None and "<<" not in place:
            job.variables["ENVIRONMENT"] = place


def _waits(made: OtherPipeline, job: OtherJob, requires: Node | None, ids: set[str]) -> Iterator[Wait]:
    for item in requires.items_at()[:400] if requires is not None else ():
        name = text_of(item)
        states: set[str] = set()
        if isinstance(item, Mapping) and item.entries:
            name = item.entries[0].name
            value = item.entries[0].value
            states = (
                {text_of(value) or ""}
                if isinstance(value, Scalar)
                else {text_of(one) or "" for one in value.items_at()}
            )
        if states:
            said = Said(f"`requires: {name}: {', '.join(sorted(states))}`", item)
            job.condition = said
            job.when = When.FAILURE if states <= _FAILED | {"canceled"} else When.ALWAYS
        if name in ids:
            yield Wait(name or "", f"requires `{name}`", item)
        elif name is not None:
            made.dangling.append(Said(f"`{job.id}` requires `{name}`, which is no job of it", item))


def _starts(made: OtherPipeline, body: Mapping) -> None:
    for trigger in body.items_at("triggers"):
        cron = trigger.at("schedule", "cron")
        if isinstance(cron, Scalar):
            made.crons.append(Said(cron.text, cron))
    if not made.crons:
        made.triggers.append(Said("push", made.where))
    for key in ("when", "unless"):
        node = body.key_at(key)
        if node is not None:
            made.unread.append(Said(f"whether it runs: `{key}` decides", node))
