"""What CircleCI and Azure refuse in a file: jobs, stages, executors and commands that are not there."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.other_pipelines.circles import first_of_circles
from rollsafe.artefacts.other_pipelines.faults import Fault, FaultKind
from rollsafe.artefacts.other_pipelines.reading import MOST_JOBS, names_in
from rollsafe.formats.nodes import Alias, Entry, Mapping, Node, Scalar, resolve, walk

_STEPS: Final = frozenset(
    {"checkout", "run", "save_cache", "restore_cache", "store_artifacts", "store_test_results", "when",
     "persist_to_workspace", "attach_workspace", "add_ssh_keys", "setup_remote_docker", "unless", "deploy",
     "steps"}
)  # fmt: skip
_PLACES: Final = ("docker", "machine", "macos", "executor", "type", "<<")
_STARTS: Final = ("trigger", "pr", "schedules", "resources", "pool", "name")
"""Keys that a pipeline of Azure has and a template has not."""
_DEEPEST: Final = 6


def circleci(root: Mapping) -> Iterator[Fault]:
    """Yield what is wrong in a configuration of CircleCI."""
    if root.at("workflows") is None and root.at("jobs") is None:
        return
    circle = _Circle(root)
    for name, job in circle.jobs.items():
        yield from circle.job(name, job)
    bodies = [resolve(entry.value) for entry in _entries(root.at("workflows"))]
    workflows = [body for body in bodies if isinstance(body, Mapping)]
    for entry in _entries(root.at("workflows")):
        body = resolve(entry.value)
        if isinstance(body, Mapping):
            yield from circle.workflow(entry.name, body)
    yield from circle.unused(workflows)


class _Circle:
    """The definitions of a configuration by name."""

    def __init__(self, root: Mapping) -> None:
        self.jobs = {entry.name: entry for entry in _entries(root.at("jobs"))}
        self._commands = {entry.name for entry in _entries(root.at("commands"))}
        self._executors = {entry.name for entry in _entries(root.at("executors"))}
        self._orbs = {entry.name for entry in _entries(root.at("orbs"))}
        self._root = root

    def job(self, name: str, entry: Entry) -> Iterator[Fault]:
        """Yield the faults of a job's definition."""
        body, owner = resolve(entry.value), f"job `{name}`"
        if not isinstance(body, Mapping) or not body.entries:
            return
        keys = {one.name for one in body.entries}
        if not keys & set(_PLACES):
            yield Fault(FaultKind.MISSING, entry.key, owner, "docker")
        if not keys & {"steps", "type", "<<"}:
            yield Fault(FaultKind.MISSING, entry.key, owner, "steps")
        executor = body.at("executor")
        node = executor if isinstance(executor, Scalar) else body.at("executor", "name")
        if isinstance(node, Scalar) and not self._is_known(node.text, self._executors):
            words = tuple(self._executors)
            yield Fault(FaultKind.TEMPLATE, node, owner, node.text, words=words)
        yield from self._steps(body, owner, 0)

    def _steps(self, body: Node, owner: str, depth: int) -> Iterator[Fault]:
        for step in body.items_at("steps")[:400]:
            node = _name_of(step)
            if node is None:
                continue
            if node.text in ("when", "unless") and depth < _DEEPEST:
                inner = step.at(node.text)
                yield from self._steps(inner, owner, depth + 1) if inner is not None else ()
            elif not self._is_known(node.text, self._commands | _STEPS):
                words = tuple(self._commands | _STEPS)
                yield Fault(FaultKind.TEMPLATE, node, owner, node.text, words=words)

    def workflow(self, name: str, body: Mapping) -> Iterator[Fault]:
        """Yield the faults of a workflow."""
        names: set[str] = set()
        uses: list[tuple[str, Scalar, Node | None]] = []
        for item in body.items_at("jobs")[:MOST_JOBS]:
            key = _name_of(item)
            if key is None:
                continue
            given = item.at(key.text) if isinstance(item, Mapping) else None
            own = given.text_at("name") if given is not None else None
            uses.append((own or key.text, key, given))
            names |= {key.text, own or key.text}
            is_built_in = given is not None and given.at("type") is not None
            if not is_built_in and not self._is_known(key.text, set(self.jobs)):
                owner = f"workflow `{name}` runs"
                yield Fault(FaultKind.NEED, key, owner, key.text, words=tuple(self.jobs))
        yield from self._requires(uses, names)

    def unused(self, workflows: list[Mapping]) -> Iterator[Fault]:
        """Yield jobs that no workflow runs; without workflows the service runs the job `build`."""
        items = [item for body in workflows for item in body.items_at("jobs")[:MOST_JOBS]]
        names: set[str] = set()
        for item in items:
            node = _name_of(item)
            given = item.at(node.text) if node is not None and isinstance(item, Mapping) else None
            is_built_in = given is not None and given.at("type") is not None
            # A name nobody knows may be that of any job.
            if (
                node is None
                or "<<" in node.text
                or not (is_built_in or self._is_known(node.text, set(self.jobs)))
            ):
                return
            names.add(node.text)
        if not names:
            return
        shared = {id(one) for entry in self.jobs.values() for one in _merged(entry.value)}
        for name, entry in self.jobs.items():
            # What other jobs take in by its anchor is there for them.
            if name not in names and id(entry.value) not in shared:
                yield Fault(FaultKind.UNUSED, entry.key, "workflow", name, "job", self._root.map_at("jobs"))

    def _requires(self, uses: list[tuple[str, Scalar, Node | None]], names: set[str]) -> Iterator[Fault]:
        waits: dict[str, list[Scalar]] = {}
        # A matrix names its jobs itself.
        is_open = any("<<" in name for name in names) or any(
            given is not None and given.at("matrix") is not None for _, _, given in uses
        )
        for name, _, given in uses:
            items = given.items_at("requires")[:400] if given is not None else []
            waits[name] = [node for item in items if (node := _name_of(item)) is not None]
            for node in waits[name]:
                if node.text not in names and not is_open and "<<" not in node.text:
                    words = tuple(one for one in names if one != name)
                    yield Fault(FaultKind.NEED, node, f"job `{name}` requires", node.text, words=words)
        for name, node in first_of_circles(waits):
            yield Fault(FaultKind.CYCLE, node, f"job `{name}` requires", node.text)

    def _is_known(self, name: str, known: set[str] | frozenset[str]) -> bool:
        if "<<" in name or name in known:
            return True
        orb, slash, _ = name.partition("/")
        return bool(slash) and (orb in self._orbs or not self._orbs)


