"""Writes what is generated: pages of rules, settings and plans, the JSON Schemas of settings and plans.

`python docs/generate.py` rewrites the files; `--check` says which would change and exits with 1.
"""

import ast
import inspect
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import coverage_page
import msgspec
from pydantic import BaseModel

from rollsafe.engine import installed_agents
from rollsafe.engine.planning import plan_kinds
from rollsafe.plans.kind import PlanKind
from rollsafe.plans.run_report import RunReport
from rollsafe.plans.run_status import RunStatus
from rollsafe.rules import Rule
from rollsafe.rules.pages import page
from rollsafe.workspace import settings, user_settings
from rollsafe.workspace.settings import schema_of, settings_schema
from rollsafe.workspace.user_settings import UserSettings

ROOT = Path(__file__).resolve().parent.parent
SCHEMAS = "server/rollsafe/plans"


def generated() -> Iterator[tuple[str, str]]:
    """Yield the path of every generated file, relative to the repository, and its text."""
    rules = [rule for agent in installed_agents() for rule in agent.rules]
    for rule in rules:
        yield f"docs/rules/{rule.name}.md", page(rule)
    yield "docs/rules/README.md", index(rules)
    yield "docs/settings.md", settings_page()
    yield "docs/agents/coverage.md", coverage_page.page()
    yield "docs/ai-review.md", with_keys((ROOT / "docs/ai-review.md").read_text(encoding="utf-8"))
    yield "server/rollsafe/workspace/rollsafe.schema.json", formatted(settings_schema())
    yield "docs/plans.md", plans_page(plan_kinds())
    for kind in plan_kinds():
        yield f"{SCHEMAS}/{kind.schema_file}", formatted(schema_of_model(kind.model))
    yield f"{SCHEMAS}/run.schema.json", formatted(schema_of_model(RunReport))
    yield f"{SCHEMAS}/run-status.schema.json", formatted(schema_of_model(RunStatus))


def formatted(schema: dict[str, Any]) -> str:
    """Return a schema as it is written to a file."""
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode() + "\n"


