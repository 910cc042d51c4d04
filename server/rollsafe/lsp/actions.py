"""The light bulb: fixes first, then what explains, plans or silences.

A client asks with diagnostics it has kept, and those may be out of date. They only name what the user
means: every action is made from the newest analysis, and a finding that is gone has none.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from rollsafe.engine.fixing import merge
from rollsafe.engine.found import Found, fingerprints
from rollsafe.engine.roster import Member
from rollsafe.lsp.edits import Change, change_of, single_edit, workspace_edit
from rollsafe.lsp.from_lsp import JsonObject, at
from rollsafe.lsp.handshake import FIX_ALL, REVIEW
from rollsafe.lsp.ignoring import PLACEHOLDER, IgnoreComment, ignore_comment
from rollsafe.lsp.session import Located, Session
from rollsafe.lsp.shapes import CodeAction, Diagnostic, SnippetTextEdit, TextEdit
from rollsafe.lsp.to_lsp import diagnostic, range_in
from rollsafe.rules import Edit, Fix, Safety, Span
from rollsafe.text import Encoding
from rollsafe.text.tuples import NamedTuple

_QUICKFIX: Final = "quickfix"
_MAX_FINDINGS: Final = 30
_MAX_REVIEWERS: Final = 20
_EXPIRY: Final = timedelta(days=90)


class _Meant(NamedTuple):
    """A finding that actions are offered for, as the client knows it."""

    found: Found
    fingerprint: str
    shown: Diagnostic


def code_actions(
    session: Session, located: Located, where: Span, named: Sequence[JsonObject], only: Sequence[str]
) -> list[CodeAction]:
    """Return the actions for the diagnostics `named`, or without any for the findings at `where`.

    `only` holds the kinds that are asked for; empty means all.
    """
    meant = _meant(session, located, where, named)
    offered: list[CodeAction] = []
    if _is_asked_for(_QUICKFIX, only):
        offered += _preferred_first([a for one in meant for a in _fixes(session, located, one)])
    if _is_asked_for(FIX_ALL, only):
        offered += _fix_all(session, located, at_least=1 if only else 2)
    if _is_asked_for(_QUICKFIX, only) and meant:
        offered += _explanations(meant)
        offered += _plan(session, located, meant)
        offered += [a for one in meant for a in _ignores(session, located, one)]
    if _is_asked_for(_QUICKFIX, only) and may_ask_a_model(session, located):
        offered += [a for one in _hazards(session, located, where, named, meant) for a in _questions(one)]
    return offered


class _Hazard(NamedTuple):
    """Something a model may be asked about."""

    uri: str
    fingerprint: str
    agent: str
    shown: Diagnostic
    is_remark: bool = False


def may_ask_a_model(session: Session, located: Located) -> bool:
    """Say whether a model may be shown a document: by the user, by the project, and because it is open."""
    allowed = session.configuration.ai_enabled and located.root.configured.settings.ai.allowed
    return allowed and located.document is not None


def _hazards(
    session: Session, located: Located, where: Span, named: Sequence[JsonObject], meant: Sequence[_Meant]
) -> Iterator[_Hazard]:
    """Yield the findings that are meant, and the remarks a client names or has at this place."""
    uri = session.uri(located.root, located.file.path)
    for one in meant:
        yield _Hazard(uri, one.fingerprint, one.found.rule.agent, one.shown)
    marks = {at(name, "data", "fingerprint") for name in named}
    places = [(name.get("code"), name.get("range")) for name in named]
    for said, shown in session.remarks(located.root, located.file.path):
        is_named = said.fingerprint in marks or (shown["code"], shown["range"]) in places
        is_here = said.start <= where.end and where.start <= said.end
        if is_named if named else is_here:
            yield _Hazard(uri, said.fingerprint, said.provenance.agent, shown, is_remark=True)


def _questions(hazard: _Hazard) -> Iterator[CodeAction]:
    """Yield what a model can be asked, and how its remark is set aside; never preferred."""
    arguments: JsonObject = {"uri": hazard.uri, "fingerprint": hazard.fingerprint}
    what = "remark" if hazard.is_remark else "finding"
    offered: list[tuple[str, str, JsonObject]] = [
        (f"Draft a fix with {hazard.agent}…", "rollsafe.draftFix", arguments),
        (f"Explain this {what} with {hazard.agent}…", "rollsafe.explainFinding", arguments),
    ]
    if hazard.is_remark:
        for_all: JsonObject = {**arguments, "forAll": True}
        offered += [
            ("Dismiss this remark", "rollsafe.dismissRemark", arguments),
            ("Dismiss this remark for the whole project", "rollsafe.dismissRemark", for_all),
        ]
    for title, command, given in offered:
        yield {
            "title": title,
            "kind": _QUICKFIX,
            "diagnostics": [hazard.shown],
            "command": {"title": title, "command": command, "arguments": [given]},
        }


def reviews(
    session: Session, located: Located, reviewers: Sequence[Member], only: Sequence[str]
) -> list[CodeAction]:
    """Return the actions that ask one agent of a file about the document, if such actions are wanted."""
    if not _is_asked_for(REVIEW, only):
        return []
    uri = session.uri(located.root, located.file.path)
    return [_review_with(member, uri) for member in reviewers[:_MAX_REVIEWERS]]


def _review_with(member: Member, uri: str) -> CodeAction:
    title = f"Review this file with `{member.profile.name}`…"
    arguments: JsonObject = {"uri": uri, "agent": member.path}
    return {
        "title": title,
        "kind": REVIEW,
        "command": {"title": title, "command": "rollsafe.review", "arguments": [arguments]},
    }


def find(session: Session, located: Located, fingerprint: str) -> Found | None:
    """Return the finding of a file with this fingerprint, if it is still there."""
    found = located.root.findings(located.file.path)
    return next((one for one, mark in _identified(found) if mark == fingerprint), None)


def fix_title(fix: Fix, change: Change) -> str:
    """Return a fix's title with what a user has to know before pressing it."""
    notes: list[str] = []
    if change.files > 1:
        notes.append(f"{change.files} files")
    if fix.safety is Safety.UNSAFE:
        notes.append("changes behaviour")
    if fix.safety is Safety.MANUAL and not fix.title.endswith(")"):
        notes.append("to be filled in")
    return f"{fix.title} ({', '.join(notes)})" if notes else fix.title


