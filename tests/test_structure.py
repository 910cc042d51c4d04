"""The layers hold, files stay small, and nothing generated is out of date."""

import ast
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted([*(ROOT / "server").rglob("*.py"), *(ROOT / "agents").rglob("*.py")])


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_imports_point_one_way() -> None:
    done = run(str(Path(sys.executable).parent / "lint-imports"), "--no-cache")
    assert done.returncode == 0, done.stdout


def test_generated_files_are_up_to_date() -> None:
    done = run(sys.executable, "docs/generate.py", "--check")
    assert done.returncode == 0, done.stdout


def test_files_have_at_most_400_lines() -> None:
    long = {str(p.relative_to(ROOT)): n for p in SOURCES if (n := len(p.read_text().splitlines())) > 400}
    assert long == {}


def test_functions_are_small() -> None:
    lengths = {
        f"{path.relative_to(ROOT)}:{node.lineno}": (node.end_lineno or node.lineno) - node.lineno + 1
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {place: n for place, n in lengths.items() if n > 45} == {}
    assert sum(n <= 20 for n in lengths.values()) / len(lengths) >= 0.8


def test_every_module_says_what_it_knows() -> None:
    silent = [str(p.relative_to(ROOT)) for p in SOURCES if not ast.get_docstring(ast.parse(p.read_text()))]
    assert silent == []


def test_the_origin_of_each_table_is_named() -> None:
    names = [word.strip(",") for word in (ROOT / "NOTICE").read_text().split()]
    patterns = {word.rpartition("/")[2] for word in names if word.endswith((".json", ".txt"))}
    tables = {path.name for path in (ROOT / "server").rglob("data/*") if path.suffix in (".json", ".txt")}
    assert {name for name in tables if not any(fnmatch(name, one) for one in patterns)} == set()


def test_importing_the_package_is_light() -> None:
    heavy = "{'pygls', 'lsprotocol', 'pydantic', 'anthropic', 'asyncio'}"
    code = f"import sys, rollsafe.cli; print(sorted({heavy} & set(sys.modules)))"
    assert run(sys.executable, "-c", code).stdout.strip() == "[]"
