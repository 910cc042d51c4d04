"""What pipelines of GitLab include from the same repository: their jobs are only whole together."""

from typing import Final

from rollsafe.artefacts.other_pipelines.included import Included
from rollsafe.artefacts.source import SourceFile

_ROOT: Final = ".gitlab-ci.yml"
_MOST: Final = 60
_LARGEST: Final = 500_000


class GitLabIncludes:
    """The pipelines of a workspace, each with the files it includes."""

    def __init__(self) -> None:
        self._sources: dict[str, SourceFile] = {}
        self._placed: dict[str, SourceFile] = {}
        self._is_told_anew = False

    def put(self, path: str, source: SourceFile | None) -> None:
        """Take a file as it is now; None for one that is gone."""
        self._is_told_anew = True
        if source is None or len(source.text) > _LARGEST:
            self._sources.pop(path, None)
        else:
            self._sources[path] = source

    def settle(self) -> set[str]:
        """Place all files anew; return the paths of those of which something else is told than before."""
        if not self._is_told_anew:
            return set()
        self._is_told_anew = False
        told: dict[str, Included] = {}
        for root in sorted(path for path in self._sources if path.endswith(_ROOT)):
            group = self._group(root)
            for path in group if len(group) > 1 else ():
                texts = tuple((one, self._sources[one].text) for one in group)
                told.setdefault(path, Included(root, texts))
        before, self._placed = self._placed, {}
        moved = {path for path in before if path not in told}
        for path, one in told.items():
            known = before.get(path)
            if known is not None and known.around == one:
                self._placed[path] = known
            else:
                self._placed[path] = SourceFile(path, self._sources[path].text, one)
                moved.add(path)
        return moved

    def placed(self, path: str) -> SourceFile | None:
        """Return a file with those it belongs together with; None for one that stands alone."""
        return self._placed.get(path)

    def _group(self, root: str) -> list[str]:
        """Return a pipeline and what it names of the files around, directly or not."""
        home = root.rpartition("/")[0]
        prefix = f"{home}/" if home else ""
        group = [root]
        others = [path for path in sorted(self._sources) if path.startswith(prefix) and path != root]
        for known in group:
            text = self._sources[known].text
            if "include" in text and len(group) < _MOST:
                group += [one for one in others if one not in group and one.removeprefix(prefix) in text]
        return group[:_MOST]
