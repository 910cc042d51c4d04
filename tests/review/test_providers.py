"""Services other than Anthropic's: the user's own settings choose the client, its address and its key."""

import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from rollsafe.review import ReviewSettings, ReviewStatus, run_review
from rollsafe.review.settings import review_settings
from rollsafe.workspace.user_settings import Provider, UserReview
from tests.review.double import Double, answers, item, request_about

ADDRESSES = {
    "anthropic": (UserReview(), "https://api.anthropic.com", "ANTHROPIC_API_KEY"),
    "bedrock": (
        UserReview(provider="bedrock", region="eu-central-1"),
        "https://bedrock-runtime.eu-central-1.amazonaws.com",
        "AWS_BEARER_TOKEN_BEDROCK",
    ),
    "vertex": (
        UserReview(provider="vertex", region="europe-west1", project="shop-1"),
        "https://europe-west1-aiplatform.googleapis.com/v1",
        "VERTEX_ACCESS_TOKEN",
    ),
    "vertex, anywhere": (
        UserReview(provider="vertex", region="global", project="shop-1"),
        "https://aiplatform.googleapis.com/v1",
        "VERTEX_ACCESS_TOKEN",
    ),
    "foundry": (
        UserReview(provider="foundry", resource="shop"),
        "https://shop.services.ai.azure.com/anthropic/",
        "ANTHROPIC_FOUNDRY_API_KEY",
    ),
}


@pytest.mark.parametrize(("user", "base_url", "key"), ADDRESSES.values(), ids=ADDRESSES.keys())
def test_the_address_and_the_key_are_those_of_the_provider(
    monkeypatch: pytest.MonkeyPatch, user: UserReview, base_url: str, key: str
) -> None:
    monkeypatch.delenv("ANTHROPIC_BASE_URL", raising=False)
    made = review_settings(user)
    assert (made.base_url, made.api_key_env, made.provider) == (base_url, key, user.provider)


@pytest.mark.parametrize(
    "user",
    [
        UserReview(provider="bedrock"),
        UserReview(provider="bedrock", region="evil.example/"),
        UserReview(provider="vertex", region="europe-west1"),
        UserReview(provider="foundry", resource="evil.example#"),
    ],
)
def test_without_a_proper_name_nothing_is_sent(user: UserReview) -> None:
    outcome = run_review(request_about(), review_settings(user))
    assert (outcome.status, outcome.reason) == (ReviewStatus.FAILED, "the base URL names no host")


ASKED: dict[Provider, tuple[str, str]] = {
    "bedrock": ("/model/claude-haiku-5-5/invoke", "authorization"),
    "vertex": (
        "/projects/shop-1/locations/eu-west-1/publishers/anthropic/models/claude-haiku-5-5:rawPredict",
        "authorization",
    ),
    "foundry": ("/v1/messages", "api-key"),
}


@pytest.mark.ai
@pytest.mark.skipif(find_spec("anthropic") is None, reason="the extra `ai` is not installed")
@pytest.mark.parametrize("provider", ASKED)
def test_each_provider_is_asked_in_its_own_way(
    double: Double, settings: ReviewSettings, api_key: str, provider: Provider, tmp_path: Path
) -> None:
    double.replies = [answers(item())]
    own = replace(settings, provider=provider, region="eu-west-1", project="shop-1", cache=str(tmp_path))
    outcome = run_review(request_about(), own)
    assert (outcome.status, outcome.reason, len(outcome.remarks)) == (ReviewStatus.REVIEWED, "", 1)
    (request,) = double.requests
    path, header = ASKED[provider]
    assert request.path == path
    assert api_key in request.headers[header]
    assert api_key not in request.body.decode()
    assert run_review(request_about(), own).cached
    assert not run_review(request_about(), replace(own, provider="anthropic")).cached


HOOK = """\
import os, sys
KEPT = (".aws", "gcloud", ".azure", os.path.join(".config", "anthropic"), "credentials")
LIBRARIES = ("boto3", "botocore", "google", "azure")
def note(event, arguments):
    told = ""
    if event == "open" and any(part in str(arguments[0]) for part in KEPT):
        told = str(arguments[0])
    elif event == "import" and arguments[0].partition(".")[0] in LIBRARIES:
        told = arguments[0]
    elif event == "open" and "rollsafe" in str(arguments[0]) and "worker" in str(arguments[0]):
        told = "the worker"
    if told and "site-packages" not in told:
        with os.fdopen(os.open(os.path.join(os.path.dirname(__file__), "noted"), 1089, 0o600), "a") as stream:
            stream.write(told + "\\n")
sys.addaudithook(note)
"""


@pytest.mark.ai
@pytest.mark.skipif(find_spec("anthropic") is None, reason="the extra `ai` is not installed")
@pytest.mark.skipif(sys.platform == "win32", reason="opens a file by the numbers of Unix")
@pytest.mark.parametrize("provider", ["anthropic", *ASKED])
def test_no_keys_are_looked_for_on_disk(
    double: Double,
    settings: ReviewSettings,
    provider: Provider,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Seen by a hook in the worker, which has no home directory in its environment either."""
    (tmp_path / "sitecustomize.py").write_text(HOOK)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "GOOGLE_APPLICATION_CREDENTIALS", "ANTHROPIC_PROFILE"):
        monkeypatch.setenv(name, "planted-elsewhere")
    double.replies = [answers(item())]
    own = replace(settings, provider=provider, region="eu-west-1", project="shop-1")
    outcome = run_review(request_about(), own)
    assert (outcome.status, len(double.requests)) == (ReviewStatus.REVIEWED, 1)
    assert set((tmp_path / "noted").read_text().splitlines()) == {"the worker"}
    assert "planted-elsewhere" not in repr(double.requests)
