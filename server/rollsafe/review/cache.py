"""Answers kept in the user's cache directory, so that the same question is not asked, and paid for, twice.

A file holds what the model wrote about a redacted request, and no more: neither the request nor a secret.
What is read is checked against the files like an answer that has just come.
"""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256

import msgspec

from rollsafe import __version__
from rollsafe.review.request import AnswerStatus, WorkerAnswer
from rollsafe.review.whole_file import write_whole

_DAYS = 30
_TTL_S = _DAYS * 86_400
_LARGEST = 256_000
_ROOM = 20_000_000
_SUFFIX = ".json"


def key_of(prompt_version: str, service: str, body: bytes) -> str:
    """Return the name of the answer to `body`: model, instructions, agent, redacted files and findings.

    `service` tells whom it was sent to. Other rules come with another version of this program.
    """
    identity = msgspec.json.encode((__version__, prompt_version, service))
    return sha256(identity + b"\0" + body).hexdigest()


class Cache:
    """The answers in one directory. Whatever goes wrong with a file, there is just no answer in it."""

    def __init__(self, directory: str) -> None:
        self._directory = directory

    def get(self, key: str) -> WorkerAnswer | None:
        """Return the answer kept under `key` in the last 30 days; None without one."""
        path = self._path(key)
        try:
            if not 0 <= time.time() - os.stat(path).st_mtime < _TTL_S:
                return None
            with open(path, "rb") as stream:
                answer = msgspec.json.decode(stream.read(_LARGEST), type=WorkerAnswer)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        return answer if answer.status is AnswerStatus.ANSWERED else None

    def put(self, key: str, answer: WorkerAnswer) -> None:
        """Keep an answer; what is old, or too much, is thrown away."""
        data = msgspec.json.encode(answer)
        if answer.status is not AnswerStatus.ANSWERED or len(data) > _LARGEST:
            return
        with suppress(OSError):
            os.makedirs(self._directory, mode=0o700, exist_ok=True)
            write_whole(self._path(key), data)
            self._make_room()

    def _path(self, key: str) -> str:
        return os.path.join(self._directory, key + _SUFFIX)

    def _make_room(self) -> None:
        left, now = _ROOM, time.time()
        for modified, size, path in sorted(self._files(), reverse=True):
            left -= size
            if left < 0 or now - modified >= _TTL_S:
                with suppress(OSError):
                    os.unlink(path)

    def _files(self) -> Iterator[tuple[float, int, str]]:
        with os.scandir(self._directory) as entries:
            for entry in entries:
                with suppress(OSError):
                    if entry.name.endswith((_SUFFIX, ".tmp")) and entry.is_file(follow_symlinks=False):
                        known = entry.stat(follow_symlinks=False)
                        yield known.st_mtime, known.st_size, entry.path
