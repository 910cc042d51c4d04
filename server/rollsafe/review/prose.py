"""Words of a model for the parts of a plan that nobody can derive.

They are read beside the plan and never become part of it: the plan's verdict, claims and steps are made
without them. Each sentence names the lines of the plan it rests on, and one that names or counts what is
not written there is left out.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.discovery import installed_agents
from rollsafe.plans.kind import PlanKind, Slot
from rollsafe.review.anchoring import Provenance
from rollsafe.review.asking import Asked, ask
from rollsafe.review.plain import escaped, plain
from rollsafe.review.process import Cancel
from rollsafe.review.prose_prompt import PROSE_VERSION, prose_payload
from rollsafe.review.questions import within_reason
from rollsafe.review.redaction import secrets_in
from rollsafe.review.request import ReviewFile, ReviewRequest
from rollsafe.review.settings import ReviewSettings
from rollsafe.text.records import record
from rollsafe.text.tuples import NamedTuple

_LONGEST: Final = 400
_SENTENCES: Final = 6
_LINES: Final = 8
_NAMES = re.compile(r"`[^`]+`|[\w.@-]*/[\w./@-]*\w|\w+(?:[._@]\w+)+|\d+(?:[.,:]\d+)*")
"""What a sentence can be caught with: names in backticks, paths, dotted and underscored words, numbers."""


class Words(NamedTuple):
    """What a model wrote for one slot, sentence by sentence, as plain text."""

    slot: Slot
    sentences: tuple[str, ...]


@record
class Prose:
    """The words for a plan; `reason` says why there are none.

    `withheld` counts sentences that were left out.
    """

    reason: str = ""
    origin: Provenance | None = None
    words: tuple[Words, ...] = ()
    withheld: int = 0

    def markdown(self) -> str:
        """Return the words as a section to be read behind the plan; empty where there are none."""
        return "\n".join(_lines(self)) + "\n" if self.origin is not None else ""


class _Sentence(msgspec.Struct):
    text: str
    lines: list[int]


class _Part(msgspec.Struct):
    slot: str
    sentences: list[_Sentence]


class _Written(msgspec.Struct):
    parts: list[_Part]


def write_prose(
    kind: PlanKind,
    plan: str,
    sources: Sequence[SourceFile],
    settings: ReviewSettings,
    cancel: Cancel | None = None,
) -> Prose:
    """Ask for the words of a plan's slots; `plan` is its Markdown. Blocks like `run_review`.

    Secrets of `sources`, the files of the project, are taken out of what is sent.
    """
    if not kind.slots:
        return Prose(f"AI skipped: the plan `{kind.name}` has no part for a model's words")
    request = _request(kind, plan, sources)
    asked = ask(
        request, lambda sent: prose_payload(sent, kind.slots), PROSE_VERSION, _Written, settings, cancel
    )
    if isinstance(asked, str):
        return Prose(asked)
    return _checked(kind.slots, asked)


def _request(kind: PlanKind, plan: str, sources: Sequence[SourceFile]) -> ReviewRequest:
    agent = next((one for one in installed_agents() if one.name == kind.agent), None)
    file = ReviewFile(f"{kind.name}-plan.md", plan, kind="plan")
    secrets = secrets_in((file, *within_reason(sources)))
    return ReviewRequest(kind.agent, agent.persona if agent else "", (), (file,), secrets=secrets)


def _checked(slots: Sequence[Slot], asked: Asked) -> Prose:
    written = msgspec.json.decode(asked.called.answer.text, type=_Written)
    shown = {line.number: line.text for line in asked.redacted.sent.files[0].lines}
    words: list[Words] = []
    withheld = 0
    for slot in slots:
        given = [one for part in written.parts if part.slot == slot.name for one in part.sentences]
        kept = [text for one in given[:_SENTENCES] if (text := _kept(one, shown)) is not None]
        withheld += len(given) - len(kept)
        if kept:
            words.append(Words(slot, tuple(kept)))
    return Prose("", asked.origin, tuple(words), withheld)


def _kept(sentence: _Sentence, shown: dict[int, str]) -> str | None:
    """Return a sentence as plain text; None where it does not rest on the lines it names."""
    lines = [shown.get(number, "") for number in sentence.lines]
    text = plain(sentence.text, _LONGEST)
    if not text or not lines or len(lines) > _LINES or not all(line.strip() for line in lines):
        return None
    said = " ".join(lines)
    return text if all(_is_in(name.strip("`"), said) for name in _NAMES.findall(text)) else None


def _is_in(name: str, said: str) -> bool:
    """Say whether a name or number is there as a whole: `5` is not in `15` nor in `1.5`."""
    return re.search(rf"(?<!\w)(?<!\d[.,:]){re.escape(name)}(?!\w|[.,:]\d)", said) is not None


def _lines(prose: Prose) -> Iterator[str]:
    yield from ("", "## In the words of a model", "")
    yield "Beside the plan, not part of it. Names and numbers stand in the lines each sentence rests on;"
    yield "what it says of them is ASSUMED."
    for words in prose.words:
        yield from ("", f"### {words.slot.title}", "")
        yield from (f"- {escaped(sentence)}" for sentence in words.sentences)
    if not prose.words:
        yield from ("", "Nothing that could be checked.")
    if prose.withheld:
        more = "sentences were" if prose.withheld > 1 else "sentence was"
        yield from ("", f"{prose.withheld} {more} left out: they rest on nothing in the plan.")
    origin = prose.origin
    if origin is not None:
        cached = ", from the cache" if origin.cached else ""
        told = (
            f"{escaped(origin.model)}, request {escaped(origin.request_id)}, {origin.prompt_version}{cached}"
        )
        yield from ("", f"Written by a model for {escaped(origin.agent)}, unverified: {told}.")
