"""What a file is for, as far as its path tells: development and tests, or something that ships.

Taking a production file for a development one hides hazards, the opposite merely reports too much.
Therefore only words that stand alone in the file's name count, of directories only whole names, and a
word such as `prod` outweighs them all.
"""

import re
from functools import lru_cache
from typing import Final

_WORD = re.compile(r"[A-Za-z0-9]+")
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
}


def is_development_path(path: str) -> bool:
    """Say whether a path (posix) names something for development, tests, examples or CI only."""
    *directories, name = path.split("/")
    words = {word.lower() for word in _WORD.findall(name)}
    folders = {directory.lstrip("._").lower() for directory in directories}
    if (words | folders) & _PRODUCTION:
        return False
    return bool(words & _NAMES or folders & _DIRECTORIES)


@lru_cache(maxsize=1_024)
def is_practice(directory: str) -> bool:
    """Say whether a directory (posix) is one for development, tests, examples or CI only."""
    return is_development_path(f"{directory}/")
