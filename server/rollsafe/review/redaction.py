"""What of a request may leave the machine: files withheld, secrets replaced, the rest cut to size.

A secret becomes `<<SECRET:n>>`, the same `n` wherever it occurs. Lines keep their number, so an
answer about what was sent can be checked against the files themselves.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import compress

import msgspec

from rollsafe.review.blocks import Found, environment_values, secrets_in_blocks
from rollsafe.review.plain import spelled_out
from rollsafe.review.request import (
    KnownFact,
    KnownFinding,
    NodeRange,
    NumberedLine,
    ReviewFile,
    ReviewKey,
    ReviewRequest,
    SentFile,
    SentRequest,
)
from rollsafe.review.withheld import LARGEST, Withheld, reason_to_withhold
from rollsafe.text import LineIndex, Span
from rollsafe.text.secrets import PLACEHOLDER, secrets_in_config, secrets_in_prose
from rollsafe.text.tuples import NamedTuple

LINE_LIMIT = 400
_SCANNED = 4_000
_PERSONA_LIMIT = 12_000
_PASSES = 4
_NAME_LIKE = re.compile(r"[a-z]+(?:[-_. /][a-z]+)*|[A-Z]?[a-z]+|[A-Z]+(?:_[A-Z]+)*|\s*")
_ASSIGNED = re.compile(r"[A-Za-z_][\w.-]*=(.+)\Z", re.S)
_ENV_NAME = re.compile(r"(?i)(?:^|/)(?:\.env[^/]*|env\.[^/]*|[^/]*\.env(?:rc)?)$")

Detector = Callable[[str], list[Span]]


class Redacted(NamedTuple):
    """A request fit to send, and what became of the rest.

    `sources` holds the file of each sent file, in the same order.
    """

    sent: SentRequest
    sources: tuple[ReviewFile, ...]
    withheld: tuple[Withheld, ...]
    secrets: frozenset[str]


class _Vault:
    """The secrets of one run, numbered in the order in which they are met.

    `cores` are the values inside of what was taken out with its name or its quotes: repeated elsewhere,
    they stand alone. `foreign` are secrets of files that are not part of the run.
    """

    def __init__(self, foreign: Iterable[str] = ()) -> None:
        self.foreign = frozenset(foreign)
        self.numbers: dict[str, int] = {}
        self.cores: dict[str, int] = {}
        self._telling = re.compile(r"(?!)")
        self._known = -1

    def placeholder(self, secret: str) -> str:
        number = self.numbers.get(secret) or self.cores.get(secret)
        if number is None:
            number = self.numbers[secret] = len(self.numbers) + 1
            core = _core(secret)
            if core != secret:
                self.cores.setdefault(core, number)
        return f"<<SECRET:{number}>>"

    @property
    def secrets(self) -> frozenset[str]:
        """Everything that must not be left anywhere."""
        return self.foreign.union(self.numbers, self.cores)

    def redact(self, text: str, spans: Iterable[Span]) -> str:
        """Return `text` with the spans, sorted and disjoint, replaced by placeholders."""
        parts: list[str] = []
        at = 0
        for span in spans:
            parts += (text[at : span.start], self.placeholder(text[span.start : span.end]))
            at = span.end
        return "".join((*parts, text[at:]))

    def repeated(self, text: str) -> str:
        """Return `text` without the secrets already met that cannot be ordinary words."""
        known = len(self.numbers) + len(self.cores)
        if self._known != known:
            self._known = known
            telling = sorted(filter(is_telling, self.secrets), key=lambda it: (-len(it), it))
            self._telling = re.compile("|".join(map(re.escape, telling)) or r"(?!)")
        return self._telling.sub(lambda match: self.placeholder(match.group()), text)


def _core(secret: str) -> str:
    """Return the value in `NAME=value` or in quotes."""
    named = _ASSIGNED.match(secret)
    return (named[1] if named else secret).strip("\"'`")


def is_telling(secret: str) -> bool:
    """Say whether a secret is recognisable wherever it stands; `my-app` is a name as well."""
    return len(secret) >= 6 and _NAME_LIKE.fullmatch(secret) is None


def secrets_in(files: Iterable[ReviewFile]) -> frozenset[str]:
    """Return the secrets of files that can be recognised wherever else they stand."""
    vault = _Vault()
    for file in files:
        _redacted_lines(file, vault)
    return frozenset(filter(is_telling, vault.secrets))


def redact(request: ReviewRequest) -> Redacted:
    """Return what may be sent of `request`."""
    vault = _Vault(request.secrets)
    shown: list[tuple[ReviewFile, list[str]]] = []
    withheld: list[Withheld] = []
    for file in request.files:
        reason = reason_to_withhold(file.path, file.text)
        lines = _redacted_lines(file, vault)
        if reason is None:
            shown.append((file, lines))
        else:
            withheld.append(Withheld(file.path, reason))
    sent = _settled_request(request, shown, vault)
    fitting = _fitting(sent.files, request.limits.shown_bytes)
    sources = [file for file, _ in shown]
    withheld += (
        Withheld(file.path, "more than one run may show")
        for file, fits in zip(sources, fitting, strict=True)
        if not fits
    )
    return Redacted(
        msgspec.structs.replace(sent, files=tuple(compress(sent.files, fitting))),
        tuple(compress(sources, fitting)),
        tuple(withheld),
        vault.secrets,
    )


def still_holds_a_secret(redacted: Redacted) -> bool:
    """Say whether a secret that was taken out in one place is left in another."""
    text = PLACEHOLDER.sub("", msgspec.json.encode(redacted.sent).decode())
    return any(_escaped(secret) in text for secret in redacted.secrets if is_telling(secret))


def _escaped(secret: str) -> str:
    """Return a secret as it looks inside a JSON string."""
    return msgspec.json.encode(secret.encode("utf-8", "replace").decode()).decode()[1:-1]


def _settled_request(
    request: ReviewRequest,
    shown: Sequence[tuple[ReviewFile, list[str]]],
    vault: _Vault,
    passes: int = _PASSES,
) -> SentRequest:
    """Return the request as sent, made again while a later part yields secrets an earlier repeats.

    One that does not settle is left to the checks that follow, which stop it.
    """
    known = len(vault.secrets)
    sent = SentRequest(
        agent=_clean(request.agent, vault),
        persona=_clean(request.persona[:_PERSONA_LIMIT], vault),
        keys=tuple(_clean_key(key, vault) for key in request.keys),
        files=tuple(_sent(file, lines, vault) for file, lines in shown),
        is_added=bool(request.origin),
    )
    if len(vault.secrets) == known or passes == 0:
        return sent
    return _settled_request(request, shown, vault, passes - 1)


def _redacted_lines(file: ReviewFile, vault: _Vault) -> list[str]:
    """Return all lines of a file with the secrets recognised in them replaced.

    Characters past a fixed column are dropped before a line is looked at: they are never sent.
    """
    if len(file.text) > LARGEST:
        return []
    index = LineIndex(file.text)
    lines = [spelled_out(index.line_text(row)[:_SCANNED]) for row in range(len(index))]
    blocks: dict[int, list[Span]] = {}
    found: list[Found] = [*secrets_in_blocks(lines)]
    if _ENV_NAME.search(file.path):
        found += environment_values(lines)
    found += _named_secrets(file.secrets, lines)
    for row, span in found:
        blocks.setdefault(row, []).append(span)
    return [_redacted_line(line, blocks.get(row), vault) for row, line in enumerate(lines)]


def _named_secrets(secrets: Iterable[str], lines: Sequence[str]) -> Iterator[Found]:
    """Yield every place of values that are known to be secret; a value of many lines counts line by line."""
    parts = {spelled_out(line.strip()) for secret in secrets for line in secret.splitlines()}
    known = sorted((part for part in parts if len(part) > 1), key=len, reverse=True)
    if not known:
        return
    pattern = re.compile("|".join(map(re.escape, known)))
    for row, line in enumerate(lines):
        yield from (Found(row, Span(*match.span())) for match in pattern.finditer(line))


def _redacted_line(line: str, blocks: list[Span] | None, vault: _Vault) -> str:
    if blocks is not None:
        line = vault.redact(line, _disjoint(blocks, len(line)))
    return _settled(line, secrets_in_config, vault)


def _disjoint(spans: Sequence[Span], length: int) -> list[Span]:
    """Return the spans sorted, cut to the line and joined where they overlap."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        end = min(end, length)
        if joined and start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, end))
        elif start < end:
            joined.append(Span(start, end))
    return joined


