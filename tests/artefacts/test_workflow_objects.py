"""What Argo and Tekton refuse in their workflows, and what is left alone."""

import pytest

from rollsafe.artefacts.other_pipelines import FaultKind
from rollsafe.artefacts.registry import read
from rollsafe.artefacts.source import SourceFile
from rollsafe.artefacts.workflow_objects import WorkflowObject

ARGO = """\
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {generateName: a-}
spec:
  entrypoint: main
  arguments:
    parameters: [{name: tag, value: "1"}]
  templates:
    - name: leaf
      inputs:
        parameters: [{name: tag}]
      container: {image: alpine, args: ["{{inputs.parameters.tag}}"]}
      outputs:
        parameters: [{name: sum, valueFrom: {path: /sum}}]
    - name: main
"""
TEKTON = """\
apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {name: a}
spec:
  params: [{name: tag}]
  workspaces: [{name: code}]
  tasks:
"""
TASK = """\
apiVersion: tekton.dev/v1
kind: Task
metadata: {name: build}
spec:
  params: [{name: tag}]
  workspaces: [{name: code}]
  results: [{name: sum}]
  volumes: [{name: cache, emptyDir: {}}]
  steps:
"""
GIVEN = "arguments: {parameters: [{name: tag, value: '{{workflow.parameters.tag}}'}]}"


def told(text: str) -> list[tuple[FaultKind, str]]:
    view = read(SourceFile("deploy/workflow.yaml", text))
    found = [one for one in view.elements if isinstance(one, WorkflowObject)] if view is not None else []
    assert found
    return [(fault.kind, fault.key) for one in found for fault in one.faults]


def dag(*tasks: str) -> str:
    return ARGO + "      dag:\n        tasks:\n" + "".join(f"          - {{{task}}}\n" for task in tasks)


@pytest.mark.parametrize(
    ("tasks", "expected"),
    [
        ([f"name: a, template: gone, {GIVEN}"], [(FaultKind.TEMPLATE, "gone")]),
        (["name: a, template: leaf"], [(FaultKind.ARGUMENT, "tag")]),
        ([f"name: a, template: leaf, dependencies: [b], {GIVEN}"], [(FaultKind.NEED, "b")]),
        ([f"name: a, template: leaf, depends: b.Succeeded || a.Failed, {GIVEN}"], [(FaultKind.NEED, "b")]),
        (
            [
                f"name: a, template: leaf, dependencies: [b], {GIVEN}",
                f"name: b, template: leaf, dependencies: [a], {GIVEN}",
            ],
            [(FaultKind.CYCLE, "b")],
        ),
        (
            [f"name: a, template: leaf, when: '{{{{tasks.c.status}}}}', {GIVEN}"],
            [(FaultKind.REFERENCE, "tasks.c.status")],
        ),
        (["name: a, templateRef: {name: x, template: y}"], []),
        (
            ["name: a, template: '{{inputs.parameters.tag}}'"],
            [(FaultKind.REFERENCE, "inputs.parameters.tag")],
        ),
    ],
)
def test_tasks_of_argo(tasks: list[str], expected: list[tuple[FaultKind, str]]) -> None:
    assert told(dag(*tasks)) == expected


def test_hooks_of_argo_look_at_their_own_step() -> None:
    hook = (
        "hooks: {exit: {template: leaf, arguments: {parameters: [{name: tag, value: '{{steps.a.status}}'}]}}}"
    )
    text = ARGO + f"      steps:\n        - - {{name: a, template: leaf, {GIVEN}, {hook}}}\n"
    assert told(text) == []


def test_later_steps_are_not_known_yet() -> None:
    value = "{{steps.b.outputs.parameters.sum}}"
    early = f"{{name: a, template: leaf, arguments: {{parameters: [{{name: tag, value: '{value}'}}]}}}}"
    text = ARGO + f"      steps:\n        - - {early}\n        - - {{name: b, template: leaf, {GIVEN}}}\n"
    assert told(text) == [(FaultKind.REFERENCE, "steps.b.outputs.parameters.sum")]


