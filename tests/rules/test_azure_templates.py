"""Pipelines of Azure with templates: what they do counts where it is taken in, and is told once."""

import time
from datetime import date

import pytest

from rollsafe.engine.project import Project
from rollsafe.workspace.settings import Settings
from tests.checking import check, check_rule, open_project

ROOT = "azure-pipelines.yml"
_HEAD = """\
trigger: [main]
stages:
  - stage: Test
    jobs: [{job: unit, steps: [{script: pytest}]}]
"""
_STAGE = """\
  - stage: Production
    jobs:
      - deployment: web
        environment: production
        strategy:
          runOnce:
            deploy:
              steps:
"""
_DEPLOY = "kubectl set image deploy/web web=registry.example/web:$(Build.BuildId)"
_VERIFY = "steps:\n  - script: kubectl rollout status deploy/web --timeout=5m\n"


def pipeline(*steps: str, more: str = "") -> str:
    return _HEAD + _STAGE + "".join(f"                - {step}\n" for step in steps) + more


def told(rule: str, files: dict[str, str]) -> list[tuple[str, int]]:
    return [(one.path, one.line) for one in check_rule(rule, files)]


def test_a_deployment_in_a_template_of_steps_makes_the_job_deploy() -> None:
    files = {
        ROOT: pipeline("template: ci/deploy.yml"),
        "ci/deploy.yml": f"steps:\n  - script: {_DEPLOY}\n",
    }
    assert told("unverified-deploy", files) == [(ROOT, 7)]
    found = open_project(files, Settings(select=("unverified-deploy",))).engine.all_findings()
    assert [(it.file.path, it.file.line_number(it.where)) for it in found[0].related] == [
        ("ci/deploy.yml", 2)
    ]


@pytest.mark.parametrize("name", ["ci/look.yml", "/ci/look.yml", "./ci/look.yml@self", "ci\\look.yml"])
def test_a_look_in_a_template_counts(name: str) -> None:
    files = {ROOT: pipeline(f"script: {_DEPLOY}", f"template: {name}")}
    files["ci/look.yml"] = _VERIFY
    assert told("unverified-deploy", files) == []
    files["ci/look.yml"] = "steps:\n  - script: echo done\n"
    assert told("unverified-deploy", files) == [(ROOT, 7)]


def test_paths_are_those_of_the_file_that_names_them() -> None:
    files = {
        ROOT: pipeline("template: ci/all.yml"),
        "ci/all.yml": "steps:\n  - template: steps/deploy.yml\n  - template: /ci/steps/look.yml\n",
        "ci/steps/deploy.yml": f"steps:\n  - script: {_DEPLOY}\n",
        "ci/steps/look.yml": _VERIFY,
    }
    assert told("unverified-deploy", files) == []
    del files["ci/steps/look.yml"]
    assert told("unverified-deploy", files) == []
    files["ci/all.yml"] = "steps:\n  - template: steps/deploy.yml\n"
    assert told("unverified-deploy", files) == [(ROOT, 7)]


@pytest.mark.parametrize(
    "step",
    [
        "template: look.yml@shared",
        "template: look/${{ variables.kind }}.yml",
        "${{ if eq(variables.look, true) }}: [{script: ./look.sh}]",
        "${{ each step in parameters.steps }}: [{script: ./look.sh}]",
        "${{ parameters.steps }}",
    ],
)
def test_what_is_not_known_leaves_the_job_open(step: str) -> None:
    files = {ROOT: pipeline(f"script: {_DEPLOY}", step), "look.yml": "steps:\n  - script: echo\n"}
    assert told("unverified-deploy", files) == []


@pytest.mark.parametrize(
    "more",
    [
        "  - template: stages/look.yml@shared\n",
        "  - ${{ if eq(variables.look, true) }}:\n      - stage: Look\n",
    ],
)
def test_stages_nobody_knows_may_look(more: str) -> None:
    files = {ROOT: pipeline(f"script: {_DEPLOY}", more=more)}
    assert told("unverified-deploy", files) == []
    assert told("deploy-without-way-back", files) == []


