"""Workflows and actions of GitHub: jobs, steps, inputs, outputs, matrices, variables, and what calls what."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow.references import action_ref, root_of
from rollsafe.artefacts.recognition import joined
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar, walk
from rollsafe.text import Span
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.symbols.github_expressions import names_in
from rollsafe.workspace.symbols.model import (
    FILE,
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

INPUT, OUTPUT, SECRET = "input", "output", "secret"
JOB, STEP, JOB_OUTPUT, STEP_OUTPUT = "job", "step", "output of a job", "output of a step"
MATRIX, VARIABLE, WORKFLOW = "matrix", "variable", "workflow"

_ACTION: Final = ("action.yml", "action.yaml")
_SET = lazily(r"""(?:::set-output\s+name=|(?<![\w$.-]))([A-Za-z_][\w-]*)(?:=|<<|::)""")
"""Where a script gives an output its name."""


class _Place(NamedTuple):
    """Where in a file an expression stands: its job and its step, `""` and -1 for none."""

    job: str = ""
    step: int = -1


class _Step(NamedTuple):
    """A step that has an id: who it is and the home of the local action it uses, else `""`."""

    job: str
    id: str
    action: str


class _Reading:
    """One file while its names are gathered."""

    def __init__(self, file: SourceFile, root: Mapping) -> None:
        self.into = Mentions(file, home_of(file.path))
        self.root = root
        self.top = root_of(file.path)
        self.calls: dict[str, str] = {}
        """The homes of the local workflows that jobs call, by job."""
        self.steps: dict[tuple[str, str], _Step] = {}
        self.variables: set[str] = set()

    def called(self, uses: Node | None) -> str:
        """Return the home of the local workflow or action that a `uses` names; `""` for any other."""
        found = scalar(uses)
        ref = action_ref(found) if found is not None and "${{" not in found.text else None
        path = joined(self.top, ref.local_path) if ref is not None and ref.is_local else None
        return "" if path is None else path or "."


def home_of(path: str) -> str:
    """Return what `uses` calls a file by: a workflow by its path, an action by its directory."""
    directory, _, name = path.rpartition("/")
    is_action = name in _ACTION and not directory.endswith(".github/workflows")
    return (directory or ".") if is_action else path


def paths_at(home: str) -> tuple[str, ...]:
    """Return the paths that may have a home."""
    return home, *(name if home == "." else f"{home}/{name}" for name in _ACTION)


def mentions(file: SourceFile) -> tuple[Mention, ...]:
    """Return the names of a workflow or an action."""
    found = roots(file)
    if not found:
        return ()
    reading = _Reading(file, found[0])
    is_action = home_of(file.path) != file.path
    jobs = {"": inner(found[0], "runs")} if is_action else _jobs(found[0])
    for job, node in jobs.items():
        _learn(reading, job, node)
    if is_action:
        _interface(reading, found[0])
    else:
        _workflow(reading, found[0])
    for job, node in jobs.items():
        _job(reading, job, node)
    _expressions(reading, found[0], _Place(), {"jobs"} if not is_action else {"runs"})
    return tuple(reading.into.found)


def _jobs(root: Mapping) -> dict[str, Node | None]:
    return {one.name.lower(): one.value for one in entries(value(root, "jobs"))}


def _learn(reading: _Reading, job: str, node: Node | None) -> None:
    """Note what expressions need to know beforehand: ids of steps, what is called, names of variables."""
    called = reading.called(value(node, "uses"))
    if called:
        reading.calls[job] = called
    for index, step in enumerate(items(value(node, "steps"))):
        id_ = scalar(value(step, "id"))
        if id_ is not None:
            name = id_.text.lower()
            reading.steps[job, name] = _Step(job, name, reading.called(value(step, "uses")))
        _variables(reading, step, f"{job}/{index}/")
    if job:
        _variables(reading, node, f"{job}/")


def _variables(reading: _Reading, node: Node | None, scope: str) -> None:
    for entry in entries(value(node, "env")):
        name = scope + entry.name.lower()
        reading.variables.add(name)
        reading.into.define(entry.key, VARIABLE, name)


# What a file says of itself


def _workflow(reading: _Reading, root: Mapping) -> None:
    into = reading.into
    name = scalar(value(root, "name"))
    if name is not None:
        into.define_as(name, Symbol(f"@{name.text}", WORKFLOW))
    _variables(reading, root, "")
    triggers = value(root, "on")
    for event in ("workflow_call", "workflow_dispatch"):
        _interface(reading, value(triggers, event))
    for one in texts(inner(triggers, "workflow_run", "workflows")):
        into.refer(one, Symbol(f"@{one.text}", WORKFLOW))
    for entry in entries(value(root, "jobs")):
        into.define(entry.key, JOB, entry.name.lower())


def _interface(reading: _Reading, node: Node | None) -> None:
    for key, kind in (("inputs", INPUT), ("outputs", OUTPUT), ("secrets", SECRET)):
        for entry in entries(value(node, key)):
            reading.into.define(entry.key, kind, entry.name.lower())


def _job(reading: _Reading, job: str, node: Node | None) -> None:
    into = reading.into
    for need in texts(value(node, "needs")):
        into.refer(need, into.own(JOB, need.text.lower()))
    if job:
        for entry in entries(value(node, "outputs")):
            into.define(entry.key, JOB_OUTPUT, f"{job}/{entry.name.lower()}")
    matrix = inner(node, "strategy", "matrix")
    if job:
        strategy = value(node, "strategy")
        key = strategy.key_at("matrix") if strategy is not None else None
        into.define(key, MATRIX, job)
    rows = [one for one in entries(matrix) if one.name not in ("include", "exclude")]
    for entry in [*rows, *(one for row in items(value(matrix, "include")) for one in entries(row))]:
        into.define(entry.key, MATRIX, f"{job}/{entry.name.lower()}")
    _call(reading, node)
    _expressions(reading, node, _Place(job), {"steps"})
    for index, step in enumerate(items(value(node, "steps"))):
        if isinstance(step, Mapping):
            _step(reading, _Place(job, index), step)


def _call(reading: _Reading, node: Node | None) -> None:
    """Note what is called and what it is given."""
    home = reading.called(value(node, "uses"))
    if not home:
        return
    reading.into.refer(value(node, "uses"), Symbol(home, FILE))
    for key, kind in (("with", INPUT), ("secrets", SECRET)):
        for entry in entries(value(node, key)):
            reading.into.refer(entry.key, Symbol(home, kind, entry.name.lower()))


def _step(reading: _Reading, at: _Place, step: Mapping) -> None:
    into = reading.into
    id_ = scalar(value(step, "id"))
    if id_ is not None:
        name = f"{at.job}/{id_.text.lower()}"
        into.define(id_, STEP, name)
        for place, output in _outputs_set(into.file, value(step, "run")):
            symbol = into.own(STEP_OUTPUT, f"{name}/{output.lower()}")
            into.found.append(Mention(place.start, place.end, (symbol,), defines=True))
    _call(reading, step)
    _expressions(reading, step, at, set())


def _outputs_set(file: SourceFile, run: Node | None) -> Iterator[tuple[Span, str]]:
    """Yield where a script sets outputs, as far as they are written one by one."""
    text = file.slice(run) if isinstance(run, Scalar) else ""
    if run is None or ("GITHUB_OUTPUT" not in text and "::set-output" not in text):
        return
    at = run.start
    for line in text.splitlines(keepends=True):
        if "GITHUB_OUTPUT" in line or "::set-output" in line:
            found = _SET.search(line)
            if found is not None:
                yield Span(at + found.start(1), at + found.end(1)), found[1]
        at += len(line)


# What expressions name


def _expressions(reading: _Reading, node: Node | None, at: _Place, without: set[str]) -> None:
    """Note what the expressions below a mapping name, some of its keys left out."""
    for entry in entries(node):
        if entry.name in without:
            continue
        if entry.name == "if" and isinstance(entry.value, Scalar):
            _names(reading, entry.value, at, is_condition=True)
            continue
        for one in walk(entry.value):
            if isinstance(one, Scalar) and "${{" in one.text:
                _names(reading, one, at, is_condition=False)


def _names(reading: _Reading, node: Scalar, at: _Place, *, is_condition: bool) -> None:
    for path, places in names_in(reading.into.file, node, is_condition=is_condition):
        for index, symbols in _meant(reading, path, at):
            # What a computed index leads to is not known.
            if index < len(places) and path[index] != "*":
                reading.into.refer_at(places[index], *symbols)


def _meant(reading: _Reading, path: tuple[str, ...], at: _Place) -> Iterator[tuple[int, tuple[Symbol, ...]]]:
    """Yield which part of a path names what."""
    own, of = reading.into.own, path[0]
    if len(path) < 2:
        return
    if of in ("needs", "jobs"):
        yield 1, (own(JOB, path[1]),)
        if path[2:3] == ("outputs",) and len(path) > 3:
            called = reading.calls.get(path[1])
            output = Symbol(called, OUTPUT, path[3]) if called else own(JOB_OUTPUT, f"{path[1]}/{path[3]}")
            yield 3, (output, own(JOB, path[1]))
    elif of == "steps":
        step = own(STEP, f"{at.job}/{path[1]}")
        yield 1, (step,)
        if path[2:3] == ("outputs",) and len(path) > 3:
            known = reading.steps.get((at.job, path[1]))
            name = f"{at.job}/{path[1]}/{path[3]}"
            is_action = known is not None and known.action
            output = Symbol(known.action, OUTPUT, path[3]) if is_action and known else own(STEP_OUTPUT, name)
            yield 3, (output, step)
    elif of == "github" and path[1:3] == ("event", "inputs") and len(path) > 3:
        yield 3, (own(INPUT, path[3]),)
    elif of in ("inputs", "secrets"):
        yield 1, (own(INPUT if of == "inputs" else SECRET, path[1]),)
    elif of == "matrix":
        # A matrix may be made when the workflow runs.
        yield 1, (own(MATRIX, f"{at.job}/{path[1]}"), own(MATRIX, at.job))
    elif of == "env":
        yield from _variable(reading, path[1], at)


def _variable(reading: _Reading, name: str, at: _Place) -> Iterator[tuple[int, tuple[Symbol, ...]]]:
    scopes = (f"{at.job}/{at.step}/{name}", f"{at.job}/{name}", name)
    found = next((one for one in scopes if one in reading.variables), None)
    if found is not None:
        yield 1, (reading.into.own(VARIABLE, found),)
