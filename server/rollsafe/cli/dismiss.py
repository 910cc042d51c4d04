"""`dismiss`: a model's remark that is not to be made again while its text stays the same."""

from collections.abc import Iterator
from datetime import date

from rollsafe.cli.arguments import Arguments
from rollsafe.cli.console import Console
from rollsafe.cli.failures import CommandError
from rollsafe.cli.output.text import plain
from rollsafe.cli.remarks import here, remark_named, shared
from rollsafe.review.dismissals import DISMISSED_NAME, dismiss, restore
from rollsafe.review.memory import DismissalError, Memory, SetAside
from rollsafe.review.settings import memory_file


def run(arguments: Arguments, console: Console) -> int:
    """Set remarks aside, take that back, or without a fingerprint list what is set aside in this project.

    Raises:
        CommandError: there is no such remark, or it cannot be written down.
    """
    words = list(dict.fromkeys(arguments.operands))
    try:
        if not words:
            lines = _listed()
        elif arguments.flag("--undo"):
            lines = _restored(words)
        else:
            reason = plain(arguments.one("--reason") or "")
            lines = _dismissed(words, reason, for_all=arguments.flag("--for-all"))
        for line in lines:
            console.write(f"{line}\n")
    except DismissalError as error:
        raise CommandError(str(error)) from None
    return 0


def _dismissed(words: list[str], reason: str, *, for_all: bool) -> Iterator[str]:
    for one in [remark_named(word) for word in words]:
        dismiss(one, reason, date.today(), memory_file(), for_all=for_all)
        place = f"in {DISMISSED_NAME}" if for_all else "for you"
        yield f"Set aside {place} until its text changes: {one.name} {one.path}:{one.line}"


def _restored(words: list[str]) -> Iterator[str]:
    for word in words:
        known = [one for _, one in _entries() if one.fingerprint.startswith(word)]
        prints = {one.fingerprint for one in known}
        if len(prints) != 1:
            raise CommandError(f"`{word}` stands for {len(prints)} remarks set aside in this project")
        restore(here(), prints.pop(), memory_file())
        yield f"May be made again: {known[0].name} {known[0].path}"


def _listed() -> Iterator[str]:
    entries = list(_entries())
    for place, one in entries:
        reason = f": {one.reason}" if one.reason else ""
        yield plain(f"{one.fingerprint}  {one.name}  {one.path}  {one.on}, {place}{reason}")
    if not entries:
        yield "Nothing is set aside in this project."


def _entries() -> Iterator[tuple[str, SetAside]]:
    """Yield what is set aside in this project, with for whom."""
    root = here()
    yield from (("for you", one) for one in Memory(memory_file()).dismissed(root))
    yield from (("for all", one) for one in shared(root))
