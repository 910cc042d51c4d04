"""`explain`: a rule's page in the terminal, or where a model's remark comes from."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.cli.arguments import Arguments
from rollsafe.cli.console import Console, Paint
from rollsafe.cli.failures import CommandError
from rollsafe.cli.output.json import encoded
from rollsafe.cli.rules import record
from rollsafe.engine import installed_agents
from rollsafe.rules import Rule
from rollsafe.rules.docs import sections
from rollsafe.rules.pages import page, page_path, page_url
from rollsafe.text import nearest

_FINGERPRINT: Final = re.compile(r"[0-9a-f]{6,16}")
"""The fingerprint of a remark, or its beginning; no rule is called so."""
_FENCE: Final = re.compile(r'^```\w*(?: title="([^"]*)"(?: line-ends="crlf")?)?$')
_LINK: Final = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
_DIVIDER: Final = re.compile(r"^\|[-| :]+\|$")


def run(arguments: Arguments, console: Console) -> int:
    """Print the page of one rule, or the origin of one remark.

    Raises:
        CommandError: there is no such rule or remark.
    """
    if not arguments.operands:
        raise CommandError("rollsafe explain: a rule's name is missing; `rollsafe rules` lists them")
    form = arguments.one("--format") or "full"
    if _FINGERPRINT.fullmatch(arguments.operands[0]):
        return _remark(arguments.operands[0], form, console)
    rule = _find(arguments.operands[0])
    if form == "json":
        texts = {heading: text.strip() for heading, text in sections(rule.doc).items()}
        console.write_document(encoded({**record(rule), "docs": page_path(rule), "sections": {**texts}}))
    elif form == "markdown":
        console.write(page(rule))
    else:
        console.write("\n".join(_plain_lines(page(rule), console.paint("auto"))))
        console.write(f"\n{console.paint('auto').dim(page_url(rule))}\n")
    return 0


def _remark(word: str, form: str, console: Console) -> int:
    from rollsafe.cli.remarks import origin_lines, origin_record, remark_named

    one = remark_named(word)
    if form == "json":
        console.write_document(encoded(origin_record(one)))
        return 0
    for line in origin_lines(one, console.paint("auto")):
        console.write(f"{line}\n")
    return 0


def _find(name: str) -> Rule:
    known = {rule.name: rule for agent in installed_agents() for rule in agent.rules}
    rule = known.get(name)
    if rule is None:
        close = nearest(name, known)
        raise CommandError(f"no rule `{name}`" + (f"; nearest: `{close}`" if close else ""))
    return rule


def _plain_lines(markdown: str, paint: Paint) -> Iterator[str]:
    """Yield the page without its markup: headings bold, code indented, the table as `key: value`."""
    in_code = False
    header: list[str] = []
    for line in markdown.rstrip("\n").split("\n"):
        fence = _FENCE.match(line)
        if fence:
            in_code = not in_code
            if in_code and fence[1]:
                yield paint.dim(f"  {fence[1]}")
        elif in_code:
            yield f"    {line}"
        elif line.startswith("#"):
            yield paint.bold(line.lstrip("# "))
        elif line.startswith("|"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if not header:
                header = cells
            elif not _DIVIDER.match(line):
                yield "\n".join(f"{key}: {value}" for key, value in zip(header, cells, strict=False))
        else:
            yield _LINK.sub(r"\1: \2", line)
