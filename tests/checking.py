"""The one way tests run rules: files in, findings out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from rollsafe.artefacts.registry import is_candidate
from rollsafe.artefacts.source import SourceFile
from rollsafe.engine import Found, installed_agents
from rollsafe.engine.fixing import Applied, edits_by_path, fix_project
from rollsafe.engine.project import Project
from rollsafe.rules import Fix, Rule, Safety
from rollsafe.rules.docs import examples
from rollsafe.text import apply_edits
from rollsafe.workspace.facts import Base, git_object
from rollsafe.workspace.settings import Settings, parse_settings
from rollsafe.workspace.snapshot import Snapshot

TODAY = date(2026, 6, 1)
ALL_RULES: tuple[Rule, ...] = tuple(rule for agent in installed_agents() for rule in agent.rules)


@dataclass(frozen=True)
class Seen:
    """A finding as a test talks about it; `line` is 1-based."""

    path: str
    line: int
    rule: str
    message: str
    severity: str


def open_project(
    files: Mapping[str, str], settings: Settings | None = None, base: Base | None = None
) -> Project:
    """Return an analysed project of in-memory files.

    What a `rollsafe.toml` among them says of images holds beside `settings`.
    """
    said = parse_settings(files.get("rollsafe.toml", ""), "rollsafe.toml")
    read = {path: SourceFile(path, text) for path, text in files.items() if is_candidate(path)}
    chosen = replace(settings, images=said.images) if settings is not None else said
    snapshot = Snapshot("/project", chosen, read, frozenset(files))
    project = Project.open(snapshot, TODAY, base=base)
    project.analyse()
    assert not project.engine.failures, project.engine.failures
    return project


def seen(found: Found) -> Seen:
    line = found.file.line_number(found.span)
    return Seen(found.path, line, found.rule.name, found.message, found.severity.value)


def check(files: Mapping[str, str], settings: Settings | None = None, base: Base | None = None) -> list[Seen]:
    """Return the findings of all rules that `settings` ask for."""
    return [seen(found) for found in open_project(files, settings, base).engine.all_findings()]


def check_rule(name: str, files: Mapping[str, str], settings: Settings | None = None) -> list[Seen]:
    """Return the findings of one rule, whatever its level."""
    chosen = replace_settings(settings or Settings(), name)
    return [one for one in check(files, chosen) if one.rule == name]


def replace_settings(settings: Settings, name: str) -> Settings:
    """Return settings under which the rule `name` runs alone."""
    return Settings(level="auditor", select=(name,), migrations=settings.migrations)


def base_of(files: Mapping[str, str]) -> Base | None:
    """Return a revision that had these files; None for none."""
    if not files:
        return None
    objects = {path: git_object(text, 40) for path, text in files.items()}
    return Base("base", files.get, lambda: frozenset(files), identify=lambda: objects)


def base_shown(rule: Rule) -> Base | None:
    """Return the revision that the bad example of a rule is compared with; None for none."""
    return base_of({one.path: one.text for one in examples(rule.doc, "Bad") if one.is_base})


def fix(files: Mapping[str, str], rule: Rule) -> tuple[dict[str, str], Applied]:
    """Apply the declared fix of `rule` wherever it is found; return all files and what was done."""
    project = open_project(files, settings_for(rule), base_shown(rule))

    def choose(found: Found) -> Fix | None:
        return next((it for it in found.fixes if it.safety is rule.fix), None)

    applied = fix_project(project, choose, lambda found: found.rule.name == rule.name)
    return {**files, **applied.result}, applied


@dataclass(frozen=True)
class Tried:
    """One fix applied by itself: to which finding, the texts it changed and made, and what was found then."""

    found: Seen
    title: str
    safety: Safety
    result: dict[str, str]
    created: frozenset[str]
    before: list[Found]
    after: list[Found]


def try_fixes(files: Mapping[str, str], rule: Rule) -> list[Tried]:
    """Apply every fix of every finding of `rule` by itself, manual ones too, and analyse again."""
    project = open_project(files, settings_for(rule), base_shown(rule))
    before = project.engine.all_findings()
    mine = [(found, fix) for found in before if found.rule.name == rule.name for fix in found.fixes]
    return [try_fix(project, before, found, fix) for found, fix in mine]


def try_fix(project: Project, before: list[Found], found: Found, fix: Fix) -> Tried:
    """Apply one fix, look what is found then, and take it back; `before` is what the project has."""
    texts = {path: source.text for path, source in project.snapshot.files.items()}
    result = {path: apply_edits(texts[path], edits) for path, edits in edits_by_path(found, fix).items()}
    assert not {path for path, _ in fix.creates} & project.snapshot.paths
    result |= dict(fix.creates)
    project.replace(result)
    after = project.engine.all_findings()
    project.replace({path: texts.get(path) for path in result})
    created = frozenset(path for path, _ in fix.creates)
    return Tried(seen(found), fix.title, fix.safety, result, created, before, after)


def settings_for(rule: Rule) -> Settings:
    """Return settings under which `rule` runs beside every rule that is on by default."""
    return Settings(level=rule.level.value)


def stable_rules() -> list[Rule]:
    return [replace(rule) for rule in ALL_RULES if rule.status == "stable"]
