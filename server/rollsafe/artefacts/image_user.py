"""What runs an image, whatever file it is written in."""

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.images import ImageReference
from rollsafe.text.cached import cached_property


class ImageUser(Element):
    """A container of Kubernetes or a service of Compose: who looks for both imports neither."""

    @cached_property
    def image(self) -> ImageReference | None:
        """The image; None while none is written."""
        return None
