"""What jobs and steps have in common: a mapping whose keys tell most rules that they have nothing to say."""

from collections.abc import Iterator
from typing import ClassVar

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.github_workflow.grammar import NOTHING_READ, Reading
from rollsafe.artefacts.github_workflow.references import ActionRef, action_ref
from rollsafe.artefacts.github_workflow.values import Guard, fields_of, is_never, scalar_of, strings
from rollsafe.artefacts.github_workflow.written import Written
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.text.cached import cached_property


class Part(Element):
    """A job or a step."""

    family: ClassVar[str] = "workflows"
    known_keys: ClassVar[frozenset[str]] = frozenset()
    """The keys that may be asked for by `field`."""

    def __init__(self, file: SourceFile, start: int, node: Mapping) -> None:
        super().__init__(file, start, node.end)
        self.node = node

    @cached_property
    def fields(self) -> dict[str, Node]:
        """The values by key, aliases and merges followed."""
        return fields_of(self.node)

    @cached_property
    def keys(self) -> frozenset[str]:
        """Those of `known_keys` that it has."""
        return self.known_keys.intersection(self.fields)

    def field(self, key: str) -> Node | None:
        """Return the value of one of `known_keys`; None without one."""
        return self.fields.get(key) if key in self.keys else None

    def scalar(self, key: str) -> Scalar | None:
        """Return the scalar of one of `known_keys` that is not null, else None."""
        return scalar_of(self.fields, key) if key in self.keys else None

    @cached_property
    def uses(self) -> ActionRef | None:
        """The action of a step, the reusable workflow a job calls."""
        scalar = self.scalar("uses")
        return None if scalar is None else action_ref(scalar)

    @cached_property
    def if_(self) -> Guard | None:
        """The condition."""
        scalar = self.scalar("if")
        return None if scalar is None else Guard(self.file, scalar)

    @property
    def is_disabled(self) -> bool:
        """Whether it never runs: `if: false`."""
        scalar = self.scalar("if")
        return scalar is not None and is_never(scalar.text)

    @property
    def continue_on_error(self) -> Scalar | None:
        """The value of `continue-on-error`, a boolean or an expression."""
        return self.scalar("continue-on-error")

    @property
    def timeout(self) -> int | None:
        """The literal `timeout-minutes`."""
        return self.node.int_at("timeout-minutes") if "timeout-minutes" in self.keys else None

    @cached_property
    def env(self) -> dict[str, str]:
        """Its own environment variables."""
        return strings(self.field("env"))

    @cached_property
    def inputs(self) -> dict[str, str]:
        """The texts of `with:` by name."""
        return strings(self.field("with"))

    @cached_property
    def has_expressions(self) -> bool:
        """Whether its text holds something like `${{`."""
        return "${{" in self.file.slice(self)

    @property
    def own_expressions(self) -> Iterator[Written]:
        """Its expressions, in source order; those of a job's steps are the steps' own."""
        return iter(self._expressions) if self.has_expressions else iter(())

    @cached_property
    def _expressions(self) -> tuple[Written, ...]:
        return tuple(self._written())

    @cached_property
    def is_plain(self) -> bool:
        """Whether the grammar has nothing to say of it: it holds neither a fault nor an expression."""
        return self._read == NOTHING_READ

    @property
    def reading(self) -> Reading:
        """What it holds, held against the grammar; of a job, its steps left out."""
        return NOTHING_READ if self.is_plain else self._read

    @cached_property
    def _read(self) -> Reading:
        raise NotImplementedError

    def _written(self) -> Iterator[Written]:
        raise NotImplementedError
