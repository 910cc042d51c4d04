"""Which agent a task is for: by its words and by the files it names. Offline, and always the same answer.

What counts: trigger words of an agent, words of its examples, of its description and of what it is told, and
the kinds of the files and things the task names. A word that fewer agents have counts more.
"""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Final, NamedTuple

from rollsafe.artefacts.agent_file import AgentProfile

_WORD = re.compile(r"[a-z0-9]+(?:[-_'][a-z0-9]+)*")
_PATH = re.compile(
    r"[\w.@-]*(?:/[\w.@-]+)+|[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{1,10}|Dockerfile|Makefile|CODEOWNERS"
)
_STOP: Final = frozenset({
    "a", "about", "after", "again", "agent", "agents", "all", "also", "an", "and", "another", "any",
    "are", "as", "assistant", "at", "be", "because", "been", "before", "being", "both", "but", "by",
    "can", "context", "could", "cut", "did", "do", "does", "doesn't", "doing", "don't", "done", "down",
    "each", "every", "example", "find", "for", "from", "get", "gets", "give", "go", "goes", "got", "had",
    "happen", "happens", "has", "have", "he", "help", "her", "here", "him", "his", "how", "i", "if",
    "in", "into", "is", "it", "it's", "its", "just", "let", "let's", "like", "look", "looks", "made",
    "make", "makes", "may", "me", "might", "more", "most", "much", "must", "my", "need", "needs", "new",
    "no", "not", "now", "of", "off", "on", "once", "one", "one's", "only", "or", "other", "our", "out",
    "over", "own", "per", "please", "put", "read", "reads", "run", "running", "runs", "same", "say",
    "says", "see", "seen", "shall", "she", "should", "so", "some", "such", "take", "takes", "task",
    "tell", "than", "that", "the", "their", "them", "then", "there", "these", "they", "think", "this",
    "those", "through", "to", "too", "two", "under", "until", "up", "us", "use", "used", "user", "using",
    "very", "want", "was", "way", "we", "well", "were", "what", "what's", "when", "where", "which",
    "while", "who", "whom", "whose", "why", "will", "with", "without", "work", "works", "would", "yes",
    "you", "your",
})  # fmt: skip
_ENDINGS: Final = (
    "izations", "ization", "ations", "ation", "ating", "ated", "ates", "ate", "ments", "ment", "ings", "ing",
    "ions", "ion", "ers", "ies", "ied", "ed", "es", "er", "ly", "s", "y", "e",
)  # fmt: skip
_SHORTEST_STEM: Final = 3
_TRIGGER, _EXAMPLE, _PURPOSE, _TOLD, _KIND, _NAME = 30, 8, 10, 4, 30, 25
_USUAL_WORDS: Final = 40
_LEAST: Final = 12
"""Points below which a task is nobody's: what one word has that many agents use."""
_CLOSE: Final = 0.05


class Ranked(NamedTuple):
    """An agent, its points for a task, and what they are for."""

    name: str
    points: int
    triggers: tuple[str, ...]
    examples: tuple[str, ...]
    purpose: tuple[str, ...]
    told: tuple[str, ...]
    kinds: tuple[str, ...]


class Routing(NamedTuple):
    """The agents with any points, best first; `chosen` are the best, several in a tie, none for nobody."""

    task: str
    ranking: tuple[Ranked, ...]
    chosen: tuple[str, ...]


class _Words(NamedTuple):
    triggers: frozenset[str]
    examples: frozenset[str]
    purpose: frozenset[str]
    told: frozenset[str]


def route(task: str, profiles: Sequence[AgentProfile], kinds_of: Callable[[str], Iterable[str]]) -> Routing:
    """Rank agents for a task. `kinds_of` tells the kinds of artefacts that a path or a name stands for."""
    named = sorted({kind for word in _named(task) for kind in kinds_of(word)})
    spoken = _spoken(task)
    known = {profile.name: _words_of(profile) for profile in profiles}
    scorer = _Scorer(spoken, named, list(known.values()), profiles)
    ranked = [scorer.rank(profile, known[profile.name]) for profile in profiles]
    ranking = tuple(sorted((one for one in ranked if one.points), key=lambda one: (-one.points, one.name)))
    best = ranking[0].points if ranking else 0
    if best < _LEAST:
        return Routing(task, ranking, ())
    return Routing(task, ranking, tuple(one.name for one in ranking if one.points >= best * (1 - _CLOSE)))


