"""`json`: the machine-readable contract `rollsafe/findings/1`."""

from typing import Final, TypeAlias, Union

from rollsafe import __version__
from rollsafe.cli.report import Place, RemarkAt, Report, Reported, Review
from rollsafe.rules import Fix
from rollsafe.rules.pages import page_path

Json: TypeAlias = Union[bool, int, float, str, "list[Json]", "dict[str, Json]", None]


_SHORT: Final = 30
"""Findings of which the standard library writes JSON before `orjson` is imported."""


def document(report: Report) -> bytes:
    """Return the report as one JSON object."""
    write = _encoded_slowly if len(report.findings) <= _SHORT else encoded
    return write({
        "schema": "rollsafe/findings/1",
        "tool": {"name": "rollsafe", "version": __version__},
        "files": report.files,
        "skipped": [{"path": path, "reason": reason} for path, reason in report.skipped],
        "findings": [_finding(one) for one in report.findings],
        **({"review": _review(report.review)} if report.review else {}),
    })  # fmt: skip


def encoded(value: Json) -> bytes:
    """Return indented JSON in UTF-8; a file name that is no UTF-8 keeps its readable part."""
    import orjson

    try:
        return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:
        return encoded(_readable(value))


def _encoded_slowly(value: Json) -> bytes:
    """Return the same as `encoded`, by what is imported at once."""
    from json import dumps

    try:
        return f"{dumps(value, ensure_ascii=False, indent=2)}\n".encode()
    except UnicodeEncodeError:
        return _encoded_slowly(_readable(value))


def _readable(value: Json) -> Json:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, list):
        return [_readable(item) for item in value]
    if isinstance(value, dict):
        return {str(_readable(key)): _readable(item) for key, item in value.items()}
    return value


def _finding(one: Reported) -> Json:
    found, rule = one.found, one.found.rule
    return {
        "rule": rule.name,
        "agent": rule.agent,
        "severity": found.severity.value,
        "confidence": found.confidence.value,
        "message": found.message,
        "path": one.path,
        "range": _range(one.place),
        "equivalents": list(one.equivalents),
        "related": [_related(one.place_of(it.file, it.where), it.message) for it in found.related],
        "fixes": [_fix(one, fix) for fix in found.fixes],
        "fingerprint": one.fingerprint,
        "docs": page_path(rule),
    }


def _review(review: Review) -> Json:
    """Return what a model said; beside the findings, so that nobody takes one for the other."""
    run = review.run
    return {
        "complete": run.is_complete,
        "models": list(run.models),
        "questions": run.asked,
        "answered": run.reviewed,
        "cached": run.cached,
        "input_tokens": run.input_tokens,
        "output_tokens": run.output_tokens,
        "notes": list(run.notes),
        "withheld": [{"path": path, "reason": reason} for path, reason in run.withheld],
        "dropped": {reason.value: count for reason, count in sorted(run.dropped.items())},
        "remarks": [_remark(one) for one in review.remarks],
    }


def _remark(one: RemarkAt) -> Json:
    remark, origin = one.remark, one.remark.provenance
    return {
        "source": "ai",
        "verified": remark.verified,
        "evidence": list(remark.evidence),
        "key": remark.name,
        "agent": origin.agent,
        "agent_file": origin.origin,
        "severity": remark.severity,
        "confidence": "low",
        "model_confidence": remark.confidence,
        "message": remark.message,
        "why": remark.why,
        "path": one.place.path,
        "range": _range(one.place),
        "quote": remark.quote,
        "fingerprint": remark.fingerprint,
        "model": origin.model,
        "request_id": origin.request_id,
        "prompt": f"{origin.prompt_version} {origin.persona}",
        "cached": origin.cached,
    }


def _range(place: Place) -> Json:
    return {
        "start": {"line": place.start.line, "column": place.start.column},
        "end": {"line": place.end.line, "column": place.end.column},
    }


def _related(place: Place, message: str) -> Json:
    return {"path": place.path, "range": _range(place), "message": message}


def _fix(one: Reported, fix: Fix) -> Json:
    return {
        "title": fix.title,
        "safety": fix.safety.value,
        "edits": [
            {"path": place.path, "range": _range(place), "new_text": text}
            for place, text in one.replacements(fix)
        ],
        "creates": [{"path": path, "text": text} for path, text in one.creations(fix)],
    }
