"""One file written in several ways that people and tools write it: fixes have to do for all of them."""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any, Final, cast

import yaml

from rollsafe.formats.nodes import Entry, Mapping, Scalar, walk
from rollsafe.formats.yaml import read_yaml
from tests.layouts import deep, unfinished, windows

Write = Callable[[str, str], str]
"""Takes the path and the text of a file; returns the text, the same where nothing is to be written anew."""

_CONTINUED: Final = re.compile(r"(?<=\\\n)[ \t]+")
_KEYWORD: Final = re.compile(r"^(?:FROM|RUN|COPY|ADD|CMD|ENTRYPOINT|USER|ENV|EXPOSE|WORKDIR)\b", re.M)


class _Dumper(yaml.SafeDumper):
    """Writes keys in their order."""


class _Deep(_Dumper):
    """Moves the items of lists to the right."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


class _NoAlias(_Dumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


def _is_yaml(path: str) -> bool:
    return path.endswith((".yaml", ".yml"))


def _is_recipe(path: str) -> bool:
    return "dockerfile" in path.rsplit("/", 1)[-1].lower()


def _documents(path: str, text: str) -> list[Any] | None:
    """Return what a YAML file of mappings holds; None for other files and those with templates or tags."""
    if not _is_yaml(path) or "{{" in text:
        return None
    try:
        found = [it for it in yaml.load_all(text, yaml.CSafeLoader) if it is not None]
    except (yaml.YAMLError, ValueError, TypeError):
        return None
    return found if found and all(isinstance(it, dict) for it in found) else None


def _dumped(documents: Iterable[Any], dumper: type[_Dumper], **options: Any) -> str:
    dump = cast("Callable[..., str]", yaml.dump_all)  # pyright: ignore[reportUnknownMemberType]
    return dump(documents, Dumper=dumper, sort_keys=False, width=10_000, **options)


def _list_items_at_their_key(path: str, text: str) -> str:
    found = _documents(path, text)
    return text if found is None else _dumped(found, _NoAlias)


def _four_and_moved_lists(path: str, text: str) -> str:
    found = _documents(path, text)
    return text if found is None else _dumped(found, type("_", (_Deep, _NoAlias), {}), indent=4)


def _in_braces(path: str, text: str) -> str:
    found = _documents(path, text)
    return text if found is None else _dumped(found, _NoAlias, default_flow_style=True)


def _half_in_braces(path: str, text: str) -> str:
    found = _documents(path, text)
    return text if found is None else _dumped(found, _NoAlias, default_flow_style=None)


def _as_json(path: str, text: str) -> str:
    found = _documents(path, text)
    if found is None:
        return text
    whole = found[0] if len(found) == 1 else _listed(found)
    return text if whole is None else json.dumps(whole, indent=2, default=str) + "\n"


def _as_json_on_one_line(path: str, text: str) -> str:
    found = _documents(path, text)
    whole = None if found is None else found[0] if len(found) == 1 else _listed(found)
    return text if whole is None else json.dumps(whole, default=str)


def _as_list(path: str, text: str) -> str:
    found = _documents(path, text)
    whole = None if found is None else _listed(found)
    return text if whole is None else _dumped([whole], _NoAlias)


def _listed(documents: list[Any]) -> dict[str, Any] | None:
    objects = all("kind" in it and "apiVersion" in it and it["kind"] != "List" for it in documents)
    return {"apiVersion": "v1", "kind": "List", "items": documents} if objects else None


def _among_documents(path: str, text: str) -> str:
    found = _documents(path, text)
    if found is None or not all("kind" in it and "apiVersion" in it for it in found):
        return text
    other = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: other\n  namespace: other\ndata:\n  a: b\n"
    return f"# First\n---\n{other}--- # Second\n{text}{'' if text.endswith(chr(10)) else chr(10)}---\n{other}"


def _with_anchors(path: str, text: str) -> str:
    found = _documents(path, text)
    return text if found is None else _dumped([_shared(it, {}) for it in found], _Dumper)


def _shared(value: object, known: dict[str, object]) -> object:
    """Return a value in which equal parts are one, so that they are written as anchor and aliases."""
    made: object = value
    if isinstance(value, dict):
        made = {key: _shared(it, known) for key, it in cast("dict[object, object]", value).items()}
    elif isinstance(value, list):
        made = [_shared(it, known) for it in cast("list[object]", value)]
    if isinstance(made, str | int | float | bool) or not made:
        return made
    return known.setdefault(json.dumps(made, default=str), made)


def _with_comments(path: str, text: str) -> str:
    """Put a comment above every key and behind every value that has its line for itself."""
    tree = read_yaml(text) if _is_yaml(path) and "{{" not in text else None
    if tree is None or tree.problems:
        return text
    entries = [it for root in tree.documents for node in walk(root) for it in _entries(node)]
    put: list[tuple[int, str]] = []
    for entry in entries:
        begin = text.rfind("\n", 0, entry.start) + 1
        indent = text[begin : entry.start]
        end = text.find("\n", entry.end)
        value = entry.value
        if isinstance(value, Scalar) and not value.block and text[entry.end : end].strip() == "" and end > 0:
            put.append((entry.end, f"  # why {entry.name}"))
        if not indent.strip() and begin:
            put.append((begin, f"{indent}# about {entry.name}\n"))
    for at, comment in sorted(set(put), reverse=True):
        text = text[:at] + comment + text[at:]
    return text


def _entries(node: object) -> tuple[Entry, ...]:
    return tuple(node.entries) if isinstance(node, Mapping) and not node.flow else ()


def _with_tabs(path: str, text: str) -> str:
    return _CONTINUED.sub("\t", text) if _is_recipe(path) else text


def _in_small_letters(path: str, text: str) -> str:
    return _KEYWORD.sub(lambda it: it[0].lower(), text) if _is_recipe(path) else text


def _with_notes_inside(path: str, text: str) -> str:
    """Put comment lines inside of instructions that go on."""
    return re.sub(r"\\\n(?=[ \t]+\S)", "\\\\\n# goes on\n", text) if _is_recipe(path) else text


def _one(layout: Callable[[dict[str, str]], dict[str, str]]) -> Write:
    return lambda path, text: layout({path: text})[path]


WRITINGS: Final[dict[str, Write]] = {
    "as-is": lambda _, text: text,
    "windows": _one(windows),
    "unfinished": _one(unfinished),
    "deep": _one(deep),
    "flat-lists": _list_items_at_their_key,
    "moved-lists": _four_and_moved_lists,
    "braces": _in_braces,
    "half-braces": _half_in_braces,
    "json": _as_json,
    "json-line": _as_json_on_one_line,
    "list": _as_list,
    "among": _among_documents,
    "anchors": _with_anchors,
    "comments": _with_comments,
    "tabs": _with_tabs,
    "small": _in_small_letters,
    "notes": _with_notes_inside,
}
"""Name and writer of each."""
