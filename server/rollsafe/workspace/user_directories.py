"""Where a user's own files are: settings, what may be thrown away, and what is kept from run to run.

A variable that holds no absolute path counts as not set: a relative one would lead into the project.
"""

import os


def config_directory() -> str:
    """Return the directory of the user's settings, whether or not it is there."""
    return os.path.join(_base("APPDATA", "XDG_CONFIG_HOME", ".config"), "rollsafe")


def cache_directory() -> str:
    """Return the directory of what can be made again, whether or not it is there."""
    return _own("ROLLSAFE_CACHE_DIR") or os.path.join(
        _base("LOCALAPPDATA", "XDG_CACHE_HOME", ".cache"), "rollsafe"
    )


def state_directory() -> str:
    """Return the directory of journals and ledgers, whether or not it is there."""
    return _own("ROLLSAFE_STATE_DIR") or os.path.join(
        _base("LOCALAPPDATA", "XDG_STATE_HOME", ".local/state"), "rollsafe"
    )


def runs_journal() -> str:
    """Return the file runs are kept in unless another one is named: never in a project."""
    return os.path.join(state_directory(), "runs.sqlite3")


def agent_directories() -> tuple[tuple[str, str], ...]:
    """Return where a user keeps agents of their own: the tool that looks there, and an absolute directory."""
    home = os.path.expanduser("~")
    configuration = _own("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    claude = _own("CLAUDE_CONFIG_DIR") or os.path.join(home, ".claude")
    return (
        ("rollsafe", os.path.join(config_directory(), "agents")),
        ("claude", os.path.join(claude, "agents")),
        ("copilot", os.path.join(home, ".copilot", "agents")),
        ("cursor", os.path.join(home, ".cursor", "agents")),
        ("opencode", os.path.join(configuration, "opencode", "agent")),
        ("opencode", os.path.join(configuration, "opencode", "agents")),
    )


def shown_path(path: str) -> str:
    """Return a path as people write it: below the home directory with `~`."""
    home = os.path.join(os.path.expanduser("~"), "")
    return f"~/{path[len(home) :]}".replace(os.sep, "/") if path.startswith(home) else path


def _base(on_windows: str, elsewhere: str, below_home: str) -> str:
    told = _own(on_windows if os.name == "nt" else elsewhere)
    return told or os.path.join(os.path.expanduser("~"), *below_home.split("/"))


def _own(name: str) -> str:
    told = os.environ.get(name, "")
    return told if os.path.isabs(told) else ""
