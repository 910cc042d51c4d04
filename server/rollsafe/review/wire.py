"""What goes over the wire in the worker: each request looked at as it would leave, each answer bounded."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx2

from rollsafe.review.egress import objection_to_body
from rollsafe.review.request import WorkerJob

_LARGEST = 4_000_000
"""Bytes of an answer that are read; what a model may write at most has a hundredth of that."""

_TOO_LONG = "the answer was too long"


def client_for(job: WorkerJob, guard: "Guard") -> httpx2.AsyncClient:
    """Return a client that takes no proxy from the environment, follows no redirect and packs nothing."""
    return httpx2.AsyncClient(
        trust_env=False,
        timeout=job.deadline_s,
        headers={"accept-encoding": "identity"},
        event_hooks={"request": [guard.inspect], "response": [guard.bound]},
    )


class Guard:
    """Looks at each attempt and stops it when in doubt: `objection` says why; `attempts` counts what left."""

    def __init__(self, job: WorkerJob) -> None:
        self._job = job
        self._is_over = False
        self.is_answered = False
        self.attempts = 0
        self.objection: str | None = None

    async def inspect(self, request: httpx2.Request) -> None:
        """Raise when the request may not leave.

        Raises:
            ConnectionAbortedError: `objection` says why.
        """
        if not self._is_over:
            self.objection = objection_to_body(await request.aread(), self._job.api_key)
            if _address(str(request.url)) != _address(self._job.base_url):
                self.objection = "the request was on its way to another address"
        if self.objection is not None:
            raise ConnectionAbortedError(self.objection)
        self.attempts += 1

    async def bound(self, response: httpx2.Response) -> None:
        """Let an answer be read up to a limit, and none that is packed: what it holds cannot be told.

        Raises:
            ConnectionAbortedError: `objection` says why.
        """
        self.is_answered = True
        if response.headers.get("content-encoding", "identity") != "identity":
            self.refuse("the answer was packed")
        if isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = _Bounded(response.stream, self)

    def refuse(self, objection: str) -> None:
        """End the call: no further attempt is made.

        Raises:
            ConnectionAbortedError: always.
        """
        self._is_over, self.objection = True, objection
        raise ConnectionAbortedError(objection)


class _Bounded(httpx2.AsyncByteStream):
    """The bytes of an answer as they arrive, and no more than a limit."""

    def __init__(self, stream: httpx2.AsyncByteStream, guard: Guard) -> None:
        self._stream = stream
        self._guard = guard

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = _LARGEST
        async for chunk in self._stream:
            left -= len(chunk)
            if left < 0:
                self._guard.refuse(_TOO_LONG)
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


def _address(url: str) -> tuple[str, str | None, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
