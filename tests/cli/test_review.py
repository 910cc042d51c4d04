"""`check --ai`: who may switch it on, what is sent, how remarks are told, and what failure means."""

import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Git, Repository
from tests.cli.reviewed import AGENT, FILE, KEY, NAME, PLAN, QUIET, REMARK, SCRIPT, kept_answers, orders
from tests.review.double import Double, Reply, answers, item

needs_the_extra = pytest.mark.skipif(find_spec("anthropic") is None, reason="the extra `ai` is not installed")
pytestmark = [pytest.mark.ai, needs_the_extra]


class TestWhoSwitchesItOn:
    def test_a_key_alone_switches_nothing_on(self, planned: Repository, double: Double) -> None:
        assert planned.run(*QUIET).code == 1
        assert double.requests == []

    def test_the_option_does(self, planned: Repository, double: Double) -> None:
        outcome = planned.run(*QUIET, "--ai")
        assert outcome.lines[-1].startswith(f"{FILE}:8:1: {NAME} [info] AI, unverified (")
        assert double.requests != []

    @pytest.mark.parametrize(
        "text",
        [
            "[ai]\nenabled = true\n",
            "ai.enabled = true\n",
            "[ai]\nallowed = true\n",
            "[ai]\ntrusted = ['/']\n",
        ],
    )
    def test_a_project_cannot(self, planned: Repository, double: Double, text: str) -> None:
        planned.write("rollsafe.toml", f"root = true\n{text}")
        outcome = planned.run(*QUIET)
        assert outcome.code in (1, 2)
        assert double.requests == []

    def test_a_project_can_forbid(self, planned: Repository, double: Double) -> None:
        planned.write("rollsafe.toml", "root = true\n[ai]\nallowed = false\n")
        outcome = planned.run(*QUIET, "--ai")
        assert (outcome.code, outcome.err) == (1, "AI review skipped: rollsafe.toml allows none\n")
        assert double.requests == []

    @pytest.mark.parametrize(
        ("trusted", "options", "asked"),
        [
            ("{here}", (), True),
            ("{parent}", (), True),
            ("{here}", ("--no-ai",), False),
            ("{here}", ("--isolated",), False),
            ("{here}", ("--statistics",), False),
            ("{here}", ("--diff",), False),
            ("{here}/docs", (), False),
            ("{here}x", (), False),
            (".", (), False),
        ],
    )
    def test_the_users_own_settings_do_for_what_the_user_trusts(
        self,
        planned: Repository,
        double: Double,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path_factory: pytest.TempPathFactory,
        trusted: str,
        options: tuple[str, ...],
        asked: bool,
    ) -> None:
        here = planned.path.resolve()
        directory = trusted.format(here=here, parent=here.parent)
        text = f"[ai]\nenabled = true\ntrusted = [{json.dumps(directory)}]\n"
        orders(text, monkeypatch, tmp_path_factory.mktemp("user"))
        planned.run(*QUIET, *options)
        assert (double.requests != []) is asked

    def test_settings_inside_the_project_are_not_the_users(
        self, planned: Repository, double: Double, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        text = f"[ai]\nenabled = true\ntrusted = [{json.dumps(str(planned.path))}]\n"
        orders(text, monkeypatch, planned.path / "config")
        planned.run(*QUIET)
        assert double.requests == []

    @pytest.mark.parametrize("command", ["fix", "explain"])
    def test_other_commands_ask_nobody(
        self,
        planned: Repository,
        double: Double,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path_factory: pytest.TempPathFactory,
        command: str,
    ) -> None:
        text = f"[ai]\nenabled = true\ntrusted = [{json.dumps(str(planned.path))}]\n"
        orders(text, monkeypatch, tmp_path_factory.mktemp("user"))
        planned.run(command, *(["plan-without-rollback"] if command == "explain" else []))
        assert double.requests == []

    def test_a_mistake_in_the_users_settings_is_named(
        self, planned: Repository, double: Double, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        file = orders("[ai]\nenabeld = true\n", monkeypatch, tmp_path / "elsewhere")
        outcome = planned.run(*QUIET)
        assert (outcome.code, outcome.err) == (
            2,
            f"rollsafe: {file}:2: unknown key `enabeld` (in `ai.enabeld`)\n",
        )

    @pytest.mark.parametrize("other", ["--no-ai", "--statistics", "--diff", "--update-baseline"])
    def test_what_shows_no_remarks_is_not_paid_for(
        self, planned: Repository, double: Double, other: str
    ) -> None:
        outcome = planned.run("check", "--ai", other)
        assert outcome.code == 2
        assert outcome.err.startswith("rollsafe: --ai")
        assert double.requests == []


class TestWhatIsAsked:
    def test_every_agent_is_asked_once_about_the_files_it_looks_at(
        self, scripted: Repository, double: Double
    ) -> None:
        scripted.run(*QUIET, "--ai")
        asked = {agent: [file["path"] for file in files] for agent, files in map(question, bodies(double))}
        manifests = ["k8s/deployment.yaml", "k8s/service.yaml"]
        assert asked == {
            "deployment-orchestrator": ["deploy.sh", *manifests],
            "orchestration-manager": ["deploy.sh"],
            "project-orchestrator": ["deploy.sh", *manifests],
            "workflow-orchestrator": ["deploy.sh", *manifests],
        }

    def test_only_what_is_asked_for_is_sent(self, scripted: Repository, double: Double) -> None:
        scripted.run(*QUIET, "--ai", "k8s/service.yaml")
        sent = {file["path"] for _, files in map(question, bodies(double)) for file in files}
        assert sent == {"k8s/service.yaml"}

    @pytest.mark.parametrize("option", ["--base=HEAD", "--diff-base=HEAD"])
    def test_with_a_revision_only_what_differs_is_sent(
        self, scripted: Repository, git: Git, double: Double, option: str
    ) -> None:
        git("add", ".")
        git("commit", "-qm", "x")
        scripted.write("deploy.sh", SCRIPT + "echo done\n")
        scripted.run(*QUIET, "--ai", option)
        sent = {file["path"] for _, files in map(question, bodies(double)) for file in files}
        assert sent == {"deploy.sh"}

    def test_the_preview_is_what_is_sent_and_sends_nothing(
        self, scripted: Repository, double: Double, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("ANTHROPIC_API_KEY")
        outcome = scripted.run(*QUIET, "--ai-dry-run")
        assert (outcome.code, double.requests) == (0, [])
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        scripted.run(*QUIET, "--ai")
        by_agent = sorted(bodies(double), key=lambda body: question(body)[0])
        assert by_agent == sorted(outcome.json, key=lambda body: question(body)[0])

    @pytest.mark.parametrize("by", ["option", "setting"])
    def test_a_dry_run_writes_what_would_be_sent_and_sends_nothing(
        self,
        scripted: Repository,
        double: Double,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path_factory: pytest.TempPathFactory,
        by: str,
    ) -> None:
        monkeypatch.delenv("ANTHROPIC_API_KEY")
        file = tmp_path_factory.mktemp("user") / "requests.json"
        words = ("--ai",)
        if by == "option":
            words = (f"--ai-dry-run={file}",)
        else:
            orders("[ai]\ndry-run = '../requests.json'\n", monkeypatch, file.parent)
        without = scripted.run(*QUIET)
        outcome = scripted.run(*QUIET, *words)
        assert (outcome.code, outcome.out) == (without.code, without.out)
        told = "AI review skipped: dry run: 4 requests written to "
        assert outcome.err.startswith(told)
        assert outcome.err.endswith("requests.json, nothing was sent\n")
        assert (double.requests, kept_answers()) == ([], [])
        assert file.read_bytes() == scripted.run(*QUIET, "--ai-dry-run").out.encode()

    def test_a_dry_run_that_cannot_be_written_sends_nothing(
        self, planned: Repository, double: Double
    ) -> None:
        outcome = planned.run(*QUIET, "--ai-dry-run=nowhere/requests.json")
        assert "cannot be written: No such file or directory; nothing was sent" in outcome.err
        assert double.requests == []

    def test_the_model_may_be_chosen(self, scripted: Repository, double: Double) -> None:
        scripted.run(*QUIET, "--ai", "--ai-model=opus")
        assert {body["model"] for body in bodies(double)} == {"claude-opus-5-5"}


class TestRemarks:
    def test_json_keeps_them_apart(self, planned: Repository, double: Double) -> None:
        report = planned.run(*QUIET, "--ai", "--format=json").json
        assert [found["rule"] for found in report["findings"]] == ["plan-without-rollback"]
        review = report["review"]
        (remark,) = review["remarks"]
        assert (review["complete"], review["questions"], review["answered"]) == (True, 1, 1)
        assert (review["input_tokens"], review["output_tokens"]) == (10, 5)
        assert (remark["source"], remark["verified"], remark["key"]) == ("ai", False, NAME)
        assert (remark["agent"], remark["severity"]) == (AGENT, "info")
        assert (remark["model"], remark["request_id"], remark["cached"]) == (
            "claude-haiku-5-5",
            "req_1",
            False,
        )
        assert remark["range"]["start"] == {"line": 8, "column": 1}

    def test_sarif_has_a_run_of_its_own(self, planned: Repository, double: Double) -> None:
        rules, review = planned.run(*QUIET, "--ai", "--format=sarif").json["runs"]
        assert not any(result["ruleId"].startswith("ai/") for result in rules["results"])
        (result,) = review["results"]
        assert review["tool"]["driver"]["name"] == "rollsafe AI review"
        assert (result["ruleId"], result["level"]) == (NAME, "note")
        assert "unverified" in result["message"]["text"]
        origin = result["properties"]
        assert (origin["agent"], origin["model"]) == (AGENT, "claude-haiku-5-5")
        assert (origin["request_id"], origin["cached"]) == ("req_1", False)
        assert origin["prompt"].startswith("review-")
        assert review["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == NAME

    def test_forms_for_people_mark_them(self, planned: Repository, double: Double) -> None:
        double.replies = [answers(REMARK, item(file=FILE, quote="3. Switch it off."))]
        forms = ("--output=full=r.full", "--output=github=r.github")
        out = planned.run("check", "--ai", "--format=concise", *forms).out
        marks = {
            "r.full": [
                "AI review",
                NAME,
                f"AI, unverified · {AGENT}",
                "8 | 2. Run the script.",
                "has nothing to run",
            ],
            "r.github": [f"::notice file={FILE},line=8", f"{NAME} (AI%2C unverified%2C {AGENT})"],
        }
        for file, expected in marks.items():
            assert [mark for mark in expected if mark not in planned.read(file)] == []
        assert f"{FILE}:8:1: {NAME} [info] AI, unverified ({AGENT}): `the script` is never named\n" in out
        said = "1 remark, unverified; 1 of 1 question answered; 10 tokens in, 5 out; 1 claim dropped."
        assert f"AI review by claude-haiku-5-5: {said}\n" in out

    def test_evidence_that_was_found_is_told_in_every_form(self, planned: Repository, double: Double) -> None:
        evidence = {"says": "before", "file": FILE, "node_id": "", "text": "2. Run the script."}
        order = {**evidence, "other": "3. Switch traffic."}
        double.replies = [answers({**REMARK, "key": "steps-in-impossible-order", "evidence": [order]})]
        outputs = [f"--output={form}=r.{form}" for form in ("full", "json", "sarif", "github", "concise")]
        outcome = planned.run("check", "--ai", "--select=plan-without-rollback", *outputs)
        told = f"{FILE}:8 `2. Run the script.` stands before line 9 `3. Switch traffic.`"
        (remark,) = json.loads(planned.read("r.json"))["review"]["remarks"]
        assert (remark["verified"], remark["evidence"]) == (True, [told])
        (result,) = json.loads(planned.read("r.sarif"))["runs"][1]["results"]
        assert (result["properties"]["verified"], result["properties"]["evidence"]) == (True, [told])
        full = " ".join(planned.read("r.full").split())
        assert f"found: {told}" in full
        assert f"AI, evidence checked · {AGENT}" in full
        assert f"found: {told}" in planned.read("r.github").replace("%0A", "\n").replace("%25", "%")
        assert "AI, evidence checked (" in planned.read("r.concise")
        assert "1 remark, 1 with evidence that was checked; " in outcome.out
        explained = planned.run("explain", remark["fingerprint"])
        assert f"found: {told}" in " ".join(explained.out.split())

    def test_what_was_left_out_is_told_when_asked_for(self, planned: Repository, double: Double) -> None:
        double.replies = [answers(item(file=FILE, quote="3. Switch it off.", key="step-nobody-can-do"))]
        planned.write(
            "docs/plans/0002-long.md", PLAN + "More words. " * 30 + ("\n" + "More words. " * 30) * 200
        )
        out = planned.run("check", "--ai", "--verbose").out
        assert "not shown to the model: docs/plans/0002-long.md (more than one run may show)\n" in out
        assert "dropped: 1 claim (unanchored)\n" in out

    def test_they_fail_nothing_unless_asked_to(self, planned: Repository, double: Double) -> None:
        options = ("check", "--ai", "--fail-on=never")
        assert planned.run(*options).code == 0
        assert planned.run(*options, "--ai-fail-on=info").code == 1
        double.replies = [answers({**REMARK, "severity": "hint"})]
        for kept in kept_answers():
            kept.unlink()
        assert planned.run(*options, "--ai-fail-on=info").code == 0

    def test_a_comment_silences_one(self, planned: Repository, double: Double) -> None:
        comment = f"<!-- rollsafe: ignore[{NAME}] -- the script is attached -->"
        planned.write(FILE, PLAN.replace("2. Run", f"{comment}\n2. Run"))
        report = planned.run("check", "--ai", "--format=json").json
        assert report["review"]["remarks"] == []
        assert report["review"]["dropped"] == {"dismissed": 1}
        assert not any("ignore" in found["rule"] for found in report["findings"])

    def test_a_finding_in_the_same_line_is_enough(self, planned: Repository, double: Double) -> None:
        title = PLAN.splitlines()[0]
        double.replies = [answers(item(file=FILE, line=1, quote=title, key="plan-contradicts-itself"))]
        report = planned.run(*QUIET, "--ai", "--format=json").json
        assert [found["range"]["start"]["line"] for found in report["findings"]] == [1]
        assert report["review"]["dropped"] == {"already-found": 1}


class TestFailure:
    def test_no_key_is_told_in_one_line(
        self, planned: Repository, double: Double, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("ANTHROPIC_API_KEY")
        outcome = planned.run("check", "--ai")
        expected = "rollsafe: --ai: the environment variable ANTHROPIC_API_KEY holds no key\n"
        assert (outcome.code, outcome.out, outcome.err) == (2, "", expected)

    @pytest.mark.parametrize(
        ("reply", "reason"),
        [
            (Reply(status=401), "the service answered 401: it does not accept the key"),
            (Reply("All fine!"), "the answer did not have the agreed form"),
        ],
    )
    def test_the_deterministic_result_stands(
        self, planned: Repository, double: Double, reply: Reply, reason: str
    ) -> None:
        double.replies = [reply]
        forms = ("--output=json=r.json", "--output=sarif=r.sarif")
        without = planned.run(*QUIET, *forms)
        json_before, sarif_before = (json.loads(planned.read(name)) for name in ("r.json", "r.sarif"))
        outcome = planned.run(*QUIET, "--ai", *forms)
        json_after, sarif_after = (json.loads(planned.read(name)) for name in ("r.json", "r.sarif"))
        assert (outcome.code, outcome.out) == (without.code, without.out)
        assert outcome.err.startswith(f"AI review skipped: {reason}\n")
        review = json_after.pop("review")
        assert (json_after, review["complete"], review["remarks"]) == (json_before, False, [])
        assert sarif_after["runs"][0] == sarif_before["runs"][0]
        assert sarif_after["runs"][1]["invocations"][0]["executionSuccessful"] is False

    def test_what_fails_twice_is_not_tried_again(self, scripted: Repository, double: Double) -> None:
        double.replies = [Reply(status=401)]
        outcome = scripted.run(*QUIET, "--ai")
        assert 2 <= len(double.requests) < 4
        assert outcome.err.splitlines()[-1].startswith("AI review ended early: ")

    def test_nobody_listening(
        self, planned: Repository, double: Double, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
        outcome = planned.run(*QUIET, "--ai")
        assert outcome.code == 1
        assert "AI review skipped: the service could not be reached" in outcome.err

    def test_a_gate_that_could_not_look_is_not_passed(self, planned: Repository, double: Double) -> None:
        double.replies = [Reply(status=500, headers={"x-should-retry": "false"})]
        assert planned.run("check", "--ai", "--fail-on=never").code == 0
        assert planned.run("check", "--ai", "--fail-on=never", "--ai-fail-on=info").code == 2


PLANTED = {
    "k8s/base/orders.yaml": (
        "          image:",
        "          env: [{{name: DB_PASSWORD, value: {0}}}]\n          image:",
    ),
    "compose.demo.yaml": ("services:\n", "services:\n  # postgres://shop:{0}@db/shop\n"),
    ".github/workflows/deploy.yml": ("jobs:\n", "env:\n  API_TOKEN: {0}\njobs:\n"),
    "db/migrations/0004_shipping.up.sql": ("", "CREATE ROLE shipping PASSWORD '{0}';\n"),
    "services/orders/Dockerfile": ("", "ENV SESSION_SECRET={0}\n"),
    "docs/plans/0001-split-orders.md": ("", "\nLog in with password: {0}\n"),
    ".env.example": ("", "STRIPE={0}\n"),
}


def test_secrets_of_a_project_are_in_no_request(
    repository: Repository, double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each kind of file holds a secret of its own, and a script repeats all of them."""
    shutil.copytree(Path(__file__).parents[2] / "examples/shop", repository.path, dirs_exist_ok=True)
    secrets = {path: f"q{n}Zx-{n}vK!7wT" for n, path in enumerate(PLANTED)}
    for path, (before, after) in PLANTED.items():
        text = repository.read(path)
        text = (
            text.replace(before, after.format(secrets[path]), 1)
            if before
            else text + after.format(secrets[path])
        )
        repository.write(path, text)
    repository.write("deploy.sh", "".join(f"start --with {secret}\n" for secret in secrets.values()))
    outcome = repository.run("check", "--ai", "--format=json")
    previewed = repository.run("check", "--ai-dry-run").out
    sent = [recorded.body.decode() + repr(recorded.headers) for recorded in double.requests]
    assert outcome.json["review"]["complete"] is True
    assert {
        file["path"] for _, files in map(question, bodies(double)) for file in files
    } >= PLANTED.keys() - {".env.example"}
    assert [secret for secret in secrets.values() if any(secret in text for text in (*sent, previewed))] == []
    assert "<<SECRET:" in sent[0]


def test_a_secret_of_a_file_that_is_not_shown_is_known_in_one_that_is(
    repository: Repository, double: Double
) -> None:
    repository.write(
        "compose.yaml",
        "services:\n  web:\n    image: web:1\n    environment:\n      API_TOKEN: q0Zx-0vK!7wT\n",
    )
    repository.write("deploy.sh", "#!/bin/sh\nlogin q0Zx-0vK!7wT\n")
    (body,) = repository.run("check", "--ai-dry-run", "deploy.sh").json[:1]
    assert question(body)[1][0]["lines"][1]["text"] == "login <<SECRET:1>>"


def test_without_the_option_neither_client_nor_review_is_imported(scripted: Repository) -> None:
    code = (
        "import sys; from rollsafe.cli import main; main(['check', '--quiet']);"
        "print([m for m in ('anthropic', 'httpx2', 'rollsafe.review') if m in sys.modules], file=sys.stderr)"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=scripted.path)
    assert printed.stderr.strip() == "[]"


def test_with_the_option_the_client_is_imported_elsewhere(scripted: Repository, double: Double) -> None:
    code = (
        "import sys; from rollsafe.cli import main; main(['check', '--quiet', '--ai']);"
        "print([m for m in ('anthropic', 'httpx2') if m in sys.modules], file=sys.stderr)"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=scripted.path)
    assert printed.stderr.strip() == "[]"
    assert double.requests


def bodies(double: Double) -> list[Any]:
    return [recorded.json for recorded in double.requests]


def question(body: Any) -> tuple[str, list[Any]]:
    """Return the agent and the files of a body."""
    agent = json.loads(body["system"][1]["text"].splitlines()[-1])["agent"]
    return agent, json.loads(body["messages"][0]["content"])["files"]
