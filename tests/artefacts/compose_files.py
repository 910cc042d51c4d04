"""Reading Compose files in tests."""

from rollsafe.artefacts.compose import ComposeFile, ComposeService, recognise
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.yaml import read_yaml


def compose(text: str, path: str = "compose.yaml") -> ComposeFile:
    artefact = recognise(SourceFile(path, text), read_yaml(text))
    assert artefact is not None
    return artefact.compose


def service(body: str, path: str = "compose.yaml", name: str = "web") -> ComposeService:
    """Return the service `name` of a file with one service `web` of this body."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    found = compose(f"services:\n  web:\n{lines}", path).service(name)
    assert found is not None
    return found


def ask_everything(read: ComposeFile) -> None:
    _ = (read.networks, read.volumes, read.secrets, read.configs, read.includes, read.is_override)
    _ = (read.is_development, read.project_name, read.version_key, list(read.graph_keys()))
    for one in read.services.values():
        _ = (one.image, one.written_image, one.known, one.build, one.ports, one.exposed_ports, one.deploy)
        _ = (one.environment, one.env_files, one.depends_on, one.healthcheck, one.restart, one.replicas)
        _ = (one.command, one.entrypoint, one.mounts, one.networks, one.profiles, list(one.graph_keys()))
        _ = (one.memory_limit, one.cpu_limit, one.stop_grace_period, one.lacks("a"), one.mounts_source)
        if one.healthcheck is not None:
            _ = (one.healthcheck.test, one.healthcheck.interval, one.healthcheck.retries)
            _ = (one.healthcheck.is_disabled, one.healthcheck.command)
