"""Workflows for tests, written by their jobs and steps."""

from collections.abc import Sequence

PATH = ".github/workflows/cd.yml"
TEST = "  test: {runs-on: u, steps: [{run: pytest}]}\n"


def job(name: str, *steps: str, more: Sequence[str] = ("environment: production",)) -> str:
    """Return a job; each step is the YAML after its dash, each of `more` an entry of the job."""
    entries = "".join(f"    {entry}\n" for entry in more)
    lines = "".join("      - " + step.replace("\n", "\n        ") + "\n" for step in steps)
    return f"  {name}:\n    runs-on: u\n{entries}    steps:\n{lines}"


def workflow(*jobs: str, on: str = "push: {branches: [main]}", top: str = "") -> dict[str, str]:
    """Return the one file of a repository."""
    return {PATH: f"name: cd\non: {{{on}}}\n{top}jobs:\n{''.join(jobs)}"}


def script(text: str) -> str:
    """Return a step that runs a script."""
    return "run: |\n  " + text.replace("\n", "\n  ")
