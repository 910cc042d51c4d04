"""What a claim says beside its quote is looked up: what is wrong drops it, what is right may prove it."""

import re
from pathlib import Path

import pytest

from rollsafe.engine import installed_agents
from rollsafe.review import DropReason, Provenance, Remark, ReviewFile, ReviewKey, ReviewRequest
from rollsafe.review.anchoring import CHECKED, UNVERIFIED, Verified, verify
from rollsafe.review.evidence import KINDS, read_proof
from rollsafe.review.redaction import redact
from rollsafe.review.request import Claim, Evidence, NodeRange

ORIGIN = Provenance("some-model", "req_1", "deployment-orchestrator", "review-3", "abc")
COMPOSE = """\
services:
  web:
    image: web:1
    stop_grace_period: 1m30s
    environment:
      TIMEOUT_SECONDS: "30"
      POLL_SECONDS: 45
      API_TOKEN: q0Zx-0vK!7wT
  worker:
    image: worker:1
    command: ["drain", "--for", "60"]
"""
SCRIPT = """\
kubectl apply -f app.yaml
pg_dump shop > before.sql
curl https://shop.example/health
"""
FILES = (
    ReviewFile("compose.yaml", COMPOSE, (NodeRange("Service:web", 2, 8), NodeRange("Service:worker", 9, 11))),
    ReviewFile("deploy.sh", SCRIPT),
)


def evidence(says: str, text: str, other: str = "", file: str = "deploy.sh", node: str = "") -> Evidence:
    return Evidence(says, file, text, node, other)  # type: ignore[arg-type]


def compose(says: str, text: str, other: str = "", node: str = "Service:web") -> Evidence:
    return evidence(says, text, other, "compose.yaml", node)


def claimed(*items: Evidence, proof: str = "", message: str = "`pg_dump` comes too late") -> Verified:
    key = ReviewKey("late-backup", "Is it late?", proof=proof)
    request = ReviewRequest("deployment-orchestrator", "", (key,), FILES)
    claim = Claim(
        "deploy.sh", "", 2, "pg_dump shop > before.sql", key.name, message, "Nothing to go back to.", 0.9,
        evidence=items,
    )  # fmt: skip
    redacted = redact(request)
    return verify([claim], request, zip(redacted.sent.files, redacted.sources, strict=True), ORIGIN)


def remark(*items: Evidence, proof: str = "", message: str = "`pg_dump` comes too late") -> Remark:
    (one,) = claimed(*items, proof=proof, message=message).remarks
    return one


TRUE = {
    "a line": evidence("reads", "kubectl apply -f app.yaml"),
    "an indented line": compose("reads", "image: web:1"),
    "an order": evidence("before", "kubectl apply -f app.yaml", "pg_dump shop > before.sql"),
    "words": evidence("mentions", "shop.example"),
    "words in a node": compose("mentions", "drain", node="Service:worker"),
    "words that are nowhere": evidence("never-mentions", "rollout status"),
    "nothing at a path": compose("unset", "healthcheck"),
    "nothing at a path below": compose("unset", "environment.RETRIES"),
    "a value": compose("value", "environment.TIMEOUT_SECONDS", "30"),
    "a value of the file": compose("value", "services.web.image", "web:1", node=""),
    "an item": compose("value", "command.2", "60", node="Service:worker"),
    "a comparison": compose("exceeds", "environment.POLL_SECONDS", "environment.TIMEOUT_SECONDS"),
}
FALSE = {
    "an invented line": evidence("reads", "curl https://shop.example/healthz"),
    "part of a line": evidence("reads", "curl"),
    "no line": evidence("reads", "  "),
    "the other order": evidence("before", "pg_dump shop > before.sql", "kubectl apply -f app.yaml"),
    "the same line": evidence("before", "pg_dump shop > before.sql", "pg_dump shop > before.sql"),
    "words that are not there": evidence("mentions", "pg_restore"),
    "part of a word": evidence("mentions", "kube"),
    "words of another node": compose("mentions", "drain"),
    "words that are there after all": evidence("never-mentions", "curl"),
    "a path that is set": compose("unset", "environment.POLL_SECONDS"),
    "another value": compose("value", "environment.TIMEOUT_SECONDS", "45"),
    "a comparison the other way": compose(
        "exceeds", "environment.TIMEOUT_SECONDS", "environment.POLL_SECONDS"
    ),
    "a file that was not shown": evidence("reads", "root:x:0:0", file="/etc/passwd"),
    "a node that is not there": compose("mentions", "drain", node="Service:cron"),
}
OPEN = {
    "a path into a file that is no tree": evidence("unset", "spec.replicas"),
    "a path whose parent is not there": compose("unset", "deploy.resources.limits"),
    "a value that is a secret": compose("value", "environment.API_TOKEN", "q0Zx-0vK!7wT"),
    "words that may be in what was taken out": compose("never-mentions", "q0Zx"),
    "amounts of different things": compose("exceeds", "image", "environment.POLL_SECONDS"),
}
ANY = "reads; before; mentions; never-mentions; unset; value; exceeds"
"""Anything proves it; the quote of the remark, too."""


