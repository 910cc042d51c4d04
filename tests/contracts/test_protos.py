"""Two revisions of a `.proto` file: what breaks on the wire and in what was built from it."""

import pytest

from tests.checking import base_of, check

_PATH = "proto/shop.proto"
_RULES = frozenset({"changed-wire-format", "removed-proto-part"})
_BEFORE = """\
syntax = "proto3";
package shop.v1;
// message Old { int32 gone = 9; }
message Order {
  message Part { string name = 1; }
  int64 id = 1;
  repeated Part parts = 2;
  oneof paid { string card = 3; string cash = 4; }
  map<string, int32> counts = 5;
  string note = 6 [deprecated = true];
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
        ("string note = 6 [deprecated = true];", "reserved 5 to max;\n"),
        ("int64 id = 1;", "optional int64 id = 1; // the number"),
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
    state = "package shop.v1;\nenum State { UNKNOWN = 0; }\n"
    found = check({_PATH: after, "proto/state.proto": state}, base=base_of({_PATH: _BEFORE}))
    assert [one for one in found if one.rule in _RULES] == []
    assert [rule for rule, _ in between(_BEFORE, after)] == ["removed-proto-part"]


@pytest.mark.parametrize("text", ["", "}}}}", "message {", "message A {" * 5_000, "/*" * 5_000, '"' * 5_001])
def test_broken_files_come_to_an_end(text: str) -> None:
    assert all(rule == "removed-proto-part" for rule, _ in between(_BEFORE, text))
    assert len(between(text, _BEFORE)) == text.count("A", 0, 10)
