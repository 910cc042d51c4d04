"""Whether somebody wrote a risky value on purpose."""

import re

from rollsafe.artefacts.source import SourceFile
from rollsafe.text import Located

_COMMENT = re.compile(r"(?:^|[ \t])(?:#|--|//)[ \t]*(\S.*)$")
_REASON = re.compile(
    r"(?i)\b(because|since|so that|otherwise|purpose|intention\w*|deliberate\w*|best[- ]effort|harmless"
    r"|optional|allow\w*|tolerat\w*|ignor\w*|expected|already|exists?|may|might|can|cannot|never|don'?t|not"
    r"|no|only|until|safe|known|flaky|fine|acceptable|wanted|must|needed|required|reason|atomic|idempotent"
    r"|unless|even if|while)\b"
)
_WORDS = re.compile(r"[A-Za-z]{2,}")


def explained(file: SourceFile, place: Located) -> bool:
    """Say whether a comment of at least two words stands on the line of `place` or right above it."""
    line = file.lines.line_of(place.start)
    if _is_prose(file.lines.line_text(line)):
        return True
    above = file.lines.line_text(line - 1).lstrip() if line > 0 else ""
    return above.startswith(("#", "--", "//")) and _is_prose(above)


def justified(file: SourceFile, place: Located) -> bool:
    """Say whether the comment about `place` gives a reason rather than a description.

    For scripts, where a comment above a command usually says what it does: `# run the migrations`.
    """
    comment = comment_about(file, place)
    return _is_prose(f"# {comment}") and _REASON.search(comment) is not None


def comment_about(file: SourceFile, place: Located) -> str:
    """Return the comment on the line of `place`, else the one right above it, else nothing."""
    line = file.lines.line_of(place.start)
    for number in (line, line - 1):
        text = file.lines.line_text(number) if number >= 0 else ""
        comment = _COMMENT.search(text)
        if comment is not None and (number == line or text.lstrip().startswith(("#", "--", "//"))):
            return comment[1]
    return ""


def _is_prose(line: str) -> bool:
    comment = _COMMENT.search(line)
    if comment is None or "rollsafe:" in comment[1]:
        return False
    return len(_WORDS.findall(comment[1])) >= 2
