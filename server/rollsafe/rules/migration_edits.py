"""Edits that turn a hazardous migration into one that does not make anybody wait.

What has to run later goes into migrations that follow; what has to run outside of a transaction gets its
runner's own switch, or a file of its own.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from rollsafe.artefacts.migrations import Convention, Migration, Statement
from rollsafe.artefacts.migrations.conventions import Direction, Transactions
from rollsafe.artefacts.migrations.extract import operations_of
from rollsafe.artefacts.migrations.names import quoted
from rollsafe.artefacts.migrations.operations import (
    DropColumn,
    DropConstraint,
    DropIndex,
    DropNotNull,
    DropTable,
    Operation,
    RenameTable,
    SetNotNull,
)
from rollsafe.artefacts.migrations.pieces import Constraint, ConstraintKind
from rollsafe.artefacts.migrations.reverse import reverse_of
from rollsafe.artefacts.source import SourceFile
from rollsafe.artefacts.translated import APART
from rollsafe.formats.yaml_edit import eol_of, line_end, line_start
from rollsafe.rules.api import FileEdit, Fix, NewFile, Purpose, Safety
from rollsafe.rules.foreign_ignores import read_foreign_ignores
from rollsafe.rules.ignores import read_ignores
from rollsafe.rules.migration_files import can_run_apart, following, without_transaction
from rollsafe.rules.migration_order import can_follow
from rollsafe.rules.migration_steps import Step
from rollsafe.text import Edit, Span, apply_edits, overlap
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.migrations import is_wrapped, later_statements, undone_in
from rollsafe.workspace.settings import Settings

_LONGEST_NAME: Final = 63
_OF_THE_FILE = lazily(
    r"--!?[ \t]*(?:\+|>|migrate:|changeset|liquibase|preconditions|rollback|(?:up|down) migration|deploy |"
    r"revert |verify |no-transaction|disable-transaction|postgres-migrations|transactional|atlas:txmode|"
    r".{0,40}(?:executeInTransaction|ignore-file|ignore-all|suppress-file|disable-file))",
    re.I,
)
"""Comments that tell a tool about the file or a section, wherever statements go."""
_LINE_COMMENT = lazily(r"[ \t]*--[^\r\n]*")


class Change(NamedTuple):
    """What a fix is made of."""

    edits: tuple[Edit, ...]
    elsewhere: tuple[FileEdit, ...] = ()
    creates: tuple[NewFile, ...] = ()

    def fix(self, title: str, safety: Safety = Safety.UNSAFE, purpose: Purpose | None = None) -> Fix:
        """Return the change under a title."""
        return Fix(title, safety, self.edits, self.elsewhere, self.creates, purpose)

    def with_edits_of(self, statement: Statement, more: Iterable[FileEdit]) -> "Change":
        """Return the change with `more` edits, of `statement`'s file or of others."""
        found = tuple(more)
        mine = tuple(one.edit for one in found if one.path == statement.file.path)
        others = tuple(one for one in found if one.path != statement.file.path)
        return self._replace(edits=(*self.edits, *mine), elsewhere=(*self.elsewhere, *others))


def is_editable(statement: Statement, operation: Operation) -> bool:
    """Say whether an operation stands in the file as SQL of its own, not inside of a program."""
    return operation in statement.operations


def then_later(
    statement: Statement,
    edits: Iterable[Edit],
    steps: tuple[Step, ...],
    graph: Graph,
    settings: Settings,
    now: tuple[str, ...] = (),
) -> Change | None:
    """Return `edits` of a statement, statements to run right after it, and `steps` in later transactions.

    Where each statement has its own transaction the steps come right after it, else in migrations that
    follow; None where those cannot be written.
    """
    if runs_one_by_one(statement, settings, graph):
        later = [one for step in steps for one in step.sql]
        return Change((*edits, after(statement, *now, *later)))
    created = following(statement.migration, graph, steps)
    if created is None:
        return None
    return Change((*edits, after(statement, *now)) if now else tuple(edits), creates=created)


