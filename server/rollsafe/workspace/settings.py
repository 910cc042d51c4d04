"""`rollsafe.toml` and `[tool.rollsafe]`: validated settings with positions in messages.

Most runs meet no settings file, and most files are as they have to be, so what reads one is imported when
there is one, and what tells its faults when it has some.
"""

from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeVar, cast, get_type_hints

from rollsafe.text.records import field, open_record
from rollsafe.workspace.settings_values import UnfitError, section

if TYPE_CHECKING:
    import msgspec

Section = TypeVar("Section")
LevelName = Literal["regular", "pedantic", "auditor"]
SeverityName = Literal["error", "warning", "info", "hint", "off"]
AgentSource = Literal["rollsafe", "claude", "copilot", "cursor", "opencode"]
Dialect = Literal["postgres", "mysql", "sqlite"]
HazardName = Literal[
    "data-loss", "lock", "breaking-change", "missing-key", "no-way-back", "outage", "mutable-image",
    "no-probe", "late-discovery", "missing-gate", "size",
]  # fmt: skip
TimeoutName = Literal["lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"]
_PATTERNS: Final = {
    "postgres_version": r"^(9\.[0-9]+|1[0-9])(\.[0-9]+)*$",
    "version": r"^(1\.[0-9]{1,2}(\.[0-9]+)*)?$",
}


class ConfigurationError(Exception):
    """A configuration file that cannot be used; the text is one line that names the place."""


@open_record
class MigrationSettings:
    """How migrations are run, where the files do not say it."""

    dialect: Dialect = "postgres"
    """Which database the SQL is for."""
    postgres_version: str = "15"
    """The server's version; lock and rewrite facts depend on it."""
    assume_in_transaction: bool | None = None
    """Whether a runner that is not recognised wraps a file in a transaction."""
    large_tables: tuple[str, ...] = ()
    """Tables, or patterns such as `audit_*`, of which a scan or rewrite is an error."""
    small_tables: tuple[str, ...] = ()
    """Tables, or patterns, of few rows: a scan or rewrite of them is a hint."""
    timeouts: tuple[TimeoutName, ...] = ()
    """Timeouts the runner sets before every migration, so that files need not."""


@open_record
class KubernetesSettings:
    """What the clusters are."""

    version: str = ""
    """The clusters' version, such as `1.31`: fields and APIs it does not have are reported."""

    @property
    def minor(self) -> int | None:
        """The second part of the version; None when it is not said."""
        return int(self.version.split(".")[1]) if self.version else None


@open_record
class ImageSettings:
    """Where images come from."""

    registries: tuple[str, ...] = ()
    """Registries images may come from, such as `ghcr.io/acme` or `*.acme.example`; empty means any."""


@open_record
class PlanSettings:
    """What plans are made for."""

    environment: str = "production"
    """The environment a plan is made for when none is named."""
    weights: dict[HazardName, int] = field(default_factory=dict[HazardName, int])
    """Another severity, 1 to 5, for a kind of risk such as `lock`."""


@open_record
class ReviewPermission:
    """What the project says about reviews by a model."""

    allowed: bool = True
    """Whether a model may be shown files of this project; `true` switches nothing on, only a user does."""


@open_record
class AgentSettings:
    """Where agents beside the built-in ones come from."""

    sources: tuple[AgentSource, ...] = ()
    """Tools whose agent files in this project count as agents too, once a user trusts it; none by default."""


@open_record
class Settings:
    """Everything a project can set. Unknown keys are errors: a misspelt key would do nothing."""

    root: bool = False
    """Whether this directory is a workspace of its own, isolated from its parents."""
    level: LevelName = "regular"
    """Which opt-in rules run: everybody's, hygiene too, or an auditor's."""
    select: tuple[str, ...] = ()
    """Run only these rules, families or agents; empty means all."""
    extend_select: tuple[str, ...] = ()
    """Run these as well: rules that are off by default, or more than `select` names."""
    ignore: tuple[str, ...] = ()
    """Rules, families or agents that do not run."""
    exclude: tuple[str, ...] = ()
    """Paths to leave out, as in a .gitignore."""
    severity: dict[str, SeverityName] = field(default_factory=dict[str, SeverityName])
    """Another severity per rule, or `off`."""
    migrations: MigrationSettings = MigrationSettings()
    kubernetes: KubernetesSettings = KubernetesSettings()
    images: ImageSettings = ImageSettings()
    plan: PlanSettings = PlanSettings()
    ai: ReviewPermission = ReviewPermission()
    agents: AgentSettings = AgentSettings()


