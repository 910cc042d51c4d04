"""What a thing is probably for, judged by its name alone."""

import re
from typing import Final

from rollsafe.artefacts.recognition.references import Reference, ReferenceKind, called, is_script
from rollsafe.artefacts.recognition.roles import Classification, Role, listed
from rollsafe.formats.shell import ShellCommand
from rollsafe.text.patterns import lazily

_WORD: Final = lazily(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
_NAMED: Final = (
    (frozenset({"test", "tests", "lint", "check", "ci", "spec", "unit", "e2e"}), Role.TEST),
    (frozenset({"smoke", "healthcheck", "verify"}), Role.VERIFY),
    (frozenset({"rollback", "revert", "undo"}), Role.ROLLBACK),
    (frozenset({"backup", "snapshot"}), Role.BACKUP),
    (frozenset({"migrate", "migration", "migrations"}), Role.MIGRATE),
    (frozenset({"deploy", "redeploy", "rollout", "promote"}), Role.DEPLOY),
    (frozenset({"release", "publish"}), Role.PUBLISH),
    (frozenset({"build", "compile", "bundle", "package"}), Role.BUILD),
)
"""Words and the role they tell of; the first that a name has decides."""

_HARMLESS: Final = frozenset(
    listed(
        "dry dryrun preview plan validate local docs doc storybook prepare pre notes note changelog"
        " generate create new status list diff get set install setup login configure config"
    )
)
"""Words that take the weight out of `deploy`, `migrate` and the like."""

_ABOUT_TESTS: Final = frozenset(listed("db reset seed drop setup up down data server env fixtures"))
"""Words next to `test` that tell of preparing tests rather than running them."""

_GATE: Final = lazily(r"(^|[^a-z])(tests?|ci|checks?|verify|lint|build|e2e|spec)([^a-z]|$)", re.I)
_DEPLOYING: Final = lazily(r"(^|[^a-z])(re)?deploy(ment|s)?([^a-z]|$)", re.I)
_DEPLOY_WORKFLOW: Final = lazily(r"(^|/)_?(deploy|release|cd|promote|rollout)[\w-]*\.ya?ml(@|$)", re.I)


_CHANGING: Final = frozenset({Role.DEPLOY, Role.MIGRATE, Role.ROLLBACK})
"""What a script on a server does to what runs there."""

_AGAINST: Final = {Role.TEST: _ABOUT_TESTS, Role.BUILD: frozenset[str]()}


def words_of(name: str) -> list[str]:
    """Return the lower-case words of an identifier: `deployToProd`, `deploy:to-prod`."""
    return [word.lower() for word in _WORD.findall(name)]


def role_of_name(name: str) -> Role | None:
    """Return what a script, target or file called `name` is probably for."""
    words = words_of(name.rpartition("/")[2].partition(".")[0])
    for known, role in _NAMED:
        if not known.isdisjoint(words):
            against = _AGAINST.get(role, _HARMLESS)
            return role if against.isdisjoint(words) else None
    return None


def by_name(command: ShellCommand) -> Classification | None:
    """Classify a call of what somebody wrote, here or on another machine, by the name of what is called."""
    if command.remote:
        return _on_server(command)
    targets = called(command)
    if len(targets) > 1:
        # `make production ci deploy`: among other targets `ci` is a mode, not a test run.
        targets = [reference for reference in targets if reference.target != "ci"]
    found = [(one, role_of_name(one.target)) for one in targets]
    roles = frozenset(role for _, role in found if role is not None)
    if not roles:
        return None
    first = next(one for one, role in found if role is not None)
    return Classification(first.kind.value, roles, first.target, probable=True)


def _on_server(command: ShellCommand) -> Classification | None:
    """Classify a script that another machine has; what that builds or tests says nothing of the pipeline."""
    targets = [(one.kind, one.target) for one in called(command)]
    if not targets and is_script(command.name):
        targets = [(ReferenceKind.FILE, command.name)]
    for kind, target in targets:
        role = role_of_name(target)
        if role is not None and role in _CHANGING:
            return Classification(kind.value, frozenset({role}), target, probable=True)
    return None


def is_gate_name(name: str) -> bool:
    """Say whether a job or called workflow of this name is a test or another gate."""
    return bool(_GATE.search(name)) and not _DEPLOYING.search(name)


def is_deploy_workflow(path: str) -> bool:
    """Say whether a reusable workflow at `path` is named as one that deploys."""
    return bool(_DEPLOY_WORKFLOW.search(path))


__all__ = [
    "Reference",
    "ReferenceKind",
    "by_name",
    "is_deploy_workflow",
    "is_gate_name",
    "role_of_name",
    "words_of",
]
