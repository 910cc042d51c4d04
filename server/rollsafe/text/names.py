"""The name somebody meant."""

from collections.abc import Iterable


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the one of `names` that `name` is most likely a misspelling of, or None.

    Deterministic: equally close names are decided alphabetically.
    """
    from difflib import get_close_matches  # only mistakes need it

    known = sorted(set(names) - {name})
    folded = {candidate.casefold(): candidate for candidate in known}
    if name.casefold() in folded:
        return folded[name.casefold()]
    found = get_close_matches(name, known, n=1, cutoff=0.7)
    if found:
        return found[0]
    # In a short name one exchanged pair of letters weighs more than a ratio allows for.
    letters = sorted(name)
    return next((one for one in known if 3 <= len(one) == len(name) and sorted(one) == letters), None)
