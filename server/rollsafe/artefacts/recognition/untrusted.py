"""Contexts of a workflow that somebody outside of the project can write.

A path is what `expressions.context_path` returns: lower-cased names, `*` for an index or filter.
"""

from enum import StrEnum
from typing import Final

from rollsafe.text.patterns import lazily


class Trust(StrEnum):
    """Who decides the text."""

    ANYBODY = "anybody"
    """Whoever opens an issue, a pull request or a discussion, or pushes to a fork."""
    DISPATCHER = "dispatcher"
    """Whoever may start the workflow by hand: write access to the repository."""


_ANYBODY: Final = lazily(
    r"""(?x)
    github\.head_ref
    | github\.event\.(?:
        (?:issue|pull_request|discussion)\.(?:title|body)
      | (?:comment|review|review_comment)\.body
      | pages\.(?:\*|\d+)\.page_name
      | (?:commits\.(?:\*|\d+)|head_commit)\.(?:message|author\.(?:email|name)|committer\.(?:email|name))
      | pull_request\.head\.(?:ref|label|repo\.(?:default_branch|description|homepage|name|full_name))
      | workflow_run\.(?:head_branch|display_title|head_commit\.(?:message|author\.(?:email|name))
                        |head_repository\.description|pull_requests\.(?:\*|\d+)\.head\.ref)
      | (?:comment|issue|pull_request|discussion)\.user\.name
      )
    """
)
_DISPATCHED: Final = lazily(r"(?:github\.event\.)?inputs\.[\w-]+")


def trust_of(path: tuple[str, ...]) -> Trust | None:
    """Return who decides the text a context holds, or None when only the project does."""
    dotted = ".".join(path).lower()
    if _ANYBODY.fullmatch(dotted):
        return Trust.ANYBODY
    return Trust.DISPATCHER if _DISPATCHED.fullmatch(dotted) else None
