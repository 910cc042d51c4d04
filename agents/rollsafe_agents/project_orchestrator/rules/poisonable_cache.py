"""What a workflow publishes is built with a cache that other runs can fill.

## What it does
Reports steps that restore a cache in workflows that publish: those that are started by a tag, a release or a push to
a release branch, or that use an action that publishes. Cache writes that a workflow of strangers is allowed are
reported at level `regular`.

## Why it matters
Runs of other branches write to the same cache. Whoever gets code to run in one of them puts a changed dependency
into the cache, and the release is built with it.

## Bad
```yaml title=".github/workflows/release.yml"
name: release
on:
  push:
    tags: ["v*"]
permissions:
  contents: read
jobs:
  build:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - uses: actions/setup-go@d35c59abb061a4a6fb18e82ac0862c26744d6ab5  # <-
        with:
          go-version: "1.24"
      - run: make dist
```

## Good
```yaml title=".github/workflows/release.yml"
name: release
on:
  push:
    tags: ["v*"]
permissions:
  contents: read
jobs:
  build:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - uses: actions/setup-go@d35c59abb061a4a6fb18e82ac0862c26744d6ab5
        with:
          go-version: "1.24"
          cache: false
      - run: make dist
```

## Fix
Switches the cache off, where one input does. Unsafe: the build takes longer.

## References
- [zizmor: cache-poisoning](https://docs.zizmor.sh/audits/#cache-poisoning)

## Equivalent rules
- `zizmor:cache-poisoning`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.expressions import UNKNOWN, Value, evaluate, read_template
from rollsafe.artefacts.github_workflow import Job, Step, Workflow
from rollsafe.artefacts.recognition.cache_tables import CACHE_INPUTS, CACHES, PUBLISHERS
from rollsafe.artefacts.recognition.switches import State, Switch
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Confidence, Finding, Fix, Level, Related, Safety, Severity, rule
from rollsafe.rules.action_steps import action_of, set_input, state_in

_STRANGERS: Final = ("pull_request_target", "workflow_run", "issue_comment")
_NONE: Final = "none"
_TAGGED: Final[dict[tuple[str, ...], str]] = {
    ("github", "ref"): "refs/tags/v1",
    ("github", "ref_type"): "tag",
    ("github", "event_name"): "push",
}


@rule(
    severity=Severity.WARNING, level=Level.PEDANTIC, earliest=Level.REGULAR, since="0.1.0", fix=Safety.UNSAFE
)
def check(job: Job) -> Iterator[Finding]:
    """Yield a finding for each cache that a publishing job restores."""
    if job.is_disabled:
        return
    mode = _mode(job)
    if mode is not None and mode.text in ("write", "write-only"):
        yield from _writable(job, mode)
    if mode is not None and mode.text == _NONE:
        return
    releases = _release_triggers(job.workflow)
    publisher = next((step for step in job.steps if state_in(step, PUBLISHERS) is not State.OFF), None)
    if not releases and publisher is None:
        return
    for step in (one for one in job.steps if not one.is_disabled):
        state = state_in(step, CACHES)
        if state is State.OPEN and releases and "branch" not in releases:
            state = _when_tagged(step)
        if state is not State.OFF:
            yield _finding(step, state, None if releases else publisher)


def _mode(job: Job) -> Scalar | None:
    node = job.node.at("cache-mode")
    return node if isinstance(node, Scalar) and not node.is_null else job.workflow.cache_mode


def _writable(job: Job, mode: Scalar) -> Iterator[Finding]:
    trigger = next((one for one in _STRANGERS if job.workflow.has_event(one)), None)
    if trigger is not None:
        yield Finding(
            mode,
            f"job `{job.id}` may write to the cache, and strangers start it by `{trigger}`",
            fixes=(Fix("Use no cache", Safety.UNSAFE, edits=(set_value(mode, _NONE),)),),
            level=Level.REGULAR,
        )


def _release_triggers(workflow: Workflow) -> set[str]:
    found: set[str] = set()
    push = workflow.triggers.get("push")
    if push is not None:
        if push.tags or push.tags_ignore:
            found.add("tag")
        if any("release" in branch.lower() for branch in push.branches):
            found.add("branch")
    if workflow.has_event("release"):
        found.add("tag")
    return found


def _when_tagged(step: Step) -> State:
    """Return whether the cache is restored when a tag was pushed, as far as the expression tells."""
    test = CACHES[action_of(step)]
    if not isinstance(test, Switch) or test.is_text or test.values:
        return State.OPEN
    text = next((value for key, value in step.inputs.items() if key.lower() == test.input), "")
    whole = read_template(text).whole
    value: Value = (
        UNKNOWN if whole is None else evaluate(whole.root, lambda path: _TAGGED.get(path, UNKNOWN), {})
    )
    if not isinstance(value, bool):
        return State.OPEN
    return State.ON if value is not test.opposite else State.OFF


def _finding(step: Step, state: State, publisher: Step | None) -> Finding:
    uses = step.uses
    assert uses is not None
    verb = "restores" if state is State.ON else "may restore"
    related = () if publisher is None else (Related(step.file, publisher, "publishes what the job builds"),)
    return Finding(
        uses,
        f"`{uses.name}` {verb} a cache that runs of other branches can fill, and this workflow publishes",
        fixes=lambda: tuple(_fixes(step)),
        related=related,
        confidence=Confidence.LOW,
    )


def _fixes(step: Step) -> Iterator[Fix]:
    found = CACHE_INPUTS.get(action_of(step))
    if found is None or ("cache" in step.inputs and found[0] != "cache"):
        return
    edit = set_input(step, *found)
    if edit is not None:
        yield Fix(f"Set `{found[0]}: {found[1]}`", Safety.UNSAFE, edits=(edit,))
