"""Work beside the event loop, in threads that do not keep the process from ending."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


def in_background(work: Callable[[], T]) -> "asyncio.Future[T]":
    """Run `work` in a thread; the future belongs to the running loop.

    Cancelling the future does not stop the thread: its result is dropped.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:
            _tell(loop, _fail, future, error)
        else:
            _tell(loop, _finish, future, result)

    Thread(target=run, name="rollsafe-background", daemon=True).start()
    return future


def _tell(loop: asyncio.AbstractEventLoop, how: Callable[..., None], *what: object) -> None:
    with suppress(RuntimeError):  # the loop has been closed: the process is ending
        loop.call_soon_threadsafe(how, *what)


def _finish(future: "asyncio.Future[T]", result: T) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: "asyncio.Future[T]", error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
