"""What was there before: baselines and `--diff-base`."""

import json

import pytest

from tests.cli.conftest import DEPLOYMENT, SERVICE, TWO_RULES, Git, Repository

ERROR = ("k8s/deployment.yaml", "rollback-disabled")
WARNING = ("k8s/deployment.yaml", "missing-readiness-probe")
BASELINE = "rollsafe-baseline.json"


class TestBaseline:
    def test_only_what_is_new_speaks(self, shop: Repository) -> None:
        updated = shop.run("check", "--update-baseline", TWO_RULES)
        assert updated == (0, f"{BASELINE}: 2 findings (2 added, 0 removed).\n", "")
        again = shop.run("check", TWO_RULES)
        assert again.code == 0
        assert again.lines[0].startswith("No new hazards in 2 files (")
        assert again.lines[1] == "2 findings in the baseline, not shown."
        shop.write("other.yaml", DEPLOYMENT.replace("web", "other"))
        new = shop.run("check", TWO_RULES, "--format=json")
        assert (new.code, new.findings) == (1, [("other.yaml", "rollback-disabled")])

    def test_survives_lines_moving_and_other_directories(
        self, shop: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shop.run("check", "--update-baseline", TWO_RULES)
        shop.write("k8s/deployment.yaml", f"# moved\n\n{DEPLOYMENT}")
        monkeypatch.chdir(shop.path / "k8s")
        assert shop.run("check", TWO_RULES, "--format=json").findings == []
        assert shop.run("check", "deployment.yaml", TWO_RULES, "--format=json").findings == []

    def test_merges_well(self, shop: Repository) -> None:
        shop.run("check", "--update-baseline", TWO_RULES)
        lines = shop.read(BASELINE).splitlines()
        rows = [json.loads(line.rstrip(",")) for line in lines if "fingerprint" in line]
        assert [(row["path"], row["rule"]) for row in rows] == [WARNING, ERROR]
        assert len(lines) == len(rows) + 5

    def test_entries_of_other_files_stay(self, shop: Repository) -> None:
        shop.run("check", "--update-baseline", TWO_RULES)
        shop.write("other.yaml", DEPLOYMENT.replace("web", "other"))
        updated = shop.run("check", "other.yaml", "--update-baseline", TWO_RULES)
        assert updated.out == f"{BASELINE}: 3 findings (1 added, 0 removed).\n"
        shop.write("k8s/deployment.yaml", "")
        updated = shop.run("check", "--update-baseline", TWO_RULES)
        assert updated.out == f"{BASELINE}: 1 finding (0 added, 2 removed).\n"

    def test_a_file_of_another_name(self, shop: Repository) -> None:
        named = ("--baseline", "ci/known.json")
        missing = shop.run("check", *named, TWO_RULES)
        assert missing == (2, "", "rollsafe: ci/known.json: no such file; --update-baseline writes it\n")
        shop.run("check", *named, "--update-baseline", TWO_RULES)
        assert shop.run("check", *named, TWO_RULES, "--format=json").findings == []
        assert shop.run("check", TWO_RULES, "--format=json").findings == [ERROR, WARNING]
        assert json.loads(shop.read("ci/known.json"))["findings"][0]["path"] == "../k8s/deployment.yaml"

    def test_each_root_has_its_own(self, shop: Repository) -> None:
        shop.write("inner/rollsafe.toml", "root = true\n")
        shop.write("inner/k8s/deployment.yaml", DEPLOYMENT)
        shop.run("check", "inner", "--update-baseline", TWO_RULES)
        assert shop.run("check", TWO_RULES, "--format=json").findings == [ERROR, WARNING]
        assert not (shop.path / BASELINE).exists()

    def test_what_is_known_is_not_fixed(self, shop: Repository) -> None:
        shop.run("check", "--update-baseline", TWO_RULES)
        assert shop.run("fix", TWO_RULES).lines[0] == "Nothing to fix."
        assert shop.read("k8s/deployment.yaml") == DEPLOYMENT

    def test_nothing_to_write(self, repository: Repository) -> None:
        assert repository.run("check", "--update-baseline").out == "Nothing to put into a baseline.\n"
        assert not (repository.path / BASELINE).exists()

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "[]",
            "{}",
            '{"schema": "x", "findings": []}',
            '{"schema": "rollsafe/baseline/1", "findings": [1]}',
        ],
    )
    def test_a_broken_file_is_named(self, shop: Repository, text: str) -> None:
        shop.write(BASELINE, text)
        outcome = shop.run("check")
        assert (outcome.code, outcome.out) == (2, "")
        assert outcome.err.startswith(f"rollsafe: {BASELINE}: no baseline: ")
        assert outcome.err.count("\n") == 1


class TestDiffBase:
    @pytest.fixture(autouse=True)
    def committed(self, shop: Repository, git: Git) -> None:
        git("add", ".")
        git("commit", "--quiet", "--message=first")

    def test_nothing_is_new_at_first(self, shop: Repository) -> None:
        outcome = shop.run("check", "--diff-base=main", TWO_RULES)
        assert outcome.code == 0
        assert outcome.lines[-1] == "2 findings already in main, not shown."

    def test_what_changed_speaks(self, shop: Repository) -> None:
        shop.write("other.yaml", DEPLOYMENT.replace("web", "other"))
        shop.write("k8s/deployment.yaml", f"# moved\n{DEPLOYMENT}")
        report = shop.run("check", "--diff-base=HEAD", TWO_RULES, "--format=json")
        assert report.findings == [("other.yaml", "rollback-disabled")]

    def test_a_change_elsewhere_may_cause_it(self, repository: Repository, git: Git) -> None:
        repository.write("k8s/service.yaml", SERVICE.replace("app: web", "app: none"))
        git("commit", "--quiet", "--all", "--message=nobody calls web")
        repository.write("k8s/service.yaml", SERVICE)
        report = repository.run("check", "--diff-base=HEAD", TWO_RULES, "--format=json")
        assert report.findings == [WARNING]

    def test_counts_from_where_the_branch_began(self, shop: Repository, git: Git) -> None:
        git("checkout", "--quiet", "-b", "feature")
        shop.write("feature.txt", "")
        git("add", ".")
        git("commit", "--quiet", "--message=feature")
        git("checkout", "--quiet", "main")
        shop.write("k8s/deployment.yaml", "")
        git("commit", "--quiet", "--all", "--message=main has fixed it")
        git("checkout", "--quiet", "feature")
        assert shop.run("check", "--diff-base=main", TWO_RULES, "--format=json").findings == []

    def test_standard_input_is_compared_too(self, shop: Repository) -> None:
        words = ("check", "-", "--stdin-filename=k8s/service.yaml", "--diff-base=HEAD", "--format=json")
        unserved = SERVICE.replace("targetPort: 8080", "targetPort: 9090")
        select = "--select=unserved-target-port"
        assert shop.run(*words, select, stdin=unserved).findings == [
            ("k8s/service.yaml", "unserved-target-port")
        ]

    def test_no_such_revision(self, shop: Repository) -> None:
        for option in ("--diff-base", "--base"):
            outcome = shop.run("check", option, "nonsense")
            assert (outcome.code, outcome.out) == (2, "")
            assert outcome.err.startswith(f"rollsafe: {option}: ")
            assert "nonsense" in outcome.err


def test_no_repository(repository: Repository) -> None:
    outcome = repository.run("check", "--base=main")
    assert outcome.code == 2
    assert outcome.err.startswith("rollsafe: --base: ")
