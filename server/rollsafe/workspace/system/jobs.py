"""What the jobs of pipelines do for the system: stage by stage, with the names and paths they speak of."""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final

from rollsafe.artefacts.github_workflow import Job, Workflow
from rollsafe.artefacts.recognition import Role
from rollsafe.artefacts.recognition.roles import listed
from rollsafe.artefacts.written_secrets import holds_secret
from rollsafe.text import Located, Span
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.delivery import prepares
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipeline_context import environment_of, production_of
from rollsafe.workspace.pipelines import Act, activities_of, tests, verifies
from rollsafe.workspace.questions import Answers
from rollsafe.workspace.system.facts import Place, digest_of, place_of


class Stage(StrEnum):
    """A stage of the way from a change to a service that runs."""

    LINT = "lint"
    TEST = "test"
    BUILD = "build"
    SCAN = "scan"
    MIGRATE = "migrate"
    DEPLOY = "deploy"
    VERIFY = "verify"
    ROLLBACK = "rollback"


class Deed(NamedTuple):
    """Something a job does. `words` are the names and paths it speaks of, `directory` where it runs."""

    stage: Stage
    title: str
    words: tuple[str, ...]
    directory: str
    place: Place
    is_probable: bool


class Use(NamedTuple):
    """A `secret` or `variable` of the forge a job reads, or a variable it sets (`env`, with a digest)."""

    kind: str
    name: str
    digest: str
    place: Place


class JobFact(NamedTuple):
    """A job. `environment` is the one it names, `target` the kind of environment it goes to.

    `words` are the names in its id, name, matrix and inputs; `needs` and `calls` are ids of nodes.
    """

    id: str
    name: str
    workflow: str
    place: Place
    environment: str
    target: str
    deeds: tuple[Deed, ...]
    words: tuple[str, ...]
    needs: tuple[tuple[str, Place], ...]
    crons: tuple[tuple[str, Place], ...]
    uses: tuple[Use, ...]
    is_gate: bool
    is_verified: bool


_STAGES: Final[dict[Role, Stage]] = {
    Role.TEST: Stage.TEST,
    Role.BUILD: Stage.BUILD,
    Role.PUBLISH: Stage.BUILD,
    Role.MIGRATE: Stage.MIGRATE,
    Role.DEPLOY: Stage.DEPLOY,
    Role.VERIFY: Stage.VERIFY,
    Role.ROLLBACK: Stage.ROLLBACK,
}
_LINTERS: Final = frozenset(
    listed(
        "ruff flake8 pylint black isort mypy pyright eslint prettier biome stylelint tslint rubocop"
        " standardrb golangci-lint gofmt staticcheck shellcheck hadolint yamllint actionlint"
        " markdownlint sqlfluff squawk kube-linter kubeconform kubeval ktlint checkstyle detekt"
        " phpcs clippy rustfmt swiftlint tflint pre-commit rollsafe zizmor"
    )
)
_LINT_WORDS: Final = frozenset({"lint", "format", "fmt", "typecheck", "style", "eslint", "prettier"})
_SCANNERS: Final = frozenset(
    listed(
        "trivy grype snyk semgrep gitleaks trufflehog bandit brakeman gosec checkov tfsec kics"
        " osv-scanner pip-audit safety dockle syft codeql scorecard"
    )
)
_SCAN_ACTION = lazily(
    r"codeql-action|trivy|anchore/scan|snyk/|scout-action|semgrep|gitleaks|trufflehog|dependency-review"
    r"|ossf/scorecard|checkov|osv-scanner|bandit|zap-",
    re.I,
)
_LINT_ACTION = lazily(r"lint|super-linter|ruff|prettier|hadolint|yamllint|pre-commit", re.I)
_WORDS = lazily(r"[\w.@/-]+")
_LETTERS = lazily(r"[A-Za-z]+")
_SECRET = lazily(r"\b(?P<kind>secrets|vars)\.(?P<name>[A-Za-z_]\w*)")
_OWN: Final = frozenset({"GITHUB_TOKEN"})
_MOST: Final = 200


class _Kept(NamedTuple):
    """The jobs of a workflow, with the answers of the graph they rest on."""

    answers: Answers
    jobs: tuple[JobFact, ...]


def job_facts(workflows: Iterable[Workflow], graph: Graph) -> tuple[JobFact, ...]:
    """Return the jobs of all workflows, calls followed, by path and place.

    Those of a workflow are the same objects while it and what it calls are.
    """
    return tuple(job for workflow in workflows for job in _jobs(workflow, graph))


def _jobs(workflow: Workflow, graph: Graph) -> tuple[JobFact, ...]:
    known = workflow.kept.get(_Kept)
    if isinstance(known, _Kept) and known.answers.hold(graph):
        return known.jobs
    noting = graph.noting()
    found = tuple(_job(job, noting) for job in workflow.jobs if not job.is_disabled)
    workflow.kept[_Kept] = _Kept(noting.answers, found)
    return found


