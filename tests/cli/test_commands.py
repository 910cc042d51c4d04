"""The commands beside `check`: explain, rules, config, plan, version, and help."""

import json
import tomllib

import pytest

from rollsafe import __version__
from rollsafe.engine import installed_agents
from rollsafe.rules.pages import page
from tests.cli.conftest import DEPLOYMENT, SERVICE, Git, Repository

RULES = [rule for agent in installed_agents() for rule in agent.rules]


class TestExplain:
    def test_markdown_is_the_page(self, empty: Repository) -> None:
        for rule in RULES:
            assert empty.run("explain", rule.name, "--format=markdown").out == page(rule)

    def test_in_a_terminal_it_is_plain(self, empty: Repository) -> None:
        lines = empty.run("explain", "missing-readiness-probe").lines
        assert lines[0] == "missing-readiness-probe"
        assert "agent: deployment-orchestrator" in lines
        assert "severity: warning" in lines
        assert "Why it matters" in lines
        assert "  k8s/web.yaml" in lines
        assert "            - name: web  # ← flagged" in lines
        assert not [line for line in lines if line.startswith(("#", "|", "```"))]
        assert lines[-1].endswith("docs/rules/missing-readiness-probe.md")

    def test_json(self, empty: Repository) -> None:
        found = empty.run("explain", "missing-readiness-probe", "--format=json").json
        assert found["name"] == "missing-readiness-probe"
        assert found["docs"] == "docs/rules/missing-readiness-probe.md"
        assert found["sections"]["Why it matters"].startswith("Without a readiness probe")


class TestRules:
    def test_json_has_all_of_them(self, empty: Repository) -> None:
        listed = empty.run("rules", "--format=json").json["rules"]
        assert {rule["name"] for rule in listed} == {rule.name for rule in RULES}
        for rule in listed:
            assert set(rule) == {
                "name", "agent", "family", "severity", "confidence", "level", "status", "since", "fix",
                "equivalents", "summary",
            }  # fmt: skip
            assert rule["fix"] in ("safe", "unsafe", "manual", "none")
        assert [(rule["agent"], rule["name"]) for rule in listed] == sorted(
            (rule.agent, rule.name) for rule in RULES
        )

    def test_full_and_markdown_name_each_once(self, empty: Repository) -> None:
        full = empty.run("rules").out
        markdown = empty.run("rules", "--format=markdown").out
        for rule in RULES:
            assert full.count(f"  {rule.name} ") == 1
            assert markdown.count(f"| [{rule.name}](docs/rules/{rule.name}.md) |") == 1


class TestConfig:
    def test_show_prints_what_is_in_force(self, shop: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
        shop.write(
            "rollsafe.toml",
            'root = true\nlevel = "pedantic"\nexclude = ["old/"]\n[severity]\nrollback-disabled = "hint"\n'
            '[migrations]\npostgres-version = "12"\n',
        )
        monkeypatch.chdir(shop.path / "k8s")
        out = shop.run("config", "show").out
        assert out.startswith("# ../rollsafe.toml\n# root: ..\n")
        shown = tomllib.loads(out)
        assert (shown["level"], shown["exclude"], shown["ignore"]) == ("pedantic", ["old/"], [])
        assert shown["severity"] == {"rollback-disabled": "hint"}
        written = {key: value for key, value in shown["migrations"].items() if value}
        assert written == {"dialect": "postgres", "postgres-version": "12"}
        assert shop.run("config", "show", "..", "--format=json").json == shown

    def test_what_show_prints_is_valid(self, shop: Repository) -> None:
        shop.write("rollsafe.toml", 'root = true\nselect = ["kubernetes"]\n[plan]\nenvironment = "eu"\n')
        shop.write("copy.toml", shop.run("config", "show").out)
        assert shop.run("config", "validate", "--config=copy.toml").out == "copy.toml: valid\n"

    def test_validate(self, shop: Repository) -> None:
        assert shop.run("config", "validate") == (0, "rollsafe.toml: valid\n", "")
        shop.write("rollsafe.toml", 'root = true\nlevel = "x"\n')
        outcome = shop.run("config", "validate")
        assert outcome.code == 2
        assert outcome.err.startswith("rollsafe: rollsafe.toml:2: ")

    def test_schema(self, empty: Repository) -> None:
        schema = empty.run("config", "schema").json
        assert schema["title"] == "rollsafe.toml"
        assert "level" in schema["$defs"]["Settings"]["properties"]


class TestPlan:
    def test_of_a_branch(self, shop: Repository, git: Git) -> None:
        git("add", ".")
        git("commit", "--quiet", "--message=first")
        shop.write("k8s/deployment.yaml", DEPLOYMENT.replace(":1.4.2", ":1.5.0"))
        outcome = shop.run("plan", "deploy", "--base=HEAD", "--env=eu")
        assert (outcome.code, outcome.err) == (0, "")
        assert outcome.out.startswith("# Deployment plan: ")
        assert "(eu)" in outcome.lines[0]
        assert "base HEAD" in outcome.out

    def test_without_git_the_whole_workspace_counts(self, shop: Repository) -> None:
        plan = shop.run("plan", "deploy", "--format=json").json
        assert plan["base"] is None
        assert plan["environment"] == "production"

    def test_to_a_file(self, shop: Repository) -> None:
        printed = shop.run("plan", "deploy", "k8s").out
        assert shop.run("plan", "deploy", "-o", "plans/next.md") == (0, "", "")
        assert shop.read("plans/next.md") == printed

    def test_an_unknown_revision(self, shop: Repository, git: Git) -> None:
        outcome = shop.run("plan", "deploy", "--base=nonsense")
        assert (outcome.code, outcome.out) == (2, "")
        assert outcome.err.startswith("rollsafe: --base: ")


class TestVersion:
    @pytest.mark.parametrize("words", [("version",), ("--version",), ("-V",)])
    def test_is_one_line(self, empty: Repository, words: tuple[str, ...]) -> None:
        assert empty.run(*words) == (0, f"rollsafe {__version__}\n", "")

    def test_verbose_counts_the_rules(self, empty: Repository) -> None:
        lines = empty.run("version", "--verbose").lines
        for agent in installed_agents():
            assert f"{agent.name}: {len(agent.rules)} rules" in lines


class TestHelp:
    COMMANDS = ("check", "fix", "explain", "rules", "plan", "config", "server", "version")

    @pytest.mark.parametrize("words", [(), ("--help",), ("-h",), ("help",)])
    def test_overview(self, empty: Repository, words: tuple[str, ...]) -> None:
        outcome = empty.run(*words)
        assert outcome.code == 0
        for command in self.COMMANDS:
            assert f"\n  {command} " in outcome.out

    @pytest.mark.parametrize("command", COMMANDS)
    def test_of_a_command(self, empty: Repository, command: str) -> None:
        outcome = empty.run(command, "--help")
        assert outcome.code == 0
        assert f"Usage: rollsafe {command} [OPTIONS]" in outcome.out
        assert "-h, --help" in outcome.out

    def test_of_check_names_codes_and_positions(self, empty: Repository) -> None:
        text = empty.run("check", "--help").out
        assert "Exit codes: 0 nothing" in text
        assert "the end of a range is the column after its last character" in text


def test_reports_and_rules_agree(shop: Repository) -> None:
    shop.write("k8s/service.yaml", SERVICE)
    known = {rule["name"] for rule in json.loads(shop.run("rules", "--format=json").out)["rules"]}
    found = {rule for _, rule in shop.run("check", "--format=json").findings}
    assert found
    assert found <= known
