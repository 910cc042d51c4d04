"""The last look before a body leaves, taken where nothing redacted it before."""

import json
import os
import subprocess
import sys

import msgspec
import pytest

from rollsafe.review.egress import objection_to_body
from rollsafe.review.payload import payload_of
from rollsafe.review.request import SentRequest
from tests.review.double import Double

COMMAND = [sys.executable, "-P", "-m", "rollsafe.review.worker"]


def sent(text: str, persona: str = "You watch rollouts.") -> dict[str, object]:
    line = {"number": 1, "text": text}
    file = {"path": "a.yaml", "nodes": [], "findings": [], "lines": [line]}
    return {"agent": "agent", "persona": persona, "keys": [], "files": [file]}


def worker(double: Double | None, request: dict[str, object], **changes: object) -> dict[str, str]:
    """Return what the worker prints about a job that skipped redaction."""
    payload = payload_of(msgspec.convert(request, SentRequest))
    job = {
        "payload": msgspec.to_builtins(payload),
        "model": "claude-haiku-5-5",
        "base_url": double.base_url if double else "https://api.invalid",
        "api_key": "test-key-93f1c2d7",
        "max_tokens": 100,
        "max_retries": 0,
        "deadline_s": 60,
        **changes,
    }
    return answer_to(json.dumps(job).encode())


def answer_to(job: bytes) -> dict[str, str]:
    done = subprocess.run(COMMAND, input=job, capture_output=True, env=dict(os.environ))
    assert (done.returncode, done.stderr) == (0, b"")
    answer: dict[str, str] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize(
    "request_",
    [
        sent("password: hunter2"),
        sent("url: postgres://app:hunter2@db/shop"),
        sent("x: " + "AKIA" + "IOSFODNN7EXAMPLE"),
        sent("-----BEGIN PRIVATE KEY-----"),
        sent("a: b", persona="Use password: hunter2"),
    ],
)
def test_the_worker_sends_no_secret_whoever_asks(double: Double, request_: dict[str, object]) -> None:
    answer = worker(double, request_)
    assert answer["status"] == "failed"
    assert answer["reason"] == "the request still held a secret"
    assert double.requests == []


def test_the_worker_does_not_send_its_own_key(double: Double) -> None:
    answer = worker(double, sent("name: test-key-93f1c2d7"))
    assert answer["reason"] == "the request held the key of the service"
    assert double.requests == []


def test_the_worker_refuses_an_address_off_this_machine_without_tls() -> None:
    answer = worker(None, sent("a: b"), base_url="http://api.example.com")
    assert answer["status"] == "failed"
    assert "https" in answer["reason"]


@pytest.mark.parametrize("job", [b"", b"{", b"[]", b'{"payload": {}}', b"\xff\xfe", b"[" * 100_000])
def test_a_job_that_cannot_be_read_is_answered_without_a_traceback(job: bytes) -> None:
    assert answer_to(job)["status"] == "failed"


def body(content: str, **more: object) -> bytes:
    return json.dumps({"messages": [{"role": "user", "content": content}], **more}).encode()


@pytest.mark.parametrize(
    "unreadable",
    [
        b"",
        b"not json",
        b"{}",
        b'{"messages": []}',
        b'{"messages": [{"content": [{"type": "text", "text": "{}"}]}]}',
        b'{"messages": [{"content": "{}"}, {"content": "{}"}]}',
        body("plain words"),
        body("[]"),
        body("{}", deep=json.loads("[" * 60 + "]" * 60)),
    ],
)
def test_a_body_that_cannot_be_looked_into_does_not_leave(unreadable: bytes) -> None:
    assert objection_to_body(unreadable, "key") == "the request could not be checked for secrets"


@pytest.mark.parametrize(
    "held",
    [
        body('{"files": [{"lines": [{"number": 1, "text": "token: abc def"}]}]}'),
        body('{"files": [{"lines": [{"number": 1, "text": "a", "token=abc1234": 1}]}]}'),
        body("{}", system=[{"type": "text", "text": 'Rules.\n{"focus": "password=hunter2"}'}]),
        body("{}", metadata={"user_id": "postgres://app:hunter2@db/shop"}),
    ],
)
def test_a_secret_is_seen_wherever_it_hides_in_a_body(held: bytes) -> None:
    assert objection_to_body(held, "key") == "the request still held a secret"
