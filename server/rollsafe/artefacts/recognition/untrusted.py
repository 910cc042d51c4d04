"""Contexts of a workflow that somebody outside of the project can write.

A path is what `expressions.context_path` returns: lower-cased names, `*` for an index or filter.
"""

import json
from enum import StrEnum
from functools import cache
from pkgutil import get_data
from typing import Final, TypeAlias, TypedDict, cast

from rollsafe.text.patterns import lazily

_Node: TypeAlias = "dict[str, str | int | _Node]"


class _Data(TypedDict):
    root: _Node
    parts: list[_Node]


class Trust(StrEnum):
    """Who decides the text."""

    ANYBODY = "anybody"
    """Whoever opens an issue, a pull request or a discussion, or pushes to a fork."""
    DISPATCHER = "dispatcher"
    """Whoever may start the workflow by hand: write access to the repository."""


class Reach(StrEnum):
    """How much of the text somebody decides, whoever it is."""

    FIXED = "fixed"
    """None of it: numbers, hashes, words of a list."""
    STRUCTURED = "structured"
    """A part inside of a given form."""
    ARBITRARY = "arbitrary"


_ANYBODY: Final = lazily(
    r"""(?x)
    github\.head_ref
    | github\.event\.(?:
        (?:issue|pull_request|discussion)\.(?:title|body)
      | (?:comment|review|review_comment|answer)\.body
      | changes\.(?:title|body)\.from
      | pages\.(?:\*|\d+)\.page_name
      | (?:commits\.(?:\*|\d+)|head_commit)\.(?:message|author\.(?:email|name)|committer\.(?:email|name))
      | pull_request\.head\.(?:ref|label|repo\.(?:default_branch|description|homepage|name|full_name))
      | workflow_run\.(?:head_branch|display_title|head_commit\.(?:message|author\.(?:email|name))
                        |head_repository\.(?:description|full_name|owner\.email)
                        |pull_requests\.(?:\*|\d+)\.head\.(?:ref|repo\.name))
      | (?:comment|issue|pull_request|discussion)\.user\.name
      )
    """
)
_HOLDERS: Final = frozenset(
    {
        ("github",),
        ("github", "event"),
        *(
            ("github", "event", name)
            for name in (
                "issue",
                "pull_request",
                "discussion",
                "comment",
                "review",
                "head_commit",
                "commits",
                "changes",
            )
        ),
        ("github", "event", "pull_request", "head"),
        ("github", "event", "pull_request", "head", "repo"),
        ("github", "event", "workflow_run"),
        ("github", "event", "workflow_run", "head_commit"),
    }
)
"""Objects that hold a text of a stranger."""
_DISPATCHED: Final = lazily(r"(?:github\.event\.)?inputs\.[\w-]+|github\.event\.client_payload(?:\.[\w*-]+)*")
_OUTPUTS: Final = {
    "tj-actions/changed-files": lazily(r"(?!any_|only_)\w*files"),
    "tj-actions/branch-names": lazily(r"current_branch|head_ref_branch|ref_branch"),
    "dorny/paths-filter": lazily(r"\w+_files"),
    "jitterbit/get-changed-files": lazily(r"all|added\w*|modified|removed|renamed|deleted"),
    "trilom/file-changes-action": lazily(r"files\w*"),
    "xt0rted/pull-request-comment-branch": lazily(r"head_ref"),
    "eficode/resolve-pr-refs": lazily(r"head_ref"),
    "gotson/pull-request-comment-branch": lazily(r"head_ref"),
    "khan/pull-request-comment-trigger": lazily(r"comment_body"),
    "technote-space/get-diff-action": lazily(r"diff|filtered_diff"),
}
"""Outputs of actions that hold names of files, branches or texts of a pull request."""


def trust_of(path: tuple[str, ...]) -> Trust | None:
    """Return who decides the text a context holds, or None when only the project does."""
    dotted = ".".join(path).lower()
    if _ANYBODY.fullmatch(dotted) or path in _HOLDERS:
        return Trust.ANYBODY
    return Trust.DISPATCHER if _DISPATCHED.fullmatch(dotted) else None


def is_untrusted_output(action: str, output: str) -> bool:
    """Say whether an output of an action, `owner/repo`, holds text that a pull request brings."""
    pattern = _OUTPUTS.get(action.lower())
    return pattern is not None and pattern.fullmatch(output.lower()) is not None


@cache
def _table() -> _Data:
    data = get_data("rollsafe.artefacts.recognition", "data/github_contexts.json")
    assert data is not None
    return cast("_Data", json.loads(data))


def reach_of(path: tuple[str, ...]) -> Reach:
    """Return how much of a text of `github` or `runner` somebody decides; what is unknown can be anything."""
    table = _table()
    node: str | int | _Node = table["root"]
    for part in path:
        if isinstance(node, int):
            node = table["parts"][node]
        assert isinstance(node, dict)
        below = node.get("*" if part.replace(".", "").isdigit() else part)
        if below is None:
            return Reach.ARBITRARY
        node = below
    if isinstance(node, int):
        node = table["parts"][node]
    letter = node.get("") if isinstance(node, dict) else None
    return {"f": Reach.FIXED, "s": Reach.STRUCTURED}.get(str(letter), Reach.ARBITRARY)
