"""What events, filters, machines and actions of a workflow may be: what is told, and what is left alone."""

import pytest

from rollsafe.workspace.settings import Settings
from tests.checking import check, open_project

WORKFLOW = """\
name: check
on:
{on}
permissions:
  contents: read
jobs:
  test:
    runs-on: {runs_on}
    timeout-minutes: 10
{job}
"""
ACTION = """\
name: greet
description: Says hello
inputs:
  who:
    description: whom to greet
    required: true
  tone:
    description: how
outputs:
  words:
    description: what was said
    value: hello
runs:
  using: {using}
  {runs}
"""
COMPOSITE = ACTION.format(using="composite", runs="steps:\n    - run: echo hello\n      shell: bash")
STEPS = "    steps:\n      - run: make test"


def told(
    on: str = "  pull_request:", runs_on: str = "ubuntu-24.04", job: str = STEPS, **files: str
) -> set[str]:
    """Return the rules of GitHub's syntax that speak of a workflow and the files beside it, by path."""
    workflow = WORKFLOW.format(on=on, runs_on=runs_on, job=job)
    found = check({".github/workflows/check.yml": workflow, **files}, Settings(level="auditor"))
    return {one.rule for one in found if one.rule in NAMES}


NAMES = {
    *("call-without-permissions", "missing-workflow-key", "invalid-workflow-id", "mismatched-workflow-call"),
    *("broken-filter-pattern", "exclusive-event-filters", "impossible-workflow-input", "schedule-too-often"),
    *("unreadable-schedule", "unknown-runner", "conflicting-runner-labels", "unknown-shell"),
    *("exclude-without-match", "repeated-matrix-value", "mismatched-action-call", "call-of-broken-action"),
    *("unrunnable-action", "deprecated-action-input", "outdated-action", "malformed-reference"),
    *("unknown-context-name", "unused-anchor", "constant-condition", "empty-workflow-section"),
    *("deprecated-workflow-command", "registry-password-in-workflow", "invalid-variable-name"),
    *("wrong-workflow-value", "unknown-workflow-key", "mistyped-expression", "needs-cycle"),
}


def pushed(key: str, pattern: str) -> set[str]:
    """Return what is told of one pattern in a filter of `push`."""
    return told(on=f"  push:\n    {key}:\n      - '{pattern}'")


BRANCHES = (
    *("main", "feature/*", "feature/**", "*", "**", "*feature", "v2*", "v[12].[0-9]+.[0-9]+", "!main"),
    *("releases/**-alpha", "v*.*.*", r"odd\+name", "[a-c]x", "dependabot/npm_and_yarn/**"),
)
PATHS = (
    *(
        "*.jsx?",
        "**.js",
        "docs/**/*.md",
        "**/docs/**",
        "**/*-post.md",
        "!README.md",
        "src/a b.txt",
        ".github/**",
    ),
    *(r"win\path", "file^1", "~tilde"),
)


@pytest.mark.parametrize("pattern", BRANCHES)
def test_patterns_of_branches_that_github_documents_are_silent(pattern: str) -> None:
    assert pushed("branches", pattern) == set()


@pytest.mark.parametrize("pattern", PATHS)
def test_patterns_of_paths_that_github_documents_are_silent(pattern: str) -> None:
    assert pushed("paths", pattern) == set()


@pytest.mark.parametrize(
    ("key", "pattern"),
    [
        ("branches", "+main"),
        ("branches", "release/v*+"),
        ("branches", "v[0-9"),
        ("branches", "v[9-1]"),
        ("branches", "v[1-]"),
        ("branches", "my branch"),
        ("branches", "^v1"),
        ("branches", "feature/"),
        ("tags", "/v1"),
        ("paths", "./src/**"),
        ("paths", "../other"),
        ("paths", " src/**"),
    ],
)
def test_patterns_that_cannot_be_read_or_match_nothing_are_told(key: str, pattern: str) -> None:
    assert pushed(key, pattern) == {"broken-filter-pattern"}


