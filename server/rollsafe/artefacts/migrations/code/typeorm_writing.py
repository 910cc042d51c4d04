"""Writing TypeORM's migrations: classes with a method for each way."""

import re
from collections.abc import Sequence

from rollsafe.artefacts.migrations.code.javascript import classes, members
from rollsafe.artefacts.migrations.code.javascript_writing import JavascriptWriter
from rollsafe.artefacts.migrations.code.writing import Next, Sql, Written, camel
from rollsafe.artefacts.migrations.conventions import Direction
from rollsafe.formats.code import Class, Function
from rollsafe.text import Edit, Span, apply_edits
from rollsafe.text.cached import cached_property


class TypeormWriter(JavascriptWriter):
    """Writes a migration of TypeORM again."""

    @cached_property
    def _class(self) -> Class | None:
        found = (one for one in classes(self.program) if "up" in members(one))
        return next(found, None)

    def function(self, way: Direction) -> Function | None:
        """Return the method of a way."""
        return members(self._class).get(str(way)) if self._class is not None else None

    def sent(self, sql: str, runner: str) -> list[str]:
        """Return the lines of `queryRunner.query(…)`."""
        return self.template(sql, f"await {runner}.query(", f"){self.semicolon}")

    def without_transaction(self, way: Direction) -> str | None:
        """Return the program with `transaction = false`."""
        made = self._class
        if (
            made is None
            or not made.body
            or any(getattr(one, "name", "") == "transaction" for one in made.body)
        ):
            return None
        first = made.body[0]
        start = self.text.rfind("\n", 0, first.start) + 1
        indent = self.text[start : first.start]
        indent = indent if not indent.strip() else self.tab
        is_field = not isinstance(first, Function)
        end = self.text.find("\n", first.end) + 1 if is_field else start
        line = f"{indent}transaction = false{self.semicolon}{self.eol}{'' if is_field else self.eol}"
        return apply_edits(self.text, [Edit(Span.at(end), line)])

    def way_back(self, statements: Sequence[Sql]) -> tuple[Edit, ...] | None:
        """Return how `down` gets statements, which TypeORM runs in a transaction whatever it is told."""
        return super().way_back([_blocking(one) for one in statements])

    def following(self, wanted: Next) -> Written | None:
        """Return the migration that follows."""
        runner = "queryRunner"
        named = f"{camel(wanted.label)}{wanted.version}"
        typed = self.file.path.endswith("ts")
        q = "'" if self.text.count("'") > self.text.count('"') else '"'
        given = f"{runner}: QueryRunner): Promise<void>" if typed else f"{runner})"
        fields = (
            [f"name = {q}{named}{q}{self.semicolon}"] if re.search(r"^\s+name\s*=", self.text, re.M) else []
        )
        fields += [f"transaction = false{self.semicolon}"] if wanted.apart else []
        body: list[str] = [*fields, *([""] if fields else [])]
        # TypeORM goes back in a transaction whatever the migration says.
        back = [_blocking(one) for one in wanted.down]
        for name, statements in (("up", wanted.up), ("down", back)):
            lines = self.all_sent(statements, runner) or []
            public = "public " if typed and "public async" in self.text else ""
            body += [f"{public}async {name}({given} {{", *(self.tab + one for one in lines), "}", ""]
        head, foot = self._frame(named, typed=typed, quote=q)
        text = self.block([*head, *(self.tab + one if one else one for one in body[:-1]), *foot], "")
        extension = self.file.name.rpartition(".")[2]
        return Written(self.renamed(f"{wanted.version}-{camel(wanted.label)}.{extension}"), text)

    def _frame(self, named: str, *, typed: bool, quote: str) -> tuple[list[str], list[str]]:
        if typed or re.search(r"^import\b", self.text, re.M):
            kinds = "import { MigrationInterface, QueryRunner } from"
            head = [f"{kinds} {quote}typeorm{quote}{self.semicolon}", ""] if typed else []
            implements = " implements MigrationInterface" if typed else ""
            return [*head, f"export class {named}{implements} {{"], ["}"]
        said = f"/** @implements {{import({quote}typeorm{quote}).MigrationInterface}} */"
        return [said, f"module.exports = class {named} {{"], [f"}}{self.semicolon}"]


def _blocking(sql: Sql) -> Sql:
    return sql._replace(text=sql.text.replace(" CONCURRENTLY ", " "))
