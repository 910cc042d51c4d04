"""Write the schemas that OpenAPI and AsyncAPI documents are held against.

    python tools/generate_contract_schemas.py path/to/node_modules

The folder holds the npm packages `@stoplight/spectral-rulesets` (OpenAPI 2.0 to 3.2) and `@asyncapi/specs`
(AsyncAPI 2.0 to 3.1), both under the Apache License 2.0, and `ajv` (vocabularies of JSON Schema, MIT). What
comes out is one file for each version: its `root` and all schemas that it leads to, by short names that take
the place of addresses; words meant for people are left out.
"""

import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin

_HERE = Path(__file__).parent.parent / "server/rollsafe/artefacts/contracts/data"
_OAS = "@stoplight/spectral-rulesets/dist/oas/schemas"
_MAPS = ("properties", "patternProperties", "definitions", "$defs", "dependentSchemas")
_WORDS = (
    "description", "title", "examples", "example", "$id", "$schema", "$comment", "default", "definitions",
    "$defs", "$vocabulary", "$anchor", "$dynamicAnchor", "contentEncoding",
)  # fmt: skip
_RESOLVED = {
    "channel": [(("properties", "servers", "items"), "server")],
    "operation": [
        (("properties", "channel"), "channel"),
        (("properties", "messages", "items"), "messageObject"),
    ],
    "operationReply": [
        (("properties", "channel"), "channel"),
        (("properties", "messages", "items"), "messageObject"),
    ],
}
"""Places of AsyncAPI 3 that are references in the text and what they refer to for its checkers."""


class Bundle:
    """Schemas by address, and those among them that a root leads to."""

    def __init__(self, meta: str = "") -> None:
        self._meta = meta
        self._documents: dict[str, Any] = {}
        self._names: dict[str, str] = {}
        self.defs: dict[str, Any] = {}

    def add(self, schema: Any, base: str) -> str:
        """Note every schema with an address of its own; return the address of this one."""
        own = self._base(schema, base)
        if isinstance(schema, dict) and (own != base or base not in self._documents):
            self._documents[own] = schema
        self._below(schema, own)
        return own

    def write(self, schema: Any, base: str, *, is_map: bool = False) -> Any:
        """Return a schema with names for references."""
        if isinstance(schema, list):
            return [self.write(item, base) for item in schema]
        if not isinstance(schema, dict):
            return schema
        if is_map:
            return {key: self.write(value, base) for key, value in schema.items()}
        base = self._base(schema, base)
        found = {
            key: self.write(value, base, is_map=key in _MAPS)
            for key, value in schema.items()
            if key not in _WORDS and not key.startswith("x-")
        }
        reference = found.pop("$ref", None) or found.pop("$dynamicRef", None)
        if isinstance(reference, str):
            found["$ref"] = self._name(self._meta if reference == "#meta" else urljoin(base, reference))
        return found

    def _below(self, schema: Any, base: str) -> None:
        for value in (
            schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
        ):
            if isinstance(value, dict | list):
                inner = self._base(value, base)
                if inner != base:
                    self._documents[inner] = value
                self._below(value, inner)

    def _base(self, schema: Any, base: str) -> str:
        own = schema.get("$id") if isinstance(schema, dict) else None
        return urljoin(base, own).rstrip("#") if isinstance(own, str) else base

    def _name(self, address: str) -> str:
        address = address.rstrip("#")
        if address not in self._names:
            self._names[address] = name = f"{len(self._names)}"
            document, _, pointer = address.partition("#")
            schema = self._documents[document]
            for part in filter(None, unquote(pointer).split("/")):
                schema = schema[part.replace("~1", "/").replace("~0", "~")]
            self.defs[name] = self.write(schema, document)
        return self._names[address]


def _openapi(folder: Path, version: str) -> dict[str, Any]:
    files = folder / _OAS
    dialect = files / f"oas/v{version}/dialect.schema.json"
    bundle = Bundle(json.loads(dialect.read_text())["$id"] if dialect.exists() else "")
    if version in ("2.0", "3.0"):
        root = json.loads((files / f"oas/v{version}.json").read_text())
        extra = [files / "json-schema/draft-04.json"]
    else:
        root = json.loads((files / f"oas/v{version}/index.json").read_text())
        extra = [files / f"oas/v{version}" / name for name in ("dialect.schema.json", "meta.schema.json")]
        extra += sorted((files / "json-schema/draft-2020-12").glob("*.json"))
        extra += sorted((folder / "ajv/dist/refs/json-schema-2020-12").glob("**/*.json"))
    for path in extra:
        bundle.add(json.loads(path.read_text()), "")
    base = bundle.add(root, "")
    return {"root": bundle.write(root, base), "defs": bundle.defs}


def _asyncapi(folder: Path, version: str) -> dict[str, Any]:
    root = json.loads((folder / f"@asyncapi/specs/schemas/{version}.json").read_text())
    definitions = root["definitions"]
    for name, places in _RESOLVED.items() if version.startswith("3") else ():
        for path, target in places:
            at = definitions[f"http://asyncapi.com/definitions/{version}/{name}.json"]
            for step in path:
                at = at[step]
            names = ("Reference", target)
            refs = [{"$ref": f"http://asyncapi.com/definitions/{version}/{one}.json"} for one in names]
            at.clear()
            at["oneOf"] = refs
    bundle = Bundle()
    for schema in definitions.values():
        bundle.add(schema, "")
    base = bundle.add(root, "")
    return {"root": bundle.write(root, base), "defs": bundle.defs}


def main(folder: Path) -> None:
    """Write all files."""
    found = {f"openapi-{one}": _openapi(folder, one) for one in ("2.0", "3.0", "3.1", "3.2")}
    versions = [*(f"2.{minor}.0" for minor in range(7)), "3.0.0", "3.1.0"]
    found |= {f"asyncapi-{one[:3]}": _asyncapi(folder, one) for one in versions}
    _HERE.mkdir(exist_ok=True)
    for name, schema in found.items():
        about = {"origin": "@asyncapi/specs" if name[0] == "a" else "@stoplight/spectral-rulesets"}
        text = json.dumps({"about": {**about, "licence": "Apache-2.0"}, **schema}, separators=(",", ":"))
        (_HERE / f"{name}.json").write_text(text + "\n")
        print(name, len(text), len(schema["defs"]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
