"""Which kind of file is this: the one place that knows all artefact modules.

A module is imported when the first file needs it, so that a run over one Dockerfile does not pay for the
SQL grammar.
"""

import re
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.source import SourceFile
from rollsafe.text.patterns import lazily

if TYPE_CHECKING:
    from rollsafe.formats.nodes import Tree

_TEMPLATE = lazily(r"(^|/)templates/(.*/)?([^/]*\.tpl|NOTES\.txt)$")
"""What templates of a chart share, and what Helm prints."""
_PROGRAM = lazily(
    r"(^|/)(versions|[^/]*migrations?)/([^/]+/){0,2}[^/]+\.py$|(^|/)[^/]*migrat[^/]*/\d+_\w+\.rb$"
    r"|(^|/)[^/]*[mM]igrat[^/]*/([^/]+/){0,2}[^/]+(?<!\.d)\.[cm]?[jt]s$"
    r"|(^|/)[^/]*(?:[cC]hange-?[lL]og|[mM]igrat|[lL]iquibase|[cC]hange-?[sS]et)[^/]*(/[^/]+){0,4}\.xml$"
)
"""Migrations that are programs, or change logs."""
_TEXT_READERS: Final = (
    ("recognise", "migrations.file", lazily(r"\.sql$")),
    (
        "recognise",
        "migrations.code.recognition",
        _PROGRAM,
    ),
    ("recognise", "contracts.proto", lazily(r"\.proto$")),
    ("recognise", "contracts.avro.file", lazily(r"\.avsc$")),
    ("recognise", "atlas_sum", lazily(r"(^|/)atlas\.sum$")),
    ("recognise", "dockerfile", lazily(r"(^|/)([Dd]ockerfile|Containerfile)[^/]*$|\.[Dd]ockerfile$")),
    ("recognise", "dotenv", lazily(r"(^|/)\.env[^/]*$|\.env$")),
    (
        "recognise",
        "agent_file",
        lazily(r"(^|/)\.(config/)?(rollsafe|claude|github|copilot|cursor|opencode)/agents?/.*\.md$"),
    ),
    ("recognise", "plan_document", lazily(r"\.(md|markdown)$")),
    ("recognise", "codeowners", lazily(r"(^|/)CODEOWNERS$")),
    (
        "recognise_toml",
        "platforms",
        lazily(r"(^|/)([\w-]+\.)?fly([.-][\w-]+)*\.toml$|(^|/)railway([.-][\w-]+)*\.toml$"),
    ),
    ("recognise_procfile", "platforms", lazily(r"(^|/)Procfile(\.[\w-]+)?$")),
    ("recognise_template", "kubernetes", _TEMPLATE),
    ("recognise_lock", "kubernetes", lazily(r"(^|/)Chart\.lock$")),
    ("recognise_makefile", "scripts", lazily(r"(^|/)(GNUm|M|m)akefile$|\.mk$")),
    ("recognise_shell_script", "scripts", lazily(r"\.(sh|bash)$")),
)
_TREE_READERS: Final = (
    ("github_workflow", lazily(r"(^|/)(\.\w+/workflows/[^/]+|action\.ya?ml)$"), "jobs"),
    (
        "other_pipelines",
        lazily(
            r"\.gitlab-ci\.ya?ml$|(^|/)\.?(gitlab(-ci)?|ci)/.*\.ya?ml$|(^|/)\.circleci/[^/]+$|(^|/)\.vsts-ci\.ya?ml$|(^|/)\.?azure[-_]?pipelines?"
            r"|(^|/)\.azuredevops/",
            re.I,
        ),
        None,
    ),
    ("actionlint_config", lazily(r"(^|/)\.github/actionlint\.ya?ml$"), None),
    ("pre_commit", lazily(r"(^|/)\.pre-commit-config\.ya?ml$"), None),
    ("dependabot", lazily(r"(^|/)\.github/dependabot\.ya?ml$"), None),
    ("compose", lazily(r"(compose|stack)[^/]*$", re.I), None),
    ("kubernetes", lazily(r"(^|/)((kustomization|chart|values)[^/]*|templates/.*)$", re.I), "apiVersion"),
    ("contracts", None, "openapi"),
    ("contracts", None, "swagger"),
    ("contracts", None, "asyncapi"),
    ("step_functions", lazily(r"\.asl(\.json|\.ya?ml)?$"), "States"),
    ("workflow_objects", None, "argoproj.io/"),
    ("migrations.code.liquibase", None, "databaseChangeLog"),
    ("cloud", None, "AWS::SQS::Queue"),
    ("cloud", None, "AWS::SNS::Subscription"),
    ("cloud", None, "AWS::Events::Rule"),
    ("cloud", None, "AWS::Lambda::EventSourceMapping"),
    ("cloud", None, "AWS::Serverless::Function"),
    ("cloud", None, "AWS::Serverless::StateMachine"),
    ("cloud", None, "AWS::StepFunctions::StateMachine"),
    (
        "platforms",
        lazily(
            r"(^|/)((render|railway|app)([.-][\w-]+)*|[\w-]+\.app)\.ya?ml$|(^|/)(vercel|now|app|railway[^/]*)\.json$"
        ),
        "AWS::ECS::",
    ),
    ("platforms", None, "containerDefinitions"),
    ("platforms", None, "deploymentConfiguration"),
    ("kubernetes.patch_list", None, "op: "),
    ("kubernetes.patch_list", None, '"op"'),
    ("platforms", None, "serving.knative.dev/"),
)
"""Modules in the order they are asked. One is imported and asked where the path looks like its own or the
text has its word; both say more than they need to, never less: deciding is the module's business."""
_YAML = lazily(r"\.ya?ml$|(^|/)Kustomization$")
_JSON = lazily(r"\.json$|\.asl$")
_LOCK = lazily(r"(^|/)(package-lock|npm-shrinkwrap|composer\.lock|tsconfig[^/]*|[^/]*\.min)\.json$")
_TELLING = lazily(
    r"(^|/)(sqitch\.plan|apps\.py|\w*settings\w*\.py|settings/(\w+/)*\w+\.py|migration_lock\.toml"
    r"|env\.py|[VUR][^/]*__[^/]*\.sql\.conf)$"
)
"""Files that have no view of their own and tell of others: Django's apps, Alembic's environment and so on."""
_PART = lazily(r"""["']?(?:\$ref|type|description|schema|properties|value)["']?\s*:""")
"""What files have that references of contracts lead into."""
_KNOWN_JSON = lazily(r"(^|/)(vercel|now|app|railway[^/]*)\.json$|\.asl(\.json)?$")
_JSON_HINTS: Final = (
    '"StartAt"',
    '"apiVersion"',
    '"AWSTemplateFormatVersion"',
    '"databaseChangeLog"',
    '"Resources"',
    '"containerDefinitions"',
    '"deploymentConfiguration"',
    '"deploymentController"',
    '"op"',
    '"openapi"',
    '"swagger"',
    '"asyncapi"',
)


