"""Plans of a project that is edited step by step are those of a process that reads the result afresh."""

import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from rollsafe.artefacts.registry import is_candidate
from rollsafe.engine.planning import kind_named, make_plan
from rollsafe.engine.project import Project
from rollsafe.workspace.disk import load_projects

EXAMPLE = Path(__file__).parents[2] / "examples" / "shop"
KINDS = ("map", "graph", "deploy")
CALLS = {
    ".github/workflows/release.yml": """\
on: {push: {tags: ["v*"]}}
jobs:
  release:
    runs-on: ubuntu-24.04
    environment: production
    steps:
      - uses: actions/checkout@v4
      - uses: ./.github/actions/roll
        with: {service: orders}
      - run: make verify
  again:
    needs: release
    uses: ./.github/workflows/called.yml
""",
    ".github/workflows/called.yml": """\
on: workflow_call
jobs:
  deploy:
    runs-on: ubuntu-24.04
    steps:
      - run: make deploy
""",
    ".github/actions/roll/action.yml": """\
inputs: {service: {required: true}}
runs:
  using: composite
  steps:
    - run: kubectl rollout status deployment/orders
      shell: bash
    - run: kubectl apply -k k8s/overlays/production
      shell: bash
""",
    "Makefile": """\
deploy:
\tkubectl apply -k k8s/overlays/production
verify:
\tcurl --fail https://orders.example/health
""",
}
"""Pipelines made of several files, which the example has none of."""
EDITS = 40
LOOKS = 4
"""How often a fresh process is asked while all edits are made."""


def edited(text: str, chance: random.Random, words: list[str]) -> str:
    """Return a text as it is after somebody did something to one of its lines."""
    lines = text.splitlines(keepends=True) or ["\n"]
    at = chance.randrange(len(lines))
    match chance.randrange(5):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, lines[at])
        case 2:
            lines.insert(at, "\n")
        case 3:
            old = chance.choice(words)
            lines = [line.replace(old, chance.choice(words)) for line in lines]
        case _:
            lines[at] = lines[at].replace("1", "2").replace("8080", "9090").replace("production", "staging")
    return "".join(lines)


def steps(root: Path, chance: random.Random) -> Iterator[tuple[str, str | None]]:
    """Yield what becomes of which file: new text, None where it is removed; files come back, too."""
    texts = {
        path: (root / path).read_text(encoding="utf-8")
        for path in sorted(str(one.relative_to(root)) for one in root.rglob("*") if one.is_file())
        if is_candidate(path) or path.endswith(".md")
    }
    first, words = dict(texts), ["orders", "billing", "storefront", "reports", "postgres", "production"]
    for _ in range(EDITS):
        path = chance.choice(sorted(CALLS if chance.random() < 0.3 else first))
        if path not in texts:
            texts[path] = first[path]
        elif chance.random() < 0.05:
            del texts[path]
        else:
            texts[path] = edited(texts[path], chance, words)
        yield path, texts.get(path)


def written(project: Project, kind: str) -> str:
    moment = project.moment()
    try:
        return make_plan(kind_named(kind), moment).to_json().decode()
    finally:
        moment.close()


def afresh(root: Path, kind: str) -> str:
    command = (sys.executable, "-m", "rollsafe", "plan", kind, "--format", "json", str(root))
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("seed", range(4))
def test_plans_after_edits_are_those_of_a_fresh_process(seed: int, tmp_path: Path) -> None:
    root = tmp_path / "shop"
    shutil.copytree(EXAMPLE, root)
    (root / "rollsafe.toml").unlink()
    for called, workflow in CALLS.items():
        (root / called).parent.mkdir(parents=True, exist_ok=True)
        (root / called).write_text(workflow, encoding="utf-8")
    project = Project.open(load_projects(str(root))[0], date.today())
    project.analyse()
    for number, (path, text) in enumerate(steps(root, random.Random(seed)), 1):
        (root / path).unlink() if text is None else (root / path).write_text(text, encoding="utf-8")
        project.replace({path: text})
        plans = {kind: written(project, kind) for kind in KINDS}
        if number % (EDITS // LOOKS) == 0:
            assert plans == {kind: afresh(root, kind) for kind in KINDS}, (number, path)
