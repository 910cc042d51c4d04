"""Which pods are replaced when the configuration changes that they start with."""

from typing import Final

from rollsafe.artefacts.kubernetes import Workload

_RELOADING: Final = ("checksum", "hash", "reloader", "config-version", "configmap")


def is_reloaded(workload: Workload) -> bool:
    """Say whether an annotation has the pods replaced, or may: a checksum, or one of a reloader."""
    notes = {**workload.annotations, **workload.pod_annotations}
    if any(word in key.lower() for key in notes for word in _RELOADING):
        return True
    template = workload.pod_template
    return template is None or workload.is_templated(template.at("metadata", "annotations"))
