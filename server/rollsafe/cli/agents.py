"""`agents`: which agents there are, what one answers for, and which one a task is for."""

import os

from rollsafe.cli.arguments import Arguments
from rollsafe.cli.consent import consent_for
from rollsafe.cli.console import Console
from rollsafe.cli.failures import CommandError
from rollsafe.cli.options import Overrides
from rollsafe.cli.output.agents import (
    listing,
    listing_document,
    routed,
    routing_document,
    shown,
    shown_document,
)
from rollsafe.cli.output.json import encoded
from rollsafe.cli.overlay import SettingsSource
from rollsafe.cli.paths import Shown
from rollsafe.engine.naming import kinds_in
from rollsafe.engine.roster import Member, find_member, roster
from rollsafe.engine.routing import route
from rollsafe.text import nearest
from rollsafe.workspace.agent_files import unsearched_directories
from rollsafe.workspace.disk import find_root, load_projects
from rollsafe.workspace.snapshot import Snapshot


def run(arguments: Arguments, console: Console) -> int:
    """List the agents, show one, or say which one a task is for.

    Raises:
        CommandError: an operand is missing or names nothing, or the settings are no good.
    """
    action, *rest = arguments.operands
    subject = "" if action == "list" else _subject(action, rest)
    path = rest[0] if rest else "."
    if not os.path.lexists(path):
        raise CommandError(f"{path}: no such file or directory")
    snapshot = _project(path)
    consent = consent_for(snapshot.root, trusted=arguments.flag("--trust"))
    members = roster(snapshot, consent)
    paint, width = console.paint("auto"), console.width()
    if action == "list":
        unsearched = unsearched_directories(consent.own_sources)
        document, lines = listing_document(members), listing(members, unsearched, paint, width)
    elif action == "show":
        member = _named(subject, members)
        document, lines = shown_document(member), shown(member, paint, width)
    else:
        taking = [one for one in members if one.takes_part]
        built_in = [one.profile for one in taking if one.agent]
        added = [one.profile for one in taking if not one.agent]
        routing = route(subject, built_in, kinds_in(snapshot), added)
        document, lines = routing_document(routing), routed(routing, paint, width)
    if arguments.one("--format") == "json":
        console.write_document(encoded(document))
    else:
        console.write("\n".join(lines) + "\n")
    return 0


def _subject(action: str, rest: list[str]) -> str:
    if not rest or not rest[0].strip():
        missing = "an agent's name" if action == "show" else "the task"
        raise CommandError(f"rollsafe agents {action}: {missing} is missing")
    return rest.pop(0)


def _project(path: str) -> Snapshot:
    root = find_root(os.path.abspath(path))
    settings_of = SettingsSource(Overrides(), Shown())
    return load_projects(root, settings_of=settings_of, wanted=lambda _: False)[0]


def _named(name: str, members: list[Member]) -> Member:
    member = find_member(members, name)
    if member is None:
        close = nearest(name, (one.profile.name for one in members))
        raise CommandError(f"no agent `{name}`" + (f"; nearest: `{close}`" if close else ""))
    return member
