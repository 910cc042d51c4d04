"""Pipelines of GitLab: stages, `needs`, `extends`, local includes."""

from collections.abc import Callable, Iterator
from collections.abc import Sequence as Several
from typing import Final

from rollsafe.artefacts.other_pipelines.gitlab_rules import DECIDING, Found, decide, several
from rollsafe.artefacts.other_pipelines.model import (
    Dialect,
    OtherJob,
    OtherPipeline,
    Said,
    Wait,
)
from rollsafe.artefacts.other_pipelines.reading import (
    LARGEST,
    MOST_JOBS,
    mapping,
    names_in,
    roots,
    span,
    strings,
    text_of,
)
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Entry, Mapping, Node, Scalar, Sequence
from rollsafe.text import Located
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

_NAME = lazily(r"(?:^|/)\.gitlab-ci\.ya?ml$|\.gitlab-ci\.ya?ml$")
_RESERVED: Final = frozenset(
    {"default", "include", "stages", "variables", "workflow", "image", "services", "before_script",
     "after_script", "cache", "types", "spec"}
)  # fmt: skip
_STAGES: Final = ("build", "test", "deploy")
_WORK: Final = ("script", "trigger", "run", "extends", "stage", "needs")
_DEFAULTS: Final = ("timeout", "retry", "before_script", "interruptible", "services")
_DEPTH: Final = 6
_MOST_FILES: Final = 60

_MOST_LAYERS: Final = 12
_ASIDE: Final = ("stop", "prepare", "verify", "access")
"""What a job may do with an environment without deploying to it."""

ReadFile = Callable[[str], SourceFile | None]


class _Layer(NamedTuple):
    """A definition that makes up a job, with its file."""

    file: SourceFile
    body: Mapping


def is_pipeline(file: SourceFile) -> bool:
    """Say whether a file is a pipeline that GitLab starts by itself."""
    return _NAME.search(file.path) is not None and len(file.text) <= LARGEST


def read(file: SourceFile, read_: ReadFile, known: Several[Mapping] | None = None) -> list[OtherPipeline]:
    """Return the pipeline of a file, with those it includes from the same project; `known` are its roots."""
    found = roots(file) if known is None else known
    if not found:
        return []
    # A document in front may declare the inputs of the file.
    root = found[1] if len(found) > 1 and found[0].entry("spec") is not None else found[0]
    made = OtherPipeline(Dialect.GITLAB, file.path, file, root.entries[0].key if root.entries else root)
    made.root = file.directory
    reader = _Reader(made, read_)
    reader.take(file, root, 0)
    reader.jobs()
    return [made] if made.jobs else []


