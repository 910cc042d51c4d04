"""A file of pipelines as a whole: what its service refuses in it."""

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.other_pipelines.faults import Fault, in_order
from rollsafe.artefacts.other_pipelines.model import Dialect
from rollsafe.artefacts.shapes import Fault as ShapeFault
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Mapping
from rollsafe.formats.problems import Problem
from rollsafe.text.cached import cached_property


class PipelineConfiguration(Element):
    """The file with the pipelines of GitLab, CircleCI or Azure; `root` is the mapping that holds them.

    `shape_faults` tell which keys and values are of no kind the service takes, `faults` what is wrong beyond
    that. Both are empty while the file cannot be read.
    """

    family = "pipelines"

    def __init__(
        self, file: SourceFile, dialect: Dialect, root: Mapping, problems: list[Problem] | tuple[Problem, ...]
    ) -> None:
        super().__init__(file, root.start, root.end)
        self.dialect = dialect
        self.root = root
        self.is_readable = not problems

    @cached_property
    def shape_faults(self) -> list[tuple[str, ShapeFault]]:
        """What is of no kind the service takes, each with the words for what it is in."""
        if not self.is_readable or self.dialect is not Dialect.GITLAB:
            return []
        from rollsafe.artefacts.other_pipelines import gitlab_grammar

        return gitlab_grammar.shape_faults(self.root)

    @cached_property
    def faults(self) -> list[Fault]:
        """What else the service refuses, in source order."""
        if not self.is_readable:
            return []
        if self.dialect is Dialect.GITLAB:
            from rollsafe.artefacts.other_pipelines import gitlab_faults
            from rollsafe.artefacts.other_pipelines.gitlab_project import project_of

            found = gitlab_faults.faults_in(self.root, project_of(self.file, self.root))
        else:
            from rollsafe.artefacts.other_pipelines import graph_faults

            read = graph_faults.circleci if self.dialect is Dialect.CIRCLECI else graph_faults.azure
            found = list(read(self.root))
        return in_order(found)