@pytest.mark.parametrize("name", TRUE)
def test_what_is_true_is_told_and_can_be_proof(name: str) -> None:
    item = TRUE[name]
    one = remark(item, proof=f"{item.says}, reads (pg_dump)")
    assert (one.verified, one.mark, len(one.evidence)) == (True, CHECKED, 1)
    assert item.file in one.evidence[0]
    assert item.text.strip() in one.evidence[0]


@pytest.mark.parametrize("name", FALSE)
def test_what_is_false_drops_the_claim(name: str) -> None:
    assert claimed(FALSE[name], proof=ANY).dropped == {DropReason.CONTRADICTED: 1}
    assert claimed(TRUE["a line"], FALSE[name], proof=ANY).remarks == ()


@pytest.mark.parametrize("name", OPEN)
def test_what_cannot_be_looked_up_proves_nothing(name: str) -> None:
    item = OPEN[name]
    one = remark(item, proof=f"{item.says}, reads")
    assert (one.verified, one.mark, one.evidence) == (False, UNVERIFIED, ())


@pytest.mark.parametrize(
    ("proof", "proved"),
    [
        ("", False),
        ("reads", True),
        ("reads (dump, backup)", True),
        ("reads (restore)", False),
        ("reads (dump) (shop), before (apply)", True),
        ("reads (dump) (restore), before", False),
        ("before, before", False),
        ("reads, reads", False),
        ("exceeds; value; before", True),
        ("no-such-kind", False),
        ("reads (dump", False),
    ],
)
def test_a_proof_asks_for_kinds_and_words(proof: str, proved: bool) -> None:
    assert remark(TRUE["an order"], proof=proof).verified is proved


def test_saying_a_thing_twice_proves_nothing_more() -> None:
    assert not remark(evidence("reads", "pg_dump shop > before.sql"), proof="reads, reads").verified
    line = TRUE["a line"]
    assert not remark(line, line, proof="reads, reads, reads").verified


def test_names_that_stand_nowhere_keep_a_remark_from_being_checked() -> None:
    assert remark(proof="reads", message="`pg_dump` of `shop` comes too late").verified
    assert not remark(proof="reads", message="`pg_dump` of `billing` comes too late").verified


def test_a_secret_is_in_no_evidence() -> None:
    line = compose("reads", "API_TOKEN: <<SECRET:1>>")
    assert "<<SECRET:1>>" in remark(line).evidence[0]
    assert claimed(compose("reads", "API_TOKEN: q0Zx-0vK!7wT")).dropped == {DropReason.CONTRADICTED: 1}


def test_what_is_told_holds_no_markup_and_no_link() -> None:
    line = remark(evidence("reads", "curl https://shop.example/health")).evidence
    assert line == ("deploy.sh:3 reads `curl (link removed)`",)
    told = remark(evidence("never-mentions", "[x](https://evil.example) `rm -rf` \x1b[31m")).evidence
    assert told == ("deploy.sh never mentions `x 'rm -rf'`",)


@pytest.mark.parametrize("agent", installed_agents(), ids=lambda agent: agent.name)
def test_every_proof_of_an_agent_is_understood_and_takes_more_than_the_quote(agent: object) -> None:
    checks = getattr(agent, "checks", ())
    assert any(check.proof for check in checks)
    for check in checks:
        alternatives = read_proof(check.proof)
        assert alternatives is not None, check.name
        for demands in alternatives:
            assert all(demand.says in KINDS for demand in demands)
            groups = sum(len(demand.groups) for demand in demands)
            assert len(demands) > 1 or groups > 1 or demands[0].says != "reads", check.name


def test_the_page_lists_the_reasons_for_dropping_a_claim() -> None:
    page = (Path(__file__).parents[2] / "docs/ai-review.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`([a-z-]+)`", page.partition("## What is dropped")[2].partition("\n\nText")[0]))
    assert {reason.value for reason in DropReason} <= told
