"""The optional review by a model: what it may see, how it is asked, and what survives checking.

Importing this package loads neither the client library nor the models of a review; each name is
loaded when it is first used. Callers switch a review on from the user's own settings or a command
line flag, never from a file of the workspace: see `ReviewSettings`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rollsafe.review.anchoring import DropReason, Provenance, Remark
    from rollsafe.review.calling import ReviewStatus
    from rollsafe.review.client import ReviewOutcome, run_review
    from rollsafe.review.drafts import Draft, Explanation, Hazard, draft, explain
    from rollsafe.review.payload import preview
    from rollsafe.review.questions import Reviewed, questions_about
    from rollsafe.review.request import (
        Dismissal,
        KnownFinding,
        LineRange,
        NodeRange,
        ReviewFile,
        ReviewKey,
        ReviewLimits,
        ReviewRequest,
    )
    from rollsafe.review.run import ReviewRun, in_thread, run_reviews, run_reviews_async
    from rollsafe.review.settings import MODELS, ReviewSettings

__all__ = [
    "MODELS",
    "Dismissal",
    "Draft",
    "DropReason",
    "Explanation",
    "Hazard",
    "KnownFinding",
    "LineRange",
    "NodeRange",
    "Provenance",
    "Remark",
    "ReviewFile",
    "ReviewKey",
    "ReviewLimits",
    "ReviewOutcome",
    "ReviewRequest",
    "ReviewRun",
    "ReviewSettings",
    "ReviewStatus",
    "Reviewed",
    "draft",
    "explain",
    "in_thread",
    "preview",
    "questions_about",
    "run_review",
    "run_reviews",
    "run_reviews_async",
]

_MODULES = {
    "anchoring": ("DropReason", "Provenance", "Remark"),
    "calling": ("ReviewStatus",),
    "client": ("ReviewOutcome", "run_review"),
    "drafts": ("Draft", "Explanation", "Hazard", "draft", "explain"),
    "questions": ("Reviewed", "questions_about"),
    "run": ("ReviewRun", "in_thread", "run_reviews", "run_reviews_async"),
    "payload": ("preview",),
    "request": (
        "KnownFinding",
        "LineRange",
        "NodeRange",
        "Dismissal",
        "ReviewFile",
        "ReviewKey",
        "ReviewLimits",
        "ReviewRequest",
    ),
    "settings": ("MODELS", "ReviewSettings"),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
