"""What `agents` prints: who there is, what one answers for, whom a task is for; text and JSON."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rollsafe.artefacts.agent_file import HONOURED
from rollsafe.cli.console import Paint
from rollsafe.cli.output.json import Json
from rollsafe.cli.output.text import plain, plural, wrap
from rollsafe.engine.planning import plan_kinds
from rollsafe.engine.roster import Member
from rollsafe.engine.routing import PLACES, Ranked, Routing
from rollsafe.workspace.agent_files import Scope
from rollsafe.workspace.user_directories import shown_path

_SECTION = re.compile(r"^## +(.+?)[ \t]*$", re.M)
_INDENT = "  "
_SHORT: Final = 240
_HEADINGS: Final = {
    Scope.BUILT_IN: "Built-in",
    Scope.PROJECT: "In this project",
    Scope.USER: "Your own",
}
_PLACES: Final = {
    "triggers": "trigger words",
    "examples": "words of its examples",
    "description": "words of its description",
    "instructions": "words of what it is told",
    "responsibilities": "words of what it answers for",
}


def listing(
    members: Sequence[Member], unsearched: Iterable[tuple[str, str]], paint: Paint, width: int
) -> Iterator[str]:
    """Yield the lines of the list; `unsearched` are a user's own directories, by tool."""
    for scope, heading in _HEADINGS.items():
        own = [member for member in members if member.scope is scope]
        if own:
            yield paint.bold(heading)
            for member in own:
                yield from _listed(member, paint, width)
            yield ""
    for source, directory in unsearched:
        where = plain(shown_path(directory))
        words = f"Not searched: {where}. `[agents] sources` of your own settings does not name `{source}`."
        yield paint.dim(wrap(words, width, ""))
    taking = sum(member.takes_part for member in members)
    yield f"{plural(taking, 'agent')} of {len(members)} take part."


def _listed(member: Member, paint: Paint, width: int) -> Iterator[str]:
    name = paint.named(member.profile.color, plain(member.profile.name))
    where = f"  {plain(member.shown_path)}" if member.path else ""
    yield f"{_INDENT}{name}{paint.dim(where)}{_standing(member)}"
    if member.reason:
        yield wrap(f"{member.standing.value}: {plain(member.reason)}", width, _INDENT * 2)
    if member.profile.purpose:
        yield paint.dim(wrap(plain(_shortened(member.profile.purpose)), width, _INDENT * 2))
    if member.takes_part and not member.agent:
        yield wrap(plain(_part(member)), width, _INDENT * 2)


def _standing(member: Member) -> str:
    return f"  [{member.source}]" if member.path else ""


def _shortened(words: str) -> str:
    return words if len(words) <= _SHORT else words[:_SHORT].rsplit(" ", 1)[0] + " …"


def _part(member: Member) -> str:
    """Return what an agent of a file does here."""
    role = member.profile.role
    if role.kind == "planner":
        return "planner: tasks are routed to it; reviews by a model leave it out"
    if role.files:
        return f"reviewer of files like {', '.join(role.files)}"
    if member.profile.looks_at:
        return f"reviewer of {', '.join(member.profile.looks_at)}"
    return "reviewer when it is asked for by name: its description speaks of no kind of file"


def listing_document(members: Sequence[Member]) -> Json:
    """Return the list as JSON."""
    return {"schema": "rollsafe/agents/1", "agents": [_record(member) for member in members]}


def _record(member: Member) -> dict[str, Json]:
    profile = member.profile
    return {
        "name": profile.name,
        "scope": member.scope.value,
        "source": member.source,
        "standing": member.standing.value,
        "path": member.path,
        "reason": member.reason,
        "kind": profile.role.kind,
        "files": list(profile.role.files),
        "looks_at": list(profile.looks_at),
        "description": profile.description,
    }


def shown_document(member: Member) -> Json:
    """Return all about one agent as JSON."""
    profile = member.profile
    checks = member.agent.checks if member.agent else ()
    return {
        **_record(member),
        "title": profile.title,
        "model": profile.model,
        "color": profile.color,
        "aliases": list(profile.aliases),
        "artefacts": list(profile.kinds),
        "triggers": list(profile.triggers),
        "examples": list(profile.examples),
        "rules": list(_rules(member)),
        "plans": list(_plans(member)),
        "commands": list(_commands(member)),
        "review_keys": [{"name": c.name, "question": c.question} for c in checks],
        "keys": list(profile.role.keys),
        "max_findings": None if member.agent else profile.role.max_findings,
        "sections": [{"title": title, "text": text} for title, text in _sections(member)],
        "ignored_fields": list(_ignored(member)),
    }


def shown(member: Member, paint: Paint, width: int) -> Iterator[str]:
    """Yield the lines about one agent."""
    profile = member.profile
    where = f"  {plain(member.shown_path)}" if member.path else "  built-in"
    yield f"{paint.named(profile.color, plain(profile.name))}{paint.dim(where)}{_standing(member)}"
    if member.reason:
        yield wrap(f"{member.standing.value}: {plain(member.reason)}", width, _INDENT)
    elif not member.agent:
        yield wrap(plain(_part(member)), width, _INDENT)
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
        why = "An agent of a file has no tools here; it runs and writes nothing."
        yield "\n" + wrap(f"Without effect here: {ignored}. {why}", width, "")


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
    named = (field.name for field in member.definition.front.fields)
    return list(dict.fromkeys(name for name in named if name and name not in HONOURED))


def routed(routing: Routing, paint: Paint, width: int) -> Iterator[str]:
    """Yield the lines that say whom a task is for."""
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


def routing_document(routing: Routing) -> Json:
    """Return whom a task is for as JSON."""
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
