"""Writing Django's migrations: operations of a list, each of which says both ways and the state of models."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from rollsafe.artefacts.migrations.code.django_app import App, plain
from rollsafe.artefacts.migrations.code.django_fields import word
from rollsafe.artefacts.migrations.code.python_writing import PythonWriter
from rollsafe.artefacts.migrations.code.script import Script
from rollsafe.artefacts.migrations.code.writing import Next, Site, Sql, Written
from rollsafe.artefacts.migrations.conventions import Direction
from rollsafe.formats.code import Assign, Call, Class, Code, Items
from rollsafe.text import Edit, Span, apply_edits
from rollsafe.text.patterns import lazily

_POSTGRES: Final = "django.contrib.postgres.operations"
_WORDS: Final = {
    ("AddIndex", "CONCURRENTLY"): "AddIndexConcurrently",
    ("RemoveIndex", "CONCURRENTLY"): "RemoveIndexConcurrently",
    ("AddConstraint", "NOT VALID"): "AddConstraintNotValid",
}
_MOVED: Final = frozenset({"AddIndex", "RemoveIndex"})
"""What is said in a migration that follows as it was said here, with its other name."""
_VALIDATE = lazily(r"ALTER TABLE (?P<table>\S+) VALIDATE CONSTRAINT (?P<name>\S+)")
_INDEXED = lazily(
    r"(?:CREATE|DROP) INDEX CONCURRENTLY (?:IF (?:NOT )?EXISTS )?(?P<name>\w+|\"[^\"]+\")", re.I
)
_STATELESS: Final = frozenset({"RunSQL", "RunPython"})
_TAB: Final = "    "
_AFTER = lazily(r"[ \t]*(?:,[ \t]*)?(?:#[^\r\n]*)?(?:\r?\n|\Z)")


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
        """Return the operation that only tells Django of the models, unless all of it moves."""
        if not isinstance(site.code, Call) or site.code.name in (*_STATELESS, *_MOVED):
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

    def without_transaction(self, way: Direction) -> str | None:
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

    def rests_on_names(self, sql: Sql) -> bool:
        """Say whether a statement is none that an operation on a model says."""
        return not sql.text.startswith("SET ") and self._on_model(sql) is None

    def _operations(self) -> Iterator[Call]:
        for made in self.program.classes():
            for one in made.body:
                if isinstance(one, Assign) and one.name == "operations" and isinstance(one.value, Items):
                    yield from (call for call in one.value.items if isinstance(call, Call))

    def _on_model(self, sql: Sql) -> tuple[str, list[str]] | None:
        """Return the operation of Django for PostgreSQL that sends a statement, and its lines."""
        validated, indexed = _VALIDATE.fullmatch(sql.text), _INDEXED.match(sql.text)
        if validated is not None:
            return self._validated(validated["table"].strip('"'), self._quoted(validated["name"]))
        return self._moved(indexed["name"].strip('"')) if indexed is not None else None

    def _validated(self, table: str, name: str) -> tuple[str, list[str]] | None:
        app = App(self.file, Script())
        for model in (call.at(0, "model_name") for call in self._operations()):
            named = app.table(model)
            if named is not None and plain(named) == table:
                said = [f"model_name={self._quoted(word(model))}", f"name={name}"]
                return "ValidateConstraint", self.called("ValidateConstraint", *([one] for one in said))
        return None

    def _moved(self, index: str) -> tuple[str, list[str]] | None:
        for call in self._operations():
            described = call.at(1, "index", "name")
            named = described.get("name") if isinstance(described, Call) else described
            if call.name in _MOVED and word(named) == index:
                name = f"{call.name}Concurrently"
                own = self.text[call.name_at.end : call.end].splitlines()
                return name, [name + own[0], *(one.removeprefix(_TAB * 2) for one in own[1:])]
        return None

    def _quoted(self, name: str) -> str:
        return f"{self.quote}{name.strip(chr(34))}{self.quote}"

    def _imports(self, items: list[str], names: list[str]) -> list[str] | None:
        """Return the imports of a migration whose operations are `items`; None where one cannot be told."""
        known = {"migrations": "django.db.migrations", **{name: f"{_POSTGRES}.{name}" for name in names}}
        known |= {name: whole for name, whole in self.program.imports.items() if name not in known}
        used = set(re.findall(r"(?<![.\w])([A-Za-z_]\w*)(?=[.(])", "\n".join(items))) | {"migrations"}
        found: dict[str, list[str]] = {}
        for name in sorted(used & known.keys()):
            module, _, last = known[name].rpartition(".")
            if last != name or not module:
                return None
            found.setdefault(module, []).append(name)
        return [f"from {module} import {', '.join(found[module])}" for module in sorted(found)]

    def following(self, wanted: Next) -> Written | None:
        """Return the migration that follows."""
        q = self.quote
        site = Site(self.program.body[0], None, 0, 0, _TAB * 2)
        told = self._on_model(wanted.up[-1])
        rest = wanted.up[:-1] if told is not None else wanted.up
        items: list[str] = []
        if rest:
            items = self.statements(rest, () if told is not None else wanted.down, site)
            items[-1] += ","
        if told is not None:
            items += [*self.remarks(wanted.up[-1]), *told[1]]
            items[-1] += ","
        imports = self._imports(items, [told[0]] if told is not None else [])
        if imports is None:
            return None
        app = App(self.file, Script()).label
        lines = [
            *imports,
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