def _identified(found: Sequence[Found]) -> list[tuple[Found, str]]:
    return list(zip(found, fingerprints(list(found)), strict=True))


def _meant(session: Session, located: Located, where: Span, named: Sequence[JsonObject]) -> list[_Meant]:
    found = _identified(located.root.findings(located.file.path))
    if named:
        encoding = session.client.encoding
        chosen = [one for one in found if any(_is_named(one, name, encoding) for name in named)]
    else:
        chosen = [one for one in found if one[0].span.touches(where)]
    return [
        _Meant(one, mark, diagnostic(one, mark, session.client, lambda p: session.uri(located.root, p)))
        for one, mark in chosen[:_MAX_FINDINGS]
    ]


def _is_named(one: tuple[Found, str], name: JsonObject, encoding: Encoding) -> bool:
    """Say whether a diagnostic of the client is about this finding: by its mark, else by its place."""
    found, mark = one
    told = at(name, "data", "fingerprint")
    if told is not None:
        return told == mark
    here = range_in(found.file.lines, found.span, encoding)
    return name.get("code") == found.rule.name and name.get("range") == here


def _is_asked_for(kind: str, only: Sequence[str]) -> bool:
    return not only or any(not asked or kind == asked or kind.startswith(f"{asked}.") for asked in only)


def _preferred_first(actions: list[CodeAction]) -> list[CodeAction]:
    return sorted(actions, key=lambda action: not action.get("isPreferred", False))


