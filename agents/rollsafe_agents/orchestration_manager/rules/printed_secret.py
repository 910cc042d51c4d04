"""A secret is printed into the log in a form that nothing hides.

## What it does
Reports secrets that a command prints after changing them: decoded, encoded, cut or reversed. At level `pedantic` also
those that are printed as they are, which the log hides as long as nothing changes them. What goes into a file, another
program or `::add-mask::` is left alone. In pipelines of GitLab, CircleCI and Azure a variable counts as a secret by its
name.

## Why it matters
The log hides the exact text of a secret and nothing else. What it prints of it in another form can be read by everybody
who may read the log, for as long as it is kept.

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
      - run: echo "$CONFIG" | base64 -d  # <-
        env:
          CONFIG: ${{ secrets.CLUSTER_CONFIG }}
      - run: kubectl -n shop set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
      - if: failure()
        run: kubectl -n shop rollout undo deployment/shop
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
      - run: echo "$CONFIG" | base64 -d > cluster.yaml
        env:
          CONFIG: ${{ secrets.CLUSTER_CONFIG }}
      - run: kubectl -n shop set image deployment/shop shop=registry.example/shop:${{ github.sha }}
      - run: kubectl -n shop rollout status deployment/shop --timeout=300s
      - if: failure()
        run: kubectl -n shop rollout undo deployment/shop
```

## Fix
None: whether it is to go to a file or nowhere is not known.

## References
- [GitHub: secrets in logs](https://docs.github.com/en/actions/concepts/security/secrets#accessing-your-secrets)

## Equivalent rules
None known.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from rollsafe.artefacts.github_workflow import Job, Step
from rollsafe.artefacts.other_pipelines.model import OtherJob
from rollsafe.formats.shell import ShellCommand
from rollsafe.rules import Finding, Level, Severity, rule
from rollsafe.rules.intent import justified
from rollsafe.text.patterns import lazily

_PRINTING: Final = frozenset({"echo", "printf"})
_CHANGING: Final = frozenset(
    {"base64", "xxd", "od", "hexdump", "rev", "tr", "cut", "sed", "awk", "fold", "basenc", "openssl"}
)
_PASSING: Final = frozenset({"tee", "cat", "head", "tail", "grep"})
_SECRET: Final = lazily(r"\$\{\{[^}]*\bsecrets\.(?!GITHUB_TOKEN\b)\w+[^}]*\}\}", re.I)
_VARIABLE: Final = lazily(r"\$(?:\{(\w+)\}|(\w+))")
_NAMED: Final = lazily(
    r"\w*(PASSWORD|PASSWD|SECRET|TOKEN|PRIVATE_KEY|API_KEY|CREDENTIALS?|KUBECONFIG|SSH_KEY)\w*"
)
_CAMEL: Final = lazily(r"[a-z][A-Z]")
_NO_SECRET: Final = lazily(r"\w*(NAME|PATH|FILE|ARN|_ID|VERSION|URL|LENGTH|COUNT|DIR)")


@rule(severity=Severity.ERROR, since="0.1.0")
def check(owner: Step | OtherJob) -> Iterator[Finding]:
    """Yield a finding for each command that prints a secret."""
    if isinstance(owner, OtherJob):
        for script in owner.scripts:
            if script.file is owner.file and not script.is_powershell:
                yield from _in_script(owner, script.script.commands, script.commands, None)
    elif owner.run is not None and not owner.is_disabled and "$" in owner.run.text:
        names = _secret_names(owner)
        if names or _SECRET.search(owner.run.text):
            yield from _in_script(owner, owner.script.commands, owner.commands, names)


def _secret_names(step: Step) -> frozenset[str]:
    """Return the variables of a step that hold a secret."""
    job = step.owner
    around = {**job.workflow.env, **job.env} if isinstance(job, Job) else {}
    return frozenset(name for name, value in {**around, **step.env}.items() if _SECRET.search(value))


def _in_script(
    owner: Step | OtherJob,
    raws: Sequence[ShellCommand],
    commands: Sequence[ShellCommand],
    names: frozenset[str] | None,
) -> Iterator[Finding]:
    for at, raw in enumerate(raws):
        secret = _secret_in(raw, names)
        if secret is None or raw.surroundings.substitution or raw.remote:
            continue
        if raw.name in _PRINTING:
            chain = _pipeline(raws, at)
            by = _changed_by(chain)
            shown = by is not None or (chain == [raw] and names is not None)
            if (
                shown
                and not any(_goes_elsewhere(one) for one in chain)
                and not justified(owner.file, commands[at])
            ):
                yield _printed(commands[at], secret, by)


def _secret_in(raw: ShellCommand, names: frozenset[str] | None) -> str | None:
    """Return what the words of a command hold of a secret; `names` is None where only names tell."""
    for text in raw.texts[1:]:
        if "add-mask" in text:
            return None
        whole = _SECRET.search(text)
        if whole is not None:
            return whole.group()
        for match in _VARIABLE.finditer(text):
            name = match[1] or match[2]
            if name in names if names is not None else _is_named_secret(name):
                return f"${name}"
    return None


def _is_named_secret(name: str) -> bool:
    upper = name.upper() if _CAMEL.search(name) else name
    return _NAMED.fullmatch(upper) is not None and _NO_SECRET.fullmatch(upper) is None


def _pipeline(raws: Sequence[ShellCommand], at: int) -> list[ShellCommand]:
    """Return a command and those its output is piped through."""
    chain = [raws[at]]
    while chain[-1].separator_after == "|" and at + len(chain) < len(raws):
        chain.append(raws[at + len(chain)])
    return chain


def _changed_by(chain: Sequence[ShellCommand]) -> str | None:
    """Return what changes the text on its way to the log; None where nothing does, or it does not get there."""
    if any(one.name not in _CHANGING and one.name not in _PASSING for one in chain[1:]):
        return None
    return next((one.name for one in chain[1:] if one.name in _CHANGING and not _reads_file(one)), None)


def _reads_file(one: ShellCommand) -> bool:
    return one.name == "openssl" and one.has_flag("-out")


def _goes_elsewhere(one: ShellCommand) -> bool:
    if one.name == "grep" and one.has_letter("q"):
        return True
    if one.name == "tee" and len(one.texts) > 1:
        return any("GITHUB_" in text for text in one.texts)
    return any(
        redirect.operator.lstrip("012").startswith(">")
        and not redirect.target.text.startswith(("/dev/std", "&", "1", "2"))
        for redirect in one.redirects
    )


def _printed(command: ShellCommand, secret: str, by: str | None) -> Finding:
    if by is None:
        return Finding(
            command,
            f"`{secret}` is printed into the log, which hides it only as long as nothing changes it",
            severity=Severity.INFO,
            level=Level.PEDANTIC,
        )
    return Finding(
        command,
        f"`{secret}` is printed as `{by}` makes it, and the log hides only what it was before",
        detail="everybody who may read the log can read the secret, for as long as the log is kept",
    )
