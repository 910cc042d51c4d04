"""`version`: what runs."""

import platform

from rollsafe import __version__
from rollsafe.cli.arguments import Arguments
from rollsafe.cli.console import Console


def run(arguments: Arguments, console: Console) -> int:
    """Print the version, with `--verbose` also Python and the agents."""
    console.write(f"rollsafe {__version__}\n")
    if arguments.flag("--verbose"):
        from rollsafe.engine import installed_agents

        implementation = platform.python_implementation()
        console.write(f"{implementation} {platform.python_version()} on {platform.system()}\n")
        for agent in installed_agents():
            console.write(f"{agent.name}: {len(agent.rules)} rules\n")
    return 0
