"""What tests drive and somebody has to install: where it lies, and what a test does without it.

A test skips, with the reason, where something is not installed. Where `CI` is `true` that is a failure:
there a job installs everything, and a test that does not run says nothing.
"""

import os
from pathlib import Path
from typing import NoReturn

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


def cache() -> Path:
    """Return where the `install.sh` of each tool puts what it installs."""
    chosen = os.environ.get("ROLLSAFE_EDITOR_CACHE")
    return Path(chosen) if chosen else REPOSITORY / ".cache" / "editors"


def missing(what: str) -> NoReturn:
    """End the test because `what` is not there."""
    reason = f"not installed: {what}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
