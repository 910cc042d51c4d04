"""What pipelines of Azure take in from the same repository: their jobs are only whole together."""

from typing import Final

from rollsafe.artefacts.other_pipelines.azure_names import LARGEST, is_named_pipeline, named_templates
from rollsafe.artefacts.other_pipelines.included import Templates
from rollsafe.artefacts.source import SourceFile
from rollsafe.text.patterns import lazily

_MOST: Final = 100
"""Files of one pipeline; Azure itself reads no more."""
_HAS_JOBS: Final = lazily(r"""(?:^|[\s{,-])['"]?(?:job|deployment|stage)['"]?[ \t]{0,8}:""")


class AzureTemplates:
    """The pipelines of a workspace, each with the templates it takes in."""

    def __init__(self) -> None:
        self._sources: dict[str, SourceFile] = {}
        self._roots: set[str] = set()
        self._named: set[str] = set()
        self._placed: dict[str, SourceFile] = {}
        self._edited: set[str] = set()
        self._is_told_anew = False

    def put(self, path: str, source: SourceFile | None) -> None:
        """Take a file as it is now; None for one that is gone."""
        is_root = path in self._roots or is_named_pipeline(path)
        self._is_told_anew = self._is_told_anew or is_root or path in self._named
        self._edited.add(path)
        if source is None or len(source.text) > LARGEST:
            self._sources.pop(path, None)
            self._roots.discard(path)
            return
        self._sources[path] = source
        if is_root:
            self._roots.add(path)

    def settle(self) -> set[str]:
        """Place all files anew; return the paths of those of which something else is told than before."""
        edited, self._edited = self._edited, set()
        if not self._is_told_anew:
            return set()
        self._is_told_anew = False
        before, self._placed = self._placed, {}
        for path, one in self._told().items():
            self._placed[path] = self._place(path, one, before.get(path), edited)
        paths = {*before, *self._placed}
        return {path for path in paths if before.get(path) is not self._placed.get(path)}

    def _place(self, path: str, told: Templates, known: SourceFile | None, edited: set[str]) -> SourceFile:
        """Return a file with what is told of it: the former one where that is the same.

        The jobs of all files of a pipeline are read together, so that none of them outlives another.
        """
        text = self._sources[path].text
        is_new = path in edited or any(one in edited for one, _ in told.texts)
        if known is not None and not is_new and told.tells_as(known.around):
            return known
        return told.files[path] if told.texts else SourceFile(path, text, told)

    def placed(self, path: str) -> SourceFile | None:
        """Return a file with those it belongs together with; None for one that stands alone."""
        return self._placed.get(path)

    def _told(self) -> dict[str, Templates]:
        """Return what is told of each file; a template of several pipelines is part of the first."""
        self._named = set()
        groups = {path: self._group(path) for path in sorted(self._roots)}
        taken = {path for root, group in groups.items() for path in group if path != root}
        told: dict[str, Templates] = {}
        for root, group in groups.items():
            if root in taken or len(group) == 1:
                continue
            whole = Templates(root, tuple((one, self._sources[one].text) for one in group))
            told[root] = whole
            for path in group[1:]:
                if _HAS_JOBS.search(self._sources[path].text):
                    told.setdefault(path, whole)
                elif path in self._roots:
                    told.setdefault(path, Templates(root, ()))
        return told

    def _group(self, root: str) -> list[str]:
        """Return a pipeline and the templates it takes in, directly or not."""
        group = {root: None}
        pending = [root]
        for path in pending:
            for one in self._sources[path].told(named_templates):
                self._named.add(one)
                if one not in group and one in self._sources and len(group) < _MOST:
                    group[one] = None
                    pending.append(one)
        return [*group]
