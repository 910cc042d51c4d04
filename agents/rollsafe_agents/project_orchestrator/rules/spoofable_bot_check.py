"""A check for a bot looks at whoever acted last, which others can arrange.

## What it does
Reports conditions that compare `github.actor`, `github.triggering_actor` or `github.actor_id` with a bot. It is reported at
level `regular` in workflows that run with the repository's rights for strangers.

## Why it matters
The actor is whoever caused the last event, not who wrote the change. Somebody can push to the bot's branch, or have the
bot act on theirs, and is then taken for the bot.

## Bad
```yaml title=".github/workflows/test.yml"
name: test
on: pull_request_target
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - if: github.actor == 'dependabot[bot]'  # <-
        run: gh pr merge --auto "$URL"
        env:
          URL: ${{ github.event.pull_request.html_url }}
```

## Good
```yaml title=".github/workflows/test.yml"
name: test
on: pull_request_target
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - if: github.event.pull_request.user.login == 'dependabot[bot]'
        run: gh pr merge --auto "$URL"
        env:
          URL: ${{ github.event.pull_request.html_url }}
```

## Fix
Looks at who wrote the pull request, issue or comment, where one event starts the workflow. Unsafe: the condition then
holds for other runs.

## References
- [zizmor: bot-conditions](https://docs.zizmor.sh/audits/#bot-conditions)
- [Weaponizing Dependabot](https://boostsecurity.io/blog/weaponizing-dependabot-pwn-request-at-its-finest)

## Equivalent rules
- `zizmor:bot-conditions`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.expressions import Comparison, Expr, Literal, context_path, walk
from rollsafe.artefacts.github_workflow import Job, Step, Workflow
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, rule

_NAMES: Final = frozenset({("github", "actor"), ("github", "triggering_actor")})
_ID: Final = ("github", "actor_id")
_BOT_IDS: Final = frozenset({"29110", "49699333", "27856297", "29139614"})
_AUTHORS: Final = {
    "discussion": "discussion.user",
    "discussion_comment": "comment.user",
    "issue_comment": "comment.user",
    "issues": "issue.user",
    "pull_request": "pull_request.user",
    "pull_request_review": "review.user",
    "pull_request_review_comment": "comment.user",
    "pull_request_target": "pull_request.user",
    "release": "release.author",
}
_PRIVILEGED: Final = ("pull_request_target", "workflow_run", "issue_comment")


@rule(
    severity=Severity.WARNING, level=Level.PEDANTIC, earliest=Level.REGULAR, since="0.1.0", fix=Safety.UNSAFE
)
def check(part: Job | Step) -> Iterator[Finding]:
    """Yield a finding for a condition that asks for a bot by the actor."""
    guard = part.if_
    owner = part.owner if isinstance(part, Step) else part
    if guard is None or "actor" not in guard.text or not isinstance(owner, Job):
        return
    for node in walk(guard.condition.root):
        actor = _actor(node)
        if actor is None:
            continue
        author = _author(owner.workflow, _path(actor))
        edit = Edit(guard.place(actor), author) if author is not None else None
        yield Finding(
            guard.place(node),
            f"`{'.'.join(_path(actor))}` is whoever acted last, not who wrote the change",
            fixes=(Fix("Look at who wrote it", Safety.UNSAFE, edits=(edit,)),) if edit is not None else (),
            level=Level.REGULAR if owner.workflow.has_event(*_PRIVILEGED) else None,
        )
        return


def _path(node: Expr) -> tuple[str, ...]:
    return context_path(node) or ()


def _actor(node: Expr) -> Expr | None:
    """Return the side of a comparison that is the actor, where the other one is a bot."""
    if not isinstance(node, Comparison) or node.operator != "==":
        return None
    for side, other in ((node.left, node.right), (node.right, node.left)):
        if not isinstance(other, Literal):
            continue
        path, text = _path(side), _text(other)
        if (path in _NAMES and text.endswith("[bot]")) or (path == _ID and text in _BOT_IDS):
            return side
    return None


def _text(literal: Literal) -> str:
    value = literal.value
    return f"{value:g}" if isinstance(value, float) and value < 100_000 else str(value).removesuffix(".0")


def _author(workflow: Workflow, actor: tuple[str, ...]) -> str | None:
    events = list(workflow.triggers)
    author = _AUTHORS.get(events[0]) if len(events) == 1 else None
    return None if author is None else f"github.event.{author}.{'id' if actor == _ID else 'login'}"
