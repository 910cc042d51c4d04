"""What known actions and commands need of a workflow's token."""

from typing import TYPE_CHECKING, Final

from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

if TYPE_CHECKING:
    from rollsafe.artefacts.github_workflow import Job, Step

_READ: Final = {"contents": "read"}
_ACTIONS: Final = {
    "actions/checkout": _READ,
    "actions/attest-build-provenance": {"attestations": "write", "contents": "read", "id-token": "write"},
    "actions/configure-pages": {"pages": "read"},
    "actions/dependency-review-action": _READ,
    "actions/deploy-pages": {"id-token": "write", "pages": "write"},
    "actions/first-interaction": {"issues": "write", "pull-requests": "write"},
    "actions/labeler": {"contents": "read", "pull-requests": "write"},
    "actions/stale": {"issues": "write", "pull-requests": "write"},
    "aws-actions/configure-aws-credentials": {"id-token": "write"},
    "azure/login": {"id-token": "write"},
    "dorny/paths-filter": {"pull-requests": "read"},
    "github/codeql-action/analyze": {"actions": "read", "contents": "read", "security-events": "write"},
    "github/codeql-action/upload-sarif": {"contents": "read", "security-events": "write"},
    "google-github-actions/auth": {"id-token": "write"},
    "peter-evans/create-or-update-comment": {"issues": "write", "pull-requests": "write"},
    "peter-evans/create-pull-request": {"contents": "write", "pull-requests": "write"},
    "pypa/gh-action-pypi-publish": {"id-token": "write"},
    "release-drafter/release-drafter": {"contents": "write", "pull-requests": "read"},
    "softprops/action-gh-release": {"contents": "write"},
    "stefanzweifel/git-auto-commit-action": {"contents": "write"},
}
_COMMANDS: Final = (
    (lazily(r"\bgit\s+push\b"), "contents"),
    (lazily(r"\bgh\s+release\s+(?:create|upload|edit|delete)\b"), "contents"),
    (lazily(r"\bgh\s+pr\s+(?:create|comment|edit|merge|review|close)\b"), "pull-requests"),
    (lazily(r"\bgh\s+issue\s+(?:create|comment|edit|close)\b"), "issues"),
    (lazily(r"\bdocker\s+push\s+[\"']?ghcr\.io/"), "packages"),
)


class Right(NamedTuple):
    """What a step needs of a scope, `read` or `write`, and what for."""

    level: str
    purpose: str


def needs_of_step(step: "Step") -> dict[str, Right]:
    """Return the rights a step is known to need, by scope."""
    if step.run is not None:
        found: dict[str, Right] = {}
        for pattern, scope in _COMMANDS:
            match = pattern.search(step.run.text)
            if match is not None:
                found[scope] = Right("write", " ".join(match.group().split()[:3]))
        return found
    name = step.uses_text.partition("@")[0].lower()
    return {scope: Right(level, name) for scope, level in _ACTIONS.get(name, {}).items()}


def needs_of_job(job: "Job") -> dict[str, Right]:
    """Return the rights a job's steps are known to need together, by scope in order."""
    found: dict[str, Right] = {}
    for step in job.steps:
        for scope, right in needs_of_step(step).items():
            if scope not in found or (right.level == "write" and found[scope].level != "write"):
                found[scope] = right
    return dict(sorted(found.items()))
