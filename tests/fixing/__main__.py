"""`python -m tests.fixing PATH…`: hold every fix offered in folders of files to what fixes are held to.

Every finding at level auditor is asked for its fixes, and each is applied by itself in memory; then all
safe ones together, then the unsafe ones too. Nothing is written. Prints the faults by cause and rule.
"""

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from rollsafe.artefacts.source import SourceFile
from rollsafe.engine.project import Project
from rollsafe.rules import Rule
from rollsafe.workspace.disk import load_projects, load_settings
from rollsafe.workspace.facts import Base
from rollsafe.workspace.git import GitError, resolve_base
from rollsafe.workspace.settings import Settings
from rollsafe.workspace.snapshot import Snapshot
from tests.fixing.judging import Fault, judge_each, judge_together
from tests.fixing.writings import WRITINGS


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    tried, faults = Counter[str](), list[Fault]()
    for project in _projects(options):
        chosen = [one for one in project.engine.all_findings() if _is_asked(options, one.rule)]
        for fix, wrong in judge_each(project, chosen):
            tried[fix.safety] += 1
            faults += [_below(project, fault) for fault in wrong]
        for unsafe in (False, True) if options.together else ():
            faults += [_below(project, fault) for fault in judge_together(project, unsafe=unsafe)]
        faults += [
            Fault("crashes", it.rule, "", "", it.path, 0, it.error) for it in project.engine.failures.values()
        ]
    for line in _table(tried, faults, options.show):
        print(line)
    return 1 if faults else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fixing", description=__doc__)
    parser.add_argument("paths", nargs="+", help="folders; each is read as `rollsafe check` reads it")
    parser.add_argument("--rule", action="append", default=[], help="only fixes of this rule")
    parser.add_argument("--family", action="append", default=[], help="only fixes of rules of this family")
    parser.add_argument("--writing", choices=WRITINGS, default="as-is", help="write the files anew before")
    parser.add_argument("--base", help="the git revision to compare with, as for `rollsafe check`")
    parser.add_argument("--no-together", dest="together", action="store_false", help="single fixes only")
    parser.add_argument("--show", type=int, default=2, help="how many faults of a rule and cause to print")
    return parser


def _is_asked(options: argparse.Namespace, rule: Rule) -> bool:
    names, families = options.rule, options.family
    return (not names or rule.name in names) and (not families or rule.family in families)


def _projects(options: argparse.Namespace) -> Iterator[Project]:
    for path in options.paths:
        for snapshot in load_projects(path, settings_of=_auditing):
            rewritten = _rewritten(snapshot, options.writing)
            project = Project.open(rewritten, date.today(), base=_base(snapshot.root, options.base))
            project.analyse()
            yield project


def _auditing(root: str) -> Settings:
    return replace(load_settings(root), level="auditor")


def _rewritten(snapshot: Snapshot, writing: str) -> Snapshot:
    write = WRITINGS[writing]
    files = {path: SourceFile(path, write(path, it.text)) for path, it in snapshot.files.items()}
    return Snapshot(snapshot.root, snapshot.settings, files, snapshot.paths, snapshot.skipped)


def _base(root: str, revision: str | None) -> Base | None:
    try:
        return None if revision is None else resolve_base(root, revision)
    except GitError:
        return None


def _below(project: Project, fault: Fault) -> Fault:
    return fault._replace(path=f"{project.snapshot.root}/{fault.path}")


def _table(tried: Counter[str], faults: list[Fault], show: int) -> Iterator[str]:
    alone = len({(it.rule, it.title, it.path, it.line) for it in faults if it.title})
    sums = ", ".join(f"{count} {safety}" for safety, count in sorted(tried.items()))
    yield f"{tried.total()} fixes applied alone ({sums}), {alone} with faults, {len(faults)} faults in all"
    grouped = defaultdict[tuple[str, str], list[Fault]](list)
    for fault in faults:
        grouped[fault.cause, fault.rule].append(fault)
    for (cause, rule), those in sorted(grouped.items(), key=lambda it: (it[0][0], -len(it[1]))):
        yield f"{len(those):5} {cause}: {rule} [{those[0].safety}]"
        for it in those[:show]:
            yield f"        {it.path}:{it.line}: {it.title}"
            if it.detail:
                yield f"            {it.detail.strip()!r}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