@pytest.mark.parametrize(
    "cron", ["0 0 * * SUN", "*/5 * * * *", "0 0 1,15 * *", "30 5-17/2 * JAN-MAR mon-fri"]
)
def test_schedules_that_github_reads_are_silent(cron: str) -> None:
    assert told(on=f"  schedule:\n    - cron: '{cron}'\n      timezone: Europe/Berlin") == set()


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("cron: '@daily'", "unreadable-schedule"),
        ("cron: '0 0 * * 7'", "unreadable-schedule"),
        ("cron: '0 0 31 2 *'", "unreadable-schedule"),
        ("cron: '0 17-9 * * *'", "unreadable-schedule"),
        ("cron: '0 0 * * *'\n      timezone: Europe/Berln", "unreadable-schedule"),
        ("cron: '*/2 * * * *'", "schedule-too-often"),
    ],
)
def test_schedules_that_github_does_not_keep_are_told(line: str, name: str) -> None:
    assert told(on=f"  schedule:\n    - {line}") == {name}


@pytest.mark.parametrize(
    "on",
    [
        "  repository_dispatch:\n    types: deploy",
        "  status: {}",
        "  workflow_dispatch:\n    inputs:\n      level:",
        "  push:\n    branches: [main]\n    branches-ignore: []",
        "  workflow_dispatch:\n    inputs:\n      level: {type: choice, options: ['', low], default: low}",
    ],
)
def test_events_that_github_takes_are_silent(on: str) -> None:
    assert told(on=on) - {"empty-workflow-section"} == set()


CONFIG = "self-hosted-runner:\n  labels: [gpu-*, builder]\nconfig-variables: [REGION]\n"


@pytest.mark.parametrize(
    "runs_on",
    ["blacksmith-4vcpu-ubuntu-2404", "ubuntu-large", "[self-hosted, ubuntu-20.04]", "${{ vars.RUNNER }}"],
)
def test_a_label_may_be_somebodys_own(runs_on: str) -> None:
    assert told(runs_on=runs_on) == set()


def test_labels_that_are_listed_are_known_and_others_then_are_not() -> None:
    listed = {".github/actionlint.yaml": CONFIG}
    assert told(runs_on="gpu-large", **listed) == set()
    assert told(runs_on="bilder", **listed) == {"unknown-runner"}


def test_labels_are_looked_up_in_the_matrix() -> None:
    matrix = "    strategy:\n      matrix:\n        os: [ubuntu-24.04, macos-11]\n" + STEPS
    assert told(runs_on="${{ matrix.os }}", job=matrix) == {"unknown-runner"}


def test_variables_are_checked_where_all_of_them_are_listed() -> None:
    steps = "    steps:\n      - run: make REGION=${{ vars.REGON }}"
    assert told(job=steps) == set()
    assert told(job=steps, **{".github/actionlint.yaml": CONFIG}) == {"unknown-context-name"}


def test_what_an_expression_makes_is_neither_excluded_in_vain_nor_there_twice() -> None:
    rows = (
        "        node: [20, '${{ vars.NODE }}', '${{ vars.NODE }}']\n        exclude:\n          - node: 18\n"
    )
    assert told(job=f"    strategy:\n      matrix:\n{rows}{STEPS}") == set()


def calling(with_: str, uses: str = "./.github/actions/greet", before: str = "") -> str:
    """Return the steps of a job that uses an action."""
    return f"    steps:\n{before}      - id: greet\n        uses: {uses}\n{with_}"


@pytest.mark.parametrize(
    ("with_", "expected"),
    [
        ("        with:\n          WHO: world\n", set[str]()),
        ("        with:\n          who: world\n          tonne: low\n", {"mismatched-action-call"}),
        ("        with:\n          tone: low\n", {"mismatched-action-call"}),
        ("", {"mismatched-action-call"}),
    ],
)
def test_inputs_are_compared_with_those_of_the_action(with_: str, expected: set[str]) -> None:
    assert told(job=calling(with_), **{".github/actions/greet/action.yml": COMPOSITE}) == expected


def test_outputs_are_those_of_the_action() -> None:
    steps = calling("        with: {who: world}\n") + "      - run: echo ${{ steps.greet.outputs.wrds }}"
    assert told(job=steps, **{".github/actions/greet/action.yml": COMPOSITE}) == {"unknown-context-name"}


@pytest.mark.parametrize(
    "uses",
    [
        "./.github/actions/not-there",
        "somebody/unknown@v1",
        "actions/checkout@main",
        "actions/checkout@8e8c483db84b4bee98b60c0593521ed34d9990e8",
    ],
)
def test_nothing_is_told_of_actions_nobody_knows(uses: str) -> None:
    assert told(job=calling("        with: {anything: at all}\n", uses)) == set()


