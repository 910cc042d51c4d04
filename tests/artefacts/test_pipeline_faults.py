"""What GitLab refuses in a pipeline, and what is left alone because other files or variables decide it."""

import pytest

from rollsafe.artefacts.other_pipelines import FaultKind, OtherJob, PipelineConfiguration, recognise
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.yaml import read_yaml

JOB = "build:\n  stage: build\n  script: [make]\n"


def told(text: str, path: str = ".gitlab-ci.yml") -> list[tuple[FaultKind, str]]:
    file = SourceFile(path, text)
    view = recognise(file, read_yaml(file.text))
    assert view is not None
    found = [one for one in view.elements if isinstance(one, PipelineConfiguration)]
    return [(fault.kind, fault.key) for one in found for fault in one.faults]


def keys_refused(text: str) -> list[str]:
    file = SourceFile(".gitlab-ci.yml", text)
    view = recognise(file, read_yaml(file.text))
    assert view is not None
    found = [one for one in view.elements if isinstance(one, PipelineConfiguration)]
    return [fault.key for one in found for _, fault in one.shape_faults]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:\n  needs: [b]\n  script: [x]\nb:\n  stage: deploy\n  script: [x]\n", (FaultKind.LATER, "b")),
        ("a:\n  needs: [c]\n  script: [x]\n", (FaultKind.NEED, "c")),
        ("a:\n  dependencies: [c]\n  script: [x]\n", (FaultKind.NEED, "c")),
        ("a:\n  needs: [a]\n  script: [x]\n", (FaultKind.CYCLE, "a")),
        ("a:\n  extends: .b\n.b:\n  extends: a\n  script: [x]\n", (FaultKind.CYCLE, ".b")),
        ("a:\n  extends: .c\n  script: [x]\n", (FaultKind.TEMPLATE, ".c")),
        ("a:\n  script:\n    - !reference [.c, script]\n", (FaultKind.TEMPLATE, ".c")),
        ("a:\n  stage: later\n  script: [x]\n", (FaultKind.STAGE, "later")),
        ("stages: [one]\na:\n  script: [x]\n", (FaultKind.STAGE, "test")),
        ("a:\n  script: [x]\n  when: delayed\n", (FaultKind.MISSING, "start_in")),
        ("a:\n  script: [x]\n  parallel: 300\n", (FaultKind.VALUE, "300")),
        ("a:\n  script: [x]\n  trigger: group/other\n", (FaultKind.CLASH, "trigger")),
        ("a:\n  script: [x]\n  environment:\n    name: p\n    on_stop: b\n", (FaultKind.NEED, "b")),
        ("a:\n  tags: []\n  script: [x]\n", (FaultKind.VALUE, "tags")),
        ("a:\n  script: null\n", (FaultKind.MISSING, "script")),
        ("a: {}\n", (FaultKind.MISSING, "script")),
    ],
)
def test_gitlab_refuses(text: str, expected: tuple[FaultKind, str]) -> None:
    assert told(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "include:\n  - project: group/ci\n    file: a.yml\na:\n  extends: .c\n  needs: [d]\n  stage: later\n",
        "a:\n  needs:\n    - job: gone\n      optional: true\n  script: [x]\n",
        "a:\n  needs:\n    - project: group/other\n      job: gone\n      ref: main\n      artifacts: true\n"
        "  script: [x]\n",
        "a:\n  needs: ['b: [linux]']\n  script: [x]\nb:\n  parallel:\n    matrix:\n      - OS: [linux]\n"
        "  script: [x]\n",
        "spec:\n  inputs:\n    stage:\n---\na:\n  stage: $[[ inputs.stage ]]\n  script: [x]\n",
        ".base: &base\n  script: [x]\na:\n  <<: *base\n",
        "default:\n  image: node:22\na:\n  extends: [.b, .c]\n.b:\n  stage: build\n.c:\n  script: [x]\n",
        'a:\n  rules:\n    - if: $A =~ /x{2}/ && $B == "${C}"\n  script: [x]\n',
        "a:\n  needs:\n    -\n  script: [x]\n",
        "a:\n  sta\n  script: [x]\n",
        "a:\n  script:\n",
        "pages:\n  script: [x]\n  pages: true\n",
        "a:\n  stage: .pre\n  script: [x]\nb:\n  stage: .post\n  trigger:\n    include: ci/b.yml\n",
        "include:\n  - local: ci/*.yml\n  - local: ci/$NAME.yml\n  - remote: https://example.com/a.yml\n"
        + JOB,
    ],
)
def test_what_others_decide_is_left_alone(text: str) -> None:
    assert told(text) == []
    assert keys_refused(text) == []


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (JOB + "stges: [a]\n", "stges"),
        (JOB + "  retry:\n    maxx: 2\n", "maxx"),
        (JOB + "  script:\n    - echo: a\n", "script"),
        ("variables: [a]\n" + JOB, ""),
        (".used:\n  scriptt: [a]\nx:\n  extends: .used\n  script: [a]\n", "scriptt"),
    ],
)
def test_what_the_schema_refuses(text: str, key: str) -> None:
    assert keys_refused(text) == [key]


def test_hidden_definitions_that_nothing_extends_are_free() -> None:
    assert keys_refused(".notes:\n  anything: [1]\n" + JOB) == []


def test_circles_are_told_once() -> None:
    ring = "".join(f"j{n}:\n  needs: [j{(n + 1) % 50}]\n  script: [x]\n" for n in range(50))
    assert told(ring) == [(FaultKind.CYCLE, "j1")]


