"""A release or tag is made with the token of the run, so the workflow that deploys it is not started.

## What it does
Reports steps that make a release or push a tag with the token GitHub gives the run, where the only workflows that
deploy are started by releases or tags. Steps with a token of somebody else, and workflows that are started another way
as well, by hand or by a push to a branch, are left alone.

In GitLab it reports tags that a job pushes with `CI_JOB_TOKEN`. In CircleCI it reports jobs without a filter of tags
that a job for tags waits for, and in Azure what runs for tags only in a pipeline whose `trigger` names no tags.

## Why it matters
GitHub starts no workflow for what the token of a run does, so that runs do not start each other for ever. The
release is there, everybody thinks that it is deployed, and it is not.

## Bad
```yaml title=".github/workflows/release.yml"
name: release
on:
  push:
    branches: [main]
permissions:
  contents: write
concurrency:
  group: release
  cancel-in-progress: false
jobs:
  release:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: gh release create "v$GITHUB_RUN_NUMBER"  # <-
        env:
          GH_TOKEN: ${{ github.token }}
```
```yaml title=".github/workflows/deploy.yml"
name: deploy
on:
  release:
    types: [published]
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
      - run: kubectl -n shop set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
      - if: failure()
        run: kubectl -n shop rollout undo deployment/shop
```

## Good
```yaml title=".github/workflows/release.yml"
name: release
on:
  push:
    branches: [main]
permissions:
  contents: write
concurrency:
  group: release
  cancel-in-progress: false
jobs:
  release:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: gh release create "v$GITHUB_RUN_NUMBER"
        env:
          GH_TOKEN: ${{ secrets.RELEASE_TOKEN }}
```
```yaml title=".github/workflows/deploy.yml"
name: deploy
on:
  release:
    types: [published]
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
      - run: kubectl -n shop set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
      - if: failure()
        run: kubectl -n shop rollout undo deployment/shop
```

## Fix
None that is applied by itself: the token to use is one of an app or a person, which only its owner can store. Starting
the deployment by `gh workflow run` or as a called workflow does it without one.

## References
- [GitHub: triggering a workflow from a workflow](https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/trigger-a-workflow#triggering-a-workflow-from-a-workflow)

## Equivalent rules
None known.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from rollsafe.artefacts.github_workflow import Job, Step, Workflow
from rollsafe.artefacts.other_pipelines.model import Dialect, OtherJob
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping as Table
from rollsafe.formats.shell import ShellCommand
from rollsafe.formats.yaml_edit import add_child, add_entry, column_of, eol_of
from rollsafe.rules import Confidence, Edit, Finding, Fix, Related, Safety, Severity, Span, rule
from rollsafe.text import Located
from rollsafe.text.patterns import lazily
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.pipelines import deployments

_RELEASING: Final = frozenset(
    {
        "softprops/action-gh-release",
        "ncipollo/release-action",
        "actions/create-release",
        "elgohr/github-release-action",
    }
)
_TOKEN: Final = lazily(r"\$\{\{\s*(secrets\.GITHUB_TOKEN|github\.token)\s*\}\}", re.I)
_STARTS: Final = (
    *("workflow run", "/dispatches", "repository_dispatch"),
    *("workflow_dispatch", "workflow-dispatch"),
)


_OWN_PUSH: Final = lazily(r"gitlab-ci-token:\$\{?CI_JOB_TOKEN|CI_JOB_TOKEN\}?@")


@rule(severity=Severity.WARNING, since="0.1.0", confidence=Confidence.MEDIUM)
def check(job: Job | OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for the first step that makes what is to start a deployment."""
    if isinstance(job, OtherJob):
        yield from _ELSEWHERE.get(job.pipeline.dialect, _nowhere)(job, graph)
        return
    for step in job.steps if not job.is_disabled else ():
        made = None if step.is_disabled else _made(job, step)
        if made is None:
            continue
        if job.file.told(_starts_others):
            return
        event, where = made
        waiting = [one for one in _waiting(job, graph) if one.has_event(*_events(event))]
        started = [one for one in waiting if set(one.triggers) <= {"release", "push", "create"}]
        if started and not any(_ships_otherwise(one) for one in waiting):
            yield _finding(where, event, started[0])
        return


def _starts_others(file: SourceFile) -> bool:
    """Say whether a workflow starts others by name."""
    return any(words in file.text for words in _STARTS)


def _events(made: str) -> tuple[str, ...]:
    return ("release", "push") if made == "release" else ("push",)


def _waiting(job: Job, graph: Graph) -> list[Workflow]:
    """Return the other workflows that deploy when there is a new release or tag, and not at other pushes."""
    found = (one for one in graph.every(Workflow, "path:") if one is not job.workflow)
    return [
        one
        for one in found
        if ("release" in one.triggers or _is_by_tag(one)) and any(deployments(it, graph) for it in one.jobs)
    ]


def _is_by_tag(workflow: Workflow) -> bool:
    trigger = workflow.triggers.get("push")
    return trigger is not None and bool(trigger.tags)


def _ships_otherwise(workflow: Workflow) -> bool:
    trigger = workflow.triggers.get("push")
    return trigger is not None and (bool(trigger.branches) or not trigger.tags)


def _made(job: Job, step: Step) -> tuple[str, Located] | None:
    """Return what a step makes with the token of the run, and where."""
    if step.uses is not None:
        name = step.uses.name.lower()
        token = step.inputs.get("token", "")
        if name in _RELEASING and step.inputs.get("draft", "false") == "false":
            return ("release", step.uses) if not token or _TOKEN.search(token) else None
        return None
    named: set[str] = set()
    for command in step.commands:
        if command.texts[:2] == ["git", "tag"]:
            named.update(word for word in command.texts[2:] if not word.startswith("-"))
        made = _by_command(command, named)
        if made is not None:
            return (made, command) if _has_own_token(job, step, made) else None
    return None


