"""A Compose file names a file that is not there.

## What it does
Reports files of `include`, `extends` and required `env_file` that the workspace does not hold. Environment files
are often made on the server and kept out of the repository: those are reported only where a file with nearly the
same name is there, others at level `auditor`.

## Why it matters
`docker compose up` refuses the whole file: `env file … not found`.

## Bad
```yaml title="deploy/compose.yaml"
services:
  api:
    image: registry.example/api:1.2.0
    healthcheck:
      test: ["CMD", "/app/healthy"]
    env_file: setings.env  # <-
```
```dotenv title="deploy/settings.env"
LOG_LEVEL=info
```

## Good
```yaml title="deploy/compose.yaml"
services:
  api:
    image: registry.example/api:1.2.0
    healthcheck:
      test: ["CMD", "/app/healthy"]
    env_file: settings.env
```
```dotenv title="deploy/settings.env"
LOG_LEVEL=info
```

## Fix
Names the nearest file that is there. Unsafe: whether it is the one that was meant is a guess.

## References
- [Compose: env_file](https://docs.docker.com/reference/compose-file/services/#env_file)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.compose import ComposeFile
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.text import nearest
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(compose: ComposeFile, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each file that is named and not there."""
    if compose.tree.templated:
        return
    for include in compose.includes:
        if include.path is not None and "://" not in include.node.text and not graph.has_file(include.path):
            yield _finding(compose, include.node, include.path, graph)
    for service in compose.services.values():
        extends = service.extends
        node = service.node.at("extends", "file")
        if (
            extends is not None
            and extends.path
            and isinstance(node, Scalar)
            and not graph.has_file(extends.path)
        ):
            yield _finding(compose, node, extends.path, graph)
        for use in service.env_files:
            if use.is_required and use.path is not None and not graph.has_file(use.path):
                yield _finding(compose, use.node, use.path, graph, is_environment=True)


def _finding(
    compose: ComposeFile, node: Scalar, path: str, graph: Graph, *, is_environment: bool = False
) -> Finding:
    directory, _, name = path.rpartition("/")
    beside = [one.rpartition("/")[2] for one in graph.paths() if one.rpartition("/")[0] == directory]
    close = nearest(name, beside)
    is_other = close is not None and (close.startswith(name) or name.startswith(close))
    fixes: tuple[Fix, ...] = ()
    if close is not None and node.text.endswith(name):
        written = node.text.removesuffix(name) + close
        fixes = (Fix(f"Use `{written}`", Safety.UNSAFE, edits=(set_value(node, written),)),)
    is_likely = not is_environment or (close is not None and not is_other)
    return Finding(
        node,
        f"`{path}` is not there"
        + (f"; the nearest is `{close}`" if close is not None and not is_other else ""),
        fixes=fixes if is_likely else (),
        level=None if is_likely else Level.AUDITOR,
        detail=f"`docker compose up` refuses `{compose.file.path}` as a whole",
    )