def is_candidate(path: str) -> bool:
    """Say by name alone whether a file may be something we read."""
    if _YAML.search(path):
        return True
    if _JSON.search(path):
        return not _LOCK.search(path)
    if _TELLING.search(path):
        return True
    return any(pattern.search(path) for _, _, pattern in _TEXT_READERS)


def is_program(path: str) -> bool:
    """Say by name alone whether a file may be a migration in a programming language."""
    return _PROGRAM.search(path) is not None


def read(file: SourceFile) -> Artefact | None:
    """Return the typed view of `file`, or None when it is nothing we know."""
    if _YAML.search(file.path):
        return _read_tree(file)
    if _JSON.search(file.path):
        return _read_json(file)
    for function, module, pattern in _TEXT_READERS:
        if pattern.search(file.path):
            reader = cast("Callable[[SourceFile], Artefact | None]", _load(module, function))
            return reader(file)
    return None


def parts_of(file: SourceFile) -> Sequence[Element]:
    """Return what references of other files may lead into in a file that is nothing by itself."""
    if not (_YAML.search(file.path) or _JSON.search(file.path)) or _PART.search(file.text) is None:
        return ()
    reader = cast("Callable[[SourceFile], Element]", _load("contracts", "part_of"))
    return (reader(file),)


def _read_tree(file: SourceFile) -> Artefact | None:
    tree: Tree | None = None
    for module, path, word in _TREE_READERS:
        is_placed = module == "other_pipelines" and file.around is not None
        if not is_placed and not _may_be(file, path, word):
            continue
        if tree is None:
            from rollsafe.formats.yaml import read_yaml

            tree = read_yaml(file.text)
        reader = cast("Callable[[SourceFile, Tree], Artefact | None]", _load(module, "recognise"))
        artefact = reader(file, tree)
        if artefact is not None:
            return artefact
    is_refused = tree is not None and not tree.documents and any(problem.fatal for problem in tree.problems)
    return Artefact(file, (), tree.problems) if tree is not None and is_refused else None


def _may_be(file: SourceFile, path: re.Pattern[str] | None, word: str | None) -> bool:
    return (path is not None and path.search(file.path) is not None) or (
        word is not None and word in file.text
    )


def _read_json(file: SourceFile) -> Artefact | None:
    if file.name == "package.json":
        reader = cast("Callable[[SourceFile, Tree], Artefact | None]", _load("scripts", "recognise_package"))
        from rollsafe.formats.yaml import read_yaml

        return reader(file, read_yaml(file.text))
    is_known = _KNOWN_JSON.search(file.path) or any(hint in file.text for hint in _JSON_HINTS)
    return _read_tree(file) if is_known else None


def _load(module: str, function: str) -> object:
    return getattr(import_module(f"rollsafe.artefacts.{module}"), function)
