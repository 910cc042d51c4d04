"""A path and its declared parameters do not agree.

## What it does
Compares the names in braces of each OpenAPI path with the parameters `in: path` that the path or the operation
declares, references followed: a name nobody declares, a declared parameter that is not in the path, one that is not
`required: true`, a name that stands twice in a path, and two paths that differ in nothing but such names.

## Why it matters
Generated clients do not compile or send `{id}` literally; routers refuse the document or match the wrong operation.

## Bad
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: 1.0.0
paths:
  /orders/{id}:
    get:  # <-
      responses:
        "200":
          description: One order
```

## Good
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: 1.0.0
paths:
  /orders/{id}:
    get:
      parameters:
        - name: id
          in: path
          required: true
          schema:
            type: string
      responses:
        "200":
          description: One order
```

## Fix
Declares the parameter as a text (unsafe: only a person knows its type), or adds `required: true`, all it may be.

## References
- [OpenAPI: Parameter Object](https://spec.openapis.org/oas/latest.html#parameter-object)

## Equivalent rules
- `spectral:path-params`
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import METHODS, ApiDocument, ApiOperation
from rollsafe.artefacts.contracts.addresses import Declared, names_in, parameters_of
from rollsafe.formats.nodes import Entry, Mapping, Sequence
from rollsafe.formats.yaml_edit import add_entry, add_entry_before, add_item
from rollsafe.rules import Finding, Fix, Related, Safety, Severity, rule
from rollsafe.rules.fields import place_of
from rollsafe.text.patterns import lazily
from rollsafe.workspace.contract_references import resolver
from rollsafe.workspace.graph import Graph

_BRACES = lazily(r"\{[^{}]+\}")


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(document: ApiDocument, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each disagreement of a path with its parameters."""
    seen: dict[str, Entry] = {}
    follow = resolver(graph)
    operations: dict[int, list[ApiOperation]] = {}
    for operation in document.operations:
        operations.setdefault(id(operation.item), []).append(operation)
    for path, item in document.paths:
        names = names_in(path.name)
        yield from _of_path(document, path, names, seen)
        shared = parameters_of(item, document.file.path, follow)
        if shared is None:
            continue
        yield from _not_required(document, shared)
        own = operations.get(id(item), [])
        if item.value("$ref") is not None:
            continue
        for operation in own:
            declared = parameters_of(operation.node, document.file.path, follow)
            if declared is not None:
                yield from _not_required(document, declared)
                yield from _undeclared(document, operation, names, shared + declared)
        yield from _unused(document, path, names, shared, own, follow_all(document, own, graph))


def follow_all(document: ApiDocument, operations: list[ApiOperation], graph: Graph) -> list[Declared]:
    """Return the path parameters that the operations of a path declare themselves."""
    follow = resolver(graph)
    found = (parameters_of(one.node, document.file.path, follow) for one in operations)
    return [one for several in found for one in several or ()]


def _of_path(
    document: ApiDocument, path: Entry, names: list[str], seen: dict[str, Entry]
) -> Iterator[Finding]:
    first = seen.setdefault(_BRACES.sub("%", path.name), path)
    if first is not path:
        yield Finding(
            path.key,
            f"`{path.name}` and `{first.name}` are the same path with other names",
            related=(Related(document.file, first.key, "the other path"),),
        )
    for name in sorted({one for one in names if names.count(one) > 1}):
        yield Finding(path.key, f"`{path.name}` has `{{{name}}}` twice")


def _not_required(document: ApiDocument, declared: list[Declared]) -> Iterator[Finding]:
    for one in declared:
        if one.is_here and one.node.bool_at("required") is not True:
            yield Finding(
                place_of(one.node),
                f"Path parameter `{one.name}` is not `required: true`, and a path has all of its parts",
                fixes=_requiring(document, one.node),
            )


def _requiring(document: ApiDocument, node: Mapping) -> tuple[Fix, ...]:
    following = node.entry("schema") or node.entry("type")
    if node.value("required") is not None or following is None:
        return ()
    text = document.file.text
    edit = (
        add_entry(text, node, "required", "true")
        if node.flow
        else add_entry_before(text, following, "required", "true")
    )
    return (Fix("Add `required: true`", Safety.SAFE, edits=(edit,)),)


def _undeclared(
    document: ApiDocument, operation: ApiOperation, names: list[str], declared: list[Declared]
) -> Iterator[Finding]:
    known = {one.name for one in declared}
    for name in dict.fromkeys(names):
        if name not in known:
            yield Finding(
                operation.entry.key,
                f"`{operation.label}` does not declare its path parameter `{name}`",
                fixes=_declaring(document, operation, name),
            )


def _declaring(document: ApiDocument, operation: ApiOperation, name: str) -> tuple[Fix, ...]:
    node, text = operation.node, document.file.text
    kind = "type: string" if document.is_swagger else "schema:\n  type: string"
    lines = f"name: {name}\nin: path\nrequired: true\n{kind}"
    there = node.value("parameters")
    if node.flow or not node.entries or not name.isidentifier():
        return ()
    if isinstance(there, Sequence):
        if there.flow:
            return ()
        edit = add_item(text, there, lines)
    elif there is None:
        indented = lines.replace("\n", "\n  ")
        before = node.entry("requestBody") or node.entry("responses")
        value = f"- {indented}"
        edit = (
            add_entry_before(text, before, "parameters", value)
            if before is not None
            else add_entry(text, node, "parameters", value)
        )
    else:
        return ()
    return (Fix(f"Declare `{name}` as a text", Safety.UNSAFE, edits=(edit,)),)


def _unused(
    document: ApiDocument,
    path: Entry,
    names: list[str],
    shared: list[Declared],
    operations: list[ApiOperation],
    own: list[Declared],
) -> Iterator[Finding]:
    told = shared if any(one.method in METHODS for one in operations) else []
    for one in [*told, *own]:
        if one.name not in names:
            where = place_of(one.node) if one.is_here else one.where
            where = place_of(where) if isinstance(where, Mapping) else where
            yield Finding(where, f"Path parameter `{one.name}` is not in the path `{path.name}`")
