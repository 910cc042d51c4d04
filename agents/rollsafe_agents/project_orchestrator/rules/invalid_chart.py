"""A `Chart.yaml` says something that Helm refuses.

## What it does
Reports charts without a `version`, with one that is no semantic version, of a type that Helm does not know, and with two
dependencies of one name. What `helm lint` alone refuses, a chart without `apiVersion` and dependencies in a chart of `v1`, is
told to those who like hygiene.

## Why it matters
Helm stops before it reads a template: the chart cannot be packed, tried or released.

## Bad
```yaml title="chart/Chart.yaml"
apiVersion: v2
name: orders
type: aplication  # <-
version: 1.0.0
```

## Good
```yaml title="chart/Chart.yaml"
apiVersion: v2
name: orders
type: application
version: 1.0.0
```

## Fix
Writes the type that is nearest, or `apiVersion: v2`. Unsafe: Helm reads the chart in another way.

## References
- [Helm: the Chart.yaml file](https://helm.sh/docs/topics/charts/#the-chartyaml-file)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.kubernetes import HelmChart
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.text import nearest
from rollsafe.text.patterns import lazily

_TYPES: Final = ("application", "library")
_VERSION: Final = lazily(
    r"v?\d+(?:\.\d+){0,2}(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?\Z"
)


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(chart: HelmChart) -> Iterator[Finding]:
    """Yield a finding for each thing that Helm does not take."""
    if "{{" in chart.file.text or "${" in chart.file.text:
        return
    root, name = chart.root, chart.root.key_at("name") or chart.root
    version, kind = root.at("version"), root.at("type")
    if version is None:
        yield Finding(name, f"chart `{chart.name}` has no `version`, and Helm refuses it")
    elif isinstance(version, Scalar) and not version.is_null and not _VERSION.match(version.text):
        yield Finding(version, f"`{version.text}` is no semantic version, and Helm refuses the chart")
    if isinstance(kind, Scalar) and not kind.is_null and kind.text not in _TYPES:
        yield Finding(
            kind,
            f"Helm knows no charts of type `{kind.text}`, only `application` and `library`",
            fixes=partial(_typed, kind),
        )
    yield from _names(chart)
    yield from _of_lint(chart)


def _names(chart: HelmChart) -> Iterator[Finding]:
    known: set[str] = set()
    for one in chart.dependencies:
        key = one.node.text_at("alias") or one.name
        if key in known:
            where = one.node.at("alias") or one.node.at("name") or one.node
            yield Finding(
                where, f"chart `{chart.name}` brings along two charts called `{key}`, and Helm refuses it"
            )
        known.add(key)


def _of_lint(chart: HelmChart) -> Iterator[Finding]:
    """Yield a finding for what Helm takes and `helm lint` does not."""
    root = chart.root
    api, key = root.at("apiVersion"), root.key_at("dependencies")
    if api is None:
        yield Finding(
            root.key_at("name") or root,
            f"chart `{chart.name}` has no `apiVersion`, and `helm lint` refuses it",
            severity=Severity.INFO,
            level=Level.PEDANTIC,
        )
    elif isinstance(api, Scalar) and api.text == "v1" and chart.dependencies and key is not None:
        yield Finding(
            key,
            f"chart `{chart.name}` is of `apiVersion: v1`, whose dependencies stand in `requirements.yaml`",
            fixes=(Fix("Write `apiVersion: v2`", Safety.UNSAFE, edits=(set_value(api, "v2"),)),),
            severity=Severity.INFO,
            level=Level.PEDANTIC,
            detail="`helm lint` refuses the chart, and Helm 2 installs none of them",
        )


def _typed(kind: Scalar) -> tuple[Fix, ...]:
    close = nearest(kind.text, _TYPES)
    return (Fix(f"Write `{close}`", Safety.UNSAFE, edits=(set_value(kind, close),)),) if close else ()
