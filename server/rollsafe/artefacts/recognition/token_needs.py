"""What known actions and commands need of a workflow's token."""

from typing import TYPE_CHECKING, Final

from rollsafe.text.patterns import lazily

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


def needs_of_step(step: "Step") -> dict[str, str]:
    """Return the permissions a step is known to need, by scope."""
    if step.run is not None:
        text = step.run.text
        return {scope: "write" for pattern, scope in _COMMANDS if pattern.search(text)}
    return _ACTIONS.get(step.uses_text.partition("@")[0].lower(), {})


def needs_of_job(job: "Job") -> dict[str, str]:
    """Return the permissions a job's steps are known to need together."""
    found: dict[str, str] = {}
    for step in job.steps:
        for scope, level in needs_of_step(step).items():
            if found.get(scope) != "write":
                found[scope] = level
    return found
