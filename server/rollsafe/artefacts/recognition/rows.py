"""The form of the recognition tables: one row per subcommand of a tool, and how a row is matched."""

from collections.abc import Callable
from typing import Final

from rollsafe.artefacts.recognition.roles import Classification, Mark, Role
from rollsafe.formats.shell import ShellCommand, reach_any
from rollsafe.text.tuples import NamedTuple

Condition = Callable[[ShellCommand], bool]

ALWAYS: Final = "always"
_DRY: Final = ("--dry-run", "--dryrun", "--help", "-h", "--version")


class Row(NamedTuple):
    """One kind of invocation of a tool.

    `words`: the subcommand, alternatives per place. `unless`: flags with which the row does not
    apply; dry runs are always left out. `only`: flags of which one must be there. `verifies` and
    `rolls_back`: flags that make it so, `(ALWAYS,)` without any. `when`: a further condition.
    """

    words: tuple[frozenset[str], ...]
    roles: frozenset[Role]
    unless: tuple[str, ...]
    only: tuple[str, ...]
    verifies: tuple[str, ...]
    rolls_back: tuple[str, ...]
    idempotent: bool
    probable: bool
    requires: Mark | None
    marks: Mark | None
    when: Condition | None


def row(
    words: str,
    *roles: Role,
    unless: str = "",
    only: str = "",
    verifies: str = "",
    rolls_back: str = "",
    idempotent: bool = False,
    probable: bool = False,
    requires: Mark | None = None,
    marks: Mark | None = None,
    when: Condition | None = None,
) -> Row:
    """Build a row; `words` separates places by blanks and alternatives by `|`, flags by blanks."""
    return Row(
        tuple(frozenset(word.split("|")) for word in words.split()),
        frozenset(roles),
        (*_DRY, *unless.split()),
        tuple(only.split()),
        tuple(verifies.split()),
        tuple(rolls_back.split()),
        idempotent,
        probable,
        requires,
        marks,
        when,
    )


def match(tool: str, rows: tuple[Row, ...], command: ShellCommand) -> Classification | None:
    """Return what the first fitting row says of `command`, whose tool has been looked up."""
    for candidate in rows:
        after = reach_any(command.texts, 1, candidate.words) if candidate.words else 1
        if after is not None and _applies(candidate, command):
            verb = " ".join(_words_of(candidate, command.texts[1:after]))
            return _classification(tool, verb, candidate, command)
    return None


def _words_of(candidate: Row, texts: list[str]) -> list[str]:
    wanted = frozenset[str]().union(*candidate.words)
    return [text for text in texts if text in wanted]


def _applies(candidate: Row, command: ShellCommand) -> bool:
    if command.has_flag(*candidate.unless):
        return False
    if candidate.only and not command.has_flag(*candidate.only):
        return False
    return candidate.when is None or candidate.when(command)


def _classification(tool: str, verb: str, candidate: Row, command: ShellCommand) -> Classification:
    return Classification(
        tool,
        candidate.roles,
        verb,
        _given(candidate.verifies, command),
        _given(candidate.rolls_back, command),
        candidate.idempotent,
        candidate.probable,
        candidate.requires,
        candidate.marks,
    )


def _given(flags: tuple[str, ...], command: ShellCommand) -> bool:
    return flags == (ALWAYS,) or (bool(flags) and command.has_flag(*flags))