def test_templates_in_circles_are_told_where_they_are_written() -> None:
    jobs = "a: {extends: b}\nb: {extends: a}\nc: {extends: [d, a]}\nd: {extends: e}\ne: {extends: c}\n"
    outside = "f: {extends: a}\ng: {extends: [.h, .i]}\n.h: {extends: .i}\n.i: {script: [x]}\n"
    circular = {key for kind, key in told(jobs + outside) if kind is FaultKind.CYCLE}
    assert circular == {"a", "b", "c", "d", "e"}
    assert [key for kind, key in told(outside) if kind is FaultKind.CYCLE] == []


def test_many_ways_from_a_job_to_another_are_one() -> None:
    """There are more ways through these jobs than could ever be walked."""
    needs = {at: ", ".join(f"j{one}" for one in range(max(0, at - 40), at)) for at in range(300)}
    text = "".join(f"j{at}:\n  needs: [{names}]\n  script: [make]\n" for at, names in needs.items())
    view = recognise(file := SourceFile(".gitlab-ci.yml", text), read_yaml(file.text))
    assert view is not None
    last = next(one for one in view.elements if isinstance(one, OtherJob) and one.id == "j299")
    assert {one.id for one in last.needs_closure} == {f"j{at}" for at in range(299)}


def test_references_in_circles_end() -> None:
    text = ".a:\n  - !reference [.b]\n.b:\n  - !reference [.a]\nc:\n  script: [!reference [.a]]\n"
    assert {kind for kind, _ in told(text)} == {FaultKind.CYCLE}


CIRCLE = """\
version: 2.1
orbs: {node: circleci/node@5}
executors:
  small: {docker: [{image: cimg/base:2024.01}]}
commands:
  prepare: {steps: [checkout]}
jobs:
  build:
    executor: small
    steps: [prepare, node/install, {run: make}]
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CIRCLE + "workflows:\n  all:\n    jobs: [build, node/test]\n", []),
        (CIRCLE + "workflows:\n  all:\n    jobs: [bild]\n", [(FaultKind.NEED, "bild")]),
        (
            CIRCLE + "workflows:\n  all:\n    jobs:\n"
            "      - build: {requires: [hold]}\n      - hold: {type: approval}\n",
            [],
        ),
        (
            CIRCLE + "workflows:\n  all:\n    jobs:\n      - build: {requires: [lint]}\n",
            [(FaultKind.NEED, "lint")],
        ),
        (CIRCLE.replace("executor: small", "executor: smal"), [(FaultKind.TEMPLATE, "smal")]),
        (CIRCLE.replace("[prepare, node", "[prepar, node"), [(FaultKind.TEMPLATE, "prepar")]),
        (CIRCLE.replace("node/install", "nod/install"), [(FaultKind.TEMPLATE, "nod/install")]),
        (CIRCLE.replace("    executor: small\n", ""), [(FaultKind.MISSING, "docker")]),
        (
            CIRCLE + "  test: {executor: small, steps: [checkout]}\nworkflows:\n  all:\n    jobs:\n"
            "      - build: {requires: [test]}\n      - test: {requires: [build]}\n",
            [(FaultKind.CYCLE, "test")],
        ),
        (CIRCLE + "workflows:\n  all:\n    jobs:\n      - << pipeline.parameters.job >>\n", []),
    ],
)
def test_circleci(text: str, expected: list[tuple[FaultKind, str]]) -> None:
    assert told(text, ".circleci/config.yml") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("stages:\n- stage: A\n  dependsOn: B\n  jobs: []\n", [(FaultKind.NEED, "B")]),
        ("stages:\n- stage: A\n  dependsOn: B\n- template: more.yml\n", [(FaultKind.FILE, "more.yml")]),
        ("stages:\n- stage: A\n  dependsOn: [B]\n- ${{ if eq(1, 1) }}:\n  - stage: B\n", []),
        ("stages:\n- stage: A\n  dependsOn: []\n- stage: A\n", [(FaultKind.SAME_NAME, "A")]),
        ("jobs:\n- job: A\n  dependsOn: B\n- job: B\n  dependsOn: A\n", [(FaultKind.CYCLE, "B")]),
        ("jobs:\n- job: A\nsteps:\n- script: make\n", [(FaultKind.CLASH, "steps")]),
        (
            "jobs:\n- deployment: A\n  strategy: {runOnce: {deploy: {steps: []}}}\n",
            [(FaultKind.MISSING, "environment")],
        ),
        ("stages:\n- stage: A\n  jobs:\n  - job: X\n  - job: Y\n    dependsOn: Z\n", [(FaultKind.NEED, "Z")]),
        ("stages:\n- stage: A\n- stage: B\n  dependsOn:\n", []),
    ],
)
def test_azure(text: str, expected: list[tuple[FaultKind, str]]) -> None:
    assert told(text, "azure-pipelines.yml") == expected


def test_a_job_of_circleci_that_no_workflow_runs() -> None:
    text = CIRCLE + "  lint: {executor: small, steps: [checkout]}\nworkflows:\n  all: {jobs: [build]}\n"
    assert told(text, ".circleci/config.yml") == [(FaultKind.UNUSED, "lint")]
    open_ = text.replace("[build]", "[build, << pipeline.parameters.more >>]")
    assert told(open_, ".circleci/config.yml") == []


def test_templates_of_azure_in_the_same_repository() -> None:
    text = (
        "jobs:\n- template: jobs/a.yml\n- template: b.yml@other\n- template: ${{ parameters.c }}.yml\n"
        "- job: A\n  variables:\n  - template: vars.yml@self\n"
    )
    paths = [key for kind, key in told(text, "azure-pipelines.yml") if kind is FaultKind.FILE]
    assert paths == ["jobs/a.yml", "vars.yml@self"]
