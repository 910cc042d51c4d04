"""Writing Alembic's revisions."""

import re
from collections.abc import Sequence
from typing import Final

from rollsafe.artefacts.migrations.code.python_writing import PythonWriter
from rollsafe.artefacts.migrations.code.writing import Next, Site, Sql, Written, functions_above
from rollsafe.artefacts.migrations.conventions import Direction
from rollsafe.formats.code import Argument, Block, Call, Code, Text, walk
from rollsafe.text import Edit, Span, apply_edits
from rollsafe.text.patterns import lazily

_WAYS: Final = {"upgrade": Direction.UP, "downgrade": Direction.DOWN}
_BOUND = lazily(r"(?<![:\w\\]):\w")
"""What SQLAlchemy takes for a parameter."""
_WORDS: Final = {
    ("create_index", "CONCURRENTLY"): "postgresql_concurrently=True",
    ("drop_index", "CONCURRENTLY"): "postgresql_concurrently=True",
    ("create_foreign_key", "NOT VALID"): "postgresql_not_valid=True",
    ("create_check_constraint", "NOT VALID"): "postgresql_not_valid=True",
}
_REPEATED: Final = frozenset({"for", "while"})


class AlembicWriter(PythonWriter):
    """Writes a revision again."""

    def way_of(self, path: Sequence[Code]) -> Direction | None:
        """Return the way of what has `path` above it."""
        functions = functions_above(path)
        if len(functions) != 1 or any(isinstance(one, Block) and one.kind in _REPEATED for one in path):
            raise LookupError
        return _WAYS[functions[0].name]

    @property
    def op(self) -> str:
        """The name under which the program has Alembic's operations."""
        found = (name for name, whole in self.program.imports.items() if whole == "alembic.op")
        return next(found, "op")

    def statements(self, up: Sequence[Sql], down: Sequence[Sql], site: Site) -> list[str] | None:
        """Return the lines that send SQL on the way `site` is on."""
        return self._sent([*up, *down])

    def _sent(self, statements: Sequence[Sql]) -> list[str] | None:
        found: list[str] = []
        for one in statements:
            if _BOUND.search(one.text):
                return None
            found += self.remarks(one)
            if one.text:
                found += self.called(f"{self.op}.execute", self.string(one.text, 20), width=4)
        return found

    def idiom(self, call: Call, words: str) -> tuple[Edit, ...] | None:
        """Return the keyword by which Alembic says it."""
        if call.name == "add_column" and words == "-NOT NULL":
            told = [one for one in walk(call) if isinstance(one, Argument) and one.name == "nullable"]
            return (Edit(Span.of(told[0].value), "True"),) if len(told) == 1 else None
        argument = _WORDS.get((call.name, words))
        return self.with_argument(call, argument) if argument is not None else None

    def without_transaction(self, way: Direction) -> str | None:
        """Return the program with all of a way in a block that commits each statement."""
        up = self.program.function("upgrade" if way is Direction.UP else "downgrade")
        lines = [one for one in up.body if not isinstance(one, Text)] if up is not None else []
        if not lines or any(isinstance(one, Block) and _commits(one) for one in lines):
            return None
        start = self.text.rfind("\n", 0, lines[0].start) + 1
        end = self.text.find("\n", lines[-1].end)
        end = len(self.text) if end < 0 else end + 1
        indent = self.text[start : lines[0].start]
        if indent.strip():
            return None
        head = f"{indent}with {self.op}.get_context().autocommit_block():{self.eol}"
        return apply_edits(self.text, [Edit(Span(start, end), head + self.indented(start, end))])

    def way_back(self, statements: Sequence[Sql]) -> tuple[Edit, ...] | None:
        """Return how `downgrade` gets statements, in the place of `pass` or where there is none."""
        needed = any(" CONCURRENTLY " in one.text for one in statements)
        lines = self._body(statements, apart=needed)
        down = self.program.function("downgrade")
        if lines is None:
            return None
        if down is None:
            end = len(self.text.rstrip())
            body = self.block(lines, "    ")
            head = f"{self.eol}{self.eol}{self.eol}def downgrade(){self._returns}:{self.eol}"
            return (Edit(Span(end, len(self.text)), head + body),)
        found = _PASS.search(self.text, down.start, down.end + len(self.eol))
        if found is None or any(isinstance(one, Call) for one in down.body):
            return None
        return (Edit(Span(*found.span()), self.block(lines, found["indent"])),)

    @property
    def _returns(self) -> str:
        return " -> None" if re.search(r"def upgrade\(\)\s*->\s*None", self.text) else ""

    def version_after(self, version: str, label: str) -> str | None:
        """Return an identifier that follows from what it comes after and is for; numbers count on."""
        if re.fullmatch(r"\d{1,8}", version):
            return None
        from hashlib import blake2b  # loads OpenSSL, and most runs name nothing

        return blake2b(f"{version}\0{label}".encode(), digest_size=6).hexdigest()

    def following(self, wanted: Next) -> Written | None:
        """Return the revision that follows."""
        needed = any(" CONCURRENTLY " in one.text for one in wanted.down)
        ways = [self._body(wanted.up, apart=wanted.apart), self._body(wanted.down, apart=needed)]
        if None in ways:
            return None
        q, eol = self.quote, self.eol
        words = wanted.label.replace("_", " ")
        typed = self._returns
        up, down = (self.block(one or ["pass"], "    ") for one in ways)
        text = eol.join(
            (
                f'"""{words}',
                "",
                f"Revision ID: {wanted.version}",
                f"Revises: {wanted.previous}",
                "",
                '"""',
                "from alembic import op",
                "",
                f"revision = {q}{wanted.version}{q}",
                f"down_revision = {q}{wanted.previous}{q}",
                "branch_labels = None",
                "depends_on = None",
                "",
                "",
                f"def upgrade(){typed}:",
                f"{up}",
                "",
                f"def downgrade(){typed}:",
                down,
            )
        )
        return Written(self.renamed(f"{wanted.version}_{wanted.label}.py"), text)

    def _body(self, statements: Sequence[Sql], *, apart: bool) -> list[str] | None:
        lines = self._sent(statements)
        if not lines or not apart:
            return lines
        return [f"with {self.op}.get_context().autocommit_block():", *(f"    {one}" for one in lines)]


_PASS = lazily(r"^(?P<indent>[ \t]+)pass\b[^\n]*(?:\n|\Z)", re.M)


def _commits(block: Block) -> bool:
    """Say whether a block commits each of its statements already."""
    return any(isinstance(one, Call) and one.name == "autocommit_block" for one in block.head)