def moved_out(statement: Statement, steps: tuple[Step, ...], graph: Graph) -> Change | None:
    """Return the change that takes a statement out of its file and runs `steps` in migrations that follow.

    Its comments go with it, and what undoes it leaves the way back as well. None where it cannot be taken
    out alone, or what comes after it may need it where it is.
    """
    if not can_follow(statement.sql.text, later_statements(statement)):
        return None
    first, comments = steps[0], _comments_of(statement)
    if comments:
        first = first._replace(sql=(comments + first.sql[0], *first.sql[1:]))
    return _moved((statement,), (first, *steps[1:]), graph)


def moved_with_rest(groups: Sequence[Sequence[Statement]], label: str, graph: Graph) -> Change | None:
    """Return the change that moves the last statements of a section to migrations that follow, one a group.

    None where they cannot be taken out.
    """
    texts = [tuple(_comments_of(one) + one.sql.text for one in group) for group in groups]
    labels = (label, *(f"{label} {count}" for count in range(2, len(groups) + 1)))
    steps = tuple(Step(name, sql) for name, sql in zip(labels, texts, strict=True))
    return _moved([one for group in groups for one in group], steps, graph)


def left_out(statement: Statement, graph: Graph) -> Change | None:
    """Return the change that takes a statement, and what undoes it, out of both ways, if that can be."""
    removed, undone = without(statement), _without_undo(statement, graph)
    if removed is None or undone is None:
        return None
    return Change((removed,)).with_edits_of(statement, undone)


def _moved(statements: Sequence[Statement], steps: tuple[Step, ...], graph: Graph) -> Change | None:
    if _is_ignored_as_a_whole(statements[0].file):
        return None
    removed = without(statements[0], statements[-1])
    created = following(statements[0].migration, graph, steps) if removed is not None else None
    if removed is None or created is None:
        return None
    undone = [_without_undo(one, graph) for one in statements]
    if None in undone:
        return None
    edits = list(dict.fromkeys(edit for found in undone for edit in found or ()))
    if overlap([one.edit for one in edits]):
        return None
    return Change((removed,), creates=created).with_edits_of(statements[0], edits)


def _is_ignored_as_a_whole(file: SourceFile) -> bool:
    """Say whether a comment silences something in the whole file, and would not in another."""
    own = any(one.line is None for one in read_ignores(file))
    return own or any(one.line is None for one in read_foreign_ignores(file))


def run_apart(statement: Statement, edits: Iterable[Edit], graph: Graph, settings: Settings) -> Change | None:
    """Return `edits` with what makes the statement's file run outside of a transaction.

    None where the runner has no switch for it, or other statements of the file need the transaction.
    """
    if not is_wrapped(statement, settings, graph, unknown=False):
        return Change(tuple(edits))
    section = statement.migration.section(statement.section)
    if not can_run_apart(statement.migration, len(section)):
        return None
    switch = _SWITCHES.get(statement.migration.convention.name)
    found = switch(statement.migration) if switch is not None else _program_switch(statement)
    if found is None:
        return None
    return Change((*found, *edits), creates=without_transaction(statement.migration, section))


def runs_one_by_one(statement: Statement, settings: Settings, graph: Graph) -> bool:
    """Say whether each statement of the file is certain to have its own transaction."""
    wrapped = is_wrapped(statement, settings, graph, unknown=True)
    return not wrapped and statement.migration.convention.transactions is Transactions.SEPARATE


def after(statement: Statement, *sql: str) -> Edit:
    """Return the edit that adds statements right after one and its comment, as far indented as it."""
    text, end = statement.file.text, statement.sql.full_end
    indent = text[line_start(text, statement.start) : statement.start]
    indent = indent if not indent.strip() else ""
    eol = eol_of(text)
    lines = "".join(f"{eol}{indent}{one};" for one in sql)
    stop = _comment_end(text, end)
    semicolon = "" if statement.sql.semicolon is not None else ";"
    if stop == end or not semicolon:
        return Edit(Span.at(stop), semicolon + lines)
    return Edit(Span(end, stop), semicolon + text[end:stop] + lines)


