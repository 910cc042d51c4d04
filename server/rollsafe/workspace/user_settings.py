"""What a user decides for themselves, in a file that belongs to no project.

Whether files may be shown to a model is a user's decision; a repository that could make it would be sent
somewhere as soon as it is checked.
"""

import os
from typing import Final, Literal

from rollsafe.text.records import open_record
from rollsafe.workspace.settings import AgentSource, ConfigurationError, checked
from rollsafe.workspace.user_directories import config_directory

Provider = Literal["anthropic", "bedrock", "vertex", "foundry"]

_MOST: Final = 100_000


@open_record
class ReviewBudget:
    """What reviews may cost at most. A call counts with each of its retries, tokens in and out."""

    run_calls: int = 30
    """Calls of a model in one run."""
    run_tokens: int = 300_000
    """Tokens in one run."""
    day_calls: int = 300
    """Calls of a model in one day, in all projects and editors together."""
    day_tokens: int = 2_000_000
    """Tokens in one day, in all projects and editors together."""


@open_record
class UserReview:
    """When and by which model `rollsafe check` lets files be reviewed."""

    enabled: bool = False
    """Whether every `check` in a trusted project asks a model, as if `--ai` were given."""
    trusted: tuple[str, ...] = ()
    """Directories whose projects are trusted, such as `~/work`; others are reviewed with `--ai` only."""
    model: str = "haiku"
    """The model that is asked: `haiku`, `sonnet`, `opus`, or a model's own name."""
    provider: Provider = "anthropic"
    """Where the model runs: at Anthropic, or in an account of yours at Bedrock, Vertex or Foundry."""
    region: str = ""
    """The region at Bedrock or Vertex."""
    project: str = ""
    """The project at Vertex."""
    resource: str = ""
    """The resource at Foundry."""
    cache: bool = True
    """Whether answers are kept for 30 days, so that the same question is not paid for twice."""
    dry_run: str = ""
    """A file that requests are written to instead of being sent, such as `~/ai-requests.json`."""
    budget: ReviewBudget = ReviewBudget()

    def trusts(self, root: str) -> bool:
        """Say whether the project at `root`, an absolute path, is below a trusted directory."""
        return _lies_below(root, self.trusted)


@open_record
class UserAgents:
    """Which agents beside the built-in ones take part."""

    sources: tuple[AgentSource, ...] = ()
    """Tools whose agent files in your own directories, such as `~/.claude/agents`, count as agents too."""
    trusted: tuple[str, ...] = ()
    """Directories such as `~/work`; in projects below them the projects' own agents take part, too."""

    def trusts(self, root: str) -> bool:
        """Say whether the project at `root`, an absolute path, is below a trusted directory."""
        return _lies_below(root, self.trusted)


@open_record
class UserSettings:
    """Everything a user can set. Unknown keys are errors: a misspelt key would do nothing."""

    ai: UserReview = UserReview()
    agents: UserAgents = UserAgents()


def user_settings_file() -> str:
    """Return where the file is, whether or not it is there: below the user's configuration directory."""
    return os.path.join(config_directory(), "settings.toml")


def load_user_settings() -> UserSettings:
    """Return the user's settings; defaults without a file.

    Raises:
        ConfigurationError: the file cannot be read or is not valid; the message names place and key.
    """
    path = user_settings_file()
    try:
        with open(path, encoding="utf-8") as stream:
            text = stream.read(_MOST)
    except (FileNotFoundError, NotADirectoryError):
        return UserSettings()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}") from None
    return _parsed(text, path)


def own_user_settings(root: str) -> UserSettings:
    """Return the user's settings for the project at `root`: the defaults, if it could have written them.

    Raises:
        ConfigurationError: as for `load_user_settings`.
    """
    return UserSettings() if is_inside(user_settings_file(), root) else load_user_settings()


def _lies_below(root: str, directories: tuple[str, ...]) -> bool:
    inside = os.path.join(os.path.realpath(root), "")
    expanded = (os.path.expanduser(directory) for directory in directories)
    known = (os.path.realpath(path) for path in expanded if os.path.isabs(path))
    return any(inside.startswith(os.path.join(path, "")) for path in known)


def is_inside(path: str, root: str) -> bool:
    """Say whether a file really lies in the project at `root`."""
    return os.path.realpath(path).startswith(os.path.join(os.path.realpath(root), ""))


def _parsed(text: str, path: str) -> UserSettings:
    import tomllib

    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path}: not valid TOML: {error}") from None
    return checked(UserSettings, data, text, path)
