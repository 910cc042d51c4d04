"""A production environment is offered for manual deployments but is not among those every release goes to.

## What it does
Compares the environments a person may choose when starting a workflow by hand with the lists of environments in the
same workflow that automatic runs deploy to. A production environment that is in no such list, while two or more others
are, is reported.

## Why it matters
One region keeps the old version until somebody remembers it. Its users miss fixes, its schema falls behind the shared
clients, and the next manual deployment there brings weeks of changes at once.

## Bad
```yaml title=".github/workflows/deploy.yml"
name: deploy
on:
  push:
    branches: [main]
  workflow_dispatch:
    inputs:
      environment:
        type: choice
        required: true
        options: [prod-eu, prod-us, prod-jp]
permissions:
  contents: read
concurrency:
  group: deploy-production
  cancel-in-progress: false
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
  plan:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    outputs:
      environments: ${{ steps.plan.outputs.environments }}
    steps:
      - id: plan
        env:
          CHOSEN: ${{ inputs.environment }}
        run: |
          environments='["prod-eu", "prod-us"]'  # <-
          if [ -n "$CHOSEN" ]; then environments='["'$CHOSEN'"]'; fi
          echo "environments=$environments" >> "$GITHUB_OUTPUT"
  deploy:
    needs: [test, plan]
    strategy:
      max-parallel: 1
      matrix:
        environment: ${{ fromJSON(needs.plan.outputs.environments) }}
    environment: ${{ matrix.environment }}
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - run: kubectl --context ${{ matrix.environment }} set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl --context ${{ matrix.environment }} rollout status deployment/shop --timeout=300s
      - if: failure()
        run: kubectl --context ${{ matrix.environment }} rollout undo deployment/shop
```

## Good
```yaml title=".github/workflows/deploy.yml"
name: deploy
on:
  push:
    branches: [main]
  workflow_dispatch:
    inputs:
      environment:
        type: choice
        required: true
        options: [prod-eu, prod-us, prod-jp]
permissions:
  contents: read
concurrency:
  group: deploy-production
  cancel-in-progress: false
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
  plan:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    outputs:
      environments: ${{ steps.plan.outputs.environments }}
    steps:
      - id: plan
        env:
          CHOSEN: ${{ inputs.environment }}
        run: |
          environments='["prod-eu", "prod-us", "prod-jp"]'
          if [ -n "$CHOSEN" ]; then environments='["'$CHOSEN'"]'; fi
          echo "environments=$environments" >> "$GITHUB_OUTPUT"
  deploy:
    needs: [test, plan]
    strategy:
      max-parallel: 1
      matrix:
        environment: ${{ fromJSON(needs.plan.outputs.environments) }}
    environment: ${{ matrix.environment }}
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - run: kubectl --context ${{ matrix.environment }} set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl --context ${{ matrix.environment }} rollout status deployment/shop --timeout=300s
      - if: failure()
        run: kubectl --context ${{ matrix.environment }} rollout undo deployment/shop
```

## Fix
Adds the environment to the list. Unsafe: the next release goes there, too.

## References
- [GitHub: manually running a workflow](https://docs.github.com/en/actions/how-tos/manage-workflow-runs/manually-run-a-workflow)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Workflow
from rollsafe.artefacts.recognition import EnvironmentKind, environment_of
from rollsafe.rules import Confidence, Edit, Finding, Fix, Related, Safety, Severity, Span, rule
from rollsafe.text.patterns import lazily
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipelines import deploys

_AUTOMATIC: Final = frozenset({"push", "release", "schedule", "workflow_run"})
_LIST: Final = lazily(
    r"\[[ \t]*((?:[\"'][\w-]{2,64}[\"']|[\w-]{2,64})(?:[ \t]*,[ \t]*[\"']?[\w-]{2,64}[\"']?){1,40})[ \t]*\]"
)
_WORD: Final = lazily(r"[\w-]+")


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE, confidence=Confidence.MEDIUM)
def check(workflow: Workflow, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a list of production environments that lacks one people may choose."""
    dispatch = workflow.triggers.get("workflow_dispatch")
    jobs = workflow.node.map_at("jobs")
    if dispatch is None or jobs is None or not any(workflow.has_event(name) for name in _AUTOMATIC):
        return
    text = workflow.file.text[jobs.start : jobs.end]
    for node in dispatch.inputs.values():
        offered = [it.text_at() or "" for it in node.items_at("options")]
        production = [name for name in offered if environment_of(name) is EnvironmentKind.PRODUCTION]
        left = [name for name in production if len(production) > 2 and name not in text]
        if left and any(deploys(job, graph) for job in workflow.jobs):
            related = Related(workflow.file, node, f"`{left[0]}` can be chosen here")
            yield from _lists(workflow, Span(jobs.start, jobs.end), set(production), left, related)


def _lists(
    workflow: Workflow, within: Span, production: set[str], left: list[str], related: Related
) -> Iterator[Finding]:
    for match in _LIST.finditer(workflow.file.text, within.start, within.end):
        names = _WORD.findall(match[1])
        if not set(names) <= production:
            continue
        quote = match[1][0] if match[1][0] in "\"'" else ""
        more = "".join(f", {quote}{name}{quote}" for name in left)
        missing = ", ".join(f"`{name}`" for name in left)
        yield Finding(
            Span(match.start(), match.end()),
            f"{missing} can be deployed by hand but is not among {', '.join(f'`{name}`' for name in names)}",
            fixes=(Fix(f"Add {missing}", Safety.UNSAFE, edits=(Edit(Span.at(match.end(1)), more),)),),
            related=(related,),
            detail=f"releases go to {len(names)} environments and leave {missing} at whatever was last deployed there",
        )
