"""What single instructions say: the user, the ports, the health check, where files are copied from."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from rollsafe.artefacts.dockerfile.elements import DockerInstruction
from rollsafe.artefacts.durations import seconds_of
from rollsafe.artefacts.images import ImageReference, parse_image
from rollsafe.formats.dockerfile_nodes import Flag, Script
from rollsafe.formats.dockerfile_words import Word
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

if TYPE_CHECKING:
    from rollsafe.artefacts.dockerfile.stages import Stage

_PORT = lazily(r"(\d{1,5})(?:-(\d{1,5}))?(?:/([A-Za-z]+))?\Z", re.A)
_MOUNT_SOURCE = lazily(r"(?:^|,)from=([^,]+)")
_ROOT: Final = frozenset({"root", "0"})


class User(NamedTuple):
    """The user a stage runs as: `name` (or number) and `group` with known variables replaced.

    `name` is None when it depends on a variable without a known value.
    """

    name: str | None
    group: str | None
    word: Word
    instruction: DockerInstruction

    @property
    def is_root(self) -> bool:
        """Whether it is surely root."""
        return self.name in _ROOT

    @property
    def is_numeric(self) -> bool:
        """Whether it is a number, so that an orchestrator can tell it from root."""
        return self.name is not None and self.name.isascii() and self.name.isdigit()


class ExposedPort(NamedTuple):
    """A port, or a range from `number` to `last`; None where a variable without a value decides it."""

    number: int | None
    last: int | None
    protocol: str
    word: Word
    instruction: DockerInstruction


class HealthCheck(NamedTuple):
    """A HEALTHCHECK instruction: `NONE`, or a command with options."""

    instruction: DockerInstruction

    @property
    def is_disabled(self) -> bool:
        """Whether it is `NONE`, which also switches the base image's check off."""
        return self.instruction.node.health_kind == "NONE"

    @property
    def exec_form(self) -> tuple[Word, ...] | None:
        """The command in JSON form."""
        return self.instruction.exec_form

    @property
    def script(self) -> Script | None:
        """The command in shell form."""
        return self.instruction.script

    @property
    def interval(self) -> float | None:
        """Seconds between checks; None when a variable decides it."""
        return self._seconds("interval", 30.0)

    @property
    def timeout(self) -> float | None:
        """Seconds a check may take."""
        return self._seconds("timeout", 30.0)

    @property
    def start_period(self) -> float | None:
        """Seconds during which failures do not count."""
        return self._seconds("start-period", 0.0)

    @property
    def retries(self) -> int | None:
        """Failures in a row before the container counts as unhealthy."""
        flag = self.instruction.flag("retries")
        if flag is None:
            return 3
        value = flag.value or ""
        return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None

    def _seconds(self, name: str, default: float) -> float | None:
        flag = self.instruction.flag(name)
        return default if flag is None else seconds_of(flag.value or "")


class CopySource(NamedTuple):
    """Where COPY, ADD or a RUN mount takes files from: an earlier `stage`, or an `image`.

    Both are None when a variable decides it. `flag` is the `--from` or `--mount` that says so.
    """

    name: str
    stage: "Stage | None"
    image: ImageReference | None
    flag: Flag
    instruction: DockerInstruction


def user_of(instruction: DockerInstruction, stage: "Stage") -> User | None:
    """Return what a USER instruction says; None while it has no argument."""
    word = instruction.argument
    if word is None:
        return None
    text = stage.expand(word.text)
    if text is None:
        return User(None, None, word, instruction)
    name, _, group = text.partition(":")
    return User(name, group or None, word, instruction)


def exposed_by(instruction: DockerInstruction, stage: "Stage") -> Iterator[ExposedPort]:
    """Yield the ports of an EXPOSE instruction."""
    for word in instruction.words:
        match = _PORT.match(stage.expand(word.text) or "")
        if match is None:
            yield ExposedPort(None, None, "tcp", word, instruction)
        else:
            first = int(match[1])
            protocol = (match[3] or "tcp").lower()
            yield ExposedPort(first, int(match[2] or first), protocol, word, instruction)


def copy_sources(instruction: DockerInstruction, stage: "Stage") -> Iterator[CopySource]:
    """Yield what `--from` of COPY and ADD, and `from=` of a mount, name."""
    for flag in instruction.flags:
        name = _source_name(flag)
        if name:
            found = stage.dockerfile.stage_called(name, before=stage)
            resolved = stage.dockerfile.expand_globally(name) if found is None else None
            image = parse_image(resolved) if resolved is not None else None
            yield CopySource(name, found, image, flag, instruction)


def _source_name(flag: Flag) -> str | None:
    if flag.name == "from":
        return flag.value
    found = _MOUNT_SOURCE.search(flag.value or "") if flag.name == "mount" else None
    return found[1] if found is not None else None
