"""Writings that real pipelines have: what they mean is understood, and nothing is said that is not so."""

from typing import Literal

from rollsafe.workspace.settings import Settings
from tests.checking import check, check_rule, open_project
from tests.hazards import azure, circleci, gitlab

_JOBS = """\
version: 2.1
jobs:
  uat: &uat
    docker: [{image: cimg/base:2025.01}]
    steps:
      - checkout
      - deploy:
          command: helm upgrade web ./chart --set image.tag=$CIRCLE_SHA1
  production:
    <<: *uat
workflows:
  cd:
    jobs:
      - production: {filters: {branches: {only: main}}}
"""


def rules(files: dict[str, str], level: Literal["pedantic", "auditor"] = "pedantic") -> set[str]:
    return {one.rule for one in check(files, Settings(level=level))}


def test_a_step_of_the_old_kind_deploys() -> None:
    assert "helm-upgrade-without-atomic" in rules({circleci.PATH: _JOBS})


def test_a_job_that_others_take_in_is_there_for_them() -> None:
    assert "job-in-no-workflow" not in rules({circleci.PATH: _JOBS})
    alone = _JOBS.replace("    <<: *uat\n", "    docker: [{image: a}]\n    steps: [checkout]\n")
    assert "job-in-no-workflow" in rules({circleci.PATH: alone})


def test_a_reference_stands_for_what_it_names() -> None:
    text = ".r:\n  rules:\n    - if: $CI_COMMIT_TAG\n"
    text += "workflow:\n  rules: !reference [.r, rules]\nunit:\n  script: [pytest]\n"
    assert rules({gitlab.PATH: text}, "auditor") == set()
    assert "wrong-pipeline-value" in rules({gitlab.PATH: text.replace("!reference ", "")})


def test_what_the_service_puts_in_is_no_here_document() -> None:
    text = """\
version: 2.1
jobs:
  production:
    parameters: {region: {type: string}}
    docker: [{image: cimg/base:2025.01}]
    steps:
      - run: |
          cat << parameters.region >>
          helm upgrade web ./chart --set region=<< parameters.region >>
workflows:
  cd:
    jobs:
      - production: {region: eu, filters: {branches: {only: main}}}
"""
    assert len(check_rule("helm-upgrade-without-atomic", {circleci.PATH: text})) == 1


def test_a_macro_is_a_value_and_a_command_is_one() -> None:
    def printed(what: str) -> int:
        text = f"trigger: [main]\nsteps:\n  - bash: echo {what} | base64\n"
        return len(check_rule("printed-secret", {azure.PATH: text}))

    assert [printed(one) for one in ("$(dbPassword)", "$(version)", "$(pwd)", "$(cat passwordFile)")] == [
        1,
        0,
        0,
        0,
    ]


def test_a_place_given_to_a_job_says_where_it_deploys() -> None:
    def text(place: str) -> str:
        return f"""\
version: 2.1
jobs:
  release:
    parameters: {{env: {{type: string}}}}
    docker: [{{image: cimg/base:2025.01}}]
    steps: [checkout, {{run: kubectl delete ns shop}}]
workflows:
  cd:
    jobs:
      - release: {{env: {place}}}
"""

    rule = "destructive-verb-in-push-pipeline"
    assert len(check_rule(rule, {circleci.PATH: text("production")})) == 1
    assert check_rule(rule, {circleci.PATH: text("staging")}) == []


def test_a_broken_action_is_told_once() -> None:
    files = {
        ".github/workflows/a.yml": "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n"
        "      - uses: actions/checkout@v4\n      - uses: ./act\n",
        "act/action.yml": "name: a\ndescription: b\nruns:\n  using: node99\n  main: index.js\n",
        "act/index.js": "",
    }
    told = [one.rule for one in check(files) if one.rule != "unpinned-action"]
    assert told == ["unrunnable-action"]
    found = next(one for one in open_project(files).engine.all_findings() if one.rule.name == told[0])
    assert [one.file.path for one in found.related] == [".github/workflows/a.yml"]


def test_deployments_side_by_side_are_told_once() -> None:
    text = "on: {push: {branches: [main]}}\njobs:\n  live:\n    runs-on: u\n"
    text += "    environment: production\n    steps:\n"
    files = {".github/workflows/a.yml": text + "      - run: kubectl apply -f k8s\n"}
    assert "unserialised-deploy" in rules(files)
    assert "missing-concurrency" not in rules(files)
    files = {".github/workflows/a.yml": text + "      - run: pytest\n"}
    assert "missing-concurrency" in rules(files)


_COMMANDS = """\
version: 2.1
orbs: {tools: acme/tools@1.0.0}
commands:
  ship:
    parameters: {environment: {type: string}}
    steps: [apply]
  apply:
    steps:
      - run: kubectl set image deploy/web web=registry.example/web:$CIRCLE_SHA1
jobs:
  release:
    docker: [{image: cimg/base:2025.01}]
    steps:
      - checkout
      - ship: {environment: production}
workflows:
  cd:
    jobs:
      - release: {filters: {branches: {only: main}}}
"""


def unverified(text: str) -> int:
    return len(check_rule("unverified-deploy", {circleci.PATH: text}))


def test_commands_are_read_where_they_are_called() -> None:
    assert unverified(_COMMANDS) == 1
    after = "{filters: {branches: {only: main}}, post-steps: [{run: kubectl rollout status deploy/web}]}"
    assert unverified(_COMMANDS.replace("{filters: {branches: {only: main}}}", after)) == 0


def test_what_nobody_knows_may_be_what_is_missing() -> None:
    step = "      - ship: {environment: production}\n"
    for other in ("tools/look-at-it", "when: {condition: true, steps: [{run: make look}]}"):
        assert unverified(_COMMANDS.replace(step, f"{step}      - {other}\n")) == 0
    assert unverified(_COMMANDS.replace(step, f"{step}      - tools/notify\n")) == 1


def test_a_script_is_read_through_its_references() -> None:
    text = """\
.ship:
  script:
    - helm upgrade web ./chart
production:
  stage: deploy
  environment: production
  script:
    - !reference [.ship, script]
    - echo done
"""
    assert [one.line for one in check_rule("helm-upgrade-without-atomic", {gitlab.PATH: text})] == [3]
    text = text.replace("helm upgrade web ./chart", "kubectl apply -f k8s")
    assert len(check_rule("unverified-deploy", {gitlab.PATH: text})) == 1
    elsewhere = text.replace("    - echo done", "    - !reference [.checks, script]")
    assert check_rule("unverified-deploy", {gitlab.PATH: elsewhere}) == []


def test_a_place_named_after_the_run_is_not_production() -> None:
    text = _COMMANDS.replace("kubectl set image", "kubectl -n web-$CIRCLE_WORKFLOW_ID set image")
    assert unverified(text.replace("environment: production", "environment: x")) == 0