@pytest.mark.parametrize(
    "uses",
    [
        "actions/checkout@v6",
        "actions/checkout@v6.0.1",
        "actions/checkout@8e8c483db84b4bee98b60c0593521ed34d9990e8 # v6.0.1",
    ],
)
def test_popular_actions_are_known_by_version_and_by_the_comment_behind_a_commit(uses: str) -> None:
    assert told(job=calling("        with:\n          fetch-dept: 0\n", uses)) == {"mismatched-action-call"}


def test_a_container_takes_arguments_although_it_does_not_declare_them() -> None:
    docker = ACTION.format(using="docker", runs="image: docker://alpine:3.22")
    steps = calling("        with: {who: world, args: --loud}\n")
    assert told(job=steps, **{".github/actions/greet/action.yml": docker}) == set()


SCRIPT = ACTION.format(using="node24", runs="main: dist/index.js")


def test_a_file_is_missed_unless_a_step_before_may_have_made_it() -> None:
    action = {".github/actions/greet/action.yml": SCRIPT}
    steps = calling("        with: {who: world}\n")
    built = calling("        with: {who: world}\n", before="      - run: npm run build\n")
    assert told(job=steps, **action) == {"call-of-broken-action"}
    assert told(job=built, **action) == set()


@pytest.mark.parametrize(
    "expression", ["job.services.db.ports[5432]", "job.services.db.ports['5432']", "fromJSON(vars.LIST)[0]"]
)
def test_ports_and_arrays_are_indexed_by_numbers(expression: str) -> None:
    services = "    services:\n      db:\n        image: postgres:18\n        ports: ['5432']\n"
    assert told(job=f"{services}    steps:\n      - run: make PORT=${{{{ {expression} }}}}") == set()


def test_anchors_in_texts_and_comments_are_none() -> None:
    scripts = (
        "      - run: make a &b # &c\n      - run: |\n          make &\n          - &d x\n      - run: 'x &e'"
    )
    steps = f"    steps:\n{scripts}"
    assert told(job=steps) == set()


def test_an_anchor_is_used_by_the_aliases_behind_it() -> None:
    used = "    env: &shared\n      A: b\n    steps:\n      - run: make\n        env: *shared\n"
    again = used + "      - run: make\n        env: &shared {A: c}"
    assert told(job=used) == set()
    assert told(job=again) == {"unused-anchor"}


def test_a_circle_of_jobs_is_told_at_each_of_them_and_once_as_others_tell_it() -> None:
    jobs = "    needs: [b]\n" + STEPS
    for name, need in (("b", "c"), ("c", "test")):
        jobs += (
            f"\n  {name}:\n    needs: [{need}]\n    runs-on: ubuntu-24.04\n    timeout-minutes: 10\n{STEPS}"
        )
    workflow = WORKFLOW.format(on="  pull_request:", runs_on="ubuntu-24.04", job=jobs)
    found = check({".github/workflows/check.yml": workflow}, Settings(level="auditor"))
    told = [one for one in found if one.rule == "needs-cycle"]
    assert [one.line for one in told] == [10, 14, 20]


@pytest.mark.parametrize(
    "text",
    [
        "self-hosted-runner: &a [*a]\nconfig-variables: *a\n",
        "self-hosted-runner:\n  labels: {a: b}\nconfig-variables: 1\n",
        "- - -",
        "",
    ],
)
def test_a_broken_configuration_says_nothing(text: str) -> None:
    assert told(runs_on="builder", **{".github/actionlint.yaml": text}) == {"unknown-runner"}


CALLED = """\
name: notes
on:
  workflow_call:
permissions: {permissions}
jobs:
  notes:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make notes
"""


@pytest.mark.parametrize(
    ("given", "wanted", "expected"),
    [
        ("{contents: read}", "{contents: write}", {"call-without-permissions"}),
        ("{contents: read}", "{issues: read}", {"call-without-permissions"}),
        ("{}", "{contents: read}", {"call-without-permissions"}),
        ("{contents: read}", "read-all", {"call-without-permissions"}),
        ("read-all", "write-all", {"call-without-permissions"}),
        ("{contents: write}", "{contents: read}", set[str]()),
        ("write-all", "read-all", set[str]()),
        ("{contents: read}", "{issues: none}", set[str]()),
    ],
)
def test_a_called_workflow_gets_no_more_than_its_caller_has(
    given: str, wanted: str, expected: set[str]
) -> None:
    caller = f"""\
name: check
on:
  pull_request:
jobs:
  notes:
    permissions: {given}
    uses: ./.github/workflows/notes.yml
"""
    files = {
        ".github/workflows/check.yml": caller,
        ".github/workflows/notes.yml": CALLED.format(permissions=wanted),
    }
    found = check(files, Settings(level="auditor"))
    assert {one.rule for one in found if one.rule in NAMES} == expected


