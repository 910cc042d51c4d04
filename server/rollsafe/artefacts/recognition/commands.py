"""What a command is for: one dictionary look-up by its name, then the rows of that tool."""

from collections.abc import Iterable
from typing import Final

from rollsafe.artefacts.recognition.check_tables import CHECK_TABLES
from rollsafe.artefacts.recognition.cluster_tables import CLUSTER_TABLES
from rollsafe.artefacts.recognition.database_tables import DATABASE_TABLES
from rollsafe.artefacts.recognition.host_tables import HOST_TABLES
from rollsafe.artefacts.recognition.named import by_name
from rollsafe.artefacts.recognition.platform_tables import PLATFORM_TABLES
from rollsafe.artefacts.recognition.roles import Classification
from rollsafe.artefacts.recognition.rows import Row, match
from rollsafe.formats.shell import ShellCommand
from rollsafe.text.patterns import lazily

_ALIASES: Final = {
    "tofu": "terraform",
    "flyctl": "fly",
    "sls": "serverless",
    "ntl": "netlify",
    "mrsk": "kamal",
    "gradlew": "gradle",
    "gradlew.bat": "gradle",
    "mvnw": "mvn",
    "podman": "docker",
    "nerdctl": "docker",
    "podman-compose": "docker-compose",
    "tk": "tanka",
    "helm3": "helm",
    "sequelize-cli": "sequelize",
    "typeorm-ts-node-commonjs": "typeorm",
    "typeorm-ts-node-esm": "typeorm",
    "vc": "vercel",
    "now": "vercel",
    "go-migrate": "migrate",
    "golang-migrate": "migrate",
    "manage": "manage.py",
    "capistrano": "cap",
    "wait-for-it.sh": "wait-for-it",
    "wait-for": "wait-for-it",
    "iwr": "invoke-webrequest",
    "invoke-restmethod": "invoke-webrequest",
    "cdklocal": "",
    "awslocal": "",
    "tflocal": "",
}
"""Other names of a tool; the empty one is a stand-in for a cloud, which changes nothing real."""

_RUNNERS: Final = frozenset({"yarn", "pnpm", "bun", "npm"})
_SUFFIX: Final = lazily(r"\.(exe|cmd|bat)$")


def _merged(*tables: dict[str, tuple[Row, ...]]) -> dict[str, tuple[Row, ...]]:
    merged: dict[str, tuple[Row, ...]] = {}
    for table in tables:
        for name, rows in table.items():
            merged[name] = (*merged.get(name, ()), *rows)
    return merged


TABLE: Final = _merged(CLUSTER_TABLES, PLATFORM_TABLES, HOST_TABLES, DATABASE_TABLES, CHECK_TABLES)
"""All rows by canonical tool name."""


def tool_of(name: str) -> str:
    """Return the canonical tool a command's name stands for: `./gradlew` is `gradle`."""
    base = name.rpartition("/")[2]
    if base not in TABLE:
        base = _SUFFIX.sub("", base).lower() if base[:1].isupper() or "." in base else base
    return _ALIASES.get(base, base)


def classify(command: ShellCommand) -> Classification | None:
    """Say what `command` is for; None when it is nothing this table knows.

    What depends on other steps is told by `requires` and `marks`, not decided here.
    """
    if not command.texts:
        return None
    tool = tool_of(command.name)
    rows = TABLE.get(tool)
    found = match(tool, rows, command) if rows else None
    if found is None and tool in _RUNNERS:
        found = _classify_binary(command)
    if found is not None and (found.roles or found.marks):
        return found
    return by_name(command) if found is None else None


def _classify_binary(command: ShellCommand) -> Classification | None:
    """Classify `yarn prisma migrate deploy`, where the runner's first operand is a tool."""
    operands = command.operands
    if len(operands) < 2 or operands[0] not in TABLE:
        return None
    at = command.texts.index(operands[0])
    words = command.words[at:]
    inner = ShellCommand(command.start, command.end, words, surroundings=command.surroundings)
    return match(operands[0], TABLE[operands[0]], inner)


def classify_all(commands: Iterable[ShellCommand]) -> list[tuple[ShellCommand, Classification]]:
    """Return the commands that are for something, each with what that is, in order."""
    pairs = ((command, classify(command)) for command in commands)
    return [(command, found) for command, found in pairs if found is not None]
