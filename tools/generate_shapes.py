"""Write the tables of what Kubernetes objects and Compose files may hold.

    python tools/generate_shapes.py compose path/to/compose-spec.json
    python tools/generate_shapes.py kubernetes path/to/kubernetes-json-schema

The first takes the JSON Schema of the Compose specification (github.com/compose-spec/compose-spec; also in
the package `check-jsonschema`, `builtin_schemas/vendor/compose-spec.json`). The second takes a directory with
a `vX.Y.Z-local-strict/_definitions.json` per version, such as the one in the package `kubernetes-validate`,
made from the OpenAPI document of Kubernetes. Both are under the Apache licence 2.0. What comes out holds
names, types and requirements, no descriptions; `rollsafe.artefacts.shapes` describes its form.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent.parent / "server/rollsafe/artefacts/shapes/data"
_LETTERS = {"string": "s", "integer": "i", "number": "n", "boolean": "b", "null": "0"}
_ANYTHING = "*"


class Compose:
    """Turns the Compose specification's schema into shapes; `$ref` and `allOf` are resolved by name."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self.types: dict[str, Any] = schema["$defs"]

    def shape(self, schema: dict[str, Any]) -> Any:
        """Return the shape of any schema."""
        if "$ref" in schema:
            return "#" + schema["$ref"].rpartition("/")[2]
        if "oneOf" in schema or ("anyOf" in schema and "type" not in schema):
            return self.union([self.resolved(one) for one in schema.get("oneOf") or schema["anyOf"]])
        return plain(self.together(schema), self.shape)

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return what a reference stands for."""
        while "$ref" in schema:
            schema = self.types[schema["$ref"].rpartition("/")[2]]
        return schema

    def together(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return an object schema with those of `allOf` taken in."""
        found = dict(schema)
        for base in schema.get("allOf", ()):
            known = self.together(self.resolved(base))
            found["properties"] = {**known.get("properties", {}), **found.get("properties", {})}
            found["patternProperties"] = {
                **known.get("patternProperties", {}),
                **found.get("patternProperties", {}),
            }
        return found

    def union(self, schemas: list[dict[str, Any]]) -> dict[str, Any]:
        """Return one shape: alternatives of a schema differ in the kind of the value."""
        found: dict[str, Any] = {}
        for one in schemas:
            shape = self.shape(one)
            shape = shape if isinstance(shape, dict) else {"s": shape}
            scalars = shape.pop("s", "")
            assert not found.keys() & shape.keys() - {"e"}, schemas
            if scalars:
                found["s"] = "".join(dict.fromkeys(found.get("s", "") + scalars))
            found.update(shape)
        return found


def plain(schema: dict[str, Any], shape: Any) -> Any:
    """Return the shape of a schema without alternatives, its parts made by `shape`."""
    named = schema.get("type", [])
    types = [named] if isinstance(named, str) else named
    found: dict[str, Any] = {}
    letters = "".join(_LETTERS[name] for name in types if name in _LETTERS)
    if letters:
        found["s"] = letters
    if "enum" in schema:
        found["e"] = schema["enum"]
    if "object" in types or "properties" in schema:
        found |= mapping(schema, shape)
    if "array" in types:
        found["l"] = shape(schema["items"]) if "items" in schema else _ANYTHING
    if found.keys() == {"s"}:
        return found["s"]
    return found or _ANYTHING


def mapping(schema: dict[str, Any], shape: Any) -> dict[str, Any]:
    """Return the part of a shape that speaks of a mapping."""
    patterns = {key: value for key, value in schema.get("patternProperties", {}).items() if key != "^x-"}
    more = schema.get("additionalProperties")
    values = next(iter(patterns.values()), more if isinstance(more, dict) else None)
    closed = more is False or schema.get("unevaluatedProperties") is False
    found: dict[str, Any] = {"p": {key: shape(value) for key, value in schema.get("properties", {}).items()}}
    if schema.get("required"):
        found["q"] = sorted(schema["required"])
    if values is not None:
        found["v"] = shape(values)
    elif not (closed and found["p"]):
        found["v"] = _ANYTHING
    return found


def write_compose(path: Path) -> None:
    """Write `compose.json`."""
    schema = json.loads(path.read_text())
    compose = Compose(schema)
    types = {name: compose.shape(value) for name, value in schema["$defs"].items()}
    types["file"] = compose.shape(schema)
    write(
        "compose.json",
        {
            "origin": "https://github.com/compose-spec/compose-spec",
            "licence": "Apache-2.0",
            "version": "as in check-jsonschema 0.39.0",
        },
        types,
        {},
    )


