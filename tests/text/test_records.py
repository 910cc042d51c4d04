"""Records and tuples do what dataclasses and named tuples of the standard library do."""

import copy
import dataclasses
import pickle

import pytest

from rollsafe.text.cached import cached_property
from rollsafe.text.records import entity, field, open_record, record, replace, state
from rollsafe.text.tuples import NamedTuple


class Pair(NamedTuple):
    """Fields named like what a class is made with."""

    kind: str
    values: tuple[int, ...] = ()

    @property
    def total(self) -> int:
        return sum(self.values)


@record
class Place:
    name: str
    line: int = 1


@record
class Port(Place):
    number: int = 80


@open_record
class Known:
    name: str
    told: dict[str, int] = field(default_factory=dict[str, int])
    secret: str = field(default="-", repr=False)

    @cached_property
    def loud(self) -> str:
        return self.name.upper()


@state
class Counting:
    count: int = 0
    doubled: int = 0

    def __post_init__(self) -> None:
        self.doubled = self.count * 2


@entity
class Meeting:
    name: str


def test_tuples_take_positions_names_and_defaults() -> None:
    assert Pair("a") == Pair(kind="a", values=()) == ("a", ())
    assert Pair("a", (1, 2)).total == 3
    assert Pair("a")._replace(values=(1,)) == ("a", (1,))
    assert Pair("a")._asdict() == {"kind": "a", "values": ()}
    assert repr(Pair("a")) == "Pair(kind='a', values=())"


def test_tuples_refuse_what_they_do_not_know() -> None:
    with pytest.raises(TypeError):
        Pair()  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
    with pytest.raises(TypeError):
        Pair("a", other=1)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]


@pytest.mark.parametrize("one", [Pair("a", (1,)), Place("a", 2), Port("a", 2, 3), Known("a", {"b": 1})])
def test_copies_are_equal(one: object) -> None:
    assert copy.copy(one) == one
    assert pickle.loads(pickle.dumps(one)) == one


def test_a_match_takes_them_apart() -> None:
    match Port("a", 2, 3):
        case Port(name, line, number):
            assert (name, line, number) == ("a", 2, 3)
    match Pair("a"):
        case Pair(kind, values):
            assert (kind, values) == ("a", ())


def test_records_are_equal_and_hashed_by_class_and_values() -> None:
    assert Place("a") == Place("a", 1)
    assert Place("a") != Place("b")
    assert Place("a") != Port("a")
    assert len({Place("a"), Place("a"), Port("a")}) == 2
    assert repr(Port("a")) == "Port(name='a', line=1, number=80)"


def test_records_have_no_room_for_more() -> None:
    assert not hasattr(Place("a"), "__dict__")
    assert Known("a").loud == "A"


def test_each_has_a_default_of_its_own() -> None:
    one, other = Known("a"), Known("a")
    one.told["b"] = 1
    assert other.told == {}
    assert repr(other) == "Known(name='a', told={})"


def test_states_are_equal_when_their_fields_are_and_have_no_hash() -> None:
    one = Counting(2)
    assert one == Counting(2)
    one.count += 1
    assert (one.count, one.doubled) == (3, 4)
    assert one != Counting(2)
    with pytest.raises(TypeError):
        hash(one)


def test_entities_are_equal_to_none_but_themselves() -> None:
    one = Meeting("a")
    assert one != Meeting("a")
    assert {one: 1}[one] == 1


def test_some_fields_are_replaced() -> None:
    assert replace(Port("a", 2), number=3) == Port("a", 2, 3)
    assert dataclasses.replace(Port("a", 2), number=3) == Port("a", 2, 3)


def test_the_standard_library_takes_records_for_dataclasses() -> None:
    assert [one.name for one in dataclasses.fields(Port)] == ["name", "line", "number"]
    assert dataclasses.asdict(Known("a")) == {"name": "a", "told": {}, "secret": "-"}
    assert dataclasses.is_dataclass(Counting)
