"""Dockerfiles, environment files, migrations, CODEOWNERS and documents, as an outline tells of them."""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.codeowners import CodeOwners
from rollsafe.artefacts.dockerfile import Dockerfile
from rollsafe.artefacts.dotenv import EnvFile
from rollsafe.artefacts.known_images import known_image
from rollsafe.artefacts.migrations import Migration
from rollsafe.artefacts.plan_document import Intent, MentionKind, PlanDocument, PlanKind
from rollsafe.artefacts.plan_document.mentions import mentions_of
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.markdown import read_markdown
from rollsafe.text import Span
from rollsafe.text.patterns import lazily
from rollsafe.workspace.system.addresses import addresses_in
from rollsafe.workspace.system.compose import known_of, name_of
from rollsafe.workspace.system.facts import (
    ClaimKind,
    DocClaim,
    Image,
    Key,
    Keys,
    OwnerLine,
    Port,
    Recipe,
    Step,
    digest_of,
    place_of,
)

_LOCAL_PORT = lazily(r"\b(?:localhost|127\.0\.0\.1|0\.0\.0\.0):(?P<port>\d{2,5})\b")
_DOCUMENT = lazily(
    r"(?:^|/)(?:README|ARCHITECTURE|DEPLOYMENT|DEVELOPMENT|CONTRIBUTING|RUNBOOK)[^/]*\.(?:md|markdown)$"
    r"|^(?:docs?|documentation)/[^/]+\.(?:md|markdown)$",
    re.I,
)
_LONGEST: Final = 200_000
_MOST: Final = 400


def recipe_of(dockerfile: Dockerfile) -> Recipe:
    """Return what a Dockerfile builds on and exposes."""
    final = dockerfile.final_stage
    bases: dict[str, Image] = {}
    for stage in dockerfile.stages:
        if stage.image is not None and stage.base_word is not None and not stage.image.is_scratch:
            text = stage.base_text if stage.base_text is not None else stage.base_word.text
            place = place_of(dockerfile.file, stage.base_word)
            bases.setdefault(text, Image(name_of(stage.image), text, place))
    ports = [
        Port(port.number, "", None, place_of(dockerfile.file, port.word))
        for port in (final.exposed_ports if final is not None else ())
        if port.number is not None
    ]
    health = final.healthcheck if final is not None else None
    return Recipe(
        dockerfile.file.path,
        tuple(bases.values()),
        tuple(ports),
        health is not None and not health.is_disabled,
        dockerfile.is_development,
        known_of(known_image(final.image)) if final is not None and final.image is not None else None,
    )


def env_file_of(env: EnvFile) -> Keys:
    """Return an environment file by its names."""
    keys: list[Key] = []
    for entry in env.names.values():
        value = entry.value or ""
        addresses = addresses_in(entry.name, value) if value else ()
        place = place_of(env.file, Span(entry.start, entry.end))
        keys.append(Key(entry.name, digest_of(value) if value else "", addresses, place))
    return Keys("file", env.file.path, "", tuple(keys), env.is_example, place_of(env.file, Span(0, 0)))


def step_of(migration: Migration) -> Step:
    """Return where a migration belongs."""
    convention = migration.convention
    return Step(convention.home, convention.name, migration.is_down, place_of(migration.file, Span(0, 0)))


def owner_lines_of(owners: CodeOwners) -> tuple[OwnerLine, ...]:
    """Return the lines that name an owner."""
    return tuple(
        OwnerLine(rule.pattern, rule.owners, place_of(owners.file, Span(rule.start, rule.end)))
        for rule in owners.rules
    )


def is_document(path: str) -> bool:
    """Say whether a Markdown file describes the project as it is."""
    return _DOCUMENT.search(path) is not None


def claims_of(file: SourceFile) -> Iterator[DocClaim]:
    """Yield what a document takes to be there: paths, ports of this machine, names of services."""
    if len(file.text) > _LONGEST:
        return
    markdown = read_markdown(file.text)
    document = PlanDocument(file, markdown, PlanKind.DESIGN)
    for mention in mentions_of(document)[:_MOST]:
        place = place_of(file, mention)
        if mention.intent is not Intent.NAMED:
            continue
        if mention.paths and not mention.is_bare_name:
            yield DocClaim(ClaimKind.PATH, "\n".join(mention.paths), place)
        elif mention.kind is MentionKind.SERVICE:
            yield DocClaim(ClaimKind.NAME, mention.text, place)
    for match in _LOCAL_PORT.finditer(file.text):
        yield DocClaim(ClaimKind.PORT, match["port"], place_of(file, Span(*match.span())))
