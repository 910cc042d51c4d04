"""Fixes in files of other forms than the examples of the rules: what stays, and what is not offered."""

import json
from typing import Any

import pytest

from rollsafe.formats.yaml import read_yaml
from tests.cli.conftest import Repository

WORKLOAD = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: worker
spec:
  replicas: 2
  selector: {matchLabels: {app: worker}}
  template:
    metadata: {labels: {app: worker}}
    spec:
      containers:
"""
CONTAINER = """\
        - name: worker
          image: registry.example/worker:2.0.1
"""


def offered(repository: Repository, rule: str) -> list[Any]:
    """Return the fixes of a rule's only finding."""
    report = repository.run("check", f"--select={rule}", "--format=json").json
    [found] = report["findings"]
    return list(found["fixes"])


def apply(repository: Repository, fix: Any) -> None:
    """Apply one fix as an editor does: edits by line and column, last one first."""
    edits = sorted(fix["edits"], key=lambda edit: _place(edit["range"]["start"]), reverse=True)
    for edit in edits:
        text = repository.read(edit["path"])
        start, end = (_offset(text, edit["range"][side]) for side in ("start", "end"))
        repository.write(edit["path"], text[:start] + edit["new_text"] + text[end:])
    for created in fix["creates"]:
        repository.write(created["path"], created["text"])


def _place(position: Any) -> tuple[int, int]:
    return position["line"], position["column"]


def _offset(text: str, position: Any) -> int:
    line, column = _place(position)
    return sum(map(len, text.splitlines(keepends=True)[: line - 1])) + column - 1


def fixed(repository: Repository, rule: str, path: str, text: str) -> str:
    """Return a file after the first fix of the only finding of `rule`, which is gone then."""
    repository.write(path, text)
    apply(repository, offered(repository, rule)[0])
    assert repository.run("check", f"--select={rule}", "--format=json").findings == []
    return repository.read(path)


class TestYaml:
    """Kubernetes manifests and Compose files."""

    def test_json_stays_json(self, repository: Repository) -> None:
        container = {"name": "worker", "image": "registry.example/worker:2.0.1"}
        pod = {"metadata": {"labels": {"app": "worker"}}, "spec": {"containers": [container]}}
        spec = {"selector": {"matchLabels": {"app": "worker"}}, "template": pod}
        workload = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "worker"}}
        before = workload | {"spec": spec}
        text = json.dumps(before, indent="\t") + "\n"
        after = fixed(repository, "missing-resource-requests", "k8s/worker.json", text)
        container |= {"resources": {"requests": {"cpu": "100m", "memory": "128Mi"}}}  # type: ignore[dict-item]
        assert after == json.dumps(before, indent="\t") + "\n"

    def test_flow_style_stays_on_its_line(self, repository: Repository) -> None:
        text = f"{WORKLOAD}        - {{name: worker, image: 'registry.example/worker:2.0.1'}}  # the one\n"
        after = fixed(repository, "missing-resource-requests", "k8s/worker.yaml", text)
        added = ", resources: {requests: {cpu: 100m, memory: 128Mi}}}"
        assert after == text.replace("}  # the", f"{added}  # the")

    def test_empty_mapping_becomes_a_block(self, repository: Repository) -> None:
        text = f"{WORKLOAD}{CONTAINER}          resources: {{}}  # to be measured\n"
        after = fixed(repository, "missing-resource-requests", "k8s/worker.yaml", text)
        requests = "\n            requests:\n              cpu: 100m\n              memory: 128Mi"
        assert after == text.replace(" {}", requests)

    def test_indentation_is_the_files_own(self, repository: Repository) -> None:
        lines = (WORKLOAD + CONTAINER).splitlines(keepends=True)
        text = "".join(" " * (len(line) - len(line.lstrip())) + line for line in lines).replace("- ", "-   ")
        after = fixed(repository, "missing-resource-requests", "k8s/worker.yaml", text)
        assert after.startswith(text)
        indents = [len(line) - len(line.lstrip()) for line in after[len(text) :].splitlines()]
        assert indents == [20, 24, 28, 28]

    def test_anchor_of_a_changed_value_stays(self, repository: Repository) -> None:
        text = "replicas: 2\n  revisionHistoryLimit: &kept 0 # few"
        manifest = (WORKLOAD + CONTAINER).replace("replicas: 2", text)
        after = fixed(repository, "rollback-disabled", "k8s/worker.yaml", manifest)
        assert after == manifest.replace("&kept 0 #", "&kept 3 #")

    def test_quotes_of_a_changed_value_stay(self, repository: Repository) -> None:
        compose = 'services:\n  cache:\n    image: "redis:latest"\n  other:\n    image: redis:7.4.1\n'
        after = fixed(repository, "floating-image-tag", "compose.yaml", compose)
        assert after == compose.replace("redis:latest", "redis:7.4.1")

    def test_another_variant_of_an_image_is_no_fix(self, repository: Repository) -> None:
        repository.write(
            "compose.yaml", "services:\n  a:\n    image: redis:alpine\n  b:\n    image: redis:7.4.1\n"
        )
        assert offered(repository, "floating-image-tag") == []

    def test_new_manifest_is_named_in_the_kustomization(self, repository: Repository) -> None:
        volumes = "      volumes:\n        - name: data\n          emptyDir: {}\n"
        mount = "          volumeMounts: [{name: data, mountPath: /var/lib/postgresql/data}]\n"
        container = "        - name: db\n          image: postgres:16.4\n"
        repository.write("k8s/kustomization.yaml", "resources:\n- worker.yaml  # the database\n")
        text = WORKLOAD + container + mount + volumes
        fixed(repository, "data-on-ephemeral-volume", "k8s/worker.yaml", text)
        listed = read_yaml(repository.read("k8s/kustomization.yaml")).documents[0].items_at("resources")
        assert len(listed) == 2
        assert repository.read("k8s/kustomization.yaml").startswith("resources:\n- worker.yaml  # the")


