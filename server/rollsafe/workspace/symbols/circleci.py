"""Configurations of CircleCI: jobs, commands, executors, orbs and parameters."""

from typing import Final

from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar, walk
from rollsafe.formats.scalar_text import script_offsets
from rollsafe.text import Span
from rollsafe.text.patterns import lazily
from rollsafe.workspace.symbols.model import (
    Mention,
    Mentions,
    Symbol,
    entries,
    inner,
    items,
    roots,
    scalar,
    texts,
    value,
)

_SECTIONS: Final = ("jobs", "commands", "executors")
_ORB, _PARAMETER, _RUN = "orbs", "parameter", "job of a workflow"
_USED = lazily(r"<<\s*(pipeline\.)?parameters\.([\w-]+)")


def mentions(file: SourceFile) -> tuple[Mention, ...]:
    """Return the names of a configuration."""
    found = roots(file)
    if not found:
        return ()
    into, root = Mentions(file), found[0]
    for section in (*_SECTIONS, _ORB):
        for entry in entries(value(root, section)):
            into.define(entry.key, section, entry.name)
    _declared(into, root, "")
    for section in _SECTIONS:
        for entry in entries(value(root, section)):
            scope = f"{section}/{entry.name}"
            _declared(into, entry.value, scope)
            _body(into, entry.value)
            _parameters(into, entry.value, scope)
    for entry in entries(value(root, "workflows")):
        _workflow(into, entry.name, entry.value)
        _parameters(into, entry.value, "")
    return tuple(into.found)


def _declared(into: Mentions, node: Node, scope: str) -> None:
    for entry in entries(value(node, "parameters")):
        into.define(entry.key, _PARAMETER, f"{scope}/{entry.name}")


def _body(into: Mentions, node: Node) -> None:
    """Note the executor and the commands of a job, of a command or of a job in a workflow."""
    executor = scalar(value(node, "executor")) or scalar(inner(node, "executor", "name"))
    if executor is not None:
        into.refer(executor, _named(into, "executors", executor.text))
    for key in ("steps", "pre-steps", "post-steps"):
        _steps(into, value(node, key))


def _steps(into: Mentions, node: Node | None) -> None:
    for step in items(node):
        named = scalar(step)
        if named is not None:
            into.refer(named, _named(into, "commands", named.text))
        for entry in entries(step):
            if entry.name in ("when", "unless"):
                _steps(into, value(entry.value, "steps"))
                continue
            into.refer(entry.key, _named(into, "commands", entry.name))
            _given(into, entry.value, f"commands/{entry.name}")


def _named(into: Mentions, section: str, name: str) -> Symbol:
    """Return what a name stands for: something of this file, or an orb by its part before the `/`."""
    orb, slash, _ = name.partition("/")
    return into.own(_ORB, orb) if slash else into.own(section, name)


def _given(into: Mentions, node: Node, scope: str) -> None:
    for entry in entries(node):
        into.refer(entry.key, into.own(_PARAMETER, f"{scope}/{entry.name}"))


def _workflow(into: Mentions, workflow: str, node: Node) -> None:
    for one in items(value(node, "jobs")):
        plain = scalar(one)
        if plain is not None:
            into.refer(plain, _named(into, "jobs", plain.text))
        for entry in entries(one):
            is_job = value(entry.value, "type") is None
            into.refer(entry.key, *((_named(into, "jobs", entry.name),) if is_job else ()))
            named = scalar(value(entry.value, "name"))
            if named is not None:
                into.define(named, _RUN, f"{workflow}/{named.text}")
            elif not is_job:
                into.define(entry.key, _RUN, f"{workflow}/{entry.name}")
            for waited in _required(value(entry.value, "requires")):
                run = into.own(_RUN, f"{workflow}/{waited.text}")
                into.refer(waited, run, _named(into, "jobs", waited.text))
            _body(into, entry.value)
            _given(into, entry.value, f"jobs/{entry.name}")


def _required(node: Node | None) -> list[Scalar]:
    """Return the jobs that are waited for; one may be written with the states that will do."""
    keys = (entry.key for one in items(node) for entry in entries(one))
    return [*texts(node), *(one for one in keys if isinstance(one, Scalar))]


def _parameters(into: Mentions, node: Node, scope: str) -> None:
    for one in walk(node) if isinstance(node, Mapping) else ():
        if isinstance(one, Scalar) and "<<" in one.text:
            at = script_offsets(into.file.text, one)
            for found in _USED.finditer(one.text):
                place = Span(at(found.start(2)), at(found.end(2)))
                into.refer_at(place, into.own(_PARAMETER, f"{'' if found[1] else scope}/{found[2]}"))
