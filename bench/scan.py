"""Throughput of the command, beside other tools where they are installed."""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

OTHERS = {
    "workflow": ("zizmor", ("zizmor", "--offline", "--no-progress", "--no-exit-codes", "-q", ".")),
    "sql": ("squawk", ("squawk", "db/migrations/*.up.sql")),
    "dockerfile": ("hadolint", ("hadolint", "--no-fail", "services/*/Dockerfile")),
}


def rollsafe() -> tuple[str, ...]:
    """Return the command that scans the current directory."""
    beside = Path(sys.executable).parent / "rollsafe"
    return (str(beside), "check", ".", "--format", "json", "--exit-zero", "--level", "auditor")


def seconds(command: tuple[str, ...], root: Path, runs: int = 5) -> float:
    """Return the median wall time of a command, its output thrown away."""
    times: list[float] = []
    for _ in range(runs):
        began = time.perf_counter()
        subprocess.run(
            _expanded(command, root), cwd=root, check=False, capture_output=True, env=environment()
        )
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def environment() -> dict[str, str]:
    """Return the environment of an installed program, which keeps its compiled modules."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def other(kind: str) -> tuple[str, tuple[str, ...]] | None:
    """Return the name and command of the other tool for `kind`, if it is installed."""
    if kind not in OTHERS:
        return None
    name, command = OTHERS[kind]
    beside = Path(sys.executable).parent / name
    program = str(beside) if beside.exists() else shutil.which(name)
    return (name, (program, *command[1:])) if program else None


def peak_memory_mb() -> float:
    """Return the largest resident set any child process has had."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def _expanded(command: tuple[str, ...], root: Path) -> list[str]:
    parts: list[str] = []
    for part in command:
        found = sorted(root.glob(part)) if "*" in part else []
        parts += [str(path.relative_to(root)) for path in found] or [part]
    return parts
