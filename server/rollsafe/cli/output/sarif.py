"""`sarif`: SARIF 2.1.0 for code scanning and for viewers."""

from typing import Final
from urllib.parse import quote

from rollsafe import __version__
from rollsafe.cli.output.json import Json, encoded
from rollsafe.cli.report import Creation, Place, RemarkAt, Replacement, Report, Reported, Review
from rollsafe.rules import Fix, Rule, Severity
from rollsafe.rules.pages import DOCS_URL, page, page_url, short_help

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Final = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "note",
    Severity.HINT: "note",
}
_PROBLEM: Final = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "recommendation",
    Severity.HINT: "recommendation",
}


def document(report: Report) -> bytes:
    """Return the report as one SARIF log with one run."""
    rules = sorted({one.found.rule.name: one.found.rule for one in report.findings}.items())
    index = {name: at for at, (name, _) in enumerate(rules)}
    run: dict[str, Json] = {
        "tool": {
            "driver": {
                "name": "rollsafe",
                "version": __version__,
                "semanticVersion": __version__,
                "informationUri": DOCS_URL,
                "rules": [_rule(rule) for _, rule in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report)],
        "results": [_result(one, index[one.found.rule.name]) for one in report.findings],
    }
    runs: list[Json] = [run, _review(report.review)] if report.review else [run]
    return encoded({"$schema": _SCHEMA, "version": "2.1.0", "runs": runs})


def _invocation(report: Report) -> Json:
    skipped = [_notification("note", f"skipped {path}: {reason}") for path, reason in report.skipped]
    crashed = [
        _notification("error", f"rule {it.rule} crashed on {it.path}: {it.error}") for it in report.failures
    ]
    return {"executionSuccessful": not crashed, "toolExecutionNotifications": [*crashed, *skipped]}


def _review(review: Review) -> Json:
    """Return a run of its own with a model's remarks: another tool, whose results no rule stands behind."""
    names = sorted({one.remark.name for one in review.remarks})
    notes = [_notification("warning", note) for note in review.run.notes]
    return {
        "tool": {
            "driver": {
                "name": "rollsafe AI review",
                "version": __version__,
                "informationUri": f"{DOCS_URL}docs/ai-review.md",
                "rules": [{"id": name, "shortDescription": {"text": "A model's remark"}} for name in names],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": review.run.is_complete, "toolExecutionNotifications": notes}],
        "results": [_remark(one, names.index(one.remark.name)) for one in review.remarks],
    }


def _remark(one: RemarkAt, rule_index: int) -> Json:
    remark, origin = one.remark, one.remark.provenance
    text = f"{remark.message}\n{remark.why}".strip()
    return {
        "ruleId": remark.name,
        "ruleIndex": rule_index,
        "level": "note",
        "message": {"text": f"{remark.mark} ({origin.said_for}): {text}"},
        "locations": [{"physicalLocation": _location(one.place)}],
        "partialFingerprints": {"rollsafe/ai/1": remark.fingerprint},
        "properties": {
            "source": "ai",
            "verified": remark.verified,
            "evidence": list(remark.evidence),
            "agent": origin.agent,
            "agent_file": origin.origin,
            "model": origin.model,
            "request_id": origin.request_id,
            "prompt": f"{origin.prompt_version} {origin.persona}",
            "cached": origin.cached,
            "severity": remark.severity,
        },
    }


def _notification(level: str, text: str) -> Json:
    return {"level": level, "message": {"text": text}}


def _rule(rule: Rule) -> Json:
    return {
        "id": rule.name,
        "name": "".join(part.capitalize() for part in rule.name.split("-")),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": short_help(rule)},
        "helpUri": page_url(rule),
        "help": {"text": f"{rule.summary}. {short_help(rule)}", "markdown": page(rule)},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {
            "tags": [rule.agent, rule.family, *rule.equivalents],
            "precision": rule.confidence.value,
            "problem.severity": _PROBLEM[rule.severity],
        },
    }


def _result(one: Reported, rule_index: int) -> Json:
    found = one.found
    text = f"{found.message}\n{found.detail}" if found.detail else found.message
    result: dict[str, Json] = {
        "ruleId": found.rule.name,
        "ruleIndex": rule_index,
        "level": _LEVELS[found.severity],
        "message": {"text": text},
        "locations": [{"physicalLocation": _location(one.place)}],
        "partialFingerprints": {"rollsafe/1": one.fingerprint, "primaryLocationLineHash": one.fingerprint},
        "properties": {"confidence": found.confidence.value, "equivalents": list(one.equivalents)},
    }
    if found.related:
        result["relatedLocations"] = [
            {
                "id": number,
                "message": {"text": it.message},
                "physicalLocation": _location(one.place_of(it.file, it.where)),
            }
            for number, it in enumerate(found.related, 1)
        ]
    if found.fixes:
        result["fixes"] = [_fix(one, fix) for fix in found.fixes]
    return result


def _fix(one: Reported, fix: Fix) -> Json:
    changes: dict[str, list[Json]] = {}
    for replacement in one.replacements(fix):
        changes.setdefault(replacement.place.path, []).append(_replacement(replacement))
    for creation in one.creations(fix):
        changes.setdefault(creation.path, []).append(_creation(creation))
    return {
        "description": {"text": f"{fix.title} ({fix.safety})"},
        "artifactChanges": [
            {"artifactLocation": {"uri": _uri(path)}, "replacements": replacements}
            for path, replacements in sorted(changes.items())
        ],
    }


def _replacement(replacement: Replacement) -> Json:
    return {"deletedRegion": _region(replacement.place), "insertedContent": {"text": replacement.text}}


def _creation(creation: Creation) -> Json:
    start: Json = {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1}
    return {"deletedRegion": start, "insertedContent": {"text": creation.text}}


def _location(place: Place) -> Json:
    return {"artifactLocation": {"uri": _uri(place.path)}, "region": _region(place)}


def _region(place: Place) -> Json:
    return {
        "startLine": place.start.line,
        "startColumn": place.start.column,
        "endLine": place.end.line,
        "endColumn": place.end.column,
    }


def _uri(path: str) -> str:
    return quote(path, safe="/._-~", errors="surrogateescape")
