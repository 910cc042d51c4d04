"""What the review's tests share: the double, a key in the environment, settings that reach it."""

from collections.abc import Iterator

import pytest

from rollsafe.review import ReviewSettings
from tests.review.double import Double, running_double

KEY = "test-key-93f1c2d7"


@pytest.fixture
def double() -> Iterator[Double]:
    with running_double() as running:
        yield running


@pytest.fixture
def api_key(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    return KEY


@pytest.fixture
def settings(double: Double, api_key: str) -> ReviewSettings:
    return ReviewSettings(enabled=True, base_url=double.base_url, max_retries=1, deadline_s=60)
