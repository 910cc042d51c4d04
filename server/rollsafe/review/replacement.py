"""A model's new text for a node, as edits of the file: within the node, withheld lines as they were."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from rollsafe.artefacts.source import SourceFile
from rollsafe.review.plain import spelled_out
from rollsafe.review.request import NodeRange, SentFile
from rollsafe.text import Edit, LineIndex, Span
from rollsafe.text.secrets import PLACEHOLDER

_LONGEST = 20_000


class ReplacementError(Exception):
    """The new text cannot stand for the node's; the text says why."""


def edits_for(file: SourceFile, sent: SentFile, node: NodeRange, replacement: str) -> list[Edit]:
    """Return the edits that give `node` its new text; lines that stay are not touched.

    A line that was not shown as it is, for a secret in it or its length, has to be in the new text as it
    was shown, and keeps what it holds.

    Raises:
        ReplacementError: the new text is empty, changes such a line, or hides something.
    """
    if not replacement.strip() or len(replacement) > _LONGEST:
        raise ReplacementError("the model wrote no text for it")
    lines = LineIndex(replacement)
    written = [lines.line_text(row).rstrip() for row in range(len(lines))]
    if any(spelled_out(line) != line for line in written):
        raise ReplacementError("the text holds characters nobody can see")
    shown = {
        line.number: line.text for line in sent.lines if node.first_line <= line.number <= node.last_line
    }
    new = _restored(file, shown, written)
    return list(_differences(file, sorted(shown), new))


def _restored(file: SourceFile, shown: dict[int, str], written: Sequence[str]) -> list[str]:
    """Return the written lines, those that stand for withheld ones as they are in the file."""
    withheld: defaultdict[str, list[str]] = defaultdict(list)
    for number, text in shown.items():
        raw = file.lines.line_text(number - 1)
        if raw != text:
            withheld[text.rstrip()].append(raw)
    restored: list[str] = []
    for line in written:
        if withheld.get(line):
            restored.append(withheld[line].pop(0))
        elif PLACEHOLDER.search(line) or line in withheld:
            raise ReplacementError("it changes a line that holds a secret or was not shown whole")
        else:
            restored.append(line)
    if any(withheld.values()):
        raise ReplacementError("it changes a line that holds a secret or was not shown whole")
    return restored


def _differences(file: SourceFile, rows: Sequence[int], new: Sequence[str]) -> Iterator[Edit]:
    """Yield an edit for each run of lines that differ; empty lines around them count for nothing."""
    newline = "\r\n" if "\r\n" in file.text else "\n"
    at = [number for number, line in enumerate(new) if line.strip()]
    old = [file.lines.line_text(row - 1).rstrip() for row in rows]
    matcher = SequenceMatcher(None, old, [new[number].rstrip() for number in at], autojunk=False)
    for kind, first, last, begin, end in matcher.get_opcodes():
        if kind == "equal":
            continue
        text = newline.join(new[at[begin] : at[end - 1] + 1]) if end > begin else ""
        if first == last:
            yield _insertion(file, rows, first, text, newline)
            continue
        start, stop = file.lines.line_start(rows[first] - 1), file.lines.line_end(rows[last - 1] - 1)
        yield Edit(Span(start, stop if text else file.lines.line_start(rows[last - 1])), text)


def _insertion(file: SourceFile, rows: Sequence[int], before: int, text: str, newline: str) -> Edit:
    if before == 0:
        return Edit(Span.at(file.lines.line_start(rows[0] - 1)), text + newline)
    return Edit(Span.at(file.lines.line_end(rows[before - 1] - 1)), newline + text)
