"""Kinds of plans. One is a module of an agent's `plans/` that holds a `PLAN`; nothing else has to be told.

The module's name is the kind's name on the command line, underscores as dashes.
"""

from collections.abc import Callable, Mapping

from rollsafe.plans.contribution import PlanContext
from rollsafe.plans.model import PlanDocument
from rollsafe.text.records import field, open_record


class PlanRequestError(Exception):
    """Why a plan cannot be made as it was asked for; one line that names what would do."""


@open_record
class PlanRequest:
    """What was asked for beside the project.

    `subject` is what the plan is about, in the words of the user: a file, a name, a goal; empty for the
    whole project. `options` holds what was given for each option of the kind, by its name with dashes.
    `documents` holds the texts of the files that options name, by the same names.
    """

    subject: str = ""
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    documents: Mapping[str, str] = field(default_factory=dict[str, str])

    def one(self, name: str) -> str | None:
        """Return the value of an option, the last one where it was given several times."""
        given = self.options.get(name)
        return given[-1] if given else None

    def flag(self, name: str) -> bool:
        """Say whether an option without a value was given."""
        return name in self.options


@open_record
class PlanOption:
    """An option of one kind of plan, such as `--answer`; without a `metavar` it is a flag.

    With `is_file` its value names a file, whose text the request has among its documents.
    """

    name: str
    help: str
    metavar: str = ""
    is_file: bool = False


@open_record
class Slot:
    """A part of a plan that needs words nobody can derive; `question` is what they answer."""

    name: str
    title: str
    question: str


Make = Callable[[PlanContext, PlanRequest], PlanDocument]


@open_record
class PlanKind:
    """One kind of plan: what it is called, what it answers, and how it is made.

    `make` raises `PlanRequestError` for a request that cannot be met, else it returns a `model`. `subject`
    says what a request may be about, such as `FILE`; empty where it is always the whole project. `instead`
    names the option that may be given in its place, `forms` the forms beside Markdown and JSON it can be
    written in. With `since_fork` it is about what a branch brings, whatever came to its base meanwhile.
    `slots` are what a model may write words for, beside the plan, where the user asks for it.
    """

    title: str
    summary: str
    model: type[PlanDocument]
    make: Make
    subject: str = ""
    needs_subject: bool = False
    instead: str = ""
    options: tuple[PlanOption, ...] = ()
    forms: tuple[str, ...] = ()
    since_fork: bool = False
    slots: tuple[Slot, ...] = ()
    name: str = ""
    agent: str = ""

    @property
    def schema(self) -> str:
        """The name and version of the JSON form, such as `rollsafe/deployment-plan/1`."""
        return str(self.model.model_fields["schema_"].default)

    @property
    def schema_file(self) -> str:
        """The name of the file that describes the JSON form, such as `deployment-plan.schema.json`."""
        return f"{self.schema.split('/')[1]}.schema.json"
