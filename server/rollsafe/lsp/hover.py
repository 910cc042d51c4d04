"""What is shown over a finding, a statement or a workload."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.engine.facts import Facts, facts_at
from rollsafe.engine.found import Found
from rollsafe.lsp.session import Located, Session
from rollsafe.lsp.shapes import Hover
from rollsafe.lsp.to_lsp import range_in
from rollsafe.rules.pages import page_url, short_help
from rollsafe.text import Span

_MAX_FINDINGS: Final = 4
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+(?=[A-Z`])")
_LINK: Final = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")


def hover(session: Session, located: Located, offset: int) -> Hover | None:
    """Return what there is to say about an offset of a file."""
    found = [one for one in located.root.findings(located.file.path) if one.span.holds(offset)]
    facts = _facts(located, offset)
    if not found and facts is None:
        return None
    place = min((one.span for one in found), key=_length, default=facts.place if facts else Span(0, 0))
    blocks = [*map(_block, sorted(found, key=lambda one: _length(one.span))[:_MAX_FINDINGS])]
    if facts is not None:
        blocks.append("\n".join(_fact_lines(facts)))
    text = "\n\n---\n\n".join(blocks)
    client = session.client
    return {
        "contents": {
            "kind": "markdown" if client.markdown_hover else "plaintext",
            "value": text if client.markdown_hover else _plain(text),
        },
        "range": range_in(located.file.lines, place, client.encoding),
    }


def _facts(located: Located, offset: int) -> Facts | None:
    artefact = located.root.artefact(located.file.path)
    if artefact is None:
        return None
    return facts_at(artefact, offset, located.root.engine.graph, located.root.configured.settings)


def _length(span: Span) -> int:
    return span.end - span.start


def _block(found: Found) -> str:
    rule = found.rule
    parts = [f"**{rule.name}** · {found.severity} · {rule.agent}", found.message]
    if found.detail:
        parts.append(found.detail)
    parts += [_first_sentences(short_help(rule), 2), f"[{rule.name}]({page_url(rule)})"]
    return "\n\n".join(parts)


def _fact_lines(facts: Facts) -> Iterator[str]:
    yield f"**{facts.title}**"
    yield ""
    yield from (f"- {line}" for line in facts.lines)


def _first_sentences(text: str, count: int) -> str:
    return " ".join(_SENTENCE_END.split(text)[:count])


def _plain(markdown: str) -> str:
    """Return Markdown of ours without its markup."""
    text = _LINK.sub(r"\1: \2", markdown)
    return text.replace("**", "").replace("`", "").replace("\n\n---\n\n", "\n\n")
