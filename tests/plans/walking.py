"""Finding things in a plan's JSON."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, cast

Json = dict[str, Any]


def parts(value: Any, key: str) -> Iterator[Any]:
    """Yield everything under `key`, however deep."""
    if isinstance(value, dict):
        for name, inside in cast("Json", value).items():
            if name == key:
                yield inside
            yield from parts(inside, key)
    elif isinstance(value, list):
        for item in cast("Sequence[object]", value):
            yield from parts(item, key)


def read(text: str) -> Json:
    found: Json = json.loads(text)
    return found


def objects(value: Any) -> Iterator[Json]:
    """Yield every object, however deep."""
    if isinstance(value, dict):
        yield cast("Json", value)
        for inside in cast("Json", value).values():
            yield from objects(inside)
    elif isinstance(value, list):
        for item in cast("Sequence[object]", value):
            yield from objects(item)


def commands(plan: Json) -> list[str]:
    """Return every command line of a plan."""
    return [one for one in parts(plan, "command") if one is not None]


def titles(plan: Json) -> list[str]:
    return [step["title"] for step in plan["steps"]]


def step(plan: Json, words: str) -> Json:
    """Return the one step whose title has `words`."""
    (found,) = [one for one in plan["steps"] if words in one["title"]]
    return dict(found)


def number(plan: Json, words: str) -> int:
    return int(step(plan, words)["number"])


def change(plan: Json, node: str, kind: str) -> Json:
    """Return the one row of the change table about `node` of that kind."""
    (found,) = [one for one in plan["changes"] if one["node"] == node and one["kind"] == kind]
    return dict(found)
