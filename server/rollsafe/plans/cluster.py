"""Command lines for clusters and Docker hosts: what is there, roll out, wait, look, go back."""

from collections.abc import Sequence
from typing import Final

from rollsafe.plans.commands import line

ROLLOUT_TIMEOUT: Final = "15m"
RECENT: Final = "10m"


def kubectl(namespace: str | None, *words: str) -> str:
    """Return a kubectl command line in `namespace`; without one the context's own counts."""
    return line("kubectl", *(("--namespace", namespace) if namespace else ()), *words)


def helm(namespace: str | None, *words: str) -> str:
    """Return a helm command line in `namespace`."""
    return line("helm", *words, *(("--namespace", namespace) if namespace else ()))


def compose(paths: Sequence[str], *words: str) -> str:
    """Return a Compose command line for its files."""
    files = [word for path in paths for word in ("--file", path)]
    return line("docker", "compose", *files, *words)


def rollout_status(namespace: str | None, key: str) -> str:
    """Return the command that waits until a workload is rolled out, and fails when it is not in time."""
    return kubectl(namespace, "rollout", "status", key, f"--timeout={ROLLOUT_TIMEOUT}")


def rollout_undo(namespace: str | None, key: str) -> str:
    """Return the command that brings a workload's previous revision back."""
    return kubectl(namespace, "rollout", "undo", key)


def logs(namespace: str | None, key: str) -> str:
    """Return the command that shows what the pods of a workload have said lately."""
    return kubectl(namespace, "logs", key, "--all-containers", f"--since={RECENT}", "--prefix")


def suspend(namespace: str | None, key: str, word: str) -> str:
    """Return the command that stops (`true`) or starts (`false`) a CronJob's schedule."""
    return kubectl(namespace, "patch", key, "--patch", f'{{"spec":{{"suspend":{word}}}}}')


def through_service(namespace: str, service: str, port: int | str, path: str) -> str:
    """Return the command that asks a Service through the API server, as nobody outside can."""
    place = f"/api/v1/namespaces/{namespace}/services/{service}:{port}/proxy/{path.lstrip('/')}"
    return line("kubectl", "get", "--raw", place)


def ask(url: str) -> str:
    """Return the command that fails unless an address answers with success."""
    return line(
        "curl",
        "--fail",
        "--silent",
        "--show-error",
        "--location",
        "--max-time",
        "10",
        "--output",
        "/dev/null",
        "--write-out",
        r"%{http_code}\n",
        url,
    )
