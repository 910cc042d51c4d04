"""`python -m rollsafe.review.worker`: one call of a model, in a process of its own.

Reads a `WorkerJob` from standard input and prints a `WorkerAnswer`. It holds redacted text only,
looks at every outgoing body once more, speaks to one address, follows no redirect, and reads nothing
about that from its environment. It prints no traceback and no text of an exception: either could
hold the key. The only module that imports the client library.
"""

import asyncio
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias, cast

import msgspec

from rollsafe.review.egress import objection_to_body
from rollsafe.review.payload import body_of
from rollsafe.review.plain import plain
from rollsafe.review.request import AnswerStatus, WorkerAnswer, WorkerJob
from rollsafe.review.settings import objection_to

if TYPE_CHECKING:
    import httpx2
    from anthropic import AsyncAnthropic
    from anthropic.lib.bedrock import AsyncAnthropicBedrock
    from anthropic.lib.vertex import AsyncAnthropicVertex
    from anthropic.types import Message
    from anthropic.types.message_create_params import MessageCreateParamsNonStreaming

    from rollsafe.review.wire import Guard

_LONGEST = 1_000_000
_STATUS_WORDS = {
    400: "it does not accept the request",
    401: "it does not accept the key",
    402: "the account cannot pay",
    403: "the key may not use the model",
    404: "it does not know the model",
    413: "the request is too large",
    429: "too many requests",
    529: "it is overloaded",
}


def main() -> int:
    """Answer the job on standard input; 0 whatever became of it, since the answer says it."""
    out = sys.stdout.buffer
    sys.stdout = sys.stderr
    answer = _answer(sys.stdin.buffer.read())
    out.write(msgspec.json.encode(answer))
    out.flush()
    return 0


def _answer(job_text: bytes) -> WorkerAnswer:
    for name in [name for name in os.environ if name.startswith("ANTHROPIC_")]:
        del os.environ[name]
    try:
        job = msgspec.json.decode(job_text, type=WorkerJob)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _failed("the worker could not read its job")
    body = msgspec.json.encode(_body(job))
    objection = objection_to(job.base_url) or objection_to_body(body, job.api_key)
    if objection is not None:
        return _failed(objection)
    return asyncio.run(_asked(job))


def _failed(reason: str) -> WorkerAnswer:
    """Return the answer of a call that says nothing about the files."""
    return WorkerAnswer(AnswerStatus.FAILED, reason)


def _unanswered(reason: str) -> WorkerAnswer:
    """Return the answer of a call whose last attempt was not answered, if it was sent at all."""
    return WorkerAnswer(AnswerStatus.FAILED, reason, is_open=True)


async def _asked(job: WorkerJob) -> WorkerAnswer:
    """Call the model and tell every failure in our own words."""
    try:
        import_module("anthropic")
        from rollsafe.review.wire import Guard
    except ImportError:
        return _failed("the optional extra `ai` is not installed")
    guard = Guard(job)
    try:
        answer = await _answered(job, guard)
    except Exception as error:
        what = "the answer was no message" if guard.is_answered else "the worker met an unexpected error"
        answer = _unanswered(f"{what} ({type(error).__name__})")
    return msgspec.structs.replace(answer, attempts=guard.attempts)


async def _answered(job: WorkerJob, guard: "Guard") -> WorkerAnswer:
    import anthropic
    import httpx2

    try:
        async with asyncio.timeout(job.deadline_s):
            request_id, message = await _call(job, guard)
    except TimeoutError:
        return _unanswered(f"no answer within {job.deadline_s:g} s")
    except anthropic.APIStatusError as error:
        words = _STATUS_WORDS.get(error.status_code)
        code = f"the service answered {error.status_code}"
        return _failed(f"{code}: {words}" if words else code)
    except (anthropic.APIConnectionError, httpx2.HTTPError):
        return _unanswered(guard.objection or "the service could not be reached")
    return _understood(message, request_id)


_Client: TypeAlias = "AsyncAnthropic | AsyncAnthropicBedrock | AsyncAnthropicVertex"


def _client(job: WorkerJob, http: "httpx2.AsyncClient") -> _Client:
    """Return the library's own client for the job's provider; none of them looks for keys or addresses."""
    import anthropic

    key, base_url, retries, limit = job.api_key, job.base_url, job.max_retries, job.deadline_s
    match job.provider:
        case "bedrock":
            from anthropic.lib.bedrock import AsyncAnthropicBedrock

            return AsyncAnthropicBedrock(
                api_key=key,
                aws_region=job.region,
                base_url=base_url,
                max_retries=retries,
                timeout=limit,
                http_client=http,
            )
        case "vertex":
            from anthropic.lib.vertex import AsyncAnthropicVertex

            return AsyncAnthropicVertex(
                access_token=key,
                region=job.region,
                project_id=job.project,
                base_url=base_url,
                max_retries=retries,
                timeout=limit,
                http_client=http,
            )
        case "foundry":
            return anthropic.AsyncAnthropicFoundry(
                api_key=key, base_url=base_url, max_retries=retries, timeout=limit, http_client=http
            )
        case _:
            return anthropic.AsyncAnthropic(
                api_key=key, base_url=base_url, max_retries=retries, timeout=limit, http_client=http
            )


async def _call(job: WorkerJob, guard: "Guard") -> "tuple[str, Message]":
    """Call the model; one that does not know the word `effort` is asked without it, as one of the retries."""
    import anthropic

    from rollsafe.review.wire import client_for

    async with client_for(job, guard) as http:
        client = _client(job, http)
        body = cast("MessageCreateParamsNonStreaming", _body(job))
        try:
            response = await client.messages.with_raw_response.create(**body)
        except anthropic.BadRequestError as error:
            left = job.max_retries - guard.attempts
            if "effort" not in error.message or left < 0:
                raise
            body.get("output_config", {}).pop("effort", None)
            client.max_retries = left
            response = await client.messages.with_raw_response.create(**body)
        return response.request_id or "", await response.parse()


def _body(job: WorkerJob) -> dict[str, object]:
    return body_of(job.payload, job.model, job.max_tokens, job.provider)


def _understood(message: "Message", request_id: str) -> WorkerAnswer:
    """Return what the message says; anything but a finished answer is none."""
    match message.stop_reason:
        case "end_turn" | "stop_sequence":
            text = "".join(block.text for block in message.content if block.type == "text")
            answer = WorkerAnswer(AnswerStatus.ANSWERED, text=text)
            if len(text) > _LONGEST:
                answer = _failed("the answer was too long")
        case "refusal":
            answer = WorkerAnswer(AnswerStatus.REFUSED, "the model declined to review")
        case "max_tokens" | "model_context_window_exceeded":
            answer = _failed("the answer was cut off")
        case _:
            answer = _failed("the model stopped early")
    return msgspec.structs.replace(
        answer,
        model=plain(message.model, 100),
        request_id=plain(request_id or message.id, 100),
        input_tokens=message.usage.input_tokens,
        output_tokens=message.usage.output_tokens,
    )


if __name__ == "__main__":
    sys.exit(main())
