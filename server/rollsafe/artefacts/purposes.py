"""What a file is for, as far as its path tells: development and tests, or something that ships.

Taking a production file for a development one hides hazards, the opposite merely reports too much.
Therefore only words that stand alone in the file's name count, of directories only whole names, and a
word such as `prod` outweighs them all.
"""

from functools import lru_cache
from typing import Final

from rollsafe.text.patterns import lazily

_WORD = lazily(r"[A-Za-z0-9]+")
_PRODUCTION: Final = frozenset({"prod", "prd", "production", "staging"})
_DEVELOPMENT: Final = frozenset(
    {
        *("dev", "devel", "develop", "development", "devcontainer", "local", "localdev"),
        *("test", "tests", "testing", "e2e", "ci", "example", "examples", "sample", "samples"),
    }
)
_NAMES: Final = _DEVELOPMENT | {"override", "debug"}
_DIRECTORIES: Final = _DEVELOPMENT | {
    *("testdata", "fixture", "fixtures", "demo", "demos", "playground", "benchmark", "benchmarks"),
    *("dev-env", "devenv", "dev-environment"),
}
_LEADING: Final = frozenset({"tests", "e2e", "examples"})
_TRAILING: Final = frozenset({"tests", "e2e", "testdata", "examples", "demos"})
"""Words of a directory's name at its beginning and its end. A `speed-test` may be what is sold, and so may
`blood-samples` and `match-fixtures`."""

_SHOWN: Final = frozenset(
    {
        *("doc", "docs", "documentation", "poc", "hack", "testfiles", ".github"),
        *("tutorial", "tutorials", "quickstart", "quickstarts", "getting-started"),
    }
)
"""Directories of what is for reading or trying."""

_PROSE: Final = frozenset({"md", "markdown", "mdx", "rst", "adoc"})
_DOCUMENTS: Final = frozenset({"doc", "docs", "documentation", "adr", "adrs", "rfcs"})
_NOTICES: Final = frozenset(
    {
        *("readme", "changelog", "license", "licence", "copying", "notice", "authors", "contributing"),
        *("code_of_conduct", "security", "codeowners", "maintainers", "support", "history"),
    }
)
_TOOLS: Final = frozenset(
    {
        *(".github", ".gitlab", ".circleci", ".vscode", ".idea", ".devcontainer", ".cursor", ".claude"),
        *(".husky", ".changeset"),
    }
)
_TOOL_FILES: Final = frozenset(
    {".gitignore", ".gitattributes", ".editorconfig", ".gitlab-ci.yml", "renovate.json"}
)


def is_development_path(path: str) -> bool:
    """Say whether a path (posix) names something for development, tests, examples or CI only."""
    *directories, name = path.split("/")
    words = {word.lower() for word in _WORD.findall(name)}
    folders = {directory.lstrip("._").lower() for directory in directories}
    if (words | folders) & _PRODUCTION:
        return False
    return bool(words & _NAMES or folders & _DIRECTORIES or any(map(_of_tests, folders)))


def _of_tests(folder: str) -> bool:
    """Say whether a directory is named after tests or examples of something: `api-tests`, `e2e-cluster`."""
    first, *rest = _WORD.findall(folder) or [""]
    return bool(rest) and (first in _LEADING or rest[-1] in _TRAILING)


@lru_cache(maxsize=4_096)
def ships_nowhere(path: str) -> bool:
    """Say whether a path (posix) names something that is deployed nowhere, or only shows how it is done."""
    folders = {directory.lower() for directory in path.split("/")[:-1]}
    return is_development_path(path) or (bool(folders & _SHOWN) and not folders & _PRODUCTION)


def is_documentation(path: str) -> bool:
    """Say whether a path (posix) names something for readers of the repository: a document, a licence."""
    *directories, name = path.split("/")
    stem, _, suffix = name.lower().partition(".")
    if stem in _NOTICES:
        return True
    folders = {directory.lower() for directory in directories}
    return suffix in _PROSE and (not directories or bool(folders & _DOCUMENTS))


def is_housekeeping(path: str) -> bool:
    """Say whether a path (posix) names something for those who work on the repository: CI, editors, git."""
    top, _, rest = path.partition("/")
    return top in _TOOLS if rest else top in _TOOL_FILES


@lru_cache(maxsize=1_024)
def is_practice(directory: str) -> bool:
    """Say whether a directory (posix) is one for development, tests, examples or CI only."""
    return is_development_path(f"{directory}/")
