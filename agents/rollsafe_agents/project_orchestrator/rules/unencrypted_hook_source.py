"""Hooks are fetched over a connection that anybody on the way can change.

## What it does
Reports repositories of pre-commit that are named with `http://`, `git://` or `ftp://`.

## Why it matters
Whoever sits between the machine and the server puts their code into the hook, which then runs on the machines of all
developers and in the pipeline.

## Bad
```yaml title=".pre-commit-config.yaml"
repos:
  - repo: http://git.example/hooks  # <-
    rev: v1.4.0
    hooks:
      - id: lint
```

## Good
```yaml title=".pre-commit-config.yaml"
repos:
  - repo: https://git.example/hooks
    rev: v1.4.0
    hooks:
      - id: lint
```

## Fix
Names it with `https://`. Unsafe: the server has to offer that.

## References
- [pre-commit: repos](https://pre-commit.com/#repos-repo)

## Equivalent rules
- `zizmor:insecure-url-scheme`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.pre_commit import HookRepository
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule

_OPEN: Final = ("http://", "git://", "ftp://")


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(repository: HookRepository) -> Iterator[Finding]:
    """Yield a finding for a repository without encryption."""
    url = repository.url
    scheme = next((one for one in _OPEN if url.text.lower().startswith(one)), None)
    if scheme is None:
        return
    at = repository.file.text.find(url.text, url.start, url.end)
    edit = Edit(Span(at, at + len(scheme)), "https://") if at >= 0 else None
    yield Finding(
        url,
        f"hooks come from `{url.text}`, and nothing keeps them from being changed on the way",
        fixes=(Fix("Fetch them by `https://`", Safety.UNSAFE, edits=(edit,)),) if edit is not None else (),
    )