class _Scorer:
    """Gives points; what is rare among the agents counts more."""

    def __init__(
        self, spoken: dict[str, str], kinds: list[str], known: list[_Words], profiles: Sequence[AgentProfile]
    ) -> None:
        self._spoken = spoken
        self._kinds = kinds
        self._known = known
        self._profiles = profiles

    def rank(self, profile: AgentProfile, words: _Words) -> Ranked:
        """Return the points of one agent."""
        triggers = self._matching(words.triggers)
        examples = self._matching(words.examples - words.triggers)
        purpose = self._matching(words.purpose - words.triggers)
        told = self._matching(words.told - words.purpose - words.examples - words.triggers)
        kinds = tuple(kind for kind in self._kinds if kind in profile.kinds)
        points = sum(_TRIGGER * _length(one) * self._rarity(one, "triggers") for one in triggers)
        damping = 1 + math.log2(max(1, (len(words.examples) + len(words.purpose)) / _USUAL_WORDS)) / 4
        points += sum(_EXAMPLE * self._rarity(one, "examples") for one in examples) / damping
        points += sum(_PURPOSE * self._rarity(one, "purpose") for one in purpose) / damping
        points += sum(_TOLD * self._rarity(one, "told") for one in told)
        points += sum(_KIND / sum(kind in other.kinds for other in self._profiles) for kind in kinds)
        if profile.name.lower() in self._spoken.values():
            points += _NAME
        said = (self._as_said(triggers), self._as_said(examples), self._as_said(purpose), self._as_said(told))
        return Ranked(profile.name, round(points), *said, kinds)

    def _matching(self, words: frozenset[str]) -> list[str]:
        return sorted(words & self._spoken.keys())

    def _as_said(self, stems: Iterable[str]) -> tuple[str, ...]:
        return tuple(self._spoken[stem] for stem in stems)

    def _rarity(self, word: str, part: str) -> float:
        holders = sum(word in getattr(words, part) for words in self._known)
        return math.log2(1 + len(self._known) / max(1, holders)) / math.log2(1 + len(self._known))


def _length(phrase: str) -> float:
    return 1 + 0.5 * phrase.count(" ")


def _words_of(profile: AgentProfile) -> _Words:
    named = " ".join((profile.name.replace("-", " "), profile.purpose))
    examples = frozenset(word for example in profile.examples for word in _stems(example))
    triggers = frozenset(_phrase(one) for one in profile.triggers)
    return _Words(triggers, examples, _stems(named), _stems(profile.told))


def _spoken(task: str) -> dict[str, str]:
    """Return the stems of a task's words and of its phrases of up to four words, with what was said."""
    words = [match[0] for match in _WORD.finditer(task.lower()[:4_000])][:400]
    stems = [stem(word) for word in words]
    found: dict[str, str] = {}
    for length in (1, 2, 3, 4):
        for at in range(len(words) - length + 1):
            if length > 1 or words[at] not in _STOP:
                found.setdefault(" ".join(stems[at : at + length]), " ".join(words[at : at + length]))
    return found


def _phrase(text: str) -> str:
    return " ".join(stem(match[0]) for match in _WORD.finditer(text.lower()))


@cache
def _stems(text: str) -> frozenset[str]:
    words = (match[0] for match in _WORD.finditer(text.lower()[:20_000]))
    return frozenset(stem(word) for word in words if word not in _STOP and not word.isdigit())


def stem(word: str) -> str:
    """Return what the forms of an English word have in common, roughly: `deploy` of `deployments`."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM and not word.endswith("ss"):
            rest = word[: -len(ending)]
            return (
                rest[:-1]
                if len(rest) > _SHORTEST_STEM and rest[-1] == rest[-2] and rest[-1] not in "lsz"
                else rest
            )
    return word


def _named(task: str) -> list[str]:
    """Return the paths and single words of a task, which may name files and things."""
    paths = [match[0] for match in _PATH.finditer(task[:4_000])]
    words = [match[0] for match in _WORD.finditer(task.lower()[:4_000]) if match[0] not in _STOP]
    return list(dict.fromkeys([*paths, *words]))[:200]