def parse_settings(text: str, path: str) -> Settings:
    """Read a `rollsafe.toml`, or the `[tool.rollsafe]` table of a `pyproject.toml`.

    Raises:
        ConfigurationError: not TOML, an unknown key or a wrong value; the message names path, line and key.
    """
    import tomllib

    try:
        data: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path}: not valid TOML: {error}") from None
    if path.endswith("pyproject.toml"):
        data = data.get("tool", {}).get("rollsafe", {})
    return checked(Settings, data, text, path)


def checked(cls: type[Section], data: dict[str, Any], text: str, path: str) -> Section:
    """Return `data`, read from `text`, as the settings class `cls`.

    Raises:
        ConfigurationError: an unknown key or a wrong value.
    """
    try:
        return section(cls, data, _PATTERNS)
    except UnfitError:
        pass
    import msgspec

    try:
        found: msgspec.Struct = msgspec.convert(data, _struct(cast("type", cls)))
        return _typed(cls, found)
    except msgspec.ValidationError as error:
        raise ConfigurationError(_located(text, path, str(error))) from None


@cache
def _struct(cls: type) -> "type[msgspec.Struct]":
    """Return the form of a settings class in a file: kebab-case keys, unknown ones refused."""
    from dataclasses import fields, is_dataclass

    import msgspec

    hints = get_type_hints(cls)
    keys: list[tuple[str, Any, Any]] = []
    for one in fields(cast("Any", cls)):
        kind: Any = hints[one.name]
        if one.name in _PATTERNS:
            kind = Annotated[str, msgspec.Meta(pattern=_PATTERNS[one.name])]
        if is_dataclass(kind):
            table = _struct(cast("type", kind))
            keys.append((one.name, table, table()))
        elif one.name in ("severity", "weights"):
            keys.append((one.name, kind, {}))
        else:
            keys.append((one.name, kind, one.default))
    return msgspec.defstruct(
        cls.__name__,
        keys,
        namespace={"__doc__": cls.__doc__},
        frozen=True,
        forbid_unknown_fields=True,
        rename="kebab",
    )


def _typed(cls: type[Section], found: "msgspec.Struct") -> Section:
    """Return what was found as `cls`, tables as the classes of their own."""
    from dataclasses import fields, is_dataclass

    hints = get_type_hints(cls)
    values = {
        one.name: _typed(hints[one.name], value) if is_dataclass(hints[one.name]) else value
        for one in fields(cast("Any", cls))
        for value in (getattr(found, one.name),)
    }
    return cls(**values)


def _located(text: str, path: str, message: str) -> str:
    """Return msgspec's message as one line with the 1-based line of the key it is about."""
    what, _, where = message.replace("[...]", "").partition(" - at `$")
    keys = [part for part in where.rstrip("`").split(".") if part]
    if "unknown field" in what:
        keys.append(what.rpartition("`")[0].rpartition("`")[2])
        what = f"unknown key `{keys[-1]}`"
    line = _line_of_key(text, keys)
    place = f"{path}:{line}" if line else path
    inside = ".".join(keys)
    return f"{place}: {what}" + (f" (in `{inside}`)" if inside and f"`{inside}`" not in what else "")


def _line_of_key(text: str, keys: list[str]) -> int | None:
    """Return the line of the last of `keys` that is written in the file, else of its table."""
    table = ""
    best: int | None = None
    names = [key.partition("[")[0] for key in keys]
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if stripped.startswith("["):
            table = stripped.strip("[] ").removeprefix("tool.rollsafe").lstrip(".")
            best = number if names and table == ".".join(names) else best
        elif names and table == ".".join(names[:-1]) and _key(stripped) == names[-1]:
            return number
    return best


def _key(line: str) -> str:
    return line.partition("=")[0].strip().strip('"')


def settings_schema() -> dict[str, Any]:
    """Return the JSON Schema of `rollsafe.toml`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "rollsafe.toml",
        **schema_of(Settings),
    }


def schema_of(cls: type) -> dict[str, Any]:
    """Return the JSON Schema of a settings class."""
    import msgspec

    return msgspec.json.schema(_struct(cls))
