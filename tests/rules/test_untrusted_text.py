"""Texts of strangers on their way into scripts, and code of strangers on its way into jobs."""

from collections.abc import Mapping

import pytest

from rollsafe.workspace.settings import LevelName, Settings
from tests.checking import ALL_RULES, check, try_fixes

RULE = "script-injection"
TITLE = "${{ github.event.pull_request.title }}"


def told(
    files: Mapping[str, str], rule: str = RULE, level: LevelName = "regular"
) -> list[tuple[str, int, str]]:
    """Return path, line and message of the findings of a rule at a level."""
    found = check(files, Settings(level=level))
    return [(one.path, one.line, one.message) for one in found if one.rule == rule]


def workflow(job: str, on: str = "pull_request_target", name: str = "greet") -> dict[str, str]:
    lines = job.strip("\n").split("\n")
    body = "\n".join(f"    {line}" if line else line for line in lines)
    head = f"name: {name}\non: {on}\npermissions:\n  contents: read\njobs:\n  greet:\n"
    head += "    runs-on: ubuntu-24.04\n"
    return {f".github/workflows/{name}.yml": head + body + "\n"}


def only(files: Mapping[str, str], rule: str = RULE) -> str:
    found = told(files, rule)
    assert len(found) == 1, found
    return found[0][2]


def test_a_text_is_followed_through_the_environment_of_the_job() -> None:
    files = workflow(f"env:\n  TITLE: {TITLE}\nsteps:\n  - run: echo '${{{{ env.TITLE }}}}'")
    assert "`github.event.pull_request.title`" in only(files)
    assert "through `env.title`" in only(files)


def test_a_text_is_followed_through_what_a_step_puts_out() -> None:
    files = workflow(
        f"""
steps:
  - id: read
    env:
      TITLE: {TITLE}
    run: echo "title=$TITLE" >> "$GITHUB_OUTPUT"
  - run: echo "${{{{ steps.read.outputs.title }}}}"
"""
    )
    assert "through `steps.read.outputs.title`" in only(files)


def test_a_text_is_followed_through_the_outputs_of_another_job() -> None:
    files = workflow(
        f"""
outputs:
  title: {TITLE}
steps:
  - run: make
"""
    )
    path = ".github/workflows/greet.yml"
    files[path] += (
        "  say:\n    needs: greet\n    runs-on: ubuntu-24.04\n    steps:\n"
        '      - run: echo "${{ needs.greet.outputs.title }}"\n'
    )
    assert "through `needs.greet.outputs.title`" in only(files)


def test_a_text_is_followed_into_an_action_of_the_repository() -> None:
    files = workflow(f"steps:\n  - uses: ./.github/actions/say\n    with:\n      text: {TITLE}")
    action = (
        "name: say\ndescription: Says it\ninputs:\n  text:\n    required: true\nruns:\n  using: composite\n"
        '  steps:\n    - run: echo "${{ inputs.text }}"\n      shell: bash\n'
    )
    found = told({**files, ".github/actions/say/action.yml": action})
    assert [(path, line) for path, line, _ in found] == [(".github/actions/say/action.yml", 9)]


def test_a_text_is_followed_into_a_called_workflow() -> None:
    caller = (
        "name: greet\non: pull_request_target\npermissions:\n  contents: read\njobs:\n  greet:\n"
        f"    uses: ./.github/workflows/say.yml\n    with:\n      text: {TITLE}\n"
    )
    called = workflow(
        "steps:\n  - run: echo '${{ inputs.text }}'",
        on="\n  workflow_call:\n    inputs:\n      text:\n        type: string",
        name="say",
    )
    assert "through `inputs.text`" in only({".github/workflows/greet.yml": caller, **called})


def test_names_of_changed_files_are_texts_of_strangers() -> None:
    files = workflow(
        """
steps:
  - id: changed
    uses: tj-actions/changed-files@ed68ef82c095e0d48ec87eccea555d944a631a4c
  - run: for file in ${{ steps.changed.outputs.all_changed_files }}; do echo "$file"; done
  - run: echo ${{ steps.changed.outputs.any_changed }}
"""
    )
    assert "all_changed_files" in only(files)


@pytest.mark.parametrize(
    "expression",
    [
        "github.event.pull_request.title == 'x'",
        "contains(github.event.pull_request.title, 'x')",
        "github.event.pull_request.title == 'x' && 'yes' || 'no'",
        "github.event.pull_request.number",
        "github.sha",
    ],
)
def test_what_only_looks_at_a_text_does_not_bring_it_in(expression: str) -> None:
    files = workflow(f'steps:\n  - run: echo "${{{{ {expression} }}}}"')
    assert told(files, level="pedantic") == []
    assert len(told(files, level="auditor")) == 1


def test_a_text_is_found_where_a_condition_chooses_it() -> None:
    files = workflow('steps:\n  - run: echo "${{ github.run_id && github.head_ref || github.sha }}"')
    assert "`github.head_ref`" in only(files)


