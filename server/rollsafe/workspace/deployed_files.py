"""Files of the repository that the commands of a pipeline name: manifests, charts, values, Dockerfiles."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from rollsafe.artefacts.github_workflow import Job, Step
from rollsafe.artefacts.recognition import joined
from rollsafe.formats.shell import ShellCommand, ShellWord
from rollsafe.workspace.graph import Graph

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


class NamedFile(NamedTuple):
    """A file or folder at `path` of the repository, as `word` of a command names it in `step`."""

    path: str
    word: ShellWord
    command: ShellCommand
    step: Step


def named_files(job: Job) -> Iterator[NamedFile]:
    """Yield the files that the commands of a job name literally, where it is known where they run."""
    for step in job.steps:
        directory = step.directory
        if step.is_disabled or step.run is None or directory is None or not step.recognised:
            continue
        commands = step.commands
        if any(command.name in _MOVING for command in commands):
            continue
        for command in commands:
            if not command.wrappers and not command.surroundings.branch:
                for word in _words(command):
                    path = joined(job.root, joined(directory, word.text) or "..")
                    if path is not None and _is_literal(word.text) and not path.startswith(".."):
                        yield NamedFile(path, word, command, step)


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


def may_be_made(one: NamedFile, job: Job) -> bool:
    """Say whether something the job does before may make the file, or put another repository in its place."""
    parts = one.path.split("/")
    if not _MADE.isdisjoint(parts):
        return True
    before = job.file.text[job.start : one.command.start]
    if parts[-1] in before or any(word in before for word in _MAKES):
        return True
    checkouts = [step for step in job.steps if step.uses_text.startswith("actions/checkout@")]
    return not checkouts or checkouts[0].start > one.command.start