class TestWorkflows:
    """GitHub workflows."""

    HEAD = "on: issues\npermissions: {}\njobs:\n  greet:\n    runs-on: ubuntu-24.04\n    steps:\n"

    @pytest.mark.parametrize("quote", ['"', "'", ""])
    def test_script_in_quotes_stays_one_value(self, repository: Repository, quote: str) -> None:
        step = f"      - run: {quote}echo ${{{{ github.event.issue.title }}}}{quote}\n"
        after = fixed(repository, "script-injection", ".github/workflows/greet.yml", self.HEAD + step)
        job = read_yaml(after).documents[0].at("jobs", "greet", "steps", 0)
        assert job is not None
        assert job.text_at("run") == 'echo "${ISSUE_TITLE}"'
        assert job.text_at("env", "ISSUE_TITLE") == "${{ github.event.issue.title }}"

    def test_script_other_steps_share_is_left_alone(self, repository: Repository) -> None:
        steps = "      - run: &say echo ${{ github.event.issue.title }}\n      - run: *say\n"
        repository.write(".github/workflows/greet.yml", self.HEAD + steps)
        report = repository.run("check", "--select=script-injection", "--format=json").json
        assert [len(found["fixes"]) for found in report["findings"]] == [1, 0]

    def test_action_named_in_a_block_is_left_alone(self, repository: Repository) -> None:
        pinned = "      - uses: vendor/publish@0aaccfd150d50ccaeb58ebd88d36e91967a5f35b\n"
        step = "      - uses: >-\n          vendor/publish@main\n"
        repository.write(".github/workflows/greet.yml", self.HEAD + pinned + step)
        assert offered(repository, "unpinned-action") == []

    def test_comment_of_a_moved_step_goes_with_it(self, repository: Repository) -> None:
        text = (
            "on: {push: {branches: [main]}}\njobs:\n  deploy:\n    environment: production\n"
            "    runs-on: ubuntu-24.04\n    steps:\n"
            "      # The new version.\n      - run: kubectl set image deployment/shop shop=shop:2\n"
            "      # Its tables.\n      - run: alembic upgrade head\n      - run: echo done\n"
        )
        after = fixed(repository, "migration-after-deploy", ".github/workflows/deploy.yml", text)
        deploy, migrate = text.index("      # The new"), text.index("      # Its")
        last = text.index("      - run: echo")
        assert after == text[:deploy] + text[migrate:last] + text[deploy:migrate] + text[last:]


def test_comment_above_a_command_stays_there(repository: Repository) -> None:
    text = 'FROM python:3.12.7-slim\nEXPOSE 9000\n\n# How it starts.\nCMD ["python", "-m", "api"]\n'
    repository.write("compose.yaml", "services:\n  api:\n    build: .\n")
    after = fixed(repository, "missing-image-health-check", "Dockerfile", text)
    assert after.endswith(text[text.index("# How") :])
    assert "\n\nHEALTHCHECK " in after


@pytest.mark.parametrize("quote", ['"', "'", ""])
def test_variable_in_the_place_of_a_secret_keeps_its_quotes(repository: Repository, quote: str) -> None:
    value = f"{quote}sk_live_4eC39HqLyjWDarjtT1zdp7dc{quote}"
    service = "services:\n  api:\n    image: registry.example/api:1.2.0\n"
    text = f"{service}    environment:\n      API_KEY: {value}\n"
    after = fixed(repository, "secret-in-plain-text", "compose.yaml", text)
    assert after == text.replace(value, f"{quote}${{API_KEY:?set API_KEY}}{quote}")


@pytest.mark.parametrize(("password", "found"), [("developmentpassword", 1), ("correct-horse", 1)])
def test_password_does_not_say_what_a_compose_file_is_for(
    repository: Repository, password: str, found: int
) -> None:
    text = "services:\n  db:\n    image: postgres:16.4\n    environment: [POSTGRES_PASSWORD={}]\n"
    waiting = "  api:\n    image: registry.example/api:1.2.0\n    depends_on: [db]\n"
    repository.write("compose.yaml", text.format(password) + waiting)
    report = repository.run("check", "--extend-select=missing-compose-health-check", "--format=json")
    assert [rule for _, rule in report.findings].count("dependency-started-not-healthy") == found
