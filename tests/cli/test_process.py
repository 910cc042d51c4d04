"""The command as a process: what it imports, other people's agents, rules that crash, terminals."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import rollsafe
from tests.cli.conftest import DEPLOYMENT, TWO_RULES, Repository

NEVER = ("pygls", "lsprotocol", "pydantic", "anthropic", "asyncio")
LONG_AGO = (1_700_000_000, 1_700_000_000)
RULE = '''\
"""A container is there.

## Why it matters
It does not.
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import {subject}
from rollsafe.rules import Edit, FileEdit, Finding, Fix, NewFile, Safety, Severity, Span, rule


@rule(severity=Severity.HINT, since="0.1.0")
def check(element: {subject}) -> Iterator[Finding]:
    """Say so."""
    {body}
'''


def run(
    repository: Repository, *words: str, extra: Path | None = None, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(extra)} if extra else dict(os.environ)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.run(
        [sys.executable, "-m", "rollsafe", *words],
        cwd=repository.path, env=environment, input=stdin, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        ["check"],
        ["check", "--format=json"],
        ["check", "--format=sarif"],
        ["check", "--diff"],
        ["rules"],
        ["explain", "rollback-disabled"],
        ["config", "show"],
        ["version", "--verbose"],
        ["--help"],
    ],
)
def test_heavy_packages_are_not_imported(shop: Repository, words: list[str]) -> None:
    code = (
        "import sys\nfrom rollsafe.cli import main\n"
        f"main({words!r})\n"
        f"print(*sorted(set({NEVER!r}) & sys.modules.keys()), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=shop.path, capture_output=True, text=True, check=True
    )
    assert done.stderr.splitlines()[-1] == ""


def test_a_process_without_streams_ends_without_a_traceback(shop: Repository) -> None:
    command = f"{shlex.quote(sys.executable)} -m rollsafe --version >&-"
    done = subprocess.run(["sh", "-c", command], cwd=shop.path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_one_manifest_imports_no_other_reader(shop: Repository) -> None:
    code = (
        "import sys\nfrom rollsafe.cli import main\n"
        "main(['check', 'k8s/service.yaml'])\n"
        "print(*(name for name in sys.modules if name.startswith('rollsafe.artefacts.migrations')))"
    )
    command = [sys.executable, "-c", code]
    run(shop, "check")
    done = subprocess.run(command, cwd=shop.path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == ""


def test_settings_without_faults_import_no_library(shop: Repository) -> None:
    shop.write(
        "rollsafe.toml",
        'root = true\nlevel = "pedantic"\nignore = ["hygiene"]\n[severity]\nport-mismatch = "off"\n'
        '[migrations]\npostgres-version = "14.2"\nassume-in-transaction = true\nlarge-tables = ["a"]\n'
        "[plan.weights]\nlock = 3\n",
    )
    code = (
        "import sys\nfrom rollsafe.cli import main\nmain(['check', 'k8s/service.yaml'])\n"
        "print(*sorted({'msgspec', 'dataclasses', 'inspect'} & sys.modules.keys()))"
    )
    run(shop, "check")
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=shop.path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == ""


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the product that has run once, long after it was installed."""
    site = tmp_path_factory.mktemp("installed")
    package = Path(rollsafe.__file__).parent
    shutil.copytree(package, site / package.name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in site.rglob("*.py"):
        os.utime(path, LONG_AGO)
    assert ask(site) == f"rollsafe {rollsafe.__version__}\n"
    return site


def ask(site: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(site)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-m", "rollsafe", "version"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout


class TestCompiledModules:
    """They are kept in one file beside those that the interpreter keeps."""

    def forget(self, product: Path) -> Path:
        """Remove what the interpreter keeps; return the file of what the product keeps."""
        for path in product.rglob("*.pyc"):
            path.unlink()
        [file] = product.rglob("modules.*.rollsafe")
        return file

    def test_are_taken_from_the_file(self, product: Path) -> None:
        self.forget(product)
        assert ask(product) == f"rollsafe {rollsafe.__version__}\n"
        assert not list((product / "rollsafe/cli").rglob("*.pyc"))

    def test_are_compiled_anew_where_their_source_has_changed(self, product: Path) -> None:
        self.forget(product)
        source = product / "rollsafe/cli/version.py"
        before = source.read_text()
        source.write_text(before.replace('f"rollsafe ', 'f"another '))
        assert ask(product) == f"another {rollsafe.__version__}\n"
        source.write_text(before)
        os.utime(source, LONG_AGO)
        assert ask(product) == f"rollsafe {rollsafe.__version__}\n"

    @pytest.mark.parametrize("keep", [0, 5, 40, 50_000])
    def test_are_done_without_where_the_file_is_damaged(self, product: Path, keep: int) -> None:
        file = self.forget(product)
        whole = file.read_bytes()
        assert len(whole) > keep
        file.write_bytes(whole[:keep])
        assert ask(product) == f"rollsafe {rollsafe.__version__}\n"
        file.write_bytes(whole)

    def test_are_not_kept_where_nothing_is_to_be_written(self, product: Path) -> None:
        file = self.forget(product)
        whole = file.read_bytes()
        file.unlink()
        command = [sys.executable, "-B", "-m", "rollsafe", "version"]
        environment = {**os.environ, "PYTHONPATH": str(product)}
        subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        assert not list(product.rglob("modules.*"))
        file.write_bytes(whole)


@pytest.fixture
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installed distribution with one agent of one rule."""
    place = tmp_path_factory.mktemp("site")
    write(
        place / "house_rules-1.0.dist-info/METADATA",
        "Metadata-Version: 2.1\nName: house-rules\nVersion: 1.0\n",
    )
    write(
        place / "house_rules-1.0.dist-info/entry_points.txt",
        "[console_scripts]\nx = y:z\n\n[rollsafe.agents]\nhouse-rules = house_rules:AGENT\n",
    )
    write(
        place / "house_rules/__init__.py",
        "from rollsafe.rules.agent import Agent\n\nAGENT = Agent('house-rules', __name__)\n",
    )
    write(place / "house_rules/rules/__init__.py", "")
    return place


class TestAgentsOfOthers:
    def rule(self, pack: Path, subject: str, body: str) -> None:
        write(pack / "house_rules/rules/container_there.py", RULE.format(subject=subject, body=body))

    def test_are_found(self, shop: Repository, pack: Path) -> None:
        self.rule(pack, "Container", "yield Finding(element, f'`{element.name}` is there')")
        done = run(shop, "check", "--select=house-rules", extra=pack)
        assert done.stdout.startswith("k8s/deployment.yaml:15:11: container-there [hint] `web` is there\n")
        assert (done.returncode, done.stderr) == (0, "")
        assert "house-rules: 1 rules" in run(shop, "version", "--verbose", extra=pack).stdout

    def test_are_found_again_when_they_change(self, shop: Repository, pack: Path) -> None:
        self.rule(pack, "Container", "yield Finding(element, f'`{element.name}` is there')")
        select = ("check", "--select=container-there", "--quiet")
        first = run(shop, *select, extra=pack)
        assert run(shop, *select, extra=pack).stdout == first.stdout
        self.rule(pack, "Service", "yield Finding(element, f'service `{element.name}` is there')")
        changed = run(shop, *select, extra=pack)
        assert changed.stdout.startswith("k8s/service.yaml:1:1: container-there [hint] service `web`")
        [index] = (pack / "house_rules/__pycache__").glob("*.rollsafe")
        index.write_bytes(b"no index")
        assert run(shop, *select, extra=pack).stdout == changed.stdout
        other = pack / "house_rules/rules/container_there.py"
        other.rename(other.with_name("other_name.py"))
        assert "no rule, family or agent `container-there`" in run(shop, *select, extra=pack).stderr

    def test_that_crash_cost_their_own_findings_only(self, shop: Repository, pack: Path) -> None:
        self.rule(pack, "Container", "yield Finding(element, 'x' * element.nothing)")
        select = "--select=container-there,rollback-disabled"
        done = run(shop, "check", select, extra=pack)
        assert done.returncode == 2
        assert done.stdout.startswith("k8s/deployment.yaml:7:3: rollback-disabled [error]")
        assert done.stderr == (
            "rule container-there crashed on k8s/deployment.yaml: "
            "AttributeError: 'Container' object has no attribute 'nothing'\n"
        )
        alone = run(shop, "check", "--select=container-there", extra=pack)
        assert "Nothing found in 2 files" in alone.stdout
        assert "1 rule crashed" in alone.stdout
        sarif = run(shop, "check", select, "--format=sarif", extra=pack).stdout
        assert '"executionSuccessful": false' in sarif

    def test_a_zip_on_the_path_is_searched_too(self, shop: Repository, pack: Path) -> None:
        import shutil

        self.rule(pack, "Container", "yield Finding(element, f'`{element.name}` is there')")
        archive = shutil.make_archive(str(pack.parent / "pack"), "zip", pack)
        done = run(shop, "check", "--select=house-rules", extra=Path(archive))
        assert "container-there [hint]" in done.stdout


class TestFixesOfSeveralFiles:
    """A fix that edits another file and creates one, from an agent made for it."""

    SELECT = ("--select=container-there", "--quiet")

    @pytest.fixture
    def fixing(self, pack: Path) -> Path:
        return self.creating(pack, "k8s/new/extra.yaml")

    def creating(self, pack: Path, path: str) -> Path:
        body = (
            "edit = FileEdit('k8s/service.yaml', Edit(Span(0, 0), '# checked\\n'))\n"
            f"    new = NewFile({path!r}, 'kind: None\\n')\n"
            "    fix = Fix('Split it', Safety.SAFE, elsewhere=(edit,), creates=(new,))\n"
            "    if '# checked' not in element.file.text:\n"
            "        yield Finding(element, f'`{element.name}` is there', fixes=(fix,))"
        )
        write(pack / "house_rules/rules/container_there.py", RULE.format(subject="Container", body=body))
        return pack

    def test_are_described(self, shop: Repository, fixing: Path) -> None:
        report = json.loads(run(shop, "check", "--format=json", *self.SELECT, extra=fixing).stdout)
        [fix] = report["findings"][0]["fixes"]
        start = {"line": 1, "column": 1}
        assert fix == {
            "title": "Split it",
            "safety": "safe",
            "edits": [
                {
                    "path": "k8s/service.yaml",
                    "range": {"start": start, "end": start},
                    "new_text": "# checked\n",
                }
            ],
            "creates": [{"path": "k8s/new/extra.yaml", "text": "kind: None\n"}],
        }

    def test_are_applied(self, shop: Repository, fixing: Path) -> None:
        done = run(shop, "fix", "--select=container-there", extra=fixing)
        assert done.stdout.splitlines()[:3] == [
            "fixed  k8s/service.yaml",
            "created  k8s/new/extra.yaml",
            "Fixed 1 finding in 1 file, 1 file created.",
        ]
        assert shop.read("k8s/service.yaml").startswith("# checked\napiVersion")
        assert shop.read("k8s/new/extra.yaml") == "kind: None\n"

    def test_are_shown(self, shop: Repository, fixing: Path) -> None:
        done = run(shop, "check", "--diff", "--select=container-there", extra=fixing)
        assert done.stderr == "Would fix 1 finding in 1 file, 1 file created.\n"
        assert "--- /dev/null\n+++ b/k8s/new/extra.yaml\n@@ -0,0 +1 @@\n+kind: None\n" in done.stdout
        assert not (shop.path / "k8s/new").exists()

    def test_are_not_applied_to_standard_input(self, shop: Repository, fixing: Path) -> None:
        words = ("fix", "-", "--stdin-filename=k8s/deployment.yaml", *self.SELECT)
        before = shop.read("k8s/service.yaml")
        done = run(shop, *words, extra=fixing, stdin="# unsaved\n" + DEPLOYMENT)
        assert done.stdout == "# unsaved\n" + DEPLOYMENT
        assert "container-there" in done.stderr
        assert shop.read("k8s/service.yaml") == before

    @pytest.mark.parametrize("path", ["../outside.yaml", "k8s/../../outside.yaml", "k8s//x.yaml"])
    def test_stay_inside_the_project(self, shop: Repository, pack: Path, path: str) -> None:
        done = run(shop, "fix", *self.SELECT, extra=self.creating(pack, path))
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.endswith(": not written, it lies outside of the project\n")
        assert not (shop.path.parent / "outside.yaml").exists()

    def test_overwrite_nothing(self, shop: Repository, fixing: Path) -> None:
        shop.write(".gitignore", "new/\n")
        shop.write("k8s/new/extra.yaml", "kept: true\n")
        done = run(shop, "fix", *self.SELECT, extra=fixing)
        assert done.returncode == 2
        assert done.stderr == "rollsafe: k8s/new/extra.yaml: not written, a file of that name exists\n"
        assert shop.read("k8s/new/extra.yaml") == "kept: true\n"
        assert not shop.read("k8s/service.yaml").startswith("# checked"), "it is all or nothing"


def write(path: Path, text: str) -> None:
    """Write a file that looks an hour old: sources that are being edited are not indexed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    an_hour_ago = time.time() - 3600
    os.utime(path, (an_hour_ago, an_hour_ago))


class TestTerminal:
    def run(self, repository: Repository, *words: str, **environment: str) -> str:
        """Run with standard output on a terminal; return what it shows."""
        import pty

        outer, inner = pty.openpty()
        base = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "GITHUB_ACTIONS")}
        command = [sys.executable, "-m", "rollsafe", *words]
        process = subprocess.Popen(
            command,
            cwd=repository.path,
            stdout=inner,
            stderr=inner,
            env={**base, "TERM": "xterm", **environment},
        )
        os.close(inner)
        parts: list[bytes] = []
        while part := read(outer):
            parts.append(part)
        os.close(outer)
        process.wait()
        # What a carriage return goes back over, such as the progress of a slow run, is not there to be read.
        return re.sub(r"[^\n]*\r", "", b"".join(parts).decode().replace("\r\n", "\n"))

    def test_full_with_colours_and_links(self, shop: Repository) -> None:
        shown = self.run(shop, "check", TWO_RULES)
        assert "\x1b[31;1merror\x1b[0m  \x1b[1mk8s/deployment.yaml:7:3\x1b[0m" in shown
        link = re.search(r"\x1b\]8;;(\S+)\x1b\\rollback-disabled\x1b\]8;;\x1b\\", shown)
        assert link is not None
        assert link[1].endswith("docs/rules/rollback-disabled.md")

    @pytest.mark.parametrize(
        ("words", "environment"),
        [((), {"NO_COLOR": "1"}), ((), {"TERM": "dumb"}), (("--color=never",), {})],
    )
    def test_without(self, shop: Repository, words: tuple[str, ...], environment: dict[str, str]) -> None:
        shown = self.run(shop, "check", TWO_RULES, *words, **environment)
        assert "\x1b" not in shown
        assert shown.startswith("error  k8s/deployment.yaml:7:3  rollback-disabled")

    def test_colour_on_demand(self, shop: Repository) -> None:
        assert "\x1b[31;1m[error]" in shop.run("check", TWO_RULES, "--color=always").out
        diff = shop.run("check", "--diff", TWO_RULES, "--color=always").out
        assert "\x1b[31m-  revisionHistoryLimit: 0\x1b[0m\n" in diff


def read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""


class TestProgress:
    def test_a_long_run_shows_it_and_cleans_up(
        self, shop: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import rollsafe.cli.progress as progress

        monkeypatch.setattr(progress, "_FROM_S", 0.0)
        monkeypatch.setattr(progress, "_EVERY_S", 0.0)
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
        outcome = shop.run("check", TWO_RULES)
        assert "\rreading: 2 files" in outcome.err
        assert f"\r[{'#' * 24}] 2/2 files" in outcome.err
        *_, line, blanks, rest = outcome.err.split("\r")
        assert (line.strip() != "", blanks, rest) == (True, " " * len(line), "")
        assert shop.run("check", TWO_RULES, "--quiet").err == ""

    def test_a_short_run_shows_none(self, shop: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
        assert shop.run("check", TWO_RULES).err == ""
