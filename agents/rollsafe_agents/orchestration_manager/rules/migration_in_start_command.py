"""Every instance migrates the database when it starts.

## What it does
Reports the `CMD` or `ENTRYPOINT` of a shipped image that runs a migration before it starts the server, and start
commands that do so in a `Procfile`, `fly.toml`, `render.yaml`, `railway.json`, an `app.yaml` of App Engine or a task
definition of ECS. Development images and jobs by the clock are left alone.

## Why it matters
With more than one replica several instances migrate at once. A failed migration becomes a crash loop that takes
the old release down with it, a slow one runs into the start-up probe and is killed half-way, and a rollback of the
image starts the old code against the new schema.

## Bad
```text title="Procfile"
web: python manage.py migrate && gunicorn shop.wsgi  # <-
worker: celery -A shop worker
```

## Good
```text title="Procfile"
release: python manage.py migrate
web: gunicorn shop.wsgi
worker: celery -A shop worker
```

## Fix
Where the platform has a step of its own that runs once per release (`release` in a Procfile, `release_command` on
Fly.io, `preDeployCommand` on Render and Railway), moves the migration there. Unsafe: it runs earlier, next to the
old release. For an image there is none: the migration has to become a step of its own, such as a Job before the
rollout, a Helm `pre-upgrade` hook or a job of the pipeline.

## References
- [Kubernetes: Jobs](https://kubernetes.io/docs/concepts/workloads/controllers/job/)
- [Heroku: release phase](https://devcenter.heroku.com/articles/release-phase)
- [Fly.io: run one-off commands before releasing](https://fly.io/docs/reference/configuration/#run-one-off-commands-before-releasing-a-deployment)
- [Render: pre-deploy command](https://render.com/docs/deploys#pre-deploy-command)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.dockerfile import Dockerfile, DockerInstruction
from rollsafe.artefacts.platforms import PlatformService, RenderService, StartCommand
from rollsafe.artefacts.recognition import Role, classify
from rollsafe.formats.shell import ShellCommand, read_shell
from rollsafe.rules import Confidence, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.platforms import moved_to_release

_DETAIL = (
    "replicas migrate at the same time, and a migration that fails or is slow keeps the release from starting"
)


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE, confidence=Confidence.MEDIUM)
def check(start: Dockerfile | PlatformService) -> Iterator[Finding]:
    """Yield a finding for a start command that migrates first."""
    if start.is_development:
        return
    if isinstance(start, PlatformService):
        yield from _on_platform(start)
    else:
        yield from _in_image(start)


def _in_image(dockerfile: Dockerfile) -> Iterator[Finding]:
    stage = dockerfile.final_stage
    for instruction in (stage.entrypoint, stage.command) if stage is not None else ():
        if instruction is None:
            continue
        commands = read_shell(_start_script(instruction)).commands
        migration = next((one for one in commands if _migrates(one)), None)
        if migration is not None and len(commands) > 1:
            words = " ".join(migration.texts[:4])
            yield Finding(
                Span.of(instruction), f"every container runs `{words}` before it serves", detail=_DETAIL
            )
            return


def _on_platform(service: PlatformService) -> Iterator[Finding]:
    for start in service.start_commands:
        commands = read_shell(start.text).commands
        migration = next((one for one in commands if _migrates(one)), None)
        if migration is None or len(commands) < 2:
            continue
        words = " ".join(migration.texts[:4])
        named = start.process or service.name
        what = f"instance of `{named}`" if named else "instance"
        # A free service on Render has no step before the deployment and no second instance.
        is_free = isinstance(service, RenderService) and service.node.text_at("plan") == "free"
        yield Finding(
            start.place,
            f"every {what} runs `{words}` before it serves",
            fixes=() if is_free else _fixes(service, start, commands),
            level=Level.PEDANTIC if is_free else None,
            detail=_DETAIL,
        )


def _fixes(service: PlatformService, start: StartCommand, commands: list[ShellCommand]) -> tuple[Fix, ...]:
    """Return the fix for a command that is `migration && the rest`, which is all that can be cut in two."""
    first, second = commands[0], commands[1]
    if not _migrates(first) or first.separator_after != "&&" or service.release_command is not None:
        return ()
    edits = moved_to_release(service, start, first.end, second.start)
    title = f"Run `{' '.join(first.texts[:4])}` once per release"
    return (Fix(title, Safety.UNSAFE, edits=edits),) if edits else ()


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