_DECLARED = {
    "list": "parameters:\n  - name: env\n    type: string\n    default: staging\n",
    "mapping": "parameters:\n  env: staging\n",
}
_JOBS = f"""\
jobs:
  - deployment: web_${{{{ parameters.env }}}}
    environment: ${{{{ parameters['env'] }}}}
    strategy:
      runOnce:
        deploy:
          steps:
            - script: {_DEPLOY} -n ${{{{ parameters.env }}}}
"""


@pytest.mark.parametrize("declared", _DECLARED)
def test_parameters_fill_a_job_of_a_template(declared: str) -> None:
    job = _DECLARED[declared] + _JOBS
    line = job[: job.index("- deployment")].count("\n") + 1
    files = {
        ROOT: f"{_HEAD}  - stage: Ship\n    jobs:\n      - template: ci/web.yml\n"
        "        parameters: {env: production}\n",
        "ci/web.yml": job,
    }
    assert told("unverified-deploy", files) == [("ci/web.yml", line)]
    files[ROOT] = files[ROOT].replace("production", "qa")
    assert told("unverified-deploy", files) == []
    files[ROOT] = files[ROOT].replace("        parameters: {env: qa}\n", "")
    assert told("unverified-deploy", files) == []
    files["ci/web.yml"] = job.replace("staging", "production")
    assert told("unverified-deploy", files) == [("ci/web.yml", line)]


_STAGES = (
    _DECLARED["list"]
    + "stages:\n  - stage: Ship_${{ parameters.env }}\n    jobs:\n"
    + "".join(f"    {line}\n" for line in _JOBS.splitlines()[1:])
)
_EACH = "".join(
    f"  - template: ci/stage.yml\n    parameters: {{env: {env}}}\n" for env in ("staging", "production")
)


def test_a_template_for_several_places_is_told_of_once() -> None:
    files = {ROOT: _HEAD + _EACH, "ci/stage.yml": _STAGES}
    found = check_rule("unverified-deploy", files)
    assert [(one.path, one.line) for one in found] == [("ci/stage.yml", 8)]
    assert "`Ship_production/web_production`" in found[0].message
    assert "-n ${{ parameters.env }}" in _STAGES


def test_fixes_do_not_write_the_value_of_a_parameter_into_a_template() -> None:
    files = {ROOT: _HEAD + _EACH, "ci/stage.yml": _STAGES}
    found = open_project(files, Settings(level="pedantic")).engine.all_findings()
    assert found
    for one in found:
        for fix in one.fixes:
            assert all("production" not in edit.text for edit in fix.edits)


def test_a_pipeline_that_extends_a_template_is_what_that_makes_of_it() -> None:
    files = {
        ROOT: "trigger: [main]\nextends:\n  template: ci/whole.yml\n  parameters:\n"
        f"    ship:\n      - script: {_DEPLOY}\n",
        "ci/whole.yml": "parameters:\n  - {name: ship, type: stepList, default: []}\n"
        + _HEAD.partition("\n")[2]
        + _STAGE.rstrip()
        + " ${{ parameters.ship }}\n",
    }
    assert told("unverified-deploy", files) == [("ci/whole.yml", 8)]
    looked = "      - template: look.yml\n"
    assert told("unverified-deploy", {**files, ROOT: files[ROOT] + looked, "look.yml": _VERIFY}) == []
    inserted = files["ci/whole.yml"].replace(
        " ${{ parameters.ship }}", "\n                - ${{ parameters.ship }}"
    )
    assert told("unverified-deploy", {**files, "ci/whole.yml": inserted}) == [("ci/whole.yml", 8)]


