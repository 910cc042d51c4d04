"""Words and places for the rules about descriptions of interfaces."""

from typing import Final

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.contracts import ApiDocument, ContractDocument
from rollsafe.artefacts.contracts.flaws import Flaw, FlawKind
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence, resolve
from rollsafe.formats.yaml_edit import rename_key
from rollsafe.formats.yaml_removal import remove_entry
from rollsafe.rules.api import Fix, Safety
from rollsafe.rules.fields import place_of, told_value
from rollsafe.text import Edit, Located, Span, nearest

_SHOWN: Final = 8
_STEPS: Final = 3
_KEYWORDS: Final = frozenset({
    "patternProperties", "const", "examples", "if", "then", "else", "contains", "propertyNames",
    "prefixItems", "additionalItems", "dependencies", "$defs", "definitions", "unevaluatedProperties",
    "oneOf", "anyOf", "not",
})  # fmt: skip
"""Words of JSON Schema: where a version does not know one, it is meant all the same."""
_TYPES: Final = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "`true` or `false`",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}


def of_schema(document: ContractDocument, flaw: Flaw) -> tuple[str, ...]:
    """Return the peers' rules that tell a flaw in the structure of a document."""
    if isinstance(document, ApiDocument):
        own = ("spectral:oas2-schema" if document.is_swagger else "spectral:oas3-schema",)
        is_server = not document.is_swagger and _is_of_server(flaw.path)
        return (*own, "spectral:oas3-server-variables") if is_server else own
    of_spectral = "asyncapi-3-document" if document.numbers[0] == 3 else "asyncapi-schema"
    if flaw.kind is FlawKind.REFERENCE:
        own = ("asyncapi-parser:asyncapi-document-unresolved",)
        return (f"spectral:{of_spectral}-unresolved", *own) if document.numbers[0] == 3 else own
    ending = "-resolved" if document.numbers[0] == 3 else ""
    more: tuple[str, ...] = ()
    if flaw.key == "asyncapi" or flaw.path == ("asyncapi",):
        more = ("asyncapi-parser:asyncapi-is-asyncapi",)
    if document.numbers[0] == 2 and "payload" in flaw.path:
        more = ("spectral:asyncapi-payload", "asyncapi-parser:asyncapi2-schemas")
    if document.numbers[0] == 2 and _is_of_server(flaw.path):
        more = ("spectral:asyncapi-server-variables",)
    return (f"spectral:{of_spectral}{ending}", "asyncapi-parser:asyncapi-document-resolved", *more)


def _is_of_server(path: tuple[str, ...]) -> bool:
    """Say whether a path leads to the URL or the variables of a server."""
    at = path.index("servers") if "servers" in path[:4] else len(path)
    return path[at + 2 : at + 3] in (("url",), ("variables",))


def where_is(document: ContractDocument, path: tuple[str, ...]) -> Located:
    """Return where to point when a value at a path is meant as a whole: its key, or its first one."""
    node: Node | None = document.root
    found: Located = place_of(document.root)
    for name in path:
        node = resolve(node)
        if isinstance(node, Sequence):
            inside = name.isdecimal() and int(name) < len(node.items)
            node = node.items[int(name)] if inside else None
            found = node if node is not None else found
        elif isinstance(node, Mapping):
            entry = node.entry(name)
            found = entry.key if entry is not None else found
            node = node.value(name)
    if isinstance(found, Mapping):
        return place_of(found)
    return found


def shown(path: tuple[str, ...]) -> str:
    """Return a path as people say it, its end where it is long: "`get` of `/orders`"."""
    parts = [f"item {int(one) + 1}" if _is_index(one) else f"`{one[:60]}`" for one in path[-_STEPS:]]
    return " of ".join(reversed(parts))


def _is_index(part: str) -> bool:
    return part.isascii() and part.isdecimal() and len(part) < 3


