"""Every container migrates the database when it starts.

## What it does
Reports the `CMD` or `ENTRYPOINT` of a shipped image that runs a migration before it starts the server.
Development images are left alone.

## Why it matters
With more than one replica several containers migrate at once. A failed migration becomes a crash loop that takes
the old release down with it, a slow one runs into the start-up probe and is killed half-way, and a rollback of the
image starts the old code against the new schema.

## Bad
```dockerfile title="Dockerfile"
FROM ruby:3.3.5-slim
WORKDIR /app
COPY . .
USER 10001
CMD ["sh", "-c", "bundle exec rails db:migrate && bundle exec rails server -b 0.0.0.0"]  # <-
```

## Good
```dockerfile title="Dockerfile"
FROM ruby:3.3.5-slim
WORKDIR /app
COPY . .
USER 10001
CMD ["bundle", "exec", "rails", "server", "-b", "0.0.0.0"]
```

## Fix
There is none here: the migration has to become a step of its own that runs once per release, such as a Job before
the rollout, a Helm `pre-upgrade` hook or a job of the pipeline.

## References
- [Kubernetes: Jobs](https://kubernetes.io/docs/concepts/workloads/controllers/job/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.dockerfile import Dockerfile, DockerInstruction
from rollsafe.artefacts.recognition import Role, classify
from rollsafe.formats.shell import ShellCommand, read_shell
from rollsafe.rules import Confidence, Finding, Severity, Span, rule


@rule(severity=Severity.WARNING, since="0.1.0", confidence=Confidence.MEDIUM)
def check(dockerfile: Dockerfile) -> Iterator[Finding]:
    """Yield a finding for a start command that migrates first."""
    stage = dockerfile.final_stage
    if stage is None or dockerfile.is_development:
        return
    for instruction in (stage.entrypoint, stage.command):
        if instruction is None:
            continue
        commands = read_shell(_start_script(instruction)).commands
        migration = next((one for one in commands if _migrates(one)), None)
        if migration is not None and len(commands) > 1:
            words = " ".join(migration.texts[:4])
            yield Finding(
                Span.of(instruction),
                f"every container runs `{words}` before it serves",
                detail="replicas migrate at the same time, and a migration that fails or is slow keeps the "
                "release from starting",
            )
            return


def _start_script(instruction: DockerInstruction) -> str:
    """Return what the shell gets to read: the script, or the argument of `sh -c`."""
    if instruction.script is not None:
        return instruction.script.text
    words = [word.text for word in instruction.exec_form or ()]
    if len(words) >= 3 and words[0].rpartition("/")[2] in ("sh", "bash", "ash", "dash") and "c" in words[1]:
        return words[2]
    return " ".join(words)


def _migrates(command: ShellCommand) -> bool:
    found = classify(command)
    return found is not None and Role.MIGRATE in found
