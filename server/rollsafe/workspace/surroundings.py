"""What files tell of others that has to be known before those are read.

A migration of Django rests on the models that the migrations before it made. Whoever reads the files of a
project has them placed here first: a placed file carries what the others tell of it (`SourceFile.around`).
"""

import re
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Final, Protocol, cast

from rollsafe.artefacts.source import SourceFile
from rollsafe.text.patterns import lazily


class Teller(Protocol):
    """One kind of files that tell of each other."""

    def put(self, path: str, source: SourceFile | None) -> None:
        """Take a file as it is now; None for one that is gone."""

    def settle(self) -> set[str]:
        """Place all files anew; return the paths of those of which something else is told than before."""
        ...

    def placed(self, path: str) -> SourceFile | None:
        """Return a file with what is told of it; None for one of another kind."""
        ...


_TELLERS: Final[tuple[tuple[tuple[str, ...], re.Pattern[str], str, str], ...]] = (
    (
        (".py",),
        lazily(r"(^|/)(migrations/[^/]+|apps|\w*settings\w*|settings/(\w+/)*\w+)\.py$"),
        "django_projects",
        "DjangoProjects",
    ),
    (
        (".plan", ".sql"),
        lazily(r"(^|/)(sqitch\.plan|deploy/([^/]+/)*[^/]+\.sql)$"),
        "sqitch_plans",
        "SqitchPlans",
    ),
    (
        (".toml", ".json", ".sql"),
        lazily(r"(^|/)(migration_lock\.toml|meta/_journal\.json|snapshot\.json|[^/]+\.sql)$"),
        "told_dialects",
        "ToldDialects",
    ),
    (
        (".py",),
        lazily(r"(^|/)(env|(versions|[^/]*migrations?)/([^/]+/){0,2}[^/]+)\.py$"),
        "told_transactions",
        "AlembicEnvironments",
    ),
    (
        (),
        lazily(
            r"[^/]*(?:change-?log|migrat|liquibase|change-?set)[^/]*(/[^/]+){0,4}\.(xml|ya?ml|json|sql)$",
            re.I,
        ),
        "liquibase_logs",
        "LiquibaseLogs",
    ),
    (
        (".yml", ".yaml"),
        lazily(r"\.gitlab-ci\.ya?ml$|(^|/)\.?gitlab(-ci)?/.*\.ya?ml$|(^|/)\.?ci/.*\.ya?ml$"),
        "gitlab_includes",
        "GitLabIncludes",
    ),
    ((".yml", ".yaml"), lazily(r"\.ya?ml$"), "azure_templates", "AzureTemplates"),
    (
        (".sql", ".conf"),
        lazily(r"(^|/)[VUR][^/]*__[^/]*\.sql(\.conf)?$"),
        "flyway_configurations",
        "FlywayConfigurations",
    ),
)
"""The endings of files, their names, and the class that knows them; it is imported for the first such file.

Without endings any will do.
"""


class Surroundings:
    """The files of a project that tell of each other."""

    def __init__(self) -> None:
        self._tellers: dict[str, Teller] = {}

    def update(self, edited: Iterable[SourceFile], gone: Iterable[str]) -> set[str]:
        """Take files as they are now; return the paths of those of which something else is told."""
        for source in edited:
            self._put(source.path, source)
        for path in gone:
            self._put(path, None)
        return {path for teller in self._tellers.values() for path in teller.settle()}

    def _put(self, path: str, source: SourceFile | None) -> None:
        for endings, pattern, module, name in _TELLERS:
            if (path.endswith(endings) or not endings) and pattern.search(path):
                if name not in self._tellers:
                    made = getattr(import_module(f"rollsafe.workspace.{module}"), name)
                    self._tellers[name] = cast("Callable[[], Teller]", made)()
                self._tellers[name].put(path, source)

    def placed(self, source: SourceFile) -> SourceFile:
        """Return a file with what others tell of it."""
        found = (teller.placed(source.path) for teller in self._tellers.values())
        return next((one for one in found if one is not None), source)


def all_placed(files: Iterable[SourceFile]) -> list[SourceFile]:
    """Return all files of a project with what the others tell of each."""
    sources, around = [*files], Surroundings()
    around.update(sources, ())
    return [around.placed(one) for one in sources]
