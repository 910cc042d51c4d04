"""Finding the words around a place in a plan."""

from bisect import bisect_right
from typing import Final

from rollsafe.artefacts.plan_document.wording import Words
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.markdown import Markdown
from rollsafe.text import Located
from rollsafe.text.tuples import NamedTuple

_BEFORE: Final = 160
_AFTER: Final = 60
_LEAD: Final = 120


class Around(NamedTuple):
    """A name, or several joined by commas, from `first` to `last`, and where to look around them."""

    surroundings: "Surroundings"
    first: Located
    last: Located
    is_link: bool = False

    def words(self, one: Located | None = None) -> Words:
        """Return the words around; with the header of its column, for `one` of the names."""
        words = self.surroundings.of(self.first, self.last)
        if self.is_link:
            # What surrounds the target first is the link itself: its text and its closing parenthesis.
            before, after = words.before.rpartition("[")[0], words.after.lstrip(")")
            return words._replace(before=before, after=after)
        column = self.surroundings.column_of(one) if one is not None else ""
        return words._replace(column=column) if column else words


class Surroundings:
    """Answers, for a place in the text, which words belong to it."""

    def __init__(self, file: SourceFile, markdown: Markdown) -> None:
        self._file = file
        self._markdown = markdown
        self._heading_starts = [heading.start for heading in markdown.headings]
        self._block_starts = [block.start for block in markdown.blocks]
        self._leads = self._read_leads()
        self._cells = sorted(
            (cell.start, cell.end, table.header[column].text)
            for table in markdown.tables
            for row in table.rows
            for column, cell in enumerate(row[: len(table.header)])
        )

    def of(self, first: Located, last: Located) -> Words:
        """Return the words around what reaches from `first` to `last`."""
        before, after = self._line_around(first, last)
        heading = _at(self._heading_starts, first.start)
        block = _at(self._block_starts, first.start)
        return Words(
            before=before,
            after=after,
            lead=self._leads[block] if block is not None else "",
            heading=self._markdown.headings[heading].text if heading is not None else "",
            column="",
        )

    def column_of(self, place: Located) -> str:
        """Return the header above a place in a table; empty outside of tables."""
        at = bisect_right(self._cells, (place.start + 1,)) - 1
        if at < 0 or self._cells[at][1] < place.end:
            return ""
        return self._cells[at][2]

    def _line_around(self, first: Located, last: Located) -> tuple[str, str]:
        """Return the rest of the sentence on the same lines; of a table row, all of it as before."""
        text = self._file.text
        before = text[max(0, first.start - _BEFORE) : first.start].rstrip("`")
        before = before[max(before.rfind("\n"), before.rfind("\r")) + 1 :]
        after = text[last.end : last.end + _AFTER].lstrip("`")
        after = after.partition("\n")[0].partition("\r")[0]
        if before.lstrip().startswith("|"):
            before = f"{after} {before}"
        sentence = max(before.rfind(". "), before.rfind("; "))
        return before[sentence + 1 :], after

    def _read_leads(self) -> list[str]:
        """Return, for every block, the paragraph ending in a colon that introduces its list."""
        leads: list[str] = []
        lead = ""
        text = self._file.text
        for block in self._markdown.blocks:
            if block.is_item:
                leads.append(lead)
                continue
            leads.append("")
            end = text[max(block.start, block.end - _LEAD) : block.end].rstrip("*_ \t")
            lead = end if end.endswith(":") else ""
        return leads


def _at(starts: list[int], offset: int) -> int | None:
    at = bisect_right(starts, offset) - 1
    return at if at >= 0 else None
