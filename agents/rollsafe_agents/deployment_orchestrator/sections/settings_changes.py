"""What differs in settings beside manifests: values of charts and environment files, by their names."""

import re
from collections.abc import Iterator
from posixpath import basename
from typing import Final

from rollsafe.artefacts.dotenv import EnvFile
from rollsafe.artefacts.kubernetes import HelmChart
from rollsafe.artefacts.recognition import EnvironmentKind, environment_of
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence
from rollsafe.formats.yaml import read_yaml
from rollsafe.plans.contribution import ChangedFile, PlanContext, fact, place_in, row
from rollsafe.plans.model import Change, Evidence
from rollsafe.workspace.delivery import is_for

_TELLING: Final = frozenset(
    {"image", "tag", "digest", "repository", "version", "appVersion", "replicaCount", "replicas"}
)
"""Keys whose values choose a version or a number of pods; of all others only the names are told."""

_VALUES: Final = re.compile(r"values(?:[-_.](?P<environment>.+))?\.ya?ml\Z")
_MOST_VALUES: Final = 8
_MOST_NAMES: Final = 4
_MAX_LEAVES: Final = 5_000


def rows(context: PlanContext, changed: ChangedFile) -> Iterator[Change]:
    """Yield the rows about a file of settings; none for other files."""
    if holds_values(context, changed.path):
        if not _is_meant(context, changed.path):
            return
        yield from _values_rows(context, changed)
    else:
        yield from _variable_rows(context, changed)


def holds_values(context: PlanContext, path: str) -> bool:
    """Say whether a file holds values of a chart for any environment, or the chart's own description."""
    charts = [chart.directory for chart in context.after.elements(HelmChart)]
    directory, name = path.rpartition("/")[0], basename(path)
    if name in ("Chart.yaml", "Chart.yml"):
        return directory in charts
    if any(path in delivery.values for delivery in context.rollout.deliveries):
        return True
    return _VALUES.match(name) is not None and any(_is_near(directory, chart) for chart in charts)


def _is_near(directory: str, chart: str) -> bool:
    """Say whether a directory is the chart's, or one above it."""
    return directory == chart or not directory or chart.startswith(f"{directory}/")


def _is_meant(context: PlanContext, path: str) -> bool:
    """Say whether values are for this environment, as far as the file's name tells."""
    named = _VALUES.match(basename(path))
    name = (named["environment"] if named is not None else None) or ""
    return environment_of(name) is EnvironmentKind.UNKNOWN or is_for(name, context.environment)


# Values of charts --------------------------------------------------------------------------------


def _values_rows(context: PlanContext, changed: ChangedFile) -> Iterator[Change]:
    after = context.after.read(changed.path)
    before = context.before.read(changed.path) if context.before is not None else None
    old, new = _leaves_of(before), _leaves_of(after)
    differing = [key for key in new if key in old and old[key].text != new[key].text]
    for key in [key for key in (*differing, *(new.keys() - old.keys())) if _is_telling(key)][:_MOST_VALUES]:
        if after is not None:
            claim = fact(key, place_in(after, new[key]))
            was = old[key].text or "empty" if key in old else None
            yield row(f"{changed.path}: {key}", "chart value", claim, was, new[key].text or "empty")
    yield from _named(context, changed, old, new, [key for key in differing if not _is_telling(key)])


def _named(
    context: PlanContext,
    changed: ChangedFile,
    old: dict[str, Scalar],
    new: dict[str, Scalar],
    differing: list[str],
) -> Iterator[Change]:
    """Yield which other values come, go or differ, by their keys."""
    gone = [key for key in old if key not in new]
    added = [key for key in new if key not in old and not _is_telling(key)]
    after = context.after.read(changed.path)
    if gone or added:
        where = place_in(after, new[added[0]]) if added and after is not None else _whole(context, changed)
        yield row(changed.path, "chart values", fact("values by name", where), _listed(gone), _listed(added))
    if differing and after is not None:
        claim = fact("values by name", place_in(after, new[differing[0]]))
        listed = _listed(differing)
        yield row(changed.path, "chart values", claim, listed, f"{listed} with another value")


def _whole(context: PlanContext, changed: ChangedFile) -> Evidence:
    if changed.path in context.after.paths:
        return Evidence(path=changed.path, line=1)
    return Evidence(path=changed.path, line=1, commit=context.old_ref)


def _is_telling(key: str) -> bool:
    return key.rpartition(".")[2] in _TELLING


def _leaves_of(source: SourceFile | None) -> dict[str, Scalar]:
    """Return the scalars of a YAML file by dotted key, in source order; items of lists by their position."""
    found: dict[str, Scalar] = {}
    stack: list[tuple[str, Node]] = []
    if source is not None:
        stack += [("", root) for root in read_yaml(source.text).documents[:1]]
    for _ in range(_MAX_LEAVES):
        if not stack:
            break
        path, node = stack.pop()
        if isinstance(node, Scalar):
            found[path] = node
        elif isinstance(node, Mapping):
            pairs = [(f"{path}.{name}".lstrip("."), value) for name, value in node.pairs()]
            stack += reversed(pairs)
        elif isinstance(node, Sequence):
            items = [(f"{path}[{at}]", item) for at, item in enumerate(node.items_at())]
            stack += reversed(items)
    return found


# Environment files -------------------------------------------------------------------------------


def _variable_rows(context: PlanContext, changed: ChangedFile) -> Iterator[Change]:
    old = _entries(context.before.inside(changed.path, EnvFile) if context.before is not None else [])
    files = context.after.inside(changed.path, EnvFile)
    new = _entries(files)
    gone, added = [name for name in old if name not in new], [name for name in new if name not in old]
    differing = [name for name in new if name in old and old[name] != new[name]]
    if gone or added:
        first = files[0].names[added[0]] if added else None
        where = place_in(files[0].file, first) if first is not None else _whole(context, changed)
        yield row(changed.path, "variables", fact("variables by name", where), _listed(gone), _listed(added))
    if differing:
        claim = fact("variables by name", place_in(files[0].file, files[0].names[differing[0]]))
        listed = _listed(differing)
        yield row(changed.path, "variables", claim, listed, f"{listed} with another value")


def _entries(files: list[EnvFile]) -> dict[str, str]:
    """Return the text of every entry, only ever to be compared."""
    return {name: one.file.slice(entry) for one in files for name, entry in one.names.items()}


def _listed(names: list[str]) -> str | None:
    shown = ", ".join(names[:_MOST_NAMES])
    return (shown + (f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else "")) or None
