"""A finding with everything a frontend needs: rule, place, final judgement, fingerprint."""

from collections.abc import Callable
from functools import partial
from typing import Final, TypeAlias

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.source import SourceFile
from rollsafe.rules import Confidence, Finding, Fix, Level, Related, Rule, Severity, Span
from rollsafe.text.cached import cached_property
from rollsafe.text.records import field, open_record, record, replace

Complain = Callable[[Rule, SourceFile, Exception], None]
"""Takes note of a rule that crashed."""


Offer: TypeAlias = tuple[Fix, ...] | Callable[[], tuple[Fix, ...]]
"""Fixes, or what writes them."""

Shown: TypeAlias = tuple[object, str, object]
"""For whom something was made of a finding, by which fingerprint, and what."""

_FINGERPRINT: Final = "_fingerprint"
_SHOWN: Final = "_shown"


@open_record
class Found:
    """A rule's finding at a place of a file.

    `span` is what to underline; `subject` bounds the element the rule was called for. Paths inside
    fixes are relative to the project, as `file.path` is. `also` names rules of other agents that say the
    same.
    """

    rule: Rule
    file: SourceFile
    span: Span
    subject: Span
    message: str
    severity: Severity
    confidence: Confidence
    level: Level
    offer: Offer
    complain: Complain = field(repr=False)
    related: tuple[Related, ...]
    detail: str
    equivalents: tuple[str, ...] | None
    sensitive: bool
    also: tuple[str, ...] = ()

    @cached_property
    def fixes(self) -> tuple[Fix, ...]:
        """The fixes on offer, preferred ones first; written when they are first asked for."""
        if not callable(self.offer):
            return self.offer
        # As in the run itself, a rule that crashes costs its own part only.
        try:
            return self.offer()
        except Exception as error:
            self.complain(self.rule, self.file, error)
            return ()

    @cached_property
    def identity(self) -> str:
        """What its fingerprint is made of; it stays the same, and known, where the finding is moved."""
        words = " ".join(self.file.slice(self.span).split())[:200]
        return "\0".join((self.rule.name, self.path, self.message, words))

    def fingerprint(self, count: int) -> str:
        """Return its stable identity; `count` tells it from equal ones before it, if there are any."""
        known: tuple[int, str] | None = self.__dict__.get(_FINGERPRINT)
        if known is None or known[0] != count:
            from _blake2 import blake2b  # `hashlib` loads OpenSSL as well

            told = f"{self.identity}\0{count}".encode("utf-8", "surrogatepass")
            known = self.__dict__[_FINGERPRINT] = count, blake2b(told, digest_size=8).hexdigest()
        return known[1]

    @property
    def shown(self) -> Shown | None:
        """What a frontend has made of all but its place; it is known where the finding is moved."""
        found: Shown | None = self.__dict__.get(_SHOWN)
        return found

    def keep_shown(self, whom: object, fingerprint: str, made: object) -> None:
        """Keep what was made of it for somebody, its related places left out."""
        self.__dict__[_SHOWN] = whom, fingerprint, made

    def offering(self, offer: Offer) -> "Found":
        """Return the same with other fixes."""
        found = object.__new__(Found)
        vars(found).update(vars(self), offer=offer)
        vars(found).pop("fixes", None)
        return found

    def moved(self, to: Callable[[int, int], Span | None], file: SourceFile, subject: Span) -> "Found | None":
        """Return the same, without fixes, in another version of its file; None where its place is no more.

        `subject` is its own there.
        """
        (start, end), old = self.span, self.subject
        if old.start <= start and end <= old.end:
            by = subject.start - old.start
            span = Span(start + by, end + by) if by else self.span
        else:
            moved = to(start, end)
            if moved is None:
                return None
            span = moved
        related = self.related and moved_related(self, to, file)
        return None if related is None else self.placed(file, span, subject, related)

    def placed(
        self, file: SourceFile, span: Span, subject: Span, related: tuple[Related, ...], offer: Offer = ()
    ) -> "Found":
        """Return the same at a place of another version of its file.

        Thousands are moved at a keystroke, so this does less than `dataclasses.replace`.
        """
        found = object.__new__(Found)
        found.__dict__ = known = self.__dict__.copy()
        if "fixes" in known:
            del known["fixes"]
        known["file"], known["span"], known["subject"] = file, span, subject
        known["related"], known["offer"] = related, offer
        return found

    def carried(self, file: SourceFile, by: int, subject: Span, offer: Offer) -> "Found":
        """Return the same, which nothing is related to, `by` characters further on in another version."""
        found = object.__new__(Found)
        found.__dict__ = known = self.__dict__.copy()
        if "fixes" in known:
            del known["fixes"]
        known["file"], known["offer"] = file, offer
        if by:
            known["span"], known["subject"] = known["span"].further(by), subject
        return found

    @property
    def path(self) -> str:
        """The file's path, relative to the project."""
        return self.file.path

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """Sort key: path, place, rule, message."""
        return (self.path, self.span.start, self.span.end, self.rule.name, self.message)