def wanted(flaw: Flaw) -> str:
    """Return in words which types a value may be of."""
    names = [_TYPES[name] for name in _TYPES if name in flaw.names]
    return " or ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else "".join(names)


def words(names: tuple[str, ...]) -> str:
    """Return some of the words there may be."""
    known = ", ".join(f"`{one}`" for one in names[:_SHOWN])
    return known + (" …" if len(names) > _SHOWN else "")


def matter(flaw: Flaw) -> str:
    """Return in words what is wrong with a value."""
    value = told_value(flaw.where)
    match flaw.kind:
        case FlawKind.TYPE:
            return f"is {value} and not {wanted(flaw) or 'what belongs there'}"
        case FlawKind.WORD:
            return f"is {value}, which is none of {words(flaw.names)}"
        case FlawKind.PATTERN:
            return f"is {value}, which is not of the form `{flaw.limit[:80]}`"
        case FlawKind.FORMAT:
            return f"is {value}, which is no `{flaw.limit}`"
        case FlawKind.RANGE:
            return f"is {value}, which is off its limit (`{flaw.limit}`)"
        case FlawKind.COUNT:
            return f"has too {'few' if flaw.limit.startswith('at least') else 'many'} parts (`{flaw.limit}`)"
        case FlawKind.DUPLICATE:
            return "stands there twice"
        case _:
            return f"does not fit: {flaw.limit.lower()}" if flaw.limit else "is not valid there"


def near(flaw: Flaw) -> str | None:
    """Return the known key that an unknown one is most likely meant to be; None for one that is there."""
    close = nearest(flaw.key, flaw.names) if flaw.key not in _KEYWORDS else None
    return (
        close if flaw.holder is not None and close is not None and flaw.holder.value(close) is None else None
    )


def key_fixes(document: Element, flaw: Flaw) -> tuple[Fix, ...]:
    """Return what brings an unknown key in order: the nearest there is, else to take it out."""
    holder = flaw.holder
    entry = holder.entry(flaw.key) if holder is not None else None
    if holder is None or entry is None or flaw.key in ("$ref", *_KEYWORDS):
        return ()
    close = near(flaw)
    if close is not None:
        edit = rename_key(entry, close)
        return (Fix(f"Rename `{flaw.key}` to `{close}`", Safety.UNSAFE, edits=(edit,)),)
    removed = remove_entry(document.file.text, holder, flaw.key) if len(holder.entries) > 1 else None
    return (Fix(f"Remove `{flaw.key}`", Safety.UNSAFE, edits=(removed,)),) if removed is not None else ()


def type_fixes(flaw: Flaw) -> tuple[Fix, ...]:
    """Return the fix that writes a scalar as the type that is wanted, where that says the same."""
    node = flaw.where
    if not isinstance(node, Scalar) or node.block or node.tag is not None or not node.text:
        return ()
    if node.plain and "string" in flaw.names and not node.is_null and not flaw.limit:
        edit = Edit(Span.of(node), f'"{node.text}"')
        return (Fix(f"Quote `{node.text}`", Safety.SAFE, edits=(edit,)),)
    is_boolean = "boolean" in flaw.names and node.text in ("true", "false")
    is_number = (
        bool({"integer", "number"} & set(flaw.names)) and node.text.isdecimal() and node.text.isascii()
    )
    if not node.plain and (is_boolean or (is_number and str(int(node.text)) == node.text)):
        edit = Edit(Span.of(node), node.text)
        return (Fix(f"Write `{node.text}` without quotes", Safety.SAFE, edits=(edit,)),)
    return ()


def word_fixes(flaw: Flaw) -> tuple[Fix, ...]:
    """Return the fix that writes the nearest word there is."""
    node = flaw.where
    if not isinstance(node, Scalar) or node.block:
        return ()
    close = nearest(node.text, flaw.names)
    if close is None:
        return ()
    written = close if node.plain else f'"{close}"'
    return (Fix(f"Write `{close}`", Safety.UNSAFE, edits=(Edit(Span.of(node), written),)),)
