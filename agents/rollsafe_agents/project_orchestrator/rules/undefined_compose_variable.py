"""A Compose file uses a variable nobody defines.

## What it does
Reports `${NAME}` without a default when an environment file beside the Compose file (`.env`, `.env.example` …)
lists variables, but not this one. Without such a file nothing is reported: the variable may come from anywhere.

## Why it matters
Compose puts an empty string in, with a warning nobody reads in a pipeline. The service starts with an empty
password, an empty address or an empty mode, and fails later and elsewhere.

## Bad
```yaml title="compose.yaml"
services:
  api:
    image: registry.example/api:1.2.0
    environment:
      PAYMENT_MODE: ${PAYMENT_MODE}  # <-
      LOG_LEVEL: ${LOG_LEVEL}
```
```dotenv title=".env.example"
LOG_LEVEL=info
```

## Good
```yaml title="compose.yaml"
services:
  api:
    image: registry.example/api:1.2.0
    environment:
      PAYMENT_MODE: ${PAYMENT_MODE:?set PAYMENT_MODE}
      LOG_LEVEL: ${LOG_LEVEL}
```
```dotenv title=".env.example"
LOG_LEVEL=info
```

## Fix
Makes Compose refuse to start without the variable. Unsafe: what starts with an empty value at present stops
starting. The other fix lists the variable in the environment file.

## References
- [Compose: interpolation](https://docs.docker.com/reference/compose-file/interpolation/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.compose import ComposeVariable
from rollsafe.artefacts.dotenv import EnvFile
from rollsafe.formats.yaml_edit import as_at_end, eol_of
from rollsafe.rules import Confidence, Edit, FileEdit, Finding, Fix, Related, Safety, Severity, Span, rule
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.wiring import is_shipped


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE, confidence=Confidence.MEDIUM)
def check(variable: ComposeVariable, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for the first use of each variable that is listed nowhere."""
    compose = variable.compose
    if not variable.becomes_blank or compose.tree.templated or not is_shipped(compose, graph):
        return
    files = [file for file in _env_files(variable, graph) if file.names]
    if not files or any(variable.name in file.names for file in files) or not _is_first(variable):
        return
    shown = files[0]
    yield Finding(
        variable.name_span,
        f"`{variable.name}` has no default and `{shown.file.path}` does not list it",
        fixes=(_require(variable), _list(variable, shown)),
        related=(Related(shown.file, Span(0, 0), "the variables this project knows"),),
        detail=f"where `{variable.name}` is not set, Compose puts an empty string in and starts all the same",
    )


def _env_files(variable: ComposeVariable, graph: Graph) -> list[EnvFile]:
    directory = variable.file.directory
    found = [file for file in graph.every(EnvFile, "path:") if file.file.directory == directory]
    return sorted(found, key=lambda file: (not file.is_example, file.file.path))


def _is_first(variable: ComposeVariable) -> bool:
    same = (one for one in variable.compose.variables if one.name == variable.name and one.becomes_blank)
    return next(same, variable).start == variable.start


def _require(variable: ComposeVariable) -> Fix:
    edit = Edit(Span.of(variable), f"${{{variable.name}:?set {variable.name}}}")
    return Fix(f"Refuse to start without `{variable.name}`", Safety.UNSAFE, edits=(edit,))


def _list(variable: ComposeVariable, shown: EnvFile) -> Fix:
    text = shown.file.text
    eol = eol_of(text)
    lead = "" if not text or text.endswith(("\n", "\r")) else eol
    edit = Edit(Span.at(len(text)), lead + as_at_end(text, f"{variable.name}={eol}"))
    title = f"List `{variable.name}` in `{shown.file.path}` (fill it in)"
    return Fix(title, Safety.MANUAL, elsewhere=(FileEdit(shown.file.path, edit),))
