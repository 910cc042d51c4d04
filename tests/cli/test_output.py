"""The forms of a report."""

import json
import os
import re
import threading
from typing import Any

import pytest

from tests.cli.conftest import DEPLOYMENT, SERVICE, TWO_RULES, Repository

JSON = (TWO_RULES, "--format=json")


def offset(text: str, point: dict[str, int]) -> int:
    """Return the offset of a 1-based point, lines as editors split them, columns in code points."""
    lines = re.split("(?<=\n)|(?<=\r)(?!\n)", text)
    return sum(map(len, lines[: point["line"] - 1])) + point["column"] - 1


class TestJson:
    def test_has_the_keys_of_the_contract(self, shop: Repository) -> None:
        report = shop.run("check", *JSON).json
        assert list(report) == ["schema", "tool", "files", "skipped", "findings"]
        assert report["schema"] == "rollsafe/findings/1"
        assert list(report["tool"]) == ["name", "version"]
        assert report["files"] == 2
        for found in report["findings"]:
            assert list(found) == [
                "rule", "agent", "severity", "confidence", "message", "path", "range", "equivalents",
                "related", "fixes", "fingerprint", "docs",
            ]  # fmt: skip
            assert found["docs"] == f"docs/rules/{found['rule']}.md"
        probe = report["findings"][1]
        assert probe["agent"] == "deployment-orchestrator"
        assert probe["severity"] == "warning"
        assert "kube-linter:no-readiness-probe" in probe["equivalents"]
        related = [(it["path"], it["range"]["start"], it["range"]["end"]) for it in probe["related"]]
        assert related == [("k8s/service.yaml", {"line": 4, "column": 9}, {"line": 4, "column": 12})]

    def test_ranges_are_one_based_and_end_after_the_last_character(self, shop: Repository) -> None:
        found = shop.run("check", *JSON).json["findings"][1]
        assert found["range"] == {"start": {"line": 15, "column": 17}, "end": {"line": 15, "column": 20}}

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    @pytest.mark.parametrize("name", ["web", "wéb", "w\U0001f680b", "w\u2028b"])
    def test_columns_count_code_points(self, shop: Repository, end: str, name: str) -> None:
        text = DEPLOYMENT.replace("- name: web", f'- {{image: "{name}:1.4.2", name: "{name}"}} # ')
        text = text.replace("          image:", "          # image:").replace(
            "          ports", "          # ports"
        )
        text = text.replace("            - c", "            # - c").replace("\n", end)
        shop.write("k8s/deployment.yaml", text)
        [found] = shop.run("check", "--select=missing-resource-requests", "--format=json").json["findings"]
        start, stop = (offset(text, found["range"][key]) for key in ("start", "end"))
        assert text[start:stop].strip('"') == name

    def test_applying_the_edits_fixes(self, shop: Repository) -> None:
        found = shop.run("check", "--select=missing-readiness-probe", "--format=json").json["findings"][0]
        [fix] = found["fixes"]
        assert (fix["safety"], fix["creates"]) == ("unsafe", [])
        text = DEPLOYMENT
        for edit in reversed(fix["edits"]):
            assert edit["path"] == "k8s/deployment.yaml"
            start, end = (offset(text, edit["range"][key]) for key in ("start", "end"))
            text = text[:start] + edit["new_text"] + text[end:]
        shop.write("k8s/deployment.yaml", text)
        assert shop.run("check", "--select=missing-readiness-probe", "--format=json").findings == []

    def test_is_the_same_every_time_and_sorted(self, shop: Repository) -> None:
        for name in ("b", "a", "c"):
            shop.write(f"{name}.yaml", DEPLOYMENT)
        outputs = {shop.run("check", *paths, *JSON).out for paths in ((), (".",), ("c.yaml", ".", "a.yaml"))}
        assert len(outputs) == 1
        findings = json.loads(outputs.pop())["findings"]
        keys = [(it["path"], it["range"]["start"]["line"], it["range"]["start"]["column"]) for it in findings]
        assert keys == sorted(keys)

    def test_fingerprints_survive_lines_moving(self, shop: Repository) -> None:
        before = [it["fingerprint"] for it in shop.run("check", *JSON).json["findings"]]
        shop.write("k8s/deployment.yaml", f"# a comment\n\n{DEPLOYMENT}")
        assert [it["fingerprint"] for it in shop.run("check", *JSON).json["findings"]] == before
        assert len(set(before)) == len(before)

    def test_a_file_name_that_is_no_text(self, shop: Repository) -> None:
        name = b"k8s/caf\xe9.yaml".decode("utf-8", "surrogateescape")
        try:
            shop.write(name, DEPLOYMENT)
        except OSError:
            pytest.skip("the file system takes UTF-8 names only")
        paths = {
            path for path, _ in shop.run("check", "--select=rollback-disabled", "--format=json").findings
        }
        assert paths == {"k8s/deployment.yaml", "k8s/caf\\udce9.yaml"}
        assert "k8s/caf\\udce9.yaml:7:3" in shop.run("check", "--select=rollback-disabled").out


