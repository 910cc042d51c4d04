"""Telling services of Cloud Run from those that Knative runs in a cluster: both are written the same."""

from typing import Final

from rollsafe.formats.nodes import Mapping

_API: Final = "serving.knative.dev/"
_MARK: Final = "googleapis.com/"
_HOLDERS: Final = (
    ("metadata", "annotations"),
    ("metadata", "labels"),
    ("spec", "template", "metadata", "annotations"),
    ("spec", "template", "metadata", "labels"),
)


def is_cloud_run(root: Mapping) -> bool:
    """Say whether an object is a service of Cloud Run: a Knative one with a setting only Google knows."""
    if not (root.text_at("apiVersion") or "").startswith(_API) or root.text_at("kind") != "Service":
        return False
    held = (root.map_at(*path) for path in _HOLDERS)
    return any(_MARK in entry.name for one in held if one is not None for entry in one.entries)
