"""Everything a goal comes to: what it names, what its moves come to, who depends on that, and the phases."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from rollsafe.plans.contribution import PlanContext
from rollsafe.text.records import open_record
from rollsafe.workspace.inventory import table_names
from rollsafe.workspace.rollout import rollout_of
from rollsafe.workspace.system import System, system_of
from rollsafe.workspace.system.environments import by_weight, environments_of
from rollsafe.workspace.system.services import environment_named
from rollsafe_agents.implementation_orchestrator.implement.goal import Goal, Theme, read_goal
from rollsafe_agents.implementation_orchestrator.implement.model import Affected, Phase
from rollsafe_agents.implementation_orchestrator.implement.moves import Act, Move, read_moves
from rollsafe_agents.implementation_orchestrator.implement.phases import phases, themed
from rollsafe_agents.implementation_orchestrator.implement.reach import affected
from rollsafe_agents.implementation_orchestrator.implement.work.model import Deployed, Site, Work
from rollsafe_agents.implementation_orchestrator.implement.work.queues import queue_work
from rollsafe_agents.implementation_orchestrator.implement.work.schema import SCHEMA, schema_work
from rollsafe_agents.implementation_orchestrator.implement.work.services import SERVICES, service_work
from rollsafe_agents.implementation_orchestrator.implement.work.settings import KEYS, settings_work
from rollsafe_agents.implementation_orchestrator.implement.work.stores import STORES, store_work

_ROLLED: Final = frozenset({"Deployment", "StatefulSet", "DaemonSet"})


@open_record
class Ground:
    """What answers are looked for in. `is_plain`: the goal says in so many words what is to be done."""

    goal: Goal
    site: Site
    work: Work
    is_plain: bool
    affected: tuple[Affected, ...]
    phases: tuple[Phase, ...]

    @property
    def system(self) -> System:
        """The system of the project."""
        return self.site.system

    @property
    def services(self) -> list[str]:
        """The services the goal names, and those a phase changes."""
        named = [one.name for one in self.affected if one.distance == 0 and one.kind == "service"]
        titles = " ".join(phase.title for phase in self.phases)
        return list(dict.fromkeys((*named, *(n.name for n in self.site.live if f"`{n.name}`" in titles))))


def ground_of(context: PlanContext, body: str, answers: Iterable[str]) -> Ground:
    """Return what the words of a goal, and the answers that say where it belongs, stand for here."""
    view = context.after
    system = system_of(view)
    environments = by_weight(environments_of(view, system), environment_named(context.environment))
    site = Site(view, system, environments, _deployed(context))
    work, moves = Work(), list[Move]()
    for move in read_moves(body):
        found = _work(move, site)
        if found is not None:
            work.add(found)
            moves.append(move)
    goal = read_goal("\n".join((body, *answers)), system, table_names(view.graph))
    touched = affected(goal, site, work.named)
    is_plain = bool(moves)
    drafts = work.drafts if is_plain else []
    if not is_plain and _is_placed(goal, touched):
        drafts = themed(goal, touched, site)
    return Ground(goal, site, work, is_plain, touched, phases(drafts))


def _work(move: Move, site: Site) -> Work | None:
    if move.act in SCHEMA:
        return schema_work(move, site)
    if move.act in KEYS:
        return settings_work(move, site)
    if move.act in STORES:
        return store_work(move, site)
    if move.act is Act.QUEUE:
        return queue_work(move, site)
    return service_work(move, site) if move.act in SERVICES else None


def _is_placed(goal: Goal, touched: Sequence[Affected]) -> bool:
    services = any(one.distance == 0 and one.kind == "service" for one in touched)
    return bool(services or goal.tables or goal.has(Theme.SERVICE))


def _deployed(context: PlanContext) -> Mapping[str, Deployed]:
    """Return the workloads of the environment that are rolled, by name."""
    everything = rollout_of(context.after, None, sorted(context.after.artefacts), context.environment)
    return {
        one.current.workload.name: Deployed(
            one.current.namespace or one.delivery.namespace, one.current.key, one.current.workload.file.path
        )
        for one in everything.workloads
        if one.current.kind in _ROLLED and one.current.workload.has_static_name
    }