class TestSarif:
    @pytest.fixture
    def run(self, shop: Repository) -> Any:
        shop.write("k8s/blob.yaml", b"\0")
        log = shop.run("check", TWO_RULES, "--format=sarif").json
        assert log["version"] == "2.1.0"
        [run] = log["runs"]
        return run

    def test_results_point_at_their_rules(self, run: Any) -> None:
        rules = run["tool"]["driver"]["rules"]
        assert [rules[it["ruleIndex"]]["id"] for it in run["results"]] == [
            it["ruleId"] for it in run["results"]
        ]
        assert [rule["id"] for rule in rules] == ["missing-readiness-probe", "rollback-disabled"]

    def test_rules_explain_themselves(self, run: Any) -> None:
        rule = run["tool"]["driver"]["rules"][0]
        assert "gets traffic" in rule["fullDescription"]["text"]
        assert "## Why it matters" in rule["help"]["markdown"]
        assert rule["helpUri"].endswith("docs/rules/missing-readiness-probe.md")
        assert rule["defaultConfiguration"]["level"] == "warning"
        assert rule["properties"]["precision"] == "high"

    def test_places(self, run: Any) -> None:
        assert run["columnKind"] == "unicodeCodePoints"
        result = run["results"][1]
        [location] = result["locations"]
        assert location["physicalLocation"] == {
            "artifactLocation": {"uri": "k8s/deployment.yaml"},
            "region": {"startLine": 15, "startColumn": 17, "endLine": 15, "endColumn": 20},
        }
        [related] = result["relatedLocations"]
        assert related["physicalLocation"]["artifactLocation"]["uri"] == "k8s/service.yaml"
        assert related["message"]["text"] == "Service `web` sends traffic here"

    def test_fixes_and_identity(self, run: Any) -> None:
        result = run["results"][1]
        [fix] = result["fixes"]
        assert fix["description"]["text"].endswith("(unsafe)")
        [change] = fix["artifactChanges"]
        assert change["artifactLocation"]["uri"] == "k8s/deployment.yaml"
        assert "readinessProbe" in change["replacements"][0]["insertedContent"]["text"]
        assert len(set(map(str, (it["partialFingerprints"] for it in run["results"])))) == 2

    def test_what_was_skipped(self, run: Any) -> None:
        [invocation] = run["invocations"]
        assert invocation["executionSuccessful"] is True
        [note] = invocation["toolExecutionNotifications"]
        assert note["message"]["text"] == "skipped k8s/blob.yaml: binary file"

    def test_addresses_are_quoted(self, repository: Repository) -> None:
        repository.write("my files/a#b.yaml", DEPLOYMENT)
        log = repository.run("check", "--select=rollback-disabled", "--format=sarif").json
        location = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
        assert location["artifactLocation"]["uri"] == "my%20files/a%23b.yaml"


