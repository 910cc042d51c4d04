"""Labels of runners: those that GitHub hosts, and which of them one machine may have together.

The list is that of GitHub's documentation as of March 2026. A label that is not in it may be that of a larger
runner, which its owner names, or of a machine of one's own.
"""

from typing import Final

from rollsafe.artefacts.github_workflow.matrices import rows_of
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence, resolve
from rollsafe.text.patterns import lazily

LISTED: Final = "March 2026"
_UBUNTU: Final = (
    "ubuntu-slim",
    "ubuntu-latest",
    "ubuntu-24.04",
    "ubuntu-24.04-arm",
    "ubuntu-22.04",
    "ubuntu-22.04-arm",
)
_WINDOWS: Final = ("windows-latest", "windows-2025", "windows-2025-vs2026", "windows-2022", "windows-11-arm")
_MAC: Final = (
    *("macos-latest", "macos-latest-large", "macos-latest-xlarge"),
    *("macos-26", "macos-26-intel", "macos-26-large", "macos-26-xlarge"),
    *("macos-15", "macos-15-intel", "macos-15-large", "macos-15-xlarge"),
    *("macos-14", "macos-14-large", "macos-14-xlarge"),
)
HOSTED: Final = (*_UBUNTU, *_WINDOWS, *_MAC)
OWN: Final = frozenset({"self-hosted", "linux", "macos", "windows", "x64", "arm", "arm64"})
"""Labels that a machine of one's own has by itself."""
RETIRED: Final = {
    **dict.fromkeys(("ubuntu-16.04", "ubuntu-18.04", "ubuntu-20.04"), "ubuntu-24.04"),
    **dict.fromkeys(("windows-2016", "windows-2019"), "windows-2022"),
    **dict.fromkeys(("macos-10.14", "macos-10.15", "macos-11", "macos-12", "macos-13"), "macos-15"),
    **dict.fromkeys(("macos-11-large", "macos-12-large", "macos-13-large"), "macos-15-large"),
    **dict.fromkeys(("macos-12-xl", "macos-12-xlarge", "macos-13-xl", "macos-13-xlarge"), "macos-15-xlarge"),
}
"""Images that GitHub no longer has, by name, with one that it has."""

_MAX_LABELS: Final = 100
_NEAR: Final = 0.84
"""`ubuntu-lastest` is so near to a label; `ubuntu-large`, which may be somebody's own, is not."""
_FROM_MATRIX: Final = lazily(r"\$\{\{\s*matrix\.(?P<row>[\w-]+)\s*\}\}\Z")
_SYSTEMS: Final = {"ubuntu": "linux", "linux": "linux", "windows": "windows", "macos": "macos"}
_LATEST: Final = {"ubuntu-latest": "ubuntu-24.04", "macos-latest": "macos-15"}
_OF_GITHUB: Final = lazily(
    r"(?:ubuntu|windows|macos|linux|mac|win|osx|debian)(?:-latest|-\d+(?:\.\d+)?)\Z|[a-z]+-latest\Z"
)


def is_hosted(label: str) -> bool:
    """Say whether GitHub has a machine with this label; of larger ones only those named like an image."""
    folded = label.lower()
    return folded in HOSTED or any(
        folded.startswith(f"{one}-") and folded.endswith("-cores") for one in HOSTED
    )


def is_like_hosted(label: str) -> bool:
    """Say whether a label has the form of those of GitHub's images, so that it is hardly anybody's own."""
    folded = label.lower()
    if _OF_GITHUB.match(folded) is not None:
        return True
    from difflib import SequenceMatcher  # only unknown labels need it

    is_word = folded.startswith(("ubuntu-", "windows-", "macos-")) and folded.partition("-")[2].isalpha()
    return is_word and SequenceMatcher(None, folded, f"{folded.partition('-')[0]}-latest").ratio() >= _NEAR


def system_of(label: str) -> str:
    """Return the operating system that a label stands for: `linux`, `windows` or `macos`; else nothing."""
    folded = label.lower()
    if folded in _SYSTEMS:
        return _SYSTEMS[folded]
    return _SYSTEMS.get(folded.partition("-")[0], "") if is_hosted(folded) or folded in RETIRED else ""


def are_together(one: str, other: str) -> bool:
    """Say whether a machine may have both labels."""
    first, second = one.lower(), other.lower()
    system = system_of(first)
    if not system or not system_of(second) or first == second:
        return True
    if system != system_of(second):
        return False
    if first in _SYSTEMS or second in _SYSTEMS:
        return True
    return _image(first) == _image(second)


def _image(label: str) -> str:
    return _LATEST.get(label, label)


def labels_of(runs_on: Node | None) -> list[Scalar]:
    """Return the labels of a `runs-on` as written, whichever of its forms it has."""
    node = resolve(runs_on)
    if isinstance(node, Mapping):
        node = resolve(node.at("labels"))
    items = [resolve(item) for item in node.items[:_MAX_LABELS]] if isinstance(node, Sequence) else [node]
    return [one for one in items if isinstance(one, Scalar) and not one.is_null]


def labels_from_matrix(label: str, matrix: Node | None) -> list[Scalar]:
    """Return what a label such as `${{ matrix.os }}` stands for, as far as the matrix is literal."""
    found = _FROM_MATRIX.match(label.strip())
    node = resolve(matrix)
    if found is None or not isinstance(node, Mapping):
        return []
    rows = rows_of(node) or {}
    values = [resolve(one) for one in rows.get(found["row"].lower()) or ()]
    return [one for one in values if isinstance(one, Scalar) and not one.is_null and "${{" not in one.text]
