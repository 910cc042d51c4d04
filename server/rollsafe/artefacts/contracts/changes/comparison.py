"""What a comparison of two revisions knows while it goes on, and what it has found."""

from datetime import date
from enum import StrEnum
from typing import Final

from rollsafe.artefacts.contracts.changes.documents import At, Revision
from rollsafe.artefacts.contracts.changes.mends import mend_of
from rollsafe.artefacts.contracts.changes.model import Change, Direction, Effect, Hazard, place_of, spot_of
from rollsafe.artefacts.contracts.changes.sameness import Sameness
from rollsafe.text.tuples import NamedTuple

MOST_PAIRS: Final = 60_000
"""Pairs of schemas that are compared at most."""
MOST_CHANGES: Final = 1_000
PEER: Final = "oasdiff:"


class Scope(StrEnum):
    """Where the schema is that a pair belongs to, as other tools name it."""

    BODY = "body"
    PROPERTY = "property"
    PARAMETER = "parameter"
    PARAMETER_PROPERTY = "parameter-property"
    HEADER = "header"
    HEADER_PROPERTY = "header-property"
    EVENT = "event"


_INSIDE: Final = {
    Scope.BODY: Scope.PROPERTY,
    Scope.PARAMETER: Scope.PARAMETER_PROPERTY,
    Scope.HEADER: Scope.HEADER_PROPERTY,
}
BODIES: Final = frozenset({Scope.BODY, Scope.PROPERTY})
INPUTS: Final = BODIES | {Scope.PARAMETER}
ENDS: Final = INPUTS | {Scope.HEADER}
EVERYWHERE: Final = ENDS | {Scope.PARAMETER_PROPERTY}
NESTED: Final = INPUTS | {Scope.PARAMETER_PROPERTY}


class Frame(NamedTuple):
    """Where a pair of schemas stands: who writes it, in what, and under which names.

    `is_strict` tells a form in which `1` and `"1"` differ, such as JSON; `kind` is the kind of a parameter.
    """

    direction: Direction
    scope: Scope
    what: str
    names: tuple[str, ...] = ()
    is_strict: bool = True
    kind: str = ""

    def below(self, *names: str) -> "Frame":
        """Return the frame of a schema inside of this one."""
        return self._replace(names=(*self.names, *names), scope=_INSIDE.get(self.scope, self.scope))

    def harmed_by(self, effect: Effect) -> bool:
        """Say whether a change breaks those on the other side."""
        harmless = Effect.WIDENS if self.direction is Direction.REQUEST else Effect.NARROWS
        return effect is not harmless

    def peers(self, suffix: str, scopes: frozenset[Scope] = BODIES) -> tuple[str, ...]:
        """Return what other tools call a change, where they have a name for it in this scope."""
        return (f"{PEER}{self.direction}-{self.scope}-{suffix}",) if self.scope in scopes else ()


class Comparison:
    """Two revisions, the date of the run, and the changes found by now."""

    def __init__(self, before: Revision, after: Revision, today: date, sameness: Sameness) -> None:
        self.sameness = sameness
        self.before = before
        self.after = after
        self.today = today
        self.operation = ""
        self.channel = ""
        self.is_announced = False
        self._found: dict[tuple[object, ...], Change] = {}
        self._seen: set[tuple[object, ...]] = set()

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes by place."""
        return tuple(sorted(self._found.values(), key=lambda one: (one.now, one.message)))

    def enters(self, *pair: object) -> bool:
        """Say whether a pair is to be compared: not yet seen, and not too much altogether."""
        if pair in self._seen or len(self._seen) >= MOST_PAIRS or len(self._found) >= MOST_CHANGES:
            return False
        self._seen.add(pair)
        return True

    def tell(
        self,
        hazard: Hazard,
        message: str,
        now: At,
        was: At | None = None,
        peers: tuple[str, ...] = (),
        *,
        is_sure: bool = True,
        mend: tuple[At, At | None] | None = None,
        effect: Effect | None = None,
    ) -> None:
        """Note a change; the same one at the same place in another operation only adds its names.

        `mend` is the pair that taking it back is about, where it is not `now` and `was` themselves.
        """
        there = spot_of(was) if was is not None else None
        spot, inside = place_of(now), spot_of(now) if now.way is not None else None
        key = hazard, inside or spot, there, message if there is None else message.rpartition("`")[2]
        known = self._found.get(key)
        if known is not None:
            self._found[key] = known.told_again(peers, is_sure=is_sure, is_announced=self.is_announced)
            return
        if len(self._found) >= MOST_CHANGES:
            return
        if mend is None and (was is not None or hazard is Hazard.NARROWED_INPUT):
            mend = now, was
        self._found[key] = Change(
            hazard,
            message,
            spot,
            there,
            peers,
            self.operation,
            is_sure,
            self.is_announced,
            inside,
            mend_of(*mend) if mend is not None else None,
            effect,
            self.channel,
        )

    def differs(
        self,
        frame: Frame,
        effect: Effect,
        predicate: str,
        now: At,
        was: At | None = None,
        peers: tuple[str, ...] = (),
        *,
        is_sure: bool = True,
        mend: tuple[At, At | None] | None = None,
    ) -> None:
        """Note what became of a schema, if it harms those on the other side."""
        if not frame.harmed_by(effect):
            return
        is_request = frame.direction is Direction.REQUEST
        hazard = Hazard.NARROWED_INPUT if is_request else Hazard.WIDENED_OUTPUT
        message = f"{self.subject(frame)} {predicate}"
        self.tell(hazard, message, now, was, peers, is_sure=is_sure, mend=mend, effect=effect)

    def subject(self, frame: Frame) -> str:
        """Return the words for what a frame is about."""
        whole = f"{frame.what} of {self.operation}" if self.operation else frame.what
        return f"`{'/'.join(frame.names)}` in {whole}" if frame.names else whole
