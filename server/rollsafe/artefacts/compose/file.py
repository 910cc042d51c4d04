"""A Compose file as a whole."""

import re
from collections.abc import Iterable
from itertools import islice
from typing import Final

from rollsafe.artefacts.compose.service import ComposeElement, ComposeService
from rollsafe.artefacts.compose.values import entries_of, with_defaults
from rollsafe.artefacts.compose.variables import ComposeVariable, find_variables
from rollsafe.artefacts.compose.wiring import Dependency
from rollsafe.artefacts.paths import project_path
from rollsafe.artefacts.purposes import is_development_path
from rollsafe.artefacts.shapes import Dialect, Fault, compose_table, faults_in
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Entry, Mapping, Scalar, Sequence, Tree, resolve
from rollsafe.formats.problems import Problem
from rollsafe.text import Span
from rollsafe.text.cached import cached_property
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

MAX_SERVICES: Final = 500


def _has_variable(text: str) -> bool:
    return "$" in text


DIALECT: Final = Dialect(frozenset({"true", "True", "TRUE", "false", "False", "FALSE"}), _has_variable, "x-")
"""Compose reads YAML 1.2 and fills in variables before it compares values with the specification."""
_CLEAN: Final[dict[str, None]] = {}
_MAX_CLEAN: Final = 2_000
"""Services whose source text has no fault: after an edit all but one service of a file are the same."""
_OVERRIDE = lazily(r"(?:^|[._-])override(?:[._-]|\.ya?ml$)", re.I)
_PASSWORDS = ("PASSWORD", "PASSWD", "SECRET")
_DEVELOPMENT_PASSWORD = lazily(r"(?:local[-_]?)?dev(?:elopment)?[-_]?(?:pass(?:word)?|secret|pw)", re.I)
_DEVELOPMENT_COMMAND = lazily(
    r"--(?:reload|watch|hot)\b|\bnodemon\b|\brunserver\b|\bhupper\b|\b(?:npm|yarn|pnpm|bun)(?: run)? dev\b"
    r"|\bstart:dev\b|\bflask\b.*--debug\b|\bair\b|\bnext dev\b"
)
_DEVELOPMENT_VARIABLES: Final = frozenset(
    {"NODE_ENV", "RAILS_ENV", "RACK_ENV", "FLASK_ENV", "APP_ENV", "ASPNETCORE_ENVIRONMENT", "MIX_ENV"}
)
_DEVELOPMENT_WORDS: Final = frozenset({"dev", "development", "local", "test"})


class Include(NamedTuple):
    """A file named by `include`; `path` is None outside of the project or behind a variable."""

    path: str | None
    node: Scalar


