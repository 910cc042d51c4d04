"""No machine has the label that a job runs on.

## What it does
Reports labels in `runs-on`, and in the matrix that it reads, of images that GitHub no longer has, and labels that look like
one of GitHub's and are none. Where `.github/actionlint.yaml` is there, it lists the labels of machines of one's own: any
other label is reported as well. Without it a label may be anybody's and is left alone.

## Why it matters
The job waits for a machine that never comes and fails after a day. A deployment that waits so long holds its concurrency
group, and every later one with it.

## Bad
```yaml title=".github/workflows/check.yml"
name: check
on:
  pull_request:
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-20.04  # <-
    timeout-minutes: 10
    steps:
      - run: make test
```

## Good
```yaml title=".github/workflows/check.yml"
name: check
on:
  pull_request:
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
```

## Fix
Writes an image of the same system that is there, or the nearest label. Unsafe: other versions of tools run.

## References
- [GitHub: hosted runners](https://docs.github.com/en/actions/reference/runners/github-hosted-runners)
- [GitHub: image deprecations](https://github.com/actions/runner-images#software-and-image-support)
- [actionlint: configuration](https://github.com/rhysd/actionlint/blob/main/docs/config.md)

## Equivalent rules
- `actionlint:runner-label`
"""

from collections.abc import Iterator

from rollsafe.artefacts.actionlint_config import ActionlintConfig
from rollsafe.artefacts.github_workflow import Job
from rollsafe.artefacts.github_workflow.runners import (
    HOSTED,
    LISTED,
    OWN,
    RETIRED,
    is_hosted,
    is_like_hosted,
    labels_from_matrix,
    labels_of,
)
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Confidence, Finding, Fix, Safety, Severity, rule
from rollsafe.text import nearest
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(job: Job, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each label that no machine has."""
    if job.problems:
        return
    for label in _labels(job):
        folded = label.text.lower()
        if folded in OWN or is_hosted(folded):
            continue
        config = graph.first(ActionlintConfig, f"of:{job.root}")
        is_like = folded in RETIRED or is_like_hosted(folded)
        if (config is None and not is_like) or (config is not None and config.knows_label(label.text)):
            continue
        yield Finding(
            label,
            _message(label.text, is_like=is_like),
            fixes=_fixes(label),
            severity=None if is_like else Severity.WARNING,
            confidence=None if folded in RETIRED else Confidence.MEDIUM,
        )


def _labels(job: Job) -> list[Scalar]:
    """Return the labels as far as they are written; none where a machine of one's own is asked for."""
    found: list[Scalar] = []
    for label in labels_of(job.fields.get("runs-on")):
        if "${{" not in label.text:
            found.append(label)
        elif job.matrix is not None:
            found += labels_from_matrix(label.text, job.matrix.node)
    is_own = any(label.text.lower() == "self-hosted" for label in found)
    return [] if is_own else found


def _message(label: str, *, is_like: bool) -> str:
    if label.lower() in RETIRED:
        return f"GitHub no longer has machines with `{label}`"
    if is_like:
        close = nearest(label, HOSTED)
        hint = f"; the nearest is `{close}`" if close is not None else ""
        return f"GitHub has no machines with `{label}` (as of {LISTED}){hint}"
    return f"`{label}` is neither a label of GitHub's machines nor listed in `actionlint.yaml`"


def _fixes(label: Scalar) -> tuple[Fix, ...]:
    close = RETIRED.get(label.text.lower()) or nearest(label.text, HOSTED)
    if close is None or label.block:
        return ()
    return (Fix(f"Run on `{close}`", Safety.UNSAFE, edits=(set_value(label, close),)),)
