"""Taking a comment out of a file."""

from rollsafe.rules.ignores import IgnoreComment
from rollsafe.text import Edit, Span


def without_comment(comment: IgnoreComment) -> Edit:
    """Return the edit that removes a comment, with its line when it is alone on it."""
    text, lines = comment.file.text, comment.file.lines
    line = lines.line_of(comment.start)
    start = lines.line_start(line)
    if not text[start : comment.start].strip():
        return Edit(Span(start, lines.line_start(line + 1)), "")
    kept = text[start : comment.start].rstrip()
    return Edit(Span(start + len(kept), lines.line_end(line)), "")
