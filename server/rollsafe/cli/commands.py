"""The commands and their options: one table behind reading, `--help` and the docs."""

from typing import Final

from rollsafe.cli.arguments import Command, Option

FORMATS: Final = ("full", "concise", "json", "sarif", "github")
SEVERITIES: Final = ("error", "warning", "info", "hint")

_SELECTION: Final = (
    Option("--select", "Run only these rules, families or agents", "NAME,…"),
    Option("--extend-select", "Run these as well, also those that are off by default", "NAME,…"),
    Option("--ignore", "Do not run these", "NAME,…"),
    Option("--level", "Which opt-in rules run", choices=("regular", "pedantic", "auditor")),
    Option("--exclude", "Leave out paths, as in a .gitignore", "PATTERN"),
    Option("--config", "Use this file instead of the projects' own settings", "FILE"),
    Option("--isolated", "Use no settings file at all"),
)
_JUDGEMENT: Final = (
    Option("--min-severity", "Leave out what is less severe", choices=SEVERITIES),
    Option("--min-confidence", "Leave out what is less certain", choices=("high", "medium", "low")),
    Option("--no-ignores", "Show what ignore comments silence"),
    Option("--base", "Revision that rules about breaking changes compare with", "REF"),
    Option("--diff-base", "Only what REF's state did not have yet (from the merge base on)", "REF"),
    Option("--baseline", "Leave out what FILE lists (default: rollsafe-baseline.json)", "FILE"),
    Option("--update-baseline", "Write what is found to the baseline; from then on only the rest speaks"),
    Option("--fail-on", "Least severity that gives exit code 1 (error)", choices=(*SEVERITIES, "never")),
    Option("--exit-zero", "Exit with 0 whatever is found"),
)
_FIXING: Final = (
    Option("--unsafe-fixes", "Apply fixes that change behaviour, too"),
    Option("--diff", "Print what fixes would change and write nothing; exit 1 when there is something"),
    Option("--show-fixes", "List each fix that was applied"),
)
_OUTPUT: Final = (
    Option("--format", "Form of the output (full on a terminal, else concise)", choices=FORMATS),
    Option("--output", "Write this form to a file as well; may be repeated", "FORMAT=FILE"),
    Option("--statistics", "Count per rule instead of listing"),
    Option("--stdin-filename", "The name of what `-` reads", "PATH"),
    Option("--color", "Colours and links", choices=("auto", "always", "never")),
    Option("--quiet", "No summary", short="-q"),
    Option("--verbose", "Say what was left out, and why", short="-v"),
)
_REVIEW: Final = (
    Option("--ai", "Let a model look as well: redacted text of the files is sent to its service"),
    Option("--no-ai", "Do not, whatever the user's own settings say"),
    Option("--ai-model", "The model: haiku, sonnet, opus, or its own name (haiku)", "NAME"),
    Option(
        "--ai-fail-on", "Least severity of a remark that gives exit code 1", choices=("info", "hint", "never")
    ),
    Option("--ai-dry-run", "Print, or write to FILE, what --ai would send, and send nothing", "[=FILE]"),
    Option("--trust", "Let agents of the project's own files be asked as well, as its settings say"),
)
_CHECKING: Final = (*_SELECTION, *_JUDGEMENT, *_FIXING, *_OUTPUT)

_PLANNING: Final = (
    Option("--env", "The environment the plan is for (production)", "NAME"),
    Option("--base", "Revision that is deployed at present (the merge base with main)", "REF"),
    Option("--output", "Write it to a file", "FILE", short="-o"),
    Option("--ai", "Let a model write words beside it, where the kind has a place for them"),
    Option("--ai-model", "The model: haiku, sonnet, opus, or its own name (haiku)", "NAME"),
    Option("--ai-dry-run", "Write what --ai would send to FILE, and send nothing", "FILE"),
)

COMMANDS: Final = (
    Command(
        "check",
        "Find hazards in files and directories",
        "[PATH…]",
        None,
        (*_CHECKING, Option("--fix", "Apply safe fixes"), *_REVIEW),
    ),
    Command("fix", "Apply fixes: the same as `check --fix`", "[PATH…]", None, _CHECKING),
    Command(
        "explain",
        "Say what a rule finds and why it matters, or where a model's remark comes from",
        "RULE|FINGERPRINT",
        1,
        (Option("--format", "Form of the text", choices=("full", "markdown", "json")),),
    ),
    Command(
        "dismiss",
        "Set a model's remark aside while its text stays the same; without one, list them",
        "[FINGERPRINT…]",
        None,
        (
            Option("--reason", "Why, for whoever looks later", "TEXT"),
            Option("--for-all", "In rollsafe-dismissed.json of the project, not only for you"),
            Option("--undo", "Let it be made again"),
        ),
    ),
    Command(
        "rules",
        "List all rules",
        options=(Option("--format", "Form of the list", choices=("full", "markdown", "json")),),
    ),
    Command(
        "config",
        "Show the settings in force, check them, or print their JSON Schema",
        "show|validate|schema [PATH]",
        2,
        (
            Option("--format", "Form of `show`", choices=("toml", "json")),
            Option("--config", "Look at this file", "FILE"),
        ),
        actions=("show", "validate", "schema"),
    ),
    Command(
        "plan",
        "Make a plan: deploy, rollback and others; `plan KIND --help` says more",
        "KIND [PATH]",
        2,
        _PLANNING,
    ),
    Command("graph", "Show what waits for what, and the longest chain: `plan graph`", options=_PLANNING),
    Command(
        "map", "Show what runs, who talks to whom, how environments differ: `plan map`", options=_PLANNING
    ),
    Command(
        "agents",
        "List the agents, show one, or say which one a task is for",
        "list|show NAME|route TASK [PATH]",
        3,
        (
            Option("--format", "Form of the answer", choices=("full", "json")),
            Option("--trust", "Let agents of the project's own files take part, as its settings ask"),
        ),
        actions=("list", "show", "route"),
    ),
    Command(
        "server",
        "Run the language server on standard input and output",
        options=(Option("--stdio", "The only way there is; accepted because editors pass it"),),
    ),
    Command("mcp", "Run the MCP server for AI assistants: read-only tools (needs the extra `mcp`)"),
    Command(
        "version",
        "Print the version",
        options=(Option("--verbose", "Also Python, agents and numbers of rules", short="-v"),),
    ),
)
BY_NAME: Final = {command.name: command for command in COMMANDS}

PLANS: Final = frozenset({"plan", "graph", "map"})
"""The commands that make plans; what else they take depends on the kind."""
