"""The words of plans as Markdown: claims with their evidence, commands, tables, checklists.

What is pasted from a plan survives: commands keep their quoting inside of tables, links lead to a line.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from rollsafe.plans.model import ROOT, Certainty, Check, Claim, Evidence, PlanDocument


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]], empty: str) -> Iterator[str]:
    """Yield the lines of a table, or `empty` where it has no rows. Cells are written already."""
    listed = list(rows)
    if not listed:
        yield empty
        return
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    yield from ("| " + " | ".join(row) + " |" for row in listed)


def fence(text: str | None, language: str = "sh") -> Iterator[str]:
    """Yield a block of code and an empty line after it; nothing without a text."""
    if text:
        longest = max((len(run) for run in re.findall("`+", text)), default=0)
        mark = "`" * max(3, longest + 1)
        yield from (f"{mark}{language}", text, mark, "")


def written(claim: Claim, *, labelled: bool = True, places: Callable[[Claim], str] | None = None) -> str:
    """Return a claim on one line, fit for a table: its text, its status unless FACT, its evidence."""
    label = "" if claim.status is Certainty.FACT or not labelled else f" *{claim.status}*"
    where = (places or place)(claim)
    return cell(claim.text) + label + (f" {where}" if where != "–" else "")


def place(claim: Claim) -> str:
    """Return the links to a claim's evidence, a dash without any."""
    return " ".join(link(evidence) for evidence in claim.evidence) or "–"


def named(claim: Claim) -> str:
    """Return the places of a claim's evidence as code, for texts that are read outside of the repository."""
    return " ".join(code(f"{one.path}:{one.line}") for one in claim.evidence) or "–"


def link(evidence: Evidence) -> str:
    """Return a link to a line, or for one of another commit its name."""
    where = f"{evidence.path}:{evidence.line}"
    if evidence.commit != "WORKTREE":
        return f"({flat(where)} at {evidence.commit})"
    target = evidence.path.replace("%", "%25").replace(" ", "%20").replace("(", "%28").replace(")", "%29")
    return f"[{cell(where)}]({target}#L{evidence.line})"


def flat(text: str) -> str:
    """Return a text on one line."""
    return text.replace("\n", " ")


def cell(text: str) -> str:
    """Return a text as a cell of a table."""
    return flat(text).replace("|", "\\|")


def code(command: str) -> str:
    """Return a command as inline code that survives a table cell; backticks inside get a longer fence."""
    flat = " ".join(command.split("\n")).replace("|", "\\|")
    fence = "``" if "`" in flat else "`"
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{fence}{pad}{flat}{pad}{fence}"


def short_ref(ref: str) -> str:
    """Return a revision as people write it: a commit by its first twelve digits."""
    is_commit = len(ref) >= 40 and all(char in "0123456789abcdef" for char in ref)
    return ref[:12] if is_commit else ref


def frame(plan: PlanDocument) -> Iterator[str]:
    """Yield what a plan was made from: base, number of changed files, hash of the content."""
    yield _revisions(plan)
    if plan.files_changed is None:
        yield "whole workspace"
    else:
        loose = f", {plan.uncommitted} of them not committed" if plan.uncommitted else ""
        yield f"{plan.files_changed} file{'s' * (plan.files_changed != 1)} changed{loose}"
    yield f"plan {plan.content_hash}"


def _revisions(plan: PlanDocument) -> str:
    """Return what is compared: `base main 3f2c1d9a0b1c, head 4e5f6a7b8c9d`."""
    if plan.base is None:
        return "no base"
    named, commit = short_ref(plan.base), short_ref(plan.base_commit or plan.base)
    base = commit if named == commit else f"{named} {commit}"
    head = f", head {short_ref(plan.head)}" if plan.head and plan.head != plan.base_commit else ""
    return f"base {base}{head}"


def checkbox(check: Check) -> str:
    """Return a line of a checklist."""
    where = "" if check.context == ROOT else f"(in `{check.context}`) "
    command = f": {where}{code(check.command)}" if check.command else ""
    source = place(check.claim)
    source = "" if source == "–" else f" {source}"
    return f"- [ ] {flat(check.text)}{command} → {flat(check.expected)} ({check.owner}){source}"
