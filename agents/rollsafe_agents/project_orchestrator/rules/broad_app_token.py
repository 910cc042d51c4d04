"""A token of a GitHub App may do more, or lives longer, than the job needs.

## What it does
Reports uses of `actions/create-github-app-token` without a `permission-*` input, for all repositories of an owner,
or with `skip-token-revoke`.

## Why it matters
Without these inputs the token may do everything the app may do, in every repository it is installed in. Whoever gets
hold of it, by a script of the job or by a log, has all of that.

## Bad
```yaml title=".github/workflows/notify.yml"
name: notify
on:
  schedule:
    - cron: "0 3 * * *"
permissions:
  contents: read
jobs:
  notify:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - uses: actions/create-github-app-token@67018539274d69449ef7c02e8e71183d1719ab42
        with:
          client-id: ${{ vars.NOTIFIER }}
          private-key: ${{ secrets.NOTIFIER_KEY }}
          permission-issues: write
          skip-token-revoke: true  # <-
```

## Good
```yaml title=".github/workflows/notify.yml"
name: notify
on:
  schedule:
    - cron: "0 3 * * *"
permissions:
  contents: read
jobs:
  notify:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - uses: actions/create-github-app-token@67018539274d69449ef7c02e8e71183d1719ab42
        with:
          client-id: ${{ vars.NOTIFIER }}
          private-key: ${{ secrets.NOTIFIER_KEY }}
          permission-issues: write
          skip-token-revoke: false
```

## Fix
Sets `skip-token-revoke: false`, so that the token ends with the job. Unsafe: another job may use it. Which permissions and
repositories are needed is for you to say.

## References
- [actions/create-github-app-token](https://github.com/actions/create-github-app-token#inputs)

## Equivalent rules
- `zizmor:github-app`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Step
from rollsafe.formats.nodes import Entry, Mapping, Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Confidence, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.action_steps import action_of, label_of

_KEPT: Final = "skip-token-revoke"
_TRUE: Final = frozenset({"true", "True", "TRUE"})
_FALSE: Final = frozenset({"false", "False", "FALSE"})
_ORGANISATION: Final = (
    "permission-organization-",
    "permission-custom-properties-for-organizations",
    "permission-enterprise-custom-properties-for-organizations",
    "permission-members",
)


@rule(severity=Severity.WARNING, level=Level.PEDANTIC, since="0.1.0", fix=Safety.UNSAFE)
def check(step: Step) -> Iterator[Finding]:
    """Yield a finding for each way in which a token is broader than it has to be."""
    if action_of(step) != "actions/create-github-app-token" or step.is_skipped:
        return
    inputs = step.node.at("with")
    if isinstance(inputs, Scalar) and not inputs.is_null:
        return
    entries = {entry.name.lower(): entry for entry in inputs.entries} if isinstance(inputs, Mapping) else {}
    if _KEPT in entries:
        yield from _outlives(step, entries[_KEPT])
    permissions = [name for name in entries if name.startswith("permission-")]
    only_organisation = bool(permissions) and all(name.startswith(_ORGANISATION) for name in permissions)
    if "owner" in entries and "repositories" not in entries and not only_organisation:
        yield Finding(
            entries["owner"],
            f"the token of {label_of(step)} is for all repositories of this `owner`",
        )
    if not permissions:
        assert step.uses is not None
        yield Finding(
            step.uses,
            f"the token of {label_of(step)} has every permission of the app: no `permission-*` input says less",
        )


def _outlives(step: Step, entry: Entry) -> Iterator[Finding]:
    value = entry.value
    if not isinstance(value, Scalar) or value.text in _FALSE:
        return
    sure = value.text in _TRUE
    if not sure and "${{" not in value.text:
        return
    drop = Fix("Let the token end with the job", Safety.UNSAFE, edits=(set_value(value, "false"),))
    yield Finding(
        entry,
        f"the token of {label_of(step)} {'outlives' if sure else 'may outlive'} the job: `{_KEPT}`",
        fixes=(drop,) if sure else (),
        confidence=None if sure else Confidence.LOW,
    )