def test_a_way_back_in_a_template_counts() -> None:
    back = "            on:\n              failure:\n                steps: [{template: ci/undo.yml}]\n"
    files = {
        ROOT: pipeline(f"script: {_DEPLOY}", "template: ci/look.yml", more=back),
        "ci/look.yml": _VERIFY,
        "ci/undo.yml": "steps:\n  - script: kubectl rollout undo deploy/web\n",
    }
    name = "deploy-without-way-back"
    assert [one for one in check(files, Settings(level="pedantic")) if one.rule == name] == []
    del files["ci/undo.yml"]
    files[ROOT] = files[ROOT].replace(back, "")
    assert [one.line for one in check(files, Settings(level="pedantic")) if one.rule == name] == [7]


def test_jobs_of_templates_wait_for_each_other_by_name() -> None:
    ship = _JOBS.replace("${{ parameters['env'] }}", "production")
    files = {
        ROOT: "trigger: [main]\njobs:\n  - template: ci/test.yml\n  - template: ci/ship.yml\n"
        "    parameters: {env: eu, after: [unit]}\n",
        "ci/test.yml": "jobs:\n  - job: unit\n    steps: [{script: pytest}]\n",
        "ci/ship.yml": ship.replace("    env", "    dependsOn: ${{ parameters.after }}\n    env"),
    }
    assert told("deploy-without-tests", files) == []
    files["ci/ship.yml"] = ship
    assert told("deploy-without-tests", files) == [("ci/ship.yml", 2)]


def test_a_file_named_like_a_pipeline_that_another_takes_in_is_part_of_that() -> None:
    part = ".azure-pipelines/steps/deploy.yml"
    files = {
        ROOT: pipeline(f"template: {part}", f"template: {part.replace('deploy', 'look')}"),
        part: f"steps:\n  - script: kubectl --context prod apply -f k8s\n  - script: {_DEPLOY}\n",
        part.replace("deploy", "look"): _VERIFY,
    }
    assert told("unverified-deploy", files) == []
    assert {one.path for one in check(files, Settings(level="pedantic"))} <= {ROOT}


def test_a_failure_that_a_template_forgives_is_told_at_the_job() -> None:
    files = {
        ROOT: pipeline("template: ci/deploy.yml", "template: ci/look.yml"),
        "ci/deploy.yml": f"steps:\n  - script: {_DEPLOY}\n    continueOnError: true\n",
        "ci/look.yml": _VERIFY,
    }
    assert told("swallowed-failure", files) == [(ROOT, 7)]


def state(project: Project) -> list[tuple[str, str, int, str]]:
    found = project.engine.all_findings()
    return sorted((one.file.path, one.rule.name, one.span.start, one.message) for one in found)


def test_an_edit_of_a_template_is_seen_as_a_fresh_look_sees_it() -> None:
    shop = {
        ROOT: pipeline("template: ci/deploy.yml", "template: ci/look.yml", more=_EACH),
        "ci/deploy.yml": f"steps:\n  - script: {_DEPLOY}\n",
        "ci/look.yml": "steps:\n  - template: deeper.yml\n",
        "ci/deeper.yml": _VERIFY,
        "ci/stage.yml": _STAGES,
        "other.yml": "steps: []\n",
    }
    settings = Settings(level="pedantic")
    project, now = open_project(shop, settings), dict[str, str | None](shop)
    seen: set[str] = set()
    for change in (
        {"ci/deeper.yml": "steps:\n  - script: echo\n"},
        {"ci/deeper.yml": None},
        {"ci/deeper.yml": _VERIFY},
        {"ci/look.yml": "steps: ["},
        {"ci/look.yml": shop["ci/look.yml"]},
        {"ci/stage.yml": _STAGES.replace("set image", "apply")},
        {"ci/stage.yml": None},
        {ROOT: shop[ROOT].replace("ci/look.yml", "other.yml"), "ci/stage.yml": _STAGES},
        {"other.yml": _VERIFY},
        {ROOT: None},
        {ROOT: shop[ROOT]},
        {ROOT: shop[ROOT]},
        {"ci/stage.yml": _STAGES},
        {"ci/stage.yml": _STAGES, ROOT: shop[ROOT]},
        {"ci/deploy.yml": "steps:\n  - template: look.yml\n"},
    ):
        project.replace(change)
        now |= change
        files = {path: text for path, text in now.items() if text is not None}
        assert state(project) == state(open_project(files, settings))
        assert not project.engine.failures
        seen.add(str(state(project)))
    assert len(seen) > 4


