"""In which layer of a system something belongs, as far as its image, kind and name tell."""

from enum import StrEnum
from typing import Final

from rollsafe.artefacts.known_images import Layer as ImageLayer
from rollsafe.artefacts.recognition.roles import listed
from rollsafe.text.patterns import lazily
from rollsafe.workspace.system.facts import Known


class Layer(StrEnum):
    """A layer of a system."""

    UI = "ui"
    API = "api"
    WORKER = "worker"
    DATA = "data"
    PLATFORM = "platform"
    DELIVERY = "delivery"
    UNKNOWN = "unknown"


_DATA: Final = frozenset(
    {ImageLayer.DATABASE, ImageLayer.CACHE, ImageLayer.QUEUE, ImageLayer.SEARCH, ImageLayer.STORAGE}
)
_WORDS: Final[tuple[tuple[Layer, frozenset[str]], ...]] = (
    (Layer.WORKER, frozenset(listed("worker workers consumer consumers cron job jobs scheduler celery sidekiq"
                                    " beat processor"))),
    (Layer.UI, frozenset(listed("web ui frontend front storefront www site website dashboard webapp spa"))),
    (Layer.API, frozenset(listed("api backend server gateway rest graphql grpc"))),
)  # fmt: skip
_WORD = lazily(r"[a-z]+")
_JOBS: Final = frozenset({"Job", "CronJob"})


def is_data(known: Known) -> bool:
    """Say whether an image keeps or passes on the data of others."""
    return known.layer in _DATA


def layer_of(name: str, kind: str, known: Known | None, *, listens: bool) -> Layer:
    """Return the layer of something that runs; `listens` says whether it has a port of its own."""
    if known is not None:
        return Layer.DATA if known.layer in _DATA else Layer.PLATFORM
    if kind in _JOBS:
        return Layer.WORKER
    words = set(_WORD.findall(name.lower()))
    for layer, names in _WORDS:
        if words & names or (layer is Layer.UI and name.lower().endswith("frontend")):
            return layer
    return Layer.API if listens else Layer.UNKNOWN
