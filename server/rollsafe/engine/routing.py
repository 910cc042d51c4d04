"""Which agent a task is for: by its words and by the files it names. Offline, and always the same answer.

Everything an agent says about itself counts: trigger words, examples, description, what it is told, what
it answers for. A word speaks for an agent by how much likelier that agent says it than the others do; the
kinds of the files and things a task names are added.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Final

from rollsafe.artefacts.agent_file import AgentProfile
from rollsafe.text.tuples import NamedTuple

_WORD = re.compile(r"[a-z0-9]+(?:[-_'][a-z0-9]+)*")
_PATH = re.compile(
    r"[\w.@-]*(?:/[\w.@-]+)+|[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{1,10}|Dockerfile|Makefile|CODEOWNERS"
)
_BREAK = re.compile(r"[.;:,!?]")
_MOST: Final = 200
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
_TRIGGERS, _EXAMPLES, _PURPOSE = "triggers", "examples", "description"
_TOLD, _DUTIES = "instructions", "responsibilities"
_WEIGHTS: Final = {_TRIGGERS: 3.0, _EXAMPLES: 1.0, _PURPOSE: 1.0, _TOLD: 0.5, _DUTIES: 0.5}
"""How much a sentence counts, by where it stands."""
PLACES: Final = tuple(_WEIGHTS)
"""Where agents say what they are for, in the order in which it is told."""
_SMOOTHING: Final = 0.3
_FEWEST: Final = 40.0
"""An agent that says little counts as if it had said this much, so that few words do not weigh too much."""
_WORST: Final = -1.0
"""What one word that others say can take away."""
_KIND: Final = 1.5
_NAME: Final = 3.0
_SCALE: Final = 10
_LEAST: Final = 5
"""Points below which a task is nobody's."""
_CLOSE: Final = 2


class Ranked(NamedTuple):
    """An agent, its points for a task, and what they are for.

    `words` are those of the task that speak for it, the strongest first, by the `PLACES` where it says them.
    """

    name: str
    points: int
    words: Mapping[str, tuple[str, ...]]
    kinds: tuple[str, ...]


class Routing(NamedTuple):
    """The agents with any points, best first; `chosen` are the best, several in a tie, none for nobody."""

    task: str
    ranking: tuple[Ranked, ...]
    chosen: tuple[str, ...]


class _Vocabulary(NamedTuple):
    """What one agent says: how often each word or pair of words, where first, and in how many sentences."""

    counts: Mapping[str, float]
    places: Mapping[str, str]
    sentences: float


def route(
    task: str,
    profiles: Sequence[AgentProfile],
    kinds_of: Callable[[str], Iterable[str]],
    added: Sequence[AgentProfile] = (),
) -> Routing:
    """Rank agents for a task. `kinds_of` tells the kinds of artefacts that a path or a name stands for.

    Those `added` are each judged beside `profiles` alone, so that none of them changes another's points.
    """
    kinds = sorted({kind for word in _named(task) for kind in kinds_of(word)})
    spoken = _spoken(task)
    scorer = _Scorer(spoken, kinds, profiles)
    ranked = [scorer.rank(profile) for profile in profiles]
    ranked += (_Scorer(spoken, kinds, [*profiles, one]).rank(one) for one in added)
    ranking = tuple(
        sorted((one for one in ranked if one.points > 0), key=lambda one: (-one.points, one.name))
    )
    best = ranking[0].points if ranking else 0
    if best < _LEAST:
        return Routing(task, ranking, ())
    return Routing(task, ranking, tuple(one.name for one in ranking if one.points >= best - _CLOSE))


class _Scorer:
    """Gives points: for each word, how much likelier this agent says it than all the others do."""

    def __init__(self, spoken: dict[str, str], kinds: list[str], profiles: Sequence[AgentProfile]) -> None:
        self._spoken = spoken
        self._kinds = kinds
        self._profiles = profiles
        self._said = {profile.name: _vocabulary(profile) for profile in profiles}
        self._everything = sum(one.sentences for one in self._said.values())
        self._usual = self._everything / max(1, len(self._said))

    def rank(self, profile: AgentProfile) -> Ranked:
        """Return the points of one agent."""
        mine = self._said[profile.name]
        odds = {word: self._odds(word, mine) for word in self._spoken}
        points = sum(odds.values())
        kinds = tuple(kind for kind in self._kinds if kind in profile.kinds)
        points += sum(_KIND / sum(kind in other.kinds for other in self._profiles) for kind in kinds)
        points += _NAME if profile.name.lower() in self._spoken.values() else 0
        speaking = sorted((word for word in odds if odds[word] > 0), key=lambda word: (-odds[word], word))
        parts = {part for word in speaking if " " in word for part in word.split()}
        said: dict[str, list[str]] = {}
        for word in speaking:
            if word not in parts:
                said.setdefault(mine.places[word], []).append(self._spoken[word])
        words = {place: tuple(found) for place, found in said.items()}
        return Ranked(profile.name, round(_SCALE * points), words, kinds)

    def _odds(self, word: str, mine: _Vocabulary) -> float:
        """Return the logarithm of how much likelier the agent says a word; 0 for one that nobody says."""
        own = mine.counts.get(word, 0.0)
        total = sum(one.counts.get(word, 0.0) for one in self._said.values())
        if not total or len(self._said) == 1:
            return own
        rest = self._everything - mine.sentences
        odds = math.log(self._share(own, mine.sentences) / self._share(total - own, rest))
        return max(odds, _WORST)

    def _share(self, count: float, sentences: float) -> float:
        smoothing = _SMOOTHING * sentences / self._usual
        return (count + smoothing) / (sentences + 2 * smoothing)


@cache
def _vocabulary(profile: AgentProfile) -> _Vocabulary:
    counts: dict[str, float] = {}
    places: dict[str, str] = {}
    total = 0.0
    for place, sentence in _sentences(profile):
        total += _WEIGHTS[place]
        for word in _stems(sentence):
            counts[word] = counts.get(word, 0.0) + _WEIGHTS[place]
            places.setdefault(word, place)
    return _Vocabulary(counts, places, max(total, _FEWEST))


def _sentences(profile: AgentProfile) -> Iterator[tuple[str, str]]:
    yield from ((_TRIGGERS, trigger) for trigger in profile.triggers)
    yield from ((_EXAMPLES, example) for example in profile.examples)
    named = " ".join((profile.name.replace("-", " "), profile.title))
    yield from ((_PURPOSE, part) for part in (named, *_BREAK.split(profile.purpose)[:_MOST]))
    yield from ((_TOLD, line) for line in profile.told.split("\n")[:_MOST] if line.strip(" #-*"))
    yield from ((_DUTIES, duty) for duty in profile.duties)


def _spoken(task: str) -> dict[str, str]:
    """Return the stems of a task's words and of pairs of neighbours, with what was said."""
    words = [match[0] for match in _WORD.finditer(task.lower()[:4_000]) if match[0] not in _STOP][:400]
    found = {stem(word): word for word in reversed(words)}
    for one, other in pairwise(words):
        found.setdefault(f"{stem(one)} {stem(other)}", f"{one} {other}")
    return found


@cache
def _stems(text: str) -> frozenset[str]:
    """Return the stems of the words of a sentence and of pairs of neighbours."""
    words = [match[0] for match in _WORD.finditer(text.lower()[:2_000]) if match[0] not in _STOP]
    stems = [stem(word) for word in words]
    return frozenset([*stems, *(" ".join(pair) for pair in pairwise(stems))])


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