@pytest.mark.parametrize(
    "files",
    [
        {ROOT: "extends: {template: azure-pipelines.yml}\n"},
        {
            ROOT: "steps:\n  - template: a.yml\n",
            "a.yml": "steps:\n  - template: b.yml\n",
            "b.yml": "steps:\n  - template: a.yml\n",
        },
        {
            ROOT: "extends: {template: a.yml}\n",
            "a.yml": "extends: {template: b.yml}\n",
            "b.yml": "extends: {template: a.yml}\n",
        },
        {
            ROOT: "jobs:\n  - template: a.yml\n",
            "a.yml": "parameters: 3\njobs:\n  - 4\n  - ${{ parameters.x }}\n  - [1]\n",
        },
        {ROOT: "jobs:\n  - template: [a.yml]\n    parameters: 4\n  - template:\n  - template: ..\n"},
        {
            ROOT: "stages:\n  - template: a.yml\n    parameters: {x: {y: [1, {z: &a [*a]}]}}\n",
            "a.yml": "stages:\n  - stage: ${{ parameters.x }}\n    dependsOn: ${{ parameters.x.y }}\n"
            "    jobs: ${{ parameters.x.y }}\n",
        },
        {ROOT: "variables:\n  - template: a.yml\nsteps: [{script: x}]\n", "a.yml": "variables: {a: b}\n"},
    ],
)
def test_odd_templates_are_read_without_an_error(files: dict[str, str]) -> None:
    assert all("rollsafe" not in one.message for one in check(files, Settings(level="pedantic")))


_MANY = range(4000)
_WIDE = {
    ROOT: "jobs:\n" + "".join(f"  - template: t{n}.yml\n" for n in _MANY),
    **{f"t{n}.yml": f"jobs:\n  - job: a{n}\n    steps: [{{script: make}}]\n" for n in _MANY},
}
_DOUBLING = {
    ROOT: "steps:\n  - template: t0.yml\n",
    **{f"t{n}.yml": "steps:\n" + f"  - template: t{n + 1}.yml\n" * 30 for n in range(40)},
}
_SAME = {
    ROOT: "steps:\n" + "  - template: t.yml\n" * 5000,
    "t.yml": "steps:\n" + "  - script: kubectl apply -f a\n" * 300,
}
_FILLED = {
    ROOT: "steps:\n  - template: t.yml\n    parameters: {x: " + "y" * 5000 + "}\n",
    "t.yml": "steps:\n  - script: " + "${{ parameters.x }} " * 3000 + "\n",
}
_GROWING = {
    ROOT: "steps:\n  - template: t0.yml\n    parameters: {x: abcdefgh}\n",
    **{
        f"t{n}.yml": f"steps:\n  - template: t{n + 1}.yml\n    parameters:\n      x: "
        + "${{ parameters.x }} " * 900
        + "\n  - script: echo ${{ parameters.x }}\n"
        for n in range(8)
    },
}


@pytest.mark.parametrize("files", [_WIDE, _DOUBLING, _SAME, _FILLED, _GROWING])
def test_hostile_templates_cost_little(files: dict[str, str]) -> None:
    others = {path: "" if path != ROOT else "steps: []\n" for path in files}
    before = time.process_time()
    open_project(others)
    idle = time.process_time() - before
    before = time.process_time()
    open_project(files)
    assert time.process_time() - before - idle < 5


def test_a_project_without_pipelines_of_azure_is_left_alone() -> None:
    project = Project.open(
        open_project({"a.yml": "steps:\n  - template: b.yml\n"}).snapshot, date(2026, 1, 1)
    )
    assert project.analyse() <= {"a.yml"}
