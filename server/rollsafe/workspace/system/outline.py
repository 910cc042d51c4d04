"""The outline of a file: everything the system's graph takes from it, comparable and without its text.

Two outlines are equal when nothing in the graph can differ between the two states of the file. Of files
that pipelines are made of the text itself is part of it: what a job does is judged over several files.
"""

from typing import Final, TypeVar
from weakref import WeakKeyDictionary

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.codeowners import CodeOwners
from rollsafe.artefacts.compose import ComposeFile
from rollsafe.artefacts.contracts import ContractFile
from rollsafe.artefacts.dockerfile import Dockerfile
from rollsafe.artefacts.dotenv import EnvFile
from rollsafe.artefacts.kubernetes import (
    ConfigMap,
    HorizontalPodAutoscaler,
    Ingress,
    Kustomization,
    Service,
    Workload,
)
from rollsafe.artefacts.migrations import Migration
from rollsafe.artefacts.source import SourceFile
from rollsafe.text.records import field, open_record, replace, state
from rollsafe.workspace.system import files, kubernetes
from rollsafe.workspace.system.compose import units_of
from rollsafe.workspace.system.contracts import contract_of, contracts_of, entities_of, is_catalogue
from rollsafe.workspace.system.facts import (
    Contract,
    DocClaim,
    Door,
    Entity,
    Keys,
    Overlay,
    OwnerLine,
    Recipe,
    Route,
    Scaler,
    Step,
    Unit,
)

T = TypeVar("T")

_TELLING: Final = frozenset(
    {"compose", "kubernetes", "kustomization", "dockerfile", "dotenv", "migration", "codeowners"}
)
"""Kinds of artefacts whose elements are facts by themselves."""

_PIPELINE: Final = frozenset({"github-workflow", "github-action", "makefile", "package-json", "shell-script"})
"""Kinds of artefacts that say what a job does."""


@open_record
class Outline:
    """The facts of one file, in source order. `pipeline` is its text where jobs are made of it."""

    units: tuple[Unit, ...] = ()
    doors: tuple[Door, ...] = ()
    routes: tuple[Route, ...] = ()
    keys: tuple[Keys, ...] = ()
    scalers: tuple[Scaler, ...] = ()
    overlays: tuple[Overlay, ...] = ()
    recipes: tuple[Recipe, ...] = ()
    steps: tuple[Step, ...] = ()
    owners: tuple[OwnerLine, ...] = ()
    contracts: tuple[Contract, ...] = ()
    entities: tuple[Entity, ...] = ()
    claims: tuple[DocClaim, ...] = ()
    pipeline: tuple[str, str] | None = None


NOTHING: Final = Outline()
"""The outline of a file that tells nothing about the system."""

_outlines: WeakKeyDictionary[SourceFile, Outline] = WeakKeyDictionary()
"""A version of a text never changes, so its outline is read once."""


def outline_of(file: SourceFile, artefact: Artefact | None) -> Outline:
    """Return the outline of a file; `artefact` is its typed view, None for one without."""
    found = _outlines.get(file)
    if found is None:
        found = _of_artefact(artefact) if artefact is not None else _of_text(file)
        if artefact is not None and files.is_document(file.path):
            found = replace(found, claims=tuple(files.claims_of(file)))
        _outlines[file] = found
    return found


@state
class _Draft:
    """The facts of a file while they are collected."""

    units: list[Unit] = field(default_factory=list[Unit])
    doors: list[Door] = field(default_factory=list[Door])
    routes: list[Route] = field(default_factory=list[Route])
    keys: list[Keys] = field(default_factory=list[Keys])
    scalers: list[Scaler] = field(default_factory=list[Scaler])
    overlays: list[Overlay] = field(default_factory=list[Overlay])
    recipes: list[Recipe] = field(default_factory=list[Recipe])
    steps: list[Step] = field(default_factory=list[Step])
    owners: list[OwnerLine] = field(default_factory=list[OwnerLine])

    def outline(self) -> Outline:
        """Return what was collected."""
        found = Outline(
            units=tuple(self.units),
            doors=tuple(self.doors),
            routes=tuple(self.routes),
            keys=tuple(self.keys),
            scalers=tuple(self.scalers),
            overlays=tuple(self.overlays),
            recipes=tuple(self.recipes),
            steps=tuple(self.steps),
            owners=tuple(self.owners),
        )
        return NOTHING if found == NOTHING else found


def _of_artefact(artefact: Artefact) -> Outline:
    if artefact.kind in _PIPELINE:
        return Outline(pipeline=(artefact.file.path, artefact.file.text))
    if isinstance(artefact, ContractFile):
        return Outline(contracts=tuple(contracts_of(artefact)))
    if artefact.kind not in _TELLING:
        return NOTHING
    draft = _Draft()
    for element in artefact.elements:
        _take(element, draft)
        _take_of_cluster(element, draft)
    return draft.outline()


def _take(element: Element, into: _Draft) -> None:
    match element:
        case ComposeFile():
            into.units += units_of(element)
        case Kustomization():
            into.overlays.append(kubernetes.overlay_of(element))
            into.keys += kubernetes.generated_keys_of(element)
        case Dockerfile():
            into.recipes.append(files.recipe_of(element))
        case EnvFile():
            into.keys.append(files.env_file_of(element))
        case Migration():
            into.steps.append(files.step_of(element))
        case CodeOwners():
            into.owners += files.owner_lines_of(element)
        case _:
            pass


def _take_of_cluster(element: Element, into: _Draft) -> None:
    match element:
        case Workload():
            into.units += _known(kubernetes.unit_of(element))
        case Service():
            into.doors += _known(kubernetes.door_of(element))
        case Ingress():
            into.routes += kubernetes.routes_of(element)
        case ConfigMap():
            into.keys += _known(kubernetes.keys_of(element))
        case HorizontalPodAutoscaler():
            into.scalers += _known(kubernetes.scaler_of(element))
        case _:
            pass


def _known(fact: T | None) -> tuple[T, ...]:
    return () if fact is None else (fact,)


def _of_text(file: SourceFile) -> Outline:
    """Return the outline of a file without a typed view: a document, a catalogue, a contract."""
    if file.path.endswith((".md", ".markdown")):
        return Outline(claims=tuple(files.claims_of(file))) if files.is_document(file.path) else NOTHING
    if is_catalogue(file.path):
        return Outline(entities=tuple(entities_of(file)))
    if file.path.endswith((".yaml", ".yml", ".json")):
        found = contract_of(file)
        return Outline(contracts=(found,)) if found is not None else NOTHING
    return NOTHING
