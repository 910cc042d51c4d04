"""Tests, builds and publication of artifacts."""

from typing import Final

from rollsafe.artefacts.recognition.roles import Role, listed
from rollsafe.artefacts.recognition.rows import Row, row
from rollsafe.formats.shell import ShellCommand
from rollsafe.text.patterns import lazily

_TEST, _BUILD, _PUBLISH = Role.TEST, Role.BUILD, Role.PUBLISH

_ANY_TEST: Final = (row("", _TEST),)
_TESTING: Final = lazily(r"(^|:|-)(test|check|verify|e2e|integrationTest)($|:|-)|[a-z]Test$")


def _names_test(command: ShellCommand) -> bool:
    return any(_TESTING.search(operand) for operand in command.bare_words)


def _skips_tests(command: ShellCommand) -> bool:
    return any(
        text.startswith(("-DskipTests", "-Dmaven.test.skip")) and not text.endswith("=false")
        for text in command.texts
    )


def _runs_tests(command: ShellCommand) -> bool:
    return not _skips_tests(command)


_JVM_BUILD: Final = ("package", "install", "assemble", "build", "bootJar", "jib")
_PACKAGE_MANAGER: Final = (
    row("test|t|tst|run-tests", _TEST),
    row("publish", _PUBLISH),
    row("npm publish", _PUBLISH),
)

CHECK_TABLES: Final[dict[str, tuple[Row, ...]]] = {
    **dict.fromkeys(
        listed(
            "pytest py.test tox nox unittest jest vitest mocha ava tap karma jasmine rspec phpunit"
            " pest ctest bats behave robot cucumber busted testcafe nightwatch wdio trunk"
            " pre-commit golangci-lint"
        ),
        _ANY_TEST,
    ),
    "npm": _PACKAGE_MANAGER,
    "pnpm": _PACKAGE_MANAGER,
    "yarn": _PACKAGE_MANAGER,
    "bun": _PACKAGE_MANAGER,
    "cypress": (row("run", _TEST),),
    "playwright": (row("test", _TEST),),
    "go": (row("test", _TEST), row("build|install", _BUILD)),
    "gotestsum": _ANY_TEST,
    "ginkgo": _ANY_TEST,
    "cargo": (
        row("test|nextest|clippy|check", _TEST),
        row("publish", _PUBLISH),
        row("build", _BUILD),
    ),
    "mvn": (
        row("deploy", _PUBLISH),
        row("", _TEST, _BUILD, when=lambda c: _runs_tests(c) and _builds(c)),
        row("", _TEST, when=lambda c: _runs_tests(c) and _names_test(c)),
        row("", _BUILD, when=lambda c: _builds(c)),
    ),
    "gradle": (
        row("publish|publishPlugins", _PUBLISH),
        row("", _TEST, when=_names_test),
        row("", _BUILD, when=lambda c: _builds(c)),
    ),
    "bazel": (row("test|coverage", _TEST), row("build", _BUILD)),
    "bazelisk": (row("test|coverage", _TEST), row("build", _BUILD)),
    "nx": (
        row("test", _TEST),
        row("run-many|affected", _TEST, when=_names_test),
        row("affected:test", _TEST),
    ),
    "turbo": (row("test|lint", _TEST), row("run", _TEST, when=_names_test), row("build", _BUILD)),
    "sbt": (row("", _TEST, when=_names_test),),
    "swift": (row("test", _TEST), row("build", _BUILD)),
    "flutter": (row("test|analyze", _TEST), row("build", _BUILD)),
    "xcodebuild": (row("", _TEST, when=_names_test),),
    "composer": (row("test|check", _TEST),),
    "twine": (row("upload", _PUBLISH),),
    "poetry": (row("publish", _PUBLISH), row("build", _BUILD)),
    "uv": (row("publish", _PUBLISH), row("build", _BUILD)),
    "flit": (row("publish", _PUBLISH),),
    "hatch": (row("publish", _PUBLISH), row("test", _TEST)),
    "gem": (row("push", _PUBLISH),),
    "goreleaser": (row("release", _PUBLISH, unless="--snapshot --skip-publish"),),
    "semantic-release": (row("", _PUBLISH),),
    "release-it": (row("", _PUBLISH),),
    "changeset": (row("publish", _PUBLISH),),
    "lerna": (row("publish", _PUBLISH),),
    "nuget": (row("push", _PUBLISH),),
    "crane": (row("push|copy|cp|tag|append", _PUBLISH),),
    "skopeo": (row("copy|sync", _PUBLISH),),
    "oras": (row("push|copy", _PUBLISH),),
    "buildah": (row("push", _PUBLISH), row("build|bud", _BUILD)),
    "pack": (row("build", _BUILD, _PUBLISH, only="--publish"), row("build", _BUILD)),
    "nixpacks": (row("build", _BUILD),),
    "vsce": (row("publish", _PUBLISH),),
    "ovsx": (row("publish", _PUBLISH),),
}
"""By canonical tool name; of several rows the first that fits applies."""


def _builds(command: ShellCommand) -> bool:
    return any(operand.rpartition(":")[2] in _JVM_BUILD for operand in command.bare_words)
