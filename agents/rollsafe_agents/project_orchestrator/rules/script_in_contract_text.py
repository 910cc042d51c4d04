"""A description of a contract holds a script.

## What it does
Looks for `<script` and `eval(` in the `description` and `title` texts of an OpenAPI document.

## Why it matters
Pages that show the document run it: whoever can change the text acts in the browser of everybody who reads it.

## Bad
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: 1.0.0
  description: Orders <script>alert(1)</script>  # <-
paths: {}
```

## Good
```yaml title="api/openapi.yaml"
openapi: 3.0.3
info:
  title: Orders
  version: 1.0.0
  description: Orders
paths: {}
```

## Fix
None: what the text is to say instead, only its author knows.

## References
- [OWASP: cross-site scripting](https://owasp.org/www-community/attacks/xss/)

## Equivalent rules
- `spectral:no-eval-in-markdown`
- `spectral:no-script-tags-in-markdown`
"""

from collections.abc import Iterator

from rollsafe.artefacts.contracts import ApiDocument
from rollsafe.formats.nodes import Mapping, Scalar, resolve, walk
from rollsafe.rules import Confidence, Finding, Level, Severity, rule

_WORDS = (("eval(", "spectral:no-eval-in-markdown"), ("<script", "spectral:no-script-tags-in-markdown"))


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, confidence=Confidence.MEDIUM)
def check(document: ApiDocument) -> Iterator[Finding]:
    """Yield a finding for each text with a script in it."""
    if not any(word in document.file.text for word, _ in _WORDS):
        return
    for node in walk(document.root):
        for entry in node.entries if isinstance(node, Mapping) else ():
            text = resolve(entry.value)
            if entry.name not in ("description", "title") or not isinstance(text, Scalar):
                continue
            for word, peer in _WORDS:
                if word in text.text:
                    yield Finding(entry.key, f"The {entry.name} holds `{word}`", equivalents=(peer,))
