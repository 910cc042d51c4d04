"""`plan`: plans made from the whole project and what changed in it."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rollsafe.cli.arguments import Arguments, Command, Option
from rollsafe.cli.console import Console
from rollsafe.cli.failures import CommandError
from rollsafe.cli.planning import compared_moment
from rollsafe.cli.writing import write_file
from rollsafe.engine.moment import Moment
from rollsafe.engine.planning import (
    PlanKind,
    PlanRequest,
    PlanRequestError,
    kind_named,
    kind_names,
    make_plan,
    plan_kinds,
    with_documents,
)
from rollsafe.workspace.disk import find_root

if TYPE_CHECKING:
    from rollsafe.review.settings import ReviewSettings


def grammar(command: Command, words: Sequence[str]) -> Command:
    """Return what a command that makes plans takes for the kind that `words` name, or one named like it."""
    if command.name == "plan" and next((word for word in words if word[:1] != "-"), "") == "run":
        from rollsafe.cli.running import GRAMMAR

        return GRAMMAR
    kinds = kind_names()
    named = command.name in kinds
    name = command.name if named else next((word for word in words if word in kinds), None)
    if name is None:
        listed = "\n".join(f"  {one.name:<10}  {one.summary}" for one in plan_kinds())
        summary = f"{command.summary}\n\nKinds:\n{listed}"
        return command._replace(summary=summary, actions=() if named else kinds)
    kind = kind_named(name)
    subject = () if not kind.subject else (kind.subject if kind.needs_subject else f"[{kind.subject}]",)
    operands = (*(() if named else (kind.name,)), *subject, "[PATH]")
    form = Option("--format", "Form of the plan", choices=("markdown", "json", *kind.forms))
    own = (Option(f"--{one.name}", one.help, one.metavar) for one in kind.options)
    return command._replace(
        summary=f"{kind.title}: {kind.summary}",
        operands=" ".join(operands),
        most=len(operands),
        options=(*command.options, form, *own),
        actions=() if named else kinds,
    )


def run(arguments: Arguments, console: Console) -> int:
    """Make a plan of the project that holds the path; exit code 0 whatever its verdict.

    Raises:
        CommandError: the path, the request, a revision or the settings are no good, or the file cannot be
            written.
    """
    operands = list(arguments.operands)
    if operands[:1] == ["run"] and arguments.command.name == "plan":
        from rollsafe.cli.running import run as carry_out

        return carry_out(arguments, console)
    kind = _kind(arguments.command.name if arguments.command.name != "plan" else operands.pop(0))
    replaced = bool(kind.instead) and arguments.flag(f"--{kind.instead}")
    subject = operands.pop(0) if kind.subject and operands and not replaced else ""
    path = operands[0] if operands else "."
    if not os.path.lexists(path):
        raise CommandError(f"{path}: no such file or directory")
    root = find_root(os.path.abspath(path))
    data = _plan(root, kind, subject, arguments, console)
    file = arguments.one("--output")
    if file is None:
        console.write_document(data)
    else:
        write_file(os.path.abspath(file), data, file)
    return 0


def _kind(name: str) -> PlanKind:
    try:
        return kind_named(name)
    except PlanRequestError as error:
        raise CommandError(str(error)) from None


def _plan(root: str, kind: PlanKind, subject: str, arguments: Arguments, console: Console) -> bytes:
    wish = _wish(kind, arguments)
    moment, base, changed = compared_moment(root, arguments.one("--base"), since_fork=kind.since_fork)
    try:
        request = with_documents(kind, PlanRequest(subject, _options(kind, arguments)), os.curdir)
        plan = make_plan(
            kind, moment, request, base=base, changed=changed, environment=arguments.one("--env")
        )
    except PlanRequestError as error:
        raise CommandError(str(error)) from None
    form = arguments.one("--format") or "markdown"
    if form == "json":
        return plan.to_json()
    text = plan.render() if form == "markdown" else plan.forms()[form]()
    if wish is not None:
        text += _words(kind, text, moment, wish, console)
    return text.encode("utf-8", "backslashreplace")


def _wish(kind: PlanKind, arguments: Arguments) -> "ReviewSettings | None":
    """Return how a model is asked for words; None where it is not.

    Raises:
        CommandError: the plan has no place for them, or nobody can be asked.
    """
    if not arguments.flag("--ai") and not arguments.flag("--ai-dry-run"):
        return None
    if not kind.slots:
        raise CommandError(f"--ai: the plan `{kind.name}` has no part for a model's words")
    if (arguments.one("--format") or "markdown") != "markdown":
        raise CommandError("--ai: words of a model are written beside Markdown only")
    from rollsafe.cli.wish import asked_now

    return asked_now(arguments.one("--ai-model"), arguments.one("--ai-dry-run"))


def _words(kind: PlanKind, text: str, moment: Moment, settings: "ReviewSettings", console: Console) -> str:
    """Return what a model writes beside a plan, and say so where it writes nothing."""
    from rollsafe.review.prose import write_prose

    snapshot = moment.snapshot
    if not snapshot.settings.ai.allowed:
        console.complain("AI skipped: the project's settings allow none")
        return ""
    prose = write_prose(kind, text, tuple(snapshot.files.values()), settings)
    if prose.reason:
        console.complain(prose.reason)
    return prose.markdown()


def _options(kind: PlanKind, arguments: Arguments) -> dict[str, tuple[str, ...]]:
    return {
        one.name: arguments.every(f"--{one.name}") for one in kind.options if arguments.flag(f"--{one.name}")
    }