def without(first: Statement, last: Statement | None = None) -> Edit | None:
    """Return the edit that removes a statement, or all up to `last`, with the comments that belong to them.

    None where something else stands on its lines, or nothing would be left of its section.
    """
    text, last = first.file.text, last or first
    section = first.migration.section(first.section)
    if len(section) <= last.index - first.index + 1:
        return None
    start, end = line_start(text, first.start), _comment_end(text, last.sql.full_end)
    start += text.startswith("\ufeff", start)
    shared = text[start : first.start].strip() or text[end : line_end(text, end)].strip()
    if shared or _is_framed(first, start):
        return None
    start, end = _comments_start(first, start), line_end(text, end)
    if not text[end:].strip():
        return Edit(Span(len(text[:start].rstrip()), end), "")
    end = _next_line(text, end)
    # One of the two blank lines that would meet goes as well.
    blank = line_end(text, end)
    before = text[:start].rstrip(" \t")
    if not text[end:blank].strip() and (not before or before.endswith(("\n\n", "\r\n\r\n"))):
        end = _next_line(text, blank)
    return Edit(Span(start, end), "")


def _comment_end(text: str, end: int) -> int:
    """Return where the comment on the rest of a statement's line ends; `end` where there is none."""
    found = _LINE_COMMENT.match(text, end)
    return found.end() if found is not None else end


def _is_framed(statement: Statement, start: int) -> bool:
    """Say whether the line above belongs to a pair of annotations around the statement."""
    text = statement.file.text
    above = text[:start].rstrip()
    return "StatementBegin" in above[line_start(text, len(above)) :]


def _comments_of(statement: Statement) -> str:
    """Return the comments that belong to a statement, each on lines of its own, with a last line break."""
    text = statement.file.text
    start = line_start(text, statement.start)
    lines = text[_comments_start(statement, start) : start].splitlines()
    lines.append(text[statement.sql.full_end : _comment_end(text, statement.sql.full_end)])
    said = [f"-- {one}" for one in statement.file.remarks_above(statement)]
    return "".join(f"{line.strip()}\n" for line in (*said, *lines) if line.strip())


def before(statement: Statement, line: str) -> Edit:
    """Return the edit that adds a line before a statement and the comments right above it."""
    text, eol = statement.file.text, eol_of(statement.file.text)
    start = line_start(text, statement.start)
    indent = text[start : statement.start]
    if indent.strip() or _is_framed(statement, start):
        return Edit(Span.at(statement.start), f"{line}{eol}")
    return Edit(Span.at(_comments_start(statement, start)), f"{indent}{line}{eol}")


def _comments_start(statement: Statement, start: int) -> int:
    """Return where the run of comment lines above the line at `start` begins; what is of the file stays."""
    marks = {comment.start for comment, _ in statement.migration.section_marks}
    text = statement.file.text
    for comment in reversed(statement.migration.comments):
        if comment.end > start:
            continue
        first = line_start(text, comment.start)
        alone = (
            not text[first : comment.start].strip() and _next_line(text, line_end(text, comment.end)) == start
        )
        if not alone or comment.start in marks or _OF_THE_FILE.match(comment.text):
            break
        start = first
    return start


def _next_line(text: str, end: int) -> int:
    """Return where the line after the one that ends at `end` begins."""
    return end + (2 if text.startswith("\r\n", end) else 1 if end < len(text) else 0)


def _without_undo(statement: Statement, graph: Graph) -> tuple[FileEdit, ...] | None:
    """Return the edits that take the undoing of a statement out of the way back; None if one cannot."""
    backs = undone_in(statement.migration, graph)
    if not backs:
        return ()
    undoing = {_target(one) for operation in statement.operations for one in _reverses(operation)}
    found: list[FileEdit] = []
    for back in backs:
        if not any(_target(one) in undoing for one in back.operations):
            continue
        removed = (without(back) or _left_to_another(back)) if len(back.operations) == 1 else None
        if removed is None:
            return None
        found.append(FileEdit(back.file.path, removed))
    return tuple(found)


