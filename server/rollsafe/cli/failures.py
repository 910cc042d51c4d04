"""How a command ends badly."""


class CommandError(Exception):
    """What the user asked for cannot be done; the text is one line that names the place. Exit code 2."""
