"""`plan`: plans made from the whole project and what changed in it."""

import os
from datetime import date

from rollsafe.cli.arguments import Arguments
from rollsafe.cli.console import Console
from rollsafe.cli.failures import CommandError
from rollsafe.cli.options import Overrides
from rollsafe.cli.overlay import SettingsSource
from rollsafe.cli.paths import Shown
from rollsafe.cli.writing import write_file
from rollsafe.engine import UnknownRuleError
from rollsafe.engine.project import Project
from rollsafe.workspace.disk import find_root, load_projects
from rollsafe.workspace.facts import Base
from rollsafe.workspace.git import GitError, changed_paths, default_base, resolve_base


def run(arguments: Arguments, console: Console) -> int:
    """Make the deployment plan of the project that holds the path; exit code 0 whatever its verdict.

    Raises:
        CommandError: the path, a revision or the settings are no good, or the file cannot be written.
    """
    _, *rest = arguments.operands
    path = rest[0] if rest else "."
    if not os.path.lexists(path):
        raise CommandError(f"{path}: no such file or directory")
    root = find_root(os.path.abspath(path))
    base, changed = _difference(root, arguments.one("--base"))
    data = _plan(root, base, changed, arguments)
    file = arguments.one("--output")
    if file is None:
        console.write_document(data)
    else:
        write_file(os.path.abspath(file), data, file)
    return 0


def _plan(root: str, base: Base, changed: frozenset[str] | None, arguments: Arguments) -> bytes:
    from rollsafe.engine.planning import deployment_plan, render, to_json

    project = _project(root, base)
    plan = deployment_plan(project, base=base, changed=changed, environment=arguments.one("--env"))
    if arguments.one("--format") == "json":
        return to_json(plan)
    return render(plan).encode("utf-8", "backslashreplace")


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
