"""What survives of a model's claims, and what everything else counts as."""

import pytest

from rollsafe.review import (
    Dismissal,
    DropReason,
    KnownFinding,
    NodeRange,
    Provenance,
    ReviewFile,
    ReviewKey,
    ReviewLimits,
    ReviewRequest,
)
from rollsafe.review.anchoring import Verified, verify
from rollsafe.review.redaction import redact
from rollsafe.review.request import Claim

ORIGIN = Provenance("some-model", "req_1", "deployment-orchestrator", "review-1", "abc")
KEYS = (ReviewKey("short-shutdown-window", "…"), ReviewKey("floating-image-tag", "…"))
LINES = [
    "services:",
    "  web:",
    "    restart: always",
    "    image: web:latest",
    "  worker:",
    "    restart: always",
    "    image: worker:1",
    *("# filler" for _ in range(12)),
    "  cron:",
    "    restart: always",
    "    image: cron:1",
]
NODES = (
    NodeRange("services", 1, 22),
    NodeRange("services.web", 2, 4),
    NodeRange("services.worker", 5, 7),
    NodeRange("services.cron", 20, 22),
)


def page(**changes: object) -> ReviewFile:
    values: dict[str, object] = {"path": "a.yaml", "text": "\n".join(LINES), "nodes": NODES}
    return ReviewFile(**{**values, **changes})  # type: ignore[arg-type]


def claim(line: int, quote: str, node_id: str = "services.web", **changes: object) -> Claim:
    values: dict[str, object] = {
        "file": "a.yaml",
        "key": "floating-image-tag",
        "message": "`web` follows a floating tag",
        "why": "The next restart may run another release.",
        "confidence": 0.9,
        "severity": "info",
    }
    return Claim(line=line, quote=quote, node_id=node_id, **{**values, **changes})  # type: ignore[arg-type]


def verified(*claims: Claim, file: ReviewFile | None = None, **limits: int) -> Verified:
    request = ReviewRequest("agent", "", KEYS, (file or page(),), ReviewLimits(**limits))
    redacted = redact(request)
    pairs = zip(redacted.sent.files, redacted.sources, strict=True)
    return verify(claims, request, pairs, ORIGIN)


PLACED = {
    "exact": (claim(4, "    image: web:latest"), 4),
    "exact, quoted without indentation": (claim(4, "image: web:latest"), 4),
    "wrong line, unique in the node": (claim(17, "restart: always"), 3),
    "unknown node, unique nearby": (claim(25, "restart: always", "nowhere"), 21),
    "node without it, unique nearby": (claim(26, "restart: always", "services.gone"), 21),
    "far away, unique in the file": (claim(900, "image: cron:1", ""), 22),
    "line zero": (claim(0, "image: worker:1", "services.worker"), 7),
}


@pytest.mark.parametrize(("made", "line"), PLACED.values(), ids=PLACED.keys())
def test_a_quote_is_found_where_it_stands(made: Claim, line: int) -> None:
    result = verified(made)
    assert [remark.line for remark in result.remarks] == [line]
    remark = result.remarks[0]
    text = "\n".join(LINES)
    assert text[remark.start : remark.end] == LINES[line - 1].strip()
    assert remark.provenance == ORIGIN


UNPLACED = {
    "not in the file": claim(4, "image: web:stable"),
    "part of a line": claim(4, "web:latest"),
    "two lines": claim(4, "restart: always\n    image: web:latest"),
    "ambiguous everywhere": claim(12, "restart: always", "nowhere"),
    "ambiguous in the node and nearby": claim(8, "restart: always", "services"),
    "empty": claim(1, ""),
    "no letter or digit": claim(1, "#"),
    "with its number": claim(4, "4: image: web:latest"),
}


@pytest.mark.parametrize("made", UNPLACED.values(), ids=UNPLACED.keys())
def test_a_quote_that_cannot_be_placed_is_dropped_and_counted(made: Claim) -> None:
    assert verified(made) == ((), {DropReason.UNANCHORED: 1})


