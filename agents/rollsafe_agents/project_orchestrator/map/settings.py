"""What environments set, and where they differ: keys, images, replicas, probes. Values are never told."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal

from rollsafe.plans.contribution import derived, fact, unknown
from rollsafe.plans.model import Claim
from rollsafe.workspace.system.environments import Cell, Environment, Fact, Running, State, rows_of
from rollsafe.workspace.system.facts import Form
from rollsafe_agents.project_orchestrator.map.evidence import all_at, at, listed
from rollsafe_agents.project_orchestrator.map.model import MapCell, MapDifference, MapKey

_NEEDED: Final = frozenset({State.SET, State.CONFIG, State.SECRET, State.OUTSIDE})
"""What tells that a service needs a key; what is empty or has a default elsewhere it can do without."""


def keys_of(environments: Sequence[Environment], service: str, subject: str) -> Iterator[MapKey]:
    """Yield the keys of a service in the environments that run it."""
    compared = _compared(environments, service)
    running = {one.label: one.services[service] for one in compared}
    needing = _needing(compared)
    for key, cells in rows_of(compared, service).items():
        yield MapKey(
            subject=subject,
            key=key,
            cells=tuple(_cell(label, cells.get(label), running[label]) for label in running),
            agreement=_agreement(cells),
            gap=_gap(subject, key, cells, {label: running[label] for label in needing}),
        )


def _compared(environments: Sequence[Environment], service: str) -> list[Environment]:
    """Return the environments that run a service; those for development only where there are no others."""
    found = [one for one in environments if service in one.services]
    return [one for one in found if not one.is_development] or found


def _needing(environments: Sequence[Environment]) -> list[str]:
    """Return the environments whose lack of a key is a gap: beside a cluster, Compose is for trying."""
    clusters = [one.label for one in environments if one.form is not Form.COMPOSE]
    return clusters or [one.label for one in environments]


def _cell(label: str, cell: Cell | None, running: Running) -> MapCell:
    if cell is None:
        state = State.UNKNOWN if running.is_open else State.UNSET
        return MapCell(environment=label, state=state.value, evidence=None)
    return MapCell(environment=label, state=cell.state.value, evidence=at(cell.place))


def _agreement(cells: Mapping[str, Cell]) -> Literal["same", "differs", "unknown"]:
    digests = [cell.digest for cell in cells.values()]
    if len(digests) < 2 or not all(digests):
        return "unknown"
    return "same" if len(set(digests)) == 1 else "differs"


def _gap(subject: str, key: str, cells: Mapping[str, Cell], running: Mapping[str, Running]) -> Claim | None:
    missing = [label for label, cell in cells.items() if cell.state is State.MISSING]
    if missing:
        text = f"`{subject}` takes `{key}` from a key that is not there, in {listed(missing)}"
        return derived(text, *all_at(cells[label].place for label in missing))
    unset = [label for label, one in running.items() if label not in cells and not one.is_open]
    if not unset or not any(cell.state in _NEEDED for cell in cells.values()):
        return None
    text = f"`{subject}` has `{key}` in {listed(cells)}, not in {listed(unset)}"
    places = [*(cell.place for cell in cells.values()), *(running[label].place for label in unset)]
    return derived(text, *all_at(places))


def differences_of(environments: Sequence[Environment], service: str) -> Iterator[MapDifference]:
    """Yield what of a service is not the same in all environments that run it."""
    running = [(one.label, one.services[service]) for one in _compared(environments, service)]
    images = [(label, _images(one)) for label, one in running]
    containers = dict.fromkeys(name for _, one in images for name in one)
    for name in containers:
        found = [(label, one[name]) for label, one in images if name in one]
        if len({image.text for _, image in found}) > 1:
            subject = service if len(containers) == 1 or not name else f"{service}/{name}"
            values = ((label, fact(f"`{image.text}`", at(image.place))) for label, image in found)
            yield MapDifference(subject=subject, what="image", values=tuple(values))
    scales = [(label, one.replicas) for label, one in running]
    if len({one.text for _, one in scales if one is not None}) > 1:
        yield MapDifference(subject=service, what="replicas", values=tuple(_values(scales)))
    probes = [(label, one.probes) for label, one in running if one.probes is not None]
    if len({(one.text == "none") for _, one in probes}) > 1 or _named_differently(probes):
        yield MapDifference(subject=service, what="probes", values=tuple(_values(probes)))


def _images(running: Running) -> Mapping[str, Fact]:
    """Return the images by container; that of an only one has no name, as in Compose."""
    return {"": next(iter(running.images.values()))} if len(running.images) == 1 else running.images


def _named_differently(probes: Sequence[tuple[str, Fact]]) -> bool:
    """Say whether probes differ that are written in the same words: Compose has a single kind."""
    texts = {one.text for _, one in probes} - {"none", "healthcheck"}
    return len(texts) > 1


def _values(found: Iterable[tuple[str, Fact | None]]) -> Iterator[tuple[str, Claim]]:
    for label, one in found:
        yield label, derived(one.text, at(one.place)) if one is not None else unknown("not written")
