"""The critical path method against looking at every path there is."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rollsafe.plans.cpm import Edge, Schedule, reachable, schedule

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
Graph = tuple[dict[str, int], list[Edge]]


@st.composite
def acyclic(draw: st.DrawFn) -> Graph:
    count = draw(st.integers(0, 10))
    names = [f"n{at}" for at in draw(st.permutations(range(count)))]
    durations = {name: draw(st.integers(0, 9)) for name in draw(st.permutations(names))}
    pairs = [(one, other) for at, one in enumerate(names) for other in names[at + 1 :]]
    edges = draw(st.lists(st.sampled_from(pairs), max_size=20)) if pairs else []
    return durations, edges


@st.composite
def any_graph(draw: st.DrawFn) -> Graph:
    names = [f"n{at}" for at in range(draw(st.integers(1, 8)))]
    edges = draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=20))
    return {name: draw(st.integers(0, 5)) for name in names}, edges


def chains(durations: dict[str, int], edges: list[Edge]) -> Iterator[tuple[str, ...]]:
    """Yield every path from a node that waits for nothing to one nothing waits for."""
    after = {name: sorted({t for s, t in edges if s == name}) for name in durations}
    sources = (name for name in durations if not any(t == name for _, t in edges))
    pending: list[tuple[str, ...]] = [(name,) for name in sources]
    while pending:
        path = pending.pop()
        if not after[path[-1]]:
            yield path
        pending += [(*path, one) for one in after[path[-1]]]


def length(path: tuple[str, ...], durations: dict[str, int]) -> int:
    return sum(durations[name] for name in path)


@UNHURRIED
@given(acyclic())
def test_times_are_those_of_all_paths(graph: Graph) -> None:
    durations, edges = graph
    found = schedule(durations, edges)
    every = list(chains(durations, edges))
    total = max((length(path, durations) for path in every), default=0)
    assert found.duration == total
    assert found.cycles == ()
    assert set(found.timings) == set(durations)
    for name, timing in found.timings.items():
        through = [path for path in every if name in path]
        start = max(length(path[: path.index(name)], durations) for path in through)
        left = max(length(path[path.index(name) :], durations) for path in through)
        assert timing.earliest_start == start
        assert timing.earliest_finish == start + durations[name]
        assert timing.latest_start == total - left
        assert timing.latest_finish == total - left + durations[name]
        assert timing.slack == total - start - left
        assert timing.level == max(path.index(name) for path in through)


@UNHURRIED
@given(acyclic())
def test_the_critical_chain_is_a_longest_path(graph: Graph) -> None:
    durations, edges = graph
    found = schedule(durations, edges)
    assert bool(found.critical) == bool(durations)
    if durations:
        every = set(chains(durations, edges))
        assert found.critical in every
        assert length(found.critical, durations) == found.duration
        assert found.chains == sum(length(one, durations) == found.duration for one in every)


@UNHURRIED
@given(acyclic(), st.data())
def test_a_node_that_takes_longer_costs_what_exceeds_its_slack(graph: Graph, data: st.DataObject) -> None:
    durations, edges = graph
    if durations:
        name, more = data.draw(st.sampled_from(sorted(durations))), data.draw(st.integers(0, 20))
        before = schedule(durations, edges)
        after = schedule({**durations, name: durations[name] + more}, edges)
        assert after.duration == before.duration + max(0, more - before.timings[name].slack)


@UNHURRIED
@given(acyclic())
def test_levels_hold_nothing_that_waits_for_each_other(graph: Graph) -> None:
    durations, edges = graph
    found = schedule(durations, edges)
    assert sorted(name for level in found.levels for name in level) == sorted(durations)
    for source, target in edges:
        assert found.timings[source].level < found.timings[target].level


def waits_for_itself(name: str, edges: list[Edge]) -> bool:
    return any(
        source == name and (target == name or name in reachable(target, edges)) for source, target in edges
    )


@UNHURRIED
@given(any_graph())
def test_circles_are_reported_and_never_loop(graph: Graph) -> None:
    durations, edges = graph
    found = schedule(durations, edges)
    assert set(found.timings) == set(durations)
    for circle in found.cycles:
        assert circle[0] == circle[-1]
        assert set(pairwise(circle)) <= set(edges)
        assert len(set(circle)) == len(circle) - 1
    caught = {name for name in durations if waits_for_itself(name, edges)}
    in_reported_knots = {
        name
        for name in caught
        for circle in found.cycles
        if name in circle or (name in reachable(circle[0], edges) and circle[0] in reachable(name, edges))
    }
    assert caught == in_reported_knots
    assert bool(caught) == bool(found.cycles)


def test_everything_is_a_whole_number() -> None:
    huge = 10**30
    found = schedule({"a": huge, "b": 1, "c": huge + 1}, [("a", "b")])
    assert found.duration == huge + 1
    assert all(type(value) is int for t in found.timings.values() for value in (t.earliest_finish, t.slack))


@pytest.mark.parametrize("count", [3_000])
def test_long_chains_are_no_depth_of_calls(count: int) -> None:
    names = [f"n{at}" for at in range(count)]
    chain = list(pairwise(names))
    found: Schedule = schedule(dict.fromkeys(names, 1), chain)
    assert found.duration == count
    assert found.critical == tuple(names)
    closed = schedule(dict.fromkeys(names, 1), [*chain, (names[-1], names[0])])
    assert len(closed.cycles[0]) == count + 1
    assert closed.duration == 1


def test_edges_to_unknown_nodes_are_left_out() -> None:
    assert schedule({"a": 1}, [("a", "b"), ("c", "a")]).duration == 1
