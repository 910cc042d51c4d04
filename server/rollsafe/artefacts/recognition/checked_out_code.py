"""Commands and actions that run code, or obey configuration, of the directory they are started in."""

from collections.abc import Iterator
from typing import Final

from rollsafe.text.patterns import lazily

_NPM_VERBS: Final = (
    "ci|diff|restart|start|stop|t(?:e?st)?|rum|urn|run(?:-script)?|ver(?:si|is)on"
    "|install|add|i|in|ins|inst|insta|instal|isnta|isntal|isntall"
)
_COMMANDS: Final = (
    ("ant", r"^\s*ant\s"),
    ("bash", r"\S+\.sh\b"),
    ("bundler", r"bundle\s+(?:install|exec\s)"),
    ("cargo", r"cargo\s+(?:build|run|test|bench)"),
    ("checkov", r"checkov\s"),
    ("chmod", r"^\s*chmod\s+(?:.*\+x|[0-7]?[0-7]{2}[1357]\b|[0-7][1357][0-7]\b|[1357][0-7]{2}\b)"),
    ("docker", r"docker\s+build\s"),
    ("eslint", r"eslint\s"),
    ("go generate", r"go\s+generate"),
    ("gomplate", r"gomplate\s"),
    ("goreleaser", r"goreleaser\s+(?:build|release)"),
    ("gradle", r"(?:\./)?gradlew?(?:\.bat)?\s"),
    ("make", r"make\s"),
    ("maven", r"mvn\s|\./mvnw(?:\.bat|\.cmd|\.sh)?\s"),
    ("mkdocs", r"mkdocs\s+build"),
    ("msbuild", r"msbuild\s"),
    ("mypy", r"mypy\s"),
    ("npm", rf"npm\s+(?:{_NPM_VERBS})\b"),
    ("phpstan", r"phpstan\s"),
    ("pip", r"pip\s+install|pipenv\s+(?:install|run\s)"),
    ("powershell", r"\S+\.ps1\b"),
    ("pre-commit", r"pre-commit\s+(?:run|install)"),
    ("python", r"^\s*python3?\s+\S+\.py\b"),
    ("rake", r"rails\s+(?:db:create|assets:precompile)|^\s*rake\s"),
    ("rubocop", r"rubocop"),
    ("sonar-scanner", r"sonar-scanner"),
    ("stylelint", r"stylelint\s"),
    ("terraform", r"terraform\s+(?:plan|apply)"),
    ("tflint", r"tflint"),
    ("tofu", r"tofu\s+(?:plan|apply)"),
    ("trivy", r"trivy\s"),
    ("vale", r"vale\s"),
    ("webpack", r"webpack"),
    ("yarn", r"yarn(?:\s|$)"),
)
_PATTERNS: Final = tuple((name, lazily(rf"(?im)(?<![a-z])(?:{body})")) for name, body in _COMMANDS)
_ACTIONS: Final = frozenset(
    {
        *(
            "actions-rs/cargo",
            "actions/setup-node",
            "bridgecrewio/checkov-action",
            "docker/build-push-action",
        ),
        *("dflook/terraform-apply", "dflook/terraform-plan", "dflook/tofu-apply", "dflook/tofu-plan"),
        *("golangci/golangci-lint-action", "goreleaser/goreleaser-action", "gradle/gradle-build-action"),
        *("hynek/build-and-inspect-python-package", "js-devtools/npm-publish", "oxsecurity/megalinter"),
        *("op5dev/tf-via-pr", "php-actions/phpstan", "pre-commit-ci/lite-action", "pre-commit/action"),
        *(
            "reviewdog/action-eslint",
            "reviewdog/action-rubocop",
            "reviewdog/action-tflint",
            "ruby/setup-ruby",
        ),
        *("samuelmeuli/action-maven-publish", "sonarsource/sonarqube-scan-action", "magefile/mage-action"),
        *(
            "actions-hub/stylelint",
            "errata-ai/vale-action",
            "ricardochaves/python-lint",
            "docker/setup-buildx-action",
        ),
    }
)


def running_tools(script: str) -> Iterator[tuple[str, int]]:
    """Yield each tool by which a script runs what lies in its directory, with the offset of its first use."""
    for name, pattern in _PATTERNS:
        found = pattern.search(script)
        if found is not None:
            yield name, found.start()


def runs_checked_out_code(action: str) -> bool:
    """Say whether an action, `owner/repo` in lower case, runs or obeys what lies in the workspace."""
    return action in _ACTIONS