def _settled(line: str, detect: Detector, vault: _Vault) -> str:
    """Redact until nothing more is found; a line that never settles is replaced whole."""
    for _ in range(_PASSES):
        spans = detect(line)
        if not spans:
            return line
        line = vault.redact(line, spans)
    return vault.placeholder(line)


def _clean(text: str, vault: _Vault) -> str:
    """Return prose without secrets, line by line; invisible characters are spelled out."""
    index = LineIndex(text)
    lines = (spelled_out(index.line_text(row)[:_SCANNED]) for row in range(len(index)))
    return "\n".join(_settled(vault.repeated(line), secrets_in_prose, vault) for line in lines)


def _clean_key(key: ReviewKey, vault: _Vault) -> ReviewKey:
    return ReviewKey(
        name=key.name,
        question=_clean(key.question, vault),
        evidence=_clean(key.evidence, vault),
        no_evidence=_clean(key.no_evidence, vault),
        kinds=key.kinds,
        rules=key.rules,
    )


def _fitting(files: Sequence[SentFile], room: int) -> list[bool]:
    """Say of each file whether it is sent: in order, while they fit into `room` bytes of JSON."""
    fits: list[bool] = []
    for file in files:
        size = len(msgspec.json.encode(file))
        fits.append(bool(file.lines) and size <= room)
        room -= size if fits[-1] else 0
    return fits


