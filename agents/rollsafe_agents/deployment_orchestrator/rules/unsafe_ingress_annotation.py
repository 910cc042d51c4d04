"""An annotation of an Ingress writes into the configuration of nginx.

## What it does
Reports snippets (`configuration-snippet`, `server-snippet` …) and, more sharply, addresses and names in other
annotations of ingress-nginx with characters that end a directive of nginx.

## Why it matters
What such an annotation says runs in the Ingress controller, which reads the Secrets of every namespace. Faults of that
kind gave whoever may write an Ingress the whole cluster (CVE-2021-25742, CVE-2025-24514, CVE-2025-1097,
CVE-2025-1098). Current versions refuse them, and the release with them.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  annotations:
    kubernetes.io/tls-acme: "true"
    nginx.ingress.kubernetes.io/auth-url: "http://auth.example/check; internal"  # <-
spec:
  defaultBackend:
    service:
      name: web
      port:
        number: 80
```

## Good
```yaml title="k8s/web.yaml"
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  annotations:
    kubernetes.io/tls-acme: "true"
spec:
  defaultBackend:
    service:
      name: web
      port:
        number: 80
```

## Fix
Removes the annotation. Unsafe: what it configured is gone.

## References
- [ingress-nginx: annotations and their risks](https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations-risk/)

## Equivalent rules
- `checkov:CKV_K8S_152`
- `checkov:CKV_K8S_153`
- `checkov:CKV_K8S_154`
- `trivy:KCV-0093`
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Ingress
from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.hardening import without_entry

_PREFIX: Final = "nginx.ingress.kubernetes.io/"
_ADDRESSES: Final = frozenset({"auth-url", "mirror-target", "mirror-host"})
_NAMES: Final = frozenset({"auth-tls-match-cn"})
_BREAKING: Final = re.compile(r"[\r\n;{}#\"'`]")
_NOT_IN_ADDRESS: Final = re.compile(r"[|<>^\\]")
_ALTERNATIVES: Final = re.compile(r"\([^()]*\)")
_TEMPLATE: Final = re.compile(r"\$\{?\w+\}?")


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(ingress: Ingress) -> Iterator[Finding]:
    """Yield a finding for each annotation that writes more than a value."""
    notes = ingress.node.map_at("metadata", "annotations")
    if notes is None:
        return
    for key, value in notes.pairs():
        name = key.removeprefix(_PREFIX)
        if name == key or not isinstance(value, Scalar) or ingress.is_templated(value):
            continue
        if name.endswith("-snippet"):
            words = f"Ingress `{ingress.name}` writes into nginx: `{name}`"
            names = tuple(_snippet_names(value.text))
            yield _finding(ingress, notes, key, words, names, Level.AUDITOR)
        elif _breaks_out(name, value.text):
            words = f"`{name}` of Ingress `{ingress.name}` ends a directive of nginx and begins another"
            yield _finding(ingress, notes, key, words, ("trivy:KCV-0093",), Level.PEDANTIC)


def _snippet_names(text: str) -> Iterator[str]:
    yield "checkov:CKV_K8S_153"
    if "lua" in text.lower():
        yield "checkov:CKV_K8S_152"
    if re.search(r"\balias\b", text):
        yield "checkov:CKV_K8S_154"


def _breaks_out(name: str, text: str) -> bool:
    if name in _ADDRESSES:
        plain = _TEMPLATE.sub("", text.strip())
        return bool(_BREAKING.search(plain) or _NOT_IN_ADDRESS.search(plain))
    if name in _NAMES:
        # An alternative outside of brackets matches whatever contains its second half.
        return bool(_BREAKING.search(text.strip()) or "|" in _ALTERNATIVES.sub("", text))
    return False


def _finding(
    ingress: Ingress, notes: Mapping, key: str, words: str, names: tuple[str, ...], level: Level
) -> Finding:
    edit = without_entry(ingress.file.text, notes, key)
    fix = Fix("Remove the annotation", Safety.UNSAFE, edits=(edit,) if edit is not None else ())
    fixes = (fix,) if edit is not None else ()
    place = notes.key_at(key) or notes
    return Finding(place, words, fixes=fixes, level=level, equivalents=names)
