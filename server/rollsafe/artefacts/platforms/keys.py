"""The keys that platforms know, and those in a file that are a slip of one of them.

The lists are facts of each platform's reference. Platforms add keys, so that a key which is in no list is
wrong only where it all but is one of the list.
"""

from collections.abc import Iterator
from typing import Final, TypeAlias

from rollsafe.artefacts.platforms.fly import FlyApp
from rollsafe.artefacts.platforms.railway import RailwayService
from rollsafe.artefacts.platforms.render import RenderService
from rollsafe.artefacts.platforms.service import PlatformService
from rollsafe.artefacts.platforms.vercel import VercelProject
from rollsafe.formats.nodes import Entry, Mapping
from rollsafe.text.tuples import NamedTuple

_Keys: TypeAlias = dict[tuple[str, ...], frozenset[str]]
_ALIKE: Final = 0.87
"""How much of two keys has to be the same, of 1, for one to be a slip of the other."""
_SHORTEST: Final = 4


class Slip(NamedTuple):
    """A key that is not known, and the known one it all but is."""

    entry: Entry
    meant: str


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FLY: Final[_Keys] = {
    (): _words(
        "app primary_region kill_signal kill_timeout swap_size_mb console_command "
        "host_dedication_key experimental build deploy env http_service services processes mounts "
        "vm restart statics files metrics checks machine_checks"
    ),
    ("deploy",): _words(
        "release_command release_command_vm release_command_timeout strategy max_unavailable "
        "wait_timeout seed_command"
    ),
    ("http_service",): _words(
        "processes internal_port force_https auto_stop_machines auto_start_machines "
        "min_machines_running concurrency tls_options http_options checks machine_checks"
    ),
}
_RENDER: Final[_Keys] = {
    (): _words(
        "type name runtime env plan region branch repo rootDir buildCommand startCommand "
        "preDeployCommand healthCheckPath numInstances scaling autoDeploy autoDeployTrigger "
        "buildFilter domains domain envVars disk dockerfilePath dockerContext dockerCommand "
        "registryCredential image schedule initialDeployHook maxShutdownDelaySeconds previews "
        "pullRequestPreviewsEnabled staticPublishPath headers routes ipAllowList maxmemoryPolicy "
        "renderSubdomainPolicy previewPlan maintenanceMode"
    )
}
_RAILWAY: Final[_Keys] = {
    ("deploy",): _words(
        "startCommand preDeployCommand healthcheckPath healthcheckTimeout restartPolicyType "
        "restartPolicyMaxRetries cronSchedule numReplicas region multiRegionConfig sleepApplication "
        "runtime limitOverride overlapSeconds drainingSeconds requiredMountPath registryCredentials "
        "useLegacyStacker ipv6EgressEnabled"
    ),
    ("build",): _words(
        "builder buildCommand watchPatterns dockerfilePath nixpacksPlan nixpacksConfigPath "
        "nixpacksVersion railpackVersion buildEnvironment"
    ),
}
_VERCEL: Final[_Keys] = {
    (): _words(
        "$schema alias build builds buildCommand bunVersion cleanUrls crons devCommand env fluid "
        "framework functions github headers ignoreCommand images installCommand name "
        "outputDirectory public redirects regions rewrites routes scope trailingSlash version git "
        "functionFailoverRegions passiveRegions customErrorPage relatedProjects probes services "
        "experimentalServices bulkRedirectsPath wildcard"
    )
}
_KNOWN: Final[dict[type[PlatformService], _Keys]] = {
    FlyApp: _FLY,
    RenderService: _RENDER,
    RailwayService: _RAILWAY,
    VercelProject: _VERCEL,
}


def slips_in(service: PlatformService) -> Iterator[Slip]:
    """Yield the keys of a service that are not known and all but known."""
    for path, known in _KNOWN.get(type(service), {}).items():
        holder = service.node.at(*path)
        if not isinstance(holder, Mapping):
            continue
        for entry in holder.entries:
            meant = None if entry.name in known else _meant(entry.name, known - set(holder.keys()))
            if meant is not None:
                yield Slip(entry, meant)


def _meant(name: str, known: frozenset[str]) -> str | None:
    if len(name) < _SHORTEST:
        return None
    from difflib import SequenceMatcher  # only unknown keys need it

    for one in sorted(known):
        if _folded(one) == _folded(name):
            return one
    alike = [(SequenceMatcher(None, name, one).ratio(), one) for one in sorted(known)]
    ratio, best = max(alike, default=(0.0, ""))
    return best if ratio >= _ALIKE else None


def _folded(name: str) -> str:
    return name.replace("_", "").replace("-", "").casefold()
