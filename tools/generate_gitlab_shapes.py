"""Write the table of what a pipeline of GitLab may hold.

    python tools/generate_gitlab_shapes.py path/to/gitlab-ci.json

Takes GitLab's JSON Schema of `.gitlab-ci.yml` (gitlab.com/gitlab-org/gitlab,
`app/assets/javascripts/editor/schema/ci.json`; also in the package `check-jsonschema`,
`builtin_schemas/vendor/gitlab-ci.json`), under the MIT licence. What comes out holds names, types and
requirements, no descriptions; `rollsafe.artefacts.shapes` describes its form. Alternatives that are all
mappings become one mapping with the keys of all of them.
"""

import json
import sys
from pathlib import Path
from typing import Any

from generate_shapes import write

_LETTERS = {"string": "s", "integer": "i", "number": "n", "boolean": "b", "null": "0"}
_ANYTHING = "*"
_DEEPEST = 40


class Gitlab:
    """Turns GitLab's schema into shapes."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self.types: dict[str, Any] = schema["definitions"]

    def shape(self, schema: Any, depth: int = 0) -> Any:
        """Return the shape of any schema."""
        if not isinstance(schema, dict) or depth > _DEEPEST:
            return _ANYTHING
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return "#" + name if name in self.types else _ANYTHING
        parts = schema.get("oneOf") or schema.get("anyOf")
        own = self.plain(schema, depth)
        for part in schema.get("allOf", ()):
            own = self.both(own, self.written(self.shape(part, depth + 1)))
        if not parts:
            return own
        shapes = [self.written(self.shape(part, depth + 1)) for part in parts]
        shapes = [one for one, part in zip(shapes, parts, strict=True) if not self.asks_only(part)]
        found = shapes[0] if shapes else own
        for one in shapes[1:]:
            found = self.either(found, one)
        return self.both(own, found)

    def asks_only(self, schema: Any) -> bool:
        """Say whether an alternative only names required keys."""
        return isinstance(schema, dict) and not schema.keys() - {"required", "properties", "not"}

    def written(self, shape: Any) -> Any:
        """Return a shape itself where a name stands for it."""
        seen: set[str] = set()
        while isinstance(shape, str) and shape.startswith("#") and shape not in seen:
            seen.add(shape)
            shape = self.shape(self.types[shape[1:]], 1)
        return shape

    def plain(self, schema: dict[str, Any], depth: int) -> Any:
        """Return what a schema says apart from its alternatives."""
        named = schema.get("type", [])
        types = [named] if isinstance(named, str) else named
        found: dict[str, Any] = {}
        letters = "".join(_LETTERS[name] for name in types if name in _LETTERS)
        words = [word for word in schema.get("enum", ()) if isinstance(word, str)]
        if letters or words:
            found["s"] = letters or "s"
        if words and len(words) == len(schema["enum"]):
            found["e"] = words
        if "object" in types or "properties" in schema or "patternProperties" in schema:
            found |= self.mapping(schema, depth)
        if "array" in types:
            found["l"] = self.shape(schema["items"], depth + 1) if "items" in schema else _ANYTHING
        if found.keys() == {"s"}:
            return found["s"]
        return found or _ANYTHING

    def mapping(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        """Return the part of a shape that speaks of a mapping."""
        known = {
            key: self.shape(value, depth + 1)
            for key, value in schema.get("properties", {}).items()
            if key != "!reference"
        }
        found: dict[str, Any] = {"p": known}
        if schema.get("required"):
            found["q"] = sorted(set(schema["required"]) - {"!reference"})
        patterns = list(schema.get("patternProperties", {}).values())
        more = schema.get("additionalProperties")
        if isinstance(more, dict):
            patterns.append(more)
        if patterns:
            value = self.written(self.shape(patterns[0], depth + 1))
            for other in patterns[1:]:
                value = self.either(value, self.written(self.shape(other, depth + 1)))
            found["v"] = value
        elif more is not False:
            found["v"] = _ANYTHING
        return found

    def either(self, one: Any, other: Any) -> Any:
        """Return the shape of what has one of two shapes."""
        if _ANYTHING in (one, other):
            return _ANYTHING
        left, right = as_dict(self.written(one)), as_dict(self.written(other))
        found: dict[str, Any] = {}
        letters = "".join(dict.fromkeys(left.get("s", "") + right.get("s", "")))
        if letters:
            found["s"] = letters
        sides = [side for side in (left, right) if "s" in side.get("s", "")]
        if sides and all("e" in side for side in sides):
            found["e"] = list(dict.fromkeys(word for side in sides for word in side["e"]))
        for key in ("l", "v"):
            both = [side[key] for side in (left, right) if key in side]
            if both:
                found[key] = both[0] if len(both) == 1 or both[0] == both[1] else self.either(*both)
        if "p" in left or "p" in right:
            first, second = left.get("p", {}), right.get("p", {})
            found["p"] = {
                key: first[key]
                if second.get(key, first.get(key)) == first.get(key)
                else second[key]
                if key not in first
                else self.either(first[key], second[key])
                for key in {**first, **second}
            }
            required = [set(side.get("q", ())) for side in (left, right) if "p" in side]
            asked = set.intersection(*required)
            if asked:
                found["q"] = sorted(asked)
        return found

    def both(self, one: Any, other: Any) -> Any:
        """Return the shape of what has both of two shapes."""
        if one == _ANYTHING or other == _ANYTHING:
            return other if one == _ANYTHING else one
        left, right = as_dict(one), as_dict(other)
        found = {**left, **right}
        if "p" in left and "p" in right:
            found["p"] = {**left["p"], **right["p"]}
            asked = set(left.get("q", ())) | set(right.get("q", ()))
            if asked:
                found["q"] = sorted(asked)
            if "v" not in left or "v" not in right:
                found.pop("v", None)
        return found


def as_dict(shape: Any) -> dict[str, Any]:
    """Return a shape that is letters as a mapping."""
    return shape if isinstance(shape, dict) else {"s": shape}


def main(path: Path) -> None:
    """Write `gitlab.json`."""
    schema = json.loads(path.read_text())
    gitlab = Gitlab(schema)
    types = {
        name: gitlab.shape(value) for name, value in schema["definitions"].items() if name != "!reference"
    }
    types["file"] = gitlab.shape({key: value for key, value in schema.items() if key != "patternProperties"})
    about = {
        "origin": "https://gitlab.com/gitlab-org/gitlab/-/blob/master/app/assets/javascripts/editor/schema/ci.json",
        "licence": "MIT",
        "version": "as in check-jsonschema 0.39.0",
    }
    write("gitlab.json", about, types, {})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
