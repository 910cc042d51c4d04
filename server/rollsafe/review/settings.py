"""What the user decides about reviews; knows nothing of files."""

import ipaddress
import os
import re
from urllib.parse import urlsplit

from rollsafe.text.records import field, record, replace
from rollsafe.workspace.user_directories import cache_directory, config_directory, state_directory
from rollsafe.workspace.user_settings import Provider, ReviewBudget, UserReview

MODELS = {
    "haiku": "claude-haiku-5-5",
    "sonnet": "claude-sonnet-5-5",
    "opus": "claude-opus-5-5",
}
"""Short names and the models they stand for, the cheapest first; any other name is taken as a model's own."""

DEFAULT_BASE_URL = "https://api.anthropic.com"


@record
class ReviewSettings:
    """Whether and how a model is asked.

    Off by default. Callers fill `enabled` from the user's settings or a command line flag only. A
    workspace file may switch a review off, never on, and chooses no model, address or key:
    otherwise opening a repository would be enough to send it somewhere.

    `api_key_env` names the environment variable that holds the key. `max_tokens` bounds one answer.
    `deadline_s` bounds the whole call in seconds, start of the worker and retries included.

    `provider` says whose service is at `base_url`; Bedrock and Vertex are told the `region`, Vertex the
    `project` as well.

    `cache` is the directory answers are kept in and `ledger` the file calls are counted in; without one,
    nothing is kept, or counted. `memory` is the file remarks are remembered in. `dry_run` names the file that
    requests are written to instead of being sent.
    """

    enabled: bool = False
    model: str = "haiku"
    base_url: str = DEFAULT_BASE_URL
    api_key_env: str = "ANTHROPIC_API_KEY"
    max_tokens: int = 4_096
    max_retries: int = 2
    deadline_s: float = 30.0
    provider: Provider = "anthropic"
    region: str = ""
    project: str = ""
    budget: ReviewBudget = field(default_factory=ReviewBudget)
    cache: str = ""
    ledger: str = ""
    memory: str = ""
    dry_run: str = ""

    @property
    def model_id(self) -> str:
        """The name the service knows the model by."""
        return MODELS.get(self.model, self.model)

    @property
    def service(self) -> str:
        """Whom requests are sent to, as far as one answer can stand for another."""
        return f"{self.provider} {self.project} {self.base_url}"


def review_settings(user: UserReview, model: str | None = None) -> ReviewSettings:
    """Return how a model is asked by this user: another `model` may be chosen for a run.

    The address comes from the environment or is the standard one: nothing in a project has a part in it.
    """
    return ReviewSettings(
        enabled=True,
        model=model or user.model,
        base_url=_base_url(user),
        api_key_env=_KEYS[user.provider],
        provider=user.provider,
        region=user.region,
        project=user.project,
        budget=user.budget,
        cache=os.path.join(cache_directory(), "ai") if user.cache else "",
        ledger=os.path.join(state_directory(), "ai-ledger.sqlite3"),
        memory=memory_file(),
        dry_run=_beside_settings(user.dry_run),
    )


def memory_file() -> str:
    """Return where remarks are remembered, whether or not there were any."""
    return os.path.join(state_directory(), "ai-remarks.sqlite3")


def with_model(settings: ReviewSettings, wanted: str) -> ReviewSettings:
    """Return the settings for an agent that wants a model: a cheaper one than the user's, or the user's."""
    known = list(MODELS)
    if settings.provider != "anthropic" or wanted not in known or settings.model not in known:
        return settings
    return replace(settings, model=min(wanted, settings.model, key=known.index))


def _beside_settings(path: str) -> str:
    """Return a path of the user's settings; one that is relative is so to the directory they are in."""
    return os.path.join(config_directory(), os.path.expanduser(path)) if path else ""


_KEYS = {
    "anthropic": "ANTHROPIC_API_KEY",
    "bedrock": "AWS_BEARER_TOKEN_BEDROCK",
    "vertex": "VERTEX_ACCESS_TOKEN",
    "foundry": "ANTHROPIC_FOUNDRY_API_KEY",
}
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.I)
_VERTEX_HOSTS = {
    "global": "aiplatform.googleapis.com",
    "us": "aiplatform.us.rep.googleapis.com",
    "eu": "aiplatform.eu.rep.googleapis.com",
}


def _base_url(user: UserReview) -> str:
    """Return the address of the user's service; without a region or a name it needs, none."""
    parts: tuple[str, ...]
    match user.provider:
        case "bedrock":
            parts, host = (user.region,), f"bedrock-runtime.{user.region}.amazonaws.com"
        case "vertex":
            parts = (user.region, user.project)
            host = _VERTEX_HOSTS.get(user.region, f"{user.region}-aiplatform.googleapis.com") + "/v1"
        case "foundry":
            parts, host = (user.resource,), f"{user.resource}.services.ai.azure.com/anthropic/"
        case _:
            return os.environ.get("ANTHROPIC_BASE_URL") or DEFAULT_BASE_URL
    return f"https://{host}" if all(map(_NAME.fullmatch, parts)) else ""


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def objection_to(base_url: str) -> str | None:
    """Say why nothing may be sent to `base_url`, or None when it may.

    Only `https` leaves the machine; `http` reaches the machine itself and nothing else.
    """
    try:
        url = urlsplit(base_url)
        host, port = url.hostname or "", url.port
    except ValueError:
        return "the base URL is not a URL"
    if not host or port == 0:
        return "the base URL names no host"
    if url.username is not None or url.password is not None or url.query or url.fragment:
        return "the base URL holds more than a host and a path"
    if url.scheme == "https" or (url.scheme == "http" and _is_loopback(host)):
        return None
    return "the base URL is neither https nor on this machine"
