"""What kinds of files an agent's words speak of, where its file does not say which it looks at."""

import re
from typing import Final

_CHARS: Final = 20_000
_WORDS: Final = (
    ("migration", r"migrations?|sql|ddl|postgres(?:ql)?|mysql|sqlite|database schemas?|schema changes?"),
    ("dockerfile", r"docker ?files?|container ?files?|container images?|docker images?"),
    ("compose", r"docker[ -]compose|compose files?|compose\.ya?ml"),
    ("kubernetes", r"kubernetes|k8s|helm|kustomize|kustomizations?"),
    ("helm-chart", r"helm|helm charts?"),
    ("kustomization", r"kustomize|kustomizations?"),
    ("github-workflow", r"github[ -]actions?|github[ -]workflows?|workflow files?|ci/cd|ci pipelines?"),
    ("github-action", r"github[ -]actions?|composite actions?"),
    ("step-functions", r"step[ -]functions?|state machines?|asl"),
    ("shell-script", r"shell scripts?|bash scripts?|deploy(?:ment)? scripts?"),
    ("makefile", r"make ?files?"),
    ("dotenv", r"dotenv|\.env files?|environment files?"),
    ("codeowners", r"codeowners"),
    ("plan-document", r"rollout plans?|migration plans?|deployment plans?|adrs?|rfcs?|design docs?"),
    ("package-json", r"package\.json"),
    ("agent-file", r"agent files?"),
)  # fmt: skip
_PATTERNS: Final = tuple(
    (kind, re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE)) for kind, words in _WORDS
)


def kinds_spoken_of(text: str) -> tuple[str, ...]:
    """Return the kinds of artefacts a text names."""
    text = text[:_CHARS]
    return tuple(kind for kind, pattern in _PATTERNS if pattern.search(text))
