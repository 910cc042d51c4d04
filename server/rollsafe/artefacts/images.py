"""Names of container images, wherever they are written: Compose, Dockerfile, manifest, workflow."""

import re
from collections.abc import Iterable
from typing import Final

from rollsafe.text import Span
from rollsafe.text.patterns import lazily
from rollsafe.text.records import record
from rollsafe.text.tuples import NamedTuple

DOCKER_HUB: Final = "docker.io"
"""The registry of images that name none."""

_DYNAMIC = lazily(r"\$\{|\$\(|\$\w|\{\{|<[^<>]*>")
_PLACEHOLDER = lazily(
    r"""\$\{\{[^{}]*\}\}          # ${{ github.sha }}
      | \$\{(?:[^{}]|\{[^{}]*\})*+\}  # ${TAG:-${OTHER}}
      | \$\([^()]*\)               # $(TAG)
      | \{\{[^{}]*\}\}             # {{ .Values.tag }}
      | \$\w+                      # $TAG
      | <[^<>]*>                   # <tag>
    """,
    re.X,
)
_SCHEME = lazily(r"[a-z][a-z+-]*://")
_FILLER: Final = "\0"
_LONGEST: Final = 4096
"""Registries accept far shorter names; in longer ones placeholders are not looked for."""

_MOVING_TAGS: Final = frozenset(
    (
        *("latest", "stable", "edge", "lts", "current", "rolling", "next", "canary", "nightly"),
        *("snapshot", "unstable", "head", "trunk", "main", "master"),
        *("dev", "devel", "develop", "development"),
        *("alpine", "slim", "fpm", "perl", "management"),
    )
)
"""Tags moved to another image by design: `latest`, its relatives, branches, variants without a version."""

_TO_BE_SET: Final = frozenset(
    (
        *("changeme", "change-me", "does-not-exist", "invalid", "missing", "no-image", "non-existent"),
        *("non-existing", "none", "nonexistent", "override-me", "placeholder", "replace-me", "replaceme"),
        *("to-be-replaced", "undefined", "unset"),
    )
)
"""Names that stand where the build has to say which image: a pull of them fails on purpose."""

_MOVING_VARIANT = lazily(
    r"(?:latest|stable|edge|nightly)-(?:alpine|slim|debian|ubuntu|distroless|bookworm|bullseye|trixie"
    r"|full|perl|fpm|cpu|gpu|amd64|arm64|rootless|management)\Z"
)


_TAG = lazily(r"\w[\w.-]{0,127}\Z", re.A)
_ODD_TAG = lazily(r"[\w.+~^=-]+\Z", re.A)
"""A version of another packager in the place of a tag; what else cannot be one is filled in later."""
_DIGEST = lazily(r"(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}|(?!sha)[a-z0-9+._-]+:[0-9a-f]{32,})\Z")
_MEANT_AS_DIGEST = lazily(r"sha(?:256|512):[0-9A-Za-z]+\Z")
_MEANT_AS_TAG = lazily(r"v?\d[\w.-]*\Z", re.A)
_MIXED_CASE = lazily(r"(?=[^/]*[A-Z])(?=[^/]*[a-z])[A-Za-z0-9._-]+\Z")
_STANDS_FOR = lazily(r"your|my[A-Z_-]|name|image|repo|org\Z|user|replace|change|example", re.I)
_WEB = lazily(r"https?://", re.I)


class ImageFault(NamedTuple):
    """Why no runtime takes an image's name, in words, and the name that was meant where that is plain."""

    reason: str
    meant: str | None = None