DROPPED = {
    "unknown file": (claim(4, "image: web:latest", file="b.yaml"), DropReason.UNKNOWN_FILE),
    "foreign key": (claim(4, "image: web:latest", key="other-rule"), DropReason.FOREIGN_KEY),
    "unsure": (claim(4, "image: web:latest", confidence=0.79), DropReason.UNSURE),
    "nothing said": (claim(4, "image: web:latest", message="\u200b"), DropReason.NO_TEXT),
    "only a link": (claim(4, "image: web:latest", message="[](http://x)"), DropReason.NO_TEXT),
}


@pytest.mark.parametrize(("made", "reason"), DROPPED.values(), ids=DROPPED.keys())
def test_claims_outside_the_agreement_are_dropped(made: Claim, reason: DropReason) -> None:
    assert verified(made) == ((), {reason: 1})


RELATED = (ReviewKey("half-done-deploy", "…", kinds=("compose",), rules=("floating-image-tag",)),)


def related(file: ReviewFile, line: int = 3, quote: str = "restart: always") -> Verified:
    """Return what survives of a remark under a key whose hazard `floating-image-tag` reports as well."""
    request = ReviewRequest("agent", "", RELATED, (file,))
    redacted = redact(request)
    pairs = zip(redacted.sent.files, redacted.sources, strict=True)
    return verify([claim(line, quote, key="half-done-deploy")], request, pairs, ORIGIN)


@pytest.mark.parametrize(
    "dismissed",
    [
        Dismissal("ai/half-done-deploy", 3, 3),
        Dismissal("ai/half-done-deploy", 1, 22),
        Dismissal("floating-image-tag", 2, 4),
    ],
    ids=["the line", "the file", "a rule about the same hazard"],
)
def test_what_a_person_silenced_is_not_said(dismissed: Dismissal) -> None:
    file = page(dismissed=(dismissed,), kind="compose")
    assert related(file).dropped == {DropReason.DISMISSED: 1}


@pytest.mark.parametrize(
    "dismissed",
    [
        Dismissal("ai/half-done-deploy", 4, 22),
        Dismissal("half-done-deploy", 3, 3),
        Dismissal("another-rule", 3, 3),
    ],
    ids=["elsewhere", "without the prefix", "another rule"],
)
def test_what_was_silenced_otherwise_is_said(dismissed: Dismissal) -> None:
    assert len(related(page(dismissed=(dismissed,), kind="compose")).remarks) == 1


def test_a_key_is_for_its_kinds_of_file_only() -> None:
    assert related(page(kind="migration")).dropped == {DropReason.FOREIGN_KEY: 1}


@pytest.mark.parametrize(
    "known",
    [
        KnownFinding("floating-image-tag", 4, "…", "services.web"),
        KnownFinding("floating-image-tag", 4, "…", "services"),
        KnownFinding("another-rule", 3, "…"),
    ],
    ids=["its rule in the node", "its rule around the node", "any rule in the line"],
)
def test_what_a_rule_reports_is_not_said_again(known: KnownFinding) -> None:
    file = page(findings=(known,), kind="compose")
    assert related(file).dropped == {DropReason.ALREADY_FOUND: 1}


@pytest.mark.parametrize(
    "known",
    [
        KnownFinding("floating-image-tag", 7, "…", "services.worker"),
        KnownFinding("another-rule", 4, "…", "services.web"),
    ],
    ids=["its rule in another node", "another rule in another line"],
)
def test_what_a_rule_reports_elsewhere_takes_nothing_away(known: KnownFinding) -> None:
    assert len(related(page(findings=(known,), kind="compose")).remarks) == 1


def test_one_remark_for_each_key_and_node() -> None:
    result = verified(
        claim(4, "image: web:latest", confidence=0.85, message="less sure"),
        claim(3, "restart: always", confidence=0.95, message="surer"),
        claim(4, "image: web:latest", key="short-shutdown-window"),
    )
    assert [(r.line, r.message) for r in result.remarks] == [
        (3, "surer"),
        (4, "`web` follows a floating tag"),
    ]
    assert result.dropped == {DropReason.REPEATED: 1}


