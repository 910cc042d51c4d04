"""Write the table of what workflow and action files of GitHub may hold, and what expressions see in them.

    python tools/generate_github_grammar.py path/to/package

The argument is the unpacked npm package `@actions/workflow-parser` (github.com/actions/languageservices,
under the MIT licence). What comes out holds names, types, requirements and contexts, no descriptions;
`rollsafe.artefacts.shapes` describes its form.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent.parent / "server/rollsafe/artefacts/shapes/data"
_FILES = {"workflow": "dist/workflow-v1.0.min.json", "action": "dist/action-v1.0.min.json"}
_ROOTS = {"workflow": "workflow-root-strict", "action": "action-root-strict"}
_LETTERS = {"string": "s", "boolean": "b", "number": "n", "null": "0"}
_EVENTS_TOO = ("repository_dispatch",)
"""Events that GitHub takes by name alone, as its documentation says; the package asks for types."""
_MAY_BE_NULL = ("workflow.workflow-dispatch-inputs", "workflow.workflow-dispatch-input")
"""What GitHub takes with nothing in it: an input of a start by hand is then a text."""
_ONE_OR_MORE = ("workflow.repository-dispatch",)
"""Events whose `types` GitHub also takes as one text."""
_FUNCTION = re.compile(r"(\w+)\((\d+),(\w+)\)")


class Grammar:
    """Turns one of the two files into shapes; names of its types get the file's name in front."""

    def __init__(self, name: str, definitions: dict[str, Any], contexts: list[list[str]]) -> None:
        self._name = name
        self._definitions = definitions
        self._contexts = contexts
        self.types: dict[str, Any] = {}

    def add(self, name: str) -> str:
        """Write the shape of a definition and return the reference to it."""
        key = f"{self._name}.{name}"
        if key not in self.types:
            self.types[key] = "*"
            self.types[key] = self.shape(self._definitions[name])
        return f"#{key}"

    def named(self, name: str) -> Any:
        """Return the shape of a type by name: letters for scalars that say no more."""
        if name in _LETTERS:
            return {"number": "in"}.get(name, _LETTERS[name])
        if name in ("any", "sequence", "mapping", "scalar"):
            return {"any": "*", "sequence": {"l": "*"}, "mapping": {"p": {}, "v": "*"}, "scalar": "sibn"}[
                name
            ]
        return self.add(name)

    def shape(self, definition: dict[str, Any]) -> Any:
        """Return the shape of any definition."""
        found: dict[str, Any] = {}
        if "one-of" in definition:
            found = self.union([self.resolved(name) for name in definition["one-of"]])
        elif "mapping" in definition:
            found = self.mapping(definition["mapping"])
        elif "sequence" in definition:
            found = {"l": self.named(definition["sequence"]["item-type"])}
        elif "allowed-values" in definition:
            found = {"s": "s", "e": definition["allowed-values"]}
        else:
            found = self.scalar(definition)
        if "context" in definition:
            found["c"] = self.context(definition["context"])
        return found

    def scalar(self, definition: dict[str, Any]) -> dict[str, Any]:
        """Return the shape of a scalar."""
        kind = next(key for key in _LETTERS if key in definition)
        told = definition[kind]
        found: dict[str, Any] = {"s": {"number": "in"}.get(kind, _LETTERS[kind])}
        if "constant" in told:
            found["e"] = [told["constant"]]
        if told.get("require-non-empty"):
            found["f"] = 1
        return found

    def mapping(self, told: dict[str, Any]) -> dict[str, Any]:
        """Return the shape of a mapping."""
        found: dict[str, Any] = {"p": {}}
        required = []
        for name, value in told.get("properties", {}).items():
            kind = value if isinstance(value, str) else value["type"]
            found["p"][name] = self.named(kind)
            if not isinstance(value, str) and value.get("required"):
                required.append(name)
        if required:
            found["q"] = required
        if "loose-value-type" in told:
            found["v"] = self.named(told["loose-value-type"])
        return found

    def resolved(self, name: str) -> dict[str, Any]:
        """Return the shape of an alternative, written out."""
        shape = self.named(name)
        while isinstance(shape, str) and shape.startswith("#"):
            shape = self.types[shape[1:]]
        return dict(shape) if isinstance(shape, dict) else {"s": shape}

    def union(self, shapes: list[dict[str, Any]]) -> dict[str, Any]:
        """Return one shape for alternatives; several mappings are told apart by what they require."""
        found: dict[str, Any] = {}
        mappings = [one for one in shapes if "p" in one]
        for one in shapes:
            if one in mappings and len(mappings) > 1:
                continue
            known = found.get("s", "")
            free = "s" in known and "e" not in found
            words = list(dict.fromkeys([*found.get("e", ()), *one.get("e", ())]))
            found.update({key: value for key, value in one.items() if key not in ("s", "e")})
            if "s" in one:
                found["s"] = known + "".join(letter for letter in one["s"] if letter not in known)
                if words and not free and ("e" in one or "s" not in one["s"]):
                    found["e"] = words
                else:
                    found.pop("e", None)
        if len(mappings) > 1:
            found["o"] = variants(mappings)
        return found

    def context(self, names: list[str]) -> int:
        """Return the number of a list of contexts and functions."""
        found = sorted(_FUNCTION.sub(lambda match: f"{match[1].lower()}()", name) for name in names)
        if found not in self._contexts:
            self._contexts.append(found)
        return self._contexts.index(found)


def variants(mappings: list[dict[str, Any]]) -> list[list[Any]]:
    """Return pairs of the key by which a mapping is known and its shape; the longest comes first."""
    found = []
    for one in mappings:
        others = [key for other in mappings if other is not one for key in other["p"]]
        own = [key for key in one.get("q", one["p"]) if key not in others]
        found.append([own[0], one])
    return sorted(found, key=lambda pair: -len(pair[1]["p"]))


def main() -> None:
    """Write the table."""
    package = Path(sys.argv[1])
    about = json.loads((package / "package.json").read_text(encoding="utf-8"))
    contexts: list[list[str]] = []
    types: dict[str, Any] = {}
    for name, path in _FILES.items():
        definitions = json.loads((package / path).read_text(encoding="utf-8"))["definitions"]
        grammar = Grammar(name, definitions, contexts)
        grammar.add(_ROOTS[name])
        types |= grammar.types
    for name in ("on-strict", "on-string-strict"):
        words = types[f"workflow.{name}"]["e"]
        words[:] = sorted({*words, *_EVENTS_TOO})
    for name in _ONE_OR_MORE:
        types[name]["p"]["types"] = {"s": "s", "f": 1, "l": "#workflow.non-empty-string"}
    for name in _MAY_BE_NULL:
        types[name]["s"] = "0" + types[name].get("s", "").replace("0", "")
    head = {
        "about": {"origin": f"@actions/workflow-parser {about['version']}", "licence": about["license"]},
        "contexts": contexts,
    }
    (_HERE / "github.json").write_text(written(head, types), encoding="utf-8")


def written(head: dict[str, Any], types: dict[str, Any]) -> str:
    """Return the text of the table, one type per line."""
    dump = lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=False)  # noqa: E731
    first = [f"{dump(key)}:{dump(value)}" for key, value in head.items()]
    inside = ",\n".join(f"{dump(key)}:{dump(value)}" for key, value in types.items())
    return "{\n" + ",\n".join([*first, '"kinds":{\n\n}', f'"types":{{\n{inside}\n}}']) + "\n}\n"


if __name__ == "__main__":
    main()
