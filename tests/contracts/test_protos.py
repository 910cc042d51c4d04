"""Two revisions of a `.proto` file: what breaks on the wire and in what was built from it."""

from collections import Counter

import pytest

from rollsafe.workspace.facts import Base
from tests.checking import base_of, check

_PATH = "proto/shop.proto"
_RULES = frozenset({"changed-wire-format", "removed-proto-part"})
_BEFORE = """\
syntax = "proto3";
package shop.v1;
// message Older { int32 gone = 9; }
message Order {
  message Part { string name = 1; }
  int64 id = 1;
  repeated Part parts = 2;
  oneof paid { string card = 3; string cash = 4; }
  map<string, int32> counts = 5;
  string note = 6 [deprecated = true];
  State state = 7;
}
message Old {
  required int64 size = 1 [default = 3];
  reserved 7 to 9, 12;
  reserved "kept";
  extensions 100 to 199;
}
enum State { UNKNOWN = 0; OPEN = 1; PAID = 2; }
service Shop {
  rpc Buy(Order) returns (stream .shop.v1.Order) { option (x) = { get: "/a;b" }; }
  rpc Look(Order) returns (Order);
}
"""


def between(before: str, after: str) -> list[tuple[str, str]]:
    found = check({_PATH: after}, base=base_of({_PATH: before}))
    return [(one.rule, one.message) for one in found if one.rule in _RULES]


@pytest.mark.parametrize(
    ("was", "now", "rule", "words"),
    [
        ("int64 id = 1", "string id = 1", "changed-wire-format", "is `string` instead of `int64`"),
        ("int64 id = 1", "int64 id = 7", "changed-wire-format", "has the number 7 instead of 1"),
        ("int64 id = 1", "int64 key = 1", "changed-wire-format", "is `key` instead of `id`"),
        ("repeated Part parts", "Part parts", "changed-wire-format", "is one value now"),
        ("map<string, int32>", "map<string,int64>", "changed-wire-format", "is `map<string,int64>`"),
        ("OPEN = 1;", "", "removed-proto-part", "`OPEN` of `State` is gone"),
        ("OPEN = 1;", "CLOSED = 1;", "changed-wire-format", "is `CLOSED` instead of `OPEN`"),
        ("returns (stream", "returns (", "changed-wire-format", "answers one message now"),
        ("rpc Look(Order)", "rpc Look(State)", "changed-wire-format", "takes `State` instead of `Order`"),
        ("  rpc Look(Order) returns (Order);\n", "", "removed-proto-part", "`Shop.Look` is gone"),
        ("string note = 6 [deprecated = true];", "", "removed-proto-part", "6 is not reserved"),
        ("string name = 1;", "", "removed-proto-part", "`name` of `Order.Part` is gone"),
        ("string card = 3; ", "", "removed-proto-part", "`card` of `Order` is gone"),
        (
            "string card = 3; ",
            "} string card = 3; oneof paid { ",
            "changed-wire-format",
            "no longer one of `paid`",
        ),
        (
            "package shop.v1",
            "package shop.v2",
            "changed-wire-format",
            "the package is `shop.v2` instead of `shop.v1`",
        ),
        ('"proto3"', '"proto2"', "changed-wire-format", "the file is in `proto2` instead of `proto3`"),
        (
            "id = 1;",
            'id = 1 [json_name = "key"];',
            "changed-wire-format",
            "is called `key` in JSON instead of `id`",
        ),
        (
            "int64 id = 1",
            "required int64 id = 1",
            "changed-wire-format",
            "`Order.id` is required now, and was not",
        ),
        ("required int64 size", "optional int64 size", "changed-wire-format", "is required no longer"),
        ("default = 3", "default = 4", "changed-wire-format", "is `4` where it is not sent, instead of `3`"),
        (
            "reserved 7 to 9, 12;",
            "int32 nine = 9; reserved 12;",
            "changed-wire-format",
            "takes the number 9, which was",
        ),
        ("reserved 7 to 9, 12;", "reserved 7 to 9;", "removed-proto-part", "`Old` no longer reserves 12"),
        ('reserved "kept";', "", "removed-proto-part", "`Old` no longer reserves the name `kept`"),
        ("extensions 100 to 199;", "extensions 100 to 150;", "removed-proto-part", "takes no extensions"),
        ("State state = 7;", "string state = 7;", "changed-wire-format", "is `string` instead of `State`"),
    ],
)
def test_a_break_is_told(was: str, now: str, rule: str, words: str) -> None:
    after = _BEFORE.replace(was, now)
    ((told, message),) = between(_BEFORE, after)
    assert told == rule
    assert words in message


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("string note = 6 [deprecated = true];", "reserved 6;"),
        ("string note = 6 [deprecated = true];\n  State state = 7;", "reserved 5 to max;\n"),
        ("int64 id = 1;", "optional int64 id = 1; // the number"),
        ("reserved 7 to 9, 12;", "reserved 7 to 12;"),
        ("id = 1;", 'id = 1 [json_name = "id"];'),
        ("Part parts", "shop.v1.Order.Part parts"),
        ("PAID = 2;", "PAID = 0x2; LOST = 3;"),
        ("int32 gone = 9", "int32 gone = 8"),
    ],
)
def test_what_is_read_as_before_is_silent(was: str, now: str) -> None:
    after = _BEFORE.replace(was, now)
    if "5 to max" in now:
        after = after.replace("  map<string, int32> counts = 5;\n", "")
    assert between(_BEFORE, after) == []


def test_a_message_may_move_to_another_file_of_its_package() -> None:
    after = _BEFORE.replace("enum State { UNKNOWN = 0; OPEN = 1; PAID = 2; }\n", "")
    state = "package shop.v1;\nenum State { UNKNOWN = 0; OPEN = 1; PAID = 2; }\n"
    found = check({_PATH: after, "proto/state.proto": state}, base=base_of({_PATH: _BEFORE}))
    assert [one for one in found if one.rule in _RULES] == []
    assert [rule for rule, _ in between(_BEFORE, after)] == ["removed-proto-part"]


def test_what_changed_on_its_way_to_another_file_is_told_there() -> None:
    after = _BEFORE.replace("enum State { UNKNOWN = 0; OPEN = 1; PAID = 2; }\n", "")
    state = 'syntax = "proto3";\npackage shop.v1;\nenum State { UNKNOWN = 0; OPEN = 1; }\n'
    found = check({_PATH: after, "proto/state.proto": state}, base=base_of({_PATH: _BEFORE}))
    (told,) = [one for one in found if one.rule in _RULES]
    assert (told.path, told.line, told.rule) == ("proto/state.proto", 3, "removed-proto-part")
    assert "`PAID` of `State` is gone" in told.message


@pytest.mark.parametrize("text", ["", "}}}}", "message {", "message A {" * 5_000, "/*" * 5_000, '"' * 5_001])
def test_broken_files_come_to_an_end(text: str) -> None:
    assert all(rule == "removed-proto-part" for rule, _ in between(_BEFORE, text))
    assert len(between(text, _BEFORE)) == text.count("A", 0, 10)


def test_each_file_of_the_base_is_read_a_few_times_however_many_there_are() -> None:
    before = {f"p/{n}.proto": f'syntax = "proto3";\npackage p{n};\nmessage A {{}}\n' for n in range(30)}
    after = {path: f"{text}message B {{}}\n" for path, text in before.items()}
    asked = Counter[str]()

    def read(path: str) -> str | None:
        asked[path] += 1
        return before.get(path)

    check(after, base=Base("base", read, lambda: frozenset(before)))
    assert 0 < max(asked.values()) < len(before) / 2