def job_id(path: str, name: str) -> str:
    """Return the id of a job's node."""
    return f"job:{path}#{name}"


def _job(job: Job, graph: Graph) -> JobFact:
    environment = environment_of(job, graph)
    crons = [cron for trigger in job.workflow.triggers.values() for cron in trigger.crons]
    matrix = job.matrix
    values = [value for key in matrix.keys for value in matrix.values(key)] if matrix is not None else []
    place = place_of(job.file, job.key)
    return JobFact(
        id=job_id(job.file.path, job.id),
        name=job.id,
        workflow=job.file.path,
        place=place,
        environment=environment.name if environment is not None and "${{" not in environment.name else "",
        target=production_of(job, graph).kind.value,
        deeds=tuple(dict.fromkeys(_deeds(job, graph)))[:_MOST],
        words=_words([job.id, job.name, *values, *job.inputs.values()]),
        needs=tuple((job_id(job.file.path, one.id), place_of(job.file, one.node)) for one in job.needs),
        crons=tuple((cron.text, place_of(job.file, cron)) for cron in crons),
        uses=tuple(dict.fromkeys(_uses(job)))[:_MOST],
        is_gate=tests(job, graph),
        is_verified=verifies(job, graph),
    )


def _deeds(job: Job, graph: Graph) -> Iterator[Deed]:
    for act in activities_of(job, graph):
        for stage in dict.fromkeys(_stages(act)):
            yield _deed(stage, act)
        if act.classification.self_rolling_back:
            yield _deed(Stage.ROLLBACK, act)
        if act.classification.self_verifying and Role.DEPLOY in act:
            yield _deed(Stage.VERIFY, act)
    yield from _by_name(job)


def _stages(act: Act) -> Iterator[Stage]:
    texts = act.texts
    tool = act.classification.tool
    called = texts[:4] or _LETTERS.findall(act.file.slice(act.where))
    is_lint = tool in _LINTERS or bool(_LINT_WORDS.intersection(called))
    for role, stage in _STAGES.items():
        if role in act:
            aside = Role.ROLLBACK in act or prepares(act.classification)
            if not (aside and stage is Stage.DEPLOY):
                yield Stage.LINT if is_lint and stage is Stage.TEST else stage


def _deed(stage: Stage, act: Act) -> Deed:
    inputs = act.inner.inputs.values() if act.inner is not None and not act.texts else ()
    directory = act.inner.directory if act.inner is not None else ""
    title = act.title
    return Deed(
        stage,
        title,
        _words([*act.texts, *inputs]),
        directory or "",
        place_of(act.file, act.where),
        act.classification.probable,
    )


def _by_name(job: Job) -> Iterator[Deed]:
    """Yield what only the name of a tool tells: linters and scanners."""
    for step in job.steps:
        if step.is_disabled:
            continue
        uses = step.uses
        if uses is not None:
            stage = Stage.SCAN if _SCAN_ACTION.search(uses.name) else None
            stage = stage or (Stage.LINT if _LINT_ACTION.search(uses.name) else None)
            if stage is not None:
                yield Deed(
                    stage, uses.name, _words(step.inputs.values()), "", place_of(job.file, uses), False
                )
        for index, command in enumerate(step.script.commands):
            stage = _stage_of_tool(command.texts)
            if stage is not None:
                where = place_of(job.file, step.commands[index])
                title = command.texts[0] if holds_secret(command.texts) else " ".join(command.texts[:4])
                yield Deed(stage, title, _words(command.texts), step.directory or "", where, False)


def _stage_of_tool(texts: list[str]) -> Stage | None:
    for text in texts[:3]:
        name = text.rpartition("/")[2].partition("@")[0]
        if name in _SCANNERS or name == "audit":
            return Stage.SCAN
        if name in _LINTERS or (text in _LINT_WORDS and text != texts[0]):
            return Stage.LINT
    return None


def _uses(job: Job) -> Iterator[Use]:
    text = job.file.text
    for match in _SECRET.finditer(text, job.start, job.end):
        if match["name"] not in _OWN:
            kind = "secret" if match["kind"] == "secrets" else "variable"
            yield Use(kind, match["name"], "", place_of(job.file, Span(*match.span())))
    places: list[tuple[dict[str, str], Located]] = [(job.env, job.key)]
    places += [(step.env, step) for step in job.steps]
    for env, where in places:
        for name, value in env.items():
            if "${{" not in value:
                yield Use("env", name, digest_of(value), place_of(job.file, where))


def _words(texts: Iterable[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for text in texts:
        for match in _WORDS.finditer(text[:2_000]):
            found.setdefault(match[0].removeprefix("./").rstrip("/."))
    return tuple(found)[:_MOST]