def schema_of_model(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema of what `rollsafe plan` writes of a model with `--format json`."""
    schema = model.model_json_schema(by_alias=True, mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def plans_page(kinds: Sequence[PlanKind]) -> str:
    """Return the page of all kinds of plans: the table, then each with its options and forms."""
    lines = [
        "# Plans",
        "",
        "`rollsafe plan KIND` writes one, in editors the command `rollsafe.plan` does. `--env NAME` is the",
        "environment (`production` unless the settings name another), `--base REF` the revision that is",
        "deployed. All of them can be written as Markdown and JSON.",
        "",
        "The language server takes `kind`, `subject`, `options`, `base`, `environment` and the `uri` of a",
        "file of the project. With a `partialResultToken` the text comes section by section as `$/progress`,",
        "each part `{title, markdown}`, and the answer's own text is empty; cancelling stops it between",
        "sections. `rollsafe.planKinds` returns the kinds that are installed.",
        "",
        "| plan | about | what it answers | agent |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| [{kind.name}](#{kind.name}) | {_subject(kind)} | {kind.summary} | {kind.agent} |"
        for kind in kinds
    ]
    for kind in kinds:
        lines += ["", *_plan_section(kind)]
    return "\n".join(lines) + "\n"


def _subject(kind: PlanKind) -> str:
    if not kind.subject:
        return "the project"
    return f"`{kind.subject}`" if kind.needs_subject else f"`{kind.subject}`, or the project"


def _plan_section(kind: PlanKind) -> Iterator[str]:
    subject = "" if not kind.subject else f" {kind.subject}" if kind.needs_subject else f" [{kind.subject}]"
    forms = ", ".join(f"`{form}`" for form in ("markdown", "json", *kind.forms))
    yield f"## {kind.name}"
    yield ""
    yield f"{kind.title}: {kind.summary}."
    yield ""
    yield f"- call: `rollsafe plan {kind.name}{subject} [PATH]`"
    yield f"- forms: {forms}"
    yield f"- JSON: `{kind.schema}`, described by [{kind.schema_file}](../{SCHEMAS}/{kind.schema_file})"
    for option in kind.options:
        yield f"- `--{option.name}{' ' * bool(option.metavar)}{option.metavar}`: {option.help}"


def index(rules: list[Rule]) -> str:
    """Return the table of all rules, one section per agent."""
    lines = [
        "# Rules",
        "",
        f"{len(rules)} rules. Level `regular` runs by default; `pedantic` and `auditor` are opt-in.",
        "",
    ]
    for agent, owned in groupby(sorted(rules, key=lambda r: (r.agent, r.name)), lambda r: r.agent):
        lines += [f"## {agent}", "", "| rule | what is wrong | family | severity | level | fix |"]
        lines += ["|---|---|---|---|---|---|"]
        lines += [
            f"| [{r.name}]({r.name}.md) | {r.summary} | {r.family} | {r.severity} | {r.level} "
            f"| {r.fix or '–'} |"
            for r in owned
        ]
        lines.append("")
    return "\n".join(lines)


def with_keys(text: str) -> str:
    """Return the page about reviews with the table of review keys at its end."""
    before, heading, rest = text.partition("## Review keys\n")
    lines = [rest.partition("\n\n")[0], "", "| agent | key | question |", "|---|---|---|"]
    for agent in installed_agents():
        lines += [f"| {agent.name} | `ai/{check.name}` | {check.question} |" for check in agent.checks]
    return before + heading + "\n".join(lines) + "\n"


def settings_page() -> str:
    """Return the table of all keys of `rollsafe.toml`."""
    lines = ["# Settings", "", "Keys of `rollsafe.toml`, or of `[tool.rollsafe]` in `pyproject.toml`.", ""]
    lines += ["| key | type | default | meaning |", "|---|---|---|---|"]
    schema = settings_schema()
    lines += list(_rows(schema, schema["$defs"]["Settings"], ""))
    lines += [
        "",
        "## Of the user",
        "",
        *_USER_SETTINGS,
        "",
        "| key | type | default | meaning |",
        "|---|---|---|---|",
    ]
    schema = schema_of(UserSettings)
    lines += list(_rows(schema, schema["$defs"]["UserSettings"], ""))
    return "\n".join(lines) + "\n"


_USER_SETTINGS = (
    "Keys of `~/.config/rollsafe/settings.toml` (`$XDG_CONFIG_HOME/rollsafe/settings.toml`;",
    "`%APPDATA%\\rollsafe\\settings.toml` on Windows). `rollsafe check` reads them; editors have their own.",
    "A project can set none of them. See [Review by a model](ai-review.md).",
)


def _rows(schema: dict[str, dict[str, object]], table: object, prefix: str) -> Iterator[str]:
    properties = msgspec.convert(table, _Table).properties
    documented = _documentation()
    for name, key in sorted(properties.items()):
        if key.ref is not None:
            nested = schema["$defs"][key.ref.rpartition("/")[2]]
            yield from _rows(schema, nested, f"{prefix}{name}.")
            continue
        default = msgspec.json.encode(key.default).decode() if key.default is not msgspec.UNSET else ""
        yield f"| `{prefix}{name}` | {key.kind()} | `{default}` | {documented.get(prefix + name, '')} |"


class _Key(msgspec.Struct):
    default: object = msgspec.UNSET
    type: str | None = None
    enum: list[str] | None = None
    anyOf: list[dict[str, object]] | None = None  # noqa: N815 - the schema's spelling
    ref: str | None = msgspec.field(name="$ref", default=None)

    def kind(self) -> str:
        if self.enum:
            return " \\| ".join(f"`{value}`" for value in self.enum)
        if self.anyOf:
            return " or ".join(str(option.get("type")) for option in self.anyOf)
        return str(self.type)


class _Table(msgspec.Struct):
    properties: dict[str, _Key]


def _documentation() -> dict[str, str]:
    """Return the sentence under each field of the settings' source, by dotted key."""
    sources = (inspect.getsource(settings), inspect.getsource(user_settings))
    body = [node for source in sources for node in ast.parse(source).body]
    prefixes = {
        "Settings": "",
        "MigrationSettings": "migrations.",
        "PlanSettings": "plan.",
        "ReviewPermission": "ai.",
        "AgentSettings": "agents.",
        "UserReview": "ai.",
        "ReviewBudget": "ai.budget.",
    }
    found: dict[str, str] = {}
    for node in body:
        if isinstance(node, ast.ClassDef) and node.name in prefixes:
            for field, text in zip(node.body, node.body[1:], strict=False):
                name, sentence = _field_name(field), _sentence(text)
                if name and sentence:
                    found[prefixes[node.name] + name] = sentence
    return found


def _field_name(node: ast.stmt) -> str:
    """Return the key of an annotated field, empty for another statement."""
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id.replace("_", "-")
    return ""


def _sentence(node: ast.stmt) -> str:
    """Return the text of a string statement on one line, empty for another statement."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return " ".join(str(node.value.value).split())
    return ""


def main(arguments: list[str]) -> int:
    """Write or check the generated files."""
    wanted = dict(generated())
    kept = [*(ROOT / "docs/rules").glob("*.md"), *(ROOT / SCHEMAS).glob("*.schema.json")]
    stale = [path for path in kept if path.relative_to(ROOT).as_posix() not in wanted]
    changed = [path for path, text in wanted.items() if _read(ROOT / path) != text]
    if "--check" in arguments:
        for path in [*changed, *(str(p.relative_to(ROOT)) for p in stale)]:
            print(f"out of date: {path} (run `make docs`)")
        return 1 if changed or stale else 0
    for path in changed:
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(wanted[path], encoding="utf-8")
    for file_of_nothing in stale:
        file_of_nothing.unlink()
    return 0


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
