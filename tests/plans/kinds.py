"""Every kind of plan, asked for as a user asks for it."""

import io
from collections.abc import Callable, Mapping
from contextlib import chdir, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from rollsafe.cli import main
from rollsafe.engine.planning import kind_named, plan_kinds
from rollsafe.plans.kind import PlanKind
from rollsafe.text.cached import cached_property
from tests.plans.repositories import Change
from tests.plans.walking import Json, read

KINDS = tuple(kind.name for kind in plan_kinds())

SUBJECTS: Mapping[str, Callable[[frozenset[str]], str | None]] = {
    "workflow": lambda paths: next((p for p in sorted(paths) if p.startswith(".github/workflows/")), None),
    "implement": lambda paths: "Customers can cancel an order",
}
"""What a plan of a kind that needs a subject is about, given the paths there are; None where nothing fits."""


def subject_of(kind: PlanKind, change: Change) -> str | None:
    """Return what to ask for: empty for the whole project, None where the repository has nothing that fits."""
    if not kind.needs_subject:
        return ""
    paths = {**change.base, **change.after}
    return SUBJECTS[kind.name](frozenset(path for path, text in paths.items() if text is not None))


def asked(root: Path, kind: str, *words: str) -> str:
    """Return what `rollsafe plan` writes when it is called in a repository."""
    with chdir(root), io.TextIOWrapper(io.BytesIO(), "utf-8") as stream:
        with redirect_stdout(stream):
            assert main(["plan", kind, *words]) == 0
        stream.seek(0)
        return stream.read()


def found(root: Path, kind: str, *words: str) -> Json:
    """Return a plan as its JSON form has it."""
    return read(asked(root, kind, *words, "--format", "json"))


@dataclass(frozen=True)
class Made:
    """The plan of a kind for a repository, and how to make it again somewhere else."""

    root: Path
    kind: PlanKind
    subject: str

    def again(self, form: str, root: Path | None = None) -> str:
        """Return what the command writes."""
        subject = (self.subject,) if self.subject else ()
        return asked(root or self.root, self.kind.name, *subject, "--format", form)

    @cached_property
    def text(self) -> str:
        return self.again("markdown")

    @cached_property
    def json(self) -> str:
        return self.again("json")

    @cached_property
    def found(self) -> Json:
        return read(self.json)

    @property
    def forms(self) -> tuple[str, ...]:
        return ("markdown", "json", *self.kind.forms)


def made(root: Path, name: str, change: Change) -> Made | None:
    """Return the plan of that kind; None where the repository has nothing such a plan is about."""
    kind = kind_named(name)
    subject = subject_of(kind, change)
    return Made(root, kind, subject) if subject is not None else None
