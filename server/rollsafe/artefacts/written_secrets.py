"""Whether a command that is about to be quoted may hold a secret that is written out in it.

Stricter than the judgement behind findings: a command that is not quoted costs little.
"""

from collections.abc import Sequence

from rollsafe.artefacts.secrets import secret_in
from rollsafe.text.patterns import lazily

_BEARER = lazily(r"(?i)\b(?:bearer|basic|token)\s+(?!\$)\S{6,}")
_USERINFO = lazily(r"://[^\s:/@]*:[^\s/@$]+@")
_SECRET_NAME = lazily(
    r"(?i)(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?"
    r"|authorization)\Z"
)


def holds_secret(words: Sequence[str]) -> bool:
    """Say whether a word of a command may be a secret that is written out."""
    option = ""
    for word in words:
        if _BEARER.search(word) or _USERINFO.search(word):
            return True
        pairs = [(option, word), *(_pair(part) for part in word.split(","))]
        if any(_is_secret(name, value) for name, value in pairs):
            return True
        option = word.lstrip("-") if word.startswith("-") and "=" not in word else ""
    return False


def _pair(text: str) -> tuple[str, str]:
    """Return name and innermost value of `--set a.password=x`."""
    name, equals, value = text.rpartition("=")
    return (name.rpartition("=")[2].lstrip("-"), value) if equals else ("", "")


def _is_secret(name: str, value: str) -> bool:
    if not value or "$" in value or value.startswith("-"):
        return False
    return _SECRET_NAME.search(name) is not None or secret_in(name or "-", value) is not None
