"""`plan`: plans made from the whole project and what changed in it."""

import os
from collections.abc import Sequence
from datetime import date

from rollsafe.cli.arguments import Arguments, Command, Option
from rollsafe.cli.console import Console
from rollsafe.cli.failures import CommandError
from rollsafe.cli.options import Overrides
from rollsafe.cli.overlay import SettingsSource
from rollsafe.cli.paths import Shown
from rollsafe.cli.writing import write_file
from rollsafe.engine import UnknownRuleError
from rollsafe.engine.planning import (
    PlanKind,
    PlanRequest,
    PlanRequestError,
    kind_named,
    make_plan,
    plan_kinds,
)
from rollsafe.engine.project import Project
from rollsafe.workspace.disk import find_root, load_projects
from rollsafe.workspace.facts import Base
from rollsafe.workspace.git import GitError, changed_paths, default_base, resolve_base


def grammar(command: Command, words: Sequence[str]) -> Command:
    """Return what a command that makes plans takes for the kind that `words` name, or one named like it."""
    kinds = {kind.name: kind for kind in plan_kinds()}
    named = command.name in kinds
    kind = kinds[command.name] if named else next((kinds[word] for word in words if word in kinds), None)
    if kind is None:
        listed = "\n".join(f"  {one.name:<10}  {one.summary}" for one in kinds.values())
        summary = f"{command.summary}\n\nKinds:\n{listed}"
        return command._replace(summary=summary, actions=() if named else tuple(kinds))
    subject = () if not kind.subject else (kind.subject if kind.needs_subject else f"[{kind.subject}]",)
    operands = (*(() if named else (kind.name,)), *subject, "[PATH]")
    form = Option("--format", "Form of the plan", choices=("markdown", "json", *kind.forms))
    own = (Option(f"--{one.name}", one.help, one.metavar) for one in kind.options)
    return command._replace(
        summary=f"{kind.title}: {kind.summary}",
        operands=" ".join(operands),
        most=len(operands),
        options=(*command.options, form, *own),
        actions=() if named else tuple(kinds),
    )


def run(arguments: Arguments, console: Console) -> int:
    """Make a plan of the project that holds the path; exit code 0 whatever its verdict.

    Raises:
        CommandError: the path, the request, a revision or the settings are no good, or the file cannot be
            written.
    """
    operands = list(arguments.operands)
    kind = _kind(arguments.command.name if arguments.command.name != "plan" else operands.pop(0))
    subject, path = _subject_and_path(kind, operands)
    if not os.path.lexists(path):
        raise CommandError(f"{path}: no such file or directory")
    root = find_root(os.path.abspath(path))
    data = _plan(root, kind, subject, arguments)
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


def _subject_and_path(kind: PlanKind, operands: list[str]) -> tuple[str, str]:
    """Return what the plan is about, and where the project is."""
    subject = operands.pop(0) if kind.subject and operands else ""
    return subject, operands[0] if operands else "."


def _plan(root: str, kind: PlanKind, subject: str, arguments: Arguments) -> bytes:
    base, changed = _difference(root, arguments.one("--base"))
    project = _project(root, base)
    request = PlanRequest(subject, _options(kind, arguments))
    try:
        plan = make_plan(
            kind, project, request, base=base, changed=changed, environment=arguments.one("--env")
        )
    except PlanRequestError as error:
        raise CommandError(str(error)) from None
    form = arguments.one("--format") or "markdown"
    if form == "json":
        return plan.to_json()
    text = plan.render() if form == "markdown" else plan.forms()[form]()
    return text.encode("utf-8", "backslashreplace")


def _options(kind: PlanKind, arguments: Arguments) -> dict[str, tuple[str, ...]]:
    return {
        one.name: arguments.every(f"--{one.name}") for one in kind.options if arguments.flag(f"--{one.name}")
    }


def _difference(root: str, ref: str | None) -> tuple[Base, frozenset[str] | None]:
    """Return the base and what differs from it; without a revision to compare with, no paths at all."""
    wanted = ref or default_base(root)
    if wanted is None:
        return Base(), None
    try:
        return resolve_base(root, wanted), changed_paths(root, wanted)
    except GitError as error:
        raise CommandError(f"--base: {error}") from None


def _project(root: str, base: Base) -> Project:
    settings_of = SettingsSource(Overrides(), Shown())
    snapshot = load_projects(root, settings_of=settings_of, wanted=lambda _: False)[0]
    try:
        project = Project.open(snapshot, date.today(), base=base)
    except UnknownRuleError as error:
        raise CommandError(f"{settings_of.place(root)}: {error}") from None
    project.analyse()
    return project
