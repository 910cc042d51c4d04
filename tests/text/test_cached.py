"""Properties that are computed once."""

from threading import Barrier, Thread

from rollsafe.text.cached import cached_property


class Asked:
    """Something that two threads ask at once."""

    def __init__(self) -> None:
        self.both = Barrier(2)

    @cached_property
    def made(self) -> list[int]:
        """A list, made when both threads are on their way to it."""
        self.both.wait(timeout=10)
        return []


def test_threads_that_ask_at_once_are_given_the_same() -> None:
    asked, found = Asked(), list[list[int]]()
    threads = [Thread(target=lambda: found.append(asked.made)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert found[0] is found[1]
    assert asked.made is found[0]
