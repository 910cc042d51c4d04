"""Reading a goal: which parts of the system its words name, and what sort of change they speak of."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from rollsafe.artefacts.recognition.roles import listed
from rollsafe.text.records import open_record
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.system import Node, NodeKind, System

_WORD = re.compile(r"[A-Za-z0-9]+(?:[._/-][A-Za-z0-9]+)*")
_MOST_WORDS: Final = 2_000
_NAMED: Final = (
    NodeKind.SERVICE,
    NodeKind.STORE,
    NodeKind.EXTERNAL,
    NodeKind.ENVIRONMENT,
    NodeKind.JOB,
    NodeKind.CONFIG,
    NodeKind.SECRET,
)
_SHORTEST: Final = 3


class Theme(StrEnum):
    """A sort of change a goal can speak of."""

    DATA = "data"
    REMOVAL = "removal"
    INTERFACE = "interface"
    EVENTS = "events"
    SETTINGS = "settings"
    SERVICE = "new service"
    SURFACE = "user interface"
    SPEED = "performance"
    ACCESS = "access"


_WORDS: Final[Mapping[Theme, frozenset[str]]] = {
    Theme.DATA: frozenset(
        listed(
            "archive attribute backfill column columns database data entity field fields history index"
            " migrate migration model persist persistent record rename row save schema store stored"
            " table tables"
        )
    ),
    Theme.REMOVAL: frozenset(
        listed("decommission delete deprecate drop eliminate obsolete remove removal removing retire sunset")
    ),
    Theme.INTERFACE: frozenset(
        listed("api client contract endpoint endpoints graphql grpc http rest route sdk webhook webhooks")
    ),
    Theme.EVENTS: frozenset(
        listed(
            "async asynchronous background broker cron email event events job kafka message messages"
            " notification notifications notify publish push queue real-time realtime schedule scheduled"
            " sms stream subscribe"
        )
    ),
    Theme.SETTINGS: frozenset(
        listed("config configurable configuration credential flag key option secret setting settings toggle")
    ),
    Theme.SERVICE: frozenset(listed("extract microservice microservices standalone")),
    Theme.SURFACE: frozenset(listed("button dashboard form frontend page screen ui view website widget")),
    Theme.SPEED: frozenset(
        listed("cache caching faster latency load performance scale scaling slow speed throughput")
    ),
    Theme.ACCESS: frozenset(
        listed("auth authentication authorization login oauth permission permissions role roles sso tenant")
    ),
}
_NEW_SERVICE = re.compile(
    r"\b(?:new|separate|own|another|dedicated)\s+(?:[\w-]+\s+)?(?:micro)?service\b", re.I
)


class Match(NamedTuple):
    """A part of the system a goal names, by the word that does."""

    node: Node
    word: str


@open_record
class Goal:
    """A goal as read. `ambiguous` maps a word to the services it may mean, where it fits more than one."""

    text: str
    words: frozenset[str]
    themes: frozenset[Theme]
    named: tuple[Match, ...]
    tables: tuple[str, ...]
    ambiguous: Mapping[str, tuple[str, ...]]

    def has(self, *themes: Theme) -> bool:
        """Say whether the goal speaks of one of `themes`."""
        return not self.themes.isdisjoint(themes)


def read_goal(text: str, system: System, tables: Iterable[str]) -> Goal:
    """Return what a goal names and speaks of. Names count in any case, singular or plural."""
    spoken = [match[0].lower() for match in _WORD.finditer(text)][:_MOST_WORDS]
    words = frozenset(spoken) | {part for word in spoken for part in re.split(r"[._/-]", word)}
    forms = {form: word for word in sorted(words) for form in _forms(word)}
    themes = {theme for theme, known in _WORDS.items() if not known.isdisjoint(words)}
    if _NEW_SERVICE.search(text):
        themes.add(Theme.SERVICE)
    named = [
        Match(node, forms[node.name.lower()]) for node in system.of(*_NAMED) if node.name.lower() in forms
    ]
    covered = {match.word for match in named}
    partial = _partial(system, {form: word for form, word in forms.items() if word not in covered})
    sure = [Match(nodes[0], word) for word, nodes in partial.items() if len(nodes) == 1]
    return Goal(
        text,
        words,
        frozenset(themes),
        tuple({match.node.id: match for match in (*named, *sure)}.values()),
        tuple(sorted(table for table in set(tables) if table.lower() in forms)),
        {word: tuple(node.name for node in nodes) for word, nodes in partial.items() if len(nodes) > 1},
    )


def _partial(system: System, forms: Mapping[str, str]) -> dict[str, list[Node]]:
    """Return the services of whose names a word of the goal is a part: `payment` of `payment-worker`.

    What nearly all names end in is not told from the name: `cart` is `cartservice`.
    """
    found: dict[str, list[Node]] = {}
    for node in system.of(NodeKind.SERVICE):
        if all(unit.is_development for unit in system.units[node.id]):
            continue
        name = node.name.lower()
        parts = {part for part in re.split(r"[._/-]", name) if part not in _GENERIC}
        parts |= {name.removesuffix(ending) for ending in _ENDINGS if name.endswith(ending)}
        for part in sorted(parts - {name}):
            if part in forms and len(part) >= _SHORTEST and node not in found.get(forms[part], ()):
                found.setdefault(forms[part], []).append(node)
    return found


_ENDINGS: Final = ("service", "svc", "server", "app")
_GENERIC: Final = frozenset(
    listed("service server api app web worker job db backend the new svc frontend ui client")
)


def _forms(word: str) -> tuple[str, ...]:
    """Return a word and its singular or plural."""
    if len(word) < _SHORTEST:
        return (word,)
    if word.endswith("ies"):
        return word, f"{word[:-3]}y"
    if word.endswith("s"):
        return word, word[:-1]
    return word, f"{word}s", f"{word[:-1]}ies" if word.endswith("y") else word