@pytest.mark.parametrize(
    ("claimed", "node_id"),
    [
        ("services", "services"),
        ("services.web", "services.web"),
        ("services.cron", "services.web"),
        ("", "services.web"),
    ],
)
def test_the_node_is_the_claimed_one_only_if_it_holds_the_line(claimed: str, node_id: str) -> None:
    assert verified(claim(4, "image: web:latest", claimed)).remarks[0].node_id == node_id


@pytest.mark.parametrize(
    ("severity", "shown"),
    [("error", "info"), ("warning", "info"), ("info", "info"), ("hint", "hint"), ("?", "info")],
)
def test_severity_is_never_above_info(severity: str, shown: str) -> None:
    made = claim(4, "image: web:latest", severity=severity)
    assert verified(made).remarks[0].severity == shown


def many(count: int, path: str) -> list[Claim]:
    return [
        claim(n, f"image: web:{n}", f"node{n}", file=path, confidence=0.8 + n / 1_000)
        for n in range(1, count + 1)
    ]


def crowd(path: str, count: int = 30) -> ReviewFile:
    text = "".join(f"image: web:{n}\n" for n in range(1, count + 1))
    nodes = tuple(NodeRange(f"node{n}", n, n) for n in range(1, count + 1))
    return ReviewFile(path, text, nodes)


def test_a_file_gets_three_remarks_the_surest() -> None:
    result = verified(*many(30, "a.yaml"), file=crowd("a.yaml"))
    assert [remark.line for remark in result.remarks] == [28, 29, 30]
    assert result.dropped == {DropReason.FILE_FULL: 27}


def test_a_run_gets_ten_remarks_the_surest() -> None:
    paths = ["e.yaml", "b.yaml", "c.yaml", "d.yaml", "a.yaml"]
    request = ReviewRequest("agent", "", KEYS, tuple(map(crowd, paths)))
    redacted = redact(request)
    claims = [made for path in paths for made in many(30, path)]
    shown = zip(redacted.sent.files, redacted.sources, strict=True)
    result = verify(claims, request, shown, ORIGIN)
    places = [(remark.path, remark.line) for remark in result.remarks]
    assert places == [(path, line) for path in paths for line in (29, 30)]
    assert sum(result.dropped.values()) == 140


def test_a_redacted_line_is_quoted_as_it_was_shown_and_placed_where_it_is() -> None:
    text = "services:\n    password: hunter2 # old\n"
    made = claim(9, "password: <<SECRET:1>> # old", "")
    result = verified(made, file=ReviewFile("a.yaml", text))
    assert [(r.line, text[r.start : r.end]) for r in result.remarks] == [(2, "password: hunter2 # old")]
    assert "hunter2" not in result.remarks[0].quote


def test_a_cut_line_is_placed_with_and_without_its_ellipsis() -> None:
    text = "a: 1\nb: " + "word " * 200 + "\n"
    for quote in ("b: " + "word " * 79 + "wo…", "b: " + "word " * 79 + "wo"):
        result = verified(claim(1, quote, ""), file=ReviewFile("a.yaml", text))
        assert [remark.line for remark in result.remarks] == [2]


def test_offsets_count_code_points_whatever_ends_a_line() -> None:
    text = "a: 😀\r\nb: 😀\r  c: 😀 d\r\n"
    remark = verified(claim(3, "c: 😀 d", ""), file=ReviewFile("a.yaml", text)).remarks[0]
    assert text[remark.start : remark.end] == "c: 😀 d"


def test_a_fingerprint_outlives_a_move_but_not_a_change() -> None:
    before = verified(claim(4, "image: web:latest")).remarks[0]
    moved = page(text="# top\n" + "\n".join(LINES), nodes=(NodeRange("services.web", 3, 5),))
    after = verified(claim(5, "image: web:latest"), file=moved).remarks[0]
    other = verified(claim(3, "restart: always")).remarks[0]
    assert before.fingerprint == after.fingerprint != other.fingerprint
