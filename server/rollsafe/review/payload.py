"""The exact body of a call: what is asked, and the form the answer has to have."""

from collections.abc import Iterable
from typing import Any

import msgspec

from rollsafe.review.evidence import KINDS
from rollsafe.review.forms import object_form
from rollsafe.review.prompt import INSTRUCTION_KEY, SYSTEM_PROMPT, configuration, question
from rollsafe.review.redaction import redact
from rollsafe.review.request import Payload, ReviewRequest, SentRequest
from rollsafe.review.settings import ReviewSettings, with_model
from rollsafe.workspace.user_settings import Provider


def payload_of(request: SentRequest) -> Payload:
    """Return what is asked about a redacted request."""
    return Payload(SYSTEM_PROMPT, configuration(request), question(request), _schema(request))


def body_of(
    payload: Payload, model: str, max_tokens: int, provider: Provider = "anthropic"
) -> dict[str, object]:
    """Return the body of the call as it is sent.

    What is the same from call to call stands first and is marked to be kept by the service: for all agents
    the instructions, for one agent its description and keys. Not every cloud knows how long.
    """
    kept = {"type": "ephemeral", "ttl": "1h"} if provider == "anthropic" else {"type": "ephemeral"}
    fixed = (payload.system, payload.configuration)
    return {
        "max_tokens": max_tokens,
        "messages": [{"role": "user", "content": payload.question}],
        "model": model,
        "output_config": {
            "effort": EFFORT,
            "format": {"type": "json_schema", "schema": payload.schema},
        },
        "system": [{"type": "text", "text": text, "cache_control": kept} for text in fixed],
    }


EFFORT = "low"
"""How hard a model is to think about one question; one that does not know the word is asked without it."""


def preview(request: ReviewRequest, settings: ReviewSettings) -> str:
    """Return, as indented JSON, the body a review of `request` would send; sends nothing."""
    body = _body(redact(request).sent, with_model(settings, request.model))
    return msgspec.json.format(msgspec.json.encode(body), indent=2).decode()


def bodies(requests: Iterable[ReviewRequest], settings: ReviewSettings) -> list[Any]:
    """Return the bodies that reviews of `requests` would send, those that hold any file; sends nothing."""
    redacted = ((redact(one).sent, with_model(settings, one.model)) for one in requests)
    return [msgspec.json.decode(msgspec.json.encode(_body(it, own))) for it, own in redacted if it.files]


def _body(request: SentRequest, settings: ReviewSettings) -> dict[str, object]:
    return body_of(payload_of(request), settings.model_id, settings.max_tokens, settings.provider)


def _schema(request: SentRequest) -> dict[str, object]:
    """Return the form of the answer; limits it cannot express are enforced on what comes back."""
    always = () if request.is_added else (INSTRUCTION_KEY,)
    keys = sorted({*always, *(key.name for key in request.keys)})
    properties: dict[str, object] = {
        "file": {"type": "string", "description": "path of the file, as given"},
        "node_id": {"type": "string", "description": "id of the node, or empty"},
        "line": {"type": "integer", "description": "number of the quoted line"},
        "quote": {"type": "string", "description": "the whole line, copied"},
        "key": {"type": "string", "enum": keys},
        "message": {"type": "string", "description": "what is wrong, at most 200 characters"},
        "why": {"type": "string", "description": "what happens, at most 600 characters"},
        "evidence": {"type": "array", "items": object_form(_EVIDENCE)},
        "confidence": {"type": "number", "description": "between 0 and 1"},
        "severity": {"type": "string", "enum": ["info", "hint"]},
    }
    return object_form({"findings": {"type": "array", "items": object_form(properties)}})


_EVIDENCE: dict[str, object] = {
    "says": {"type": "string", "enum": list(KINDS)},
    "file": {"type": "string", "description": "path of the file, as given"},
    "node_id": {"type": "string", "description": "id of the node, or empty for the whole file"},
    "text": {"type": "string", "description": "a whole line, words, or a dotted path"},
    "other": {"type": "string", "description": "the later line, the value or the other path, or empty"},
}
