"""What rules say about jobs of GitLab, CircleCI and Azure: places, and edits of the job's own definition."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from rollsafe.artefacts.other_pipelines.model import Act as OtherAct
from rollsafe.artefacts.other_pipelines.model import Dialect, OtherJob
from rollsafe.artefacts.recognition.failures import Loss, Scripted, loss_in
from rollsafe.formats.nodes import Scalar, resolve
from rollsafe.formats.nodes import Sequence as ListNode
from rollsafe.formats.yaml_edit import add_entry, add_entry_before, add_items, set_value
from rollsafe.rules.api import Related
from rollsafe.text import Edit, Located
from rollsafe.workspace.pipelines import Act, AnyJob

_LAST: Final = ("script", "steps", "strategy", "before_script")
"""The keys before which others are put."""

WAITS_FOR: Final = {Dialect.GITLAB: "needs", Dialect.CIRCLECI: "requires", Dialect.AZURE: "dependsOn"}
"""The key that names the jobs a job waits for."""


def is_templated(job: OtherJob) -> bool:
    """Say whether a job is one of a template, which other pipelines may take in as well."""
    return job.pipeline.dialect is Dialect.AZURE and job.file is not job.pipeline.file


def is_filled(job: OtherJob) -> bool:
    """Say whether a job's words may be the values of parameters, which are others elsewhere."""
    return is_templated(job) and "${{" in job.file.slice(job)


def own_scalar(job: OtherJob, *path: str) -> Scalar | None:
    """Return a value the job's own definition holds; None where it comes from elsewhere."""
    node = job.node
    if node is None:
        return None
    entry = node.entry(path[0])
    found = resolve(entry.value) if entry is not None else None
    for key in path[1:]:
        found = found.at(key) if found is not None else None
    return found if isinstance(found, Scalar) else None


def add_key(job: OtherJob, key: str, value: str) -> Edit | None:
    """Return the edit that gives a job `key`; None where it has none of its own to add it to."""
    node = job.node
    if node is None or node.flow or not node.entries or node.entry(key) is not None:
        return None
    anchor = next((entry for entry in node.entries if entry.name in _LAST), None)
    text = job.file.text
    return add_entry(text, node, key, value) if anchor is None else add_entry_before(text, anchor, key, value)


def wait_for(job: OtherJob, ids: Sequence[str]) -> Edit | None:
    """Return the edit after which a job also waits for the jobs `ids`."""
    key = WAITS_FOR.get(job.pipeline.dialect)
    # What a template waits for has to be there for all that take it in.
    if key is None or job.node is None or is_templated(job):
        return None
    entry = job.node.entry(key)
    node = resolve(entry.value) if entry is not None else None
    if isinstance(node, ListNode) and entry is not None and node is entry.value:
        return add_items(job.file.text, node, ids)
    if isinstance(node, Scalar) and entry is not None and node is entry.value and not node.block:
        return set_value(node, f"[{', '.join((node.text, *ids))}]")
    return add_key(job, key, f"[{', '.join(ids)}]") if entry is None else None


def place_of(act: Act, job: AnyJob) -> Located:
    """Return where an act is written, or the job's name where that is another file."""
    return act.where if act.file is job.file else job.key


def written_at(act: Act, job: AnyJob) -> tuple[Related, ...]:
    """Return the place of an act in another file."""
    return () if act.file is job.file else (Related(act.file, act.where, "written here"),)


def is_first(job: OtherJob, act: Act, applies: Callable[[OtherJob], bool]) -> bool:
    """Say whether no earlier job that a finding applies to runs the same words of the file."""
    for one in job.pipeline.jobs:
        if one is job or (one.file is job.file and one.key.start == job.key.start):
            return True
        shared = any(it.where == act.where and (it.file or one.file) is act.file for it in one.acts)
        if shared and applies(one):
            return False
    return True


def losses(job: OtherJob) -> Iterator[tuple[OtherAct, Loss]]:
    """Yield the commands of a job whose failure is lost in the script they are part of."""
    strict = job.pipeline.dialect is not Dialect.AZURE
    for act in job.acts:
        script = act.script
        if script is None or act.repairs:
            continue
        lines = [*script.commands]
        loss = loss_in(
            Scripted(
                script.script.commands,
                act.at,
                script.scalar.text,
                lines.copy,
                script.file,
                pipefail=strict,
                errexit=strict or script.is_powershell,
            )
        )
        if loss is not None:
            yield act, loss
