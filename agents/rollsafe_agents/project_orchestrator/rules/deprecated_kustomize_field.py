"""A kustomization uses a field that kustomize has replaced.

## What it does
Reports `bases`, `patchesStrategicMerge`, `patchesJson6902`, `commonLabels`, `imageTags` and `vars`, which
kustomize still reads with a warning.

## Why it matters
Kustomize removes these fields in its next API version. Until then every build prints a warning, in which
others go unseen, and examples and other overlays say the same thing in other words.

## Bad
```yaml title="k8s/production/kustomization.yaml"
bases:  # <-
  - ../base
```
```yaml title="k8s/base/kustomization.yaml"
resources:
  - settings.yaml
```
```yaml title="k8s/base/settings.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  LOG_LEVEL: info
```

## Good
```yaml title="k8s/production/kustomization.yaml"
resources:
  - ../base
```
```yaml title="k8s/base/kustomization.yaml"
resources:
  - settings.yaml
```
```yaml title="k8s/base/settings.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  LOG_LEVEL: info
```

## Fix
Writes the same with the field that replaces it, as `kustomize edit fix` does. Safe: what is built is the same.
No fix where the file has both fields, nor for `vars`, whose replacement is written in another way altogether.

## References
- [Kustomize: bases](https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/bases/)
- [Kustomize: commonLabels](https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/commonlabels/)

## Equivalent rules
- `kustomize:deprecated-bases`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Kustomization
from rollsafe.formats.nodes import Entry, Mapping, Scalar, Sequence
from rollsafe.formats.yaml_edit import column_of, eol_of, line_start, rename_key
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule

_NOW: Final = {
    "bases": "resources",
    "patchesStrategicMerge": "patches",
    "patchesJson6902": "patches",
    "commonLabels": "labels",
    "imageTags": "images",
    "vars": "replacements",
}


@rule(severity=Severity.INFO, since="0.1.0", level=Level.PEDANTIC, fix=Safety.SAFE)
def check(kustomization: Kustomization) -> Iterator[Finding]:
    """Yield a finding for each deprecated field."""
    root = kustomization.root
    taken = set(root.keys())
    for entry in root.entries:
        now = _NOW.get(entry.name)
        if now is None:
            continue
        edits = None if now in taken else _edits(kustomization, entry, now)
        taken.add(now)
        yield Finding(
            entry.key,
            f"`{entry.name}` is deprecated; `{now}` replaces it",
            fixes=(Fix(f"Write it as `{now}`", Safety.SAFE, edits=edits),) if edits else (),
            equivalents=None if entry.name == "bases" else (),
        )


def _edits(kustomization: Kustomization, entry: Entry, now: str) -> tuple[Edit, ...] | None:
    text = kustomization.file.text
    match entry.name:
        case "bases" | "patchesJson6902":
            return (rename_key(entry, now),)
        case "patchesStrategicMerge":
            inner = _as_patches(text, entry.value)
        case "commonLabels":
            inner = _as_labels(text, entry)
        case _:
            inner = None
    return None if inner is None else (rename_key(entry, now), *inner)


def _as_patches(text: str, value: object) -> tuple[Edit, ...] | None:
    """Return the edits that make `path` or `patch` entries of files and texts; None for a flow list."""
    if not isinstance(value, Sequence) or value.flow or not value.items:
        return None
    found: list[Edit] = []
    for item in value.items:
        if not isinstance(item, Scalar) or item.tag is not None:
            return None
        if item.block:
            # The text stays where it is, which needs it to be deeper than the key that is put before it.
            first = text.find("\n", item.start) + 1
            depth = len(text[first:]) - len(text[first:].lstrip(" "))
            if depth <= column_of(text, item.start):
                return None
        found.append(Edit(Span.at(item.start), "patch: " if item.block else "path: "))
    return tuple(found)


def _as_labels(text: str, entry: Entry) -> tuple[Edit, ...] | None:
    """Return the edits that put labels below `pairs`, deeper by the list item around them."""
    value = entry.value
    if not isinstance(value, Mapping) or value.flow or not value.entries or column_of(text, entry.start):
        return None
    eol, begin = eol_of(text), line_start(text, value.start)
    lines = text[begin : value.end].split("\n")
    depth = len(lines[0]) - len(lines[0].lstrip(" "))
    if any(line.strip() and not line.startswith(" " * depth) for line in lines):
        return None
    moved = "\n".join(" " * 6 + line[depth:] if line.strip() else line for line in lines)
    tail = f"{eol}    includeSelectors: true"
    return (Edit(Span(begin, value.end), f"  - pairs:{eol}{moved}{tail}"),)