def _left_to_another(back: Statement) -> Edit | None:
    """Return the edit that leaves a note where the only statement of a way back was."""
    if len(back.migration.section(back.section)) > 1:
        return None
    return Edit(Span(back.start, back.sql.full_end), "-- Undone by a migration that follows.")


def _reverses(operation: Operation) -> tuple[Operation, ...]:
    sql = reverse_of(operation)
    return operations_of(sql) if sql else ()


def _target(one: Operation) -> tuple[str, ...]:
    """Return what an operation does and to what, however it is written."""
    match one:
        case DropIndex():
            return ("drop index", one.index.key)
        case DropConstraint():
            return ("drop constraint", one.table.key, one.name)
        case DropColumn() | DropNotNull() | SetNotNull():
            return (type(one).__name__, one.table.key, one.column)
        case DropTable() | RenameTable():
            return (type(one).__name__, one.table.key)
        case _:
            return (type(one).__name__, str(one.start), str(one.end), "no target")


def _goose_switch(migration: Migration) -> tuple[Edit, ...] | None:
    marks = migration.section_marks
    if not marks:
        return None
    return (Edit(Span.at(marks[0][0].start), f"-- +goose NO TRANSACTION{eol_of(migration.file.text)}"),)


def _mark_switch(words: str) -> Callable[[Migration], tuple[Edit, ...] | None]:
    """Return the switch that is a word at the end of the mark of the way up."""

    def switch(migration: Migration) -> tuple[Edit, ...] | None:
        ups = [comment for comment, direction in migration.section_marks if direction is Direction.UP]
        return (Edit(Span.at(ups[0].end), words),) if ups else None

    return switch


def _program_switch(statement: Statement) -> tuple[Edit, ...] | None:
    """Return the switch of a migration that is a program, which its framework knows how to say."""
    file = statement.file
    start = file.text.find(f"-- {Direction.DOWN} migration") if statement.is_down else 0
    return (Edit(Span.at(start), APART),) if file.host is not file and start >= 0 else None


_SWITCHES: Final[dict[str, Callable[[Migration], tuple[Edit, ...] | None]]] = {
    "goose": _goose_switch,
    "dbmate": _mark_switch(" transaction:false"),
    "sql-migrate": _mark_switch(" notransaction"),
    "flyway": lambda migration: (),
}
"""How a file's runner is told to leave out the transaction; Flyway finds out by itself."""


def switch_title(convention: Convention, title: str) -> str:
    """Return the title of a fix with what it tells the runner."""
    if convention.name == "flyway":
        return title
    asks = ", which TypeORM only takes with `--transaction each`" if convention.name == "typeorm" else ""
    return f"{title} and run the file outside of a transaction{asks}"


def rewritten(statement: Statement, edits: Iterable[Edit]) -> str:
    """Return a statement's text with `edits` of its file applied."""
    moved = [Edit(Span(e.span.start - statement.start, e.span.end - statement.start), e.text) for e in edits]
    return apply_edits(statement.sql.text, moved)


def constraint_name(table: str, constraint: Constraint) -> str | None:
    """Return a constraint's name, or the one PostgreSQL gives it; None where that cannot be told."""
    if constraint.name is not None:
        return constraint.name
    suffix = _SUFFIXES.get(constraint.kind)
    columns = () if constraint.kind is ConstraintKind.PRIMARY else constraint.columns
    if suffix is None or (constraint.kind is ConstraintKind.CHECK and len(columns) != 1):
        return None
    return fitting("_".join((table, *columns, suffix)))


_SUFFIXES: Final = {
    ConstraintKind.FOREIGN: "fkey",
    ConstraintKind.UNIQUE: "key",
    ConstraintKind.PRIMARY: "pkey",
    ConstraintKind.CHECK: "check",
}


def fitting(name: str) -> str | None:
    """Return `name` if PostgreSQL takes it uncut, else None."""
    return name if len(name.encode("utf-8", "replace")) <= _LONGEST_NAME else None


def named(constraint: Constraint, name: str) -> str:
    """Return a constraint's text that begins with its name."""
    return constraint.text if constraint.name is not None else f"CONSTRAINT {quoted(name)} {constraint.text}"