class _Reader:
    """Reads one pipeline: definitions first, from all files; then the jobs, as their definitions add up."""

    def __init__(self, made: OtherPipeline, read_: ReadFile) -> None:
        self._made = made
        self._read = read_
        self._files: list[str] = []
        self._defined: dict[str, tuple[SourceFile, Entry, Mapping]] = {}
        self._stages: list[str] = []
        self._default: _Layer | None = None
        self._variables: dict[str, str] = {}

    def take(self, file: SourceFile, root: Mapping, depth: int) -> None:
        """Take in a file; what it includes comes before it, so that its own words win."""
        if file.path in self._files or depth > _DEPTH or len(self._files) > _MOST_FILES:
            return
        self._files.append(file.path)
        self._include(file, root.at("include"), depth)
        stages = [one.text for one in names_in(root.at("stages"))]
        self._stages = stages or self._stages
        default = root.map_at("default")
        self._default = _Layer(file, default) if default is not None else self._default
        for entry in root.entries[:MOST_JOBS]:
            body = mapping(entry.value)
            if body is not None and entry.name and entry.name not in _RESERVED:
                self._defined[entry.name] = (file, entry, body)
        # Old files write what is the default for all jobs at the top.
        if self._default is None and any(root.at(key) is not None for key in _DEFAULTS):
            self._default = _Layer(file, root)
        self._variables |= strings(root.at("variables"))
        if depth == 0:
            self._starts(root)

    def _include(self, file: SourceFile, node: Node | None, depth: int) -> None:
        items = node.items_at() if node is not None and not isinstance(node, (Scalar, Mapping)) else [node]
        for item in items:
            if item is None:
                continue
            local = text_of(item) if isinstance(item, Scalar) else item.text_at("local")
            target = self._read(local.lstrip("/")) if local is not None and "://" not in local else None
            found = roots(target) if target is not None else []
            if target is not None and found:
                self.take(target, found[0], depth + 1)
            else:
                kinds = ("remote", "template", "project", "component", "local")
                name = local or next((text for kind in kinds if (text := item.text_at(kind))), "a file")
                self._made.unread.append(Said(f"what `{name}` adds: it is not read", item, file))

    def _starts(self, root: Mapping) -> None:
        rules = root.at("workflow", "rules")
        where = root.key_at("workflow") or self._made.where
        if rules is None:
            self._made.triggers.append(Said("push", where))
        for rule in rules.items_at() if rules is not None else ():
            condition = rule.text_at("if")
            self._made.is_filtered = True
            if condition is not None and rule.text_at("when") != "never":
                self._made.triggers.append(Said(" ".join(condition.split())[:80], rule))

    # -- jobs

    def jobs(self) -> None:
        order = [".pre", *(self._stages or _STAGES), ".post"]
        for name, (file, entry, body) in self._defined.items():
            if not name.startswith(".") and any(body.at(key) is not None for key in _WORK):
                self._made.jobs.append(self._job(name, file, entry.key, body))
        for job in self._made.jobs:
            if job.stage not in order:
                self._made.dangling.append(
                    Said(f"`{job.id}` is in stage `{job.stage}`, which is none", job.key)
                )
        self._connect(order)

    def _is_whole(self, layers: list[_Layer]) -> bool:
        """Say whether all that a definition extends is at hand."""
        return all(
            one.text in self._defined for layer in layers for one in names_in(layer.body.at("extends"))
        )

    def _layers(self, file: SourceFile, body: Mapping) -> list[_Layer]:
        """Return a definition and those it extends, the nearest first."""
        found = [_Layer(file, body)]
        for layer in found:
            for scalar in reversed(names_in(layer.body.at("extends"))):
                entry = self._defined.get(scalar.text)
                if entry is None:
                    text = f"`extends: {scalar.text}` is not there"
                    self._made.dangling.append(Said(text, scalar, layer.file))
                elif len(found) < _MOST_LAYERS and all(entry[2] is not one.body for one in found):
                    found.append(_Layer(entry[0], entry[2]))
        return found

    def _at(self, layers: list[_Layer], key: str) -> Found | None:
        default = [self._default] if self._default is not None and key in _DEFAULTS else []
        for layer in (*layers, *default):
            node = layer.body.at(key)
            if node is not None:
                return Found(layer.file, node)
        return None

    def _job(self, name: str, file: SourceFile, key: Located, body: Mapping) -> OtherJob:
        layers = self._layers(file, body)
        job = OtherJob(self._made, name, key, file, body)
        job.is_whole = self._is_whole(layers)
        self._surround(job, layers)
        stage, limit = self._at(layers, "stage"), self._at(layers, "timeout")
        job.stage = (text_of(stage.node) if stage is not None else None) or "test"
        decide(job, {key: self._at(layers, key) for key in DECIDING})
        job.limit = span(text_of(limit.node)) if limit is not None else None
        if limit is not None and job.limit is not None:
            job.limited = limit.said(f"`timeout: {text_of(limit.node)}`")
        several(job, self._at(layers, "parallel"), self._at(layers, "retry"))
        for word, attribute in (("environment", "environment"), ("resource_group", "lock")):
            found = self._at(layers, word)
            text = (text_of(found.node) or found.node.text_at("name")) if found is not None else None
            if found is None or text is None:
                continue
            if found.node.text_at("action") in _ASIDE:
                job.is_aside = True
            else:
                setattr(job, attribute, found.said(text))
                job.tier = found.node.text_at("deployment_tier") or job.tier
        trigger = self._at(layers, "trigger")
        if trigger is not None:
            node = trigger.node
            job.kind = "called pipeline"
            other = text_of(node) or node.text_at("project") or node.text_at("include") or "a pipeline"
            self._made.unread.append(trigger.said(f"what `{name}` starts: `{other}` is not read"))
        for part in ("before_script", "script"):
            script = self._at(layers, part)
            if script is not None:
                self._run(job, script.node, script.file, 0)
        return job

    def _run(self, job: OtherJob, node: Node, file: SourceFile, depth: int) -> None:
        """Take in a script, with what its references name in their place."""
        items = node.items_at()
        if not isinstance(node, Sequence) or not any(_is_reference(item) for item in items):
            job.run(node, file=file)
            return
        for item in items[:400]:
            if not _is_reference(item):
                job.run(item, file=file)
                continue
            name, *path = [one.text for one in names_in(item)]
            found = self._defined.get(name)
            target = found[2].at(*path) if found is not None and path else None
            if found is None or target is None or depth > _DEPTH:
                job.is_whole = False
            else:
                self._run(job, target, found[0], depth + 1)

    def _surround(self, job: OtherJob, layers: list[_Layer]) -> None:
        """Take in what runs beside the job, its variables and what may end it."""
        job.variables = dict(self._variables)
        for layer in reversed(layers):
            job.variables |= strings(layer.body.at("variables"))
        services = self._at(layers, "services")
        for item in services.node.items_at()[:50] if services is not None else ():
            job.images.append(text_of(item) or item.text_at("name") or "")
        found = self._at(layers, "interruptible")
        if found is not None and isinstance(found.node, Scalar) and found.node.as_bool() is True:
            job.cancelled = found.said("`interruptible: true`")
        job.is_filtered = self._made.is_filtered
        for layer in (*layers, *([self._default] if self._default is not None else [])):
            job.tokens |= frozenset(entry.name for entry in _entries(layer.body.at("id_tokens")))
            secrets = layer.body.at("secrets")
            job.variables |= {entry.name: "" for entry in _entries(secrets)}

    # -- edges

    def _connect(self, order: list[str]) -> None:
        ids = {job.id for job in self._made.jobs}
        needs = {job.id: self._needs(job) for job in self._made.jobs}
        before = self._before(order, is_early=any(found is not None for found in needs.values()))
        for job in self._made.jobs:
            found = needs[job.id]
            job.waits = list(self._waits(job, found, ids)) if found else self._stage(job, before)

    def _needs(self, job: OtherJob) -> Found | None:
        file, _, body = self._defined[job.id]
        return self._at(self._layers(file, body), "needs")

    def _waits(self, job: OtherJob, needs: Found, ids: set[str]) -> Iterator[Wait]:
        for item in needs.node.items_at()[:200]:
            name = text_of(item) or item.text_at("job")
            if name is None or item.text_at("project") is not None or item.text_at("pipeline") is not None:
                text = f"what `{job.id}` needs of another pipeline: it is not read"
                self._made.unread.append(Said(text, item, needs.file))
            elif name.partition(": [")[0] in ids:
                yield Wait(name.partition(": [")[0], f"needs `{name}`", item, needs.file)
            elif item.bool_at("optional") is not True:
                text = f"`{job.id}` needs `{name}`, which is no job of it"
                self._made.dangling.append(Said(text, item, needs.file))

    def _before(self, order: list[str], *, is_early: bool) -> dict[str, list[OtherJob]]:
        """Return for each stage the jobs that one in it without `needs` waits for."""
        filled = {job.stage for job in self._made.jobs}
        made: dict[str, list[OtherJob]] = {}
        earlier: set[str] = set()
        for stage in order:
            made[stage] = [job for job in self._made.jobs if job.stage in earlier]
            if stage in filled:
                # Where jobs may start early, an earlier stage is not done because a later one is.
                earlier = {*earlier, stage} if is_early else {stage}
        return made

    def _stage(self, job: OtherJob, before: dict[str, list[OtherJob]]) -> list[Wait]:
        """Return what a job without `needs` waits for: everything in the stages before its own."""
        return [
            Wait(one.id, f"stage `{job.stage}` follows `{one.stage}`", job.key)
            for one in before.get(job.stage, ())
        ]


def _is_reference(node: Node) -> bool:
    """Say whether a node is `!reference [.name, key]`."""
    return isinstance(node, Sequence) and node.tag == "!reference" and bool(node.items)


def _entries(node: Node | None) -> list[Entry]:
    return node.entries[:200] if isinstance(node, Mapping) else []
