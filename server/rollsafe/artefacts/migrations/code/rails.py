"""Rails migrations: which file is one, which statements run outside of a transaction, what undoes it."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from rollsafe.artefacts.migrations.code.migration import Translation
from rollsafe.artefacts.migrations.code.rails_inverse import inverse_of
from rollsafe.artefacts.migrations.code.rails_operations import write
from rollsafe.artefacts.migrations.code.rails_writer import Rails
from rollsafe.artefacts.migrations.code.script import Script
from rollsafe.artefacts.migrations.code.untaken import is_untaken
from rollsafe.artefacts.migrations.conventions import Convention, Direction, DownStyle, Transactions
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.code import Block, Call, Class, Code, Function, Program, walk
from rollsafe.formats.code.ruby import read_ruby
from rollsafe.text.tuples import NamedTuple

_BASE = re.compile(r"(?:::)?ActiveRecord::Migration(?:\[(?P<version>\d+\.\d+)\])?\Z")
_NAME = re.compile(r"(?P<version>\d+)_(?P<label>\w+)\.rb\Z")
_MAX_HOPS: Final = 3
_TRANSPARENT: Final = frozenset({"safety_assured", "say_with_time", "suppress_messages", "transaction"})
"""Calls whose block is carried out as it stands."""


def translate(file: SourceFile) -> Translation | None:
    """Return what `file` sends to the database if Rails would run it, else None."""
    named = _NAME.match(file.name)
    if named is None or "ActiveRecord::Migration" not in file.text:
        return None
    program = read_ruby(file.text)
    found = next(_migrations(program.body), None)
    if found is None:
        return None
    made, version = found
    script = Script()
    ways = _Ways(made, Rails(script, version))
    way_back = ways.write()
    refuses = ways.refuses or ways.explains(program, file.text)
    return Translation(_convention(file, named, made), script, way_back, refuses, program.problems)


def _migrations(body: Iterable[Code]) -> Iterator[tuple[Class, tuple[int, ...]]]:
    for one in body:
        if isinstance(one, Class):
            base = next((match for name in one.bases if (match := _BASE.match(name))), None)
            if base is not None:
                yield one, tuple(map(int, (base["version"] or "4.2").split(".")))
            else:
                yield from _migrations(one.body)


def _convention(file: SourceFile, named: re.Match[str], made: Class) -> Convention:
    calls = {one.name for one in made.body if isinstance(one, Call)}
    apart = "disable_ddl_transaction!" in calls
    return Convention(
        name="rails",
        version=named["version"],
        label=named["label"],
        direction=Direction.BOTH,
        home=file.directory,
        transactions=Transactions.SEPARATE if apart else Transactions.WRAPPED,
        reason="`disable_ddl_transaction!`" if apart else "Rails runs a migration in a transaction",
        down_path=file.path,
        down_style=DownStyle.SECTION,
    )


class _Act(NamedTuple):
    """A call that does something, and which ways it is carried out on as it stands.

    `hops` is how far calls of the program have led to it. `block` is where the `reversible` begins that it
    stands in, -1 for none.
    """

    call: Call
    ways: frozenset[Direction]
    hops: int = 0
    block: int = -1


_NEVER_UNDONE: Final = frozenset({"validate_check_constraint", "validate_constraint", "validate_foreign_key"})
"""Calls that Rails does not record to undo them: it carries them out as it stands at them, on both ways."""
_BOTH: Final = frozenset({Direction.UP, Direction.DOWN})
_UP: Final = frozenset({Direction.UP})
_DOWN: Final = frozenset({Direction.DOWN})


class _Ways:
    """Both ways of one migration."""

    def __init__(self, made: Class, rails: Rails) -> None:
        self._methods = {one.name: one for one in made.body if isinstance(one, Function)}
        self._rails = rails

    @property
    def refuses(self) -> bool:
        """Whether the way back raises an error, or a `change` does."""
        return any(_raises(one) for name, one in self._methods.items() if name in ("down", "change"))

    def explains(self, program: Program, text: str) -> bool:
        """Say whether the way back tells why it does nothing."""
        down = self._methods.get("down")
        return down is not None and is_untaken(down, program, text)

    def write(self) -> bool:
        """Write both ways; say whether Rails can go back."""
        change = self._methods.get("change")
        if change is not None:
            return self._both(list(self._acts(change.body, None, 0)))
        up, down = self._methods.get("up"), self._methods.get("down")
        for direction, function in ((Direction.UP, up), (Direction.DOWN, down)):
            self._rails.script.begin(direction)
            for act in self._acts(function.body, _BOTH, 0) if function is not None else ():
                if Direction.UP in act.ways:
                    self._write(act.call, act)
        return down is not None and not _raises(down) and any(isinstance(one, Call) for one in down.body)

    def _both(self, acts: list[_Act]) -> bool:
        """Write a `change`: forwards, then each step undone, the last one first."""
        self._rails.script.begin(Direction.UP)
        for act in acts:
            if Direction.UP in act.ways:
                self._write(act.call, act)
        self._rails.script.begin(Direction.DOWN)
        complete = True
        for act in acts:
            if act.ways == _BOTH and act.call.name in _NEVER_UNDONE:
                self._write(act.call, act)
        for act in _undoing(acts):
            if act.ways == _DOWN:
                self._write(act.call, act)
            elif act.ways == _BOTH:
                undone = inverse_of(act.call)
                complete = complete and undone is not None
                for call in undone or ():
                    self._write(call, act)
        return complete

    def _write(self, call: Call, act: _Act) -> None:
        with self._rails.script.unit(act.call if not act.hops else None):
            write(self._rails, call)

    def _acts(self, body: Iterable[Code], ways: frozenset[Direction] | None, hops: int) -> Iterator[_Act]:
        """Yield what statements do in order; `ways` is None where both follow from the call."""
        for one in body:
            if isinstance(one, Block):
                yield from self._acts(one.body, ways, hops)
            elif isinstance(one, Call):
                yield from self._act(one, ways, hops)

    def _act(self, call: Call, ways: frozenset[Direction] | None, hops: int) -> Iterator[_Act]:
        inner = call.block.body if call.block is not None else ()
        if call.name in _TRANSPARENT:
            yield from self._acts(inner, ways, hops)
        elif call.name == "reversible" and call.on is None:
            yield from (act._replace(block=call.start) for act in self._reversible(inner, hops))
        elif call.name == "up_only" and call.on is None:
            yield from self._acts(inner, _UP, hops)
        elif call.name == "revert" and call.on is None:
            yield from self._reverted(inner, hops)
        elif call.on is None and call.name in self._methods and hops < _MAX_HOPS:
            yield from self._acts(self._methods[call.name].body, ways, hops + 1)
        else:
            yield _Act(call, ways or _BOTH, hops)

    def _reverted(self, body: Iterable[Code], hops: int) -> Iterator[_Act]:
        for act in reversed(list(self._acts(body, None, hops))):
            for call in inverse_of(act.call) or ():
                yield _Act(call, _UP, hops)
            yield act._replace(ways=_DOWN)

    def _reversible(self, body: Iterable[Code], hops: int) -> Iterator[_Act]:
        for one in body:
            if isinstance(one, Call) and one.name in ("up", "down") and one.block is not None:
                yield from self._acts(one.block.body, _UP if one.name == "up" else _DOWN, hops)


def _undoing(acts: list[_Act]) -> list[_Act]:
    """Return acts in the order they are undone in: the last one first, those of one block as they stand."""
    found: list[_Act] = []
    for _, together in groupby(
        reversed(acts), key=lambda act: act.block if act.block >= 0 else act.call.start
    ):
        found += sorted(together, key=lambda act: act.call.start)
    return found


def _raises(function: Function) -> bool:
    return any(isinstance(one, Call) and one.name == "raise" for one in walk(function))
