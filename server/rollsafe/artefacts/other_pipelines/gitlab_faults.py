"""What GitLab refuses in a pipeline beyond its schema: stages, waits, templates, conditions."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.other_pipelines.circles import circles, first_of_circles
from rollsafe.artefacts.other_pipelines.faults import Fault, FaultKind
from rollsafe.artefacts.other_pipelines.gitlab_project import Project
from rollsafe.artefacts.other_pipelines.gitlab_references import reference_faults
from rollsafe.artefacts.other_pipelines.reading import MOST_JOBS, names_in, text_of
from rollsafe.artefacts.shapes import gitlab_table
from rollsafe.formats.nodes import Entry, Mapping, Node, Scalar, Sequence, resolve
from rollsafe.text.cached import cached_property
from rollsafe.text.patterns import lazily

_STAGES: Final = ("build", "test", "deploy")
_MOST_LAYERS: Final = 12
_BRACES: Final = lazily(r"\$\{\w+\}")
_MATRIX: Final = lazily(r"\$\[\[\s*matrix\.(\w+)\s*\]\]")
_PREDEFINED: Final = lazily(
    r"CI_(?:PIPELINE_(?:ID|IID|SOURCE|URL|NAME|CREATED_AT)|JOB_(?:ID|NAME|STAGE|STATUS|TOKEN|URL|IMAGE|STARTED_AT)"
    r"|COMMIT_(?:SHA|SHORT_SHA|BRANCH|TAG|REF_NAME|REF_SLUG|BEFORE_SHA|MESSAGE|TITLE|AUTHOR|TIMESTAMP)"
    r"|PROJECT_(?:ID|NAME|PATH|DIR|URL|NAMESPACE|PATH_SLUG|TITLE)|DEFAULT_BRANCH|MERGE_REQUEST_I?ID"
    r"|ENVIRONMENT_(?:NAME|SLUG|URL|ACTION|TIER)|RUNNER_(?:ID|TAGS|VERSION)|SERVER_(?:HOST|URL|NAME|VERSION)"
    r"|NODE_(?:INDEX|TOTAL)|BUILDS_DIR|API_V4_URL|CONFIG_PATH)\Z|GITLAB_USER_(?:ID|LOGIN|NAME|EMAIL)\Z"
)
"""Variables that GitLab sets itself, without those that are there to be overridden."""
_EXCLUDED: Final = (("script", "trigger"), ("script", "run"), ("rules", "only"), ("rules", "except"))
_ERROR: Final = ("gitlab-ci-local:error",)
_NEEDS: Final = ("gitlab-ci-local:needs",)


def faults_in(root: Mapping, project: Project) -> list[Fault]:
    """Return what is wrong in the definitions of one file of a pipeline."""
    pipeline = _Pipeline(root, project)
    names = {entry.name for one in (root, *project.others) for entry in one.entries}
    found = [
        *pipeline.top(),
        *pipeline.repeated(),
        *reference_faults(root, names, is_whole=pipeline.is_alone),
    ]
    for name, entry in pipeline.own.items():
        found += pipeline.job(name, entry)
    return found


class _Pipeline:
    """The definitions of a pipeline by name; `is_alone` tells that all its files are known.

    `own` are the jobs of the file itself; `mixed` are names of several files, put together by GitLab.
    """

    def __init__(self, root: Mapping, project: Project) -> None:
        self._root = root
        self._project = project
        self._known_stages: dict[str, str | None] = {}
        own = _definitions(root)
        self.mixed: set[str] = set()
        self.defined: dict[str, Entry] = {}
        for one in (root, *project.others):
            found = own if one is root else _definitions(one)
            self.mixed |= self.defined.keys() & found.keys()
            self.defined = {**found, **self.defined}
        self.jobs = {name: entry for name, entry in self.defined.items() if name[0] != "."}
        self.own = {name: entry for name, entry in own.items() if name[0] != "."}
        self.is_alone = project.is_whole and root.entry("<<") is None

    @cached_property
    def stages(self) -> list[str] | None:
        """The stages in their order; None where another file may say them."""
        first = self._project.first or self._root
        said = [one.at("stages") for one in (self._root, *self._project.others)]
        listed = [one for one in said if one is not None]
        node = first.at("stages") or (listed[0] if len(listed) == 1 and self.is_alone else None)
        if node is None:
            return [".pre", *_STAGES, ".post"] if self.is_alone and not listed else None
        items = node.items_at()
        if any(not isinstance(item, Scalar) or "$" in item.text or item.tag for item in items) or not items:
            return None
        return [".pre", *(item.text for item in names_in(node)), ".post"]

    # -- the top

    def top(self) -> Iterator[Fault]:
        """Yield faults of keywords at the top."""
        stages = self._root.at("stages")
        if isinstance(stages, Scalar) and not stages.is_null and stages.tag is None:
            peers = ("gitlab-ci-local:stage",)
            yield Fault(FaultKind.VALUE, stages, "`stages`", "stages", "takes a list", peers=peers)
        for name in ("variables",):
            yield from self._variables(self._root.at(name), "the pipeline")
        include = self._root.at("include")
        items = [include] if isinstance(include, (Scalar, Mapping)) else include.items_at() if include else []
        for item in items:
            yield from self._included(item)

    def _included(self, item: Node) -> Iterator[Fault]:
        node = item if isinstance(item, Scalar) else item.at("local")
        if not isinstance(node, Scalar) or node.is_null or node.tag is not None:
            return
        if "://" in node.text or any(sign in node.text for sign in "*$") or not node.text.strip():
            return
        has_rules = isinstance(item, Mapping) and item.at("rules") is not None
        if not has_rules:
            path = node.text.strip().lstrip("/").removeprefix("./")
            peers = ("gitlab-ci-local:include",)
            yield Fault(FaultKind.FILE, node, "`include`", node.text, path=path, peers=peers)

    def _variables(self, node: Node | None, owner: str) -> Iterator[Fault]:
        for entry in node.entries if isinstance(node, Mapping) else ():
            if _PREDEFINED.match(entry.name):
                peers = ("gitlab-ci-local:warning",)
                yield Fault(FaultKind.PREDEFINED, entry.key, owner, entry.name, peers=peers)

    def repeated(self) -> Iterator[Fault]:
        """Yield keys that stand twice at the top, in a job or in one of its mappings."""
        pending: list[tuple[Mapping, str, int]] = [(self._root, "the pipeline", 0)]
        for node, owner, depth in pending:
            seen: set[str] = set()
            for entry in node.entries:
                if entry.name in seen and entry.name != "<<":
                    peers = ("gitlab-ci-local:warning",)
                    yield Fault(FaultKind.AGAIN, entry.key, owner, entry.name, holder=node, peers=peers)
                seen.add(entry.name)
                inner = entry.value
                if isinstance(inner, Mapping) and depth < 2 and len(pending) < MOST_JOBS:
                    pending.append((inner, owner if depth else f"`{entry.name}`", depth + 1))

    # -- jobs

    def layers(self, entry: Entry) -> tuple[list[Mapping], bool]:
        """Return a definition and those it extends, the nearest first, and whether all of them are known."""
        found: list[Mapping] = []
        names, is_whole = [entry.name], self.is_alone
        seen: set[str] = set()
        while names and len(found) < _MOST_LAYERS:
            name = names.pop(0)
            body = resolve(self.defined[name].value) if name in self.defined else None
            is_whole = is_whole and name not in self.mixed
            if name in seen or not isinstance(body, Mapping):
                is_whole = is_whole and name in seen
                continue
            seen.add(name)
            found.append(body)
            names += [one.text for one in reversed(names_in(body.at("extends")))]
        return found, is_whole

    def job(self, name: str, entry: Entry) -> Iterator[Fault]:
        """Yield the faults of one job."""
        body, (layers, is_whole) = resolve(entry.value), self.layers(entry)
        if not isinstance(body, Mapping) or body.tag is not None:
            return
        owner = f"job `{name}`"
        yield from self._keys(owner, entry, body, layers, is_whole)
        yield from self._stage(owner, entry, body, layers, is_whole)
        yield from self._waits(name, body, layers)
        yield from self._conditions(owner, body)
        yield from self._variables(body.at("variables"), owner)
        yield from self._extends(name, body)
        stop = body.at("environment", "on_stop")
        if self.is_alone and isinstance(stop, Scalar) and stop.text not in self.jobs and "$" not in stop.text:
            told = f"{owner} is stopped by"
            yield Fault(FaultKind.NEED, stop, told, stop.text, words=self._others(name))

    def _keys(
        self, owner: str, entry: Entry, body: Mapping, layers: list[Mapping], is_whole: bool
    ) -> Iterator[Fault]:
        keys = {one.name for layer in layers for one in layer.entries if not _is_nothing(one.value)}
        is_whole = is_whole and all(layer.entry("<<") is None for layer in layers)
        if is_whole and (body.entries or body.flow) and not keys & {"script", "trigger", "run"}:
            yield Fault(FaultKind.MISSING, entry.key, owner, "script", peers=_ERROR)
        for one, other in _EXCLUDED:
            if body.at(one) is not None and body.at(other) is not None:
                place = body.key_at(other) or entry.key
                yield Fault(FaultKind.CLASH, place, owner, other, one, body)
        when = body.at("when")
        if isinstance(when, Scalar) and when.text == "never":
            told = "takes `never` in `rules` only"
            yield Fault(FaultKind.VALUE, when, f"`when` of {owner}", "never", told, peers=_ERROR)
        if isinstance(when, Scalar) and when.text == "delayed" and is_whole and "start_in" not in keys:
            yield Fault(FaultKind.MISSING, when, owner, "start_in")

    def _stage(
        self, owner: str, entry: Entry, body: Mapping, layers: list[Mapping], is_whole: bool
    ) -> Iterator[Fault]:
        if self.stages is None:
            return
        node = next((one for layer in layers if (one := layer.at("stage")) is not None), None)
        own = body.at("stage")
        name = text_of(node) if node is not None else "test"
        if (
            (node is None and not is_whole)
            or entry.name in self.mixed
            or name is None
            or "$" in name
            or name in self.stages
        ):
            return
        peers = ("gitlab-ci-local:stage",)
        where = own if isinstance(own, Scalar) and own is node else entry.key
        yield Fault(FaultKind.STAGE, where, owner, name, words=tuple(self.stages[1:-1]), peers=peers)

    def _others(self, name: str) -> tuple[str, ...]:
        return tuple(one for one in self.jobs if one != name)

    # -- waits

    def _waits(self, name: str, body: Mapping, layers: list[Mapping]) -> Iterator[Fault]:
        owner = f"job `{name}`"
        needs = body.at("needs")
        if isinstance(needs, Scalar) and not needs.is_null and needs.tag is None and "$" not in needs.text:
            yield Fault(FaultKind.VALUE, needs, f"`needs` of {owner}", "needs", "takes a list", peers=_NEEDS)
        waited: set[str] = set()
        for item in needs.items_at()[:400] if needs is not None else ():
            node = item if isinstance(item, Scalar) else item.at("job")
            if isinstance(item, Scalar) and item.is_null:
                if item.text:
                    told = "takes no empty entries"
                    yield Fault(FaultKind.VALUE, item, f"`needs` of {owner}", "", told, peers=_NEEDS)
                continue
            if not isinstance(node, Scalar) or node.tag is not None or "$" in node.text:
                continue
            waited.add(node.text)
            if item.at("project") is None and item.at("pipeline") is None:
                is_optional = item.bool_at("optional") is True
                yield from self._wait(name, body, node, f"{owner} waits for", is_optional=is_optional)
                yield from self._matrix(owner, item, layers)
        yield from self._dependencies(name, body, waited)

    def _dependencies(self, name: str, body: Mapping, waited: set[str]) -> Iterator[Fault]:
        owner, needs = f"job `{name}`", body.at("needs")
        is_sure = isinstance(needs, Sequence) and needs.tag is None and waited and body.entry("<<") is None
        for node in names_in(body.at("dependencies")):
            if "$" in node.text or node.tag is not None:
                continue
            told = f"{owner} takes the files of"
            yield from self._wait(name, body, node, told, is_optional=False)
            if is_sure and node.text not in waited and (node.text in self.jobs or not self.is_alone):
                yield Fault(FaultKind.OUTSIDE, node, owner, node.text, holder=body, peers=_NEEDS)

    def _wait(
        self, name: str, body: Mapping, node: Scalar, told: str, *, is_optional: bool
    ) -> Iterator[Fault]:
        target = node.text.partition(": [")[0]
        if target == name:
            yield Fault(FaultKind.CYCLE, node, told, target)
        elif target not in self.jobs and node.text not in self.jobs:
            if self.is_alone and not is_optional:
                peers = _NEEDS
                yield Fault(FaultKind.NEED, node, told, target, words=self._others(name), peers=peers)
        elif self._is_later(name, target):
            yield Fault(FaultKind.LATER, node, told, target, self._stage_of(target) or "", peers=_NEEDS)
        elif (name, target) in self._circles:
            yield Fault(FaultKind.CYCLE, node, told, target)

    def _stage_of(self, name: str) -> str | None:
        if name not in self._known_stages:
            self._known_stages[name] = self._found_stage(name)
        return self._known_stages[name]

    def _found_stage(self, name: str) -> str | None:
        entry = self.defined.get(name)
        layers, is_whole = self.layers(entry) if entry is not None else ([], False)
        if name in self.mixed:
            return None
        node = next((one for layer in layers if (one := layer.at("stage")) is not None), None)
        return text_of(node) if node is not None else "test" if is_whole else None

    def _is_later(self, name: str, target: str) -> bool:
        own, other = self._order.get(self._stage_of(name)), self._order.get(self._stage_of(target))
        return own is not None and other is not None and other > own

    @cached_property
    def _order(self) -> dict[str | None, int]:
        """The place of each stage."""
        return {stage: place for place, stage in reversed(list(enumerate(self.stages or ())))}

    @cached_property
    def _circles(self) -> frozenset[tuple[str, str]]:
        """The waits that close a circle, one of each: the job with the name it waits for."""
        # Each of several files has to find the same job to be the first.
        names = sorted(self.jobs) if self._project.others else list(self.jobs)
        waits = {name: self._needed(name) for name in names}
        return frozenset((name, node.text) for name, node in first_of_circles(waits))

    def _needed(self, name: str) -> list[Scalar]:
        body = resolve(self.defined[name].value)
        items = body.items_at("needs")[:400] if isinstance(body, Mapping) else []
        nodes = [item if isinstance(item, Scalar) else item.at("job") for item in items]
        return [node for node in nodes if isinstance(node, Scalar) and node.text in self.jobs]

    def _matrix(self, owner: str, item: Node, layers: list[Mapping]) -> Iterator[Fault]:
        """Yield names in `$[[ matrix.NAME ]]` that are no rows of the job's own matrix."""
        rows = next((one for layer in layers if (one := layer.at("parallel", "matrix")) is not None), None)
        listed = rows.items_at() if rows is not None else []
        own = {key for row in listed for key, _ in row_pairs(row)}
        for row in item.items_at("parallel", "matrix"):
            for _, value in row_pairs(row):
                for node in names_in(value):
                    for found in _MATRIX.finditer(node.text):
                        if rows is not None and found[1] not in own:
                            told = f"names `{found[1]}`, which is no row of its own matrix"
                            place = f"`needs` of {owner}"
                            yield Fault(FaultKind.VALUE, node, place, found[1], told, peers=_ERROR)

    # -- conditions, templates

    def _conditions(self, owner: str, body: Mapping) -> Iterator[Fault]:
        rules = body.at("rules")
        if isinstance(rules, Sequence) and not rules.items and rules.tag is None:
            yield Fault(FaultKind.VALUE, rules, f"`rules` of {owner}", "rules", "is empty", peers=_ERROR)
        for rule in rules.items_at()[:400] if rules is not None else ():
            node = rule.at("if")
            if isinstance(node, Scalar) and _BRACES.search(_unquoted(node.text)):
                told = "has a variable in braces, which are not read there"
                yield Fault(FaultKind.VALUE, node, f"`if` of {owner}", "if", told, peers=_ERROR)
        parallel = body.at("parallel")
        count = parallel.as_int() if isinstance(parallel, Scalar) else None
        if parallel is not None and count is not None and not 1 <= count <= 200:
            place = f"`parallel` of {owner}"
            yield Fault(FaultKind.VALUE, parallel, place, str(count), "takes 1 to 200")
        tags = body.at("tags")
        if isinstance(tags, Sequence) and not tags.items and tags.tag is None:
            peers = ("gitlab-ci-local:schema",)
            yield Fault(FaultKind.VALUE, tags, f"`tags` of {owner}", "tags", "is empty", peers=peers)

    def _extends(self, name: str, body: Mapping) -> Iterator[Fault]:
        for node in names_in(body.at("extends")):
            if node.tag is not None or "$" in node.text:
                continue
            if node.text not in self.defined:
                if self.is_alone:
                    words = tuple(one for one in self.defined if one != name)
                    peers = ("gitlab-ci-local:error",)
                    yield Fault(
                        FaultKind.TEMPLATE, node, f"job `{name}`", node.text, words=words, peers=peers
                    )
            elif self._extended[name] == self._extended[node.text]:
                yield Fault(FaultKind.CYCLE, node, f"job `{name}` extends", node.text, peers=_ERROR)

    @cached_property
    def _extended(self) -> dict[str, int]:
        """The circle of templates that each definition is in."""
        bodies = {name: resolve(entry.value) for name, entry in self.defined.items()}
        return circles(
            {
                name: [one.text for one in names_in(body.at("extends"))] if isinstance(body, Mapping) else []
                for name, body in bodies.items()
            }
        )


def _definitions(root: Mapping) -> dict[str, Entry]:
    """Return the jobs of a file, hidden ones included."""
    known = set(gitlab_table().shape("file").names) - {"pages"}
    return {
        entry.name: entry
        for entry in root.entries[:MOST_JOBS]
        if entry.name and entry.name not in known and isinstance(resolve(entry.value), Mapping)
    }


def _is_nothing(node: Node) -> bool:
    """Say whether a value is written as null; one that is still being typed is not."""
    return isinstance(node, Scalar) and node.is_null and bool(node.text)


def _unquoted(text: str) -> str:
    """Return a condition without its texts and patterns."""
    return re.sub(r"\"[^\"]*\"|'[^']*'|/(?:[^/\\]|\\.)*/", "", text)


def row_pairs(row: Node) -> list[tuple[str, Node]]:
    """Return the rows of a matrix."""
    return list(row.pairs()) if isinstance(row, Mapping) else []
