"""Findings about what kustomizations build, told at the places in the files that cause them.

The rules run once more over every object that a kustomization changes. A finding of the manifest itself
stands where what is built has it, too: one that every overlay mends is left out, one that some mend names
the others. A finding that only comes with a change is told where the change is written. What is not known
to the last (an overlay with parts that are not read) adds nothing.
"""

from typing import Final

from rollsafe.artefacts.purposes import is_practice
from rollsafe.artefacts.source import SourceFile
from rollsafe.artefacts.versions import moved
from rollsafe.engine.found import Found
from rollsafe.engine.judging import Judge
from rollsafe.engine.overlay_judging import Judged, OverlayState, Told, judged_overlay
from rollsafe.rules import Related
from rollsafe.text import Span
from rollsafe.text.records import replace
from rollsafe.workspace.built.building import roots
from rollsafe.workspace.built.overlay import Overlay
from rollsafe.workspace.graph import Graph, GraphStore
from rollsafe.workspace.questions import Question

_MAX_NAMED: Final = 2


class Overlaid:
    """What the kustomizations of a project make of its findings."""

    def __init__(self, judge: Judge, store: GraphStore) -> None:
        self._judge = judge
        self._store = store
        self._overlays: dict[str, OverlayState] = {}
        self._touched: set[str] = set()
        self._questions: set[Question] = set()

    @property
    def is_waiting(self) -> bool:
        """Whether something was put off."""
        return bool(self._touched or self._questions)

    def put_off(self, touched: set[str], questions: set[Question]) -> None:
        """Take note of touched files and changed answers; what was known is told until the next update."""
        if roots(Graph(self._store)) or self._overlays:
            self._touched |= touched
            self._questions |= questions

    def update(self, touched: set[str], questions: set[Question], told: Told) -> set[str]:
        """Judge anew what touched files and changed answers have a part in; return whose findings differ."""
        touched, self._touched = touched | self._touched, set()
        questions, self._questions = questions | self._questions, set()
        found = {one.file.path: one for one in roots(Graph(self._store))}
        changed: set[str] = set()
        for path in self._overlays.keys() - found.keys():
            changed |= self._overlays.pop(path).told
        for path, root in found.items():
            known = self._overlays.get(path)
            if known is not None:
                if known.paths.isdisjoint(touched) and known.asked.isdisjoint(questions):
                    continue
                changed |= known.told
            self._overlays[path] = judged_overlay(root, self._judge, self._store, told, known, questions)
            changed |= self._overlays[path].told
        if changed:
            changed |= self._compare()
        return changed

    def _compare(self) -> set[str]:
        """Judge overlays as wholes, one beside the other; return the files of those that differ."""
        states = [*self._overlays.values()]
        buildings = [one.building for one in states]
        for state in states:
            calls = self._judge.calls([Overlay(state.building, buildings)], edited=False)
            state.own = self._judge.run((element, group.local) for element, group in calls)
        return {state.path for state in states}

    def applied(self, source: SourceFile, found: list[Found]) -> list[Found]:
        """Return the findings of a file with what overlays say of them."""
        overlays = [one for one in self._overlays.values() if source.path in one.told]
        if not overlays:
            return found
        kept = [one for each in found if (one := _standing(each, overlays)) is not None]
        kept += (one for state in overlays for each in state.own if (one := _as_of(source, each)) is not None)
        return _with_new(source, kept, overlays)


def _standing(found: Found, overlays: list[OverlayState]) -> Found | None:
    """Return a finding as far as overlays leave it; None where each of them mends it."""
    about = [one for overlay in overlays if (one := overlay.judged(found)) is not None]
    counted = [one for one in about if not is_practice(one.overlay.directory)] or about
    standing = [one for one in counted if one.cause is None]
    if counted and not standing:
        return None
    found = _as_built(found, standing)
    if len(standing) == len(counted):
        return found
    related = tuple(
        Related(
            one.cause.file, Span(one.cause.start, one.cause.end), f"not in {one.overlay.name} because of this"
        )
        for one in counted
        if one.cause is not None
    )
    message = _in(found.message, [one.overlay for one in standing])
    return replace(found, message=message, related=(*found.related, *related))


def _as_built(found: Found, standing: list[Judged]) -> Found:
    """Return a finding as it is said of what is built, where all overlays say the same."""
    said = {one.said.message if one.said is not None else found.message: one.said for one in standing}
    only = next(iter(said.values())) if len(said) == 1 else None
    if only is None or only.message == found.message:
        return found
    return replace(
        only,
        file=found.file,
        span=found.span,
        subject=found.subject,
        offer=found.offer,
        related=found.related,
    )


def _with_new(source: SourceFile, told: list[Found], overlays: list[OverlayState]) -> list[Found]:
    """Return findings with those that come with what overlays build, each of them once."""
    groups: dict[tuple[str, Span], list[tuple[OverlayState, Found]]] = {}
    for overlay in overlays:
        for each in overlay.new.get(source.path, ()):
            one = _as_of(source, each)
            if one is not None:
                groups.setdefault((one.rule.name, one.span), []).append((overlay, one))
    kept = list[Found]()
    for one in told:
        # What is built is known better; how it is mended is known by what was written.
        better = groups.pop((one.rule.name, one.span), None)
        kept.append(one if better is None else replace(better[0][1], offer=one.offer))
    holding = [one for one in overlays if source.path in one.paths and not is_practice(one.directory)]
    for group in groups.values():
        found = group[0][1]
        mine = [one for one, _ in group]
        is_some = len(mine) < len(holding)
        kept.append(replace(found, message=_in(found.message, mine)) if is_some else found)
    return kept


def _as_of(source: SourceFile, found: Found) -> Found | None:
    """Return a finding at its place in a later version of its file; None where that place was edited.

    None as well for a finding of another file.
    """
    if found.path != source.path:
        return None
    if found.file is source:
        return found
    span = moved(found.span, found.file, source)
    return None if span is None else replace(found, file=source, span=span, subject=span, offer=())


def _in(message: str, overlays: list[OverlayState]) -> str:
    names = [one.name for one in overlays]
    more = f" and {len(names) - _MAX_NAMED} more" if len(names) > _MAX_NAMED else ""
    joined = ", ".join(names[:_MAX_NAMED]) if more else " and ".join(names)
    return f"{message} in {joined}{more}"
