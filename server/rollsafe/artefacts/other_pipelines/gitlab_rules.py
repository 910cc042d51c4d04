"""When a job of GitLab runs: `rules`, `only`, `when`, and how often: `parallel`, `retry`."""

from typing import Final

from rollsafe.artefacts.other_pipelines.model import OtherJob, Paths, Said, When
from rollsafe.artefacts.other_pipelines.reading import legs_of, names_in, text_of
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

DECIDING: Final = ("when", "rules", "only", "except", "allow_failure")
_CONDITIONS: Final = ("if", "changes", "exists")
_MAIN: Final = lazily(
    r"\$CI_COMMIT_(BRANCH|REF_NAME)\"?\s*==\s*(\$CI_DEFAULT_BRANCH|[\"'](main|master|production|prod|live)[\"'])"
    r"|\$CI_DEFAULT_BRANCH\"?\s*==|^\s*\$CI_COMMIT_TAG\b(?!\s*==\s*null)"
)
_MAIN_REFS: Final = frozenset({"main", "master", "production", "prod", "live", "tags"})
_ON_CHANGE: Final = lazily(
    r"\$CI_PIPELINE_SOURCE\s*==\s*[\"']merge_request_event|^\s*\$CI_MERGE_REQUEST_I?ID\s*$"
)
_ON_SCHEDULE: Final = lazily(r"\$CI_PIPELINE_SOURCE\s*==\s*[\"']schedule[\"']")
_BY_TAG: Final = lazily(r"^\s*\$CI_COMMIT_TAG\b(?!\s*(==\s*null|!~))(?!.*\|\|)")
_MERGED: Final = lazily(r"\|\||\$CI_MERGE_REQUEST_(LABELS|TITLE|EVENT_TYPE)")
"""What makes a condition on merge requests one of several, or one that somebody decides about."""


class Found(NamedTuple):
    """A value of a job, with the file it is written in."""

    file: SourceFile
    node: Node

    def said(self, text: str) -> Said:
        """Return a statement that rests on the value."""
        return Said(text, self.node, self.file)


def several(job: OtherJob, parallel: Found | None, retry: Found | None) -> None:
    """Take in how often the job runs: side by side, and again."""
    if parallel is not None and isinstance(parallel.node, Scalar):
        job.legs = parallel.node.as_int()
    elif parallel is not None:
        rows = [legs_of(row) for row in parallel.node.items_at("matrix")]
        job.legs = sum(row or 0 for row in rows) if rows and None not in rows else None
    if retry is not None:
        node = retry.node
        tries = node.as_int() if isinstance(node, Scalar) else node.int_at("max")
        if tries is not None and tries > 0:
            job.tries, job.retries = 1 + min(tries, 2), retry.said(f"`retry`: {tries} more tries")


def decide(job: OtherJob, found: dict[str, Found | None]) -> None:
    """Take in when the job runs: `when`, `rules`, `allow_failure`."""
    when, rules = found["when"], found["rules"]
    words: set[str | None] = {text_of(when.node)} if when is not None else set()
    if rules is not None:
        listed = [rule for rule in rules.node.items_at() if rule.text_at("when") != "never"]
        usual = text_of(when.node) if when is not None else None
        words = {rule.text_at("when") or usual or "on_success" for rule in listed}
        job.is_optional = all(any(rule.at(key) is not None for key in _CONDITIONS) for rule in listed)
        _of_rules(job, rules, listed, usual)
    elif found["only"] is not None or found["except"] is not None:
        job.is_optional = True
        _of_refs(job, found["only"])
    place = when or rules
    if place is not None:
        _run_when(job, words, place)
    allowed = found["allow_failure"]
    if allowed is not None and isinstance(allowed.node, Scalar) and allowed.node.as_bool() is True:
        job.forgiven = allowed.said("`allow_failure: true`")
    elif allowed is None and job.is_manual and rules is None and place is not None:
        job.forgiven = place.said("a manual job holds nothing up: `allow_failure` is true by default")


def _of_rules(job: OtherJob, rules: Found, listed: list[Node], usual: str | None) -> None:
    """Take in for which branches the rules let the job run."""
    job.is_filtered = job.is_filtered or job.is_optional or len(listed) < len(rules.node.items_at())
    unasked = [rule for rule in listed if (rule.text_at("when") or usual) != "manual"]
    conditions = [rule.text_at("if") or "" for rule in unasked]
    job.is_for_main = bool(unasked) and all(_MAIN.search(text) for text in conditions)
    if unasked and all(_BY_TAG.search(text) for text in conditions):
        job.by_tag = rules.said("`rules` let only tags start it")
    job.on_schedule = next(
        (
            rules.said("`rules` let schedules start it")._replace(where=rule)
            for rule, text in zip(unasked, conditions, strict=True)
            if _ON_SCHEDULE.search(text)
        ),
        None,
    )
    if listed and len(unasked) == len(listed) and all(rule.at("changes") is not None for rule in listed):
        job.paths = _changes([rule.at("changes") for rule in listed], rules)
    for rule, text in zip(unasked, conditions, strict=True):
        if _ON_CHANGE.search(text) and not _MERGED.search(text):
            job.on_change = rules.said("`rules` let merge requests start it")._replace(where=rule)
            return


def _changes(nodes: list[Node | None], found: Found) -> Paths | None:
    """Return the changes that start a job, of all its rules together."""
    named = [one for node in nodes if node is not None for one in names_in(node.at("paths") or node)]
    compared = any(node is not None and node.at("compare_to") is not None for node in nodes)
    if not named or compared:
        return None
    only = nodes[0] if len(nodes) == 1 else None
    listed = (only.at("paths") or only) if only is not None else None
    return Paths(tuple(one.text for one in named), (), named[0], file=found.file, named=listed)


def _of_refs(job: OtherJob, only: Found | None) -> None:
    """Take in the branches of `only`, which name refs or kinds of pipelines."""
    refs = only.node.at("refs") or only.node if only is not None else None
    named = names_in(refs) if refs is not None and not isinstance(refs, Mapping) else []
    texts = {one.text for one in named}
    job.is_filtered = not texts or not texts & {"branches", "pushes"}
    job.is_for_main = bool(texts) and texts <= _MAIN_REFS
    job.by_tag = only.said("`only: tags`") if texts == {"tags"} and only is not None else None
    at = next((one for one in named if one.text == "schedules"), None)
    job.on_schedule = (
        Said("`only: schedules`", at, only.file) if at is not None and only is not None else None
    )
    changes = only.node.at("changes") if only is not None and isinstance(only.node, Mapping) else None
    job.paths = _changes([changes], only) if changes is not None and only is not None else None
    place = next((one for one in named if one.text == "merge_requests"), None)
    if place is not None and only is not None:
        job.on_change = Said("`only: merge_requests`", place, only.file)


def _run_when(job: OtherJob, words: set[str | None], place: Found) -> None:
    if words == {"on_failure"}:
        job.when, job.condition = When.FAILURE, place.said("`when: on_failure`")
    elif words == {"always"}:
        job.when, job.condition = When.ALWAYS, place.said("`when: always`")
    elif words & {"on_failure", "always"}:
        job.when, job.condition = When.UNKNOWN, place.said("`rules` decide when")
    elif words == {"manual"}:
        job.is_manual = True
        job.asks = place.said("`when: manual`: somebody has to start it")
