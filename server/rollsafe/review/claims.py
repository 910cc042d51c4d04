"""What a model wrote, read as claims; each is read alone, so that one bad one costs one."""

from collections.abc import Sequence

import msgspec

from rollsafe.review.request import Claim
from rollsafe.text.tuples import NamedTuple

_MOST = 100


class Claims(NamedTuple):
    """The claims in an answer; `malformed` counts items whose shape was wrong."""

    claims: tuple[Claim, ...]
    malformed: int


def read_claims(text: str) -> Claims | None:
    """Return the claims in what a model wrote; None when that has not the agreed form."""
    try:
        items = msgspec.json.decode(text, type=dict[str, Sequence[msgspec.Raw]])["findings"]
    except (msgspec.DecodeError, UnicodeError, RecursionError, KeyError):
        return None
    claims: list[Claim] = []
    for item in items[:_MOST]:
        try:
            claims.append(msgspec.json.decode(item, type=Claim))
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            continue
    return Claims(tuple(claims), len(items) - len(claims))
