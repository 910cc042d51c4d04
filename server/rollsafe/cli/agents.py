"""`agents`: which agents there are, what one answers for, and which one a task is for."""

import os
import re
from collections.abc import Iterator

from rollsafe.cli.arguments import Arguments
from rollsafe.cli.console import Console, Paint
from rollsafe.cli.failures import CommandError
from rollsafe.cli.options import Overrides
from rollsafe.cli.output.json import Json, encoded
from rollsafe.cli.output.text import plain, plural, wrap
from rollsafe.cli.overlay import SettingsSource
from rollsafe.cli.paths import Shown
from rollsafe.engine.naming import kinds_in
from rollsafe.engine.planning import plan_kinds
from rollsafe.engine.roster import Member, find_member, roster
from rollsafe.engine.routing import PLACES, Ranked, Routing, route
from rollsafe.text import nearest
from rollsafe.workspace.disk import find_root, load_projects
from rollsafe.workspace.snapshot import Snapshot

_SECTION = re.compile(r"^## +(.+?)[ \t]*$", re.M)
_INDENT = "  "
_PLACES = {
    "triggers": "trigger words",
    "examples": "words of its examples",
    "description": "words of its description",
    "instructions": "words of what it is told",
    "responsibilities": "words of what it answers for",
}


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
    members = roster(snapshot, trusted=arguments.flag("--trust"))
    as_json = arguments.one("--format") == "json"
    if action == "list":
        document, text = _list_json(members), _listing(members, console)
    elif action == "show":
        member = _named(subject, members)
        document, text = _show_json(member), "\n".join(_shown(member, console)) + "\n"
    else:
        routing = route(subject, [one.profile for one in members if one.takes_part], kinds_in(snapshot))
        document, text = _route_json(routing), "\n".join(_routed(routing, console)) + "\n"
    if as_json:
        console.write_document(encoded(document))
    else:
        console.write(text)
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


def _listing(members: list[Member], console: Console) -> str:
    paint, width = console.paint("auto"), console.width()
    lines: list[str] = []
    for member in members:
        where = f"  {member.path}" if member.path else ""
        lines.append(f"{paint.bold(plain(member.profile.name))}  {_standing(member)}{plain(where)}")
        said = member.profile.purpose or member.reason
        lines.append(wrap(plain(said), width, _INDENT))
        if member.reason and said != member.reason:
            lines.append(paint.dim(wrap(f"does not take part: {plain(member.reason)}", width, _INDENT)))
    taking = sum(member.takes_part for member in members)
    lines.append(f"\n{plural(taking, 'agent')} of {len(members)} take part.")
    return "\n".join(lines) + "\n"


def _standing(member: Member) -> str:
    return member.standing.value if member.agent else f"{member.source}: {member.standing.value}"


def _list_json(members: list[Member]) -> Json:
    return {"schema": "rollsafe/agents/1", "agents": [_record(member) for member in members]}


def _record(member: Member) -> dict[str, Json]:
    profile = member.profile
    return {
        "name": profile.name,
        "source": member.source,
        "standing": member.standing.value,
        "path": member.path,
        "reason": member.reason,
        "description": profile.description,
    }


def _show_json(member: Member) -> Json:
    profile = member.profile
    return {
        **_record(member),
        "title": profile.title,
        "aliases": list(profile.aliases),
        "artefacts": list(profile.kinds),
        "triggers": list(profile.triggers),
        "examples": list(profile.examples),
        "rules": list(_rules(member)),
        "plans": list(_plans(member)),
        "commands": list(_commands(member)),
        "review_keys": [{"name": c.name, "question": c.question} for c in member.agent.checks]
        if member.agent
        else [],
        "sections": [{"title": title, "text": text} for title, text in _sections(member)],
        "ignored_fields": list(_ignored(member)),
    }


