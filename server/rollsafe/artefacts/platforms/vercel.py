"""Vercel: `vercel.json`."""

from collections.abc import Iterator

from rollsafe.artefacts.platforms.service import PlatformService, Schedule, Variable, scheduled, variables_in
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping, Tree


class VercelProject(PlatformService):
    """A project on Vercel."""

    platform = "Vercel"

    @property
    def variables(self) -> tuple[Variable, ...]:
        """Those of `env` and `build.env`."""
        return (*variables_in(self.node.at("env")), *variables_in(self.node.at("build", "env")))

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """Those of `crons`, by the path that is called."""
        return tuple(
            one
            for item in self.node.items_at("crons")
            for one in scheduled(item.at("schedule"), item.text_at("path") or "a cron job")
        )


def read(file: SourceFile, tree: Tree) -> Iterator[PlatformService]:
    """Yield the project of a `vercel.json`."""
    root = tree.documents[0] if tree.documents else None
    if isinstance(root, Mapping) and root.entries:
        title = root.key_at("name") or root.entries[0].key
        yield VercelProject(file, root, title, is_templated=tree.templated)
