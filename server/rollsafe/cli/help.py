"""`--help`: the grammar, printed."""

from rollsafe.cli.arguments import HELP, Command, Option
from rollsafe.cli.commands import COMMANDS

_EXIT_CODES = """\
Exit codes: 0 nothing at or above --fail-on, 1 findings (or a diff), 2 the command could not do its work.
Positions count from 1 in characters; the end of a range is the column after its last character."""


def overview() -> str:
    """Return what `rollsafe --help` prints."""
    rows = [(command.name, command.summary) for command in COMMANDS]
    return (
        "rollsafe: deployment configs, migrations and workflow files, read together\n\n"
        "Usage: rollsafe COMMAND [OPTIONS]\n"
        "       rollsafe PATH… is `rollsafe check PATH…`\n\n"
        f"Commands:\n{_table(rows)}\n\n"
        "`rollsafe COMMAND --help` lists the options of one.\n"
    )


def usage(command: Command) -> str:
    """Return what `rollsafe COMMAND --help` prints."""
    line = " ".join(part for part in ("rollsafe", command.name, "[OPTIONS]", command.operands) if part)
    rows = [(_left(option), option.help) for option in (*command.options, HELP)]
    text = f"{command.summary}\n\nUsage: {line}\n\nOptions:\n{_table(rows)}\n"
    return f"{text}\n{_EXIT_CODES}\n" if command.name in ("check", "fix") else text


def _left(option: Option) -> str:
    names = f"{option.short}, {option.name}" if option.short else option.name
    value = "|".join(option.choices) or option.metavar
    gap = "" if option.may_stand_alone or not value else " "
    return f"{names}{gap}{value}"


def _table(rows: list[tuple[str, str]]) -> str:
    width = max(len(left) for left, _ in rows if len(left) <= 30)
    return "\n".join(_row(left, right, width) for left, right in rows)


def _row(left: str, right: str, width: int) -> str:
    if len(left) > width:
        return f"  {left}\n  {'':<{width}}  {right}"
    return f"  {left:<{width}}  {right}"
