"""What environments are meant to differ in."""

import re
from typing import Final

from rollsafe.text.patterns import lazily

_FOR_TRIALS: Final = lazily(
    r"(?:^|[_.-])(?:debug\w*|logs?|logging|loglevel|verbos\w*|trac(?:e|ing)|test\w*|mock\w*|fake\w*|stag(?:e|ing)"
    r"|dev|sandbox|profil\w*|seed\w*|demo)(?:[_.-]|$)",
    re.I,
)


def is_for_trials(name: str) -> bool:
    """Say whether a variable or value is about logs, debugging and tests, which staging alone may have."""
    return _FOR_TRIALS.search(name) is not None
