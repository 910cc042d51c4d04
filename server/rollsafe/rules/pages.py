"""A rule as a page: the one text behind docs, `explain`, hover and SARIF help."""

import re

from rollsafe.rules.api import Rule, Safety
from rollsafe.rules.docs import sections
from rollsafe.text.patterns import lazily

DOCS_URL = "https://github.com/rollsafe/rollsafe/blob/main/"
_FIX_WORDS = {
    Safety.SAFE: "safe",
    Safety.UNSAFE: "unsafe (changes behaviour or the order of a deployment)",
    Safety.MANUAL: "manual (leaves something to fill in)",
    None: "none",
}
_MARK = lazily(r"(#|--|//|<!--) <-( -->)?", re.M)


def page_path(rule: Rule) -> str:
    """Return the repository path of the rule's page."""
    return f"docs/rules/{rule.name}.md"


def page_url(rule: Rule) -> str:
    """Return the address of the rule's page for people outside of the repository."""
    return DOCS_URL + page_path(rule)


def page(rule: Rule) -> str:
    """Return the rule's page in Markdown."""
    head = "\n".join(
        (
            f"# {rule.name}",
            "",
            f"{rule.summary}.",
            "",
            "| agent | family | severity | confidence | level | fix | since | status |",
            "|---|---|---|---|---|---|---|---|",
            f"| {rule.agent} | {rule.family} | {rule.severity} | {rule.confidence} | {rule.level} "
            f"| {_FIX_WORDS[rule.fix]} | {rule.since} | {rule.status} |",
        )
    )
    body = rule.doc.partition("\n")[2].strip()
    return f"{head}\n\n{_MARK.sub(lambda m: m[0].replace('<-', '← flagged'), body)}\n"


def short_help(rule: Rule) -> str:
    """Return the paragraph that says why the rule matters, on one line."""
    return " ".join(sections(rule.doc).get("Why it matters", rule.summary).split())
