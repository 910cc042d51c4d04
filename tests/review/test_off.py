"""A review that is not wanted, not possible or not safe costs nothing and sends nothing."""

import subprocess
import sys

import pytest

from rollsafe.review import ReviewSettings, ReviewStatus, run_review
from tests.review.double import Double, compose_file, request_about

HEAVY = ("anthropic", "httpx2", "pydantic", "asyncio", "rollsafe.review.client")


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = f"import sys, rollsafe.review; print([m for m in {HEAVY} if m in sys.modules])"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (printed.stdout.strip(), printed.stderr) == ("[]", "")


def test_running_a_review_loads_no_client_library_in_this_process() -> None:
    code = (
        "import sys; from rollsafe.review import run_review, ReviewSettings, ReviewRequest, preview;"
        "run_review(ReviewRequest('a', '', (), ()), ReviewSettings(enabled=True));"
        "print([m for m in ('anthropic', 'httpx2', 'pydantic') if m in sys.modules])"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (printed.stdout.strip(), printed.stderr) == ("[]", "")


def test_every_public_name_can_be_had() -> None:
    import rollsafe.review

    missing = [name for name in rollsafe.review.__all__ if not hasattr(rollsafe.review, name)]
    assert missing == []
    with pytest.raises(AttributeError):
        _ = rollsafe.review.nothing_of_that_name


@pytest.mark.usefixtures("api_key")
def test_a_key_in_the_environment_switches_nothing_on(double: Double) -> None:
    outcome = run_review(request_about(), ReviewSettings(base_url=double.base_url))
    assert (outcome.status, outcome.note) == (ReviewStatus.OFF, "")
    assert double.requests == []


def test_without_a_key_the_review_is_skipped_and_says_so(
    double: Double, settings: ReviewSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    outcome = run_review(request_about(), settings)
    assert outcome.status is ReviewStatus.SKIPPED
    assert outcome.note == "AI review skipped: `ANTHROPIC_API_KEY` is not set"
    assert double.requests == []


@pytest.mark.parametrize(
    "base_url",
    [
        "http://api.example.com",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://10.0.0.7:8080",
        "https://user:word@api.example.com",
        "https://api.example.com?x=1",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "https://",
        "api.example.com",
        "http://[::1",
        "",
    ],
)
@pytest.mark.usefixtures("api_key")
def test_an_address_that_is_neither_https_nor_local_is_refused(base_url: str) -> None:
    outcome = run_review(request_about(), ReviewSettings(enabled=True, base_url=base_url))
    assert outcome.status is ReviewStatus.FAILED
    assert "base URL" in outcome.reason


def test_when_every_file_is_withheld_nothing_is_sent(double: Double, settings: ReviewSettings) -> None:
    outcome = run_review(request_about(compose_file(".env", "A=b\n")), settings)
    assert outcome.status is ReviewStatus.SKIPPED
    assert [file.path for file in outcome.withheld] == [".env"]
    assert double.requests == []


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("haiku", "claude-haiku-5-5"),
        ("sonnet", "claude-sonnet-5-5"),
        ("opus", "claude-opus-5-5"),
        ("claude-fable-5-2", "claude-fable-5-2"),
    ],
)
def test_short_model_names_stand_for_models(model: str, name: str) -> None:
    assert ReviewSettings(model=model).model_id == name
