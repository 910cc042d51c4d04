"""How much of a chart is rendered, and what of it is not understood."""

from collections.abc import Iterator
from typing import Final

from rollsafe.formats.go_template_nodes import Block, Body, Broken
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.system.charts.editions import editions_of
from rollsafe.workspace.system.charts.partial import render
from rollsafe.workspace.system.charts.rendering import template_in
from rollsafe.workspace.system.charts.sources import ChartSource, Source, is_printed

_MOST_SHOWN: Final = 60


class Unread(NamedTuple):
    """A place of a chart's file that is not understood, and why; `start` is an offset."""

    path: str
    start: int
    reason: str


class Account(NamedTuple):
    """What became of a chart: its templates, files of values, templates rendered with all of them."""

    source: ChartSource
    templates: int
    values: int
    rendered: int
    unread: tuple[Unread, ...]


def account_of(source: ChartSource) -> Account:
    """Render a chart with all values it is deployed with, and tell what came of it."""
    editions = editions_of(source)
    failed: dict[str, str] = {}
    printed: dict[str, Source] = {}
    for edition in editions:
        for part in edition.parts:
            for one in part.source.templates:
                if is_printed(one.path):
                    printed[one.path] = one
                    made = render(edition, part, one)
                    if made.text is None:
                        failed.setdefault(one.path, made.why)
    unread = [Unread(path, 0, why) for path, why in failed.items()]
    every = {one.path: one for edition in editions for part in edition.parts for one in part.source.templates}
    for one in every.values():
        template = template_in(one)
        for body in (template.body, *template.defined.values()):
            unread += _broken(one.path, body)
    files = {one.path for edition in editions for one in edition.values}
    kept = tuple(sorted(dict.fromkeys(unread)))
    return Account(source, len(printed), len(files), len(printed) - len(failed), kept)


def _broken(path: str, body: Body) -> Iterator[Unread]:
    pending = [body]
    while pending:
        for item in pending.pop():
            if isinstance(item, Broken):
                text = item.tag.source
                shown = text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"
                yield Unread(path, item.tag.start, f"`{shown}` is no tag that can be read")
            elif isinstance(item, Block):
                pending += (branch.body for branch in item.branches)
