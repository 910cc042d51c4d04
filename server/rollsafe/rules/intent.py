"""Whether somebody wrote a risky value on purpose."""

from typing import Final

from rollsafe.artefacts.source import SourceFile
from rollsafe.text import Located
from rollsafe.text.patterns import lazily

_COMMENTS: Final = {
    ".sql": lazily(r"(?:^|[ \t])(?:--|#)[ \t]*(\S.*)$"),
    ".json": lazily(r"(?:^|[ \t])//[ \t]*(\S.*)$"),
}
_COMMENT: Final = lazily(r"(?:^|[ \t])#[ \t]*(\S.*)$")
"""What begins a comment: elsewhere than in SQL, `--` begins an option."""

_ALONE: Final = lazily(r"[ \t]*(?:#|--|//)")
_REASON: Final = lazily(
    r"(?i)\b(because|since|so that|otherwise|purpose|intention\w*|deliberate\w*|best[- ]effort|harmless"
    r"|optional|allow\w*|tolerat\w*|ignor\w*|expected|already|exists?|may|might|can|cannot|never|don'?t|not"
    r"|no|only|until|safe|known|flaky|fine|acceptable|wanted|must|needed|required|reason|atomic|idempotent"
    r"|unless|even if|while)\b"
)
_WORDS: Final = lazily(r"[A-Za-z]{2,}")


def explained(file: SourceFile, place: Located) -> bool:
    """Say whether a comment of at least two words stands on the line of `place` or right above it."""
    own, above = _comments(file, place)
    return _is_prose(own) or _is_prose(above)


def justified(file: SourceFile, place: Located) -> bool:
    """Say whether the comment about `place` gives a reason rather than a description.

    For scripts, where a comment above a command usually says what it does: `# run the migrations`.
    """
    comment = comment_about(file, place)
    return _is_prose(comment) and _REASON.search(comment) is not None


def comment_about(file: SourceFile, place: Located) -> str:
    """Return the comment on the line of `place`, else the one right above it, else nothing."""
    own, above = _comments(file, place)
    return own or above


def _comments(file: SourceFile, place: Located) -> tuple[str, str]:
    """Return the comment on the line of `place` and the one alone on the line above, empty without."""
    line = file.lines.line_of(place.start)
    above = file.lines.line_text(line - 1) if line > 0 else ""
    return _comment(file, file.lines.line_text(line)), _comment(file, above) if _ALONE.match(above) else ""


def _comment(file: SourceFile, line: str) -> str:
    pattern = _COMMENTS.get(file.path[file.path.rfind(".") :], _COMMENT)
    comment = pattern.search(line)
    return comment[1] if comment is not None else ""


def _is_prose(comment: str) -> bool:
    return "rollsafe:" not in comment and len(_WORDS.findall(comment)) >= 2