@pytest.mark.parametrize(
    ("tasks", "expected"),
    [
        ("    - {name: a, taskRef: {name: t}, runAfter: [b]}\n", [(FaultKind.NEED, "b")]),
        ("    - {name: a, runAfter: [b]}\n    - {name: b, runAfter: [a]}\n", [(FaultKind.CYCLE, "b")]),
        (
            "    - {name: a, params: [{name: x, value: $(params.tga)}]}\n",
            [(FaultKind.REFERENCE, "params.tga")],
        ),
        (
            "    - {name: a, params: [{name: x, value: $(tasks.b.results.c)}]}\n",
            [(FaultKind.REFERENCE, "tasks.b")],
        ),
        ("    - {name: a}\n    - {name: a}\n", [(FaultKind.SAME_NAME, "a")]),
        ("    - {name: a, params: [{name: x, value: '$(params.tag) $(context.pipelineRun.name)'}]}\n", []),
        ("    - {name: a, workspaces: [{name: x, workspace: src}]}\n", [(FaultKind.TEMPLATE, "src")]),
        ("    - {name: a, workspaces: [{name: code}]}\n", []),
        ("    - {name: a, when: [{input: x, operator: is, values: [y]}]}\n", [(FaultKind.VALUE, "is")]),
        ("    - {name: a, when: [{cel: 'true', input: x}]}\n", [(FaultKind.CLASH, "cel")]),
        (
            "    - {name: a, params: [{name: x, value: $(tasks.a.results.r)}]}\n",
            [(FaultKind.CYCLE, "a")],
        ),
        ("  finally:\n    - {name: z, runAfter: [a]}\n", [(FaultKind.CLASH, "runAfter")]),
        (
            "    - {name: a, taskSpec: {results: [{name: sum}], steps: []}}\n"
            "    - {name: b, params: [{name: x, value: $(tasks.a.results.smu)}]}\n",
            [(FaultKind.REFERENCE, "tasks.a.results.smu")],
        ),
        (
            "    - {name: a, taskSpec: {params: [{name: need}], steps: [{script: $(params.need)}]}}\n",
            [(FaultKind.ARGUMENT, "need")],
        ),
        ("    - {name: a, taskSpec: {params: [{name: tag}], steps: [{script: $(params.tag)}]}}\n", []),
        ("    - {name: a, taskSpec: {steps: [{script: $(workspaces.code.path)}]}}\n", []),
    ],
)
def test_pipelines_of_tekton(tasks: str, expected: list[tuple[FaultKind, str]]) -> None:
    assert told(TEKTON + tasks) == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("    - {script: 'echo $(params.tag) > $(results.sum.path); cd $(workspaces.code.path)'}\n", []),
        ("    - {script: echo $(results.smu.path)}\n", [(FaultKind.REFERENCE, "results.smu")]),
        ("    - {script: cd $(workspaces.cod.path)}\n", [(FaultKind.REFERENCE, "workspaces.cod")]),
        ("    - {script: make, command: [sh]}\n", [(FaultKind.CLASH, "command")]),
        ("    - {name: a}\n    - {name: a}\n", [(FaultKind.SAME_NAME, "a")]),
        ("    - {volumeMounts: [{name: cash, mountPath: /c}]}\n", [(FaultKind.TEMPLATE, "cash")]),
        ("    - {volumeMounts: [{name: cache, mountPath: /c}, {name: $(params.tag), mountPath: /d}]}\n", []),
    ],
)
def test_tasks_of_tekton(steps: str, expected: list[tuple[FaultKind, str]]) -> None:
    assert told(TASK + steps) == expected


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("[{name: tag}]", "[{name: tag, type: text}]", "text"),
        ("[{name: tag}]", "[{name: tag, type: array, default: a}]", "tag"),
        ("[{name: tag}]", "[{name: tag, type: array, default: [a]}]", None),
    ],
)
def test_parameters_of_tekton_are_of_their_type(old: str, new: str, key: str | None) -> None:
    text = TASK.replace(old, new, 1) + "    - {script: make}\n"
    assert told(text) == ([] if key is None else [(FaultKind.VALUE, key)])


def test_runs_of_tekton_give_what_is_needed() -> None:
    params = "params: [{name: tag}, {name: log, default: x}]"
    spec = f"  pipelineSpec: {{{params}, workspaces: [{{name: code}}], tasks: []}}\n"
    run = f"apiVersion: tekton.dev/v1\nkind: PipelineRun\nmetadata: {{name: a}}\nspec:\n{spec}"
    assert told(run) == [(FaultKind.ARGUMENT, "tag"), (FaultKind.ARGUMENT, "code")]
    whole = f"{run}  params: [{{name: tag, value: x}}]\n  workspaces: [{{name: code}}]\n"
    assert told(whole) == []
    assert told(f"{whole}  timeouts: {{pipeline: 1h, tasks: 2h}}\n") == [(FaultKind.VALUE, "timeouts")]


def test_workflows_beside_other_objects_are_read() -> None:
    other = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\n"
    assert told(other + dag("name: a, template: leaf")) == [(FaultKind.ARGUMENT, "tag")]