@record
class RuleFailure:
    """A rule that crashed: its name, the file it crashed on first, and the error in one line."""

    rule: str
    path: str
    error: str


def resolve(rule: Rule, element: Element, finding: Finding, severity: Severity, complain: Complain) -> Found:
    """Attach a rule's finding to its place; an empty place becomes the character before it."""
    written = element.file
    where = written.place(finding.where)
    start, end = where.start, where.end
    if end <= start:
        start, end = max(0, start - 1), max(start, 1)
    return Found(
        rule=rule,
        file=written.host,
        span=Span(start, end),
        subject=written.place(element),
        message=finding.message,
        severity=severity,
        confidence=finding.confidence or rule.confidence,
        level=finding.level or rule.level,
        offer=_offer(element, finding),
        complain=complain,
        related=tuple(map(_placed, finding.related)),
        detail=finding.detail,
        equivalents=finding.equivalents,
        sensitive=finding.sensitive,
    )


def moved_related(
    found: Found, to: Callable[[int, int], Span | None], new: SourceFile
) -> tuple[Related, ...] | None:
    """Return related places where they are in another version of the file; None where one is no more."""
    moved: list[Related] = []
    for one in found.related:
        if one.file is found.file:
            place = to(one.where.start, one.where.end)
            if place is None:
                return None
            one = Related(new, place, one.message)
        moved.append(one)
    return tuple(moved)


def _offer(element: Element, finding: Finding) -> Offer:
    """Return the fixes of a finding; none in what is not understood as a whole, which they may spoil."""
    if not element.is_whole:
        return ()
    written = element.file
    return finding.fixes if written.host is written else partial(_native, written, finding)


def _placed(related: Related) -> Related:
    # An element is let go of when its file is read again, and a finding elsewhere may outlive it.
    return Related(related.file.host, related.file.place(related.where), related.message)


def _native(written: SourceFile, finding: Finding) -> tuple[Fix, ...]:
    """Return the fixes of a finding in a translation that its host can say."""
    offered = finding.fixes() if callable(finding.fixes) else finding.fixes
    return tuple(one for fix in offered if (one := _native_fix(written, fix)) is not None)


def _native_fix(written: SourceFile, fix: Fix) -> Fix | None:
    edits = written.native(fix.edits)
    return None if edits is None or fix.elsewhere else replace(fix, edits=edits)


def fingerprints(found: list[Found]) -> list[str]:
    """Return a stable identity per finding, in the given order.

    It survives lines moving: rule, path and the words underlined go in, the line does not. Equal
    findings of one file are told apart by their order.
    """
    seen: dict[str, int] = {}
    result: list[str] = []
    for one in found:
        identity = one.identity
        count = seen[identity] = seen.get(identity, 0) + 1
        result.append(one.fingerprint(count))
    return result