def _shown(member: Member, console: Console) -> Iterator[str]:
    paint, width, profile = console.paint("auto"), console.width(), member.profile
    yield f"{paint.bold(plain(profile.name))}  {_standing(member)}  {plain(member.path)}".rstrip()
    if member.reason:
        yield wrap(f"does not take part: {plain(member.reason)}", width, _INDENT)
    yield wrap(plain(profile.purpose or "no description"), width, _INDENT)
    for title, text in _sections(member):
        yield f"\n{paint.bold(plain(title))}"
        yield from (_paragraph(line, width) for line in text.split("\n") if line.strip())
    yield from _group(paint, "Called for", [plain(one) for one in profile.examples])
    yield from _group(paint, "Rules", [f"{name}: {about}" for name, about in _rules(member).items()])
    yield from _group(paint, "Plans", [f"{name}: {about}" for name, about in _plans(member).items()])
    yield from _group(paint, "Commands", _commands(member))
    checks = member.agent.checks if member.agent else ()
    yield from _group(paint, "What a model may remark on", [f"{one.name}: {one.question}" for one in checks])
    ignored = ", ".join(plain(name) for name in _ignored(member))
    if ignored:
        yield f"\nWithout effect here: {ignored}. Agents of files read; they run and write nothing."


def _paragraph(line: str, width: int) -> str:
    return wrap(plain(line.strip()), width, _INDENT if not line.startswith(" ") else _INDENT * 2)


def _group(paint: Paint, title: str, rows: list[str]) -> Iterator[str]:
    if rows:
        yield f"\n{paint.bold(title)}"
        yield from (f"{_INDENT}{row}" for row in rows)


def _sections(member: Member) -> list[tuple[str, str]]:
    """Return the headed parts of what an agent is told; a file's agent that has none is one part."""
    body = member.agent.persona if member.agent else member.definition.body if member.definition else ""
    parts = _SECTION.split(body)
    found = list(zip(parts[1::2], (text.strip() for text in parts[2::2]), strict=True))
    opening = parts[0].strip()
    return ([("Who it is", opening)] if opening else []) + found


def _rules(member: Member) -> dict[str, str]:
    return {rule.name: rule.summary for rule in member.agent.rules} if member.agent else {}


def _plans(member: Member) -> dict[str, str]:
    mine = (kind for kind in plan_kinds() if member.agent and kind.agent == member.agent.name)
    return {kind.name: kind.summary for kind in mine}


def _commands(member: Member) -> list[str]:
    if member.agent is None:
        return []
    plans = (f"rollsafe plan {name}" for name in _plans(member))
    own = (f"rollsafe {words}" for words in member.profile.commands)
    return [f"rollsafe check --select={member.profile.name}", *plans, *own]


def _ignored(member: Member) -> list[str]:
    """Return the fields of a file that have no effect here: what runs, writes or asks for more."""
    if member.definition is None:
        return []
    honoured = {"name", "description", "title", "triggers", "examples", "artefacts", "model", "color"}
    return [
        field.name for field in member.definition.front.fields if field.name and field.name not in honoured
    ]


def _routed(routing: Routing, console: Console) -> Iterator[str]:
    paint, width = console.paint("auto"), console.width()
    if not routing.chosen:
        yield "Nobody: no agent speaks of what this task is about."
    names = " and ".join(paint.bold(plain(name)) for name in routing.chosen)
    if len(routing.chosen) > 1:
        yield f"A tie between {names}: the task speaks of what each answers for."
    elif routing.chosen:
        yield f"For {names}."
    for one in routing.ranking:
        yield f"\n{plain(one.name)}  {plural(one.points, 'point')}"
        yield from (wrap(plain(reason), width, _INDENT) for reason in _reasons(one))


def _reasons(one: Ranked) -> Iterator[str]:
    for place in PLACES:
        if place in one.words:
            yield f"{_PLACES[place]}: {', '.join(one.words[place])}"
    if one.kinds:
        yield f"kinds of files: {', '.join(one.kinds)}"


def _route_json(routing: Routing) -> Json:
    return {
        "schema": "rollsafe/routing/1",
        "task": routing.task,
        "chosen": list(routing.chosen),
        "verdict": ("nobody", "one", "tie")[min(len(routing.chosen), 2)],
        "ranking": [
            {
                "name": one.name,
                "points": one.points,
                "matched": {
                    **{place: list(one.words.get(place, ())) for place in PLACES},
                    "artefacts": list(one.kinds),
                },
            }
            for one in routing.ranking
        ],
    }