@record
class ImageReference:
    """An image name taken apart: `registry/repository:tag@digest`.

    `repository` is the path without the registry, as written. Parts that variables or template tags
    decide keep them in their text; `raw` is the whole name as written.
    """

    registry: str | None
    repository: str
    tag: str | None
    digest: str | None
    raw: str

    @property
    def name(self) -> str:
        """The last part of the repository, such as `postgres` of `docker.io/library/postgres:15`."""
        return self.repository.rpartition("/")[2]

    @property
    def path(self) -> str:
        """The repository as Docker Hub knows it: its prefix for official images left out."""
        return self.repository.removeprefix("library/")

    @property
    def is_scratch(self) -> bool:
        """Whether this is the empty base image."""
        return self.raw == "scratch"

    @property
    def is_dynamic(self) -> bool:
        """Whether a variable, a template tag or a `<placeholder>` decides any part of the name."""
        return _is_dynamic(self.raw)

    @property
    def has_dynamic_version(self) -> bool:
        """Whether it cannot be told which version is meant, or whether one is named at all."""
        if self.digest is not None:
            return _is_dynamic(self.digest)
        if self.tag is not None:
            return _is_dynamic(self.tag)
        return _is_dynamic(self.name)

    @property
    def is_pinned(self) -> bool:
        """Whether a digest fixes the content."""
        return self.digest is not None and not _is_dynamic(self.digest)

    @property
    def is_untagged(self) -> bool:
        """Whether it surely names neither tag nor digest, which means `latest`."""
        return self.tag is None and self.digest is None and not self._names_no_image

    @property
    def has_moving_tag(self) -> bool:
        """Whether the tag is one that is moved by design and no digest holds it in place."""
        if self.tag is None or self.digest is not None or not self.repository:
            return False
        return self.tag in _MOVING_TAGS or _MOVING_VARIANT.match(self.tag) is not None

    @property
    def is_floating(self) -> bool:
        """Whether the same name surely gives another image later: untagged, or a moving tag."""
        return self.is_untagged or self.has_moving_tag

    @property
    def fault(self) -> ImageFault | None:
        """Why no runtime takes the name; None for a good one, and for one that something fills in."""
        raw = self.raw
        if self.is_dynamic or len(raw) > _LONGEST or not raw.strip():
            return None
        if _WEB.match(raw) is not None:
            return ImageFault("it begins like an address of the web", raw[raw.index("//") + 2 :])
        if raw.strip() != raw:
            return ImageFault("it has blanks around it", raw.strip())
        if _SCHEME.match(raw) is not None:
            return None
        return self._digest_fault() or self._tag_fault() or self._case_fault()

    def _digest_fault(self) -> ImageFault | None:
        digest = self.digest
        if digest is None or _DIGEST.match(digest) is not None:
            return None
        if _MEANT_AS_TAG.match(digest) is not None and self.tag is None:
            return ImageFault(
                f"`@` comes before a digest, not before `{digest[:40]}`", self.raw.replace("@", ":")
            )
        if _MEANT_AS_DIGEST.match(digest) is None:
            return None
        size = len(digest.partition(":")[2])
        whole = 128 if digest.startswith("sha512") else 64
        if size != whole:
            return ImageFault(f"its digest has {size} digits, and a whole one {whole}")
        return ImageFault("its digest holds more than `0` to `9` and `a` to `f`")

    def _tag_fault(self) -> ImageFault | None:
        tag = self.tag
        if tag is None or _TAG.match(tag) is not None or _ODD_TAG.match(tag) is None:
            return None
        return ImageFault(f"a tag is up to 128 letters, digits and `_.-`, not `{tag[:60]}`")

    def _case_fault(self) -> ImageFault | None:
        """Only below a registry that is one: another first part with capitals is taken for a host."""
        registry = self.registry
        if registry is None or "." not in registry or registry.lower() != registry:
            return None
        parts = [part for part in self.repository.split("/") if part != part.lower()]
        if not parts or not all(_MIXED_CASE.match(part) and not _STANDS_FOR.search(part) for part in parts):
            return None
        return ImageFault(f"a repository has no capitals: `{parts[0]}`", self._in_lower_case())

    def _in_lower_case(self) -> str:
        return self.raw.replace(self.repository, self.repository.lower(), 1)

    @property
    def major_version(self) -> int | None:
        """The number the tag begins with, such as 15 of `15.4-alpine`; None without one."""
        digits = re.match(r"v?(\d{1,6})(?![\w])", self.tag or "")
        return int(digits[1]) if digits else None

    @property
    def _names_no_image(self) -> bool:
        # No repository has capitals: something puts a name in such a place before it is used.
        is_filled_in = self.repository != self.repository.lower() or self.repository in _TO_BE_SET
        return self.is_scratch or not self.repository or is_filled_in or _is_dynamic(self.name)


def parse_image(text: str) -> ImageReference:
    """Take an image name apart; a `docker://` scheme is left out. Never raises."""
    scheme = _SCHEME.match(text)
    name = text[scheme.end() :] if scheme else text
    # Colons and slashes inside placeholders separate nothing, so they are hidden while splitting.
    hides = len(name) <= _LONGEST and _is_dynamic(name)
    hidden = _PLACEHOLDER.sub(_hide, name) if hides else name
    path, digest = _split(hidden, hidden.find("@"))
    after_slash = hidden.rfind("/", 0, path.end) + 1
    path, tag = _split(hidden[: path.end], hidden.find(":", after_slash, path.end))
    registry = _registry_end(hidden[: path.end])
    return ImageReference(
        registry=name[:registry] if registry >= 0 else None,
        repository=name[registry + 1 : path.end],
        tag=name[tag.start : tag.end] if tag else None,
        digest=name[digest.start : digest.end] if digest else None,
        raw=text,
    )


def is_from(image: ImageReference, registries: Iterable[str]) -> bool:
    """Say whether an image is, or may be, of one of these registries; one that names none is of `docker.io`.

    An entry may go on with the beginning of a path, and `*` in it stands for any text. Where a variable
    decides the registry, nobody knows.
    """
    registry = image.registry or ("" if _is_dynamic(image.repository.partition("/")[0]) else DOCKER_HUB)
    if not registry or image.is_scratch or _is_dynamic(registry):
        return True
    return any(_begins_with(f"{registry}/{image.repository}", one) for one in registries)


def _begins_with(name: str, pattern: str) -> bool:
    from fnmatch import fnmatchcase  # few projects list their registries

    parts = pattern.strip("/").split("/")
    beginning = "/".join(name.split("/")[: len(parts)])
    return fnmatchcase(beginning, "/".join(parts))


def _is_dynamic(text: str) -> bool:
    return _DYNAMIC.search(text) is not None


def _hide(match: re.Match[str]) -> str:
    return _FILLER * len(match[0])


def _split(text: str, at: int) -> tuple[Span, Span | None]:
    """Return what is before and after the separator at `at`; no second part when there is none."""
    if at < 0:
        return Span(0, len(text)), None
    return Span(0, at), Span(at + 1, len(text)) if at + 1 < len(text) else None


def _registry_end(path: str) -> int:
    """Return where the registry ends, or -1: it has a dot or a port, or is `localhost`."""
    slash = path.find("/")
    first = path[: max(slash, 0)]
    if first == "localhost" or "." in first or ":" in first:
        return slash
    # A first part that is nothing but placeholders is a registry where more than a name follows.
    return slash if first and not first.strip(_FILLER) else -1
