"""Random Avro schemas and what becomes of them, to be judged by two programs."""

import json
from random import Random
from typing import Any, cast

PRIMITIVES = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"]
NAMES = "ABCDEFGH"
SYMBOLS = ["X", "Y", "Z"]


class Schemas:
    """Schemas made from a seed; a name that is defined may be referred to."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def pair(self) -> tuple[Any, Any]:
        """Return a record, and a change of it or another one."""
        one = self._record("A", 3, ["A"])
        is_changed = self.random.random() < 0.7
        return one, self._changed(one) if is_changed else self._record("A", 3, ["A"])

    def _type(self, depth: int, names: list[str]) -> Any:
        choice = self.random.random()
        if depth <= 0 or choice < 0.4:
            return self.random.choice(PRIMITIVES)
        if choice < 0.5:
            return self.random.choice(names)
        if choice < 0.6:
            return {"type": "array", "items": self._type(depth - 1, names)}
        if choice < 0.66:
            return {"type": "map", "values": self._type(depth - 1, names)}
        if choice < 0.76:
            return self._union(depth, names)
        return self._named(choice, depth, names)

    def _union(self, depth: int, names: list[str]) -> Any:
        found: dict[str, Any] = {}
        for _ in range(self.random.randint(1, 3)):
            one = self._type(depth - 1, names)
            if not isinstance(one, list):
                found.setdefault(one if isinstance(one, str) else one.get("name", one["type"]), one)
        return list(found.values()) or "null"

    def _named(self, choice: float, depth: int, names: list[str]) -> Any:
        name = self.random.choice(NAMES)
        if name in names:
            return name
        names.append(name)
        if choice > 0.89:
            return self._record(name, depth, names)
        if choice > 0.84:
            return {"type": "fixed", "name": name, "size": self.random.choice([2, 4])}
        made: dict[str, Any] = {"type": "enum", "name": name, "symbols": self._symbols()}
        if self.random.random() < 0.3:
            made["default"] = made["symbols"][0]
        return made

    def _symbols(self) -> list[str]:
        return self.random.sample(SYMBOLS, self.random.randint(1, 3))

    def _record(self, name: str, depth: int, names: list[str]) -> Any:
        made: dict[str, Any] = {"type": "record", "name": name, "fields": []}
        if self.random.random() < 0.2:
            made["aliases"] = [self.random.choice(NAMES)]
        for one in self.random.sample("abcd", self.random.randint(0, 3)):
            kind = self._type(depth - 1, names)
            field: dict[str, Any] = {"name": one, "type": kind}
            if self.random.random() < 0.3:
                field["aliases"] = [self.random.choice("abcd")]
            if self.random.random() < 0.4:
                field["default"] = None if kind == "null" else 0
            made["fields"].append(field)
        return made

    def _changed(self, schema: Any) -> Any:
        copy = json.loads(json.dumps(schema))
        parts: list[Any] = []
        _collect(copy, parts)
        for _ in range(self.random.randint(1, 2)):
            self._change(self.random.choice(parts))
        return copy

    def _change(self, part: Any) -> None:
        if "fields" in part and part["fields"] and self.random.random() < 0.5:
            part["fields"].pop(self.random.randrange(len(part["fields"])))
        elif "fields" in part:
            default = {"default": 1} if self.random.random() < 0.5 else {}
            name = self.random.choice("efg")
            part["fields"].append({"name": name, "type": self.random.choice(PRIMITIVES), **default})
        elif "symbols" in part:
            part["symbols"] = self._symbols()
            part.pop("default", None)
        elif "size" in part:
            part["size"] = self.random.choice([2, 4])
        elif part.get("type") in PRIMITIVES:
            part["type"] = self.random.choice(PRIMITIVES)
        elif isinstance(part.get("type"), list):
            self.random.shuffle(part["type"])


def _collect(node: Any, parts: list[Any]) -> None:
    if isinstance(node, dict):
        part = cast("dict[str, Any]", node)
        parts.append(part)
        for key in ("items", "values", "type"):
            _collect(part.get(key), parts)
        for field in part.get("fields", ()):
            _collect(field, parts)
