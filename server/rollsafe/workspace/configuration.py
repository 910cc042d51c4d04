"""Where pods get their configuration from: ConfigMaps, Secrets and what generates them."""

from rollsafe.artefacts.kubernetes import ConfigMap, Kustomization, Reference, Workload
from rollsafe.artefacts.kubernetes.kustomization import Generator
from rollsafe.artefacts.source import SourceFile
from rollsafe.text import Located
from rollsafe.text.records import open_record
from rollsafe.workspace.graph import Graph


@open_record
class ConfigSource:
    """Something that makes a ConfigMap or Secret; `names` are the keys that are written out."""

    file: SourceFile
    where: Located
    names: frozenset[str]
    is_complete: bool

    def surely_lacks(self, key: str) -> bool:
        """Say whether the object is certain not to have `key`."""
        return self.is_complete and key not in self.names


def _are_known(made: ConfigMap) -> bool:
    """Say whether all keys are written; what a chart makes without any is filled by whoever installs it."""
    return made.keys_are_known and (bool(made.key_names) or not made.from_template)


def config_sources(workload: Workload, reference: Reference, graph: Graph) -> list[ConfigSource]:
    """Return everything in the repository that makes the object a pod refers to."""
    objects = graph.find(ConfigMap, f"{reference.kind}/{reference.name}")
    found = [
        ConfigSource(one.file, one.title_node, one.key_names, _are_known(one))
        for one in objects
        if one.shares_namespace(workload)
    ]
    for kustomization in graph.find(Kustomization, f"makes:{reference.kind}/{reference.name}"):
        found += (
            _generated(kustomization, generator)
            for generator in kustomization.generators
            if generator.kind == reference.kind and reference.name in kustomization.names_of(generator)
        )
    return found


def _generated(kustomization: Kustomization, generator: Generator) -> ConfigSource:
    names = frozenset(key.name for key in generator.keys)
    complete = not generator.env_files and generator.behavior == "create"
    return ConfigSource(kustomization.file, generator.node, names, complete)