def write_kubernetes(directory: Path) -> None:
    """Write `kubernetes.json`: the types of all versions, each with the versions that know it."""
    folders = sorted(directory.glob("v1.*.0-local-strict"), key=minor_of)
    minors = [minor_of(folder) for folder in folders]
    types: dict[str, Any] = {}
    kinds: dict[str, list[Any]] = {}
    for folder, minor in zip(folders, minors, strict=True):
        definitions = json.loads((folder / "_definitions.json").read_text())["$defs"]
        for name, schema in definitions.items():
            add(types, short(name), kubernetes_shape(schema), minor)
            for kind in kinds_of(schema):
                kinds.setdefault(kind, [short(name), minor, minor])[2] = minor
    first, last = minors[0], minors[-1]
    for shape in types.values():
        if isinstance(shape, dict) and "p" in shape:
            since = shape.pop("since")
            shape["w"] = {key: span for key, span in since.items() if span != shape["span"]}
            shape.pop("span")
            if not shape["w"]:
                del shape["w"]
    about = {
        "origin": "https://github.com/kubernetes/kubernetes/blob/master/api/openapi-spec/swagger.json",
        "licence": "Apache-2.0",
        "version": f"1.{first} to 1.{last}",
        "first": first,
        "last": last,
    }
    write("kubernetes.json", about, reachable(types, kinds), kinds)


def minor_of(folder: Path) -> int:
    """Return the minor version a folder is for."""
    return int(folder.name.split(".")[1])


def short(name: str) -> str:
    """Return a definition's name without what all have in common."""
    return re.sub(
        r"^io\.k8s\.(api\.|apimachinery\.pkg\.apis\.|apimachinery\.pkg\.|kube-aggregator\.pkg\.apis\.|"
        r"apiextensions-apiserver\.pkg\.apis\.)?",
        "",
        name,
    )


def kubernetes_shape(schema: dict[str, Any]) -> Any:
    """Return the shape of a definition; that a value may be null holds for all and is left out."""
    if "$ref" in schema:
        return "#" + short(schema["$ref"].rpartition("/")[2])
    if "oneOf" in schema:
        letters = {letter for one in schema["oneOf"] for letter in str(kubernetes_shape(one))}
        return "".join(sorted(letters))
    types = schema.get("type", [])
    kept = [name for name in ([types] if isinstance(types, str) else types) if name != "null"]
    return plain({**schema, "type": kept}, kubernetes_shape)


def kinds_of(schema: dict[str, Any]) -> Iterator[str]:
    """Yield `group/version Kind` of what a user can write a manifest of."""
    properties = schema.get("properties", {})
    if "metadata" not in properties or "ListMeta" in json.dumps(properties["metadata"]):
        return
    for one in schema.get("x-kubernetes-group-version-kind", ()):
        group = one["group"] + "/" if one["group"] else ""
        if one["kind"] not in ("DeleteOptions", "WatchEvent", "Status"):
            yield f"{group}{one['version']} {one['kind']}"


def add(types: dict[str, Any], name: str, shape: Any, minor: int) -> None:
    """Lay what a version says of a type over what earlier ones say."""
    if not (isinstance(shape, dict) and "p" in shape):
        types[name] = shape
        return
    shape["p"] = {
        key: value if key not in ("apiVersion", "kind") else "s" for key, value in shape["p"].items()
    }
    known = types.get(name)
    if known is None:
        known = types[name] = {"p": {}, "since": {}, "span": [minor, minor], "q": shape.get("q", [])}
    known["span"][1] = minor
    for key, value in shape["p"].items():
        known["p"][key] = value
        known["since"].setdefault(key, [minor, minor])[1] = minor
    # What one version asks for and another does not is asked for by none.
    known["q"] = [key for key in known.get("q", ()) if key in shape.get("q", ())]
    for part in ("v", "s", "l"):
        if part in shape:
            known[part] = shape[part]


def reachable(types: dict[str, Any], kinds: dict[str, list[Any]]) -> dict[str, Any]:
    """Return the types that manifests can hold; a status is written by the cluster."""
    found: dict[str, Any] = {}
    pending = [kind[0] for kind in kinds.values()]
    while pending:
        name = pending.pop()
        if name in found:
            continue
        shape = found[name] = types[name]
        if isinstance(shape, dict):
            if "p" in shape and name in {kind[0] for kind in kinds.values()} and "status" in shape["p"]:
                shape["p"]["status"] = _ANYTHING
            if not shape.get("q", True):
                del shape["q"]
        pending += re.findall(r'"#([^"]+)"', json.dumps(shape))
    return found


def write(name: str, about: dict[str, Any], types: dict[str, Any], kinds: dict[str, list[Any]]) -> None:
    """Write a table, one type per line."""
    dump = lambda value: json.dumps(value, separators=(",", ":"))  # noqa: E731
    lines = [f'"about":{dump(about)}']
    for title, table in (("kinds", kinds), ("types", types)):
        inside = ",\n".join(f"{dump(key)}:{dump(table[key])}" for key in sorted(table))
        lines.append(f'"{title}":{{\n{inside}\n}}')
    _HERE.mkdir(exist_ok=True, parents=True)
    (_HERE / name).write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    {"compose": write_compose, "kubernetes": write_kubernetes}[sys.argv[1]](Path(sys.argv[2]))
