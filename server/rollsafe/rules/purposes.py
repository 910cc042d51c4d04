"""Who wants to hear of what is only for development, tests or examples."""

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.purposes import is_development_path
from rollsafe.rules.api import Level


def quiet_in_tests(element: Element, level: Level | None = None) -> Level | None:
    """Return the level of a finding: of one everybody hears of, pedantic where its file ships nowhere."""
    return Level.PEDANTIC if level is None and is_development_path(element.file.path) else level
