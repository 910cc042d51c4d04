"""Files of the repository that the commands of a pipeline name: manifests, charts, values, Dockerfiles."""

from collections.abc import Iterator, Sequence
from typing import Final

from rollsafe.artefacts.other_pipelines.model import Dialect, OtherJob
from rollsafe.artefacts.recognition import joined
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Scalar, walk
from rollsafe.formats.shell import ShellCommand, ShellWord
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipelines import AnyJob

_OPTIONS: Final = {
    "kubectl": ("-f", "--filename", "-k", "--kustomize"),
    "oc": ("-f", "--filename", "-k", "--kustomize"),
    "helm": ("-f", "--values"),
    "docker": ("-f", "--file"),
    "docker-compose": ("-f", "--file"),
    "ansible-playbook": ("-i", "--inventory"),
    "psql": ("-f", "--file"),
}
"""The options whose value is a file or folder, by tool."""

_CHARTED: Final = frozenset({"upgrade", "install"})
_MADE: Final = frozenset(
    {"dist", "build", "out", "target", "rendered", "generated", "output", "tmp", "node_modules"}
)
_MOVING: Final = frozenset({"cd", "pushd", "git"})
_MAKES: Final = (
    "download-artifact",
    "sparse-checkout",
    "submodules",
    "repository:",
    "path:",
    "envsubst",
    "kompose",
)


_FETCHES: Final = (
    "attach_workspace",
    "download",
    "submodule",
    "DownloadBuildArtifacts",
    "DownloadPipelineArtifact",
)
"""What brings files of other jobs or repositories into a job of another service."""


class NamedFile(NamedTuple):
    """A file or folder at `path` of the repository, as `word` of a command names it in `file`."""

    path: str
    word: ShellWord
    command: ShellCommand
    file: SourceFile


def named_files(job: AnyJob) -> Iterator[NamedFile]:
    """Yield the files that the commands of a job name literally, where it is known where they run."""
    if isinstance(job, OtherJob):
        yield from _named_elsewhere(job)
        return
    for step in job.steps:
        directory = step.directory
        if not step.is_disabled and step.run is not None and directory is not None and step.recognised:
            yield from _named(step.commands, job.root, directory, step.file)


def _named_elsewhere(job: OtherJob) -> Iterator[NamedFile]:
    moved = False
    for script in job.scripts:
        if (
            script.file is job.file
            and script.directory is not None
            and script.script.classified
            and not moved
        ):
            yield from _named(script.commands, job.pipeline.root, script.directory, job.file)
        # In GitLab all of a job's scripts run in one shell.
        moved = moved or (script.moves and job.pipeline.dialect is Dialect.GITLAB)


def _named(
    commands: Sequence[ShellCommand], root: str, directory: str, file: SourceFile
) -> Iterator[NamedFile]:
    if any(command.name in _MOVING for command in commands):
        return
    for command in commands:
        if not command.wrappers and not command.surroundings.branch:
            for word in _words(command):
                path = joined(root, joined(directory, word.text) or "..")
                if path is not None and _is_literal(word.text) and not path.startswith(".."):
                    yield NamedFile(path, word, command, file)


def _words(command: ShellCommand) -> Iterator[ShellWord]:
    tool = command.name.rpartition("/")[2]
    options = _OPTIONS.get(tool, ())
    if tool == "docker" and command.texts[1:2] not in (["build"], ["compose"], ["buildx"]):
        return
    if tool == "helm" and not _CHARTED.isdisjoint(command.texts[1:2]):
        yield from (word for word in command.words[2:] if word.text.startswith("./"))
    for before, word in zip(command.words, command.words[1:], strict=False):
        if before.text in options and not word.text.startswith("-"):
            yield word


def _is_literal(text: str) -> bool:
    if not text or "://" in text or text in ("-", ".", "./") or text.startswith(("/", "~")) or "," in text:
        return False
    return not any(character in text for character in "$*{}?[]<>`=@")


def is_there(path: str, graph: Graph) -> bool:
    """Say whether the repository has a file or folder at `path`."""
    return graph.has_file(path) or any(one.startswith(f"{path}/") for one in graph.paths())


def files_below(path: str, graph: Graph) -> list[str]:
    """Return the file at `path`, or the files of the folder there."""
    if graph.has_file(path):
        return [path]
    return sorted(one for one in graph.paths() if one.startswith(f"{path}/"))


def may_be_made(one: NamedFile, job: AnyJob) -> bool:
    """Say whether something the job does before may make the file, or put another repository in its place."""
    parts = one.path.split("/")
    if not _MADE.isdisjoint(parts):
        return True
    before = job.file.text[job.start : one.command.start]
    if isinstance(job, OtherJob):
        return _may_be_made_elsewhere(one, job)
    if parts[-1] in before or any(word in before for word in _MAKES):
        return True
    checkouts = [step for step in job.steps if step.uses_text.startswith("actions/checkout@")]
    return not checkouts or checkouts[0].start > one.command.start


def _may_be_made_elsewhere(one: NamedFile, job: OtherJob) -> bool:
    body = job.body
    held = job.file.text[body.start : body.end] if body is not None else ""
    if not job.is_whole or body is None or any(word in held for word in _FETCHES):
        return True
    before = "\n".join(
        script.scalar.text for script in job.scripts if script.scalar.start < one.command.start
    )
    last = one.path.rpartition("/")[2]
    if last in before.partition(one.word.text)[0] or any(word in before for word in _MAKES):
        return True
    match job.pipeline.dialect:
        case Dialect.CIRCLECI:
            return "checkout" not in held
        case Dialect.AZURE:
            if "template:" in held:
                return True  # what it takes in may fetch something
            is_deployment = body.at("deployment") is not None
            return (is_deployment and "checkout: self" not in held) or "checkout: none" in held
        case _:
            return "GIT_STRATEGY" in job.variables or any(
                _hands_on(earlier, one.path) for earlier in job.needs_closure
            )


def _hands_on(job: OtherJob, path: str) -> bool:
    """Say whether a job of GitLab leaves files to later ones among which `path` may be."""
    artifacts = job.node.at("artifacts") if job.node is not None else None
    if artifacts is None:
        return job.node is None or job.node.at("extends") is not None
    texts = [node.text for node in walk(artifacts) if isinstance(node, Scalar)]
    return any("$" in text or "*" in text or path.startswith(text.strip("./")) for text in texts if text)
