"""A service of a Compose file, `extends` inside the file followed."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.compose.environment import (
    EnvFileUse,
    EnvVariable,
    env_files_of,
    variables_of,
)
from rollsafe.artefacts.compose.health import ComposeHealthcheck
from rollsafe.artefacts.compose.ports import PortMapping, PortRange, ports_of, range_of
from rollsafe.artefacts.compose.uses import Use, uses_of
from rollsafe.artefacts.compose.values import (
    Command,
    command_of,
    names_of,
    scalars_of,
    settled,
    with_defaults,
)
from rollsafe.artefacts.compose.wiring import (
    Build,
    Dependency,
    Extends,
    Mount,
    MountKind,
    build_of,
    dependencies_of,
    extends_of,
    mounts_of,
)
from rollsafe.artefacts.durations import seconds_of
from rollsafe.artefacts.image_user import ImageUser
from rollsafe.artefacts.images import ImageReference, parse_image
from rollsafe.artefacts.known_images import KnownImage, known_image
from rollsafe.formats.nodes import Entry, Mapping, Node, Scalar, resolve
from rollsafe.text.cached import cached_property

if TYPE_CHECKING:
    from rollsafe.artefacts.compose.file import ComposeFile

_LONGEST_LINEAGE: Final = 8
_COMING_TO_AN_END: Final = frozenset({"chmod", "chown", "cp", "echo", "mkdir", "mv", "rm", "touch", "true"})
"""Programs that do one thing and are done; a container that starts with one of them prepares for others."""


class ComposeElement(Element):
    """A part of a Compose file."""

    family = "compose"


class ComposeService(ComposeElement, ImageUser):
    """One service. `key` is its name and the place to point at, `node` its own mapping.

    Keys are looked up in the service, in what `<<` merges into it, and in the services of the same file
    that it `extends`. What another file adds is unknown: absence has to be asked with `lacks`.
    """

    keys_are_local = False

    def __init__(self, compose: "ComposeFile", entry: Entry, key: Scalar) -> None:
        super().__init__(compose.file, entry.start, entry.end)
        value = resolve(entry.value)
        self.compose = compose
        self.key = key
        self.node = value if isinstance(value, Mapping) else Mapping(key.end, key.end)

    def __repr__(self) -> str:
        return f"ComposeService({self.name!r})"

    @property
    def name(self) -> str:
        """The name of the service."""
        return self.key.text

    @property
    def title_node(self) -> Scalar:
        """Where to point when the service as a whole is meant."""
        return self.key

    @cached_property
    def extends(self) -> Extends | None:
        """The service whose settings this one starts from."""
        return extends_of(self.file, self.node.at("extends"))

    @cached_property
    def lineage(self) -> "tuple[ComposeService, ...]":
        """This service and those of the same file it extends, nearest first."""
        found: list[ComposeService] = [self]
        while len(found) < _LONGEST_LINEAGE:
            extends = found[-1].extends
            base = None
            if extends is not None and not extends.is_elsewhere:
                base = self.compose.service(extends.service)
            if base is None or base in found:
                break
            found.append(base)
        return tuple(found)

    @cached_property
    def extends_elsewhere(self) -> bool:
        """Whether settings come from another file, or from a service that is not there."""
        return len(self.lineage) == _LONGEST_LINEAGE or self.lineage[-1].extends is not None

    @cached_property
    def is_fragment(self) -> bool:
        """Whether it only changes a service of another file: neither image nor build are known."""
        return self.at("image") is None and self.at("build") is None

    def at(self, *path: str | int) -> Node | None:
        """Return the value at `path`, inherited ones included."""
        for service in self.lineage:
            node = service.node.at(*path)
            if node is not None:
                return node
        return None

    def text_at(self, *path: str | int) -> str | None:
        """Return the text at `path`, inherited ones included; None for null."""
        node = self.at(*path)
        return node.text if isinstance(node, Scalar) and not node.is_null else None

    def key_at(self, *path: str | int) -> Scalar | None:
        """Return the service's own key at the end of `path`: the place to point at."""
        return self.node.key_at(*path)

    def lacks(self, *path: str) -> bool:
        """Say whether there is for certain nothing at `path`, in this file or elsewhere."""
        if self.extends_elsewhere or self.is_fragment or self.compose.tree.templated:
            return False
        node = self.at(*path)
        return node is None or (isinstance(node, Scalar) and node.is_null)

    @cached_property
    def image_node(self) -> Scalar | None:
        """The value of `image`."""
        node = self.at("image")
        return node if isinstance(node, Scalar) and not node.is_null else None

    @cached_property
    def image(self) -> ImageReference | None:
        """The image, variables replaced by their defaults where all have one."""
        if self.image_node is None:
            return None
        text = with_defaults(self.image_node.text)
        return parse_image(text if text is not None else self.image_node.text)

    @cached_property
    def written_image(self) -> ImageReference | None:
        """The image with variables as written."""
        return parse_image(self.image_node.text) if self.image_node is not None else None

    @cached_property
    def known(self) -> KnownImage | None:
        """What is known about the image; None for images of one's own and for built ones."""
        if self.image is None or self.build is not None:
            return None
        return known_image(self.image)

    @cached_property
    def build(self) -> Build | None:
        """How the image is built; None when it is only pulled."""
        return build_of(self.file, self.at("build"))

    @cached_property
    def ports(self) -> tuple[PortMapping, ...]:
        """The published ports."""
        return tuple(port for node in self._all("ports") for port in ports_of(node))

    @cached_property
    def exposed_ports(self) -> tuple[PortRange, ...]:
        """The ports of `expose`, reachable by other services only."""
        items = (item for node in self._all("expose") for item in scalars_of(node))
        ranges = (range_of(settled(item.text).partition("/")[0]) for item in items)
        return tuple(found for found in ranges if found is not None)

    @cached_property
    def environment(self) -> tuple[EnvVariable, ...]:
        """The variables of `environment`, each name once, own ones first."""
        found: dict[str, EnvVariable] = {}
        for node in self._all("environment"):
            own = {variable.name: variable for variable in variables_of(self.file, node)}
            found = {**own, **found}
        return tuple(found.values())

    def variable(self, name: str) -> EnvVariable | None:
        """Return the environment variable called `name`."""
        return next((one for one in self.environment if one.name == name), None)

    @cached_property
    def env_files(self) -> tuple[EnvFileUse, ...]:
        """The files of `env_file`."""
        return tuple(use for node in self._all("env_file") for use in env_files_of(self.file, node))

    @cached_property
    def depends_on(self) -> tuple[Dependency, ...]:
        """The services that are started before this one."""
        return tuple(one for service in self.lineage for one in service.own_depends_on)

    @cached_property
    def own_depends_on(self) -> tuple[Dependency, ...]:
        """The services that are started before this one, those it inherits left out."""
        return tuple(dependencies_of(self.node.at("depends_on")))

    @cached_property
    def uses(self) -> tuple[Use, ...]:
        """The services, networks, volumes, secrets and configs it names itself."""
        return tuple(uses_of(self))

    @property
    def is_run_once(self) -> bool:
        """Whether it comes to an end by itself.

        Another one waits for that, it is never restarted, or its program is one that ends.
        """
        if (
            self.restart in ("no", "on-failure")
            or self.text_at("deploy", "restart_policy", "condition") == "none"
        ):
            return True
        first = self.entrypoint or self.command
        if first is not None and first.words and first.words[0].rpartition("/")[2] in _COMING_TO_AN_END:
            return True
        waiting = self.compose.dependants.get(self.name, ())
        return any(one.condition == "service_completed_successfully" for _, one in waiting)

    @cached_property
    def healthcheck(self) -> ComposeHealthcheck | None:
        """The health check; a disabled one is returned too."""
        for service in self.lineage:
            key, node = service.node.key_at("healthcheck"), service.node.at("healthcheck")
            if isinstance(node, Mapping):
                return ComposeHealthcheck(key or service.key, node)
        return None

    @property
    def restart(self) -> str | None:
        """The `restart` policy, variables replaced by their defaults."""
        text = self.text_at("restart")
        return settled(text) if text is not None else None

    @cached_property
    def deploy(self) -> Mapping | None:
        """The `deploy` mapping."""
        node = self.at("deploy")
        return node if isinstance(node, Mapping) else None

    @property
    def replicas(self) -> int | None:
        """How many containers are asked for; None when nothing is said or a variable decides it."""
        text = self.text_at("deploy", "replicas") or self.text_at("scale")
        value = settled(text) if text is not None else ""
        return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None

    @property
    def memory_limit(self) -> str | None:
        """The memory limit as written."""
        return self.text_at("deploy", "resources", "limits", "memory") or self.text_at("mem_limit")

    @property
    def cpu_limit(self) -> str | None:
        """The CPU limit as written."""
        return self.text_at("deploy", "resources", "limits", "cpus") or self.text_at("cpus")

    @property
    def stop_grace_period(self) -> float | None:
        """Seconds from the stop signal to the kill, 10 by default; None when a variable decides it."""
        text = self.text_at("stop_grace_period")
        return 10.0 if text is None else seconds_of(settled(text))

    @cached_property
    def command(self) -> Command | None:
        """What replaces the image's CMD."""
        return command_of(self.at("command"))

    @cached_property
    def entrypoint(self) -> Command | None:
        """What replaces the image's ENTRYPOINT."""
        return command_of(self.at("entrypoint"))

    @cached_property
    def mounts(self) -> tuple[Mount, ...]:
        """The items of `volumes`."""
        return tuple(mount for service in self.lineage for mount in service.own_mounts)

    @cached_property
    def own_mounts(self) -> tuple[Mount, ...]:
        """The items of `volumes`, those it inherits left out."""
        return tuple(mounts_of(self.file, self.node.at("volumes")))

    @cached_property
    def mounts_source(self) -> bool:
        """Whether it runs a built image with a directory of the project mounted into it."""
        if self.build is None:
            return False
        binds = (mount for mount in self.mounts if mount.kind is MountKind.BIND)
        return any(mount.path is not None and not mount.is_read_only for mount in binds)

    @cached_property
    def networks(self) -> tuple[Scalar, ...]:
        """The names of the networks it joins."""
        return tuple(name for node in self._all("networks") for name in names_of(node))

    @cached_property
    def profiles(self) -> tuple[str, ...]:
        """The profiles that start it; empty when it is always started."""
        return tuple(item.text for node in self._all("profiles") for item in scalars_of(node))

    def graph_keys(self) -> Iterable[str]:
        """Return `image:` with the repository, and `builds:` with the Dockerfile's path."""
        image = self.image
        if image is not None and not image.is_dynamic:
            yield f"image:{image.repository}"
        if self.build is not None and self.build.dockerfile is not None:
            yield f"builds:{self.build.dockerfile}"

    def _all(self, key: str) -> Iterator[Node]:
        """Yield the values of `key` in the lineage, nearest first: Compose adds lists up."""
        for service in self.lineage:
            node = service.node.at(key)
            if node is not None:
                yield node
