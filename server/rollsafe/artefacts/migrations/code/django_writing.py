"""Writing Django's migrations: operations of a list, each of which says both ways and the state of models."""

import re
from collections.abc import Sequence
from typing import Final

from rollsafe.artefacts.migrations.code.django_app import App
from rollsafe.artefacts.migrations.code.python_writing import PythonWriter
from rollsafe.artefacts.migrations.code.script import Script
from rollsafe.artefacts.migrations.code.writing import Next, Site, Sql, Written
from rollsafe.artefacts.migrations.conventions import Direction
from rollsafe.formats.code import Assign, Call, Class, Code
from rollsafe.text import Edit, Span, apply_edits

_POSTGRES: Final = "django.contrib.postgres.operations"
_WORDS: Final = {
    ("AddIndex", "CONCURRENTLY"): "AddIndexConcurrently",
    ("RemoveIndex", "CONCURRENTLY"): "RemoveIndexConcurrently",
    ("AddConstraint", "NOT VALID"): "AddConstraintNotValid",
}
_STATELESS: Final = frozenset({"RunSQL", "RunPython"})
_TAB: Final = "    "
_AFTER = re.compile(r"[ \t]*(?:,[ \t]*)?(?:#[^\r\n]*)?(?:\r?\n|\Z)")


class DjangoWriter(PythonWriter):
    """Writes a migration again."""

    def way_of(self, path: Sequence[Code]) -> Direction | None:
        """Return None, for an operation goes both ways."""
        holders = [one for one in path if isinstance(one, Assign | Class)]
        if [one.name for one in holders] != ["Migration", "operations"]:
            raise LookupError
        return None

    @property
    def migrations(self) -> str:
        """The name under which the program has Django's operations."""
        known = self.program.imports.items()
        return next((name for name, whole in known if whole == "django.db.migrations"), "migrations")

    def on_lines(self, code: Code, way: Direction | None) -> Site | None:
        """Return an operation, as far indented as its line."""
        start = self.text.rfind("\n", 0, code.start) + 1
        indent = self.text[start : code.start]
        return Site(code, way, code.start, code.end, indent if not indent.strip() else _TAB * 2)

    def around(self, site: Site, before: list[str], after: list[str]) -> list[Edit]:
        """Return the edits that put operations before and after one."""
        between = f",{self.eol}{site.indent}"
        found = [Edit(Span.at(site.start), self._items(before, site) + between)] if before else []
        return [*found, Edit(Span.at(site.end), between + self._items(after, site))] if after else found

    def replaced(self, site: Site, lines: list[str]) -> list[Edit]:
        """Return the edit that puts operations in the place of one, or takes its lines away."""
        if lines:
            return [Edit(Span(site.start, site.end), self._items(lines, site))]
        start = self.text.rfind("\n", 0, site.start) + 1
        rest = _AFTER.match(self.text, site.end)
        if self.text[start : site.start].strip() or rest is None:
            return [Edit(Span(site.start, site.end), "()")]
        return [Edit(Span(start, rest.end()), "")]

    def _items(self, lines: list[str], site: Site) -> str:
        return self.block(lines, site.indent).strip()

    def statements(self, up: Sequence[Sql], down: Sequence[Sql], site: Site) -> list[str]:
        """Return the operation that sends SQL, and does nothing on the other way where that takes none."""
        notes = [line for one in (*up, *down) for line in self.remarks(one)]
        sql = self._listed(up, "sql=")
        undone = self._listed(down, "reverse_sql=")
        return [*notes, *self.called(f"{self.migrations}.RunSQL", sql, undone, width=12)]

    def _listed(self, statements: Sequence[Sql], key: str) -> list[str]:
        texts = [self.string(one.text, 30) for one in statements if one.text]
        if not texts:
            return [f"{key}{self.migrations}.RunSQL.noop"]
        if len(texts) == 1:
            return [key + texts[0][0], *texts[0][1:]]
        rows = [line for one in texts for line in (*one[:-1], f"{one[-1]},")]
        return [f"{key}[", *(_TAB + one for one in rows), "]"]

    def instead(self, up: Sequence[Sql], down: Sequence[Sql], site: Site) -> list[str] | None:
        """Return the operation that sends SQL and tells Django of the models what the old one told."""
        if not down or not isinstance(site.code, Call):
            return None
        sent = self.statements(up, down, site)
        if site.code.name in _STATELESS:
            return sent
        kept = self._state(site)
        done = ["database_operations=[", *(_TAB + one for one in [*sent[:-1], f"{sent[-1]},"]), "]"]
        return self.called(f"{self.migrations}.SeparateDatabaseAndState", done, kept)

    def emptied(self, site: Site) -> list[str]:
        """Return the operation that only tells Django of the models."""
        if not isinstance(site.code, Call) or site.code.name in _STATELESS:
            return []
        return self.called(f"{self.migrations}.SeparateDatabaseAndState", self._state(site))

    def _state(self, site: Site) -> list[str]:
        own = self.text[site.start : site.end]
        lines = [one.removeprefix(site.indent) for one in own.splitlines()]
        return ["state_operations=[", *(_TAB + one for one in [*lines[:-1], f"{lines[-1]},"]), "]"]

    def idiom(self, call: Call, words: str) -> tuple[Edit, ...] | None:
        """Return the name of the operation that says it, and its import."""
        if call.name == "AddField" and words == "-NOT NULL":
            field = call.at(2, "field")
            return self.with_argument(field, "null=True") if isinstance(field, Call) else None
        name = _WORDS.get((call.name, words))
        if name is None:
            return None
        start = call.on.start if call.on is not None else call.name_at.start
        named = Edit(Span(start, call.name_at.end), name)
        return (named, *self.importing(_POSTGRES, [name]))

    def without_transaction(self) -> str | None:
        """Return the program with `atomic = False`."""
        made = next((one for one in self.program.classes() if one.name == "Migration"), None)
        if made is None or not made.body:
            return None
        if any(isinstance(one, Assign) and one.name == "atomic" for one in made.body):
            return None
        first = next((one for one in made.body if isinstance(one, Assign)), made.body[0])
        start = self.text.rfind("\n", 0, first.start) + 1
        indent = self.text[start : first.start]
        line = f"{indent}atomic = False{self.eol}{self.eol}"
        return apply_edits(self.text, [Edit(Span.at(start), line)])

    def previous(self, stem: str, version: str) -> str:
        """Return the name of the file, by which Django knows a migration."""
        return stem

    def following(self, wanted: Next) -> Written | None:
        """Return the migration that follows."""
        q = self.quote
        site = Site(self.program.body[0], None, 0, 0, _TAB * 2)
        items = self.statements(wanted.up, wanted.down, site)
        items[-1] += ","
        app = App(self.file, Script()).label
        lines = [
            "from django.db import migrations",
            "",
            "",
            "class Migration(migrations.Migration):",
            *([f"{_TAB}atomic = False", ""] if wanted.apart else []),
            f"{_TAB}dependencies = [",
            f"{_TAB * 2}({q}{app}{q}, {q}{wanted.previous}{q}),",
            f"{_TAB}]",
            "",
            f"{_TAB}operations = [",
        ]
        body = self.block(items, _TAB * 2)
        text = (
            self.block(lines, "").replace(f"{self.migrations}.", "migrations.") + body + f"{_TAB}]{self.eol}"
        )
        return Written(self.renamed(f"{wanted.version}_{wanted.label}.py"), text)