def _sent(file: ReviewFile, lines: list[str], vault: _Vault) -> SentFile:
    shown = _shown_rows(file, len(lines))
    return SentFile(
        path=_clean(file.path, vault),
        nodes=tuple(
            NodeRange(_clean(node.id, vault), node.first_line, node.last_line) for node in file.nodes
        ),
        findings=tuple(
            KnownFinding(
                known.rule,
                known.line,
                _clean(known.message, vault),
                _clean(known.node_id, vault),
            )
            for known in file.findings
        ),
        lines=tuple(NumberedLine(row + 1, _shown(lines[row], vault)) for row in shown if lines[row].strip()),
        kind=file.kind,
        facts=tuple(KnownFact(fact.line, _clean(fact.text, vault)) for fact in file.facts),
    )


def _shown_rows(file: ReviewFile, count: int) -> list[int]:
    """Return the 0-based rows to show, each once and in order."""
    if not file.slices:
        return list(range(count))
    rows: set[int] = set()
    for part in file.slices:
        rows.update(range(max(part.first, 1) - 1, min(part.last, count)))
    return sorted(rows)


def _shown(line: str, vault: _Vault) -> str:
    """Return a line as it is shown: cut after it was redacted, and never inside a placeholder."""
    line = _settled(vault.repeated(line), secrets_in_config, vault)
    if len(line) <= LINE_LIMIT:
        return line
    split = (m for m in PLACEHOLDER.finditer(line) if m.start() < LINE_LIMIT < m.end())
    cut = next((match.start() for match in split), LINE_LIMIT)
    return _settled(line[:cut] + "…", secrets_in_config, vault)
