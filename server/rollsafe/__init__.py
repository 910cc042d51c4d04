"""rollsafe: deployment configs, migrations and workflow files, read together."""

__version__ = "0.1.0"
