"""`python -m bench`: prints the tables of docs/performance.md.

`--quick` takes fewer samples. Nothing is asserted: the numbers are for people, and for comparing two
versions on one machine.
"""

import sys
import tempfile
from pathlib import Path

from bench.engine import edit_times
from bench.history import history_times
from bench.inputs import LANGUAGES, path_of, text_of, write_project
from bench.plans import plan_times
from bench.scan import other, peak_memory_mb, rollsafe, seconds
from bench.server import editor, measure

KINDS = ("workflow", "kubernetes", "sql", "dockerfile")
BUDGET_P95 = {50: 2.5, 300: 2.5, 2000: 15.0}


def main(arguments: list[str]) -> int:
    """Run all measurements and print them as Markdown."""
    quick = "--quick" in arguments
    engine(50 if quick else 200)
    editing(50 if quick else 200)
    big_workspace(500 if quick else 5_000)
    plans(500 if quick else 5_000, 1 if quick else 3)
    history(100 if quick else 1_000, 1 if quick else 5)
    one_file(3 if quick else 9)
    scanning(100 if quick else 1_000)
    return 0


def engine(samples: int) -> None:
    """Print the processor time of single edits in the engine, per kind and size."""
    print("## Edits in the engine, processor time (ms), all rules on\n")
    print("| file | lines | p50 | p95 |\n|---|---|---|---|")
    for kind in (*KINDS, "openapi"):
        for lines in (300, 2000):
            p50, p95 = edit_times(kind, lines, samples)
            print(f"| {kind} | {lines} | {p50:.2f} | {p95:.2f} |", flush=True)
    print()


def editing(samples: int) -> None:
    """Print the latency of single edits per kind and size."""
    print("## Editing (ms)\n")
    print("| file | lines | spawn → first diagnostics | p50 | p95 | p99 | p95 / budget | burst | RSS MB |")
    print("|---|---|---|---|---|---|---|---|---|")
    for kind in KINDS:
        for lines in (50, 300, 2000):
            with tempfile.TemporaryDirectory() as directory:
                root = Path(directory)
                path = root / path_of(kind)
                text = text_of(kind, lines)
                path.parent.mkdir(parents=True)
                path.write_text(text)
                found = measure(root, path, LANGUAGES[kind], text, samples)
            share = found.p95 / BUDGET_P95[lines]
            edits_ms = f"{found.p50:.2f} | {found.p95:.2f} | {found.p99:.2f} | {share:.2f}"
            rest = f"{found.burst:.1f} | {found.memory_mb:.0f}"
            print(f"| {kind} | {lines} | {found.first:.0f} | {edits_ms} | {rest} |", flush=True)
    print()


def big_workspace(files: int) -> None:
    """Print the latency of an edit in a large project, cross-file rules on."""
    print(f"## One edit in a workspace of {files} files (ms)\n")
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        for kind in KINDS:
            write_project(root, kind, files // 4)
        path = root / path_of("kubernetes")
        text = path.read_text()
        with editor(root) as client:
            first = client.open(path, "yaml", text)
            client.settle(3.0)
            line = text.count("\n") // 2
            times = sorted(client.edit(version, line) for version in range(2, 102))
            memory = client.memory_mb
    print(
        f"first diagnostics {first:.0f} · p50 {times[49]:.1f} · p95 {times[94]:.1f} · RSS {memory:.0f} MB\n"
    )


def plans(files: int, runs: int) -> None:
    """Print how long plans of a large repository take."""
    print(f"## Plans of a repository of {files} files (ms)\n")
    for row in plan_times(files, runs):
        print(row, flush=True)
    print()


def history(files: int, runs: int) -> None:
    """Print how long a history of migrations takes."""
    print(f"## A history of {files} migrations (ms)\n")
    print("| what | |\n|---|---|")
    for row in history_times(files, runs):
        print(row, flush=True)
    print()


def one_file(runs: int) -> None:
    """Print the time of the command on a single file."""
    print("## The command on one file (ms)\n")
    print("| file | rollsafe | other tool | ratio |\n|---|---|---|---|")
    for kind in KINDS:
        _row(kind, 1, runs, scale=1000)
    print()


def scanning(files: int) -> None:
    """Print files per second."""
    print(f"## Scanning {files} files (s)\n")
    print("| files | rollsafe | other tool | ratio |\n|---|---|---|---|")
    for kind in KINDS:
        _row(kind, files, 3, scale=1)
    print(f"\nPeak memory of any scan: {peak_memory_mb():.0f} MB")


def _row(kind: str, files: int, runs: int, scale: int) -> None:
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        write_project(root, kind, files)
        ours = seconds(rollsafe(), root, runs)
        rival = other(kind)
        theirs = seconds(rival[1], root, runs) if rival is not None else None
    rate = f" ({files / ours:.0f} files/s)" if files > 1 else ""
    named = f"{rival[0]} {theirs * scale:.2f}" if rival is not None and theirs is not None else "–"
    ratio = f"{ours / theirs:.2f}" if theirs else "–"
    print(f"| {kind} | {ours * scale:.2f}{rate} | {named} | {ratio} |", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
