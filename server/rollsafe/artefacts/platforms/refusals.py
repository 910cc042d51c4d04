"""What platforms refuse in their files: settings that exclude each other, names of nothing, wrong sums."""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.platforms.cloud_run import CloudRunService
from rollsafe.artefacts.platforms.fly import FlyApp
from rollsafe.artefacts.platforms.render import RenderService
from rollsafe.artefacts.platforms.service import PlatformService
from rollsafe.artefacts.platforms.vercel import VercelProject
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.text import Located
from rollsafe.text.tuples import NamedTuple

_ROUTING: Final = ("rewrites", "redirects", "headers", "cleanUrls", "trailingSlash")
_SOURCES: Final = ("value", "generateValue", "sync", "fromDatabase", "fromService", "previewValue")
_MIN: Final = "autoscaling.knative.dev/minScale"
_MAX: Final = "autoscaling.knative.dev/maxScale"
_WHOLE: Final = 100


class Refusal(NamedTuple):
    """A place of a file that its platform refuses.

    `node` is a text in whose stead one of `names` is meant, `extra` an entry of `holder` that is too much.
    """

    where: Located
    said: str
    node: Scalar | None = None
    names: tuple[str, ...] = ()
    holder: Mapping | None = None
    extra: str = ""


def refusals_in(service: PlatformService) -> Iterator[Refusal]:
    """Yield what the service's platform surely refuses."""
    if service.is_templated:
        return
    match service:
        case VercelProject():
            yield from _by_vercel(service)
        case FlyApp():
            yield from _by_fly(service)
        case RenderService():
            yield from _by_render(service)
        case CloudRunService():
            yield from _by_cloud_run(service)
        case _:
            return


def _by_vercel(project: VercelProject) -> Iterator[Refusal]:
    root = project.node
    functions, routes = root.key_at("functions"), root.key_at("routes")
    if functions is not None and root.at("builds") is not None:
        yield Refusal(functions, "`functions` and `builds` exclude each other")
    beside = next((key for key in _ROUTING if root.at(key) is not None), None)
    if routes is not None and beside is not None:
        yield Refusal(routes, f"`routes` and `{beside}` exclude each other")
    for item in root.items_at("crons"):
        path = item.at("path")
        if isinstance(path, Scalar) and path.text and not path.text.startswith("/"):
            yield Refusal(path, f"the path of a cron job begins with `/`, and `{path.text}` does not", path)


def _by_fly(app: FlyApp) -> Iterator[Refusal]:
    processes = app.node.map_at("processes")
    known = tuple(processes.keys()) if processes is not None and processes.entries else ("app",)
    for service in app.services:
        for item in service.items_at("processes"):
            if isinstance(item, Scalar) and item.text not in known:
                yield Refusal(
                    item, f"a service is for process `{item.text}`, which `[processes]` has not", item, known
                )


def _by_render(service: RenderService) -> Iterator[Refusal]:
    for item in service.node.items_at("envVars"):
        key = item.at("key")
        if not isinstance(item, Mapping) or not isinstance(key, Scalar) or key.is_null:
            continue
        given = [name for name in _SOURCES if item.at(name) is not None]
        if not given and item.at("fromGroup") is None:
            yield Refusal(key, f"`{key.text}` has no value, and nothing says where it comes from")
        if item.at("value") is not None and item.bool_at("generateValue"):
            yield Refusal(
                key, f"`{key.text}` has a value and is to be generated", holder=item, extra="generateValue"
            )


def _by_cloud_run(service: CloudRunService) -> Iterator[Refusal]:
    shares = [one.at("percent") for one in service.traffic]
    counts = [_number(one) if one is not None else 0 for one in shares]
    if any(counts) and None not in counts and sum(one or 0 for one in counts) != _WHOLE:
        where = next(one for one in shares if one is not None)
        yield Refusal(
            where, f"the shares of the traffic add up to {sum(one or 0 for one in counts)} % and not to 100 %"
        )
    notes = service.node.at("spec", "template", "metadata", "annotations")
    least, most = (notes.at(key) if notes is not None else None for key in (_MIN, _MAX))
    low, high = _number(least), _number(most)
    if least is not None and low is not None and high is not None and low > high:
        yield Refusal(least, f"{low} instances are the fewest and {high} the most there may be")


def _number(node: Node | None) -> int | None:
    text = node.text if isinstance(node, Scalar) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else None