def _fixes(session: Session, located: Located, meant: _Meant) -> Iterator[CodeAction]:
    is_first = True
    for fix in sorted(meant.found.fixes, key=lambda fix: list(Safety).index(fix.safety)):
        change = change_of(located.root, meant.found, fix)
        if change is None:
            continue
        action = _fix(session, located, meant, fix, change)
        if fix.safety is Safety.SAFE and is_first and session.client.preferred_actions:
            action["isPreferred"] = True
        is_first = False
        yield action


def _fix(session: Session, located: Located, meant: _Meant, fix: Fix, change: Change) -> CodeAction:
    title = fix_title(fix, change)
    action: CodeAction = {"title": title, "kind": _QUICKFIX, "diagnostics": [meant.shown]}
    edit = workspace_edit(session, change)
    if edit is not None:
        action["edit"] = edit
    else:
        uri = session.uri(located.root, located.file.path)
        arguments: JsonObject = {"uri": uri, "fingerprint": meant.fingerprint, "fix": fix.title}
        action["command"] = {"title": title, "command": "rollsafe.applyFix", "arguments": [arguments]}
    return action


def _fix_all(session: Session, located: Located, at_least: int) -> list[CodeAction]:
    """Return the action that applies the safe fixes of this file that touch no other one."""
    taken: list[Edit] = []
    count = 0
    for found in located.root.findings(located.file.path):
        fix = next((it for it in found.fixes if it.safety is Safety.SAFE), None)
        if fix is None or fix.elsewhere or fix.creates:
            continue
        merged = merge(taken, fix.edits)
        if merged is not None:
            taken, count = merged, count + 1
    if count < at_least:
        return []
    change = Change(located.root, {located.file.path: tuple(taken)}, (), is_safe=True)
    edit = workspace_edit(session, change)
    action: CodeAction = {"title": f"Apply all safe fixes in this file ({count})", "kind": FIX_ALL}
    return [{**action, "edit": edit}] if edit is not None else []


def _explanations(meant: Sequence[_Meant]) -> Iterator[CodeAction]:
    for rule in dict.fromkeys(one.found.rule.name for one in meant):
        title = f"Explain `{rule}`"
        yield {
            "title": title,
            "kind": _QUICKFIX,
            "diagnostics": [one.shown for one in meant if one.found.rule.name == rule],
            "command": {"title": title, "command": "rollsafe.explain", "arguments": [{"rule": rule}]},
        }


def _plan(session: Session, located: Located, meant: Sequence[_Meant]) -> list[CodeAction]:
    if located.root.project is None:
        return []
    title = "Plan this deployment"
    arguments: JsonObject = {"kind": "deploy", "uri": session.uri(located.root, located.file.path)}
    return [
        {
            "title": title,
            "kind": _QUICKFIX,
            "diagnostics": [one.shown for one in meant],
            "command": {"title": title, "command": "rollsafe.plan", "arguments": [arguments]},
        }
    ]


def _ignores(session: Session, located: Located, meant: _Meant) -> Iterator[CodeAction]:
    until = located.root.today + _EXPIRY
    rule = meant.found.rule.name
    for expiry, title in (
        (None, f"Ignore `{rule}` with a reason…"),
        (until, f"Ignore `{rule}` until {until.isoformat()} with a reason…"),
    ):
        comment = ignore_comment(meant.found, expiry)
        if comment is not None:
            edits = [_insertion(session, meant.found, comment)]
            edit = single_edit(session, located.root, located.file.path, edits)
            yield {"title": title, "kind": _QUICKFIX, "diagnostics": [meant.shown], "edit": edit}


def _insertion(session: Session, found: Found, comment: IgnoreComment) -> TextEdit | SnippetTextEdit:
    client = session.client
    here = range_in(found.file.lines, Span.at(comment.offset), client.encoding)
    if client.snippet_edits and client.document_changes:
        value = f"{_escaped(comment.before)}${{1:{PLACEHOLDER}}}{_escaped(comment.after)}"
        return {"range": here, "snippet": {"kind": "snippet", "value": value}}
    return {"range": here, "newText": comment.text}


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("$", "\\$").replace("}", "\\}")