def _merged(node: Node) -> Iterator[Node]:
    """Yield the mappings that a mapping takes in by `<<`, and what it is an alias of."""
    if isinstance(node, Alias) and node.target is not None:
        yield node.target
    entry = node.entry("<<") if isinstance(node, Mapping) else None
    values = [] if entry is None else [entry.value, *entry.value.items_at()]
    yield from (one.target for one in values if isinstance(one, Alias) and one.target is not None)


def _name_of(item: Node) -> Scalar | None:
    """Return the name of an item that is a name, or a mapping with the name as its first key."""
    node = item.entries[0].key if isinstance(item, Mapping) and item.entries else item
    return node if isinstance(node, Scalar) and not node.is_null else None


def _entries(node: Node | None) -> list[Entry]:
    return node.entries[:MOST_JOBS] if isinstance(node, Mapping) else []


# Azure -------------------------------------------------------------------------------------------


def azure(root: Mapping) -> Iterator[Fault]:
    """Yield what is wrong in a pipeline of Azure."""
    parts = [key for key in ("stages", "jobs", "steps") if root.at(key) is not None]
    if len(parts) > 1 and root.at("extends") is None:
        where = root.key_at(parts[1]) or root
        yield Fault(FaultKind.CLASH, where, "the pipeline", parts[1], parts[0], root)
    # What a template lists may depend on what stands around its place.
    is_template = root.at("parameters") is not None and not any(root.at(key) is not None for key in _STARTS)
    yield from _templates(root)
    yield from _listed(root, "stages", ("stage",), "stage", is_template=is_template)
    yield from _listed(root, "jobs", ("job", "deployment"), "job", is_template=is_template)
    for stage in root.items_at("stages")[:MOST_JOBS]:
        yield from _listed(stage, "jobs", ("job", "deployment"), "job")


def _listed(
    holder: Node, key: str, names: tuple[str, ...], what: str, *, is_template: bool = False
) -> Iterator[Fault]:
    """Yield what is wrong with the stages or jobs of a list."""
    items = [one for one in holder.items_at(key)[:MOST_JOBS] if isinstance(one, Mapping)]
    known: dict[str, Mapping] = {}
    is_whole = len(items) == len(holder.items_at(key)) and not is_template
    for item in items:
        node = next((one for name in names if (one := item.at(name)) is not None), None)
        # A template, or `${{ if … }}`, stands for stages or jobs nobody knows here.
        if not isinstance(node, Scalar) or "$" in node.text:
            is_whole = False
        elif not node.is_null and node.text in known:
            yield Fault(FaultKind.SAME_NAME, node, "the pipeline", node.text, what)
        elif not node.is_null:
            known[node.text] = item
    waits = {name: _depends(item) for name, item in known.items()}
    folded = {name.lower() for name in known}
    for name, nodes in waits.items():
        for node in nodes:
            if is_whole and node.text.lower() not in folded and "$" not in node.text:
                owner, others = f"{what} `{name}` depends on", tuple(one for one in known if one != name)
                yield Fault(FaultKind.NEED, node, owner, node.text, what, words=others)
    for name, node in first_of_circles(waits):
        yield Fault(FaultKind.CYCLE, node, f"{what} `{name}` depends on", node.text)
    for item in items:
        yield from _deployment(item)


def _templates(root: Mapping) -> Iterator[Fault]:
    """Yield the templates of the same repository that a pipeline takes in."""
    count = 0
    for node in walk(root):
        entry = node.entry("template") if isinstance(node, Mapping) else None
        value = resolve(entry.value) if entry is not None else None
        if not isinstance(value, Scalar) or value.is_null or count > MOST_JOBS:
            continue
        count += 1
        path = value.text.removesuffix("@self")
        if "@" in path or "$" in path or not path.endswith((".yml", ".yaml")):
            continue
        yield Fault(FaultKind.FILE, value, "`template`", value.text, path=path)


def _depends(item: Mapping) -> list[Scalar]:
    return [node for node in names_in(item.at("dependsOn")) if node.text]


def _deployment(item: Mapping) -> Iterator[Fault]:
    node = item.at("deployment")
    keys = {entry.name for entry in item.entries}
    if not isinstance(node, Scalar) or node.is_null or any("$" in key for key in keys) or "<<" in keys:
        return
    for key in ("strategy", "environment"):
        if key not in keys and "template" not in keys:
            yield Fault(FaultKind.MISSING, node, f"deployment `{node.text}`", key)
