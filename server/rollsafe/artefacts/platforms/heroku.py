"""Heroku and those that read its files: `Procfile` and `app.json`."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.platforms.service import (
    PlatformService,
    StartCommand,
    Variable,
    variables_in,
)
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Scalar, Tree
from rollsafe.text import Span
from rollsafe.text.cached import cached_property
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

_MAX_PROCESSES: Final = 1_000
_PROCESS = lazily(r"^[ \t\ufeff]*([A-Za-z0-9_-]+):[ \t]*([^\r\n]*)", re.M)
_RELEASE: Final = "release"


class Process(NamedTuple):
    """A line of a Procfile: its name, and where its command is."""

    name: str
    command: str
    start: int
    end: int
    command_span: Span


class Procfile(PlatformService):
    """The processes of an app."""

    platform = "Heroku"

    @property
    def name(self) -> str:
        """Nothing: the app is named elsewhere."""
        return ""

    @cached_property
    def processes(self) -> tuple[Process, ...]:
        """The processes in source order."""
        return tuple(_processes(self.file))

    @property
    def start_commands(self) -> tuple[StartCommand, ...]:
        """What the dynos of each process type run."""
        return tuple(
            StartCommand(one.command, one.command_span, one.name)
            for one in self.processes
            if one.name != _RELEASE
        )

    @property
    def release_command(self) -> Span | None:
        """The command of the release phase."""
        return next((one.command_span for one in self.processes if one.name == _RELEASE), None)


class HerokuApp(PlatformService):
    """An `app.json`: how an app, or the one of a review, is set up."""

    platform = "Heroku"

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The variables with a value; those of reviews and tests alone are left out."""
        env = self.node.map_at("env")
        found = list(variables_in(env))
        for entry in env.entries if env is not None else ():
            value = entry.value.at("value")
            if isinstance(value, Scalar):
                found.append(Variable(entry.name, value, None))
        return tuple(found)


def read_procfile(file: SourceFile) -> Iterator[PlatformService]:
    """Yield the processes of a Procfile as one element."""
    first = _PROCESS.search(file.text)
    if first is not None:
        yield Procfile(file, Mapping(0, len(file.text)), Span(*first.span(1)), is_templated=False)


def read_app(file: SourceFile, tree: Tree) -> Iterator[PlatformService]:
    """Yield the app of an `app.json`; a file of that name is often about something else."""
    root = tree.documents[0] if tree.documents else None
    if isinstance(root, Mapping) and any(root.at(key) is not None for key in _TELLING):
        title = root.key_at("name") or root.entries[0].key
        yield HerokuApp(file, root, title, is_templated=tree.templated)


_TELLING: Final = ("env", "formation", "buildpacks", "addons", "environments")


def _processes(file: SourceFile) -> Iterator[Process]:
    for count, found in enumerate(_PROCESS.finditer(file.text)):
        if count >= _MAX_PROCESSES:
            return
        command = found[2].rstrip(" \t")
        end = found.start(2) + len(command)
        yield Process(found[1], command, found.start(1), end, Span(found.start(2), end))
