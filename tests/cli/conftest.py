"""A small repository on disk and the command run in it, as a user would."""

import io
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from rollsafe.cli import main
from tests.cli.reviewed import FILE, KEY, PLAN, REMARK, SCRIPT
from tests.review.double import Double, answers, running_double

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  revisionHistoryLimit: 0
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry.example/web:1.4.2
          ports:
            - containerPort: 8080
"""
"""`rollback-disabled` (error, safe fix) on line 7; with SERVICE also probes missing on line 15."""
SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: {app: web}
  ports:
    - port: 80
      targetPort: 8080
"""
TWO_RULES = "--select=rollback-disabled,missing-readiness-probe"
"""The rules most tests are about, so that other rules do not change what is counted."""


class Outcome(NamedTuple):
    """What a run of the command left."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def findings(self) -> list[tuple[str, str]]:
        """Path and rule of each finding of a JSON report."""
        return [(found["path"], found["rule"]) for found in self.json["findings"]]


@dataclass
class Repository:
    """A directory that is a project of its own, and the current directory of the command."""

    path: Path
    capture: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch

    def write(self, path: str, text: str | bytes) -> Path:
        file = self.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    def read(self, path: str) -> str:
        return (self.path / path).read_bytes().decode()

    def run(self, *words: str, stdin: str | bytes | None = None) -> Outcome:
        if stdin is not None:
            data = stdin if isinstance(stdin, bytes) else stdin.encode()
            self.patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        self.capture.readouterr()
        code = main(list(words))
        captured = self.capture.readouterr()
        return Outcome(code, captured.out, captured.err)


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    home = str(tmp_path_factory.mktemp("home"))
    for name in ("HOME", "USERPROFILE", "APPDATA"):
        monkeypatch.setenv(name, home)
    for name in (
        "GITHUB_ACTIONS",
        "GITHUB_WORKSPACE",
        "ROLLSAFE_OUTPUT_FORMAT",
        "ROLLSAFE_DEBUG",
        "NO_COLOR",
        "XDG_CONFIG_HOME",
        "CLAUDE_CONFIG_DIR",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def empty(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A directory that belongs to no project."""
    monkeypatch.chdir(tmp_path)
    return Repository(tmp_path, capsys, monkeypatch)


@pytest.fixture
def repository(empty: Repository) -> Repository:
    """A project without findings."""
    empty.write("rollsafe.toml", "root = true\n")
    return empty


@pytest.fixture
def shop(repository: Repository) -> Repository:
    """A project with one error and one warning, in two files that only make sense together."""
    repository.write("k8s/deployment.yaml", DEPLOYMENT)
    repository.write("k8s/service.yaml", SERVICE)
    return repository


Git = Callable[..., str]


@pytest.fixture
def git(repository: Repository) -> Git:
    """Run git in the project, with a fixed author."""
    import subprocess

    def run(*words: str) -> str:
        author = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"]
        command = ["git", *author, "-C", str(repository.path), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    run("init", "--quiet")
    return run


@pytest.fixture
def double(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory, prepared_workers: Path | None
) -> Iterator[Double]:
    if prepared_workers is not None:
        monkeypatch.setenv("PYTHONPATH", str(prepared_workers))
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
    monkeypatch.setenv("APPDATA", str(tmp_path_factory.mktemp("appdata")))
    monkeypatch.setenv("ROLLSAFE_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.setenv("ROLLSAFE_STATE_DIR", str(tmp_path_factory.mktemp("state")))
    with running_double() as running:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", running.base_url)
        running.replies = [answers(REMARK)]
        yield running


@pytest.fixture
def scripted(shop: Repository) -> Repository:
    """A project with an error, and a script in which only reading shows what is wrong."""
    shop.write("deploy.sh", SCRIPT)
    return shop


@pytest.fixture
def planned(repository: Repository) -> Repository:
    """A plan that a rule finds a fault with, and that only one agent looks at."""
    repository.write(FILE, PLAN)
    return repository
