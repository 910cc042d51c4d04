"""Payloads of messages that are described in Avro."""

from rollsafe.artefacts.contracts.avro.reading import read_avro
from rollsafe.artefacts.contracts.avro.resolution import Obstacle
from rollsafe.artefacts.contracts.changes.avro import AvroChange, avro_changes
from rollsafe.artefacts.contracts.changes.comparison import Comparison, Frame
from rollsafe.artefacts.contracts.changes.documents import At
from rollsafe.artefacts.contracts.changes.model import Direction, Effect, Hazard
from rollsafe.formats.nodes import Node


def compare_avro(comparison: Comparison, frame: Frame, was: At | None, now: At | None) -> None:
    """Tell what those on the other side of a message cannot read; files with schemas tell of themselves."""
    was, now = comparison.before.follow(was), comparison.after.follow(now)
    if was is None or now is None or was.path.endswith(".avsc") or now.path.endswith(".avsc"):
        return
    is_request = frame.direction is Direction.REQUEST
    hazard = Hazard.NARROWED_INPUT if is_request else Hazard.WIDENED_OUTPUT
    for change in avro_changes(read_avro(was.node, is_json=False), read_avro(now.node, is_json=False)):
        is_harmful = change.stops_new if is_request else change.stops_old
        if is_harmful or change.obstacle is Obstacle.MEANING:
            message = f"{change.what} ({frame.what})"
            there = _at(was, change.was) if change.was is not None else was
            comparison.tell(hazard, message, _at(now, change.place), there, effect=_effect(change))


def _effect(change: AvroChange) -> Effect:
    if change.obstacle is Obstacle.MEANING or (change.stops_new and change.stops_old):
        return Effect.REPLACES
    return Effect.NARROWS if change.stops_new else Effect.WIDENS


def _at(whole: At, node: Node) -> At:
    return At(whole.path, node, node, whole.way)
