"""Properties that are computed once."""

from rollsafe.text.cached import cached_property


class Counted:
    def __init__(self) -> None:
        self.asked = 0

    @cached_property
    def made(self) -> list[str]:
        """A list that tells how often it was made."""
        self.asked += 1
        return ["own"] * self.asked


class Further(Counted):
    @cached_property
    def made(self) -> list[str]:
        """More than what it overrides."""
        return [*super().made, "more"]


def test_it_is_computed_once() -> None:
    one = Counted()
    assert one.made is one.made
    assert one.made == ["own"]


def test_one_may_extend_the_one_it_overrides() -> None:
    one = Further()
    assert one.made == ["own", "more"]
    assert one.made == ["own", "more"]
