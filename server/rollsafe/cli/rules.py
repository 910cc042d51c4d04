"""`rules`: the list of all rules."""

from itertools import groupby

from rollsafe.cli.arguments import Arguments
from rollsafe.cli.console import Console
from rollsafe.cli.output.json import Json, encoded
from rollsafe.engine import installed_agents
from rollsafe.rules import Rule
from rollsafe.rules.pages import page_path


def run(arguments: Arguments, console: Console) -> int:
    """Print all rules, sorted by agent and name."""
    rules = [rule for agent in installed_agents() for rule in agent.rules]
    rules.sort(key=lambda rule: (rule.agent, rule.name))
    form = arguments.one("--format") or "full"
    if form == "json":
        console.write_document(encoded({"rules": [record(rule) for rule in rules]}))
    elif form == "markdown":
        console.write(_markdown(rules))
    else:
        console.write(_listing(rules))
    return 0


def record(rule: Rule) -> dict[str, Json]:
    """Return what programs are told about a rule."""
    return {
        "name": rule.name,
        "agent": rule.agent,
        "family": rule.family,
        "severity": rule.severity.value,
        "confidence": rule.confidence.value,
        "level": rule.level.value,
        "status": rule.status.value,
        "since": rule.since,
        "fix": rule.fix.value if rule.fix else "none",
        "equivalents": list(rule.equivalents),
        "summary": rule.summary,
    }


def _listing(rules: list[Rule]) -> str:
    width = max((len(rule.name) for rule in rules), default=0)
    lines: list[str] = []
    for agent, owned in groupby(rules, lambda rule: rule.agent):
        lines += ["", agent] if lines else [agent]
        for rule in owned:
            level = "" if rule.level == "regular" else f" ({rule.level})"
            lines.append(f"  {rule.name:<{width}}  {rule.severity:<7}  {rule.summary}{level}")
    return "\n".join(lines) + "\n" if lines else ""


def _markdown(rules: list[Rule]) -> str:
    head = [
        "| rule | agent | family | severity | level | fix | what is wrong |",
        "|---|---|---|---|---|---|---|",
    ]
    rows = [
        f"| [{rule.name}]({page_path(rule)}) | {rule.agent} | {rule.family} | {rule.severity} "
        f"| {rule.level} | {rule.fix or 'none'} | {rule.summary} |"
        for rule in rules
    ]
    return "\n".join([*head, *rows]) + "\n"