def _by_command(command: ShellCommand, tags: set[str]) -> str | None:
    words = command.texts
    if words[:3] == ["gh", "release", "create"] and not command.has_flag("--draft", "-d"):
        return "release"
    if words[:2] == ["git", "push"] and (
        command.has_flag("--tags", "--follow-tags")
        or any(word in tags or word.startswith("refs/tags/") for word in words[2:])
    ):
        return "tag"
    return None


def _has_own_token(job: Job, step: Step, made: str) -> bool:
    """Say whether the command works with the token of the run and no other."""
    variables = {**job.workflow.env, **job.env, **step.env}
    if made == "release":
        tokens = [variables[name] for name in ("GH_TOKEN", "GITHUB_TOKEN") if name in variables]
        return bool(tokens) and _TOKEN.search(tokens[0]) is not None
    checkouts = [one for one in job.steps[: step.index] if one.uses_text.startswith("actions/checkout@")]
    others = any(
        one.uses is not None and one not in checkouts
        for one in job.steps[: step.index]
        if "token" in one.inputs or "ssh" in one.uses_text
    )
    text = step.script_node.text if step.script_node is not None else ""
    if not checkouts or others or "remote set-url" in text or "@github.com" in text:
        return False
    given = checkouts[-1].inputs
    token = given.get("token", "")
    return "ssh-key" not in given and (not token or _TOKEN.search(token) is not None)


def _nowhere(_: OtherJob, __: Graph) -> Iterator[Finding]:
    yield from ()


def _of_gitlab(job: OtherJob, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a tag that a job of GitLab pushes with its own token."""
    scripts = [script for script in job.scripts if script.file is job.file]
    if job.by_tag is not None or not any(_OWN_PUSH.search(script.scalar.text) for script in scripts):
        return
    shipping = [one for one in job.pipeline.jobs if deployments(one, graph)]
    waiting = [one for one in shipping if one.by_tag is not None]
    if not waiting or len(waiting) < len(shipping):
        return
    named: set[str] = set()
    for command in (one for script in scripts for one in script.commands):
        if command.texts[:2] == ["git", "tag"]:
            named.update(word for word in command.texts[2:] if not word.startswith("-"))
        if _by_command(command, named) == "tag" and "ci.skip" not in command.texts:
            yield Finding(
                command,
                f"a tag pushed with the token of the job does not start `{waiting[0].id}`, which is to deploy it",
                related=(Related(waiting[0].file, waiting[0].key, "waits for it"),),
                detail="GitLab starts no pipeline for what that token pushes, so nothing is deployed and nothing fails",
            )
            return


def _of_circleci(job: OtherJob, _: Graph) -> Iterator[Finding]:
    """Yield a finding for each job without a filter of tags that one for tags waits for."""
    if job.by_tag is None:
        return
    for wait in job.waits:
        source = job.pipeline.job(wait.source)
        if source is not None and not source.for_tags:
            edit = _for_tags(source)
            yield Finding(
                wait.where,
                f"`{source.id}` does not run for tags, so `{job.id}`, which waits for it, never does",
                fixes=()
                if edit is None
                else (Fix(f"Run `{source.id}` for tags too", Safety.UNSAFE, edits=(edit,)),),
                related=(Related(source.file, source.key, "has no filter of tags"),),
                confidence=Confidence.HIGH,
                detail="CircleCI leaves a job out whose requirements do not run; the tag is there and nothing happens",
            )


def _for_tags(job: OtherJob) -> Edit | None:
    """Return the edit after which a job of CircleCI runs for every tag, besides for what it runs now."""
    text = job.file.text
    if job.node is not None:
        filters = job.node.entry("filters")
        if filters is None:
            return add_entry(text, job.node, "filters", "tags: {only: /.*/}") if not job.node.flow else None
        return add_child(text, filters, "tags", "{only: /.*/}")
    indent = " " * (column_of(text, job.key.start) + 4)
    lines = (f"{indent}filters:", f"{indent}  tags: {{only: /.*/}}")
    return Edit(Span.at(job.key.end), ":" + "".join(f"{eol_of(text)}{line}" for line in lines))


def _of_azure(job: OtherJob, _: Graph) -> Iterator[Finding]:
    """Yield a finding for what runs for tags only in a pipeline that no tag starts."""
    if job.by_tag is not None and job.pipeline.leaves_tags_out:
        yield Finding(
            job.place(job.by_tag),
            f"`{job.id}` runs for tags only, and no tag starts the pipeline",
            fixes=tuple(_with_tags(job)),
            detail="`trigger` lists branches and no `tags`: the tag is there and nothing happens",
        )


def _with_tags(job: OtherJob) -> Iterator[Fix]:
    trigger = job.pipeline.starting
    if isinstance(trigger, Table) and not trigger.flow and job.file is job.pipeline.file:
        edit = add_entry(job.file.text, trigger, "tags", "{include: ['*']}")
        yield Fix("Let tags start the pipeline", Safety.UNSAFE, edits=(edit,))


_ELSEWHERE: Final[Mapping[Dialect, Callable[[OtherJob, Graph], Iterator[Finding]]]] = {
    Dialect.GITLAB: _of_gitlab,
    Dialect.CIRCLECI: _of_circleci,
    Dialect.AZURE: _of_azure,
}


def _finding(where: Located, event: str, other: Workflow) -> Finding:
    trigger = next(iter(other.triggers.values()))
    return Finding(
        where,
        f"a {event} made with the token of the run does not start `{other.file.name}`, which is to deploy it",
        related=(Related(other.file, trigger, "waits for it"),),
        detail="GitHub starts no workflow for what that token does, so nothing is deployed and nothing fails",
    )