def test_expressions_that_lead_in_a_circle_end() -> None:
    names = [f"A{at}" for at in range(40)]
    env = "\n".join(f"  {name}: {' '.join(f'${{{{ env.{other} }}}}' for other in names)}" for name in names)
    files = workflow(f"env:\n{env}\nsteps:\n  - run: echo ${{{{ env.A0 }}}}")
    assert told(files) == []


def test_a_choice_is_no_text_and_a_string_is_one() -> None:
    on = (
        "\n  workflow_dispatch:\n    inputs:\n      kind:\n        type: choice\n        options: [a, b]\n"
        "      note:\n        type: string"
    )
    files = workflow('steps:\n  - run: echo "${{ inputs.kind }} ${{ inputs.note }}"', on=on)
    assert "`inputs.note`" in only(files)


CHECKOUT = """
steps:
  - uses: actions/checkout@v4
    with:
      ref: ${{ github.event.pull_request.head.sha }}
  - run: npm ci
"""
EXECUTED = "untrusted-code-executed"


def test_code_of_a_pull_request_is_told_once() -> None:
    files = workflow(CHECKOUT + "  - run: make test\n")
    assert "`npm`" in only(files, EXECUTED)
    assert len(told(files, EXECUTED, "pedantic")) == 2


@pytest.mark.parametrize(
    "job",
    [
        "if: github.event.pull_request.head.repo.full_name == github.repository" + CHECKOUT,
        "environment: review" + CHECKOUT,
        CHECKOUT.replace("head.sha }}", "head.sha }}\n      allow-unsafe-pr-checkout: true"),
        CHECKOUT.replace("@v4", "@v7"),
        CHECKOUT.replace("npm ci", "chmod +x tool"),
        "steps:\n  - run: gh api repos/x/y/collaborators/$WHO" + CHECKOUT.replace("\nsteps:", ""),
    ],
)
def test_what_somebody_looks_at_is_not_told_to_everybody(job: str) -> None:
    files = workflow(job)
    assert told(files, EXECUTED) == []
    assert told(files, EXECUTED, "pedantic") != []


def test_a_checkout_of_the_base_brings_nothing_foreign() -> None:
    files = workflow(CHECKOUT.replace("pull_request.head.sha", "pull_request.base.sha"))
    assert told(files, EXECUTED, "auditor") == []


def test_a_comment_for_zizmor_speaks_of_all_of_its_step() -> None:
    files = workflow(
        f"""
steps:
  - name: greet
    # zizmor: ignore[template-injection]
    run: |
      echo hello
      echo "{TITLE}"
  - run: echo "{TITLE}"
"""
    )
    assert [line for _, line, _ in told(files)] == [14]


def test_a_job_that_is_switched_off_is_quiet() -> None:
    assert told(workflow(f'if: false\nsteps:\n  - run: echo "{TITLE}"'), level="auditor") == []


def written(files: Mapping[str, str], rule: str) -> str:
    """Return the only file as the first fix of a rule leaves it."""
    tried = try_fixes(files, next(one for one in ALL_RULES if one.name == rule))
    (text,) = tried[0].result.values()
    return text


def test_a_variable_that_is_there_is_read_by_its_own_name() -> None:
    files = workflow(f'env:\n  Title: {TITLE}\nsteps:\n  - run: echo "${{{{ env.TITLE }}}}"')
    assert written(files, RULE) == files[".github/workflows/greet.yml"].replace(
        "${{ env.TITLE }}", "${Title}"
    )


def test_powershell_and_javascript_read_variables_in_their_own_way() -> None:
    files = workflow(f'steps:\n  - shell: pwsh\n    run: Write-Output "{TITLE}"')
    assert 'Write-Output "${env:PULL_REQUEST_TITLE}"' in written(files, RULE)
    script = f"steps:\n  - uses: actions/github-script@v8\n    with:\n      script: |\n        say('{TITLE}')"
    assert "say(process.env.PULL_REQUEST_TITLE)" in written(workflow(script), RULE)


def test_a_job_is_given_what_its_action_is_known_to_write() -> None:
    files = workflow("steps:\n  - uses: actions/deploy-pages@v4", on="push")
    path = ".github/workflows/greet.yml"
    bare = {path: files[path].replace("permissions:\n  contents: read\n", "")}
    text = written(bare, "broad-token-permissions")
    assert "on: push\npermissions:\n  contents: read\n" in text
    assert "      pages: write # actions/deploy-pages\n" in text


def test_an_action_at_the_commit_of_the_workflow_needs_no_checkout() -> None:
    files = workflow(f"steps:\n  - uses: $/.github/actions/say\n    with:\n      text: {TITLE}")
    action = (
        "name: say\ndescription: Says it\ninputs:\n  text:\n    required: true\nruns:\n  using: composite\n"
        '  steps:\n    - run: echo "${{ inputs.text }}"\n      shell: bash\n'
    )
    found = check({**files, ".github/actions/say/action.yml": action})
    assert [one.rule for one in found] == [RULE]
