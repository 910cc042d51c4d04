"""What `check` and `fix` were asked to do, typed."""

import os
from typing import cast

from rollsafe.cli.arguments import Arguments, check_choice
from rollsafe.cli.commands import FORMATS
from rollsafe.cli.failures import CommandError
from rollsafe.rules import Confidence, Severity
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.settings import LevelName


class Overrides(NamedTuple):
    """What the command line says over the projects' settings."""

    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    level: LevelName | None = None
    exclude: tuple[str, ...] = ()
    config: str | None = None
    isolated: bool = False


class Filters(NamedTuple):
    """Which findings are spoken of."""

    min_severity: Severity = Severity.HINT
    min_confidence: Confidence = Confidence.LOW
    ignores: bool = True
    diff_base: str | None = None
    baseline: str | None = None
    update_baseline: bool = False


class Fixing(NamedTuple):
    """Whether and how fixes are applied."""

    apply: bool = False
    unsafe: bool = False
    diff: bool = False
    show: bool = False

    @property
    def wanted(self) -> bool:
        """Whether fixes are worked out at all."""
        return self.apply or self.diff


class Output(NamedTuple):
    """A form of the result and the file it goes to; standard output for None."""

    form: str
    file: str | None = None


class Reviewing(NamedTuple):
    """Whether a model is asked; `ask` is None where the user's own settings decide, `fail_on` for never.

    `dry_run` names the file that requests go to instead of being sent; empty for standard output. `trust`
    tells that agents of the project's own files may be asked, too.
    """

    ask: bool | None = None
    dry_run: str | None = None
    model: str | None = None
    fail_on: Severity | None = None
    trust: bool = False


class CheckOptions(NamedTuple):
    """One `check`, or `fix` where `is_check` is false. `fail_on` is None for never."""

    paths: tuple[str, ...]
    overrides: Overrides
    filters: Filters
    fixing: Fixing
    outputs: tuple[Output, ...]
    base: str | None
    fail_on: Severity | None
    statistics: bool
    stdin_filename: str | None
    color: str
    reviewing: Reviewing
    is_check: bool


def read_options(arguments: Arguments, *, is_terminal: bool) -> CheckOptions:
    """Read what was given.

    Raises:
        CommandError: options that contradict each other or a value that is no good.
    """
    fail_on = arguments.one("--fail-on") or "error"
    never = fail_on == "never" or arguments.flag("--exit-zero")
    options = CheckOptions(
        paths=tuple(arguments.operands) or (".",),
        overrides=_overrides(arguments),
        filters=_filters(arguments),
        fixing=_fixing(arguments),
        outputs=_outputs(arguments, is_terminal),
        base=arguments.one("--base"),
        fail_on=None if never else Severity(fail_on),
        statistics=arguments.flag("--statistics"),
        stdin_filename=arguments.one("--stdin-filename"),
        color=arguments.one("--color") or "auto",
        reviewing=_reviewing(arguments),
        is_check=arguments.command.name == "check",
    )
    _check(options)
    return options


def _overrides(arguments: Arguments) -> Overrides:
    return Overrides(
        select=arguments.listed("--select"),
        extend_select=arguments.listed("--extend-select"),
        ignore=arguments.listed("--ignore"),
        level=cast("LevelName | None", arguments.one("--level")),
        exclude=arguments.every("--exclude"),
        config=arguments.one("--config"),
        isolated=arguments.flag("--isolated"),
    )


def _filters(arguments: Arguments) -> Filters:
    return Filters(
        min_severity=Severity(arguments.one("--min-severity") or "hint"),
        min_confidence=Confidence(arguments.one("--min-confidence") or "low"),
        ignores=not arguments.flag("--no-ignores"),
        diff_base=arguments.one("--diff-base"),
        baseline=arguments.one("--baseline"),
        update_baseline=arguments.flag("--update-baseline"),
    )


def _fixing(arguments: Arguments) -> Fixing:
    return Fixing(
        apply=arguments.command.name == "fix" or arguments.flag("--fix"),
        unsafe=arguments.flag("--unsafe-fixes"),
        diff=arguments.flag("--diff"),
        show=arguments.flag("--show-fixes"),
    )


def _reviewing(arguments: Arguments) -> Reviewing:
    if arguments.flag("--ai") and arguments.flag("--no-ai"):
        raise CommandError("--ai and --no-ai exclude each other")
    dry_run = arguments.one("--ai-dry-run")
    if dry_run is not None and arguments.flag("--no-ai"):
        raise CommandError("--ai-dry-run and --no-ai exclude each other")
    decided = arguments.flag("--ai") or dry_run is not None or arguments.flag("--no-ai")
    fail_on = arguments.one("--ai-fail-on") or "never"
    return Reviewing(
        ask=not arguments.flag("--no-ai") if decided else None,
        dry_run=dry_run,
        model=arguments.one("--ai-model"),
        fail_on=None if fail_on == "never" or arguments.flag("--exit-zero") else Severity(fail_on),
        trust=arguments.flag("--trust"),
    )


def _outputs(arguments: Arguments, is_terminal: bool) -> tuple[Output, ...]:
    files = [_file_output(word) for word in arguments.every("--output")]
    return (Output(_form(arguments, is_terminal)), *files)


def _file_output(word: str) -> Output:
    form, _, file = word.partition("=")
    if not file:
        raise CommandError(f"--output: `{word}` is not FORMAT=FILE")
    return Output(check_choice("--output", form, FORMATS), file)


def _form(arguments: Arguments, is_terminal: bool) -> str:
    """Return the form for standard output: the option's, the environment's, or what the place wants."""
    given = arguments.one("--format")
    if given is not None:
        return given
    variable = os.environ.get("ROLLSAFE_OUTPUT_FORMAT")
    if variable:
        return check_choice("ROLLSAFE_OUTPUT_FORMAT", variable, FORMATS)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        return "github"
    return "full" if is_terminal else "concise"


def _check(options: CheckOptions) -> None:
    forms = {output.form for output in options.outputs}
    if options.statistics and forms & {"sarif", "github"}:
        raise CommandError("--statistics goes with the formats full, concise and json")
    lists = not (options.statistics or options.fixing.diff or options.filters.update_baseline)
    if options.reviewing.ask and not lists:
        raise CommandError("--ai excludes --statistics, --diff and --update-baseline")
    if options.overrides.config and options.overrides.isolated:
        raise CommandError("--config and --isolated exclude each other")
    if options.filters.update_baseline and (options.fixing.wanted or options.filters.diff_base):
        raise CommandError("--update-baseline excludes fixing and --diff-base")
    if "-" in options.paths:
        if len(options.paths) > 1:
            raise CommandError("`-` excludes other paths")
        if options.stdin_filename is None:
            raise CommandError("`-` needs --stdin-filename: the name says what kind of file it is")
    elif options.stdin_filename is not None:
        raise CommandError("--stdin-filename goes with the path `-`")
