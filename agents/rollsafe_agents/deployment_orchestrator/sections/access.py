"""What one has to have to run a command, variables included."""

from rollsafe.plans.commands import access_for, variables_in


def access(command: str | None) -> str:
    """Return the access a command needs, and which variables have to be set for it."""
    if command is None:
        return "nothing"
    names = [f"`{name}`" for name in variables_in(command)]
    return access_for(command) + (f", {', '.join(names)} set" if names else "")