class TestGithub:
    def test_is_chosen_on_its_own(self, shop: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        first, second, summary = shop.run("check", TWO_RULES).lines
        assert first.startswith("::error file=k8s/deployment.yaml,line=7,col=3,endColumn=")
        assert second.startswith("::warning file=k8s/deployment.yaml,line=15,col=17,endColumn=20,")
        assert ",title=missing-readiness-probe::container `web` gets traffic" in second
        assert "%0Ak8s/service.yaml:4: Service `web` sends traffic here%0Afix: " in second
        assert summary.startswith("1 error, 1 warning")

    def test_unless_another_form_is_asked_for(
        self, shop: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        assert shop.run("check", "--format=concise", TWO_RULES).out.startswith("k8s/deployment.yaml:7:3: ")
        monkeypatch.setenv("ROLLSAFE_OUTPUT_FORMAT", "json")
        assert shop.run("check", TWO_RULES).json["files"] == 2

    def test_paths_are_those_of_the_checkout(self, shop: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GITHUB_WORKSPACE", str(shop.path))
        monkeypatch.chdir(shop.path / "k8s")
        assert "::error file=k8s/deployment.yaml," in shop.run("check", "--format=github", TWO_RULES).out

    def test_separators_are_escaped(self, repository: Repository) -> None:
        repository.write("a,b:c%/deployment.yaml", DEPLOYMENT)
        out = repository.run("check", "--format=github", "--select=rollback-disabled").out
        assert out.startswith("::error file=a%2Cb%3Ac%25/deployment.yaml,line=7,")


class TestFull:
    def test_whole(self, shop: Repository) -> None:
        out = shop.run("check", "--select=missing-readiness-probe", "--format=full").out
        block, _, summary = out.partition("\n\n")
        assert block.split("\n") == [
            "warning  k8s/deployment.yaml:15:17  missing-readiness-probe   deployment-orchestrator",
            "  15 |         - name: web",
            "     |                 ^^^",
            "  container `web` gets traffic from Service `web` without a readiness probe",
            "  `web` counts as ready as soon as its process starts, so a rollout goes on while new pods "
            "cannot",
            "  answer yet",
            "  see k8s/service.yaml:4:9  Service `web` sends traffic here",
            "  fix: Add a readiness probe of port 8080  [unsafe]      "
            "rollsafe explain missing-readiness-probe",
        ]
        assert summary.startswith("1 warning in 2 files (")

    @pytest.mark.parametrize(
        ("name", "line", "carets"),
        [
            ("web", "- name: web", "^^^"),
            ("wéb", "- name: wéb", "^^^"),
            ("网站", "- name: 网站", "^^^^"),
            ("w\u0301eb", "- name: w\u0301eb", "^^^"),
            ('"a\tb"', '- name: "a  b"', "^^^^^^"),
            ('"a\x1b[31m\u202eb"', '- name: "a\\x1b[31m\\u202eb"', "^" * 18),
        ],
    )
    def test_carets_stand_under_what_is_meant(
        self, repository: Repository, name: str, line: str, carets: str
    ) -> None:
        repository.write("deployment.yaml", DEPLOYMENT.replace("- name: web", f"- name: {name}"))
        out = repository.run("check", "--select=missing-resource-requests", "--format=full").out
        shown = out.split("\n")
        assert shown[1] == f"  15 |         {line}"
        assert shown[2] == f"     |                 {carets}"

    def test_a_line_without_end_is_cut(self, repository: Repository) -> None:
        long = "x" * 100_000
        text = DEPLOYMENT.replace("- name: web", f'- {{a: "{long}", name: web, b: "{long}"}} #')
        text = text.replace("          image", "          #").replace("          ports", "          #")
        repository.write("deployment.yaml", text.replace("            - c", "            #"))
        out = repository.run("check", "--select=missing-resource-requests", "--format=full").out
        line, carets = out.split("\n")[1:3]
        assert len(line) < 110
        assert line.startswith("  15 | …xxxx")
        assert line.endswith("xxxx…")
        start, end = carets.index("^"), carets.rindex("^") + 1
        assert line[start:end] == "web"

    def test_a_secret_is_not_repeated(self, repository: Repository) -> None:
        secret = "ghp_" + "a1B2" * 9
        env = f"          env:\n            - {{name: GITHUB_TOKEN, value: {secret}}}\n          ports:"
        repository.write("deployment.yaml", DEPLOYMENT.replace("          ports:", env))
        out = repository.run("check", "--select=secret-in-plain-text", "--format=full").out
        assert "secret-in-plain-text" in out
        assert secret not in out
        assert "name: GITHUB_TOKEN" in out


class TestStatistics:
    def test_counts_per_rule(self, shop: Repository) -> None:
        shop.write("other.yaml", DEPLOYMENT.replace("web", "other"))
        lines = shop.run("check", "--statistics", TWO_RULES).lines
        assert lines[:2] == [
            "2  error    rollback-disabled  [2 fixable]",
            "1  warning  missing-readiness-probe  [1 fixable]",
        ]
        report = shop.run("check", "--statistics", "--format=json", "--select=rollback-disabled").json
        assert report["rules"] == [
            {"rule": "rollback-disabled", "severity": "error", "count": 2, "fixable": 2}
        ]


class TestFiles:
    def test_several_at_once(self, shop: Repository) -> None:
        outputs = ("--output", "sarif=out.sarif", "--output=json=out.json", "--output=full=out.txt")
        outcome = shop.run("check", TWO_RULES, *outputs)
        assert outcome.lines[0].startswith("k8s/deployment.yaml:7:3: ")
        assert json.loads(shop.read("out.sarif"))["version"] == "2.1.0"
        assert json.loads(shop.read("out.json")) == shop.run("check", *JSON).json
        assert shop.read("out.txt").startswith("error  k8s/deployment.yaml:7:3  rollback-disabled")

    def test_in_a_directory_that_is_made(self, shop: Repository) -> None:
        shop.run("check", TWO_RULES, "--output=json=reports/ci/out.json")
        assert json.loads(shop.read("reports/ci/out.json"))["files"] == 2

    def test_a_pipe_is_written_to_and_stays_a_pipe(self, shop: Repository) -> None:
        pipe = shop.path / "pipe"
        os.mkfifo(pipe)
        heard: list[bytes] = []
        listener = threading.Thread(target=lambda: heard.append(pipe.read_bytes()))
        listener.start()
        shop.run("check", TWO_RULES, "--output=json=pipe")
        listener.join(10)
        assert json.loads(heard[0])["files"] == 2
        assert pipe.is_fifo()


class TestQuietAndVerbose:
    def test_quiet_leaves_the_findings(self, shop: Repository) -> None:
        assert len(shop.run("check", TWO_RULES, "--quiet").lines) == 2
        shop.write("k8s/deployment.yaml", "")
        assert shop.run("check", TWO_RULES, "-q").out == ""

    def test_verbose_counts_what_no_rule_is_about(self, shop: Repository) -> None:
        shop.write("translations/de.yaml", "hello: hallo\n")
        shop.write("k8s/service.yaml", SERVICE)
        assert shop.run("check", TWO_RULES, "-v").lines[-1] == (
            "1 file read and of no kind that rules are about."
        )
