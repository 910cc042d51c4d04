"""A Dockerfile holds what no builder understands.

## What it does
Reports unknown instructions, instructions without arguments, here-documents that are not closed, and lines that a
backslash continues into the next instruction. Templates of Dockerfiles are left alone.

## Why it matters
The builder refuses the file, or runs the next instruction as a part of this one.

## Bad
```dockerfile title="Dockerfile"
FROM node:22.9.0-slim
COYP . /app  # <-
USER 1000
```

## Good
```dockerfile title="Dockerfile"
FROM node:22.9.0-slim
COPY . /app
USER 1000
```

## Fix
Writes the instruction that is spelled most alike. Unsafe: another one may be meant.

## References
- [Dockerfile reference](https://docs.docker.com/reference/dockerfile/)

## Equivalent rules
- `hadolint:DL1000`
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.dockerfile import Dockerfile
from rollsafe.formats.dockerfile_nodes import KEYWORDS
from rollsafe.formats.problems import Problem
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.rules.dockerfiles import cased
from rollsafe.text.patterns import lazily

_TEMPLATE: Final = lazily(r"\{\{|\{%|<%|^[ \t]*(?:#include|INCLUDE\+?|define\()", re.M)


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(dockerfile: Dockerfile) -> Iterator[Finding]:
    """Yield a finding for each fault the reader met."""
    problems = dockerfile.tree.problems
    if not problems or _TEMPLATE.search(dockerfile.file.text) is not None:
        return
    for problem in problems:
        if _is_macro(dockerfile.file.text[problem.start : problem.end]):
            continue
        message = (
            problem.message if "`" in problem.message else f"`{dockerfile.file.name}`: {problem.message}"
        )
        yield Finding(Span(problem.start, problem.end), message, fixes=tuple(_fixes(dockerfile, problem)))


def _is_macro(word: str) -> bool:
    """Say whether a word stands for what a preprocessor writes: no instruction is spelled nearly like it."""
    plain = word.replace("_", "")
    is_name = "_" in word and plain.isalpha() and plain.isupper()
    return is_name and not _nearest(plain)


def _fixes(dockerfile: Dockerfile, problem: Problem) -> Iterator[Fix]:
    word = dockerfile.file.text[problem.start : problem.end]
    if word.upper() in KEYWORDS or not word.isalpha() or len(word) > 20:
        return
    for meant in _nearest(word.upper()):
        written = cased(dockerfile, meant)
        edit = Edit(Span(problem.start, problem.end), written)
        yield Fix(f"Write `{written}`", Safety.UNSAFE, edits=(edit,))


def _nearest(word: str) -> list[str]:
    """Return the instruction a word is like, if there is one."""
    from difflib import get_close_matches  # only mistakes need it

    return get_close_matches(word, sorted(KEYWORDS), n=1, cutoff=0.7)
