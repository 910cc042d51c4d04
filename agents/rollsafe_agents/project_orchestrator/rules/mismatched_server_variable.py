"""The URL of a server and its variables do not agree.

## What it does
Compares the names in braces of a server's URL with its `variables`, in OpenAPI 3 and AsyncAPI: a name nobody declares,
a variable that is not in the URL, a default that is none of the values there are, and in OpenAPI a variable without the
default it has to have.

## Why it matters
Clients ask for the host literally called `{region}`, or cannot be made at all.

## Bad
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: 1.0.0
servers:
  - url: https://{region}.shop.test
    variables:
      region:
        enum: [eu, us]
        default: ap  # <-
paths: {}
```

## Good
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: 1.0.0
servers:
  - url: https://{region}.shop.test
    variables:
      region:
        enum: [eu, us]
        default: eu
paths: {}
```

## Fix
Writes the first of the values as the default (unsafe: it decides where clients go), or takes out what the URL does not have.

## References
- [OpenAPI: Server Variable Object](https://spec.openapis.org/oas/latest.html#server-variable-object)

## Equivalent rules
- `spectral:oas3-server-variables`
- `spectral:asyncapi-server-variables`
- `asyncapi-parser:asyncapi2-server-variables`
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import ApiDocument, EventDocument, entries_of, mappings_in
from rollsafe.artefacts.contracts.addresses import Server, names_in, servers_of
from rollsafe.formats.nodes import Entry, Mapping, Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.formats.yaml_removal import remove_entry
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.rules.contracts import where_is


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(document: ApiDocument | EventDocument) -> Iterator[Finding]:
    """Yield a finding for each disagreement of a server's URL with its variables."""
    is_api = isinstance(document, ApiDocument)
    own = ("spectral:asyncapi-server-variables", "asyncapi-parser:asyncapi2-server-variables")
    equivalents = ("spectral:oas3-server-variables",) if is_api else own if document.numbers[0] == 2 else ()
    for server in servers_of(document):
        url = " ".join(server.node.text_at(key) or "" for key in ("url", "host", "pathname"))
        for finding in _of_server(document, server, names_in(url)):
            yield Finding(finding.where, finding.message, finding.fixes, equivalents=equivalents)


def _of_server(document: ApiDocument | EventDocument, server: Server, names: list[str]) -> Iterator[Finding]:
    variables = server.node.map_at("variables")
    known = [one.name for one in entries_of(variables)]
    missing = [one for one in dict.fromkeys(names) if one not in known]
    if missing:
        key = server.node.key_at("variables") or where_is(document, server.path)
        yield Finding(key, f"The server declares no variable {', '.join(f'`{one}`' for one in missing)}")
    for entry, variable in mappings_in(variables):
        if entry.name not in names:
            fixes = _removing(document, variables, entry)
            yield Finding(entry.key, f"Variable `{entry.name}` is not in the URL of the server", fixes)
        else:
            yield from _of_variable(document, entry, variable)


def _of_variable(document: ApiDocument | EventDocument, entry: Entry, variable: Mapping) -> Iterator[Finding]:
    default = variable.at("default")
    if default is None:
        if isinstance(document, ApiDocument):
            yield Finding(entry.key, f"Variable `{entry.name}` has no default")
        return
    words = [one.text for one in variable.items_at("enum") if isinstance(one, Scalar)]
    if words and isinstance(default, Scalar) and default.text not in words:
        fix = Fix(f"Write `{words[0]}`", Safety.UNSAFE, edits=(set_value(default, words[0]),))
        yield Finding(
            default, f"The default of `{entry.name}` is `{default.text[:40]}`, none of its values", (fix,)
        )


def _removing(
    document: ApiDocument | EventDocument, variables: Mapping | None, entry: Entry
) -> tuple[Fix, ...]:
    if variables is None or len(variables.entries) < 2:
        return ()
    edit = remove_entry(document.file.text, variables, entry.name)
    return (Fix(f"Remove `{entry.name}`", Safety.UNSAFE, edits=(edit,)),) if edit is not None else ()
