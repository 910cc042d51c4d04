"""Which files are a platform's, by path and content."""

from typing import ClassVar, Final

from rollsafe.artefacts.base import Artefact
from rollsafe.artefacts.platforms import app_engine, cloud_run, ecs, fly, heroku, railway, render, vercel
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Tree
from rollsafe.formats.toml import read_toml
from rollsafe.text.patterns import lazily


class PlatformFile(Artefact):
    """The services of a file."""

    kind: ClassVar[str] = "platform"


_BY_NAME: Final = (
    (lazily(r"(^|/)([\w-]+\.)?fly([.-][\w-]+)*\.toml$"), fly.read),
    (lazily(r"(^|/)railway([.-][\w-]+)*\.(json|toml)$"), railway.read),
    (lazily(r"(^|/)render([.-][\w-]+)*\.ya?ml$"), render.read),
    (lazily(r"(^|/)(vercel|now)\.json$"), vercel.read),
    (lazily(r"(^|/)app\.json$"), heroku.read_app),
    (lazily(r"(^|/)app([.-][\w-]+)*\.ya?ml$|(^|/)[\w-]+\.app\.ya?ml$"), app_engine.read),
)


def recognise(file: SourceFile, tree: Tree) -> PlatformFile | None:
    """Return the view of a YAML or JSON file that a platform reads, else None."""
    for pattern, read in _BY_NAME:
        if pattern.search(file.path):
            found = list(read(file, tree))
            if found:
                return PlatformFile(file, found, tree.problems)
    found = list(cloud_run.read(file, tree)) or list(ecs.read(file, tree))
    return PlatformFile(file, found, tree.problems) if found else None


def recognise_toml(file: SourceFile) -> PlatformFile | None:
    """Return the view of a TOML file that a platform reads, else None."""
    return recognise(file, read_toml(file.text))


def recognise_procfile(file: SourceFile) -> PlatformFile | None:
    """Return the view of a Procfile, else None."""
    found = list(heroku.read_procfile(file))
    return PlatformFile(file, found) if found else None
