"""A deployment names a file that the repository does not have.

## What it does
Reports manifests, kustomizations, charts, values, Dockerfiles and Compose files that a command of a workflow names and
that are not there, although the folder they are to be in is; and scripts that it calls, of the repository or of its
`package.json`. What an earlier step makes or fetches, what a variable
names, and jobs that check out something else are left alone.

## Why it matters
The command fails in the middle of the release: what came before it is done and what comes after it is not. No pull
request runs the job, so it is found out in production.

## Bad
```yaml title=".github/workflows/deploy.yml"
name: deploy
on:
  push:
    branches: [main]
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
  deploy:
    needs: [test]
    environment: production
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
        with:
          persist-credentials: false
      - run: kubectl -n shop apply -f deploy/confg.yaml  # <-
      - run: kubectl -n shop set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
      - if: failure()
        run: kubectl -n shop rollout undo deployment/shop
```
```yaml title="deploy/config.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: shop
  namespace: shop
data:
  CURRENCY: EUR
```

## Good
```yaml title=".github/workflows/deploy.yml"
name: deploy
on:
  push:
    branches: [main]
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
  deploy:
    needs: [test]
    environment: production
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
        with:
          persist-credentials: false
      - run: kubectl -n shop apply -f deploy/config.yaml
      - run: kubectl -n shop set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
      - if: failure()
        run: kubectl -n shop rollout undo deployment/shop
```
```yaml title="deploy/config.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: shop
  namespace: shop
data:
  CURRENCY: EUR
```

## Fix
Names the file that is called most like it. Unsafe: it may be another one that is meant.

## References
- [kubectl apply](https://kubernetes.io/docs/reference/kubectl/generated/kubectl_apply/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from difflib import get_close_matches
from posixpath import dirname

from rollsafe.artefacts.github_workflow import Indirection, Job, Step
from rollsafe.artefacts.other_pipelines.model import OtherJob
from rollsafe.artefacts.recognition import ReferenceKind
from rollsafe.artefacts.scripts import PackageScript
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.rules.intent import justified
from rollsafe.workspace.deployed_files import NamedFile, is_there, may_be_made, named_files
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipelines import deployments


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(job: Job | OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each file that is not there."""
    root = job.pipeline.root if isinstance(job, OtherJob) else job.root
    if job.is_disabled or not deployments(job, graph) or graph.has_file(f"{root}/.gitmodules".lstrip("/")):
        return
    for one in named_files(job):
        folder = dirname(one.path)
        if is_there(one.path, graph) or may_be_made(one, job) or justified(job.file, one.command):
            continue
        if folder and is_there(folder, graph):
            yield _finding(one, graph)
    if isinstance(job, OtherJob):
        return
    for step in job.steps:
        if not step.is_disabled and step.run is not None:
            yield from (
                _unknown_call(call) for call in step.indirections if _leads_nowhere(call, step, job, graph)
            )


def _leads_nowhere(call: Indirection, step: Step, job: Job, graph: Graph) -> bool:
    """Say whether a script that a step calls is not there, and nothing before may have made it."""
    key = call.key or ""
    if call.kind is ReferenceKind.SCRIPT:
        known = graph.keys(PackageScript, f"{key.partition('#')[0]}#")
        return bool(known) and key not in known and _is_plain_run(call, step)
    path = key.removeprefix("path:")
    if call.kind is not ReferenceKind.FILE or not path or graph.has_file(path) or "*" in path:
        return False
    before = job.steps[: step.index]
    checkouts = [one for one in before if one.uses_text.startswith("actions/checkout@")]
    if len(checkouts) != 1 or not {"path", "repository", "sparse-checkout", "submodules"}.isdisjoint(
        checkouts[0].inputs
    ):
        return False
    text = job.file.text[job.start : call.where.start]
    if path.rpartition("/")[2] in text or any(
        one.run is not None or one.uses_text.startswith("./") for one in before
    ):
        return False
    return all(one in checkouts or "setup" in one.uses_text or "login" in one.uses_text for one in before)


def _is_plain_run(call: Indirection, step: Step) -> bool:
    """Say whether it is `npm run name` and no more: nothing chooses a package of a workspace."""
    for command in step.commands:
        if command.start <= call.where.start < command.end:
            runs = command.texts[1:2] in (["run"], ["run-script"]) and command.texts[2:3] == [call.target]
            return runs and not command.has_flag(
                "--if-present", "--workspace", "-w", "--workspaces", "--filter", "-F"
            )
    return False


def _unknown_call(call: Indirection) -> Finding:
    return Finding(
        call.where,
        f"`{call.target}` is not in the repository"
        if call.kind is ReferenceKind.FILE
        else f"`package.json` has no script `{call.target}`",
        detail="the step fails there, with the steps before it done and those after it not",
    )


def _finding(one: NamedFile, graph: Graph) -> Finding:
    folder = dirname(one.path)
    siblings = {
        path[len(folder) + 1 :].partition("/")[0] for path in graph.paths() if path.startswith(f"{folder}/")
    }
    close = get_close_matches(one.path[len(folder) + 1 :], sorted(siblings), 1, 0.75)
    last = one.word.text.rstrip("/").rpartition("/")[2]
    end = one.word.start + len(one.word.text.rstrip("/"))
    plain = one.file.text[one.word.start : one.word.end] == one.word.text
    edits = (Edit(Span(end - len(last), end), close[0]),) if close and plain else ()
    nearest = f"; `{folder}/{close[0]}` is" if close else ""
    return Finding(
        Span(one.word.start, one.word.end),
        f"`{one.word.text}` is not in the repository{nearest}",
        fixes=(Fix(f"Name `{close[0]}`", Safety.UNSAFE, edits=edits),) if edits else (),
        detail=f"`{one.command.texts[0]}` fails there, with the steps before it done and those after it not",
    )