def test_a_caller_that_says_nothing_leaves_it_to_the_repository() -> None:
    caller = "name: check\non: push\njobs:\n  notes:\n    uses: ./.github/workflows/notes.yml\n"
    files = {
        ".github/workflows/check.yml": caller,
        ".github/workflows/notes.yml": CALLED.format(permissions="write-all"),
    }
    assert "call-without-permissions" not in {one.rule for one in check(files, Settings(level="auditor"))}


def test_a_job_on_a_machine_has_steps() -> None:
    assert told(job="    env: {A: b}") == {"missing-workflow-key"}


def test_ids_with_two_underscores_are_kept_by_github() -> None:
    assert told(job="    steps:\n      - id: __tag\n        run: make") == {"invalid-workflow-id"}
    assert told(job="    steps:\n      - id: _tag\n        run: make") == set()


def following(name: str, **others: str) -> list[str]:
    """Return what is told of a workflow that waits for another one called `name`."""
    text = WORKFLOW.format(
        on=f"  workflow_run:\n    workflows: ['{name}']", runs_on="ubuntu-24.04", job=STEPS
    )
    found = check({".github/workflows/report.yml": text, **others}, Settings(level="auditor"))
    return [one.message for one in found if one.rule == "unknown-followed-workflow"]


def test_a_followed_workflow_goes_by_its_name_or_its_path() -> None:
    named = CALLED.format(permissions="{}").replace("name: notes", "name: Release notes")
    files = {
        ".github/workflows/a.yml": named,
        ".github/workflows/b.yml": named.replace("name: Release notes\n", ""),
    }
    assert following("Release notes", **files) == []
    assert following(".github/workflows/b.yml", **files) == []
    assert following("pages-build-deployment", **files) == []
    assert following("a.yml", **files) == [
        "no workflow of the repository is called `a.yml`; the nearest is `Release notes`"
    ]


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("      - run: make test\n", True),
        ("      - uses: actions/setup-node@v6\n", True),
        ("      - uses: actions/cache@v5\n", False),
        ("      - run: git clone https://example.com/a.git .\n", False),
        ("      - uses: somebody/brings-files@v1\n", False),
    ],
)
def test_an_own_action_needs_the_repository(before: str, expected: bool) -> None:
    text = WORKFLOW.format(on="  push:", runs_on="ubuntu-24.04", job=calling("", before=before))
    found = {one.rule for one in check({".github/workflows/check.yml": text}, Settings())}
    assert ("local-action-before-checkout" in found) is expected
    own = text.replace("runs-on: ubuntu-24.04", "runs-on: [self-hosted, linux]")
    kept = {one.rule for one in check({".github/workflows/check.yml": own}, Settings())}
    assert "local-action-before-checkout" not in kept


@pytest.mark.parametrize(
    ("kind", "default", "expected"),
    [
        ("string", "inputs.first", set[str]()),
        ("string", "inputs.second", {"unknown-context-name"}),
        ("string", "inputs.third", {"unknown-context-name"}),
        ("boolean", "inputs.first", {"impossible-workflow-input"}),
        ("boolean", "github.ref == 'refs/heads/main'", set[str]()),
    ],
)
def test_the_default_of_an_input_may_be_one_before_it(kind: str, default: str, expected: set[str]) -> None:
    second = f"      second:\n        type: {kind}\n        default: ${{{{ {default} }}}}\n"
    inputs = f"      first: {{type: string}}\n{second}      third: {{type: string}}"
    assert told(on=f"  workflow_call:\n    inputs:\n{inputs}") == expected


def test_what_is_as_long_as_a_commit_may_be_a_tag() -> None:
    tag = f"release-of-{'the-greeter-' * 3}1"
    job = f"    steps:\n      - uses: greeter/greet@{tag} # v1.2.3"
    project = open_project(
        {
            ".github/workflows/check.yml": WORKFLOW.format(
                on="  pull_request:", runs_on="ubuntu-24.04", job=job
            )
        },
        Settings(level="auditor", select=("mismatched-pin-comment",)),
    )
    assert not project.engine.failures
    assert not project.engine.all_findings()