class ComposeFile(ComposeElement):
    """A file with `services`. `root` is the top-level mapping.

    Services beyond `MAX_SERVICES` are left out, and a fatal problem says so.
    """

    def __init__(self, file: SourceFile, tree: Tree, root: Mapping) -> None:
        super().__init__(file, root.start, root.end)
        self.tree = tree
        self.root = root
        self.services: dict[str, ComposeService] = {
            entry.name: ComposeService(self, entry, entry.key)
            for entry in islice(entries_of(root.at("services")), MAX_SERVICES)
            if isinstance(entry.key, Scalar)
        }
        found, malformed = find_variables(self)
        self.variables: tuple[ComposeVariable, ...] = tuple(found)
        self.malformed_variables: tuple[Span, ...] = tuple(malformed)

    def __repr__(self) -> str:
        return f"ComposeFile({self.file.path!r})"

    @property
    def problems(self) -> list[Problem]:
        """What could not be read of the file."""
        services = self.root.map_at("services")
        if services is None or len(services.entries) <= MAX_SERVICES:
            return self.tree.problems
        at = services.entries[MAX_SERVICES].start
        return [*self.tree.problems, Problem(at, at, f"more than {MAX_SERVICES} services", fatal=True)]

    def service(self, name: str) -> ComposeService | None:
        """Return the service called `name`."""
        return self.services.get(name)

    @cached_property
    def dependants(self) -> dict[str, list[tuple[ComposeService, Dependency]]]:
        """Who is started after a service, by its name, in the order of the file."""
        found: dict[str, list[tuple[ComposeService, Dependency]]] = {}
        for service in self.services.values():
            for dependency in service.depends_on:
                found.setdefault(dependency.service, []).append((service, dependency))
        return found

    @cached_property
    def project_name(self) -> str | None:
        """The top-level `name`."""
        return self.root.text_at("name")

    @property
    def version_key(self) -> Scalar | None:
        """The key of the obsolete top-level `version`."""
        return self.root.key_at("version")

    def declared(self, section: str) -> Iterable[str]:
        """Return the names declared under a top-level key such as `volumes`."""
        match section:
            case "services":
                return self.services
            case "networks":
                return self.networks
            case "volumes":
                return self.volumes
            case "secrets":
                return self.secrets
            case _:
                return self.configs

    @cached_property
    def networks(self) -> dict[str, Entry]:
        """The declared networks."""
        return self._declared("networks")

    @cached_property
    def volumes(self) -> dict[str, Entry]:
        """The declared volumes."""
        return self._declared("volumes")

    @cached_property
    def secrets(self) -> dict[str, Entry]:
        """The declared secrets."""
        return self._declared("secrets")

    @cached_property
    def configs(self) -> dict[str, Entry]:
        """The declared configs."""
        return self._declared("configs")

    @cached_property
    def includes(self) -> tuple[Include, ...]:
        """The files of `include`."""
        found: list[Include] = []
        for item in self.root.items_at("include"):
            path = item.at("path") if isinstance(item, Mapping) else item
            paths = path.items if isinstance(path, Sequence) else [path]
            found += (self._include(one) for one in map(resolve, paths) if isinstance(one, Scalar))
        return tuple(found)

    @cached_property
    def faults(self) -> list[Fault]:
        """What is against the Compose specification."""
        if self.tree.templated:
            return []
        texts = {name: self.file.text[one.start : one.end] for name, one in self.services.items()}
        known = frozenset(id(self.services[name].node) for name, text in texts.items() if text in _CLEAN)
        faults = faults_in(self.root, compose_table().shape("file"), DIALECT, known)
        if len(_CLEAN) >= _MAX_CLEAN:
            _CLEAN.clear()
        at_fault = {fault.path[1] for fault in faults if fault.path[:1] == ("services",) and fault.path[1:]}
        # An alias may stand for something outside of the service's own text.
        _CLEAN.update(
            (text, None) for name, text in texts.items() if name not in at_fault and "*" not in text
        )
        return faults

    @property
    def is_override(self) -> bool:
        """Whether it is laid over another file: by its name, or because no service is complete."""
        if _OVERRIDE.search(self.file.name) is not None:
            return True
        return bool(self.services) and all(one.is_fragment for one in self.services.values())

    @cached_property
    def is_development(self) -> bool:
        """Whether it is for development, tests or examples and ships nowhere.

        Said by the path alone (`docker-compose.dev.yml`, `tests/e2e/compose.yaml`; not where it also
        says `prod`), else by one service that mounts its source and also runs a development server,
        sets a development environment or builds a target of that name. A mounted source alone is not
        enough.
        """
        if is_development_path(self.file.path):
            return True
        return any(_is_developed(one) for one in self.services.values() if one.mounts_source)

    def graph_keys(self) -> Iterable[str]:
        """Return `path:` with the file's path."""
        return (f"path:{self.file.path}",)

    def _declared(self, key: str) -> dict[str, Entry]:
        return {entry.name: entry for entry in entries_of(self.root.at(key))}

    def _include(self, node: Scalar) -> Include:
        return Include(project_path(self.file.directory, with_defaults(node.text) or ""), node)


def _is_developed(service: ComposeService) -> bool:
    commands = [one.text for one in (service.command, service.entrypoint) if one is not None]
    if any(_DEVELOPMENT_COMMAND.search(text[:4096]) for text in commands):
        return True
    build = service.build
    if build is not None and (build.target or "").lower() in _DEVELOPMENT_WORDS:
        return True
    return any(
        variable.name in _DEVELOPMENT_VARIABLES
        and (with_defaults(variable.value or "") or "").lower() in _DEVELOPMENT_WORDS
        for variable in service.environment
    )
